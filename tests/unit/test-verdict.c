/*
 * A thousand generated verdicts: the header fields, the log line, the JSON and
 * the action tell the same, whatever the facts and the settings are.
 */
#include "config.h"

#include "lib/scan/verdict.h"

#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/log.h"
#include "lib/scan/report.h"
#include "lib/scan/scan-private.h"
#include "tests/unit/settings-text.h"
#include "tests/unit/unit.h"

#define VERDICTS     1000
#define LONG_SUBJECT 988 /* of 998 bytes with its name */

static uint32_t
draw(uint32_t *seed, uint32_t below)
{
	*seed = *seed * 1664525 + 1013904223;
	return (*seed >> 8) % below;
}

static const char *const hostile[] = {
	"a.test", "", "x\r\nX-Spam-Flag: NO\r\n\r\n", "%s%n%n", "\"quoted\\\"",
	"\x80\xff\x01", "two words and some more of them, with a comma",
	"averyveryveryveryveryveryveryveryveryveryveryverylongnamewithoutanyblank"
	"averyveryveryveryveryveryveryveryveryveryveryverylongnamewithoutanyblank"
};

static const char *
draw_text(uint32_t *seed)
{
	return hostile[draw(seed, GP_NELEMS(hostile))];
}

static const char *const setting_texts[] = {
	"",
	"score { mode = observe }",
	"score { junk = 2 reject = 4 }",
	"score { junk = 3 quarantine = 6 reject = 9 subject_tag = \"[J]\" }",
	"score { reject = 0 } dmarc { on_reject = junk }",
	"score { junk = 0.5 quarantine = 0.5 reject = 0.5 }",
	"score { cap_lists = 0 cap_history = 100 }",
	"dmarc { on_reject = mark on_quarantine = mark on_bad_from = reject }",
	"symbols { SPF_FAIL = 0.01 DKIM_PASS = \"-33.33\" GTUBE = off }",
	"score { mode = observe subject_tag = \"***\" } dmarc { on_temperror = "
	"tempfail }",
};

static void
draw_facts(struct facts *facts, uint32_t *seed)
{
	static const enum auth_result all[] = { AUTH_NONE, AUTH_PASS, AUTH_FAIL,
		AUTH_SOFTFAIL, AUTH_NEUTRAL, AUTH_POLICY, AUTH_TEMPERROR,
		AUTH_PERMERROR };

	static const enum auth_result dmarc[] = { AUTH_NONE, AUTH_PASS,
		AUTH_FAIL, AUTH_FAIL, AUTH_TEMPERROR, AUTH_PERMERROR };

	facts->urls_left_out = draw(seed, 2) == 0;
	facts->has_iprev = draw(seed, 2) == 0;
	facts->iprev.result = all[draw(seed, GP_NELEMS(all))];
	facts->iprev.name = draw_text(seed);
	facts->has_helo = draw(seed, 2) == 0;
	facts->helo = all[draw(seed, GP_NELEMS(all))];
	facts->has_spf_sender = draw(seed, 2) == 0;
	facts->spf_sender.result = all[draw(seed, GP_NELEMS(all))];
	facts->spf_sender.domain = draw_text(seed);
	facts->has_spf_helo = draw(seed, 2) == 0;
	facts->spf_helo.result = all[draw(seed, GP_NELEMS(all))];
	facts->spf_helo.domain = draw_text(seed);
	facts->has_dkim = true;
	facts->has_dmarc = draw(seed, 8) != 0;
	facts->dmarc.result = dmarc[draw(seed, GP_NELEMS(dmarc))];
	facts->dmarc.policy = (enum dmarc_policy)draw(seed, 3);
	facts->dmarc.disposition = facts->dmarc.result == AUTH_FAIL ?
	    facts->dmarc.policy :
	    DMARC_POLICY_NONE;
	facts->dmarc.author_domain = draw_text(seed);
	facts->dmarc.organizational_domain = "";
	facts->dmarc.policy_domain = "";
	facts->has_gtube = draw(seed, 50) == 0;
	facts->has_dnswl = draw(seed, 5) == 0;
	facts->dnswl.zone = "list.dnswl.org";
	assert_int_equal(
	    ip_parse("127.0.5.2", &facts->dnswl.answer), STATUS_OK);
}

