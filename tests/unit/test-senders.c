/*
 * What a login may write as: each source, hostile files, changes, a Postfix
 * table, and a hundred thousand lines.
 */
#include "config.h"

#include "lib/senders/senders.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/senders/senders-private.h"
#include "tests/unit/log-capture.h"
#include "tests/unit/unit.h"

#define PATH_BYTES  512
#define MANY_LINES  100000
#define TEXT_BYTES  4096
#define LONG_LINE   (2U << 20)
#define DEADLINE_MS 30000

struct fixture {
	char base[PATH_BYTES];
	struct region *region;
	struct senders_conf conf;
	const char *maps[3]; /* items of conf.map */
	struct senders *senders;
};

static int
remove_one(const char *path, const struct stat *st GP_UNUSED,
    int type GP_UNUSED, struct FTW *ftw GP_UNUSED)
{
	return remove(path);
}

static int
setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	snprintf(fixture->base, sizeof(fixture->base),
	    "/tmp/gatepost-senders-XXXXXX");
	assert_non_null(mkdtemp(fixture->base));
	fixture->region = region_new();
	fixture->conf.docker_mailserver = "";
	fixture->conf.recipient_delimiter = "+";
	fixture->conf.postmap = "/bin/false";
	fixture->conf.timeout = 5000;
	fixture->conf.map.items = fixture->maps;
	*state = fixture;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *fixture = *state;

	senders_free(&fixture->senders);
	region_free(&fixture->region);
	nftw(fixture->base, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(fixture);
	return 0;
}

static const char *
put_bytes(struct fixture *fixture, const char *name, const char *data,
    size_t length, mode_t mode)
{
	const char *path =
	    region_printf(fixture->region, "%s/%s", fixture->base, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);

	assert_int_not_equal(fd, -1);
	assert_int_equal(write(fd, data, length), length);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
	return path;
}

static const char *
put_file(struct fixture *fixture, const char *name, const char *text)
{
	return put_bytes(fixture, name, text, strlen(text), 0600);
}

static void
add_map(struct fixture *fixture, const char *map)
{
	fixture->maps[fixture->conf.map.count++] = map;
}

static void
open_senders(struct fixture *fixture)
{
	assert_int_equal(
	    senders_new(&fixture->conf, &fixture->senders), STATUS_OK);
}

static struct senders_found
ask(struct fixture *fixture, const char *login, const char *path)
{
	struct senders_found found;
	struct address address;

	assert_int_equal(
	    address_parse_path(fixture->region, path, &address), STATUS_OK);
	assert_int_equal(senders_ask(fixture->senders, fixture->region, login,
			     &address, &found),
	    STATUS_OK);
	return found;
}

struct ask_case {
	const char *login, *address;
	enum senders_answer answer;
	const char *source; /* how it ends; NULL: none */
};

static void
check_cases(struct fixture *fixture, const struct ask_case *cases, size_t count)
{
	struct senders_found found;
	size_t i, length, end;

	for (i = 0; i < count; i++) {
		found = ask(fixture, cases[i].login, cases[i].address);
		if (found.answer != cases[i].answer)
			fail_msg("%s as %s: %s (%s)", cases[i].login,
			    cases[i].address, senders_answer_text(found.answer),
			    found.source == NULL ? "-" : found.source);
		if ((found.source == NULL) != (cases[i].source == NULL))
			fail_msg("%s as %s: source %s", cases[i].login,
			    cases[i].address,
			    found.source == NULL ? "-" : found.source);
		if (found.source == NULL)
			continue;
		length = strlen(found.source);
		end = strlen(cases[i].source);
		if (length < end ||
		    strcmp(found.source + length - end, cases[i].source) != 0)
			fail_msg("%s as %s: source %s", cases[i].login,
			    cases[i].address, found.source);
	}
}

#define YES SENDERS_ALLOWED
#define NO  SENDERS_FOREIGN

static const char map_text[] = "# who may write as whom\n"
			       "boss@Example.org anna, bob\n"
			       "\n"
			       "info@example.org\tanna@example.org,carl\r\n"
			       "# in between\n"
			       "  , dora\n"
			       "@example.net  erna\n"
			       "sales@example.net  anna\n"
			       "b\303\274cher@b\303\274cher.example \303\274"
			       "ser@b\303\274cher.example\n"
			       "\"a b\"@example.org anna\n"
			       "Case@example.org upper\n"
			       "case@example.org lower\n"
			       "Only@example.org anna\n"
			       "multi@example.org anna\n"
			       "multi@example.org bob\n"
			       "detail+x@example.org bob\n"
			       "detail@example.org anna\n";

