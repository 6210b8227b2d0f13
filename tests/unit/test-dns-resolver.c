/*
 * The resolver against a private nsd on a high port of 127.0.0.1, with zones
 * that this test writes and signs.  Skipped, by name, where nsd or the tools of
 * ldnsutils are missing.  Nothing is asked of the network.
 */
#include "config.h"

#include "lib/dns/dns.h"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/dns/dns-conf.h"

#include "tests/unit/unit.h"

#define EXIT_SKIPPED    77 /* automake's word for it */
#define FAR_MS          20000
#define TXT_STRINGS     64 /* of 250 bytes: far over any UDP packet */
#define TXT_BYTES       (TXT_STRINGS * 250)
#define MANY_ADDRESSES  300 /* more than DNS_RECORDS_MAX */
#define THREADS         8
#define THREAD_ASKS     25
#define NSD_START_TRIES 500 /* of 20 ms */
#define PATH_BYTES      256
#define ANCHOR_BYTES    2048

extern char **environ;

static const char nsd_path[] = "/usr/sbin/nsd";
static const char keygen_path[] = "/usr/bin/ldns-keygen";
static const char signzone_path[] = "/usr/bin/ldns-signzone";

struct server {
	char directory[PATH_BYTES];
	int port, silent_port;
	int silent_fd;
	pid_t pid;
	char anchors[2][ANCHOR_BYTES]; /* of signed.test and bogus.test */
};

static void
path_of(const struct server *server, const char *name, char path[PATH_BYTES])
{
	int length;

	length = snprintf(path, PATH_BYTES, "%s/%s", server->directory, name);
	assert_true(length > 0 && length < PATH_BYTES);
}

static FILE *
open_file(const struct server *server, const char *name, const char *mode)
{
	char path[PATH_BYTES];
	FILE *file;

	path_of(server, name, path);
	assert_non_null(file = fopen(path, mode));
	return file;
}

/* A socket on a free port of 127.0.0.1. */
static int
bind_udp(int *port_r)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t length = sizeof(address);
	int fd;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	assert_int_equal(
	    bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(
	    getsockname(fd, (struct sockaddr *)&address, &length), 0);
	*port_r = ntohs(address.sin_port);
	return fd;
}

