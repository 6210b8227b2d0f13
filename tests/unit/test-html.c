/* HTML: what is seen, what is not, links, images, limits. */
#include "config.h"

#include "lib/mail/html.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/strbuf.h"
#include "tests/unit/unit.h"

#define BOMB_BYTES_MAX (4 * 1024 * 1024)

static struct html
read_text(struct region *region, const char *source)
{
	size_t work = HTML_WORK_MAX;
	struct html html;

	assert_int_equal(
	    html_read(region, span_of(source), &work, &html), STATUS_OK);
	return html;
}

static const struct {
	const char *source, *text, *hidden;
} texts[] = {
	{ "", "", "" },
	{ "plain", "plain", "" },
	{ " a \n\t b ", "a b", "" },
	{ "<p>a</p><p>b</p>", "a\n\nb", "" },
	{ "<div>a</div><div>b<div>c</div></div>d", "a\nb\nc\nd", "" },
	{ "a<br>b<br/>c", "a\nb\nc", "" },
	{ "a<b>b</b>c <i>d</i>", "abc d", "" },
	{ "<table><tr><td>a<td>b<tr><td>c</table>d", "a b\nc\nd", "" },
	{ "<ul><li>a<li>b</ul>", "a\nb", "" },
	{ "<h1>a</h1>b", "a\n\nb", "" },
	{ "<pre>a\n  b</pre>", "a\nb", "" },
	{ "<html><head><title>t</title></head><body>a</body></html>", "a", "" },
	{ "<body>a</body></html>b", "a\n\nb", "" },
	{ "a&nbsp;&nbsp;b&amp;&lt;&eacute;", "a b&<\xc3\xa9", "" },
	{ "a&#65;&#x42;", "aAB", "" },
	{ "<script>x</script><style>y</style>a<!-- z -->", "a", "" },
	{ "<noscript>a</noscript>", "a", "" },
	{ "<!-->a<!-- b -->", "a", "" },
	{ "<![if !mso]>a<![endif]>b", "ab", "" },
	{ "a\x01"
	  "b\xff",
	    "a?b?", "" },
	/* hidden */
	{ "a<span style='display:none'>b</span>c", "ac", "b" },
	{ "<body>a<div style='display:none'>b<p>c</p></div>d", "ad", "b\n\nc" },
	{ "a<span style='font-size:0'>b</span>c"
	  "<span style='font-size:1px'>d</span>",
	    "ac", "b\nd" },
	{ "<p hidden>a</p>b", "b", "a" },
	{ "<p hidden=''>a</p>b", "b", "a" },
	{ "<font color=white>a</font>b", "b", "a" },
	{ "<font color=#FFFFFE>a</font>b", "b", "a" },
	{ "<body bgcolor=black><font color=black>a</font>b", "b", "a" },
	{ "<body bgcolor=black text=white>a<p style='color:#000'>b", "a", "b" },
	{ "<table bgcolor=red><td><font color=white>a", "a", "" },
	{ "<table background=x.png><td><font color=white>a", "a", "" },
	{ "<div style='color:#fff'><a href=u>a</a>b</div>", "a", "b" },
	{ "<style>.h{display:none}</style><p class=h>a<p>b", "b", "a" },
	{ "<style>body{background:#000}p{color:#000}</style><body><p>a</p>b",
	    "b", "a" },
	{ "<p class=h>a</p><style>.h{display:none}</style>", "a", "" },
	{ "<div style='mso-hide:all;max-height:0;overflow:hidden'>a</div>b",
	    "b", "a" },
	{ "<div style=display:none>a</div><div style=display:none>b</div>", "",
	    "a\nb" },
	{ "<td style='font-size:0'><div style='font-size:9px'>a</div>b</td>",
	    "a", "b" },
	{ "<div style=display:none>a</p></b></div>b", "b", "a" },
	{ "<div/style=display:none>a</div>b", "b", "a" },
	{ "<div style=\"display&colon;none\">a</div>b", "b", "a" },
	{ "<div style=\"dis\fplay:none\">a</div>b", "a\nb", "" },
	/* no width */
	{ "V\xe2\x80\x8bi&#8203;a&shy;g&zwnj;r&ZeroWidthSpace;a", "Viagra",
	    "" },
	{ "a\xe3\x80\x80"
	  "b\xe2\x80\x83"
	  "c",
	    "a b c", "" },
	{ "\xd8\xa7\xe2\x80\x8c\xd8\xa8", "\xd8\xa7\xd8\xa8", "" },
	{ "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80", "" },
};

