/* Field values as a reader sees them: encoded words, broken ones, raw 8-bit. */
#include "config.h"

#include "lib/mail/header-text.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/unit.h"

#define NO_CHARACTER "\xef\xbf\xbd"
#define NI           "\xe4\xbd\xa0"

struct text_case {
	const char *name, *value, *text;
	size_t words, broken;
	const char *flags; /* i, c: as many; u, 8, as they are */
};

static const struct text_case cases[] = {
	{ "empty", "", "", 0, 0, "" },
	{ "blank", " \r\n\t", "", 0, 0, "" },
	{ "plain", " a b\r\n", "a b", 0, 0, "" },
	{ "fold", " a\r\n\tb\n c", "a b c", 0, 0, "" },
	{ "no fold", "a\rb\nc",
	    "a\xe2\x90\x8d"
	    "b\xe2\x90\x8a"
	    "c",
	    0, 0, "cc" },
	{ "line breaks before a fold", "a\r\r\n\r b", "a b", 0, 0, "" },
	{ "base64", "=?utf-8?B?w6k=?=", "\xc3\xa9", 1, 0, "" },
	{ "quoted", "=?UTF-8?q?=c3=A9_a?=", "\xc3\xa9 a", 1, 0, "" },
	{ "iso-8859-1", "=?iso-8859-1?Q?caf=E9?=", "caf\xc3\xa9", 1, 0, "" },
	{ "language", "=?us-ascii*en?q?a?=", "a", 1, 0, "" },
	{ "no text", "=?utf-8?q?\?=a", "a", 1, 0, "" },
	{ "mark in the text", "=?utf-8?q?a?b?= c", "a?b c", 1, 0, "" },
	{ "equal sign first", "=?utf-8?q?=41?=", "A", 1, 0, "" },
	/* RFC 2047 section 8 */
	{ "in a comment", "(=?ISO-8859-1?Q?a?=)", "(a)", 1, 0, "" },
	{ "and text", "(=?ISO-8859-1?Q?a?= b)", "(a b)", 1, 0, "" },
	{ "two", "=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=", "ab", 2, 0, "" },
	{ "two, blanks", "=?ISO-8859-1?Q?a?=  =?ISO-8859-1?Q?b?=", "ab", 2, 0,
	    "" },
	{ "two, folded", "=?ISO-8859-1?Q?a?=\r\n =?ISO-8859-1?Q?b?=", "ab", 2,
	    0, "" },
	{ "blank in it", "=?ISO-8859-1?Q?a_b?=", "a b", 1, 0, "" },
	{ "blank between", "=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=", "a b", 2,
	    0, "" },
	/* What GMime loses. */
	{ "two padded", "=?utf-8?B?YQ==?= =?utf-8?B?Yg==?=", "ab", 2, 0, "" },
	{ "NUL", "=?utf-8?Q?a=00b?= c", "a" NO_CHARACTER "b c", 1, 0, "i" },
	{ "NUL, unknown charset", "=?x?Q?a=00b=E9?= c",
	    "a" NO_CHARACTER "b\xc3\xa9 c", 1, 0, "ui" },
	{ "character of Q and B", "=?utf-8?Q?=E4=BD?= =?utf-8?B?oA==?=", NI, 2,
	    0, "" },
	{ "character of two", "=?utf-8?Q?=E4=BD?= =?UTF8?Q?=A0?=", NI, 2, 0,
	    "" },
	{ "quantum of two", "=?utf-8?b?YWJ?= =?utf-8?b?jZGVm?=", "abcdef", 2, 0,
	    "" },
	{ "half a character", "=?utf-8?Q?=E4=BD?= =?gbk?Q?=C4=E3?=",
	    NO_CHARACTER NO_CHARACTER NI, 2, 0, "ii" },
	{ "text between", "=?utf-8?q?a?= b =?utf-8?q?c?=", "a b c", 2, 0, "" },
	{ "no blank", "x=?utf-8?q?a?=y=?utf-8?q?b?=z", "xaybz", 2, 0, "" },
	{ "blank behind", "=?utf-8?q?a?= \t", "a", 1, 0, "" },
	{ "blanks in it", "=?utf-8?q?a b\r\n c?=", "a b c", 1, 0, "" },
	/* Broken. */
	{ "no end", "a =?utf-8?q?b", "a =?utf-8?q?b", 0, 1, "" },
	{ "no end, a good one", "=?utf-8?q?a?= =?utf-8?q?b", "a =?utf-8?q?b", 1,
	    1, "" },
	{ "no such encoding", "=?utf-8?x?a?=", "=?utf-8?x?a?=", 0, 1, "" },
	{ "no encoding", "=?utf-8?", "=?utf-8?", 0, 1, "" },
	{ "bad digits", "=?utf-8?q?a=4x=?=", "a=4x=", 1, 0, "" },
	{ "bad base64", "=?utf-8?b?Y*W-J!j?=", "abc", 1, 0, "" },
	{ "no words", "a=?b =? =?\? =?a b?q?c?=", "a=?b =? =?\? =?a b?q?c?=", 0,
	    0, "" },
	{ "one in the other", "=?utf-8?x?=?utf-8?q?a?=", "=?utf-8?x?a", 1, 1,
	    "" },
	{ "charset that does not exist", "=?no-such?q?=E9?=", "\xc3\xa9", 1, 0,
	    "u" },
	{ "iconv's options", "=?utf-8//IGNORE?q?=FF?=", "\xc3\xbf", 1, 0, "u" },
	/* Raw. */
	{ "UTF-8", "caf\xc3\xa9", "caf\xc3\xa9", 0, 0, "8" },
	{ "windows-1252", "caf\xe9 \x80", "caf\xc3\xa9 \xe2\x82\xac", 0, 0,
	    "8" },
	{ "raw and a word", "\xe9 =?utf-8?q?=C3=A9?=", "\xc3\xa9 \xc3\xa9", 1,
	    0, "8" },
	{ "controls", "a\x01\x1b\x7f", "a\xe2\x90\x81\xe2\x90\x9b\xe2\x90\xa1",
	    0, 0, "ccc" },
	{ "line break in a word", "=?utf-8?q?a=0D=0Ab?=",
	    "a\xe2\x90\x8d\xe2\x90\x8a"
	    "b",
	    1, 0, "cc" },
	{ "C1", "=?utf-8?q?=C2=85?=", NO_CHARACTER, 1, 0, "c" },
	{ "tab", "a\tb", "a b", 0, 0, "" },
};

