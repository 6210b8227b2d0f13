/* redis-store - a store on Redis in a test (see redis-store.h). */
#include "config.h"

#include "tests/unit/redis-store.h"

#include "lib/base/clock.h"
#include "tests/unit/log-capture.h"
#include "tests/unit/unit.h"

#define POLLS_MAX 6000 /* of 10 ms: twice the longest backoff */

void
redis_store_init(struct redis_store *store, const char *address)
{
	store_fixture_init(&store->fixture);
	store->address_count = 0;
	store->fixture.conf.backend = STORE_BACKEND_REDIS;
	store->fixture.is_daemon = true;
	store->fixture.conf.timeout = REDIS_STORE_TIMEOUT_MS;
	redis_store_add_address(store, address);
}

void
redis_store_add_address(struct redis_store *store, const char *address)
{
	assert_in_range(store->address_count, 0, REDIS_STORE_ADDRESSES_MAX - 1);
	store->addresses[store->address_count++] = address;
	store->fixture.conf.redis.items = store->addresses;
	store->fixture.conf.redis.count = store->address_count;
}

void
redis_store_assert_unusable(struct redis_store *store, const char *line)
{
	store->fixture.is_daemon = false;
	assert_int_equal(store_fixture_try_open(&store->fixture), STATUS_IO);
	store->fixture.is_daemon = true;
	if (log_capture_count(line) != 1)
		fail_msg("\"%s\" is not logged once", line);
}

enum status
redis_store_peek(struct redis_store *store)
{
	struct store_operation operation = { .verb = STORE_PEEK,
		.key = "mark:a" };
	int64_t began_ms = clock_now_ms();
	enum status status;

	status = store_run(store->fixture.store, &operation, 1);
	assert_in_range(clock_now_ms() - began_ms, 0, REDIS_STORE_BOUND_MS);
	return status;
}

void
redis_store_wait_until(struct redis_store *store, enum status status)
{
	int polls;

	for (polls = 0; redis_store_peek(store) != status; polls++) {
		assert_in_range(polls, 0, POLLS_MAX);
		store_fixture_pause();
	}
}
