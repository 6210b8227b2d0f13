/* Addresses, reverse names and networks. */
#include "config.h"

#include "lib/base/ip.h"

#include "tests/unit/unit.h"

static void
test_reverse(void **state GP_UNUSED)
{
	static const struct {
		const char *ip, *zone, *name;
	} cases[] = {
		{ "192.0.2.1", NULL, "1.2.0.192.in-addr.arpa" },
		{ "192.0.2.1", "zen.test", "1.2.0.192.zen.test" },
		{ "192.0.2.1", "", "1.2.0.192" },
		{ "::ffff:192.0.2.1", "", "1.2.0.192" },
		{ "2001:db8::1", NULL,
		    "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0."
		    "1.0.0.2.ip6.arpa" },
	};

	char name[80], small[8];
	struct ip ip;
	size_t i;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		assert_int_equal(ip_parse(cases[i].ip, &ip), STATUS_OK);
		assert_int_equal(
		    ip_reverse(&ip, cases[i].zone, name, sizeof(name)),
		    STATUS_OK);
		assert_string_equal(name, cases[i].name);
	}
	assert_int_equal(
	    ip_reverse(&ip, NULL, small, sizeof(small)), STATUS_LIMIT);
	assert_int_equal(ip_parse("1.2.3", &ip), STATUS_INVALID);
	assert_int_equal(ip_parse("", &ip), STATUS_INVALID);
}

static void
test_network(void **state GP_UNUSED)
{
	static const struct {
		const char *ip, *network;
		int in;
	} cases[] = {
		{ "10.1.2.3", "10.0.0.0/8", 1 },
		{ "11.1.2.3", "10.0.0.0/8", 0 },
		{ "10.1.2.3", "10.1.2.3", 1 },
		{ "10.1.2.4", "10.1.2.3", 0 },
		{ "10.1.2.3", "0.0.0.0/0", 1 },
		{ "10.1.2.130", "10.1.2.128/25", 1 },
		{ "10.1.2.127", "10.1.2.128/25", 0 },
		{ "2001:db8::1", "2001:db8::/32", 1 },
		{ "2001:db9::1", "2001:db8::/32", 0 },
		{ "::ffff:10.0.0.1", "10.0.0.0/8", 1 },
		{ "2001:db8::1", "0.0.0.0/0", 0 },
	};

	static const char *const bad[] = { "10.0.0.0/33", "10.0.0.0/", "/8",
		"10.0.0.0/-1", "2001:db8::/129", "", "x/8",
		"1111111111111111111111111111111111111111111111111/8" };
	struct ip_network network;
	struct ip ip;
	size_t i;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		assert_int_equal(ip_parse(cases[i].ip, &ip), STATUS_OK);
		assert_int_equal(
		    ip_network_parse(cases[i].network, &network), STATUS_OK);
		if (ip_in_network(&ip, &network) != cases[i].in)
			fail_msg("%s in %s", cases[i].ip, cases[i].network);
	}
	for (i = 0; i < GP_NELEMS(bad); i++)
		if (ip_network_parse(bad[i], &network) != STATUS_INVALID)
			fail_msg("accepted: %s", bad[i]);
}

static void
test_public(void **state GP_UNUSED)
{
	static const struct {
		const char *ip;
		int is_public;
	} cases[] = {
		{ "192.0.2.1", 1 },
		{ "8.8.8.8", 1 },
		{ "223.255.255.255", 1 },
		{ "172.15.255.255", 1 },
		{ "172.32.0.1", 1 },
		{ "100.63.0.1", 1 },
		{ "100.128.0.1", 1 },
		{ "198.20.0.1", 1 },
		{ "192.0.1.1", 1 },
		{ "0.1.2.3", 0 },
		{ "10.255.0.1", 0 },
		{ "100.64.0.1", 0 },
		{ "127.0.0.1", 0 },
		{ "127.255.255.254", 0 },
		{ "169.254.1.1", 0 },
		{ "172.16.0.1", 0 },
		{ "172.31.255.255", 0 },
		{ "192.0.0.8", 0 },
		{ "192.168.1.1", 0 },
		{ "198.18.0.1", 0 },
		{ "198.19.255.1", 0 },
		{ "224.0.0.1", 0 },
		{ "240.0.0.1", 0 },
		{ "255.255.255.255", 0 },
		{ "2001:db8::1", 1 },
		{ "2a00::1", 1 },
		{ "::1", 0 },
		{ "::", 0 },
		{ "fc00::1", 0 },
		{ "fd12:3456::1", 0 },
		{ "fe80::1", 0 },
		{ "fec0::1", 0 },
		{ "ff02::1", 0 },
		{ "::ffff:10.0.0.1", 0 },
		{ "::ffff:192.0.2.1", 1 },
	};
	struct ip ip = { 0 };
	size_t i;

	assert_false(ip_is_public(&ip));
	for (i = 0; i < GP_NELEMS(cases); i++) {
		assert_int_equal(ip_parse(cases[i].ip, &ip), STATUS_OK);
		if (ip_is_public(&ip) != cases[i].is_public)
			fail_msg("case %s", cases[i].ip);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reverse),
		cmocka_unit_test(test_network),
		cmocka_unit_test(test_public),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
