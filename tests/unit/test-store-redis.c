/*
 * The store in Redis: what its other backends do not have.  Servers are real
 * ones but for a few that a real one cannot play.
 */
#include "config.h"

#include <inttypes.h>
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "tests/unit/fake-server.h"
#include "tests/unit/log-capture.h"
#include "tests/unit/redis-server.h"
#include "tests/unit/redis-store.h"
#include "tests/unit/unit.h"

#define NOBODY       "127.0.0.1:1" /* where nobody listens */
#define KEY(name)    "test1:{" name "}"
#define EPSILON      1e-9
#define SCRIPT_BYTES 8192

/* One server is enough for most; each case begins with an empty one. */
static struct redis_server *server;

static int
group_setup(void **state GP_UNUSED)
{
	server = redis_server_new(NULL);
	return 0;
}

static int
group_teardown(void **state GP_UNUSED)
{
	redis_server_free(&server);
	return 0;
}

static int
setup(void **state)
{
	static struct redis_store store;

	redis_server_do(server, "FLUSHALL");
	redis_store_init(&store, redis_server_unix(server));
	log_capture_start();
	*state = &store;
	return 0;
}

static int
teardown(void **state)
{
	struct redis_store *store = *state;

	store_fixture_end(&store->fixture);
	log_capture_stop();
	return 0;
}

/* Closes the store and opens it at another address. */
static void
move_to(struct redis_store *store, const char *address)
{
	store_close(&store->fixture.store);
	redis_store_init(store, address);
	store_fixture_open(&store->fixture);
}

/* The integer that a command of one key replies. */
static long long
integer(const char *command, const char *key)
{
	redisReply *reply = redis_server_ask(server, "%s %s", command, key);
	long long number = reply->integer;

	assert_int_equal(reply->type, REDIS_REPLY_INTEGER);
	freeReplyObject(reply);
	return number;
}

static void
test_transports(void **state)
{
	struct redis_store *store = *state;
	char name[32];

	(void)snprintf(
	    name, sizeof(name), "localhost:%d", redis_server_port(server));
	store_fixture_open(&store->fixture);
	(void)store_fixture_claim(&store->fixture, "mark:a", 7, DAY);
	move_to(store, redis_server_tcp(server));
	assert_int_equal(
	    store_fixture_peek(&store->fixture, "mark:a").marked_number, 7);
	move_to(store, name);
	assert_int_equal(
	    store_fixture_peek(&store->fixture, "mark:a").marked_number, 7);
	assert_int_equal(log_capture_count(""), 0);
}

/* How things stand in Redis is a contract: another host may be older. */
static void
test_layout(void **state)
{
	struct redis_store *store = *state;
	struct store_fixture *fixture = &store->fixture;

	store_fixture_open(fixture);
	fixture->now = 1281 * DAY;
	(void)store_fixture_add(fixture, "ip:a", 3, 0, DAY);
	fixture->now += DAY;
	(void)store_fixture_add(fixture, "ip:a", 0, 2, DAY);
	assert_string_equal(redis_server_text(server, "HGET %s h", KEY("ip:a")),
	    "1.50000000000000000");
	assert_string_equal(redis_server_text(server, "HGET %s s", KEY("ip:a")),
	    "2.00000000000000000");
	assert_string_equal(redis_server_text(server, "HGET %s t", KEY("ip:a")),
	    "110764800000");
	assert_int_equal(integer("HLEN", KEY("ip:a")), 3);
	fixture->now -= DAY;
	(void)store_fixture_claim(fixture, "mark:a", -7, DAY);
	assert_string_equal(
	    redis_server_text(server, "GET %s", KEY("mark:a")), "110678400 -7");
	(void)store_fixture_take(fixture, "rate:a", 10, 0.5, 3);
	assert_string_equal(redis_server_text(server, "GET %s", KEY("rate:a")),
	    "b 7 110678400000");
}

static void
assert_ham(struct store_fixture *fixture, double expected)
{
	struct store_operation read;

	read = store_fixture_read(fixture, "ip:a", DAY);
	assert_false(read.failed);
	if (!(fabs(read.pair.ham - expected) <= EPSILON * (1 + expected)))
		fail_msg("%.17g is not %.17g", read.pair.ham, expected);
}

