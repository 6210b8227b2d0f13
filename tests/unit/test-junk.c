/* What is junk to whom: verdict, preferences, and both together. */
#include "config.h"

#include "deliver/junk.h"

#include "tests/unit/deliver-fixture.h"

static void
test_decide(void **state GP_UNUSED)
{
	/* sealed, junk, observed, dmarc_failed, score, required */
	static const struct sealed_verdict none = { 0 },
					   ham = { .is_sealed = true,
						   .score = 200,
						   .required = 500 },
					   junk = { .is_sealed = true,
						   .is_junk = true,
						   .score = 600,
						   .required = 500 },
					   forged = { .is_sealed = true,
						   .is_junk = true,
						   .dmarc_failed = true,
						   .score = 100,
						   .required = 500 },
					   seen = { .is_sealed = true,
						   .is_observed = true,
						   .score = 900,
						   .required = 500 };

	static const struct {
		const struct sealed_verdict *verdict;
		struct preferences preferences;
		bool junk;
	} cases[] = {
		{ &none, { 0 }, false },
		{ &none, { .has_threshold = true }, false },
		{ &none, { .blocked = true }, true },
		{ &ham, { 0 }, false },
		{ &ham, { .has_threshold = true, .threshold = 200 }, true },
		{ &ham, { .has_threshold = true, .threshold = 201 }, false },
		{ &junk, { 0 }, true },
		{ &junk, { .allowed = true }, false },
		{ &junk, { .allowed = true, .blocked = true }, true },
		{ &junk, { .has_threshold = true, .threshold = 601 }, false },
		{ &forged, { .allowed = true }, true },
		{ &forged, { .has_threshold = true, .threshold = 601 }, true },
		{ &seen, { 0 }, false },
		{ &seen, { .has_threshold = true, .threshold = 100 }, false },
	};
	struct junk_facts facts = { 0 };
	size_t i;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		facts.verdict = *cases[i].verdict;
		if (junk_decide(&facts, &cases[i].preferences) != cases[i].junk)
			fail_msg("case %zu", i);
	}
}

static struct preferences
read_text(struct region *region, struct place *place, const char *text,
    const struct senders *senders)
{
	struct preferences preferences;

	assert_int_equal(
	    preferences_read(region, place_write(place, ".gatepost", text),
		senders, &preferences),
	    STATUS_OK);
	return preferences;
}

static void
test_senders(void **state GP_UNUSED)
{
	static const struct {
		const char *text, *from, *envelope;
		bool allowed, blocked;
	} cases[] = {
		{ "", "a@x.test", "a@x.test", false, false },
		{ "allow = a@x.test", "A@X.test", "", true, false },
		{ " allow=b@y.test , @x.test\r\n", "Ann <a@x.test>", "", true,
		    false },
		{ "allow = a@x.test", "b@x.test", "a@x.test", false, false },
		{ "allow = @x.test", "a@sub.x.test", "", false, false },
		{ "allow = @x.test", "a@x.test, b@y.test", "", false, false },
		{ "allow = @x.test\nallow = @y.test", "a@x.test, b@y.test", "",
		    true, false },
		{ "block = @y.test", "a@x.test, b@y.test", "", false, true },
		{ "block = @y.test", "a@x.test", "c@Y.test", false, true },
		{ "block = c@y.test", "a@x.test", "C@y.test", false, true },
		{ "block = c@y.test", "a@x.test", "", false, false },
		{ "# block = @x.test", "a@x.test", "a@x.test", false, false },
		/* A bad line is left out, others count. */
		{ "block = x.test\nblock @x.test\nother = 1\nblock=@\n"
		  "allow = @x.test",
		    "a@x.test", "", true, false },
		{ "allow = @x.test", "no address", "", false, false },
	};
	struct region *region = region_new();
	struct preferences preferences;
	struct senders senders;
	struct address *authors;
	struct place place;
	size_t i, broken;

	place_open(&place);
	for (i = 0; i < GP_NELEMS(cases); i++) {
		memset(&senders, 0, sizeof(senders));
		senders.envelope = cases[i].envelope;
		assert_int_equal(
		    address_parse_list(region, span_of(cases[i].from), &authors,
			&senders.author_count, &broken),
		    STATUS_OK);
		senders.authors = authors;
		preferences =
		    read_text(region, &place, cases[i].text, &senders);
		if (preferences.allowed != cases[i].allowed ||
		    preferences.blocked != cases[i].blocked)
			fail_msg("case %zu: %s", i, cases[i].text);
	}
	place_close(&place);
	region_free(&region);
}

static void
test_values(void **state GP_UNUSED)
{
	static const struct {
		const char *text;
		bool has_threshold;
		int threshold;
		const char *folder;
	} cases[] = {
		{ "threshold = 7.5\njunk_folder = My Spam", true, 750,
		    "My Spam" },
		{ "THRESHOLD=-1", true, -100, NULL },
		{ "threshold = much\nthreshold = 1e3\nthreshold =", false, 0,
		    NULL },
		{ "junk_folder = a//b\njunk_folder = ../x\njunk_folder =",
		    false, 0, NULL },
	};
	const struct senders senders = { .envelope = "" };
	struct region *region = region_new();
	struct preferences preferences;
	struct place place;
	size_t i;

	place_open(&place);
	for (i = 0; i < GP_NELEMS(cases); i++) {
		preferences =
		    read_text(region, &place, cases[i].text, &senders);
		assert_int_equal(
		    preferences.has_threshold, cases[i].has_threshold);
		if (cases[i].has_threshold)
			assert_int_equal(
			    preferences.threshold, cases[i].threshold);
		if (cases[i].folder == NULL)
			assert_null(preferences.junk_folder);
		else
			assert_string_equal(
			    preferences.junk_folder, cases[i].folder);
	}
	place_close(&place);
	region_free(&region);
}

/* What is no file of ours says nothing, and holds nothing up. */
static void
test_odd_files(void **state GP_UNUSED)
{
	const struct senders senders = { .envelope = "a@x.test" };
	struct region *region = region_new();
	struct preferences preferences;
	struct place place;
	char path[100], *text;

	place_open(&place);
	snprintf(path, sizeof(path), "%s/.gatepost", place.path);
	assert_int_equal(
	    preferences_read(region, path, &senders, &preferences), STATUS_OK);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(
	    preferences_read(region, path, &senders, &preferences), STATUS_OK);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(
	    symlink(place_write(&place, "x", "block = @x.test"), path), 0);
	assert_int_equal(
	    preferences_read(region, path, &senders, &preferences), STATUS_OK);
	assert_false(preferences.blocked);
	assert_int_equal(unlink(path), 0);
	assert_non_null(text = calloc(1, PREFERENCES_BYTES_MAX + 100));
	memset(text, '\n', PREFERENCES_BYTES_MAX);
	memcpy(text + PREFERENCES_BYTES_MAX, "block = @x.test", 15);
	assert_false(read_text(region, &place, text, &senders).blocked);
	free(text);
	place_close(&place);
	region_free(&region);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decide),
		cmocka_unit_test(test_senders),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_odd_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
