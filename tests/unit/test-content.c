/* The MIME tree: what a message holds, and what is wrong with it. */
#include "config.h"

#include "lib/mail/content.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/strbuf.h"
#include "tests/unit/unit.h"

#define NO_CHARACTER  "\xef\xbf\xbd"
#define READ_MAX      100000
#define MIXED         "Content-Type: multipart/mixed; boundary=b\n\n"
#define TYPE(value)   "Content-Type: " value "\n"
#define CODING(value) "Content-Transfer-Encoding: " value "\n"

struct content_case {
	const char *name, *message;
	/* A part a line: as many dots as it is deep, type, then what it has of
	 * (charset), <name>, damage in [], disposition and the id; then the
	 * text, a line break as '|' (LF) or '/' (CRLF). */
	const char *read;
};

static const struct content_case cases[] = {
	{ "plain", "Subject: x\n\nhello\n", "text/plain \"hello|\"" },
	{ "no body", "Subject: x\n", "text/plain \"\"" },
	{ "type",
	    TYPE("TEXT/HTML; charset=\"ISO-8859-1\"")
		CODING("8bit") "\ncaf\xe9",
	    "text/html (iso-8859-1) \"caf\xc3\xa9\"" },
	{ "quoted-printable",
	    TYPE("text/plain; charset=utf-8")
		CODING("quoted-printable") "\na=C3=A9= \r\nb\r\n",
	    "text/plain (utf-8) \"a\xc3\xa9"
	    "b/\"" },
	{ "base64", CODING("base64") "\nYWJj\nZA==\n", "text/plain \"abcd\"" },
	{ "uuencode", CODING("x-uuencode") "\nbegin 644 a\n#0V%T\n`\nend\n",
	    "text/plain \"Cat\"" },
	{ "two parts",
	    MIXED "before\n--b\n\none\n--b \n" TYPE(
		"text/html") "\ntwo\n\n--b--\nbehind\n",
	    "multipart/mixed\n.text/plain \"one\"\n.text/html \"two|\"" },
	{ "CRLF",
	    TYPE(
		"multipart/mixed; boundary=b") "\r\n--b\r\nContent-ID: <i@d>\r\n\r\none\r\n\r\n--b--\r\n",
	    "multipart/mixed\n.text/plain id=i@d \"one/\"" },
	{ "empty part", MIXED "--b\n\n--b--\n",
	    "multipart/mixed\n.text/plain \"\"" },
	{ "nested",
	    MIXED "--b\n" TYPE(
		"multipart/alternative; boundary=\"b c\"") "\n--b c\n\none\n--b c--\n--b\n\ntwo\n--b--\n",
	    "multipart/mixed\n.multipart/alternative\n..text/plain \"one\"\n"
	    ".text/plain \"two\"" },
	{ "attachment",
	    MIXED "--b\n" TYPE("application/pdf; name=\"a.pdf\"")
		CODING("base64") "Content-Disposition: Attachment;\n\t"
				 "filename*=utf-8''%C3%A9.pdf\n\nJVBERg==\n"
				 "--b--\n",
	    "multipart/mixed\n.application/pdf <\xc3\xa9.pdf> attachment "
	    "[names differ] 4 bytes" },
	{ "embedded",
	    MIXED
	    "--b\n" TYPE("message/rfc822") "\nSubject: in\n" MIXED
					   "--b\n\nx\n--b--\n--b\n\ny\n--b--\n",
	    "multipart/mixed\n.message/rfc822\n..multipart/mixed \"in\"\n"
	    "...text/plain \"x\"\n.text/plain \"y\"" },
	{ "embedded, encoded",
	    MIXED "--b\n" TYPE("message/rfc822") CODING(
		"base64") "\nU3ViamVjdDogaW4KCmRlZXA=\n--b\n\nx\n--b--\n",
	    "multipart/mixed\n.message/rfc822\n.text/plain \"x\"\n"
	    "..text/plain \"in\" \"deep\"" },
	{ "embedded, mbox line",
	    TYPE("message/rfc822") "\nFrom a@b\nSubject: in\n\nx\n",
	    "message/rfc822\n.text/plain \"in\" \"x|\"" },
	{ "digest",
	    TYPE("multipart/digest; boundary=b") "\n--b\n\nSubject: in\n\nx\n"
						 "--b--\n",
	    "multipart/digest\n.message/rfc822\n..text/plain \"in\" \"x\"" },
	{ "report",
	    TYPE("multipart/report; boundary=b") "\n--b\n" TYPE(
		"message/delivery-status") "\nStatus: 5.1.1\n--b--\n",
	    "multipart/report\n.message/delivery-status \"Status: 5.1.1\"" },
	/* Boundaries. */
	{ "no end", MIXED "--b\n\none\n",
	    "multipart/mixed [no end]\n.text/plain \"one|\"" },
	{ "no end of the inner one",
	    MIXED "--b\n" TYPE(
		"multipart/mixed; boundary=c") "\n--c\n\none\n--b\n\ntwo\n--b--\n",
	    "multipart/mixed\n.multipart/mixed [no end]\n..text/plain \"one\"\n"
	    ".text/plain \"two\"" },
	{ "no boundary", TYPE("multipart/mixed") "\n--b\n\none\n--b--\n",
	    "multipart/mixed [no boundary] \"--b||one|--b--|\"" },
	{ "other boundary", MIXED "--c\n\none\n--c--\n",
	    "multipart/mixed [no parts, no end] \"--c||one|--c--|\"" },
	{ "last boundary alone", MIXED "one\n--b--\n",
	    "multipart/mixed [no parts] \"one|--b--|\"" },
	{ "parts behind the end",
	    MIXED "--b\n\none\n--b--\n--b\n\ntwo\n--b--\n",
	    "multipart/mixed [parts behind the end]\n.text/plain \"one\"\n"
	    ".text/plain \"two\"" },
	{ "the same boundary inside",
	    MIXED "--b\n" MIXED "--b\n\none\n--b--\n--b\n\ntwo\n--b--\n",
	    "multipart/mixed\n.multipart/mixed\n..text/plain \"one\"\n"
	    ".text/plain \"two\"" },
	{ "longer line", MIXED "--bc\n--b\n\n--b-\n--bc--\n--b --\n--b--\n",
	    "multipart/mixed\n.text/plain \"--b-|--bc--|--b --\"" },
	{ "boundary like an end",
	    TYPE("multipart/mixed; boundary=\"b--\"") "\n--b--\n\none\n"
						      "--b----\n",
	    "multipart/mixed\n.text/plain \"one\"" },
	{ "boundary hidden",
	    "Content-Type: multipart/mixed; x; y; boundary=b\n"
	    "\n--b\n\none\n--b--\n",
	    "multipart/mixed [broken type]\n.text/plain \"one\"" },
	{ "boundary of 8-bit",
	    TYPE(
		"multipart/mixed; boundary=\"\xe9\"") "\n--\xe9\n\none\n--\xe9--\n",
	    "multipart/mixed\n.text/plain \"one\"" },
	{ "boundary in the header", MIXED "--b\n" TYPE("text/html") "--b--\n",
	    "multipart/mixed\n.text/html [broken header] \"\"" },
	{ "encoded multipart",
	    TYPE("multipart/mixed; boundary=b")
		CODING("base64") "\n--b\n\none\n--b--\n",
	    "multipart/mixed [encoded multipart]\n.text/plain \"one\"" },
	/* Headers. */
	{ "no field", MIXED "--b\nno field\n\none\n--b--\n",
	    "multipart/mixed\n.text/plain [broken header] \"no field||one\"" },
	{ "no field among them",
	    MIXED "--b\n" TYPE("text/html") "no field\n continued\n" CODING(
		"base64") "\nYQ==\n--b--\n",
	    "multipart/mixed\n.text/html [broken header] \"a\"" },
	{ "no empty line",
	    MIXED "--b\n" TYPE("text/html") "text\nmore\n--b--\n",
	    "multipart/mixed\n.text/html [broken header] \"text|more\"" },
	{ "duplicate field",
	    TYPE("text/html") TYPE("text/plain") CODING("7bit")
		CODING("base64") "\nx",
	    "text/html [duplicate field] \"x\"" },
	{ "no type", TYPE("text") "\nx", "text/plain [broken type] \"x\"" },
	{ "empty type", TYPE("") "\nx", "text/plain [broken type] \"x\"" },
	{ "two slashes", TYPE("a/b/c") "\nx",
	    "text/plain [broken type] \"x\"" },
	{ "unknown encoding", CODING("x-none") "\nx=41",
	    "text/plain [unknown encoding] \"x=41\"" },
	/* Bytes. */
	{ "broken base64", CODING("base64") "\nY*Q==\n",
	    "text/plain [broken base64] \"a\"" },
	{ "broken quoted-printable", CODING("quoted-printable") "\n=4x",
	    "text/plain [broken quoted-printable] \"=4x\"" },
	{ "broken uuencode", CODING("uuencode") "\n#0V%T\n",
	    "text/plain [broken uuencode] \"Cat\"" },
	{ "8-bit", "\n\xc3\xa9", "text/plain [8-bit in 7bit] \"\xc3\xa9\"" },
	{ "bare CR", "\na\rb\r\n", "text/plain [bare CR] \"a\rb/\"" },
	{ "bare LF", "\na\r\nb\n", "text/plain [bare LF] \"a/b|\"" },
	{ "binary", CODING("binary") "\na\rb\r\n\xc3\xa9\n",
	    "text/plain \"a\rb/\xc3\xa9|\"" },
	/* Charsets. */
	{ "charset that does not exist",
	    TYPE("text/plain; charset=no-such") CODING("8bit") "\n\xe9",
	    "text/plain (no-such) [unknown charset] \"\xc3\xa9\"" },
	{ "charset in quotes", TYPE("text/plain; charset=\"utf-8, x\"") "\nx",
	    "text/plain (utf-8) \"x\"" },
	{ "not its charset",
	    TYPE("text/plain; charset=utf-8") CODING("8bit") "\n\xe9",
	    "text/plain (utf-8) [invalid text] \"" NO_CHARACTER "\"" },
	{ "byte order mark",
	    TYPE("text/plain; charset=iso-8859-1")
		CODING("8bit") "\n\xef\xbb\xbf\xc3\xa9",
	    "text/plain (iso-8859-1) \"\xc3\xa9\"" },
	{ "UTF-16", CODING("base64") "\n//5hAGIA\n", "text/plain \"ab\"" },
	{ "UTF-16, big", CODING("base64") "\n/v8AYQBi\n", "text/plain \"ab\"" },
	{ "page names its charset",
	    TYPE("text/html") CODING("8bit") "\n<meta CHARSET=\"koi8-r\"/>\xf0",
	    "text/html \"<meta CHARSET=\"koi8-r\"/>\xd0\x9f\"" },
	{ "page, but the field does",
	    TYPE("text/html; charset=utf-8")
		CODING("8bit") "\n<meta charset=koi8-r>\xc3\xa9",
	    "text/html (utf-8) \"<meta charset=koi8-r>\xc3\xa9\"" },
	{ "page that lies",
	    TYPE("text/html") CODING("8bit") "\n<meta charset=utf-16>\xc3\xa9",
	    "text/html \"<meta charset=utf-16>\xc3\xa9\"" },
};

