/* The script of an automatic reply. */
#include "config.h"

#include "cli/vacation-script.h"

#include <string.h>

#include "tests/unit/unit.h"

#define HEAD "# Written by `gatepost vacation`, and removed by it.\n"
#define REQUIRE \
	"require [\"date\", \"include\", \"relational\", \"vacation\"];\n"

static void
test_script(void **state GP_UNUSED)
{
	static const struct {
		struct vacation vacation;
		const char *script;
	} cases[] = {
		{ { .text = "away", .days = 7 },
		    HEAD REQUIRE "vacation :days 7\n\"away\";\n" },
		{ { .text = "a \"b\" \\\nc\n# before: x",
		      .days = 1,
		      .subject = "\"",
		      .addresses = { "a@x", "\"b\"@y" },
		      .address_count = 2 },
		    HEAD REQUIRE
		    "vacation :days 1 :subject \"\\\"\" :addresses [\"a@x\", "
		    "\"\\\"b\\\"@y\"]\n"
		    "\"a \\\"b\\\" \\\\\nc\n# before: x\";\n" },
		{ { .text = "x",
		      .days = 2,
		      .from = "2026-12-01",
		      .until = "2026-12-02",
		      .before = "my \"rules\"" },
		    HEAD "# before: my \"rules\"\n" REQUIRE
			 "if allof (true, currentdate :value \"ge\" \"date\" "
			 "\"2026-12-01\",\n"
			 "    currentdate :value \"le\" \"date\" "
			 "\"2026-12-02\") {\n"
			 "vacation :days 2\n\"x\";\n}\n"
			 "include :personal \"my \\\"rules\\\"\";\n" },
	};
	struct region *region = region_new();
	const char *text, *before;
	size_t i;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		assert_int_equal(
		    vacation_script(region, &cases[i].vacation, &text),
		    STATUS_OK);
		assert_string_equal(text, cases[i].script);
		assert_int_equal(
		    vacation_script_before(region, span_of(text), &before),
		    STATUS_OK);
		if (cases[i].vacation.before == NULL)
			assert_null(before);
		else
			assert_string_equal(before, cases[i].vacation.before);
	}
	assert_int_equal(
	    vacation_script_before(region, span_of(""), &before), STATUS_OK);
	assert_null(before);
	region_free(&region);
}

static void
test_dates(void **state GP_UNUSED)
{
	static const struct {
		const char *text;
		bool good;
	} cases[] = {
		{ "2026-12-24", true },
		{ "2026-12-32", false },
		{ "2026-00-01", false },
		{ "2026-13-01", false },
		{ "2026-1-1", false },
		{ "2026-12-24 ", false },
		{ "2026/12/24", false },
		{ "", false },
		{ "\"); stop;#", false },
	};

	size_t i;

	for (i = 0; i < GP_NELEMS(cases); i++)
		if ((vacation_date_error(cases[i].text) == NULL) !=
		    cases[i].good)
			fail_msg("%s", cases[i].text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_script),
		cmocka_unit_test(test_dates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