static const struct ask_case map_cases[] = {
	{ "anna", "boss@example.org", YES, "/map:2" },
	{ "ANNA", "<Boss@EXAMPLE.ORG>", YES, "/map:2" },
	{ "bob", "boss@example.org.", YES, "/map:2" },
	{ "anna", "boss+x@example.org", YES, "/map:2" },
	{ "carl", "boss@example.org", NO, "/map:2" },
	{ "an", "boss@example.org", NO, "/map:2" },
	{ "anna, bob", "boss@example.org", NO, "/map:2" },
	{ "anna", "boss@sub.example.org", NO, NULL },
	{ "anna", "boss@example.or", NO, NULL },
	{ "Anna@Example.Org", "info@example.org", YES, "/map:4" },
	{ "carl", "info@example.org", YES, "/map:4" },
	{ "dora", "info@example.org", YES, "/map:4" },
	{ "erna", "anybody@example.net", YES, "/map:7" },
	{ "erna", "any+body@EXAMPLE.net", YES, "/map:7" },
	/* what has an entry is not its domain's */
	{ "erna", "sales@example.net", NO, "/map:8" },
	{ "erna", "sales+x@example.net", NO, "/map:8" },
	{ "anna", "sales@example.net", YES, "/map:8" },
	{ "\303\274ser@xn--bcher-kva.example",
	    "b\303\274cher@xn--bcher-kva.example", YES, "/map:9" },
	{ "anna", "\"a b\"@example.org", YES, "/map:10" },
	/* spellings */
	{ "upper", "Case@example.org", YES, "/map:11" },
	{ "upper", "case@example.org", NO, "/map:11" },
	{ "lower", "case@example.org", YES, "/map:12" },
	{ "lower", "CASE@example.org", YES, "/map:12" },
	{ "anna", "only@example.org", YES, "/map:13" },
	{ "anna", "multi@example.org", YES, "/map:14" },
	{ "bob", "multi@example.org", YES, "/map:15" },
	{ "anna", "detail+x@example.org", NO, "/map:16" },
	{ "bob", "detail+x@example.org", YES, "/map:16" },
	{ "anna", "detail+y@example.org", YES, "/map:17" },
	{ "bob", "detail@example.org", NO, "/map:17" },
	{ "anna", "+boss@example.org", NO, NULL },
	{ "anna", "boss", NO, NULL },
	{ "anna", "<>", NO, NULL },
	{ "anna", "boss@[192.0.2.1]", NO, NULL },
	/* a client without a login */
	{ "", "boss@example.org", NO, "/map:2" },
	{ "", "x@example.net", NO, "/map:7" },
	{ "", "cron@host.example.org", YES, NULL },
};

static void
test_map(void **state)
{
	struct fixture *fixture = *state;

	add_map(fixture, put_file(fixture, "map", map_text));
	open_senders(fixture);
	check_cases(fixture, map_cases, GP_NELEMS(map_cases));
}

static void
test_no_delimiter(void **state)
{
	static const struct ask_case cases[] = {
		{ "anna", "boss@example.org", YES, "/map:2" },
		{ "anna", "boss+x@example.org", NO, NULL },
		{ "anna", "detail+x@example.org", NO, "/map:16" },
	};
	struct fixture *fixture = *state;

	fixture->conf.recipient_delimiter = "";
	add_map(fixture, put_file(fixture, "map", map_text));
	open_senders(fixture);
	check_cases(fixture, cases, GP_NELEMS(cases));
}

