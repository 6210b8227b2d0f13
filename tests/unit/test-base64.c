/* Base64 as it should be, and broken in every way. */
#include "config.h"

#include "lib/mail/base64.h"

#include <string.h>

#include "tests/unit/unit.h"

struct base64_case {
	const char *name, *text, *bytes;
	bool broken;
};

static const struct base64_case cases[] = {
	{ "empty", "", "", false },
	{ "no padding needed", "YWJj", "abc", false },
	{ "two", "YWI=", "ab", false },
	{ "one", "YQ==", "a", false },
	{ "lines", " YW\r\nJj\tZA==\r\n", "abcd", false },
	{ "padding missing", "YWJjZA", "abcd", false },
	{ "half a byte", "YWJjZ", "abc", true },
	{ "padded lines", "YQ==\r\nYg==\r\n", "ab", true },
	{ "padding in front", "=YWJj", "abc", true },
	{ "padding too much", "YWJj====", "abc", true },
	{ "padding after one", "YWJjZ===YWJj", "abcabc", true },
	{ "other characters", "Y*W-J!j", "abc", true },
	{ "8-bit", "YW\xe9Jj", "abc", true },
	{ "only padding", "====", "", true },
	{ "text behind", "YQ==\r\n-- \r\n", "a", true },
};

/* In one piece, and byte by byte. */
static void
check(const struct base64_case *c, size_t piece_length)
{
	struct span piece, rest = span_of(c->text);
	struct base64 base64;
	size_t length = 0;
	char bytes[64];

	base64_init(&base64);
	while (rest.length > 0) {
		piece = rest;
		if (piece.length > piece_length)
			piece.length = piece_length;
		length += base64_step(&base64, piece, bytes + length);
		rest.data += piece.length;
		rest.length -= piece.length;
	}
	length += base64_end(&base64, bytes + length);
	bytes[length] = '\0';
	if (strcmp(bytes, c->bytes) != 0 || base64.broken != c->broken)
		fail_msg("%s, pieces of %zu: \"%s\"%s", c->name, piece_length,
		    bytes, base64.broken ? ", broken" : "");
}

static void
test_cases(void **state GP_UNUSED)
{
	size_t i;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		check(&cases[i], 64);
		check(&cases[i], 3);
		check(&cases[i], 1);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
