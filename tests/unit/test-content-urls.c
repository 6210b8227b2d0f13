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
#define PLAIN  HEAD "Content-Type: text/plain; charset=utf-8\n\n"
#define HTML   HEAD "Content-Type: text/html; charset=utf-8\n\n"
#define ANSWER "In-Reply-To: <1@gatepost.example>\n"
#define OWN    "I have never seen such a thing before.\n"
#define HEAD_NO_SUBJECT \
	"From: Ann <ann@sender.example>\nTo: bob@gatepost.example\n"
#define HTTP_LINKS                \
	LINK("http://o.example/") \
	LINK("http://o.example/") LINK("http://o.example/")
#define FROM_TOP                                                   \
	"From: Ann <ann@mail.ann.top>\nTo: bob@gatepost.example\n" \
	"Subject: x\n\n"
#define FROM(address)                                               \
	"From: " address "\nTo: bob@gatepost.example\nSubject: x\n" \
	"Content-Type: text/html; charset=utf-8\n\n"
#define LIST                                                     \
	"List-Id: <talk.list.example>\nList-Post: <mailto:talk@" \
	"list.example>\nList-Unsubscribe: <https://lists.list.example/u>\n"
#define LINK(href) "<p><a href=\"" href "\">here</a></p>"

#define SENDER_LINK LINK("https://www.sender.example/")
#define OTHER_LINK  LINK("https://other.example/")
#define BASE64      "Ym9iQGdhdGVwb3N0LmV4YW1wbGU" /* bob@gatepost.example */

