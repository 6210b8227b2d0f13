/*
 * Mail of our own users in the pipeline: what is looked at and what is not,
 * that its points decide nothing, and what is done with too much of it.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "lib/reputation/reputation.h"
#include "lib/scan/scan.h"
#include "tests/unit/lists-fixture.h"
#include "tests/unit/settings-text.h"

#define FROM  "From: Ann <ann@sender.example>\n"
#define WORDS "A few words to read, as all mail has.\n"
#define GTUBE                          \
	"XJS*C4JDBQADN1.NSBN3*2IDNEN*" \
	"GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X\n"

struct services {
	struct fixture lists;
	struct scan_services scan;
};

static int
setup(void **state)
{
	struct services *services = calloc(1, sizeof(*services));

	assert_non_null(services);
	fixture_open(&services->lists);
	fixture_add(
	    &services->lists, "9.100.51.198.zen.spamhaus.org. A 127.0.0.4");
	fixture_add(
	    &services->lists, "sender.example.dbl.spamhaus.org. A 127.0.1.2");
	fixture_add(
	    &services->lists, "evil.example.dbl.spamhaus.org. A 127.0.1.4");
	fixture_start(&services->lists);
	services->scan.dns = services->lists.dns;
	services->scan.lists = services->lists.lists;
	assert_int_equal(task_pool_new(2, &services->scan.pool), STATUS_OK);
	assert_int_equal(
	    auth_dkim_library_new(&services->scan.dkim_library), STATUS_OK);
	assert_int_equal(words_new(&services->scan.words), STATUS_OK);
	*state = services;
	return 0;
}

static int
teardown(void **state)
{
	struct services *services = *state;

	task_pool_free(&services->scan.pool);
	auth_dkim_library_free(&services->scan.dkim_library);
	words_free(&services->scan.words);
	fixture_close(&services->lists);
	free(services);
	return 0;
}

/* A client on a block list logs in, so that its mail is outbound. */
static struct scan *
scan_of(struct services *services, const char *conf, const char *raw,
    const struct verdict **verdict_r)
{
	const struct settings *settings = settings_of(conf);
	struct envelope *envelope;
	struct span body;
	struct scan *scan;

	assert_int_equal(scan_new(&services->scan, settings, &scan), STATUS_OK);
	settings_release(&settings);
	envelope = scan_envelope(scan);
	assert_int_equal(
	    ip_parse("198.51.100.9", &envelope->client_ip), STATUS_OK);
	assert_int_equal(scan_reach(scan, SCAN_PHASE_CONNECT), STATUS_OK);
	envelope->helo = "[192.168.1.5]";
	assert_int_equal(scan_reach(scan, SCAN_PHASE_HELO), STATUS_OK);
	envelope->login = "ann";
	envelope->is_inbound = false;
	assert_int_equal(
	    scan_set_sender(scan, "<ann@sender.example>"), STATUS_OK);
	assert_int_equal(
	    scan_add_recipient(scan, "<bob@elsewhere.example>"), STATUS_OK);
	assert_int_equal(
	    message_parse_header(scan_message(scan), span_of(raw), &body),
	    STATUS_OK);
	assert_int_equal(scan_reach(scan, SCAN_PHASE_HEADER), STATUS_OK);
	assert_true(scan_wants_body(scan));
	assert_int_equal(scan_body(scan, body.data, body.length), STATUS_OK);
	assert_int_equal(scan_finish(scan, verdict_r), STATUS_OK);
	return scan;
}

