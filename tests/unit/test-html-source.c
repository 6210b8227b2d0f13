/* HTML source made fit for the parser: tags, comments, bytes. */
#include "config.h"

#include "lib/mail/html-source.h"

#include <string.h>

#include "tests/unit/unit.h"

struct source_case {
	const char *source, *expected;
};

static const struct source_case cases[] = {
	{ "", "" },
	{ "a < b & c > d", "a < b & c > d" },
	{ "<b>x</b>", "<b>x</b>" },
	/* attributes */
	{ "<a/href=u>", "<a href=u>" },
	{ "<a /href=u/>", "<a href=u/>" },
	{ "<a\fhref=u>", "<a href=u>" },
	{ "<a\n\nhref\n=\n'u'\n>", "<a href='u' >" },
	{ "<a href=\"u\"title='t'>", "<a href=\"u\"title='t'>" },
	{ "<a href=u/v x>", "<a href=u/v x>" },
	{ "<a b c=d>", "<a b c=d>" },
	{ "<a =x href=u>", "<a _x href=u>" },
	{ "<a h\"ref=u>", "<a h_ref=u>" },
	{ "<a 1href=u -b=c>", "<a _href=u _b=c>" },
	{ "<a href=>x", "<a href=>x" },
	{ "<a href='a>b'>x", "<a href='a>b'>x" },
	{ "<a href='a<b'>x", "<a href='a<b'>x" },
	{ "<br/>x", "<br >x" },
	{ "<div / / a>x", "<div a>x" },
	{ "</p class='>'>x", "</p>x" },
	{ "</P\n>x", "</P>x" },
	/* a tag that does not end is none */
	{ "x<a href='u", "x" },
	{ "x<a href=u", "x" },
	{ "x<a", "x" },
	{ "x</a", "x" },
	{ "x<", "x<" },
	{ "x</", "x" },
	/* comments */
	{ "a<!-- <b> -->c", "ac" },
	{ "a<!-->b<!-- -->", "ab" },
	{ "a<!--->b<!-- -->", "ab" },
	{ "a<!-- x --!>b", "ab" },
	{ "a<!-- x -- >b", "a" },
	{ "a<!--", "a" },
	{ "a<!x>b", "ab" },
	{ "a<!", "a" },
	{ "<![if !mso]>x<![endif]>y", "xy" },
	{ "<!--[if mso]>x<![endif]-->y", "y" },
	{ "<!DOCTYPE html>x", "x" },
	{ "a<?xml x?>b", "ab" },
	{ "a</ x>b</>c", "abc" },
	{ "a<![CDATA[b]]>c", "ac" },
	{ "a<1>", "a<1>" },
	/* content without tags */
	{ "<script>a<b></scr</script >c", "<script></script>c" },
	{ "<SCRIPT src=u>if(a<b)</Script>c", "<SCRIPT src=u></Script>c" },
	{ "<script>a", "<script>" },
	{ "<style><!-- a{} </b> --></style>x", "<style> a{}  /b> </style>x" },
	{ "<title><a href=u></title>x", "<title> a href=u></title>x" },
	{ "<textarea>&colon;<b></textareas></textarea>",
	    "<textarea>&#58; b> /textareas></textarea>" },
	{ "<iframe src=u><a href=v></iframe>x", "<iframe src=u></iframe>x" },
	{ "<noscript><b></noscript>", "<noscript><b></noscript>" },
	/* references */
	{ "https&colon;&sol;&sol;a&period;b", "https&#58;&#47;&#47;a&#46;b" },
	{ "<a href=\"h&Tab;t&NewLine;tp&colon;x\">",
	    "<a href=\"h&#9;t&#10;tp&#58;x\">" },
	{ "a&ZeroWidthSpace;b&NoBreak;", "a&#8203;b&#8288;" },
	{ "&amp;colon; &colon &Colon; &", "&amp;colon; &colon &Colon; &" },
	/* bytes */
	{ "a\fb\x01"
	  "c\x7f",
	    "a b?c?" },
	{ "b\xc3\xbc \xe2\x82\xac \xf0\x9f\x98\x80",
	    "b\xc3\xbc \xe2\x82\xac \xf0\x9f\x98\x80" },
	{ "\xff \xc3 \xc0\x80 \xe2\x82", "? ? ?? ??" },
	{ "\xed\xa0\x80 \xef\xbf\xbe \xf4\x90\x80\x80", "??? ??? ????" },
	{ "<p title='\xff'>", "<p title='?'>" },
	{ "<a\xffz b\xc3\xbc=c>", "<a?z b__=c>" },
};

static void
test_cases(void **state GP_UNUSED)
{
	char to[200];
	size_t i, length;
	bool cut;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		struct span source = span_of(cases[i].source), got = { to, 0 };

		memset(to, '#', sizeof(to));
		length = html_source_repair(source, to, &cut);
		assert_in_range(length, 0, source.length);
		got.length = length;
		if (!span_equals(got, cases[i].expected) || cut)
			fail_msg(
			    "case %s: %.*s", cases[i].source, (int)length, to);
	}
}

/* Every beginning of each case ends without a read behind it. */
static void
test_cut_off(void **state GP_UNUSED)
{
	size_t i, j, length;
	char *source, to[200];
	bool cut;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		length = strlen(cases[i].source);
		for (j = 0; j < length; j++) {
			source = test_malloc(j + 1);
			memcpy(source, cases[i].source, j);
			assert_in_range(
			    html_source_repair(
				(struct span){ source, j }, to, &cut),
			    0, j);
			test_free(source);
		}
	}
}

static void
test_nul(void **state GP_UNUSED)
{
	static const char source[] = "a\0b<a h\0ref='u\0v'>";
	char to[sizeof(source)];
	bool cut;
	struct span got = { to, 0 };

	got.length = html_source_repair(
	    (struct span){ source, sizeof(source) - 1 }, to, &cut);
	assert_true(span_equals(got, "ab<a h_ref='uv'>"));
}

static void
test_many_attributes(void **state GP_UNUSED)
{
	static char source[4000], to[4000], expected[4000];
	size_t i, length = 2;
	bool cut;

	memcpy(source, "<a", 2);
	for (i = 0; i <= HTML_ATTRIBUTES_MAX; i++, length += 4)
		memcpy(source + length, " a=1", 4);
	memcpy(source + length, ">x", 3);
	memcpy(expected, source, length - 3);
	memcpy(expected + length - 3, ">x", 3);
	length = html_source_repair(span_of(source), to, &cut);
	assert_true(span_equals((struct span){ to, length }, expected));
	assert_true(cut);
	source[1] = ' '; /* no tag */
	html_source_repair(span_of(source), to, &cut);
	assert_false(cut);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_cut_off),
		cmocka_unit_test(test_nul),
		cmocka_unit_test(test_many_attributes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
