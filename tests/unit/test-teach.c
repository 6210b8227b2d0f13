/* Lessons of a person: once, twice, the other way, taken back, later. */
#include "config.h"

#include "lib/reputation/teach.h"

#include <math.h>
#include <string.h>

#include "lib/store/store-conf.h"
#include "tests/unit/unit.h"

#define DAY    INT64_C(86400)
#define DAY_MS (DAY * 1000)
#define START  INT64_C(1700000000)

static const struct reputation_conf conf = { true, 30 * DAY_MS, 1.0, 8.0,
	180 * DAY_MS, 30 * DAY_MS };

struct fixture {
	int64_t now;
	int64_t step; /* by which each look at the clock moves it */
	struct store *store;
	struct region *region;
	struct reputation_subjects subjects; /* an address and a claimed HELO */
};

static int64_t
fixture_now(void *argument)
{
	struct fixture *fixture = argument;

	return fixture->now += fixture->step;
}

static void
fixture_open(struct fixture *fixture, int backend)
{
	struct store_conf store = { .backend = backend, .size = 1 << 20 };
	static struct store_clock clock;
	struct reputation_source source = { .helo = "liar.test", .ptr = "" };

	clock.now = fixture_now;
	clock.argument = fixture;
	fixture->now = START;
	fixture->step = 0;
	fixture->region = region_new();
	assert_int_equal(
	    store_open(&store, &clock, &fixture->store), STATUS_OK);
	assert_int_equal(ip_parse("192.0.2.1", &source.client_ip), STATUS_OK);
	assert_int_equal(reputation_subjects_of(fixture->region, &conf, &source,
			     &fixture->subjects),
	    STATUS_OK);
	assert_int_equal(fixture->subjects.count, 3);
}

static void
fixture_close(struct fixture *fixture)
{
	store_close(&fixture->store);
	region_free(&fixture->region);
}

static enum teach_outcome
teach(struct fixture *fixture, const char *identity, enum teach_lesson lesson)
{
	enum teach_outcome outcome;

	assert_int_equal(
	    teach_message(fixture->store, &conf, identity, &fixture->subjects,
		lesson, fixture->now, &outcome),
	    STATUS_OK);
	return outcome;
}

static void
expect_counters(
    struct fixture *fixture, const char *key, double ham, double spam)
{
	struct store_operation read = {
		.verb = STORE_READ, .key = key, .half_life_seconds = 30 * DAY
	};

	assert_int_equal(store_run(fixture->store, &read, 1), STATUS_OK);
	if (fabs(read.pair.ham - ham) > 0.001 ||
	    fabs(read.pair.spam - spam) > 0.001)
		fail_msg(
		    "%s: ham %g spam %g", key, read.pair.ham, read.pair.spam);
}

static void
expect(struct fixture *fixture, double ham, double spam, double claimed_spam)
{
	expect_counters(fixture, "ip:192.0.2.1@2592000", ham, spam);
	expect_counters(fixture, "net:192.0.2.0/24@2592000", ham, spam);
	expect_counters(fixture, "helo:?liar.test@2592000", 0, claimed_spam);
}

