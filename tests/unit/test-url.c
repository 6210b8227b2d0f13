/* URLs: as references, in text, inside of others; limits; visible text. */
#include "config.h"

#include "lib/mail/url.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/strbuf.h"
#include "tests/unit/unit.h"

static const struct {
	unsigned int flag;
	const char *name;
} flag_names[] = {
	{ URL_FROM_QUERY, "query" },
	{ URL_HAS_USER, "user" },
	{ URL_HAS_PORT, "port" },
	{ URL_IS_NUMERIC, "numeric" },
	{ URL_IS_ODD_NUMBER, "odd" },
	{ URL_IS_PUNYCODE, "punycode" },
	{ URL_IS_ENCODED, "encoded" },
	{ URL_IS_SCHEMELESS, "schemeless" },
	{ URL_IS_REPAIRED, "repaired" },
	{ URL_IS_CUT, "cut" },
};

static void
describe_url(struct strbuf *buf, const struct url *url)
{
	size_t i;

	strbuf_printf(buf, "%s:%s%s%s", url_scheme_name(url->scheme), url->user,
	    url->user[0] == '\0' ? "" : "@", url->host);
	if (url->port != 0)
		strbuf_printf(buf, ":%u", url->port);
	strbuf_add_text(buf, url->path);
	for (i = 0; i < GP_NELEMS(flag_names); i++)
		if ((url->flags & flag_names[i].flag) != 0)
			strbuf_printf(buf, " %s", flag_names[i].name);
	strbuf_add_text(buf, "\n");
}

/* All URLs, one a line; owned by the region. */
static const char *
describe(const struct url_list *list)
{
	struct strbuf *buf = strbuf_new(100000);
	const char *text;
	size_t i;

	for (i = 0; i < list->count; i++)
		describe_url(buf, &list->urls[i]);
	strbuf_truncate(buf,
	    strbuf_length(buf) - (strbuf_length(buf) > 0)); /* the last LF */
	assert_int_equal(strbuf_status(buf), STATUS_OK);
	text = region_strdup(list->region, strbuf_text(buf));
	strbuf_free(&buf);
	return text;
}

static const char *
read_reference(struct region *region, const char *reference, const char *base)
{
	struct url_origin origin = { URL_FROM_LINK, base, { "", 0 } };
	struct url_list list;

	url_list_init(&list, region);
	assert_int_equal(
	    url_add_reference(&list, span_of(reference), &origin), STATUS_OK);
	assert_false(list.cut);
	return describe(&list);
}