static void
run(const char *const arguments[], const char *output)
{
	posix_spawn_file_actions_t actions;
	pid_t pid;
	int state;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(
	    &actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_int_equal(posix_spawn(&pid, arguments[0], &actions, NULL,
			     (char *const *)arguments, environ),
	    0);
	posix_spawn_file_actions_destroy(&actions);
	assert_int_equal(waitpid(pid, &state, 0), pid);
	if (!WIFEXITED(state) || WEXITSTATUS(state) != 0)
		fail_msg("%s failed", arguments[0]);
}

static void
write_zone(const struct server *server, const char *zone)
{
	FILE *file = open_file(server, zone, "w");
	int i;

	fprintf(file, "$TTL 300\n$ORIGIN %s.\n", zone);
	fprintf(file,
	    "@ SOA ns hostmaster 1 3600 600 86400 60\n@ NS ns\n"
	    "ns A 127.0.0.1\n@ MX 0 .\n@ MX 10 Mail\nwww A 192.0.2.1\n"
	    "www AAAA 2001:db8::1\nalias CNAME www\n"
	    "alias-plain CNAME www.plain.test.\nto-nowhere CNAME nowhere\n"
	    "deep.ent A 192.0.2.2\n*.wild A 192.0.2.3\n"
	    "txt TXT \"v=spf1 \" \"-all\"\nodd\\.dot A 192.0.2.4\n"
	    "_25._tcp.mx TLSA 3 1 1 00112233445566778899aabbccddeeff00112233"
	    "445566778899aabbccddeeff\n");
	if (strcmp(zone, "plain.test") == 0) {
		fprintf(file, "big TXT (");
		for (i = 0; i < TXT_STRINGS; i++)
			fprintf(file, " \"%0250d\"\n", i);
		fprintf(file, ")\n");
		for (i = 0; i < MANY_ADDRESSES; i++)
			fprintf(file, "many A 10.0.%d.%d\n", i / 250, i % 250);
	}
	assert_int_equal(fclose(file), 0);
}

/* The first line of a small file, without its line break. */
static void
read_line(
    const struct server *server, const char *name, char *line, size_t size)
{
	FILE *file = open_file(server, name, "r");

	assert_non_null(fgets(line, (int)size, file));
	line[strcspn(line, "\n")] = '\0';
	fclose(file);
}

static void
sign_zone(const struct server *server, const char *zone, char *anchor)
{
	char key[100], key_file[120], source[PATH_BYTES],
	    signed_file[PATH_BYTES], output[PATH_BYTES], zone_argument[100],
	    name[120];
	const char *const keygen[] = { keygen_path, "-a", "ED25519", "-k",
		zone_argument, NULL };
	const char *const signzone[] = { signzone_path, "-f", signed_file,
		source, key, NULL };

	snprintf(zone_argument, sizeof(zone_argument), "%s", zone);
	path_of(server, zone, source);
	snprintf(name, sizeof(name), "%s.signed", zone);
	path_of(server, name, signed_file);
	path_of(server, "output", output);
	assert_int_equal(chdir(server->directory), 0);
	run(keygen, output);
	read_line(server, "output", key, sizeof(key));
	assert_true(snprintf(key_file, sizeof(key_file), "%s.key", key) > 0);
	read_line(server, key_file, anchor, ANCHOR_BYTES);
	run(signzone, output);
}

/* Copies a signed zone and changes an address, so that its signature lies. */
static void
spoil_zone(const struct server *server)
{
	FILE *in = open_file(server, "bogus.test.signed", "r");
	FILE *out = open_file(server, "spoiled", "w");
	char line[4096], old_path[PATH_BYTES], new_path[PATH_BYTES], *address;
	int changes = 0;

	while (fgets(line, sizeof(line), in) != NULL) {
		address = strstr(line, "\tA\t192.0.2.1\n");
		if (address != NULL) {
			address[11] = '9';
			changes++;
		}
		assert_true(fputs(line, out) >= 0);
	}
	assert_int_equal(changes, 1);
	fclose(in);
	assert_int_equal(fclose(out), 0);
	path_of(server, "spoiled", old_path);
	path_of(server, "bogus.test.signed", new_path);
	assert_int_equal(rename(old_path, new_path), 0);
}

static void
write_nsd_conf(const struct server *server)
{
	FILE *file = open_file(server, "nsd.conf", "w");
	const char *d = server->directory;

	fprintf(file,
	    "server:\n ip-address: 127.0.0.1@%d\n server-count: 1\n"
	    " username: \"\"\n zonesdir: \"%s\"\n pidfile: \"%s/nsd.pid\"\n"
	    " logfile: \"%s/nsd.log\"\n xfrdfile: \"%s/xfrd.state\"\n"
	    " zonelistfile: \"%s/zone.list\"\n xfrdir: \"%s\"\n"
	    " verbosity: 0\n rrl-ratelimit: 0\nremote-control:\n control-enable: no\n",
	    server->port, d, d, d, d, d, d);
	fprintf(file,
	    "zone:\n name: signed.test\n zonefile: "
	    "signed.test.signed\nzone:\n name: bogus.test\n zonefile: "
	    "bogus.test.signed\nzone:\n name: plain.test\n zonefile: "
	    "plain.test\n");
	assert_int_equal(fclose(file), 0);
}

static bool
server_listens(const struct server *server)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	bool is_up;
	int fd;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	address.sin_port = htons((uint16_t)server->port);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	is_up = connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0;
	close(fd);
	return is_up;
}

static void
start_nsd(struct server *server)
{
	const struct timespec pause = { .tv_nsec = 20000000 };
	char conf[PATH_BYTES];
	const char *const arguments[] = { nsd_path, "-d", "-c", conf, NULL };
	int i;

	path_of(server, "nsd.conf", conf);
	server->pid = fork();
	assert_true(server->pid >= 0);
	if (server->pid == 0) {
		/* nsd ends with us, however we end */
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		execv(nsd_path, (char *const *)arguments);
		_exit(127);
	}
	for (i = 0; i < NSD_START_TRIES && !server_listens(server); i++)
		nanosleep(&pause, NULL);
	assert_true(i < NSD_START_TRIES);
}

