/* Authentication-Results: writing, parsing, and whose field it is. */
#include "config.h"

#include "lib/auth/authres.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/unit.h"

#define NESTED_32                          \
	"((((((((((((((((((((((((((((((((" \
	"))))))))))))))))))))))))))))))))"

struct parse_case {
	const char *name;
	const char *value;
	const char *expected; /* as written again; NULL: refused */
};

/* Each refused value names the rule of RFC 8601 section 2.2 it breaks. */
static const struct parse_case parse_cases[] = {
	{ "none", " example.com; none", "example.com; none" },
	{ "none, everywhere CFWS",
	    "\r\n (a) example.org (b (c) \\) d) 1 (e) ;\n\t(f) none (g)\r\n",
	    "example.org; none" },
	{ "a version", "example.org 2; none", "example.org 2; none" },
	{ "leading zeros", "example.org 001; none", "example.org; none" },
	{ "a quoted authserv-id", "\"example.org\";none", "example.org; none" },
	{ "a quoted authserv-id that needs it", "\"a b\"; none",
	    "\"a b\"; none" },
	{ "UTF-8 authserv-id",
	    "b\xc3\xbc"
	    "cher.example; none",
	    "b\xc3\xbc"
	    "cher.example; none" },
	{ "one result", "example.com; spf=pass smtp.mailfrom=example.net",
	    "example.com;\n\tspf=pass smtp.mailfrom=example.net" },
	{ "without blanks", "example.com;spf=pass smtp.mailfrom=a@b;dkim=none",
	    "example.com;\n\tspf=pass smtp.mailfrom=a@b;\n\tdkim=none" },
	{ "blanks in all places",
	    "e.com ; spf / 1 = PASS reason = \"x\" SMTP . MailFrom = a@b ;"
	    " none (x) = pass",
	    "e.com;\n\tspf=pass reason=x smtp.mailfrom=a@b;\n\tnone=pass" },
	{ "a method version", "e.com; dkim/2=pass", "e.com;\n\tdkim/2=pass" },
	{ "a reason", "e.com; dkim=fail reason=\"bad \\\"x\\\"\" header.d=b.c",
	    "e.com;\n\tdkim=fail reason=\"bad \\\"x\\\"\" header.d=b.c" },
	{ "an empty reason and an empty value",
	    "e.com; spf=none reason=\"\" smtp.mailfrom=\"\"",
	    "e.com;\n\tspf=none reason=\"\" smtp.mailfrom=\"\"" },
	{ "a domain with '@'", "e.com; dkim=pass header.i=@b.c",
	    "e.com;\n\tdkim=pass header.i=@b.c" },
	{ "local parts", "e.com; a=pass b.c=x+y/z=@d.e f.g=\"h i\"@j.k",
	    "e.com;\n\ta=pass b.c=x+y/z=@d.e f.g=\"\\\"h i\\\"@j.k\"" },
	{ "a UTF-8 address", "e.com; a=pass b.c=\xce\xb4\xce\xbf@\xce\xb4.gr",
	    "e.com;\n\ta=pass b.c=\xce\xb4\xce\xbf@\xce\xb4.gr" },
	{ "a quoted address", "e.com; a=pass b.c=\"x@[192.0.2.1]\"",
	    "e.com;\n\ta=pass b.c=\"x@[192.0.2.1]\"" },
	{ "quoted values side by side", "e.com; a=pass b.c=\":\"d.e=f",
	    "e.com;\n\ta=pass b.c=\":\" d.e=f" },
	{ "a fold and a tab in a string", "e.com; a=b c.d=\"x\r\n\ty\t(z)\"",
	    "e.com;\n\ta=b c.d=\"x y (z)\"" },
	{ "comments hold anything",
	    "e.com; a=b (;none\x01\xff\" \\( ) c.d(x)=(y)e",
	    "e.com;\n\ta=b c.d=e" },
	{ "32 comments nested", NESTED_32 "e.com; none", "e.com; none" },

	{ "nothing", "", NULL },
	{ "blanks", " \r\n\t", NULL },
	{ "an authserv-id alone", "example.com", NULL },
	{ "no authserv-id", "; none", NULL },
	{ "an empty authserv-id", "\"\"; none", NULL },
	{ "a method for an authserv-id", "dkim=pass header.d=a.b", NULL },
	{ "a '/' in an authserv-id", "example/com; none", NULL },
	{ "an authserv-id and a word", "example.com foo; none", NULL },
	{ "a version without a blank", "\"example.com\"1; none", NULL },
	{ "no result", "example.com;", NULL },
	{ "no result word", "example.com; dkim=", NULL },
	{ "a ';' at the end", "example.com; dkim=pass;", NULL },
	{ "a second ';'", "example.com;; dkim=pass", NULL },
	{ "none and a result", "example.com; none; dkim=pass", NULL },
	{ "a result and none", "example.com; dkim=pass; none", NULL },
	{ "none and a property", "example.com; none a.b=c", NULL },
	{ "a property without ptype", "e.com; x-tls=pass version=1", NULL },
	{ "an address without quotes", "e.com; a=pass b.c=2001:db8::1", NULL },
	{ "a '/' in a token", "e.com; dkim=pass header.b=a/b", NULL },
	{ "angle brackets", "e.com; spf=pass smtp.mailfrom=<a@b>", NULL },
	{ "a reason behind a property", "e.com; a=b c.d=e reason=f", NULL },
	{ "two reasons", "e.com; a=b reason=c reason=d", NULL },
	{ "no value", "e.com; a=b c.d=", NULL },
	{ "no blank behind the result", "e.com; a=b\"x\"c.d=e", NULL },
	{ "a keyword that begins with '-'", "e.com; -a=b", NULL },
	{ "a keyword that ends with '-'", "e.com; a-=b", NULL },
	{ "a '_' in a keyword", "e.com; a=b c.d_e=f", NULL },
	{ "a method version that is a word", "e.com; dkim/x=pass", NULL },
	{ "a huge version", "e.com 99999999999999999999; none", NULL },
	{ "a string without end", "e.com; a=b reason=\"x", NULL },
	{ "a string that ends in '\\'", "e.com; a=b reason=\"x\\", NULL },
	{ "a bare CR", "e.com; a=b\rc.d=e", NULL },
	{ "a line break without a blank", "e.com; a=b\nc.d=e", NULL },
	{ "a line break in a string", "e.com; a=b reason=\"x\ny\"", NULL },
	{ "a control byte in a string", "e.com; a=b reason=\"x\x01\"", NULL },
	{ "a control byte behind '\\'", "e.com; a=b reason=\"x\\\n\"", NULL },
	{ "bytes that are no UTF-8", "e.com; a=b reason=\"x\xff\"", NULL },
	{ "an overlong form", "e.com; a=b reason=\"\xc0\xaf\"", NULL },
	{ "a surrogate", "e.com; a=b reason=\"\xed\xa0\x80\"", NULL },
	{ "a C1 control", "e.com; a=b reason=\"\xc2\x85\"", NULL },
	{ "a comment without end", "e.com; none (", NULL },
	{ "a comment that ends in '\\'", "e.com; none (\\", NULL },
	{ "33 comments nested", "(" NESTED_32 ")e.com; none", NULL },
};

