/*
 * The pipeline over zone data: facts, policies, what configuration changes,
 * and that mail of our own is left alone.
 */
#include "config.h"

#include "lib/scan/scan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/strbuf.h"
#include "lib/dns/zone.h"
#include "lib/mail/content.h"
#include "lib/scan/report.h"
#include "tests/unit/settings-text.h"
#include "tests/unit/unit.h"

static const char *const zone_lines[] = {
	"good.test. 60 IN TXT \"v=spf1 ip4:192.0.2.1 -all\"",
	"_dmarc.good.test. 60 IN TXT \"v=DMARC1; p=reject\"",
	"strict.test. 60 IN TXT \"v=spf1 -all\"",
	"_dmarc.strict.test. 60 IN TXT \"v=DMARC1; p=reject\"",
	"_dmarc.soft.test. 60 IN TXT \"v=DMARC1; p=quarantine\"",
	"_dmarc.watch.test. 60 IN TXT \"v=DMARC1; p=none\"",
	"1.2.0.192.in-addr.arpa. 60 IN PTR mail.good.test.",
	"mail.good.test. 60 IN A 192.0.2.1",
};

struct fixture {
	struct scan_services services;
};

static int
setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	struct dns_zone *zone = dns_zone_new();
	size_t i;

	for (i = 0; i < GP_NELEMS(zone_lines); i++)
		assert_int_equal(
		    dns_zone_add_line(zone, zone_lines[i]), STATUS_OK);
	assert_int_equal(
	    dns_zone_add_fault(zone, "_dmarc.slow.test", 0, DNS_TIMEOUT),
	    STATUS_OK);
	assert_int_equal(dns_zone_add_fault(zone, "sub.strict.test",
			     DNS_TYPE_TXT, DNS_SERVFAIL),
	    STATUS_OK);
	assert_int_equal(
	    dns_open_zone(&zone, &fixture->services.dns), STATUS_OK);
	assert_int_equal(task_pool_new(4, &fixture->services.pool), STATUS_OK);
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

	task_pool_free(&fixture->services.pool);
	auth_dkim_library_free(&fixture->services.dkim_library);
	words_free(&fixture->services.words);
	dns_close(&fixture->services.dns);
	free(fixture);
	return 0;
}

/* What mail says that has nothing to hide. */
static const char some_text[] = "A few words to read, as all mail has.\r\n";

struct scan_case {
	const char *name, *settings;
	const char *client_ip, *sender, *from;
	enum verdict_action action;
	enum auth_result spf, dmarc;
};

static const struct scan_case scan_cases[] = {
	{ "aligned", "", "192.0.2.1", "a@good.test", "a@good.test",
	    ACTION_ACCEPT, AUTH_PASS, AUTH_PASS },
	{ "p=reject", "", "192.0.2.1", "a@good.test", "a@strict.test",
	    ACTION_REJECT, AUTH_PASS, AUTH_FAIL },
	{ "p=reject, junk", "dmarc { on_reject = junk }", "192.0.2.1",
	    "a@good.test", "a@strict.test", ACTION_JUNK, AUTH_PASS, AUTH_FAIL },
	{ "p=reject, mark", "dmarc { on_reject = mark }", "192.0.2.1",
	    "a@good.test", "a@strict.test", ACTION_ACCEPT, AUTH_PASS,
	    AUTH_FAIL },
	{ "p=quarantine", "", "192.0.2.9", "a@good.test", "a@soft.test",
	    ACTION_JUNK, AUTH_FAIL, AUTH_FAIL },
	{ "p=quarantine, mark",
	    "dmarc { on_quarantine = mark } score { junk = 9 }", "192.0.2.9",
	    "a@good.test", "a@soft.test", ACTION_ACCEPT, AUTH_FAIL, AUTH_FAIL },
	{ "p=none", "", "192.0.2.1", "a@good.test", "a@watch.test",
	    ACTION_ACCEPT, AUTH_PASS, AUTH_FAIL },
	{ "no policy", "", "192.0.2.1", "a@good.test", "a@free.test",
	    ACTION_ACCEPT, AUTH_PASS, AUTH_NONE },
	{ "slow policy", "", "192.0.2.1", "a@good.test", "a@slow.test",
	    ACTION_ACCEPT, AUTH_PASS, AUTH_TEMPERROR },
	{ "p=reject, SPF unknown", "", "192.0.2.9", "a@sub.strict.test",
	    "a@strict.test", ACTION_TEMPFAIL, AUTH_TEMPERROR, AUTH_TEMPERROR },
	{ "p=reject, SPF unknown, accept", "dmarc { on_temperror = accept }",
	    "192.0.2.9", "a@sub.strict.test", "a@strict.test", ACTION_ACCEPT,
	    AUTH_TEMPERROR, AUTH_TEMPERROR },
	{ "slow policy, tempfail", "dmarc { on_temperror = tempfail }",
	    "192.0.2.1", "a@good.test", "a@slow.test", ACTION_TEMPFAIL,
	    AUTH_PASS, AUTH_TEMPERROR },
};