/* What is not there any more has no key, and what was added long ago weighs
 * nothing. */
static void
test_decay(void **state)
{
	struct redis_store *store = *state;
	struct store_fixture *fixture = &store->fixture;

	store_fixture_open(fixture);
	(void)store_fixture_add(fixture, "ip:a", 1024, 0, DAY);
	fixture->now += 10 * DAY;
	assert_ham(fixture, 1);
	(void)store_fixture_add(fixture, "ip:a", -0.25, 0, DAY);
	assert_ham(fixture, 0.75);
	fixture->now += 300 * DAY;
	assert_ham(fixture, 0);
	(void)store_fixture_add(fixture, "ip:a", 1, 0, DAY);
	assert_ham(fixture, 1);
	(void)store_fixture_add(fixture, "ip:a", -1, 0, DAY);
	assert_int_equal(integer("EXISTS", KEY("ip:a")), 0);
}

static struct store_operation
add_for(struct store_fixture *fixture, double ham, int64_t lifetime_seconds)
{
	struct store_operation add = { .verb = STORE_ADD,
		.key = "ip:a",
		.lifetime_seconds = lifetime_seconds,
		.half_life_seconds = DAY,
		.add = { ham, 0 } };

	store_fixture_run(fixture, &add, 1);
	assert_false(add.failed);
	return add;
}

static void
test_lifetimes(void **state)
{
	struct redis_store *store = *state;
	struct store_fixture *fixture = &store->fixture;
	struct store_operation claim = { .verb = STORE_CLAIM,
		.key = "mark:a",
		.lifetime_seconds = 100 * DAY,
		.renew = true };

	store_fixture_open(fixture);
	(void)add_for(fixture, 1, 9 * DAY);
	assert_in_range(integer("TTL", KEY("ip:a")), 8 * DAY, 9 * DAY);
	(void)add_for(fixture, 1, 20 * DAY);
	assert_in_range(integer("TTL", KEY("ip:a")), 19 * DAY, 20 * DAY);
	(void)add_for(fixture, -1, 30 * DAY);
	assert_in_range(integer("TTL", KEY("ip:a")), 29 * DAY, 30 * DAY);
	(void)store_fixture_claim(fixture, "mark:a", 1, 9 * DAY);
	(void)store_fixture_claim(fixture, "mark:a", 1, 20 * DAY);
	assert_in_range(integer("TTL", KEY("mark:a")), 8 * DAY, 9 * DAY);
	store_fixture_run(fixture, &claim, 1);
	assert_in_range(integer("TTL", KEY("mark:a")), 99 * DAY, 100 * DAY);
	(void)store_fixture_set(fixture, "mark:a", 1, 5 * DAY);
	assert_in_range(integer("TTL", KEY("mark:a")), 4 * DAY, 5 * DAY);
	/* 3 tokens at 1 in 100 seconds, and one that never fills. */
	(void)store_fixture_take(fixture, "rate:a", 10, 0.01, 3);
	assert_in_range(integer("TTL", KEY("rate:a")), 290, 302);
	(void)store_fixture_take(fixture, "rate:b", 10, 0, 3);
	assert_in_range(
	    integer("TTL", KEY("rate:b")), 36500 * DAY, 36525 * DAY);
}

/* Scripts need not be there. */
static void
test_script_flush(void **state)
{
	struct redis_store *store = *state;
	struct store_fixture *fixture = &store->fixture;

	store_fixture_open(fixture);
	assert_true(store_fixture_take(fixture, "rate:a", 3, 0, 1).taken);
	redis_server_do(server, "SCRIPT FLUSH");
	assert_true(store_fixture_take(fixture, "rate:a", 3, 0, 1).taken);
	(void)add_for(fixture, 5, DAY);
	(void)add_for(fixture, -1, DAY);
	redis_server_do(server, "SCRIPT FLUSH");
	(void)add_for(fixture, -1, DAY);
	assert_ham(fixture, 3);
	assert_int_equal(log_capture_count(""), 0);
}

#define READ  (1U << STORE_READ)
#define ADD   (1U << STORE_ADD)
#define PEEK  (1U << STORE_PEEK)
#define CLAIM (1U << STORE_CLAIM)
#define TAKE  (1U << STORE_TAKE)
#define ALL   (READ | ADD | PEEK | CLAIM | TAKE)