/* Without any source nothing is known, and all goes. */
static void
test_match(void **state)
{
	static const struct ask_case off[] = {
		{ "anna@example.org", "boss@example.com", YES, NULL },
		{ "anna", "boss@example.com", YES, NULL },
	};
	static const struct ask_case address[] = {
		{ "Anna@Example.org", "anna@example.org", YES,
		    "match = address" },
		{ "anna@example.org", "Anna+x@Example.org", YES,
		    "match = address" },
		{ "anna@example.org", "bob@example.org", NO, NULL },
		{ "anna@example.org", "anna@example.com", NO, NULL },
		{ "anna", "anna@example.org", NO, NULL },
		{ "@example.org", "x@example.org", NO, NULL },
		{ "anna@example.org", "anna", NO, NULL },
	};
	static const struct ask_case domain[] = {
		{ "anna@example.org", "bob@EXAMPLE.org", YES,
		    "match = domain" },
		{ "anna@b\303\274"
		  "cher.example",
		    "bob@xn--bcher-kva.example", YES, "match = domain" },
		{ "anna@example.org", "bob@sub.example.org", NO, NULL },
		{ "anna@sub.example.org", "bob@example.org", NO, NULL },
		{ "anna@", "bob@example.org", NO, NULL },
		{ "anna", "bob@example.org", NO, NULL },
		{ "@example.org", "x@example.org", NO, NULL },
	};
	struct fixture *fixture = *state;

	open_senders(fixture);
	check_cases(fixture, off, GP_NELEMS(off));
	fixture->conf.match = SENDERS_MATCH_ADDRESS;
	assert_int_equal(
	    senders_reload(fixture->senders, &fixture->conf), STATUS_OK);
	check_cases(fixture, address, GP_NELEMS(address));
	fixture->conf.match = SENDERS_MATCH_DOMAIN;
	assert_int_equal(
	    senders_reload(fixture->senders, &fixture->conf), STATUS_OK);
	check_cases(fixture, domain, GP_NELEMS(domain));
}

static const char accounts_text[] =
    "# comment\n"
    "Anna@example.org|{SHA512-CRYPT}$6$x\n"
    "bob@example.org|{SHA512-CRYPT}$6$y|userdb_mail=maildir:/x y\n"
    "carl@example.com|{PLAIN}z\n"
    "no account\n"
    "@example.org|{PLAIN}z\n";

static const char aliases_text[] =
    "boss@example.org anna@example.org\n"
    "team@example.org boss@example.org, bob@example.org\n"
    "@example.org bob@example.org\n"
    "loop1@example.org loop2@example.org\n"
    "loop2@example.org loop1@example.org\n"
    "@old.example @example.com\n"
    "bob@example.org bob@elsewhere.example\n"
    "local@example.org root\n";

static const struct ask_case docker_cases[] = {
	{ "anna@example.org", "anna@example.org", YES, "accounts.cf:2" },
	{ "anna@example.org", "anna+x@example.org", YES, "accounts.cf:2" },
	{ "anna@example.org", "boss@example.org", YES, "virtual.cf:1" },
	{ "anna@example.org", "team@example.org", YES, "virtual.cf:2" },
	{ "bob@example.org", "team+x@example.org", YES, "virtual.cf:2" },
	{ "bob@example.org", "boss@example.org", NO, "virtual.cf:1" },
	{ "bob@example.org", "bob@example.org", YES, "accounts.cf:3" },
	{ "bob@example.org", "whoever@example.org", YES, "virtual.cf:3" },
	{ "bob@example.org", "anna@example.org", NO, "accounts.cf:2" },
	{ "anna@example.org", "whoever@example.org", NO, "virtual.cf:3" },
	{ "anna@example.org", "loop1@example.org", NO, "virtual.cf:4" },
	{ "carl@example.com", "carl@old.example", YES, "virtual.cf:6" },
	{ "carl@example.com", "carl+x@old.example", YES, "virtual.cf:6" },
	{ "carl@example.com", "anna@old.example", NO, "virtual.cf:6" },
	{ "anna@example.org", "carl@example.com", NO, "accounts.cf:4" },
	{ "anna@example.org", "x@y.example", NO, NULL },
	{ "root", "local@example.org", YES, "virtual.cf:8" },
};

