/* Content-Type and Content-Disposition values as mail has them. */
#include "config.h"

#include "lib/mail/mime-field.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/unit.h"

struct field_case {
	const char *name, *value;
	const char *read;  /* token, then {name=text} for each parameter */
	const char *flags; /* b broken, d duplicate, t truncated */
};

static const struct field_case cases[] = {
	{ "plain", " Text/Plain; Charset=UTF-8", "text/plain {charset=UTF-8}",
	    "" },
	{ "token alone", "attachment", "attachment", "" },
	{ "empty", "", "", "b" },
	{ "blank", " \r\n\t", "", "b" },
	{ "folded", "multipart/mixed;\r\n\tboundary=\"a b\"",
	    "multipart/mixed {boundary=a b}", "" },
	{ "semicolon in quotes", "a/b; x=\"c;d\"; y=e", "a/b {x=c;d} {y=e}",
	    "" },
	{ "backslash", "a/b; x=\"c\\\"d\\\\\"", "a/b {x=c\"d\\}", "" },
	{ "Windows path", "a/b; x=\"C:\\c\\d.txt\"", "a/b {x=C:\\c\\d.txt}",
	    "" },
	{ "comments", "(c) a/b (d(e\\)) ) ; (f) x = (g) y", "a/b {x=y}", "" },
	{ "open comment", "a/b (c; x=y", "a/b", "" },
	{ "equal sign first", "a/b; boundary==_x", "a/b {boundary==_x}", "" },
	{ "blank in a value", "a/b; name=c d.exe; x=y",
	    "a/b {name=c d.exe} {x=y}", "" },
	{ "empty value", "a/b; x=; y=\"\"", "a/b {x=} {y=}", "" },
	{ "last semicolon", "a/b; x=y;", "a/b {x=y}", "" },
	/* Broken ones, of which most hide a parameter from a strict reader. */
	{ "no semicolon", "text/html charset=utf-8",
	    "text/html {charset=utf-8}", "b" },
	{ "no semicolon between", "a/b; x=y charset=z", "a/b {x=y} {charset=z}",
	    "" },
	{ "no value", "a/b; c; x=y", "a/b {x=y}", "b" },
	{ "no name", "a/b; =c; x=y", "a/b {x=y}", "b" },
	{ "semicolons", "a/b;; ;x=y", "a/b {x=y}", "" },
	{ "open quote", "a/b; boundary=\"--c; x=y", "a/b {boundary=--c} {x=y}",
	    "b" },
	{ "quote at the end", "a/b; x=\"", "a/b {x=}", "b" },
	{ "backslash at the end", "a/b; x=\"c\\", "a/b {x=c\\}", "b" },
	{ "behind the quote", "a/b; x=\"c\"d; y=e", "a/b {x=c} {y=e}", "b" },
	{ "token in quotes", "\"a/b\"; x=y", "a/b {x=y}", "b" },
	{ "no token", "; x=y", " {x=y}", "b" },
	{ "parameter first", "filename=a.exe; x=y", " {filename=a.exe} {x=y}",
	    "b" },
	{ "comma", "a/b, x=y", "a/b {x=y}", "b" },
	{ "twice", "a/b; x=y; X=z", "a/b {x=y} {x=z}", "d" },
	/* Encoded words and raw 8-bit. */
	{ "encoded word", "a/b; name=\"=?utf-8?B?w6k=?=\"",
	    "a/b {name=\xc3\xa9}", "" },
	{ "two", "a/b; name=\"=?utf-8?B?YQ==?=\r\n =?utf-8?B?Yg==?=\"",
	    "a/b {name=ab}", "" },
	{ "unquoted", "a/b; name==?utf-8?q?a?=", "a/b {name=a}", "" },
	{ "8-bit", "a/b; name=\"caf\xe9\"", "a/b {name=caf\xc3\xa9}", "" },
	{ "control", "a/b; name=\"a\x01\"", "a/b {name=a\xe2\x90\x81}", "" },
	/* RFC 2231, its own examples first. */
	{ "sections",
	    "message/external-body; access-type=URL; URL*0=\"ftp://\"; "
	    "URL*1=\"cs.utk.edu/pub/x.zip\"",
	    "message/external-body {url=ftp://cs.utk.edu/pub/x.zip} "
	    "{access-type=URL}",
	    "" },
	{ "charset",
	    "application/x-stuff; title*=us-ascii'en-us'This%20is%20%2A%2A",
	    "application/x-stuff {title=This is **}", "" },
	{ "both",
	    "application/x-stuff; title*0*=us-ascii'en'This%20is%20even; "
	    "title*1*=%20more%20; title*2=\"isn't it!\"",
	    "application/x-stuff {title=This is even more isn't it!}", "" },
	{ "order", "a/b; x*2=c; x*0=a; x*1=b", "a/b {x=abc}", "" },
	{ "ten", "a/b; x*10=c; x*9=b; x*0=a", "a/b {x=abc}", "" },
	{ "first is missing", "a/b; x*1=b; x*2=c", "a/b {x=bc}", "" },
	{ "percent in a plain section", "a/b; x*0*=''%41; x*1=%41",
	    "a/b {x=A%41}", "" },
	{ "character of two", "a/b; x*0*=utf-8''%C3; x*1*=%A9",
	    "a/b {x=\xc3\xa9}", "" },
	{ "beside a plain one", "a/b; filename=\"x.txt\"; filename*=utf-8''y",
	    "a/b {filename=y} {filename=x.txt}", "" },
	{ "no charset", "a/b; x*=caf%E9", "a/b {x=caf\xc3\xa9}", "" },
	{ "one quote", "a/b; x*=utf-8'a", "a/b {x=utf-8'a}", "" },
	{ "charset that does not exist", "a/b; x*=no-such''%E9",
	    "a/b {x=\xc3\xa9}", "" },
	{ "NUL", "a/b; name*=utf-8''a.txt%00.exe",
	    "a/b {name=a.txt\xef\xbf\xbd.exe}", "" },
	{ "bad digits", "a/b; x*=''%4x%", "a/b {x=%4x%}", "" },
	{ "number too large", "a/b; x*99999999999=a; x*0=b", "a/b {x=a}", "" },
};

