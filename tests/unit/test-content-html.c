/* Symbols of HTML, images and encodings: a message that hits, and one that nearly
 * does. */
#include "config.h"

#include "lib/base/str.h"
#include "lib/base/strbuf.h"
#include "lib/mail/html.h"
#include "tests/unit/content-fixture.h"
#include "tests/unit/unit.h"

#define HTML  "Content-Type: text/html; charset=utf-8\n\n"
#define PLAIN "Content-Type: text/plain; charset=utf-8\n\n"
#define BOTH  "Content-Type: multipart/alternative; boundary=b\n\n--b\n"
#define NEXT  "\n--b\n"
#define END   "\n--b--\n"

#define BASE64_HTML                                \
	"Content-Type: text/html; charset=utf-8\n" \
	"Content-Transfer-Encoding: base64\n\n"
#define ASCII_60                                             \
	"PHA+SGVsbG8gd29ybGQsIHRoaXMgaXMgYWxsIHRoYXQgSSBoYX" \
	"ZlIHRvIHNheSB0byB5b3U8L3A+\n"
#define UMLAUT_60                                            \
	"PHA+SGVsbG8gd8O2cmxkLCB0aGlzIGlzIGFsbCB0aGF0IEkgaG" \
	"F2ZSB0byBzYXkgdG8geW91PC9wPg==\n"

#define TEN     "abcdefghi "
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN
#define LONG    HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED
#define LINKED  "<a href='http://a.example/x'><img src='http://b.example/i'></a>"
#define IMAGE   "<img src='http://b.example/j'>"

struct symbol_case {
	const char *symbol, *hit, *miss;
};

static const struct symbol_case symbol_cases[] = {
	{ "HTML_ONLY", HTML "<p>hello</p>", PLAIN "hello\n" },
	{ "HTML_ONLY", BOTH PLAIN " \n\xc2\xa0\n" NEXT HTML "<p>hello</p>" END,
	    BOTH PLAIN "hello\n" NEXT HTML "<p>hello</p>" END },
	{ "HTML_ONLY",
	    BOTH PLAIN "http://a.example/x\n" NEXT HTML "<p>hello</p>" END,
	    BOTH "Content-Type: text/html\nContent-Disposition: attachment\n\n"
		 "<p>hello</p>" END },
	{ "HTML_BASE64", BASE64_HTML "R3LDvMOfZQ==\n",
	    "Content-Transfer-Encoding: base64\n" PLAIN "aGVsbG8=\n" },
	{ "HTML_BASE64", BASE64_HTML "PHA+aGk=\n", BASE64_HTML ASCII_60 },
	{ "HTML_BASE64", BASE64_HTML UMLAUT_60, HTML "R3LDvMOfZQ==\n" },
	{ "HTML_BASE64_ASCII", BASE64_HTML ASCII_60, BASE64_HTML UMLAUT_60 },
	{ "HTML_BASE64_ASCII", BASE64_HTML ASCII_60, BASE64_HTML "PHA+aGk=\n" },
	{ "HTML_NO_CHARSET", "Content-Type: text/html\n\n<p>hello</p>",
	    HTML "<p>hello</p>" },
	{ "HTML_NO_CHARSET", "Content-Type: text/html; x=y\n\n<p>hello</p>",
	    "Content-Type: text/html\nContent-Disposition: attachment\n\n"
	    "<p>hello</p>" },
	{ "HTML_NO_CHARSET",
	    "Content-Type: text/html\n\n<meta name=x><p>charset=utf-8</p>",
	    "Content-Type: text/html\n\n<META\ncharset=utf-8><p>hello</p>" },
	{ "HTML_NO_CHARSET",
	    "Content-Type: text/html\n\n<p charset=utf-8>hello</p>",
	    "Content-Type: text/html\n\n<meta http-equiv=Content-Type "
	    "content='text/html; charset=utf-8'><p>hello</p>" },
	{ "HTML_HIDDEN_MORE",
	    HTML "<p>hello</p><p style='font-size:0'>" HUNDRED TEN TEN "</p>",
	    HTML "<p>hello</p><p style='font-size:0'>" TEN "</p>" },
	{ "HTML_HIDDEN_MORE",
	    HTML "<style>.x{display:none}</style><p class=x>" HUNDRED HUNDRED
		 "</p>hi",
	    HTML "<p hidden>" HUNDRED HUNDRED "</p><p>" HUNDRED HUNDRED
		 "more</p>" },
	{ "HTML_HIDDEN_MORE",
	    HTML "<p style='color:#fff'>" HUNDRED HUNDRED "</p>",
	    HTML "<p style='mso-hide:all'>" HUNDRED HUNDRED "</p>" },
	{ "HTML_HIDDEN_LONG", HTML "<p style='display:none'>" LONG "</p>" LONG,
	    HTML "<p style='display:none'>" HUNDRED "</p>" LONG },
	{ "HTML_HIDDEN_LONG", HTML "<p style='opacity:0'>" LONG "</p>" LONG,
	    HTML "<p style='font-size:0'>" LONG "</p>" LONG },
	{ "IMAGE_LINKED_FEW_TEXT", HTML "<p>look</p>" LINKED,
	    HTML "<p>look</p>" IMAGE "<a href='http://a.example'>x</a>" },
	{ "IMAGE_LINKED_FEW_TEXT", HTML LINKED IMAGE IMAGE IMAGE,
	    HTML LINKED IMAGE IMAGE IMAGE IMAGE },
	{ "IMAGE_LINKED_FEW_TEXT", HTML LINKED HUNDRED, HTML LINKED LONG },
	{ "IMAGE_FREE_HOST", HTML "<img src='https://i.imgur.com/x.png'>",
	    HTML "<a href='https://i.imgur.com/x.png'>see</a>" },
	{ "IMAGE_FREE_HOST", HTML "<p>hi</p><img src='//ibb.co/x'>",
	    HTML "<img src='https://ibb.co.example/x'>" },
	{ "MIME_DAMAGED",
	    "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nhello\n",
	    "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nhello" END },
	{ "MIME_DAMAGED",
	    "Content-Transfer-Encoding: base64\n" BOTH PLAIN "hello\n" END,
	    "Content-Transfer-Encoding: 8bit\n" BOTH PLAIN "hello\n" END },
	{ "MIME_DAMAGED", "Content-Type: text\n\nhello\n", PLAIN "hello\n" },
	{ "MIME_DAMAGED", "Content-Transfer-Encoding: best\n\nhello\n",
	    "Content-Transfer-Encoding: 7bit; x\n\nhello\n" },
	{ "MIME_DAMAGED",
	    "Content-Type: text/plain; charset=no-such\n\nhello\n",
	    PLAIN "gr\xfc\xdf"
		  "e\n" },
	/* What is forwarded is not the author's. */
	{ "MIME_DAMAGED", "Content-Type: text/plain; charset=x-y\n\nhello\n",
	    "Content-Type: message/rfc822\n\n"
	    "Content-Type: text/plain; charset=x-y\n\nhello\n" },
};

