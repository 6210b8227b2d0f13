/*
 * Mail of our own users in the pipeline: what is looked at and what is not,
 * and that its points decide nothing.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