static size_t
count(const char *flags, char flag)
{
	size_t n = 0;

	for (; *flags != '\0'; flags++)
		n += *flags == flag;
	return n;
}

static bool
is_as_expected(const struct text_case *c, const struct header_text *text)
{
	return span_equals(text->text, c->text) &&
	    text->text.data[text->text.length] == '\0' &&
	    text->words == c->words && text->broken == c->broken &&
	    text->invalid == count(c->flags, 'i') &&
	    text->controls == count(c->flags, 'c') &&
	    text->unknown_charset == (count(c->flags, 'u') > 0) &&
	    text->raw_8bit == (count(c->flags, '8') > 0) && !text->truncated;
}

static void
test_cases(void **state GP_UNUSED)
{
	struct region *region = region_new();
	struct header_text text;
	size_t i;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		assert_int_equal(
		    header_text_decode(region, span_of(cases[i].value), &text),
		    STATUS_OK);
		if (!is_as_expected(&cases[i], &text))
			fail_msg("%s: \"%s\", %zu words, %zu broken, %zu "
				 "invalid, %zu controls%s%s",
			    cases[i].name, text.text.data, text.words,
			    text.broken, text.invalid, text.controls,
			    text.unknown_charset ? ", unknown charset" : "",
			    text.raw_8bit ? ", raw 8-bit" : "");
	}
	region_free(&region);
}

/* Every beginning of a value, in memory that ends with it. */
static void
test_cut(void **state GP_UNUSED)
{
	const char *value = "a =?utf-8?B?w6k=?= =?gbk*x?q?=C4=E3?= \xc3\xa9";
	struct region *region = region_new();
	struct header_text text;
	struct span span;
	char *copy;
	size_t i;

	for (i = 0; i <= strlen(value); i++) {
		copy = test_malloc(i + 1);
		memcpy(copy, value, i);
		span = (struct span){ copy, i };
		assert_int_equal(
		    header_text_decode(region, span, &text), STATUS_OK);
		test_free(copy);
	}
	region_free(&region);
}

static void
test_nul(void **state GP_UNUSED)
{
	struct region *region = region_new();
	struct header_text text;

	assert_int_equal(
	    header_text_decode(region, (struct span){ "a\0b", 3 }, &text),
	    STATUS_OK);
	assert_true(span_equals(text.text,
	    "a\xe2\x90\x80"
	    "b"));
	assert_int_equal(text.controls, 1);
	region_free(&region);
}

/* Over the limit a value is cut between two characters. */
static void
test_limit(void **state GP_UNUSED)
{
	struct region *region = region_new();
	size_t i, length = HEADER_TEXT_BYTES_MAX + 1;
	struct header_text text;
	struct span value;
	char *copy;

	copy = region_alloc(region, length);
	memset(copy, 'a', length);
	value = (struct span){ copy, length - 1 };
	assert_int_equal(header_text_decode(region, value, &text), STATUS_OK);
	assert_int_equal(text.text.length, length - 1);
	assert_false(text.truncated);
	value.length = length;
	assert_int_equal(header_text_decode(region, value, &text), STATUS_OK);
	assert_int_equal(text.text.length, length - 1);
	assert_true(text.truncated);
	for (i = 0; i + 1 < length; i += 2)
		memcpy(copy + i + 1, "\xc3\xa9", 2);
	assert_int_equal(header_text_decode(region, value, &text), STATUS_OK);
	assert_int_equal(text.text.length, length - 2);
	assert_int_equal(text.invalid, 0);
	region_free(&region);
}

/* Beginnings of words without an end: found out once, not again for each. */
static void
test_many_begun(void **state GP_UNUSED)
{
	struct region *region = region_new();
	struct header_text text;
	struct span value;
	size_t i;
	char *copy;

	copy = region_alloc(region, HEADER_TEXT_BYTES_MAX);
	for (i = 0; i + 7 <= HEADER_TEXT_BYTES_MAX; i += 7)
		memcpy(copy + i, "=?a?q?\x80", 7);
	value = (struct span){ copy, i };
	assert_int_equal(header_text_decode(region, value, &text), STATUS_OK);
	assert_int_equal(text.broken, i / 7);
	assert_int_equal(text.words, 0);
	region_free(&region);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_nul),
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_many_begun),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
