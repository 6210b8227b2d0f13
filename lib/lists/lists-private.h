/*
 * lists-private - what the set of lists (lists.c), their self-test
 * (lists-health.c) and the questions (lists-query.c) share.  Only files of
 * lib/lists and its tests include it.
 */
#ifndef GATEPOST_LISTS_LISTS_PRIVATE_H
#define GATEPOST_LISTS_LISTS_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/lists/lists-conf.h"
#include "lib/lists/lists-table.h"
#include "lib/lists/lists.h"

#define LISTS_MAX          64 /* and so of questions of one query */
#define LISTS_REASON_BYTES 300
#define LISTS_PREFIX_BYTES 256 /* what is asked, in front of the zone */
#define LISTS_TEST_MS      10000
#define LISTS_FAILURES_MAX 5 /* in a row; then it is tested at once */

/* The two questions of a self-test; both NULL when none runs. */
struct list_test {
	struct dns_question *listed, *not_listed;
};

/*
 * One list.  The set holds a reference to it, and each query that asked it:
 * it outlives a reload.
 */
struct list {
	/* Never changed. */
	const struct lists_description *description;
	const char *name;       /* for people */
	const char *shown_zone; /* without the key */
	char *zone;

	/* Guarded by lists.lock. */
	unsigned int references;
	enum lists_state state;
	char reason[LISTS_REASON_BYTES];
	bool is_silent;      /* its last test got no answer */
	int64_t tested_at;   /* epoch seconds */
	int64_t test_due_ms; /* clock_now_ms() */

	_Atomic unsigned int failures; /* questions in a row */
	struct list_test test;         /* lists_tick()'s thread alone */
};

struct lists {
	struct dns *dns;
	/* Guards what follows, and the fields of each list that say so.
	 * lists_tick()'s thread alone changes items and count. */
	pthread_mutex_t lock;
	struct list **items;
	size_t count;
	int64_t test_interval, retry_interval; /* ms */
};

enum list_test_result {
	LIST_TEST_PASSED,
	LIST_TEST_FAILED,
	LIST_TEST_UNKNOWN /* no answer in time */
};

/* list_free - accepts NULL; for whoever dropped the last reference */
void list_free(struct list **list);

/* list_test_start - asks; *test is empty on failure */
enum status list_test_start(struct dns *dns, const struct list *list,
    int64_t deadline_ms, struct list_test *test) GP_MUST_CHECK;

/* list_test_is_running - it was started and not ended */
bool list_test_is_running(const struct list_test *test);

/*
 * list_test_read - waits for the answers and judges them.
 *
 * reason  why it did not pass, and what to do
 */
enum list_test_result list_test_read(const struct list *list,
    struct list_test *test, char reason[LISTS_REASON_BYTES]);

/* list_test_end - releases the questions */
void list_test_end(struct list_test *test);

/*
 * list_set_state - on or off, as a test or an answer has shown; logs when it
 * goes off and when it is on again.  A disabled list stays so.  Any thread.
 */
void list_set_state(struct lists *lists, struct list *list,
    enum lists_state state, const char *reason);

/* list_refuses - an answer said "you are blocked": the list is off */
void list_refuses(
    struct lists *lists, struct list *list, const struct ip *address);

/* list_answers - counts questions without an answer; many make a test due */
void list_answers(struct lists *lists, struct list *list, bool answered);

#endif
