/* Which hosts of URLs are asked about, in which order, and what comes back. */
#include "config.h"

#include <stdlib.h>

#include "lib/scan/scan-private.h"
#include "lib/scan/symbols.h"
#include "tests/unit/lists-fixture.h"
#include "tests/unit/settings-text.h"

#define FROM       "From: Ann <ann@sender.example>\nSubject: x\n"
#define PLAIN      FROM "\n"
#define HTML       FROM "MIME-Version: 1.0\nContent-Type: text/html\n\n"
#define LINK(href) "<a href=\"" href "\">x</a> "
#define IMAGE(src) "<img src=\"" src "\"> "

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
	    &services->lists, "evil.example.dbl.spamhaus.org. A 127.0.1.4");
	fixture_add(&services->lists,
	    "deep.evil.example.dbl.spamhaus.org. A 127.0.1.4");
	fixture_add(&services->lists,
	    "bad.house.example.dbl.spamhaus.org. A 127.0.1.102");
	fixture_add(
	    &services->lists, "9.100.51.198.zen.spamhaus.org. A 127.0.0.2");
	fixture_add(
	    &services->lists, "9.100.51.198.multi.surbl.org. A 127.0.0.64");
	fixture_start(&services->lists);
	services->scan.dns = services->lists.dns;
	services->scan.lists = services->lists.lists;
	assert_int_equal(task_pool_new(1, &services->scan.pool), STATUS_OK);
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

static struct scan *
scan_of(struct services *services, const char *conf, const char *raw,
    const struct verdict **verdict_r)
{
	const struct settings *settings = settings_of(conf);
	struct span body;
	struct scan *scan;

	assert_int_equal(scan_new(&services->scan, settings, &scan), STATUS_OK);
	settings_release(&settings);
	assert_int_equal(scan_set_sender(scan, "<>"), STATUS_OK);
	assert_int_equal(
	    scan_add_recipient(scan, "<bob@Gatepost.example>"), STATUS_OK);
	assert_int_equal(
	    message_parse_header(scan_message(scan), span_of(raw), &body),
	    STATUS_OK);
	assert_int_equal(scan_reach(scan, SCAN_PHASE_HEADER), STATUS_OK);
	assert_int_equal(scan_body(scan, body.data, body.length), STATUS_OK);
	assert_int_equal(scan_finish(scan, verdict_r), STATUS_OK);
	return scan;
}

#define HIDDEN(href) "<a style='display:none' href=\"" href "\">x</a> "
#define QUERY(href)  LINK("https://r.example/?u=" href)
#define MAX_4        "lists { url_max = 4 }"

