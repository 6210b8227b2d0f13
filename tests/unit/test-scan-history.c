/*
 * What scans read of the store and teach it: messages over zone data, the
 * memory store, and a clock that the tests move.
 */
#include "config.h"

#include "lib/scan/scan.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/dns/zone.h"
#include "lib/lists/lists-conf.h"
#include "lib/lists/lists-private.h"
#include "lib/lists/lists-table.h"
#include "lib/reputation/reputation.h"
#include "tests/unit/settings-text.h"
#include "tests/unit/unit.h"

#define DAY   INT64_C(86400)
#define START INT64_C(1700000000)
#define HALF  "@2592000"

static const char *const zone_lines[] = {
	"good.test. 60 IN TXT \"v=spf1 ip4:192.0.2.1 -all\"",
	"_dmarc.good.test. 60 IN TXT \"v=DMARC1; p=none\"",
	"strict.test. 60 IN TXT \"v=spf1 ip4:192.0.2.1 -all\"",
	"_dmarc.strict.test. 60 IN TXT \"v=DMARC1; p=reject\"",
	"sub.exact.test. 60 IN TXT \"v=spf1 ip4:192.0.2.1 -all\"",
	"_dmarc.exact.test. 60 IN TXT \"v=DMARC1; p=none; aspf=s\"",
	"free.test. 60 IN TXT \"v=spf1 ip4:192.0.2.1 -all\"",
	"helo.test. 60 IN TXT \"v=spf1 ip4:192.0.2.1 -all\"",
	"1.2.0.192.in-addr.arpa. 60 IN PTR out.good.test.",
	"out.good.test. 60 IN A 192.0.2.1",
	"mail.good.test. 60 IN A 192.0.2.1",
	"9.2.0.192.in-addr.arpa. 60 IN PTR out.good.test.", /* a lie */
	"helo.test. 60 IN A 192.0.2.1",
};

struct fixture {
	struct scan_services services;
	struct dns_zone *zone; /* of services.dns */
	int64_t now;
	int runs; /* of the store: each asks the clock once */
	struct store_clock clock;
};

static int64_t
fixture_now(void *argument)
{
	struct fixture *fixture = argument;

	fixture->runs++;
	return fixture->now;
}

static void
open_store(struct fixture *fixture, int backend)
{
	struct store_conf conf = { .backend = backend, .size = 1 << 20 };

	store_close(&fixture->services.store);
	assert_int_equal(
	    store_open(&conf, &fixture->clock, &fixture->services.store),
	    STATUS_OK);
	fixture->runs = 0;
}

static int
setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	struct dns_zone *zone = dns_zone_new();
	size_t i;

	fixture->zone = zone;
	for (i = 0; i < GP_NELEMS(zone_lines); i++)
		assert_int_equal(
		    dns_zone_add_line(zone, zone_lines[i]), STATUS_OK);
	assert_int_equal(
	    dns_zone_add_fault(zone, "slow.test", DNS_TYPE_TXT, DNS_TIMEOUT),
	    STATUS_OK);
	assert_int_equal(
	    dns_zone_add_fault(zone, "_dmarc.slow.test", 0, DNS_TIMEOUT),
	    STATUS_OK);
	assert_int_equal(
	    dns_open_zone(&zone, &fixture->services.dns), STATUS_OK);
	assert_int_equal(task_pool_new(4, &fixture->services.pool), STATUS_OK);
	assert_int_equal(
	    auth_dkim_library_new(&fixture->services.dkim_library), STATUS_OK);
	assert_int_equal(words_new(&fixture->services.words), STATUS_OK);
	fixture->services.learns = true;
	fixture->services.now = 1793700000; /* the Date of the messages */
	fixture->clock.now = fixture_now;
	fixture->clock.argument = fixture;
	fixture->now = START;
	open_store(fixture, STORE_BACKEND_MEMORY);
	*state = fixture;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *fixture = *state;

	task_pool_free(&fixture->services.pool);
	lists_free(&fixture->services.lists);
	store_close(&fixture->services.store);
	auth_dkim_library_free(&fixture->services.dkim_library);
	words_free(&fixture->services.words);
	dns_close(&fixture->services.dns);
	free(fixture);
	return 0;
}

/* One message; what is left out of it is that of good mail. */
struct mail {
	const char *conf;
	const char *ip, *helo, *sender, *from, *recipient, *fields, *body;
	bool outbound, no_message_id;
};

#define OR(text, other) ((text) != NULL ? (text) : (other))

/* Waits for what was posted: the pool runs it before it ends. */
static void
settle(struct fixture *fixture)
{
	task_pool_free(&fixture->services.pool);
	assert_int_equal(task_pool_new(4, &fixture->services.pool), STATUS_OK);
}

/* "a b": two of them */
static void
add_recipients(struct scan *scan, const char *text)
{
	struct span rest = span_of(text), one;
	char path[100];

	while (span_split(&rest, ' ', &one)) {
		snprintf(path, sizeof(path), "%.*s", (int)one.length, one.data);
		assert_int_equal(scan_add_recipient(scan, path), STATUS_OK);
	}
}

