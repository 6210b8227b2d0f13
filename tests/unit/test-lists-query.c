/* What lists are asked, and what their answers become. */
#include "config.h"

#include "lib/lists/lists.h"

#include "tests/unit/lists-fixture.h"

/* Each code of each list, through the whole way. */
static void
test_codes(void **state GP_UNUSED)
{
	static const struct {
		const char *zone;
		enum lists_subject subject;
		const char *answer;
		const char *symbols[4];
	} cases[] = {
		{ "zen.spamhaus.org", LISTS_CLIENT, "127.0.0.2",
		    { "RBL_ZEN_SBL" } },
		{ "zen.spamhaus.org", LISTS_CLIENT, "127.0.0.3",
		    { "RBL_ZEN_CSS" } },
		{ "zen.spamhaus.org", LISTS_CLIENT, "127.0.0.4",
		    { "RBL_ZEN_XBL" } },
		{ "zen.spamhaus.org", LISTS_CLIENT, "127.0.0.7",
		    { "RBL_ZEN_XBL" } },
		{ "zen.spamhaus.org", LISTS_CLIENT, "127.0.0.9",
		    { "RBL_ZEN_DROP" } },
		{ "zen.spamhaus.org", LISTS_CLIENT, "127.0.0.10",
		    { "RBL_ZEN_PBL" } },
		{ "zen.spamhaus.org", LISTS_CLIENT, "127.0.0.11",
		    { "RBL_ZEN_PBL" } },
		{ "zen.spamhaus.org", LISTS_CLIENT, "127.0.0.30",
		    { "RBL_ZEN_SBL" } },
		{ "zen.spamhaus.org", LISTS_CLIENT, "127.0.0.8", { NULL } },
		{ "zen.spamhaus.org", LISTS_CLIENT, "127.0.0.1", { NULL } },
		{ "zen.spamhaus.org", LISTS_CLIENT, "127.0.1.2", { NULL } },
		{ "zen.spamhaus.org", LISTS_CLIENT, "127.1.0.2", { NULL } },
		{ "zen.spamhaus.org", LISTS_CLIENT, "10.0.0.2", { NULL } },
		{ "zen.spamhaus.org", LISTS_RELAY, "127.0.0.2",
		    { "RELAY_ZEN_SBL" } },
		{ "zen.spamhaus.org", LISTS_RELAY, "127.0.0.3",
		    { "RELAY_ZEN_CSS" } },
		{ "zen.spamhaus.org", LISTS_RELAY, "127.0.0.5",
		    { "RELAY_ZEN_XBL" } },
		{ "zen.spamhaus.org", LISTS_RELAY, "127.0.0.9",
		    { "RELAY_ZEN_DROP" } },
		{ "zen.spamhaus.org", LISTS_RELAY, "127.0.0.10", { NULL } },
		{ "zen.spamhaus.org", LISTS_URL, "127.0.0.2",
		    { "URL_ZEN_SBL" } },
		{ "zen.spamhaus.org", LISTS_URL, "127.0.0.3",
		    { "URL_ZEN_CSS" } },
		{ "zen.spamhaus.org", LISTS_URL, "127.0.0.5",
		    { "URL_ZEN_XBL" } },
		{ "zen.spamhaus.org", LISTS_URL, "127.0.0.9",
		    { "URL_ZEN_DROP" } },
		{ "zen.spamhaus.org", LISTS_URL, "127.0.0.10", { NULL } },
		{ "multi.surbl.org", LISTS_URL, "127.0.0.64",
		    { "SURBL_ABUSE" } },
		{ "multi.uribl.com", LISTS_URL, "127.0.0.2",
		    { "URIBL_BLACK" } },
		{ "bl.spamcop.net", LISTS_CLIENT, "127.0.0.2",
		    { "RBL_SPAMCOP" } },
		{ "psbl.surriel.com", LISTS_CLIENT, "127.0.0.2",
		    { "RBL_PSBL" } },
		{ "psbl.surriel.com", LISTS_CLIENT, "127.0.0.3", { NULL } },
		{ "rep.mailspike.net", LISTS_CLIENT, "127.0.0.10",
		    { "RBL_MAILSPIKE_WORST" } },
		{ "rep.mailspike.net", LISTS_CLIENT, "127.0.0.11",
		    { "RBL_MAILSPIKE_VERYBAD" } },
		{ "rep.mailspike.net", LISTS_CLIENT, "127.0.0.12",
		    { "RBL_MAILSPIKE_BAD" } },
		{ "rep.mailspike.net", LISTS_CLIENT, "127.0.0.13", { NULL } },
		{ "rep.mailspike.net", LISTS_CLIENT, "127.0.0.17", { NULL } },
		{ "rep.mailspike.net", LISTS_CLIENT, "127.0.0.18",
		    { "RWL_MAILSPIKE_GOOD" } },
		{ "rep.mailspike.net", LISTS_CLIENT, "127.0.0.19",
		    { "RWL_MAILSPIKE_VERYGOOD" } },
		{ "rep.mailspike.net", LISTS_CLIENT, "127.0.0.20",
		    { "RWL_MAILSPIKE_EXCELLENT" } },
		{ "bl.spameatingmonkey.net", LISTS_CLIENT, "127.0.0.2",
		    { "RBL_SEM" } },
		{ "list.dnswl.org", LISTS_CLIENT, "127.0.10.0",
		    { "RWL_DNSWL_NONE" } },
		{ "list.dnswl.org", LISTS_CLIENT, "127.0.2.1",
		    { "RWL_DNSWL_LOW" } },
		{ "list.dnswl.org", LISTS_CLIENT, "127.0.20.2",
		    { "RWL_DNSWL_MED" } },
		{ "list.dnswl.org", LISTS_CLIENT, "127.0.5.3",
		    { "RWL_DNSWL_HIGH" } },
		{ "list.dnswl.org", LISTS_CLIENT, "127.0.5.4", { NULL } },
		{ "list.dnswl.org", LISTS_CLIENT, "127.0.0.3", { NULL } },
		{ "dbl.spamhaus.org", LISTS_DOMAIN, "127.0.1.2",
		    { "DBL_SPAM" } },
		{ "dbl.spamhaus.org", LISTS_DOMAIN, "127.0.1.4",
		    { "DBL_PHISH" } },
		{ "dbl.spamhaus.org", LISTS_DOMAIN, "127.0.1.5",
		    { "DBL_MALWARE" } },
		{ "dbl.spamhaus.org", LISTS_DOMAIN, "127.0.1.6",
		    { "DBL_BOTNET" } },
		{ "dbl.spamhaus.org", LISTS_DOMAIN, "127.0.1.102",
		    { "DBL_ABUSED" } },
		{ "dbl.spamhaus.org", LISTS_DOMAIN, "127.0.1.106",
		    { "DBL_ABUSED" } },
		{ "dbl.spamhaus.org", LISTS_DOMAIN, "127.0.1.255", { NULL } },
		{ "dbl.spamhaus.org", LISTS_DOMAIN, "127.0.0.2", { NULL } },
		{ "multi.surbl.org", LISTS_DOMAIN, "127.0.0.8",
		    { "SURBL_PHISH" } },
		{ "multi.surbl.org", LISTS_DOMAIN, "127.0.0.16",
		    { "SURBL_MALWARE" } },
		{ "multi.surbl.org", LISTS_DOMAIN, "127.0.0.64",
		    { "SURBL_ABUSE" } },
		{ "multi.surbl.org", LISTS_DOMAIN, "127.0.0.128",
		    { "SURBL_CRACKED" } },
		{ "multi.surbl.org", LISTS_DOMAIN, "127.0.0.80",
		    { "SURBL_MALWARE", "SURBL_ABUSE" } },
		{ "multi.surbl.org", LISTS_DOMAIN, "127.0.0.254",
		    { "SURBL_PHISH", "SURBL_MALWARE", "SURBL_ABUSE",
			"SURBL_CRACKED" } },
		{ "multi.surbl.org", LISTS_DOMAIN, "127.0.0.6", { NULL } },
		{ "multi.uribl.com", LISTS_DOMAIN, "127.0.0.2",
		    { "URIBL_BLACK" } },
		{ "multi.uribl.com", LISTS_DOMAIN, "127.0.0.4",
		    { "URIBL_GREY" } },
		{ "multi.uribl.com", LISTS_DOMAIN, "127.0.0.8",
		    { "URIBL_RED" } },
		{ "multi.uribl.com", LISTS_DOMAIN, "127.0.0.14",
		    { "URIBL_BLACK", "URIBL_GREY", "URIBL_RED" } },
		{ "uribl.spameatingmonkey.net", LISTS_DOMAIN, "127.0.0.2",
		    { "SEM_DOMAIN" } },
		{ "fresh.spameatingmonkey.net", LISTS_DOMAIN, "127.0.0.2",
		    { "SEM_FRESH" } },
	};

	char subject[40], name[20], line[120], expected[200];
	struct fixture fixture;
	size_t i, j, length;

	fixture_open(&fixture);
	fixture_start(&fixture);
	for (i = 0; i < GP_NELEMS(cases); i++) {
		if (cases[i].subject == LISTS_DOMAIN) {
			snprintf(subject, sizeof(subject), "d%zu.example", i);
			snprintf(name, sizeof(name), "d%zu.example", i);
		} else {
			snprintf(subject, sizeof(subject), "192.0.2.%zu", i);
			snprintf(name, sizeof(name), "%zu.2.0.192", i);
		}
		snprintf(line, sizeof(line), "%s.%s. A %s", name, cases[i].zone,
		    cases[i].answer);
		fixture_add(&fixture, line);
		expected[0] = '\0';
		for (j = length = 0; j < 4 && cases[i].symbols[j] != NULL; j++)
			length += (size_t)snprintf(expected + length,
			    sizeof(expected) - length, "%s%s(%s)",
			    j == 0 ? "" : " ", cases[i].symbols[j], subject);
		fixture_expect(&fixture, cases[i].subject, subject, expected);
		assert_int_equal(fixture_status(&fixture, cases[i].zone)->state,
		    LISTS_STATE_ON);
	}
	fixture_close(&fixture);
}