static void
test_docker(void **state)
{
	struct fixture *fixture = *state;
	struct senders_grant *grants;
	struct conf_list problems, tables;
	size_t count, unreadable;

	put_file(fixture, SENDERS_ACCOUNTS_FILE, accounts_text);
	put_file(fixture, SENDERS_ALIASES_FILE, aliases_text);
	fixture->conf.docker_mailserver = fixture->base;
	open_senders(fixture);
	check_cases(fixture, docker_cases, GP_NELEMS(docker_cases));

	assert_int_equal(senders_problems(fixture->senders, fixture->region,
			     &problems, &unreadable),
	    STATUS_OK);
	assert_int_equal(unreadable, 0);
	assert_int_equal(problems.count, 2);
	assert_non_null(strstr(problems.items[0],
	    "/postfix-accounts.cf:5: is no account (user@domain|password)"));
	assert_non_null(strstr(problems.items[1], "/postfix-accounts.cf:6: "));

	assert_int_equal(senders_list(fixture->senders, fixture->region,
			     "Carl@example.com", &tables, &grants, &count),
	    STATUS_OK);
	assert_int_equal(tables.count, 0);
	assert_int_equal(count, 2);
	assert_string_equal(grants[0].entry, "carl@old.example");
	assert_string_equal(grants[1].entry, "carl@example.com");
	assert_int_equal(senders_list(fixture->senders, fixture->region,
			     "anna@example.org", &tables, &grants, &count),
	    STATUS_OK);
	assert_int_equal(count, 3);
	assert_string_equal(grants[0].entry, "Anna@example.org");
	assert_string_equal(grants[1].entry, "boss@example.org");
	assert_string_equal(grants[2].entry, "team@example.org");
}

/* Only the accounts must be there. */
static void
test_docker_without_aliases(void **state)
{
	static const struct ask_case cases[] = {
		{ "anna@example.org", "anna@example.org", YES, ":2" },
		{ "anna@example.org", "boss@example.org", NO, NULL },
	};
	static const struct ask_case unknown[] = {
		{ "anna@example.org", "anna@example.org", SENDERS_UNKNOWN,
		    SENDERS_ACCOUNTS_FILE },
	};
	struct fixture *fixture = *state;

	put_file(fixture, SENDERS_ACCOUNTS_FILE, accounts_text);
	fixture->conf.docker_mailserver = fixture->base;
	open_senders(fixture);
	check_cases(fixture, cases, GP_NELEMS(cases));
	fixture->conf.docker_mailserver = "/nowhere";
	assert_int_equal(
	    senders_reload(fixture->senders, &fixture->conf), STATUS_OK);
	check_cases(fixture, unknown, GP_NELEMS(unknown));
}

/* An alias of more targets than are followed ends; so does a long chain. */
static void
test_chains(void **state)
{
	struct fixture *fixture = *state;
	char *text = malloc(LONG_LINE);
	size_t i, used = 0;

	for (i = 0; i < 3 * SENDERS_CHAIN_MAX; i++)
		used += (size_t)snprintf(text + used, LONG_LINE - used,
		    "a%zu@x.example a%zu@x.example, b%zu@x.example\n", i, i + 1,
		    i);
	put_file(fixture, SENDERS_ACCOUNTS_FILE, "anna@x.example|x\n");
	put_file(fixture, SENDERS_ALIASES_FILE, text);
	fixture->conf.docker_mailserver = fixture->base;
	open_senders(fixture);
	assert_int_equal(ask(fixture, "a100@x.example", "a0@x.example").answer,
	    SENDERS_ALLOWED);
	assert_int_equal(ask(fixture, "anna@x.example", "a0@x.example").answer,
	    SENDERS_FOREIGN);
	free(text);
}

struct broken_case {
	const char *text;
	size_t length; /* 0: of the text */
	const char *problem;
};

static const struct broken_case broken_cases[] = {
	{ "boss@example.org\n", 0, ":1: names no login" },
	{ "\nboss@example.org , ,\n", 0, ":2: names no login" },
	{ "boss anna\n", 0, ":1: begins neither" },
	{ "@ anna\n", 0, ":1: begins neither" },
	{ "@exa mple anna\n@-..x anna\n", 0, ":2: begins neither" },
	{ "boss@ anna\n", 0, ":1: begins neither" },
	{ "\"\"@example.org anna\n", 0, ":1: begins neither" },
	{ "boss@exa!mple anna\n", 0, ":1: begins neither" },
	{ "\"boss@example.org anna\n", 0, ":1: begins neither" },
	{ "  boss@example.org anna\n", 0, ":1: continues no line" },
	{ "boss@example.org an\0na\n", 23, ":1: holds a NUL byte" },
	{ "\xff\xfe\x00@\n", 5, ":1: holds a NUL byte" },
	{ "<> anna\n", 0, ":1: begins neither" },
	{ "x\\", 0, ":1: begins neither" },
};