/* Its score; the reasons in it are gone. */
static struct verdict
deliver(struct fixture *fixture, const struct mail *mail)
{
	const struct settings *settings = settings_of(OR(mail->conf, ""));
	const struct verdict *verdict;
	struct envelope *envelope;
	struct verdict copy;
	struct scan *scan;
	struct span body;
	char raw[2000];

	assert_int_equal(
	    scan_new(&fixture->services, settings, &scan), STATUS_OK);
	settings_release(&settings);
	envelope = scan_envelope(scan);
	assert_int_equal(
	    ip_parse(OR(mail->ip, "192.0.2.1"), &envelope->client_ip),
	    STATUS_OK);
	envelope->helo = OR(mail->helo, "mail.good.test");
	envelope->sender = OR(mail->sender, "bob@good.test");
	envelope->is_inbound = !mail->outbound;
	add_recipients(scan, OR(mail->recipient, "<alice@home.test>"));
	snprintf(raw, sizeof(raw),
	    "Date: Tue, 3 Nov 2026 10:00:00 +0000\r\n"
	    "%sTo: alice@home.test\r\nFrom: %s\r\n%s\r\n%s\r\n",
	    mail->no_message_id ? "" : "Message-ID: <1@good.test>\r\n",
	    OR(mail->from, "bob@good.test"), OR(mail->fields, ""),
	    OR(mail->body, "A few words to read, as all mail has."));
	assert_int_equal(
	    message_parse_header(scan_message(scan), span_of(raw), &body),
	    STATUS_OK);
	assert_int_equal(scan_reach(scan, SCAN_PHASE_HEADER), STATUS_OK);
	if (scan_wants_body(scan))
		assert_int_equal(
		    scan_body(scan, body.data, body.length), STATUS_OK);
	assert_int_equal(scan_finish(scan, &verdict), STATUS_OK);
	copy = *verdict;
	scan_free(&scan);
	settle(fixture);
	return copy;
}

static struct verdict
deliver_many(struct fixture *fixture, const struct mail *mail, int count)
{
	struct verdict verdict = { 0 };

	while (count-- > 0)
		verdict = deliver(fixture, mail);
	return verdict;
}

static int
points_of(const struct verdict *verdict, enum symbol_id id)
{
	size_t i;

	for (i = 0; i < verdict->score.count; i++)
		if (verdict->score.symbols[i].id == id)
			return verdict->score.symbols[i].points;
	return 0;
}

static struct store_operation
ask(struct fixture *fixture, enum store_verb verb, const char *key)
{
	struct store_operation operation = {
		.verb = verb, .key = key, .half_life_seconds = 30 * DAY
	};

	assert_int_equal(
	    store_run(fixture->services.store, &operation, 1), STATUS_OK);
	return operation;
}

static void
expect(struct fixture *fixture, const char *key, double ham, double spam)
{
	struct store_pair pair = ask(fixture, STORE_READ, key).pair;

	if (fabs(pair.ham - ham) > 0.001 || fabs(pair.spam - spam) > 0.001)
		fail_msg("%s: ham %g spam %g", key, pair.ham, pair.spam);
}

static void
preload(struct fixture *fixture, const char *key, double ham, double spam)
{
	struct store_operation add = { .verb = STORE_ADD,
		.key = key,
		.half_life_seconds = 30 * DAY,
		.lifetime_seconds = 90 * DAY,
		.add = { ham, spam } };

	assert_int_equal(
	    store_run(fixture->services.store, &add, 1), STATUS_OK);
}

/* What is known of good mail, all of it. */
static const char *const good_keys[] = { "ip:192.0.2.1" HALF,
	"net:192.0.2.0/24" HALF, "ptr:good.test" HALF, "helo:good.test" HALF,
	"domain:good.test" HALF };

static void
expect_good_keys(struct fixture *fixture, double ham, double spam)
{
	size_t i;

	for (i = 0; i < GP_NELEMS(good_keys); i++)
		expect(fixture, good_keys[i], ham, spam);
}

/* 50 good messages give a better score than none; half of it is forgotten in
 * a half-life. */
