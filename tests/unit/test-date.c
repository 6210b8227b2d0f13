/* Dates of messages: the forms that mail has, and those that are none. */
#include "config.h"

#include "lib/mail/date.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/unit.h"

#define NONE INT64_MIN

static const struct {
	const char *value;
	int64_t seconds; /* NONE: no date */
	int zone_minutes;
	bool has_zone, wrong_weekday;
} cases[] = {
	{ " Fri, 21 Nov 1997 09:55:06 -0600", 880127706, -360, true, false },
	{ "21 Nov 97 09:55:06 CST", 880127706, -360, true, false },
	{ "Thu, 13\r\n Feb 1969 23:32 -0330 (Newfoundland (Time))", -27723480,
	    -210, true, false },
	{ "Thu, 1 January 1970 0:00:00 GMT", 0, 0, true, false },
	{ "Thu,1 Jan 1970 00:00:00 +0000", 0, 0, true, false },
	{ "Mon, 1 Jan 1970 00:00:00 +0000", 0, 0, true, true },
	{ "Tue, 24 Nov 2026 13:00:00 +0530", 1795505400, 330, true, false },
	{ "24 Nov 26 07:30:00 Z", 1795505400, 0, true, false },
	{ "24 Nov 126 07:30:00", 1795505400, 0, false, false },
	{ "24 Nov 2026 07:30:00 CEST", 1795505400, 0, false, false },
	{ "Thu, 29 Feb 2024 00:00:00 +0000", 1709164800, 0, true, false },
	{ "Sat, 31 Dec 2016 23:59:60 +0000", 1483228799, 0, true, false },
	{ "", NONE, 0, false, false },
	{ "   ", NONE, 0, false, false },
	{ "Wed, 29 Feb 2023 00:00:00 +0000", NONE, 0, false, false },
	{ "0 Jan 2023 00:00:00 +0000", NONE, 0, false, false },
	{ "32 Jan 2023 00:00:00 +0000", NONE, 0, false, false },
	{ "1 Jan 2023 24:00:00 +0000", NONE, 0, false, false },
	{ "1 Jan 2023 00:60:00 +0000", NONE, 0, false, false },
	{ "1 Jan 2023 00:00:00:00 +0000", NONE, 0, false, false },
	{ "1 Jan 2023 00:00:00 +9999", NONE, 0, false, false },
	{ "1 Jan 2023 00:00:00 +00", NONE, 0, false, false },
	{ "1 Jan 2023", NONE, 0, false, false },
	{ "1 Foo 2023 00:00 +0000", NONE, 0, false, false },
	{ "1 Jan 1 00:00 +0000", NONE, 0, false, false },
	{ "1 Jan 99999 00:00 +0000", NONE, 0, false, false },
	{ "2023-01-01 00:00:00", NONE, 0, false, false },
	{ "1 Jan 2023 00:00:00 +0000 (open", NONE, 0, false, false },
	{ "Thu Nov 21 09:55:06 1997", NONE, 0, false, false },
	{ "%DATE", NONE, 0, false, false },
};

static void
test_cases(void **state GP_UNUSED)
{
	struct date date;
	size_t i;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		enum status status = date_parse(span_of(cases[i].value), &date);

		if ((status == STATUS_OK) != (cases[i].seconds != NONE) ||
		    date.seconds !=
			(status == STATUS_OK ? cases[i].seconds : 0) ||
		    date.zone_minutes != cases[i].zone_minutes ||
		    date.has_zone != cases[i].has_zone ||
		    date.wrong_weekday != cases[i].wrong_weekday)
			fail_msg("\"%s\": %s %lld %d %d %d", cases[i].value,
			    status_text(status), (long long)date.seconds,
			    date.zone_minutes, date.has_zone,
			    date.wrong_weekday);
	}
}

/* Every beginning of every case, in memory that ends with it. */
static void
test_cut(void **state GP_UNUSED)
{
	struct date date;
	size_t i, length;
	char *copy;

	for (i = 0; i < GP_NELEMS(cases); i++)
		for (length = 0; length < strlen(cases[i].value); length++) {
			copy = test_malloc(length + 1);
			memcpy(copy, cases[i].value, length);
			(void)!date_parse((struct span){ copy, length }, &date);
			test_free(copy);
		}
}

static void
test_long(void **state GP_UNUSED)
{
	char value[DATE_BYTES_MAX + 2];
	struct date date;

	memset(value, ' ', sizeof(value));
	memcpy(value, "1 Jan 1970 00:00 GMT", 20);
	assert_int_equal(
	    date_parse((struct span){ value, DATE_BYTES_MAX }, &date),
	    STATUS_OK);
	assert_int_equal(
	    date_parse((struct span){ value, DATE_BYTES_MAX + 1 }, &date),
	    STATUS_INVALID);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