static const struct outbound_case {
	const char *name, *conf, *raw;
	const char *symbols; /* in the order in which they were added */
	enum verdict_action action;
	const char *reply; /* a part of it; NULL: none */
} cases[] = {
	{ "what Postfix completes", "", FROM "\n" WORDS, "", ACTION_ACCEPT,
	    NULL },
	{ "hidden recipients", "",
	    FROM "To: undisclosed-recipients:;\n\n" WORDS, "", ACTION_ACCEPT,
	    NULL },
	{ "to herself", "", FROM "To: ann@sender.example\n\n" WORDS, "",
	    ACTION_ACCEPT, NULL },
	{ "cron", "", "From: root@host (Cron Daemon)\nTo: root\n\n" WORDS, "",
	    ACTION_ACCEPT, NULL },
	{ "a bad top-level domain", "", "From: a@b.top\n\n" WORDS, "",
	    ACTION_ACCEPT, NULL },
	{ "a listed URL, and more points than are refused",
	    "score { reject = 5 }", FROM "\n" WORDS "https://evil.example/x\n",
	    "DBL_PHISH", ACTION_ACCEPT, NULL },
	{ "GTUBE", "", FROM "\n" WORDS GTUBE, "GTUBE", ACTION_REJECT,
	    "holds the GTUBE test text" },
	{ "GTUBE, hold", "guard { on_virus = hold }", FROM "\n" WORDS GTUBE,
	    "GTUBE", ACTION_QUARANTINE, NULL },
	{ "GTUBE, mark", "guard { on_virus = mark }", FROM "\n" WORDS GTUBE,
	    "GTUBE", ACTION_ACCEPT, NULL },
	{ "GTUBE, observe", "score { mode = observe }", FROM "\n" WORDS GTUBE,
	    "GTUBE", ACTION_ACCEPT, NULL },
};

static void
check_case(struct services *services, const struct outbound_case *c)
{
	const struct verdict *verdict;
	struct scan *scan = scan_of(services, c->conf, c->raw, &verdict);
	char symbols[500] = "";
	size_t i, length = 0;

	for (i = 0; i < verdict->score.count; i++)
		length += (size_t)snprintf(symbols + length,
		    sizeof(symbols) - length, "%s%s", i == 0 ? "" : " ",
		    symbol_name(verdict->score.symbols[i].id));
	if (strcmp(symbols, c->symbols) != 0 || verdict->action != c->action)
		fail_msg("%s: %s, %s", c->name,
		    verdict_action_text(verdict->action), symbols);
	if (c->reply != NULL)
		assert_non_null(strstr(verdict->reply_text, c->reply));
	else
		assert_null(verdict->reply_text);
	assert_int_equal(verdict->header_count, 0);
	assert_null(verdict->subject);
	assert_false(verdict->facts.has_iprev);
	assert_false(verdict->facts.has_helo);
	scan_free(&scan);
}

static void
test_cases(void **state)
{
	size_t i;

	for (i = 0; i < GP_NELEMS(cases); i++)
		check_case(*state, &cases[i]);
}

/* Two messages of one sender. */
struct guard_case {
	const char *name, *conf;
	const char *ip, *login, *sender;
	size_t recipients;
	const char *body;
	enum verdict_action first, second;
	const char *reply; /* of the second; NULL: none */
};

#define ANN  "192.0.2.1", "ann", "ann@sender.example"
#define JUNK WORDS "https://evil.example/x\n"

static const struct guard_case guard_cases[] = {
	{ "hold", "messages = 1/1h", ANN, 1, WORDS, ACTION_ACCEPT,
	    ACTION_QUARANTINE, NULL },
	{ "defer", "messages = 1/1h action = defer", ANN, 1, WORDS,
	    ACTION_ACCEPT, ACTION_TEMPFAIL,
	    "451 4.7.1 You have sent more mail than is allowed in this time; "
	    "try again later [" },
	{ "reject", "messages = 1/1h action = reject", ANN, 1, WORDS,
	    ACTION_ACCEPT, ACTION_REJECT,
	    "550 5.7.1 You have sent more mail than is allowed in this time; "
	    "ask your postmaster [" },
	{ "many recipients", "recipients = 100/1h", ANN, 60, WORDS,
	    ACTION_ACCEPT, ACTION_QUARANTINE, NULL },
	{ "too many at once", "recipients = 100/1h", ANN, 101, WORDS,
	    ACTION_QUARANTINE, ACTION_QUARANTINE, NULL },
	{ "junk", "junk = 8/1h", ANN, 1, JUNK, ACTION_ACCEPT, ACTION_QUARANTINE,
	    NULL },
	{ "no junk", "junk = 1/1h", ANN, 1, WORDS, ACTION_ACCEPT, ACTION_ACCEPT,
	    NULL },
	{ "all off", "messages = off recipients = off junk = off", ANN, 60,
	    JUNK, ACTION_ACCEPT, ACTION_ACCEPT, NULL },
	{ "excepted", "messages = 1/1h except = {ANN}", ANN, 1, WORDS,
	    ACTION_ACCEPT, ACTION_ACCEPT, NULL },
	{ "refused anyway", "messages = 1/1h", ANN, 1, WORDS GTUBE,
	    ACTION_REJECT, ACTION_REJECT, "550 5.7.1 The message holds" },
	{ "held anyway", "messages = 1/1h on_virus = hold action = reject", ANN,
	    1, WORDS GTUBE, ACTION_QUARANTINE, ACTION_REJECT,
	    "550 5.7.1 You have sent" },
	{ "no login", "messages = 1/1h", "127.0.0.1", "", "root@host.example",
	    1, WORDS, ACTION_ACCEPT, ACTION_QUARANTINE, NULL },
	{ "a bounce of ours", "messages = 1/1h", "127.0.0.1", "", "", 1, WORDS,
	    ACTION_ACCEPT, ACTION_ACCEPT, NULL },
	{ "a bounce of ours, IPv6", "messages = 1/1h", "::1", "", "", 1, WORDS,
	    ACTION_ACCEPT, ACTION_ACCEPT, NULL },
	{ "a null sender of another host", "messages = 1/1h", "192.0.2.1", "",
	    "", 1, WORDS, ACTION_ACCEPT, ACTION_QUARANTINE, NULL },
	{ "a null sender of a login", "messages = 1/1h", "127.0.0.1", "ann", "",
	    1, WORDS, ACTION_ACCEPT, ACTION_QUARANTINE, NULL },
};

