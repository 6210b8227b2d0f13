/*
 * Signatures: verified by our verifier and by libopendkim alone, their form,
 * what they cover, and what they cannot cover.
 */
#include "config.h"

#include "lib/auth/sign.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <opendkim/dkim.h>

#include "lib/auth/dkim.h"
#include "lib/auth/sign-fields.h"
#include "lib/base/clock.h"
#include "lib/base/strbuf.h"
#include "lib/dns/zone.h"
#include "tests/unit/sign-fixture.h"
#include "tests/unit/unit.h"

#define NOW         1783000000
#define DEADLINE_MS 1000
#define DOMAIN      "football.example.com"
#define TEXT_BYTES  ((size_t)1024 * 1024)
#define KEYS        2 /* RSA and Ed25519 */

struct fixture {
	struct auth_dkim_library *library;
	struct dns *dns;
	struct auth_sign_entry entries[KEYS];
	const struct auth_sign_entry *keys[KEYS];
};

static void
add_key(struct fixture *fixture, struct dns_zone *zone, size_t i,
    const char *selector, const char *text)
{
	struct auth_sign_entry *entry = &fixture->entries[i];
	const char *record, *reason;
	char name[200];

	entry->selector = selector;
	assert_int_equal(
	    auth_sign_key_parse(span_of(text), &entry->key, &reason),
	    STATUS_OK);
	record = auth_sign_key_record(entry->key);
	snprintf(name, sizeof(name), "%s._domainkey." DOMAIN, selector);
	assert_int_equal(
	    dns_zone_add_txt(zone, name, record, strlen(record)), STATUS_OK);
	fixture->keys[i] = entry;
}

static int
setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	struct dns_zone *zone = dns_zone_new();

	assert_non_null(fixture);
	add_key(fixture, zone, 0, "test", RFC8463_RSA);
	add_key(fixture, zone, 1, "brisbane", RFC8463_ED25519);
	assert_int_equal(auth_dkim_library_new(&fixture->library), STATUS_OK);
	assert_int_equal(dns_open_zone(&zone, &fixture->dns), STATUS_OK);
	*state = fixture;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *fixture = *state;
	size_t i;

	for (i = 0; i < KEYS; i++)
		auth_sign_key_free(&fixture->entries[i].key);
	dns_close(&fixture->dns);
	auth_dkim_library_free(&fixture->library);
	free(fixture);
	return 0;
}

static struct auth_sign_options
options_of(const struct fixture *fixture)
{
	struct auth_sign_options options = { 0 };

	options.domain = DOMAIN;
	options.key_count = KEYS;
	options.keys = fixture->keys;
	options.now = NOW;
	return options;
}

/* A message as text: what is signed, and what comes out. */
struct signed_message {
	struct region *region;
	const char *values[AUTH_SIGN_ACTIVE_MAX];
	char *text; /* with the signatures on top, CRLF */
};

static void
feed(struct auth_sign *sign, struct span body)
{
	size_t step, at;

	for (at = 0, step = 1; at < body.length; at += step, step += 7) {
		if (step > body.length - at)
			step = body.length - at;
		auth_sign_body(sign, body.data + at, step);
	}
}

static enum status
sign_text(const struct auth_sign_options *options, const char *text,
    struct signed_message *result)
{
	struct message message;
	struct auth_sign *sign;
	struct span body;
	enum status status;

	message_init(&message, result->region);
	assert_int_equal(
	    message_parse_header(&message, span_of(text), &body), STATUS_OK);
	assert_int_equal(
	    auth_sign_new(result->region, options, &sign), STATUS_OK);
	feed(sign, body);
	status = auth_sign_finish(sign, &message, result->values);
	auth_sign_free(&sign);
	return status;
}

/* The whole message as an MTA would send it. */
static void
join_text(const struct auth_sign_options *options, const char *text,
    struct signed_message *result)
{
	struct strbuf *all = strbuf_new(4 * TEXT_BYTES);
	const char *p;
	size_t i;

