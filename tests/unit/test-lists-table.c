/* The shipped lists: every code, every symbol, and nothing else. */
#include "config.h"

#include "lib/lists/lists-table.h"

#include <string.h>

#include "lib/scan/symbols.h"

#include "tests/unit/unit.h"

static struct ip
answer_of(unsigned int second, unsigned int third, unsigned int last)
{
	unsigned char bytes[4] = { 127, (unsigned char)second,
		(unsigned char)third, (unsigned char)last };

	return ip_from_bytes(AF_INET, bytes);
}

/* How many of the answers 127.second.*.* mean something. */
static size_t
meanings(const struct lists_description *description,
    enum lists_subject subject, unsigned int second)
{
	unsigned int third, last;
	size_t i, count = 0;

	for (third = 0; third < 256; third++)
		for (last = 0; last < 256; last++) {
			struct ip ip = answer_of(second, third, last);

			for (i = 0; i < description->code_count; i++)
				if (lists_code_symbol(&description->codes[i],
					subject, &ip) != NULL) {
					count++;
					break;
				}
		}
	return count;
}

/* The codes of test-lists-query.c are all that there are. */
static void
test_meanings(void **state GP_UNUSED)
{
	static const struct {
		const char *zone;
		enum lists_subject subject;
		size_t count;
	} cases[] = {
		{ "zen.spamhaus.org", LISTS_CLIENT, 10 },
		{ "zen.spamhaus.org", LISTS_RELAY, 8 },
		{ "zen.spamhaus.org", LISTS_URL, 8 },
		{ "bl.spamcop.net", LISTS_CLIENT, 1 },
		{ "psbl.surriel.com", LISTS_CLIENT, 1 },
		{ "rep.mailspike.net", LISTS_CLIENT, 6 },
		{ "bl.spameatingmonkey.net", LISTS_CLIENT, 1 },
		{ "list.dnswl.org", LISTS_CLIENT, 253 * 4 },
		{ "dbl.spamhaus.org", LISTS_DOMAIN, 9 },
		/* 256 but for those that have none of 4 or 3 bits */
		{ "multi.surbl.org", LISTS_DOMAIN, 256 - 16 },
		{ "multi.uribl.com", LISTS_DOMAIN, 256 - 32 },
		{ "multi.surbl.org", LISTS_URL, 256 - 16 },
		{ "multi.uribl.com", LISTS_URL, 256 - 32 },
		{ "dbl.spamhaus.org", LISTS_URL, 0 },
		{ "uribl.spameatingmonkey.net", LISTS_DOMAIN, 1 },
		{ "fresh.spameatingmonkey.net", LISTS_DOMAIN, 1 },
		{ "ebl.msbl.org", LISTS_ADDRESS, 2 },
	};
	const struct lists_description *description;
	size_t i, count, seen = 0;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		description = lists_table_find(cases[i].zone);
		assert_non_null(description);
		count = meanings(description, cases[i].subject, 0);
		if (count != cases[i].count)
			fail_msg("%s: %zu", cases[i].zone, count);
		assert_int_equal(meanings(description, cases[i].subject, 1), 0);
		if (cases[i].subject != LISTS_RELAY &&
		    cases[i].subject != LISTS_URL)
			seen++;
	}
	assert_int_equal(seen, lists_table_count);
	assert_int_equal(meanings(&lists_own_block, LISTS_CLIENT, 7), 65536);
	assert_int_equal(meanings(&lists_own_block, LISTS_RELAY, 7), 0);
}

/* The symbols of the group "lists", and which of them a list gives. */
#define NAME(name, group, ...) { #name, #group, false },

static struct {
	const char *name, *group;
	bool used;
} symbols[] = { SYMBOL_TABLE(NAME) };

static void
use_symbol(const char *name)
{
	size_t i;

	for (i = 0; name != NULL && i < GP_NELEMS(symbols); i++)
		if (strcmp(symbols[i].name, name) == 0) {
			assert_string_equal(symbols[i].group, "LISTS");
			symbols[i].used = true;
			return;
		}
	if (name != NULL)
		fail_msg("no symbol %s", name);
}

static void
use_symbols(const struct lists_description *description)
{
	size_t i;

	for (i = 0; i < description->code_count; i++) {
		assert_non_null(description->codes[i].symbol);
		use_symbol(description->codes[i].symbol);
		use_symbol(description->codes[i].relay_symbol);
		use_symbol(description->codes[i].url_symbol);
	}
}

static void
test_symbols(void **state GP_UNUSED)
{
	size_t i;

	for (i = 0; i < lists_table_count; i++)
		use_symbols(&lists_table[i]);
	use_symbols(&lists_own_block);
	use_symbols(&lists_own_allow);
	use_symbols(&lists_own_domains);
	for (i = 0; i < GP_NELEMS(symbols); i++)
		if (strcmp(symbols[i].group, "LISTS") == 0 && !symbols[i].used)
			fail_msg("no list gives %s", symbols[i].name);
}