/* The bad line is left out, the good one stays. */
static void
test_broken_lines(void **state)
{
	struct fixture *fixture = *state;
	struct conf_list problems;
	size_t i, length, unreadable;
	char data[TEXT_BYTES];

	add_map(fixture, put_file(fixture, "map", ""));
	open_senders(fixture);
	for (i = 0; i < GP_NELEMS(broken_cases); i++) {
		length = broken_cases[i].length;
		if (length == 0)
			length = strlen(broken_cases[i].text);
		memcpy(data, broken_cases[i].text, length);
		memcpy(data + length, "\nok@x.example anna", 18);
		put_bytes(fixture, "map", data, length + 18, 0600);
		assert_int_equal(
		    senders_reload(fixture->senders, &fixture->conf),
		    STATUS_OK);
		assert_int_equal(senders_problems(fixture->senders,
				     fixture->region, &problems, &unreadable),
		    STATUS_OK);
		if (problems.count != 1 ||
		    strstr(problems.items[0], broken_cases[i].problem) == NULL)
			fail_msg("case %zu: %zu: %s", i, problems.count,
			    problems.count > 0 ? problems.items[0] : "-");
		assert_int_equal(ask(fixture, "anna", "ok@x.example").answer,
		    SENDERS_ALLOWED);
	}
}

static void
test_long_line(void **state)
{
	static const char first[] = "ok@x.example anna\nlong@x.example ";
	static const char last[] = "\nend@x.example anna\n";
	struct fixture *fixture = *state;
	char *text = malloc(LONG_LINE);
	struct conf_list problems;
	size_t unreadable;

	memset(text, 'a', LONG_LINE);
	memcpy(text, first, strlen(first));
	memcpy(text + LONG_LINE - strlen(last), last, strlen(last));
	add_map(fixture, put_bytes(fixture, "map", text, LONG_LINE, 0600));
	open_senders(fixture);
	assert_int_equal(senders_problems(fixture->senders, fixture->region,
			     &problems, &unreadable),
	    STATUS_OK);
	assert_int_equal(problems.count, 1);
	assert_non_null(strstr(problems.items[0], "/map:2: is too long"));
	assert_int_equal(
	    ask(fixture, "anna", "ok@x.example").answer, SENDERS_ALLOWED);
	assert_int_equal(
	    ask(fixture, "anna", "end@x.example").answer, SENDERS_ALLOWED);
	free(text);
}

/* Told once, also when it is read again; a new fault is told. */
static void
test_told_once(void **state)
{
	struct fixture *fixture = *state;

	log_capture_start();
	add_map(fixture, put_file(fixture, "map", "a\nb@x.example\n"));
	open_senders(fixture);
	assert_int_equal(log_capture_count("/map:1: begins neither"), 1);
	assert_int_equal(log_capture_count("/map:2: names no login"), 1);
	put_file(fixture, "map", "a\nb@x.example\nc\n");
	assert_int_equal(
	    senders_reload(fixture->senders, &fixture->conf), STATUS_OK);
	assert_int_equal(log_capture_count("/map:1: "), 1);
	assert_int_equal(log_capture_count("/map:2: "), 1);
	assert_int_equal(log_capture_count("/map:3: "), 1);
	put_file(fixture, "map",
	    "a\na\na\na\na\na\na\na\na\na\na\na\na\na\na\na\na\na\na\na\na\n"
	    "a\na\n");
	assert_int_equal(
	    senders_reload(fixture->senders, &fixture->conf), STATUS_OK);
	assert_int_equal(log_capture_count("3 more lines are left out"), 1);
	log_capture_stop();
}

/* Ticks until the answer is another one. */
static void
wait_answer(struct fixture *fixture, const char *login, const char *address,
    enum senders_answer wanted)
{
	int64_t deadline_ms = clock_now_ms() + DEADLINE_MS;
	struct timespec step = { 0, 20 * 1000 * 1000 };

	while (ask(fixture, login, address).answer != wanted) {
		assert_true(clock_now_ms() < deadline_ms);
		nanosleep(&step, NULL);
		senders_tick(fixture->senders);
	}
}