static const struct {
	const char *reference, *expected;
} references[] = {
	{ "http://example.com", "http:example.com" },
	{ "https://example.com/", "https:example.com/" },
	{ "ftp://example.com/x", "ftp:example.com/x" },
	{ "HTTP://WWW.Example.COM/Path?Q=1#F",
	    "http:www.example.com/Path?Q=1#F" },
	{ "http://example.com.", "http:example.com" },
	{ "http://example.com./x", "http:example.com/x" },
	{ "http://example.com?x", "http:example.com?x" },
	{ "http://example.com#x", "http:example.com#x" },
	{ "http://localhost/", "http:localhost/" },
	{ "http://a_b.example.com/", "http:a_b.example.com/" },
	{ "  http://example.com/a b \n", "http:example.com/a b" },
	{ "\x01http://example.com\x1f", "http:example.com" },
	/* port */
	{ "http://example.com:8080/", "http:example.com:8080/ port" },
	{ "http://example.com:80/", "http:example.com:80/" },
	{ "https://example.com:443/", "https:example.com:443/" },
	{ "https://example.com:80/", "https:example.com:80/ port" },
	{ "http://example.com:/", "http:example.com/" },
	{ "http://example.com:99999/", "http:example.com/" },
	{ "http://example.com:8a/", "http:example.com/" },
	/* user */
	{ "http://bank.com@example.com/", "http:bank.com@example.com/ user" },
	{ "http://a:b@example.com", "http:a:b@example.com user" },
	{ "http://a@b@example.com/@c", "http:a@b@example.com/@c user" },
	{ "http://@example.com/", "http:example.com/ user" },
	{ "http://bank.com%2f@example.com",
	    "http:bank.com%2f@example.com user" },
	{ "http://bank.com\\@example.com", "http:bank.com\\@example.com" },
	{ "http://bank.com?@example.com", "http:bank.com?@example.com" },
	{ "http://u@example.com:81", "http:u@example.com:81 user port" },
	/* slashes, controls, doubled schemes */
	{ "http:example.com", "http:example.com repaired" },
	{ "http:/example.com", "http:example.com repaired" },
	{ "http:///example.com", "http:example.com repaired" },
	{ "http:\\\\example.com\\x", "http:example.com\\x repaired" },
	{ "http:/\\example.com", "http:example.com repaired" },
	{ "ht\ntp://exa\tmple.c\rom/", "http:example.com/ repaired" },
	{ "java\nscript:alert(1)", "" },
	{ "http://http://example.com/x", "http:example.com/x repaired" },
	{ "http://https//example.com/x", "http:example.com/x repaired" },
	{ "http://http:http://example.com", "http:example.com repaired" },
	{ "http://httpx.example.com", "http:httpx.example.com" },
	{ "//example.com/x", "http:example.com/x schemeless" },
	{ "\\\\example.com", "http:example.com schemeless repaired" },
	{ "///example.com", "http:example.com schemeless repaired" },
	/* encoded hosts */
	{ "http://ex%61mple.com/", "http:example.com/ encoded" },
	{ "http://%65%78%61mple%2ecom", "http:example.com encoded" },
	{ "http://example%00.com/", "" },
	{ "http://example%2Fevil.com/", "" },
	{ "http://ex%6mple.com", "" },
	{ "http://x%.y.example.com", "http:y.example.com repaired" },
	/* IDN */
	{ "http://b\xc3\xbc"
	  "cher.example.com/",
	    "http:xn--bcher-kva.example.com/ punycode" },
	{ "http://B\xc3\x9c"
	  "CHER.de",
	    "http:xn--bcher-kva.de punycode" },
	{ "http://xn--bcher-KVA.de", "http:xn--bcher-kva.de punycode" },
	{ "http://b%C3%BCcher.de/", "http:xn--bcher-kva.de/ punycode encoded" },
	{ "http://\xef\xbd\x85xample.com", "http:example.com" }, /* wide e */
	{ "http://example\xe3\x80\x82"
	  "com",
	    "http:example.com" }, /* ideographic full stop */
	{ "http://exam\xc2\xadple.com", "http:example.com" }, /* soft hyphen */
	{ "http://exam\xe2\x80\x8bple.com", "http:example.com" },
	{ "http://p\xd0\xb0ypal.com", "http:xn--pypal-4ve.com punycode" },
	{ "http://\xff.com", "" },
	/* numbers */
	{ "http://192.0.2.1/x", "http:192.0.2.1/x numeric" },
	{ "http://192.0.2.1./x", "http:192.0.2.1/x numeric" },
	{ "http://3221225985/", "http:192.0.2.1/ numeric odd" },
	{ "http://0xc0000201/", "http:192.0.2.1/ numeric odd" },
	{ "http://0XC0.0x0.0x2.0x1/", "http:192.0.2.1/ numeric odd" },
	{ "http://0300.0.02.01/", "http:192.0.2.1/ numeric odd" },
	{ "http://030000001001", "http:192.0.2.1 numeric odd" },
	{ "http://192.0.513/", "http:192.0.2.1/ numeric odd" },
	{ "http://192.513/", "http:192.0.2.1/ numeric odd" },
	{ "http://192.0.2.0x1/", "http:192.0.2.1/ numeric odd" },
	{ "http://0xc0.0.0x2.01", "http:192.0.2.1 numeric odd" },
	{ "http://%31%39%32.0.2.1", "http:192.0.2.1 numeric encoded" },
	{ "http://\xef\xbc\x91"
	  "92.0.2.1",
	    "http:192.0.2.1 numeric" }, /* a wide 1 */
	{ "http://192\xe3\x80\x82"
	  "0.2.1",
	    "http:192.0.2.1 numeric" },
	{ "http://0/", "http:0.0.0.0/ numeric odd" },
	{ "http://0x/", "http:0.0.0.0/ numeric odd" },
	{ "http://4294967295/", "http:255.255.255.255/ numeric odd" },
	{ "http://4294967296/", "" },
	{ "http://99999999999999999999999/", "" },
	{ "http://192.0.2.256/", "" },
	{ "http://192.0.65536/", "" },
	{ "http://256.0.2.1/", "" },
	{ "http://1.2.3.4.5/", "" },
	{ "http://192.0.2.09/", "" },
	{ "http://1..2/", "" },
	{ "http://example.1/", "" },
	{ "http://192.0.2.1.example.com/", "http:192.0.2.1.example.com/" },
	{ "http://0xg.com", "http:0xg.com" },
	{ "http://[2001:db8::1]/", "http:2001:db8::1/ numeric" },
	{ "http://[2001:DB8:0::1]:8080/",
	    "http:2001:db8::1:8080/ port numeric odd" },
	{ "http://[::ffff:192.0.2.1]", "http:192.0.2.1 numeric odd" },
	{ "http://[::ffff:c000:201]", "http:192.0.2.1 numeric odd" },
	{ "http://u@[2001:db8::1]", "http:u@2001:db8::1 user numeric" },
	{ "http://[192.0.2.1]/", "" },
	{ "http://[2001:db8::1", "" },
	{ "http://[]/", "" },
	{ "http://[fe80::1%25eth0]/", "" },
	/* labels that are no names */
	{ "http://a!b.example.com/", "http:example.com/ repaired" },
	{ "http://*.x.example.com/", "http:x.example.com/ repaired" },
	{ "http://a b.example.com/", "http:example.com/ repaired" },
	{ "http://a!b.com", "" },
	{ "http://example..com/", "" },
	{ "http://.example.com/", "http:example.com/ repaired" },
	{ "http://", "" },
	{ "http:///", "" },
	{ "http://?x", "" },
	{ "http://@/", "" },
	{ "http://:80/", "" },
	/* mail */
	{ "mailto:a@example.com", "mailto:a@example.com" },
	{ "MAILTO:A.B@Example.COM?subject=x%20y",
	    "mailto:A.B@example.com?subject=x%20y" },
	{ "mailto:a%40example.com", "mailto:a@example.com" },
	{ "mailto:<a@example.com>", "mailto:a@example.com>" },
	{ "mailto://a@example.com", "mailto:a@example.com" },
	{ "mailto:a@example.com,b@example.net",
	    "mailto:a@example.com,b@example.net" },
	{ "mailto:a", "" },
	{ "mailto:@example.com", "" },
	{ "mailto:a@", "" },
	{ "mailto:?to=a@example.com", "" },
	{ "mailto:", "" },
	/* without a scheme */
	{ "www.example.com", "http:www.example.com schemeless" },
	{ "example.com/x?y", "http:example.com/x?y schemeless" },
	{ "example.com:8080/x", "http:example.com:8080/x port schemeless" },
	{ "a@example.com", "mailto:a@example.com schemeless" },
	{ "page.html", "" },
	{ "img/x.png", "" },
	{ "/x/y", "" },
	{ "?x=y", "" },
	{ "#top", "" },
	{ "", "" },
	{ "   ", "" },
	{ "192.0.2.1/x", "" },
	/* other schemes */
	{ "tel:+123", "" },
	{ "cid:part1@example.com", "" },
	{ "data:text/html,<a href=http://example.com>", "" },
	{ "javascript:location='http://example.com'", "" },
	{ "about:blank", "" },
	{ "x-custom://example.com", "" },
	{ ":", "" },
	{ "://example.com", "" },
	{ "http", "" },
	{ "http:", "" },
	/* inside of others */
	{ "http://r.example.com/?url=http://evil.example/x",
	    "http:r.example.com/?url=http://evil.example/x\n"
	    "http:evil.example/x query" },
	{ "http://r.example.com/?u=http%3A%2F%2Fevil.example%2Fx&z=1",
	    "http:r.example.com/?u=http%3A%2F%2Fevil.example%2Fx&z=1\n"
	    "http:evil.example/x query" },
	{ "http://r.example.com/?u=https%253A%252F%252Fevil.example",
	    "http:r.example.com/?u=https%253A%252F%252Fevil.example\n"
	    "https:evil.example query" },
	{ "http://r.example.com/redirect/http://evil.example/x",
	    "http:r.example.com/redirect/http://evil.example/x\n"
	    "http:evil.example/x query" },
	{ "http://a.example/?u=http://b.example/?u=http://c.example/",
	    "http:a.example/?u=http://b.example/?u=http://c.example/\n"
	    "http:b.example/?u=http://c.example/ query\n"
	    "http:c.example/ query" },
	{ "http://a.example/?u=http://a.example/",
	    "http:a.example/?u=http://a.example/\nhttp:a.example/ query" },
	{ "http://a.example/?u=http%3A%2F%2F0x7f.1%2F",
	    "http:a.example/?u=http%3A%2F%2F0x7f.1%2F\n"
	    "http:127.0.0.1/ query numeric odd" },
	{ "http://a.example/#http:\\\\b.example",
	    "http:a.example/#http:\\\\b.example\n"
	    "http:b.example query repaired" },
	{ "http://a.example/?httpx=http", "http:a.example/?httpx=http" },
	{ "mailto:a@example.com?body=http://b.example/",
	    "mailto:a@example.com?body=http://b.example/" },
};