static struct scan *
draw_scan(const struct scan_services *services, uint32_t *seed)
{
	const struct settings *settings =
	    settings_of(setting_texts[draw(seed, GP_NELEMS(setting_texts))]);
	uint32_t count = draw(seed, 12);
	struct scan *scan;

	assert_int_equal(scan_new(services, settings, &scan), STATUS_OK);
	settings_release(&settings);
	draw_facts(&scan->verdict.facts, seed);
	while (count-- > 0)
		assert_int_equal(
		    scan_add(scan, (enum symbol_id)draw(seed, SYMBOLS_WEIGHED),
			draw(seed, 101) / 100.0, draw_text(seed)),
		    STATUS_OK);
	if (draw(seed, 3) == 0)
		assert_int_equal(message_add_field(&scan->message,
				     span_of("Subject"), span_of(" a\r\n\tb")),
		    STATUS_OK);
	scan->verdict.header_from = draw_text(seed);
	scan->envelope.queue_id = "4XyZ";
	scan->envelope.helo = draw_text(seed);
	return scan;
}

/* "\n\t" becomes a blank. */
static void
unfold(char *fold)
{
	*fold = ' ';
	memmove(fold + 1, fold + 2, strlen(fold + 2) + 1);
}

/* The value of a header field of the verdict, unfolded; NULL: not there. */
static const char *
header(struct scan *scan, const char *name)
{
	const struct verdict *verdict = &scan->verdict;
	char *value, *p;
	size_t i;

	for (i = 0; i < verdict->header_count; i++) {
		if (strcmp(verdict->headers[i].name, name) != 0)
			continue;
		value = region_strdup(scan->region, verdict->headers[i].value);
		for (p = value; (p = strstr(p, "\n\t")) != NULL;) {
			/* the list of tests is folded behind its commas */
			if (strcmp(name, "X-Spam-Status") != 0 ||
			    (p[-1] != ',' && p[-1] != '='))
				unfold(p++);
			else
				memmove(p, p + 2, strlen(p + 2) + 1);
		}
		return value;
	}
	return NULL;
}

/* No line over 998 bytes, no raw line break, printable ASCII alone. */
static void
check_lines(const struct verdict *verdict)
{
	const char *value, *p;
	size_t i, line;

	assert_true(verdict->header_count <= VERDICT_HEADERS_MAX);
	for (i = 0; i < verdict->header_count; i++) {
		value = verdict->headers[i].value;
		line = strlen(verdict->headers[i].name) + 2;
		for (p = value; *p != '\0'; p++, line++) {
			if (*p == '\n') {
				assert_int_equal(p[1], '\t');
				line = 0;
			} else if (*p != '\t' &&
			    !ascii_is_print((unsigned char)*p)) {
				fail_msg("%s", verdict->headers[i].name);
			}
			assert_true(line < 998);
		}
	}
}

/* The points of "A=1.2,B=-0.5 version=..." summed; the list ends at a blank. */
static int
sum_of_tests(const char *text)
{
	struct span rest = span_of(text), item, name;
	int sum = 0, points;

	rest.length = strcspn(text, " \"");
	if (span_equals(rest, "none") || rest.length == 0)
		return 0;
	while (span_split(&rest, ',', &item)) {
		assert_true(span_split(&item, '=', &name));
		assert_int_equal(
		    score_parse(item, SCORE_MAX * 10, &points), STATUS_OK);
		sum += points;
	}
	return sum;
}

static void
check_headers(struct scan *scan)
{
	const struct verdict *verdict = &scan->verdict;
	bool junk = verdict->score.total >= verdict->required;
	char score[SCORE_TEXT_BYTES], required[SCORE_TEXT_BYTES], text[200];
	const char *status = header(scan, "X-Spam-Status");
	const char *level = header(scan, "X-Spam-Level");
	int stars = verdict->score.total / 100;

	score_text(verdict->score.total, score);
	score_text(verdict->required, required);
	snprintf(text, sizeof(text),
	    "%s, score=%s required=%s tests=", junk ? "Yes" : "No", score,
	    required);
	if (strncmp(status, text, strlen(text)) != 0)
		fail_msg("%s is not %s", status, text);
	assert_int_equal(
	    sum_of_tests(status + strlen(text)), verdict->score.total);
	assert_string_equal(header(scan, "X-Spam-Flag"), junk ? "YES" : "NO");
	assert_string_equal(header(scan, "X-Spam-Score"), score);
	assert_int_equal(header(scan, "X-Spam") != NULL, junk);
	stars = stars < 0 ? 0 : stars > 50 ? 50 : stars;
	assert_int_equal(level == NULL ? 0 : strlen(level), stars);
	snprintf(text, sizeof(text),
	    "action=%s; score=%s; required=%s; %s%s%sid=%s",
	    verdict_action_text(verdict->action), score, required,
	    verdict->judged == verdict->action ? "" : "judged=",
	    verdict->judged == verdict->action ?
		"" :
		verdict_action_text(verdict->judged),
	    verdict->judged == verdict->action ? "" : "; ", verdict->id);
	assert_string_equal(header(scan, "X-Gatepost-Verdict"), text);
	assert_true(strstr(header(scan, "X-Gatepost-Reason"),
			verdict->reasons[0]) != NULL);
	check_lines(verdict);
}