/* What others wrote under our key, and the verbs that must fail of it. */
static const struct {
	const char *command, *field, *value;
	unsigned int failing;
} foreign_cases[] = {
	{ "SET", NULL, "", ALL },
	{ "SET", NULL, "junk", ALL },
	{ "SET", NULL, "12", ALL },
	{ "SET", NULL, "12 ", ALL },
	{ "SET", NULL, "12 34 56", ALL },
	{ "SET", NULL, "12 3.4", ALL },
	{ "SET", NULL, "12 99999999999999999999", ALL },
	{ "SET", NULL, "12 34", READ | ADD | TAKE },
	{ "SET", NULL, "b 5", ALL },
	{ "SET", NULL, "b x 5", ALL },
	{ "SET", NULL, "b 5 x", ALL },
	{ "SET", NULL, "b nan 5", ALL & ~TAKE },
	{ "SET", NULL, "b 5 5", ALL & ~TAKE },
	{ "LPUSH", NULL, "x", ALL },
	{ "SADD", NULL, "x", ALL },
	{ "HSET", "h", "x", ALL },
	{ "HSET", "h", "", ALL },
	{ "HSET", "s", "1 2", ALL },
	{ "HSET", "h", "1e5", ALL & ~ADD },
	{ "HSET", "h", "-5", ALL & ~(READ | ADD) },
	{ "HSET", "t", "x", ALL },
	{ "HSET", "t", "", ALL },
	{ "HSET", "t", "-5", ALL & ~ADD },
	{ "HSET", "t", "99999999999999999999", ALL & ~ADD },
	{ "HSET", "t", "nan", ALL & ~ADD },
	{ "HSET", "other", "x", ALL & ~(READ | ADD) },
};

static void
set_foreign(size_t number)
{
	redis_server_do(server, "DEL %s", KEY("any:a"));
	if (foreign_cases[number].field == NULL)
		redis_server_do(server, "%s %s %s",
		    foreign_cases[number].command, KEY("any:a"),
		    foreign_cases[number].value);
	else
		redis_server_do(server, "%s %s %s %s",
		    foreign_cases[number].command, KEY("any:a"),
		    foreign_cases[number].field, foreign_cases[number].value);
}

/* The verb between two good ones, which must not feel anything. */
static void
run_between(struct store_fixture *fixture, size_t number, enum store_verb verb)
{
	bool fails = (foreign_cases[number].failing >> verb & 1U) != 0;
	struct store_operation operations[] = {
		{ .verb = STORE_SET,
		    .key = "mark:good",
		    .number = 9,
		    .lifetime_seconds = DAY },
		{ .verb = verb,
		    .key = "any:a",
		    .lifetime_seconds = DAY,
		    .add = { 1, 1 },
		    .capacity = 10,
		    .amount = 1 },
		{ .verb = STORE_PEEK, .key = "mark:good" },
	};

	set_foreign(number);
	store_fixture_run(fixture, operations, GP_NELEMS(operations));
	assert_false(operations[0].failed);
	assert_int_equal(operations[2].marked_number, 9);
	if (operations[1].failed != fails)
		fail_msg("case %zu, verb %d", number, (int)verb);
	if (fails) {
		assert_false(operations[1].found);
		assert_false(operations[1].taken);
		assert_true(operations[1].pair.spam == 0);
		assert_int_equal(operations[1].marked_at, 0);
	}
	if (verb == STORE_READ && !fails)
		assert_true(operations[1].pair.ham == 0);
}

static void
test_foreign_values(void **state)
{
	static const enum store_verb verbs[] = { STORE_READ, STORE_ADD,
		STORE_PEEK, STORE_CLAIM, STORE_TAKE };
	struct redis_store *store = *state;
	size_t i, j;

	store_fixture_open(&store->fixture);
	for (i = 0; i < GP_NELEMS(foreign_cases); i++)
		for (j = 0; j < GP_NELEMS(verbs); j++)
			run_between(&store->fixture, i, verbs[j]);
	assert_false(
	    store_fixture_set(&store->fixture, "any:a", 4, DAY).failed);
	assert_int_equal(
	    store_fixture_peek(&store->fixture, "any:a").marked_number, 4);
	assert_int_equal(log_capture_count("any:a"), 1);
	assert_int_equal(log_capture_count("WRONGTYPE"), 1);
	assert_int_equal(log_capture_count("lost"), 0);
}