static void
test_references(void **state GP_UNUSED)
{
	struct region *region = region_new();
	const char *got;
	size_t i;

	for (i = 0; i < GP_NELEMS(references); i++) {
		got = read_reference(region, references[i].reference, NULL);
		if (strcmp(got, references[i].expected) != 0)
			fail_msg("case %s: %s", references[i].reference, got);
	}
	region_free(&region);
}

static void
test_base(void **state GP_UNUSED)
{
	static const struct {
		const char *reference, *base, *expected;
	} cases[] = {
		{ "x", "http://example.com", "http:example.com/x" },
		{ "x", "http://example.com/", "http:example.com/x" },
		{ "x?y", "https://example.com/a/b?c/d",
		    "https:example.com/a/x?y" },
		{ "/x", "http://example.com:81/a/b",
		    "http:example.com:81/x port" },
		{ "?x", "http://example.com/a?b", "http:example.com/a?x" },
		{ "?x", "http://example.com", "http:example.com/?x" },
		{ "#x", "http://example.com/a", "" },
		{ "", "http://example.com/a", "" },
		{ "//b.example/x", "http://example.com/",
		    "http:b.example/x schemeless" },
		{ "http://b.example/x", "http://example.com/",
		    "http:b.example/x" },
		{ "www.b.example.com", "http://example.com/",
		    "http:www.b.example.com schemeless" },
		{ "b.com", "http://example.com/", "http:example.com/b.com" },
		{ "x", "nonsense", "" },
		{ "b.com", "", "http:b.com schemeless" },
		{ "x", "mailto:a@example.com", "" },
		{ "x", "javascript:", "" },
	};
	struct region *region = region_new();
	const char *got;
	size_t i;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		got = read_reference(region, cases[i].reference, cases[i].base);
		if (strcmp(got, cases[i].expected) != 0)
			fail_msg("case %s: %s", cases[i].reference, got);
	}
	region_free(&region);
}

