/*
 * lists-fixture - lists over zone data that a test can go on to change, for
 * test-lists-*.c.  One thread at a time.
 */
#ifndef GATEPOST_TESTS_LISTS_FIXTURE_H
#define GATEPOST_TESTS_LISTS_FIXTURE_H

#include <stdio.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/region.h"
#include "lib/dns/zone.h"
#include "lib/lists/lists-conf.h"
#include "lib/lists/lists.h"

#include "tests/unit/unit.h"

#define FIXTURE_HITS_BYTES  512
#define FIXTURE_DEADLINE_MS 20000

/* What every list must hold, as its operator documents it. */
static const char *const fixture_test_entries[] = {
	"2.0.0.127.zen.spamhaus.org. A 127.0.0.2",
	"2.0.0.127.zen.spamhaus.org. A 127.0.0.4",
	"2.0.0.127.zen.spamhaus.org. A 127.0.0.10",
	"2.0.0.127.bl.spamcop.net. A 127.0.0.2",
	"2.0.0.127.psbl.surriel.com. A 127.0.0.2",
	"2.0.0.127.bl.spameatingmonkey.net. A 127.0.0.2",
	"2.0.0.127.list.dnswl.org. A 127.0.10.0",
	"test.dbl.spamhaus.org. A 127.0.1.2",
	"surbl-org-permanent-test-point.com.multi.surbl.org. A 127.0.0.254",
	"test.uribl.com.multi.uribl.com. A 127.0.0.14",
	"_dnsbl_.test.uribl.spameatingmonkey.net. A 127.0.0.2",
	"_dnsbl_.test.fresh.spameatingmonkey.net. A 127.0.0.2",
};

struct fixture {
	struct lists_conf conf;
	struct conf_memory *memory;
	struct dns_zone *zone; /* of dns */
	struct dns *dns;
	struct lists *lists;
	struct region *region;
	char hits[FIXTURE_HITS_BYTES];
};

static inline void
fixture_add(struct fixture *fixture, const char *line)
{
	if (dns_zone_add_line(fixture->zone, line) != STATUS_OK)
		fail_msg("%s", line);
}

static inline void
fixture_fault(struct fixture *fixture, const char *name, enum dns_result result)
{
	assert_int_equal(
	    dns_zone_add_fault(fixture->zone, name, 0, result), STATUS_OK);
}

/* The default configuration and a zone without any record; no lists yet. */
static inline void
fixture_open_bare(struct fixture *fixture)
{
	static const struct conf_entry entry = { &lists_conf_section, 0 };
	struct conf_errors *errors = conf_errors_new();
	struct dns_zone *zone = dns_zone_new();

	memset(fixture, 0, sizeof(*fixture));
	fixture->zone = zone;
	assert_int_equal(conf_load(NULL, &entry, 1, &fixture->conf,
			     &fixture->memory, errors),
	    STATUS_OK);
	conf_errors_free(&errors);
	assert_int_equal(dns_open_zone(&zone, &fixture->dns), STATUS_OK);
	fixture->region = region_new();
	assert_non_null(fixture->region);
}

/* The same with the test entries of all shipped lists. */
static inline void
fixture_open(struct fixture *fixture)
{
	size_t i;

	fixture_open_bare(fixture);
	for (i = 0; i < GP_NELEMS(fixture_test_entries); i++)
		fixture_add(fixture, fixture_test_entries[i]);
}

/* Makes the lists, and ends their first self-test. */
static inline void
fixture_start(struct fixture *fixture)
{
	assert_int_equal(
	    lists_new(&fixture->conf, fixture->dns, &fixture->lists),
	    STATUS_OK);
	lists_wait_tests(fixture->lists);
}

static inline void
fixture_close(struct fixture *fixture)
{
	lists_free(&fixture->lists);
	dns_close(&fixture->dns);
	conf_memory_free(&fixture->memory);
	region_free(&fixture->region);
}

/* The row of a list; the zone without a key. */
static inline const struct lists_status *
fixture_status(struct fixture *fixture, const char *zone)
{
	struct lists_status *rows;
	size_t i, count;

	assert_int_equal(
	    lists_status_all(fixture->lists, fixture->region, &rows, &count),
	    STATUS_OK);
	for (i = 0; i < count; i++)
		if (strcmp(rows[i].zone, zone) == 0)
			return &rows[i];
	fail_msg("no list %s", zone);
	return NULL;
}

/*
 * Waits for a query and ends it; "SYMBOL(subject)" of each hit, blanks between
 * them.
 */
static inline const char *
fixture_hits(struct fixture *fixture, struct lists_query *query)
{
	size_t i, count, length = 0;
	struct lists_hit *hits;

	fixture->hits[0] = '\0';
	assert_int_equal(
	    lists_wait(query, fixture->region, &hits, &count), STATUS_OK);
	for (i = 0; i < count; i++) {
		length += (size_t)snprintf(fixture->hits + length,
		    sizeof(fixture->hits) - length, "%s%s(%s)",
		    i == 0 ? "" : " ", hits[i].symbol, hits[i].subject);
		assert_true(length < sizeof(fixture->hits));
	}
	lists_end(&query);
	return fixture->hits;
}

static inline struct lists_query *
fixture_ask(
    struct fixture *fixture, enum lists_subject subject, const char *text)
{
	int64_t deadline_ms = clock_now_ms() + FIXTURE_DEADLINE_MS;
	struct lists *lists = fixture->lists;
	struct lists_query *query;
	enum status status;
	struct ip ip;

	if (subject == LISTS_DOMAIN) {
		status = lists_ask_domain(lists, text, deadline_ms, &query);
	} else if (subject == LISTS_ADDRESS) {
		status = lists_ask_address(lists, text, deadline_ms, &query);
	} else {
		assert_int_equal(ip_parse(text, &ip), STATUS_OK);
		status = lists_ask_ip(lists, subject, &ip, deadline_ms, &query);
	}
	assert_int_equal(status, STATUS_OK);
	return query;
}

/* Asks, waits and compares. */
static inline void
fixture_expect(struct fixture *fixture, enum lists_subject subject,
    const char *text, const char *expected)
{
	const char *hits =
	    fixture_hits(fixture, fixture_ask(fixture, subject, text));

	if (strcmp(hits, expected) != 0)
		fail_msg("%s: \"%s\", not \"%s\"", text, hits, expected);
}

#endif
