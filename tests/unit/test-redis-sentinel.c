/* The primary, as Sentinels know it: a real primary, replica and Sentinel. */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "tests/unit/fake-server.h"
#include "tests/unit/log-capture.h"
#include "tests/unit/redis-server.h"
#include "tests/unit/redis-store.h"
#include "tests/unit/unit.h"

#define NOBODY    "127.0.0.1:1" /* where nobody listens */
#define POLLS_MAX 6000          /* of 10 ms */

/* Primary, replica, and the Sentinel that watches them. */
struct trio {
	struct redis_server *primary, *replica, *sentinel;
	char port[16];
	const char *options[4]; /* of the replica */
};

static const char *const no_wait[] = { "--repl-diskless-sync-delay", "0",
	NULL };

static void
wait_for_text(
    struct redis_server *server, const char *section, const char *text)
{
	int polls = 0;

	while (strstr(redis_server_text(server, "INFO %s", section), text) ==
	    NULL) {
		assert_in_range(polls++, 0, POLLS_MAX);
		store_fixture_pause();
	}
}

static void
trio_start(struct trio *trio)
{
	memset(trio, 0, sizeof(*trio));
	trio->primary = redis_server_new(no_wait);
	(void)snprintf(trio->port, sizeof(trio->port), "%d",
	    redis_server_port(trio->primary));
	trio->options[0] = "--replicaof";
	trio->options[1] = "127.0.0.1";
	trio->options[2] = trio->port;
	trio->replica = redis_server_new(trio->options);
	wait_for_text(trio->replica, "replication", "master_link_status:up");
	trio->sentinel = redis_sentinel_new(trio->primary);
	wait_for_text(trio->sentinel, "sentinel", "slaves=1");
}

static void
trio_end(struct trio *trio)
{
	redis_server_free(&trio->sentinel);
	redis_server_free(&trio->replica);
	redis_server_free(&trio->primary);
}

static int
setup(void **state)
{
	static struct redis_store store;

	redis_store_init(&store, NOBODY);
	store.fixture.conf.sentinel = "main";
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

/* A mark is set by polling until it can be; false answers are not. */
static void
set_mark(struct redis_store *store, int64_t number)
{
	struct store_operation set;
	int polls = 0;

	do {
		assert_in_range(polls++, 0, POLLS_MAX);
		store_fixture_pause();
		set = (struct store_operation){ .verb = STORE_SET,
			.key = "mark:a",
			.number = number,
			.lifetime_seconds = DAY };
	} while (store_run(store->fixture.store, &set, 1) != STATUS_OK ||
	    set.failed);
}

static void
assert_mark_at(struct redis_server *server, const char *number)
{
	char text[64];

	(void)snprintf(text, sizeof(text), "1800000000 %s", number);
	assert_string_equal(
	    redis_server_text(server, "GET test1:{mark:a}"), text);
}

static void
test_failover(void **state)
{
	struct redis_store *store = *state;
	struct trio trio;

	trio_start(&trio);
	redis_store_add_address(store, redis_server_tcp(trio.sentinel));
	store_fixture_open(&store->fixture);
	assert_int_equal(redis_store_peek(store), STATUS_OK);
	set_mark(store, 1);
	assert_mark_at(trio.primary, "1");

	redis_server_kill(trio.primary);
	set_mark(store, 2);
	assert_mark_at(trio.replica, "2");
	assert_int_equal(log_capture_count("is lost"), 1);
	assert_int_equal(log_capture_count("is back"), 1);
	assert_int_equal(log_capture_count(redis_server_tcp(trio.replica)), 1);
	trio_end(&trio);
}

/* A Sentinel that just started does not trust the replica yet. */
static void
fail_over(struct redis_server *sentinel)
{
	bool is_error = true;
	redisReply *reply;
	int polls = 0;

	while (is_error) {
		assert_in_range(polls++, 0, POLLS_MAX);
		store_fixture_pause();
		reply = redis_server_ask(sentinel, "SENTINEL FAILOVER main");
		is_error = reply->type == REDIS_REPLY_ERROR;
		freeReplyObject(reply);
	}
}

/* Roles change while both servers stay: READONLY makes us ask again. */
static void
test_switch(void **state)
{
	struct redis_store *store = *state;
	struct trio trio;

	trio_start(&trio);
	redis_store_add_address(store, redis_server_tcp(trio.sentinel));
	store_fixture_open(&store->fixture);
	set_mark(store, 1);
	fail_over(trio.sentinel);
	wait_for_text(trio.replica, "replication", "role:master");
	wait_for_text(trio.primary, "replication", "role:slave");
	set_mark(store, 2);
	assert_mark_at(trio.replica, "2");
	trio_end(&trio);
}

/* A Sentinel that has not noticed yet names a replica. */
static void
test_stale_sentinel(void **state)
{
	struct redis_store *store = *state;
	struct trio trio;

	trio_start(&trio);
	redis_server_freeze(trio.sentinel, true);
	redis_server_do(trio.replica, "REPLICAOF NO ONE");
	redis_server_do(trio.primary, "REPLICAOF 127.0.0.1 %d",
	    redis_server_port(trio.replica));
	redis_server_freeze(trio.sentinel, false);
	redis_store_add_address(store, redis_server_tcp(trio.sentinel));
	redis_store_assert_unusable(store, "it is not the primary");
	trio_end(&trio);
}

/* What a Sentinel may say that does not help. */
static const struct {
	const char *reply, *reason;
} useless_cases[] = {
	{ "*-1\r\n", "knows no primary named \"main\"" },
	{ "-NOAUTH Authentication required.\r\n", "NOAUTH" },
	{ "+OK\r\n", "no Sentinel answers there" },
	{ "*1\r\n$9\r\n127.0.0.1\r\n", "no Sentinel answers there" },
	{ "*2\r\n$9\r\n127.0.0.1\r\n$5\r\n70000\r\n",
	    "no Sentinel answers there" },
	{ "*2\r\n$9\r\n127.0.0.1\r\n$2\r\n-1\r\n",
	    "no Sentinel answers there" },
	{ "*2\r\n$3\r\na b\r\n$4\r\n6379\r\n", "no Sentinel answers there" },
	{ "*2\r\n$-1\r\n$4\r\n6379\r\n", "no Sentinel answers there" },
	{ "*2\r\n$9\r\n127.0.0.1\r\n$1\r\n1\r\n", "Connection refused" },
};

static void
serve_reply(struct fake_server *fake, int fd, void *argument)
{
	const char *const *reply = argument;
	char input[1024];

	if (fake_server_wait(fake, fd) && recv(fd, input, sizeof(input), 0) > 0)
		(void)fake_server_send(fd, *reply, strlen(*reply));
	(void)fake_server_wait(fake, fd);
}

static void
test_useless_sentinels(void **state)
{
	struct redis_store *store = *state;
	struct fake_server *fake;
	const char *reply;
	size_t i;

	for (i = 0; i < GP_NELEMS(useless_cases); i++) {
		reply = useless_cases[i].reply;
		fake = fake_server_new(serve_reply, &reply);
		redis_store_init(store, fake_server_address(fake));
		store->fixture.conf.sentinel = "main";
		redis_store_assert_unusable(store, useless_cases[i].reason);
		fake_server_free(&fake);
		log_capture_stop();
		log_capture_start();
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_failover, setup, teardown),
		cmocka_unit_test_setup_teardown(test_switch, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_stale_sentinel, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_useless_sentinels, setup, teardown),
	};
	const char *missing = redis_server_missing();

	if (missing != NULL) {
		printf("skipped: %s\n", missing);
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
