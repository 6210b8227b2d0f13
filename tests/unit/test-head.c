/* What a delivery reads of a header. */
#include "config.h"

#include "deliver/head.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/unit.h"

static void
test_head(void **state GP_UNUSED)
{
	static const struct {
		const char *text;
		bool return_path, lead, loop;
		const char *message_id;
	} cases[] = {
		{ "", false, false, false, "" },
		{ "Subject: x\n\nbody\n", false, false, false, "" },
		/* What Postfix has written for this delivery is no loop. */
		{ "Return-Path: <b@x>\nX-Original-To: c@x\n"
		  "Delivered-To: a@x\nReceived: by x\n\n",
		    true, true, false, "" },
		{ "Delivered-To: A@X\r\nSubject: x\r\n\r\n", false, true, false,
		    "" },
		{ "Received: by x\nDelivered-To: a@x\n\n", false, false, true,
		    "" },
		{ "Received: by x\nDELIVERED-TO:\ta@X \n\n", false, false, true,
		    "" },
		{ "Received: by x\nReturn-Path: <>\n\n", false, false, false,
		    "" },
		{ "Delivered-To: a@x\nReceived: x\nDelivered-To: a@x\n\n",
		    false, true, true, "" },
		{ "Received: by x\nDelivered-To: aa@x\n\n", false, false, false,
		    "" },
		{ "Subject: x\n\nDelivered-To: a@x\n", false, false, false,
		    "" },
		{ "Subject: x\n Delivered-To: a@x\n\n", false, false, false,
		    "" },
		{ "Message-Id:  <1@x> \nMessage-ID: <2@x>\n\n", false, false,
		    false, "<1@x>" },
		{ "no field\nDelivered-To: a@x\n\n", false, false, true, "" },
		{ "\nDelivered-To: a@x\n", false, false, false, "" },
		{ "Delivered-To: a@x", false, true, false, "" },
	};
	struct head head;
	size_t i;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		head_read(span_of(cases[i].text), &head);
		if (head.has_return_path != cases[i].return_path ||
		    head_lead_has(&head, "a@x") != cases[i].lead ||
		    head_shows_loop(&head, "a@x") != cases[i].loop ||
		    !span_equals(head.message_id, cases[i].message_id))
			fail_msg("case %zu: %s", i, cases[i].text);
	}
}

/* More deliveries than any message needs. */
static void
test_many(void **state GP_UNUSED)
{
	static const char line[] = "Delivered-To: b@x\n";
	size_t i, size = sizeof(line) - 1;
	struct span span;
	struct head head;
	char *text;

	assert_non_null(text = calloc(HEAD_DELIVERED_MAX + 2, size));
	memcpy(text, "X: y\n            \n", size);
	text[4] = '\n';
	memcpy(text + 5, "X:           \n", size - 5);
	text[size - 1] = '\n';
	for (i = 1; i <= HEAD_DELIVERED_MAX + 1; i++)
		memcpy(text + i * size, line, size);
	span.data = text;
	span.length = (HEAD_DELIVERED_MAX + 1) * size;
	head_read(span, &head);
	assert_false(head_shows_loop(&head, "a@x"));
	span.length += size;
	head_read(span, &head);
	assert_true(head_shows_loop(&head, "a@x"));
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_head),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
