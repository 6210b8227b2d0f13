/*
 * store - counters and small memories that programs and hosts share.
 *
 * Three backends stand behind the same calls: redis, lmdb (the default, one
 * file that all programs of a host share) and memory (one process; tests).
 * Losing the store costs points, never mail: every call ends by its deadline,
 * and the caller goes on without an answer when it fails.
 *
 * A key is "KIND:NAME", such as "ip:192.0.2.1".  KIND is 1 to 16 lower-case
 * letters; NAME is any bytes but NUL, hashed by the store when the key is over
 * STORE_KEY_BYTES_MAX.  The store puts its version, and for a Redis Cluster a
 * hash tag, around it.
 */
#ifndef GATEPOST_STORE_STORE_H
#define GATEPOST_STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/status.h"

#define STORE_KEY_BYTES_MAX  200
#define STORE_OPERATIONS_MAX 4096 /* of one store_run() */

struct store;
struct store_conf; /* the `store` section of gatepost.conf, see store-conf.h */

enum store_verb {
	STORE_READ,  /* the two counters, decayed to now */
	STORE_ADD,   /* add to the two counters */
	STORE_PEEK,  /* look at a mark */
	STORE_CLAIM, /* set a mark if there is none */
	STORE_SET,   /* set a mark, whatever was there */
	STORE_TAKE,  /* take from a token bucket if it holds enough */
	STORE_FORGET /* remove what is under the key */
};

/* Two counters that decay together. */
struct store_pair {
	double ham, spam;
};

/* One operation: what is asked, and behind it what was answered. */
struct store_operation {
	enum store_verb verb;
	const char *key; /* borrowed during the call */

	/* READ, ADD: seconds in which the counters halve; 0: never.  The same
	 * key must always be used with the same half-life. */
	int64_t half_life_seconds;
	/* ADD, CLAIM, SET: seconds until it is forgotten, counted anew by each
	 * ADD and SET, and by a CLAIM that finds a mark when renew is true. */
	int64_t lifetime_seconds;
	bool renew;
	struct store_pair add; /* ADD; may be negative, never ends below 0 */
	int64_t number;        /* CLAIM, SET: kept with the mark */
	/* TAKE: a bucket of capacity tokens, full at first, that gains
	 * per_second; amount is taken only if it holds that many. */
	double capacity, per_second, amount;

	/* Answers.  All 0 when the operation failed or found nothing. */
	bool failed;            /* this one alone: a value of another type
				 * under the key, no room, or (redis) the user
				 * may not do it */
	bool found;             /* READ: any counter is left; PEEK, CLAIM: there
				 * was a mark before this call */
	struct store_pair pair; /* READ */
	int64_t marked_at;      /* PEEK, CLAIM: epoch seconds of the first CLAIM
				 * or the last SET */
	int64_t marked_number;  /* PEEK, CLAIM: its number */
	bool taken;             /* TAKE */
	double left;            /* TAKE: tokens that are in the bucket now */
	int64_t wait_seconds;   /* TAKE, not taken: until it holds enough; a
				 * century: it never does */
};

/* Time for tests; NULL means the system's (for redis: the server's). */
struct store_clock {
	int64_t (*now)(void *argument); /* epoch seconds */
	void *argument;
};

/*
 * store_open - the store that the configuration names, for a command.
 *
 * clock  NULL, or borrowed until store_close()
 *
 * One process has an lmdb store open once: a second one breaks LMDB's locks.
 * Returns STATUS_OK, STATUS_NOMEM, or (logged) STATUS_INVALID, or STATUS_IO when
 * it cannot be had now.
 */
enum status store_open(const struct store_conf *conf,
    const struct store_clock *clock, struct store **store_r) GP_MUST_CHECK;

/*
 * store_open_for_daemon - the same, for who goes on without it.
 *
 * A store that cannot be had now is no failure: that is logged, every run is
 * STATUS_BUSY, and the store is opened as soon as it can be, which is logged,
 * too.  Call it after a daemon has detached and dropped its privileges.
 */
enum status store_open_for_daemon(const struct store_conf *conf,
    const struct store_clock *clock, struct store **store_r) GP_MUST_CHECK;

/* store_close - sets *store to NULL; accepts NULL; no call may be running */
void store_close(struct store **store);

/*
 * store_run - runs the operations in order, in one round trip.
 *
 * Each operation is atomic, the whole is not.  Ends by timeout of the
 * configuration.  Any thread.  Returns STATUS_OK (single ones may have failed),
 * or when nothing is known of any: STATUS_TIMEOUT, STATUS_IO, STATUS_BUSY (it
 * failed a moment ago and is not tried again yet), STATUS_NOMEM, STATUS_LIMIT
 * (too many operations), STATUS_INVALID (one makes no sense: a bug of the
 * caller).  All answers are 0 then.  The store logs the loss and the return of
 * its server once each.
 */
enum status store_run(struct store *store, struct store_operation *operations,
    size_t count) GP_MUST_CHECK;

#endif