static void
test_good_mail(void **state)
{
	static const struct mail good = { 0 };
	struct fixture *fixture = *state;
	struct verdict first = deliver(fixture, &good), verdict;

	assert_true(first.facts.has_history);
	assert_int_equal(points_of(&first, SYMBOL_FIRST_FROM_DOMAIN), 20);
	assert_int_equal(points_of(&first, SYMBOL_FIRST_FROM_NETWORK), 30);
	assert_int_equal(points_of(&first, SYMBOL_REPUTATION_DOMAIN_GOOD), 0);
	expect_good_keys(fixture, 1, 0);
	(void)deliver_many(fixture, &good, 49);
	verdict = deliver(fixture, &good);
	assert_int_equal(points_of(&verdict, SYMBOL_FIRST_FROM_DOMAIN), 0);
	assert_int_equal(points_of(&verdict, SYMBOL_FIRST_FROM_NETWORK), 0);
	assert_int_equal(
	    points_of(&verdict, SYMBOL_REPUTATION_DOMAIN_GOOD), -167);
	assert_int_equal(
	    points_of(&verdict, SYMBOL_REPUTATION_ADDRESS_GOOD), -83);
	assert_int_equal(
	    points_of(&verdict, SYMBOL_REPUTATION_NETWORK_GOOD), -42);
	assert_int_equal(points_of(&verdict, SYMBOL_REPUTATION_PTR_GOOD), -42);
	assert_int_equal(points_of(&verdict, SYMBOL_REPUTATION_HELO_GOOD), -25);
	assert_true(verdict.score.total < first.score.total - 300);
	expect_good_keys(fixture, 51, 0);
	fixture->now += 30 * DAY;
	expect_good_keys(fixture, 25.5, 0);
}

/* One round trip to read and one to write, whatever the number of keys. */
static void
test_round_trips(void **state)
{
	static const struct mail good = { 0 };
	static const struct mail outbound = { .outbound = true };
	struct fixture *fixture = *state;

	fixture->runs = 0;
	(void)deliver(fixture, &good);
	assert_int_equal(fixture->runs, 2);
	fixture->runs = 0;
	(void)deliver(fixture, &outbound);
	assert_int_equal(fixture->runs, 1);
	fixture->services.learns = false;
	fixture->runs = 0;
	(void)deliver(fixture, &good);
	(void)deliver(fixture, &outbound);
	assert_int_equal(fixture->runs, 1);
}

#define SPAM_CONF "symbols { SPF_FAIL = 12 } score { cap_authentication = 50 }"
/* The same, from a domain that proves itself. */
#define OWN_SPAM_CONF \
	"symbols { SPF_PASS = 12 } score { cap_authentication = 50 }"

/* A forger gets a bad name for where he is, not for what he forges. */
static void
test_forgery(void **state)
{
	static const struct mail good = { 0 };
	static const struct mail forged = {
		.conf = SPAM_CONF, .ip = "192.0.2.9", .helo = "mail.good.test"
	};
	struct fixture *fixture = *state;
	struct verdict verdict;

	preload(fixture, "domain:good.test" HALF, 500, 0);
	preload(fixture, "helo:good.test" HALF, 500, 0);
	preload(fixture, "ptr:good.test" HALF, 500, 0);
	verdict = deliver(fixture, &forged);
	/* Nothing good of names that are only claimed. */
	assert_int_equal(points_of(&verdict, SYMBOL_REPUTATION_DOMAIN_GOOD), 0);
	assert_int_equal(points_of(&verdict, SYMBOL_REPUTATION_HELO_GOOD), 0);
	assert_int_equal(points_of(&verdict, SYMBOL_REPUTATION_PTR_GOOD), 0);
	expect(fixture, "ip:192.0.2.9" HALF, 0, 1);
	expect(fixture, "net:192.0.2.0/24" HALF, 0, 1);
	expect(fixture, "helo:?good.test" HALF, 0, 1);
	expect(fixture, "ptr:?good.test" HALF, 0, 1);
	expect(fixture, "domain:good.test" HALF, 500, 0);
	expect(fixture, "helo:good.test" HALF, 500, 0);
	expect(fixture, "ptr:good.test" HALF, 500, 0);
	/* Claims earn a bad name, those who own it do not. */
	verdict = deliver_many(fixture, &forged, 30);
	assert_in_range(
	    points_of(&verdict, SYMBOL_REPUTATION_HELO_BAD), 60, 99);
	assert_in_range(
	    points_of(&verdict, SYMBOL_REPUTATION_PTR_BAD), 90, 149);
	verdict = deliver(fixture, &good);
	assert_int_equal(points_of(&verdict, SYMBOL_REPUTATION_HELO_BAD), 0);
	assert_int_equal(points_of(&verdict, SYMBOL_REPUTATION_PTR_BAD), 0);
	assert_int_equal(
	    points_of(&verdict, SYMBOL_REPUTATION_DOMAIN_GOOD), -196);
}

/* Spam that proves its domain gives it a bad name. */
static void
test_spam_of_its_own(void **state)
{
	static const struct mail spam = { .conf = OWN_SPAM_CONF };
	struct fixture *fixture = *state;
	struct verdict verdict = deliver_many(fixture, &spam, 11);

	expect_good_keys(fixture, 0, 11);
	assert_int_equal(
	    points_of(&verdict, SYMBOL_REPUTATION_DOMAIN_BAD), 125);
	assert_int_equal(
	    points_of(&verdict, SYMBOL_REPUTATION_ADDRESS_BAD), 100);
}