/* All fields of a hit. */
static void
test_hit(void **state GP_UNUSED)
{
	struct fixture fixture;
	struct lists_query *query;
	struct lists_hit *hits;
	char text[IP_TEXT_BYTES];
	size_t count;

	fixture_open(&fixture);
	fixture_add(&fixture, "1.2.0.192.list.dnswl.org. A 127.0.6.2");
	fixture_start(&fixture);
	query = fixture_ask(&fixture, LISTS_CLIENT, "192.0.2.1");
	assert_int_equal(
	    lists_wait(query, fixture.region, &hits, &count), STATUS_OK);
	lists_end(&query);
	assert_int_equal(count, 1);
	assert_string_equal(hits[0].symbol, "RWL_DNSWL_MED");
	assert_string_equal(hits[0].list_name, "DNSWL.org");
	assert_string_equal(hits[0].zone, "list.dnswl.org");
	assert_string_equal(hits[0].subject, "192.0.2.1");
	assert_string_equal(ip_text(&hits[0].answer, text), "127.0.6.2");
	assert_false(hits[0].secure);
	fixture_close(&fixture);
}

/* Several lists, several codes, the same code twice, CNAME, garbage. */
static void
test_answers(void **state GP_UNUSED)
{
	struct fixture fixture;
	char line[100];
	int i;

	fixture_open(&fixture);
	fixture_start(&fixture);
	fixture_add(&fixture, "1.2.0.192.zen.spamhaus.org. A 127.0.0.2");
	fixture_add(&fixture, "1.2.0.192.zen.spamhaus.org. A 127.0.0.9");
	fixture_add(&fixture, "1.2.0.192.zen.spamhaus.org. A 127.0.0.30");
	fixture_add(&fixture, "1.2.0.192.zen.spamhaus.org. A 127.0.0.4");
	fixture_add(&fixture, "1.2.0.192.zen.spamhaus.org. A 127.0.0.5");
	fixture_add(&fixture, "1.2.0.192.bl.spamcop.net. A 127.0.0.2");
	fixture_expect(&fixture, LISTS_CLIENT, "192.0.2.1",
	    "RBL_ZEN_SBL(192.0.2.1) RBL_ZEN_XBL(192.0.2.1) "
	    "RBL_ZEN_DROP(192.0.2.1) RBL_SPAMCOP(192.0.2.1)");
	fixture_add(&fixture, "2.2.0.192.psbl.surriel.com. CNAME a.example.");
	fixture_add(&fixture, "a.example. CNAME b.example.");
	fixture_add(&fixture, "b.example. A 127.0.0.2");
	fixture_expect(
	    &fixture, LISTS_CLIENT, "192.0.2.2", "RBL_PSBL(192.0.2.2)");
	fixture_add(&fixture, "3.2.0.192.psbl.surriel.com. CNAME c.example.");
	fixture_add(&fixture, "c.example. CNAME c.example.");
	fixture_expect(&fixture, LISTS_CLIENT, "192.0.2.3", "");
	for (i = 0; i < 200; i++) {
		snprintf(line, sizeof(line),
		    "4.2.0.192.zen.spamhaus.org. A 127.0.0.%d", i);
		fixture_add(&fixture, line);
		snprintf(line, sizeof(line),
		    "5.2.0.192.zen.spamhaus.org. A 10.0.0.%d", i);
		fixture_add(&fixture, line);
	}
	fixture_expect(&fixture, LISTS_CLIENT, "192.0.2.4",
	    "RBL_ZEN_SBL(192.0.2.4) RBL_ZEN_CSS(192.0.2.4) "
	    "RBL_ZEN_XBL(192.0.2.4) RBL_ZEN_DROP(192.0.2.4) "
	    "RBL_ZEN_PBL(192.0.2.4)");
	fixture_expect(&fixture, LISTS_CLIENT, "192.0.2.5", "");
	fixture_add(&fixture, "6.2.0.192.zen.spamhaus.org. TXT \"text\"");
	fixture_expect(&fixture, LISTS_CLIENT, "192.0.2.6", "");
	fixture_fault(&fixture, "7.2.0.192.zen.spamhaus.org", DNS_TIMEOUT);
	fixture_fault(&fixture, "7.2.0.192.bl.spamcop.net", DNS_SERVFAIL);
	fixture_add(&fixture, "7.2.0.192.psbl.surriel.com. A 127.0.0.2");
	fixture_expect(
	    &fixture, LISTS_CLIENT, "192.0.2.7", "RBL_PSBL(192.0.2.7)");
	fixture_close(&fixture);
}

