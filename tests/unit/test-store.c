/*
 * The store: every case runs against every backend.
 *
 * A backend is one line in the table: how it is set up before a case (conf is
 * filled, the store is not open yet), how it is torn down (the store is closed,
 * also when the case failed), and whether values expire by the clock that the
 * case moves or by real time.
 */
#include "config.h"

#include "lib/store/store.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/redis-server.h"
#include "tests/unit/store-fixture.h"
#include "tests/unit/unit.h"

#define THREADS    8
#define POLLS_MAX  1000 /* of 10 ms; then what should come does not */
#define NAME_BYTES 96
#define LONG_BYTES 5000
#define RUN_MANY   STORE_OPERATIONS_MAX
#define EPSILON    1e-6

struct backend {
	const char *name;
	void (*setup)(struct store_fixture *fixture);
	void (*teardown)(struct store_fixture *fixture);
	bool expires_by_clock;
	const char *(*missing)(
	    void); /* or NULL: why it cannot be tested here */
};

struct test {
	struct store_fixture store; /* first: cases hand it on */
	const struct backend *backend;
};

struct test_case {
	const char *name;
	void (*run)(struct test *test);
};

static void
setup_lmdb(struct store_fixture *fixture)
{
	fixture->conf.backend = STORE_BACKEND_LMDB;
	store_fixture_make_directory(fixture);
}

static void
setup_memory(struct store_fixture *fixture)
{
	fixture->conf.backend = STORE_BACKEND_MEMORY;
}

/* One server for all cases, which each begin with an empty one; it ends with
 * the program. */
static void
setup_redis(struct store_fixture *fixture)
{
	static struct redis_server *server;
	static const char *address;

	if (server == NULL) {
		server = redis_server_new(NULL);
		address = redis_server_unix(server);
	}
	redis_server_do(server, "FLUSHALL");
	fixture->conf.backend = STORE_BACKEND_REDIS;
	fixture->conf.redis.items = &address;
	fixture->conf.redis.count = 1;
}

static const struct backend backends[] = {
	{ "lmdb", setup_lmdb, NULL, true, NULL },
	{ "memory", setup_memory, NULL, true, NULL },
	{ "redis", setup_redis, NULL, false, redis_server_missing },
};

/* After it, whatever was to live for that many seconds (1 or 2) is gone; key
 * is one such mark. */
static void
wait_until_gone(struct test *test, const char *key, int64_t lifetime_seconds)
{
	int polls;

	if (test->backend->expires_by_clock)
		test->store.now += lifetime_seconds;
	for (polls = 0; store_fixture_peek(&test->store, key).found; polls++) {
		assert_false(test->backend->expires_by_clock);
		assert_in_range(polls, 0, POLLS_MAX);
		store_fixture_pause();
	}
}

static void
assert_near(double value, double expected)
{
	if (!(fabs(value - expected) <= EPSILON))
		fail_msg("%.12g is not %.12g", value, expected);
}

static void
assert_pair(struct test *test, const char *key, int64_t half_life_seconds,
    struct store_pair expected)
{
	struct store_operation read;

	read = store_fixture_read(&test->store, key, half_life_seconds);
	assert_false(read.failed);
	assert_int_equal(read.found, expected.ham > 0 || expected.spam > 0);
	assert_near(read.pair.ham, expected.ham);
	assert_near(read.pair.spam, expected.spam);
}

static void
counters_add_up(struct test *test)
{
	struct store_pair nothing = { 0, 0 }, sum = { 3.5, 2.25 };

	assert_pair(test, "ip:192.0.2.1", DAY, nothing);
	assert_false(
	    store_fixture_add(&test->store, "ip:192.0.2.1", 1, 2, DAY).failed);
	assert_false(
	    store_fixture_add(&test->store, "ip:192.0.2.1", 2.5, 0.25, DAY)
		.failed);
	assert_pair(test, "ip:192.0.2.1", DAY, sum);
	assert_pair(test, "ip:192.0.2.2", DAY, nothing);
	assert_pair(test, "net:192.0.2.1", DAY, nothing);
}

static void
counters_decay(struct test *test)
{
	struct store_pair full = { 8, 4 }, half = { 4, 2 }, more = { 5, 2 },
			  eighth = { 0.625, 0.25 };

	(void)store_fixture_add(&test->store, "ip:192.0.2.1", 8, 4, DAY);
	assert_pair(test, "ip:192.0.2.1", DAY, full);
	test->store.now += DAY;
	assert_pair(test, "ip:192.0.2.1", DAY, half);
	(void)store_fixture_add(&test->store, "ip:192.0.2.1", 1, 0, DAY);
	assert_pair(test, "ip:192.0.2.1", DAY, more);
	test->store.now += 3 * DAY;
	assert_pair(test, "ip:192.0.2.1", DAY, eighth);
}

