/* Addresses of hostile From fields, envelope paths. */
#include "config.h"

#include "lib/mail/address.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/strbuf.h"
#include "tests/unit/unit.h"

/* "local|domain local|domain" of all addresses. */
static void
addresses_text(
    const struct address *addresses, size_t count, struct strbuf *text)
{
	size_t i;

	strbuf_reset(text);
	for (i = 0; i < count; i++)
		strbuf_printf(text, "%s%s|%s", i > 0 ? " " : "",
		    addresses[i].local_part, addresses[i].domain);
}

static void
test_list(void **state GP_UNUSED)
{
	static const struct {
		const char *value, *expected;
		size_t broken;
	} cases[] = {
		/* plain forms */
		{ "a@good.com", "a|good.com", 0 },
		{ " \r\n\t<a@Good.COM>\r\n", "a|good.com", 0 },
		{ "Doe <a@good.com>, b@other.org", "a|good.com b|other.org",
		    0 },
		{ "\"Doe, J. <x@y.z>\" <a@good.com>", "a|good.com", 0 },
		{ "J. \"Q\" Public <a.b@good.com>", "a.b|good.com", 0 },
		{ "", "", 0 },
		{ " , ,", "", 0 },
		{ "a@good.com.", "a|good.com", 0 },
		{ "a+b=c/d@good.com", "a+b=c/d|good.com", 0 },
		{ "<root>", "root|", 0 },
		{ "\xc3\xa4@good.com", "\xc3\xa4|good.com", 0 },
		/* names that look like addresses */
		{ "a@good.com <b@evil.com>", "b|evil.com", 0 },
		{ "\"a@good.com\" <b@evil.com>", "b|evil.com", 0 },
		{ "a@good.com c@good.com <b@evil.com>", "b|evil.com", 0 },
		{ "=?utf-8?q?a=40good.com?= <b@evil.com>", "b|evil.com", 0 },
		{ "=?utf-8?q?=3Ca=40good.com=3E?= b@evil.com", "b|evil.com",
		    1 },
		{ "=?utf-8?q?a=40good.com?=@evil.com",
		    "=?utf-8?q?a=40good.com?=|evil.com", 0 },
		{ "=?utf-8?q?a=40good.com?=", "", 1 },
		{ "a@=?utf-8?q?good.com?=", "a|", 1 },
		/* comments */
		{ "(a@good.com) b@evil.com", "b|evil.com", 0 },
		{ "b@evil.com (a@good.com)", "b|evil.com", 0 },
		{ "b(x)@(y)evil.com", "b|evil.com", 0 },
		{ "b@evil(x).com", "b|evil.com", 0 },
		{ "b@evil.com(x)good.com", "b|evil.com", 1 },
		{ "(a (b (c \\) \\( )) <a@good.com>) b@evil.com", "b|evil.com",
		    0 },
		{ "(\"<a@good.com>) b@evil.com", "b|evil.com", 0 },
		{ "a@good.com (<b@evil.com>", "a|good.com b|evil.com", 1 },
		{ "a@good.com )<b@evil.com>", "a|good.com b|evil.com", 1 },
		{ "a@good.com)b <b@evil.com>", "a|good.com b|evil.com", 1 },
		{ "a@good.com(b <b@evil.com>", "a|good.com b|evil.com", 1 },
		/* quoted strings */
		{ "\"a b\"@good.com", "a b|good.com", 0 },
		{ "\"a\\\"b\\\\\"@good.com", "a\"b\\|good.com", 0 },
		{ "\"a@good.com\"@evil.com", "a@good.com|evil.com", 0 },
		{ "\"a\\\" <a@good.com>, \" <b@evil.com>", "b|evil.com", 0 },
		{ "\"a@good.com <b@evil.com>", "a|good.com b|evil.com", 1 },
		{ "\"\"@good.com", "|good.com", 0 },
		{ "\"a\r\n b\"@good.com", "a b|good.com", 0 },
		{ "\"x\".y@good.com", "x.y|good.com", 0 },
		{ "a@\"good.com\"", "a|", 1 },
		/* groups */
		{ "undisclosed-recipients:;", "", 0 },
		{ "My Friends: a@good.com, B <b@evil.com>; c@other.org",
		    "a|good.com b|evil.com c|other.org", 0 },
		{ "mailto:a@good.com", "a|good.com", 0 },
		{ "a@good.com: b@evil.com;", "a|good.com b|evil.com", 1 },
		{ "a@good.com: <b@evil.com>;", "a|good.com b|evil.com", 1 },
		{ "a@good.com x: <b@evil.com>;", "a|good.com b|evil.com", 1 },
		{ "a@good.com: B <b@evil.com>, <c@other.org>;",
		    "a|good.com b|evil.com c|other.org", 1 },
		/* angles that are not what they should be */
		{ "A <a@good.com", "a|good.com", 1 },
		{ "<a@good.com, b@evil.com>", "a|good.com b|evil.com", 2 },
		{ "<a@good.com> <b@evil.com>", "a|good.com b|evil.com", 1 },
		{ "<a@good.com> b@evil.com", "a|good.com b|evil.com", 1 },
		{ "<<a@good.com>>", "a|good.com", 1 },
		{ "<a@good.com <b@evil.com>", "a|good.com b|evil.com", 1 },
		{ "<a@good.com>>", "a|good.com", 1 },
		{ "a@good.com>", "a|good.com", 1 },
		{ "a@good.com> <b@evil.com>", "a|good.com b|evil.com", 1 },
		{ "a@good.com>b <b@evil.com>", "a|good.com b|evil.com", 1 },
		{ "a@good.com> B <b@evil.com>", "a|good.com b|evil.com", 1 },
		{ "a@good.com@x.org <b@evil.com>",
		    "a@good.com|x.org b|evil.com", 1 },
		{ "A> <b@evil.com>", "b|evil.com", 1 },
		{ "<>", "", 1 },
		{ "<a@good.com b@evil.com>", "a|good.com b|evil.com", 1 },
		{ "A <a@good.com> Jr", "a|good.com", 1 },
		/* routes */
		{ "<@evil.com,@other.org:a@good.com>", "a|good.com", 0 },
		{ "<@evil.com:a@good.com>", "a|good.com", 0 },
		{ "<@evil.com>", "|evil.com", 1 },
		/* obsolete blanks */
		{ "a . b @ good . com", "a.b|good.com", 0 },
		{ "a@good.\r\n com", "a|good.com", 0 },
		/* several '@', missing parts */
		{ "a@good.com@evil.com", "a@good.com|evil.com", 1 },
		{ "@good.com", "|good.com", 1 },
		{ "a@", "a|", 1 },
		{ "John Doe", "", 1 },
		{ "Doe, John <a@good.com>", "a|good.com", 1 },
		{ "a@good.com; b@evil.com", "a|good.com b|evil.com", 0 },
		{ "a@good.com b@evil.com", "a|good.com b|evil.com", 1 },
		{ "a@good.com,,b@evil.com", "a|good.com b|evil.com", 0 },
		/* domains */
		{ "a@[192.0.2.1]", "a|[192.0.2.1]", 0 },
		{ "a@[IPv6:2001:DB8::1]", "a|[ipv6:2001:db8::1]", 0 },
		{ "a@[1\r\n x]", "a|", 1 },
		{ "a@[192.0.2.1", "a|192.0.2.1", 1 },
		{ "a@good..com", "a|", 1 },
		{ "a@good.com..", "a|", 1 },
		{ "a@.good.com", "a|", 1 },
		{ "a@good.com\x01.evil.com", "a|", 1 },
		{ "a@b\xc3\xbc"
		  "cher.example",
		    "a|xn--bcher-kva.example", 0 },
		{ "a@B\xc3\x9c"
		  "CHER.Example",
		    "a|xn--bcher-kva.example", 0 },
		{ "a@good\xe3\x80\x82"
		  "com",
		    "a|good.com", 0 },
		{ "a@\xef\xbd\x87ood.com", "a|good.com", 0 },
		{ "a@x\xef\xbc\xa0good.com", "a|", 1 },
		{ "a@b\xfc"
		  "cher.example",
		    "a|", 1 },
	};
	struct strbuf *text = strbuf_new(10000);
	struct address *addresses;
	size_t i, count, broken;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		struct region *region = region_new();

		if (address_parse_list(region, span_of(cases[i].value),
			&addresses, &count, &broken) != STATUS_OK)
			fail_msg("case %s", cases[i].value);
		addresses_text(addresses, count, text);
		if (strcmp(strbuf_text(text), cases[i].expected) != 0 ||
		    broken != cases[i].broken)
			fail_msg("case %s: %s, broken %zu", cases[i].value,
			    strbuf_text(text), broken);
		region_free(&region);
	}
	strbuf_free(&text);
}