static struct scan *
scan_of_sender(const struct scan_services *services, const struct guard_case *c,
    const struct settings *settings, const struct verdict **verdict_r)
{
	struct envelope *envelope;
	struct scan *scan;
	char path[100];
	size_t i;

	assert_int_equal(scan_new(services, settings, &scan), STATUS_OK);
	envelope = scan_envelope(scan);
	assert_int_equal(ip_parse(c->ip, &envelope->client_ip), STATUS_OK);
	envelope->login = c->login;
	envelope->is_inbound = false;
	assert_int_equal(scan_set_sender(scan, c->sender), STATUS_OK);
	for (i = 0; i < c->recipients; i++) {
		snprintf(path, sizeof(path), "bob%zu@elsewhere.example", i);
		assert_int_equal(scan_add_recipient(scan, path), STATUS_OK);
	}
	assert_int_equal(message_add_field(scan_message(scan), span_of("From"),
			     span_of(" ann@sender.example")),
	    STATUS_OK);
	assert_int_equal(scan_reach(scan, SCAN_PHASE_HEADER), STATUS_OK);
	assert_int_equal(scan_body(scan, c->body, strlen(c->body)), STATUS_OK);
	assert_int_equal(scan_finish(scan, verdict_r), STATUS_OK);
	return scan;
}

static void
check_guard_verdict(const char *name, const struct verdict *verdict,
    enum verdict_action action, const char *reply)
{
	char text[300] = "";

	if (verdict->action != action)
		fail_msg("%s: %s, %s", name,
		    verdict_action_text(verdict->action), verdict->reasons[0]);
	if (verdict->reply_text != NULL)
		snprintf(text, sizeof(text), "%s %s %s", verdict->reply_code,
		    verdict->reply_enhanced, verdict->reply_text);
	if (strncmp(text, reply == NULL ? "" : reply,
		reply == NULL ? 1 : strlen(reply)) != 0)
		fail_msg("%s: %s", name, text);
}

/* What a daemon has beside the others: a store of its own, in memory. */
static void
open_guard(struct scan_services *services, const struct services *all)
{
	const struct settings *settings =
	    settings_of("store { backend = memory }");

	*services = all->scan;
	services->learns = true;
	assert_non_null(services->guard_clients = guard_clients_new());
	assert_int_equal(task_pool_new(2, &services->pool), STATUS_OK);
	assert_int_equal(
	    store_open(&settings->store, NULL, &services->store), STATUS_OK);
	settings_release(&settings);
}

static void
close_guard(struct scan_services *services)
{
	task_pool_free(&services->pool);
	store_close(&services->store);
	guard_clients_free(&services->guard_clients);
}

