/* redis-store - a store on Redis servers in a test. */
#ifndef GATEPOST_TESTS_REDIS_STORE_H
#define GATEPOST_TESTS_REDIS_STORE_H

#include "tests/unit/store-fixture.h"

#define REDIS_STORE_ADDRESSES_MAX 8

/*
 * The timeout, for where none is expected and where one is.  Longer than the
 * bound no call may take: that is far over twice the timeout, for a machine that
 * is busy, and far below what a hang would take.
 */
#define REDIS_STORE_TIMEOUT_MS       2000
#define REDIS_STORE_SHORT_TIMEOUT_MS 300
#define REDIS_STORE_BOUND_MS         20000

struct redis_store {
	struct store_fixture fixture; /* first */
	const char *addresses[REDIS_STORE_ADDRESSES_MAX];
	size_t address_count;
};

/* redis_store_init - one address; to be opened as by a daemon */
void redis_store_init(struct redis_store *store, const char *address);

/* redis_store_add_address - behind the others */
void redis_store_add_address(struct redis_store *store, const char *address);

/* redis_store_assert_unusable - a command cannot open it, and one line of the
 * log has this in it */
void redis_store_assert_unusable(struct redis_store *store, const char *line);

/* redis_store_peek - the status of a run of one PEEK of "mark:a"; fails the
 * test when it takes over REDIS_STORE_BOUND_MS */
enum status redis_store_peek(struct redis_store *store);

/* redis_store_wait_until - peeks until that is the status */
void redis_store_wait_until(struct redis_store *store, enum status status);

#endif
