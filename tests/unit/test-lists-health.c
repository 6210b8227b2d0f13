/* Lists that fail, that refuse us, and that heal. */
#include "config.h"

#include "lib/lists/lists.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "lib/base/log.h"
#include "lib/lists/lists-private.h"

#include "tests/unit/lists-fixture.h"

#define ZEN "zen.spamhaus.org"

/* What is logged meanwhile, to standard error. */
struct capture {
	FILE *file;
	int stderr_fd;
	char text[4096];
};

static void
capture_begin(struct capture *capture)
{
	log_open("test", false, LOG_LEVEL_INFO);
	capture->file = tmpfile();
	assert_non_null(capture->file);
	fflush(stderr);
	capture->stderr_fd = dup(STDERR_FILENO);
	assert_int_not_equal(capture->stderr_fd, -1);
	dup2(fileno(capture->file), STDERR_FILENO);
}

static const char *
capture_end(struct capture *capture)
{
	size_t length;

	fflush(stderr);
	dup2(capture->stderr_fd, STDERR_FILENO);
	close(capture->stderr_fd);
	rewind(capture->file);
	length =
	    fread(capture->text, 1, sizeof(capture->text) - 1, capture->file);
	capture->text[length] = '\0';
	fclose(capture->file);
	return capture->text;
}

static struct list *
list_of(struct fixture *fixture, const char *zone)
{
	size_t i;

	for (i = 0; i < fixture->lists->count; i++)
		if (strcmp(fixture->lists->items[i]->shown_zone, zone) == 0)
			return fixture->lists->items[i];
	fail_msg("no list %s", zone);
	return NULL;
}

/* As if its time had come: the test runs and ends. */
static void
test_again(struct fixture *fixture, const char *zone)
{
	list_of(fixture, zone)->test_due_ms = clock_now_ms();
	lists_tick(fixture->lists);
	lists_tick(fixture->lists);
}

static void
expect_state(struct fixture *fixture, const char *zone, enum lists_state state,
    const char *reason)
{
	const struct lists_status *row = fixture_status(fixture, zone);

	if (row->state != state || strcmp(row->reason, reason) != 0)
		fail_msg("%s is %s: %s", zone, lists_state_text(row->state),
		    row->reason);
}

/* All shipped lists, with the entries that their operators document. */
static void
test_all_on(void **state GP_UNUSED)
{
	struct fixture fixture;
	struct lists_status *rows;
	size_t i, count;

	fixture_open(&fixture);
	fixture_start(&fixture);
	assert_int_equal(
	    lists_status_all(fixture.lists, fixture.region, &rows, &count),
	    STATUS_OK);
	assert_int_equal(count, 12);
	for (i = 0; i < count; i++) {
		bool is_hash_list =
		    strcmp(rows[i].subjects, "mail address") == 0;

		if (rows[i].state !=
			(is_hash_list ? LISTS_STATE_DISABLED :
					LISTS_STATE_ON) ||
		    rows[i].reason[0] != '\0' ||
		    (rows[i].tested_at != 0) == is_hash_list)
			fail_msg("%s is %s", rows[i].name,
			    lists_state_text(rows[i].state));
	}
	assert_string_equal(rows[0].name, "Spamhaus ZEN");
	assert_string_equal(rows[0].zone, ZEN);
	assert_string_equal(rows[0].subjects, "client, relay, URL address");
	assert_string_equal(rows[6].subjects, "domain");
	fixture_close(&fixture);
}

