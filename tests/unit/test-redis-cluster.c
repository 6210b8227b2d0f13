/* A real Redis Cluster: three primaries, slots that move, nodes that die. */
#include "config.h"

#include "lib/store/redis-cluster.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "lib/base/clock.h"
#include "lib/reputation/teach.h"
#include "lib/store/store-private.h"
#include "tests/unit/fake-server.h"
#include "tests/unit/log-capture.h"
#include "tests/unit/redis-server.h"
#include "tests/unit/redis-store.h"
#include "tests/unit/unit.h"

#define NODES     3
#define KEYS      60
#define KEY_BYTES 24
#define THREADS   4
#define POLLS_MAX 6000 /* of 10 ms */
#define GREETING  "+PONG\r\n*2\r\n$10\r\n1700000000\r\n$1\r\n0\r\n"
#define MOVED_KEY "ip:moved"

static const char *const options[] = { "--cluster-enabled", "yes",
	"--cluster-node-timeout", "1000", "--cluster-require-full-coverage",
	"no", "--cluster-allow-replica-migration", "no", NULL };

/* One for all tests, which leave it whole; making it takes seconds. */
static struct {
	struct redis_server *nodes[NODES];
	struct redis_server *replica; /* of the second node, or NULL */
} cluster;

static void
wait_for_text(struct redis_server *node, const char *command, const char *text)
{
	int polls = 0;

	while (strstr(redis_server_text(node, "CLUSTER %s", command), text) ==
	    NULL) {
		assert_in_range(polls++, 0, POLLS_MAX);
		store_fixture_pause();
	}
}

static void
meet(struct redis_server *node)
{
	redis_server_do(node, "CLUSTER MEET 127.0.0.1 %d",
	    redis_server_port(cluster.nodes[0]));
}

static void
wait_until_whole(void)
{
	size_t i;

	for (i = 0; i < NODES; i++) {
		wait_for_text(cluster.nodes[i], "INFO", "cluster_state:ok");
		wait_for_text(
		    cluster.nodes[i], "INFO", "cluster_slots_ok:16384");
	}
}

static int
group_setup(void **state GP_UNUSED)
{
	size_t i;

	for (i = 0; i < NODES; i++) {
		cluster.nodes[i] = redis_server_new(options);
		redis_server_do(cluster.nodes[i], "CLUSTER ADDSLOTSRANGE %d %d",
		    (int)(i * REDIS_CLUSTER_SLOTS / NODES),
		    (int)((i + 1) * REDIS_CLUSTER_SLOTS / NODES - 1));
		redis_server_do(cluster.nodes[i], "CLUSTER SET-CONFIG-EPOCH %d",
		    (int)i + 1);
	}
	for (i = 1; i < NODES; i++)
		meet(cluster.nodes[i]);
	wait_until_whole();
	return 0;
}

static int
group_teardown(void **state GP_UNUSED)
{
	size_t i;

	for (i = 0; i < NODES; i++)
		redis_server_free(&cluster.nodes[i]);
	redis_server_free(&cluster.replica);
	return 0;
}