static void
check_action(const struct scan *scan)
{
	const struct verdict *verdict = &scan->verdict;
	const struct score_limits *limits = &scan->settings->limits;
	bool observe = scan->settings->score.mode == SCORE_MODE_OBSERVE;
	int total = verdict->score.total;

	assert_int_equal(
	    verdict->action, observe ? ACTION_ACCEPT : verdict->judged);
	assert_true(verdict->reason_count >= 1);
	assert_true(verdict->reason_count <= VERDICT_REASONS_MAX);
	if (verdict->judged == ACTION_ACCEPT)
		assert_true(total < limits->junk);
	else if (verdict->judged != ACTION_TEMPFAIL)
		assert_true(total >= limits->junk);
	if (verdict->judged == ACTION_JUNK)
		assert_true(total >= limits->junk &&
		    total < limits->quarantine && total < limits->reject);
	if (verdict->judged == ACTION_QUARANTINE)
		assert_true(
		    total >= limits->quarantine && total < limits->reject);
	if (verdict->judged == ACTION_TEMPFAIL)
		assert_true(total < limits->reject);
	if (verdict->judged == ACTION_REJECT)
		assert_true(
		    total >= limits->reject || limits->reject == INT_MAX);
	assert_int_equal(
	    verdict->reply_code != NULL, verdict->action >= ACTION_TEMPFAIL);
	if (verdict->reply_code == NULL)
		return;
	assert_string_equal(verdict->reply_code,
	    verdict->action == ACTION_REJECT ? "550" : "451");
	assert_non_null(strstr(verdict->reply_text, verdict->id));
	assert_null(strchr(verdict->reply_text, '%'));
	assert_null(strpbrk(verdict->reply_text, "\r\n"));
	assert_true(strlen(verdict->reply_text) < 500);
}

static void
check_json(const struct verdict *verdict)
{
	json_t *json, *symbol;
	char *text;
	size_t length, i;
	FILE *file = open_memstream(&text, &length);
	double sum = 0;

	assert_int_equal(report_json(file, verdict, NULL, 0), STATUS_OK);
	fclose(file);
	json = json_loads(text, 0, NULL);
	free(text);
	assert_non_null(json);
	assert_string_equal(json_string_value(json_object_get(json, "action")),
	    verdict_action_text(verdict->action));
	assert_string_equal(json_string_value(json_object_get(json, "judged")),
	    verdict_action_text(verdict->judged));
	assert_true(json_real_value(json_object_get(json, "score")) ==
	    verdict->score.total / 100.0);
	assert_true(json_real_value(json_object_get(json, "required")) ==
	    verdict->required / 100.0);
	assert_int_equal(json_array_size(json_object_get(json, "symbols")),
	    verdict->score.count);
	assert_int_equal(json_array_size(json_object_get(json, "headers")),
	    verdict->header_count);
	json_array_foreach(json_object_get(json, "symbols"), i, symbol)
	{
		sum += json_real_value(json_object_get(symbol, "score"));
		assert_string_equal(
		    json_string_value(json_object_get(symbol, "name")),
		    symbol_name(verdict->score.symbols[i].id));
		assert_true(
		    json_string_length(json_object_get(symbol, "reason")) > 0);
	}
	assert_true(sum - verdict->score.total / 100.0 < 0.001);
	assert_true(sum - verdict->score.total / 100.0 > -0.001);
	json_decref(json);
}