static void
add_damage(struct strbuf *read, unsigned int damage)
{
	const char *text = content_damage_text(&damage);

	if (text == NULL)
		return;
	strbuf_printf(read, " [%s", text);
	while ((text = content_damage_text(&damage)) != NULL)
		strbuf_printf(read, ", %s", text);
	strbuf_add_char(read, ']');
}

static void
add_text(struct strbuf *read, struct span text)
{
	size_t i;

	strbuf_add_text(read, " \"");
	for (i = 0; i < text.length; i++) {
		if (text.data[i] == '\r' && i + 1 < text.length &&
		    text.data[i + 1] == '\n') {
			strbuf_add_char(read, '/');
			i++;
		} else {
			strbuf_add_char(
			    read, text.data[i] == '\n' ? '|' : text.data[i]);
		}
	}
	strbuf_add_char(read, '"');
}

static void
add_part(struct strbuf *read, const struct content_part *part)
{
	const struct message_field *subject;
	unsigned int i;

	for (i = 0; i < part->depth; i++)
		strbuf_add_char(read, '.');
	strbuf_add_text(read, part->type);
	if (part->charset[0] != '\0')
		strbuf_printf(read, " (%s)", part->charset);
	if (part->name[0] != '\0')
		strbuf_printf(read, " <%s>", part->name);
	if (part->disposition[0] != '\0')
		strbuf_printf(read, " %s", part->disposition);
	if (part->content_id[0] != '\0')
		strbuf_printf(read, " id=%s", part->content_id);
	add_damage(read, part->damage);
	subject = message_find(part->message, "Subject", 0);
	if (part->depth > 0 && subject != NULL)
		add_text(read, span_trim(subject->value));
	if (content_part_is_text(part))
		add_text(read, part->text);
	else if (part->kind == CONTENT_LEAF)
		strbuf_printf(read, " %zu bytes", part->decoded_size);
}