/* How many questions a subject costs. */
static uint64_t
questions_of(
    struct fixture *fixture, enum lists_subject subject, const char *text)
{
	uint64_t before = dns_questions_asked(fixture->dns);

	fixture_hits(fixture, fixture_ask(fixture, subject, text));
	return dns_questions_asked(fixture->dns) - before;
}

static void
test_subjects(void **state GP_UNUSED)
{
	static const struct {
		enum lists_subject subject;
		const char *text;
		uint64_t questions;
	} cases[] = {
		{ LISTS_CLIENT, "192.0.2.1", 6 },
		{ LISTS_CLIENT, "::ffff:192.0.2.1", 6 },
		{ LISTS_CLIENT, "2001:db8::1", 2 }, /* ZEN, DNSWL */
		{ LISTS_RELAY, "192.0.2.1", 1 },
		{ LISTS_RELAY, "2001:db8::1", 1 },
		{ LISTS_CLIENT, "10.0.0.1", 0 },
		{ LISTS_CLIENT, "127.0.0.2", 0 }, { LISTS_CLIENT, "::1", 0 },
		{ LISTS_CLIENT, "fd00::1", 0 }, { LISTS_CLIENT, "fe80::1", 0 },
		{ LISTS_RELAY, "192.168.1.1", 0 },
		{ LISTS_URL, "192.0.2.1", 3 }, /* ZEN, SURBL, URIBL */
		{ LISTS_URL, "2001:db8::1", 1 },
		{ LISTS_URL, "192.168.1.1", 0 },
		{ LISTS_DOMAIN, "example.com", 5 },
		{ LISTS_DOMAIN, "a.b.example.co.uk", 5 },
		{ LISTS_DOMAIN, "co.uk", 1 }, /* the DBL takes all names */
		{ LISTS_DOMAIN, "localhost", 0 },
		{ LISTS_DOMAIN, "192.0.2.1", 0 },
		{ LISTS_DOMAIN, "[192.0.2.1]", 0 },
		{ LISTS_DOMAIN, "no host", 0 }, { LISTS_DOMAIN, "", 0 },
		{ LISTS_ADDRESS, "bob@example.com", 0 }, /* off by default */
	};
	struct fixture fixture;
	uint64_t questions;
	size_t i;

	fixture_open(&fixture);
	fixture_start(&fixture);
	for (i = 0; i < GP_NELEMS(cases); i++) {
		questions =
		    questions_of(&fixture, cases[i].subject, cases[i].text);
		if (questions != cases[i].questions)
			fail_msg("case %zu, %s: %d questions", i, cases[i].text,
			    (int)questions);
	}
	fixture_close(&fixture);
}

