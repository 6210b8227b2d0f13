/*
 * SPF evaluation: records that made SPF libraries crash, loop or forget, and
 * the counting of lookups.  The suites are in tests/conformance.
 */
#include "config.h"

#include "lib/auth/spf.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/strbuf.h"
#include "lib/dns/zone.h"
#include "tests/unit/unit.h"

struct fixture {
	struct dns_zone *zone;
	struct dns *dns;
	struct region *region;
	struct auth_spf_result result;
};

static int
setup(void **state)
{
	static struct fixture fixture;

	memset(&fixture, 0, sizeof(fixture));
	fixture.zone = dns_zone_new();
	fixture.region = region_new();
	*state = &fixture;
	return fixture.zone == NULL || fixture.region == NULL ? -1 : 0;
}

static int
teardown(void **state)
{
	struct fixture *fixture = *state;

	region_free(&fixture->region);
	dns_close(&fixture->dns);
	dns_zone_free(&fixture->zone);
	return 0;
}

static void
publish_bytes(
    struct fixture *fixture, const char *name, const char *text, size_t length)
{
	assert_int_equal(
	    dns_zone_add_txt(fixture->zone, name, text, length), STATUS_OK);
}

static void
publish(struct fixture *fixture, const char *name, const char *text)
{
	publish_bytes(fixture, name, text, strlen(text));
}

static void
add(struct fixture *fixture, const char *line)
{
	assert_int_equal(dns_zone_add_line(fixture->zone, line), STATUS_OK);
}

static enum auth_result
check(struct fixture *fixture, const char *client, const char *sender)
{
	struct auth_spf_request request = {
		.helo = "helo.test",
		.sender = sender,
		.receiver = "mx.test",
		.deadline_ms = clock_now_ms() + 20000,
		.want_explanation = true,
	};

	if (fixture->dns == NULL)
		assert_int_equal(
		    dns_open_zone(&fixture->zone, &fixture->dns), STATUS_OK);
	request.dns = fixture->dns;
	assert_int_equal(ip_parse(client, &request.client_ip), STATUS_OK);
	assert_int_equal(
	    auth_spf_check(fixture->region, &request, &fixture->result),
	    STATUS_OK);
	return fixture->result.result;
}

/* "a:" and 127 macros and 4000 letters: over every buffer of a C parser. */
static void
test_macros_and_a_long_label(void **state)
{
	struct strbuf *record = strbuf_new(10000);
	int i;

	strbuf_add_text(record, "v=spf1 a:");
	for (i = 0; i < 127; i++)
		strbuf_add_text(record, "%{d}");
	for (i = 0; i < 4000; i++)
		strbuf_add_char(record, 'a');
	publish(*state, "long.test", strbuf_text(record));
	strbuf_add_text(record, ".test -all");
	publish(*state, "longer.test", strbuf_text(record));
	assert_int_equal(strbuf_status(record), STATUS_OK);
	strbuf_free(&record);
	assert_int_equal(
	    check(*state, "192.0.2.1", "a@long.test"), AUTH_PERMERROR);
	assert_int_equal(
	    check(*state, "192.0.2.1", "a@longer.test"), AUTH_FAIL);
}

/* No term is forgotten, however many there are. */
static void
test_many_addresses(void **state)
{
	struct fixture *fixture = *state;
	struct strbuf *record = strbuf_new(10000);
	int i;

	strbuf_add_text(record, "v=spf1");
	for (i = 0; i < 400; i++)
		strbuf_printf(record, " ip4:10.0.%d.%d", i / 200, i % 200);
	strbuf_add_text(record, " -all");
	publish(fixture, "many4.test", strbuf_text(record));
	strbuf_reset(record);
	strbuf_add_text(record, "v=spf1");
	for (i = 0; i < 200; i++)
		strbuf_printf(record, " ip6:2001:db8:0:%x::/64", i);
	strbuf_add_text(record, " ~all");
	publish(fixture, "many6.test", strbuf_text(record));
	strbuf_free(&record);
	assert_int_equal(
	    check(fixture, "192.0.2.1", "a@many4.test"), AUTH_FAIL);
	assert_int_equal(
	    check(fixture, "10.0.1.199", "a@many4.test"), AUTH_PASS);
	assert_int_equal(
	    check(fixture, "2001:db8:1::1", "a@many6.test"), AUTH_SOFTFAIL);
	assert_int_equal(
	    check(fixture, "2001:db8:0:c7::1", "a@many6.test"), AUTH_PASS);
	assert_int_equal(fixture->result.lookup_count, 0);
}