static void
test_lessons(void **state GP_UNUSED)
{
	struct fixture fixture;

	fixture_open(&fixture, STORE_BACKEND_MEMORY);
	assert_int_equal(teach(&fixture, "m1", TEACH_FORGET), TEACH_NO_CHANGE);
	expect(&fixture, 0, 0, 0);
	assert_int_equal(teach(&fixture, "m1", TEACH_HAM), TEACH_LEARNED);
	expect(&fixture, TEACH_WEIGHT, 0, 0);
	assert_int_equal(teach(&fixture, "m1", TEACH_HAM), TEACH_NO_CHANGE);
	expect(&fixture, TEACH_WEIGHT, 0, 0);
	assert_int_equal(teach(&fixture, "m1", TEACH_SPAM), TEACH_TURNED);
	expect(&fixture, 0, TEACH_WEIGHT, TEACH_WEIGHT);
	assert_int_equal(teach(&fixture, "m2", TEACH_SPAM), TEACH_LEARNED);
	expect(&fixture, 0, 2 * TEACH_WEIGHT, 2 * TEACH_WEIGHT);
	assert_int_equal(teach(&fixture, "m1", TEACH_HAM), TEACH_TURNED);
	expect(&fixture, TEACH_WEIGHT, TEACH_WEIGHT, TEACH_WEIGHT);
	assert_int_equal(teach(&fixture, "m1", TEACH_FORGET), TEACH_FORGOTTEN);
	expect(&fixture, 0, TEACH_WEIGHT, TEACH_WEIGHT);
	assert_int_equal(teach(&fixture, "m1", TEACH_FORGET), TEACH_NO_CHANGE);
	assert_int_equal(teach(&fixture, "m2", TEACH_FORGET), TEACH_FORGOTTEN);
	expect(&fixture, 0, 0, 0);
	assert_int_equal(teach(&fixture, "m1", TEACH_HAM), TEACH_LEARNED);
	fixture_close(&fixture);
}

/* What is taken back is what is left: others' lessons stay. */
static void
test_taken_back_later(void **state GP_UNUSED)
{
	struct fixture fixture;

	fixture_open(&fixture, STORE_BACKEND_MEMORY);
	assert_int_equal(teach(&fixture, "m1", TEACH_SPAM), TEACH_LEARNED);
	fixture.now += 30 * DAY;
	expect(&fixture, 0, TEACH_WEIGHT / 2.0, TEACH_WEIGHT / 2.0);
	assert_int_equal(teach(&fixture, "m2", TEACH_SPAM), TEACH_LEARNED);
	assert_int_equal(teach(&fixture, "m1", TEACH_FORGET), TEACH_FORGOTTEN);
	expect(&fixture, 0, TEACH_WEIGHT, TEACH_WEIGHT);
	/* So long ago that it says nothing: it may be taught again. */
	fixture.now += 181 * DAY;
	assert_int_equal(teach(&fixture, "m2", TEACH_SPAM), TEACH_LEARNED);
	expect(&fixture, 0, TEACH_WEIGHT, TEACH_WEIGHT);
	fixture_close(&fixture);
}

/* A clock that went back makes nothing more than it was. */
static void
test_clock_goes_back(void **state GP_UNUSED)
{
	struct fixture fixture;

	fixture_open(&fixture, STORE_BACKEND_MEMORY);
	assert_int_equal(teach(&fixture, "m1", TEACH_SPAM), TEACH_LEARNED);
	fixture.now -= 300 * DAY;
	assert_int_equal(teach(&fixture, "m1", TEACH_FORGET), TEACH_FORGOTTEN);
	expect(&fixture, 0, 0, 0);
	fixture_close(&fixture);
}

static struct store_operation
run(struct fixture *fixture, enum store_verb verb, const char *key)
{
	struct store_operation operation = { .verb = verb,
		.key = key,
		.half_life_seconds = 30 * DAY,
		.lifetime_seconds = TEACH_CLAIM_SECONDS,
		.add = { 1, 1 } };

	assert_int_equal(store_run(fixture->store, &operation, 1), STATUS_OK);
	return operation;
}

/* A program that died with the message in its hands: it can be taught when the
 * claim has ended. */
static void
test_claim_of_another(void **state GP_UNUSED)
{
	struct fixture fixture;

	fixture_open(&fixture, STORE_BACKEND_MEMORY);
	run(&fixture, STORE_CLAIM, "learning:m1@2592000");
	fixture.step = 1;
	assert_int_equal(teach(&fixture, "m1", TEACH_HAM), TEACH_LEARNED);
	assert_true(fixture.now >= START + TEACH_CLAIM_SECONDS);
	fixture.step = 0;
	expect(&fixture, TEACH_WEIGHT, 0, 0);
	assert_false(run(&fixture, STORE_PEEK, "learning:m1@2592000").found);
	/* Who says the same again needs no claim. */
	run(&fixture, STORE_CLAIM, "learning:m1@2592000");
	assert_int_equal(teach(&fixture, "m1", TEACH_HAM), TEACH_NO_CHANGE);
	fixture_close(&fixture);
}