/* Nothing to ask gives no query at all. */
static void
test_nothing(void **state GP_UNUSED)
{
	struct ip none = { 0 };
	struct lists_query *query;
	struct lists_hit *hits;
	struct fixture fixture;
	size_t count;

	fixture_open(&fixture);
	fixture_start(&fixture);
	assert_null(fixture_ask(&fixture, LISTS_CLIENT, "10.0.0.1"));
	assert_null(fixture_ask(&fixture, LISTS_DOMAIN, "localhost"));
	assert_null(fixture_ask(&fixture, LISTS_ADDRESS, "bob@example.com"));
	assert_int_equal(
	    lists_ask_ip(fixture.lists, LISTS_CLIENT, &none, 0, &query),
	    STATUS_OK);
	assert_null(query);
	assert_int_equal(
	    lists_wait(query, fixture.region, &hits, &count), STATUS_OK);
	assert_int_equal(count, 0);
	lists_end(&query);
	fixture_close(&fixture);
}

static void
test_ipv6(void **state GP_UNUSED)
{
	struct fixture fixture;

	fixture_open(&fixture);
	fixture_add(&fixture,
	    "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2."
	    "zen.spamhaus.org. A 127.0.0.3");
	fixture_start(&fixture);
	fixture_expect(
	    &fixture, LISTS_CLIENT, "2001:db8::1", "RBL_ZEN_CSS(2001:db8::1)");
	fixture_expect(
	    &fixture, LISTS_RELAY, "2001:db8::1", "RELAY_ZEN_CSS(2001:db8::1)");
	fixture_expect(&fixture, LISTS_CLIENT, "2001:db8::2", "");
	fixture_close(&fixture);
}

