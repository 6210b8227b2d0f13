/* Points as text, weights, caps, thresholds, reasons by strength. */
#include "config.h"

#include "lib/scan/score.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/settings-text.h"
#include "tests/unit/unit.h"

static void
test_parse(void **state GP_UNUSED)
{
	static const struct {
		const char *text;
		enum status status;
		int points;
	} cases[] = {
		{ "0", STATUS_OK, 0 },
		{ "5", STATUS_OK, 500 },
		{ "5.0", STATUS_OK, 500 },
		{ "1.5", STATUS_OK, 150 },
		{ "0.05", STATUS_OK, 5 },
		{ "-0.25", STATUS_OK, -25 },
		{ "100", STATUS_OK, 10000 },
		{ "-100.00", STATUS_OK, -10000 },
		{ "100.01", STATUS_INVALID, 0 },
		{ "101", STATUS_INVALID, 0 },
		{ "1.234", STATUS_INVALID, 0 },
		{ "1.", STATUS_INVALID, 0 },
		{ ".5", STATUS_INVALID, 0 },
		{ "", STATUS_INVALID, 0 },
		{ "-", STATUS_INVALID, 0 },
		{ "--1", STATUS_INVALID, 0 },
		{ "+1", STATUS_INVALID, 0 },
		{ "1,5", STATUS_INVALID, 0 },
		{ "1.-5", STATUS_INVALID, 0 },
		{ "nan", STATUS_INVALID, 0 },
		{ "99999999999999999999", STATUS_INVALID, 0 },
	};

	int points;
	size_t i;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		if (score_parse(span_of(cases[i].text), 100, &points) !=
			cases[i].status ||
		    points != cases[i].points)
			fail_msg("\"%s\": %d", cases[i].text, points);
	}
}

static void
test_text(void **state GP_UNUSED)
{
	static const struct {
		int points;
		const char *text;
	} cases[] = { { 0, "0.0" }, { 630, "6.3" }, { 625, "6.25" },
		{ 5, "0.05" }, { -25, "-0.25" }, { -300, "-3.0" },
		{ 10000, "100.0" }, { 1000000, "10000.0" } };

	char text[SCORE_TEXT_BYTES];
	int points;
	size_t i;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		assert_string_equal(
		    score_text(cases[i].points, text), cases[i].text);
		if (cases[i].points > 10000)
			continue;
		assert_int_equal(
		    score_parse(span_of(text), 100, &points), STATUS_OK);
		assert_int_equal(points, cases[i].points);
	}
}

static void
test_setting(void **state GP_UNUSED)
{
	static const struct {
		const char *text;
		enum status status;
		int weight;
		bool off;
		const char *sentence; /* NULL: the default one */
	} cases[] = {
		{ "1.5", STATUS_OK, 150, false, NULL },
		{ " -1.5 ", STATUS_OK, -150, false, NULL },
		{ "off", STATUS_OK, 0, true, NULL },
		{ "OFF", STATUS_OK, 0, true, NULL },
		{ "2 {} is bad", STATUS_OK, 200, false, "{} is bad" },
		{ "2   bad", STATUS_OK, 200, false, "bad" },
		{ "2 {} and {}", STATUS_INVALID, 0, false, NULL },
		{ "2 r\xc3\xa9sum\xc3\xa9", STATUS_INVALID, 0, false, NULL },
		{ "2 a\tb", STATUS_INVALID, 0, false, NULL },
		{ "", STATUS_INVALID, 0, false, NULL },
		{ "   ", STATUS_INVALID, 0, false, NULL },
		{ "much", STATUS_INVALID, 0, false, NULL },
		{ "101", STATUS_INVALID, 0, false, NULL },
	};
	struct symbol_setting setting;
	const char *sentence;
	size_t i;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		if (symbol_read_setting(SYMBOL_SPF_FAIL, cases[i].text,
			&setting) != cases[i].status)
			fail_msg("\"%s\"", cases[i].text);
		if (cases[i].status != STATUS_OK)
			continue;
		sentence = cases[i].sentence == NULL ?
		    symbol_sentence(SYMBOL_SPF_FAIL) :
		    cases[i].sentence;
		assert_int_equal(setting.weight, cases[i].weight);
		assert_int_equal(setting.off, cases[i].off);
		assert_string_equal(setting.sentence, sentence);
	}
}