static void
half_lives_differ(struct test *test)
{
	struct store_pair kept = { 16, 16 }, slow = { 8, 8 }, fast = { 1, 1 };
	struct store_operation adds[] = {
		{ .verb = STORE_ADD, .key = "never:a" },
		{ .verb = STORE_ADD,
		    .key = "slow:a",
		    .half_life_seconds = 40 * DAY },
		{ .verb = STORE_ADD,
		    .key = "fast:a",
		    .half_life_seconds = 10 * DAY },
	};
	size_t i;

	for (i = 0; i < GP_NELEMS(adds); i++) {
		adds[i].lifetime_seconds = 400 * DAY;
		adds[i].add = kept;
	}
	store_fixture_run(&test->store, adds, GP_NELEMS(adds));
	test->store.now += 40 * DAY;
	assert_pair(test, "never:a", 0, kept);
	assert_pair(test, "slow:a", 40 * DAY, slow);
	assert_pair(test, "fast:a", 10 * DAY, fast);
}

static void
counters_stop_at_zero(struct test *test)
{
	struct store_pair left = { 0, 2 }, one = { 1, 2 }, nothing = { 0, 0 };

	(void)store_fixture_add(&test->store, "ip:a", -5, 0, DAY);
	assert_pair(test, "ip:a", DAY, nothing);
	(void)store_fixture_add(&test->store, "ip:a", 3, 3, DAY);
	(void)store_fixture_add(&test->store, "ip:a", -5, -1, DAY);
	assert_pair(test, "ip:a", DAY, left);
	(void)store_fixture_add(&test->store, "ip:a", 1, 0, DAY);
	assert_pair(test, "ip:a", DAY, one);
	(void)store_fixture_add(&test->store, "ip:a", -1e15, -1e15, DAY);
	assert_pair(test, "ip:a", DAY, nothing);
}

static void
assert_mark(
    const struct store_operation *operation, int64_t marked_at, int64_t number)
{
	assert_false(operation->failed);
	assert_true(operation->found);
	assert_int_equal(operation->marked_at, marked_at);
	assert_int_equal(operation->marked_number, number);
}

static void
assert_no_mark(const struct store_operation *operation)
{
	assert_false(operation->failed);
	assert_false(operation->found);
	assert_int_equal(operation->marked_at, 0);
	assert_int_equal(operation->marked_number, 0);
}

static void
marks_are_claimed_once(struct test *test)
{
	int64_t first = test->store.now;
	struct store_operation operation;

	operation = store_fixture_peek(&test->store, "grey:a");
	assert_no_mark(&operation);
	operation = store_fixture_claim(&test->store, "grey:a", -7, 9 * DAY);
	assert_no_mark(&operation);
	test->store.now += 100;
	operation = store_fixture_claim(&test->store, "grey:a", 8, 9 * DAY);
	assert_mark(&operation, first, -7);
	operation = store_fixture_peek(&test->store, "grey:a");
	assert_mark(&operation, first, -7);
	operation =
	    store_fixture_set(&test->store, "grey:a", INT64_MAX, 9 * DAY);
	assert_no_mark(&operation);
	operation = store_fixture_peek(&test->store, "grey:a");
	assert_mark(&operation, first + 100, INT64_MAX);
	operation =
	    store_fixture_set(&test->store, "grey:a", INT64_MIN, 9 * DAY);
	operation = store_fixture_claim(&test->store, "grey:a", 1, 9 * DAY);
	assert_mark(&operation, first + 100, INT64_MIN);
}

static struct store_operation
claim_renewing(struct test *test, const char *key, int64_t lifetime_seconds)
{
	struct store_operation claim = { .verb = STORE_CLAIM,
		.key = key,
		.number = 2,
		.lifetime_seconds = lifetime_seconds,
		.renew = true };

	store_fixture_run(&test->store, &claim, 1);
	return claim;
}

