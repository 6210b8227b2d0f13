/* Notation of the servers' addresses, and looking up their names. */
#include "config.h"

#include "lib/store/redis-address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/store/redis-lookup.h"
#include "tests/unit/unit.h"

#define PATH_100                                             \
	"/2345678901234567890123456789012345678901234567890" \
	"12345678901234567890123456789012345678901234567890"

static const struct {
	const char *text;
	const char *host, *path; /* both NULL: refused */
	int port;
} address_cases[] = {
	{ "127.0.0.1:6379", "127.0.0.1", "", 6379 },
	{ "redis:1", "redis", "", 1 },
	{ "a-b_c.example.com:65535", "a-b_c.example.com", "", 65535 },
	{ "[::1]:6379", "::1", "", 6379 },
	{ "[fe80::1%eth0]:6379", "fe80::1%eth0", "", 6379 },
	{ "unix:/run/redis.sock", "", "/run/redis.sock", 0 },
	{ "unix:/with:colon", "", "/with:colon", 0 },
	{ "unix:" PATH_100, "", PATH_100, 0 },
	{ "unix:" PATH_100 "12345678", NULL, NULL, 0 },
	{ "", NULL, NULL, 0 },
	{ ":", NULL, NULL, 0 },
	{ ":6379", NULL, NULL, 0 },
	{ "redis", NULL, NULL, 0 },
	{ "redis:", NULL, NULL, 0 },
	{ "redis:0", NULL, NULL, 0 },
	{ "redis:65536", NULL, NULL, 0 },
	{ "redis:-1", NULL, NULL, 0 },
	{ "redis: 1", NULL, NULL, 0 },
	{ "redis:1 ", NULL, NULL, 0 },
	{ "re dis:1", NULL, NULL, 0 },
	{ "re\ndis:1", NULL, NULL, 0 },
	{ "::1:6379", NULL, NULL, 0 },
	{ "[::1:6379", NULL, NULL, 0 },
	{ "::1]:6379", NULL, NULL, 0 },
	{ "[]:6379", NULL, NULL, 0 },
	{ "[redis]:6379", NULL, NULL, 0 },
	{ "[::1]6379", NULL, NULL, 0 },
	{ "[:1", NULL, NULL, 0 },
	{ "unix:", NULL, NULL, 0 },
	{ "unix:relative", NULL, NULL, 0 },
	{ "redis://redis:6379", NULL, NULL, 0 },
};

static void
test_parse(void **state GP_UNUSED)
{
	struct redis_address address;
	enum status status;
	size_t i;

	for (i = 0; i < GP_NELEMS(address_cases); i++) {
		status = redis_address_parse(address_cases[i].text, &address);
		if ((status == STATUS_OK) != (address_cases[i].host != NULL))
			fail_msg("\"%s\"", address_cases[i].text);
		if (status != STATUS_OK)
			continue;
		assert_string_equal(address.text, address_cases[i].text);
		assert_string_equal(address.host, address_cases[i].host);
		assert_string_equal(address.path, address_cases[i].path);
		assert_int_equal(address.port, address_cases[i].port);
	}
}

static void
test_set(void **state GP_UNUSED)
{
	struct redis_address address;
	char host[REDIS_HOST_BYTES + 1];

	assert_int_equal(redis_address_set("::1", 7, &address), STATUS_OK);
	assert_string_equal(address.text, "[::1]:7");
	assert_int_equal(redis_address_set("a.b", 7, &address), STATUS_OK);
	assert_string_equal(address.text, "a.b:7");
	assert_int_equal(redis_address_set("", 7, &address), STATUS_INVALID);
	assert_int_equal(redis_address_set("?", 7, &address), STATUS_INVALID);
	assert_int_equal(
	    redis_address_set("a", 65536, &address), STATUS_INVALID);
	memset(host, 'a', sizeof(host));
	host[REDIS_HOST_BYTES] = '\0';
	assert_int_equal(redis_address_set(host, 7, &address), STATUS_INVALID);
	host[REDIS_HOST_BYTES - 1] = '\0';
	assert_int_equal(redis_address_set(host, 7, &address), STATUS_OK);
}

static void
look_up(const char *text, struct redis_endpoints *endpoints)
{
	struct redis_address address;
	struct redis_reason reason;

	assert_int_equal(redis_address_parse(text, &address), STATUS_OK);
	assert_int_equal(
	    redis_lookup(&address, clock_now_ms() + 60000, endpoints, &reason),
	    STATUS_OK);
	assert_in_range(endpoints->count, 1, REDIS_ENDPOINTS_MAX);
}

static void
test_lookup(void **state GP_UNUSED)
{
	struct redis_endpoints endpoints;
	struct sockaddr_in in4;

	look_up("192.0.2.1:7", &endpoints);
	assert_int_equal(endpoints.count, 1);
	memcpy(&in4, &endpoints.items[0].address, sizeof(in4));
	assert_int_equal(in4.sin_family, AF_INET);
	assert_int_equal(ntohs(in4.sin_port), 7);
	look_up("[2001:db8::1]:7", &endpoints);
	assert_int_equal(endpoints.items[0].address.ss_family, AF_INET6);
	look_up("unix:/nowhere", &endpoints);
	assert_int_equal(endpoints.items[0].address.ss_family, AF_UNIX);
	look_up("localhost:7", &endpoints);
}

/* Whether there is a resolver or not: no such name, in time, with a reason. */
static void
test_no_such_name(void **state GP_UNUSED)
{
	struct redis_endpoints endpoints;
	struct redis_address address;
	struct redis_reason reason;

	assert_int_equal(
	    redis_address_parse("no-such-host.invalid:7", &address), STATUS_OK);
	redis_reason_clear(&reason);
	assert_int_not_equal(
	    redis_lookup(&address, clock_now_ms() + 100, &endpoints, &reason),
	    STATUS_OK);
	assert_string_not_equal(reason.text, "");
	/* A deadline in the past leaves the thread behind. */
	assert_int_not_equal(
	    redis_lookup(&address, 0, &endpoints, &reason), STATUS_OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_set),
		cmocka_unit_test(test_lookup),
		cmocka_unit_test(test_no_such_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