static const struct {
	const char *text, *expected;
} texts[] = {
	{ "", "" },
	{ "no URL here.", "" },
	{ "see http://example.com/x.", "http:example.com/x" },
	{ "see http://example.com, or", "http:example.com" },
	{ "(http://example.com/x)", "http:example.com/x" },
	{ "http://example.com/a_(b)", "http:example.com/a_(b)" },
	{ "(see http://example.com/a_(b)).", "http:example.com/a_(b)" },
	{ "[1]:http://example.com/]]", "http:example.com/" },
	{ "[t](http://example.com/x) y", "http:example.com/x" },
	{ "[http://example.com](http://example.net)",
	    "http:example.com\nhttp:example.net" },
	{ "<http://example.com/x>", "http:example.com/x" },
	{ "\"http://example.com/x\"", "http:example.com/x" },
	{ "'http://example.com/x'", "http:example.com/x" },
	{ "*http://example.com/x*", "http:example.com/x" },
	{ "http://example.com/x?!...", "http:example.com/x" },
	{ "http://example.com/?", "http:example.com/" },
	{ "url=http://example.com/x", "http:example.com/x" },
	{ "HTTP://EXAMPLE.COM/X", "http:example.com/X" },
	{ "http:\\\\example.com\\x", "http:example.com\\x repaired" },
	{ "http://user@example.com/", "http:user@example.com/ user" },
	{ "http://a,b@example.com/", "http:a,b@example.com/ user" },
	{ "http://example.com:8080/x", "http:example.com:8080/x port" },
	{ "http://192.0.2.1/x", "http:192.0.2.1/x numeric" },
	{ "http://[2001:db8::1]/x", "http:2001:db8::1/x numeric" },
	{ "http://0x7f.1/x", "http:127.0.0.1/x numeric odd" },
	{ "http://a.example/ http://b.example/",
	    "http:a.example/\nhttp:b.example/" },
	{ "http://a.example/,http://b.example/",
	    "http:a.example/,http://b.example/\nhttp:b.example/ query" },
	{ "http://a.example\nhttp://b.example",
	    "http:a.example\nhttp:b.example" },
	{ "<http://example.com/long\n/path>",
	    "http:example.com/long/path "
	    "repaired" },
	{ "<URL:http://example.com/long\r\n/path>",
	    "http:example.com/long/path repaired" },
	{ "<http://example.com/a b>", "http:example.com/a" },
	{ "<a href=\"http://example.com/x\">", "http:example.com/x" },
	{ "http://example.com/?a=1&amp;b=2", "http:example.com/?a=1&b=2" },
	{ "http://example.com/&gt;&lt;x", "http:example.com/" },
	{ "http://", "" },
	{ "http://.", "" },
	{ "://example.com", "" },
	{ "http:// example.com", "http:example.com schemeless" },
	{ "ftp://example.com/", "ftp:example.com/" },
	{ "mailto:a@example.com.", "mailto:a@example.com" },
	{ "mailto:a+b@example.com?subject=x",
	    "mailto:a+b@example.com?subject=x" },
	/* names */
	{ "www.example.com", "http:www.example.com schemeless" },
	{ "at example.com.", "http:example.com schemeless" },
	{ "at example.com, at", "http:example.com schemeless" },
	{ "at example.com?", "http:example.com schemeless" },
	{ "is it (example.com)?", "http:example.com schemeless" },
	{ "example.com/x/y.", "http:example.com/x/y schemeless" },
	{ "example.com:8080/x", "http:example.com:8080/x port schemeless" },
	{ "a.example.co.uk", "http:a.example.co.uk schemeless" },
	{ "Example.COM", "http:example.com schemeless" },
	{ "a.com,b.com;c.com",
	    "http:a.com schemeless\nhttp:b.com schemeless\n"
	    "http:c.com schemeless" },
	{ "www.README.md README.md/x",
	    "http:www.readme.md schemeless\n"
	    "http:readme.md/x schemeless" },
	{ "README.md setup.py x.rs run.sh", "" },
	{ "tick_handler.info www.a_b.info", "http:www.a_b.info schemeless" },
	{ "example.conf a.b.c x.y foo.local", "" },
	{ "end.Next and e.g. i.e. 1.2.3 3.14", "" },
	{ "192.0.2.1", "" },
	{ "lib/example.com/x", "" },
	{ "a@b a@b.conf @example.com", "" },
	{ "example.com@", "" },
	{ "com .com co.uk", "" },
	{ "...example.com...", "http:example.com schemeless" },
	{ "-example.com-", "http:example.com schemeless" },
	/* addresses */
	{ "a@example.com", "mailto:a@example.com schemeless" },
	{ "<a.b+c@example.com>,", "mailto:a.b+c@example.com schemeless" },
	{ "mail: joe@example.com; jim@example.net.",
	    "mailto:joe@example.com schemeless\n"
	    "mailto:jim@example.net schemeless" },
	/* other scripts */
	{ "http://b\xc3\xbc"
	  "cher.de/x",
	    "http:xn--bcher-kva.de/x punycode" },
	{ "b\xc3\xbc"
	  "cher.de",
	    "http:xn--bcher-kva.de punycode schemeless" },
	{ "\xe8\xaf\xb7\xe8\xae\xbf\xe9\x97\xaehttp://example.com\xe4\xb8\x8b",
	    "http:example.com" },
	{ "\xe8\xaf\xb7"
	  "example.com\xe4\xb8\x8b\xe8\xbd\xbd",
	    "http:example.com schemeless" },
	{ "http://example.com/\xe4\xb8\x8b\xe3\x80\x82x",
	    "http:example.com/\xe4\xb8\x8b" },
	{ "\xe2\x80\x9chttp://example.com\xe2\x80\x9d", "http:example.com" },
	{ "http://example.com\xc2\xa0x", "http:example.com" },
	{ "\xff\xfe.com \xc2 \xe2\x80 \xef", "" },
	{ "http://a.example/?u=http%3A%2F%2Fb.example%2F.",
	    "http:a.example/?u=http%3A%2F%2Fb.example%2F\n"
	    "http:b.example/ query" },
};