static void
marks_expire(struct test *test)
{
	struct store_operation operation;
	int64_t first = test->store.now;

	(void)store_fixture_claim(&test->store, "mark:plain", 1, 2);
	(void)store_fixture_claim(&test->store, "mark:renewed", 1, 2);
	(void)store_fixture_claim(&test->store, "mark:set", 1, 2);
	(void)store_fixture_set(&test->store, "mark:control", 1, 2);
	/* Not prolonged, prolonged, set anew. */
	(void)store_fixture_claim(&test->store, "mark:plain", 1, 9 * DAY);
	operation = claim_renewing(test, "mark:renewed", 9 * DAY);
	assert_mark(&operation, first, 1);
	(void)store_fixture_set(&test->store, "mark:set", 3, 9 * DAY);

	wait_until_gone(test, "mark:plain", 2);
	wait_until_gone(test, "mark:control", 0);
	operation = store_fixture_peek(&test->store, "mark:renewed");
	assert_mark(&operation, first, 1);
	operation = store_fixture_peek(&test->store, "mark:set");
	assert_mark(&operation, first, 3);
	operation = store_fixture_claim(&test->store, "mark:plain", 5, DAY);
	assert_no_mark(&operation);
	operation = claim_renewing(test, "mark:new", DAY);
	assert_no_mark(&operation);
}

static struct store_operation
add_living(struct test *test, const char *key, int64_t lifetime_seconds)
{
	struct store_operation add = { .verb = STORE_ADD,
		.key = key,
		.lifetime_seconds = lifetime_seconds,
		.add = { 1, 0 } };

	store_fixture_run(&test->store, &add, 1);
	return add;
}

static void
counters_expire(struct test *test)
{
	struct store_pair nothing = { 0, 0 }, two = { 2, 0 };
	int polls;

	(void)add_living(test, "ip:gone", 1);
	(void)add_living(test, "ip:renewed", 1);
	(void)add_living(test, "ip:renewed", 9 * DAY);
	(void)store_fixture_set(&test->store, "mark:control", 1, 1);
	wait_until_gone(test, "mark:control", 1);
	/* It was written first, but its own timer may be a moment late. */
	for (polls = 0; polls < POLLS_MAX; polls++) {
		if (!store_fixture_read(&test->store, "ip:gone", 0).found)
			break;
		store_fixture_pause();
	}
	assert_pair(test, "ip:gone", 0, nothing);
	assert_pair(test, "ip:renewed", 0, two);
}

static void
assert_taken(const struct store_operation *take, double left)
{
	assert_false(take->failed);
	assert_true(take->taken);
	assert_near(take->left, left);
	assert_int_equal(take->wait_seconds, 0);
}

static void
assert_not_taken(
    const struct store_operation *take, double left, int64_t wait_seconds)
{
	assert_false(take->failed);
	assert_false(take->taken);
	assert_near(take->left, left);
	assert_int_equal(take->wait_seconds, wait_seconds);
}

static void
buckets_refill(struct test *test)
{
	struct store_fixture *store = &test->store;
	struct store_operation take;

	take = store_fixture_take(store, "rate:a", 10, 0.5, 0);
	assert_taken(&take, 10);
	take = store_fixture_take(store, "rate:a", 10, 0.5, 8);
	assert_taken(&take, 2);
	take = store_fixture_take(store, "rate:a", 10, 0.5, 3);
	assert_not_taken(&take, 2, 2);
	take = store_fixture_take(store, "rate:a", 10, 0.5, 2.25);
	assert_not_taken(&take, 2, 1);
	store->now += 1;
	take = store_fixture_take(store, "rate:a", 10, 0.5, 3);
	assert_not_taken(&take, 2.5, 1);
	store->now += 1;
	take = store_fixture_take(store, "rate:a", 10, 0.5, 3);
	assert_taken(&take, 0);
	take = store_fixture_take(store, "rate:b", 10, 0.5, 1);
	assert_taken(&take, 9);
	store->now += 9 * DAY;
	take = store_fixture_take(store, "rate:a", 10, 0.5, 1);
	assert_taken(&take, 9);
}

static void
buckets_have_limits(struct test *test)
{
	struct store_fixture *store = &test->store;
	int64_t never = INT64_C(36525) * DAY;
	struct store_operation take;

	take = store_fixture_take(store, "rate:big", 4, 1, 5);
	assert_not_taken(&take, 4, never);
	take = store_fixture_take(store, "rate:once", 4, 0, 3);
	assert_taken(&take, 1);
	store->now += DAY;
	take = store_fixture_take(store, "rate:once", 4, 0, 3);
	assert_not_taken(&take, 1, never);
	/* A capacity that was made smaller holds at once. */
	take = store_fixture_take(store, "rate:less", 100, 1, 10);
	assert_taken(&take, 90);
	take = store_fixture_take(store, "rate:less", 5, 1, 5);
	assert_taken(&take, 0);
}