/* The log line, caught at standard error. */
static void
catch_log(const struct scan *scan, char *line, size_t size)
{
	FILE *file = tmpfile();
	int saved = dup(STDERR_FILENO);
	size_t length;

	fflush(stderr);
	dup2(fileno(file), STDERR_FILENO);
	report_log(&scan->verdict, &scan->envelope, 12);
	fflush(stderr);
	dup2(saved, STDERR_FILENO);
	close(saved);
	rewind(file);
	length = fread(line, 1, size - 1, file);
	fclose(file);
	line[length] = '\0';
	assert_int_equal(strcspn(line, "\n"), length - 1);
}

static void
check_log(const struct scan *scan)
{
	const struct verdict *verdict = &scan->verdict;
	char line[4000], text[200], score[SCORE_TEXT_BYTES];
	const char *symbols;

	catch_log(scan, line, sizeof(line));
	snprintf(text, sizeof(text), " action=%s ",
	    verdict_action_text(verdict->action));
	assert_non_null(strstr(line, text));
	snprintf(text, sizeof(text), " judged=%s ",
	    verdict_action_text(verdict->judged));
	assert_int_equal(
	    strstr(line, text) != NULL, verdict->action != verdict->judged);
	snprintf(text, sizeof(text), " score=%s ",
	    score_text(verdict->score.total, score));
	assert_non_null(strstr(line, text));
	assert_non_null(strstr(line, verdict->id));
	assert_int_equal(strstr(line, " urls=left_out ") != NULL,
	    verdict->facts.urls_left_out);
	symbols = strstr(line, " symbols=\"");
	assert_int_equal(symbols != NULL, verdict->score.count > 0);
	if (symbols != NULL)
		assert_int_equal(
		    sum_of_tests(symbols + 10), verdict->score.total);
}

static void
test_agreement(void **state GP_UNUSED)
{
	const struct scan_services services = { 0 };
	size_t count[ACTION_REJECT + 1] = { 0 };
	struct scan *scan;
	uint32_t seed = 1;
	int i;

	for (i = 0; i < VERDICTS; i++) {
		scan = draw_scan(&services, &seed);
		assert_int_equal(verdict_decide(scan), STATUS_OK);
		assert_int_equal(headers_write(scan), STATUS_OK);
		check_action(scan);
		check_headers(scan);
		check_json(&scan->verdict);
		check_log(scan);
		count[scan->verdict.judged]++;
		scan_free(&scan);
	}
	/* The generator reaches every action. */
	for (i = 0; i <= ACTION_REJECT; i++)
		assert_true(count[i] > 10);
}

static void
test_subject(void **state GP_UNUSED)
{
	char long_subject[LONG_SUBJECT + 1], long_expected[LONG_SUBJECT + 6];

	const struct {
		const char *settings, *subject, *expected;
		bool junk;
	} cases[] = {
		{ "", " hello", NULL, true },
		{ "score { subject_tag = \"[J]\" }", " hello", "[J] hello",
		    true },
		{ "score { subject_tag = \"[J]\" }", " hello", NULL, false },
		{ "score { subject_tag = \"[J]\" }", " a\r\n\tb", "[J] a\n\tb",
		    true },
		{ "score { subject_tag = \"[J]\" }", " [j] hello", NULL, true },
		{ "score { subject_tag = \"[J]\" }", NULL, "[J] ", true },
		{ "score { subject_tag = \"[J]\" }", long_subject,
		    long_expected, true },
		{ "score { subject_tag = \"[J]\" mode = observe }", " hello",
		    NULL, true },
	};
	const struct scan_services services = { 0 };
	const struct settings *settings;
	struct scan *scan;
	size_t i;

	/* One more word would make the line longer than 998 bytes. */
	memset(long_subject, 'a', LONG_SUBJECT);
	long_subject[LONG_SUBJECT] = '\0';
	snprintf(
	    long_expected, sizeof(long_expected), "[J]\n\t%s", long_subject);
	for (i = 0; i < GP_NELEMS(cases); i++) {
		settings = settings_of(cases[i].settings);
		assert_int_equal(
		    scan_new(&services, settings, &scan), STATUS_OK);
		settings_release(&settings);
		if (cases[i].subject != NULL)
			assert_int_equal(
			    message_add_field(&scan->message,
				span_of("Subject"), span_of(cases[i].subject)),
			    STATUS_OK);
		if (cases[i].junk)
			assert_int_equal(
			    scan_add(scan, SYMBOL_DBL_PHISH, 1, "x.test"),
			    STATUS_OK);
		assert_int_equal(verdict_decide(scan), STATUS_OK);
		assert_int_equal(headers_write(scan), STATUS_OK);
		if (cases[i].expected == NULL)
			assert_null(scan->verdict.subject);
		else
			assert_string_equal(
			    scan->verdict.subject, cases[i].expected);
		scan_free(&scan);
	}
}