static void
check_part(const struct content *content, size_t i)
{
	const struct content_part *part = &content->parts[i], *parent;

	assert_int_equal(part->index, i);
	if (i == 0) {
		assert_true(part->parent == CONTENT_NO_PARENT);
		assert_int_equal(part->depth, 0);
		return;
	}
	assert_true(part->parent < i);
	parent = &content->parts[part->parent];
	assert_int_equal(part->depth, parent->depth + 1);
	assert_int_not_equal(parent->kind, CONTENT_LEAF);
}

static const struct content *
parse(
    struct region *region, struct span raw, const struct content_limits *limits)
{
	struct message *message = region_alloc(region, sizeof(*message));
	struct content_source source = { .message = message };
	const struct content *content;

	message_init(message, region);
	assert_int_equal(
	    message_parse_header(message, raw, &source.body), STATUS_OK);
	assert_int_equal(
	    content_read(region, &source, limits, &content), STATUS_OK);
	return content;
}

static const char *
read_all(struct region *region, struct span raw)
{
	struct strbuf *read = strbuf_new(READ_MAX);
	const struct content *content;
	const char *copy;
	size_t i;

	content = parse(region, raw, &content_default_limits);
	for (i = 0; i < content->part_count; i++) {
		check_part(content, i);
		strbuf_add_text(read, i > 0 ? "\n" : "");
		add_part(read, &content->parts[i]);
	}
	assert_int_equal(strbuf_status(read), STATUS_OK);
	assert_int_equal(content->limits, 0);
	copy = region_strdup(region, strbuf_text(read));
	strbuf_free(&read);
	return copy;
}

