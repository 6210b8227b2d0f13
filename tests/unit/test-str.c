/* Spans, numbers and sanitizing. */
#include "config.h"

#include "lib/base/str.h"

#include <string.h>

#include "tests/unit/unit.h"

static void
test_numbers(void **state GP_UNUSED)
{
	static const struct {
		const char *text;
		uint64_t max, number;
		enum status status;
	} cases[] = {
		{ "0", 10, 0, STATUS_OK },
		{ "10", 10, 10, STATUS_OK },
		{ "11", 10, 0, STATUS_INVALID },
		{ "", 10, 0, STATUS_INVALID },
		{ "-1", 10, 0, STATUS_INVALID },
		{ "+1", 10, 0, STATUS_INVALID },
		{ " 1", 10, 0, STATUS_INVALID },
		{ "1x", 10, 0, STATUS_INVALID },
		{ "18446744073709551615", UINT64_MAX, UINT64_MAX, STATUS_OK },
		{ "18446744073709551616", UINT64_MAX, 0, STATUS_INVALID },
		{ "99999999999999999999", UINT64_MAX, 0, STATUS_INVALID },
	};

	uint64_t number;
	size_t i;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		if (str_to_uint64(span_of(cases[i].text), cases[i].max,
			&number) != cases[i].status ||
		    number != cases[i].number)
			fail_msg("case %s", cases[i].text);
	}
}

static void
test_bytes(void **state GP_UNUSED)
{
	static const struct {
		const char *text;
		bool is_ascii, has_control;
	} cases[] = {
		{ "", true, false },
		{ " ~", true, false },
		{ "a\x7f", true, true },
		{ "\x1f", true, true },
		{ "a\x80", false, false },
		{ "\xff\t", false, true },
	};
	struct span text;
	size_t i;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		text = span_of(cases[i].text);
		if (span_is_ascii(text) != cases[i].is_ascii ||
		    span_has_control(text) != cases[i].has_control)
			fail_msg("case %zu", i);
	}
	assert_true(span_has_control((struct span){ "", 1 }));
	assert_true(span_equals(span_from(span_of("abc"), 1), "bc"));
	assert_true(span_equals(span_from(span_of("abc"), 3), ""));
}

static void
test_split(void **state GP_UNUSED)
{
	struct span rest = span_of("a,,b"), piece;

	assert_true(span_split(&rest, ',', &piece));
	assert_true(span_equals(piece, "a"));
	assert_true(span_split(&rest, ',', &piece));
	assert_true(span_equals(piece, ""));
	assert_true(span_split(&rest, ',', &piece));
	assert_true(span_equals(piece, "b"));
	assert_false(span_split(&rest, ',', &piece));
	assert_true(span_equals(span_trim(span_of(" \t x y\r\n")), "x y"));
	assert_true(span_equals(span_trim(span_of("  ")), ""));
	assert_true(span_equals_nocase(span_of("FroM"), "from"));
	assert_false(span_equals_nocase(span_of("From"), "fro"));
	assert_true(span_starts_nocase(span_of("V=spf1 a"), "v=spf1"));
	assert_false(span_starts_nocase(span_of("v="), "v=spf1"));
	assert_false(str_equals_nocase(NULL, NULL));
}

static void
test_percent(void **state GP_UNUSED)
{
	static const char *const cases[][2] = {
		{ "a%41%5a%7Ab", "aAZzb" },
		{ "%", "%" },
		{ "%4", "%4" },
		{ "%4g%g4%%41", "%4g%g4%A" },
		{ "%2541", "%41" },
	};
	struct span decoded;
	char text[16];
	size_t i;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		assert_int_equal(
		    str_copy(text, sizeof(text), cases[i][0]), STATUS_OK);
		decoded.data = text;
		decoded.length = span_percent_decode(span_of(text), text);
		if (!span_equals(decoded, cases[i][1]))
			fail_msg("%s", cases[i][0]);
	}
}

static void
test_show(void **state GP_UNUSED)
{
	static const struct {
		const char *text, *shown;
		size_t size;
	} cases[] = {
		{ "abc", "abc", 20 },
		{ "", "", 8 },
		{ "a\r\nb\t", "a\\x0d\\x0ab\\x09", 20 },
		{ "\x1b[2J", "\\x1b[2J", 20 },
		{ "\xc3\xa9\xe2\x82\xac", "\xc3\xa9\xe2\x82\xac", 20 },
		{ "\xc3", "\\xc3", 20 },
		{ "a\xe9z", "a\\xe9z", 20 },
		{ "\xc2\x85", "\\xc2\\x85", 20 },
		{ "cod\xe2\x80\xae"
		  "exe",
		    "cod\\xe2\\x80\\xaeexe", 40 },
		{ "a\xe2\x80\x8b", "a\\xe2\\x80\\x8b", 40 },
		{ "a\\x", "a\\x", 20 },
		{ "1234567", "1234567", 8 },
		{ "12345678", "1234...", 8 },
		{ "123\xc3\xa9"
		  "45",
		    "123\xc3\xa9"
		    "45",
		    8 },
		{ "123\xc3\xa9"
		  "456",
		    "123...", 8 },
		{ "123\x01", "123\\x01", 8 },
		{ "\x01\x01", "\\x01...", 8 },
	};

	char shown[40];
	size_t i;

	for (i = 0; i < GP_NELEMS(cases); i++)
		if (strcmp(
			str_show(shown, cases[i].size, span_of(cases[i].text)),
			cases[i].shown) != 0)
			fail_msg("%s: %s", cases[i].shown, shown);
	assert_string_equal(
	    str_show(shown, 40, (struct span){ "a\0b", 3 }), "a\\x00b");
}

static void
test_flags(void **state GP_UNUSED)
{
	static const char *const texts[] = { "a", "b", "c" };
	unsigned int flags = 1 << 2 | 1 << 0;

	assert_string_equal(str_take_flag(&flags, texts, 3), "a");
	assert_string_equal(str_take_flag(&flags, texts, 3), "c");
	assert_null(str_take_flag(&flags, texts, 3));
	assert_int_equal(flags, 0);
}

static void
test_utf8(void **state GP_UNUSED)
{
	assert_int_equal(utf8_length('a'), 1);
	assert_int_equal(utf8_length(0x80), 1);
	assert_int_equal(utf8_length(0xc3), 2);
	assert_int_equal(utf8_length(0xe2), 3);
	assert_int_equal(utf8_length(0xf0), 4);
}

static void
test_sanitize(void **state GP_UNUSED)
{
	char out[8];
	struct span hostile = { "a\r\nb\0c", 6 };

	assert_string_equal(str_sanitize(out, sizeof(out), hostile), "a??b?c");
	assert_string_equal(
	    str_sanitize(out, sizeof(out), span_of("0123456789")), "0123...");
	assert_string_equal(
	    str_sanitize(out, sizeof(out), span_of("\xc3\xa4\x7f")), "???");
	assert_int_equal(str_copy(out, sizeof(out), "12345678"), STATUS_LIMIT);
	assert_string_equal(out, "");
	assert_int_equal(str_copy(out, sizeof(out), "1234567"), STATUS_OK);
	assert_string_equal(out, "1234567");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_split),
		cmocka_unit_test(test_percent),
		cmocka_unit_test(test_show),
		cmocka_unit_test(test_flags),
		cmocka_unit_test(test_utf8),
		cmocka_unit_test(test_sanitize),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
