/* Well known names: what lies under an entry, and what only looks like it. */
#include "config.h"

#include "lib/scan/hosts.h"

#include "lib/base/status.h"
#include "tests/unit/unit.h"

static const struct {
	enum hosts_list list;
	const char *host;
	const char *entry; /* NULL: none */
} host_cases[] = {
	{ HOSTS_FREEMAIL, "gmail.com", "gmail.com" },
	{ HOSTS_FREEMAIL, "126.com", "126.com" },
	{ HOSTS_FREEMAIL, "zoho.com", "zoho.com" },
	{ HOSTS_FREEMAIL, "notgmail.com", NULL },
	{ HOSTS_FREEMAIL, "gmail.com.example.net", NULL },
	{ HOSTS_FREEMAIL, "com", NULL },
	{ HOSTS_FREEMAIL, "", NULL },
	{ HOSTS_HOSTER, "shop.onmicrosoft.com", "onmicrosoft.com" },
	{ HOSTS_HOSTER, "microsoft.com", NULL },
	{ HOSTS_HOSTER, "a.b.vps.ovh.net", "vps.ovh.net" },
	{ HOSTS_HOSTER, "ovh.net", NULL },
	{ HOSTS_STORAGE, "bucket.s3.amazonaws.com", "amazonaws.com" },
	{ HOSTS_STORAGE, "www.googleapis.com", NULL },
	{ HOSTS_SHORTENER, "bit.ly", "bit.ly" },
	{ HOSTS_SHORTENER, "www.bit.ly", "bit.ly" },
	{ HOSTS_SHORTENER, "rabbit.ly", NULL },
	{ HOSTS_IMAGE, "i.imgur.com", "imgur.com" },
	{ HOSTS_IMAGE, "lh3.googleusercontent.com",
	    "lh3.googleusercontent.com" },
	{ HOSTS_IMAGE, "en.wikipedia.org", NULL },
};

static void
test_hosts(void **state GP_UNUSED)
{
	const char *entry;
	size_t i;

	for (i = 0; i < GP_NELEMS(host_cases); i++) {
		assert_int_equal(
		    hosts_has(host_cases[i].list, host_cases[i].host, &entry),
		    host_cases[i].entry != NULL);
		if (host_cases[i].entry == NULL)
			assert_null(entry);
		else
			assert_string_equal(entry, host_cases[i].entry);
	}
}

static void
test_bad_tlds(void **state GP_UNUSED)
{
	assert_true(hosts_tld_is_bad("win.example.top"));
	assert_true(hosts_tld_is_bad("example.ZIP"));
	assert_true(hosts_tld_is_bad("example.shop"));
	assert_int_equal(hosts_tld("example.top"), HOSTS_TLD_BAD);
	assert_int_equal(hosts_tld("example.SHOP"), HOSTS_TLD_MILD);
	assert_int_equal(hosts_tld("shop.example"), HOSTS_TLD_FINE);
	assert_false(hosts_tld_is_bad("example.com"));
	assert_false(hosts_tld_is_bad("top.example.org"));
	assert_false(hosts_tld_is_bad("example.stop"));
	assert_false(hosts_tld_is_bad("top"));
	assert_false(hosts_tld_is_bad(""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hosts),
		cmocka_unit_test(test_bad_tlds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