/* Every symbol has a name, a group, a sentence and a default that is read. */
static void
test_table(void **state GP_UNUSED)
{
	struct symbol_setting setting;
	const struct conf_key *key;
	enum symbol_id id;
	size_t i;

	assert_int_equal(symbols_conf_section.key_count, SYMBOLS_WEIGHED);
	for (i = 0; i < SYMBOLS_COUNT; i++) {
		assert_true(symbol_find(symbol_name((enum symbol_id)i), &id));
		assert_int_equal(id, i);
		assert_true(strlen(symbol_sentence(id)) >= 10);
		assert_true(
		    strlen(symbol_sentence(id)) <= SYMBOL_SENTENCE_BYTES_MAX);
		assert_int_equal(symbol_group(id) == SYMBOL_GROUP_DECISION,
		    i >= SYMBOLS_WEIGHED);
		if (i >= SYMBOLS_WEIGHED)
			continue;
		key = &symbols_conf_section.keys[i];
		assert_string_equal(key->name, symbol_name(id));
		assert_int_equal(key->offset, i * sizeof(char *));
		assert_int_equal(
		    symbol_read_setting(id, key->default_text, &setting),
		    STATUS_OK);
		assert_false(setting.off);
		assert_true(setting.weight != 0);
	}
	assert_false(symbol_find("NO_SUCH_SYMBOL", &id));
}

/* Each symbol's key changes that symbol, and no other. */
static void
test_each_key(void **state GP_UNUSED)
{
	const struct settings *settings;
	const struct symbol_setting *setting;
	struct score score;
	struct region *region = region_new();
	char text[200];
	size_t i;

	for (i = 0; i < SYMBOLS_WEIGHED; i++) {
		snprintf(text, sizeof(text),
		    "symbols { %s = \"-12.34 it was set\" }",
		    symbol_name((enum symbol_id)i));
		settings = settings_of(text);
		memset(&score, 0, sizeof(score));
		assert_int_equal(
		    score_add(&score, region, settings->symbol_settings,
			(enum symbol_id)i, 0.5, "x"),
		    STATUS_OK);
		assert_int_equal(score.symbols[0].points, -617);
		assert_string_equal(score.symbols[0].reason, "it was set");
		setting = &settings->symbol_settings[(i + 1) % SYMBOLS_WEIGHED];
		assert_int_not_equal(setting->weight, -1234);
		settings_release(&settings);
	}
	region_free(&region);
}

struct fixture {
	struct region *region;
	struct symbol_setting settings[SYMBOLS_WEIGHED];
	struct score score;
};

static struct score_conf
default_conf(void)
{
	struct score_conf conf = { SCORE_MODE_ENFORCE, 4, 5, 0, 15, 7, 9, 10, 4,
		"" };

	return conf;
}

static void
fixture_open(struct fixture *fixture)
{
	size_t i;

	memset(fixture, 0, sizeof(*fixture));
	fixture->region = region_new();
	for (i = 0; i < SYMBOLS_WEIGHED; i++)
		assert_int_equal(symbol_read_setting((enum symbol_id)i,
				     symbols_conf_section.keys[i].default_text,
				     &fixture->settings[i]),
		    STATUS_OK);
}

static void
add(struct fixture *fixture, enum symbol_id id, double share,
    const char *detail)
{
	assert_int_equal(score_add(&fixture->score, fixture->region,
			     fixture->settings, id, share, detail),
	    STATUS_OK);
}

static void
test_add(void **state GP_UNUSED)
{
	struct fixture fixture;
	struct score *score = &fixture.score;

	fixture_open(&fixture);
	add(&fixture, SYMBOL_SPF_FAIL, 1, "a.test");
	assert_string_equal(score->symbols[0].reason,
	    "a.test does not allow the sending server (SPF)");
	assert_int_equal(score->symbols[0].points, 200);
	/* The stronger one stays, once. */
	add(&fixture, SYMBOL_SPF_FAIL, 0.5, "b.test");
	assert_int_equal(score->count, 1);
	assert_int_equal(score->symbols[0].points, 200);
	add(&fixture, SYMBOL_REPUTATION_DOMAIN_GOOD, 0.25, "c.test");
	add(&fixture, SYMBOL_REPUTATION_DOMAIN_GOOD, 0.5, "d.test");
	assert_int_equal(score->count, 2);
	assert_int_equal(score->symbols[1].points, -100);
	assert_string_equal(
	    score->symbols[1].reason, "d.test has sent good mail before");
	/* What is off is left out. */
	fixture.settings[SYMBOL_GTUBE].off = true;
	add(&fixture, SYMBOL_GTUBE, 1, NULL);
	assert_false(score_has(score, SYMBOL_GTUBE));
	/* A detail that is missing, or hostile. */
	add(&fixture, SYMBOL_SPF_NONE, 1, NULL);
	assert_string_equal(score->symbols[2].reason,
	    "the sender does not tell its servers (no SPF)");
	add(&fixture, SYMBOL_DKIM_PASS, 1, "x\r\nBcc: y{}\x80");
	assert_string_equal(score->symbols[3].reason,
	    "signed by x\\x0d\\x0aBcc: y{}\\x80 (DKIM)");
	region_free(&fixture.region);
}