/* Something else stands under the keys: nothing is learned, and that is told. */
static void
test_wrong_type(void **state GP_UNUSED)
{
	static const char *const keys[] = { "learning:m1@2592000",
		"learned:m1@2592000" };
	struct fixture fixture;
	enum teach_outcome outcome;
	size_t i;

	for (i = 0; i < GP_NELEMS(keys); i++) {
		fixture_open(&fixture, STORE_BACKEND_MEMORY);
		run(&fixture, STORE_ADD, keys[i]);
		assert_int_equal(
		    teach_message(fixture.store, &conf, "m1", &fixture.subjects,
			TEACH_HAM, fixture.now, &outcome),
		    STATUS_IO);
		expect(&fixture, 0, 0, 0);
		fixture_close(&fixture);
	}
}

/* One counter cannot be added to: nothing is learned, and that is no lesson of
 * which the store knows; then it can be, and it is learned once. */
static void
test_counter_refuses(void **state GP_UNUSED)
{
	struct fixture fixture;
	enum teach_outcome outcome;
	int i;

	fixture_open(&fixture, STORE_BACKEND_MEMORY);
	run(&fixture, STORE_SET, "net:192.0.2.0/24@2592000");
	for (i = 0; i < 2; i++)
		assert_int_equal(
		    teach_message(fixture.store, &conf, "m1", &fixture.subjects,
			TEACH_SPAM, fixture.now, &outcome),
		    STATUS_IO);
	expect_counters(&fixture, "ip:192.0.2.1@2592000", 0, 0);
	expect_counters(&fixture, "helo:?liar.test@2592000", 0, 0);
	assert_false(run(&fixture, STORE_PEEK, "learned:m1@2592000").found);
	assert_false(run(&fixture, STORE_PEEK, "learning:m1@2592000").found);
	run(&fixture, STORE_FORGET, "net:192.0.2.0/24@2592000");
	assert_int_equal(teach(&fixture, "m1", TEACH_SPAM), TEACH_LEARNED);
	expect(&fixture, 0, TEACH_WEIGHT, TEACH_WEIGHT);
	fixture_close(&fixture);
}

/* Counters of another half-life begin anew, and so do lessons. */
static void
test_other_half_life(void **state GP_UNUSED)
{
	struct reputation_conf other = conf;
	struct fixture fixture;
	enum teach_outcome outcome;

	other.half_life = 10 * DAY_MS;
	fixture_open(&fixture, STORE_BACKEND_MEMORY);
	assert_int_equal(teach(&fixture, "m1", TEACH_SPAM), TEACH_LEARNED);
	assert_int_equal(
	    teach_message(fixture.store, &other, "m1", &fixture.subjects,
		TEACH_SPAM, fixture.now, &outcome),
	    STATUS_OK);
	assert_int_equal(outcome, TEACH_LEARNED);
	fixture_close(&fixture);
}

static void
test_no_store(void **state GP_UNUSED)
{
	struct fixture fixture;
	enum teach_outcome outcome;

	fixture_open(&fixture, STORE_BACKEND_NONE);
	assert_int_not_equal(
	    teach_message(fixture.store, &conf, "m1", &fixture.subjects,
		TEACH_HAM, fixture.now, &outcome),
	    STATUS_OK);
	fixture_close(&fixture);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lessons),
		cmocka_unit_test(test_taken_back_later),
		cmocka_unit_test(test_clock_goes_back),
		cmocka_unit_test(test_claim_of_another),
		cmocka_unit_test(test_wrong_type),
		cmocka_unit_test(test_counter_refuses),
		cmocka_unit_test(test_other_half_life),
		cmocka_unit_test(test_no_store),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