static void
keys_are_forgotten(struct test *test)
{
	struct store_fixture *store = &test->store;
	struct store_pair nothing = { 0, 0 };
	struct store_operation operation;

	(void)store_fixture_add(store, "ip:a", 1, 1, DAY);
	(void)store_fixture_claim(store, "grey:a", 1, DAY);
	(void)store_fixture_take(store, "rate:a", 10, 0.5, 10);
	assert_false(store_fixture_forget(store, "ip:a").failed);
	assert_false(store_fixture_forget(store, "grey:a").failed);
	assert_false(store_fixture_forget(store, "rate:a").failed);
	assert_false(store_fixture_forget(store, "none:a").failed);
	assert_pair(test, "ip:a", DAY, nothing);
	operation = store_fixture_peek(store, "grey:a");
	assert_no_mark(&operation);
	operation = store_fixture_take(store, "rate:a", 10, 0.5, 1);
	assert_taken(&operation, 9);
}

/* Names that are too long for a key are told apart, to their last byte. */
static void
names_may_be_long(struct test *test)
{
	static const size_t lengths[] = { STORE_KEY_BYTES_MAX - 1,
		STORE_KEY_BYTES_MAX, STORE_KEY_BYTES_MAX + 1, LONG_BYTES - 1 };
	struct store_pair one = { 1, 0 }, two = { 0, 2 }, nothing = { 0, 0 };
	char key[LONG_BYTES], other[LONG_BYTES];
	size_t i;

	for (i = 0; i < GP_NELEMS(lengths); i++) {
		memset(key, 'x', sizeof(key));
		memcpy(key, "url:", 4);
		key[lengths[i]] = '\0';
		memcpy(other, key, sizeof(other));
		other[lengths[i] - 1] = 'y';
		(void)store_fixture_add(&test->store, key, 1, 0, DAY);
		assert_pair(test, key, DAY, one);
		assert_pair(test, other, DAY, nothing);
		(void)store_fixture_add(&test->store, other, 0, 2, DAY);
		assert_pair(test, key, DAY, one);
		assert_pair(test, other, DAY, two);
	}
}

static void
names_may_be_odd(struct test *test)
{
	static const char *const keys[] = { "name:", "name: ", "name:}",
		"name:{", "name:{}", "name:a}{b", "name:%s%n", "name:\r\n",
		"name:\r\nFLUSHALL\r\n", "name:\xff\xfe", "name:\x01", "name:*",
		"name:a:b:c", "name:\"'\\", "name:$1" };
	struct store_operation operation;
	size_t i;

	for (i = 0; i < GP_NELEMS(keys); i++)
		(void)store_fixture_set(
		    &test->store, keys[i], (int64_t)i, 9 * DAY);
	for (i = 0; i < GP_NELEMS(keys); i++) {
		operation = store_fixture_peek(&test->store, keys[i]);
		assert_mark(&operation, test->store.now, (int64_t)i);
	}
}

static void
run_other_verbs(struct test *test, const char *key, enum store_verb good,
    enum store_verb also_good)
{
	static const enum store_verb verbs[] = { STORE_READ, STORE_ADD,
		STORE_PEEK, STORE_CLAIM, STORE_TAKE };
	struct store_operation operation;
	bool fits;
	size_t i;

	for (i = 0; i < GP_NELEMS(verbs); i++) {
		memset(&operation, 0, sizeof(operation));
		operation.verb = verbs[i];
		operation.key = key;
		operation.lifetime_seconds = DAY;
		operation.capacity = 10;
		store_fixture_run(&test->store, &operation, 1);
		fits = verbs[i] == good || verbs[i] == also_good;
		assert_int_equal(operation.failed, !fits);
		if (fits)
			continue;
		assert_false(operation.found);
		assert_false(operation.taken);
		assert_near(operation.left, 0);
		assert_near(operation.pair.ham, 0);
		assert_int_equal(operation.marked_at, 0);
	}
}