static const char *
describe(struct region *region, const struct mime_field *field)
{
	const char *text = region_strdup(region, field->token);
	size_t i;

	for (i = 0; i < field->param_count; i++)
		text = region_printf(region, "%s {%s=%s}", text,
		    field->params[i].name, field->params[i].text);
	return text;
}

static void
test_cases(void **state GP_UNUSED)
{
	struct region *region = region_new();
	const struct field_case *c;
	struct mime_field field;
	const char *read;
	size_t i;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		c = &cases[i];
		assert_int_equal(
		    mime_field_parse(region, span_of(c->value), &field),
		    STATUS_OK);
		read = describe(region, &field);
		if (strcmp(read, c->read) != 0 || field.truncated ||
		    field.broken != (strchr(c->flags, 'b') != NULL) ||
		    field.duplicate != (strchr(c->flags, 'd') != NULL))
			fail_msg("%s: \"%s\"%s%s", c->name, read,
			    field.broken ? ", broken" : "",
			    field.duplicate ? ", duplicate" : "");
	}
	region_free(&region);
}

static void
test_param(void **state GP_UNUSED)
{
	struct region *region = region_new();
	struct mime_field field;

	assert_int_equal(
	    mime_field_parse(
		region, span_of("a/b; boundary=\"\xe9=?utf-8?q?x?=\""), &field),
	    STATUS_OK);
	assert_null(mime_field_param(&field, "charset"));
	assert_true(span_equals(
	    mime_field_param(&field, "boundary")->raw, "\xe9=?utf-8?q?x?="));
	region_free(&region);
}

/* Every beginning of each case, in memory that ends with it. */
static void
test_cut(void **state GP_UNUSED)
{
	struct region *region = region_new();
	struct mime_field field;
	size_t i, length;
	char *copy;

	for (i = 0; i < GP_NELEMS(cases); i++)
		for (length = 0; length < strlen(cases[i].value); length++) {
			copy = test_malloc(length + 1);
			memcpy(copy, cases[i].value, length);
			assert_int_equal(
			    mime_field_parse(
				region, (struct span){ copy, length }, &field),
			    STATUS_OK);
			test_free(copy);
		}
	region_free(&region);
}

static void
test_limits(void **state GP_UNUSED)
{
	struct region *region = region_new();
	struct mime_field field;
	const char *value = "a/b";
	char *longer;
	size_t i;

	for (i = 0; i <= MIME_PARAMS_MAX; i++)
		value = region_printf(region, "%s; x%zu*0=y", value, i);
	assert_int_equal(
	    mime_field_parse(region, span_of(value), &field), STATUS_OK);
	assert_int_equal(field.param_count, MIME_PARAMS_MAX);
	assert_true(field.truncated);
	longer = region_alloc(region, MIME_FIELD_BYTES_MAX + 1);
	memset(longer, 'a', MIME_FIELD_BYTES_MAX + 1);
	assert_int_equal(
	    mime_field_parse(region,
		(struct span){ longer, MIME_FIELD_BYTES_MAX + 1 }, &field),
	    STATUS_OK);
	assert_int_equal(strlen(field.token), MIME_FIELD_BYTES_MAX);
	assert_true(field.truncated);
	region_free(&region);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_param),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