static void
test_changes(void **state)
{
	struct fixture *fixture = *state;
	const char *path;

	log_capture_start();
	path = region_printf(fixture->region, "%s/map", fixture->base);
	add_map(fixture, path);
	open_senders(fixture);
	assert_int_equal(
	    ask(fixture, "anna", "boss@x.example").answer, SENDERS_UNKNOWN);
	assert_int_equal(log_capture_count("No such file"), 1);
	put_file(fixture, "map", "boss@x.example anna\n");
	wait_answer(fixture, "anna", "boss@x.example", SENDERS_ALLOWED);
	put_file(fixture, "new", "boss@x.example bob\n");
	assert_int_equal(
	    rename(
		region_printf(fixture->region, "%s/new", fixture->base), path),
	    0);
	wait_answer(fixture, "bob", "boss@x.example", SENDERS_ALLOWED);
	assert_int_equal(
	    ask(fixture, "anna", "boss@x.example").answer, SENDERS_FOREIGN);
	assert_int_equal(unlink(path), 0);
	wait_answer(fixture, "bob", "boss@x.example", SENDERS_UNKNOWN);
	assert_int_equal(mkdir(path, 0700), 0);
	wait_answer(fixture, "bob", "boss@x.example", SENDERS_UNKNOWN);
	log_capture_stop();
}

/* No file can be opened; returns the limit that was. */
static struct rlimit
take_descriptors(void)
{
	struct rlimit before, none;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = before;
	none.rlim_cur = STDERR_FILENO + 1;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	return before;
}

/* As senders_tick() in good time. */
static void
look(struct fixture *fixture, int64_t since_ms)
{
	struct timespec step = { 0, 20 * 1000 * 1000 };

	while (clock_now_ms() < since_ms + SENDERS_CHECK_MS)
		nanosleep(&step, NULL);
	senders_tick(fixture->senders);
}

/* A map that changes while no file can be opened. */
static void
test_lack_of_descriptors(void **state)
{
	struct fixture *fixture = *state;
	struct rlimit before;

	log_capture_start();
	add_map(fixture, put_file(fixture, "map", "boss@x.example anna\n"));
	open_senders(fixture);
	put_file(fixture, "map", "boss@x.example bob, carl\n");
	before = take_descriptors();
	look(fixture, clock_now_ms());
	look(fixture, clock_now_ms());
	assert_int_equal(
	    senders_reload(fixture->senders, &fixture->conf), STATUS_OK);
	assert_int_equal(
	    ask(fixture, "anna", "boss@x.example").answer, SENDERS_ALLOWED);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(log_capture_count("Too many open files"), 1);
	wait_answer(fixture, "bob", "boss@x.example", SENDERS_ALLOWED);
	assert_int_equal(
	    ask(fixture, "anna", "boss@x.example").answer, SENDERS_FOREIGN);
	log_capture_stop();
}

/* The same at the start: nothing is known, until the file can be read. */
static void
test_start_without_descriptors(void **state)
{
	struct fixture *fixture = *state;
	struct rlimit before;

	add_map(fixture, put_file(fixture, "map", "boss@x.example anna\n"));
	before = take_descriptors();
	open_senders(fixture);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(
	    ask(fixture, "anna", "boss@x.example").answer, SENDERS_UNKNOWN);
	wait_answer(fixture, "anna", "boss@x.example", SENDERS_ALLOWED);
}

/* A source that cannot be read does not forbid what another allows. */
static void
test_unreadable(void **state)
{
	static const struct ask_case cases[] = {
		{ "anna", "boss@example.org", YES, "/map:2" },
		{ "carl", "boss@example.org", SENDERS_UNKNOWN, "/folder" },
		{ "carl", "x@example.com", SENDERS_UNKNOWN, "/folder" },
		{ "", "boss@example.org", NO, "/map:2" },
		{ "", "x@example.com", SENDERS_UNKNOWN, "/folder" },
	};
	struct fixture *fixture = *state;
	const char *folder =
	    region_printf(fixture->region, "%s/folder", fixture->base);
	struct senders_found found;

	assert_int_equal(mkdir(folder, 0700), 0);
	add_map(fixture, folder);
	add_map(fixture, put_file(fixture, "map", map_text));
	open_senders(fixture);
	check_cases(fixture, cases, GP_NELEMS(cases));
	found = ask(fixture, "carl", "x@example.com");
	assert_non_null(strstr(found.reason, "is no regular file"));
}