static int
set_up_server(void **state)
{
	static struct server server;
	int fd;

	assert_true(snprintf(server.directory, sizeof(server.directory),
			"/tmp/gatepost-dns-XXXXXX") > 0);
	assert_non_null(mkdtemp(server.directory));
	fd = bind_udp(&server.port);
	server.silent_fd = bind_udp(&server.silent_port);
	write_zone(&server, "signed.test");
	write_zone(&server, "bogus.test");
	write_zone(&server, "plain.test");
	sign_zone(&server, "signed.test", server.anchors[0]);
	sign_zone(&server, "bogus.test", server.anchors[1]);
	spoil_zone(&server);
	write_nsd_conf(&server);
	close(fd);
	start_nsd(&server);
	*state = &server;
	return 0;
}

static int
tear_down_server(void **state)
{
	struct server *server = *state;
	const char *const arguments[] = { "/bin/rm", "-rf", server->directory,
		NULL };

	kill(server->pid, SIGTERM);
	waitpid(server->pid, NULL, 0);
	close(server->silent_fd);
	assert_int_equal(chdir("/"), 0);
	run(arguments, "/dev/null");
	return 0;
}

/* The settings of one resolver; items are owned by the struct. */
struct settings {
	struct dns_conf conf;
	char stub_text[5][64];
	const char *stubs[5];
	const char *anchors[2];
};

static void
settings_init(struct settings *settings, const struct server *server)
{
	static const char *const zones[] = { "signed.test", "bogus.test",
		"plain.test", "refused.test", "silent.test" };
	size_t i;

	memset(settings, 0, sizeof(*settings));
	for (i = 0; i < GP_NELEMS(zones); i++) {
		snprintf(settings->stub_text[i], sizeof(settings->stub_text[i]),
		    "%s=127.0.0.1@%d", zones[i],
		    strcmp(zones[i], "silent.test") == 0 ? server->silent_port :
							   server->port);
		settings->stubs[i] = settings->stub_text[i];
	}
	for (i = 0; i < GP_NELEMS(settings->anchors); i++)
		settings->anchors[i] = server->anchors[i];
	settings->conf.stub.items = settings->stubs;
	settings->conf.stub.count = GP_NELEMS(settings->stubs);
	settings->conf.trust_anchor.items = settings->anchors;
	settings->conf.trust_anchor.count = GP_NELEMS(settings->anchors);
	settings->conf.validate = true;
	settings->conf.trust_anchor_file = "";
	settings->conf.timeout = FAR_MS;
	settings->conf.cache_size = 4 << 20;
}

static struct dns *
open_dns(const struct server *server)
{
	struct settings settings;
	struct dns *dns;

	settings_init(&settings, server);
	assert_int_equal(dns_open_resolver(&settings.conf, &dns), STATUS_OK);
	return dns;
}

static struct dns_question *
ask(struct dns *dns, const char *name, enum dns_type type, int64_t timeout_ms)
{
	struct dns_question *question;

	assert_int_equal(
	    dns_ask(dns, name, type, clock_now_ms() + timeout_ms, &question),
	    STATUS_OK);
	return question;
}