/* What is known already decides nothing of what is learned. */
static void
test_no_self_poisoning(void **state)
{
	static const struct mail good = { .conf =
					      "score { cap_history = 100 }" };
	static const struct mail spam = { .conf = OWN_SPAM_CONF
		" symbols { REPUTATION_DOMAIN_GOOD = \"-100\" }" };
	struct fixture *fixture = *state;
	struct verdict verdict;
	size_t i;

	for (i = 0; i < GP_NELEMS(good_keys); i++)
		preload(fixture, good_keys[i], 0, 1e6);
	verdict = deliver(fixture, &good);
	assert_true(verdict.score.total > 500);
	assert_int_equal(verdict.action, ACTION_JUNK);
	expect_good_keys(fixture, 1, 1e6);
	open_store(fixture, STORE_BACKEND_MEMORY);
	for (i = 0; i < GP_NELEMS(good_keys); i++)
		preload(fixture, good_keys[i], 1e6, 0);
	verdict = deliver(fixture, &spam);
	expect_good_keys(fixture, 1e6, 1);
}

struct quiet_case {
	const char *name;
	struct mail mail;
};

static const struct quiet_case quiet_cases[] = {
	{ "unclear", { .conf = "symbols { SPF_PASS = 4 }" } },
	{ "just not ham", { .conf = "reputation { learn_ham = -50 }" } },
	{ "just not spam",
	    { .conf = "symbols { SPF_PASS = 12 } reputation { "
		      "learn_spam = 15.01 }" } },
	{ "GTUBE",
	    { .body = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-"
		      "ANTI-UBE-TEST-EMAIL*C.34X" } },
	{ "deferred, though it looks like spam",
	    { .helo = "absent.test",
		.from = "x@slow.test",
		.conf = "dmarc { on_temperror = tempfail } symbols { "
			"HELO_NONE = 9 } score { cap_authentication = 50 }" } },
	{ "SPF left open",
	    { .sender = "x@slow.test",
		.conf = "symbols { DMARC_FAIL = off }" } },
	{ "disowned",
	    { .ip = "192.0.2.9",
		.from = "x@strict.test",
		.sender = "x@strict.test",
		.conf = "symbols { DMARC_REJECT = off SPF_FAIL = off PTR_FAIL "
			"= off HELO_NONE = off HELO_OTHER = off DKIM_NONE = "
			"off }" } },
	{ "nobody stands for it",
	    { .sender = "x@nowhere.test", .from = "x@nowhere.test" } },
	{ "no author",
	    { .from = "nobody", .conf = "symbols { DMARC_BAD_FROM = off }" } },
	{ "switched off", { .conf = "reputation { enabled = no }" } },
};

/* These teach no counter. */
static void
test_what_teaches_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct store_operation read;
	const struct quiet_case *c;
	size_t i, j;

	for (i = 0; i < GP_NELEMS(quiet_cases); i++) {
		c = &quiet_cases[i];
		open_store(fixture, STORE_BACKEND_MEMORY);
		(void)deliver(fixture, &c->mail);
		for (j = 0; j < GP_NELEMS(good_keys); j++) {
			read = ask(fixture, STORE_READ, good_keys[j]);
			if (read.found)
				fail_msg("%s: %s", c->name, good_keys[j]);
		}
		read = ask(fixture, STORE_READ, "ip:192.0.2.9" HALF);
		if (read.found)
			fail_msg("%s: 192.0.2.9", c->name);
	}
	/* The thresholds are what keeps the first ones from it. */
	(void)deliver(fixture,
	    &(struct mail){ .conf = "reputation { learn_ham "
				    "= -0.6 }" });
	expect_good_keys(fixture, 1, 0);
	(void)deliver(fixture,
	    &(struct mail){ .conf = "symbols { SPF_PASS = 12 } score { "
				    "cap_authentication = 50 } reputation { "
				    "learn_spam = 11.5 }" });
	expect_good_keys(fixture, 1, 1);
}

/* One block list of our own; it is on when its test entry is there. */
static void
open_lists(struct fixture *fixture)
{
	static const char *const own_block[] = { "bl.test" };
	const char *off[LISTS_MAX];
	struct lists_conf conf = { .enabled = true, .test_interval = 1000 };
	size_t i;

	assert_in_range(lists_table_count, 1, LISTS_MAX);
	for (i = 0; i < lists_table_count; i++)
		off[i] = lists_table[i].zone;
	conf.off.items = off;
	conf.off.count = lists_table_count;
	conf.own_block.items = own_block;
	conf.own_block.count = 1;
	conf.dqs_key = "";
	lists_free(&fixture->services.lists);
	assert_int_equal(
	    lists_new(&conf, fixture->services.dns, &fixture->services.lists),
	    STATUS_OK);
	lists_wait_tests(fixture->services.lists);
}

/* A message that a list was asked about in vain is no ham; spam is spam.  A
 * list that is off is not waited for. */
