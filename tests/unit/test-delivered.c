/* Our own fields in delivered messages; others', forged ones, none. */
#include "config.h"

#include "lib/reputation/delivered.h"

#include <string.h>

#include "lib/mail/identity.h"
#include "tests/unit/unit.h"

#define RESULTS(text) "Authentication-Results: mx.home.test;\n" text "\n"
#define RECEIVED                                                    \
	"Received: from mail.far.test (out.far.test [192.0.2.1])\n" \
	"\tby mx.home.test (Postfix) with ESMTPS id 4X; Mon, 1 Jan 2024\n"
#define PASSED                                                              \
	RESULTS(                                                            \
	    "\tiprev=pass policy.iprev=192.0.2.1;\n"                        \
	    "\tspf=pass smtp.mailfrom=bob@news.far.test;\n"                 \
	    "\tspf=none smtp.helo=mail.far.test;\n"                         \
	    "\tdkim=pass header.d=far.test header.s=a header.b=abcdefgh;\n" \
	    "\tdkim=fail header.d=forged.test header.s=a;\n"                \
	    "\tdmarc=pass header.from=far.test")

struct delivered_case {
	const char *name, *header;
	enum status status;
	const char *ip, *helo, *ptr;
	bool helo_is_confirmed, ptr_is_confirmed;
	const char *domains; /* "a b" */
};

static const struct delivered_case cases[] = {
	{ "as it is delivered",
	    "Return-Path: <bob@news.far.test>\nDelivered-To: alice@home.test\n" PASSED
	    "X-Spam-Flag: NO\n" RECEIVED "From: bob@far.test\n",
	    STATUS_OK, "192.0.2.1", "mail.far.test", "out.far.test", false,
	    true, "news.far.test far.test" },
	{ "through hops of the house",
	    "Received: from mx.home.test ([198.51.100.1])\n"
	    "\tby imap.home.test with LMTP id 1\n"
	    "Received: from localhost (localhost [127.0.0.1])\n"
	    "\tby mx.home.test (Postfix) with ESMTP id 1\n"
	    "Received: by mx.home.test (Postfix, from userid 100)\n" PASSED
		RECEIVED,
	    STATUS_OK, "192.0.2.1", "mail.far.test", "out.far.test", false,
	    true, "news.far.test far.test" },
	{ "our name in capitals",
	    "Authentication-Results: MX.Home.Test; none\n" RECEIVED, STATUS_OK,
	    "192.0.2.1", "mail.far.test", "out.far.test", false, false, "" },
	/* Somebody else has delivered it since: these results may be forged. */
	{ "another hop above",
	    "Received: from evil.test (evil.test [203.0.113.9])\n"
	    "\tby mx.home.test (Postfix) with ESMTP id 1\n" PASSED RECEIVED,
	    STATUS_NOTFOUND, NULL, NULL, NULL, false, false, NULL },
	{ "a hop above that cannot be read",
	    "Received: from evil.test (HELO x) (203.0.113.9)\n"
	    "\tby mx.home.test with SMTP; Mon, 1 Jan 2024\n" PASSED RECEIVED,
	    STATUS_NOTFOUND, NULL, NULL, NULL, false, false, NULL },
	{ "a hop above without an address",
	    "Received: from evil.test by mx.home.test with ESMTP\n" PASSED
		RECEIVED,
	    STATUS_NOTFOUND, NULL, NULL, NULL, false, false, NULL },
	{ "a hop above with a comment that does not end",
	    "Received: by mx.home.test (from evil.test\n" PASSED RECEIVED,
	    STATUS_NOTFOUND, NULL, NULL, NULL, false, false, NULL },
	{ "LMTP over a socket of the host",
	    "Received: from mx.home.test\n\tby mx.home.test with LMTP\n"
	    "\tid 1\n\t(envelope-from <bob@news.far.test>)\n" PASSED RECEIVED,
	    STATUS_OK, "192.0.2.1", "mail.far.test", "out.far.test", false,
	    true, "news.far.test far.test" },
	{ "results of others",
	    "Authentication-Results: mx.far.test; spf=pass "
	    "smtp.mailfrom=a@b.test\n" RECEIVED,
	    STATUS_NOTFOUND, NULL, NULL, NULL, false, false, NULL },
	{ "no results", RECEIVED "From: bob@far.test\n", STATUS_NOTFOUND, NULL,
	    NULL, NULL, false, false, NULL },
	{ "nothing", "", STATUS_NOTFOUND, NULL, NULL, NULL, false, false,
	    NULL },
	{ "results that cannot be read",
	    "Authentication-Results: mx.home.test; spf=pass pass\n" RECEIVED,
	    STATUS_NOTFOUND, NULL, NULL, NULL, false, false, NULL },
	{ "null sender", RESULTS("\tspf=pass smtp.helo=mail.far.test") RECEIVED,
	    STATUS_OK, "192.0.2.1", "mail.far.test", "out.far.test", true,
	    false, "mail.far.test" },
	{ "HELO passed, sender did not",
	    RESULTS("\tspf=fail smtp.mailfrom=x@forged.test;\n"
		    "\tspf=pass smtp.helo=mail.far.test") RECEIVED,
	    STATUS_OK, "192.0.2.1", "mail.far.test", "out.far.test", true,
	    false, "" },
	{ "temperror is no pass",
	    RESULTS("\tiprev=temperror policy.iprev=192.0.2.1;\n"
		    "\tspf=temperror smtp.mailfrom=x@a.test;\n"
		    "\tdkim=temperror header.d=b.test") RECEIVED,
	    STATUS_OK, "192.0.2.1", "mail.far.test", "out.far.test", false,
	    false, "" },
	{ "partly signed",
	    RESULTS("\tdkim=pass reason=\"body longer than l=, 9 bytes are not "
		    "signed\"\n\theader.d=b.test;\n\tdkim=pass reason=\"the "
		    "key is for testing (t=y)\" header.d=c.test") RECEIVED,
	    STATUS_OK, "192.0.2.1", "mail.far.test", "out.far.test", false,
	    false, "c.test" },
	{ "names of another client",
	    RESULTS("\tiprev=pass policy.iprev=192.0.2.9") RECEIVED, STATUS_OK,
	    "192.0.2.9", "", "", false, true, "" },
	{ "a Received field of another form",
	    PASSED "Received: from unknown (HELO a) (192.0.2.1) by c\n",
	    STATUS_OK, "192.0.2.1", "", "", false, true,
	    "news.far.test far.test" },
	{ "no Received field", PASSED, STATUS_OK, "192.0.2.1", "", "", false,
	    true, "news.far.test far.test" },
};