static void
test_texts(void **state GP_UNUSED)
{
	struct region *region = region_new();
	struct url_list list;
	const char *got;
	size_t i;

	for (i = 0; i < GP_NELEMS(texts); i++) {
		url_list_init(&list, region);
		assert_int_equal(
		    url_add_text(&list, span_of(texts[i].text), URL_FROM_TEXT),
		    STATUS_OK);
		got = describe(&list);
		if (strcmp(got, texts[i].expected) != 0)
			fail_msg("case %s:\n%s", texts[i].text, got);
		assert_false(list.cut);
	}
	region_free(&region);
}

/* Every beginning of every case ends without a read behind it. */
static void
test_cut_off(void **state GP_UNUSED)
{
	struct url_origin origin = { URL_FROM_LINK, "http://b.example/",
		{ "", 0 } };
	struct region *region = region_new();
	struct url_list list;
	size_t i, length;
	char *copy;

	url_list_init(&list, region);
	for (i = 0; i < GP_NELEMS(references); i++) {
		for (length = strlen(references[i].reference); length > 0;
		     length--) {
			copy = test_malloc(length);
			memcpy(copy, references[i].reference, length);
			assert_int_equal(
			    url_add_reference(
				&list, (struct span){ copy, length }, &origin),
			    STATUS_OK);
			assert_int_equal(
			    url_add_text(&list, (struct span){ copy, length },
				URL_FROM_TEXT),
			    STATUS_OK);
			test_free(copy);
		}
	}
	region_free(&region);
}