/* Text out of a message: letters stay, what is not seen or broken is told. */
static void
test_shown(void **state GP_UNUSED)
{
	static const struct {
		enum symbol_id id;
		const char *detail, *reason, *seen;
	} cases[] = {
		{ SYMBOL_ATTACHMENT_EXECUTABLE, "R\xc3\xa4tsel.exe",
		    "it brings a program, R\xc3\xa4tsel.exe", NULL },
		{ SYMBOL_ATTACHMENT_EXECUTABLE,
		    "\xe8\xab\x8b\xe6\xb1\x82\xe6\x9b\xb8.exe",
		    "it brings a program, "
		    "\xe8\xab\x8b\xe6\xb1\x82\xe6\x9b\xb8.exe",
		    NULL },
		{ SYMBOL_ATTACHMENT_EXECUTABLE,
		    "a\xe2\x80\xae"
		    "fdp.exe\x1b[2J",
		    "it brings a program, a\\xe2\\x80\\xaefdp.exe\\x1b[2J",
		    NULL },
		{ SYMBOL_ATTACHMENT_EXECUTABLE, "R\xe4tsel.exe",
		    "it brings a program, R\\xe4tsel.exe", NULL },
		{ SYMBOL_SUBJECT_CAPS, "\xc3\x84RGER\r\nX: \xff", NULL,
		    "\xc3\x84RGER\\x0d\\x0aX: \\xff" },
	};

	struct fixture fixture;
	const struct symbol *symbol;
	size_t i;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		fixture_open(&fixture);
		add(&fixture, cases[i].id, 1, cases[i].detail);
		symbol = &fixture.score.symbols[0];
		assert_string_equal(symbol->reason,
		    cases[i].reason != NULL ? cases[i].reason :
					      symbol_sentence(cases[i].id));
		if (cases[i].seen != NULL)
			assert_string_equal(symbol->seen, cases[i].seen);
		else
			assert_null(symbol->seen);
		region_free(&fixture.region);
	}
}

/* Long text ends behind a whole character, wherever that lies. */
static void
test_shown_is_cut(void **state GP_UNUSED)
{
	static const char letter[] = "\xe6\xb1\x82";
	struct fixture fixture;
	const char *seen;
	char detail[400];
	size_t i, length;

	for (i = 0; i < 3; i++) {
		memset(detail, 'a', i);
		for (length = i; length + 4 < sizeof(detail); length += 3)
			memcpy(detail + length, letter, 3);
		detail[length] = '\0';
		fixture_open(&fixture);
		add(&fixture, SYMBOL_SUBJECT_CAPS, 1, detail);
		seen = fixture.score.symbols[0].seen;
		length = strlen(seen);
		assert_true(length > 180 && length < 200);
		assert_string_equal(seen + length - 6, "\xe6\xb1\x82...");
		assert_memory_equal(seen, detail, length - 3);
		region_free(&fixture.region);
	}
}

static void
test_caps(void **state GP_UNUSED)
{
	struct score_conf conf = default_conf();
	struct score_limits limits = score_limits_of(&conf);
	struct fixture fixture;
	struct score *score = &fixture.score;
	int sum = 0;
	size_t i;

	fixture_open(&fixture);
	add(&fixture, SYMBOL_RBL_ZEN_SBL, 1, "192.0.2.1");
	add(&fixture, SYMBOL_DBL_SPAM, 1, "a.test");
	add(&fixture, SYMBOL_SURBL_ABUSE, 1, "a.test");
	add(&fixture, SYMBOL_KNOWN_CORRESPONDENT, 1, "a@a.test");
	add(&fixture, SYMBOL_REPUTATION_DOMAIN_GOOD, 1, "a.test");
	assert_int_equal(
	    score_without(score, &limits, SYMBOL_GROUP_HISTORY), 900);
	assert_int_equal(
	    score_without(score, &limits, SYMBOL_GROUP_LISTS), -400);
	score_sum(score, &limits);
	/* 13.5 of lists count 9; over that, -5 of history takes off 1 */
	assert_int_equal(score->total, 800);
	assert_true(score_has(score, SYMBOL_CAP_LISTS));
	assert_true(score_has(score, SYMBOL_CAP_HISTORY));
	assert_false(score_has(score, SYMBOL_CAP_AUTHENTICATION));
	score_raise(score, 800);
	assert_false(score_has(score, SYMBOL_POLICY));
	score_raise(score, 1500);
	assert_int_equal(score->total, 1500);
	/* What the decision added does not count. */
	assert_int_equal(
	    score_without(score, &limits, SYMBOL_GROUP_HISTORY), 900);
	assert_int_equal(
	    score_without(score, &limits, SYMBOL_GROUP_LISTS), -400);
	for (i = 0; i < score->count; i++)
		sum += score->symbols[i].points;
	assert_int_equal(sum, 1500);
	region_free(&fixture.region);
}