/* Lookup terms of long names, more than a compiled record of libspf2 holds. */
static void
test_many_long_names(void **state)
{
	struct fixture *fixture = *state;
	struct strbuf *record = strbuf_new(10000);
	char label[61];
	int i;

	memset(label, 'n', sizeof(label) - 1);
	label[sizeof(label) - 1] = '\0';
	strbuf_add_text(record, "v=spf1");
	for (i = 0; i < 9; i++)
		strbuf_printf(record, " a:%s.%s.%s.%s.test/24//64", label,
		    label, label, "host");
	strbuf_add_text(record, " a:last.test -all");
	publish(fixture, "names.test", strbuf_text(record));
	strbuf_reset(record);
	strbuf_printf(record, "%s.%s.%s.host.test. 60 IN A 192.0.2.1", label,
	    label, label);
	add(fixture, strbuf_text(record));
	add(fixture, "last.test. 60 IN A 198.51.100.1");
	strbuf_free(&record);
	assert_int_equal(
	    check(fixture, "198.51.100.1", "a@names.test"), AUTH_PASS);
	assert_int_equal(fixture->result.lookup_count, 10);
	assert_int_equal(
	    check(fixture, "203.0.113.1", "a@names.test"), AUTH_FAIL);
	assert_int_equal(
	    check(fixture, "192.0.2.200", "a@names.test"), AUTH_PASS);
}

static uint64_t
questions_of(
    struct fixture *fixture, const char *sender, enum auth_result expected)
{
	uint64_t before;

	(void)check(fixture, "192.0.2.1", "a@nothing.test");
	before = dns_questions_asked(fixture->dns);
	assert_int_equal(check(fixture, "192.0.2.1", sender), expected);
	return dns_questions_asked(fixture->dns) - before;
}

/* A tree of includes without end, ten branches a node. */
static void
test_include_tree(void **state)
{
	struct fixture *fixture = *state;

	publish(fixture, "*.bomb.test",
	    "v=spf1 include:0.%{d} include:1.%{d} include:2.%{d} "
	    "include:3.%{d} include:4.%{d} include:5.%{d} include:6.%{d} "
	    "include:7.%{d} include:8.%{d} include:9.%{d} ?all");
	/* The identity's record, 10 ahead, and what is evaluated past them. */
	assert_in_range(questions_of(fixture, "a@x.bomb.test", AUTH_PERMERROR),
	    2, 1 + 10 + 10);
	assert_int_equal(fixture->result.lookup_count, 10);
	assert_non_null(fixture->result.reason);
}

/* Wide and shallow: the limit counts over all includes, not in each. */
static void
test_include_width(void **state)
{
	struct fixture *fixture = *state;

	publish(fixture, "wide.test",
	    "v=spf1 include:a.wide.test include:b.wide.test "
	    "include:a.wide.test include:b.wide.test -all");
	publish(
	    fixture, "*.wide.test", "v=spf1 a:h.test a:h.test a:h.test -all");
	add(fixture, "h.test. 60 IN A 203.0.113.9");
	assert_int_equal(
	    check(fixture, "192.0.2.1", "a@wide.test"), AUTH_PERMERROR);
	assert_int_equal(fixture->result.lookup_count, 10);
	assert_int_equal(
	    check(fixture, "203.0.113.9", "a@wide.test"), AUTH_PASS);
	assert_int_equal(fixture->result.lookup_count, 2);
}

/* Ten mx terms of ten hosts each is the most that one check can ask. */
static void
test_mx_width(void **state)
{
	struct fixture *fixture = *state;
	char line[100];
	int i;

	publish(fixture, "mx.test", "v=spf1 mx mx mx mx mx mx mx mx mx mx mx");
	for (i = 0; i < 10; i++) {
		snprintf(
		    line, sizeof(line), "mx.test. 60 IN MX %d h%d.test.", i, i);
		add(fixture, line);
		snprintf(
		    line, sizeof(line), "h%d.test. 60 IN A 203.0.113.%d", i, i);
		add(fixture, line);
	}
	assert_in_range(questions_of(fixture, "a@mx.test", AUTH_PERMERROR), 2,
	    1 + 10 + 100);
	assert_int_equal(fixture->result.lookup_count, 10);
	assert_int_equal(check(fixture, "203.0.113.9", "a@mx.test"), AUTH_PASS);
}