static const struct answer_case {
	const char *name;
	enum dns_type type;
	enum dns_result result;
	bool secure;
	size_t count;
} answer_cases[] = {
	{ "www.signed.test", DNS_TYPE_A, DNS_FOUND, true, 1 },
	{ "WWW.Signed.TEST.", DNS_TYPE_AAAA, DNS_FOUND, true, 1 },
	{ "www.signed.test", DNS_TYPE_TXT, DNS_NODATA, true, 0 },
	{ "nowhere.signed.test", DNS_TYPE_A, DNS_NXDOMAIN, true, 0 },
	{ "signed.test", DNS_TYPE_MX, DNS_FOUND, true, 2 },
	{ "signed.test", DNS_TYPE_SOA, DNS_FOUND, true, 1 },
	{ "alias.signed.test", DNS_TYPE_A, DNS_FOUND, true, 1 },
	{ "alias.signed.test", DNS_TYPE_TXT, DNS_NODATA, true, 0 },
	{ "alias.signed.test", DNS_TYPE_CNAME, DNS_FOUND, true, 1 },
	{ "alias-plain.signed.test", DNS_TYPE_A, DNS_FOUND, false, 1 },
	{ "to-nowhere.signed.test", DNS_TYPE_A, DNS_NXDOMAIN, true, 0 },
	{ "ent.signed.test", DNS_TYPE_A, DNS_NODATA, true, 0 },
	{ "x.y.wild.signed.test", DNS_TYPE_A, DNS_FOUND, true, 1 },
	{ "_25._tcp.mx.signed.test", DNS_TYPE_TLSA, DNS_FOUND, true, 1 },
	{ "www.plain.test", DNS_TYPE_A, DNS_FOUND, false, 1 },
	{ "www.plain.test", DNS_TYPE_TXT, DNS_NODATA, false, 0 },
	{ "nowhere.plain.test", DNS_TYPE_A, DNS_NXDOMAIN, false, 0 },
	{ "many.plain.test", DNS_TYPE_A, DNS_FOUND, false, DNS_RECORDS_MAX },
	{ "odd\\.dot.plain.test", DNS_TYPE_A, DNS_FOUND, false, 1 },
	{ "odd.dot.plain.test", DNS_TYPE_A, DNS_NXDOMAIN, false, 0 },
	{ "www.bogus.test", DNS_TYPE_A, DNS_BOGUS, false, 0 },
	{ "www.bogus.test", DNS_TYPE_AAAA, DNS_FOUND, true, 1 },
	{ "alias.bogus.test", DNS_TYPE_A, DNS_BOGUS, false, 0 },
	{ "www.refused.test", DNS_TYPE_A, DNS_SERVFAIL, false, 0 },
	/* no stub leads there: the library's own empty zone answers */
	{ "www.other.test", DNS_TYPE_A, DNS_NXDOMAIN, false, 0 },
	{ "a..test", DNS_TYPE_A, DNS_NXDOMAIN, false, 0 },
};

static void
check_answer(
    const struct answer_case *expected, const struct dns_answer *answer)
{
	size_t i;

	if (answer->result != expected->result ||
	    answer->secure != expected->secure ||
	    answer->record_count != expected->count)
		fail_msg("%s %d: %s, secure %d, %zu records", expected->name,
		    (int)expected->type, dns_result_text(answer->result),
		    answer->secure, answer->record_count);
	for (i = 0; i < answer->record_count; i++)
		assert_int_equal(answer->records[i].type, expected->type);
	if (answer->result == DNS_FOUND)
		assert_in_range(answer->ttl_seconds, 200, 300);
}

/* All at once, and once more out of the cache. */
static void
test_answers(void **state)
{
	struct dns *dns = open_dns(*state);
	struct dns_question *questions[GP_NELEMS(answer_cases)];
	size_t i, round;

	for (round = 0; round < 2; round++) {
		for (i = 0; i < GP_NELEMS(answer_cases); i++)
			questions[i] = ask(dns, answer_cases[i].name,
			    answer_cases[i].type, FAR_MS);
		for (i = 0; i < GP_NELEMS(answer_cases); i++) {
			check_answer(&answer_cases[i], dns_wait(questions[i]));
			assert_true(dns_is_ready(questions[i]));
			dns_release(&questions[i]);
		}
	}
	assert_int_equal(dns_questions_asked(dns), 2 * GP_NELEMS(answer_cases));
	dns_close(&dns);
}