static const char *
domains_text(struct region *region, const struct reputation_source *source)
{
	const char *text = "";
	size_t i;

	for (i = 0; i < source->domain_count; i++)
		text = region_printf(region, "%s%s%s", text, i > 0 ? " " : "",
		    source->domains[i].name);
	return text;
}

static void
check_case(struct region *region, const struct delivered_case *c,
    const struct reputation_source *source)
{
	const char *domains = domains_text(region, source);
	char ip[IP_TEXT_BYTES];

	if (strcmp(ip_text(&source->client_ip, ip), c->ip) != 0 ||
	    strcmp(source->helo, c->helo) != 0 ||
	    strcmp(source->ptr, c->ptr) != 0 ||
	    source->helo_is_confirmed != c->helo_is_confirmed ||
	    source->ptr_is_confirmed != c->ptr_is_confirmed ||
	    strcmp(domains, c->domains) != 0)
		fail_msg("%s: %s helo %s (%d) ptr %s (%d) domains %s", c->name,
		    ip, source->helo, source->helo_is_confirmed, source->ptr,
		    source->ptr_is_confirmed, domains);
}

static struct delivered_host
home(struct ip_network *loopback)
{
	struct delivered_host host = { "mx.home.test", 1, loopback, false };

	assert_int_equal(ip_network_parse("127.0.0.0/8", loopback), STATUS_OK);
	return host;
}

static enum status
read_source(struct region *region, const struct delivered_host *host,
    const char *header, struct reputation_source *source)
{
	struct message message;
	struct span body;

	message_init(&message, region);
	assert_int_equal(
	    message_parse_header(&message, span_of(header), &body), STATUS_OK);
	return delivered_source(region, host, &message, source);
}

static void
test_cases(void **state GP_UNUSED)
{
	struct ip_network loopback;
	struct delivered_host host = home(&loopback);
	struct reputation_source source;
	struct region *region;
	enum status status;
	size_t i;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		region = region_new();
		status = read_source(region, &host, cases[i].header, &source);
		if (status != cases[i].status)
			fail_msg("%s: %s", cases[i].name, status_text(status));
		if (status == STATUS_OK)
			check_case(region, &cases[i], &source);
		region_free(&region);
	}
}