static void
test_cases(void **state GP_UNUSED)
{
	struct region *region = region_new();
	const char *read;
	size_t i;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		read = read_all(region, span_of(cases[i].message));
		if (strcmp(read, cases[i].read) != 0)
			fail_msg("%s:\n%s\nexpected:\n%s", cases[i].name, read,
			    cases[i].read);
	}
	region_free(&region);
}

/* Every beginning of every case, in memory that ends with it. */
static void
test_cut(void **state GP_UNUSED)
{
	size_t i, length;
	struct region *region;
	char *copy;

	for (i = 0; i < GP_NELEMS(cases); i++)
		for (length = 0; length < strlen(cases[i].message); length++) {
			region = region_new();
			copy = test_malloc(length + 1);
			memcpy(copy, cases[i].message, length);
			read_all(region, (struct span){ copy, length });
			test_free(copy);
			region_free(&region);
		}
}

static void
test_nul(void **state GP_UNUSED)
{
	static const char raw[] = "\na\0b\n";
	struct region *region = region_new();
	const struct content *content;

	content = parse(region, (struct span){ raw, sizeof(raw) - 1 },
	    &content_default_limits);
	assert_int_equal(content->damage, CONTENT_NUL | CONTENT_INVALID_TEXT);
	assert_true(
	    span_equals(content->parts[0].text, "a" NO_CHARACTER "b\n"));
	region_free(&region);
}

