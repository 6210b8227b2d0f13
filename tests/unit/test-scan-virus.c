/*
 * What a scan makes of clamd's answers: the action, the reply, the reports, and
 * what clamd is sent.
 */
#include "config.h"

#include "lib/scan/scan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/dns/zone.h"
#include "lib/scan/report.h"
#include "tests/unit/fake-server.h"
#include "tests/unit/log-capture.h"
#include "tests/unit/settings-text.h"
#include "tests/unit/unit.h"

#define RECEIVED_BYTES 1000
#define NAME           "a%n\x1b b"
#define FOUND          "stream: " NAME " FOUND"
#define CLEAN          "stream: OK"
#define SHOWN_NAME     "a%n? b"

static const char header[] = "From: X <a@%s>\r\nSubject: one\r\n\ttwo\r\n\r\n";
static const char body[] = "Hello.\r\n";

struct fixture {
	struct scan_services services;
	const char *reply; /* NULL: the connection is closed at once */
	size_t received_length;
	char received[RECEIVED_BYTES];
};

static int
setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	struct scan_services *services = &fixture->services;
	struct dns_zone *zone = dns_zone_new();

	assert_int_equal(
	    dns_zone_add_line(
		zone, "_dmarc.strict.test. 60 IN TXT \"v=DMARC1; p=reject\""),
	    STATUS_OK);
	assert_int_equal(dns_open_zone(&zone, &services->dns), STATUS_OK);
	assert_int_equal(task_pool_new(4, &services->pool), STATUS_OK);
	assert_int_equal(
	    auth_dkim_library_new(&services->dkim_library), STATUS_OK);
	assert_int_equal(words_new(&services->words), STATUS_OK);
	services->clamav = clamav_health_new();
	assert_non_null(services->clamav);
	*state = fixture;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *fixture = *state;

	task_pool_free(&fixture->services.pool);
	auth_dkim_library_free(&fixture->services.dkim_library);
	words_free(&fixture->services.words);
	clamav_health_free(&fixture->services.clamav);
	dns_close(&fixture->services.dns);
	free(fixture);
	return 0;
}

/* The message is so short that it is one frame. */
static void
serve(struct fake_server *server GP_UNUSED, int fd, void *argument)
{
	struct fixture *fixture = argument;
	unsigned char head[10 + 4], end[4];
	size_t length;

	fixture->received_length = 0;
	if (fixture->reply == NULL ||
	    recv(fd, head, sizeof(head), MSG_WAITALL) != sizeof(head))
		return;
	length = (size_t)head[12] << 8 | head[13];
	if (length > RECEIVED_BYTES ||
	    recv(fd, fixture->received, length, MSG_WAITALL) !=
		(ssize_t)length ||
	    recv(fd, end, sizeof(end), MSG_WAITALL) != sizeof(end))
		return;
	fixture->received_length = length;
	(void)fake_server_send(fd, fixture->reply, strlen(fixture->reply) + 1);
}

static const struct settings *
make_settings(struct fake_server *server, const char *section, const char *more)
{
	char text[500];

	assert_true((size_t)snprintf(text, sizeof(text),
			"clamav { socket = \"inet:%s@127.0.0.1\"\n%s }\n%s\n",
			strchr(fake_server_address(server), ':') + 1, section,
			more) < sizeof(text));
	return settings_of(text);
}

static const struct verdict *
run_scan(struct scan *scan, const char *domain)
{
	const struct verdict *verdict;
	char raw[500];
	struct span rest;

	snprintf(raw, sizeof(raw), header, domain);
	assert_int_equal(
	    message_parse_header(scan_message(scan), span_of(raw), &rest),
	    STATUS_OK);
	assert_int_equal(scan_reach(scan, SCAN_PHASE_HEADER), STATUS_OK);
	if (scan_wants_body(scan))
		assert_int_equal(
		    scan_body(scan, body, strlen(body)), STATUS_OK);
	assert_int_equal(scan_finish(scan, &verdict), STATUS_OK);
	return verdict;
}

struct virus_case {
	const char *name;
	const char *section; /* of clamav */
	const char *more;    /* other sections */
	const char *domain;
	const char *answer;
	enum verdict_action action;
	const char *reply;  /* a part of it; NULL: none */
	const char *reason; /* the first */
	bool has_symbol;
};

#define HOLDS            "it holds the virus " SHOWN_NAME
#define REFUSED          "holds the virus a?n? b and is refused ["
#define TOO_LARGE        "too large to be checked for viruses now, try again later ["
#define TOO_LARGE_REASON "it is too large to be checked for viruses"
#define DEFERRED         "cannot be checked for viruses now, try again later ["