	for (i = 0; i < options->key_count; i++) {
		strbuf_add_text(all, "DKIM-Signature: ");
		for (p = result->values[i]; *p != '\0'; p++) {
			if (*p == '\n')
				strbuf_add_char(all, '\r');
			strbuf_add_char(all, *p);
		}
		strbuf_add_text(all, "\r\n");
	}
	strbuf_add_text(all, text);
	assert_int_equal(strbuf_status(all), STATUS_OK);
	result->text = region_strdup(result->region, strbuf_text(all));
	strbuf_free(&all);
}

static struct signed_message
signed_by(const struct auth_sign_options *options, const char *text)
{
	struct signed_message result = { 0 };

	result.region = region_new();
	assert_int_equal(sign_text(options, text, &result), STATUS_OK);
	join_text(options, text, &result);
	return result;
}

/* The results of our verifier, "pass pass". */
static void
verify(const struct fixture *fixture, const char *text, char words[100])
{
	struct region *region = region_new();
	struct auth_dkim_results results;
	struct message message;
	struct auth_dkim *dkim;
	struct span body;
	size_t i, used = 0;

	message_init(&message, region);
	assert_int_equal(
	    message_parse_header(&message, span_of(text), &body), STATUS_OK);
	assert_int_equal(auth_dkim_new(fixture->library, region, fixture->dns,
			     NOW + 60, &dkim),
	    STATUS_OK);
	assert_int_equal(
	    auth_dkim_headers(dkim, &message, clock_now_ms() + DEADLINE_MS),
	    STATUS_OK);
	assert_int_equal(
	    auth_dkim_body(dkim, body.data, body.length), STATUS_OK);
	assert_int_equal(auth_dkim_finish(dkim, &results), STATUS_OK);
	words[0] = '\0';
	for (i = 0; i < results.signature_count; i++)
		used += (size_t)snprintf(words + used, 100 - used, "%s%s",
		    i == 0 ? "" : " ",
		    auth_result_text(results.signatures[i].result));
	auth_dkim_free(&dkim);
	region_free(&region);
}

static void
expect_words(const struct fixture *fixture, const char *name, const char *text,
    const char *expected)
{
	char words[100];

	verify(fixture, text, words);
	if (strcmp(words, expected) != 0)
		fail_msg("%s: %s", name, words);
}

/* libopendkim asks us for the keys; nothing of our verifier is in it. */
static DKIM_CBSTAT
key_for_library(
    DKIM *dkim GP_UNUSED, DKIM_SIGINFO *info, unsigned char *to, size_t size)
{
	const char *selector = (const char *)dkim_sig_getselector(info);
	const char *record = strcmp(selector, "test") == 0 ?
	    RFC8463_RSA_RECORD :
	    RFC8463_ED25519_RECORD;

	if (str_copy((char *)to, size, record) != STATUS_OK)
		return DKIM_CBSTAT_ERROR;
	return DKIM_CBSTAT_CONTINUE;
}

static void
feed_library_header(DKIM *dkim, const struct message *message)
{
	char field[20000];
	size_t i;
	int length;

	for (i = 0; i < message->field_count; i++) {
		length = snprintf(field, sizeof(field), "%.*s:%.*s",
		    (int)message->fields[i].name.length,
		    message->fields[i].name.data,
		    (int)message->fields[i].value.length,
		    message->fields[i].value.data);
		assert_true(length > 0 && (size_t)length < sizeof(field));
		assert_int_equal(
		    dkim_header(dkim, (unsigned char *)field, (size_t)length),
		    DKIM_STAT_OK);
	}
	assert_int_equal(dkim_eoh(dkim), DKIM_STAT_OK);
}