static void
test_other_host(void **state GP_UNUSED)
{
	static const struct {
		const char *text, *reference;
		bool expected;
	} cases[] = {
		{ "bank.com", "http://evil.example.com/", true },
		{ "www.bank.com", "http://evil.example.com/", true },
		{ "https://www.bank.com/login", "http://evil.com/", true },
		{ "https://www.bank.com/ (safe)", "http://evil.com/", true },
		{ "www.bank.com login", "http://evil.com/", true },
		{ "> bank.com <", "http://evil.com/", true },
		{ "bank.com", "http://bank.com.evil.com/", true },
		{ "bank.com", "http://192.0.2.1/", true },
		{ "http://192.0.2.2/", "http://192.0.2.1/", true },
		{ "http://bank.com/", "http://bank.com@evil.com/", true },
		{ "a@bank.com", "mailto:a@evil.com", true },
		{ "bank.com", "http://bank.com/", false },
		{ "BANK.com", "http://login.bank.com/x", false },
		{ "www.bank.com", "https://bank.com", false },
		{ "http://192.0.2.1/x", "http://192.0.2.1/", false },
		{ "a@bank.com", "mailto:b@bank.com", false },
		{ "a@bank.com", "http://evil.com/", false },
		{ "bank.com", "mailto:a@evil.com", false },
		{ "Visit bank.com today", "http://evil.com/", false },
		{ "bank.com and more", "http://evil.com/", false },
		{ "see http://bank.com", "http://evil.com/", false },
		{ "Click here", "http://evil.com/", false },
		{ "README.md", "http://evil.com/", false },
		{ "", "http://evil.com/", false },
	};
	struct region *region = region_new();
	size_t i;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		struct span text = span_of(cases[i].text);
		struct url_origin origin = { URL_FROM_LINK, NULL, text };
		struct url_list list;

		url_list_init(&list, region);
		assert_int_equal(url_add_reference(&list,
				     span_of(cases[i].reference), &origin),
		    STATUS_OK);
		assert_int_equal(list.count, 1);
		assert_string_equal(list.urls[0].text, cases[i].text);
		if (url_text_names_other_host(text, &list.urls[0]) !=
		    cases[i].expected)
			fail_msg(
			    "case %s -> %s", cases[i].text, cases[i].reference);
	}
	region_free(&region);
}