static void
types_are_kept_apart(struct test *test)
{
	struct store_fixture *store = &test->store;
	struct store_pair three = { 3, 3 };
	struct store_operation operation;

	(void)store_fixture_add(store, "any:pair", 3, 3, 0);
	(void)store_fixture_claim(store, "any:mark", 3, DAY);
	(void)store_fixture_take(store, "any:bucket", 10, 0.5, 3);
	run_other_verbs(test, "any:pair", STORE_READ, STORE_ADD);
	run_other_verbs(test, "any:mark", STORE_PEEK, STORE_CLAIM);
	run_other_verbs(test, "any:bucket", STORE_TAKE, STORE_TAKE);
	assert_pair(test, "any:pair", 0, three);
	/* A mark may be set over anything. */
	assert_false(store_fixture_set(store, "any:pair", 4, DAY).failed);
	assert_false(store_fixture_set(store, "any:bucket", 5, DAY).failed);
	operation = store_fixture_peek(store, "any:pair");
	assert_mark(&operation, store->now, 4);
	operation = store_fixture_peek(store, "any:bucket");
	assert_mark(&operation, store->now, 5);
}

/* One that fails does not touch those around it. */
static void
operations_run_in_order(struct test *test)
{
	struct store_operation operations[] = {
		{ .verb = STORE_SET,
		    .key = "mark:a",
		    .number = 1,
		    .lifetime_seconds = DAY },
		{ .verb = STORE_PEEK, .key = "mark:a" },
		{ .verb = STORE_READ, .key = "mark:a" },
		{ .verb = STORE_FORGET, .key = "mark:a" },
		{ .verb = STORE_PEEK, .key = "mark:a" },
		{ .verb = STORE_ADD,
		    .key = "mark:a",
		    .add = { 1, 2 },
		    .lifetime_seconds = DAY },
		{ .verb = STORE_READ, .key = "mark:a" },
	};

	store_fixture_run(&test->store, operations, GP_NELEMS(operations));
	assert_mark(&operations[1], test->store.now, 1);
	assert_true(operations[2].failed);
	assert_no_mark(&operations[4]);
	assert_false(operations[5].failed);
	assert_true(operations[6].found);
	assert_near(operations[6].pair.spam, 2);
}

/* What was asked is as it was, and old answers are gone. */
static void
only_answers_change(struct test *test)
{
	struct store_operation operation = { .verb = STORE_PEEK,
		.key = "mark:a",
		.half_life_seconds = 1,
		.lifetime_seconds = 2,
		.renew = true,
		.add = { 3, 4 },
		.number = 5,
		.capacity = 6,
		.per_second = 7,
		.amount = 8,
		.failed = true,
		.found = true,
		.pair = { 9, 9 },
		.marked_at = 9,
		.marked_number = 9,
		.taken = true,
		.left = 9,
		.wait_seconds = 9 };
	struct store_operation blank = { .verb = STORE_PEEK,
		.key = operation.key,
		.half_life_seconds = 1,
		.lifetime_seconds = 2,
		.renew = true,
		.add = { 3, 4 },
		.number = 5,
		.capacity = 6,
		.per_second = 7,
		.amount = 8 };

	store_fixture_run(&test->store, &operation, 1);
	assert_ptr_equal(operation.key, blank.key);
	assert_int_equal(operation.renew, blank.renew);
	assert_int_equal(operation.number, 5);
	assert_near(operation.amount, 8);
	assert_no_mark(&operation);
	assert_false(operation.taken);
	assert_near(operation.left + operation.pair.ham, 0);
	assert_int_equal(operation.wait_seconds, 0);
}

static struct store_operation *
many_operations(size_t count, enum store_verb verb, char (*keys)[NAME_BYTES])
{
	struct store_operation *operations;
	size_t i;

	operations = calloc(count, sizeof(*operations));
	assert_non_null(operations);
	for (i = 0; i < count; i++) {
		(void)snprintf(keys[i], sizeof(keys[i]), "word:%zu", i);
		operations[i].verb = verb;
		operations[i].key = keys[i];
		operations[i].lifetime_seconds = 9 * DAY;
		operations[i].half_life_seconds = 9 * DAY;
		operations[i].add.ham = (double)i + 1;
	}
	return operations;
}

static void
runs_may_be_large(struct test *test)
{
	char(*keys)[NAME_BYTES] = calloc(RUN_MANY + 1, sizeof(*keys));
	struct store_operation *operations;
	size_t i, good = 0;

	assert_non_null(keys);
	operations = many_operations(RUN_MANY, STORE_ADD, keys);
	store_fixture_run(&test->store, operations, RUN_MANY);
	free(operations);
	operations = many_operations(RUN_MANY, STORE_READ, keys);
	store_fixture_run(&test->store, operations, RUN_MANY);
	for (i = 0; i < RUN_MANY; i++)
		good +=
		    fabs(operations[i].pair.ham - (double)(i + 1)) < EPSILON;
	assert_int_equal(good, RUN_MANY);
	free(operations);

	operations = many_operations(RUN_MANY + 1, STORE_READ, keys);
	operations[0].found = true;
	assert_int_equal(store_run(test->store.store, operations, RUN_MANY + 1),
	    STATUS_LIMIT);
	assert_false(operations[0].found);
	store_fixture_run(&test->store, operations, 0);
	free(operations);
	free(keys);
}