static int
setup(void **state)
{
	static struct redis_store store;

	wait_until_whole();
	redis_store_init(&store, redis_server_tcp(cluster.nodes[0]));
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

/* The slot of a key of the store, as we and as Redis compute it. */
static unsigned int
slot_of(struct redis_server *node, const char *key)
{
	char full_key[STORE_FULL_KEY_BYTES];
	redisReply *reply;
	unsigned int slot;

	store_full_key("test", key, full_key);
	reply = redis_server_ask(node, "CLUSTER KEYSLOT %s", full_key);
	assert_int_equal(reply->type, REDIS_REPLY_INTEGER);
	slot = redis_cluster_slot(full_key);
	assert_int_equal(reply->integer, slot);
	freeReplyObject(reply);
	return slot;
}

static void
test_slots(void **state GP_UNUSED)
{
	static const char *const keys[] = { "ip:192.0.2.1", "name:", "name:}",
		"name:{", "name:{}", "name:a}{b", "name:\xff\x01", "name: x" };
	size_t i;

	for (i = 0; i < GP_NELEMS(keys); i++)
		(void)slot_of(cluster.nodes[0], keys[i]);
	/* Of the Cluster's specification. */
	assert_int_equal(redis_cluster_slot("123456789"), 0x31c3);
	assert_int_equal(redis_cluster_slot("{user1000}.following"),
	    redis_cluster_slot("user1000"));
	assert_int_equal(
	    redis_cluster_slot("foo{{bar}}zap"), redis_cluster_slot("{bar"));
	assert_int_equal(
	    redis_cluster_slot("foo{bar}{zap}"), redis_cluster_slot("bar"));
	assert_int_not_equal(
	    redis_cluster_slot("foo{}{bar}"), redis_cluster_slot("bar"));
}

/* How often any node said MOVED. */
static int
count_moved(void)
{
	const char *found;
	int sum = 0;
	size_t i;

	for (i = 0; i < NODES; i++) {
		found = strstr(
		    redis_server_text(cluster.nodes[i], "INFO errorstats"),
		    "errorstat_MOVED:count=");
		if (found != NULL)
			sum += (int)strtol(strchr(found, '=') + 1, NULL, 10);
	}
	return sum;
}

static void
fill(struct store_operation operations[KEYS], char keys[KEYS][KEY_BYTES],
    enum store_verb verb)
{
	size_t i;

	for (i = 0; i < KEYS; i++) {
		(void)snprintf(keys[i], KEY_BYTES, "ip:192.0.2.%zu", i);
		operations[i] = (struct store_operation){ .verb = verb,
			.key = keys[i],
			.half_life_seconds = DAY,
			.lifetime_seconds = DAY,
			.add = { (double)i + 1, 0 } };
	}
}

/* One run on keys of all nodes; returns how many failed. */
static size_t
run_on_all(struct redis_store *store, enum store_verb verb)
{
	struct store_operation operations[KEYS];
	char keys[KEYS][KEY_BYTES];
	int64_t began_ms = clock_now_ms();
	size_t i, failed = 0;
	enum status status;

	fill(operations, keys, verb);
	status = store_run(store->fixture.store, operations, KEYS);
	assert_in_range(clock_now_ms() - began_ms, 0, REDIS_STORE_BOUND_MS);
	if (status != STATUS_OK)
		return KEYS;
	for (i = 0; i < KEYS; i++) {
		failed += operations[i].failed;
		if (verb == STORE_READ && !operations[i].failed)
			assert_true(operations[i].pair.ham > (double)i + 0.9);
	}
	return failed;
}

static void
wait_until_failing(
    struct redis_store *store, enum store_verb verb, bool failing)
{
	int polls = 0;

	while ((run_on_all(store, verb) != 0) != failing) {
		assert_in_range(polls++, 0, POLLS_MAX);
		store_fixture_pause();
	}
}

static void
test_all_nodes(void **state)
{
	struct redis_store *store = *state;
	int moved;

	store_fixture_open(&store->fixture);
	assert_int_equal(run_on_all(store, STORE_ADD), 0);
	moved = count_moved();
	assert_in_range(moved, 1, 4 * KEYS);
	assert_int_equal(run_on_all(store, STORE_READ), 0);
	assert_int_equal(run_on_all(store, STORE_ADD), 0);
	assert_int_equal(count_moved(), moved);
	assert_int_equal(log_capture_count("is a Cluster"), 1);
	assert_int_equal(log_capture_count(""), 1);
}

/* Adds 1 to the key whose slot moves, and to others, all the time. */
struct client {
	pthread_t thread;
	struct store *store;
	_Atomic bool *is_ending;
	_Atomic size_t added;
	size_t failed;
};

static void *
client_thread(void *argument)
{
	struct timespec moment = { 0, 1000000 };
	struct client *client = argument;
	struct store_operation operations[2];

	while (!atomic_load(client->is_ending)) {
		operations[0] = (struct store_operation){ .verb = STORE_ADD,
			.key = MOVED_KEY,
			.lifetime_seconds = DAY,
			.add = { 1, 1 } };
		operations[1] = operations[0];
		operations[1].key = "ip:other";
		if (store_run(client->store, operations, 2) != STATUS_OK ||
		    operations[0].failed || operations[1].failed)
			client->failed++;
		else
			atomic_fetch_add(&client->added, 1);
		(void)nanosleep(&moment, NULL);
	}
	return NULL;
}

static void
wait_for_more(struct client clients[THREADS], size_t more)
{
	size_t i, until;
	int polls = 0;

	for (i = 0; i < THREADS; i++) {
		until = atomic_load(&clients[i].added) + more;
		while (atomic_load(&clients[i].added) < until) {
			assert_in_range(polls++, 0, POLLS_MAX);
			store_fixture_pause();
		}
	}
}

static void
get_id(struct redis_server *node, char id[64])
{
	(void)snprintf(id, 64, "%s", redis_server_text(node, "CLUSTER MYID"));
}

/* Moves a slot as redis-cli does, and stays in its middle for a while. */
static void
move_slot(struct redis_server *from, struct redis_server *to, unsigned int slot,
    struct client clients[THREADS])
{
	char from_id[64], to_id[64], full_key[STORE_FULL_KEY_BYTES];

	get_id(from, from_id);
	get_id(to, to_id);
	store_full_key("test", MOVED_KEY, full_key);
	redis_server_do(
	    to, "CLUSTER SETSLOT %d IMPORTING %s", (int)slot, from_id);
	redis_server_do(
	    from, "CLUSTER SETSLOT %d MIGRATING %s", (int)slot, to_id);
	wait_for_more(clients, 20);
	redis_server_do(from, "MIGRATE 127.0.0.1 %d %s 0 5000",
	    redis_server_port(to), full_key);
	wait_for_more(clients, 20);
	redis_server_do(to, "CLUSTER SETSLOT %d NODE %s", (int)slot, to_id);
	redis_server_do(from, "CLUSTER SETSLOT %d NODE %s", (int)slot, to_id);
	wait_for_more(clients, 20);
}

/* A lesson that one of several programs teaches. */
struct lesson {
	struct store *store;
	const char *identity;
	enum status status;
	enum teach_outcome outcome;
};

static const struct reputation_conf lesson_conf = { true,
	INT64_C(30) * DAY * 1000, 1.0, 8.0, INT64_C(180) * DAY * 1000,
	INT64_C(30) * DAY * 1000 };

static void *
teach_thread(void *argument)
{
	struct lesson *lesson = argument;
	struct reputation_subjects subjects = { .count = 1,
		.all[0] = { .kind = REPUTATION_ADDRESS, .key = "ip:taught" } };

	lesson->status = teach_message(lesson->store, &lesson_conf,
	    lesson->identity, &subjects, TEACH_SPAM, 0, &lesson->outcome);
	return NULL;
}

static size_t
node_of(const char *kind, const char *identity)
{
	char key[KEY_BYTES + 40];

	(void)snprintf(key, sizeof(key), "%s:%s@%d", kind, identity,
	    (int)(lesson_conf.half_life / 1000));
	return ((slot_of(cluster.nodes[0], key) + 1) * NODES - 1) /
	    REDIS_CLUSTER_SLOTS;
}

/* The name of a message the mark of which lies on another node than its
 * claim; where the mark lies. */
static size_t
find_apart(char identity[KEY_BYTES])
{
	size_t i, node;

	for (i = 0; i < KEYS; i++) {
		(void)snprintf(identity, KEY_BYTES, "m%zu", i);
		node = node_of("learned", identity);
		if (node != node_of("learning", identity))
			return node;
	}
	fail_msg("none is apart");
	return 0;
}

/* Several teach a message whose mark takes its time, on a node that does not
 * write for a moment: while it is not there, the claim is. */
static void
test_lesson_at_once(void **state)
{
	struct redis_store *store = *state;
	struct lesson lessons[THREADS];
	pthread_t threads[THREADS];
	char identity[KEY_BYTES];
	size_t i, learned = 0;

	store_fixture_open(&store->fixture);
	i = find_apart(identity);
	redis_server_do(cluster.nodes[i], "CLIENT PAUSE 300 WRITE");
	for (i = 0; i < THREADS; i++) {
		lessons[i] = (struct lesson){ .store = store->fixture.store,
			.identity = identity };
		assert_int_equal(pthread_create(&threads[i], NULL, teach_thread,
				     &lessons[i]),
		    0);
	}
	for (i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_int_equal(lessons[i].status, STATUS_OK);
		learned += lessons[i].outcome == TEACH_LEARNED;
	}
	assert_int_equal(learned, 1);
}

static void
test_slot_moves(void **state)
{
	struct redis_store *store = *state;
	struct client clients[THREADS];
	struct store_operation read;
	_Atomic bool is_ending = false;
	size_t i, from, sum = 0;
	unsigned int slot;

	store_fixture_open(&store->fixture);
	slot = slot_of(cluster.nodes[0], MOVED_KEY);
	from = slot * NODES / REDIS_CLUSTER_SLOTS;
	memset(clients, 0, sizeof(clients));
	for (i = 0; i < THREADS; i++) {
		clients[i].store = store->fixture.store;
		clients[i].is_ending = &is_ending;
		assert_int_equal(pthread_create(&clients[i].thread, NULL,
				     client_thread, &clients[i]),
		    0);
	}
	wait_for_more(clients, 20);
	move_slot(cluster.nodes[from], cluster.nodes[(from + 1) % NODES], slot,
	    clients);
	atomic_store(&is_ending, true);
	for (i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(clients[i].thread, NULL), 0);
		assert_int_equal(clients[i].failed, 0);
		sum += clients[i].added;
	}
	/* Each was counted once. */
	read = store_fixture_read(&store->fixture, MOVED_KEY, 0);
	assert_int_equal((size_t)read.pair.ham, sum);
	assert_int_equal((size_t)read.pair.spam, sum);
	assert_int_equal(log_capture_count(""), 1);
}