/* The configuration may trust signatures over a part of the body. */
static void
test_partly_signed_is_trusted(void **state GP_UNUSED)
{
	struct region *region = region_new();
	struct ip_network loopback;
	struct delivered_host host = home(&loopback);
	struct reputation_source source;

	host.trust_partly_signed_body = true;
	assert_int_equal(
	    read_source(region, &host,
		RESULTS("\tdkim=pass reason=\"body longer than l=, 9 bytes "
			"are not signed\" header.d=b.test"),
		&source),
	    STATUS_OK);
	assert_int_equal(source.domain_count, 1);
	region_free(&region);
}

static const char *
identity_of(struct region *region, const char *raw)
{
	char text[HASH_TEXT_BYTES];
	struct message message;
	struct span body;

	message_init(&message, region);
	assert_int_equal(
	    message_parse_header(&message, span_of(raw), &body), STATUS_OK);
	assert_int_equal(message_identity(&message, body, text), STATUS_OK);
	return region_strdup(region, text);
}

/* The same message in a Maildir, an mbox, with CRLF, delivered twice. */
static void
test_identity(void **state GP_UNUSED)
{
	static const char *const same[] = {
		"From: a@b.test\nMessage-ID: <1@b.test>\n\nline\n\nend\n",
		"From: a@b.test\r\nMessage-ID: <1@b.test>\r\n\r\nline\r\n\r\n"
		"end\r\n\r\n",
		"From x@y Mon Jan  1\nReceived: here\nX-Spam-Flag: NO\n"
		"From: a@b.test\nMessage-ID:  <1@b.test>\nStatus: RO\n\n"
		"line\n\nend\n\n",
		"Subject: [Junk] x\nMessage-ID: <1@b.test>\nFrom: a@b.test\n\n"
		"line\n\nend",
	};
	static const char *const others[] = {
		"From: a@b.test\nMessage-ID: <2@b.test>\n\nline\n\nend\n",
		"From: b@b.test\nMessage-ID: <1@b.test>\n\nline\n\nend\n",
		"From: a@b.test\nMessage-ID: <1@b.test>\n\nline\nend\n",
		"From: a@b.test\nDate: x\nMessage-ID: <1@b.test>\n\nline\n\n"
		"end\n",
		"\n\n",
		"",
	};
	struct region *region = region_new();
	const char *first = identity_of(region, same[0]);
	size_t i;

	assert_int_equal(strlen(first), 64);
	for (i = 1; i < GP_NELEMS(same); i++)
		if (strcmp(identity_of(region, same[i]), first) != 0)
			fail_msg("same %zu", i);
	for (i = 0; i < GP_NELEMS(others); i++)
		if (strcmp(identity_of(region, others[i]), first) == 0)
			fail_msg("other %zu", i);
	region_free(&region);
}

/* Of what a lesson is: two sources of one text are two. */
static void
test_delivered_identity(void **state GP_UNUSED)
{
	static const char *const headers[] = {
		PASSED RECEIVED,
		RESULTS("\tiprev=pass policy.iprev=192.0.2.1;\n"
			"\tspf=pass smtp.mailfrom=bob@news.far.test") RECEIVED,
		RESULTS("\tiprev=pass policy.iprev=192.0.2.9;\n"
			"\tspf=pass smtp.mailfrom=bob@news.far.test") RECEIVED,
		RESULTS("\tspf=pass smtp.mailfrom=bob@far.test"),
		RESULTS("\tspf=pass smtp.mailfrom=bob@FAR.test"),
	};
	char texts[GP_NELEMS(headers)][HASH_TEXT_BYTES];
	struct region *region = region_new();
	struct ip_network loopback;
	struct delivered_host host = home(&loopback);
	struct reputation_source source;
	struct message message;
	struct span body;
	size_t i, j;

	for (i = 0; i < GP_NELEMS(headers); i++) {
		message_init(&message, region);
		assert_int_equal(
		    message_parse_header(&message, span_of(headers[i]), &body),
		    STATUS_OK);
		assert_int_equal(
		    delivered_source(region, &host, &message, &source),
		    STATUS_OK);
		assert_int_equal(
		    delivered_identity(&message, body, &source, texts[i]),
		    STATUS_OK);
		for (j = 0; j < i; j++)
			if ((strcmp(texts[i], texts[j]) == 0) !=
			    (i == 4 && j == 3))
				fail_msg("%zu and %zu", i, j);
	}
	region_free(&region);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_partly_signed_is_trusted),
		cmocka_unit_test(test_identity),
		cmocka_unit_test(test_delivered_identity),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
