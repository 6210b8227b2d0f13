/* Tag lists, word lists and canonical body lengths. */
#include "config.h"

#include "lib/auth/dkim-tags.h"

#include <string.h>

#include "lib/auth/dkim-length.h"
#include "tests/unit/unit.h"

static void
test_read(void **state GP_UNUSED)
{
	static const struct {
		const char *text;
		size_t count; /* 0: malformed */
	} cases[] = {
		{ "v=1; a=rsa-sha256; b=", 3 },
		{ "v=1;a=2;", 2 },
		{ " v = 1 ; a=2 ; \r\n\t", 2 },
		{ "v=a=b==;", 1 },
		{ "a=1; A=2", 2 }, /* names are case-sensitive */
		{ "x_1=y", 1 },
		{ "b=x\r\n\ty z", 1 },
		{ "", 0 },
		{ ";", 0 },
		{ " \r\n ", 0 },
		{ "v=1;;a=2", 0 },
		{ "v=1;;", 0 },
		{ ";v=1", 0 },
		{ "v", 0 },
		{ "v=1; a", 0 },
		{ "=1", 0 },
		{ "1v=1", 0 },
		{ "v w=1", 0 },
		{ "d=a; d=a", 0 },
		{ "p=a; k=rsa; p=b", 0 },
		{ "\"v=DKIM1; p=a\"", 0 },
		{ "d=\xc3\xa4.example", 0 },
		{ "d=\x01", 0 },
	};
	struct auth_dkim_tags tags;
	const char *reason;
	enum status status;
	size_t i;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		status =
		    auth_dkim_tags_read(span_of(cases[i].text), &tags, &reason);
		if (cases[i].count == 0 &&
		    (status != STATUS_INVALID || reason == NULL))
			fail_msg("\"%s\" was read", cases[i].text);
		if (cases[i].count > 0 &&
		    (status != STATUS_OK || reason != NULL ||
			tags.count != cases[i].count))
			fail_msg("\"%s\": %s", cases[i].text, reason);
	}
}

/* A list of 64 tags is read, one of 65 is refused. */
static void
test_limit(void **state GP_UNUSED)
{
	char text[5 * (AUTH_DKIM_TAGS_MAX + 1)];
	struct auth_dkim_tags tags;
	const char *reason;
	struct span list = { text, sizeof(text) };
	size_t i;

	for (i = 0; i <= AUTH_DKIM_TAGS_MAX; i++) {
		text[5 * i] = 't';
		text[5 * i + 1] = (char)('A' + i / 26);
		text[5 * i + 2] = (char)('a' + i % 26);
		text[5 * i + 3] = '=';
		text[5 * i + 4] = ';';
	}
	assert_int_equal(
	    auth_dkim_tags_read(list, &tags, &reason), STATUS_INVALID);
	list.length -= 5;
	assert_int_equal(auth_dkim_tags_read(list, &tags, &reason), STATUS_OK);
	assert_int_equal(tags.count, AUTH_DKIM_TAGS_MAX);
}

/* A NUL is a byte like others: not printable, and no end of the list. */
static void
test_nul(void **state GP_UNUSED)
{
	struct span text = { "v=1; d=a\0; d=b", 14 };
	struct auth_dkim_tags tags;
	const char *reason;

	assert_int_equal(
	    auth_dkim_tags_read(text, &tags, &reason), STATUS_INVALID);
}

static void
test_find(void **state GP_UNUSED)
{
	struct region *region = region_new();
	struct auth_dkim_tags tags;
	struct span value;
	const char *reason;

	assert_int_equal(
	    auth_dkim_tags_read(
		span_of("a= x y ; bh=Q\r\n\tR =; e="), &tags, &reason),
	    STATUS_OK);
	assert_true(auth_dkim_tags_find(&tags, "a", &value));
	assert_true(span_equals(value, "x y"));
	assert_true(auth_dkim_tags_find(&tags, "bh", &value));
	assert_string_equal(auth_dkim_tag_text(region, value), "QR=");
	assert_true(auth_dkim_tags_find(&tags, "e", &value));
	assert_int_equal(value.length, 0);
	assert_false(auth_dkim_tags_find(&tags, "b", &value));
	assert_int_equal(value.length, 0);
	region_free(&region);
}

static void
test_list(void **state GP_UNUSED)
{
	assert_int_equal(
	    auth_dkim_list_count(span_of("From : to:FROM"), "from"), 2);
	assert_true(auth_dkim_list_has(span_of("sha1:\r\n\tsha256"), "sha256"));
	assert_false(auth_dkim_list_has(span_of("sha1:sha2567"), "sha256"));
	assert_false(auth_dkim_list_has(span_of(""), "y"));
}

/* Bytes after canonicalization, in one piece and byte by byte. */
static void
test_length(void **state GP_UNUSED)
{
	static const struct {
		const char *body;
		uint64_t simple, relaxed;
	} cases[] = {
		{ "", 2, 0 },
		{ "\r\n", 2, 0 },
		{ "\r\n\r\n", 2, 0 },
		{ "a\r\n", 3, 3 },
		{ "a", 3, 3 },
		{ "a\r\n\r\n\r\n", 3, 3 },
		{ "\r\na\r\n", 5, 5 },
		{ "a  b\t\r\n", 7, 5 },
		{ "a\r\n \t\r\n", 7, 3 },
		{ " a\r\n", 4, 4 },
		{ "a\rb\r\n", 5, 5 },
		{ "a\r", 4, 4 },
		{ "a\nb\r\n", 5, 5 },
	};
	struct auth_dkim_length length;
	uint64_t expected;
	size_t i, j;
	int mode;

	for (i = 0; i < GP_NELEMS(cases) * 4; i++) {
		const char *body = cases[i / 4].body;

		mode = (int)(i % 4);
		expected =
		    mode < 2 ? cases[i / 4].simple : cases[i / 4].relaxed;
		auth_dkim_length_init(&length, mode >= 2);
		if (mode % 2 == 0)
			auth_dkim_length_add(&length, body, strlen(body));
		else
			for (j = 0; body[j] != '\0'; j++)
				auth_dkim_length_add(&length, body + j, 1);
		if (auth_dkim_length_total(&length) != expected)
			fail_msg("case %zu mode %d: %llu", i / 4, mode,
			    (unsigned long long)auth_dkim_length_total(
				&length));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_nul),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