/* What the lost node has fails, the rest does not. */
static void
test_node_lost(void **state)
{
	struct redis_store *store = *state;
	struct redis_server *lost = cluster.nodes[1];
	size_t failed;

	store_fixture_open(&store->fixture);
	assert_int_equal(run_on_all(store, STORE_ADD), 0);
	redis_server_kill(lost);
	failed = run_on_all(store, STORE_READ);
	assert_in_range(failed, 1, KEYS - 1);
	failed = run_on_all(store, STORE_READ);
	assert_in_range(failed, 1, KEYS - 1);
	redis_server_start(lost);
	wait_until_failing(store, STORE_ADD, false);
	assert_int_equal(log_capture_count("is lost"), 1);
	assert_int_equal(log_capture_count("is back"), 1);
}

/* A replica takes over: the others know, and are asked. */
static void
test_replica_takes_over(void **state)
{
	struct redis_store *store = *state;
	char id[64];

	cluster.replica = redis_server_new(options);
	meet(cluster.replica);
	get_id(cluster.nodes[1], id);
	wait_for_text(cluster.replica, "NODES", id);
	redis_server_do(cluster.replica, "CLUSTER REPLICATE %s", id);
	store_fixture_open(&store->fixture);
	assert_int_equal(run_on_all(store, STORE_ADD), 0);
	redis_server_do(cluster.nodes[1], "WAIT 1 10000");
	wait_for_text(cluster.nodes[0], "NODES", "slave");
	while (strstr(redis_server_text(cluster.replica, "INFO replication"),
		   "master_link_status:up") == NULL)
		store_fixture_pause();
	redis_server_kill(cluster.nodes[1]);
	wait_until_failing(store, STORE_READ, true);
	wait_until_failing(store, STORE_READ, false);
	assert_int_equal(log_capture_count("is lost"), 1);
}