static const char *
parse_and_write(struct region *region, struct span value)
{
	struct authres *authres;
	const char *written;
	enum status status = authres_parse(region, value, &authres);

	if (status == STATUS_INVALID) {
		assert_null(authres);
		return NULL;
	}
	assert_int_equal(status, STATUS_OK);
	assert_int_equal(authres_write(region, authres, &written), STATUS_OK);
	return written;
}

static void
run_parse_case(const struct parse_case *item)
{
	struct region *region = region_new();
	const char *once, *twice;

	once = parse_and_write(region, span_of(item->value));
	if ((once == NULL) != (item->expected == NULL) ||
	    (once != NULL && strcmp(once, item->expected) != 0))
		fail_msg("%s:\n  want %s\n  got  %s", item->name,
		    item->expected == NULL ? "(refused)" : item->expected,
		    once == NULL ? "(refused)" : once);
	if (once != NULL) {
		twice = parse_and_write(region, span_of(once));
		if (twice == NULL || strcmp(once, twice) != 0)
			fail_msg("%s: not stable", item->name);
	}
	region_free(&region);
}

static void
test_parse(void **state GP_UNUSED)
{
	struct region *region = region_new();
	struct span nul = { "e.com; a=b reason=\"x\0\"", 22 };
	size_t i;

	for (i = 0; i < GP_NELEMS(parse_cases); i++)
		run_parse_case(&parse_cases[i]);
	assert_null(parse_and_write(region, nul));
	nul.length = 0;
	nul.data = NULL;
	assert_null(parse_and_write(region, nul));
	region_free(&region);
}