static void
test_records(void **state)
{
	struct dns *dns = open_dns(*state);
	struct dns_question *question;
	const struct dns_answer *answer;
	char number[251], address[IP_TEXT_BYTES];
	size_t i;

	question = ask(dns, "alias.signed.test", DNS_TYPE_A, FAR_MS);
	answer = dns_wait(question);
	assert_int_equal(answer->record_count, 1);
	assert_string_equal(
	    ip_text(&answer->records[0].address, address), "192.0.2.1");
	dns_release(&question);

	question = ask(dns, "plain.test", DNS_TYPE_MX, FAR_MS);
	answer = dns_wait(question);
	assert_int_equal(answer->record_count, 2);
	i = answer->records[0].mx.preference == 0 ? 0 : 1;
	assert_string_equal(answer->records[i].mx.exchange, "");
	assert_int_equal(answer->records[1 - i].mx.preference, 10);
	assert_true(str_equals_nocase(
	    answer->records[1 - i].mx.exchange, "mail.plain.test"));
	dns_release(&question);

	question = ask(dns, "txt.plain.test", DNS_TYPE_TXT, FAR_MS);
	answer = dns_wait(question);
	assert_int_equal(answer->record_count, 1);
	assert_true(span_equals(answer->records[0].text, "v=spf1 -all"));
	dns_release(&question);

	question = ask(dns, "big.plain.test", DNS_TYPE_TXT, FAR_MS);
	answer = dns_wait(question);
	assert_int_equal(answer->record_count, 1);
	assert_int_equal(answer->records[0].text.length, TXT_BYTES);
	for (i = 0; i < TXT_STRINGS; i++) {
		snprintf(number, sizeof(number), "%0250d", (int)i);
		assert_memory_equal(
		    answer->records[0].text.data + i * 250, number, 250);
	}
	dns_release(&question);
	dns_close(&dns);
}

static void
test_without_validation(void **state)
{
	struct dns_question *question;
	const struct dns_answer *answer;
	struct settings settings;
	struct dns *dns;

	settings_init(&settings, *state);
	settings.conf.validate = false;
	assert_int_equal(dns_open_resolver(&settings.conf, &dns), STATUS_OK);
	question = ask(dns, "www.bogus.test", DNS_TYPE_A, FAR_MS);
	answer = dns_wait(question);
	assert_int_equal(answer->result, DNS_FOUND);
	assert_false(answer->secure);
	dns_release(&question);
	dns_close(&dns);
}

/* A domain declared insecure is not validated, although an anchor is known. */
static void
test_insecure(void **state)
{
	static const char *const insecure[] = { "bogus.test" };
	struct dns_question *question;
	struct settings settings;
	struct dns *dns;

	settings_init(&settings, *state);
	settings.conf.insecure.items = insecure;
	settings.conf.insecure.count = 1;
	settings.conf.trust_anchor.count = 1;
	assert_int_equal(dns_open_resolver(&settings.conf, &dns), STATUS_OK);
	question = ask(dns, "www.bogus.test", DNS_TYPE_A, FAR_MS);
	assert_int_equal(dns_wait(question)->result, DNS_FOUND);
	dns_release(&question);
	dns_close(&dns);
}

/* lan_zones: the library's own empty zones ask the servers (here: forward). */
static void
test_lan_zones(void **state)
{
	const struct server *server = *state;
	static const char *const names[] = { "www.plain.test" };
	const char *forwards[1];
	struct dns_question *question;
	struct settings settings;
	char forward[64];
	struct dns *dns;
	int lan;

	for (lan = 0; lan < 2; lan++) {
		settings_init(&settings, server);
		snprintf(
		    forward, sizeof(forward), "127.0.0.1@%d", server->port);
		forwards[0] = forward;
		settings.conf.stub.count = settings.conf.trust_anchor.count = 0;
		settings.conf.forward.items = forwards;
		settings.conf.forward.count = 1;
		settings.conf.lan_zones = lan != 0;
		assert_int_equal(
		    dns_open_resolver(&settings.conf, &dns), STATUS_OK);
		question = ask(dns, names[0], DNS_TYPE_A, FAR_MS);
		assert_int_equal(dns_wait(question)->result,
		    lan != 0 ? DNS_FOUND : DNS_NXDOMAIN);
		dns_release(&question);
		dns_close(&dns);
	}
}

static void
check_timeout(struct dns *dns, int64_t deadline_ms, int64_t expected_ms)
{
	struct dns_question *question;
	int64_t start_ms = clock_now_ms(), took_ms;

	question = ask(dns, "www.silent.test", DNS_TYPE_A, deadline_ms);
	assert_false(dns_is_ready(question));
	assert_int_equal(dns_wait(question)->result, DNS_TIMEOUT);
	took_ms = clock_now_ms() - start_ms;
	assert_in_range(took_ms, expected_ms - 1, expected_ms + 1500);
	assert_true(dns_is_ready(question));
	assert_int_equal(dns_wait(question)->record_count, 0);
	dns_release(&question);
}