static const struct {
	const char *name, *conf, *raw;
	const char *asked; /* "...": hosts were left out */
} cases[] = {
	{ "none", "", PLAIN "hello", "sender.example" },
	{ "as they come", "", PLAIN "https://www.a.example/ https://b.example/",
	    "sender.example a.example b.example" },
	{ "one site once", "",
	    PLAIN
	    "https://a.example/ http://www.a.example/x https://a.example/y",
	    "sender.example a.example" },
	{ "further hosts of a domain", "",
	    PLAIN "https://w.a.example/ https://x.a.example/ "
		  "https://b.example/ https://www.x.a.example/",
	    "sender.example a.example b.example x.a.example" },
	{ "of the author's", "",
	    PLAIN "https://www.sender.example/ https://x.sender.example/",
	    "sender.example x.sender.example" },
	{ "not of the recipient's", "",
	    PLAIN "https://a.gatepost.example/ https://b.gatepost.example/",
	    "sender.example gatepost.example" },
	{ "many of one domain", "",
	    PLAIN "https://1.a.example/ https://2.a.example/ "
		  "https://3.a.example/ https://4.a.example/ "
		  "https://5.a.example/",
	    "sender.example a.example 2.a.example 3.a.example 4.a.example "
	    "..." },
	{ "further hosts behind other domains", "lists { url_max = 2 }",
	    PLAIN "https://1.a.example/ https://2.a.example/ "
		  "https://b.example/",
	    "sender.example a.example b.example ..." },
	{ "the author's is asked already", "",
	    PLAIN "https://www.sender.example/ https://a.example/",
	    "sender.example a.example" },
	{ "links before images", "",
	    HTML IMAGE("https://i.example/a.png") LINK("https://a.example/"),
	    "sender.example a.example i.example" },
	{ "an image that is a link too", "",
	    HTML IMAGE("https://i.example/a.png") LINK("https://a.example/")
		LINK("https://www.i.example/"),
	    "sender.example a.example i.example" },
	{ "suspects first", "",
	    HTML LINK("https://a.example/") LINK("https://b.top/")
		LINK("http://198.51.100.9/") LINK("https://c.example/")
		    LINK("https://u@d.example/"),
	    "sender.example b.top 198.51.100.9 d.example a.example "
	    "c.example" },
	{ "text names another", "",
	    HTML LINK(
		"https://a.example/") "<a href=\"https://b.example/\">https://bank.example/</a>",
	    "sender.example b.example a.example bank.example" },
	{ "the query of a redirector", "",
	    PLAIN "https://a.example/ "
		  "https://www.google.com/url?q=https%3A%2F%2Fb.example%2F",
	    "sender.example b.example a.example" },
	{ "quoted ones as all others", "lists { url_max = 1 }",
	    "In-Reply-To: <1@x.example>\n" PLAIN
	    "> https://a.example/\nhttps://b.example/ is an answer\n",
	    "sender.example a.example ..." },
	{ "the recipient's last", "",
	    HTML LINK("https://www.gatepost.example/")
		IMAGE("https://i.example/a.png"),
	    "sender.example i.example gatepost.example" },
	{ "attached last", "",
	    FROM "MIME-Version: 1.0\n"
		 "Content-Type: multipart/mixed; boundary=b\n\n"
		 "--b\nContent-Disposition: attachment; filename=a.txt\n\n"
		 "https://a.example/\n--b\n\nhttps://b.example/\n--b--\n",
	    "sender.example b.example a.example" },
	{ "well-known", "",
	    PLAIN "https://www.w3.org/TR https://youtube.com/x "
		  "https://fonts.googleapis.com/ https://a.example/",
	    "sender.example a.example" },
	{ "no lookalikes of them", "", PLAIN "https://notw3.org/x",
	    "sender.example notw3.org" },
	{ "skipped by configuration",
	    "lists { url_skip = { \"a.example\", \"198.51.100.9\" } }",
	    PLAIN "https://x.A.example/ http://198.51.100.9/ https://w3.org/",
	    "sender.example w3.org" },
	{ "what no list knows", "",
	    PLAIN "http://192.168.1.1/ http://localhost/ https://co.uk/ "
		  "mail c@c.example",
	    "sender.example" },
	{ "limit", "lists { url_max = 2 }",
	    HTML LINK("https://a.example/") LINK("https://b.example/")
		LINK("https://c.top/") LINK("https://d.example/"),
	    "sender.example c.top a.example ..." },
	{ "as many as are allowed", "lists { url_max = 2 }",
	    HTML LINK("https://a.example/") LINK("https://b.example/"),
	    "sender.example a.example b.example" },
	{ "hidden ones last", MAX_4,
	    HTML HIDDEN("https://1.top/") HIDDEN("https://2.top/")
		HIDDEN("https://3.top/") LINK("https://a.example/")
		    LINK("https://b.example/"),
	    "sender.example a.example b.example 1.top 2.top ..." },
	{ "hidden, and shown elsewhere", MAX_4,
	    HTML HIDDEN("https://1.top/") HIDDEN("https://a.example/")
		LINK("https://a.example/"),
	    "sender.example a.example 1.top" },
	{ "in the query of a hidden one", MAX_4,
	    HTML HIDDEN("https://1.top/?u=https://2.top/&v=https://3.top/")
		LINK("https://a.example/") LINK("https://b.example/"),
	    "sender.example a.example b.example 1.top 2.top ..." },
	{ "half for plain links", MAX_4,
	    HTML QUERY("https://1.example/") QUERY("https://2.example/")
		QUERY("https://3.example/") LINK("https://a.example/"),
	    "sender.example 1.example 2.example r.example a.example ..." },
	{ "the rest for suspects", MAX_4,
	    HTML LINK("https://1.top/") LINK("https://2.top/")
		LINK("https://3.top/") LINK("https://a.example/"),
	    "sender.example 1.top 2.top a.example 3.top" },
	{ "half for suspects", MAX_4,
	    HTML LINK("https://a.example/") LINK("https://b.example/")
		LINK("https://c.example/") LINK("https://d.example/")
		    LINK("https://1.top/") LINK("https://2.top/"),
	    "sender.example 1.top 2.top a.example b.example ..." },
	{ "the sender's do not count for it", "lists { url_max = 1 }",
	    PLAIN "https://sender.example/ https://a.example/ "
		  "https://b.example/",
	    "sender.example a.example ..." },
	{ "none at all", "lists { url_max = 0 }", PLAIN "https://a.example/",
	    "sender.example" },
};