static const struct verdict *
run_scan(struct scan *scan, const struct scan_case *c)
{
	struct envelope *envelope = scan_envelope(scan);
	const struct verdict *verdict;
	char raw[500];
	struct span body;

	assert_int_equal(
	    ip_parse(c->client_ip, &envelope->client_ip), STATUS_OK);
	envelope->helo = "mail.good.test";
	envelope->sender = c->sender;
	snprintf(raw, sizeof(raw), "From: X <%s>\r\nSubject: t\r\n\r\n%s",
	    c->from, some_text);
	assert_int_equal(scan_reach(scan, SCAN_PHASE_MAIL), STATUS_OK);
	assert_int_equal(
	    message_parse_header(scan_message(scan), span_of(raw), &body),
	    STATUS_OK);
	assert_int_equal(scan_reach(scan, SCAN_PHASE_HEADER), STATUS_OK);
	assert_int_equal(scan_body(scan, body.data, body.length), STATUS_OK);
	assert_int_equal(scan_finish(scan, &verdict), STATUS_OK);
	return verdict;
}

static void
test_policies(void **state)
{
	struct fixture *fixture = *state;
	const struct scan_case *c;
	const struct settings *settings;
	const struct verdict *verdict;
	struct scan *scan;
	size_t i;

	for (i = 0; i < GP_NELEMS(scan_cases); i++) {
		c = &scan_cases[i];
		settings = settings_of(c->settings);
		assert_int_equal(
		    scan_new(&fixture->services, settings, &scan), STATUS_OK);
		settings_release(&settings);
		verdict = run_scan(scan, c);
		if (verdict->action != c->action ||
		    verdict->facts.spf_sender.result != c->spf ||
		    verdict->facts.dmarc.result != c->dmarc)
			fail_msg("%s: action %s spf %s dmarc %s", c->name,
			    verdict_action_text(verdict->action),
			    auth_result_text(verdict->facts.spf_sender.result),
			    auth_result_text(verdict->facts.dmarc.result));
		assert_string_equal(
		    verdict->headers[0].name, "Authentication-Results");
		scan_free(&scan);
	}
}

/* The reply, the headers, the JSON and the action tell the same. */
static void
test_reject_is_told(void **state)
{
	struct fixture *fixture = *state;
	const struct settings *settings = settings_of("");
	const struct verdict *verdict;
	struct scan *scan;
	char *json;
	size_t length;
	FILE *out;

	assert_int_equal(
	    scan_new(&fixture->services, settings, &scan), STATUS_OK);
	verdict = run_scan(scan, &scan_cases[1]);
	assert_string_equal(verdict->reply_code, "550");
	assert_string_equal(verdict->reply_enhanced, "5.7.1");
	assert_non_null(strstr(verdict->reply_text, "strict.test"));
	assert_non_null(strstr(verdict->reply_text, verdict->id));
	out = open_memstream(&json, &length);
	assert_int_equal(report_json(out, verdict, NULL, 0), STATUS_OK);
	fclose(out);
	assert_non_null(strstr(json, "\"action\": \"reject\""));
	assert_non_null(strstr(json, verdict->id));
	free(json);
	scan_free(&scan);
	settings_release(&settings);
}