/* Every front piece of a long value: never read behind the end (ASan). */
static void
test_truncated(void **state GP_UNUSED)
{
	static const char value[] =
	    " (c (d)) \"e\\x.com\" 1 ; dkim/1 = fail reason=\"a \\\" \xc3\xbc\""
	    " header.i=\"x y\"@b.c header.d = b\xc3\xbc.c;\r\n spf=pass (x\\))";
	struct region *region;
	struct span front;
	char *copy;
	size_t i;

	for (i = 1; i < sizeof(value); i++) {
		region = region_new();
		copy = malloc(i);
		assert_non_null(copy);
		memcpy(copy, value, i);
		front.data = copy;
		front.length = i;
		(void)parse_and_write(region, front);
		(void)authres_claims(front, "ex.com");
		free(copy);
		region_free(&region);
	}
}

static void
test_fields(void **state GP_UNUSED)
{
	static const char value[] =
	    "Mx.Example.org 1; DKIM=Pass reason=\"good \\\\ \\\"signature\\\"\""
	    " Header.D=Example.COM header.i=\"a\\ b\"@example.com; spf/3=fail";
	struct region *region = region_new();
	const struct authres_result *dkim, *spf;
	struct authres *authres;

	assert_int_equal(
	    authres_parse(region, span_of(value), &authres), STATUS_OK);
	assert_string_equal(authres->authserv_id, "Mx.Example.org");
	assert_int_equal(authres->version, 1);
	assert_int_equal(authres->result_count, 2);
	dkim = &authres->results[0];
	spf = &authres->results[1];
	assert_string_equal(dkim->method, "dkim");
	assert_string_equal(dkim->result, "pass");
	assert_int_equal(dkim->version, 1);
	assert_string_equal(dkim->reason, "good \\ \"signature\"");
	assert_int_equal(dkim->property_count, 2);
	assert_string_equal(dkim->properties[0].ptype, "header");
	assert_string_equal(dkim->properties[0].property, "d");
	assert_string_equal(dkim->properties[0].value, "Example.COM");
	assert_string_equal(dkim->properties[1].value, "\"a b\"@example.com");
	assert_string_equal(spf->method, "spf");
	assert_int_equal(spf->version, 3);
	assert_null(spf->reason);
	assert_int_equal(spf->property_count, 0);
	region_free(&region);
}