static void
test_many_lines(void **state)
{
	struct fixture *fixture = *state;
	char *text = malloc(MANY_LINES * 64), address[64], login[64];
	size_t i, used = 0;

	for (i = 0; i < MANY_LINES; i++)
		used += (size_t)snprintf(text + used, 64,
		    "user%zu@d%zu.example login%zu\n", i, i % 1000, i);
	add_map(fixture, put_bytes(fixture, "map", text, used, 0600));
	open_senders(fixture);
	for (i = 0; i < MANY_LINES; i += 997) {
		snprintf(address, sizeof(address), "user%zu@d%zu.example", i,
		    i % 1000);
		snprintf(login, sizeof(login), "login%zu", i);
		assert_int_equal(
		    ask(fixture, login, address).answer, SENDERS_ALLOWED);
		assert_int_equal(
		    ask(fixture, "login1x", address).answer, SENDERS_FOREIGN);
	}
	free(text);
}

/* A program in the place of postmap, which writes down what it is asked. */
static void
put_program(struct fixture *fixture, const char *body)
{
	const char *text = region_printf(fixture->region,
	    "#!/bin/sh\nprintf '%%s|' \"$@\" >> %s/asked\n%s\n", fixture->base,
	    body);

	fixture->conf.postmap =
	    put_bytes(fixture, "program", text, strlen(text), 0700);
}

static size_t
count_asked(struct fixture *fixture, const char *text)
{
	char data[TEXT_BYTES] = "", path[PATH_BYTES * 2];
	size_t count = 0;
	const char *p;
	FILE *file;

	snprintf(path, sizeof(path), "%s/asked", fixture->base);
	if ((file = fopen(path, "r")) == NULL)
		return 0;
	data[fread(data, 1, sizeof(data) - 1, file)] = '\0';
	fclose(file);
	for (p = data; (p = strstr(p, text)) != NULL; p += strlen(text))
		count++;
	return count;
}

/* The order of keys, the answers, what is kept, and a hostile key. */
static void
test_table_program(void **state)
{
	static const struct ask_case cases[] = {
		{ "anna", "boss@example.org", YES, "hash:/x" },
		{ "bob", "boss+y@example.org", YES, "hash:/x" },
		{ "carl", "boss@example.org", NO, "hash:/x" },
		{ "carl", "other@example.net", YES, "hash:/x" },
		{ "anna", "none@example.com", NO, NULL },
		{ "anna", "-v@example.com", NO, NULL },
		{ "anna", "\"; touch x;\"@example.com", NO, NULL },
		{ "anna", "$(touch${IFS}x)@example.com", NO, NULL },
		{ "", "boss@example.org", NO, "hash:/x" },
	};
	struct fixture *fixture = *state;

	put_program(fixture,
	    "case $2 in boss@example.org) echo 'anna,  Bob';;"
	    "@example.net) echo carl;; *) exit 1;; esac");
	add_map(fixture, "hash:/x");
	open_senders(fixture);
	check_cases(fixture, cases, GP_NELEMS(cases));
	assert_int_equal(
	    count_asked(fixture, "-q|boss@example.org|hash:/x|"), 1);
	assert_int_equal(
	    count_asked(fixture, "-q|boss+y@example.org|hash:/x|"), 1);
	assert_int_equal(count_asked(fixture,
			     "-q|other@example.net|hash:/x|"
			     "-q|@example.net|hash:/x|"),
	    1);
	assert_int_equal(count_asked(fixture, "-q|-v@example.com|hash:/x|"), 1);
	assert_int_equal(
	    count_asked(fixture, "-q|\"; touch x;\"@example.com|hash:/x|"), 1);
	assert_int_equal(count_asked(fixture, "-q|@example.com|hash:/x|"), 1);
	assert_int_equal(
	    senders_reload(fixture->senders, &fixture->conf), STATUS_OK);
	(void)ask(fixture, "anna", "boss@example.org");
	assert_int_equal(
	    count_asked(fixture, "-q|boss@example.org|hash:/x|"), 2);
}

struct failure_case {
	const char *body; /* of the program; NULL: there is none */
	const char *reason;
};

