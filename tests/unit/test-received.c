/* One Received field: the forms that are read, and what is refused. */
#include "config.h"

#include "lib/mail/received.h"

#include <string.h>

#include "tests/unit/unit.h"

struct received_case {
	const char *name, *value;
	const char *helo, *client_name, *client_ip, *by;
};

static const struct received_case cases[] = {
	{ "Postfix",
	    " from Mail.Example.COM (mail.example.com [192.0.2.1])\r\n"
	    "\tby mx.example.net (Postfix) with ESMTP id 4X; Mon, 1 Jan 2024",
	    "mail.example.com", "mail.example.com", "192.0.2.1",
	    "mx.example.net" },
	{ "Postfix, TLS",
	    "from a.test (b.test [192.0.2.1])\r\n\t(using TLSv1.3 with cipher "
	    "X (256/256 bits)\r\n\t key-exchange X25519)\r\n\t(No client "
	    "certificate requested)\r\n\tby MX.test (Postfix) with ESMTPS; d",
	    "a.test", "b.test", "192.0.2.1", "mx.test" },
	{ "IPv6", "from a (b.test [IPv6:2001:db8::1]) by c", "a", "b.test",
	    "2001:db8::1", "c" },
	{ "no name", "from a (unknown [192.0.2.1]) by c", "a", "", "192.0.2.1",
	    "c" },
	{ "address alone", "from a ([192.0.2.1]) by c", "a", "", "192.0.2.1",
	    "c" },
	{ "literal", "from [192.0.2.9] (b.test [192.0.2.1]) by c",
	    "[192.0.2.9]", "b.test", "192.0.2.1", "c" },
	{ "Sendmail", "from a (b.test [192.0.2.1]) by c (8.17/8.17) with SMTP",
	    "a", "b.test", "192.0.2.1", "c" },
	{ "Sendmail, doubtful",
	    "from a (b.test [192.0.2.1] (may be forged)) "
	    "by c",
	    "a", "", "192.0.2.1", "c" },
	{ "ident", "from a (user@b.test [192.0.2.1]) by c", "a", "",
	    "192.0.2.1", "c" },
	{ "mapped", "from a (b.test [IPv6:::ffff:192.0.2.1]) by c", "a",
	    "b.test", "192.0.2.1", "c" },
	{ "no blanks", "from a(b.test[192.0.2.1])by c;", "a", "b.test",
	    "192.0.2.1", "c" },
	/* A client cannot put another address in front of its own. */
	{ "two words", "from a b (b.test [192.0.2.1]) by c", NULL, NULL, NULL,
	    NULL },
	{ "address behind", "from a (x) (b.test [192.0.2.1]) by c", NULL, NULL,
	    NULL, NULL },
	{ "local", "by mx.test (Postfix, from userid 0) id 4X; d", NULL, NULL,
	    NULL, NULL },
	{ "qmail", "from unknown (HELO a) (192.0.2.1) by c", NULL, NULL, NULL,
	    NULL },
	{ "no by", "from a (b.test [192.0.2.1]) with SMTP", NULL, NULL, NULL,
	    NULL },
	{ "by nobody", "from a (b.test [192.0.2.1]) by ; d", NULL, NULL, NULL,
	    NULL },
	{ "date first", "from a (b.test [192.0.2.1]); by c", NULL, NULL, NULL,
	    NULL },
	{ "open comment", "from a (b.test [192.0.2.1] by c", NULL, NULL, NULL,
	    NULL },
	{ "open bracket", "from a (b.test [192.0.2.1) by c", NULL, NULL, NULL,
	    NULL },
	{ "escape at the end", "from a (b\\", NULL, NULL, NULL, NULL },
	{ "closed only", "from a ) by c", NULL, NULL, NULL, NULL },
	{ "no address", "from a (b.test [300.0.2.1]) by c", NULL, NULL, NULL,
	    NULL },
	{ "long address",
	    "from a (b.test [IPv6:2001:db8:0000:0000:0000:0000:0000:0000:0000:"
	    "0000:0000]) by c",
	    NULL, NULL, NULL, NULL },
	{ "deep",
	    "from a ((((((((((((((((((((((((b.test [192.0.2.1]"
	    "))))))))))))))))))))))))  by c",
	    NULL, NULL, NULL, NULL },
	{ "empty", "", NULL, NULL, NULL, NULL },
	{ "from alone", "from", NULL, NULL, NULL, NULL },
};

static void
check_case(const struct received_case *c, const struct received *received)
{
	char text[IP_TEXT_BYTES];

	if (strcmp(received->helo, c->helo) != 0 ||
	    strcmp(received->client_name, c->client_name) != 0 ||
	    strcmp(ip_text(&received->client_ip, text), c->client_ip) != 0 ||
	    strcmp(received->by, c->by) != 0)
		fail_msg("%s: %s (%s [%s]) by %s", c->name, received->helo,
		    received->client_name, text, received->by);
}