static void
expect_library_passes(const char *name, const char *text)
{
	struct region *region = region_new();
	DKIM_LIB *library = dkim_init(NULL, NULL);
	struct message message;
	DKIM_SIGINFO **infos;
	struct span body;
	DKIM_STAT stat;
	DKIM *dkim;
	int i, count;

	message_init(&message, region);
	assert_int_equal(
	    message_parse_header(&message, span_of(text), &body), STATUS_OK);
	dkim_set_key_lookup(library, key_for_library);
	dkim = dkim_verify(library, (unsigned char *)"id", NULL, &stat);
	assert_non_null(dkim);
	feed_library_header(dkim, &message);
	if (body.length > 0)
		assert_int_equal(
		    dkim_body(dkim, (unsigned char *)(uintptr_t)body.data,
			body.length),
		    DKIM_STAT_OK);
	assert_int_equal(dkim_eom(dkim, NULL), DKIM_STAT_OK);
	assert_int_equal(dkim_getsiglist(dkim, &infos, &count), DKIM_STAT_OK);
	assert_int_equal(count, KEYS);
	for (i = 0; i < count; i++) {
		assert_int_equal(
		    dkim_sig_process(dkim, infos[i]), DKIM_STAT_OK);
		if ((dkim_sig_getflags(infos[i]) & DKIM_SIGFLAG_PASSED) == 0 ||
		    dkim_sig_getbh(infos[i]) != DKIM_SIGBH_MATCH)
			fail_msg("%s: signature %d does not pass", name, i);
	}
	dkim_free(dkim);
	dkim_close(library);
	region_free(&region);
}

struct text_case {
	const char *name, *text;
};

#define FROM "From: a@" DOMAIN "\r\n"

static const struct text_case text_cases[] = {
	{ "RFC 8463", RFC8463_HEADER "\r\n" RFC8463_BODY },
	{ "no body", FROM "\r\n" },
	{ "empty lines", FROM "\r\n\r\n\r\n" },
	{ "blank lines", FROM "\r\n \r\n\t\r\n" },
	{ "folded fields",
	    FROM "To: a@example.com,\r\n\t b@example.com  ,\r\n c@example.com"
		 "  \r\nSubject:\r\n folded in front\r\n\r\nx\r\n" },
	{ "blanks before the colon",
	    FROM "Subject : x\r\nTo \t: y\r\n\r\nx\r\n" },
	{ "8 bit", FROM "Subject: \xc3\xa4\xff\r\n\r\n\xc3\xb6\xfe\r\n" },
	{ "fields twice",
	    FROM "Received: 1\r\nTo: a@example.com\r\nReceived: 2\r\n"
		 "To: b@example.com\r\nSubject: 1\r\nSubject: 2\r\n\r\nx\r\n" },
	{ "empty fields", FROM "Subject:\r\nTo: \r\nCc:\t\r\n\r\nx\r\n" },
	{ "MIME and list fields",
	    FROM "MIME-Version: 1.0\r\nContent-Type: text/plain;\r\n"
		 "\tcharset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n"
		 "List-Id: <a.example.com>\r\nList-Unsubscribe: <mailto:a>\r\n"
		 "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
		 "\r\nx\r\n" },
	{ "white space in the body",
	    FROM "\r\na  b\t c \r\n\t d\r\n\r\n\r\ne \r\n\r\n\r\n" },
	{ "dots", FROM "\r\n.\r\n..\r\n" },
	{ "a signature of others",
	    "DKIM-Signature: v=1; a=rsa-sha256; d=example.com; s=x;\r\n"
	    "\th=from; bh=AAAA; b=AAAA\r\n" FROM "\r\nx\r\n" },
	{ "upper case", "FROM: a@" DOMAIN "\r\nSUBJECT: X\r\n\r\nx\r\n" },
};

static void
test_verified(void **state)
{
	const struct fixture *fixture = *state;
	struct auth_sign_options options = options_of(fixture);
	const struct text_case *c;
	struct signed_message message;
	size_t i;

	for (i = 0; i < GP_NELEMS(text_cases); i++) {
		c = &text_cases[i];
		message = signed_by(&options, c->text);
		if (strstr(c->text, "DKIM-Signature") == NULL) {
			expect_words(
			    fixture, c->name, message.text, "pass pass");
			expect_library_passes(c->name, message.text);
		} else {
			expect_words(fixture, c->name, message.text,
			    "pass pass permerror");
		}
		region_free(&message.region);
	}
}

/* What another may do to the message, and what comes of it. */
struct change {
	const char *name, *before, *after;
	const char *words;
};