static void
nonsense_is_refused(struct test *test)
{
	static const struct store_operation nonsense[] = {
		{ .verb = (enum store_verb)99, .key = "ip:a" },
		{ .verb = STORE_READ, .key = NULL },
		{ .verb = STORE_READ, .key = "" },
		{ .verb = STORE_READ, .key = ":a" },
		{ .verb = STORE_READ, .key = "ip" },
		{ .verb = STORE_READ, .key = "IP:a" },
		{ .verb = STORE_READ, .key = "abcdefghijklmnopq:a" },
		{ .verb = STORE_READ, .key = "ip:a", .half_life_seconds = -1 },
		{ .verb = STORE_ADD, .key = "ip:a" },
		{ .verb = STORE_ADD,
		    .key = "ip:a",
		    .lifetime_seconds = DAY,
		    .add = { NAN, 0 } },
		{ .verb = STORE_ADD,
		    .key = "ip:a",
		    .lifetime_seconds = DAY,
		    .add = { 0, -INFINITY } },
		{ .verb = STORE_ADD,
		    .key = "ip:a",
		    .lifetime_seconds = INT64_MAX },
		{ .verb = STORE_CLAIM, .key = "ip:a" },
		{ .verb = STORE_SET, .key = "ip:a", .lifetime_seconds = -1 },
		{ .verb = STORE_TAKE, .key = "ip:a" },
		{ .verb = STORE_TAKE,
		    .key = "ip:a",
		    .capacity = 1,
		    .amount = -1 },
		{ .verb = STORE_TAKE,
		    .key = "ip:a",
		    .capacity = 1,
		    .per_second = NAN },
	};
	struct store_operation operations[2];
	size_t i;

	for (i = 0; i < GP_NELEMS(nonsense); i++) {
		memset(operations, 0, sizeof(operations));
		operations[0].verb = STORE_SET;
		operations[0].key = "mark:a";
		operations[0].lifetime_seconds = DAY;
		operations[1] = nonsense[i];
		operations[1].found = true;
		if (store_run(test->store.store, operations, 2) !=
		    STATUS_INVALID)
			fail_msg("nonsense %zu was run", i);
		assert_false(operations[1].found);
	}
	assert_false(store_fixture_peek(&test->store, "mark:a").found);
}

/* What a thread is to do, and what came of it. */
struct worker {
	pthread_t thread;
	struct store *store;
	enum store_verb verb;
	size_t rounds;
	size_t failures, wins;
};

static void *
work(void *argument)
{
	struct worker *worker = argument;
	struct store_operation operation;
	size_t i;

	for (i = 0; i < worker->rounds; i++) {
		memset(&operation, 0, sizeof(operation));
		operation.verb = worker->verb;
		operation.key = "shared:a";
		operation.half_life_seconds = DAY;
		operation.lifetime_seconds = 9 * DAY;
		operation.add.ham = 1;
		operation.add.spam = 2;
		operation.capacity = 50;
		operation.per_second = 0.001;
		operation.amount = 1;
		if (store_run(worker->store, &operation, 1) != STATUS_OK ||
		    operation.failed)
			worker->failures++;
		worker->wins += worker->verb == STORE_TAKE ? operation.taken :
							     !operation.found;
	}
	return NULL;
}

/* All threads do the same with the same key; returns how many won. */
static size_t
work_in_parallel(struct test *test, enum store_verb verb, size_t rounds)
{
	struct worker workers[THREADS];
	size_t i, wins = 0;

	memset(workers, 0, sizeof(workers));
	for (i = 0; i < THREADS; i++) {
		workers[i].store = test->store.store;
		workers[i].verb = verb;
		workers[i].rounds = rounds;
		assert_int_equal(
		    pthread_create(&workers[i].thread, NULL, work, &workers[i]),
		    0);
	}
	for (i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(workers[i].thread, NULL), 0);
		wins += workers[i].wins;
	}
	for (i = 0; i < THREADS; i++)
		assert_int_equal(workers[i].failures, 0);
	return wins;
}