static void
test_list_nul(void **state GP_UNUSED)
{
	struct region *region = region_new();
	struct span value = { "a\0b@evil.com, c@evil.com\0.good.com", 34 };
	struct address *addresses;
	size_t count, broken;

	assert_int_equal(
	    address_parse_list(region, value, &addresses, &count, &broken),
	    STATUS_OK);
	assert_int_equal(count, 2);
	assert_int_equal(broken, 1);
	assert_string_equal(addresses[0].local_part, "a?b");
	assert_string_equal(addresses[0].domain, "evil.com");
	assert_string_equal(addresses[1].domain, "");
	region_free(&region);
}

/* Many openings without an end, deep comments, many addresses. */
static void
test_list_limits(void **state GP_UNUSED)
{
	static const struct {
		const char *piece;
		size_t times, count;
		enum status status;
	} cases[] = {
		{ "(", 200000, 1, STATUS_OK },
		{ "\"\\", 200001, 1, STATUS_OK },
		{ "[\\", 200001, 1, STATUS_OK },
		{ "<", 200000, 1, STATUS_OK },
		{ "(x) ", 100000, 1, STATUS_OK },
		{ "a@b.c,", ADDRESS_MAX - 1, ADDRESS_MAX, STATUS_OK },
		{ "a@b.c,", ADDRESS_MAX, ADDRESS_MAX, STATUS_LIMIT },
		{ "@b.c ", 100000, 2, STATUS_OK },
	};
	struct strbuf *text = strbuf_new(1024 * 1024);
	struct address *addresses;
	size_t i, n, count, broken;
	struct span value;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		struct region *region = region_new();

		strbuf_reset(text);
		for (n = 0; n < cases[i].times; n++)
			strbuf_add_text(text, cases[i].piece);
		strbuf_add_text(text, "z@last.com");
		value.data = strbuf_text(text);
		value.length = strbuf_length(text);
		if (address_parse_list(region, value, &addresses, &count,
			&broken) != cases[i].status)
			fail_msg("case %zu: status", i);
		if (count != cases[i].count ||
		    (cases[i].status == STATUS_OK &&
			strcmp(addresses[count - 1].domain, "last.com") != 0))
			fail_msg("case %zu: %zu addresses", i, count);
		region_free(&region);
	}
	strbuf_free(&text);
}

