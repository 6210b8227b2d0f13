/*
 * Signing in the pipeline: whose domain signs, what comes of a key that is
 * missing, and that the signatures stand on top and verify.
 */
#include "config.h"

#include "lib/scan/signing.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/dns/zone.h"
#include "lib/scan/scan.h"
#include "tests/unit/sign-fixture.h"
#include "tests/unit/unit.h"

#define PATH_BYTES  512
#define BODY        "Hello\r\n"
#define DEADLINE_MS 1000

/* Keys of good.example (two), one.example, and broken.example (unreadable). */
struct fixture {
	char base[PATH_BYTES];
	struct scan_services services;
	struct dns *dns;
};

static int
remove_one(const char *path, const struct stat *st GP_UNUSED,
    int type GP_UNUSED, struct FTW *ftw GP_UNUSED)
{
	return remove(path);
}

static void
put_key(const struct fixture *fixture, const char *domain, const char *selector,
    const char *text)
{
	char path[PATH_BYTES * 2];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", fixture->base, domain);
	(void)mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/%s/%s.private", fixture->base, domain,
	    selector);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
	assert_int_not_equal(fd, -1);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static int
setup(void **state)
{
	static const char *const lines[] = {
		"s1._domainkey.good.example. 60 IN TXT \"v=DKIM1; k=rsa; "
		"p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3"
		"idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfz"
		"wQ/BC/e/8uBsCR\" \"+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYL"
		"zBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB\"",
		"s2._domainkey.good.example. 60 IN TXT "
		"\"v=DKIM1; k=ed25519; "
		"p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\"",
	};
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	struct dns_zone *zone = dns_zone_new();
	size_t i;

	snprintf(
	    fixture->base, sizeof(fixture->base), "/tmp/gatepost-keys-XXXXXX");
	assert_non_null(mkdtemp(fixture->base));
	put_key(fixture, "good.example", "s1", RFC8463_RSA);
	put_key(fixture, "good.example", "s2", RFC8463_ED25519);
	put_key(fixture, "one.example", "s1", RFC8463_RSA);
	put_key(fixture, "broken.example", "s1", "no key");
	put_key(fixture, "two.example", "s1", RFC8463_ED25519);
	put_key(fixture, "two.example", "s2", RFC8463_ED25519);
	put_key(fixture, "broken.good.example", "s1", "no key");
	for (i = 0; i < GP_NELEMS(lines); i++)
		assert_int_equal(dns_zone_add_line(zone, lines[i]), STATUS_OK);
	assert_int_equal(dns_open_zone(&zone, &fixture->dns), STATUS_OK);
	assert_int_equal(
	    auth_sign_store_new(fixture->base, &fixture->services.sign_store),
	    STATUS_OK);
	assert_int_equal(
	    auth_dkim_library_new(&fixture->services.dkim_library), STATUS_OK);
	assert_int_equal(words_new(&fixture->services.words), STATUS_OK);
	*state = fixture;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *fixture = *state;

	auth_sign_store_free(&fixture->services.sign_store);
	auth_dkim_library_free(&fixture->services.dkim_library);
	words_free(&fixture->services.words);
	dns_close(&fixture->dns);
	nftw(fixture->base, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(fixture);
	return 0;
}

static const struct settings *
settings_of(const char *text)
{
	char path[] = "/tmp/gatepost-test-XXXXXX";
	const struct settings *settings;
	struct conf_errors *errors = conf_errors_new();
	int fd = mkstemp(path);

	assert_int_not_equal(fd, -1);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	assert_int_equal(settings_load(path, &settings, errors), STATUS_OK);
	unlink(path);
	conf_errors_free(&errors);
	return settings;
}

/* A scan of an outbound message up to its verdict. */
static struct scan *
run_scan(const struct fixture *fixture, const char *settings_text,
    const char *header, bool is_inbound, const struct verdict **verdict_r)
{
	const struct settings *settings = settings_of(settings_text);
	struct scan *scan;
	struct span body;
	char raw[2000];

	assert_int_equal(
	    scan_new(&fixture->services, settings, &scan), STATUS_OK);
	settings_release(&settings);
	scan_envelope(scan)->is_inbound = is_inbound;
	scan_envelope(scan)->login = "anna";
	assert_int_equal(scan_set_sender(scan, ""), STATUS_OK);
	snprintf(raw, sizeof(raw), "%s\r\n" BODY, header);
	assert_int_equal(
	    message_parse_header(scan_message(scan), span_of(raw), &body),
	    STATUS_OK);
	assert_int_equal(scan_reach(scan, SCAN_PHASE_HEADER), STATUS_OK);
	if (scan_wants_body(scan))
		assert_int_equal(
		    scan_body(scan, body.data, body.length), STATUS_OK);
	assert_int_equal(scan_finish(scan, verdict_r), STATUS_OK);
	return scan;
}

struct signing_case {
	const char *name, *settings, *header;
	const char *domain, *selectors; /* NULL: unsigned */
	const char *reason;             /* how it begins */
	enum verdict_action action;
};

#define TEMPFAIL     "sign { on_missing_key = tempfail }"
#define NO_PARENTS   "sign { subdomains = no }"
#define FROM(author) "From: " author "\r\n"

static const struct signing_case signing_cases[] = {
	{ "two keys", "", FROM("a@good.example"), "good.example", "s1,s2", NULL,
	    ACTION_ACCEPT },
	{ "one key", "", FROM("A <a@ONE.example>"), "one.example", "s1", NULL,
	    ACTION_ACCEPT },
	{ "two authors of one domain", "",
	    FROM("a@good.example, b@good.example"), "good.example", "s1,s2",
	    NULL, ACTION_ACCEPT },
	{ "observed only", "score { mode = observe }", FROM("a@one.example"),
	    "one.example", "s1", NULL, ACTION_ACCEPT },
	{ "a subdomain", "", FROM("cron@host.good.example"), "good.example",
	    "s1,s2", NULL, ACTION_ACCEPT },
	{ "far below", "", FROM("cron@a.b.c.good.example"), "good.example",
	    "s1,s2", NULL, ACTION_ACCEPT },
	{ "a subdomain, not allowed", NO_PARENTS,
	    FROM("cron@host.good.example"), NULL, NULL,
	    "no DKIM key for host.good.example: there is no folder of keys",
	    ACTION_ACCEPT },
	{ "a subdomain with a broken key of its own", "",
	    FROM("a@broken.good.example"), NULL, NULL,
	    "no DKIM key for broken.good.example: no key in its folder",
	    ACTION_ACCEPT },
	{ "no key", "", FROM("a@other.example"), NULL, NULL,
	    "no DKIM key for other.example: there is no folder",
	    ACTION_ACCEPT },
	{ "a name that ends like one", "", FROM("a@notgood.example"), NULL,
	    NULL, "no DKIM key for notgood.example: there is no folder",
	    ACTION_ACCEPT },
	{ "no key, tempfail", TEMPFAIL, FROM("a@other.example"), NULL, NULL,
	    "no DKIM key for other.example: there is no folder",
	    ACTION_ACCEPT },
	{ "a bounce of the host, tempfail", TEMPFAIL,
	    FROM("MAILER-DAEMON@mx.host.example (Mail Delivery System)"), NULL,
	    NULL, "no DKIM key for mx.host.example: there is no folder",
	    ACTION_ACCEPT },
	{ "a subdomain of a broken key, tempfail", TEMPFAIL,
	    FROM("a@host.broken.example"), NULL, NULL,
	    "no DKIM key for host.broken.example: no key in its folder",
	    ACTION_TEMPFAIL },
	{ "a broken key", "", FROM("a@broken.example"), NULL, NULL,
	    "no DKIM key for broken.example: no key in its folder",
	    ACTION_ACCEPT },
	{ "a broken key, tempfail", TEMPFAIL, FROM("a@broken.example"), NULL,
	    NULL, "no DKIM key for broken.example: no key in its folder",
	    ACTION_TEMPFAIL },
	{ "not known which key, tempfail", TEMPFAIL, FROM("a@two.example"),
	    NULL, NULL, "no DKIM key for two.example: /", ACTION_TEMPFAIL },
	{ "a key, tempfail", TEMPFAIL, FROM("a@one.example"), "one.example",
	    "s1", NULL, ACTION_ACCEPT },
	{ "no From", TEMPFAIL, "To: a@good.example\r\n", NULL, NULL,
	    "the message has no From field", ACTION_ACCEPT },
	{ "two From", "", FROM("a@good.example") FROM("a@good.example"), NULL,
	    NULL, "the message has two From fields", ACTION_ACCEPT },
	{ "authors of two domains", "", FROM("a@good.example, b@one.example"),
	    NULL, NULL, "the authors in the From field have several domains",
	    ACTION_ACCEPT },
	{ "no domain", "", FROM("root"), NULL, NULL,
	    "the From field cannot be read", ACTION_ACCEPT },
	{ "a literal", "", FROM("root@[192.0.2.1]"), NULL, NULL,
	    "an author in the From field has no domain", ACTION_ACCEPT },
	{ "empty", "", FROM(""), NULL, NULL, "the From field cannot be read",
	    ACTION_ACCEPT },
	{ "an address in the display name", "",
	    FROM("\"a@good.example\" <b@one.example>"), "one.example", "s1",
	    NULL, ACTION_ACCEPT },
	{ "two addresses in one", "", FROM("<a@good.example> b@one.example"),
	    NULL, NULL, "the ", ACTION_ACCEPT },
	{ "a label alone", "", FROM("a@example"), NULL, NULL,
	    "no DKIM key for example: there is no folder", ACTION_ACCEPT },
	{ "a path", "", FROM("a@../good.example"), NULL, NULL, "",
	    ACTION_ACCEPT },
};

static void
expect_equal(const char *name, const char *got, const char *want)
{
	if ((got == NULL) != (want == NULL) ||
	    (got != NULL && strcmp(got, want) != 0))
		fail_msg("%s: \"%s\", not \"%s\"", name,
		    got == NULL ? "-" : got, want == NULL ? "-" : want);
}

static void
check_case(const struct fixture *fixture, const struct signing_case *c)
{
	const struct fact_signed *signing;
	const struct verdict *verdict;
	struct scan *scan;

	scan = run_scan(fixture, c->settings, c->header, false, &verdict);
	signing = &verdict->facts.signing;
	assert_true(verdict->facts.has_signed);
	expect_equal(c->name, signing->domain, c->domain);
	expect_equal(c->name, signing->selectors, c->selectors);
	if (c->reason == NULL)
		assert_null(signing->reason);
	else if (signing->reason == NULL ||
	    strncmp(signing->reason, c->reason, strlen(c->reason)) != 0)
		fail_msg("%s: %s", c->name,
		    signing->reason == NULL ? "-" : signing->reason);
	if (verdict->action != c->action)
		fail_msg(
		    "%s: %s", c->name, verdict_action_text(verdict->action));
	assert_int_equal(verdict->header_count > 0, c->domain != NULL);
	if (c->action == ACTION_TEMPFAIL) {
		assert_string_equal(verdict->reply_code, "451");
		assert_string_equal(verdict->reply_enhanced, "4.3.5");
		assert_null(strchr(verdict->reply_text, '%'));
		assert_string_equal(verdict->reasons[0], signing->reason);
	}
	scan_free(&scan);
}

static void
test_cases(void **state)
{
	size_t i;

	for (i = 0; i < GP_NELEMS(signing_cases); i++)
		check_case(*state, &signing_cases[i]);
}

/* What the milter inserts, in front of the message: verified. */
static void
test_verified(void **state)
{
	static const char header[] = FROM("a@good.example") "Subject: x\r\n";
	const struct fixture *fixture = *state;
	struct auth_dkim_results results;
	const struct verdict *verdict;
	struct message message;
	struct auth_dkim *dkim;
	struct scan *scan;
	struct region *region;
	size_t i;

	scan = run_scan(fixture, "", header, false, &verdict);
	region = scan_region(scan);
	assert_int_equal(verdict->header_count, 2);
	message_init(&message, region);
	for (i = 0; i < verdict->header_count; i++) {
		assert_string_equal(verdict->headers[i].name, "DKIM-Signature");
		assert_int_equal(
		    message_add_field(&message, span_of("DKIM-Signature"),
			span_of(verdict->headers[i].value)),
		    STATUS_OK);
	}
	assert_non_null(strstr(verdict->headers[0].value, "a=rsa-sha256"));
	assert_int_equal(message_add_field(&message, span_of("From"),
			     span_of(" a@good.example")),
	    STATUS_OK);
	assert_int_equal(
	    message_add_field(&message, span_of("Subject"), span_of(" x")),
	    STATUS_OK);
	assert_int_equal(auth_dkim_new(fixture->services.dkim_library, region,
			     fixture->dns, 0, &dkim),
	    STATUS_OK);
	assert_int_equal(
	    auth_dkim_headers(dkim, &message, clock_now_ms() + DEADLINE_MS),
	    STATUS_OK);
	assert_int_equal(
	    auth_dkim_body(dkim, BODY, sizeof(BODY) - 1), STATUS_OK);
	assert_int_equal(auth_dkim_finish(dkim, &results), STATUS_OK);
	assert_int_equal(results.signature_count, 2);
	for (i = 0; i < results.signature_count; i++)
		if (results.signatures[i].result != AUTH_PASS)
			fail_msg("signature %zu: %s", i,
			    results.signatures[i].reason);
	auth_dkim_free(&dkim);
	scan_free(&scan);
}

#define MAP(path, more) "senders { map = {\"" path "\"} " more " }"

struct login_case {
	const char *name, *settings, *header;
	const char *domain; /* NULL: unsigned, for the reason */
	const char *reason;
	enum verdict_action action;
};

/* The login is anna. */
static const struct login_case login_cases[] = {
	{ "no source", "", FROM("boss@one.example"), "one.example", NULL,
	    ACTION_ACCEPT },
	{ "not asked", MAP("/nowhere/map", "action = off"),
	    FROM("boss@one.example"), "one.example", NULL, ACTION_ACCEPT },
	{ "foreign, marked", "senders { match = address action = mark }",
	    FROM("boss@one.example"), NULL,
	    "the login may not write as the author", ACTION_ACCEPT },
	{ "unreadable, marked", MAP("/nowhere/map", "action = mark"),
	    FROM("boss@one.example"), NULL,
	    "whether the login may write as the author cannot be told now",
	    ACTION_ACCEPT },
	{ "unreadable, accepted", MAP("/nowhere/map", "on_error = accept"),
	    FROM("boss@one.example"), NULL,
	    "whether the login may write as the author cannot be told now",
	    ACTION_ACCEPT },
	{ "unreadable, accepted, no key to miss",
	    MAP("/nowhere/map", "on_error = accept") TEMPFAIL,
	    FROM("boss@broken.example"), NULL,
	    "whether the login may write as the author cannot be told now",
	    ACTION_ACCEPT },
};

static void
check_login(const struct fixture *fixture, const struct login_case *c)
{
	const struct settings *settings = settings_of(c->settings);
	struct fixture with = *fixture;
	const struct verdict *verdict;
	struct scan *scan;

	assert_int_equal(
	    senders_new(&settings->senders, &with.services.senders), STATUS_OK);
	scan = run_scan(&with, c->settings, c->header, false, &verdict);
	expect_equal(c->name, verdict->facts.signing.domain, c->domain);
	expect_equal(c->name, verdict->facts.signing.reason, c->reason);
	if (verdict->action != c->action)
		fail_msg(
		    "%s: %s", c->name, verdict_action_text(verdict->action));
	scan_free(&scan);
	senders_free(&with.services.senders);
	settings_release(&settings);
}

static void
test_logins(void **state)
{
	size_t i;

	for (i = 0; i < GP_NELEMS(login_cases); i++)
		check_login(*state, &login_cases[i]);
}

struct warning_case {
	const char *settings;
	bool no_keys, warns;
};

static const struct warning_case warning_cases[] = {
	{ "", false, true },
	{ "", true, false },
	{ MAP("/dev/null", ""), false, false },
	{ "senders { match = address }", false, false },
	{ "senders { match = address action = off }", false, true },
};

static void
test_warning(void **state)
{
	const struct fixture *fixture = *state;
	const struct auth_sign_keys *keys, *none;
	const struct settings *settings;
	const char *warning;
	size_t i;

	keys = auth_sign_store_hold(fixture->services.sign_store);
	assert_int_equal(
	    auth_sign_keys_load(NULL, geteuid(), &none), STATUS_OK);
	for (i = 0; i < GP_NELEMS(warning_cases); i++) {
		settings = settings_of(warning_cases[i].settings);
		warning = signing_warning(
		    settings, warning_cases[i].no_keys ? none : keys);
		if ((warning != NULL) != warning_cases[i].warns)
			fail_msg("%s: warning", warning_cases[i].settings);
		settings_release(&settings);
	}
	auth_sign_keys_release(&keys);
	auth_sign_keys_release(&none);
}

/* Where nothing is to be signed, nothing is done. */
static void
test_not_signed(void **state)
{
	const struct fixture *fixture = *state;
	struct fixture without = *fixture;
	const struct verdict *verdict;
	struct scan *scan;

	scan = run_scan(fixture, "sign { enabled = no }",
	    FROM("a@good.example"), false, &verdict);
	assert_false(verdict->facts.has_signed);
	assert_int_equal(verdict->header_count, 0);
	scan_free(&scan);

	without.services.sign_store = NULL;
	scan = run_scan(&without, "", FROM("a@good.example"), false, &verdict);
	assert_false(verdict->facts.has_signed);
	scan_free(&scan);
}

/* While the directory cannot be read, nobody knows whose keys are in it. */
static void
test_no_directory(void **state)
{
	const struct fixture *fixture = *state;
	struct fixture other = *fixture;
	const struct verdict *verdict;
	struct scan *scan;

	assert_int_equal(
	    auth_sign_store_new("/dev/null/keys", &other.services.sign_store),
	    STATUS_OK);
	scan =
	    run_scan(&other, TEMPFAIL, FROM("a@good.example"), false, &verdict);
	assert_int_equal(verdict->action, ACTION_TEMPFAIL);
	assert_string_equal(verdict->facts.signing.reason,
	    "no DKIM key for good.example: /dev/null/keys: Not a directory");
	scan_free(&scan);
	auth_sign_store_free(&other.services.sign_store);
}

/* A message that is refused anyhow is not signed; one of too many fields is
 * not either, but goes. */
static void
test_hostile_headers(void **state)
{
	const struct fixture *fixture = *state;
	const struct settings *settings = settings_of("");
	const struct verdict *verdict;
	struct scan *scan;
	size_t i;

	assert_int_equal(
	    scan_new(&fixture->services, settings, &scan), STATUS_OK);
	scan_envelope(scan)->is_inbound = false;
	assert_int_equal(message_add_field(scan_message(scan), span_of("From"),
			     span_of(" a@good.example")),
	    STATUS_OK);
	for (i = 0; i < 1000; i++)
		assert_int_equal(message_add_field(scan_message(scan),
				     span_of("To"), span_of(" b@x.example")),
		    STATUS_OK);
	assert_int_equal(scan_finish(scan, &verdict), STATUS_OK);
	assert_int_equal(verdict->action, ACTION_ACCEPT);
	assert_string_equal(verdict->facts.signing.reason,
	    "too many header fields would be signed");
	assert_int_equal(verdict->header_count, 0);
	scan_free(&scan);
	settings_release(&settings);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_verified),
		cmocka_unit_test(test_logins),
		cmocka_unit_test(test_warning),
		cmocka_unit_test(test_not_signed),
		cmocka_unit_test(test_no_directory),
		cmocka_unit_test(test_hostile_headers),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