static const struct change changes[] = {
	{ "another From", "From: Joe", "From: x@example.com\r\nFrom: Joe",
	    "fail fail" },
	{ "a Reply-To",
	    "Subject:", "Reply-To: x@example.com\r\nSubject:", "fail fail" },
	{ "a Cc", "Subject:", "Cc: x@example.com\r\nSubject:", "fail fail" },
	{ "another Subject",
	    "Subject:", "Subject: x\r\nSubject:", "fail fail" },
	{ "another To", "Subject:", "To: x\r\nSubject:", "fail fail" },
	{ "a Content-Type",
	    "Subject:", "Content-Type: text/html\r\nSubject:", "fail fail" },
	{ "a Content-Transfer-Encoding", "Subject:",
	    "Content-Transfer-Encoding: base64\r\nSubject:", "fail fail" },
	{ "a MIME-Version",
	    "Subject:", "MIME-Version: 1.0\r\nSubject:", "fail fail" },
	{ "a List-Unsubscribe", "Subject:",
	    "List-Unsubscribe: <mailto:x>\r\nSubject:", "fail fail" },
	{ "a changed Date", "2003 21", "2003 22", "fail fail" },
	{ "no Message-ID", "Message-ID:", "X-Id:", "fail fail" },
	{ "a word of the body", "game", "match", "fail fail" },
	{ "a line behind the body", "Joe.\r\n", "Joe.\r\nx\r\n", "fail fail" },
	{ "white space in a field", "Is dinner", "Is\r\n   dinner",
	    "pass pass" },
	{ "blanks at the end of a line", "Hi.", "Hi. \t", "pass pass" },
	{ "empty lines behind the body", "Joe.\r\n", "Joe.\r\n\r\n\r\n",
	    "pass pass" },
	{ "a Received", "From: Joe", "Received: x\r\nFrom: Joe", "pass pass" },
	{ "a field of no matter", "From: Joe", "X-A: x\r\nFrom: Joe",
	    "pass pass" },
};

static void
test_changed(void **state)
{
	const struct fixture *fixture = *state;
	struct auth_sign_options options = options_of(fixture);
	struct signed_message message;
	const struct change *c;
	const char *at, *text;
	size_t i;

	message = signed_by(&options, RFC8463_HEADER "\r\n" RFC8463_BODY);
	for (i = 0; i < GP_NELEMS(changes); i++) {
		c = &changes[i];
		at = strstr(message.text, c->before);
		assert_non_null(at);
		text = region_printf(message.region, "%.*s%s%s",
		    (int)(at - message.text), message.text, c->after,
		    at + strlen(c->before));
		expect_words(fixture, c->name, text, c->words);
	}
	region_free(&message.region);
}

/* Lines of 78 columns at most, a tab being 8; no CR; no leading blank. */
static void
check_form(const char *name, const char *value)
{
	size_t column = sizeof("DKIM-Signature: ") - 1;
	const char *p;

	assert_true(value[0] != ' ' && value[0] != '\t');
	for (p = value; *p != '\0'; p++) {
		if (*p == '\n') {
			assert_int_equal(p[1], '\t');
			column = 0;
		} else if (*p == '\t') {
			column += 8;
		} else {
			assert_true(ascii_is_print(*p));
			column++;
		}
		if (column > 78)
			fail_msg("%s: a line is too long: %s", name, value);
	}
}

static void
test_form(void **state)
{
	const struct fixture *fixture = *state;
	struct auth_sign_options options = options_of(fixture);
	struct signed_message message;
	size_t i, k;

	for (i = 0; i < GP_NELEMS(text_cases); i++) {
		message = signed_by(&options, text_cases[i].text);
		for (k = 0; k < KEYS; k++)
			check_form(text_cases[i].name, message.values[k]);
		region_free(&message.region);
	}
}