static void
test_find(void **state GP_UNUSED)
{
	static const struct {
		const char *name, *zone;
	} cases[] = {
		{ "zen.spamhaus.org", "zen.spamhaus.org" },
		{ "ZEN.Spamhaus.ORG", "zen.spamhaus.org" },
		{ "Spamhaus ZEN", "zen.spamhaus.org" },
		{ "spamhaus dbl", "dbl.spamhaus.org" },
		{ "spamhaus.org", NULL },
		{ "zen.dq.spamhaus.net", NULL },
		{ "", NULL },
	};
	const struct lists_description *found;
	size_t i;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		found = lists_table_find(cases[i].name);
		if ((found == NULL) != (cases[i].zone == NULL) ||
		    (found != NULL && strcmp(found->zone, cases[i].zone) != 0))
			fail_msg("case \"%s\"", cases[i].name);
	}
}

/* Names and zones are unique, and every list has what a test needs. */
static void
test_descriptions(void **state GP_UNUSED)
{
	size_t i;

	for (i = 0; i < lists_table_count; i++) {
		assert_ptr_equal(
		    lists_table_find(lists_table[i].zone), &lists_table[i]);
		assert_ptr_equal(
		    lists_table_find(lists_table[i].name), &lists_table[i]);
		assert_non_null(lists_table[i].not_listed);
		assert_int_not_equal(lists_table[i].subjects, 0);
	}
}

/* Addresses of one answer, up to four, and what the list says by them. */
static void
test_read(void **state GP_UNUSED)
{
	static const struct {
		const char *zone;
		const char *addresses[4];
		enum lists_reading reading;
		const char *address;
	} cases[] = {
		{ "zen.spamhaus.org", { NULL }, LISTS_READING_NOTHING, NULL },
		{ "zen.spamhaus.org", { "127.0.0.2" }, LISTS_READING_LISTED,
		    "127.0.0.2" },
		{ "zen.spamhaus.org", { "10.0.0.1", "192.0.2.1" },
		    LISTS_READING_NOTHING, NULL },
		{ "zen.spamhaus.org", { "10.0.0.1", "127.9.9.9" },
		    LISTS_READING_LISTED, "127.9.9.9" },
		{ "zen.spamhaus.org",
		    { "127.0.0.2", "127.255.255.254", "127.0.0.4" },
		    LISTS_READING_REFUSED, "127.255.255.254" },
		{ "zen.spamhaus.org", { "127.0.0.1" }, LISTS_READING_LISTED,
		    "127.0.0.1" },
		{ "bl.spamcop.net", { "127.255.255.0" }, LISTS_READING_REFUSED,
		    "127.255.255.0" },
		{ "multi.surbl.org", { "127.0.0.1" }, LISTS_READING_REFUSED,
		    "127.0.0.1" },
		{ "multi.surbl.org", { "127.0.0.9" }, LISTS_READING_REFUSED,
		    "127.0.0.9" },
		{ "multi.surbl.org", { "127.0.0.254" }, LISTS_READING_LISTED,
		    "127.0.0.254" },
		{ "multi.uribl.com", { "127.0.0.255" }, LISTS_READING_REFUSED,
		    "127.0.0.255" },
		{ "multi.uribl.com", { "127.0.1.1" }, LISTS_READING_LISTED,
		    "127.0.1.1" },
		{ "list.dnswl.org", { "127.0.0.255" }, LISTS_READING_REFUSED,
		    "127.0.0.255" },
		{ "list.dnswl.org", { "127.0.10.255" }, LISTS_READING_LISTED,
		    "127.0.10.255" },
		{ "dbl.spamhaus.org", { "127.0.1.255" }, LISTS_READING_LISTED,
		    "127.0.1.255" },
	};
	struct dns_record records[4];
	struct dns_answer answer = { .records = records };
	enum lists_reading reading;
	char text[IP_TEXT_BYTES];
	struct ip address;
	size_t i;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		answer.record_count = 0;
		while (answer.record_count < 4 &&
		    cases[i].addresses[answer.record_count] != NULL) {
			assert_int_equal(
			    ip_parse(cases[i].addresses[answer.record_count],
				&records[answer.record_count].address),
			    STATUS_OK);
			answer.record_count++;
		}
		answer.result =
		    answer.record_count == 0 ? DNS_NXDOMAIN : DNS_FOUND;
		reading = lists_read(
		    lists_table_find(cases[i].zone), &answer, &address);
		if (reading != cases[i].reading ||
		    strcmp(ip_text(&address, text),
			cases[i].address != NULL ? cases[i].address :
						   "unknown") != 0)
			fail_msg("case %zu: %d, %s", i, (int)reading, text);
	}
}

static void
test_read_temporary(void **state GP_UNUSED)
{
	static const enum dns_result results[] = { DNS_SERVFAIL, DNS_TIMEOUT,
		DNS_BOGUS };
	struct dns_answer answer = { 0 };
	struct ip address;
	size_t i;

	for (i = 0; i < GP_NELEMS(results); i++) {
		answer.result = results[i];
		assert_int_equal(lists_read(&lists_table[0], &answer, &address),
		    LISTS_READING_UNKNOWN);
	}
	answer.result = DNS_NODATA;
	assert_int_equal(lists_read(&lists_table[0], &answer, &address),
	    LISTS_READING_NOTHING);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_meanings),
		cmocka_unit_test(test_symbols),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_descriptions),
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_read_temporary),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
