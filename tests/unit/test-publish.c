/*
 * `gatepost dns`: the records that follow from what a host is, and how each
 * answer of the DNS is judged.
 */
#include "config.h"

#include "cli/publish.h"

#include <string.h>

#include "lib/auth/dmarc.h"
#include "lib/dns/zone.h"
#include "tests/unit/sign-fixture.h"
#include "tests/unit/unit.h"

#define FAR_MS  60000
#define ADD_MAX 2

static const char *const services[] = { "submissions", "imaps" };

/* What a test works with. */
struct fixture {
	struct region *region;
	struct publish_conf conf;
	struct auth_sign_entry entry;
	struct auth_sign_folder keys;
	struct publish_facts facts;
	struct publish publish;
};

static void
must_parse(const char *text, struct ip *ip)
{
	assert_int_equal(ip_parse(text, ip), STATUS_OK);
}

static void
open_fixture(struct fixture *fixture)
{
	const char *reason;

	memset(fixture, 0, sizeof(*fixture));
	assert_non_null(fixture->region = region_new());
	fixture->conf.dmarc_policy = DMARC_POLICY_QUARANTINE;
	fixture->conf.mta_sts = PUBLISH_MTA_STS_ENFORCE;
	fixture->conf.services =
	    (struct conf_list){ GP_NELEMS(services), services };
	assert_int_equal(auth_sign_key_parse(span_of(RFC8463_ED25519),
			     &fixture->entry.key, &reason),
	    STATUS_OK);
	fixture->entry.selector = "s";
	fixture->entry.state = AUTH_SIGN_ACTIVE;
	fixture->keys.domain = "example.test";
	fixture->keys.count = 1;
	fixture->keys.entries = &fixture->entry;
	fixture->facts.conf = &fixture->conf;
	fixture->facts.domain = "example.test";
	fixture->facts.mail_host = "mx.example.test";
	fixture->facts.report_address = "postmaster@example.test";
	fixture->facts.keys = &fixture->keys;
	fixture->facts.address_count = 2;
	must_parse("192.0.2.25", &fixture->facts.addresses[0]);
	must_parse("2001:db8::25", &fixture->facts.addresses[1]);
	fixture->publish.region = fixture->region;
	fixture->publish.facts = &fixture->facts;
}

static void
close_fixture(struct fixture *fixture)
{
	auth_sign_key_free(&fixture->entry.key);
	region_free(&fixture->region);
}

/* ---- records ---- */

static const char *const right_zone[] = {
	"example.test. 3600 IN MX 10 mx.example.test.",
	"mx.example.test. 3600 IN A 192.0.2.25",
	"mx.example.test. 3600 IN AAAA 2001:db8::25",
	"example.test. 3600 IN TXT \"v=spf1 mx -all\"",
	"s._domainkey.example.test. 3600 IN TXT \"" RFC8463_ED25519_RECORD "\"",
	"_dmarc.example.test. 3600 IN TXT \"v=DMARC1; p=quarantine; "
	"rua=mailto:postmaster@example.test\"",
	/* The first 20 digits of the SHA-256 of the policy below. */
	"_mta-sts.example.test. 3600 IN TXT \"v=STSv1; id=69e8a28f4b72529b0031;\"",
	"mta-sts.example.test. 3600 IN CNAME mx.example.test.",
	"_smtp._tls.example.test. 3600 IN TXT \"v=TLSRPTv1; "
	"rua=mailto:postmaster@example.test\"",
	"_submissions._tcp.example.test. 3600 IN SRV 0 1 465 mx.example.test.",
	"_imaps._tcp.example.test. 3600 IN SRV 0 1 993 mx.example.test.",
	"25.2.0.192.in-addr.arpa. 3600 IN PTR mx.example.test.",
	"5.2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2."
	"ip6.arpa. 3600 IN PTR mx.example.test.",
};

static void
test_records(void **state)
{
	struct fixture fixture;
	size_t i;

	(void)state;
	open_fixture(&fixture);
	assert_int_equal(publish_add_records(&fixture.publish), STATUS_OK);
	assert_int_equal(fixture.publish.count, GP_NELEMS(right_zone));
	for (i = 0; i < GP_NELEMS(right_zone); i++)
		assert_string_equal(
		    fixture.publish.records[i].line, right_zone[i]);
	assert_string_equal(fixture.publish.policy,
	    "version: STSv1\nmode: enforce\nmx: mx.example.test\n"
	    "max_age: 604800\n");
	close_fixture(&fixture);
}