/* What stands outside of the parts, and where the parts are. */
static void
test_spans(void **state GP_UNUSED)
{
	static const char raw[] = MIXED "before\n--b\n\none\n--b--\nbehind\n";
	struct region *region = region_new();
	const struct content *content;
	struct span bytes;

	content = parse(region, span_of(raw), &content_default_limits);
	assert_true(span_equals(content->parts[0].before, "before"));
	assert_true(span_equals(content->parts[0].behind, "behind\n"));
	assert_ptr_equal(content->parts[0].raw.data, strstr(raw, "before"));
	assert_ptr_equal(content->parts[1].raw.data, strstr(raw, "one"));
	assert_int_equal(content->parts[1].raw.length, 3);
	assert_int_equal(content->text_bytes, 3);
	assert_int_equal(
	    content_part_decode(region, &content->parts[1], 2, &bytes),
	    STATUS_OK);
	assert_true(span_equals(bytes, "on"));
	region_free(&region);
}

static void
test_long_line(void **state GP_UNUSED)
{
	struct region *region = region_new();
	struct span raw;
	char *copy;

	copy = region_alloc(region, 1001);
	memset(copy, 'a', 1001);
	copy[0] = '\n';
	copy[999] = '\r';
	copy[1000] = '\n';
	raw = (struct span){ copy, 1001 };
	assert_int_equal(
	    parse(region, raw, &content_default_limits)->damage, 0);
	copy[999] = 'a';
	assert_int_equal(parse(region, raw, &content_default_limits)->damage,
	    CONTENT_LONG_LINE);
	region_free(&region);
}

/* Deeper multiparts and messages are leaves, whose bytes are text. */
static void
test_depth(void **state GP_UNUSED)
{
	struct content_limits limits = content_default_limits;
	struct region *region = region_new();
	const struct content *content;
	const char *raw;

	limits.depth = 1;
	raw = MIXED "--b\n" TYPE(
	    "multipart/mixed; boundary=c") "\n--c\n\none\n--c--\n--b--\n";
	content = parse(region, span_of(raw), &limits);
	assert_int_equal(content->limits, CONTENT_LIMIT_DEPTH);
	assert_int_equal(content->part_count, 2);
	assert_int_equal(content->parts[1].kind, CONTENT_LEAF);
	assert_true(span_equals(content->parts[1].text, "--c\n\none\n--c--"));
	raw = TYPE("message/rfc822") "\n" TYPE("message/rfc822") "\nS: x\n\ny";
	content = parse(region, span_of(raw), &limits);
	assert_int_equal(content->limits, CONTENT_LIMIT_DEPTH);
	assert_int_equal(content->part_count, 2);
	assert_true(span_equals(content->parts[1].text, "S: x\n\ny"));
	limits.depth = 0;
	content = parse(region, span_of(raw), &limits);
	assert_int_equal(content->part_count, 1);
	region_free(&region);
}

static void
test_parts(void **state GP_UNUSED)
{
	struct content_limits limits = content_default_limits;
	struct region *region = region_new();
	const struct content *content;
	const char *raw;

	limits.parts = 3;
	raw = MIXED "--b\n\n1\n--b\n\n2\n--b\n\n3\n--b--\n";
	content = parse(region, span_of(raw), &limits);
	assert_int_equal(content->limits, CONTENT_LIMIT_PARTS);
	assert_int_equal(content->part_count, 3);
	assert_true(span_equals(content->parts[2].text, "2"));
	assert_int_equal(content->damage, 0);
	limits.parts = 1;
	raw = TYPE("message/rfc822") "\nS: x\n\ny";
	content = parse(region, span_of(raw), &limits);
	assert_int_equal(content->limits, CONTENT_LIMIT_PARTS);
	assert_int_equal(content->part_count, 1);
	raw = TYPE("message/rfc822") CODING("base64") "\nUzogeAoK";
	content = parse(region, span_of(raw), &limits);
	assert_int_equal(content->limits, CONTENT_LIMIT_PARTS);
	assert_true(span_equals(content->parts[0].text, "S: x\n\n"));
	region_free(&region);
}

