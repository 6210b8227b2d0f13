/* Limits of senders: names, exceptions, buckets, marks; over the memory store. */
#include "config.h"

#include "lib/guard/guard.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/store/store-conf.h"
#include "tests/unit/store-fixture.h"
#include "tests/unit/unit.h"

#define MINUTE   60
#define HOUR     (60 * MINUTE)
#define THREADS  8
#define EACH     40
#define PARALLEL 100 /* of THREADS * EACH messages these may pass */

struct fixture {
	struct store_fixture store;
	struct region *region;
	struct guard_conf conf;
};

static int
setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	assert_non_null(fixture);
	store_fixture_init(&fixture->store);
	fixture->store.conf.backend = STORE_BACKEND_MEMORY;
	store_fixture_open(&fixture->store);
	assert_non_null(fixture->region = region_new());
	fixture->conf.messages = (struct conf_rate){ 3, MINUTE * 1000 };
	fixture->conf.recipients = (struct conf_rate){ 10, HOUR * 1000 };
	fixture->conf.junk = (struct conf_rate){ 20, HOUR * 1000 };
	fixture->conf.duration = HOUR * 1000;
	fixture->conf.notify = "postmaster";
	*state = fixture;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *fixture = *state;

	store_fixture_end(&fixture->store);
	region_free(&fixture->region);
	free(fixture);
	return 0;
}

static struct guard_sender
sender_of(struct fixture *fixture, const char *name)
{
	struct guard_sender sender;

	assert_int_equal(
	    guard_sender_named(fixture->region, name, &sender), STATUS_OK);
	return sender;
}

static struct guard_state
count(struct fixture *fixture, const char *name, double recipients, double junk)
{
	struct guard_sender sender = sender_of(fixture, name);
	const struct guard_amounts amounts = { { 1, recipients, junk } };
	struct guard_state state;

	assert_int_equal(guard_count(fixture->store.store, &fixture->conf,
			     &sender, &amounts, &state),
	    STATUS_OK);
	return state;
}

static struct guard_amounts
used(struct fixture *fixture, const char *name)
{
	struct guard_sender sender = sender_of(fixture, name);
	struct guard_amounts amounts;
	struct guard_state state;

	assert_int_equal(guard_look(fixture->store.store, &fixture->conf,
			     &sender, &state, &amounts),
	    STATUS_OK);
	return amounts;
}

static const struct {
	const char *login, *ip, *name;
} names[] = {
	{ "ann", "192.0.2.1", "ann" },
	{ "Ann@Example.COM", "192.0.2.1", "ann@example.com" },
	{ "", "192.0.2.1", "[192.0.2.1]" },
	{ "", "2001:DB8::1", "[2001:db8::1]" },
	{ "", "::ffff:192.0.2.1", "[192.0.2.1]" },
	{ "[x", "192.0.2.1", "[x" },
	{ "[X]", "192.0.2.1", "[x]" },
	{ "[192.0.2.1]", "192.0.2.9", "[192.0.2.1]" },
	{ "2001:db8::1", "192.0.2.9", "[2001:db8::1]" },
};

static void
test_names(void **state)
{
	struct fixture *fixture = *state;
	struct guard_sender sender;
	struct ip ip;
	size_t i;

	for (i = 0; i < GP_NELEMS(names); i++) {
		assert_int_equal(ip_parse(names[i].ip, &ip), STATUS_OK);
		assert_int_equal(guard_sender_of(fixture->region,
				     names[i].login, &ip, &sender),
		    STATUS_OK);
		assert_string_equal(sender.name, names[i].name);
	}
	assert_string_equal(
	    sender.bucket_keys[GUARD_JUNK], "guardjunk:[2001:db8::1]");
}

static const struct {
	const char *login, *ip;
	bool is_excepted;
} exceptions[] = {
	{ "News@example.com", "198.51.100.1", true },
	{ "other@example.com", "192.0.2.1", false },
	{ "", "192.0.2.1", true },
	{ "", "192.0.3.1", false },
	{ "", "203.0.113.5", true },
	{ "192.0.2.7", "198.51.100.1", false },
};