static void
test_lists_that_do_not_tell(void **state)
{
	static const struct mail good = { 0 };
	static const struct mail spam = { .conf = OWN_SPAM_CONF };
	struct fixture *fixture = *state;
	struct verdict verdict;

	open_lists(fixture);
	verdict = deliver(fixture, &good);
	assert_false(verdict.facts.lists_unknown);
	expect_good_keys(fixture, 1, 0);
	assert_int_equal(
	    dns_zone_add_line(fixture->zone, "2.0.0.127.bl.test. A 127.0.0.2"),
	    STATUS_OK);
	open_lists(fixture);
	verdict = deliver(fixture, &good);
	assert_false(verdict.facts.lists_unknown);
	expect_good_keys(fixture, 2, 0);
	assert_int_equal(dns_zone_add_fault(fixture->zone, "1.2.0.192.bl.test",
			     0, DNS_TIMEOUT),
	    STATUS_OK);
	verdict = deliver(fixture, &good);
	assert_true(verdict.facts.lists_unknown);
	expect_good_keys(fixture, 2, 0);
	(void)deliver(fixture, &spam);
	expect_good_keys(fixture, 2, 1);
}

/* A flood of forged fields is abuse: it is refused and teaches nothing. */
static void
test_abuse(void **state)
{
	struct fixture *fixture = *state;
	struct mail mail = { 0 };
	char fields[101 * 8 + 1];
	size_t i;

	for (i = 0; i < 101; i++)
		memcpy(fields + i * 8, "X-Spam:\n", 9);
	mail.fields = fields;
	assert_int_equal(
	    (int)deliver(fixture, &mail).action, (int)ACTION_REJECT);
	assert_false(ask(fixture, STORE_READ, good_keys[0]).found);
	assert_false(ask(fixture, STORE_PEEK, "greylist:192.0.2.1").found);
}

/* "First" is the truth, also when the messages before were unclear. */
static void
test_first(void **state)
{
	static const struct mail unclear = { .conf =
						 "symbols { SPF_PASS = 4 }" };
	static const struct mail neighbour = { .ip = "192.0.2.200",
		.sender = "x@nobody.test",
		.from = "x@nobody.test" };
	struct fixture *fixture = *state;
	struct verdict verdict = deliver(fixture, &unclear);

	assert_int_equal(points_of(&verdict, SYMBOL_FIRST_FROM_DOMAIN), 20);
	assert_int_equal(points_of(&verdict, SYMBOL_FIRST_FROM_NETWORK), 30);
	verdict = deliver(fixture, &unclear);
	assert_int_equal(points_of(&verdict, SYMBOL_FIRST_FROM_DOMAIN), 0);
	assert_int_equal(points_of(&verdict, SYMBOL_FIRST_FROM_NETWORK), 0);
	/* A domain that proved nothing is not known to be new. */
	verdict = deliver(fixture, &neighbour);
	assert_int_equal(points_of(&verdict, SYMBOL_FIRST_FROM_DOMAIN), 0);
	assert_int_equal(points_of(&verdict, SYMBOL_FIRST_FROM_NETWORK), 0);
	fixture->now += 181 * DAY;
	verdict = deliver(fixture, &unclear);
	assert_int_equal(points_of(&verdict, SYMBOL_FIRST_FROM_NETWORK), 30);
}

/* A store that fails or is not there costs no points and no mail. */
static void
test_no_store(void **state)
{
	static const struct mail good = { 0 };
	static const struct mail outbound = { .outbound = true };
	struct fixture *fixture = *state;
	struct verdict verdict;
	int i;

	for (i = 0; i < 2; i++) {
		if (i == 0)
			open_store(fixture, STORE_BACKEND_NONE);
		else
			store_close(&fixture->services.store);
		verdict = deliver(fixture, &good);
		assert_false(verdict.facts.has_history);
		assert_int_equal(verdict.score.total, -60);
		assert_int_equal(verdict.action, ACTION_ACCEPT);
		(void)deliver(fixture, &outbound);
	}
}

/* A value of another type under a key of ours costs that one alone. */
static void
test_wrong_type(void **state)
{
	static const struct mail good = { 0 };
	struct store_operation set = { .verb = STORE_SET,
		.key = "net:192.0.2.0/24" HALF,
		.lifetime_seconds = DAY };
	struct fixture *fixture = *state;
	struct verdict verdict;

	assert_int_equal(
	    store_run(fixture->services.store, &set, 1), STATUS_OK);
	verdict = deliver(fixture, &good);
	assert_int_equal(points_of(&verdict, SYMBOL_FIRST_FROM_NETWORK), 0);
	assert_int_equal(points_of(&verdict, SYMBOL_FIRST_FROM_DOMAIN), 20);
	expect(fixture, good_keys[0], 1, 0);
}