/* One way to fail each: a record or a fault, and the reason it gives. */
static void
test_failures(void **state GP_UNUSED)
{
	static const struct {
		const char *zone, *record, *fault;
		enum dns_result result;
		const char *reason;
	} cases[] = {
		{ ZEN, "1.0.0.127." ZEN ". A 127.0.0.2", NULL, DNS_FOUND,
		    "it answers for 127.0.0.1, which no list holds, so for "
		    "everything" },
		{ ZEN, "1.0.0.127." ZEN ". A 192.0.2.99", NULL, DNS_FOUND,
		    "it answers for 127.0.0.1, which no list holds, so for "
		    "everything" },
		{ "dbl.spamhaus.org", "*.dbl.spamhaus.org. A 127.0.1.2", NULL,
		    DNS_FOUND,
		    "it answers for invalid, which no list holds, so for "
		    "everything" },
		{ ZEN, "2.0.0.127." ZEN ". A 127.255.255.254", NULL, DNS_FOUND,
		    "it refuses our resolver (127.255.255.254: a public "
		    "resolver asks); leave forward in section dns empty, or "
		    "get a key and set dqs_key in section lists" },
		{ ZEN, "1.0.0.127." ZEN ". A 127.255.255.255", NULL, DNS_FOUND,
		    "it refuses our resolver (127.255.255.255: too many "
		    "questions); leave forward in section dns empty, or get a "
		    "key and set dqs_key in section lists" },
		{ "multi.uribl.com",
		    "test.uribl.com.multi.uribl.com. A 127.0.0.1", NULL,
		    DNS_FOUND,
		    "it refuses our resolver (127.0.0.1); leave forward in "
		    "section dns empty" },
		{ "list.dnswl.org", "2.0.0.127.list.dnswl.org. A 127.0.0.255",
		    NULL, DNS_FOUND,
		    "it refuses our resolver (127.0.0.255); leave forward in "
		    "section dns empty" },
		{ "rep.mailspike.net",
		    "1.0.0.127.rep.mailspike.net. A 127.255.255.252", NULL,
		    DNS_FOUND,
		    "it refuses our resolver (127.255.255.252: it does not "
		    "know this zone); leave forward in section dns empty" },
		{ ZEN, NULL, "2.0.0.127." ZEN, DNS_TIMEOUT,
		    "no answer about its test entry 127.0.0.2 (timeout)" },
		{ ZEN, NULL, "2.0.0.127." ZEN, DNS_SERVFAIL,
		    "no answer about its test entry 127.0.0.2 (servfail)" },
		{ "multi.surbl.org", NULL, "invalid.multi.surbl.org",
		    DNS_TIMEOUT,
		    "no answer about its test entry invalid (timeout)" },
	};
	struct fixture fixture;
	struct capture capture;
	size_t i;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		fixture_open(&fixture);
		if (cases[i].record != NULL)
			fixture_add(&fixture, cases[i].record);
		else
			fixture_fault(
			    &fixture, cases[i].fault, cases[i].result);
		capture_begin(&capture);
		fixture_start(&fixture);
		capture_end(&capture);
		expect_state(
		    &fixture, cases[i].zone, LISTS_STATE_OFF, cases[i].reason);
		assert_non_null(strstr(capture.text, cases[i].reason));
		fixture_close(&fixture);
	}
}

static bool
are_silent(struct fixture *fixture)
{
	struct lists_status *rows;
	size_t count;

	assert_int_equal(
	    lists_status_all(fixture->lists, fixture->region, &rows, &count),
	    STATUS_OK);
	return lists_are_silent(rows, count);
}

/* Its entry that it must not hold is not answered any more. */
static void
make_silent(struct fixture *fixture, const struct list *list)
{
	const char *entry = list->description->not_listed;
	char name[LISTS_PREFIX_BYTES + LISTS_ZONE_BYTES_MAX];

	if (strcmp(entry, "127.0.0.1") == 0)
		entry = "1.0.0.127";
	assert_true(snprintf(name, sizeof(name), "%s.%s", entry, list->zone) <
	    (int)sizeof(name));
	fixture_fault(fixture, name, DNS_TIMEOUT);
	test_again(fixture, list->shown_zone);
}

/* Silent is a list without an answer, not one with a bad one. */
static void
test_silence(void **state GP_UNUSED)
{
	struct fixture fixture;
	struct capture capture;
	size_t i;

	fixture_open(&fixture);
	capture_begin(&capture);
	fixture_start(&fixture);
	assert_false(lists_are_silent(NULL, 0));
	for (i = 0; i < fixture.lists->count; i++) {
		if (fixture.lists->items[i]->state == LISTS_STATE_DISABLED)
			continue;
		assert_false(are_silent(&fixture));
		make_silent(&fixture, fixture.lists->items[i]);
	}
	assert_true(are_silent(&fixture));
	assert_true(fixture_status(&fixture, ZEN)->is_silent);
	list_set_state(
	    fixture.lists, list_of(&fixture, ZEN), LISTS_STATE_ON, "");
	assert_false(fixture_status(&fixture, ZEN)->is_silent);
	assert_false(are_silent(&fixture));
	capture_end(&capture);
	fixture_close(&fixture);
}

static size_t
count_lines(const char *text)
{
	size_t count = 0;

	for (; *text != '\0'; text++)
		count += *text == '\n';
	return count;
}