static void
test_exceptions(void **state)
{
	const char *const items[] = { "news@example.com", "192.0.2.0/24",
		"203.0.113.5" };
	struct fixture *fixture = *state;
	struct ip ip;
	size_t i;

	fixture->conf.except.items = items;
	fixture->conf.except.count = GP_NELEMS(items);
	for (i = 0; i < GP_NELEMS(exceptions); i++) {
		assert_int_equal(ip_parse(exceptions[i].ip, &ip), STATUS_OK);
		if (guard_is_excepted(&fixture->conf, exceptions[i].login,
			&ip) != exceptions[i].is_excepted)
			fail_msg("%zu: %s", i, exceptions[i].login);
	}
}

static void
test_messages(void **state)
{
	struct fixture *fixture = *state;
	struct guard_state now;
	int i;

	for (i = 0; i < 3; i++)
		assert_false(count(fixture, "ann", 1, 0).is_over);
	now = count(fixture, "ann", 1, 0);
	assert_true(now.is_over && now.is_new);
	assert_int_equal(now.limit, GUARD_MESSAGES);
	now = count(fixture, "Ann", 1, 0);
	assert_true(now.is_over && !now.is_new);
	assert_int_equal(now.over_at, fixture->store.now);
	assert_false(count(fixture, "bob", 1, 0).is_over);

	/* The bucket has filled long ago, the mail is still stopped. */
	fixture->store.now += HOUR - 1;
	assert_true(count(fixture, "ann", 1, 0).is_over);
	fixture->store.now += 2;
	for (i = 0; i < 3; i++)
		assert_false(count(fixture, "ann", 1, 0).is_over);
	assert_true(count(fixture, "ann", 1, 0).is_new);
}

/* What is over counts no more; what is below the rate never is. */
static void
test_counts(void **state)
{
	struct fixture *fixture = *state;
	struct guard_amounts amounts;
	int i;

	for (i = 0; i < 5; i++)
		(void)count(fixture, "ann", 2, 0);
	amounts = used(fixture, "ann");
	assert_true(fabs(amounts.of[GUARD_MESSAGES] - 3) < 0.001);
	/* The one that went over the limit of messages took its recipients. */
	assert_true(fabs(amounts.of[GUARD_RECIPIENTS] - 8) < 0.001);
	assert_true(fabs(amounts.of[GUARD_JUNK]) < 0.001);
	amounts = used(fixture, "nobody");
	assert_true(fabs(amounts.of[GUARD_MESSAGES]) < 0.001);
	for (i = 0; i < 50; i++, fixture->store.now += 6 * MINUTE)
		assert_false(count(fixture, "bob", 1, 0).is_over);
}

static void
test_other_limits(void **state)
{
	struct fixture *fixture = *state;
	struct guard_state now;

	assert_false(count(fixture, "ann", 10, 0).is_over);
	now = count(fixture, "ann", 1, 0);
	assert_true(now.is_new);
	assert_int_equal(now.limit, GUARD_RECIPIENTS);
	now = count(fixture, "all at once", 11, 0);
	assert_int_equal(now.limit, GUARD_RECIPIENTS);
	assert_true(now.is_new);

	assert_false(count(fixture, "bob", 1, 12.5).is_over);
	assert_false(count(fixture, "bob", 1, 7.5).is_over);
	now = count(fixture, "bob", 1, 0.01);
	assert_true(now.is_new);
	assert_int_equal(now.limit, GUARD_JUNK);
	assert_int_equal(count(fixture, "bob", 1, 0).limit, GUARD_JUNK);
}

static void
test_off(void **state)
{
	struct fixture *fixture = *state;
	struct guard_conf *conf = &fixture->conf;
	int i;

	assert_false(guard_is_off(conf));
	conf->messages.count = conf->recipients.count = 0;
	for (i = 0; i < 100; i++)
		assert_false(count(fixture, "ann", 100, 0.1).is_over);
	assert_false(guard_is_off(conf));
	conf->junk.count = 0;
	assert_true(guard_is_off(conf));
	assert_false(count(fixture, "ann", 100, 1000).is_over);
	assert_true(fabs(used(fixture, "ann").of[GUARD_JUNK]) < 0.001);
}