static const struct publish_record *
find(const struct publish *publish, enum publish_kind kind, const char *name)
{
	size_t i;

	for (i = 0; i < publish->count; i++)
		if (publish->records[i].kind == kind &&
		    (name == NULL ||
			strcmp(publish->records[i].name, name) == 0))
			return &publish->records[i];
	return NULL;
}

/* What the configuration changes. */
static void
test_choices(void **state)
{
	static const char *const terms[] = { "ip4:198.51.100.0/24",
		"include:spf.example.net" };
	const struct publish_record *record;
	struct fixture fixture;

	(void)state;
	open_fixture(&fixture);
	fixture.conf.spf_terms = (struct conf_list){ 2, terms };
	fixture.conf.mta_sts = PUBLISH_MTA_STS_NONE;
	fixture.conf.dmarc_policy = DMARC_POLICY_REJECT;
	fixture.facts.report_address = "dmarc@reports.example.net";
	fixture.facts.mail_host = "mail.example.net";
	fixture.entry.state = AUTH_SIGN_RETIRED;
	fixture.entry.until = 1; /* long ago */
	assert_int_equal(publish_add_records(&fixture.publish), STATUS_OK);
	assert_string_equal(find(&fixture.publish, PUBLISH_SPF, NULL)->value,
	    "v=spf1 mx ip4:198.51.100.0/24 include:spf.example.net -all");
	assert_null(find(&fixture.publish, PUBLISH_DKIM, NULL));
	assert_null(find(&fixture.publish, PUBLISH_MTA_STS, NULL));
	assert_null(find(&fixture.publish, PUBLISH_MTA_STS_HOST, NULL));
	assert_null(fixture.publish.policy);
	assert_string_equal(find(&fixture.publish, PUBLISH_DMARC, NULL)->value,
	    "v=DMARC1; p=reject; rua=mailto:dmarc@reports.example.net");
	record = find(&fixture.publish, PUBLISH_REPORTS, NULL);
	assert_string_equal(record->line,
	    "example.test._report._dmarc.reports.example.net. 3600 IN TXT "
	    "\"v=DMARC1\"");
	assert_true(publish_is_outside(&fixture.publish, record));
	assert_true(publish_is_outside(
	    &fixture.publish, find(&fixture.publish, PUBLISH_ADDRESS, NULL)));
	close_fixture(&fixture);
}

/* A waiting key must be there before it signs, a retired one until its day. */
static void
test_keys_of_a_rotation(void **state)
{
	static const enum auth_sign_state states[] = { AUTH_SIGN_WAITING,
		AUTH_SIGN_RETIRED };
	struct fixture fixture;
	size_t i;

	(void)state;
	for (i = 0; i < GP_NELEMS(states); i++) {
		open_fixture(&fixture);
		fixture.entry.state = states[i];
		fixture.entry.until = INT64_MAX;
		assert_int_equal(
		    publish_add_records(&fixture.publish), STATUS_OK);
		assert_non_null(find(&fixture.publish, PUBLISH_DKIM, NULL));
		close_fixture(&fixture);
	}
}

static void
test_too_long(void **state)
{
	struct fixture fixture;
	char domain[DNS_NAME_BYTES];

	(void)state;
	open_fixture(&fixture);
	memset(domain, 'a', sizeof(domain));
	domain[sizeof(domain) - 1] = '\0';
	fixture.facts.domain = domain; /* with "_dmarc." it is too long */
	assert_int_equal(publish_add_records(&fixture.publish), STATUS_LIMIT);
	close_fixture(&fixture);
}

/* ---- judges ---- */

struct judge_case {
	const char *name;
	const char *drop; /* lines of the right zone that begin so */
	const char *add[ADD_MAX];
	enum publish_kind kind;
	const char *record; /* its name; NULL: the first of the kind */
	enum publish_state state;
	const char *reason, *found;
};

#define DMARC "_dmarc.example.test. IN TXT "
#define STS   "_mta-sts.example.test. IN TXT "
#define TLS   "_smtp._tls.example.test. IN TXT "
#define DKIM  "s._domainkey.example.test. IN TXT "
#define SPF   "example.test. IN TXT "
#define VOID  "there are several such records, which makes all of them void"