static void
test_limits(void **state GP_UNUSED)
{
	struct region *region = region_new();
	struct authres *authres;
	char *value = NULL;
	size_t length, i;
	FILE *file = open_memstream(&value, &length);

	assert_non_null(file);
	fputs("e.com", file);
	for (i = 0; i < 100; i++)
		fprintf(file, "; m%zu=pass", i);
	for (i = 0; i < 40; i++)
		fprintf(file, " a.b%zu=c", i);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(
	    authres_parse(region, span_of(value), &authres), STATUS_OK);
	assert_int_equal(authres->result_count, AUTHRES_RESULTS_MAX);
	assert_string_equal(authres->results[63].method, "m63");
	free(value);
	file = open_memstream(&value, &length);
	assert_non_null(file);
	fputs("e.com; a=b", file);
	for (i = 0; i < 40; i++)
		fprintf(file, " a.b%zu=c", i);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(
	    authres_parse(region, span_of(value), &authres), STATUS_OK);
	assert_int_equal(
	    authres->results[0].property_count, AUTHRES_PROPERTIES_MAX);
	free(value);
	region_free(&region);
}

struct write_case {
	const char *name;
	const char *value; /* of smtp.mailfrom, and the reason */
	const char *expected_value;
	const char *expected_reason;
};

static const struct write_case write_cases[] = {
	{ "a domain", "example.com", "example.com", "example.com" },
	{ "an address", "a.b@example.com", "a.b@example.com",
	    "\"a.b@example.com\"" },
	{ "nothing", "", "\"\"", "\"\"" },
	{ "an IPv6 address", "2001:db8::1", "\"2001:db8::1\"",
	    "\"2001:db8::1\"" },
	{ "an injected result", "a\r\n\tx; dkim=pass", "\"a?? x; dkim=pass\"",
	    "\"a?? x; dkim=pass\"" },
	{ "an injected header", "a\r\nX-Spam-Flag: NO",
	    "\"a??X-Spam-Flag: NO\"", "\"a??X-Spam-Flag: NO\"" },
	{ "quotes", "a\"b\\c", "\"a\\\"b\\\\c\"", "\"a\\\"b\\\\c\"" },
	{ "a comment", "a (b)", "\"a (b)\"", "\"a (b)\"" },
	{ "broken UTF-8", "a\xff\xc3\xbc\xc3", "a?\xc3\xbc?", NULL },
	{ "C1 and DEL", "a\xc2\x9f\x7f", "\"a???\"", "\"a???\"" },
	{ "a dot at the end", "a.@b.c", "\"a.@b.c\"", "\"a.@b.c\"" },
	{ "two '@'", "a@b@c", "\"a@b@c\"", "\"a@b@c\"" },
};

static const char *
write_one(struct region *region, const char *id, const char *value,
    const char *reason)
{
	struct authres_property property = { "smtp", "mailfrom", value };
	struct authres_result result = { "spf", 1, "pass", reason, 1,
		&property };
	struct authres authres = { id, 1, 1, &result };
	const char *written;

	assert_int_equal(authres_write(region, &authres, &written), STATUS_OK);
	return written;
}

static void
run_write_case(const struct write_case *item)
{
	struct region *region = region_new();
	const char *written, *expected;

	written = write_one(region, "e.com", item->value, NULL);
	expected = region_printf(region, "e.com;\n\tspf=pass smtp.mailfrom=%s",
	    item->expected_value);
	if (item->expected_reason != NULL && strcmp(written, expected) != 0)
		fail_msg(
		    "%s:\n  want %s\n  got  %s", item->name, expected, written);
	if (item->expected_reason != NULL) {
		written = write_one(region, "e.com", "x", item->value);
		expected = region_printf(region,
		    "e.com;\n\tspf=pass reason=%s smtp.mailfrom=x",
		    item->expected_reason);
		assert_string_equal(written, expected);
	}
	assert_non_null(parse_and_write(region, span_of(written)));
	region_free(&region);
}

static void
test_write(void **state GP_UNUSED)
{
	size_t i;

	for (i = 0; i < GP_NELEMS(write_cases); i++)
		run_write_case(&write_cases[i]);
}