static void
test_fields(void **state GP_UNUSED)
{
	struct region *region = region_new();
	struct url_origin origin = { URL_FROM_FORM, NULL, { " T ", 3 } };
	struct url_list list;
	struct ip ip;

	url_list_init(&list, region);
	assert_int_equal(url_add_reference(&list,
			     span_of("http://a.b.example.co.uk/x"), &origin),
	    STATUS_OK);
	assert_int_equal(
	    url_add_reference(&list, span_of("http://0xc0000201"), &origin),
	    STATUS_OK);
	assert_int_equal(
	    url_add_reference(&list, span_of("http://co.uk"), &origin),
	    STATUS_OK);
	assert_int_equal(
	    url_add_reference(&list, span_of("data:,x"), &origin), STATUS_OK);
	assert_int_equal(
	    url_add_reference(&list, span_of(" JavaScript:x"), &origin),
	    STATUS_OK);
	assert_int_equal(list.count, 3);
	assert_string_equal(
	    list.urls[0].organizational_domain, "example.co.uk");
	assert_int_equal(list.urls[0].flags, URL_FROM_FORM);
	assert_int_equal(list.urls[0].ip.family, AF_UNSPEC);
	assert_string_equal(list.urls[0].text, "T");
	assert_int_equal(ip_parse("192.0.2.1", &ip), STATUS_OK);
	assert_true(ip_equals(&list.urls[1].ip, &ip));
	assert_string_equal(list.urls[1].organizational_domain, "");
	assert_string_equal(list.urls[2].organizational_domain, "");
	assert_int_equal(list.data_count, 1);
	assert_int_equal(list.script_count, 1);
	region_free(&region);
}

static void
add(struct url_list *list, const char *reference, unsigned int from,
    const char *text)
{
	struct url_origin origin = { from, NULL, span_of(text) };

	assert_int_equal(
	    url_add_reference(list, span_of(reference), &origin), STATUS_OK);
}

/* The same URL is there once, with all places and one visible text. */
static void
test_duplicates(void **state GP_UNUSED)
{
	struct region *region = region_new();
	struct url_list list;

	url_list_init(&list, region);
	add(&list, "http://a.example/x", URL_FROM_IMAGE, "");
	add(&list, "HTTP://A.example/x", URL_FROM_LINK, "text");
	add(&list, "http://a.example/x", URL_FROM_FORM, "");
	add(&list, "http://a.example/x", URL_FROM_LINK, "text");
	assert_int_equal(
	    url_add_text(&list, span_of("http://a.example/x"), URL_FROM_TEXT),
	    STATUS_OK);
	assert_int_equal(list.count, 1);
	assert_int_equal(list.urls[0].flags,
	    URL_FROM_IMAGE | URL_FROM_LINK | URL_FROM_FORM | URL_FROM_TEXT);
	assert_string_equal(list.urls[0].text, "text");
	add(&list, "http://a.example/x", URL_FROM_LINK, "other");
	assert_int_equal(list.count, 2);
	add(&list, "https://a.example/x", URL_FROM_LINK, "");
	add(&list, "http://a.example:81/x", URL_FROM_LINK, "");
	add(&list, "http://a.example/X", URL_FROM_LINK, "");
	add(&list, "mailto:x@a.example", URL_FROM_LINK, "");
	add(&list, "mailto:y@a.example", URL_FROM_LINK, "");
	add(&list, "mailto:y@a.example", URL_FROM_LINK, "");
	assert_int_equal(list.count, 7);
	region_free(&region);
}

/* One host does not push the others out. */
static void
test_per_host(void **state GP_UNUSED)
{
	struct region *region = region_new();
	struct url_list list;
	size_t i;

	url_list_init(&list, region);
	for (i = 0; i < 2 * URL_LIST_MAX; i++)
		add(&list, region_printf(region, "http://a.example/%zu", i),
		    URL_FROM_LINK, "");
	assert_int_equal(list.count, URL_PER_HOST_MAX);
	assert_int_equal(list.left_out, 2 * URL_LIST_MAX - URL_PER_HOST_MAX);
	assert_false(list.cut);
	add(&list, "http://a.example/last", URL_FROM_LINK, "bank.com");
	assert_int_equal(list.count, URL_PER_HOST_MAX + 1);
	for (i = 0; i < 2 * URL_LIST_MAX; i++)
		add(&list, region_printf(region, "http://a%zu.example/", i),
		    URL_FROM_LINK, "");
	assert_int_equal(list.count, URL_LIST_MAX);
	assert_true(list.cut);
	assert_string_equal(list.urls[URL_PER_HOST_MAX + 1].host, "a0.example");
	region_free(&region);
}

