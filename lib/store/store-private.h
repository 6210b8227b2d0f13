/*
 * store-private - what the backends of the store share.
 *
 * store.c checks the operations, clears their answers and calls the driver;
 * a driver is one file with one exported `const struct store_driver`.
 */
#ifndef GATEPOST_STORE_STORE_PRIVATE_H
#define GATEPOST_STORE_STORE_PRIVATE_H

#include "lib/store/store-conf.h"
#include "lib/store/store.h"

/* Bounds of what an operation may ask, checked by store.c. */
#define STORE_SECONDS_MAX (INT64_C(36525) * 86400) /* a century */
#define STORE_NUMBER_MAX  1e15 /* whole numbers are exact to here */
#define STORE_TIME_MAX    (INT64_C(1) << 40) /* the year 36812 */

/* prefix, version, '{', key or its hash, '}' and a NUL */
#define STORE_FULL_KEY_BYTES (STORE_KEY_BYTES_MAX + 80)

struct store_driver {
	const char *name; /* "redis" */
	/* As store_open(), or with is_daemon as store_open_for_daemon();
	 * state_r is handed to the other two. */
	enum status (*open)(const struct store_conf *conf,
	    const struct store_clock *clock, bool is_daemon, void **state_r);
	/* As store_run(); every operation was checked, every answer is 0.  On
	 * failure store.c clears the answers again.  Any thread. */
	enum status (*run)(
	    void *state, struct store_operation *operations, size_t count);
	void (*close)(void *state);
};

extern const struct store_driver store_driver_redis;
extern const struct store_driver store_driver_lmdb;
extern const struct store_driver store_driver_memory;

/*
 * store_full_key - the key as it stands in the backend:
 * "PREFIX1:{KIND:NAME}", or a hash for NAME where the key is too long.
 *
 * The braces are a Redis Cluster hash tag: all of a key is its slot.
 */
void store_full_key(
    const char *prefix, const char *key, char full_key[STORE_FULL_KEY_BYTES]);

/* store_now - epoch seconds by the clock, NULL: the system's;
 * from 0 to STORE_TIME_MAX */
int64_t store_now(const struct store_clock *clock);

/* store_operation_clear - all answers are 0 again */
void store_operation_clear(struct store_operation *operation);

/* store_warning_is_due - true once a minute, for lines that could be many;
 * *due_at_ms is 0 at first */
bool store_warning_is_due(_Atomic int64_t *due_at_ms);

#endif