static void
test_texts(void **state GP_UNUSED)
{
	struct region *region = region_new();
	size_t i;

	for (i = 0; i < GP_NELEMS(texts); i++) {
		struct html html = read_text(region, texts[i].source);

		if (!span_equals(html.text, texts[i].text) ||
		    !span_equals(html.hidden_text, texts[i].hidden) ||
		    html.cut != 0)
			fail_msg("case %s: [%s] hidden [%s]", texts[i].source,
			    html.text.data, html.hidden_text.data);
	}
	region_free(&region);
}

/* All links and images, one a line: the form that the cases are written in. */
static const char *
describe(struct region *region, const struct html *html)
{
	static const char *const kinds[] = { "a", "form", "frame", "refresh" };
	struct strbuf *buf = strbuf_new(10000);
	const char *text;
	size_t i;

	for (i = 0; i < html->link_count; i++)
		strbuf_printf(buf, "%s%s %s [%.*s] %zu\n",
		    html->links[i].hidden ? "hidden " : "",
		    kinds[html->links[i].kind], html->links[i].href,
		    (int)html->links[i].text.length, html->links[i].text.data,
		    html->links[i].image_count);
	for (i = 0; i < html->image_count; i++)
		strbuf_printf(buf, "%simg%s %s [%s] %dx%d\n",
		    html->images[i].hidden ? "hidden " : "",
		    html->images[i].in_link ? " linked" : "",
		    html->images[i].source, html->images[i].alt,
		    html->images[i].width, html->images[i].height);
	if (html->base_href[0] != '\0')
		strbuf_printf(buf, "base %s\n", html->base_href);
	assert_int_equal(strbuf_status(buf), STATUS_OK);
	text = region_strdup(region, strbuf_text(buf));
	strbuf_free(&buf);
	return text;
}

static const struct {
	const char *source, *expected;
} links[] = {
	{ "x", "" },
	{ "<a href=u>t</a>", "a u [t] 0\n" },
	{ "<A HREF='u'>t</A>", "a u [t] 0\n" },
	{ "<a/href=\"u\">t", "a u [t] 0\n" },
	{ "<a name=n>t</a>", "" },
	{ "<a href>t</a>", "a  [t] 0\n" },
	{ "<a href='  u\n'> a  <b>b</b> </a>c", "a u [a b] 0\n" },
	{ "x <a href=u> t </a> y", "a u [t] 0\n" },
	{ "<a href=u>a<a href=v>b</a>c", "a u [a] 0\na v [b] 0\n" },
	{ "<a href=u><p>a</p><div>b</div></a>c", "a u [a\n\nb] 0\n" },
	{ "<a href='u' href='v'>t</a>", "a u [t] 0\n" },
	{ "<a href=&#104;ttp&colon;&sol;&sol;x>t", "a http://x [t] 0\n" },
	{ "<a href='?a=1&copy=2&amp;b'>t", "a ?a=1&copy=2&b [t] 0\n" },
	{ "<a href=u>t<span style=display:none>h</span></a>", "a u [t] 0\n" },
	{ "<a href=u style=display:none>t</a>x", "hidden a u [t] 0\n" },
	{ "<div hidden><a href=u>t</a></div>", "hidden a u [t] 0\n" },
	{ "<a href=u>http://<wbr>x</a>", "a u [http://x] 0\n" },
	{ "<a href=u>t", "a u [t] 0\n" },
	{ "<area href=u>x", "a u [] 0\n" },
	{ "<svg><a xlink:href=u>t</a></svg>", "a u [t] 0\n" },
	{ "<v:rect href=u>t</v:rect>", "a u [] 0\n" },
	{ "<link href=u rel=stylesheet>", "" },
	{ "<form action=u>", "form u [] 0\n" },
	{ "<form><button formaction=u>x</button>"
	  "<input type=submit formaction=v>",
	    "form u [] 0\nform v [] 0\n" },
	{ "<iframe src=u><a href=v>x</a></iframe>", "frame u [] 0\n" },
	{ "<embed src=u><object data=v></object>",
	    "frame u [] 0\nframe v [] 0\n" },
	{ "<meta http-equiv=Refresh content='5; URL=\"u\"'>",
	    "refresh u [] 0\n" },
	{ "<meta http-equiv=refresh content=5>", "" },
	{ "<meta name=refresh content='0;url=u'>", "" },
	{ "<base href=u><base href=v><a href=w>x</a>", "a w [x] 0\nbase u\n" },
	{ "<img src=u>", "img u [] -1x-1\n" },
	{ "<img/src=u alt='a b' width=10 height=20px>", "img u [a b] 10x20\n" },
	{ "<img src=u width=100% height=-1>", "img u [] -1x-1\n" },
	{ "<img alt=x>", "" },
	{ "<a href=u><img src=v></a><img src=w>",
	    "a u [] 1\nimg linked v [] -1x-1\nimg w [] -1x-1\n" },
	{ "<p style=display:none><img src=u width=1 height=1>",
	    "hidden img u [] 1x1\n" },
	{ "<td background=u>x", "img u [] -1x-1\n" },
	{ "<input type=image src=u>", "img u [] -1x-1\n" },
	{ "<!-- <a href=u> --><!--[if mso]><a href=v><![endif]-->", "" },
	{ "<a href=\"u>x</a>", "" },
};