static void
test_inner_limit(void **state GP_UNUSED)
{
	struct region *region = region_new();
	struct strbuf *buf = strbuf_new(URL_BYTES_MAX);
	struct url_list list;
	int i;

	strbuf_add_text(buf, "http://a.example/?");
	for (i = 0; i < 100; i++)
		strbuf_printf(buf, "http://b%d.example&", i);
	url_list_init(&list, region);
	add(&list, strbuf_text(buf), URL_FROM_LINK, "");
	assert_int_equal(list.count, 1 + URL_INNER_MAX);
	strbuf_free(&buf);
	region_free(&region);
}

/* Long pieces are cut, the host behind a long user is found. */
static void
test_long(void **state GP_UNUSED)
{
	static char text[2 * URL_BYTES_MAX];
	struct region *region = region_new();
	struct url_list list;

	url_list_init(&list, region);
	memset(text, 'x', sizeof(text) - 1);
	memcpy(text, "http://a.example/", 17);
	add(&list, text, URL_FROM_LINK, text);
	assert_int_equal(list.urls[0].flags, URL_FROM_LINK | URL_IS_CUT);
	assert_int_equal(strlen(list.urls[0].path), URL_PATH_BYTES_MAX);
	assert_int_equal(strlen(list.urls[0].text), URL_TEXT_BYTES_MAX);
	memset(text, 'x', sizeof(text) - 1);
	memcpy(text, "http://", 7);
	memcpy(text + URL_BYTES_MAX - 20, "@b.example/", 11);
	add(&list, text, URL_FROM_LINK, "");
	assert_string_equal(list.urls[1].host, "b.example");
	assert_int_equal(strlen(list.urls[1].user), URL_USER_BYTES_MAX);
	assert_int_equal(
	    url_add_text(&list, span_of(text), URL_FROM_TEXT), STATUS_OK);
	region_free(&region);
}

/* Texts that ask for many looks at the same bytes. */
static void
test_bombs(void **state GP_UNUSED)
{
	static const struct {
		const char *again;
		size_t count;
		bool cut;
	} bombs[] = {
		{ "a.com,", 200000, true },
		{ "a.b ", 200000, false },
		{ "a.bb ", 200000, true },
		{ "a@b.com,", 100000, true },
		{ "http://", 150000, false },
		{ "http://a.com/(", 70000, false },
		{ "<http://a.com/", 70000, true },
		{ "http://a.com/?u=", 60000, false },
		{ ")", 1000000, false },
		{ "a.", 500000, false },
		{ "\xe4\xb8\x8b.", 250000, false },
		{ "@", 1000000, false },
		{ ":", 1000000, false },
		{ "mailto:", 150000, false },
		{ "&lt;", 250000, false },
	};
	struct strbuf *buf = strbuf_new(4 * 1024 * 1024);
	struct url_list list;
	size_t i, n;

	for (i = 0; i < GP_NELEMS(bombs); i++) {
		struct region *region = region_new();

		strbuf_reset(buf);
		for (n = 0; n < bombs[i].count; n++)
			strbuf_add_text(buf, bombs[i].again);
		url_list_init(&list, region);
		assert_int_equal(url_add_text(&list, span_of(strbuf_text(buf)),
				     URL_FROM_TEXT),
		    STATUS_OK);
		if (list.cut != bombs[i].cut || list.count > URL_LIST_MAX ||
		    region_size(region) > 16 * 1024 * 1024)
			fail_msg("bomb %s: %zu URLs, %zu bytes%s",
			    bombs[i].again, list.count, region_size(region),
			    list.cut ? ", cut" : "");
		add(&list, strbuf_text(buf), URL_FROM_LINK, strbuf_text(buf));
		region_free(&region);
	}
	strbuf_free(&buf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_references),
		cmocka_unit_test(test_base),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_cut_off),
		cmocka_unit_test(test_other_host),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_duplicates),
		cmocka_unit_test(test_per_host),
		cmocka_unit_test(test_inner_limit),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_bombs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