/* No part takes more than half of what is left; attachments come last. */
static void
test_text(void **state GP_UNUSED)
{
	struct content_limits limits = content_default_limits;
	struct region *region = region_new();
	const struct content *content;
	const char *raw;

	limits.text_bytes = 16;
	raw = MIXED "--b\nContent-Disposition: attachment\n\n1234567890\n"
		    "--b\n\nabcdefghijkl\n--b\n\n1\n345\n--b\n\n"
		    "\xc3\xa9\xc3\xa9\n--b--\n";
	content = parse(region, span_of(raw), &limits);
	assert_int_equal(content->limits, CONTENT_LIMIT_TEXT);
	assert_true(span_equals(content->parts[1].text, "1"));
	assert_int_equal(content->parts[1].decoded_size, 10);
	assert_true(span_equals(content->parts[2].text, "abcdefgh"));
	assert_true(span_equals(content->parts[3].text, "1\n"));
	assert_true(span_equals(content->parts[4].text, "\xc3\xa9"));
	assert_int_equal(content->damage, CONTENT_8BIT_IN_7BIT);
	region_free(&region);
}

/* Fields of parts over the limits are not read, and their bodies are. */
static void
test_header(void **state GP_UNUSED)
{
	struct content_limits limits = content_default_limits;
	struct region *region = region_new();
	const struct content *content;
	const char *raw;

	raw = MIXED "--b\nX: 1234567890\n" TYPE(
	    "text/html") "\none\n"
			 "--b\n" TYPE("text/html") "\ntwo\n--b--\n";
	limits.part_header_bytes = 30;
	content = parse(region, span_of(raw), &limits);
	assert_int_equal(content->limits, CONTENT_LIMIT_HEADER);
	assert_string_equal(content->parts[1].type, "text/plain");
	assert_true(span_equals(content->parts[1].text, "one"));
	assert_string_equal(content->parts[2].type, "text/html");
	limits = content_default_limits;
	limits.header_bytes = 50;
	content = parse(region, span_of(raw), &limits);
	assert_int_equal(content->limits, CONTENT_LIMIT_HEADER);
	assert_string_equal(content->parts[1].type, "text/html");
	assert_string_equal(content->parts[2].type, "text/plain");
	assert_true(span_equals(content->parts[2].text, "two"));
	region_free(&region);
}

static void
test_nested(void **state GP_UNUSED)
{
	struct content_limits limits = content_default_limits;
	struct region *region = region_new();
	const struct content *content;
	const char *raw;

	limits.nested_bytes = 10;
	raw = MIXED "--b\n" TYPE("message/rfc822") CODING(
	    "base64") "\nU3ViamVjdDogaW4KCmRlZXA=\n--b\n" TYPE("message/rfc822")
	    CODING("base64") "\nUzogeAoK\n--b--\n";
	content = parse(region, span_of(raw), &limits);
	assert_int_equal(content->limits, CONTENT_LIMIT_NESTED);
	assert_int_equal(content->part_count, 4);
	assert_int_equal(content->parts[1].kind, CONTENT_MESSAGE);
	assert_int_equal(content->parts[1].decoded_size, 17);
	assert_int_equal(content->parts[2].kind, CONTENT_LEAF);
	assert_true(span_equals(content->parts[2].text, "S: x\n\n"));
	assert_int_equal(content->parts[3].parent, 1);
	region_free(&region);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_nul),
		cmocka_unit_test(test_spans),
		cmocka_unit_test(test_long_line),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_header),
		cmocka_unit_test(test_nested),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