static const struct virus_case virus_cases[] = {
	{ "reject", "", "", "a.test", FOUND, ACTION_REJECT, REFUSED, HOLDS,
	    true },
	{ "quarantine", "on_virus = quarantine", "", "a.test", FOUND,
	    ACTION_QUARANTINE, NULL, HOLDS, true },
	{ "junk", "on_virus = junk", "", "a.test", FOUND, ACTION_JUNK, NULL,
	    HOLDS, true },
	{ "mark", "on_virus = mark", "score { junk = 14 }", "a.test", FOUND,
	    ACTION_ACCEPT, NULL, HOLDS, true },
	{ "symbol off", "", "symbols { VIRUS = off }", "a.test", FOUND,
	    ACTION_REJECT, REFUSED, HOLDS, false },
	{ "other words", "", "symbols { VIRUS = \"1 it is ill ({})\" }",
	    "a.test", FOUND, ACTION_REJECT, REFUSED,
	    "it is ill (" SHOWN_NAME ")", true },
	{ "DMARC too", "", "", "strict.test", FOUND, ACTION_REJECT, REFUSED,
	    HOLDS, true },
	{ "DMARC is more severe", "on_virus = junk", "", "strict.test", FOUND,
	    ACTION_REJECT, "DMARC p=reject", NULL, true },
	{ "failure", "", "", "a.test", NULL, ACTION_ACCEPT, NULL, NULL, false },
	{ "failure, tempfail", "on_failure = tempfail", "", "a.test", NULL,
	    ACTION_TEMPFAIL, DEFERRED, "it cannot be checked for viruses now",
	    false },
	{ "failure, tempfail, but DMARC rejects", "on_failure = tempfail", "",
	    "strict.test", NULL, ACTION_REJECT, "DMARC p=reject", NULL, false },
	{ "limit, tempfail", "on_failure = tempfail", "", "a.test",
	    "INSTREAM size limit exceeded. ERROR", ACTION_ACCEPT, NULL, NULL,
	    false },
	{ "too large, tempfail", "on_too_large = tempfail", "", "a.test",
	    "INSTREAM size limit exceeded. ERROR", ACTION_TEMPFAIL, TOO_LARGE,
	    TOO_LARGE_REASON, false },
	{ "too large, reject", "on_too_large = reject", "", "a.test",
	    "INSTREAM size limit exceeded. ERROR", ACTION_REJECT,
	    "too large to be checked for viruses and is refused [",
	    TOO_LARGE_REASON, false },
	{ "failure is not size", "on_too_large = tempfail", "", "a.test", NULL,
	    ACTION_ACCEPT, NULL, NULL, false },
	{ "clean, but for size", "on_too_large = reject", "", "a.test", CLEAN,
	    ACTION_ACCEPT, NULL, NULL, false },
	{ "clean", "on_failure = tempfail", "", "a.test", CLEAN, ACTION_ACCEPT,
	    NULL, NULL, false },
};

static const struct virus_case outbound_cases[] = {
	{ "outbound", "on_virus = junk", "", "a.test", FOUND, ACTION_REJECT,
	    REFUSED, HOLDS, true },
	{ "outbound, hold", "", "guard { on_virus = hold }", "a.test", FOUND,
	    ACTION_QUARANTINE, NULL, HOLDS, true },
	{ "outbound, mark", "", "guard { on_virus = mark }", "a.test", FOUND,
	    ACTION_ACCEPT, NULL, HOLDS, true },
	{ "outbound, failure", "on_failure = tempfail", "", "a.test", NULL,
	    ACTION_TEMPFAIL, DEFERRED, "it cannot be checked for viruses now",
	    false },
};

static bool
text_fits(const char *want, const char *have)
{
	if (want == NULL || have == NULL)
		return want == have;
	return strstr(have, want) != NULL;
}

static void
check_verdict(const struct virus_case *c, const struct verdict *verdict)
{
	size_t i, count = 0;

	if (verdict->action != c->action ||
	    !text_fits(c->reply, verdict->reply_text))
		fail_msg("%s: %s %s", c->name,
		    verdict_action_text(verdict->action), verdict->reply_text);
	if (c->reason != NULL && strcmp(verdict->reasons[0], c->reason) != 0)
		fail_msg("%s: %s", c->name, verdict->reasons[0]);
	for (i = 0; i < verdict->reason_count; i++)
		if (strcmp(verdict->reasons[i], HOLDS) == 0)
			count++;
	assert_true(count <= 1);
	assert_int_equal(
	    score_has(&verdict->score, SYMBOL_VIRUS), c->has_symbol);
	if (c->action == ACTION_REJECT)
		assert_string_equal(verdict->reply_enhanced, "5.7.1");
}