static void
test_bytes(void **state)
{
	struct fixture *fixture = *state;

	publish_bytes(fixture, "nul.test", "v=spf1 +all\0", 12);
	publish_bytes(fixture, "inner.test", "v=spf1\0 +all", 12);
	publish_bytes(fixture, "high.test", "v=spf1 +all \xff", 13);
	publish_bytes(fixture, "empty.test", "", 0);
	publish_bytes(fixture, "other.test", "\xff\0\xfe", 3);
	assert_int_equal(
	    check(fixture, "192.0.2.1", "a@nul.test"), AUTH_PERMERROR);
	assert_int_equal(
	    check(fixture, "192.0.2.1", "a@inner.test"), AUTH_NONE);
	assert_int_equal(
	    check(fixture, "192.0.2.1", "a@high.test"), AUTH_PERMERROR);
	assert_int_equal(
	    check(fixture, "192.0.2.1", "a@empty.test"), AUTH_NONE);
	assert_int_equal(
	    check(fixture, "192.0.2.1", "a@other.test"), AUTH_NONE);
}

static void
test_hostile_senders(void **state)
{
	static const char *const senders[] = { "", "@", "@@", "a@", "a", "a@.",
		"a@..", "a@b.", "a@\xff\xfe.test", "a@b\\.test", "a@x y.test",
		"a@\r\n.test", "\\@l.test", "a.\x01@l.test", "a\\032b@l.test",
		"....@l.test", "%{d}@l.test", "a@b@l.test" };
	struct fixture *fixture = *state;
	char long_sender[2000];
	size_t i;

	publish(fixture, "l.test", "v=spf1 exists:%{l}.%{lr.}.l.test -all");
	for (i = 0; i < GP_NELEMS(senders); i++) {
		enum auth_result expected =
		    strstr(senders[i], "@l.test") != NULL ? AUTH_FAIL :
							    AUTH_NONE;

		assert_int_equal(
		    check(fixture, "192.0.2.1", senders[i]), expected);
	}
	memset(long_sender, 'a', sizeof(long_sender));
	memcpy(long_sender + sizeof(long_sender) - 8, "@l.test", 8);
	assert_int_equal(check(fixture, "192.0.2.1", long_sender), AUTH_FAIL);
	memset(long_sender, 'a', sizeof(long_sender));
	long_sender[1] = '@';
	memcpy(long_sender + sizeof(long_sender) - 6, ".test", 6);
	assert_int_equal(check(fixture, "192.0.2.1", long_sender), AUTH_NONE);
}

static void
test_result_fields(void **state)
{
	struct fixture *fixture = *state;

	publish(fixture, "sample.test",
	    "v=spf1 a:none1.test mx:none2.test -all exp=why.test");
	publish(fixture, "why.test", "%{s} by %{c} at %{r}");
	assert_int_equal(
	    check(fixture, "192.0.2.1", "Ann@SAMPLE.test."), AUTH_FAIL);
	assert_string_equal(fixture->result.domain, "sample.test");
	assert_string_equal(fixture->result.explanation,
	    "Ann@sample.test by 192.0.2.1 at mx.test");
	assert_null(fixture->result.reason);
	assert_int_equal(fixture->result.lookup_count, 2);
	assert_int_equal(fixture->result.void_lookup_count, 2);
	assert_int_equal(check(fixture, "192.0.2.1", ""), AUTH_NONE);
	assert_string_equal(fixture->result.domain, "helo.test");
}

static void
test_client(void **state)
{
	struct fixture *fixture = *state;

	publish(fixture, "c.test", "v=spf1 ip4:127.0.0.0/8 a:h.test/8 -all");
	add(fixture, "h.test. 60 IN A 10.1.1.1");
	assert_int_equal(check(fixture, "127.0.0.1", "a@c.test"), AUTH_PASS);
	assert_int_equal(
	    check(fixture, "::ffff:10.2.2.2", "a@c.test"), AUTH_PASS);
}

