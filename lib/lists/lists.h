/*
 * lists - DNS block and allow lists (RFC 5782), and their self-test.
 *
 * A list is asked by lists_ask_*() as soon as a subject is known and read by
 * lists_wait().  A list that fails its self-test is off until it answers right
 * again: it is not asked, costs no points and no time.  An answer that means
 * "you are blocked" is never a hit and turns the list off.
 */
#ifndef GATEPOST_LISTS_LISTS_H
#define GATEPOST_LISTS_LISTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/ip.h"
#include "lib/base/region.h"
#include "lib/base/status.h"
#include "lib/dns/dns.h"

struct lists;
struct lists_conf; /* the `lists` section of gatepost.conf, see lists-conf.h */
struct lists_query;

/* What is asked about; each list says what it is for (lists-table.h). */
enum lists_subject {
	LISTS_CLIENT,  /* the address that delivers the message */
	LISTS_RELAY,   /* an address out of a Received field */
	LISTS_DOMAIN,  /* a domain that the message names */
	LISTS_ADDRESS, /* a mail address, asked as a hash */
	LISTS_URL      /* an address that a URL has for a host */
};

/* A list holds the subject.  Constant strings, or region memory. */
struct lists_hit {
	const char *symbol;    /* "RBL_ZEN_SBL" */
	const char *list_name; /* "Spamhaus ZEN", for people */
	const char *zone;      /* where it was asked, without a key in it */
	const char *subject;   /* the address or domain as text */
	struct ip answer;      /* 127.0.0.2 */
	bool secure;           /* DNSSEC-validated */
};

enum lists_state {
	LISTS_STATE_UNTESTED, /* the first self-test is still running */
	LISTS_STATE_ON,
	LISTS_STATE_OFF,     /* the self-test failed, or it says "blocked" */
	LISTS_STATE_DISABLED /* by the configuration */
};

/* For `gatepost lists`.  Region memory or constant strings. */
struct lists_status {
	const char *name, *zone, *subjects; /* "client, relay" */
	enum lists_state state;
	const char *reason; /* why it is off and what to do; "" else */
	bool is_silent;     /* off, and only because nothing answered */
	int64_t tested_at;  /* epoch seconds; 0: not yet */
};

/*
 * lists_new - all shipped lists and those of the configuration; starts their
 * self-tests, never waits.
 *
 * conf  not kept
 * dns   borrowed until lists_free()
 */
enum status lists_new(const struct lists_conf *conf, struct dns *dns,
    struct lists **lists_r) GP_MUST_CHECK;

/*
 * lists_reload - takes over another configuration; what is off is tested anew.
 *
 * conf  not kept
 *
 * Queries may be running: they end with the lists that they have asked.  What
 * is known of a list that stays is kept.  On failure everything is as it was.
 */
enum status lists_reload(
    struct lists *lists, const struct lists_conf *conf) GP_MUST_CHECK;

/* lists_free - accepts NULL; every query must have been ended before */
void lists_free(struct lists **lists);

/*
 * lists_tick - reads self-tests that have ended and starts those that are due.
 *
 * Never waits.  One thread, that of lists_new(), lists_reload() and
 * lists_free(), calls it about once a second.
 */
void lists_tick(struct lists *lists);

/*
 * lists_wait_tests - waits until each self-test that runs has ended, at the
 * longest until its deadline (10 s).  The same thread as lists_tick().
 */
void lists_wait_tests(struct lists *lists);

/* lists_state_text - "untested", "on", "off", "disabled" */
const char *lists_state_text(enum lists_state state);

/* lists_status_all - one row a list, in table order; any thread */
enum status lists_status_all(struct lists *lists, struct region *region,
    struct lists_status **rows_r, size_t *count_r) GP_MUST_CHECK;

/* lists_are_silent - is every list that is not disabled silent, and one at
 * least? */
bool lists_are_silent(const struct lists_status *rows, size_t count);

/*
 * lists_ask_ip, lists_ask_domain, lists_ask_address - starts the questions to
 * all lists for that subject.
 *
 * subject      of an address: LISTS_CLIENT, LISTS_RELAY or LISTS_URL
 * ip           private and loopback addresses are not asked about
 * domain       lower case, A-labels; asked at its organizational domain or in
 *		whole, as each list wants it
 * address      an addr-spec; asked only where hash lists are on
 * deadline_ms  clock_now_ms() time at which they end
 * query_r      NULL when no list is for that; end it by lists_end()
 *
 * Never waits.  Returns STATUS_OK or STATUS_NOMEM.  Any thread.
 */
enum status lists_ask_ip(struct lists *lists, enum lists_subject subject,
    const struct ip *ip, int64_t deadline_ms,
    struct lists_query **query_r) GP_MUST_CHECK;
enum status lists_ask_domain(struct lists *lists, const char *domain,
    int64_t deadline_ms, struct lists_query **query_r) GP_MUST_CHECK;
enum status lists_ask_address(struct lists *lists, const char *address,
    int64_t deadline_ms, struct lists_query **query_r) GP_MUST_CHECK;

/*
 * lists_wait - waits for all answers, at the longest until the deadline.
 *
 * query   NULL: nothing was asked, no hits
 * hits_r  region memory, at most one hit of a symbol and a list.  A list whose
 *	   first self-test has not ended is waited for too, until the deadline;
 *	   its answers count only if it passes.
 */
enum status lists_wait(struct lists_query *query, struct region *region,
    struct lists_hit **hits_r, size_t *count_r) GP_MUST_CHECK;

/* lists_asked_count - the lists that are asked; of NULL: 0 */
size_t lists_asked_count(const struct lists_query *query);

/*
 * lists_left_open - behind lists_wait(): a list that may speak against the
 * subject was asked and has not answered, or was not tested yet; what it would
 * have said is not known.
 *
 * Allow lists do not matter, nor a list that is off: it may be off for years,
 * and what is learned must not wait for it.
 */
bool lists_left_open(const struct lists_query *query);

/* lists_end - cancels what is open, frees, sets *query to NULL; accepts NULL */
void lists_end(struct lists_query **query);

#endif
