/* store-fixture - a store in a test (see store-fixture.h). */
#include "config.h"

#include "tests/unit/store-fixture.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/unit/unit.h"

#define START INT64_C(1800000000)

static int64_t
fixture_now(void *argument)
{
	struct store_fixture *fixture = argument;

	return fixture->now;
}

void
store_fixture_init(struct store_fixture *fixture)
{
	memset(fixture, 0, sizeof(*fixture));
	fixture->conf.path = "";
	fixture->conf.size = INT64_C(16) << 20;
	fixture->conf.sentinel = fixture->conf.username = "";
	fixture->conf.password = fixture->conf.tls_ca_file = "";
	fixture->conf.prefix = "test";
	fixture->conf.timeout = 5000;
	fixture->conf.connections = 32;
	fixture->now = START;
	fixture->clock.now = fixture_now;
	fixture->clock.argument = fixture;
}

void
store_fixture_make_directory(struct store_fixture *fixture)
{
	int length;

	length = snprintf(fixture->directory, sizeof(fixture->directory),
	    "/tmp/gatepost-store-XXXXXX");
	assert_in_range(length, 1, sizeof(fixture->directory) - 1);
	assert_non_null(mkdtemp(fixture->directory));
	fixture->conf.path = fixture->directory;
}

/* The directory has files only. */
static void
remove_directory(const char *path)
{
	struct dirent *entry;
	DIR *directory;

	if ((directory = opendir(path)) == NULL)
		return;
	while ((entry = readdir(directory)) != NULL)
		if (entry->d_name[0] != '.')
			(void)unlinkat(dirfd(directory), entry->d_name, 0);
	closedir(directory);
	(void)rmdir(path);
}

void
store_fixture_end(struct store_fixture *fixture)
{
	store_close(&fixture->store);
	if (fixture->directory[0] != '\0')
		remove_directory(fixture->directory);
}

enum status
store_fixture_try_open(struct store_fixture *fixture)
{
	enum status status;

	status = fixture->is_daemon ?
	    store_open_for_daemon(
		&fixture->conf, &fixture->clock, &fixture->store) :
	    store_open(&fixture->conf, &fixture->clock, &fixture->store);
	if (status != STATUS_OK)
		assert_null(fixture->store);
	return status;
}

void
store_fixture_open(struct store_fixture *fixture)
{
	assert_int_equal(store_fixture_try_open(fixture), STATUS_OK);
	assert_non_null(fixture->store);
}

void
store_fixture_run(struct store_fixture *fixture,
    struct store_operation *operations, size_t count)
{
	assert_int_equal(
	    store_run(fixture->store, operations, count), STATUS_OK);
}

static struct store_operation
run_one(struct store_fixture *fixture, struct store_operation operation)
{
	store_fixture_run(fixture, &operation, 1);
	return operation;
}

struct store_operation
store_fixture_read(
    struct store_fixture *fixture, const char *key, int64_t half_life_seconds)
{
	return run_one(fixture,
	    (struct store_operation){ .verb = STORE_READ,
		.key = key,
		.half_life_seconds = half_life_seconds });
}

struct store_operation
store_fixture_add(struct store_fixture *fixture, const char *key, double ham,
    double spam, int64_t half_life_seconds)
{
	return run_one(fixture,
	    (struct store_operation){ .verb = STORE_ADD,
		.key = key,
		.half_life_seconds = half_life_seconds,
		.lifetime_seconds = 400 * DAY,
		.add = { ham, spam } });
}

struct store_operation
store_fixture_peek(struct store_fixture *fixture, const char *key)
{
	return run_one(fixture,
	    (struct store_operation){ .verb = STORE_PEEK, .key = key });
}

struct store_operation
store_fixture_claim(struct store_fixture *fixture, const char *key,
    int64_t number, int64_t lifetime_seconds)
{
	return run_one(fixture,
	    (struct store_operation){ .verb = STORE_CLAIM,
		.key = key,
		.number = number,
		.lifetime_seconds = lifetime_seconds });
}

struct store_operation
store_fixture_set(struct store_fixture *fixture, const char *key,
    int64_t number, int64_t lifetime_seconds)
{
	return run_one(fixture,
	    (struct store_operation){ .verb = STORE_SET,
		.key = key,
		.number = number,
		.lifetime_seconds = lifetime_seconds });
}

struct store_operation
store_fixture_take(struct store_fixture *fixture, const char *key,
    double capacity, double per_second, double amount)
{
	return run_one(fixture,
	    (struct store_operation){ .verb = STORE_TAKE,
		.key = key,
		.capacity = capacity,
		.per_second = per_second,
		.amount = amount });
}

struct store_operation
store_fixture_forget(struct store_fixture *fixture, const char *key)
{
	return run_one(fixture,
	    (struct store_operation){ .verb = STORE_FORGET, .key = key });
}

void
store_fixture_pause(void)
{
	struct timespec moment = { 0, 10000000 };

	(void)nanosleep(&moment, NULL);
}