/* From off to on, to off by an answer, to on, to off: one line each. */
static void
test_transitions(void **state GP_UNUSED)
{
	struct fixture fixture;
	struct capture capture;
	const char *missing = "its test entry 127.0.0.2 is missing (RFC 5782)";
	int i;

	fixture_open(&fixture);
	fixture.conf.own_block.items = (const char *const[]){ "bl.test" };
	fixture.conf.own_block.count = 1;
	fixture_add(&fixture, "1.2.0.192.bl.test. A 127.0.0.5");
	capture_begin(&capture);
	fixture_start(&fixture);
	for (i = 0; i < 5; i++)
		test_again(&fixture, "bl.test");
	capture_end(&capture);
	assert_string_equal(capture.text,
	    "test: warning: the list bl.test (bl.test) is off: its test entry "
	    "127.0.0.2 is missing (RFC 5782); add it to the zone\n");
	assert_non_null(
	    strstr(fixture_status(&fixture, "bl.test")->reason, missing));
	fixture_expect(&fixture, LISTS_CLIENT, "192.0.2.1", "");

	fixture_add(&fixture, "2.0.0.127.bl.test. A 127.0.0.2");
	capture_begin(&capture);
	for (i = 0; i < 5; i++)
		test_again(&fixture, "bl.test");
	capture_end(&capture);
	assert_string_equal(
	    capture.text, "test: the list bl.test (bl.test) is on again\n");
	expect_state(&fixture, "bl.test", LISTS_STATE_ON, "");
	fixture_expect(
	    &fixture, LISTS_CLIENT, "192.0.2.1", "RBL_OWN(192.0.2.1)");

	fixture_add(&fixture, "1.2.0.192.bl.test. A 127.255.255.255");
	capture_begin(&capture);
	fixture_expect(&fixture, LISTS_CLIENT, "192.0.2.1", "");
	fixture_expect(&fixture, LISTS_CLIENT, "192.0.2.1", "");
	capture_end(&capture);
	assert_int_equal(count_lines(capture.text), 1);
	assert_non_null(strstr(capture.text, "too many questions"));
	assert_int_equal(
	    fixture_status(&fixture, "bl.test")->state, LISTS_STATE_OFF);

	test_again(&fixture, "bl.test");
	expect_state(&fixture, "bl.test", LISTS_STATE_ON, "");
	fixture_fault(&fixture, "2.0.0.127.bl.test", DNS_SERVFAIL);
	capture_begin(&capture);
	test_again(&fixture, "bl.test");
	test_again(&fixture, "bl.test");
	capture_end(&capture);
	assert_int_equal(count_lines(capture.text), 1);
	assert_int_equal(
	    fixture_status(&fixture, "bl.test")->state, LISTS_STATE_OFF);
	fixture_close(&fixture);
}

/* A live refusal is no hit, and costs no question from then on. */
static void
test_refused(void **state GP_UNUSED)
{
	static const struct {
		const char *record;
		enum lists_subject subject;
		const char *text, *zone;
	} cases[] = {
		{ "1.2.0.192." ZEN ". A 127.255.255.254", LISTS_CLIENT,
		    "192.0.2.1", ZEN },
		{ "1.2.0.192." ZEN ". A 127.255.255.1", LISTS_RELAY,
		    "192.0.2.1", ZEN },
		{ "1.2.0.192.list.dnswl.org. A 127.0.0.255", LISTS_CLIENT,
		    "192.0.2.1", "list.dnswl.org" },
		{ "a.example.multi.uribl.com. A 127.0.0.1", LISTS_DOMAIN,
		    "a.example", "multi.uribl.com" },
		{ "a.example.multi.surbl.org. A 127.0.0.1", LISTS_DOMAIN,
		    "a.example", "multi.surbl.org" },
		{ "a.example.dbl.spamhaus.org. A 127.255.255.252", LISTS_DOMAIN,
		    "a.example", "dbl.spamhaus.org" },
	};
	struct fixture fixture;
	struct capture capture;
	uint64_t begin, middle;
	size_t i;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		fixture_open(&fixture);
		fixture_add(&fixture, cases[i].record);
		fixture_start(&fixture);
		begin = dns_questions_asked(fixture.dns);
		capture_begin(&capture);
		fixture_expect(&fixture, cases[i].subject, cases[i].text, "");
		capture_end(&capture);
		assert_int_equal(count_lines(capture.text), 1);
		assert_int_equal(fixture_status(&fixture, cases[i].zone)->state,
		    LISTS_STATE_OFF);
		middle = dns_questions_asked(fixture.dns);
		fixture_expect(&fixture, cases[i].subject, cases[i].text, "");
		assert_int_equal(dns_questions_asked(fixture.dns) - middle,
		    middle - begin - 1);
		fixture_close(&fixture);
	}
}