static const struct judge_case judge_cases[] = {
	{ "no MX", "example.test. 3600 IN MX", { NULL }, PUBLISH_MX, NULL,
	    PUBLISH_MISSING, "there is no such record", NULL },
	{ "null MX", "example.test. 3600 IN MX", { "example.test. IN MX 0 ." },
	    PUBLISH_MX, NULL, PUBLISH_WRONG, "mail goes to other hosts alone",
	    "0 ." },
	{ "null MX beside another", NULL, { "example.test. IN MX 0 ." },
	    PUBLISH_MX, NULL, PUBLISH_WRONG,
	    "MX 0 . must stand alone: it says that the domain takes no mail",
	    NULL },
	{ "a backup too", NULL, { "example.test. IN MX 20 b.example.net." },
	    PUBLISH_MX, NULL, PUBLISH_RIGHT, NULL, NULL },
	{ "in capitals", "example.test. 3600 IN MX",
	    { "example.test. IN MX 5 MX.EXAMPLE.TEST." }, PUBLISH_MX, NULL,
	    PUBLISH_RIGHT, NULL, NULL },
	{ "other address", "mx.example.test. 3600 IN A ",
	    { "mx.example.test. IN A 192.0.2.99" }, PUBLISH_ADDRESS, NULL,
	    PUBLISH_WRONG, "the address is not among them", "192.0.2.99" },
	{ "one address more", NULL, { "mx.example.test. IN A 192.0.2.99" },
	    PUBLISH_ADDRESS, NULL, PUBLISH_WRONG,
	    "one of them is no address of this host; remove it", NULL },
	{ "no SPF", "example.test. 3600 IN TXT", { NULL }, PUBLISH_SPF, NULL,
	    PUBLISH_MISSING, "there is no such record", NULL },
	{ "another TXT", "example.test. 3600 IN TXT",
	    { SPF "\"site-verification=1\"", SPF "\"v=spf10\"" }, PUBLISH_SPF,
	    NULL, PUBLISH_MISSING, "there are other TXT records at this name",
	    NULL },
	{ "two SPF", NULL, { SPF "\"v=spf1 -all\"" }, PUBLISH_SPF, NULL,
	    PUBLISH_WRONG, VOID, NULL },
	{ "SPF written otherwise", "example.test. 3600 IN TXT",
	    { SPF "\"v=spf1 ip4:192.0.2.25 ip6:2001:db8::/32 ~all\"" },
	    PUBLISH_SPF, NULL, PUBLISH_RIGHT, NULL, NULL },
	{ "SPF without IPv6", "example.test. 3600 IN TXT",
	    { SPF "\"v=spf1 ip4:192.0.2.25 -all\"" }, PUBLISH_SPF, NULL,
	    PUBLISH_WRONG, "mail from 2001:db8::25 gets spf=fail",
	    "\"v=spf1 ip4:192.0.2.25 -all\"" },
	{ "SPF for all", "example.test. 3600 IN TXT", { SPF "\"v=spf1 +all\"" },
	    PUBLISH_SPF, NULL, PUBLISH_WRONG,
	    "it lets every host send for the domain", NULL },
	{ "SPF neutral", "example.test. 3600 IN TXT",
	    { SPF "\"v=spf1 mx ?all\"" }, PUBLISH_SPF, NULL, PUBLISH_WRONG,
	    "it says nothing against other hosts (-all is missing)", NULL },
	{ "SPF without end", "example.test. 3600 IN TXT",
	    { SPF "\"v=spf1 mx\"" }, PUBLISH_SPF, NULL, PUBLISH_WRONG,
	    "it says nothing against other hosts (-all is missing)", NULL },
	{ "no key", "s._domainkey", { NULL }, PUBLISH_DKIM, NULL,
	    PUBLISH_MISSING, "the name does not exist", NULL },
	{ "another key", "s._domainkey",
	    { DKIM "\"v=DKIM1; k=ed25519; "
		   "p=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"" },
	    PUBLISH_DKIM, NULL, PUBLISH_WRONG, "it holds another key", NULL },
	{ "revoked", "s._domainkey", { DKIM "\"v=DKIM1; k=ed25519; p=\"" },
	    PUBLISH_DKIM, NULL, PUBLISH_WRONG, "the key is revoked", NULL },
	{ "key on trial", "s._domainkey",
	    { DKIM "\"v=DKIM1; k=ed25519; t=s:y; "
		   "p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\"" },
	    PUBLISH_DKIM, NULL, PUBLISH_WRONG,
	    "t=y: others treat the mail as if it were not signed", NULL },
	{ "key in two strings", "s._domainkey",
	    { DKIM "\"v=DKIM1; k=ed25519; "
		   "p=11qYAYKxCrfVS/7TyWQHO\" \"g7hcvPapiMlrwIaaPcHURo=\"" },
	    PUBLISH_DKIM, NULL, PUBLISH_RIGHT, NULL, NULL },
	{ "no DMARC", "_dmarc", { NULL }, PUBLISH_DMARC, NULL, PUBLISH_MISSING,
	    "the name does not exist", NULL },
	{ "two DMARC", NULL, { DMARC "\"v=DMARC1; p=none\"" }, PUBLISH_DMARC,
	    NULL, PUBLISH_WRONG, VOID, NULL },
	{ "weak DMARC", "_dmarc",
	    { DMARC "\"v=DMARC1; p=none; rua=mailto:a@b.test\"" },
	    PUBLISH_DMARC, NULL, PUBLISH_WRONG,
	    "its policy (p=) is weaker than publish.dmarc_policy", NULL },
	{ "stricter DMARC", "_dmarc",
	    { DMARC "\"v=DMARC1; p=reject; rua=mailto:a@b.test\"" },
	    PUBLISH_DMARC, NULL, PUBLISH_RIGHT, NULL, NULL },
	{ "weak DMARC of subdomains", "_dmarc",
	    { DMARC "\"v=DMARC1; p=reject; sp=none; rua=mailto:a@b.test\"" },
	    PUBLISH_DMARC, NULL, PUBLISH_WRONG,
	    "its policy for subdomains (sp=) is weaker than "
	    "publish.dmarc_policy",
	    NULL },
	{ "weak DMARC of other names", "_dmarc",
	    { DMARC "\"v=DMARC1; p=reject; np=none; rua=mailto:a@b.test\"" },
	    PUBLISH_DMARC, NULL, PUBLISH_WRONG,
	    "its policy for names that do not exist (np=) is weaker than "
	    "publish.dmarc_policy",
	    NULL },
	{ "DMARC on trial", "_dmarc",
	    { DMARC "\"v=DMARC1; p=reject; t=y; rua=mailto:a@b.test\"" },
	    PUBLISH_DMARC, NULL, PUBLISH_WRONG,
	    "t=y: others do not apply the policy", NULL },
	{ "DMARC without reports", "_dmarc", { DMARC "\"v=DMARC1; p=reject\"" },
	    PUBLISH_DMARC, NULL, PUBLISH_WRONG, "it asks for no reports (rua=)",
	    NULL },
	{ "DMARC without policy", "_dmarc", { DMARC "\"v=DMARC1; x=1\"" },
	    PUBLISH_DMARC, NULL, PUBLISH_WRONG,
	    "the record is malformed: others ignore it", NULL },
	{ "STS with another id", "_mta-sts", { STS "\"v=STSv1; id=2026a;\"" },
	    PUBLISH_MTA_STS, NULL, PUBLISH_RIGHT, NULL, NULL },
	{ "STS without id", "_mta-sts", { STS "\"v=STSv1;\"" }, PUBLISH_MTA_STS,
	    NULL, PUBLISH_WRONG, "id= is not 1 to 32 letters and digits",
	    NULL },
	{ "STS with a bad id", "_mta-sts", { STS "\"v=STSv1; id=2026-11\"" },
	    PUBLISH_MTA_STS, NULL, PUBLISH_WRONG,
	    "id= is not 1 to 32 letters and digits", NULL },
	{ "STS with a long id", "_mta-sts",
	    { STS "\"v=STSv1; id=012345678901234567890123456789abc\"" },
	    PUBLISH_MTA_STS, NULL, PUBLISH_WRONG,
	    "id= is not 1 to 32 letters and digits", NULL },
	{ "no policy host", "mta-sts.", { NULL }, PUBLISH_MTA_STS_HOST, NULL,
	    PUBLISH_MISSING, "the name does not exist", NULL },
	{ "policy host elsewhere, IPv6", "mta-sts.",
	    { "mta-sts.example.test. IN AAAA 2001:db8::80" },
	    PUBLISH_MTA_STS_HOST, NULL, PUBLISH_RIGHT, NULL, NULL },
	{ "TLSRPT without address", "_smtp._tls",
	    { TLS "\"v=TLSRPTv1; rua=a@b.test\"" }, PUBLISH_TLSRPT, NULL,
	    PUBLISH_WRONG, "rua= must be a mailto: or https: address", NULL },
	{ "TLSRPT by https", "_smtp._tls",
	    { TLS "\"v=TLSRPTv1; rua=https://b.test/\"" }, PUBLISH_TLSRPT, NULL,
	    PUBLISH_RIGHT, NULL, NULL },
	{ "SRV to another port", "_imaps.",
	    { "_imaps._tcp.example.test. IN SRV 0 1 143 mx.example.test." },
	    PUBLISH_SERVICE, "_imaps._tcp.example.test", PUBLISH_WRONG,
	    "it names another host or port", "0 1 143 mx.example.test" },
	{ "SRV to another host", "_imaps.",
	    { "_imaps._tcp.example.test. IN SRV 0 1 993 imap.example.test." },
	    PUBLISH_SERVICE, "_imaps._tcp.example.test", PUBLISH_WRONG,
	    "it names another host or port", "0 1 993 imap.example.test" },
	{ "SRV: no such service", "_imaps.",
	    { "_imaps._tcp.example.test. IN SRV 0 0 0 ." }, PUBLISH_SERVICE,
	    "_imaps._tcp.example.test", PUBLISH_WRONG,
	    "it names another host or port", "0 0 0 ." },
	{ "SRV with another weight", "_imaps.",
	    { "_imaps._tcp.example.test. IN SRV 9 9 993 MX.example.test." },
	    PUBLISH_SERVICE, "_imaps._tcp.example.test", PUBLISH_RIGHT, NULL,
	    NULL },
	{ "no reverse name", "25.2.0.192", { NULL }, PUBLISH_PTR, NULL,
	    PUBLISH_MISSING, "the name does not exist", NULL },
	{ "another reverse name", "25.2.0.192",
	    { "25.2.0.192.in-addr.arpa. IN PTR h25.example.net." }, PUBLISH_PTR,
	    NULL, PUBLISH_WRONG, "the address has another name",
	    "h25.example.net" },
};

static void
must_add(struct dns_zone *zone, const char *line)
{
	if (dns_zone_add_line(zone, line) != STATUS_OK)
		fail_msg("%s", line);
}

static struct dns_zone *
zone_of(const char *drop, const char *const add[ADD_MAX])
{
	struct dns_zone *zone = dns_zone_new();
	size_t i;

	assert_non_null(zone);
	for (i = 0; i < GP_NELEMS(right_zone); i++)
		if (drop == NULL ||
		    strncmp(right_zone[i], drop, strlen(drop)) != 0)
			must_add(zone, right_zone[i]);
	for (i = 0; i < ADD_MAX && add != NULL && add[i] != NULL; i++)
		must_add(zone, add[i]);
	return zone;
}

static void
check_against(struct fixture *fixture, struct dns_zone *zone)
{
	struct dns *dns;

	assert_int_equal(dns_open_zone(&zone, &dns), STATUS_OK);
	assert_int_equal(publish_add_records(&fixture->publish), STATUS_OK);
	assert_int_equal(
	    publish_check(&fixture->publish, dns, false, FAR_MS), STATUS_OK);
	dns_close(&dns);
}

static void
expect(const struct judge_case *c, const struct publish_record *record)
{
	if (record == NULL)
		fail_msg("%s: no record", c->name);
	if (record->state != c->state)
		fail_msg("%s: %s (%s)", c->name,
		    publish_state_text(record->state),
		    record->reason == NULL ? "-" : record->reason);
	if (c->reason == NULL ? record->reason != NULL :
				record->reason == NULL ||
		    strcmp(record->reason, c->reason) != 0)
		fail_msg("%s: %s", c->name,
		    record->reason == NULL ? "-" : record->reason);
	if (c->found != NULL &&
	    (record->found_count == 0 ||
		strcmp(record->found[0], c->found) != 0))
		fail_msg("%s: there: %s", c->name,
		    record->found_count == 0 ? "-" : record->found[0]);
}

static void
test_judges(void **state)
{
	struct fixture fixture;
	size_t i;

	(void)state;
	for (i = 0; i < GP_NELEMS(judge_cases); i++) {
		const struct judge_case *c = &judge_cases[i];

		open_fixture(&fixture);
		check_against(&fixture, zone_of(c->drop, c->add));
		expect(c, find(&fixture.publish, c->kind, c->record));
		close_fixture(&fixture);
	}
}

static void
test_right_zone(void **state)
{
	struct fixture fixture;
	size_t i;

	(void)state;
	open_fixture(&fixture);
	check_against(&fixture, zone_of(NULL, NULL));
	assert_int_equal(fixture.publish.count, GP_NELEMS(right_zone));
	for (i = 0; i < fixture.publish.count; i++)
		if (fixture.publish.records[i].state != PUBLISH_RIGHT)
			fail_msg("%s", fixture.publish.records[i].line);
	assert_int_equal(fixture.publish.dnssec, PUBLISH_DNSSEC_UNKNOWN);
	close_fixture(&fixture);
}

/* What else sends for the domain must be in the record. */
static void
test_spf_terms(void **state)
{
	static const char *const terms[] = { "ip4:198.51.100.0/24" };
	static const char *const with[ADD_MAX] = { SPF
		"\"v=spf1 mx IP4:198.51.100.0/24 -all\"" };
	const struct judge_case lacking = { .name = "lacking",
		.state = PUBLISH_WRONG,
		.reason = "ip4:198.51.100.0/24 of publish.spf_terms is not in "
			  "it" };
	const struct judge_case right = { .name = "right",
		.state = PUBLISH_RIGHT };
	struct fixture fixture;

	(void)state;
	open_fixture(&fixture);
	fixture.conf.spf_terms = (struct conf_list){ 1, terms };
	check_against(&fixture, zone_of(NULL, NULL));
	expect(&lacking, find(&fixture.publish, PUBLISH_SPF, NULL));
	close_fixture(&fixture);

	open_fixture(&fixture);
	fixture.conf.spf_terms = (struct conf_list){ 1, terms };
	check_against(&fixture, zone_of("example.test. 3600 IN TXT", with));
	expect(&right, find(&fixture.publish, PUBLISH_SPF, NULL));
	close_fixture(&fixture);
}

/* What is published and this host has not. */
static void
test_stray_address(void **state)
{
	const struct publish_record *record;
	struct fixture fixture;

	(void)state;
	open_fixture(&fixture);
	fixture.facts.address_count = 1; /* no IPv6 */
	check_against(&fixture, zone_of(NULL, NULL));
	record = &fixture.publish.records[fixture.publish.count - 1];
	assert_int_equal(record->kind, PUBLISH_ADDRESS);
	assert_int_equal(record->type, DNS_TYPE_AAAA);
	assert_int_equal(record->state, PUBLISH_WRONG);
	assert_null(record->line);
	assert_string_equal(record->found[0], "2001:db8::25");
	close_fixture(&fixture);
}

static void
test_alias(void **state)
{
	static const char *const add[ADD_MAX] = {
		"mx.example.test. IN CNAME h.example.net.",
		"h.example.net. IN A 192.0.2.25"
	};
	const struct judge_case expected = { .name = "alias",
		.state = PUBLISH_WRONG,
		.reason =
		    "the mail host is an alias (CNAME), which an MX record "
		    "must not name" };
	struct fixture fixture;

	(void)state;
	open_fixture(&fixture);
	check_against(&fixture, zone_of("mx.example.test.", add));
	expect(&expected, find(&fixture.publish, PUBLISH_MX, NULL));
	close_fixture(&fixture);
}

struct fault_case {
	enum dns_result result;
	enum publish_state state;
};

/* No answer is no verdict; a broken zone is one. */
static void
test_no_answer(void **state)
{
	static const struct fault_case cases[] = {
		{ DNS_SERVFAIL, PUBLISH_UNKNOWN },
		{ DNS_BOGUS, PUBLISH_WRONG },
	};
	struct fixture fixture;
	struct dns_zone *zone;
	size_t i;

	(void)state;
	for (i = 0; i < GP_NELEMS(cases); i++) {
		open_fixture(&fixture);
		zone = zone_of(NULL, NULL);
		assert_int_equal(dns_zone_add_fault(zone, "_dmarc.example.test",
				     DNS_TYPE_TXT, cases[i].result),
		    STATUS_OK);
		check_against(&fixture, zone);
		assert_int_equal(
		    find(&fixture.publish, PUBLISH_DMARC, NULL)->state,
		    cases[i].state);
		assert_int_equal(
		    find(&fixture.publish, PUBLISH_SPF, NULL)->state,
		    PUBLISH_RIGHT);
		close_fixture(&fixture);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_records),
		cmocka_unit_test(test_choices),
		cmocka_unit_test(test_keys_of_a_rotation),
		cmocka_unit_test(test_too_long),
		cmocka_unit_test(test_judges),
		cmocka_unit_test(test_right_zone),
		cmocka_unit_test(test_spf_terms),
		cmocka_unit_test(test_stray_address),
		cmocka_unit_test(test_alias),
		cmocka_unit_test(test_no_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