/* Most lists want organizational domains, the DBL takes whole names. */
static void
test_domains(void **state GP_UNUSED)
{
	struct fixture fixture;

	fixture_open(&fixture);
	fixture_add(&fixture, "example.co.uk.multi.surbl.org. A 127.0.0.64");
	fixture_add(&fixture, "*.example.co.uk.dbl.spamhaus.org. A 127.0.1.2");
	fixture_add(&fixture, "github.io.multi.surbl.org. A 127.0.0.64");
	fixture_add(&fixture, "bad.github.io.multi.uribl.com. A 127.0.0.2");
	fixture_start(&fixture);
	fixture_expect(&fixture, LISTS_DOMAIN, "a.b.example.co.uk",
	    "DBL_SPAM(a.b.example.co.uk) SURBL_ABUSE(example.co.uk)");
	fixture_expect(&fixture, LISTS_DOMAIN, "example.co.uk",
	    "SURBL_ABUSE(example.co.uk)");
	fixture_expect(&fixture, LISTS_DOMAIN, "good.github.io", "");
	fixture_expect(&fixture, LISTS_DOMAIN, "www.bad.github.io",
	    "URIBL_BLACK(bad.github.io)");
	fixture_close(&fixture);
}

#define LABEL "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefgh"

/* With the zone behind it, it is longer than a name can be. */
static void
test_long_domain(void **state GP_UNUSED)
{
	const char *name = LABEL "." LABEL "." LABEL "." LABEL ".com";
	struct fixture fixture;

	fixture_open(&fixture);
	fixture_start(&fixture);
	fixture_expect(&fixture, LISTS_DOMAIN, name, "");
	fixture_close(&fixture);
}