/* The seed is gone, but other nodes are known. */
static void
test_seed_lost(void **state)
{
	struct redis_store *store = *state;
	size_t failed;

	store_fixture_open(&store->fixture);
	assert_int_equal(run_on_all(store, STORE_ADD), 0);
	redis_server_kill(cluster.nodes[0]);
	failed = run_on_all(store, STORE_READ);
	assert_in_range(failed, 1, KEYS - 1);
	assert_int_equal(log_capture_count("is lost"), 1);
	redis_server_start(cluster.nodes[0]);
}

static void
test_database(void **state)
{
	struct redis_store *store = *state;

	store->fixture.conf.database = 1;
	redis_store_assert_unusable(
	    store, "SELECT is not allowed in cluster mode");
}

/* What a node may say that leads nowhere; "%s" is its own port. */
static const char *const redirections[] = {
	"-MOVED\r\n",
	"-MOVED 1\r\n",
	"-MOVED x 127.0.0.1:%s\r\n",
	"-MOVED 16384 127.0.0.1:%s\r\n",
	"-MOVED 1 127.0.0.1\r\n",
	"-MOVED 1 127.0.0.1:\r\n",
	"-MOVED 1 127.0.0.1:99999\r\n",
	"-MOVED 1 a b:1\r\n",
	"-MOVED 1 127.0.0.1:1\r\n",  /* nobody there */
	"-MOVED 1 127.0.0.1:%s\r\n", /* itself, for ever */
	"-MOVED 1 :%s\r\n",
	"-ASK 1 127.0.0.1:%s\r\n",
	"-TRYAGAIN Multiple keys request during rehashing of slot\r\n",
	"-CLUSTERDOWN Hash slot not served\r\n",
};