/* The greylist hint: an action, so not while only observing. */
static void
test_greylist_hint(void **state)
{
	static const struct {
		const char *conf;
		bool hinted;
	} cases[] = {
		{ "symbols { SPF_PASS = 4.6 }", true },
		{ "symbols { SPF_PASS = 4.6 } reputation { enabled = no }",
		    true },
		{ "symbols { SPF_PASS = 4.4 } score { greylist = 4.5 }",
		    false },
		{ "symbols { SPF_PASS = 9 } score { greylist = 0 }", false },
		{ "symbols { SPF_PASS = 9 } score { mode = observe }", false },
		{ "", false },
	};
	struct fixture *fixture = *state;
	struct store_operation peek;
	struct mail mail = { 0 };
	size_t i;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		open_store(fixture, STORE_BACKEND_MEMORY);
		mail.conf = cases[i].conf;
		(void)deliver(fixture, &mail);
		peek = ask(fixture, STORE_PEEK, "greylist:192.0.2.1");
		if (peek.found != cases[i].hinted)
			fail_msg("%s: %d", cases[i].conf, peek.found);
		if (!peek.found)
			continue;
		assert_in_range(peek.marked_number, 400, 500);
		fixture->now += 3601;
		peek = ask(fixture, STORE_PEEK, "greylist:192.0.2.1");
		assert_false(peek.found);
	}
}

static int
known(struct fixture *fixture, const struct mail *mail)
{
	struct verdict verdict = deliver(fixture, mail);

	return points_of(&verdict, SYMBOL_KNOWN_CORRESPONDENT);
}

static const struct mail to_bob = { .outbound = true,
	.sender = "alice@home.test",
	.from = "Alice <alice@home.test>",
	.recipient = "<Bob@good.test>" };

static void
test_correspondents(void **state)
{
	static const struct mail good = { 0 };
	static const struct mail to_free = { .outbound = true,
		.sender = "alice@home.test",
		.from = "alice@home.test",
		.recipient = "x@free.test" };
	static const struct mail free_mail = { .sender = "x@free.test",
		.from = "x@free.test" };
	static const struct mail other_recipient = { .recipient =
							 "<carol@home.test>" };
	static const struct mail other_author = { .from = "eve@good.test" };
	static const struct mail forged = { .ip = "192.0.2.9" };
	static const struct mail two_authors = { .from = "bob@good.test, "
							 "eve@good.test" };
	static const struct mail no_policy_forged = { .ip = "192.0.2.9",
		.sender = "x@free.test",
		.from = "x@free.test" };
	static const struct mail foreign_pass = { .sender = "bob@good.test",
		.from = "x@free.test" };
	struct fixture *fixture = *state;

	assert_int_equal(known(fixture, &good), 0);
	(void)deliver(fixture, &to_bob);
	(void)deliver(fixture, &to_free);
	assert_int_equal(known(fixture, &good), -300);
	assert_int_equal(known(fixture, &other_recipient), 0);
	assert_int_equal(known(fixture, &other_author), 0);
	assert_int_equal(known(fixture, &two_authors), 0);
	assert_int_equal(known(fixture, &forged), 0);
	/* A domain without a policy proves itself by an aligned pass. */
	assert_int_equal(known(fixture, &free_mail), -300);
	assert_int_equal(known(fixture, &no_policy_forged), 0);
	assert_int_equal(known(fixture, &foreign_pass), 0);
	/* Another message to him renews it; then it is forgotten. */
	fixture->now += 100 * DAY;
	(void)deliver(fixture, &to_bob);
	fixture->now += 179 * DAY;
	assert_int_equal(known(fixture, &good), -300);
	fixture->now += 2 * DAY;
	assert_int_equal(known(fixture, &good), 0);
}

/* Points are for all recipients: all of them must have written to him. */
static void
test_one_accomplice(void **state)
{
	static const struct mail from_carol = { .outbound = true,
		.sender = "carol@home.test",
		.from = "carol@home.test",
		.recipient = "bob@good.test dave@good.test" };

	static const struct {
		const char *recipients;
		int points;
	} cases[] = {
		{ "alice@home.test", -300 },
		{ "alice@home.test <Carol@home.test>", -300 },
		{ "alice@home.test eve@home.test", 0 },
		{ "eve@home.test carol@home.test", 0 },
		{ "alice@home.test postmaster", 0 },
		{ "postmaster", 0 },
	};
	struct fixture *fixture = *state;
	struct mail mail = { 0 };
	char crowd[101 * 16 + 1];
	size_t i;

	(void)deliver(fixture, &to_bob);
	(void)deliver(fixture, &from_carol);
	for (i = 0; i < GP_NELEMS(cases); i++) {
		mail.recipient = cases[i].recipients;
		if (known(fixture, &mail) != cases[i].points)
			fail_msg("%s", cases[i].recipients);
	}
	/* Of so many not all are kept. */
	for (i = 0; i < 101; i++)
		memcpy(crowd + i * 16, "alice@home.test ", 17);
	crowd[100 * 16 - 1] = '\0';
	mail.recipient = crowd;
	assert_int_equal(known(fixture, &mail), -300);
	crowd[100 * 16 - 1] = ' ';
	crowd[101 * 16 - 1] = '\0';
	assert_int_equal(known(fixture, &mail), 0);
}