/* Good history excuses little of what lists say now. */
static void
test_excuse(void **state GP_UNUSED)
{
	struct score_conf conf = default_conf();
	struct score_limits limits = score_limits_of(&conf);
	struct fixture fixture;

	fixture_open(&fixture);
	add(&fixture, SYMBOL_RBL_ZEN_SBL, 1, "192.0.2.1"); /* 4.5 */
	add(&fixture, SYMBOL_KNOWN_CORRESPONDENT, 1, "a@a.test");
	score_sum(&fixture.score, &limits);
	assert_int_equal(fixture.score.total, 150);
	memset(&fixture.score, 0, sizeof(fixture.score));
	add(&fixture, SYMBOL_RBL_ZEN_SBL, 1, "192.0.2.1");
	add(&fixture, SYMBOL_DBL_ABUSED, 1, "a.test"); /* 1.5 */
	add(&fixture, SYMBOL_KNOWN_CORRESPONDENT, 1, "a@a.test");
	score_sum(&fixture.score, &limits);
	assert_int_equal(fixture.score.total, 500);
	assert_true(score_has(&fixture.score, SYMBOL_CAP_HISTORY));
	region_free(&fixture.region);
}

static void
test_strongest(void **state GP_UNUSED)
{
	struct fixture fixture;
	size_t found[3];

	fixture_open(&fixture);
	assert_int_equal(score_strongest(&fixture.score, false, found, 3), 0);
	add(&fixture, SYMBOL_SPF_NONE, 1, NULL);            /* 0.3 */
	add(&fixture, SYMBOL_KNOWN_CORRESPONDENT, 1, NULL); /* -3.0 */
	add(&fixture, SYMBOL_SPF_FAIL, 1, NULL);            /* 2.0 */
	add(&fixture, SYMBOL_PTR_NONE, 1, NULL);            /* 1.5 */
	add(&fixture, SYMBOL_DKIM_NONE, 1, NULL);           /* 0.2 */
	assert_int_equal(score_strongest(&fixture.score, false, found, 3), 3);
	assert_int_equal(found[0], 1);
	assert_int_equal(found[1], 2);
	assert_int_equal(found[2], 3);
	assert_int_equal(score_strongest(&fixture.score, true, found, 3), 3);
	assert_int_equal(found[0], 2);
	assert_int_equal(found[1], 3);
	assert_int_equal(found[2], 0);
	assert_int_equal(score_strongest(&fixture.score, true, found, 1), 1);
	assert_int_equal(found[0], 2);
	region_free(&fixture.region);
}

static void
test_limits(void **state GP_UNUSED)
{
	static const struct {
		double junk, quarantine, reject;
		bool good;
	} cases[] = {
		{ 5, 0, 15, true },
		{ 5, 0, 0, true },
		{ 5, 10, 0, true },
		{ 5, 10, 15, true },
		{ 5, 5, 5, true },
		{ 0, 0, 15, false },
		{ 0.001, 0, 15, false },
		{ 5, 0, 4, false },
		{ 5, 4, 15, false },
		{ 5, 16, 15, false },
	};
	struct score_conf conf = default_conf();
	struct score_limits limits;
	size_t i;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		conf.junk = cases[i].junk;
		conf.quarantine = cases[i].quarantine;
		conf.reject = cases[i].reject;
		if ((score_conf_error(&conf) == NULL) != cases[i].good)
			fail_msg("case %zu", i);
	}
	conf = default_conf();
	limits = score_limits_of(&conf);
	assert_int_equal(limits.junk, 500);
	assert_int_equal(limits.quarantine, INT_MAX);
	assert_int_equal(limits.caps[SYMBOL_GROUP_HISTORY], 400);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_setting),
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_each_key),
		cmocka_unit_test(test_add),
		cmocka_unit_test(test_shown),
		cmocka_unit_test(test_shown_is_cut),
		cmocka_unit_test(test_caps),
		cmocka_unit_test(test_excuse),
		cmocka_unit_test(test_strongest),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
