/*
 * The evaluation of DMARC (RFC 9989) on zones in memory: tree walk, alignment,
 * choice of the policy, several authors, failures of DNS.
 */
#include "config.h"

#include "lib/auth/dmarc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/auth/dmarc-walk.h"
#include "lib/base/clock.h"
#include "lib/dns/zone.h"
#include "tests/unit/unit.h"

#define LINES_MAX       8
#define IDENTIFIERS_MAX 12
#define TEXT_BYTES      400

/* A name and its TXT record; "!" TIMEOUT, "!!" BOGUS, "@" an address. */
struct line {
	const char *name, *text;
};

struct test_case {
	const char *name;
	struct line zone[LINES_MAX];
	const char *authors;     /* separated by blanks */
	const char *identifiers; /* "spf:a.com dkim:b.com ?dkim:c.com":
				  * '?' is temporary */
	const char
	    *expected; /* "result policy/disposition org record-domain" */
};

static void
add_line(struct dns_zone *zone, const struct line *line)
{
	char address[300];
	enum status status;
	int length;

	if (strcmp(line->text, "!") == 0) {
		status = dns_zone_add_fault(zone, line->name, 0, DNS_TIMEOUT);
	} else if (strcmp(line->text, "!!") == 0) {
		status = dns_zone_add_fault(zone, line->name, 0, DNS_BOGUS);
	} else if (strcmp(line->text, "@") == 0) {
		length = snprintf(address, sizeof(address),
		    "%s. 60 IN A 192.0.2.1", line->name);
		assert_true(length > 0 && (size_t)length < sizeof(address));
		status = dns_zone_add_line(zone, address);
	} else {
		status = dns_zone_add_txt(
		    zone, line->name, line->text, strlen(line->text));
	}
	assert_int_equal(status, STATUS_OK);
}

static struct dns *
open_zone(const struct line *lines)
{
	struct dns_zone *zone = dns_zone_new();
	struct dns *dns;
	size_t i;

	assert_non_null(zone);
	for (i = 0; i < LINES_MAX && lines[i].name != NULL; i++)
		add_line(zone, &lines[i]);
	assert_int_equal(dns_open_zone(&zone, &dns), STATUS_OK);
	return dns;
}

/* Splits a copy of text at blanks. */
static size_t
split(char *text, const char **words, size_t max)
{
	size_t count = 0;
	char *word, *state = NULL;

	for (word = strtok_r(text, " ", &state); word != NULL;
	     word = strtok_r(NULL, " ", &state)) {
		assert_true(count < max);
		words[count++] = word;
	}
	return count;
}

static size_t
read_identifiers(
    const char **words, size_t count, struct auth_dmarc_identifier *identifiers)
{
	size_t i;

	for (i = 0; i < count; i++) {
		const char *word = words[i];

		identifiers[i].temporary = word[0] == '?';
		word += identifiers[i].temporary;
		identifiers[i].is_spf = strncmp(word, "spf:", 4) == 0;
		assert_true(
		    identifiers[i].is_spf || strncmp(word, "dkim:", 5) == 0);
		identifiers[i].domain = strchr(word, ':') + 1;
	}
	return count;
}

static void
evaluate(struct region *region, struct dns *dns, const struct test_case *test,
    struct auth_dmarc_result *result_r)
{
	const char *authors[80], *words[IDENTIFIERS_MAX];
	struct auth_dmarc_identifier identifiers[IDENTIFIERS_MAX];
	struct auth_dmarc *dmarc;
	size_t author_count, count;

	author_count = split(
	    region_strdup(region, test->authors), authors, GP_NELEMS(authors));
	count = split(
	    region_strdup(region, test->identifiers), words, IDENTIFIERS_MAX);
	read_identifiers(words, count, identifiers);
	assert_int_equal(auth_dmarc_start(region, dns, authors, author_count,
			     clock_now_ms() + 1000, &dmarc),
	    STATUS_OK);
	assert_int_equal(
	    auth_dmarc_finish(dmarc, identifiers, count, result_r), STATUS_OK);
	auth_dmarc_free(&dmarc);
	assert_null(dmarc);
}