/* A domain that DMARC does not take for the author's is no good name for him,
 * though it has the same owner. */
static void
test_strict_alignment(void **state)
{
	static const struct mail to_exact = { .outbound = true,
		.sender = "alice@home.test",
		.from = "alice@home.test",
		.recipient = "x@exact.test" };
	static const struct mail strict = { .sender = "x@sub.exact.test",
		.from = "x@exact.test" };
	static const struct mail honest = { .sender = "x@sub.exact.test",
		.from = "x@sub.exact.test" };
	struct fixture *fixture = *state;
	struct verdict verdict;

	preload(fixture, "domain:exact.test" HALF, 90, 0);
	(void)deliver(fixture, &to_exact);
	verdict = deliver(fixture, &strict);
	assert_int_equal(verdict.facts.spf_sender.result, AUTH_PASS);
	assert_int_equal(verdict.facts.dmarc.result, AUTH_FAIL);
	assert_int_equal(points_of(&verdict, SYMBOL_KNOWN_CORRESPONDENT), 0);
	assert_int_equal(points_of(&verdict, SYMBOL_REPUTATION_DOMAIN_GOOD), 0);
	verdict = deliver(fixture, &honest);
	assert_int_equal(
	    points_of(&verdict, SYMBOL_REPUTATION_DOMAIN_GOOD), -180);
}

/* Automatic mail makes no acquaintance; a time of the configuration does not
 * last longer. */
static void
test_automatic_mail(void **state)
{
	static const char *const fields[] = {
		"Auto-Submitted: auto-replied\r\n",
		"Precedence: Bulk\r\n",
		"List-Id: <l.home.test>\r\n",
		NULL,
	};
	static const struct mail good = { 0 };
	struct fixture *fixture = *state;
	struct mail mail;
	size_t i;

	for (i = 0; i < GP_NELEMS(fields); i++) {
		mail = to_bob;
		mail.fields = fields[i];
		mail.sender = fields[i] == NULL ? "" : to_bob.sender;
		(void)deliver(fixture, &mail);
		if (known(fixture, &good) != 0)
			fail_msg("%s", OR(fields[i], "null sender"));
	}
	mail = to_bob;
	mail.conf = "reputation { enabled = no }";
	(void)deliver(fixture, &mail);
	assert_int_equal(known(fixture, &good), 0);
	mail.conf = "reputation { known_lifetime = 2d }";
	mail.fields = "Auto-Submitted: no\r\n";
	(void)deliver(fixture, &mail);
	fixture->now += DAY;
	assert_int_equal(known(fixture, &good), -300);
	fixture->now += DAY;
	assert_int_equal(known(fixture, &good), 0);
}

static int
reply_points(struct fixture *fixture, const struct mail *mail)
{
	struct verdict verdict = deliver(fixture, mail);

	return points_of(&verdict, SYMBOL_REPLY_TO_OWN);
}

#define ANSWERS "In-Reply-To: <1@good.test>\r\n"
#define OTHERS                                                        \
	"<2@a.test> <3@a.test> <4@a.test>\r\n <5@a.test> <6@a.test> " \
	"<7@a.test> <8@a.test>"
/* All messages of this file have the Message-ID that is asked for here. */
static const struct mail to_bob_and_carol = { .outbound = true,
	.sender = "alice@home.test",
	.from = "Alice <alice@home.test>",
	.recipient = "<Bob@good.test> carol@home.test" };

struct reply_case {
	const char *name;
	struct mail mail;
	int points;
};

static const struct reply_case reply_cases[] = {
	{ "an answer", { .fields = ANSWERS }, -200 },
	{ "not an answer", { 0 }, 0 },
	{ "in References", { .fields = "References: <1@good.test>\r\n" },
	    -200 },
	{ "the eighth, and one of them twice",
	    { .fields = "In-Reply-To: <8@a.test>\r\n"
			"References: <1@good.test> " OTHERS "\r\n" },
	    -200 },
	{ "the ninth",
	    { .fields = "References: <1@good.test> <9@a.test> " OTHERS "\r\n" },
	    0 },
	{ "of another message", { .fields = "In-Reply-To: <1@good.tes>\r\n" },
	    0 },
	{ "an empty name", { .fields = "In-Reply-To: <>\r\n" }, 0 },
	{ "in other letters", { .fields = "In-Reply-To: <1@GOOD.test>\r\n" },
	    0 },
	{ "to all who took part",
	    { .fields = ANSWERS,
		.recipient = "Carol@home.test alice@HOME.test" },
	    -200 },
	{ "to one who got it, not to who sent it",
	    { .fields = ANSWERS, .recipient = "carol@home.test" }, -200 },
	{ "to somebody besides",
	    { .fields = ANSWERS, .recipient = "alice@home.test eve@home.test" },
	    0 },
	{ "to one who has no address",
	    { .fields = ANSWERS, .recipient = "alice@home.test postmaster" },
	    0 },
	{ "to many",
	    { .fields = ANSWERS,
		.recipient = "alice@home.test alice@home.test "
			     "alice@home.test alice@home.test "
			     "alice@home.test alice@home.test "
			     "alice@home.test alice@home.test "
			     "alice@home.test" },
	    0 },
	{ "of somebody who found it in an archive",
	    { .fields = ANSWERS, .from = "eve@good.test" }, 0 },
	{ "of a domain of his own",
	    { .fields = ANSWERS,
		.sender = "x@free.test",
		.from = "x@free.test" },
	    0 },
	{ "in the name of who got it", { .fields = ANSWERS, .ip = "192.0.2.9" },
	    0 },
	{ "of two authors",
	    { .fields = ANSWERS, .from = "bob@good.test, eve@good.test" }, 0 },
};