/* printf %s spammer@gmail.com | sha1sum, and so on */
#define SHA1_SPAMMER "c1131c54b9ba3f810a375042a0d8016dd120664b"
#define SHA1_BOB     "a460e37bf4d8e893f8fd39536997d5da8d21eebe"

static void
test_addresses(void **state GP_UNUSED)
{
	static const struct {
		const char *address, *symbol;
	} cases[] = {
		{ "spammer@gmail.com", "EBL_ADDRESS" },
		{ "Spam.Mer+tag@GoogleMail.com", "EBL_ADDRESS" },
		{ "bob@example.com", "EBL_ADDRESS" },
		{ "BOB+x+y@Example.COM", "EBL_ADDRESS" },
		{ "b.ob@example.com", NULL },
		{ "alice@example.com", NULL },
		{ "@example.com", NULL },
		{ "bob@", NULL },
		{ "bob", NULL },
		{ "", NULL },
		{ "+bob@example.com", NULL },
	};
	struct fixture fixture;
	char expected[100], big[600];
	size_t i;

	fixture_open(&fixture);
	fixture.conf.hash_lists = true;
	fixture_add(&fixture, SHA1_SPAMMER ".ebl.msbl.org. A 127.0.0.2");
	fixture_add(&fixture, SHA1_BOB ".ebl.msbl.org. A 127.0.0.3");
	fixture_start(&fixture);
	for (i = 0; i < GP_NELEMS(cases); i++) {
		snprintf(expected, sizeof(expected), "%s(%s)",
		    cases[i].symbol != NULL ? cases[i].symbol : "",
		    cases[i].address);
		fixture_expect(&fixture, LISTS_ADDRESS, cases[i].address,
		    cases[i].symbol != NULL ? expected : "");
	}
	memset(big, 'x', sizeof(big));
	memcpy(big + sizeof(big) - 7, "@a.com", 7);
	fixture_expect(&fixture, LISTS_ADDRESS, big, "");
	fixture_close(&fixture);
}

/* With a key, Spamhaus is asked at other zones, and no hit tells the key. */
static void
test_key(void **state GP_UNUSED)
{
	struct fixture fixture;
	struct lists_query *query;
	struct lists_hit *hits;
	size_t count;

	fixture_open(&fixture);
	fixture.conf.dqs_key = "k3y";
	fixture_add(&fixture, "2.0.0.127.k3y.zen.dq.spamhaus.net. A 127.0.0.2");
	fixture_add(&fixture, "test.k3y.dbl.dq.spamhaus.net. A 127.0.1.2");
	fixture_add(&fixture, "1.2.0.192.k3y.zen.dq.spamhaus.net. A 127.0.0.3");
	fixture_add(&fixture, "1.2.0.192.zen.spamhaus.org. A 127.0.0.2");
	fixture_add(
	    &fixture, "bad.example.k3y.dbl.dq.spamhaus.net. A 127.0.1.5");
	fixture_start(&fixture);
	fixture_expect(
	    &fixture, LISTS_DOMAIN, "bad.example", "DBL_MALWARE(bad.example)");
	query = fixture_ask(&fixture, LISTS_CLIENT, "192.0.2.1");
	assert_int_equal(
	    lists_wait(query, fixture.region, &hits, &count), STATUS_OK);
	lists_end(&query);
	assert_int_equal(count, 1);
	assert_string_equal(hits[0].symbol, "RBL_ZEN_CSS");
	assert_string_equal(hits[0].list_name, "Spamhaus ZEN");
	assert_string_equal(hits[0].zone, "zen.dq.spamhaus.net");
	fixture_status(&fixture, "dbl.dq.spamhaus.net");
	fixture_close(&fixture);
}

