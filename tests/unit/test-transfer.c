/* Transfer encodings: their names, their faults, their limits. */
#include "config.h"

#include "lib/mail/transfer.h"

#include <string.h>

#include "tests/unit/unit.h"

struct name_case {
	const char *value;
	enum transfer transfer;
};

static const struct name_case name_cases[] = {
	{ " 7bit", TRANSFER_7BIT },
	{ "8BIT", TRANSFER_8BIT },
	{ "8-bit", TRANSFER_8BIT },
	{ "binary", TRANSFER_BINARY },
	{ "Quoted-Printable\r\n", TRANSFER_QUOTED_PRINTABLE },
	{ "base64;", TRANSFER_BASE64 },
	{ "\"base64\"", TRANSFER_BASE64 },
	{ "base64 (really)", TRANSFER_BASE64 },
	{ "x-uue", TRANSFER_UUENCODE },
	{ "", TRANSFER_UNKNOWN },
	{ "base 64", TRANSFER_UNKNOWN },
	{ "base64x", TRANSFER_UNKNOWN },
	{ "us-ascii", TRANSFER_UNKNOWN },
};

struct decode_case {
	const char *name;
	enum transfer transfer;
	const char *raw, *bytes;
	bool broken;
};

#define QP  TRANSFER_QUOTED_PRINTABLE
#define B64 TRANSFER_BASE64
#define UU  TRANSFER_UUENCODE

static const struct decode_case decode_cases[] = {
	{ "as it is", TRANSFER_7BIT, "a=41\r\n", "a=41\r\n", false },
	{ "unknown", TRANSFER_UNKNOWN, "YQ==", "YQ==", false },
	{ "empty", QP, "", "", false },
	{ "hex", QP, "=41=c3=A9=", "A\xc3\xa9", false },
	{ "soft break", QP, "a=\r\nb=\nc", "abc", false },
	{ "soft break, blanks", QP, "a= \t\r\nb= ", "ab", false },
	{ "blanks at line ends", QP, "a \t\r\nb \n c ", "a\r\nb\n c", false },
	{ "encoded blank at the end", QP, "a=20\r\n", "a \r\n", false },
	{ "line ends", QP, "\r\n\n", "\r\n\n", false },
	{ "no digits", QP, "a=zzb", "a=zzb", true },
	{ "one digit", QP, "a=4", "a=4", true },
	{ "one digit, line end", QP, "a=4\r\nb", "a=4\r\nb", true },
	{ "two equal signs", QP, "a==41", "a=A", true },
	{ "8-bit", QP, "\xe9", "\xe9", false },
	{ "base64", B64, "YWJj\r\nZA==\r\n", "abcd", false },
	{ "broken base64", B64, "YW!Jj", "abc", true },
	{ "uuencode", UU, "begin 644 a\r\n#0V%T\r\n`\r\nend\r\n", "Cat",
	    false },
	{ "uuencode, text in front", UU, "x\nbegin 644 a\n#0V%T\n`\nend\n",
	    "Cat", false },
	{ "uuencode, no begin", UU, "#0V%T\n`\nend\n", "Cat", true },
	{ "uuencode, no end", UU, "begin 644 a\n#0V%T\n", "Cat", true },
};

static void
test_names(void **state GP_UNUSED)
{
	size_t i;

	for (i = 0; i < GP_NELEMS(name_cases); i++)
		if (transfer_of(span_of(name_cases[i].value)) !=
		    name_cases[i].transfer)
			fail_msg("\"%s\"", name_cases[i].value);
	for (i = TRANSFER_7BIT; i < TRANSFER_UNKNOWN; i++)
		assert_int_equal(
		    transfer_of(span_of(transfer_text((enum transfer)i))), i);
}

/* Kept up to each limit, and always measured whole. */
static void
check(struct region *region, const struct decode_case *c, size_t limit)
{
	size_t length = strlen(c->bytes),
	       kept = limit < length ? limit : length;
	struct transfer_bytes bytes;

	assert_int_equal(transfer_decode(region, c->transfer, span_of(c->raw),
			     limit, &bytes),
	    STATUS_OK);
	if (bytes.bytes.length != kept || bytes.size != length ||
	    memcmp(bytes.bytes.data, c->bytes, kept) != 0 ||
	    bytes.broken != c->broken)
		fail_msg("%s, limit %zu: \"%.*s\" of %zu%s", c->name, limit,
		    (int)bytes.bytes.length, bytes.bytes.data, bytes.size,
		    bytes.broken ? ", broken" : "");
}

static void
test_decode(void **state GP_UNUSED)
{
	struct region *region = region_new();
	size_t i, limit;

	for (i = 0; i < GP_NELEMS(decode_cases); i++)
		for (limit = 0; limit <= strlen(decode_cases[i].raw) + 1;
		     limit++)
			check(region, &decode_cases[i], limit);
	region_free(&region);
}

/* Blocks: what is decoded in pieces is what was encoded. */
static void
test_long(void **state GP_UNUSED)
{
	struct region *region = region_new();
	size_t i, length = 100000;
	struct transfer_bytes bytes;
	char *raw;

	raw = region_alloc(region, length);
	for (i = 0; i < length; i++)
		raw[i] = i % 77 == 76 ? '\n' : 'A';
	assert_int_equal(transfer_decode(region, B64,
			     (struct span){ raw, length }, length, &bytes),
	    STATUS_OK);
	assert_false(bytes.broken);
	assert_int_equal(bytes.size, (length - length / 77) * 3 / 4);
	for (i = 0; i < bytes.bytes.length; i++)
		assert_int_equal(bytes.bytes.data[i], 0);
	region_free(&region);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_decode),
		cmocka_unit_test(test_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