static void
run_cases(const struct test_case *cases, size_t count)
{
	struct auth_dmarc_result result;
	char text[TEXT_BYTES];
	size_t i;

	for (i = 0; i < count; i++) {
		struct region *region = region_new();
		struct dns *dns = open_zone(cases[i].zone);

		evaluate(region, dns, &cases[i], &result);
		(void)snprintf(text, sizeof(text), "%s %s/%s %s %s%s%s",
		    auth_result_text(result.result),
		    dmarc_policy_text(result.policy),
		    dmarc_policy_text(result.disposition),
		    result.organizational_domain, result.policy_domain,
		    result.spf_aligned ? " spf" : "",
		    result.dkim_aligned ? " dkim" : "");
		if (strcmp(text, cases[i].expected) != 0)
			fail_msg("case %s: %s", cases[i].name, text);
		assert_true(
		    (result.reason != NULL) == (result.result != AUTH_PASS));
		region_free(&region);
		dns_close(&dns);
	}
}

#define R "v=DMARC1; p=reject"

static void
test_alignment(void **state GP_UNUSED)
{
	static const struct test_case cases[] = {
		{ "same name", { { "_dmarc.example.com", R } }, "example.com",
		    "dkim:example.com",
		    "pass reject/none example.com example.com dkim" },
		{ "both methods", { { "_dmarc.example.com", R } },
		    "example.com", "spf:example.com dkim:example.com",
		    "pass reject/none example.com example.com spf dkim" },
		{ "nothing passed", { { "_dmarc.example.com", R } },
		    "example.com", "",
		    "fail reject/reject example.com example.com" },
		{ "parent, relaxed", { { "_dmarc.example.com", R } },
		    "mail.example.com", "dkim:example.com",
		    "pass reject/none example.com example.com dkim" },
		{ "child, relaxed", { { "_dmarc.example.com", R } },
		    "example.com", "spf:bounce.example.com",
		    "pass reject/none example.com example.com spf" },
		{ "siblings, relaxed", { { "_dmarc.example.com", R } },
		    "a.example.com", "dkim:b.example.com",
		    "pass reject/none example.com example.com dkim" },
		{ "another domain", { { "_dmarc.example.com", R } },
		    "example.com", "dkim:example.net spf:other.com",
		    "fail reject/reject example.com example.com" },
		{ "a name that only ends alike",
		    { { "_dmarc.example.com", R } }, "example.com",
		    "dkim:badexample.com",
		    "fail reject/reject example.com example.com" },
		{ "strict DKIM, parent",
		    { { "_dmarc.example.com", R "; adkim=s" } },
		    "mail.example.com", "dkim:example.com",
		    "fail reject/reject example.com example.com" },
		{ "strict DKIM, child",
		    { { "_dmarc.example.com", R "; adkim=s" } }, "example.com",
		    "dkim:aa.example.com",
		    "fail reject/reject example.com example.com" },
		{ "strict SPF, child",
		    { { "_dmarc.example.com", R "; aspf=s" } }, "example.com",
		    "spf:aa.example.com",
		    "fail reject/reject example.com example.com" },
		{ "strict DKIM, relaxed SPF",
		    { { "_dmarc.example.com", R "; adkim=s" } },
		    "mail.example.com", "dkim:example.com spf:example.com",
		    "pass reject/none example.com example.com spf" },
		{ "strict, same name",
		    { { "_dmarc.example.com", R "; adkim=s; aspf=s" } },
		    "example.com", "dkim:example.com spf:example.com",
		    "pass reject/none example.com example.com spf dkim" },
		{ "psd=n parts the tree",
		    { { "_dmarc.example.com", R },
			{ "_dmarc.b.example.com", R "; psd=n" } },
		    "a.b.example.com", "dkim:example.com",
		    "fail reject/reject b.example.com b.example.com" },
		{ "psd=n joins what is below",
		    { { "_dmarc.example.com", R },
			{ "_dmarc.b.example.com", R "; psd=n" } },
		    "a.b.example.com", "dkim:x.y.b.example.com",
		    "pass reject/none b.example.com b.example.com dkim" },
		{ "psd=y parts the registrants",
		    { { "_dmarc.bank.example", R "; psd=y" },
			{ "_dmarc.giant.bank.example",
			    "v=DMARC1; p=quarantine" } },
		    "giant.bank.example",
		    "dkim:mail.mega.bank.example spf:mega.bank.example",
		    "fail quarantine/quarantine giant.bank.example "
		    "giant.bank.example" },
		{ "a top-level domain that is an organization",
		    { { "_dmarc.brand", R } }, "a.brand", "dkim:b.brand",
		    "pass reject/none brand brand dkim" },
		{ "the same, but one of its names parts itself",
		    { { "_dmarc.brand", R },
			{ "_dmarc.b.brand", R "; psd=n" } },
		    "a.brand", "dkim:b.brand",
		    "fail reject/reject brand brand" },
		{ "the suffix does not align with its registrant",
		    { { "_dmarc.bank.example", R "; psd=y" },
			{ "_dmarc.giant.bank.example", R } },
		    "giant.bank.example", "dkim:bank.example",
		    "fail reject/reject giant.bank.example "
		    "giant.bank.example" },
	};

	run_cases(cases, GP_NELEMS(cases));
}

