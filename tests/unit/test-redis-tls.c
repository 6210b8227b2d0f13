/* TLS to a real server, with certificates that are made for the test. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/log-capture.h"
#include "tests/unit/redis-server.h"
#include "tests/unit/redis-store.h"
#include "tests/unit/unit.h"

#define PATH_BYTES    128
#define COMMAND_BYTES 1024

/* Two authorities that know nothing of each other, and a server of each. */
static struct store_fixture directory;
static struct redis_server *server;
static char certificate[PATH_BYTES], key[PATH_BYTES], other[PATH_BYTES],
    other_key[PATH_BYTES], port_name[PATH_BYTES];
static const char *const options[] = { "--port", "0", "--tls-port", "PORT",
	"--tls-cert-file", certificate, "--tls-key-file", key,
	"--tls-ca-cert-file", certificate, "--tls-auth-clients", "no", NULL };

/* A certificate that vouches for itself, for the address alone. */
static bool
make_certificate(const char *path, const char *key_path)
{
	char command[COMMAND_BYTES];

	(void)snprintf(command, sizeof(command),
	    "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 "
	    "-nodes -days 2 -subj /CN=test -addext "
	    "subjectAltName=IP:127.0.0.1 -out %s -keyout %s 2>/dev/null",
	    path, key_path);
	return system(command) == 0;
}

static void
set_path(char path[PATH_BYTES], const char *name)
{
	(void)snprintf(path, PATH_BYTES, "%s/%s", directory.directory, name);
}

static int
group_setup(void **state GP_UNUSED)
{
	store_fixture_init(&directory);
	store_fixture_make_directory(&directory);
	set_path(certificate, "server.pem");
	set_path(key, "server.key");
	set_path(other, "other.pem");
	set_path(other_key, "other.key");
	if (!make_certificate(certificate, key) ||
	    !make_certificate(other, other_key))
		return -1;
	server = redis_server_new(options);
	(void)snprintf(port_name, sizeof(port_name), "localhost:%d",
	    redis_server_port(server));
	return 0;
}

static int
group_teardown(void **state GP_UNUSED)
{
	redis_server_free(&server);
	store_fixture_end(&directory);
	return 0;
}

static int
setup(void **state)
{
	static struct redis_store store;

	redis_store_init(&store, redis_server_tcp(server));
	store.fixture.conf.tls = true;
	store.fixture.conf.tls_ca_file = certificate;
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

/* Many operations: requests and replies over many records. */
static void
test_encrypted(void **state)
{
	struct redis_store *store = *state;
	struct store_operation operations[STORE_OPERATIONS_MAX];
	size_t i;

	store_fixture_open(&store->fixture);
	(void)store_fixture_set(&store->fixture, "mark:a", 7, DAY);
	memset(operations, 0, sizeof(operations));
	for (i = 0; i < STORE_OPERATIONS_MAX; i++) {
		operations[i].verb = STORE_PEEK;
		operations[i].key = "mark:a";
	}
	store_fixture_run(&store->fixture, operations, STORE_OPERATIONS_MAX);
	for (i = 0; i < STORE_OPERATIONS_MAX; i++)
		assert_int_equal(operations[i].marked_number, 7);
	assert_int_equal(log_capture_count(""), 0);
}

static void
assert_no_trust(struct redis_store *store, const char *reason)
{
	redis_store_assert_unusable(store, reason);
}

static void
test_unknown_authority(void **state)
{
	struct redis_store *store = *state;

	store->fixture.conf.tls_ca_file = other;
	assert_no_trust(store, "certificate: ");
}

static void
test_system_authorities(void **state)
{
	struct redis_store *store = *state;

	store->fixture.conf.tls_ca_file = "";
	assert_no_trust(store, "certificate: ");
}

/* The certificate is for the address, not for its name. */
static void
test_wrong_name(void **state)
{
	struct redis_store *store = *state;

	store->addresses[0] = port_name;
	assert_no_trust(store, "certificate: hostname mismatch");
}

static void
test_plain_client(void **state)
{
	struct redis_store *store = *state;

	store->fixture.conf.tls = false;
	assert_no_trust(store, "cannot be reached");
}

static void
test_plain_server(void **state)
{
	struct redis_server *plain = redis_server_new(NULL);
	struct redis_store *store = *state;

	store->addresses[0] = redis_server_tcp(plain);
	assert_no_trust(store, "cannot be reached");
	redis_server_free(&plain);
}

/* TLS is for TCP: a unix socket needs none. */
static void
test_unix_socket(void **state)
{
	struct redis_store *store = *state;

	store->addresses[0] = redis_server_unix(server);
	store_fixture_open(&store->fixture);
	assert_int_equal(redis_store_peek(store), STATUS_OK);
}

/* Frozen in the middle of a session, and before the handshake. */
static void
test_frozen(void **state)
{
	struct redis_store *store = *state;

	store->fixture.conf.timeout = REDIS_STORE_SHORT_TIMEOUT_MS;
	store_fixture_open(&store->fixture);
	assert_int_equal(redis_store_peek(store), STATUS_OK);
	redis_server_freeze(server, true);
	assert_int_equal(redis_store_peek(store), STATUS_TIMEOUT);
	redis_store_wait_until(store, STATUS_TIMEOUT);
	redis_server_freeze(server, false);
	redis_store_wait_until(store, STATUS_OK);
	assert_in_range(log_capture_count("timed out"), 1, 3);
	assert_int_equal(
	    log_capture_count("is lost"), log_capture_count("is back"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_encrypted, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_unknown_authority, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_system_authorities, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_wrong_name, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_plain_client, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_plain_server, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_unix_socket, setup, teardown),
		cmocka_unit_test_setup_teardown(test_frozen, setup, teardown),
	};
	const char *missing = redis_server_missing();

	if (missing != NULL) {
		printf("skipped: %s\n", missing);
		return 77;
	}
	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
