/* Domain names: what is one, what is below another, U-labels. */
#include "config.h"

#include "lib/mail/domain.h"

#include <string.h>

#include "tests/unit/unit.h"

#define LABEL63 \
	"123456789012345678901234567890123456789012345678901234567890abc"
#define LABEL61 "1234567890123456789012345678901234567890123456789012345678901"

static void
test_normalize(void **state GP_UNUSED)
{
	static const struct {
		const char *domain, *expected;
	} cases[] = {
		{ "Example.COM", "example.com" },
		{ "example.com.", "example.com" },
		{ "_dmarc.example.com", "_dmarc.example.com" },
		{ "xn--bcher-KVA.example", "xn--bcher-kva.example" },
		{ "stra\xc3\x9f"
		  "e.example",
		    "xn--strae-oqa.example" },
		{ LABEL63 ".com", LABEL63 ".com" },
		{ LABEL63 "d.com", NULL },
		{ LABEL63 "." LABEL63 "." LABEL63 "." LABEL63, NULL },
		{ "", NULL },
		{ ".", NULL },
		{ "..", NULL },
		{ "a..b", NULL },
		{ "a b", NULL },
		{ "a@b", NULL },
		{ "a/b", NULL },
		{ "\xe2\x84\x80.com", NULL }, /* U+2100 maps to "a/c" */
		{ "\xff\xfe.com", NULL },
	};
	struct region *region = region_new();
	const char *name;
	size_t i;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		enum status status =
		    domain_normalize(region, span_of(cases[i].domain), &name);

		if (status !=
			(cases[i].expected != NULL ? STATUS_OK :
						     STATUS_INVALID) ||
		    (name == NULL) != (cases[i].expected == NULL) ||
		    (name != NULL && strcmp(name, cases[i].expected) != 0))
			fail_msg("case %s: %s", cases[i].domain,
			    name != NULL ? name : "(none)");
	}
	region_free(&region);
}

static void
test_valid(void **state GP_UNUSED)
{
	static const struct {
		const char *name;
		bool expected;
	} cases[] = {
		{ "com", true },
		{ "a.B-c._d.0", true },
		{ LABEL63 ".com", true },
		{ LABEL63 "x.com", false },
		{ LABEL63 "." LABEL63 "." LABEL63 "." LABEL61, true },
		{ LABEL63 "." LABEL63 "." LABEL63 "." LABEL61 "x", false },
		{ "", false },
		{ ".", false },
		{ "a.", false },
		{ ".a", false },
		{ "a..b", false },
		{ "a b", false },
		{ "[192.0.2.1]", false },
		{ "b\xc3\xbc"
		  "cher.example",
		    false },
	};

	size_t i;

	for (i = 0; i < GP_NELEMS(cases); i++)
		if (domain_is_valid(cases[i].name) != cases[i].expected)
			fail_msg("case %s", cases[i].name);
}

static void
test_within(void **state GP_UNUSED)
{
	static const struct {
		const char *name, *parent;
		bool expected;
	} cases[] = {
		{ "example.com", "example.com", true },
		{ "Mail.Example.COM", "example.com", true },
		{ "a.b.example.com", "Example.com", true },
		{ "badexample.com", "example.com", false },
		{ "example.com", "mail.example.com", false },
		{ "example.com.net", "example.com", false },
		{ "example.com.", "example.com", false },
		{ ".example.com", "example.com", true },
		{ "com", "com", true },
		{ "", "com", false },
		{ "com", "", false },
		{ "com.", "", false },
		{ "", "", true },
	};

	size_t i;

	for (i = 0; i < GP_NELEMS(cases); i++)
		if (domain_is_within(cases[i].name, cases[i].parent) !=
		    cases[i].expected)
			fail_msg(
			    "case %s in %s", cases[i].name, cases[i].parent);
}