/* What libopendmarc gets wrong by itself must not come through. */
static void
test_library_regressions(void **state GP_UNUSED)
{
	static const struct test_case cases[] = {
		{ "one-letter author, other domain of the suffix",
		    { { "_dmarc.x.com", R } }, "x.com",
		    "dkim:evil.com spf:other.com",
		    "fail reject/reject x.com x.com" },
		{ "one-letter author of a short suffix",
		    { { "_dmarc.t.co", R } }, "t.co", "dkim:ab.co",
		    "fail reject/reject t.co t.co" },
		{ "one-letter signing domain", { { "_dmarc.victim.com", R } },
		    "victim.com", "dkim:a.com spf:a.com",
		    "fail reject/reject victim.com victim.com" },
		{ "two one-letter domains, strict",
		    { { "_dmarc.v.com", R "; adkim=s; aspf=s" } }, "v.com",
		    "dkim:a.com spf:a.com", "fail reject/reject v.com v.com" },
		{ "one-letter author itself", { { "_dmarc.x.com", R } },
		    "x.com", "dkim:x.com",
		    "pass reject/none x.com x.com dkim" },
		{ "one-letter author, its subdomain", { { "_dmarc.x.com", R } },
		    "x.com", "dkim:mail.x.com",
		    "pass reject/none x.com x.com dkim" },
		{ "d= is a top-level domain", { { "_dmarc.victim.com", R } },
		    "victim.com", "dkim:com",
		    "fail reject/reject victim.com victim.com" },
		{ "d= is a suffix of two labels",
		    { { "_dmarc.victim.co.uk", R } }, "victim.co.uk",
		    "dkim:co.uk spf:uk",
		    "fail reject/reject victim.co.uk victim.co.uk" },
		{ "siblings under a suffix without records",
		    { { "_dmarc.victim.github.io", R } }, "victim.github.io",
		    "dkim:github.io spf:other.github.io",
		    "fail reject/reject victim.github.io victim.github.io" },
		{ "a suffix of a wildcard rule",
		    { { "_dmarc.shop.com.ck", R } }, "shop.com.ck",
		    "dkim:com.ck spf:other.com.ck",
		    "fail reject/reject shop.com.ck shop.com.ck" },
		{ "aligned pass, then other failures",
		    { { "_dmarc.example.com", R } }, "example.com",
		    "dkim:example.com dkim:list.net ?dkim:sub.example.com",
		    "pass reject/none example.com example.com dkim" },
		{ "other pass, then aligned pass",
		    { { "_dmarc.example.com", R } }, "example.com",
		    "dkim:list.net dkim:example.com",
		    "pass reject/none example.com example.com dkim" },
		{ "rf= does not touch aspf=",
		    { { "_dmarc.example.com", R "; aspf=s; rf=iodef" } },
		    "example.com", "spf:sub.example.com",
		    "fail reject/reject example.com example.com" },
		{ "pct= out of range does not void the record",
		    { { "_dmarc.example.com", R "; pct=101" } }, "example.com",
		    "", "fail reject/reject example.com example.com" },
		{ "pct=0 does not soften the policy",
		    { { "_dmarc.example.com", R "; pct=0" } }, "example.com",
		    "", "fail reject/reject example.com example.com" },
		{ "fo=, ri= and adkim= of no meaning do not void the record",
		    { { "_dmarc.example.com", R "; fo=x; ri=1d; adkim=x" } },
		    "example.com", "dkim:sub.example.com",
		    "pass reject/none example.com example.com dkim" },
		{ "an abbreviated policy is none",
		    { { "_dmarc.example.com", "v=DMARC1; p=r" } },
		    "example.com", "",
		    "none none/none example.com "
		    "example.com" },
		{ "sp= does not bind the domain itself",
		    { { "_dmarc.example.com", R "; sp=none" } }, "example.com",
		    "", "fail reject/reject example.com example.com" },
		{ "a record of another version order",
		    { { "_dmarc.example.com", "p=reject; v=DMARC1" } },
		    "example.com", "", "none none/none example.com " },
	};

	run_cases(cases, GP_NELEMS(cases));
}