static void
test_own_mail(void **state)
{
	struct fixture *fixture = *state;
	const struct settings *settings = settings_of("");
	const struct verdict *verdict;
	struct scan *scan;

	assert_int_equal(
	    scan_new(&fixture->services, settings, &scan), STATUS_OK);
	scan_envelope(scan)->is_inbound = false;
	verdict = run_scan(scan, &scan_cases[1]);
	assert_int_equal(verdict->action, ACTION_ACCEPT);
	assert_int_equal(verdict->header_count, 0);
	assert_false(verdict->facts.has_dmarc);
	assert_false(verdict->facts.has_spf_sender);
	assert_non_null(verdict->content);
	scan_free(&scan);
	settings_release(&settings);
}

/* The body in chunks of that many bytes; the settings hold 64 KB of it. */
static const struct verdict *
scan_in_chunks(struct scan *scan, const char *raw, size_t chunk)
{
	const struct verdict *verdict;
	struct span body;
	size_t length;

	assert_int_equal(
	    message_parse_header(scan_message(scan), span_of(raw), &body),
	    STATUS_OK);
	assert_int_equal(scan_reach(scan, SCAN_PHASE_HEADER), STATUS_OK);
	assert_true(scan_wants_body(scan));
	for (; body.length > 0; body.length -= length, body.data += length) {
		length = chunk < body.length ? chunk : body.length;
		assert_int_equal(scan_body(scan, body.data, length), STATUS_OK);
	}
	assert_int_equal(scan_finish(scan, &verdict), STATUS_OK);
	assert_ptr_equal(verdict->content->message, scan_message(scan));
	return verdict;
}

static void
test_content(void **state)
{
	static const size_t chunks[] = { 1, 7, 65536, 1000000 };
	struct fixture *fixture = *state;
	const struct settings *settings =
	    settings_of("scan { body_max = 64K }");
	struct strbuf *raw = strbuf_new(200000);
	const struct verdict *verdict;
	const struct content *content;
	struct scan *scan;
	size_t i, n;

	strbuf_add_text(raw, "From: a@b.test\r\nSubject: x\r\n\r\n");
	for (n = 0; n < 65536 - 16; n += 16)
		strbuf_add_text(raw, "some words here\n");
	strbuf_add_text(raw, "http://a.test/ \n");
	for (i = 0; i < GP_NELEMS(chunks) * 2; i++) {
		if (i == GP_NELEMS(chunks))
			strbuf_add_text(raw, "http://behind.test/");
		assert_int_equal(
		    scan_new(&fixture->services, settings, &scan), STATUS_OK);
		verdict = scan_in_chunks(
		    scan, strbuf_text(raw), chunks[i % GP_NELEMS(chunks)]);
		content = verdict->content;
		assert_int_equal(content->text_bytes, 65536);
		assert_int_equal(content->urls.count, 1);
		assert_string_equal(content->urls.urls[0].host, "a.test");
		assert_int_equal(content->limits,
		    i < GP_NELEMS(chunks) ? 0 : CONTENT_LIMIT_BODY);
		scan_free(&scan);
	}
	strbuf_free(&raw);
	settings_release(&settings);
}

/* Runs a scan of a header that ends in an empty line. */
static enum verdict_action
action_of(struct fixture *fixture, const char *conf, const char *raw)
{
	const struct settings *settings = settings_of(conf);
	const struct verdict *verdict;
	enum verdict_action action;
	struct scan *scan;
	struct span body;

	assert_int_equal(
	    scan_new(&fixture->services, settings, &scan), STATUS_OK);
	assert_int_equal(
	    ip_parse("192.0.2.1", &scan_envelope(scan)->client_ip), STATUS_OK);
	assert_int_equal(scan_set_sender(scan, "<a@good.test>"), STATUS_OK);
	assert_int_equal(
	    message_parse_header(scan_message(scan), span_of(raw), &body),
	    STATUS_OK);
	assert_int_equal(scan_finish(scan, &verdict), STATUS_OK);
	action = verdict->action;
	scan_free(&scan);
	settings_release(&settings);
	return action;
}

