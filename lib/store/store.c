/*
 * store - checks the operations and hands them to the backend (see store.h).
 */
#include "config.h"

#include "lib/store/store.h"

#include <assert.h>
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/hash.h"
#include "lib/base/log.h"
#include "lib/base/str.h"
#include "lib/store/store-private.h"

#define KIND_BYTES_MAX   16
#define FULL_KEY_VERSION 1
#define WARN_EVERY_MS    60000
#define WARN_KEY_BYTES   80

struct store {
	const struct store_driver *driver; /* NULL: STORE_BACKEND_NONE */
	void *state;
	_Atomic int64_t failed_warn_at_ms, nonsense_warn_at_ms;
};

static const struct store_driver *const drivers[] = {
	[STORE_BACKEND_LMDB] = &store_driver_lmdb,
	[STORE_BACKEND_REDIS] = &store_driver_redis,
	[STORE_BACKEND_MEMORY] = &store_driver_memory,
	[STORE_BACKEND_NONE] = NULL,
};

static enum status
open_store(const struct store_conf *conf, const struct store_clock *clock,
    bool is_daemon, struct store **store_r)
{
	struct store *store;
	enum status status;

	*store_r = NULL;
	assert(conf->backend >= 0 && conf->backend < (int)GP_NELEMS(drivers));
	if ((store = calloc(1, sizeof(*store))) == NULL)
		return STATUS_NOMEM;
	store->driver = drivers[conf->backend];
	if (store->driver != NULL) {
		status =
		    store->driver->open(conf, clock, is_daemon, &store->state);
		if (status != STATUS_OK) {
			free(store);
			return status;
		}
	}
	*store_r = store;
	return STATUS_OK;
}

enum status
store_open(const struct store_conf *conf, const struct store_clock *clock,
    struct store **store_r)
{
	return open_store(conf, clock, false, store_r);
}

enum status
store_open_for_daemon(const struct store_conf *conf,
    const struct store_clock *clock, struct store **store_r)
{
	return open_store(conf, clock, true, store_r);
}

void
store_close(struct store **store)
{
	if (*store == NULL)
		return;
	if ((*store)->driver != NULL)
		(*store)->driver->close((*store)->state);
	free(*store);
	*store = NULL;
}

/* The bytes of "KIND:" in front of NAME; 0 when there is no such thing. */
static size_t
kind_length(const char *key)
{
	size_t i;

	for (i = 0; i <= KIND_BYTES_MAX; i++)
		if (key[i] < 'a' || key[i] > 'z')
			break;
	return i > 0 && i <= KIND_BYTES_MAX && key[i] == ':' ? i + 1 : 0;
}

static bool
seconds_are_valid(int64_t seconds, int64_t least)
{
	return seconds >= least && seconds <= STORE_SECONDS_MAX;
}

static bool
number_is_valid(double number)
{
	return isfinite(number) && fabs(number) <= STORE_NUMBER_MAX;
}

static bool
take_is_valid(const struct store_operation *operation)
{
	return number_is_valid(operation->capacity) &&
	    number_is_valid(operation->per_second) &&
	    number_is_valid(operation->amount) && operation->capacity > 0 &&
	    operation->per_second >= 0 && operation->amount >= 0;
}

static bool
operation_is_valid(const struct store_operation *operation)
{
	if (operation->key == NULL || kind_length(operation->key) == 0)
		return false;
	switch (operation->verb) {
	case STORE_READ:
		return seconds_are_valid(operation->half_life_seconds, 0);
	case STORE_ADD:
		return seconds_are_valid(operation->half_life_seconds, 0) &&
		    seconds_are_valid(operation->lifetime_seconds, 1) &&
		    number_is_valid(operation->add.ham) &&
		    number_is_valid(operation->add.spam);
	case STORE_CLAIM:
	case STORE_SET:
		return seconds_are_valid(operation->lifetime_seconds, 1);
	case STORE_TAKE:
		return take_is_valid(operation);
	case STORE_PEEK:
	case STORE_FORGET:
		return true;
	}
	return false;
}

static bool
operations_are_valid(
    struct store *store, const struct store_operation *operations, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (!operation_is_valid(&operations[i]))
			break;
	if (i == count)
		return true;
	if (store_warning_is_due(&store->nonsense_warn_at_ms))
		log_error("store: operation %zu of %zu (verb %d) makes no "
			  "sense",
		    i + 1, count, (int)operations[i].verb);
	return false;
}

void
store_operation_clear(struct store_operation *operation)
{
	operation->failed = false;
	operation->found = false;
	operation->pair.ham = operation->pair.spam = 0;
	operation->marked_at = 0;
	operation->marked_number = 0;
	operation->taken = false;
	operation->left = 0;
	operation->wait_seconds = 0;
}

static void
clear_all(struct store_operation *operations, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		store_operation_clear(&operations[i]);
}

/* One line a minute at the most: the first operation that failed. */
static void
warn_of_failed(
    struct store *store, const struct store_operation *operations, size_t count)
{
	char key[WARN_KEY_BYTES];
	size_t i;

	for (i = 0; i < count && !operations[i].failed; i++)
		;
	if (i == count || !store_warning_is_due(&store->failed_warn_at_ms))
		return;
	log_warning("store: %s: %s: refused: a value of another type is there, "
		    "there is no room, or the user may not do it",
	    store->driver->name,
	    str_sanitize(key, sizeof(key), span_of(operations[i].key)));
}

enum status
store_run(struct store *store, struct store_operation *operations, size_t count)
{
	enum status status;

	clear_all(operations, count);
	if (count > STORE_OPERATIONS_MAX)
		return STATUS_LIMIT;
	if (!operations_are_valid(store, operations, count))
		return STATUS_INVALID;
	if (store->driver == NULL)
		return STATUS_BUSY;
	if (count == 0)
		return STATUS_OK;
	status = store->driver->run(store->state, operations, count);
	if (status == STATUS_OK)
		warn_of_failed(store, operations, count);
	else
		clear_all(operations, count);
	return status;
}

bool
store_warning_is_due(_Atomic int64_t *due_at_ms)
{
	int64_t now_ms = clock_now_ms(), due_at = atomic_load(due_at_ms);

	return now_ms >= due_at &&
	    atomic_compare_exchange_strong(
		due_at_ms, &due_at, now_ms + WARN_EVERY_MS);
}

void
store_full_key(
    const char *prefix, const char *key, char full_key[STORE_FULL_KEY_BYTES])
{
	char hash[HASH_TEXT_BYTES];
	size_t kind = kind_length(key);
	const char *name = key + kind;
	int length;

	if (strlen(key) > STORE_KEY_BYTES_MAX) {
		if (hash_of(name, hash) != STATUS_OK)
			log_error("store: SHA-256 does not work");
		name = hash;
	}
	length = snprintf(full_key, STORE_FULL_KEY_BYTES, "%s%d:{%.*s%s}",
	    prefix, FULL_KEY_VERSION, (int)kind, key, name);
	assert(length > 0 && length < STORE_FULL_KEY_BYTES);
}

int64_t
store_now(const struct store_clock *clock)
{
	int64_t now;

	now =
	    clock == NULL ? clock_wall_seconds() : clock->now(clock->argument);
	if (now < 0)
		return 0;
	return now < STORE_TIME_MAX ? now : STORE_TIME_MAX;
}
