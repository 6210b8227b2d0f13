/* Reading header fields: folds, line ends, broken headers, limits. */
#include "config.h"

#include "lib/mail/message.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/unit.h"

struct parse_case {
	const char *raw;
	size_t field_count;
	const char *first_name, *first_value, *body;
};

static const struct parse_case parse_cases[] = {
	{ "A: 1\r\nB: 2\r\n\r\nbody\r\n", 2, "A", " 1", "body\r\n" },
	{ "A: 1\nB:2\n\nbody\n", 2, "A", " 1", "body\n" },
	{ "A: 1\n\t2\n 3\n\n", 1, "A", " 1\r\n\t2\r\n 3", "" },
	{ "A: 1\r\n\t2\r\n\r\n", 1, "A", " 1\r\n\t2", "" },
	{ "From x@y Mon Jan\nA:1\n\nb", 1, "A", "1", "b" },
	{ "A :1\n\nb", 1, "A", "1", "b" },
	{ "A:\n\nb", 1, "A", "", "b" },
	{ "A:1\nnot a field\nB:2\n\n", 1, "A", "1", "not a field\nB:2\n\n" },
	{ "A:1", 1, "A", "1", "" },
	{ "A:1\n", 1, "A", "1", "" },
	{ "\nbody", 0, NULL, NULL, "body" },
	{ "", 0, NULL, NULL, "" },
	{ ":x\n\n", 0, NULL, NULL, ":x\n\n" },
	{ " leading fold\nA:1\n", 0, NULL, NULL, " leading fold\nA:1\n" },
	{ "S\xc3\xa4:1\n\n", 0, NULL, NULL, "S\xc3\xa4:1\n\n" },
};

static void
test_parse(void **state GP_UNUSED)
{
	const struct parse_case *c;
	struct region *region;
	struct message message;
	struct span body;
	size_t i;

	for (i = 0; i < GP_NELEMS(parse_cases); i++) {
		c = &parse_cases[i];
		region = region_new();
		message_init(&message, region);
		assert_int_equal(
		    message_parse_header(&message, span_of(c->raw), &body),
		    STATUS_OK);
		if (message.field_count != c->field_count ||
		    !span_equals(body, c->body))
			fail_msg(
			    "case %zu: %zu fields", i, message.field_count);
		if (c->field_count > 0 &&
		    (!span_equals(message.fields[0].name, c->first_name) ||
			!span_equals(message.fields[0].value, c->first_value)))
			fail_msg("case %zu: first field", i);
		region_free(&region);
	}
}

static void
test_find(void **state GP_UNUSED)
{
	struct region *region = region_new();
	struct message message;
	struct span body;

	message_init(&message, region);
	assert_int_equal(message_parse_header(
			     &message, span_of("a: 1\nB: 2\nA: 3\n\n"), &body),
	    STATUS_OK);
	assert_int_equal(message_count(&message, "A"), 2);
	assert_true(span_equals(message_find(&message, "a", 1)->value, " 3"));
	assert_null(message_find(&message, "a", 2));
	assert_null(message_find(&message, "c", 0));
	region_free(&region);
}

static void
test_limits(void **state GP_UNUSED)
{
	struct region *region = region_new();
	struct message message;
	size_t i;
	char *big = calloc(1, MESSAGE_HEADER_BYTES_MAX);
	struct span value = { big, MESSAGE_HEADER_BYTES_MAX };

	message_init(&message, region);
	for (i = 0; i < MESSAGE_FIELDS_MAX + 5; i++)
		assert_int_equal(
		    message_add_field(&message, span_of("A"), span_of("1")),
		    STATUS_OK);
	assert_int_equal(message.field_count, MESSAGE_FIELDS_MAX);
	assert_true(message.truncated);
	message_init(&message, region);
	assert_int_equal(
	    message_add_field(&message, span_of("A"), value), STATUS_OK);
	assert_int_equal(message.field_count, 0);
	assert_true(message.truncated);
	free(big);
	region_free(&region);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