static void
test_reset(void **state)
{
	struct fixture *fixture = *state;
	struct guard_sender sender = sender_of(fixture, "ann");
	int i;

	for (i = 0; i < 4; i++)
		(void)count(fixture, "ann", 1, 0);
	assert_true(guard_claim_notice(fixture->store.store, &sender));
	assert_int_equal(guard_reset(fixture->store.store, &sender), STATUS_OK);
	for (i = 0; i < 3; i++)
		assert_false(count(fixture, "ann", 1, 0).is_over);
	assert_true(count(fixture, "ann", 1, 0).is_new);
	assert_true(guard_claim_notice(fixture->store.store, &sender));
}

static void
test_notice_claims(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = fixture->store.store;
	struct guard_sender ann = sender_of(fixture, "ann"),
			    bob = sender_of(fixture, "bob");

	assert_true(guard_claim_notice(store, &ann));
	assert_false(guard_claim_notice(store, &ann));
	assert_true(guard_claim_notice(store, &bob));
	guard_end_notice(store, &ann, false);
	assert_true(guard_claim_notice(store, &ann));
	guard_end_notice(store, &ann, true);
	assert_true(count(fixture, "ann", 1, 0).is_told);
	fixture->store.now += DAY - 1;
	assert_false(guard_claim_notice(store, &ann));
	fixture->store.now += 2;
	assert_true(guard_claim_notice(store, &ann));
	fixture->store.now += GUARD_NOTICE_SECONDS + 1; /* who claimed died */
	assert_true(guard_claim_notice(store, &ann));
}

struct crowd {
	struct fixture *fixture;
	struct guard_sender sender;
	_Atomic int passed, news;
};

static void *
send_many(void *argument)
{
	struct crowd *crowd = argument;
	const struct guard_amounts amounts = { { 1, 1, 0 } };
	struct guard_state state;
	int i;

	for (i = 0; i < EACH; i++) {
		if (guard_count(crowd->fixture->store.store,
			&crowd->fixture->conf, &crowd->sender, &amounts,
			&state) != STATUS_OK)
			return NULL;
		atomic_fetch_add(&crowd->passed, !state.is_over);
		atomic_fetch_add(&crowd->news, state.is_new);
	}
	return NULL;
}

/* No message twice, none left out, and one that is the first. */
static void
test_parallel(void **state)
{
	struct crowd crowd = { *state, sender_of(*state, "ann"), 0, 0 };
	pthread_t threads[THREADS];
	int i;

	crowd.fixture->conf.messages.count = PARALLEL;
	crowd.fixture->conf.recipients.count = 0;
	for (i = 0; i < THREADS; i++)
		assert_int_equal(
		    pthread_create(&threads[i], NULL, send_many, &crowd), 0);
	for (i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	assert_int_equal(atomic_load(&crowd.passed), PARALLEL);
	assert_int_equal(atomic_load(&crowd.news), 1);
}

static void
test_no_store(void **state)
{
	struct fixture *fixture = *state;
	struct guard_sender sender = sender_of(fixture, "ann");
	const struct guard_amounts amounts = { { 1, 1, 0 } };
	struct guard_amounts gone;
	struct guard_state now;

	store_close(&fixture->store.store);
	fixture->store.conf.backend = STORE_BACKEND_NONE;
	store_fixture_open(&fixture->store);
	assert_int_equal(guard_count(fixture->store.store, &fixture->conf,
			     &sender, &amounts, &now),
	    STATUS_BUSY);
	assert_false(now.is_over);
	assert_int_equal(guard_look(fixture->store.store, &fixture->conf,
			     &sender, &now, &gone),
	    STATUS_BUSY);
	assert_false(guard_claim_notice(fixture->store.store, &sender));
	guard_end_notice(fixture->store.store, &sender, true);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_names, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_exceptions, setup, teardown),
		cmocka_unit_test_setup_teardown(test_messages, setup, teardown),
		cmocka_unit_test_setup_teardown(test_counts, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_other_limits, setup, teardown),
		cmocka_unit_test_setup_teardown(test_off, setup, teardown),
		cmocka_unit_test_setup_teardown(test_reset, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_notice_claims, setup, teardown),
		cmocka_unit_test_setup_teardown(test_parallel, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_store, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