static void
test_policy(void **state GP_UNUSED)
{
	static const struct test_case cases[] = {
		{ "no record", { { NULL, NULL } }, "example.com",
		    "dkim:example.com", "none none/none example.com " },
		{ "own record before the organization's",
		    { { "_dmarc.a.example.com", "v=DMARC1; p=none" },
			{ "_dmarc.example.com", R } },
		    "a.example.com", "",
		    "fail none/none example.com a.example.com" },
		{ "the organization's record, not one between",
		    { { "_dmarc.b.example.com", "v=DMARC1; p=none" },
			{ "_dmarc.example.com", R } },
		    "a.b.example.com", "",
		    "fail reject/reject example.com example.com" },
		{ "sp for an existing name",
		    { { "_dmarc.example.com",
			  "v=DMARC1; p=reject; sp=none; np=quarantine" },
			{ "a.example.com", "@" } },
		    "a.example.com", "",
		    "fail none/none example.com example.com" },
		{ "np for a name that does not exist",
		    { { "_dmarc.example.com",
			"v=DMARC1; p=reject; sp=none; np=quarantine" } },
		    "a.example.com", "",
		    "fail quarantine/quarantine example.com example.com" },
		{ "an empty non-terminal exists",
		    { { "_dmarc.example.com", "v=DMARC1; p=none; np=reject" },
			{ "x.a.example.com", "@" } },
		    "a.example.com", "",
		    "fail none/none example.com example.com" },
		{ "without np, sp for a name that does not exist",
		    { { "_dmarc.example.com",
			"v=DMARC1; p=reject; sp=quarantine" } },
		    "a.example.com", "",
		    "fail quarantine/quarantine example.com example.com" },
		{ "sp of an own record does not count",
		    { { "_dmarc.a.example.com", R "; sp=none; np=none" },
			{ "_dmarc.example.com", "v=DMARC1; p=none" } },
		    "a.example.com", "",
		    "fail reject/reject example.com a.example.com" },
		{ "t=y lowers reject", { { "_dmarc.example.com", R "; t=y" } },
		    "example.com", "",
		    "fail reject/quarantine example.com example.com" },
		{ "t=y lowers quarantine",
		    { { "_dmarc.example.com", "v=DMARC1; p=quarantine; t=y" } },
		    "example.com", "",
		    "fail quarantine/none example.com example.com" },
		{ "t=y leaves none",
		    { { "_dmarc.example.com", "v=DMARC1; p=none; t=y" } },
		    "example.com", "",
		    "fail none/none example.com example.com" },
		{ "the suffix's record for a registrant without one",
		    { { "_dmarc.gov", R "; sp=quarantine; np=none; psd=y" },
			{ "city.gov", "@" } },
		    "www.city.gov", "", "fail none/none city.gov gov" },
		{ "the suffix's sp for an existing registrant",
		    { { "_dmarc.gov", R "; sp=quarantine; np=none; psd=y" },
			{ "city.gov", "@" } },
		    "city.gov", "dkim:mail.town.gov",
		    "fail quarantine/quarantine city.gov gov" },
		{ "under a suffix's record a registrant's names align",
		    { { "_dmarc.gov", R "; psd=y" } }, "a.city.gov",
		    "dkim:b.city.gov", "pass reject/none city.gov gov dkim" },
		{ "a record between registrant and author is not asked",
		    { { "_dmarc.gov", R "; psd=y" },
			{ "_dmarc.b.city.gov", "v=DMARC1; p=none" } },
		    "a.b.city.gov", "", "fail reject/reject city.gov gov" },
		{ "psd=y at the author itself",
		    { { "_dmarc.gov", R "; sp=none; psd=y" } }, "gov", "",
		    "fail reject/reject gov gov" },
		{ "several records count as none, the walk goes on",
		    { { "_dmarc.a.example.com", R },
			{ "_dmarc.a.example.com", "v=DMARC1; p=none" },
			{ "_dmarc.example.com", "v=DMARC1; p=quarantine" } },
		    "a.example.com", "",
		    "fail quarantine/quarantine example.com example.com" },
		{ "other TXT records beside do not matter",
		    { { "_dmarc.example.com", "v=spf1 -all" },
			{ "_dmarc.example.com", R } },
		    "example.com", "",
		    "fail reject/reject example.com example.com" },
		{ "a record that asks for nothing stops discovery",
		    { { "_dmarc.a.example.com", "v=DMARC1; adkim=s" },
			{ "_dmarc.example.com", R } },
		    "a.example.com", "",
		    "none none/none example.com a.example.com" },
		{ "no p but rua is p=none",
		    { { "_dmarc.example.com",
			"v=DMARC1; rua=mailto:a@example.com" } },
		    "example.com", "",
		    "fail none/none example.com example.com" },
		{ "a deep author finds the record seven labels up",
		    { { "_dmarc.g.h.i.j.mail.example.com", R } },
		    "a.b.c.d.e.f.g.h.i.j.mail.example.com", "",
		    "fail reject/reject g.h.i.j.mail.example.com "
		    "g.h.i.j.mail.example.com" },
		{ "a record eight labels up is not found",
		    { { "_dmarc.f.g.h.i.j.mail.example.com", R } },
		    "a.b.c.d.e.f.g.h.i.j.mail.example.com", "",
		    "none none/none a.b.c.d.e.f.g.h.i.j.mail.example.com " },
	};

	run_cases(cases, GP_NELEMS(cases));
}

