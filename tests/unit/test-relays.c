/* The hosts a message came by: ours, the first stranger, and what is made up.
 */
#include "config.h"

#include "lib/mail/relays.h"

#include <string.h>

#include "tests/unit/unit.h"

#define FROM(ip) "Received: from a (b.test [" ip "]) by c; d\n"
#define OWN      "192.0.2.0/24"

struct relays_case {
	const char *name, *client_ip, *header;
	const char *stranger; /* address, "-" for none */
	/* Each relay: its address, 't' for a trustworthy field, 'o' for one of
	 * ours; a blank before the next. */
	const char *relays;
	size_t unread;
};

static const struct relays_case cases[] = {
	{ "no field", "198.51.100.1", "", "198.51.100.1", "", 0 },
	{ "stranger", "198.51.100.1", FROM("192.0.2.1") FROM("10.0.0.1"),
	    "198.51.100.1", "192.0.2.1o 10.0.0.1", 0 },
	{ "own client", "192.0.2.1", FROM("198.51.100.1") FROM("203.0.113.1"),
	    "198.51.100.1", "198.51.100.1t 203.0.113.1", 0 },
	{ "two of ours", "192.0.2.1",
	    FROM("192.0.2.2") FROM("198.51.100.1") FROM("192.0.2.3"),
	    "198.51.100.1", "192.0.2.2to 198.51.100.1t 192.0.2.3o", 0 },
	{ "private ones are ours", "192.0.2.1",
	    FROM("127.0.0.1") FROM("10.0.0.1") FROM("198.51.100.1"),
	    "198.51.100.1", "127.0.0.1to 10.0.0.1to 198.51.100.1t", 0 },
	{ "all are ours", "192.0.2.1", FROM("192.0.2.2"), "-", "192.0.2.2to",
	    0 },
	{ "out of a file", NULL, FROM("198.51.100.1") FROM("203.0.113.1"),
	    "198.51.100.1", "198.51.100.1t 203.0.113.1", 0 },
	{ "out of a file, nothing there", NULL, "Subject: x\n", "-", "", 0 },
	{ "made on our host", "192.0.2.1",
	    "Received: by mx.test (Postfix, from userid 0) id 4X; d\n" FROM(
		"198.51.100.1"),
	    "198.51.100.1", "198.51.100.1t", 0 },
	{ "unread", "192.0.2.1",
	    "Received: from x [198.51.100.9] by y\n" FROM("198.51.100.1"), "-",
	    "198.51.100.1", 1 },
	{ "unread behind the stranger", "192.0.2.1",
	    FROM("198.51.100.1") "Received: x\n" FROM("203.0.113.1"),
	    "198.51.100.1", "198.51.100.1t 203.0.113.1", 1 },
	{ "other fields between", "192.0.2.1",
	    "X: y\n" FROM("192.0.2.2") "Subject: x\nreceived: from a (b.test "
				       "[IPv6:2001:db8::1]) by c\n",
	    "2001:db8::1", "192.0.2.2to 2001:db8::1t", 0 },
};

static const char *
describe(struct region *region, const struct relays *relays)
{
	const char *text = "";
	char ip[IP_TEXT_BYTES];
	size_t i;

	for (i = 0; i < relays->count; i++)
		text =
		    region_printf(region, "%s%s%s%s%s", text, i > 0 ? " " : "",
			ip_text(&relays->list[i].received.client_ip, ip),
			relays->list[i].is_trustworthy ? "t" : "",
			relays->list[i].is_own ? "o" : "");
	return text;
}

static void
read_case(
    struct region *region, const struct relays_case *c, struct relays *relays)
{
	struct ip client_ip = { .family = AF_UNSPEC };
	struct ip_network network;
	struct relays_own own = { &network, 1 };
	struct message message;
	struct span body;

	assert_int_equal(ip_network_parse(OWN, &network), STATUS_OK);
	if (c->client_ip != NULL)
		assert_int_equal(ip_parse(c->client_ip, &client_ip), STATUS_OK);
	message_init(&message, region);
	assert_int_equal(
	    message_parse_header(&message, span_of(c->header), &body),
	    STATUS_OK);
	assert_int_equal(
	    relays_read(region, &message, &client_ip, &own, relays), STATUS_OK);
}

static void
test_cases(void **state GP_UNUSED)
{
	struct region *region = region_new();
	const struct relays_case *c;
	char stranger[IP_TEXT_BYTES];
	struct relays relays;
	const char *text;
	size_t i;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		c = &cases[i];
		read_case(region, c, &relays);
		text = describe(region, &relays);
		if (relays.first_stranger.family == AF_UNSPEC)
			memcpy(stranger, "-", 2);
		else
			ip_text(&relays.first_stranger, stranger);
		if (strcmp(text, c->relays) != 0 ||
		    strcmp(stranger, c->stranger) != 0 ||
		    relays.unread != c->unread || relays.truncated)
			fail_msg("%s: stranger %s, \"%s\", %zu unread", c->name,
			    stranger, text, relays.unread);
	}
	region_free(&region);
}

/* The stranger is one of the list, with its number among the fields. */
static void
test_stranger(void **state GP_UNUSED)
{
	struct region *region = region_new();
	struct relays_case c = { .client_ip = "192.0.2.1",
		.header = "Received: by x; d\n" FROM("198.51.100.1") };
	struct relays relays;

	read_case(region, &c, &relays);
	assert_ptr_equal(relays.stranger, &relays.list[0]);
	assert_int_equal(relays.stranger->field, 1);
	assert_string_equal(relays.stranger->received.client_name, "b.test");
	c.client_ip = "198.51.100.2";
	read_case(region, &c, &relays);
	assert_null(relays.stranger);
	region_free(&region);
}

static void
test_limit(void **state GP_UNUSED)
{
	struct region *region = region_new();
	struct relays_case c = { .client_ip = "192.0.2.1", .header = "" };
	struct relays relays;
	size_t i;

	for (i = 0; i < RELAYS_FIELDS_MAX; i++)
		c.header =
		    region_printf(region, "%s%s", c.header, FROM("192.0.2.2"));
	read_case(region, &c, &relays);
	assert_int_equal(relays.count, RELAYS_FIELDS_MAX);
	assert_false(relays.truncated);
	c.header =
	    region_printf(region, "%s%s", c.header, FROM("198.51.100.1"));
	read_case(region, &c, &relays);
	assert_int_equal(relays.count, RELAYS_FIELDS_MAX);
	assert_true(relays.truncated);
	assert_int_equal(relays.first_stranger.family, AF_UNSPEC);
	region_free(&region);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_stranger),
		cmocka_unit_test(test_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