/* Those who took part in a message of our own answer it, to each other. */
static void
test_replies(void **state)
{
	static const struct mail reply = { .fields = ANSWERS };
	struct fixture *fixture = *state;
	const struct reply_case *c;
	int points;
	size_t i;

	assert_int_equal(reply_points(fixture, &reply), 0);
	(void)deliver(fixture, &to_bob_and_carol);
	for (i = 0; i < GP_NELEMS(reply_cases); i++) {
		c = &reply_cases[i];
		points = reply_points(fixture, &c->mail);
		if (points != c->points)
			fail_msg("%s: %d", c->name, points);
	}
	fixture->runs = 0;
	(void)deliver(fixture, &reply);
	assert_int_equal(fixture->runs, 2);
	fixture->now += 29 * DAY;
	assert_int_equal(reply_points(fixture, &reply), -200);
	fixture->now += 2 * DAY;
	assert_int_equal(reply_points(fixture, &reply), 0);
	assert_int_equal(known(fixture, &reply), -300);
}

/* What nobody wrote is answered by nobody; and as the configuration says. */
static void
test_replies_not_learned(void **state)
{
	static const struct mail reply = { .fields = ANSWERS };
	struct fixture *fixture = *state;
	struct mail mail = to_bob_and_carol;

	mail.fields = "Auto-Submitted: auto-replied\r\n";
	(void)deliver(fixture, &mail);
	assert_int_equal(reply_points(fixture, &reply), 0);
	mail.fields = NULL;
	mail.conf = "reputation { enabled = no }";
	(void)deliver(fixture, &mail);
	assert_int_equal(reply_points(fixture, &reply), 0);
	mail.conf = "reputation { reply_lifetime = 2d }";
	(void)deliver(fixture, &mail);
	fixture->now += DAY;
	assert_int_equal(reply_points(fixture, &reply), -200);
	fixture->now += DAY;
	assert_int_equal(reply_points(fixture, &reply), 0);
}

/* Postfix writes a Message-ID that is missing, later: no answer is known. */
static void
test_no_message_id(void **state)
{
	static const struct mail reply = { .fields = ANSWERS };
	static const struct mail empty = { .fields = "In-Reply-To: <>\r\n" };
	struct fixture *fixture = *state;
	struct mail mail = to_bob_and_carol;

	mail.no_message_id = true;
	(void)deliver(fixture, &mail);
	assert_int_equal(reply_points(fixture, &reply), 0);
	assert_int_equal(reply_points(fixture, &empty), 0);
	assert_int_equal(known(fixture, &reply), -300);
}

/* The envelope sender gets to know, the author alone does not; a HELO name may
 * stand for the envelope sender. */
static void
test_other_identities(void **state)
{
	static const struct mail good = { 0 };
	static const struct mail for_alice = { .outbound = true,
		.sender = "alice+work@home.test",
		.from = "alice@home.test",
		.recipient = "<bob@good.test>" };
	static const struct mail to_work = { .recipient =
						 "alice+work@home.test" };
	static const struct mail bounce = {
		.sender = "", .helo = "helo.test", .from = "x@helo.test"
	};
	struct fixture *fixture = *state;

	(void)deliver(fixture, &for_alice);
	assert_int_equal(known(fixture, &to_work), -300);
	assert_int_equal(known(fixture, &good), 0);
	(void)deliver(fixture, &bounce);
	expect(fixture, "domain:helo.test" HALF, 1, 0);
	expect(fixture, "helo:helo.test" HALF, 1, 0);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_good_mail),
		TEST(test_round_trips),
		TEST(test_forgery),
		TEST(test_spam_of_its_own),
		TEST(test_no_self_poisoning),
		TEST(test_what_teaches_nothing),
		TEST(test_lists_that_do_not_tell),
		TEST(test_abuse),
		TEST(test_first),
		TEST(test_no_store),
		TEST(test_wrong_type),
		TEST(test_greylist_hint),
		TEST(test_correspondents),
		TEST(test_one_accomplice),
		TEST(test_strict_alignment),
		TEST(test_automatic_mail),
		TEST(test_replies),
		TEST(test_replies_not_learned),
		TEST(test_no_message_id),
		TEST(test_other_identities),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
