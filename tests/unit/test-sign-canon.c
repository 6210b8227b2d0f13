/*
 * Relaxed canonicalization: the examples of RFC 6376, hostile bytes, every way
 * to cut the input, and lines that the MTA will break.
 */
#include "config.h"

#include "lib/auth/sign-canon.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "tests/unit/unit.h"

#define NO_LIMIT 0

struct body_case {
	const char *name;
	size_t line_limit;
	struct span body;
	const char *canonical;
};

#define BYTES(text)                    \
	{                              \
		text, sizeof(text) - 1 \
	}

static const struct body_case body_cases[] = {
	{ "RFC 6376 section 3.4.5", NO_LIMIT,
	    BYTES(" C \r\nD \t E\r\n\r\n\r\n"), " C\r\nD E\r\n" },
	{ "empty", NO_LIMIT, BYTES(""), "" },
	{ "one line end", NO_LIMIT, BYTES("\r\n"), "" },
	{ "empty lines", NO_LIMIT, BYTES("\r\n\r\n\r\n"), "" },
	{ "blank lines", NO_LIMIT, BYTES(" \r\n\t\r\n \t \r\n"), "" },
	{ "no line end", NO_LIMIT, BYTES("a"), "a\r\n" },
	{ "blank at the end", NO_LIMIT, BYTES("a \t"), "a\r\n" },
	{ "plain", NO_LIMIT, BYTES("a b\r\n"), "a b\r\n" },
	{ "empty lines in the middle", NO_LIMIT, BYTES("a\r\n\r\n \r\nb\r\n"),
	    "a\r\n\r\n\r\nb\r\n" },
	{ "empty lines in front", NO_LIMIT, BYTES("\r\n\r\na\r\n"),
	    "\r\n\r\na\r\n" },
	{ "tab in front", NO_LIMIT, BYTES("\t\ta\r\n"), " a\r\n" },
	{ "many blanks", NO_LIMIT, BYTES("a  b\tc \t d\r\n"), "a b c d\r\n" },
	{ "bare CR", NO_LIMIT, BYTES("a\rb\r\n"), "a\rb\r\n" },
	{ "bare CR at the end", NO_LIMIT, BYTES("a\r"), "a\r\r\n" },
	{ "two CR", NO_LIMIT, BYTES("a\r\r\nb"), "a\r\r\nb\r\n" },
	{ "blank, bare CR", NO_LIMIT, BYTES("a \r b\r\n"), "a \r b\r\n" },
	{ "bare LF", NO_LIMIT, BYTES("a\nb \n\r\n"), "a\nb \n\r\n" },
	{ "LF first", NO_LIMIT, BYTES("\n\r\n\n"), "\n\r\n\n\r\n" },
	{ "only a bare CR", NO_LIMIT, BYTES("\r"), "\r\r\n" },
	{ "8 bit", NO_LIMIT, BYTES("\xc3\xa4  \xff\r\n"), "\xc3\xa4 \xff\r\n" },
	{ "control bytes", NO_LIMIT, BYTES("\x01\x0b\x0c\r\n"),
	    "\x01\x0b\x0c\r\n" },
	{ "lone dot", NO_LIMIT, BYTES(".\r\n..\r\n"), ".\r\n..\r\n" },
	{ "as long as the limit", 5, BYTES("12345\r\n"), "12345\r\n" },
	{ "longer by one", 5, BYTES("123456\r\n"), "12345\r\n 6\r\n" },
	{ "broken twice", 5, BYTES("1234567890\r\nx\r\n"),
	    "12345\r\n 6789\r\n 0\r\nx\r\n" },
	{ "blank where it breaks", 5, BYTES("1234  78\r\n"),
	    "1234\r\n 78\r\n" },
	{ "blanks over the limit", 5, BYTES("12345    \r\n"), "12345\r\n" },
	{ "CR at the limit", 5, BYTES("12345\r6\r\n"), "12345\r\n \r6\r\n" },
	{ "long and without line end", 5, BYTES("1234567"),
	    "12345\r\n 67\r\n" },
	{ "limit of one is none", 1, BYTES("123\r\n"), "123\r\n" },
};

static void
hash_of(const void *data, size_t length, unsigned char *hash)
{
	assert_int_equal(
	    EVP_Digest(data, length, hash, NULL, EVP_sha256(), NULL), 1);
}

static void
check_hash(struct auth_sign_canon **canon, const char *name,
    const void *expected, size_t length)
{
	unsigned char got[AUTH_SIGN_HASH_BYTES], want[AUTH_SIGN_HASH_BYTES];

	assert_int_equal(auth_sign_canon_finish(*canon, got), STATUS_OK);
	hash_of(expected, length, want);
	if (memcmp(got, want, sizeof(got)) != 0)
		fail_msg("%s: not the expected canonical form", name);
	auth_sign_canon_free(canon);
}

static struct auth_sign_canon *
new_canon(size_t line_limit)
{
	struct auth_sign_canon *canon;

	assert_int_equal(auth_sign_canon_new(line_limit, &canon), STATUS_OK);
	return canon;
}

/* In pieces of that many bytes. */
static void
feed(struct auth_sign_canon *canon, struct span body, size_t step)
{
	size_t at, length;

	for (at = 0; at < body.length; at += length) {
		length = body.length - at < step ? body.length - at : step;
		auth_sign_canon_body(canon, body.data + at, length);
	}
	auth_sign_canon_body_end(canon);
}