static void
test_own(void **state GP_UNUSED)
{
	static const char *const block[] = { "bl.example.test.",
		"bl2.example.test" };
	static const char *const allow[] = { "wl.example.test" };
	static const char *const domains[] = { "dom.example.test" };
	struct fixture fixture;

	fixture_open(&fixture);
	fixture.conf.own_block.items = block;
	fixture.conf.own_block.count = 2;
	fixture.conf.own_allow.items = allow;
	fixture.conf.own_allow.count = 1;
	fixture.conf.own_domains.items = domains;
	fixture.conf.own_domains.count = 1;
	fixture_add(&fixture, "2.0.0.127.bl.example.test. A 127.0.0.2");
	fixture_add(&fixture, "2.0.0.127.bl2.example.test. A 127.0.0.2");
	fixture_add(&fixture, "2.0.0.127.wl.example.test. A 127.0.0.2");
	fixture_add(&fixture, "test.dom.example.test. A 127.0.0.2");
	fixture_add(&fixture, "1.2.0.192.bl.example.test. A 127.0.0.1");
	fixture_add(&fixture, "1.2.0.192.bl2.example.test. A 127.3.2.1");
	fixture_add(&fixture, "1.2.0.192.wl.example.test. A 127.0.0.2");
	fixture_add(&fixture, "2.2.0.192.wl.example.test. A 10.0.0.2");
	fixture_add(&fixture, "bad.org.dom.example.test. A 127.0.0.2");
	fixture_add(&fixture, "*.bad.org.dom.example.test. A 127.0.0.2");
	fixture_start(&fixture);
	fixture_expect(&fixture, LISTS_CLIENT, "192.0.2.1",
	    "RBL_OWN(192.0.2.1) RBL_OWN(192.0.2.1) RWL_OWN(192.0.2.1)");
	fixture_expect(&fixture, LISTS_CLIENT, "192.0.2.2", "");
	fixture_expect(&fixture, LISTS_RELAY, "192.0.2.1", "");
	fixture_expect(
	    &fixture, LISTS_DOMAIN, "bad.org", "DOMAIN_OWN(bad.org)");
	fixture_expect(
	    &fixture, LISTS_DOMAIN, "x.bad.org", "DOMAIN_OWN(x.bad.org)");
	assert_string_equal(fixture_status(&fixture, "bl.example.test")->name,
	    "bl.example.test");
	fixture_close(&fixture);
}

static void
test_off(void **state GP_UNUSED)
{
	static const char *const off[] = { "ZEN.spamhaus.org", "SpamCop",
		"spamhaus dbl" };
	struct fixture fixture;

	fixture_open(&fixture);
	fixture.conf.off.items = off;
	fixture.conf.off.count = 3;
	fixture_add(&fixture, "1.2.0.192.zen.spamhaus.org. A 127.0.0.2");
	fixture_add(&fixture, "1.2.0.192.bl.spamcop.net. A 127.0.0.2");
	fixture_add(&fixture, "1.2.0.192.psbl.surriel.com. A 127.0.0.2");
	fixture_start(&fixture);
	fixture_expect(
	    &fixture, LISTS_CLIENT, "192.0.2.1", "RBL_PSBL(192.0.2.1)");
	assert_int_equal(questions_of(&fixture, LISTS_CLIENT, "192.0.2.1"), 4);
	assert_int_equal(questions_of(&fixture, LISTS_RELAY, "192.0.2.1"), 0);
	assert_int_equal(questions_of(&fixture, LISTS_DOMAIN, "a.example"), 4);
	assert_int_equal(fixture_status(&fixture, "zen.spamhaus.org")->state,
	    LISTS_STATE_DISABLED);
	fixture_close(&fixture);
}

