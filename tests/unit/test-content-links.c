/* The whole of a message: HTML facts, URLs and where they stand, limits. */
#include "config.h"

#include "lib/mail/content.h"

#include <string.h>

#include "lib/base/strbuf.h"
#include "tests/unit/unit.h"

#define HEAD                                                                 \
	"Subject: see http://subject.test/\nContent-Type: multipart/mixed; " \
	"boundary=b\n\n"
#define HTML "--b\nContent-Type: text/html\n\n"
#define ATTACHED(type) \
	"--b\nContent-Type: " type "\nContent-Disposition: attachment\n\n"

static const struct content *
read_with(struct region *region, const char *raw, bool body_is_cut,
    const struct content_limits *limits)
{
	struct message *message = region_alloc(region, sizeof(*message));
	struct content_source source = { .message = message,
		.body_is_cut = body_is_cut };
	const struct content *content;

	message_init(message, region);
	assert_int_equal(
	    message_parse_header(message, span_of(raw), &source.body),
	    STATUS_OK);
	assert_int_equal(
	    content_read(region, &source, limits, &content), STATUS_OK);
	assert_ptr_equal(content->message, message);
	return content;
}

static const struct content *
read_text(struct region *region, const char *raw)
{
	return read_with(region, raw, false, &content_default_limits);
}

static void
add_url(struct strbuf *text, const struct url *url)
{
	unsigned int flags = url->flags;
	const char *flag;

	strbuf_printf(text, "%s%s %s @%zu", url->host, url->path,
	    url->organizational_domain, url->place);
	if (url->text_host[0] != '\0')
		strbuf_printf(text, " names %s", url->text_host);
	while ((flag = url_flag_text(&flags)) != NULL)
		strbuf_printf(text, ", %s", flag);
	strbuf_add_char(text, '\n');
}