static void
test_timeout(void **state)
{
	struct settings settings;
	struct dns *dns;

	settings_init(&settings, *state);
	settings.conf.timeout = 250;
	assert_int_equal(dns_open_resolver(&settings.conf, &dns), STATUS_OK);
	check_timeout(dns, 120, 120);
	check_timeout(dns, FAR_MS, 250);
	dns_close(&dns);
}

/* Questions given back at every moment of their lives. */
static void
test_cancel(void **state)
{
	struct dns *dns = open_dns(*state);
	struct dns_question *questions[50], *question;
	enum dns_result result;
	size_t i;

	for (i = 0; i < GP_NELEMS(questions); i++)
		questions[i] = ask(dns, "www.silent.test",
		    i % 2 == 0 ? DNS_TYPE_A : DNS_TYPE_TXT, FAR_MS);
	for (i = 0; i < GP_NELEMS(questions); i++) {
		assert_false(dns_is_ready(questions[i]));
		dns_release(&questions[i]);
		assert_null(questions[i]);
	}
	for (i = 0; i < 2000; i++) {
		question = ask(
		    dns, "www.plain.test", DNS_TYPE_A, i % 4 == 0 ? 0 : FAR_MS);
		if (i % 4 <= 1) {
			result = dns_wait(question)->result;
			if (i % 4 == 1 || result != DNS_TIMEOUT)
				assert_int_equal(result, DNS_FOUND);
		}
		dns_release(&question);
	}
	dns_close(&dns);
}

static void *
waiting_thread(void *argument)
{
	return (void *)(uintptr_t)dns_wait(argument)->result;
}

static void
test_close_with_open_questions(void **state)
{
	struct dns *dns = open_dns(*state);
	struct dns_question *questions[20];
	int64_t start_ms = clock_now_ms();
	pthread_t thread;
	void *result;
	size_t i;

	for (i = 0; i < GP_NELEMS(questions); i++)
		questions[i] = ask(dns, "www.silent.test", DNS_TYPE_A, FAR_MS);
	assert_int_equal(
	    pthread_create(&thread, NULL, waiting_thread, questions[0]), 0);
	dns_release(&questions[1]);
	dns_close(&dns);
	assert_null(dns);
	pthread_join(thread, &result);
	assert_int_equal((uintptr_t)result, DNS_SERVFAIL);
	assert_true(clock_now_ms() - start_ms < FAR_MS / 2);
	for (i = 0; i < GP_NELEMS(questions); i++) {
		if (questions[i] != NULL)
			assert_int_equal(
			    dns_wait(questions[i])->result, DNS_SERVFAIL);
		dns_release(&questions[i]);
	}
}

struct asker {
	struct dns *dns;
	pthread_t thread;
	int number;
	int found;
};

static void *
asker_thread(void *argument)
{
	struct dns_question *questions[THREAD_ASKS] = { NULL };
	struct asker *asker = argument;
	char name[64];
	size_t i;

	for (i = 0; i < THREAD_ASKS; i++) {
		/* half of them are asked by all threads */
		snprintf(name, sizeof(name), "n%d-%zu.wild.%s.test",
		    i % 2 == 0 ? asker->number : 0, i,
		    i % 3 == 0 ? "signed" : "plain");
		if (dns_ask(asker->dns, name, DNS_TYPE_A,
			clock_now_ms() + FAR_MS, &questions[i]) != STATUS_OK)
			break;
	}
	for (i = 0; i < THREAD_ASKS; i++) {
		if (questions[i] != NULL &&
		    dns_wait(questions[i])->result == DNS_FOUND &&
		    dns_wait(questions[i])->records[0].address.bytes[3] == 3)
			asker->found++;
		dns_release(&questions[i]);
	}
	return NULL;
}

static void
test_parallel(void **state)
{
	struct dns *dns = open_dns(*state);
	struct asker askers[THREADS];
	int i, found = 0;

	for (i = 0; i < THREADS; i++) {
		askers[i] = (struct asker){ .dns = dns, .number = i };
		assert_int_equal(pthread_create(&askers[i].thread, NULL,
				     asker_thread, &askers[i]),
		    0);
	}
	for (i = 0; i < THREADS; i++) {
		pthread_join(askers[i].thread, NULL);
		found += askers[i].found;
	}
	assert_int_equal(found, THREADS * THREAD_ASKS);
	dns_close(&dns);
}