/* Before the first test has ended, a query tests for itself. */
static void
test_untested(void **state GP_UNUSED)
{
	struct fixture fixture;
	struct capture capture;

	fixture_open(&fixture);
	fixture_add(&fixture, "1.2.0.192." ZEN ". A 127.0.0.2");
	fixture_add(&fixture, "1.2.0.192.bl.spamcop.net. A 127.0.0.2");
	fixture_add(&fixture, "1.0.0.127.bl.spamcop.net. A 127.0.0.2");
	fixture_add(&fixture, "1.2.0.192.psbl.surriel.com. A 127.0.0.2");
	fixture_fault(&fixture, "2.0.0.127.psbl.surriel.com", DNS_TIMEOUT);
	assert_int_equal(
	    lists_new(&fixture.conf, fixture.dns, &fixture.lists), STATUS_OK);
	expect_state(&fixture, ZEN, LISTS_STATE_UNTESTED, "");
	capture_begin(&capture);
	fixture_expect(
	    &fixture, LISTS_CLIENT, "192.0.2.1", "RBL_ZEN_SBL(192.0.2.1)");
	capture_end(&capture);
	expect_state(&fixture, ZEN, LISTS_STATE_ON, "");
	assert_int_equal(
	    fixture_status(&fixture, "bl.spamcop.net")->state, LISTS_STATE_OFF);
	/* its own deadline passed; the list may be slow only */
	expect_state(&fixture, "psbl.surriel.com", LISTS_STATE_UNTESTED, "");
	assert_int_equal(count_lines(capture.text), 1);
	/* and the test that lists_new() began still ends */
	lists_wait_tests(fixture.lists);
	assert_int_equal(fixture_status(&fixture, "psbl.surriel.com")->state,
	    LISTS_STATE_OFF);
	expect_state(&fixture, "rep.mailspike.net", LISTS_STATE_ON, "");
	fixture_close(&fixture);
}

/* Lists that stop answering are tested before their time. */
static void
test_no_answers(void **state GP_UNUSED)
{
	struct fixture fixture;
	int i;

	fixture_open(&fixture);
	fixture_start(&fixture);
	fixture_fault(&fixture, "1.2.0.192." ZEN, DNS_TIMEOUT);
	for (i = 0; i < LISTS_FAILURES_MAX - 1; i++)
		fixture_expect(&fixture, LISTS_CLIENT, "192.0.2.1", "");
	fixture_expect(&fixture, LISTS_CLIENT, "192.0.2.2", "");
	for (i = 0; i < LISTS_FAILURES_MAX - 1; i++)
		fixture_expect(&fixture, LISTS_CLIENT, "192.0.2.1", "");
	assert_true(list_of(&fixture, ZEN)->test_due_ms > clock_now_ms());
	fixture_expect(&fixture, LISTS_CLIENT, "192.0.2.1", "");
	assert_true(list_of(&fixture, ZEN)->test_due_ms <= clock_now_ms());
	/* it only was slow about that one: it stays on */
	lists_tick(fixture.lists);
	lists_tick(fixture.lists);
	expect_state(&fixture, ZEN, LISTS_STATE_ON, "");
	assert_int_equal(list_of(&fixture, ZEN)->failures, 0);
	fixture_fault(&fixture, "2.0.0.127." ZEN, DNS_TIMEOUT);
	for (i = 0; i < LISTS_FAILURES_MAX; i++)
		fixture_expect(&fixture, LISTS_CLIENT, "192.0.2.1", "");
	lists_tick(fixture.lists);
	lists_tick(fixture.lists);
	assert_int_equal(fixture_status(&fixture, ZEN)->state, LISTS_STATE_OFF);
	fixture_close(&fixture);
}

/* When it is tested next, in milliseconds from now. */
static int64_t
due_in(struct fixture *fixture, const char *zone)
{
	return list_of(fixture, zone)->test_due_ms - clock_now_ms();
}

