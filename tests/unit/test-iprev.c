/* Reverse names and their confirmation, over zone data. */
#include "config.h"

#include "lib/auth/iprev.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/dns/zone.h"

#include "tests/unit/unit.h"

static const char *const records[] = {
	"1.2.0.192.in-addr.arpa. PTR Mail.Example.test.",
	"mail.example.test. A 192.0.2.1",
	"mail.example.test. AAAA 2001:db8::1",
	/* two names, the second one is right */
	"2.2.0.192.in-addr.arpa. PTR other.example.test.",
	"2.2.0.192.in-addr.arpa. PTR two.example.test.",
	"other.example.test. A 198.51.100.1",
	"other.example.test. A 198.51.100.2",
	"two.example.test. A 198.51.100.3",
	"two.example.test. A 192.0.2.2",
	/* only wrong ones */
	"3.2.0.192.in-addr.arpa. PTR other.example.test.",
	"4.2.0.192.in-addr.arpa. PTR nowhere.example.test.",
	/* one wrong, one that cannot be told now */
	"5.2.0.192.in-addr.arpa. PTR other.example.test.",
	"5.2.0.192.in-addr.arpa. PTR slow.example.test.",
	/* one that cannot be told, one right */
	"6.2.0.192.in-addr.arpa. PTR slow.example.test.",
	"6.2.0.192.in-addr.arpa. PTR six.example.test.",
	"six.example.test. A 192.0.2.6",
	/* through CNAME on both ways (RFC 2317) */
	"7.2.0.192.in-addr.arpa. CNAME 7.part.2.0.192.in-addr.arpa.",
	"7.part.2.0.192.in-addr.arpa. PTR seven.example.test.",
	"seven.example.test. CNAME real-seven.example.test.",
	"real-seven.example.test. A 192.0.2.7",
	/* a name that cannot be asked, and the root */
	"9.2.0.192.in-addr.arpa. PTR .",
	"10.2.0.192.in-addr.arpa. TXT \"no PTR here\"",
	("1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2."
	 "ip6.arpa. PTR mail.example.test."),
	"four.example.test. A 192.0.2.1",
	"six-only.example.test. AAAA 2001:db8::6",
	"text.example.test. TXT \"no address\"",
	"half.example.test. A 192.0.2.99",
};

static struct dns *
open_dns(void)
{
	struct dns_zone *zone = dns_zone_new();
	struct dns *dns;
	char line[100];
	size_t i;

	assert_non_null(zone);
	for (i = 0; i < GP_NELEMS(records); i++)
		if (dns_zone_add_line(zone, records[i]) != STATUS_OK)
			fail_msg("%s", records[i]);
	/* 12 names; only the first 10 are looked at, the right one is last */
	for (i = 0; i < 12; i++) {
		snprintf(line, sizeof(line),
		    "8.2.0.192.in-addr.arpa. PTR n%zu.example.test.", i);
		assert_int_equal(dns_zone_add_line(zone, line), STATUS_OK);
	}
	assert_int_equal(
	    dns_zone_add_line(zone, "n11.example.test. A 192.0.2.8"),
	    STATUS_OK);
	assert_int_equal(
	    dns_zone_add_fault(zone, "slow.example.test", 0, DNS_TIMEOUT),
	    STATUS_OK);
	assert_int_equal(dns_zone_add_fault(zone, "11.2.0.192.in-addr.arpa",
			     DNS_TYPE_PTR, DNS_SERVFAIL),
	    STATUS_OK);
	assert_int_equal(dns_zone_add_fault(zone, "12.2.0.192.in-addr.arpa",
			     DNS_TYPE_PTR, DNS_BOGUS),
	    STATUS_OK);
	assert_int_equal(dns_zone_add_fault(zone, "half.example.test",
			     DNS_TYPE_AAAA, DNS_SERVFAIL),
	    STATUS_OK);
	assert_int_equal(dns_open_zone(&zone, &dns), STATUS_OK);
	return dns;
}

static struct auth_iprev_request
request_of(struct dns *dns, const char *client_ip)
{
	struct auth_iprev_request request = { .dns = dns };

	if (client_ip[0] != '\0')
		assert_int_equal(
		    ip_parse(client_ip, &request.client_ip), STATUS_OK);
	request.deadline_ms = clock_now_ms() + 1000;
	return request;
}