static void
test_cases(void **state GP_UNUSED)
{
	struct region *region = region_new();
	struct received received;
	enum status status;
	size_t i;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		status =
		    received_parse(region, span_of(cases[i].value), &received);
		if (status !=
		    (cases[i].helo == NULL ? STATUS_INVALID : STATUS_OK))
			fail_msg("%s: %s", cases[i].name, status_text(status));
		if (cases[i].helo != NULL)
			check_case(&cases[i], &received);
		else
			assert_int_equal(received.client_ip.family, AF_UNSPEC);
	}
	region_free(&region);
}

/* Every beginning of a field ends without a read behind it. */
static void
test_cut(void **state GP_UNUSED)
{
	struct region *region = region_new();
	struct received received;
	struct span value;
	size_t i, length = strlen(cases[1].value);
	char *copy;

	for (i = 0; i <= length; i++) {
		copy = test_malloc(i + 1);
		memcpy(copy, cases[1].value, i);
		value.data = copy;
		value.length = i;
		if (received_parse(region, value, &received) == STATUS_OK)
			assert_in_range(i, length - 40, length);
		test_free(copy);
	}
	region_free(&region);
}

static void
test_protocol(void **state GP_UNUSED)
{
	static const struct {
		const char *value, *protocol;
	} protocols[] = {
		{ "from a ([192.0.2.1]) by c (P) with ESMTPS id 1; with x",
		    "esmtps" },
		{ "from a ([192.0.2.1]) by c with LMTP\r\n\tid 1", "lmtp" },
		{ "from a ([192.0.2.1]) by c via with with SMTP", "with" },
		{ "from a ([192.0.2.1]) by c (with SMTP) id 1", "" },
		{ "from a ([192.0.2.1]) by c with", "" },
		{ "from a ([192.0.2.1]) by c id (", "" },
	};
	struct region *region = region_new();
	struct received received;
	size_t i;

	for (i = 0; i < GP_NELEMS(protocols); i++) {
		assert_int_equal(received_parse(region,
				     span_of(protocols[i].value), &received),
		    STATUS_OK);
		assert_string_equal(received.protocol, protocols[i].protocol);
	}
	region_free(&region);
}

/* Whether the message may have come from another host. */
static void
test_local(void **state GP_UNUSED)
{
	static const struct {
		const char *value;
		bool is_local;
	} fields[] = {
		{ "by a.test (Postfix, from userid 100) id 1; now", true },
		{ "(a comment (from b)) by a.test id 1", true },
		{ "", true },
		{ "from a by b with LMTP id 1", true },
		{ "from a (b [192.0.2.1])\r\n\tby c (d) with utf8lmtps", true },
		{ "from a (b [192.0.2.1]) by c with ESMTP", false },
		{ "from a (HELO b) (192.0.2.1) by c with SMTP", false },
		{ "FROM a", false },
		{ "(x) from a by b", false },
		{ "by a from b", false },
		{ "by a (b", false },
		{ "by a )", false },
		/* LMTP that the client says, by its name. */
		{ "from with lmtp (a [192.0.2.1]) by b with ESMTP", false },
		{ "from x by y with lmtp (a [192.0.2.1]) by b with ESMTP",
		    false },
		{ "from x by y with lmtp (a [192.0.2.1]) by b", false },
		{ "from a by b id with; lmtp", false },
	};

	static const char nul[] = "by a\0";
	struct span value = { nul, sizeof(nul) - 1 };
	size_t i;

	for (i = 0; i < GP_NELEMS(fields); i++)
		if (received_is_local(span_of(fields[i].value)) !=
		    fields[i].is_local)
			fail_msg("%s", fields[i].value);
	assert_false(received_is_local(value));
}

static void
test_limits(void **state GP_UNUSED)
{
	static const char nul[] = "from a\0 (b.test [192.0.2.1]) by c";
	static char longer[RECEIVED_BYTES_MAX + 2];
	struct region *region = region_new();
	struct span value = { nul, sizeof(nul) - 1 };
	struct received received;

	assert_int_equal(
	    received_parse(region, value, &received), STATUS_INVALID);
	memset(longer, ' ', sizeof(longer) - 1);
	memcpy(longer, cases[0].value, strlen(cases[0].value));
	value.data = longer;
	value.length = RECEIVED_BYTES_MAX;
	assert_int_equal(received_parse(region, value, &received), STATUS_OK);
	value.length++;
	assert_int_equal(
	    received_parse(region, value, &received), STATUS_INVALID);
	memset(longer, ' ', sizeof(longer) - 1);
	memcpy(longer, "by a", 4);
	assert_false(received_is_local(value));
	value.length--;
	assert_true(received_is_local(value));
	region_free(&region);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_protocol),
		cmocka_unit_test(test_local),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
