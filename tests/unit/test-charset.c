/* Charsets: their names, what is read as which, and bytes that fit none. */
#include "config.h"

#include "lib/mail/charset.h"

#include <string.h>

#include "tests/unit/unit.h"

#define NO_CHARACTER "\xef\xbf\xbd"

struct charset_case {
	const char *charset, *bytes;
	size_t length; /* 0: up to the NUL */
	const char *text;
	size_t invalid;
	bool unknown;
};

static const struct charset_case cases[] = {
	{ "utf-8", "caf\xc3\xa9", 0, "caf\xc3\xa9", 0, false },
	{ "UTF_8", "a\xff\xc3", 0, "a" NO_CHARACTER NO_CHARACTER, 2, false },
	{ "utf8", "\xed\xa0\x80", 0, NO_CHARACTER NO_CHARACTER NO_CHARACTER, 3,
	    false },
	{ "utf-8", "a\0b", 3, "a" NO_CHARACTER "b", 1, false },
	{ "us-ascii", "caf\xe9", 0, "caf\xc3\xa9", 0, false },
	{ "us-ascii", "caf\xc3\xa9", 0, "caf\xc3\xa9", 0, false },
	{ "us-ascii", "\xc3\xa9\0\xc3\xa9", 5,
	    "\xc3\xa9" NO_CHARACTER "\xc3\xa9", 1, false },
	{ "unknown-8bit", "caf\xe9", 0, "caf\xc3\xa9", 0, false },
	{ "", "caf\xe9", 0, "caf\xc3\xa9", 0, false },
	{ "no-such", "caf\xe9", 0, "caf\xc3\xa9", 0, true },
	{ "no-such", "caf\xc3\xa9", 0, "caf\xc3\xa9", 0, true },
	{ "-", "caf\xe9", 0, "caf\xc3\xa9", 0, true },
	{ "UTF-8//TRANSLIT", "\xe9", 0, "\xc3\xa9", 0, true },
	{ "iso-2022-cn-ext", "a", 0, "a", 0, true },
	{ "123456789012345678901234567890123", "a", 0, "a", 0, true },
	{ "iso-8859-1", "\x80 \x9f \x81 \xff", 0,
	    "\xe2\x82\xac \xc5\xb8 \xc2\x81 \xc3\xbf", 0, false },
	{ "'ISO_8859-1'", "\xe9\0", 2, "\xc3\xa9" NO_CHARACTER, 1, false },
	{ "iso-8859-15", "\xa4", 0, "\xe2\x82\xac", 0, false },
	{ "windows-1251", "\xcf\xf0\xe8", 0, "\xd0\x9f\xd1\x80\xd0\xb8", 0,
	    false },
	{ "koi8-r", "\xf0", 0, "\xd0\x9f", 0, false },
	{ "gb2312", "\xc4\xe3\xff", 0, "\xe4\xbd\xa0" NO_CHARACTER, 1, false },
	{ "big5", "\xa7\x41", 0, "\xe4\xbd\xa0", 0, false },
	{ "shift_jis", "\x82\xa0\x82", 0, "\xe3\x81\x82" NO_CHARACTER, 1,
	    false },
	{ "ks_c_5601-1987", "\xb0\xa1", 0, "\xea\xb0\x80", 0, false },
	{ "iso-2022-jp", "\x1b$B$\"\x1b(B.", 0, "\xe3\x81\x82.", 0, false },
	{ "utf-7", "a+AOk-", 0, "a\xc3\xa9", 0, false },
	{ "utf-16le", "a\0\0\0b\0", 6, "a" NO_CHARACTER "b", 1, false },
	{ "utf-16be", "\xd8\0\0a", 4, NO_CHARACTER "a", 1, false },
	{ "utf-16le", "a\0b", 3, "a" NO_CHARACTER, 1, false },
	{ "utf-32",
	    "a\0\0\0\xff\xff\xff\xff"
	    "b\0\0\0",
	    12, "a" NO_CHARACTER "b", 1, false },
	{ "utf-8", "", 0, "", 0, false },
};

static void
test_cases(void **state GP_UNUSED)
{
	struct region *region = region_new();
	const struct charset_case *c;
	struct charset_text text;
	struct span bytes;
	size_t i;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		c = &cases[i];
		bytes.data = c->bytes;
		bytes.length = c->length > 0 ? c->length : strlen(c->bytes);
		assert_int_equal(
		    charset_to_utf8(region, span_of(c->charset), bytes, &text),
		    STATUS_OK);
		if (!span_equals(text.text, c->text) ||
		    text.invalid != c->invalid || text.unknown != c->unknown)
			fail_msg("case %zu, %s: \"%.*s\", %zu invalid%s", i,
			    c->charset, (int)text.text.length, text.text.data,
			    text.invalid, text.unknown ? ", unknown" : "");
	}
	region_free(&region);
}

/* Every charset of the table is one that the system has. */
static void
test_known(void **state GP_UNUSED)
{
	static const char *const names[] = { "armscii-8", "big5-hkscs", "cp437",
		"cp850", "cp852", "cp866", "euc-jp", "euc-tw", "gb18030",
		"georgian-ps", "iso-2022-jp-2", "iso-2022-kr", "iso-8859-2",
		"iso-8859-3", "iso-8859-4", "iso-8859-5", "iso-8859-6",
		"iso-8859-7", "iso-8859-8-i", "iso-8859-9", "iso-8859-10",
		"iso-8859-11", "iso-8859-13", "iso-8859-14", "iso-8859-15",
		"iso-8859-16", "johab", "koi8-t", "koi8-u", "macintosh",
		"tcvn5712-1", "tis-620", "ucs-2", "utf-32be", "viscii",
		"windows-1250", "windows-1253", "windows-1254", "windows-1255",
		"windows-1256", "windows-1257", "windows-1258",
		"x-mac-cyrillic" };
	struct region *region = region_new();
	struct charset_text text;
	size_t i;

	for (i = 0; i < GP_NELEMS(names); i++) {
		assert_int_equal(charset_to_utf8(region, span_of(names[i]),
				     (struct span){ "a\0\0\0", 4 }, &text),
		    STATUS_OK);
		if (text.unknown || !charset_is_known(span_of(names[i])))
			fail_msg("%s", names[i]);
	}
	assert_false(charset_is_known(span_of("")));
	assert_false(charset_is_known(span_of("no-such")));
	assert_true(charset_same(span_of("utf-8"), span_of("UTF8")));
	assert_false(charset_same(span_of("utf-8"), span_of("utf-7")));
	assert_false(charset_same(span_of(""), span_of("")));
	region_free(&region);
}

/* Loaded or not, it is all the same. */
static void
test_load(void **state)
{
	struct charset_modules *modules = NULL;

	charset_unload(&modules);
	assert_int_equal(charset_load(&modules), STATUS_OK);
	test_cases(state);
	charset_unload(&modules);
	assert_null(modules);
	test_cases(state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_known),
		cmocka_unit_test(test_load),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