static void
test_organizational(void **state GP_UNUSED)
{
	static const struct {
		const char *name, *expected;
	} cases[] = {
		{ "example.com", "example.com" },
		{ "a.b.example.com", "example.com" },
		{ "mail.example.co.uk", "example.co.uk" },
		{ "example.co.uk", "example.co.uk" },
		{ "co.uk", NULL },
		{ "com", NULL },
		{ "localhost", NULL },
		/* private suffixes, wildcards and exceptions of the list */
		{ "github.io", NULL },
		{ "me.github.io", "me.github.io" },
		{ "www.me.github.io", "me.github.io" },
		{ "any.ck", NULL },
		{ "a.any.ck", "a.any.ck" },
		{ "x.www.ck", "www.ck" },
		/* A-labels, in the name and in the suffix */
		{ "mail.xn--bcher-kva.example", "xn--bcher-kva.example" },
		{ "a.b.xn--55qx5d.cn", "b.xn--55qx5d.cn" },
		{ "xn--55qx5d.cn", NULL },
		{ "a.xn--p1ai", "a.xn--p1ai" },
		/* a top-level domain that the list does not know */
		{ "printer.lan", "printer.lan" },
		{ "a.printer.lan", "printer.lan" },
		{ "_dmarc.example.com", "example.com" },
		/* no names */
		{ "192.0.2.1", NULL },
		{ "example.123", NULL },
		{ "123.com", "123.com" },
		{ "[192.0.2.1]", NULL },
		{ "2001:db8::1", NULL },
		{ "", NULL },
		{ ".", NULL },
		{ "example.com.", NULL },
		{ "a..com", NULL },
	};

	const char *found;
	size_t i;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		found = domain_organizational(cases[i].name);
		if ((found == NULL) != (cases[i].expected == NULL) ||
		    (found != NULL && strcmp(found, cases[i].expected) != 0))
			fail_msg("case %s: %s", cases[i].name,
			    found == NULL ? "(none)" : found);
		if (found != NULL &&
		    found !=
			cases[i].name + strlen(cases[i].name) - strlen(found))
			fail_msg("case %s: a copy", cases[i].name);
	}
}

static void
test_registered(void **state GP_UNUSED)
{
	static const struct {
		const char *name, *expected;
	} cases[] = {
		{ "example.com", "example.com" },
		{ "a.b.example.co.uk", "example.co.uk" },
		{ "a.me.github.io", "github.io" },
		{ "github.io", "github.io" },
		{ "a.example.unheard-of", "example.unheard-of" },
		{ "co.uk", NULL },
		{ "com", NULL },
		{ "192.0.2.1", NULL },
		{ "[192.0.2.1]", NULL },
		{ "", NULL },
	};

	const char *found;
	size_t i;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		found = domain_registered(cases[i].name);
		if (cases[i].expected == NULL)
			assert_null(found);
		else
			assert_string_equal(found, cases[i].expected);
	}
}

static void
test_known_suffix(void **state GP_UNUSED)
{
	static const struct {
		const char *name;
		bool expected;
	} cases[] = {
		{ "example.com", true },
		{ "a.b.example.co.uk", true },
		{ "me.github.io", true },
		{ "xn--85x722f.xn--55qx5d.cn", true },
		{ "example.xn--p1ai", true },
		{ "com", false },
		{ "co.uk", false },
		{ "example.conf", false },
		{ "example.local", false },
		{ "192.0.2.1", false },
		{ "", false },
	};

	size_t i;

	for (i = 0; i < GP_NELEMS(cases); i++)
		if (domain_has_known_suffix(cases[i].name) != cases[i].expected)
			fail_msg("case %s", cases[i].name);
}

static void
test_to_ascii(void **state GP_UNUSED)
{
	static const struct {
		const char *name;
		size_t size;
		enum status status;
		const char *expected;
	} cases[] = {
		{ "Any text.", 10, STATUS_OK, "Any text." },
		{ "Any text.", 9, STATUS_LIMIT, "" },
		{ "", 1, STATUS_OK, "" },
		{ "b\xc3\xbc"
		  "cher.de",
		    17, STATUS_OK, "xn--bcher-kva.de" },
		{ "b\xc3\xbc"
		  "cher.de",
		    16, STATUS_LIMIT, "" },
		{ "\xff.de", 100, STATUS_INVALID, "" },
	};

	char text[100];
	size_t i;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		memset(text, 'x', sizeof(text));
		if (domain_to_ascii(cases[i].name, text, cases[i].size) !=
			cases[i].status ||
		    strcmp(text, cases[i].expected) != 0)
			fail_msg("case %s: %s", cases[i].name, text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_normalize),
		cmocka_unit_test(test_valid),
		cmocka_unit_test(test_within),
		cmocka_unit_test(test_organizational),
		cmocka_unit_test(test_registered),
		cmocka_unit_test(test_known_suffix),
		cmocka_unit_test(test_to_ascii),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
