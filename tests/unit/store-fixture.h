/*
 * store-fixture - a store in a test: configuration, a clock that the test
 * moves, a temporary directory.
 */
#ifndef GATEPOST_TESTS_STORE_FIXTURE_H
#define GATEPOST_TESTS_STORE_FIXTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/store/store-conf.h"
#include "lib/store/store.h"

#define DAY  INT64_C(86400)
#define YEAR (INT64_C(365) * DAY)

struct store_fixture {
	struct store_conf conf; /* the defaults, a long timeout */
	int64_t now;            /* what the clock says */
	struct store_clock clock;
	bool is_daemon; /* it opens the store as one */
	struct store *store;
	char directory[64]; /* "": none was made */
	void *backend;      /* for who sets up a backend */
};

/* store_fixture_init - everything but the store itself */
void store_fixture_init(struct store_fixture *fixture);

/* store_fixture_make_directory - a new one; also conf.path */
void store_fixture_make_directory(struct store_fixture *fixture);

/* store_fixture_end - closes the store, removes the directory */
void store_fixture_end(struct store_fixture *fixture);

/* store_fixture_try_open - the status, whatever it is */
enum status store_fixture_try_open(struct store_fixture *fixture);

/* store_fixture_open - fails the test unless STATUS_OK */
void store_fixture_open(struct store_fixture *fixture);

/* store_fixture_run - fails the test unless STATUS_OK */
void store_fixture_run(struct store_fixture *fixture,
    struct store_operation *operations, size_t count);

/* One operation, answered; the values that a test does not care for are set. */
struct store_operation store_fixture_read(
    struct store_fixture *fixture, const char *key, int64_t half_life_seconds);
struct store_operation store_fixture_add(struct store_fixture *fixture,
    const char *key, double ham, double spam, int64_t half_life_seconds);
struct store_operation store_fixture_peek(
    struct store_fixture *fixture, const char *key);
struct store_operation store_fixture_claim(struct store_fixture *fixture,
    const char *key, int64_t number, int64_t lifetime_seconds);
struct store_operation store_fixture_set(struct store_fixture *fixture,
    const char *key, int64_t number, int64_t lifetime_seconds);
struct store_operation store_fixture_take(struct store_fixture *fixture,
    const char *key, double capacity, double per_second, double amount);
struct store_operation store_fixture_forget(
    struct store_fixture *fixture, const char *key);

/* store_fixture_pause - a moment, between two looks at something */
void store_fixture_pause(void);

#endif