static void
serve_redirection(struct fake_server *fake, int fd, void *argument)
{
	const char *reply = argument, *sent = GREETING;
	char input[4096];
	ssize_t received;

	while (fake_server_wait(fake, fd)) {
		received = recv(fd, input, sizeof(input) - 1, 0);
		if (received <= 0)
			return;
		input[received] = '\0';
		/* To each command one reply, whatever it is. */
		if (strstr(input, "ASKING") != NULL ||
		    strstr(input, "SLOTS") != NULL)
			(void)fake_server_send(fd, reply, strlen(reply));
		if (!fake_server_send(fd, sent, strlen(sent)))
			return;
		sent = reply;
	}
}

static void
test_bad_redirections(void **state)
{
	struct redis_store *store = *state;
	struct fake_server *fake;
	char reply[128];
	const char *port, *place;
	size_t i;

	for (i = 0; i < GP_NELEMS(redirections); i++) {
		fake = fake_server_new(serve_redirection, reply);
		port = strchr(fake_server_address(fake), ':') + 1;
		place = strstr(redirections[i], "%s");
		(void)snprintf(reply, sizeof(reply), "%.*s%s%s",
		    place == NULL ? (int)strlen(redirections[i]) :
				    (int)(place - redirections[i]),
		    redirections[i], place == NULL ? "" : port,
		    place == NULL ? "" : place + 2);
		redis_store_init(store, fake_server_address(fake));
		store_fixture_open(&store->fixture);
		if (redis_store_peek(store) == STATUS_OK)
			assert_true(
			    store_fixture_peek(&store->fixture, "mark:a")
				.failed);
		assert_int_equal(log_capture_count("timed out"), 0);
		store_close(&store->fixture.store);
		fake_server_free(&fake);
	}
	assert_int_equal(log_capture_count("in circles"), 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_slots, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_all_nodes, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_lesson_at_once, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_slot_moves, setup, teardown),
		cmocka_unit_test_setup_teardown(test_database, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_bad_redirections, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_node_lost, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_seed_lost, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_replica_takes_over, setup, teardown),
	};
	const char *missing = redis_server_missing();

	if (missing != NULL) {
		printf("skipped: %s\n", missing);
		return 77;
	}
	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
