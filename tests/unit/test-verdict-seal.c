/* Verdicts are believed with a good seal only. */
#include "config.h"

#include "lib/scan/verdict-seal.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/unit.h"

#define SECRET "0123456789abcdef"
#define REST   "From: a@x.test\nDate: today\nMessage-ID: <1@x>\n\n"

static void
parse(struct message *message, struct region *region, const char *text)
{
	struct span body;

	message_init(message, region);
	assert_int_equal(
	    message_parse_header(message, span_of(text), &body), STATUS_OK);
}

/* A header with this verdict and its seal, and REST. */
static const char *
sealed(struct region *region, const char *secret, const char *words)
{
	char seal[VERDICT_SEAL_BYTES];
	struct message message;

	parse(&message, region, REST);
	assert_int_equal(
	    verdict_seal(secret, span_of(words), &message, seal), STATUS_OK);
	assert_int_equal(strlen(seal), VERDICT_SEAL_BYTES - 1);
	return region_printf(
	    region, VERDICT_FIELD ": %sseal=%s\n", words, seal);
}

static struct sealed_verdict
read_back(struct region *region, const char *secret, const char *head)
{
	struct sealed_verdict verdict;
	struct message message;

	parse(&message, region, head);
	assert_int_equal(
	    verdict_read_sealed(secret, "MX.test", &message, &verdict),
	    STATUS_OK);
	return verdict;
}

static void
test_words(void **state GP_UNUSED)
{
	static const struct {
		const char *words;
		bool sealed, junk, observed, dmarc_failed;
		int score, required;
	} cases[] = {
		{ "action=junk; score=6.3; required=5.0; id=a;\n\tby=mx.test; ",
		    true, true, false, false, 630, 500 },
		{ "action=quarantine; score=20; required=5; by=mx.test; ", true,
		    true, false, false, 2000, 500 },
		{ "action=accept; score=-1.25; required=5; dmarc=fail;"
		  " by=mx.test; ",
		    true, false, false, true, -125, 500 },
		{ "action=accept; judged=junk; score=6; required=5;"
		  " by=mx.test; ",
		    true, false, true, false, 600, 500 },
		/* Sealed, but by another, by nobody, or not ours. */
		{ "action=junk; score=6; required=5; by=other.test; ", false,
		    false, false, false, 0, 0 },
		{ "action=junk; score=6; required=5; ", false, false, false,
		    false, 0, 0 },
		{ "action=junk; score=x; required=5; by=mx.test; ", false,
		    false, false, false, 0, 0 },
	};
	struct region *region = region_new();
	struct sealed_verdict verdict;
	const char *head;
	size_t i;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		head = region_printf(
		    region, "%s" REST, sealed(region, SECRET, cases[i].words));
		verdict = read_back(region, SECRET, head);
		if (verdict.is_sealed != cases[i].sealed)
			fail_msg("case %zu: sealed %d", i, verdict.is_sealed);
		if (!verdict.is_sealed)
			continue;
		assert_int_equal(verdict.is_junk, cases[i].junk);
		assert_int_equal(verdict.is_observed, cases[i].observed);
		assert_int_equal(verdict.dmarc_failed, cases[i].dmarc_failed);
		assert_int_equal(verdict.score, cases[i].score);
		assert_int_equal(verdict.required, cases[i].required);
	}
	region_free(&region);
}

#define WORDS "action=junk; score=6; required=5; by=mx.test; "

/* Each is a change that somebody made. */
static void
test_forgeries(void **state GP_UNUSED)
{
	static const struct {
		const char *secret, *from, *to;
		bool good;
	} cases[] = {
		{ SECRET, "", "", true },
		/* Servers fold and unfold. */
		{ SECRET, "; by=", ";\r\n\tby=", true },
		{ SECRET, "From: a@x.test", "FROM:  a@x.test ", true },
		{ SECRET, "Subject: x", "Subject: y", true },
		{ SECRET, "=junk", "=accept", false },
		{ SECRET, "score=6", "score=7", false },
		{ SECRET, "a@x.test", "b@x.test", false },
		{ SECRET, "today", "tomorrow", false },
		{ SECRET, "<1@x>", "<2@x>", false },
		{ SECRET, "seal=", "seal=0", false },
		{ SECRET, "seal=", "seal", false },
		{ SECRET, VERDICT_FIELD, "X-Other", false },
		{ SECRET "x", "", "", false },
		{ "", "", "", false },
	};
	struct region *region = region_new();
	const char *head, *at, *changed;
	size_t i;

	head =
	    region_printf(region, "Subject: x\nX-Gatepost-Verdict: y\n%s" REST,
		sealed(region, SECRET, WORDS));
	for (i = 0; i < GP_NELEMS(cases); i++) {
		at = strstr(head, cases[i].from);
		if (strcmp(cases[i].from, VERDICT_FIELD) == 0)
			at = strstr(at + 1, VERDICT_FIELD);
		assert_non_null(at);
		changed = region_printf(region, "%.*s%s%s", (int)(at - head),
		    head, cases[i].to, at + strlen(cases[i].from));
		if (read_back(region, cases[i].secret, changed).is_sealed !=
		    cases[i].good)
			fail_msg("case %zu: %s", i, changed);
	}
	region_free(&region);
}

/* Only so many fields are looked at. */
static void
test_many_fields(void **state GP_UNUSED)
{
	struct region *region = region_new();
	const char *head = "";
	size_t i;

	for (i = 0; i < VERDICT_READ_FIELDS; i++)
		head = region_printf(region, "%s" VERDICT_FIELD ": x\n", head);
	head = region_printf(
	    region, "%s%s" REST, head, sealed(region, SECRET, WORDS));
	assert_false(read_back(region, SECRET, head).is_sealed);
	head += strlen(VERDICT_FIELD ": x\n");
	assert_true(read_back(region, SECRET, head).is_sealed);
	region_free(&region);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_forgeries),
		cmocka_unit_test(test_many_fields),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