static void
test_out_of_memory(void **state)
{
	struct redis_store *store = *state;
	struct store_fixture *fixture = &store->fixture;

	store_fixture_open(fixture);
	(void)store_fixture_set(fixture, "mark:a", 5, DAY);
	redis_server_do(server, "CONFIG SET maxmemory 1");
	assert_true(store_fixture_set(fixture, "mark:b", 5, DAY).failed);
	assert_true(store_fixture_add(fixture, "ip:a", 1, 1, DAY).failed);
	assert_true(store_fixture_take(fixture, "rate:a", 5, 1, 1).failed);
	assert_int_equal(
	    store_fixture_peek(fixture, "mark:a").marked_number, 5);
	redis_server_do(server, "CONFIG SET maxmemory 0");
	assert_false(store_fixture_set(fixture, "mark:b", 5, DAY).failed);
	assert_int_equal(log_capture_count("OOM"), 1);
	assert_int_equal(log_capture_count("lost"), 0);
}

static void
test_password(void **state)
{
	static const char *const options[] = { "--requirepass", "se cret",
		NULL };
	struct redis_server *guarded = redis_server_new(options);
	struct redis_store *store = *state;

	redis_server_do(guarded, "ACL SETUSER filter on >word ~* +@all");
	redis_store_init(store, redis_server_tcp(guarded));
	redis_store_assert_unusable(store, "refuses us: 127.0.0.1:");
	assert_int_equal(log_capture_count("NOAUTH"), 1);
	assert_int_equal(log_capture_count(redis_server_tcp(guarded)), 1);

	store->fixture.conf.password = "wrong";
	redis_store_assert_unusable(store, "WRONGPASS");
	assert_int_equal(log_capture_count("wrong"), 0);

	store->fixture.conf.password = "se cret";
	store_fixture_open(&store->fixture);
	assert_int_equal(redis_store_peek(store), STATUS_OK);
	store_close(&store->fixture.store);

	store->fixture.conf.username = "filter";
	store->fixture.conf.password = "word";
	store_fixture_open(&store->fixture);
	assert_int_equal(redis_store_peek(store), STATUS_OK);
	redis_server_free(&guarded);
}

/* A user that may do little can do that. */
static void
test_permissions(void **state)
{
	struct redis_store *store = *state;
	struct store_fixture *fixture = &store->fixture;

	redis_server_do(server, "SET %s %s", KEY("mark:a"), "12 34");
	redis_server_do(
	    server, "ACL SETUSER reader on >word ~test1:* -@all +get");
	fixture->conf.username = "reader";
	fixture->conf.password = "word";
	store_fixture_open(fixture);
	assert_int_equal(
	    store_fixture_peek(fixture, "mark:a").marked_number, 34);
	assert_true(store_fixture_set(fixture, "mark:a", 1, DAY).failed);
	assert_true(store_fixture_take(fixture, "rate:a", 1, 1, 1).failed);
	assert_int_equal(log_capture_count("NOPERM"), 1);
	assert_int_equal(log_capture_count("lost"), 0);
}

/* What the manual says is enough. */
static void
test_enough_permissions(void **state)
{
	struct redis_store *store = *state;
	struct store_fixture *fixture = &store->fixture;

	redis_server_do(server,
	    "ACL SETUSER keeper on >word ~test* -@all +ping +time +get +set "
	    "+del +expire +hmget +hset +eval +select");
	fixture->conf.username = "keeper";
	fixture->conf.password = "word";
	fixture->conf.database = 1;
	store_fixture_open(fixture);
	assert_false(store_fixture_add(fixture, "ip:a", 1, 0, DAY).failed);
	assert_true(store_fixture_read(fixture, "ip:a", DAY).found);
	assert_false(store_fixture_add(fixture, "ip:a", -1, 0, DAY).failed);
	assert_false(store_fixture_claim(fixture, "mark:b", 1, DAY).failed);
	assert_true(store_fixture_claim(fixture, "mark:b", 1, DAY).found);
	assert_false(store_fixture_set(fixture, "mark:b", 2, DAY).failed);
	assert_true(store_fixture_peek(fixture, "mark:b").found);
	assert_true(store_fixture_take(fixture, "rate:b", 1, 1, 1).taken);
	assert_false(store_fixture_forget(fixture, "mark:b").failed);
	assert_false(store_fixture_forget(fixture, "rate:b").failed);
	assert_int_equal(log_capture_count(""), 0);
}

