/*
 * Losing a Redis server and getting it back: calls end in time, the loss and
 * the return are told once, no answer is ever wrong.
 */
#include "config.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "lib/base/clock.h"
#include "tests/unit/fake-server.h"
#include "tests/unit/log-capture.h"
#include "tests/unit/redis-server.h"
#include "tests/unit/redis-store.h"
#include "tests/unit/unit.h"

#define THREADS   8
#define POLLS_MAX 6000 /* of 10 ms */
#define LOADING   "-LOADING Redis is loading\r\n"
#define GREETING  "+PONG\r\n*2\r\n$10\r\n1700000000\r\n$1\r\n0\r\n"

static int
setup(void **state)
{
	static struct redis_store store;

	redis_store_init(&store, "");
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

/* One thread of the traffic, and what it met. */
struct client {
	pthread_t thread;
	struct store *store;
	size_t number;
	_Atomic bool *is_ending;
	_Atomic size_t good, bad;
	size_t wrong;
	int64_t longest_ms;
};

/* Marks of its own: what is read back must be what was set last. */
static void
client_run(struct client *client, int64_t number)
{
	char key[32];
	struct store_operation operations[] = {
		{ .verb = STORE_SET,
		    .key = key,
		    .number = number,
		    .lifetime_seconds = DAY },
		{ .verb = STORE_ADD,
		    .key = "ip:shared",
		    .half_life_seconds = DAY,
		    .lifetime_seconds = DAY,
		    .add = { 1, 0 } },
		{ .verb = STORE_PEEK, .key = key },
	};
	int64_t began_ms = clock_now_ms(), took_ms;
	enum status status;

	(void)snprintf(key, sizeof(key), "mark:%zu", client->number);
	status = store_run(client->store, operations, 3);
	took_ms = clock_now_ms() - began_ms;
	if (took_ms > client->longest_ms)
		client->longest_ms = took_ms;
	if (status != STATUS_OK) {
		atomic_fetch_add(&client->bad, 1);
		client->wrong += operations[2].found;
		return;
	}
	atomic_fetch_add(&client->good, 1);
	client->wrong += operations[0].failed || operations[2].failed ||
	    operations[2].marked_number != number;
}

static void *
client_thread(void *argument)
{
	struct timespec moment = { 0, 1000000 };
	struct client *client = argument;
	int64_t number;

	for (number = 1; !atomic_load(client->is_ending); number++) {
		client_run(client, number);
		(void)nanosleep(&moment, NULL);
	}
	return NULL;
}

struct traffic {
	struct client clients[THREADS];
	_Atomic bool is_ending;
};

static void
traffic_start(struct traffic *traffic, struct store *store)
{
	struct client *client;
	size_t i;

	memset(traffic, 0, sizeof(*traffic));
	for (i = 0; i < THREADS; i++) {
		client = &traffic->clients[i];
		client->store = store;
		client->number = i;
		client->is_ending = &traffic->is_ending;
		assert_int_equal(pthread_create(&client->thread, NULL,
				     client_thread, client),
		    0);
	}
}

static void
traffic_end(struct traffic *traffic)
{
	struct client *client;
	size_t i;

	atomic_store(&traffic->is_ending, true);
	for (i = 0; i < THREADS; i++)
		assert_int_equal(
		    pthread_join(traffic->clients[i].thread, NULL), 0);
	for (i = 0; i < THREADS; i++) {
		client = &traffic->clients[i];
		assert_int_equal(client->wrong, 0);
		assert_in_range(client->longest_ms, 0, REDIS_STORE_BOUND_MS);
	}
}

/* Waits until every client has met that many more good (or bad) runs. */
static void
traffic_wait(struct traffic *traffic, bool good, size_t more)
{
	size_t before[THREADS], i;
	_Atomic size_t *count;
	int polls = 0;

	for (i = 0; i < THREADS; i++)
		before[i] = atomic_load(good ? &traffic->clients[i].good :
					       &traffic->clients[i].bad);
	for (i = 0; i < THREADS; i++) {
		count =
		    good ? &traffic->clients[i].good : &traffic->clients[i].bad;
		while (atomic_load(count) < before[i] + more) {
			assert_in_range(polls++, 0, POLLS_MAX);
			store_fixture_pause();
		}
	}
}

static void
assert_lost_once(const char *address, const char *reason)
{
	assert_int_equal(log_capture_count("is lost"), 1);
	assert_int_equal(log_capture_count(address), 2);
	assert_int_equal(log_capture_count("is back"), 1);
	assert_true(log_capture_count(reason) >= 1);
}

static void
test_killed(void **state)
{
	struct redis_server *server = redis_server_new(NULL);
	struct redis_store *store = *state;
	struct traffic traffic;

	redis_store_init(store, redis_server_tcp(server));
	store_fixture_open(&store->fixture);
	traffic_start(&traffic, store->fixture.store);
	traffic_wait(&traffic, true, 50);
	redis_server_kill(server);
	traffic_wait(&traffic, false, 50);
	redis_server_start(server);
	traffic_wait(&traffic, true, 50);
	traffic_end(&traffic);
	assert_lost_once(redis_server_tcp(server), "");
	redis_server_free(&server);
}

static void
test_frozen(void **state)
{
	struct redis_server *server = redis_server_new(NULL);
	struct redis_store *store = *state;
	struct traffic traffic;

	redis_store_init(store, redis_server_unix(server));
	store->fixture.conf.timeout = REDIS_STORE_SHORT_TIMEOUT_MS;
	store_fixture_open(&store->fixture);
	traffic_start(&traffic, store->fixture.store);
	traffic_wait(&traffic, true, 50);
	redis_server_freeze(server, true);
	traffic_wait(&traffic, false, 50);
	redis_server_freeze(server, false);
	traffic_wait(&traffic, true, 50);
	traffic_end(&traffic);
	/* A busy machine may make it time out once more. */
	assert_in_range(log_capture_count("timed out"), 1, 3);
	assert_int_equal(
	    log_capture_count("is lost"), log_capture_count("is back"));
	redis_server_free(&server);
}

/* It was there when it was needed: nothing was lost. */
static void
test_restarted(void **state)
{
	struct redis_server *server = redis_server_new(NULL);
	struct redis_store *store = *state;

	redis_store_init(store, redis_server_tcp(server));
	store_fixture_open(&store->fixture);
	assert_int_equal(redis_store_peek(store), STATUS_OK);
	redis_server_kill(server);
	redis_server_start(server);
	assert_int_equal(redis_store_peek(store), STATUS_OK);
	redis_server_do(server, "CLIENT KILL TYPE normal");
	assert_int_equal(redis_store_peek(store), STATUS_OK);
	assert_int_equal(log_capture_count(""), 0);
	redis_server_free(&server);
}

/* Not there at first, there later. */
static void
test_late(void **state)
{
	struct redis_server *server = redis_server_new(NULL);
	struct redis_store *store = *state;

	redis_server_kill(server);
	redis_store_init(store, redis_server_tcp(server));
	store_fixture_open(&store->fixture);
	assert_int_equal(
	    log_capture_count("does not answer yet, mail goes on"), 1);
	assert_int_equal(log_capture_count("Connection refused"), 1);
	assert_int_not_equal(redis_store_peek(store), STATUS_OK);
	assert_int_not_equal(redis_store_peek(store), STATUS_OK);
	redis_server_start(server);
	redis_store_wait_until(store, STATUS_OK);
	assert_int_equal(log_capture_count("is back"), 1);
	assert_int_equal(log_capture_count(redis_server_tcp(server)), 2);
	assert_int_equal(log_capture_count(""), 2);
	redis_server_free(&server);
}

static void
test_few_connections(void **state)
{
	struct redis_server *server = redis_server_new(NULL);
	struct redis_store *store = *state;
	struct traffic traffic;
	redisReply *reply;

	redis_store_init(store, redis_server_tcp(server));
	store->fixture.conf.connections = 2;
	store_fixture_open(&store->fixture);
	traffic_start(&traffic, store->fixture.store);
	traffic_wait(&traffic, true, 100);
	reply = redis_server_ask(server, "CLIENT LIST TYPE normal");
	assert_int_equal(reply->type, REDIS_REPLY_STRING);
	/* The third is who asks. */
	assert_non_null(strstr(reply->str, "\n"));
	assert_null(strstr(
	    strchr(strchr(strchr(reply->str, '\n') + 1, '\n') + 1, '\n') + 1,
	    "id="));
	freeReplyObject(reply);
	traffic_end(&traffic);
	assert_int_equal(log_capture_count(""), 0);
	redis_server_free(&server);
}

/* What something that is no Redis server answers to each thing it reads. */
struct script {
	const char *name;
	const char *first; /* to the greeting; NULL: it closes at once */
	size_t first_bytes;
	const char *later; /* to all else; NULL: nothing */
	bool repeats;      /* sends later for ever */
};

#define TEXT(text) text, sizeof(text) - 1

static const struct script scripts[] = {
	{ "closes at once", NULL, 0, NULL, false },
	{ "says nothing", TEXT(""), NULL, false },
	{ "HTTP", TEXT("HTTP/1.1 400 Bad Request\r\n\r\n"), NULL, false },
	{ "binary junk", TEXT("\x00\xff\x15\x03\x01\r\n\x00"), NULL, false },
	{ "half a reply", TEXT("+PO"), NULL, false },
	{ "wrong kinds", TEXT(":1\r\n:2\r\n"), NULL, false },
	{ "no time", TEXT("+PONG\r\n*2\r\n$1\r\nx\r\n$1\r\n0\r\n"), NULL,
	    false },
	{ "nil time", TEXT("+PONG\r\n*-1\r\n"), NULL, false },
	{ "negative length", TEXT("$-7\r\n"), NULL, false },
	{ "deep arrays",
	    TEXT("*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n"),
	    NULL, false },
	{ "endless string", TEXT("$2000000000\r\n"), "aaaaaaaaaaaaaaaa", true },
	{ "endless line", TEXT("+"), "aaaaaaaaaaaaaaaa", true },
	{ "endless replies", TEXT(GREETING), "+OK\r\n+OK\r\n", true },
	{ "late junk", TEXT(GREETING), "?junk\r\n", false },
	{ "late silence", TEXT(GREETING), NULL, false },
	{ "late half", TEXT(GREETING), "$10\r\nabc", false },
	{ "loading", TEXT(LOADING LOADING), NULL, false },
	{ "late loading", TEXT(GREETING), LOADING LOADING LOADING, false },
};

static void
serve_script(struct fake_server *fake, int fd, void *argument)
{
	const struct script *script = argument;
	char input[4096];

	if (script->first == NULL || !fake_server_wait(fake, fd) ||
	    recv(fd, input, sizeof(input), 0) <= 0 ||
	    !fake_server_send(fd, script->first, script->first_bytes))
		return;
	while (script->repeats &&
	    fake_server_send(fd, script->later, strlen(script->later)))
		;
	while (
	    fake_server_wait(fake, fd) && recv(fd, input, sizeof(input), 0) > 0)
		if (script->later != NULL &&
		    !fake_server_send(fd, script->later, strlen(script->later)))
			return;
}

/* Three replies are wanted; whatever comes, it ends, and nothing is found. */
static void
meet(struct redis_store *store, const struct script *script)
{
	struct store_operation operations[] = {
		{ .verb = STORE_PEEK, .key = "mark:a" },
		{ .verb = STORE_READ, .key = "ip:a" },
		{ .verb = STORE_TAKE,
		    .key = "rate:a",
		    .capacity = 1,
		    .amount = 1 },
	};
	struct fake_server *fake;
	struct script copy = *script;
	int64_t began_ms = clock_now_ms();
	enum status status;

	fake = fake_server_new(serve_script, &copy);
	redis_store_init(store, fake_server_address(fake));
	store->fixture.conf.timeout = REDIS_STORE_SHORT_TIMEOUT_MS;
	store_fixture_open(&store->fixture);
	status = store_run(store->fixture.store, operations, 3);
	if (clock_now_ms() - began_ms > REDIS_STORE_BOUND_MS)
		fail_msg("%s: it took too long", script->name);
	if (operations[0].found || operations[1].found || operations[2].taken)
		fail_msg("%s: something was found", script->name);
	if (status == STATUS_OK && !operations[0].failed)
		fail_msg("%s: it was believed", script->name);
	store_close(&store->fixture.store);
	fake_server_free(&fake);
}

static void
test_junk(void **state)
{
	struct redis_store *store = *state;
	size_t i;

	for (i = 0; i < GP_NELEMS(scripts); i++)
		meet(store, &scripts[i]);
	assert_int_equal(log_capture_count("LOADING Redis is loading"), 2);
	assert_int_equal(log_capture_count("no Redis server"), 3);
}

/* It comes back, but wants a password now: that must be told, too. */
static void
test_refusal_after_loss(void **state)
{
	const char *options[] = { "--loglevel", "warning", NULL };
	struct redis_server *server = redis_server_new(options);
	struct redis_store *store = *state;
	int polls = 0;

	redis_store_init(store, redis_server_tcp(server));
	store_fixture_open(&store->fixture);
	assert_int_equal(redis_store_peek(store), STATUS_OK);
	redis_server_kill(server);
	redis_store_wait_until(store, STATUS_BUSY);
	options[0] = "--requirepass";
	options[1] = "word";
	redis_server_start(server);
	while (log_capture_count("NOAUTH") == 0) {
		assert_int_not_equal(redis_store_peek(store), STATUS_OK);
		assert_in_range(polls++, 0, POLLS_MAX);
		store_fixture_pause();
	}
	assert_int_equal(log_capture_count("is lost"), 1);
	assert_int_equal(log_capture_count("refuses us"), 1);
	redis_server_free(&server);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_killed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_frozen, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_restarted, setup, teardown),
		cmocka_unit_test_setup_teardown(test_late, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_few_connections, setup, teardown),
		cmocka_unit_test_setup_teardown(test_junk, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_refusal_after_loss, setup, teardown),
	};
	const char *missing = redis_server_missing();

	if (missing != NULL) {
		printf("skipped: %s\n", missing);
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