/* The names of all addresses, parted by '/'. */
static void
test_names(void **state GP_UNUSED)
{
	static const char *const cases[][2] = {
		{ "a@b.test", "" },
		{ " Doe  <a@b.test>", "Doe" },
		{ "\"Doe, J.\" <a@b.test>", "\"Doe, J.\"" },
		{ "J. \"Q\" Public <a@b.test>, x@y.test", "J. \"Q\" Public/" },
		{ "=?utf-8?q?=C3=A9?= <a@b.test>", "=?utf-8?q?=C3=A9?=" },
		{ "x@bank.test <a@b.test>", "x@bank.test" },
		{ "a@b.test (Doe)", "Doe" },
		{ "(Doe) a@b.test", "" },
		{ "a@b.test ( Doe, J. ), Roe <c@d.test>", "Doe, J./Roe" },
		{ "Friends: Doe <a@b.test>, c@d.test (Roe);, e@f.test",
		    "Doe/Roe/" },
		{ "Doe <@x.test,@y.test:a@b.test>", "Doe" },
		{ "Doe <a@b.test> <c@d.test>", "Doe/Doe <a@b.test>" },
		{ "<a@b.test", "" },
	};
	struct region *region = region_new();
	struct strbuf *text = strbuf_new(1000);
	struct address *addresses;
	size_t i, n, count, broken;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		assert_int_equal(
		    address_parse_list(region, span_of(cases[i][0]), &addresses,
			&count, &broken),
		    STATUS_OK);
		strbuf_reset(text);
		for (n = 0; n < count; n++) {
			strbuf_add_text(text, n > 0 ? "/" : "");
			strbuf_add(text, addresses[n].name.data,
			    addresses[n].name.length);
		}
		if (strcmp(strbuf_text(text), cases[i][1]) != 0)
			fail_msg("%s: %s", cases[i][0], strbuf_text(text));
	}
	strbuf_free(&text);
	region_free(&region);
}

static void
test_path(void **state GP_UNUSED)
{
	static const struct {
		const char *path;
		enum status status;
		const char *local_part, *domain;
	} cases[] = {
		{ "<a@Good.com>", STATUS_OK, "a", "good.com" },
		{ "a@good.com", STATUS_OK, "a", "good.com" },
		{ "<>", STATUS_OK, "", "" },
		{ "", STATUS_OK, "", "" },
		{ "<root>", STATUS_OK, "root", "" },
		{ "<\"a b\\\"@x\"@good.com>", STATUS_OK, "a b\"@x",
		    "good.com" },
		{ "<@x.y:a@good.com>", STATUS_OK, "a", "good.com" },
		{ "<a@[192.0.2.1]>", STATUS_OK, "a", "[192.0.2.1]" },
		{ "<a@b\xc3\xbc"
		  "cher.example>",
		    STATUS_OK, "a", "xn--bcher-kva.example" },
		{ "<a..b@good.com>", STATUS_OK, "a..b", "good.com" },
		{ "<a@good.com", STATUS_INVALID, "", "" },
		{ "<@x.y>", STATUS_INVALID, "", "" },
		{ "@good.com", STATUS_INVALID, "", "" },
		{ "a@", STATUS_INVALID, "", "" },
		{ "a@good..com", STATUS_INVALID, "", "" },
		{ "a\nb@good.com", STATUS_INVALID, "", "" },
		{ "a@[x y]", STATUS_INVALID, "", "" },
	};
	struct region *region = region_new();
	struct address address;
	size_t i;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		if (address_parse_path(region, cases[i].path, &address) !=
			cases[i].status ||
		    strcmp(address.local_part, cases[i].local_part) != 0 ||
		    strcmp(address.domain, cases[i].domain) != 0)
			fail_msg("case %s: %s|%s", cases[i].path,
			    address.local_part, address.domain);
	}
	region_free(&region);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_list_nul),
		cmocka_unit_test(test_list_limits),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
