/* The symbols of URLs: each with messages that hit and near misses. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/str.h"
#include "tests/unit/content-fixture.h"
#include "tests/unit/unit.h"

#define HEAD                                                         \
	"From: Ann <ann@sender.example>\nTo: bob@gatepost.example\n" \
	"Subject: x\nMIME-Version: 1.0\n"
#define PLAIN HEAD "Content-Type: text/plain; charset=utf-8\n\n"
#define HTML  HEAD "Content-Type: text/html; charset=utf-8\n\n"
#define LIST                                                     \
	"List-Id: <talk.list.example>\nList-Post: <mailto:talk@" \
	"list.example>\nList-Unsubscribe: <https://lists.list.example/u>\n"
#define LINK(href) "<p><a href=\"" href "\">here</a></p>"

#define SENDER_LINK LINK("https://www.sender.example/")

/* Of all symbols those that begin with URL_ are compared. */
static const struct {
	const char *name, *raw, *expected;
} cases[] = {
	{ "no URL", PLAIN "hello", "" },
	{ "own site", HTML SENDER_LINK, "" },
	{ "mail address", PLAIN "write to ann@192.0.2.1 or x@y.top", "" },

	{ "all links the same", HTML SENDER_LINK SENDER_LINK SENDER_LINK,
	    "URL_ALL_SAME" },
	{ "two links the same", HTML SENDER_LINK SENDER_LINK, "" },
	{ "one of three differs",
	    HTML SENDER_LINK SENDER_LINK LINK("https://sender.example/a"), "" },

	{ "code in the fragment",
	    HTML LINK("https://sender.example/#YWxpY2VAZ2F0ZXBvc3Q1"),
	    "URL_FRAGMENT_CODE" },
	{ "heading", HTML LINK("https://sender.example/#installation-notes"),
	    "" },
	{ "short code", HTML LINK("https://sender.example/#YWxpY2VA123"), "" },
	{ "other bytes", HTML LINK("https://sender.example/#YWxpY2VA(123456)"),
	    "" },
	{ "code, list", LIST PLAIN "https://other.example/#YWxpY2VAZ2F0ZXB1",
	    "" },

	{ "http", HTML LINK("http://sender.example/"), "URL_HTTP" },
	{ "half http", HTML LINK("http://sender.example/") SENDER_LINK,
	    "URL_HTTP" },
	{ "a third http",
	    HTML LINK("http://sender.example/") SENDER_LINK SENDER_LINK, "" },
	{ "http in text", PLAIN "http://sender.example/", "" },

	{ "punycode", PLAIN "https://xn--bcher-kva.example/", "URL_IDN" },
	{ "U-labels",
	    PLAIN "https://b\xc3\xbc"
		  "cher.de/",
	    "URL_IDN" },
	{ "ASCII", PLAIN "https://bucher.example/", "" },

	{ "elsewhere", HTML LINK("https://other.example/"),
	    "URL_NONE_OF_SENDER" },
	{ "one at home", HTML LINK("https://other.example/") SENDER_LINK, "" },
	{ "text alone", PLAIN "https://other.example/", "" },
	{ "elsewhere, list", LIST HTML LINK("https://other.example/"), "" },

	{ "address", PLAIN "http://192.0.2.1/x", "URL_NUMERIC_HOST" },
	{ "odd address", PLAIN "http://0xc0000201/x", "URL_NUMERIC_HOST" },
	{ "private address", PLAIN "http://192.168.1.1/x", "" },
	{ "in a query", PLAIN "https://a.example/?u=http://192.0.2.1/",
	    "URL_NUMERIC_HOST" },
	{ "image only", HTML "<img src=\"http://192.0.2.1/x.png\">", "" },

	{ "storage", PLAIN "https://storage.googleapis.com/b/x.html",
	    "URL_OPEN_STORAGE" },
	{ "bucket", PLAIN "https://b.s3.amazonaws.com/x", "URL_OPEN_STORAGE" },
	{ "no storage", PLAIN "https://fonts.googleapis.com/x", "" },

	{ "redirector", PLAIN "https://WWW.google.com/url?q=x",
	    "URL_REDIRECTOR" },
	{ "search", PLAIN "https://www.google.com/search?q=x", "" },
	{ "redirector, list", LIST PLAIN "https://www.google.com/url?q=x", "" },

	{ "shortener", PLAIN "https://bit.ly/abc", "URL_SHORTENER" },
	{ "other name", PLAIN "https://orbit.ly/abc", "" },
	{ "below of one", PLAIN "https://maps.app.goo.gl/abc", "" },
	{ "shortener in a query", PLAIN "https://a.example/?u=https://bit.ly/x",
	    "" },
	{ "shortener, list", LIST PLAIN "https://bit.ly/abc", "" },

	{ "text names another",
	    HTML
	    "<a href=\"https://evil.example/\">https://bank.example</a>" SENDER_LINK,
	    "URL_TEXT_OTHER_HOST" },
	{ "text names a subdomain",
	    HTML
	    "<a href=\"https://www.evil.example/\">www.evil.example</a>" SENDER_LINK,
	    "" },
	{ "text of words",
	    HTML "<a href=\"https://evil.example/\">www.bank.example is "
		 "here</a>" SENDER_LINK,
	    "" },
	{ "text names the author",
	    HTML
	    "<a href=\"https://evil.example/\">www.sender.example</a>" SENDER_LINK,
	    "" },
	{ "click counter",
	    HTML
	    "<a href=\"https://click.evil.example/\">www.bank.example</a>" SENDER_LINK,
	    "" },

	{ "bad TLD", PLAIN "https://win.prize.top/", "URL_TLD_BAD" },
	{ "bad TLD, www", PLAIN "www.prize.top", "URL_TLD_BAD" },
	{ "file name", PLAIN "see notes.zip and main.ml/x", "" },
	{ "good TLD", PLAIN "https://top.example/", "" },
	{ "the list's own", LIST PLAIN "http://www.list.example/ x", "" },
	{ "attached text",
	    HEAD "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nhi\n"
		 "--b\nContent-Disposition: attachment; filename=a.txt\n\n"
		 "https://win.prize.top/\n--b--\n",
	    "" },
};