static void
test_loopback_needs_a_record(void **state)
{
	struct fixture *fixture = *state;

	publish(fixture, "d.test", "v=spf1 a:h.test/8 -all");
	publish(fixture, "e.test", "v=spf1 a:l.test/8 a:l.test//16 -all");
	add(fixture, "h.test. 60 IN A 255.1.1.1");
	add(fixture, "l.test. 60 IN A 127.9.9.9");
	add(fixture, "l.test. 60 IN AAAA ::9");
	assert_int_equal(check(fixture, "127.0.0.1", "a@d.test"), AUTH_FAIL);
	assert_int_equal(check(fixture, "127.0.0.1", "a@e.test"), AUTH_PASS);
	assert_int_equal(check(fixture, "::1", "a@e.test"), AUTH_PASS);
	assert_int_equal(check(fixture, "::1", "a@d.test"), AUTH_FAIL);
	assert_int_equal(check(fixture, "255.0.0.1", "a@d.test"), AUTH_PASS);
}

static void
test_no_client(void **state)
{
	struct fixture *fixture = *state;
	struct auth_spf_request request = { .helo = "h.test", .sender = "" };

	assert_int_equal(
	    auth_spf_check(fixture->region, &request, &fixture->result),
	    STATUS_OK);
	assert_int_equal(fixture->result.result, AUTH_NONE);
}

static void
test_failing_dns(void **state)
{
	struct fixture *fixture = *state;

	const enum dns_result results[] = { DNS_TIMEOUT, DNS_SERVFAIL,
		DNS_BOGUS };

	char name[30], sender[30], record[60];
	size_t i;

	for (i = 0; i < GP_NELEMS(results); i++) {
		snprintf(name, sizeof(name), "f%zu.test", i);
		assert_int_equal(
		    dns_zone_add_fault(fixture->zone, name, 0, results[i]),
		    STATUS_OK);
		snprintf(name, sizeof(name), "g%zu.test", i);
		snprintf(
		    record, sizeof(record), "v=spf1 include:f%zu.test -all", i);
		publish(fixture, name, record);
	}
	for (i = 0; i < GP_NELEMS(results); i++) {
		snprintf(sender, sizeof(sender), "a@f%zu.test", i);
		assert_int_equal(
		    check(fixture, "192.0.2.1", sender), AUTH_TEMPERROR);
		snprintf(sender, sizeof(sender), "a@g%zu.test", i);
		assert_int_equal(
		    check(fixture, "192.0.2.1", sender), AUTH_TEMPERROR);
		assert_non_null(fixture->result.reason);
	}
}

/* The reason says where the fault is, in printable words. */
static void
test_reasons(void **state)
{
	struct fixture *fixture = *state;

	publish(fixture, "outer.test", "v=spf1 include:inner.test -all");
	publish(fixture, "inner.test", "v=spf1 ipv4:192.0.2.1");
	publish(fixture, "odd.test", "v=spf1 include:%{l}.test -all");
	assert_int_equal(
	    check(fixture, "192.0.2.1", "a@outer.test"), AUTH_PERMERROR);
	assert_string_equal(
	    fixture->result.reason, "inner.test: a mechanism is unknown");
	assert_int_equal(
	    check(fixture, "192.0.2.1", "\x01\x7f@odd.test"), AUTH_PERMERROR);
	assert_string_equal(fixture->result.reason,
	    "?\?.test: is included, but publishes no SPF record");
	assert_int_equal(check(fixture, "192.0.2.1", "a@none.test"), AUTH_NONE);
	assert_null(fixture->result.reason);
}

#define CASE(function) \
	cmocka_unit_test_setup_teardown(function, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_macros_and_a_long_label),
		CASE(test_many_addresses),
		CASE(test_many_long_names),
		CASE(test_include_tree),
		CASE(test_include_width),
		CASE(test_mx_width),
		CASE(test_bytes),
		CASE(test_hostile_senders),
		CASE(test_result_fields),
		CASE(test_client),
		CASE(test_loopback_needs_a_record),
		CASE(test_no_client),
		CASE(test_failing_dns),
		CASE(test_reasons),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