static void
test_authors(void **state GP_UNUSED)
{
	static const struct test_case cases[] = {
		{ "none", { { NULL, NULL } }, "", "dkim:a.com",
		    "permerror none/none  " },
		{ "a literal", { { NULL, NULL } }, "[192.0.2.1]", "",
		    "permerror none/none  " },
		{ "twice the same", { { "_dmarc.a.com", R } }, "a.com a.com",
		    "dkim:a.com", "pass reject/none a.com a.com dkim" },
		{ "both pass",
		    { { "_dmarc.a.com", "v=DMARC1; p=none" },
			{ "_dmarc.b.org", R } },
		    "a.com b.org", "dkim:a.com dkim:b.org",
		    "pass reject/none b.org b.org dkim" },
		{ "the first fails",
		    { { "_dmarc.a.com", R }, { "_dmarc.b.org", R } },
		    "a.com b.org", "dkim:b.org",
		    "fail reject/reject a.com a.com" },
		{ "the second fails",
		    { { "_dmarc.a.com", R },
			{ "_dmarc.b.org", "v=DMARC1; p=quarantine" } },
		    "a.com b.org", "dkim:a.com",
		    "fail quarantine/quarantine b.org b.org" },
		{ "the stricter of two failures",
		    { { "_dmarc.a.com", "v=DMARC1; p=quarantine" },
			{ "_dmarc.b.org", R } },
		    "a.com b.org", "", "fail reject/reject b.org b.org" },
		{ "a second author without a policy hides a pass",
		    { { "_dmarc.a.com", R } }, "a.com b.org", "dkim:a.com",
		    "none none/none b.org " },
		{ "a literal beside a pass", { { "_dmarc.a.com", R } },
		    "a.com [192.0.2.1]", "dkim:a.com",
		    "permerror none/none  " },
		{ "a literal beside a failure", { { "_dmarc.a.com", R } },
		    "[192.0.2.1] a.com", "", "fail reject/reject a.com a.com" },
		{ "too many, one fails", { { "_dmarc.a.com", R } },
		    "1.org 2.org 3.org a.com 5.org", "",
		    "fail reject/reject a.com a.com" },
		{ "too many", { { "_dmarc.a.com", R } },
		    "1.org 2.org 3.org 4.org a.com", "dkim:a.com",
		    "permerror none/none  " },
		{ "a failure that asks for nothing hides no timeout",
		    { { "_dmarc.evil.com", "v=DMARC1; p=none" },
			{ "_dmarc.a.b.org", "!" }, { "_dmarc.b.org", R } },
		    "evil.com a.b.org", "", "temperror reject/none  " },
		{ "a timeout without any policy hides no failure",
		    { { "_dmarc.a.com", "v=DMARC1; p=none" },
			{ "_dmarc.b.org", "!" } },
		    "b.org a.com", "", "fail none/none a.com a.com" },
		{ "a failure that asks for nothing hides no literal",
		    { { "_dmarc.evil.com", "v=DMARC1; p=none" } },
		    "evil.com [192.0.2.1]", "", "permerror none/none  " },
		{ "a failure and a timeout",
		    { { "_dmarc.a.com", R }, { "_dmarc.b.org", "!" } },
		    "b.org a.com", "", "fail reject/reject a.com a.com" },
	};

	run_cases(cases, GP_NELEMS(cases));
}