/* Lines, columns, and bytes of a field; every line goes on with a tab. */
static void
check_lines(const char *written, size_t most)
{
	const char *line = written, *p;
	size_t length;

	for (p = written; *p != '\0'; p++)
		assert_true(
		    *p == '\n' || *p == '\t' || (unsigned char)*p >= 0x20);
	for (; *line != '\0'; line += length + (line[length] == '\n')) {
		length = strcspn(line, "\n");
		assert_true(length <= most);
		assert_true(line == written || line[0] == '\t');
		assert_true(strcspn(line, "\t") >= length ||
		    (line[0] == '\t' && strcspn(line + 1, "\t") >= length - 1));
	}
}

static void
check_hostile(const char *value)
{
	struct region *region = region_new();
	const char *written = write_one(region, "e.com", value, value);
	const char *again;

	check_lines(written, 997);
	again = parse_and_write(region, span_of(written));
	assert_non_null(again);
	assert_string_equal(written, again);
	region_free(&region);
}

static void
test_hostile_lengths(void **state GP_UNUSED)
{
	static const char *const pieces[] = { "a", "\"", "\\", "\xc3\xbc", "@",
		"a@", " ", "\xff", "\xf0\x9f\x98\x80", ".", "a.", "\x01" };
	char value[2001];
	size_t i, k, length;

	for (i = 0; i < GP_NELEMS(pieces); i++) {
		length = strlen(pieces[i]);
		for (k = 0; k < sizeof(value) - 1; k++)
			value[k] = pieces[i][k % length];
		for (k = 310; k < sizeof(value) - 1; k += k < 330 ? 1 : 97) {
			char kept = value[k];

			value[k] = '\0';
			check_hostile(value);
			value[k] = kept;
		}
	}
}

static void
test_shortened(void **state GP_UNUSED)
{
	struct region *region = region_new();
	char value[900 + 13];
	const char *written;

	memset(value, 'x', 900);
	memcpy(value + 900, "@example.com", 13);
	written = write_one(region, "e.com", value, NULL);
	assert_non_null(strstr(written, "x...@example.com\""));
	value[900] = 'x';
	written = write_one(region, "e.com", value, NULL);
	assert_string_equal(written + strlen(written) - 4, "x...");
	assert_int_equal(strlen(written),
	    strlen("e.com;\n\tspf=pass\n\tsmtp.mailfrom=") + 320);
	region_free(&region);
}

static void
test_folding(void **state GP_UNUSED)
{
	const struct authres_property properties[] = {
		{ "header", "d", "a-long-name-of-a-domain.example.com" },
		{ "header", "s", "selector" },
		{ "header", "a", "rsa-sha256" },
		{ "header", "b", "ab/cd+ef" },
	};
	const struct authres_result results[] = {
		{ "dkim", 1, "pass", NULL, 4, properties },
		{ "dkim", 1, "fail", "the body was changed", 4, properties },
		{ "dmarc", 2, "pass", NULL, 0, NULL },
	};
	struct authres authres = { "mx.example.org", 1, 3, results };
	struct region *region = region_new();
	const char *written;

	assert_int_equal(authres_write(region, &authres, &written), STATUS_OK);
	assert_string_equal(written,
	    "mx.example.org;\n"
	    "\tdkim=pass header.d=a-long-name-of-a-domain.example.com\n"
	    "\theader.s=selector header.a=rsa-sha256 header.b=\"ab/cd+ef\";\n"
	    "\tdkim=fail reason=\"the body was changed\"\n"
	    "\theader.d=a-long-name-of-a-domain.example.com header.s=selector\n"
	    "\theader.a=rsa-sha256 header.b=\"ab/cd+ef\";\n"
	    "\tdmarc/2=pass");
	check_lines(written, 71);
	region_free(&region);
}

static enum status
write_words(struct region *region, const char *id, const char *method,
    const char *result, const char *ptype)
{
	struct authres_property property = { ptype, "x", "y" };
	struct authres_result row = { method, 1, result, NULL, 1, &property };
	struct authres authres = { id, 1, 1, &row };
	const char *written = "";
	enum status status = authres_write(region, &authres, &written);

	assert_true((written == NULL) == (status != STATUS_OK));
	return status;
}