static void
test_links(void **state GP_UNUSED)
{
	struct region *region = region_new();
	const char *got;
	size_t i;

	for (i = 0; i < GP_NELEMS(links); i++) {
		struct html html = read_text(region, links[i].source);

		got = describe(region, &html);
		if (strcmp(got, links[i].expected) != 0 || html.cut != 0)
			fail_msg("case %s:\n%s", links[i].source, got);
	}
	region_free(&region);
}

static void
test_counts(void **state GP_UNUSED)
{
	struct region *region = region_new();
	struct html html = read_text(region,
	    "<title>A  &amp; B</title><script>1</script><script src=x></script>"
	    "<iframe src=x></iframe><form action=x>"
	    "<input type=PASSWORD><input type=text></form>"
	    "<meta http-equiv=refresh content='1;url=x'>"
	    "a&#8203;b &#8203;c&#8203;1<p style=display:none>d&#8203;ee"
	    "<p style=opacity:0>fff");

	assert_true(span_equals(html.title, "A & B"));
	assert_int_equal(html.script_count, 2);
	assert_int_equal(html.frame_count, 1);
	assert_int_equal(html.form_count, 1);
	assert_int_equal(html.password_count, 1);
	assert_int_equal(html.refresh_count, 1);
	assert_int_equal(html.zero_width_count, 3);
	assert_int_equal(html.zero_width_in_words, 1);
	assert_true(span_equals(html.text, "ab c1"));
	assert_int_equal(html.hidden_bytes[HTML_HIDDEN_DISPLAY], 3);
	assert_true(html.hidden_bytes[HTML_HIDDEN_OPACITY] >= 3);
	assert_int_equal(html.hidden_bytes[HTML_HIDDEN_COLOR], 0);
	region_free(&region);
}

static void
test_data_url(void **state GP_UNUSED)
{
	static char source[100000];
	struct region *region = region_new();
	struct html html;

	memset(source, 'x', sizeof(source) - 1);
	memcpy(source, "<img src=data:image/png,", 24);
	memcpy(source + sizeof(source) - 4, " >t", 4);
	html = read_text(region, source);
	assert_int_equal(html.image_count, 1);
	assert_in_range(strlen(html.images[0].source), 20, 100);
	assert_true(span_equals(html.text, "t"));
	region_free(&region);
}

/* ---- limits: what is repeated, what is cut, what stays ---- */

