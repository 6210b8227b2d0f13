/* Text folded for looking up words. */
#include "config.h"

#include "lib/base/fold.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/unit.h"

#define LONG_CHARACTERS 100000

struct fold_case {
	const char *name, *text, *folded;
};

static const struct fold_case fold_cases[] = {
	{ "empty", "", "" },
	{ "plain", "hello", "hello" },
	{ "capitals", "Hello WORLD", "hello world" },
	{ "capitals, Latin", "ÄÖÜ ÉÇØ ŁŻ", "äöü éçø łż" },
	{ "capitals, Greek", "ΑΣΩ", "ασω" },
	{ "capitals, Cyrillic", "ПРИВЕТ ЁЖ", "привет ёж" },
	{ "capitals, Armenian", "ԲԱՐԵՎ", "բարեվ" },
	{ "no capitals", "你好 مرحبا", "你好 مرحبا" },
	{ "wide letters", "ＰａｙＰａｌ", "paypal" },
	{ "mathematical letters", "𝐏𝐚𝐲 𝓷𝓸𝔀", "pay now" },
	{ "letters in circles", "Ⓑⓔⓢⓣ", "best" },
	{ "ligature", "ﬁnal oﬀer", "final offer" },
	{ "ligature that grows", "ﷺ", "صلى الله عليه وسلم" },
	{ "composed", "e\xcc\x81t\xc3\xa9", "été" },
	{ "roman number", "Ⅷ", "viii" },
	{ "zero width space", "pass\xe2\x80\x8bword", "password" },
	{ "zero width joiner",
	    "a\xe2\x80\x8d"
	    "b",
	    "ab" },
	{ "soft hyphen",
	    "ac\xc2\xad"
	    "count",
	    "account" },
	{ "byte order mark", "\xef\xbb\xbfhi", "hi" },
	{ "grapheme joiner",
	    "a\xcd\x8f"
	    "b",
	    "ab" },
	{ "right to left",
	    "\xe2\x80\xae"
	    "abc\xe2\x80\xac",
	    "abc" },
	{ "tag characters",
	    "a\xf3\xa0\x81\xa1"
	    "b",
	    "ab" },
	{ "a blank between unseen ones", "a \xe2\x80\x8b b", "a b" },
	{ "blanks", "a  b\t\tc\r\n d", "a b c d" },
	{ "blanks around", "\n\t a \r\n", "a" },
	{ "only blanks", " \t\r\n ", "" },
	{ "blanks of other widths",
	    "a\xc2\xa0"
	    "b\xe2\x80\x83"
	    "c\xe3\x80\x80"
	    "d\xe2\x80\xa8"
	    "e",
	    "a b c d e" },
	{ "controls",
	    "a\x01\x7f"
	    "b",
	    "a b" },
	{ "apostrophe", "don’t ‘do’", "don't 'do'" },
	{ "bytes that are no character", "ab\xff\xfe!", "ab\ufffd\ufffd!" },
	{ "bytes that are half of one", "ab\xe2\x80", "ab\ufffd" },
};

static void
test_fold(void **state)
{
	const struct fold_case *c;
	struct region *region = region_new();
	struct span folded;
	size_t i;

	(void)state;
	assert_non_null(region);
	for (i = 0; i < GP_NELEMS(fold_cases); i++) {
		c = &fold_cases[i];
		assert_int_equal(
		    fold_text(region, span_of(c->text), &folded), STATUS_OK);
		if (!span_equals(folded, c->folded))
			fail_msg("%s: \"%.*s\"", c->name, (int)folded.length,
			    folded.data);
		assert_int_equal(folded.data[folded.length], '\0');
	}
	region_free(&region);
}

/* The text ends where its length says; a NUL is a blank. */
static void
test_length(void **state)
{
	struct region *region = region_new();
	struct span folded;

	(void)state;
	assert_int_equal(
	    fold_text(region, (struct span){ "A\0B!", 3 }, &folded), STATUS_OK);
	assert_true(span_equals(folded, "a b"));
	assert_int_equal(
	    fold_text(region, (struct span){ NULL, 0 }, &folded), STATUS_OK);
	assert_true(span_equals(folded, ""));
	region_free(&region);
}

/* The character that grows most, and one of four bytes, very often. */
static void
test_long(void **state)
{
	static const char *const repeated[] = { "ﷺ", "𝐀", "A", "Ⱥ" };
	static const char *const becomes[] = { "صلى الله عليه وسلم", "a", "a",
		"ⱥ" };
	struct region *region = region_new();
	size_t i, n, length, grown;
	struct span folded;
	char *text;

	(void)state;
	for (i = 0; i < GP_NELEMS(repeated); i++) {
		length = strlen(repeated[i]);
		grown = strlen(becomes[i]);
		text = malloc(length * LONG_CHARACTERS);
		assert_non_null(text);
		for (n = 0; n < LONG_CHARACTERS; n++)
			memcpy(text + n * length, repeated[i], length);
		assert_int_equal(
		    fold_text(region,
			(struct span){ text, length * LONG_CHARACTERS },
			&folded),
		    STATUS_OK);
		free(text);
		assert_int_equal(folded.length, grown * LONG_CHARACTERS);
		assert_memory_equal(
		    folded.data + folded.length - grown, becomes[i], grown);
	}
	region_free(&region);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fold),
		cmocka_unit_test(test_length),
		cmocka_unit_test(test_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