static void
test_temporary(void **state GP_UNUSED)
{
	static const struct test_case cases[] = {
		{ "the author's record", { { "_dmarc.example.com", "!" } },
		    "example.com", "dkim:example.com",
		    "temperror none/none  " },
		{ "a bogus record", { { "_dmarc.example.com", "!!" } },
		    "example.com", "", "temperror none/none  " },
		{ "the organization's record",
		    { { "_dmarc.example.com", "!" } }, "a.example.com", "",
		    "temperror none/none  " },
		{ "own record unknown, the parent's asks for something",
		    { { "_dmarc.a.example.com", "!" },
			{ "_dmarc.example.com",
			    "v=DMARC1; p=reject; sp=quarantine" } },
		    "a.example.com", "dkim:a.example.com",
		    "temperror quarantine/none  " },
		{ "the name between unknown, the author does not exist",
		    { { "_dmarc.b.example.com", "!" },
			{ "_dmarc.example.com",
			    "v=DMARC1; p=none; np=reject" } },
		    "a.b.example.com", "", "temperror reject/none  " },
		{ "own record unknown, the name exists",
		    { { "_dmarc.a.example.com", "!" }, { "a.example.com", "@" },
			{ "_dmarc.example.com",
			    "v=DMARC1; p=quarantine; np=reject" } },
		    "a.example.com", "", "temperror quarantine/none  " },
		{ "own record and existence unknown",
		    { { "_dmarc.a.example.com", "!" }, { "a.example.com", "!" },
			{ "_dmarc.example.com",
			    "v=DMARC1; p=none; np=reject" } },
		    "a.example.com", "", "temperror reject/none  " },
		{ "two names unknown, what stands above asks",
		    { { "_dmarc.a.b.example.com", "!" },
			{ "_dmarc.b.example.com", "!!" },
			{ "_dmarc.example.com", R } },
		    "a.b.example.com", "", "temperror reject/none  " },
		{ "a name between unknown, the suffix asks",
		    { { "_dmarc.city.gov", "!" },
			{ "_dmarc.gov", R "; sp=quarantine; psd=y" } },
		    "a.city.gov", "", "temperror quarantine/none  " },
		{ "own record unknown, the parent's asks for nothing",
		    { { "_dmarc.a.example.com", "!" },
			{ "_dmarc.example.com", "v=DMARC1; adkim=s" } },
		    "a.example.com", "", "temperror none/none  " },
		{ "own record unknown, none above",
		    { { "_dmarc.a.example.com", "!" } }, "a.example.com", "",
		    "temperror none/none  " },
		{ "own record, parent unknown, same name passed",
		    { { "_dmarc.a.example.com", R },
			{ "_dmarc.example.com", "!" } },
		    "a.example.com", "dkim:a.example.com",
		    "pass reject/none  a.example.com dkim" },
		{ "own record, parent unknown, nothing passed",
		    { { "_dmarc.a.example.com", R },
			{ "_dmarc.example.com", "!" } },
		    "a.example.com", "", "fail reject/reject  a.example.com" },
		{ "own record, parent unknown, a sibling passed",
		    { { "_dmarc.a.example.com", R },
			{ "_dmarc.example.com", "!" } },
		    "a.example.com", "dkim:b.example.com",
		    "temperror reject/none  a.example.com" },
		{ "own record, parent unknown, strict",
		    { { "_dmarc.a.example.com", R "; adkim=s" },
			{ "_dmarc.example.com", "!" } },
		    "a.example.com", "dkim:b.example.com",
		    "fail reject/reject  a.example.com" },
		{ "own record, parent unknown, another suffix",
		    { { "_dmarc.a.example.com", R },
			{ "_dmarc.example.com", "!" } },
		    "a.example.com", "dkim:b.example.net",
		    "fail reject/reject  a.example.com" },
		{ "own record, top-level domain unknown, a sibling passed",
		    { { "_dmarc.a.brand", R }, { "_dmarc.brand", "!" } },
		    "a.brand", "dkim:b.brand",
		    "temperror reject/none  a.brand" },
		{ "psd=n ends the walk before the failure",
		    { { "_dmarc.a.example.com", R "; psd=n" },
			{ "_dmarc.example.com", "!" } },
		    "a.example.com", "dkim:b.a.example.com",
		    "pass reject/none a.example.com a.example.com dkim" },
		{ "a signer whose own DNS is silent cannot align",
		    { { "_dmarc.victim.com", R }, { "_dmarc.evil.com", "!" } },
		    "victim.com", "dkim:evil.com",
		    "fail reject/reject victim.com victim.com" },
		{ "an aligned key that could not be fetched",
		    { { "_dmarc.example.com", R } }, "example.com",
		    "?dkim:example.com spf:other.net",
		    "temperror reject/none example.com example.com" },
		{ "the same, but SPF passed", { { "_dmarc.example.com", R } },
		    "example.com", "?dkim:example.com spf:example.com",
		    "pass reject/none example.com example.com spf" },
		{ "another domain's key that could not be fetched",
		    { { "_dmarc.example.com", R } }, "example.com",
		    "?dkim:list.net ?spf:other.com",
		    "fail reject/reject example.com example.com" },
		{ "existence unknown where np differs",
		    { { "_dmarc.example.com", "v=DMARC1; p=none; np=reject" },
			{ "a.example.com", "!" } },
		    "a.example.com", "",
		    "temperror reject/none example.com example.com" },
		{ "existence unknown where np is milder",
		    { { "_dmarc.example.com",
			  "v=DMARC1; p=none; sp=quarantine; np=none" },
			{ "a.example.com", "!" } },
		    "a.example.com", "",
		    "temperror quarantine/none example.com example.com" },
		{ "existence unknown where np is the same",
		    { { "_dmarc.example.com", R }, { "a.example.com", "!" } },
		    "a.example.com", "",
		    "fail reject/reject example.com example.com" },
		{ "existence unknown, but passed",
		    { { "_dmarc.example.com", "v=DMARC1; p=none; np=reject" },
			{ "a.example.com", "!" } },
		    "a.example.com", "dkim:example.com",
		    "pass none/none example.com example.com dkim" },
	};

	run_cases(cases, GP_NELEMS(cases));
}