static void
test_not_enabled(void **state GP_UNUSED)
{
	struct fixture fixture;

	fixture_open(&fixture);
	fixture.conf.enabled = false;
	fixture.conf.hash_lists = true;
	fixture_start(&fixture);
	assert_null(fixture_ask(&fixture, LISTS_CLIENT, "192.0.2.1"));
	assert_null(fixture_ask(&fixture, LISTS_DOMAIN, "example.com"));
	assert_null(fixture_ask(&fixture, LISTS_ADDRESS, "bob@example.com"));
	assert_int_equal(dns_questions_asked(fixture.dns), 0);
	fixture_close(&fixture);
}

/* What could have spoken against a subject and did not tell. */
static void
test_left_open(void **state GP_UNUSED)
{
	static const struct {
		const char *ip;
		const char *silent; /* a name that is not answered, or NULL */
		bool is_left_open;
	} cases[] = {
		{ "192.0.2.1", NULL, false },
		{ "192.0.2.2", "2.2.0.192.bl.spamcop.net", true },
		{ "192.0.2.3", "3.2.0.192.list.dnswl.org", false },
		{ "10.0.0.1", NULL, false },
	};
	struct fixture fixture;
	struct lists_query *query;
	struct lists_hit *hits;
	size_t i, count;

	fixture_open(&fixture);
	fixture_start(&fixture);
	for (i = 0; i < GP_NELEMS(cases); i++) {
		if (cases[i].silent != NULL)
			fixture_fault(&fixture, cases[i].silent, DNS_TIMEOUT);
		query = fixture_ask(&fixture, LISTS_CLIENT, cases[i].ip);
		assert_int_equal(
		    lists_wait(query, fixture.region, &hits, &count),
		    STATUS_OK);
		if (lists_left_open(query) != cases[i].is_left_open)
			fail_msg("%s", cases[i].ip);
		lists_end(&query);
	}
	fixture_close(&fixture);
}

/* A list that is off is not waited for: it may be off for years.  Others are. */
static void
test_off_is_not_left_open(void **state GP_UNUSED)
{
	static const char *const off[] = { "spamcop" };
	struct lists_hit *hits;
	struct lists_query *query;
	struct fixture fixture;
	size_t count;

	fixture_open(&fixture);
	fixture.conf.off.items = off;
	fixture.conf.off.count = 1;
	fixture_fault(&fixture, "1.2.0.192.bl.spamcop.net", DNS_TIMEOUT);
	fixture_start(&fixture);
	query = fixture_ask(&fixture, LISTS_CLIENT, "192.0.2.1");
	assert_non_null(query);
	assert_int_equal(
	    lists_wait(query, fixture.region, &hits, &count), STATUS_OK);
	assert_false(lists_left_open(query));
	lists_end(&query);
	fixture_close(&fixture);
}

/* Ending a query that was not read. */
static void
test_end_early(void **state GP_UNUSED)
{
	struct lists_query *query;
	struct fixture fixture;

	fixture_open(&fixture);
	fixture_start(&fixture);
	query = fixture_ask(&fixture, LISTS_CLIENT, "192.0.2.1");
	assert_non_null(query);
	lists_end(&query);
	assert_null(query);
	fixture_close(&fixture);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_codes),
		cmocka_unit_test(test_hit),
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_subjects),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_ipv6),
		cmocka_unit_test(test_domains),
		cmocka_unit_test(test_long_domain),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_key),
		cmocka_unit_test(test_own),
		cmocka_unit_test(test_off),
		cmocka_unit_test(test_not_enabled),
		cmocka_unit_test(test_left_open),
		cmocka_unit_test(test_off_is_not_left_open),
		cmocka_unit_test(test_end_early),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