static const struct {
	const char *name, *message;
	/* A URL a line: host and path, organizational domain, part, the host
	 * that its text names, flags. */
	const char *urls;
} cases[] = {
	{ "none", "Subject: x\n\nhello\n", "" },
	{ "text", "Subject: x\n\nhttp://www.a.test/x and www.b.example\n",
	    "www.a.test/x a.test @0, text\n" },
	{ "subject and parts",
	    HEAD "--b\n\nhttp://a.b.co.uk/x\n" HTML
		 "<a href='http://c.test/'>www.bank.com</a>"
		 "<img src=http://i.test/p.gif>"
		 "<form action=http://f.test/></form>\n--b--\n",
	    "subject.test/ subject.test @0, subject\n"
	    "a.b.co.uk/x b.co.uk @1, text\n"
	    "c.test/ c.test @2 names www.bank.com, link\n"
	    "f.test/ f.test @2, form\n"
	    "i.test/p.gif i.test @2, image\n"
	    "www.bank.com bank.com @2, text, no scheme\n" },
	{ "found twice, the place is the first",
	    HEAD "--b\n\nhttp://a.test/\n" HTML "<a href=http://a.test/>x</a>"
		 "<a href=http://subject.test/>y</a>\n--b--\n",
	    "subject.test/ subject.test @0, link, subject\n"
	    "a.test/ a.test @1, text, link\n" },
	{ "hidden",
	    HEAD HTML "<div style='display:none'><a href=http://h.test/>x</a>"
		      "http://poison.test/</div>\n--b--\n",
	    "subject.test/ subject.test @0, subject\n"
	    "h.test/ h.test @1, link, hidden\n" },
	{ "hidden ones behind all that is shown",
	    HEAD HTML "<a hidden href=http://h.test/>x</a>\n" HTML
		      "<a href=http://a.test/>x</a>\n--b--\n",
	    "subject.test/ subject.test @0, subject\n"
	    "a.test/ a.test @2, link\n"
	    "h.test/ h.test @1, link, hidden\n" },
	{ "hidden, and shown elsewhere",
	    "Content-Type: text/html\n\n<a hidden href=http://a.test/>x</a>"
	    "<a href=http://a.test/>x</a><img hidden src=http://i.test/>"
	    "<img src=http://i.test/>",
	    "a.test/ a.test @0, link\ni.test/ i.test @0, image\n" },
	{ "in the query of a hidden one",
	    "Content-Type: text/html\n\n"
	    "<a hidden href=http://a.test/?http://b.test/>x</a>"
	    "<a hidden href=http://c.test/?http://d.test/>x</a>"
	    "<a href=http://d.test/>x</a>",
	    "d.test/ d.test @0, link, query\n"
	    "a.test/?http://b.test/ a.test @0, link, hidden\n"
	    "b.test/ b.test @0, query, hidden\n"
	    "c.test/?http://d.test/ c.test @0, link, hidden\n" },
	{ "quoted",
	    "Subject: x\n\n> http://a.test/\nhttp://b.test/\n  | http://c.test"
	    "/\n>> http://b.test/",
	    "a.test/ a.test @0, text, quoted\n"
	    "b.test/ b.test @0, text\n"
	    "c.test/ c.test @0, text, quoted\n" },
	{ "quoted, then said",
	    "Subject: x\n\n> http://a.test/?http://b.test/\n"
	    "http://a.test/?http://b.test/",
	    "a.test/?http://b.test/ a.test @0, text\n"
	    "b.test/ b.test @0, query\n" },
	{ "quoted in HTML",
	    "Content-Type: text/html\n\nhttp://a.test/<div class='x gmail_quote'>"
	    "http://b.test/ <a href=http://c.test/>http://c.test/</a></div>"
	    "http://d.test/<blockquote type=Cite>http://e.test/</blockquote>",
	    "c.test/ c.test @0 names c.test, text, link, quoted\n"
	    "a.test/ a.test @0, text\n"
	    "b.test/ b.test @0, text, quoted\n"
	    "d.test/ d.test @0, text\n"
	    "e.test/ e.test @0, text, quoted\n" },
	{ "base",
	    "Content-Type: text/html\n\n<base href=http://b.test/d/>"
	    "<a href=e>x</a>",
	    "b.test/d/e b.test @0, link\n" },
	{ "shown parts come first",
	    "Content-Type: multipart/mixed; boundary=b\n\n" ATTACHED(
		"text/html") "<a href=http://a.test/>x</a>\n--b\n\n"
			     "http://s.test/\n--b--\n",
	    "s.test/ s.test @2, text\na.test/ a.test @1, link\n" },
	{ "number", "Subject: x\n\nhttp://0x7f.1/ http://user@192.0.2.1:81/\n",
	    "127.0.0.1/  @0, text, numeric, odd number\n"
	    "192.0.2.1/  @0, text, user, port, numeric\n" },
};

static void
test_urls(void **state GP_UNUSED)
{
	struct region *region = region_new();
	struct strbuf *text = strbuf_new(10000);
	const struct content *content;
	size_t i, n;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		content = read_text(region, cases[i].message);
		strbuf_reset(text);
		for (n = 0; n < content->urls.count; n++)
			add_url(text, &content->urls.urls[n]);
		if (strcmp(strbuf_text(text), cases[i].urls) != 0)
			fail_msg("%s:\n%s", cases[i].name, strbuf_text(text));
		assert_int_equal(content->limits, 0);
	}
	strbuf_free(&text);
	region_free(&region);
}

static void
test_html(void **state GP_UNUSED)
{
	struct region *region = region_new();
	const struct content *content;
	const struct html *html;

	content = read_text(region,
	    HEAD "--b\n\nplain\n" HTML "seen<p hidden>unseen</p>\n"
		 "--b\nContent-Type: text/html\n\n\n--b--\n");
	assert_int_equal(content->part_count, 4);
	assert_null(content->parts[1].html);
	html = content->parts[2].html;
	assert_true(span_equals(html->text, "seen"));
	assert_true(span_equals(html->hidden_text, "unseen"));
	assert_null(content->parts[3].html);
	region_free(&region);
}