static void
test_write_refuses(void **state GP_UNUSED)
{
	static const char *const bad_ids[] = { "", "a\nb", "a\tb", "a\x7f",
		"\xff", "\xc2\x85" };
	static const char *const bad_words[] = { "", "a b", "a=b", "-a", "a-",
		"a;b", "a\n", "a_b", "\xc3\xbc" };
	struct region *region = region_new();
	char long_id[322];
	size_t i;

	memset(long_id, 'a', 321);
	long_id[321] = '\0';
	assert_int_equal(
	    write_words(region, long_id, "m", "r", "p"), STATUS_INVALID);
	assert_int_equal(
	    write_words(region, long_id + 1, "m", "r", "p"), STATUS_OK);
	assert_int_equal(
	    write_words(region, "a", long_id + 257, "r", "p"), STATUS_OK);
	assert_int_equal(
	    write_words(region, "a", long_id + 256, "r", "p"), STATUS_INVALID);
	for (i = 0; i < GP_NELEMS(bad_ids); i++)
		assert_int_equal(write_words(region, bad_ids[i], "m", "r", "p"),
		    STATUS_INVALID);
	for (i = 0; i < GP_NELEMS(bad_words); i++) {
		assert_int_equal(
		    write_words(region, "a", bad_words[i], "r", "p"),
		    STATUS_INVALID);
		assert_int_equal(
		    write_words(region, "a", "m", bad_words[i], "p"),
		    STATUS_INVALID);
		assert_int_equal(
		    write_words(region, "a", "m", "r", bad_words[i]),
		    STATUS_INVALID);
	}
	region_free(&region);
}

/* A field as large as the limits allow: whole results, lines that fit. */
static void
test_write_large(void **state GP_UNUSED)
{
	struct authres_property properties[AUTHRES_PROPERTIES_MAX + 1];
	struct authres_result results[AUTHRES_RESULTS_MAX + 1];
	struct authres authres = { "e.com", 1, GP_NELEMS(results), results };
	struct region *region = region_new();
	char value[901];
	const char *written;
	size_t i;

	memset(value, '"', 900);
	value[900] = '\0';
	for (i = 0; i < GP_NELEMS(properties); i++)
		properties[i] = (struct authres_property){ "a", "b", value };
	for (i = 0; i < GP_NELEMS(results); i++)
		results[i] = (struct authres_result){ "m", 1, "r", value,
			GP_NELEMS(properties), properties };
	assert_int_equal(authres_write(region, &authres, &written), STATUS_OK);
	assert_true(strlen(written) > 40000 && strlen(written) <= 65536);
	check_lines(written, 997);
	assert_string_equal(parse_and_write(region, span_of(written)), written);
	region_free(&region);
}

struct claim_case {
	const char *value;
	const char *id;
	bool expected;
};

#define ID "mx.example.com"