static void
test_database(void **state)
{
	struct redis_store *store = *state;
	struct store_fixture *fixture = &store->fixture;

	fixture->conf.database = 3;
	store_fixture_open(fixture);
	(void)store_fixture_claim(fixture, "mark:a", 7, DAY);
	store_close(&fixture->store);
	fixture->conf.database = 0;
	store_fixture_open(fixture);
	assert_false(store_fixture_peek(fixture, "mark:a").found);
	store_close(&fixture->store);
	fixture->conf.database = 999;
	redis_store_assert_unusable(store, "DB index is out of range");
}

static void
test_servers_in_order(void **state)
{
	struct redis_store *store = *state;

	redis_store_init(store, NOBODY);
	redis_store_add_address(store, "unix:/nowhere/socket");
	redis_store_add_address(store, redis_server_tcp(server));
	redis_store_add_address(store, NOBODY);
	store_fixture_open(&store->fixture);
	assert_int_equal(redis_store_peek(store), STATUS_OK);
	assert_int_equal(log_capture_count(""), 0);
	store_close(&store->fixture.store);

	store->fixture.conf.redis.count = 2;
	redis_store_assert_unusable(store,
	    "cannot be reached: 127.0.0.1:1: Connection refused; "
	    "unix:/nowhere/socket: No such file");
	assert_int_equal(log_capture_count(""), 1);
	assert_int_equal(log_capture_count("mail"), 0);
}

/* A replica that is listed first serves until something must be written. */
static void
test_replica(void **state)
{
	char port[16];
	const char *const options[] = { "--replicaof", "127.0.0.1", port,
		NULL };
	struct redis_store *store = *state;
	struct store_operation set;
	struct redis_server *replica;
	int polls = 0;

	(void)snprintf(port, sizeof(port), "%d", redis_server_port(server));
	replica = redis_server_new(options);
	redis_store_init(store, redis_server_tcp(replica));
	redis_store_add_address(store, redis_server_tcp(server));
	store_fixture_open(&store->fixture);
	do {
		assert_in_range(polls++, 0, 3000);
		store_fixture_pause();
		set = (struct store_operation){ .verb = STORE_SET,
			.key = "mark:a",
			.number = 8,
			.lifetime_seconds = DAY };
	} while (store_run(store->fixture.store, &set, 1) != STATUS_OK ||
	    set.failed);
	assert_int_equal(log_capture_count("READONLY"), 1);
	assert_int_equal(log_capture_count("is back"), 1);
	assert_string_equal(
	    redis_server_text(server, "GET %s", KEY("mark:a")), "1800000000 8");
	redis_server_free(&replica);
}

/* A server whose clock is in 2001, and that keeps what it was sent. */
struct old_server {
	char script[SCRIPT_BYTES];
	size_t length;
};

static void
serve_old(struct fake_server *fake, int fd, void *argument)
{
	static const char *const replies[] = {
		"+PONG\r\n*2\r\n$10\r\n1000000000\r\n$6\r\n500000\r\n",
		"+OK\r\n$12\r\n1000000000 5\r\n"
	};
	struct old_server *old = argument;
	ssize_t received;
	size_t i;

	for (i = 0; i < GP_NELEMS(replies); i++) {
		if (!fake_server_wait(fake, fd))
			return;
		received = recv(fd, old->script + old->length,
		    sizeof(old->script) - 1 - old->length, 0);
		if (received <= 0 ||
		    !fake_server_send(fd, replies[i], strlen(replies[i])))
			return;
		old->length += (size_t)received;
	}
	(void)fake_server_wait(fake, fd);
}

