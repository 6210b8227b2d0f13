/* The section `store`: defaults, and what its keys take. */
#include "config.h"

#include "lib/store/store-conf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/unit.h"

static const struct conf_entry entries[] = { { &store_conf_section, 0 } };

/* Loads "store { TEXT }"; the first reason goes to reason, "" for none. */
static enum status
load(const char *text, struct store_conf *conf, struct conf_memory **memory,
    char reason[256])
{
	char path[] = "/tmp/gatepost-conf-XXXXXX";
	struct conf_errors *errors = conf_errors_new();
	enum status status;
	FILE *file;
	int fd;

	assert_non_null(errors);
	assert_true((fd = mkstemp(path)) >= 0);
	assert_non_null(file = fdopen(fd, "w"));
	assert_true(fprintf(file, "store { %s }\n", text) > 0);
	assert_int_equal(fclose(file), 0);
	status = conf_load(path, entries, 1, conf, memory, errors);
	reason[0] = '\0';
	if (conf_errors_count(errors) > 0)
		(void)snprintf(reason, 256, "%s", conf_errors_get(errors, 0));
	conf_errors_free(&errors);
	assert_int_equal(unlink(path), 0);
	return status;
}

static void
test_defaults(void **state GP_UNUSED)
{
	struct conf_memory *memory;
	struct store_conf conf;
	char reason[256];

	assert_int_equal(load("", &conf, &memory, reason), STATUS_OK);
	assert_int_equal(conf.backend, STORE_BACKEND_LMDB);
	assert_string_equal(conf.path, LOCALSTATEDIR "/lib/gatepost");
	assert_int_equal(conf.size, INT64_C(256) << 20);
	assert_int_equal(conf.redis.count, 1);
	assert_string_equal(conf.redis.items[0], "127.0.0.1:6379");
	assert_string_equal(conf.sentinel, "");
	assert_string_equal(conf.username, "");
	assert_string_equal(conf.password, "");
	assert_int_equal(conf.database, 0);
	assert_false(conf.tls);
	assert_string_equal(conf.tls_ca_file, "");
	assert_string_equal(conf.prefix, "gp");
	assert_int_equal(conf.timeout, 200);
	assert_int_equal(conf.connections, 32);
	conf_memory_free(&memory);
}

static void
test_all_keys(void **state GP_UNUSED)
{
	struct conf_memory *memory;
	struct store_conf conf;
	char reason[256];

	assert_int_equal(
	    load("backend = redis  path = /srv/store  size = 1M "
		 "redis = {\"r1.example:1\", \"[2001:db8::1]:65535\", "
		 "\"unix:/run/redis.sock\", \"192.0.2.1:6379\"} "
		 "sentinel = mymaster  username = gatepost  password = \"a b\" "
		 "database = 1000  tls = yes  tls_ca_file = /etc/ca.pem "
		 "prefix = mail-1_A  timeout = 5s  connections = 256",
		&conf, &memory, reason),
	    STATUS_OK);
	assert_int_equal(conf.backend, STORE_BACKEND_REDIS);
	assert_string_equal(conf.path, "/srv/store");
	assert_int_equal(conf.size, 1 << 20);
	assert_int_equal(conf.redis.count, 4);
	assert_string_equal(conf.redis.items[1], "[2001:db8::1]:65535");
	assert_string_equal(conf.sentinel, "mymaster");
	assert_string_equal(conf.username, "gatepost");
	assert_string_equal(conf.password, "a b");
	assert_int_equal(conf.database, 1000);
	assert_true(conf.tls);
	assert_string_equal(conf.tls_ca_file, "/etc/ca.pem");
	assert_string_equal(conf.prefix, "mail-1_A");
	assert_int_equal(conf.timeout, 5000);
	assert_int_equal(conf.connections, 256);
	conf_memory_free(&memory);
	assert_int_equal(
	    load("backend = memory", &conf, &memory, reason), STATUS_OK);
	assert_int_equal(conf.backend, STORE_BACKEND_MEMORY);
	conf_memory_free(&memory);
	assert_int_equal(
	    load("backend = none", &conf, &memory, reason), STATUS_OK);
	assert_int_equal(conf.backend, STORE_BACKEND_NONE);
	conf_memory_free(&memory);
}

static const struct {
	const char *text, *reason;
} refused[] = {
	{ "backend = bdb", "backend: " },
	{ "path = store", "path: must be an absolute path" },
	{ "path = \"\"", "path: must be an absolute path" },
	{ "size = 1023K", "size: " },
	{ "redis = {\"r1.example\"}", "redis: must be HOST:PORT" },
	{ "redis = {\"r1.example:0\"}", "redis: the port" },
	{ "redis = {\"r1.example:65536\"}", "redis: the port" },
	{ "redis = {\"r1.example:redis\"}", "redis: the port" },
	{ "redis = {\":6379\"}", "redis: must be HOST:PORT" },
	{ "redis = {\"2001:db8::1:6379\"}", "redis: must be HOST:PORT" },
	{ "redis = {\"[2001:db8::g]:6379\"}", "redis: must be HOST:PORT" },
	{ "redis = {\"[192.0.2.1]:6379\"}", "redis: must be HOST:PORT" },
	{ "redis = {\"[]:6379\"}", "redis: must be HOST:PORT" },
	{ "redis = {\"a b:6379\"}", "redis: must be HOST:PORT" },
	{ "redis = {\"unix:run/redis.sock\"}", "redis: the port" },
	{ "redis = {\"redis://r1:6379\"}", "redis: must be HOST:PORT" },
	{ "database = 1001", "database: " },
	{ "database = -1", "database: " },
	{ "tls_ca_file = ca.pem", "tls_ca_file: must be an absolute path" },
	{ "prefix = \"\"", "prefix: must be 1 to 32" },
	{ "prefix = \"a:b\"", "prefix: must be 1 to 32" },
	{ "prefix = aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	    "prefix: must be 1 to 32" },
	{ "timeout = 9ms", "timeout: " },
	{ "timeout = 5001ms", "timeout: " },
	{ "connections = 0", "connections: " },
	{ "connections = 257", "connections: " },
};

static void
test_refused(void **state GP_UNUSED)
{
	struct conf_memory *memory;
	struct store_conf conf;
	char reason[256];
	size_t i;

	for (i = 0; i < GP_NELEMS(refused); i++) {
		assert_int_equal(load(refused[i].text, &conf, &memory, reason),
		    STATUS_INVALID);
		if (strstr(reason, refused[i].reason) == NULL)
			fail_msg("%s: %s", refused[i].text, reason);
	}
}

/* As long as an address of a unix socket can be, and one byte more. */
static void
test_socket_path(void **state GP_UNUSED)
{
	char text[160], path[108 + 1];
	struct conf_memory *memory;
	struct store_conf conf;
	char reason[256];

	memset(path, 'a', sizeof(path));
	path[0] = '/';
	path[107] = '\0';
	(void)snprintf(text, sizeof(text), "redis = {\"unix:%s\"}", path);
	assert_int_equal(load(text, &conf, &memory, reason), STATUS_OK);
	conf_memory_free(&memory);
	path[107] = 'a';
	path[108] = '\0';
	(void)snprintf(text, sizeof(text), "redis = {\"unix:%s\"}", path);
	assert_int_equal(load(text, &conf, &memory, reason), STATUS_INVALID);
	assert_non_null(strstr(reason, "too long"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_all_keys),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_socket_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