static void
keep_url_symbols(const char *symbols, char *to, size_t size)
{
	struct span rest = span_of(symbols), name;
	size_t used = 0;

	to[0] = '\0';
	while (span_split(&rest, ' ', &name)) {
		if (!span_starts_nocase(name, "URL_"))
			continue;
		used += (size_t)snprintf(to + used, size - used, "%s%.*s",
		    used == 0 ? "" : " ", (int)name.length, name.data);
		assert_true(used < size);
	}
}

static void
test_symbols(void **state)
{
	char found[500];
	size_t i;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		keep_url_symbols(content_symbols_of(*state, cases[i].raw),
		    found, sizeof(found));
		if (strcmp(found, cases[i].expected) != 0)
			fail_msg("%s: \"%s\", not \"%s\"", cases[i].name, found,
			    cases[i].expected);
	}
}

/* Where URLs were left out, nothing is concluded from those that are there. */
static void
test_limits(void **state)
{
	static char raw[400000];
	size_t i, used;
	const char *found;

	used = (size_t)snprintf(raw, sizeof(raw), "%s",
	    HTML LINK("http://a.example/") LINK("http://a.example/")
		LINK("http://a.example/"));
	found = content_symbols_of(*state, raw);
	assert_true(content_has_symbol(found, "URL_ALL_SAME"));
	assert_true(content_has_symbol(found, "URL_HTTP"));
	assert_true(content_has_symbol(found, "URL_NONE_OF_SENDER"));
	for (i = 0; i < 2000; i++)
		used += (size_t)snprintf(raw + used, sizeof(raw) - used,
		    "<a href=\"http://h%zu.example/\">x</a>\n", i);
	found = content_symbols_of(*state, raw);
	assert_false(content_has_symbol(found, "URL_HTTP"));
	assert_false(content_has_symbol(found, "URL_NONE_OF_SENDER"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_symbols),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(
	    tests, content_fixture_setup, content_fixture_teardown);
}