static void
test_walk_names(void **state GP_UNUSED)
{
	static const struct {
		const char *domain, *names;
	} cases[] = {
		{ "com", "com" },
		{ "a.mail.example.com",
		    "a.mail.example.com mail.example.com example.com com" },
		{ "1.2.3.4.5.6.7",
		    "1.2.3.4.5.6.7 2.3.4.5.6.7 3.4.5.6.7 4.5.6.7 5.6.7 6.7 "
		    "7" },
		{ "0.1.2.3.4.5.6.7",
		    "0.1.2.3.4.5.6.7 1.2.3.4.5.6.7 2.3.4.5.6.7 3.4.5.6.7 "
		    "4.5.6.7 5.6.7 6.7 7" },
		{ "a.b.c.d.e.f.g.h.i.j.mail.example.com",
		    "a.b.c.d.e.f.g.h.i.j.mail.example.com "
		    "g.h.i.j.mail.example.com h.i.j.mail.example.com "
		    "i.j.mail.example.com j.mail.example.com "
		    "mail.example.com example.com com" },
	};

	const char *names[DMARC_QUERIES_MAX];
	size_t i, n, count;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		char text[TEXT_BYTES] = "";
		size_t length = 0;

		count = dmarc_walk_names(cases[i].domain, names);
		for (n = 0; n < count; n++)
			length += (size_t)snprintf(text + length,
			    sizeof(text) - length, "%s%s", n > 0 ? " " : "",
			    names[n]);
		if (strcmp(text, cases[i].names) != 0)
			fail_msg("case %s: %s", cases[i].domain, text);
	}
}

/* Equal names are asked once a message; unrelated identifiers not at all. */
static void
test_questions(void **state GP_UNUSED)
{
	static const struct line zone[LINES_MAX] = { { "_dmarc.example.com",
	    R } };
	static const char *const authors[] = { "a.example.com",
		"b.example.com" };
	static const struct auth_dmarc_identifier identifiers[] = {
		{ "a.example.com", false, false },
		{ "c.example.com", true, false },
		{ "example.com", false, false },
		{ "other.net", false, false },
		{ "", true, false },
	};
	struct region *region = region_new();
	struct dns *dns = open_zone(zone);
	struct auth_dmarc_result result;
	struct auth_dmarc *dmarc;

	assert_int_equal(auth_dmarc_start(region, dns, authors, 2,
			     clock_now_ms() + 1000, &dmarc),
	    STATUS_OK);
	/* a, b, example.com, com; and whether a and b exist */
	assert_int_equal(dns_questions_asked(dns), 6);
	assert_int_equal(
	    auth_dmarc_start_domain(dmarc, "C.Example.com"), STATUS_OK);
	assert_int_equal(dns_questions_asked(dns), 7);
	assert_int_equal(auth_dmarc_finish(dmarc, identifiers,
			     GP_NELEMS(identifiers), &result),
	    STATUS_OK);
	assert_int_equal(dns_questions_asked(dns), 7);
	assert_int_equal(result.result, AUTH_PASS);
	auth_dmarc_free(&dmarc);
	auth_dmarc_free(&dmarc);
	region_free(&region);
	dns_close(&dns);
}

