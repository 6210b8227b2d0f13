/* A message from a pipe, and what its writer is told. */
#include "config.h"

#include "deliver/input.h"

#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "deliver/outcome.h"
#include "tests/unit/unit.h"

static void
test_input(void **state GP_UNUSED)
{
	static const struct {
		const char *input, *message;
	} cases[] = {
		{ "", "" },
		{ "x", "x" },
		{ "From", "From" },
		{ "From: a\n\nb", "From: a\n\nb" },
		{ "From a b c\nFrom: a\n\nFrom b\n", "From: a\n\nFrom b\n" },
		{ "From a b c\n", "" },
		{ "From a b c", "" },
		{ "from a\n", "from a\n" },
		{ "\r\nFrom x\n", "\r\nFrom x\n" },
	};
	const struct spool_options options = { .memory_max = 1000,
		.directory = "/tmp" };
	struct spool *spool = spool_new(&options);
	size_t i;
	int ends[2];

	for (i = 0; i < GP_NELEMS(cases); i++) {
		assert_int_equal(pipe(ends), 0);
		assert_int_equal(
		    write(ends[1], cases[i].input, strlen(cases[i].input)),
		    strlen(cases[i].input));
		close(ends[1]);
		spool_reset(spool);
		assert_int_equal(input_read(ends[0], spool), STATUS_OK);
		close(ends[0]);
		assert_int_equal(spool_finish(spool), STATUS_OK);
		if (!span_equals(spool_head(spool), cases[i].message))
			fail_msg("case \"%s\"", cases[i].input);
	}
	assert_int_equal(input_read(-1, spool), STATUS_IO);
	spool_free(&spool);
}

static void
test_outcome(void **state GP_UNUSED)
{
	static const struct delivery_result ok = { 250, "2.0.0", "Saved" };
	static const struct delivery_result unknown = { 550, "5.1.1", "No" };
	static const struct delivery_result loop = { 554, "5.4.6", "Loop" };
	static const struct delivery_result full = { 452, "4.2.2", "Full" };

	const struct {
		struct delivery_result results[3];
		int exit_status;
		const char *address;
	} cases[] = {
		{ { ok, ok, ok }, EX_OK, NULL },
		{ { ok, unknown, ok }, EX_NOUSER, "1" },
		{ { loop, unknown, ok }, EX_NOPERM, "0" },
		/* What may heal goes before what cannot. */
		{ { unknown, ok, full }, EX_TEMPFAIL, "2" },
		{ { full, unknown, loop }, EX_TEMPFAIL, "0" },
	};

	static const char *const addresses[] = { "0", "1", "2" };
	struct outcome outcome;
	size_t i, n;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		memset(&outcome, 0, sizeof(outcome));
		for (n = 0; n < 3; n++)
			outcome_add(
			    &outcome, cases[i].results[n], addresses[n]);
		if (outcome.exit_status != cases[i].exit_status)
			fail_msg("case %zu: %d", i, outcome.exit_status);
		if (cases[i].address != NULL)
			assert_string_equal(outcome.address, cases[i].address);
	}
	outcome = outcome_of_trouble("x");
	assert_int_equal(outcome.exit_status, EX_TEMPFAIL);
	assert_string_equal(outcome.result.enhanced, "4.3.5");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_input),
		cmocka_unit_test(test_outcome),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