static void
check_sent(const struct fixture *fixture, const char *domain)
{
	char want[RECEIVED_BYTES];
	int length = snprintf(want, sizeof(want), header, domain);

	length +=
	    snprintf(want + length, sizeof(want) - (size_t)length, "%s", body);
	assert_int_equal(fixture->received_length, length);
	assert_memory_equal(fixture->received, want, length);
}

static void
check_case(struct fixture *fixture, const struct virus_case *c, bool is_inbound)
{
	const struct settings *settings;
	struct fake_server *server;
	struct scan *scan;

	fixture->reply = c->answer;
	server = fake_server_new(serve, fixture);
	settings = make_settings(server, c->section, c->more);
	assert_int_equal(
	    scan_new(&fixture->services, settings, &scan), STATUS_OK);
	scan_envelope(scan)->is_inbound = is_inbound;
	check_verdict(c, run_scan(scan, c->domain));
	scan_free(&scan);
	settings_release(&settings);
	fake_server_free(&server);
	if (c->answer != NULL)
		check_sent(fixture, c->domain);
}

static void
test_actions(void **state)
{
	size_t i;

	for (i = 0; i < GP_NELEMS(virus_cases); i++)
		check_case(*state, &virus_cases[i], true);
	for (i = 0; i < GP_NELEMS(outbound_cases); i++)
		check_case(*state, &outbound_cases[i], false);
}

/* All that a report holds as text; to be freed. */
static char *
report_of(const struct verdict *verdict, bool json)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	if (json)
		assert_int_equal(report_json(out, verdict, NULL, 0), STATUS_OK);
	else
		report_text(out, verdict);
	fclose(out);
	return text;
}

static void
check_report(const struct verdict *verdict, bool json, const char *part)
{
	char *text = report_of(verdict, json);

	if (strstr(text, part) == NULL)
		fail_msg("no %s in %s", part, text);
	free(text);
}

static void
test_reports(void **state)
{
	struct fixture *fixture = *state;
	const struct settings *settings;
	const struct verdict *verdict;
	struct fake_server *server;
	struct scan *scan;

	fixture->reply = FOUND;
	server = fake_server_new(serve, fixture);
	settings = make_settings(server, "", "");
	assert_int_equal(
	    scan_new(&fixture->services, settings, &scan), STATUS_OK);
	verdict = run_scan(scan, "a.test");
	check_report(verdict, true, "\"result\": \"found\"");
	check_report(verdict, true, "\"name\": \"" SHOWN_NAME "\"");
	check_report(verdict, false, "found      " SHOWN_NAME);
	log_open("test", false, LOG_LEVEL_INFO);
	log_capture_start();
	report_log(verdict, scan_envelope(scan), 1);
	assert_int_equal(
	    log_capture_count("virus=found virus_name=\"" SHOWN_NAME "\""), 1);
	log_capture_stop();
	scan_free(&scan);
	settings_release(&settings);
	fake_server_free(&server);
}

/* No socket, no service: clamd is not asked. */
static void
test_not_asked(void **state)
{
	struct fixture *fixture = *state;
	struct scan_services without = fixture->services;
	struct fake_server *server;
	const struct settings *defaults = settings_of(""), *settings;
	const struct verdict *verdict;
	struct scan *scans[2];
	size_t i;

	fixture->reply = FOUND;
	without.clamav = NULL;
	server = fake_server_new(serve, fixture);
	settings = make_settings(server, "", "");
	assert_int_equal(
	    scan_new(&fixture->services, defaults, &scans[0]), STATUS_OK);
	assert_int_equal(scan_new(&without, settings, &scans[1]), STATUS_OK);
	for (i = 0; i < GP_NELEMS(scans); i++) {
		verdict = run_scan(scans[i], "a.test");
		assert_int_equal(verdict->action, ACTION_ACCEPT);
		assert_false(verdict->facts.has_virus);
		check_report(verdict, true, "\"virus\": null");
		scan_free(&scans[i]);
	}
	settings_release(&settings);
	settings_release(&defaults);
	fake_server_free(&server);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_actions),
		cmocka_unit_test(test_reports),
		cmocka_unit_test(test_not_asked),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