/* Each symbol's key changes its weight, its sentence, and takes it off. */
static void
test_every_symbol_key(void **state GP_UNUSED)
{
	const struct scan_services services = { 0 };
	const struct settings *settings;
	struct scan *scan;
	char text[200];
	size_t i, pass;

	for (i = 0; i < SYMBOLS_WEIGHED * 2; i++) {
		pass = i % 2;
		snprintf(text, sizeof(text), "symbols { %s = %s }",
		    symbol_name((enum symbol_id)(i / 2)),
		    pass == 0 ? "\"7.77 because of {}\"" : "off");
		settings = settings_of(text);
		assert_int_equal(
		    scan_new(&services, settings, &scan), STATUS_OK);
		settings_release(&settings);
		assert_int_equal(
		    scan_add(scan, (enum symbol_id)(i / 2), 1, "x.test"),
		    STATUS_OK);
		assert_int_equal(scan->verdict.score.count, pass == 0);
		if (pass == 0) {
			assert_int_equal(
			    scan->verdict.score.symbols[0].points, 777);
			assert_string_equal(
			    scan->verdict.score.symbols[0].reason,
			    "because of x.test");
		}
		scan_free(&scan);
	}
}

/* All symbols at once: the log line says that it has not all of them. */
static void
test_long_log(void **state GP_UNUSED)
{
	const struct scan_services services = { 0 };
	const struct settings *settings = settings_of("");
	char line[4000];
	struct scan *scan;
	size_t i;

	assert_int_equal(scan_new(&services, settings, &scan), STATUS_OK);
	settings_release(&settings);
	for (i = 0; i < SYMBOLS_WEIGHED; i++)
		assert_int_equal(
		    scan_add(scan, (enum symbol_id)i, 1, "x.test"), STATUS_OK);
	assert_int_equal(verdict_decide(scan), STATUS_OK);
	catch_log(scan, line, sizeof(line));
	assert_non_null(strstr(line, ",...\""));
	assert_non_null(strstr(line, " action=reject "));
	scan_free(&scan);
}

/* A header that is not read to its end is refused, and only observed where
 * nothing may be refused. */
static void
test_abuse(void **state GP_UNUSED)
{
	static const struct {
		const char *settings;
		bool truncated;
		enum verdict_action action, judged;
	} cases[] = {
		{ "", true, ACTION_REJECT, ACTION_REJECT },
		{ "", false, ACTION_ACCEPT, ACTION_ACCEPT },
		{ "score { reject = 0 }", true, ACTION_REJECT, ACTION_REJECT },
		{ "score { mode = observe }", true, ACTION_ACCEPT,
		    ACTION_REJECT },
		{ "score { mode = observe }", false, ACTION_ACCEPT,
		    ACTION_ACCEPT },
	};
	const struct scan_services services = { 0 };
	const struct settings *settings;
	struct scan *scan;
	size_t i;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		settings = settings_of(cases[i].settings);
		assert_int_equal(
		    scan_new(&services, settings, &scan), STATUS_OK);
		settings_release(&settings);
		scan->message.truncated = cases[i].truncated;
		assert_int_equal(verdict_decide(scan), STATUS_OK);
		assert_int_equal(scan->verdict.action, cases[i].action);
		assert_int_equal(scan->verdict.judged, cases[i].judged);
		if (cases[i].action == ACTION_REJECT) {
			assert_string_equal(scan->verdict.reply_code, "550");
			assert_non_null(
			    strstr(scan->verdict.reply_text, "too large ["));
		} else {
			assert_null(scan->verdict.reply_text);
		}
		scan_free(&scan);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_agreement),
		cmocka_unit_test(test_subject),
		cmocka_unit_test(test_every_symbol_key),
		cmocka_unit_test(test_long_log),
		cmocka_unit_test(test_abuse),
	};

	log_open("test", false, LOG_LEVEL_INFO);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
