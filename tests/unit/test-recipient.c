/* Envelope recipients and paths that follow from names. */
#include "config.h"

#include "deliver/recipient.h"

#include <stdlib.h>
#include <string.h>

#include "lib/users/template.h"
#include "tests/unit/unit.h"

static void
test_parse(void **state GP_UNUSED)
{
	static const struct {
		const char *text, *delimiters;
		enum status status;
		const char *address, *user, *detail;
	} cases[] = {
		{ "alice@example.com", "+", STATUS_OK, "alice@example.com",
		    "alice@example.com", "" },
		{ "Alice+Lists@Example.COM", "+", STATUS_OK,
		    "Alice+Lists@Example.COM", "Alice@Example.COM", "Lists" },
		{ "a+b+c@x", "+", STATUS_OK, "a+b+c@x", "a@x", "b+c" },
		{ "a-b+c@x", "+-", STATUS_OK, "a-b+c@x", "a@x", "b+c" },
		{ "a+b@x", "", STATUS_OK, "a+b@x", "a+b@x", "" },
		{ "a+@x", "+", STATUS_OK, "a+@x", "a@x", "" },
		/* A delimiter in front is of the name. */
		{ "+a@x", "+", STATUS_OK, "+a@x", "+a@x", "" },
		{ "+a+b@x", "+", STATUS_OK, "+a+b@x", "+a@x", "b" },
		{ "postmaster", "+", STATUS_OK, "postmaster", "postmaster",
		    "" },
		{ "\"quoted user\"@x", "+", STATUS_OK, "\"quoted user\"@x",
		    "quoted user@x", "" },
		{ "\"a@b\"@x", "+", STATUS_OK, "\"a@b\"@x", "a@b@x", "" },
		{ "\"a\\\"b\"@x", "+", STATUS_OK, "\"a\\\"b\"@x", "a\"b@x",
		    "" },
		{ "\"a+b\"@x", "+", STATUS_OK, "\"a+b\"@x", "a@x", "b" },
		{ "\xc3\xa4lice@x", "+", STATUS_OK, "\xc3\xa4lice@x",
		    "\xc3\xa4lice@x", "" },
		{ "@one,@two:a@x", "+", STATUS_OK, "a@x", "a@x", "" },
		{ "a@b@x", "+", STATUS_OK, "a@b@x", "a@b@x", "" },
		{ "", "+", STATUS_INVALID, "", "", "" },
		{ "alice@", "+", STATUS_INVALID, "", "", "" },
		{ "@x", "+", STATUS_INVALID, "", "", "" },
		{ "\"\"@x", "+", STATUS_INVALID, "", "", "" },
		{ "\"a@x", "+", STATUS_INVALID, "", "", "" },
		{ "a\"b@x", "+", STATUS_INVALID, "", "", "" },
		{ "\"a\"b@x", "+", STATUS_INVALID, "", "", "" },
		{ "a\nb@x", "+", STATUS_INVALID, "", "", "" },
		{ "a\x7f@x", "+", STATUS_INVALID, "", "", "" },
		{ "@a\x01:b@x", "+", STATUS_INVALID, "", "", "" },
		{ "@a:", "+", STATUS_INVALID, "", "", "" },
	};
	struct recipient recipient;
	struct region *region;
	enum status status;
	size_t i;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		region = region_new();
		status = recipient_parse(region, span_of(cases[i].text),
		    cases[i].delimiters, &recipient);
		if (status != cases[i].status)
			fail_msg("case \"%s\": status", cases[i].text);
		if (status == STATUS_OK &&
		    (strcmp(recipient.address, cases[i].address) != 0 ||
			strcmp(recipient.user, cases[i].user) != 0 ||
			strcmp(recipient.detail, cases[i].detail) != 0))
			fail_msg("case \"%s\": %s %s %s", cases[i].text,
			    recipient.address, recipient.user,
			    recipient.detail);
		region_free(&region);
	}
}

static void
test_long(void **state GP_UNUSED)
{
	struct region *region = region_new();
	char text[RECIPIENT_BYTES_MAX + 2];
	struct recipient recipient;
	struct span span = { text, RECIPIENT_BYTES_MAX };

	memset(text, 'a', sizeof(text));
	assert_int_equal(
	    recipient_parse(region, span, "+", &recipient), STATUS_OK);
	span.length++;
	assert_int_equal(
	    recipient_parse(region, span, "+", &recipient), STATUS_LIMIT);
	region_free(&region);
}

static void
test_template(void **state GP_UNUSED)
{
	static const struct {
		const char *template, *user, *home;
		enum status status;
		const char *path;
	} cases[] = {
		{ "/v/%d/%n", "alice@x.com", NULL, STATUS_OK,
		    "/v/x.com/alice" },
		{ "/v/%u", "alice@x.com", NULL, STATUS_OK, "/v/alice@x.com" },
		{ "/v/%%/%n", "a", NULL, STATUS_OK, "/v/%/a" },
		{ "~/Maildir", "a", "/h/a", STATUS_OK, "/h/a/Maildir" },
		{ "~/%n", "a@b@c", "/h", STATUS_OK, "/h/a@b" },
		{ "/v/%d", "a@b@c", NULL, STATUS_OK, "/v/c" },
		{ "~/Maildir", "a", NULL, STATUS_NOTFOUND, NULL },
		{ "/v/%d/%n", "alice", NULL, STATUS_INVALID, NULL },
		{ "/v/%n", "../x@d", NULL, STATUS_INVALID, NULL },
		{ "/v/%n", "a/b@d", NULL, STATUS_INVALID, NULL },
		{ "/v/%n", ".@d", NULL, STATUS_INVALID, NULL },
		{ "/v/%d", "a@..", NULL, STATUS_INVALID, NULL },
		{ "/v/%u", "../../a@b", NULL, STATUS_INVALID, NULL },
		{ "/v/%u", "a@b/../c", NULL, STATUS_INVALID, NULL },
		{ "/v/x", "../a@b", NULL, STATUS_OK, "/v/x" },
	};
	struct region *region = region_new();
	enum status status;
	const char *path;
	size_t i;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		status = template_expand(region, cases[i].template,
		    cases[i].user, cases[i].home, &path);
		if (status != cases[i].status ||
		    (status == STATUS_OK && strcmp(path, cases[i].path) != 0))
			fail_msg("case %s of %s: %s", cases[i].template,
			    cases[i].user, path);
	}
	region_free(&region);
}

static void
test_template_long(void **state GP_UNUSED)
{
	struct region *region = region_new();
	const char *path;
	char *user;

	assert_non_null(user = calloc(1, 5000));
	memset(user, 'a', 4999);
	assert_int_equal(
	    template_expand(region, "/%n", user, NULL, &path), STATUS_INVALID);
	free(user);
	region_free(&region);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_template),
		cmocka_unit_test(test_template_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