static void
test_bad_settings(void **state)
{
	static const char *const bad[] = { "x" };
	struct settings settings;
	struct dns *dns;
	size_t i;

	for (i = 0; i < 5; i++) {
		settings_init(&settings, *state);
		if (i == 0)
			settings.conf.trust_anchor_file = "/nonexistent/key";
		if (i == 1)
			settings.conf.trust_anchor.items = bad;
		if (i == 2)
			settings.conf.stub.items = bad;
		if (i == 3)
			settings.conf.forward =
			    (struct conf_list){ .count = 1, .items = bad };
		if (i == 4)
			settings.conf.trust_anchor_file = nsd_path;
		settings.conf.trust_anchor.count = 1;
		settings.conf.stub.count = 1;
		assert_int_equal(
		    dns_open_resolver(&settings.conf, &dns), STATUS_INVALID);
		assert_null(dns);
	}
}

static void
test_conf_checks(void **state GP_UNUSED)
{
	static const struct {
		const char *(*check)(const char *);
		const char *text;
		bool is_good;
	} cases[] = {
		{ dns_conf_check_address, "192.0.2.1", true },
		{ dns_conf_check_address, "2001:db8::1@5353", true },
		{ dns_conf_check_address, "192.0.2.1@65535", true },
		{ dns_conf_check_address, "192.0.2.1@65536", false },
		{ dns_conf_check_address, "192.0.2.1@0", false },
		{ dns_conf_check_address, "192.0.2.1@", false },
		{ dns_conf_check_address, "ns.example.test", false },
		{ dns_conf_check_address, "", false },
		{ dns_conf_check_stub, "example.test=192.0.2.1", true },
		{ dns_conf_check_stub, "=192.0.2.1", false },
		{ dns_conf_check_stub, "example.test", false },
		{ dns_conf_check_stub, "a\"b=192.0.2.1", false },
		{ dns_conf_check_domain, "example.test.", true },
		{ dns_conf_check_domain, "a\nb", false },
		{ dns_conf_check_domain, "a..b", false },
		{ dns_conf_check_trust_anchor,
		    ". IN DS 20326 8 2 "
		    "E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8"
		    "EC8D",
		    true },
		{ dns_conf_check_trust_anchor, "a.test. IN A 192.0.2.1",
		    false },
		{ dns_conf_check_trust_anchor, "", false },
	};
	const struct conf_key *key;
	size_t i;

	for (i = 0; i < GP_NELEMS(cases); i++)
		if ((cases[i].check(cases[i].text) == NULL) != cases[i].is_good)
			fail_msg("%s: %s", cases[i].text,
			    cases[i].is_good ? "refused" : "accepted");
	for (i = 0; i < dns_conf_section.key_count; i++) {
		key = &dns_conf_section.keys[i];
		assert_true(key->offset < sizeof(struct dns_conf));
		assert_int_equal(key->help[strlen(key->help) - 1], '.');
	}
}

static bool
is_missing(const char *path)
{
	if (access(path, X_OK) == 0)
		return false;
	printf("SKIP test-dns-resolver: %s is missing\n", path);
	return true;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_records),
		cmocka_unit_test(test_without_validation),
		cmocka_unit_test(test_insecure),
		cmocka_unit_test(test_lan_zones),
		cmocka_unit_test(test_timeout),
		cmocka_unit_test(test_cancel),
		cmocka_unit_test(test_close_with_open_questions),
		cmocka_unit_test(test_parallel),
		cmocka_unit_test(test_bad_settings),
	};
	const struct CMUnitTest local_tests[] = {
		cmocka_unit_test(test_conf_checks),
	};

	if (cmocka_run_group_tests(local_tests, NULL, NULL) != 0)
		return 1;
	if (is_missing(nsd_path) || is_missing(keygen_path) ||
	    is_missing(signzone_path))
		return EXIT_SKIPPED;
	return cmocka_run_group_tests(tests, set_up_server, tear_down_server);
}