static void
threads_add_up(struct test *test)
{
	struct store_pair sum = { THREADS * 100, THREADS * 200 };

	(void)work_in_parallel(test, STORE_ADD, 100);
	assert_pair(test, "shared:a", DAY, sum);
}

static void
one_thread_claims(struct test *test)
{
	assert_int_equal(work_in_parallel(test, STORE_CLAIM, 10), 1);
}

static void
threads_share_a_bucket(struct test *test)
{
	assert_int_equal(work_in_parallel(test, STORE_TAKE, 20), 50);
}

static void
assert_sane(struct test *test, double most)
{
	struct store_operation read, peek, take;

	read = store_fixture_read(&test->store, "ip:a", DAY);
	assert_false(read.failed);
	assert_true(isfinite(read.pair.ham) && isfinite(read.pair.spam));
	assert_true(read.pair.ham >= 0 && read.pair.ham <= most + EPSILON);
	peek = store_fixture_peek(&test->store, "mark:a");
	assert_false(peek.failed);
	assert_true(peek.marked_at <= test->store.now);
	take = store_fixture_take(&test->store, "rate:a", 10, 0.5, 1);
	assert_false(take.failed);
	assert_true(isfinite(take.left) && take.left >= 0 && take.left <= 10);
	assert_in_range(take.wait_seconds, 0, 2);
}

/* The clock goes by years to and fro: numbers stay numbers, and what is written
 * is there afterwards. */
static void
clock_may_jump(struct test *test)
{
	static const int64_t jumps[] = { -10 * YEAR, 20 * YEAR, -20 * YEAR,
		10 * YEAR, -1, 1, -57 * YEAR, 200 * YEAR };
	struct store_operation read;
	double added = 0;
	size_t i;

	for (i = 0; i < GP_NELEMS(jumps); i++) {
		(void)store_fixture_add(&test->store, "ip:a", 1, 1, DAY);
		added++;
		read = store_fixture_read(&test->store, "ip:a", DAY);
		assert_true(read.pair.ham >= 1 - EPSILON);
		(void)store_fixture_claim(&test->store, "mark:a", 1, DAY);
		assert_true(store_fixture_peek(&test->store, "mark:a").found);
		assert_sane(test, added);
		test->store.now += jumps[i];
		assert_sane(test, added);
	}
}

/* A clock that is back from a jump finds what was there before. */
static void
clock_may_come_back(struct test *test)
{
	struct store_pair five = { 5, 6 };
	struct store_operation peek;
	int64_t now = test->store.now;
	int i;

	(void)store_fixture_add(&test->store, "ip:a", 5, 6, DAY);
	(void)store_fixture_set(&test->store, "mark:a", 7, 9 * DAY);
	for (i = 0; i < 20; i++) {
		test->store.now =
		    i % 2 == 0 ? now + 10 * YEAR : now - 10 * YEAR;
		(void)store_fixture_add(&test->store, "ip:b", 1, 1, DAY);
	}
	test->store.now = now;
	assert_pair(test, "ip:a", DAY, five);
	peek = store_fixture_peek(&test->store, "mark:a");
	assert_mark(&peek, now, 7);
}

/*
 * What is added while the clock is ahead weighs no more than what it is when
 * the clock is right again, neither then nor after more was added.
 */
static void
jumps_inflate_nothing(struct test *test)
{
	static const int64_t jumps[] = { 1, DAY, 20 * DAY, 33 * DAY, 64 * DAY,
		10 * YEAR };
	struct store_pair one = { 1, 2 }, two = { 2, 4 };
	int64_t now = test->store.now;
	char key[16];
	size_t i;

	for (i = 0; i < GP_NELEMS(jumps); i++) {
		(void)snprintf(key, sizeof(key), "ip:%zu", i);
		test->store.now = now + jumps[i];
		(void)store_fixture_add(&test->store, key, 1, 2, DAY);
		assert_pair(test, key, DAY, one);
		test->store.now = now;
		assert_pair(test, key, DAY, one);
		(void)store_fixture_add(&test->store, key, 1, 2, DAY);
		assert_pair(test, key, DAY, two);
		test->store.now = now + DAY;
		assert_pair(test, key, DAY, one);
	}
}