static void
test_intervals(void **state GP_UNUSED)
{
	struct fixture fixture;

	fixture_open(&fixture);
	fixture_fault(&fixture, "2.0.0.127.bl.spamcop.net", DNS_TIMEOUT);
	fixture.conf.test_interval = INT64_C(5000000);
	fixture.conf.retry_interval = INT64_C(7000000);
	fixture_start(&fixture);
	assert_in_range(due_in(&fixture, ZEN), 4000000, 5000000);
	assert_in_range(due_in(&fixture, "bl.spamcop.net"), 6000000, 7000000);
	/* a shorter one holds at once; what is off was just tested anew */
	fixture.conf.test_interval = INT64_C(2000000);
	fixture.conf.retry_interval = INT64_C(1000000);
	assert_int_equal(lists_reload(fixture.lists, &fixture.conf), STATUS_OK);
	lists_wait_tests(fixture.lists);
	assert_in_range(due_in(&fixture, ZEN), 1000000, 2000000);
	assert_in_range(due_in(&fixture, "bl.spamcop.net"), 1, 1000000);
	fixture_close(&fixture);
}

/* A reload keeps what is known, and queries end with what they asked. */
static void
test_reload(void **state GP_UNUSED)
{
	static const char *const zones[] = { "bl.test" };
	static const char *const off[] = { "SpamCop" };
	struct lists_query *query;
	struct fixture fixture;
	struct list *zen;

	fixture_open(&fixture);
	fixture.conf.own_block.items = zones;
	fixture.conf.own_block.count = 1;
	fixture_add(&fixture, "2.0.0.127.bl.test. A 127.0.0.2");
	fixture_add(&fixture, "1.2.0.192.bl.test. A 127.0.0.2");
	fixture_add(&fixture, "1.2.0.192.bl.spamcop.net. A 127.0.0.2");
	fixture_add(&fixture, "1.2.0.192." ZEN ". A 127.0.0.2");
	fixture_add(&fixture, "2.2.0.192." ZEN ". A 127.255.255.254");
	fixture_start(&fixture);
	zen = list_of(&fixture, ZEN);
	query = fixture_ask(&fixture, LISTS_CLIENT, "192.0.2.1");

	fixture.conf.own_block.count = 0;
	fixture.conf.off.items = off;
	fixture.conf.off.count = 1;
	assert_int_equal(lists_reload(fixture.lists, &fixture.conf), STATUS_OK);
	assert_ptr_equal(list_of(&fixture, ZEN), zen);
	expect_state(&fixture, ZEN, LISTS_STATE_ON, "");
	expect_state(&fixture, "bl.spamcop.net", LISTS_STATE_DISABLED, "");
	/* the own list is gone, but was on when it was asked */
	assert_string_equal(fixture_hits(&fixture, query),
	    "RBL_ZEN_SBL(192.0.2.1) RBL_OWN(192.0.2.1)");
	fixture_expect(
	    &fixture, LISTS_CLIENT, "192.0.2.1", "RBL_ZEN_SBL(192.0.2.1)");

	/* a refusal that an older query reads counts now */
	query = fixture_ask(&fixture, LISTS_CLIENT, "192.0.2.2");
	fixture.conf.off.count = 0;
	assert_int_equal(lists_reload(fixture.lists, &fixture.conf), STATUS_OK);
	expect_state(&fixture, "bl.spamcop.net", LISTS_STATE_UNTESTED, "");
	assert_string_equal(fixture_hits(&fixture, query), "");
	assert_int_equal(fixture_status(&fixture, ZEN)->state, LISTS_STATE_OFF);
	/* and a reload tests what is off */
	assert_int_equal(lists_reload(fixture.lists, &fixture.conf), STATUS_OK);
	lists_tick(fixture.lists);
	expect_state(&fixture, ZEN, LISTS_STATE_ON, "");
	expect_state(&fixture, "bl.spamcop.net", LISTS_STATE_ON, "");
	fixture_close(&fixture);
}

/* From the public zones to those of a key, and its own advice. */
static void
test_key(void **state GP_UNUSED)
{
	struct fixture fixture;

	fixture_open(&fixture);
	fixture_add(&fixture, "2.0.0.127.k3y.zen.dq.spamhaus.net. A 127.0.0.2");
	fixture_add(
	    &fixture, "test.k3y.dbl.dq.spamhaus.net. A 127.255.255.250");
	fixture_start(&fixture);
	expect_state(&fixture, ZEN, LISTS_STATE_ON, "");
	fixture.conf.dqs_key = "k3y";
	assert_int_equal(lists_reload(fixture.lists, &fixture.conf), STATUS_OK);
	expect_state(&fixture, "zen.dq.spamhaus.net", LISTS_STATE_UNTESTED, "");
	lists_wait_tests(fixture.lists);
	expect_state(&fixture, "zen.dq.spamhaus.net", LISTS_STATE_ON, "");
	expect_state(&fixture, "dbl.dq.spamhaus.net", LISTS_STATE_OFF,
	    "it refuses our resolver (127.255.255.250); check dqs_key in "
	    "section lists");
	fixture_close(&fixture);
}

