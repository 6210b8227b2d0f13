/* What a header says: names and addresses, date, identifiers. */
#include "config.h"

#include "lib/mail/content-header.h"

#include <string.h>

#include "lib/base/strbuf.h"
#include "tests/unit/unit.h"

static struct content_header
read_header(struct region *region, const char *raw)
{
	struct message *message = region_alloc(region, sizeof(*message));
	struct content_header header;
	struct span body;

	message_init(message, region);
	assert_int_equal(
	    message_parse_header(message, span_of(raw), &body), STATUS_OK);
	assert_int_equal(
	    content_header_read(region, message, &header), STATUS_OK);
	return header;
}

/* "name <local@domain> organizational" of each. */
static void
test_from(void **state GP_UNUSED)
{
	static const char *const cases[][2] = {
		{ "a@x.b.test", " <a@x.b.test> b.test" },
		{ "Doe <a@b.test>", "Doe <a@b.test> b.test" },
		{ "\"Doe, \\\"J.\\\"\" <a@b.test>",
		    "Doe, \"J.\" <a@b.test> b.test" },
		{ "=?utf-8?q?=C3=A9?= =?iso-8859-1?q?=E9?= <a@b.test>",
		    "\xc3\xa9\xc3\xa9 <a@b.test> b.test" },
		{ "\"=?utf-8?b?UGF5UGFs?=\" <a@b.test>",
		    "PayPal <a@b.test> b.test" },
		{ "\"x@bank.test\" <a@b.test>",
		    "x@bank.test <a@b.test> b.test" },
		{ "a@b.test (Doe)", "Doe <a@b.test> b.test" },
		{ "A\x01\tB <a@b.test>", "A\xe2\x90\x81 B <a@b.test> b.test" },
		{ "Doe <a>, \"\" <c@[192.0.2.1]>",
		    "Doe <a@> , <c@[192.0.2.1]> " },
		{ "Doe", "" },
	};
	struct region *region = region_new();
	struct strbuf *text = strbuf_new(1000);
	struct content_header header;
	const struct content_mailbox *box;
	size_t i, n;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		header = read_header(
		    region, region_printf(region, "From: %s\n", cases[i][0]));
		strbuf_reset(text);
		for (n = 0; n < header.from.count; n++) {
			box = &header.from.list[n];
			strbuf_printf(text, "%s%s <%s@%s> %s", n > 0 ? "," : "",
			    box->name, box->local_part, box->domain,
			    box->organizational_domain);
		}
		if (strcmp(strbuf_text(text), cases[i][1]) != 0)
			fail_msg("%s:\n%s", cases[i][0], strbuf_text(text));
		assert_int_equal(header.from.field_count, 1);
	}
	strbuf_free(&text);
	region_free(&region);
}

static void
test_fields(void **state GP_UNUSED)
{
	struct region *region = region_new();
	struct content_header header;

	header = read_header(region,
	    "Subject: =?utf-8?q?=E2=82=AC?=\n 5\n"
	    "To: a@b.test, b@b.test, nobody,\n c@b.test\n"
	    "Cc: undisclosed-recipients:;\nReply-To: r@x.test\n"
	    "Sender: s@x.test\nSender: t@x.test\n"
	    "Date: Thu, 1 Jan 1970 01:00:00 +0100\n"
	    "Message-ID: <id@b.test>\nIn-Reply-To: <r3@x.test>\n"
	    "References: <r1@x.test>\n <r2@x.test> broken <r3@x.test>\n");
	assert_true(span_equals(header.subject.text, "\xe2\x82\xac 5"));
	assert_int_equal(header.subject_count, 1);
	assert_int_equal(header.from.field_count, 0);
	assert_int_equal(header.to.count, 3);
	assert_int_equal(header.to.broken, 1);
	assert_int_equal(header.cc.field_count, 1);
	assert_int_equal(header.cc.count, 0);
	assert_string_equal(header.reply_to.list[0].domain, "x.test");
	assert_int_equal(header.sender.field_count, 2);
	assert_string_equal(header.sender.list[0].local_part, "s");
	assert_int_equal(header.date.field_count, 1);
	assert_false(header.date.broken);
	assert_int_equal(header.date.date.seconds, 0);
	assert_int_equal(header.date.date.zone_minutes, 60);
	assert_string_equal(header.message_id, "id@b.test");
	assert_int_equal(header.reference_count, 4);
	assert_string_equal(header.references[0], "r3@x.test");
	assert_string_equal(header.references[1], "r3@x.test");
	assert_string_equal(header.references[3], "r1@x.test");
	region_free(&region);
}

static void
test_nothing(void **state GP_UNUSED)
{
	struct region *region = region_new();
	struct content_header header;

	header = read_header(region, "X: y\n");
	assert_int_equal(header.subject_count, 0);
	assert_int_equal(header.subject.text.length, 0);
	assert_int_equal(header.date.field_count, 0);
	assert_false(header.date.broken);
	assert_int_equal(header.message_id_count, 0);
	assert_string_equal(header.message_id, "");
	assert_int_equal(header.reference_count, 0);
	header = read_header(region,
	    "Subject:\nFrom:\nTo:\nDate:\nMessage-ID:\nReferences:\n"
	    "In-Reply-To:\n");
	assert_int_equal(header.subject_count, 1);
	assert_int_equal(header.from.field_count, 1);
	assert_int_equal(header.from.count, 0);
	assert_true(header.date.broken);
	assert_string_equal(header.message_id, "");
	assert_int_equal(header.reference_count, 0);
	region_free(&region);
}

static void
test_limits(void **state GP_UNUSED)
{
	struct region *region = region_new();
	struct strbuf *raw = strbuf_new(100000);
	struct content_header header;
	size_t i;

	strbuf_add_text(raw, "To: ");
	for (i = 0; i < ADDRESS_MAX + 1; i++)
		strbuf_add_text(raw, "a@b.test, ");
	strbuf_add_text(raw, "\nReferences: ");
	for (i = 0; i < CONTENT_REFERENCES_MAX + 1; i++)
		strbuf_printf(raw, "<%zu@b.test>", i);
	strbuf_add_text(raw, "\n");
	header = read_header(region, strbuf_text(raw));
	assert_int_equal(header.to.count, ADDRESS_MAX);
	assert_true(header.to.cut);
	assert_int_equal(header.reference_count, CONTENT_REFERENCES_MAX);
	assert_string_equal(
	    header.references[CONTENT_REFERENCES_MAX - 1], "1@b.test");
	strbuf_free(&raw);
	region_free(&region);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_from),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