/* Of all symbols those that begin with URL_ are compared. */
static const struct {
	const char *name, *raw, *expected;
} cases[] = {
	{ "no URL", PLAIN "hello", "" },
	{ "own site", HTML SENDER_LINK, "" },
	{ "mail address", PLAIN "write to ann@192.0.2.1 or x@y.top", "" },

	{ "all links the same", HTML OTHER_LINK OTHER_LINK OTHER_LINK,
	    "URL_ALL_SAME URL_NONE_OF_SENDER" },
	{ "two links the same", HTML OTHER_LINK OTHER_LINK,
	    "URL_NONE_OF_SENDER" },
	{ "one of three differs",
	    HTML OTHER_LINK OTHER_LINK LINK("https://other.example/a"),
	    "URL_NONE_OF_SENDER" },
	{ "notice of the author's site",
	    HTML SENDER_LINK SENDER_LINK SENDER_LINK, "" },

	{ "address in the fragment",
	    HTML LINK("https://sender.example/#bob@gatepost.example"),
	    "URL_FRAGMENT_CODE" },
	{ "in capitals, behind something",
	    HTML LINK("https://sender.example/x#/u?m=BOB@Gatepost.example&a"),
	    "URL_FRAGMENT_CODE" },
	{ "percent-encoded",
	    HTML LINK("https://sender.example/#%62ob%40gatepost.example"),
	    "URL_FRAGMENT_CODE" },
	{ "base64", HTML LINK("https://sender.example/#" BASE64),
	    "URL_FRAGMENT_CODE" },
	{ "base64 behind something",
	    HTML LINK("https://sender.example/#a/1-" BASE64 "=&x=1"),
	    "URL_FRAGMENT_CODE" },
	{ "base64, more than the address",
	    HTML LINK("https://sender.example/#id="
		      "eHkgYm9iQGdhdGVwb3N0LmV4YW1wbGU="),
	    "URL_FRAGMENT_CODE" },
	{ "address, list", LIST PLAIN "https://a.example/#" BASE64,
	    "URL_FRAGMENT_CODE" },
	{ "of another at that domain",
	    HTML LINK("https://sender.example/#rob@gatepost.example"), "" },
	{ "at another domain",
	    HTML LINK("https://sender.example/#bob@gatepost.example.org"), "" },
	{ "end of another name",
	    HTML LINK("https://sender.example/#abob@gatepost.example"), "" },
	{ "base64 of another",
	    HTML LINK("https://sender.example/#cm9iQGdhdGVwb3N0LmV4YW1wbGU="),
	    "" },
	{ "in the query",
	    HTML LINK("https://sender.example/?u=bob@gatepost.example"), "" },
	{ "heading", HTML LINK("https://sender.example/#installation-notes"),
	    "" },
	{ "token to reset a password",
	    HTML LINK("https://sender.example/reset#token=abc123def456ghi"),
	    "" },
	{ "comment",
	    HTML LINK("https://sender.example/1#issuecomment-1234567890"), "" },

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
	{ "elsewhere, of a free mailbox", FROM("ann@gmx.de") OTHER_LINK, "" },
	{ "elsewhere, of a house of mailboxes",
	    FROM("ann@news.gmx.de") OTHER_LINK, "URL_NONE_OF_SENDER" },
	{ "elsewhere, as a list says that nobody proved",
	    LIST HTML LINK("https://other.example/"), "URL_NONE_OF_SENDER" },
	{ "at the list, that nobody proved",
	    LIST HTML LINK("https://www.list.example/"), "URL_NONE_OF_SENDER" },

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
	{ "redirector, list", LIST PLAIN "https://www.google.com/url?q=x",
	    "URL_REDIRECTOR" },

	{ "shortener", PLAIN "https://bit.ly/abc", "URL_SHORTENER" },
	{ "other name", PLAIN "https://orbit.ly/abc", "" },
	{ "below of one", PLAIN "https://maps.app.goo.gl/abc", "" },
	{ "shortener in a query", PLAIN "https://a.example/?u=https://bit.ly/x",
	    "" },
	{ "shortener, list", LIST PLAIN "https://bit.ly/abc", "URL_SHORTENER" },

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
	{ "mild TLD", PLAIN "https://prize.shop/", "URL_TLD_BAD" },
	{ "the author's own", FROM_TOP "https://ann.top/", "" },
	{ "beside the author's own", FROM_TOP "https://ann.top/ http://x.top/",
	    "URL_TLD_BAD" },
	{ "a list says that it is its own",
	    "List-Id: <a.prize.top>\nPrecedence: bulk\n"
	    "List-Unsubscribe: <http://prize.top/u>\n" PLAIN
	    "http://prize.top/",
	    "URL_TLD_BAD" },
	{ "a list says so, text names another",
	    "List-Id: <a.evil.example>\nPrecedence: bulk\n"
	    "List-Unsubscribe: <http://evil.example/u>\n" HTML
	    "<a href=\"https://evil.example/\">https://bank.example</a>" SENDER_LINK,
	    "URL_TEXT_OTHER_HOST" },
	{ "a list says so, address and letters",
	    "List-Id: <a.xn--bcher-kva.example>\nPrecedence: bulk\n"
	    "List-Help: <http://192.0.2.1/>, <http://xn--bcher-kva.example/>\n" PLAIN
	    "http://192.0.2.1/ http://xn--bcher-kva.example/",
	    "URL_IDN URL_NUMERIC_HOST" },
	{ "quoted", ANSWER PLAIN OWN "> https://bit.ly/a\n", "" },
	{ "quoted in a forward",
	    "Subject: Fwd: x\n" HEAD_NO_SUBJECT
	    "Content-Type: text/plain\n\n" OWN "> https://bit.ly/a\n",
	    "" },
	{ "quoted, and said too",
	    ANSWER PLAIN OWN "> https://bit.ly/a\nhttps://bit.ly/a\n",
	    "URL_SHORTENER" },
	{ "quoted, and no answer", PLAIN OWN "> https://bit.ly/a\n",
	    "URL_SHORTENER" },
	{ "all is quoted",
	    ANSWER PLAIN "Hi\n> I have never seen such a thing before\n"
			 "> https://bit.ly/a\n",
	    "URL_SHORTENER" },
	{ "quoted, not mild",
	    ANSWER PLAIN OWN "> https://x.top/ http://192.0.2.1/\n",
	    "URL_NUMERIC_HOST URL_TLD_BAD" },
	{ "line of another program",
	    ANSWER PLAIN OWN "-----Original Message-----\nhttps://bit.ly/a\n",
	    "URL_SHORTENER" },
	{ "quoted in HTML",
	    ANSWER HTML OWN "<blockquote type=cite>" HTTP_LINKS "</blockquote>",
	    "" },
	{ "quoted in HTML, text is the URL",
	    ANSWER HTML OWN "<div class='gmail_quote'><a href=https://bit.ly/a>"
			    "https://bit.ly/a</a></div>",
	    "" },
	{ "indented in HTML", ANSWER HTML OWN "<blockquote>" HTTP_LINKS,
	    "URL_ALL_SAME URL_HTTP URL_NONE_OF_SENDER" },
	{ "quoted in HTML, not mild",
	    ANSWER HTML OWN
	    "<blockquote type=cite><a href=https://evil.example>"
	    "https://bank.example</a></blockquote>",
	    "URL_TEXT_OTHER_HOST" },
	{ "all is quoted in HTML",
	    ANSWER HTML
	    "Hi<blockquote type=cite>I have never seen such a thing" HTTP_LINKS
	    "</blockquote>",
	    "URL_ALL_SAME URL_HTTP URL_NONE_OF_SENDER" },
	{ "link home in a quote, elsewhere outside",
	    ANSWER HTML OWN OTHER_LINK "<blockquote type=cite>" SENDER_LINK,
	    "" },

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

/* Half of the points for an address that is only named. */
static void
test_numeric(void **state)
{
	int named, leads;

	(void)content_symbols_of(*state, PLAIN "GET http://192.0.2.1/x\n");
	named = content_points(*state, "URL_NUMERIC_HOST");
	(void)content_symbols_of(
	    *state, PLAIN "https://a.example/?u=http://192.0.2.1/x\n");
	leads = content_points(*state, "URL_NUMERIC_HOST");
	assert_true(named > 0);
	assert_int_equal(leads, 2 * named);
	(void)content_symbols_of(*state, HTML LINK("http://192.0.2.1/x"));
	assert_int_equal(
	    content_points(*state, "URL_NUMERIC_HOST"), leads);
}

/* Where links were left out, what depends on those that are missing is not
 * concluded. */
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
		used += (size_t)snprintf(
		    raw + used, sizeof(raw) - used, LINK("http://a.example/"));
	found = content_symbols_of(*state, raw);
	assert_false(content_has_symbol(found, "URL_ALL_SAME"));
	assert_true(content_has_symbol(found, "URL_HTTP"));
	assert_false(content_has_symbol(found, "URL_NONE_OF_SENDER"));
}

/* A limit that no link is missing for is none. */
static void
test_other_limits(void **state)
{
	static char raw[100000];
	const char *found;
	size_t i, used;

	used = (size_t)snprintf(
	    raw, sizeof(raw), "%s", HTML OTHER_LINK OTHER_LINK OTHER_LINK);
	for (i = 0; i < 2000; i++)
		used += (size_t)snprintf(raw + used, sizeof(raw) - used,
		    "<img src=\"https://i.example/\">\n");
	assert_true(used < sizeof(raw));
	found = content_symbols_of(*state, raw);
	assert_true(content_has_symbol(found, "URL_ALL_SAME"));
	assert_true(content_has_symbol(found, "URL_NONE_OF_SENDER"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_symbols),
		cmocka_unit_test(test_numeric),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_other_limits),
	};

	return cmocka_run_group_tests(
	    tests, content_fixture_setup, content_fixture_teardown);
}