/* More lists than there can be: the rest is left out, and logged. */
static void
test_too_many(void **state GP_UNUSED)
{
	static char names[70][12];
	static const char *items[71];
	struct fixture fixture;
	struct lists_status *rows;
	struct capture capture;
	size_t i, count;

	fixture_open(&fixture);
	for (i = 0; i < 70; i++) {
		snprintf(names[i], sizeof(names[i]), "bl%zu.test", i);
		items[i] = names[i];
	}
	items[70] = "bl0.test"; /* named twice: once */
	fixture.conf.own_allow.items = items;
	fixture.conf.own_allow.count = 71;
	capture_begin(&capture);
	fixture_start(&fixture);
	capture_end(&capture);
	assert_int_equal(
	    lists_status_all(fixture.lists, fixture.region, &rows, &count),
	    STATUS_OK);
	assert_int_equal(count, LISTS_MAX);
	assert_non_null(
	    strstr(capture.text, "bl69.test is not asked: more than 64 lists"));
	fixture_close(&fixture);
}

#define THREADS 4
#define ROUNDS  200

struct worker {
	struct fixture *fixture;
	_Atomic bool *stop;
	pthread_t thread;
	size_t rounds;
};

/* No cmocka here: it knows one thread only. */
static void *
worker_run(void *argument)
{
	struct worker *worker = argument;
	struct lists *lists = worker->fixture->lists;
	struct region *region = region_new();
	struct lists_query *query;
	struct lists_hit *hits;
	struct ip ip;
	size_t count;

	if (region == NULL || ip_parse("192.0.2.1", &ip) != STATUS_OK)
		return NULL;
	while (!atomic_load(worker->stop) && worker->rounds < 100000) {
		if (lists_ask_ip(lists, LISTS_CLIENT, &ip,
			clock_now_ms() + FIXTURE_DEADLINE_MS,
			&query) != STATUS_OK)
			break;
		if (worker->rounds % 3 != 0 &&
		    lists_wait(query, region, &hits, &count) != STATUS_OK)
			break;
		lists_end(&query);
		worker->rounds++;
	}
	region_free(&region);
	return NULL;
}

/* Queries in threads, while lists are tested, come and go (run with TSan). */
static void
test_threads(void **state GP_UNUSED)
{
	static const char *const zones[] = { "bl.test" };
	struct worker workers[THREADS];
	struct fixture fixture;
	struct capture capture;
	_Atomic bool stop;
	size_t i;

	atomic_init(&stop, false);
	fixture_open(&fixture);
	fixture_add(&fixture, "2.0.0.127.bl.test. A 127.0.0.2");
	fixture_add(&fixture, "1.2.0.192.bl.test. A 127.0.0.2");
	fixture_add(&fixture, "1.2.0.192." ZEN ". A 127.255.255.254");
	fixture_fault(&fixture, "1.2.0.192.bl.spamcop.net", DNS_TIMEOUT);
	fixture.conf.own_block.items = zones;
	capture_begin(&capture);
	fixture_start(&fixture);
	for (i = 0; i < THREADS; i++) {
		workers[i].fixture = &fixture;
		workers[i].stop = &stop;
		workers[i].rounds = 0;
		assert_int_equal(pthread_create(&workers[i].thread, NULL,
				     worker_run, &workers[i]),
		    0);
	}
	for (i = 0; i < ROUNDS; i++) {
		fixture.conf.own_block.count = i % 2;
		fixture.conf.dqs_key = i % 5 == 0 ? "k3y" : "";
		assert_int_equal(
		    lists_reload(fixture.lists, &fixture.conf), STATUS_OK);
		lists_tick(fixture.lists);
	}
	atomic_store(&stop, true);
	for (i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(workers[i].thread, NULL), 0);
	capture_end(&capture);
	fixture_close(&fixture);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_on),
		cmocka_unit_test(test_failures),
		cmocka_unit_test(test_silence),
		cmocka_unit_test(test_transitions),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_untested),
		cmocka_unit_test(test_no_answers),
		cmocka_unit_test(test_intervals),
		cmocka_unit_test(test_reload),
		cmocka_unit_test(test_key),
		cmocka_unit_test(test_too_many),
		cmocka_unit_test(test_threads),
	};

	log_open("test", false, LOG_LEVEL_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