static void
test_bodies(void **state GP_UNUSED)
{
	const struct body_case *c;
	struct auth_sign_canon *canon;
	size_t i, step;

	for (i = 0; i < GP_NELEMS(body_cases); i++) {
		c = &body_cases[i];
		for (step = 1; step <= c->body.length + 1; step++) {
			canon = new_canon(c->line_limit);
			feed(canon, c->body, step);
			check_hash(&canon, c->name, c->canonical,
			    strlen(c->canonical));
		}
	}
}

struct field_case {
	const char *name;
	size_t line_limit;
	const char *field_name, *value;
	const char *canonical;
};

static const struct field_case field_cases[] = {
	{ "RFC 6376 section 3.4.5, A", NO_LIMIT, "A", " X", "a:X\r\n" },
	{ "RFC 6376 section 3.4.5, B", NO_LIMIT, "B", " Y\t\r\n\tZ  ",
	    "b:Y Z\r\n" },
	{ "no blank", NO_LIMIT, "Subject", "x", "subject:x\r\n" },
	{ "empty", NO_LIMIT, "Subject", "", "subject:\r\n" },
	{ "blank", NO_LIMIT, "Subject", " \t ", "subject:\r\n" },
	{ "only a fold", NO_LIMIT, "Subject", "\r\n ", "subject:\r\n" },
	{ "fold in front", NO_LIMIT, "Subject", "\r\n\tx", "subject:x\r\n" },
	{ "fold of blanks", NO_LIMIT, "To", " a,\r\n \t \r\n b",
	    "to:a, b\r\n" },
	{ "bare CR", NO_LIMIT, "To", " a\rb", "to:a\rb\r\n" },
	{ "bare CR at the end", NO_LIMIT, "To", " a\r", "to:a\r\r\n" },
	{ "8 bit", NO_LIMIT, "To", " \xc3\xa4", "to:\xc3\xa4\r\n" },
	{ "long token", 10, "Ab", " 1234567890", "ab:123456 7890\r\n" },
	{ "long after a fold", 10, "Ab", " 1\r\n 1234567890",
	    "ab:1 123456789 0\r\n" },
	{ "as long as the limit", 10, "Ab", " 123456", "ab:123456\r\n" },
	{ "name over the limit", 5, "Abcdefg", "x", "abcdefg:x\r\n" },
};

static void
test_fields(void **state GP_UNUSED)
{
	const struct field_case *c;
	struct auth_sign_canon *canon;
	size_t i;

	for (i = 0; i < GP_NELEMS(field_cases); i++) {
		c = &field_cases[i];
		canon = new_canon(c->line_limit);
		auth_sign_canon_field(
		    canon, span_of(c->field_name), span_of(c->value), false);
		check_hash(&canon, c->name, c->canonical, strlen(c->canonical));
	}
}

/* State does not leak from field to field; the last has no CRLF. */
static void
test_several_fields(void **state GP_UNUSED)
{
	static const char expected[] = "a:1 \r\r\nb:2\r\nc:3";
	struct auth_sign_canon *canon = new_canon(NO_LIMIT), *copy;

	auth_sign_canon_field(canon, span_of("A"), span_of(" 1 \r"), false);
	auth_sign_canon_field(canon, span_of("B"), span_of("\t2 "), false);
	assert_int_equal(auth_sign_canon_copy(canon, &copy), STATUS_OK);
	auth_sign_canon_field(canon, span_of("C"), span_of(" 3 "), true);
	auth_sign_canon_field(copy, span_of("C"), span_of("3"), true);
	check_hash(&canon, "original", expected, sizeof(expected) - 1);
	check_hash(&copy, "copy", expected, sizeof(expected) - 1);
}

/* More than any buffer: random text, against a plain second implementation. */
static size_t
canonicalize_plainly(const char *text, size_t length, char *to)
{
	size_t i, out = 0, lines = 0, text_end = 0;
	bool blank = false;

	for (i = 0; i < length; i++) {
		if (text[i] == '\r' && i + 1 < length && text[i + 1] == '\n') {
			lines++;
			blank = false;
			i++;
		} else if (text[i] == ' ' || text[i] == '\t') {
			blank = true;
		} else {
			for (; lines > 0; lines--) {
				to[out++] = '\r';
				to[out++] = '\n';
			}
			if (blank)
				to[out++] = ' ';
			blank = false;
			to[out++] = text[i];
			text_end = out;
		}
	}
	if (text_end == 0)
		return 0;
	to[out++] = '\r';
	to[out++] = '\n';
	return out;
}

static void
test_random_bodies(void **state GP_UNUSED)
{
	static const char alphabet[] = "ab  \t\r\n\r\nxyz\xff";
	static char text[20000], expected[sizeof(text) * 2 + 2];
	struct auth_sign_canon *canon;
	struct span body = { text, sizeof(text) };
	size_t i, round, length;

	srandom(1);
	for (round = 0; round < 50; round++) {
		for (i = 0; i + 1 < sizeof(text); i++) {
			text[i] =
			    alphabet[(size_t)random() % (sizeof(alphabet) - 1)];
			if (text[i] == '\r' && random() % 4 != 0)
				text[++i] = '\n';
		}
		text[sizeof(text) - 1] = 'x';
		length = canonicalize_plainly(text, sizeof(text), expected);
		canon = new_canon(NO_LIMIT);
		feed(canon, body, 1 + (size_t)random() % 9000);
		check_hash(&canon, "random", expected, length);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bodies),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_several_fields),
		cmocka_unit_test(test_random_bodies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