static const struct failure_case failure_cases[] = {
	{ NULL, "it cannot be started" },
	{ "echo 'postmap: fatal: open database: gone' >&2; exit 1",
	    "open database: gone" },
	{ "exit 75", "it failed" },
	{ "kill -9 $$", "it was killed" },
	{ "exec sleep 100", "it did not answer in time" },
	{ "exec >&- 2>&-; sleep 100", "it did not end in time" },
	{ "exec yes", "its answer is too long" },
	{ "yes >&2 & exec sleep 100", "it did not answer in time" },
};

/* Told once, not asked again at once, and the other source still counts. */
static void
test_table_failures(void **state)
{
	struct fixture *fixture = *state;
	struct senders_found found;
	size_t i;

	add_map(fixture, "hash:/x");
	add_map(fixture, put_file(fixture, "map", map_text));
	fixture->conf.timeout = 300;
	for (i = 0; i < GP_NELEMS(failure_cases); i++) {
		fixture->conf.postmap = "/nowhere/postmap";
		if (failure_cases[i].body != NULL)
			put_program(fixture, failure_cases[i].body);
		log_capture_start();
		open_senders(fixture);
		found = ask(fixture, "anna", "x@example.com");
		assert_int_equal(found.answer, SENDERS_UNKNOWN);
		if (strstr(found.reason, failure_cases[i].reason) == NULL)
			fail_msg("case %zu: %s", i, found.reason);
		assert_string_equal(found.source, "hash:/x");
		found = ask(fixture, "anna", "y@example.com");
		assert_int_equal(found.answer, SENDERS_UNKNOWN);
		assert_int_equal(
		    log_capture_count("hash:/x cannot be asked"), 1);
		log_capture_stop();
		found = ask(fixture, "anna", "boss@example.org");
		assert_int_equal(found.answer, SENDERS_ALLOWED);
		senders_free(&fixture->senders);
	}
	assert_int_equal(count_asked(fixture, "y@example.com"), 0);
}

/*
 * Each key alone would be answered in time, but there are three: the last is
 * not asked for any more.
 */
static void
test_table_deadline(void **state)
{
	struct fixture *fixture = *state;
	struct senders_found found;

	put_program(fixture, "sleep 0.6; exit 1");
	add_map(fixture, "hash:/x");
	fixture->conf.timeout = 1000;
	open_senders(fixture);
	found = ask(fixture, "anna", "x+y@example.com");
	assert_int_equal(found.answer, SENDERS_UNKNOWN);
	assert_string_equal(found.reason, "it did not answer in time");
	assert_int_equal(count_asked(fixture, "-q|@example.com|"), 0);
}

/* What was asked is kept; two keys of one slot are asked for again. */
static void
test_table_keeps_answers(void **state)
{
	struct fixture *fixture = *state;
	struct senders_lookup lookup = { .region = fixture->region };
	struct senders_table *table;
	const char *value, *reason;
	char key[64];
	int i;

	put_program(fixture, "echo \"$2\"; : > /dev/null");
	assert_int_equal(
	    senders_table_new("hash:/x", fixture->conf.postmap, &table),
	    STATUS_OK);
	for (i = 0; i < 60; i++) {
		snprintf(key, sizeof(key), "key%d@x.example", i % 20);
		lookup.key = key;
		lookup.deadline_ms = clock_now_ms() + DEADLINE_MS;
		assert_int_equal(
		    senders_table_ask(table, &lookup, &value, &reason),
		    STATUS_OK);
		assert_int_equal(strncmp(value, key, strlen(key)), 0);
	}
	assert_in_range(count_asked(fixture, "-q|"), 20, 24);
	senders_table_release(&table);
	assert_null(table);
}

#define CASE(function) \
	cmocka_unit_test_setup_teardown(function, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_map),
		CASE(test_no_delimiter),
		CASE(test_match),
		CASE(test_docker),
		CASE(test_docker_without_aliases),
		CASE(test_chains),
		CASE(test_broken_lines),
		CASE(test_long_line),
		CASE(test_told_once),
		CASE(test_changes),
		CASE(test_lack_of_descriptors),
		CASE(test_start_without_descriptors),
		CASE(test_unreadable),
		CASE(test_many_lines),
		CASE(test_table_program),
		CASE(test_table_failures),
		CASE(test_table_deadline),
		CASE(test_table_keeps_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