static const struct {
	const char *first, *again, *last;
	size_t count;
	unsigned int cut;
	const char *text_end; /* of the visible text */
} bombs[] = {
	{ "", "<div>", "x", 100000, HTML_CUT_DEPTH, "x" },
	{ "", "<b>", "x", 100000, HTML_CUT_DEPTH, "x" },
	{ "", "<table><tr><td>", "x", 30000, HTML_CUT_DEPTH, "x" },
	{ "", "<ul><li>", "x", 60000, HTML_CUT_DEPTH, "x" },
	{ "", "<select><option>", "x", 60000, HTML_CUT_DEPTH, "x" },
	{ "", "<font color=red>", "</font>x", 60000, HTML_CUT_DEPTH, "x" },
	{ "", "<b>x</i>", "", 100000, HTML_CUT_DEPTH | HTML_CUT_WORK, "x" },
	{ "<a", " a=b", ">x", 300000, HTML_CUT_ATTRIBUTES, "x" },
	{ "", "<a href=u>y</a>", "x", 2000, HTML_CUT_LINKS, "x" },
	{ "", "<img src=u>", "x", 2000, HTML_CUT_IMAGES, "x" },
	{ "", "word ", "", 500000, HTML_CUT_SOURCE | HTML_CUT_TEXT, "word " },
	{ "<p style=display:none>", "y ", "</p>x", 600000, HTML_CUT_TEXT, "x" },
	{ "<style>", ".a{color:red}", "</style>x", 50000, HTML_CUT_RULES, "x" },
	{ "<style>.a0", ",.a{}.a{color:red}.b", "</style>x", 9000, 0, "x" },
	{ "<style>", "@media screen{", "</style>x", 20000, HTML_CUT_RULES,
	    "x" },
	{ "", "<!--", "-->x", 250000, 0, "x" },
	{ "", "<a href=\"", "\">x", 100001, HTML_CUT_ATTRIBUTES, "x" },
	{ "", "&", "x", 500000, 0, "x" },
	{ "", "<", " x", 500000, 0, "x" },
	{ "", "&#x10ffff", "x", 100000, 0, "x" },
	{ "", "</b>", "x", 400000, 0, "x" },
	{ "", "<p class='a b c d e f g h i j k l m n o p'>", "x", 20000, 0,
	    "x" },
	{ "<title>", "y ", "</title>x", 100000, HTML_CUT_TEXT, "x" },
	{ "", "<script>", "</script>x", 200000, 0, "x" },
};

static const char *
bomb_source(struct region *region, size_t i, struct strbuf *buf)
{
	size_t n;

	strbuf_reset(buf);
	strbuf_add_text(buf, bombs[i].first);
	for (n = 0; n < bombs[i].count; n++)
		strbuf_add_text(buf, bombs[i].again);
	strbuf_add_text(buf, bombs[i].last);
	assert_int_equal(strbuf_status(buf), STATUS_OK);
	return region_strdup(region, strbuf_text(buf));
}

static void
test_bombs(void **state GP_UNUSED)
{
	struct strbuf *buf = strbuf_new(BOMB_BYTES_MAX);
	size_t i, length;

	for (i = 0; i < GP_NELEMS(bombs); i++) {
		struct region *region = region_new();
		struct html html =
		    read_text(region, bomb_source(region, i, buf));

		length = strlen(bombs[i].text_end);
		if (html.cut != bombs[i].cut || html.text.length < length ||
		    memcmp(html.text.data + html.text.length - length,
			bombs[i].text_end, length) != 0)
			fail_msg("bomb %zu, %s: cut %x, text of %zu", i,
			    bombs[i].again, html.cut, html.text.length);
		assert_in_range(html.text.length, 0, HTML_TEXT_BYTES_MAX);
		assert_in_range(html.link_count, 0, HTML_LINKS_MAX);
		assert_in_range(html.image_count, 0, HTML_IMAGES_MAX);
		assert_in_range(region_size(region), 0, 16 * 1024 * 1024);
		region_free(&region);
	}
	strbuf_free(&buf);
}

/* Behind the depth limit elements still close what they opened. */
static void
test_depth_closes(void **state GP_UNUSED)
{
	struct region *region = region_new();
	struct strbuf *buf = strbuf_new(BOMB_BYTES_MAX);
	struct html html;
	size_t i;

	strbuf_add_text(buf, "<p style=display:none>a");
	for (i = 0; i < 2 * HTML_DEPTH_MAX; i++)
		strbuf_add_text(buf, "<span>");
	strbuf_add_text(buf, "b");
	for (i = 0; i < 2 * HTML_DEPTH_MAX; i++)
		strbuf_add_text(buf, "</span>");
	strbuf_add_text(buf, "c</p>d");
	html = read_text(region, strbuf_text(buf));
	assert_true(span_equals(html.hidden_text, "abc"));
	assert_true(span_equals(html.text, "d"));
	assert_int_equal(html.cut, HTML_CUT_DEPTH);
	strbuf_free(&buf);
	region_free(&region);
}