/* The tags of a value, unfolded. */
static void
expect_tags(const char *value, const char *begin)
{
	char flat[4000];
	size_t length = 0;

	for (; *value != '\0'; value++) {
		assert_true(length + 1 < sizeof(flat));
		if (*value == '\n')
			continue;
		/* in the middle of h= and b= a fold stands for nothing */
		if (*value == '\t' && flat[length - 1] != ';')
			continue;
		flat[length++] = *value == '\t' ? ' ' : *value;
	}
	flat[length] = '\0';
	if (strncmp(flat, begin, strlen(begin)) != 0)
		fail_msg("not \"%s\" but \"%s\"", begin, flat);
}

#define H_PLAIN                                                             \
	"h=from:from:sender:reply-to:to:cc:subject:date:message-id:"        \
	"in-reply-to:references:mime-version:content-type:"                 \
	"content-transfer-encoding:list-id:list-post:list-owner:list-help:" \
	"list-archive:list-subscribe:list-unsubscribe:list-unsubscribe-post;"

static void
test_tags(void **state)
{
	const struct fixture *fixture = *state;
	struct auth_sign_options options = options_of(fixture);
	struct signed_message message;

	message = signed_by(&options, FROM "\r\nx\r\n");
	expect_tags(message.values[0],
	    "v=1; a=rsa-sha256; c=relaxed/relaxed; d=" DOMAIN
	    "; s=test; t=1783000000; " H_PLAIN " bh=");
	expect_tags(message.values[1],
	    "v=1; a=ed25519-sha256; c=relaxed/relaxed; d=" DOMAIN
	    "; s=brisbane; t=1783000000; " H_PLAIN " bh=");
	assert_null(strstr(message.values[0], "l="));
	region_free(&message.region);

	options.expire_seconds = 3600;
	message = signed_by(&options, FROM "\r\nx\r\n");
	expect_tags(message.values[0],
	    "v=1; a=rsa-sha256; c=relaxed/relaxed; d=" DOMAIN
	    "; s=test; t=1783000000; x=1783003600; " H_PLAIN);
	expect_words(fixture, "x=", message.text, "pass pass");
	region_free(&message.region);
}

/* Each field as often as it occurs and once more; so those of the options. */
static void
test_counts(void **state)
{
	static const char *const more[] = { "X-Ours", "Subject", "x-absent" };
	const struct fixture *fixture = *state;
	struct auth_sign_options options = options_of(fixture);
	struct signed_message message;

	options.more_fields = more;
	options.more_field_count = GP_NELEMS(more);
	message = signed_by(&options,
	    FROM "To: 1\r\nX-Ours: 1\r\nTo: 2\r\nX-OURS: 2\r\n\r\nx\r\n");
	assert_non_null(strstr(message.values[0], "reply-to:to:to:to:cc"));
	expect_tags(strstr(message.values[0], "list-unsubscribe-post"),
	    "list-unsubscribe-post:X-Ours:X-Ours:X-Ours:x-absent;");
	expect_words(fixture, "more fields", message.text, "pass pass");
	region_free(&message.region);
}

#define FIFTY "12345678901234567890123456789012345678901234567890"

/* Lines that the MTA breaks are signed as they will be sent. */
static void
test_long_lines(void **state)
{
	static const char source[] =
	    FROM "Subject: " FIFTY "12345678901 34567890123\r\n"
		 "To:\r\n x@example.com," FIFTY "abcdefghijklmnopqrst\r\n"
		 "\r\n" FIFTY "abcdefghijklmnopqrstuvwxyz01234\r\nabc\r\n";
	static const char sent[] =
	    FROM "Subject: " FIFTY "12345678901 345678901\r\n 23\r\n"
		 "To:\r\n x@example.com," FIFTY "abcdefghijklmno\r\n pqrst\r\n"
		 "\r\n" FIFTY "abcdefghijklmnopqrstuvwxyz0123\r\n 4\r\nabc\r\n";
	const struct fixture *fixture = *state;
	struct auth_sign_options options = options_of(fixture);
	struct signed_message message;

	options.line_limit = 80;
	message = signed_by(&options, source);
	expect_words(fixture, "as it came", message.text, "fail fail");
	join_text(&options, sent, &message);
	expect_words(fixture, "as it is sent", message.text, "pass pass");
	expect_library_passes("as it is sent", message.text);
	region_free(&message.region);
}