static void
check_guard_case(const struct services *all, const struct guard_case *c)
{
	const struct settings *settings;
	struct scan_services services;
	const struct verdict *verdict;
	struct scan *scan;
	char conf[300];

	snprintf(conf, sizeof(conf), "guard { notify = off %s }", c->conf);
	settings = settings_of(conf);
	open_guard(&services, all);
	scan = scan_of_sender(&services, c, settings, &verdict);
	check_guard_verdict(c->name, verdict, c->first,
	    c->first == ACTION_REJECT ? c->reply : NULL);
	scan_free(&scan);
	scan = scan_of_sender(&services, c, settings, &verdict);
	check_guard_verdict(c->name, verdict, c->second, c->reply);
	scan_free(&scan);
	close_guard(&services);
	settings_release(&settings);
}

static void
test_guard(void **state)
{
	size_t i;

	for (i = 0; i < GP_NELEMS(guard_cases); i++)
		check_guard_case(*state, &guard_cases[i]);
}

static void
test_guard_reason(void **state)
{
	const struct guard_case *c = &guard_cases[0];
	const struct settings *settings = settings_of(
	    "guard { messages = 1/90s notify = off } score { mode = observe }");
	struct scan_services services;
	const struct verdict *verdict;
	struct scan *scan;
	int i;

	open_guard(&services, *state);
	for (i = 0; i < 2; i++) {
		scan = scan_of_sender(&services, c, settings, &verdict);
		assert_int_equal(verdict->action, ACTION_ACCEPT);
		assert_int_equal(verdict->judged,
		    i == 0 ? ACTION_ACCEPT : ACTION_QUARANTINE);
		if (i > 0)
			assert_string_equal(verdict->reasons[0],
			    "ann is over its limit of 1 messages in 90s");
		scan_free(&scan);
	}
	close_guard(&services);
	settings_release(&settings);
}

/* Is who got the message a known correspondent of who sent it? */
static bool
is_known(const struct scan_services *services, int number)
{
	struct region *region = region_new();
	struct store_operation peek = { .verb = STORE_PEEK };
	struct address own, other;
	char path[100];

	snprintf(path, sizeof(path), "bob%d@elsewhere.example", number);
	assert_non_null(region);
	assert_int_equal(
	    address_parse_path(region, "ann@sender.example", &own), STATUS_OK);
	assert_int_equal(address_parse_path(region, path, &other), STATUS_OK);
	assert_int_equal(
	    reputation_pair_key(region, &own, &other, &peek.key), STATUS_OK);
	assert_int_equal(store_run(services->store, &peek, 1), STATUS_OK);
	region_free(&region);
	return peek.found;
}

/* All of many recipients are learned, and nothing of what is held. */
static void
test_guard_and_learning(void **state)
{
	struct guard_case c = guard_cases[0];
	const struct settings *settings =
	    settings_of("guard { messages = 1/1h notify = off }");
	struct scan_services services;
	const struct verdict *verdict;
	struct scan *scan;
	int i;

	open_guard(&services, *state);
	for (i = 0; i < 2; i++) {
		c.recipients = i == 0 ? 60 : 61;
		scan = scan_of_sender(&services, &c, settings, &verdict);
		scan_free(&scan);
	}
	task_pool_free(&services.pool); /* writes what was learned */
	for (i = 0; i < 60; i++)
		assert_true(is_known(&services, i));
	assert_false(is_known(&services, 60));
	close_guard(&services);
	settings_release(&settings);
}

/* A store that does not answer stops nobody. */
static void
test_guard_without_store(void **state)
{
	const struct services *all = *state;
	const struct settings *settings =
	    settings_of("guard { messages = 1/1h } store { backend = none }");
	struct scan_services services = all->scan;
	const struct verdict *verdict;
	struct scan *scan;
	int i;

	assert_non_null(services.guard_clients = guard_clients_new());
	assert_int_equal(
	    store_open(&settings->store, NULL, &services.store), STATUS_OK);
	for (i = 0; i < 5; i++) {
		scan = scan_of_sender(
		    &services, &guard_cases[0], settings, &verdict);
		assert_int_equal(verdict->action, ACTION_ACCEPT);
		scan_free(&scan);
	}
	store_close(&services.store);
	guard_clients_free(&services.guard_clients);
	settings_release(&settings);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_guard),
		cmocka_unit_test(test_guard_reason),
		cmocka_unit_test(test_guard_and_learning),
		cmocka_unit_test(test_guard_without_store),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