/* Counters from before stay within what was added. */
static void
jumps_keep_the_old(struct test *test)
{
	struct store_pair left = { 5, 0 };
	struct store_operation read;

	(void)store_fixture_add(&test->store, "ip:a", 8, 0, DAY);
	test->store.now += DAY;
	(void)store_fixture_add(&test->store, "ip:a", 1, 0, DAY);
	test->store.now -= DAY;
	assert_pair(test, "ip:a", DAY, left);
	(void)store_fixture_add(&test->store, "ip:a", -1, 0, DAY);
	read = store_fixture_read(&test->store, "ip:a", DAY);
	assert_true(fabs(read.pair.ham - 4) <= EPSILON);
}

static const struct test_case cases[] = {
	{ "counters add up", counters_add_up },
	{ "counters decay", counters_decay },
	{ "half-lives differ", half_lives_differ },
	{ "counters stop at zero", counters_stop_at_zero },
	{ "marks are claimed once", marks_are_claimed_once },
	{ "marks expire", marks_expire },
	{ "counters expire", counters_expire },
	{ "buckets refill", buckets_refill },
	{ "buckets have limits", buckets_have_limits },
	{ "keys are forgotten", keys_are_forgotten },
	{ "names may be long", names_may_be_long },
	{ "names may be odd", names_may_be_odd },
	{ "types are kept apart", types_are_kept_apart },
	{ "operations run in order", operations_run_in_order },
	{ "only answers change", only_answers_change },
	{ "runs may be large", runs_may_be_large },
	{ "nonsense is refused", nonsense_is_refused },
	{ "threads add up", threads_add_up },
	{ "one thread claims", one_thread_claims },
	{ "threads share a bucket", threads_share_a_bucket },
	{ "clock may jump", clock_may_jump },
	{ "clock may come back", clock_may_come_back },
	{ "jumps inflate nothing", jumps_inflate_nothing },
	{ "jumps keep the old", jumps_keep_the_old },
};

/* A case with a backend: what cmocka hands to the functions below. */
struct combination {
	const struct backend *backend;
	const struct test_case *test_case;
	char name[NAME_BYTES];
	struct test test;
};

static const char *
missing(const struct combination *combination)
{
	const struct backend *backend = combination->backend;

	return backend->missing == NULL ? NULL : backend->missing();
}

static int
combination_setup(void **state)
{
	struct combination *combination = *state;
	struct test *test = &combination->test;

	test->backend = combination->backend;
	store_fixture_init(&test->store);
	if (missing(combination) != NULL)
		return 0;
	test->backend->setup(&test->store);
	store_fixture_open(&test->store);
	return 0;
}

static void
combination_run(void **state)
{
	struct combination *combination = *state;

	if (missing(combination) != NULL) {
		printf("skipped: %s\n", missing(combination));
		skip();
	}
	combination->test_case->run(&combination->test);
}

static int
combination_teardown(void **state)
{
	struct combination *combination = *state;
	struct test *test = &combination->test;

	store_fixture_end(&test->store);
	if (test->backend->teardown != NULL)
		test->backend->teardown(&test->store);
	return 0;
}

static void
test_none(void **state GP_UNUSED)
{
	struct store_operation operation = {
		.verb = STORE_PEEK, .key = "mark:a", .found = true
	};
	struct store_fixture fixture;

	store_fixture_init(&fixture);
	fixture.conf.backend = STORE_BACKEND_NONE;
	store_fixture_open(&fixture);
	assert_int_equal(store_run(fixture.store, &operation, 1), STATUS_BUSY);
	assert_false(operation.found);
	store_fixture_end(&fixture);
	assert_null(fixture.store);
	store_close(&fixture.store);
}

int
main(void)
{
	static struct combination
	    combinations[GP_NELEMS(backends) * GP_NELEMS(cases)];
	struct CMUnitTest tests[GP_NELEMS(combinations) + 1];
	struct combination *combination;
	size_t i;

	memset(tests, 0, sizeof(tests));
	for (i = 0; i < GP_NELEMS(combinations); i++) {
		combination = &combinations[i];
		combination->backend = &backends[i / GP_NELEMS(cases)];
		combination->test_case = &cases[i % GP_NELEMS(cases)];
		(void)snprintf(combination->name, sizeof(combination->name),
		    "%s: %s", combination->backend->name,
		    combination->test_case->name);
		tests[i].name = combination->name;
		tests[i].test_func = combination_run;
		tests[i].setup_func = combination_setup;
		tests[i].teardown_func = combination_teardown;
		tests[i].initial_state = combination;
	}
	tests[i].name = "none";
	tests[i].test_func = test_none;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