/* Hostile headers: many fields, huge fields. */
static void
test_limits(void **state)
{
	const struct fixture *fixture = *state;
	struct auth_sign_options options = options_of(fixture);
	struct signed_message message = { 0 };
	struct strbuf *text = strbuf_new(TEXT_BYTES);
	size_t i;

	strbuf_add_text(text, FROM);
	for (i = 0; i < 400; i++)
		strbuf_add_text(text, "To: a@example.com\r\n");
	strbuf_add_text(text, "\r\nx\r\n");
	message = signed_by(&options, strbuf_text(text));
	expect_words(fixture, "400 fields", message.text, "pass pass");
	region_free(&message.region);

	strbuf_reset(text);
	strbuf_add_text(text, FROM);
	for (i = 0; i < AUTH_SIGN_FIELDS_MAX; i++)
		strbuf_add_text(text, "To: a@example.com\r\n");
	strbuf_add_text(text, "\r\nx\r\n");
	message.region = region_new();
	assert_int_equal(
	    sign_text(&options, strbuf_text(text), &message), STATUS_LIMIT);
	region_free(&message.region);

	strbuf_reset(text);
	strbuf_add_text(text, FROM "Subject: ");
	for (i = 0; i < 15000; i++)
		strbuf_add_text(text, i % 2 == 0 ? "a" : " ");
	strbuf_add_text(text, "x\r\n\r\nx\r\n");
	message = signed_by(&options, strbuf_text(text));
	expect_words(fixture, "a long field", message.text, "pass pass");
	region_free(&message.region);
	strbuf_free(&text);
}

static void
test_longest_names(void **state)
{
	static const char domain[] =
	    "a23456789012345678901234567890123456789012345678901234567890123."
	    "b23456789012345678901234567890123456789012345678901234567890123."
	    "c23456789012345678901234567890123456789012345678901234567890123."
	    "d234567890123456789012345678901234567890.football.example.com";
	const struct fixture *fixture = *state;
	struct auth_sign_options options = options_of(fixture);
	struct signed_message message;

	options.domain = domain;
	message = signed_by(&options, FROM "\r\nx\r\n");
	assert_non_null(strstr(message.values[0], domain));
	expect_words(fixture, "no record", message.text, "permerror permerror");
	region_free(&message.region);
}

/* A name that is configured twice, or is in the table, is signed once. */
static void
test_names_twice(void **state)
{
	static const char *const more[] = { "X-Foo", "Subject", "x-foo",
		"X-Bar", "X-FOO" };
	const struct fixture *fixture = *state;
	struct auth_sign_options options = options_of(fixture);
	struct signed_message message;

	options.more_fields = more;
	options.more_field_count = GP_NELEMS(more);
	message = signed_by(
	    &options, FROM "X-Foo: 1\r\nSubject: x\r\nX-Foo: 2\r\n\r\nx\r\n");
	expect_words(fixture, "names twice", message.text, "pass pass");
	region_free(&message.region);
}

static void
test_field_names(void **state GP_UNUSED)
{
	static const char *const good[] = { "X-Mailer", "autocrypt", "Foo_1" };
	static const char *const bad[] = { "", "a b", "a:b", "a;b", "\xc3\xa4",
		"Received", "dkim-signature", "X-Spam-Flag", "x-gatepost-a",
		"Bcc",
		"a123456789012345678901234567890123456789012345678901234567890"
		"1234" };
	size_t i;

	for (i = 0; i < GP_NELEMS(good); i++)
		assert_null(auth_sign_fields_check_name(good[i]));
	for (i = 0; i < GP_NELEMS(bad); i++)
		assert_non_null(auth_sign_fields_check_name(bad[i]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_verified),
		cmocka_unit_test(test_changed),
		cmocka_unit_test(test_form),
		cmocka_unit_test(test_tags),
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_long_lines),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_longest_names),
		cmocka_unit_test(test_names_twice),
		cmocka_unit_test(test_field_names),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