/*
 * What a message names costs no question before it passed, unless it looks like
 * an author's; what passed costs none where the author's walk alone tells that
 * it does not align.
 */
static void
test_amplification(void **state GP_UNUSED)
{
	static const struct line zone[LINES_MAX] = { { "_dmarc.example.com",
	    R } };
	static const char *const authors[] = { "a.example.com" };

	static const struct {
		const char *domain;
		uint64_t questions;
	} cases[] = {
		{ "1.2.3.4.5.6.7.com", 4 },
		{ "com", 4 },
		{ "badexample.com", 4 },
		{ "example.com.other.net", 4 },
		{ "", 4 },
		{ "a.example.com", 4 },
		{ "example.com", 4 },
		{ "B.example.com", 5 },
		{ "3.2.b.example.com", 7 },
	};
	static const struct auth_dmarc_identifier identifiers[] = {
		{ "1.2.3.4.5.6.7.com", false, false },
		{ "badexample.com", true, false },
		{ "1.2.3.4.5.6.8.com", false, true },
		{ "com", false, false },
	};
	struct region *region = region_new();
	struct dns *dns = open_zone(zone);
	struct auth_dmarc_result result;
	struct auth_dmarc *dmarc;
	size_t i;

	/* a.example.com, example.com, com; and whether the first exists */
	assert_int_equal(auth_dmarc_start(region, dns, authors, 1,
			     clock_now_ms() + 1000, &dmarc),
	    STATUS_OK);
	for (i = 0; i < GP_NELEMS(cases); i++) {
		assert_int_equal(
		    auth_dmarc_start_domain(dmarc, cases[i].domain), STATUS_OK);
		if (dns_questions_asked(dns) != cases[i].questions)
			fail_msg("case %s: %lu questions", cases[i].domain,
			    (unsigned long)dns_questions_asked(dns));
	}
	assert_int_equal(auth_dmarc_finish(dmarc, identifiers,
			     GP_NELEMS(identifiers), &result),
	    STATUS_OK);
	assert_int_equal(dns_questions_asked(dns), 7);
	assert_int_equal(result.result, AUTH_FAIL);
	auth_dmarc_free(&dmarc);
	region_free(&region);
	dns_close(&dns);
}

/* d= may be anything of any length. */
static void
test_hostile_identifiers(void **state GP_UNUSED)
{
	static const struct line zone[LINES_MAX] = { { "_dmarc.example.com",
	    R } };
	static const char *const authors[] = { "example.com" };
	char huge[2000];
	struct auth_dmarc_identifier identifiers[IDENTIFIERS_MAX] = {
		{ huge, false, false },
		{ "..example.com", false, false },
		{ ".", false, false },
		{ "example.com.", false, false },
		{ "\xff\x01 x.com", false, false },
	};
	struct region *region = region_new();
	struct dns *dns = open_zone(zone);
	struct auth_dmarc_result result;
	struct auth_dmarc *dmarc;

	memset(huge, 'a', sizeof(huge));
	memcpy(huge + sizeof(huge) - 13, ".example.com", 13);
	assert_int_equal(auth_dmarc_start(region, dns, authors, 1,
			     clock_now_ms() + 1000, &dmarc),
	    STATUS_OK);
	assert_int_equal(
	    auth_dmarc_finish(dmarc, identifiers, 5, &result), STATUS_OK);
	assert_int_equal(result.result, AUTH_FAIL);
	auth_dmarc_free(&dmarc);
	region_free(&region);
	dns_close(&dns);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_alignment),
		cmocka_unit_test(test_library_regressions),
		cmocka_unit_test(test_policy),
		cmocka_unit_test(test_authors),
		cmocka_unit_test(test_temporary),
		cmocka_unit_test(test_walk_names),
		cmocka_unit_test(test_questions),
		cmocka_unit_test(test_amplification),
		cmocka_unit_test(test_hostile_identifiers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