static void
test_symbols(void **state)
{
	struct content_fixture *fixture = *state;
	const struct symbol_case *c;
	const char *symbols;
	size_t i;

	for (i = 0; i < GP_NELEMS(symbol_cases); i++) {
		c = &symbol_cases[i];
		symbols = content_symbols_of(fixture, c->hit);
		if (!content_has_symbol(symbols, c->symbol))
			fail_msg("no %s but \"%s\" for\n%s", c->symbol, symbols,
			    c->hit);
		symbols = content_symbols_of(fixture, c->miss);
		if (content_has_symbol(symbols, c->symbol))
			fail_msg("%s for\n%s", c->symbol, c->miss);
	}
}

#define BAD_PAGE HTML "<p hidden>" HUNDRED HUNDRED "</p>" LINKED
#define MIXED    "Content-Type: multipart/mixed; boundary=b\n\n--b\n"

/* What lies behind a limit may be text; but only a limit that could change what a
 * symbol says keeps it away. */
struct limit_case {
	const char *name, *front, *filler;
	size_t times;
	const char *gone; /* of the symbols of absence; the others stay */
	bool told;        /* CONTENT_LIMIT */
};

static const struct limit_case limit_cases[] = {
	{ "no limit", BAD_PAGE, "", 0, "", false },
	{ "many parts", MIXED BAD_PAGE NEXT,
	    "Content-Type: application/x\n\n\n--b\n", 1001,
	    "BODY_NO_TEXT HTML_ONLY", true },
	{ "not so many parts", MIXED BAD_PAGE NEXT,
	    "Content-Type: application/x\n\n\n--b\n", 900, "", false },
	{ "deep elements", BAD_PAGE, "<b>", HTML_DEPTH_MAX + 1, "", false },
	{ "long page", BAD_PAGE, "<!-- " HUNDRED " -->", 7000,
	    "BODY_NO_TEXT HTML_HIDDEN_MORE HTML_ONLY IMAGE_LINKED_FEW_TEXT",
	    true },
	{ "many pages", MIXED BAD_PAGE NEXT, HTML "<br>" NEXT, 101,
	    "BODY_NO_TEXT HTML_HIDDEN_MORE IMAGE_LINKED_FEW_TEXT", true },
	{ "long attachment",
	    MIXED BAD_PAGE NEXT "Content-Type: text/csv\n"
				"Content-Disposition: attachment\n\n",
	    HUNDRED "\n", 20000, "BODY_NO_TEXT", false },
};

static void
check_limit(const struct limit_case *c, const char *symbols)
{
	static const char *const absences[] = { "BODY_NO_TEXT",
		"HTML_HIDDEN_MORE", "HTML_ONLY", "IMAGE_LINKED_FEW_TEXT" };
	size_t i;

	for (i = 0; i < GP_NELEMS(absences); i++)
		if (content_has_symbol(symbols, absences[i]) ==
		    content_has_symbol(c->gone, absences[i]))
			fail_msg("%s: %s: %s", c->name, absences[i], symbols);
	if (content_has_symbol(symbols, "CONTENT_LIMIT") != c->told)
		fail_msg("%s: %s", c->name, symbols);
}

static void
test_limit(void **state)
{
	struct strbuf *raw = strbuf_new(4000000);
	const struct limit_case *c;
	size_t i;

	assert_non_null(raw);
	for (c = limit_cases; c < limit_cases + GP_NELEMS(limit_cases); c++) {
		strbuf_truncate(raw, 0);
		strbuf_add_text(raw, c->front);
		for (i = 0; i < c->times; i++)
			strbuf_add_text(raw, c->filler);
		assert_int_equal(strbuf_status(raw), STATUS_OK);
		check_limit(c, content_symbols_of(*state, strbuf_text(raw)));
	}
	strbuf_free(&raw);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_symbols),
		cmocka_unit_test(test_limit),
	};

	return cmocka_run_group_tests(
	    tests, content_fixture_setup, content_fixture_teardown);
}