static void
test_check(void **state GP_UNUSED)
{
	static const struct {
		const char *client_ip;
		enum auth_result result;
		const char *name;
	} cases[] = {
		{ "192.0.2.1", AUTH_PASS, "mail.example.test" },
		{ "::ffff:192.0.2.1", AUTH_PASS, "mail.example.test" },
		{ "2001:db8::1", AUTH_PASS, "mail.example.test" },
		{ "192.0.2.2", AUTH_PASS, "two.example.test" },
		{ "192.0.2.3", AUTH_FAIL, "other.example.test" },
		{ "192.0.2.4", AUTH_FAIL, "nowhere.example.test" },
		{ "192.0.2.5", AUTH_TEMPERROR, "other.example.test" },
		{ "192.0.2.6", AUTH_PASS, "six.example.test" },
		{ "192.0.2.7", AUTH_PASS, "seven.example.test" },
		{ "192.0.2.8", AUTH_FAIL, "n0.example.test" },
		{ "192.0.2.9", AUTH_FAIL, "" },
		{ "192.0.2.10", AUTH_PERMERROR, "" },
		{ "192.0.2.11", AUTH_TEMPERROR, "" },
		{ "192.0.2.12", AUTH_TEMPERROR, "" },
		{ "192.0.2.13", AUTH_PERMERROR, "" },
		{ "2001:db8::2", AUTH_PERMERROR, "" },
		{ "", AUTH_PERMERROR, "" },
	};
	struct dns *dns = open_dns();
	struct region *region = region_new();
	struct auth_iprev_request request;
	struct auth_iprev_result result;
	size_t i;

	assert_non_null(region);
	for (i = 0; i < GP_NELEMS(cases); i++) {
		request = request_of(dns, cases[i].client_ip);
		assert_int_equal(
		    auth_iprev_check(region, &request, &result), STATUS_OK);
		if (result.result != cases[i].result ||
		    strcmp(result.name, cases[i].name) != 0)
			fail_msg("%s: %s %s", cases[i].client_ip,
			    auth_result_text(result.result), result.name);
	}
	region_free(&region);
	dns_close(&dns);
}

static void
test_forward(void **state GP_UNUSED)
{
	static const struct {
		const char *client_ip, *name;
		enum auth_result result;
	} cases[] = {
		{ "192.0.2.1", "mail.example.test", AUTH_PASS },
		{ "192.0.2.1", "MAIL.example.test.", AUTH_PASS },
		{ "2001:db8::1", "mail.example.test", AUTH_PASS },
		{ "192.0.2.9", "mail.example.test", AUTH_FAIL },
		{ "2001:db8::1", "four.example.test", AUTH_FAIL },
		{ "192.0.2.1", "six-only.example.test", AUTH_FAIL },
		{ "192.0.2.1", "nowhere.example.test", AUTH_NONE },
		{ "192.0.2.1", "text.example.test", AUTH_NONE },
		{ "192.0.2.1", "slow.example.test", AUTH_TEMPERROR },
		{ "192.0.2.1", "half.example.test", AUTH_FAIL },
		{ "2001:db8::1", "half.example.test", AUTH_TEMPERROR },
		{ "192.0.2.1", "seven.example.test", AUTH_FAIL },
		{ "192.0.2.7", "seven.example.test", AUTH_PASS },
		{ "192.0.2.1", "", AUTH_NONE },
		{ "192.0.2.1", "localhost", AUTH_NONE },
		{ "192.0.2.1", "localhost.", AUTH_NONE },
		{ "192.0.2.1", "[192.0.2.1]", AUTH_NONE },
		{ "192.0.2.1", "192.0.2.1", AUTH_NONE },
		{ "192.0.2.1", "a..b", AUTH_NONE },
		{ "192.0.2.1", "mail .example.test", AUTH_NONE },
		{ "", "mail.example.test", AUTH_NONE },
	};
	struct dns *dns = open_dns();
	struct region *region = region_new();
	struct auth_iprev_request request;
	enum auth_result result;
	size_t i;

	assert_non_null(region);
	for (i = 0; i < GP_NELEMS(cases); i++) {
		request = request_of(dns, cases[i].client_ip);
		assert_int_equal(auth_forward_confirm(
				     region, &request, cases[i].name, &result),
		    STATUS_OK);
		if (result != cases[i].result)
			fail_msg("%s %s: %s", cases[i].client_ip, cases[i].name,
			    auth_result_text(result));
	}
	region_free(&region);
	dns_close(&dns);
}

static void
test_offline(void **state GP_UNUSED)
{
	struct region *region = region_new();
	struct auth_iprev_request request;
	struct auth_iprev_result result;
	struct dns *dns;

	assert_non_null(region);
	assert_int_equal(dns_open_zone(NULL, &dns), STATUS_OK);
	request = request_of(dns, "192.0.2.1");
	assert_int_equal(
	    auth_iprev_check(region, &request, &result), STATUS_OK);
	assert_int_equal(result.result, AUTH_TEMPERROR);
	assert_string_equal(result.name, "");
	region_free(&region);
	dns_close(&dns);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_forward),
		cmocka_unit_test(test_offline),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