/* All hosts count by the clock of the server. */
static void
test_server_clock(void **state)
{
	struct store_operation operations[] = {
		{ .verb = STORE_SET,
		    .key = "mark:a",
		    .number = 5,
		    .lifetime_seconds = DAY },
		{ .verb = STORE_PEEK, .key = "mark:a" },
	};
	struct redis_store *store = *state;
	struct old_server old = { "", 0 };
	struct fake_server *fake = fake_server_new(serve_old, &old);

	redis_store_init(store, fake_server_address(fake));
	assert_int_equal(
	    store_open(&store->fixture.conf, NULL, &store->fixture.store),
	    STATUS_OK);
	store_fixture_run(&store->fixture, operations, 2);
	assert_false(operations[0].failed);
	assert_int_equal(operations[1].marked_at, 1000000000);
	store_close(&store->fixture.store);
	fake_server_free(&fake);
	assert_non_null(strstr(old.script, "100000000"));
	assert_non_null(strstr(old.script, " 5\r\n"));
}

/* Each connection finds the clock a day ahead, answers one GET and ends. */
static void
serve_jump(struct fake_server *fake, int fd, void *argument)
{
	_Atomic int *days = argument;
	char input[SCRIPT_BYTES], greeting[80];

	(void)snprintf(greeting, sizeof(greeting),
	    "+PONG\r\n*2\r\n$10\r\n%ld\r\n$1\r\n0\r\n",
	    1000000000L + DAY * atomic_fetch_add(days, 1));
	if (!fake_server_wait(fake, fd) ||
	    recv(fd, input, sizeof(input), 0) <= 0 ||
	    !fake_server_send(fd, greeting, strlen(greeting)) ||
	    !fake_server_wait(fake, fd) ||
	    recv(fd, input, sizeof(input), 0) <= 0)
		return;
	(void)fake_server_send(fd, "$-1\r\n", 5);
}

/* A clock that jumps is told; mail goes on. */
static void
test_clock_jump(void **state)
{
	struct redis_store *store = *state;
	_Atomic int days = 0;
	struct fake_server *fake = fake_server_new(serve_jump, &days);
	int polls = 0;

	redis_store_init(store, fake_server_address(fake));
	assert_int_equal(
	    store_open(&store->fixture.conf, NULL, &store->fixture.store),
	    STATUS_OK);
	assert_int_equal(redis_store_peek(store), STATUS_OK);
	assert_int_equal(log_capture_count("clock of the server"), 0);
	while (atomic_load(&days) < 2) {
		assert_in_range(polls++, 0, 3000);
		store_fixture_pause();
		(void)redis_store_peek(store);
	}
	store_close(&store->fixture.store);
	fake_server_free(&fake);
	assert_true(log_capture_count("jumped by 86") >= 1);
}

static void
assert_refused(struct redis_store *store, const char *text)
{
	assert_int_equal(
	    store_open(&store->fixture.conf, NULL, &store->fixture.store),
	    STATUS_INVALID);
	assert_null(store->fixture.store);
	assert_int_equal(log_capture_count(text), 1);
}

static void
test_bad_configuration(void **state)
{
	struct redis_store *store = *state;

	redis_store_init(store, "redis");
	assert_refused(store, "\"redis\" is not HOST:PORT");
	store->fixture.conf.redis.count = 0;
	assert_refused(store, "empty");
	redis_store_init(store, redis_server_tcp(server));
	store->fixture.conf.tls = true;
	store->fixture.conf.tls_ca_file = "/nowhere/ca.pem";
	assert_refused(store, "/nowhere/ca.pem: No such file");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_transports, setup, teardown),
		cmocka_unit_test_setup_teardown(test_layout, setup, teardown),
		cmocka_unit_test_setup_teardown(test_decay, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_lifetimes, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_script_flush, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_foreign_values, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_out_of_memory, setup, teardown),
		cmocka_unit_test_setup_teardown(test_password, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_enough_permissions, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_permissions, setup, teardown),
		cmocka_unit_test_setup_teardown(test_database, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_servers_in_order, setup, teardown),
		cmocka_unit_test_setup_teardown(test_replica, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_server_clock, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_clock_jump, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_bad_configuration, setup, teardown),
	};
	const char *missing = redis_server_missing();

	if (missing != NULL) {
		printf("skipped: %s\n", missing);
		return 77;
	}
	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