static void
test_cut_off(void **state GP_UNUSED)
{
	static const char source[] =
	    "<!DOCTYPE html><html><head><title>t</title><style>.h{display:none}"
	    "</style><base href='b'></head><body bgcolor='#fff'><!-- c --><p "
	    "class=h>h&eacute;<a href=\"http://x/?a&amp;b\">l<img src=i "
	    "alt='a'></a><table><tr><td>\xc3\xa9\xe2\x82\xac</td></tr></table>";
	struct region *region = region_new();
	struct html html;
	char *copy;
	size_t i, work = HTML_WORK_MAX;

	for (i = 0; i < sizeof(source); i++) {
		copy = test_malloc(i + 1);
		memcpy(copy, source, i);
		assert_int_equal(
		    html_read(region, (struct span){ copy, i }, &work, &html),
		    STATUS_OK);
		assert_int_equal(html.cut, 0);
		test_free(copy);
	}
	region_free(&region);
}

/* What one part has used up the next one has not. */
static void
test_work(void **state GP_UNUSED)
{
	static const char source[] = "<p><b>a</i></i>b";
	struct region *region = region_new();
	size_t work = 20;
	struct html html;

	assert_int_equal(
	    html_read(region, span_of(source), &work, &html), STATUS_OK);
	assert_true(span_equals(html.text, "ab"));
	assert_int_equal(html.cut, 0);
	assert_in_range(work, 1, 19);
	work = 1;
	assert_int_equal(
	    html_read(region, span_of(source), &work, &html), STATUS_OK);
	assert_true(span_equals(html.text, "a"));
	assert_int_equal(html.cut, HTML_CUT_WORK);
	assert_int_equal(work, 0);
	region_free(&region);
}

static const struct {
	const char *source, *quoted; /* "[]" around each quote */
} quotes[] = {
	{ "a", "a" },
	{ "a<blockquote>b</blockquote>", "a\n\nb" },
	{ "a<blockquote type=cite>b</blockquote>c", "a[\n\nb]\n\nc" },
	{ "a<blockquote type=CITE>b<blockquote type=cite>c</blockquote>d"
	  "</blockquote>",
	    "a[\n\nb\n\nc\n\nd]" },
	{ "a<div class='gmail_quote x'>b<p>c</p></div>d<p class=x_quote>e",
	    "a[\n\nb\n\nc]\n\nd[\n\ne]" },
	{ "a<p class=quote>b</p>", "a\n\nb" },
	{ "a<div class=a_quote><p hidden>b</p></div>c", "a\n\nc" },
	{ "<div class=a_quote>a", "[a]" },
};

static void
test_quotes(void **state GP_UNUSED)
{
	struct region *region = region_new();
	struct strbuf *text = strbuf_new(1000);
	struct html html;
	size_t i, n, done;

	for (i = 0; i < GP_NELEMS(quotes); i++) {
		html = read_text(region, quotes[i].source);
		strbuf_reset(text);
		for (n = done = 0; n < html.quote_count; n++) {
			assert_true(html.quotes[n].start >= done);
			assert_true(html.quotes[n].end <= html.text.length);
			strbuf_add(text, html.text.data + done,
			    html.quotes[n].start - done);
			strbuf_printf(text, "[%.*s]",
			    (int)(html.quotes[n].end - html.quotes[n].start),
			    html.text.data + html.quotes[n].start);
			done = html.quotes[n].end;
		}
		strbuf_add(
		    text, html.text.data + done, html.text.length - done);
		if (strcmp(strbuf_text(text), quotes[i].quoted) != 0)
			fail_msg("%s: %s", quotes[i].source, strbuf_text(text));
	}
	strbuf_free(&text);
	region_free(&region);
}

static void
test_quote_limit(void **state GP_UNUSED)
{
	struct region *region = region_new();
	struct strbuf *source = strbuf_new(100000);
	struct html html;
	size_t i;

	for (i = 0; i < HTML_QUOTES_MAX + 10; i++)
		strbuf_add_text(source, "a<p class=x_quote>b</p>");
	html = read_text(region, strbuf_text(source));
	assert_int_equal(html.quote_count, HTML_QUOTES_MAX);
	assert_true(html.quotes[HTML_QUOTES_MAX - 1].end < html.text.length);
	strbuf_free(&source);
	region_free(&region);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_quotes),
		cmocka_unit_test(test_quote_limit),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_links),
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_data_url),
		cmocka_unit_test(test_bombs),
		cmocka_unit_test(test_depth_closes),
		cmocka_unit_test(test_cut_off),
		cmocka_unit_test(test_work),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