/* A From field that hides its author never passes for a good one. */
static void
test_bad_from(void **state)
{
	static const char *const headers[] = {
		"Subject: no From\n\n",
		"From: <a@strict.test..>\n\n",
		"From: <a@strict.test\x01>\n\n",
		"From: a@\"strict.test\"\n\n",
		"From: <a@[strict.test]>\n\n",
		"From: =?utf-8?q?a=40strict.test?=\n\n",
		"From: a@good.test\nFrom: b@good.test\nFrom: c@good.test\n"
		"From: d@good.test\nFrom: a@strict.test\n\n",
	};
	size_t i;

	for (i = 0; i < GP_NELEMS(headers); i++) {
		if (action_of(*state, "", headers[i]) != ACTION_JUNK)
			fail_msg("header %zu", i);
		if (action_of(*state, "dmarc { on_bad_from = reject }",
			headers[i]) != ACTION_REJECT)
			fail_msg("header %zu, reject", i);
	}
}

/* One author more than is read of a field. */
static void
test_many_authors(void **state)
{
	char raw[4000] = "From: ";
	size_t i, used = strlen(raw);

	for (i = 0; i < 64; i++)
		used += (size_t)snprintf(
		    raw + used, sizeof(raw) - used, "a%zu@good.test,", i);
	snprintf(raw + used, sizeof(raw) - used, "CEO <ceo@strict.test>\n\n");
	assert_int_equal(action_of(*state, "", raw), ACTION_JUNK);
}

/* Removing fields costs the MTA work: a flood of them is refused. */
static void
test_forged_flood(void **state)
{
	char raw[4000] = "From: a@good.test\n";
	size_t i, used = strlen(raw);

	for (i = 0; i < 100; i++)
		used += (size_t)snprintf(
		    raw + used, sizeof(raw) - used, "X-Spam: no\n");
	snprintf(raw + used, sizeof(raw) - used, "\n");
	assert_int_equal(action_of(*state, "", raw), ACTION_ACCEPT);
	snprintf(raw + used, sizeof(raw) - used, "X-Spam-Flag: NO\n\n");
	assert_int_equal(action_of(*state, "", raw), ACTION_REJECT);
}

/* Fields that every message has, for symbols of others. */
#define DATE "Date: Mon, 1 Jan 2024 12:00:00 +0000\n"
#define REST "Message-ID: <1@a.test>\nTo: b@b.test\nSubject: Hello there\n"

static const struct {
	const char *fields; /* behind From */
	const char *symbols;
} header_cases[] = {
	{ DATE REST, "" },
	{ "date: Mon, 1 Jan 2024 12:00 GMT\nMESSAGE-ID: <1@a.test>\n"
	  "CC: b@b.test\n",
	    "" },
	{ REST, "DATE_MISSING " },
	{ DATE "To: b@b.test\n", "MESSAGE_ID_MISSING " },
	{ DATE "Message-ID: <1@a.test>\nBcc: b@b.test\n", "TO_MISSING " },
	{ DATE REST "Received: x\nReceived: y\nComments: x\nComments: y\n",
	    "" },
	{ DATE REST "to: c@b.test\n", "FIELD_REPEATED " },
	{ "Subject: x\nSubject: x\n",
	    "DATE_MISSING MESSAGE_ID_MISSING FIELD_REPEATED TO_MISSING " },
};

#define NOW 1704110400 /* the date above */
#define DAY 86400

/* A message that just comes is measured by the clock, and by who had it. */
static const struct {
	int64_t now;
	const char *fields; /* behind From, the date and the rest */
	const char *symbols;
} live_cases[] = {
	{ NOW, "", "" },
	{ NOW + 5 * 3600, "", "" },
	{ NOW + 7 * 3600, "", "DATE_FAR_OFF " },
	{ NOW + 3 * DAY, "", "DATE_FAR_OFF " },
	{ NOW + 3 * DAY, "Received: x; Mon, 1 Jan 2024 13:00:00 +0100\n", "" },
	{ NOW - 11 * 3600, "", "DATE_FAR_OFF " },
	{ NOW - 13 * 3600, "", "DATE_FAR_OFF DATE_FUTURE " },
	{ NOW - 3 * DAY, "Received: x; Mon, 1 Jan 2024 13:00:00 +0100\n",
	    "DATE_FUTURE " },
};