static const struct claim_case claim_cases[] = {
	{ "mx.example.com; spf=pass", ID, true },
	{ " MX.Example.COM; spf=pass", ID, true },
	{ "mx.example.com;spf=pass", ID, true },
	{ "mx.example.com 1; spf=pass", ID, true },
	{ "mx.example.com\r\n\t1 ; spf=pass", ID, true },
	{ "mx.example.com.; spf=pass", ID, true },
	{ "mx.example.com.. ; spf=pass", ID, true },
	{ "\"mx.example.com\"; spf=pass", ID, true },
	{ "\"mx.ex\\ample.com\"; spf=pass", ID, true },
	{ "\" mx.example.com \"; spf=pass", ID, true },
	{ "\"mx.example.com; spf=pass", ID, true },
	{ "(comment) mx.example.com; spf=pass", ID, true },
	{ "(a (b) c)mx.example.com(d) 1(e); spf=pass", ID, true },
	{ "(a \\) b) mx.example.com; spf=pass", ID, true },
	{ "(a \\) mx.example.com; spf=pass", ID, true },
	{ "(a ( b) mx.example.com; spf=pass", ID, true },
	{ "(a;b) mx.example.com; spf=pass", ID, true },
	{ "mx(a).(b)example.com; spf=pass", ID, true },
	{ "mx.exam(x)ple.com; spf=pass", ID, true },
	{ "mx . example . com; spf=pass", ID, true },
	{ "mx.exam\r\n ple.com; spf=pass", ID, true },
	{ "mx.exam\x01ple.com; spf=pass", ID, true },
	{ "\x01\x7fmx.example.com; spf=pass", ID, true },
	{ "mx.exam\xffple.com; spf=pass", ID, true },
	{ "mx.exam\xc2\x85ple.com; spf=pass", ID, true },
	{ "mx.exam\xe2\x80\x8bple.com; spf=pass", ID, true },
	{ "mx.ex\xef\xbd\x81mple.com; spf=pass", ID, true },
	{ "mx\xe3\x80\x82"
	  "example.com; spf=pass",
	    ID, true },
	{ "mx.example.com", ID, true },
	{ "mx.example.com spf=pass", ID, true },
	{ "mx.example.com, spf=pass", ID, true },
	{ "mx.example.com/1; spf=pass", ID, true },
	{ "<mx.example.com>; spf=pass", ID, true },
	{ "=?us-ascii?q?mx.example.com?=; spf=pass", ID, true },
	{ "b\xc3\xbc"
	  "cher.example; none",
	    "xn--bcher-kva.example", true },
	{ "XN--bcher-KVA.example; none",
	    "b\xc3\xbc"
	    "cher.example",
	    true },
	{ "mx.example.com; spf=pass", "MX.example.com.", true },
	{ "mail gate; none", "mail gate", true },

	{ "", ID, false },
	{ "; spf=pass", ID, false },
	{ "mx.example.net; spf=pass", ID, false },
	{ "mx.example.com.example.net; spf=pass", ID, false },
	{ "smx.example.com; spf=pass", ID, false },
	{ "mx.example.com1; spf=pass", ID, false },
	{ "mx2; spf=pass", "mx", false },
	{ "mx.example.com-x; spf=pass", ID, false },
	{ "example.com; spf=pass", ID, false },
	{ "(mx.example.com) mx.example.net; spf=pass", ID, false },
	{ "mx.example.net; spf=pass smtp.mailfrom=mx.example.com", ID, false },
	{ "mx.example.net (mx.example.com); spf=pass", ID, false },
	{ "dkim=pass header.d=mx.example.com", ID, false },
	{ "b\xc3\xbb"
	  "cher.example; none",
	    "xn--bcher-kva.example", false },
};

static void
test_claims(void **state GP_UNUSED)
{
	const struct claim_case *item;
	struct span nul = { "mx.exa\0mple.com; none", 21 };
	char padded[20000];
	size_t i;

	for (i = 0; i < GP_NELEMS(claim_cases); i++) {
		item = &claim_cases[i];
		if (authres_claims(span_of(item->value), item->id) !=
		    item->expected)
			fail_msg("\"%s\" is%s said to claim %s", item->value,
			    item->expected ? " not" : "", item->id);
	}
	assert_true(authres_claims(nul, ID));
	/* Much in front of the authserv-id: hostile, so it is a claim. */
	memset(padded, '(', sizeof(padded));
	padded[sizeof(padded) - 1] = '\0';
	(void)authres_claims(span_of(padded), ID);
	memset(padded, ' ', sizeof(padded) - 1);
	assert_true(authres_claims(span_of(padded), ID));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_write),
		cmocka_unit_test(test_hostile_lengths),
		cmocka_unit_test(test_shortened),
		cmocka_unit_test(test_folding),
		cmocka_unit_test(test_write_refuses),
		cmocka_unit_test(test_write_large),
		cmocka_unit_test(test_claims),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