static void
test_order(void **state)
{
	const struct verdict *verdict;
	struct scan *scan;
	char asked[500];
	size_t i, n, used;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		scan = scan_of(*state, cases[i].conf, cases[i].raw, &verdict);
		asked[0] = '\0';
		for (n = used = 0; n < scan->asked_count; n++)
			used +=
			    (size_t)snprintf(asked + used, sizeof(asked) - used,
				"%s%s", n == 0 ? "" : " ", scan->asked[n]);
		if (verdict->facts.urls_left_out)
			snprintf(asked + used, sizeof(asked) - used, " ...");
		scan_free(&scan);
		if (strcmp(asked, cases[i].asked) != 0)
			fail_msg("%s: \"%s\", not \"%s\"", cases[i].name, asked,
			    cases[i].asked);
	}
}

static const struct {
	const char *raw, *reason;
} hits[] = {
	{ PLAIN "https://evil.example/", "evil.example is a phishing domain" },
	{ PLAIN "https://deep.evil.example/",
	    "deep.evil.example is a phishing domain" },
	{ PLAIN "https://good.house.example/ https://bad.house.example/",
	    "bad.house.example is an honest domain that spammers abuse" },
	{ PLAIN "https://www.google.com/url?q=http%3A%2F%2Fevil.example%2F",
	    "evil.example is a phishing domain" },
	{ PLAIN "http://198.51.100.9/",
	    "its link leads to 198.51.100.9, a known spam source" },
	{ PLAIN "http://0xc6336409/",
	    "its link leads to 198.51.100.9, a known spam source" },
	{ PLAIN "http://198.51.100.9/", "198.51.100.9 is named in spam" },
};

static bool
has_reason(const struct score *score, const char *reason)
{
	size_t i;

	for (i = 0; i < score->count; i++)
		if (strncmp(score->symbols[i].reason, reason, strlen(reason)) ==
		    0)
			return true;
	return false;
}

static void
test_hits(void **state)
{
	const struct verdict *verdict;
	struct scan *scan;
	size_t i;

	for (i = 0; i < GP_NELEMS(hits); i++) {
		scan = scan_of(*state, "", hits[i].raw, &verdict);
		if (!has_reason(&verdict->score, hits[i].reason))
			fail_msg("%s: not %s", hits[i].raw, hits[i].reason);
		scan_free(&scan);
		scan = scan_of(
		    *state, "lists { url_max = 0 }", hits[i].raw, &verdict);
		assert_false(has_reason(&verdict->score, hits[i].reason));
		scan_free(&scan);
	}
}

/* Decoys that are not seen, more than the list of URLs holds. */
static void
test_hidden_bomb(void **state)
{
	static char raw[200000];
	const struct verdict *verdict;
	struct scan *scan;
	size_t i, used;

	used = (size_t)snprintf(
	    raw, sizeof(raw), "%s<div style='display:none'>", HTML);
	for (i = 0; i < 900; i++)
		used += (size_t)snprintf(raw + used, sizeof(raw) - used,
		    "<a href=\"https://host%zu.top/?u=http://q%zu.top/\">x</a>\n",
		    i, i);
	used += (size_t)snprintf(raw + used, sizeof(raw) - used,
	    "</div>" LINK("https://evil.example/"));
	assert_true(used < sizeof(raw));
	scan = scan_of(*state, "", raw, &verdict);
	assert_true(has_reason(&verdict->score, hits[0].reason));
	assert_true(verdict->facts.urls_left_out);
	scan_free(&scan);
}

/* A thousand hosts: as many are asked about as are allowed. */
static void
test_bomb(void **state)
{
	static char raw[60000];
	const struct verdict *verdict;
	struct scan *scan;
	size_t i, used;

	used = (size_t)snprintf(raw, sizeof(raw), "%s", PLAIN);
	for (i = 0; i < 1500; i++)
		used += (size_t)snprintf(raw + used, sizeof(raw) - used,
		    "https://host%zu.example/\n", i);
	scan = scan_of(*state, "", raw, &verdict);
	assert_int_equal(scan->asked_count, 1 + 20);
	scan_free(&scan);
	scan = scan_of(*state, "lists { url_max = 100 }", raw, &verdict);
	assert_int_equal(scan->asked_count, 1 + 100);
	scan_free(&scan);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_hits),
		cmocka_unit_test(test_hidden_bomb),
		cmocka_unit_test(test_bomb),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