static const char *
content_symbols(const struct verdict *verdict, struct strbuf *names)
{
	const struct score *score = &verdict->score;
	size_t i;

	strbuf_reset(names);
	for (i = 0; i < score->count; i++)
		if (symbol_group(score->symbols[i].id) == SYMBOL_GROUP_CONTENT)
			strbuf_printf(
			    names, "%s ", symbol_name(score->symbols[i].id));
	return strbuf_text(names);
}

/* The symbols of a message with these fields and a text; client "" for none. */
static void
check_fields(struct fixture *fixture, const char *client, const char *fields,
    const char *expected)
{
	const struct settings *settings = settings_of("");
	struct strbuf *names = strbuf_new(1000);
	const struct verdict *verdict;
	struct scan *scan;
	struct span body;
	char raw[500];

	assert_int_equal(
	    scan_new(&fixture->services, settings, &scan), STATUS_OK);
	if (client[0] != '\0')
		assert_int_equal(
		    ip_parse(client, &scan_envelope(scan)->client_ip),
		    STATUS_OK);
	snprintf(
	    raw, sizeof(raw), "From: a@good.test\n%s\n%s", fields, some_text);
	assert_int_equal(
	    message_parse_header(scan_message(scan), span_of(raw), &body),
	    STATUS_OK);
	assert_int_equal(scan_reach(scan, SCAN_PHASE_HEADER), STATUS_OK);
	assert_int_equal(scan_body(scan, body.data, body.length), STATUS_OK);
	assert_int_equal(scan_finish(scan, &verdict), STATUS_OK);
	assert_string_equal(content_symbols(verdict, names), expected);
	scan_free(&scan);
	strbuf_free(&names);
	settings_release(&settings);
}

/* Fields that every message has, and has once. */
static void
test_header_fields(void **state)
{
	size_t i;

	for (i = 0; i < GP_NELEMS(header_cases); i++)
		check_fields(*state, "", header_cases[i].fields,
		    header_cases[i].symbols);
}

static void
test_live_dates(void **state)
{
	struct fixture *fixture = *state;
	char fields[400];
	size_t i;

	for (i = 0; i < GP_NELEMS(live_cases); i++) {
		fixture->services.now = live_cases[i].now;
		snprintf(fields, sizeof(fields), "%s" DATE REST,
		    live_cases[i].fields);
		check_fields(
		    fixture, "192.0.2.1", fields, live_cases[i].symbols);
	}
	fixture->services.now = 0;
}

/* Ending early cancels what runs, at every phase. */
static void
test_abort(void **state)
{
	struct fixture *fixture = *state;
	const struct settings *settings = settings_of("");
	struct scan *scan;
	int phase;

	for (phase = SCAN_PHASE_CONNECT; phase <= SCAN_PHASE_HEADER; phase++) {
		assert_int_equal(
		    scan_new(&fixture->services, settings, &scan), STATUS_OK);
		assert_int_equal(
		    ip_parse("192.0.2.1", &scan_envelope(scan)->client_ip),
		    STATUS_OK);
		scan_envelope(scan)->sender = "a@good.test";
		assert_int_equal(
		    scan_reach(scan, (enum scan_phase)phase), STATUS_OK);
		scan_free(&scan);
		assert_null(scan);
	}
	settings_release(&settings);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_policies),
		cmocka_unit_test(test_reject_is_told),
		cmocka_unit_test(test_own_mail),
		cmocka_unit_test(test_content),
		cmocka_unit_test(test_bad_from),
		cmocka_unit_test(test_many_authors),
		cmocka_unit_test(test_forged_flood),
		cmocka_unit_test(test_header_fields),
		cmocka_unit_test(test_live_dates),
		cmocka_unit_test(test_abort),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