/* What a client shows as the message itself. */
static void
test_shown(void **state GP_UNUSED)
{
	struct region *region = region_new();
	const struct content *content;

	content = read_text(region,
	    HEAD "--b\n\none\n" HTML "two\n" ATTACHED(
		"text/plain") "three\n--b\nContent-Type: text/csv\n\nfour\n"
			      "--b\nContent-Type: message/rfc822\n\n"
			      "Subject: in\n\nfive\n--b--\n");
	assert_int_equal(content->part_count, 7);
	assert_false(content->parts[0].is_shown);
	assert_true(content->parts[1].is_shown);
	assert_true(content->parts[2].is_shown);
	assert_false(content->parts[3].is_shown);
	assert_false(content->parts[4].is_shown);
	assert_false(content->parts[5].is_shown);
	assert_false(content->parts[5].is_embedded);
	assert_true(content->parts[6].is_embedded);
	assert_false(content->parts[6].is_shown);
	region_free(&region);
}

static void
test_html_parts(void **state GP_UNUSED)
{
	struct content_limits limits = content_default_limits;
	struct region *region = region_new();
	const struct content *content;

	limits.html_parts = 1;
	content = read_with(region,
	    HEAD ATTACHED("text/html") "http://attached.test/\n" HTML
				       "one\n--b--\n",
	    false, &limits);
	assert_int_equal(content->limits, CONTENT_LIMIT_HTML);
	assert_null(content->parts[1].html);
	assert_non_null(content->parts[2].html);
	assert_int_equal(content->urls.count, 1); /* of the subject */
	region_free(&region);
}

static void
test_url_limit(void **state GP_UNUSED)
{
	struct region *region = region_new();
	struct strbuf *raw = strbuf_new(100000);
	const struct content *content;
	size_t i;

	strbuf_add_text(raw, "Subject: x\n\n");
	for (i = 0; i < URL_LIST_MAX + 1; i++)
		strbuf_printf(raw, "http://a%zu.test/\n", i);
	content = read_text(region, strbuf_text(raw));
	assert_int_equal(content->urls.count, URL_LIST_MAX);
	assert_int_equal(content->limits, CONTENT_LIMIT_URLS);
	strbuf_free(&raw);
	region_free(&region);
}

/* A body whose end the caller left out is not broken for that. */
static void
test_body_cut(void **state GP_UNUSED)
{
	static const char *const bodies[] = {
		HEAD "before",
		HEAD "--b\n\none",
		HEAD "--b\n\none\n--b\nContent-Ty",
		HEAD "--b\nContent-Transfer-Encoding: base64\n\nYWJjZ",
		HEAD "--b\nContent-Transfer-Encoding: quoted-printable\n\na=4",
		"Content-Type: text/plain; charset=utf-8\n"
		"Content-Transfer-Encoding: 8bit\n\na\xc3",
	};
	struct region *region = region_new();
	const struct content *content;
	size_t i;

	for (i = 0; i < GP_NELEMS(bodies); i++) {
		content = read_text(region, bodies[i]);
		assert_int_not_equal(content->damage, 0);
		content =
		    read_with(region, bodies[i], true, &content_default_limits);
		if (content->damage != 0)
			fail_msg("%s: %x", bodies[i], content->damage);
		assert_int_equal(content->limits, CONTENT_LIMIT_BODY);
	}
	content = read_with(region,
	    HEAD "--b\nContent-Transfer-Encoding: base64\n\nY*Q==\n"
		 "--b\n\none",
	    true, &content_default_limits);
	assert_int_equal(content->damage, CONTENT_BROKEN_BASE64);
	region_free(&region);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_urls),
		cmocka_unit_test(test_html),
		cmocka_unit_test(test_shown),
		cmocka_unit_test(test_html_parts),
		cmocka_unit_test(test_url_limit),
		cmocka_unit_test(test_body_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
