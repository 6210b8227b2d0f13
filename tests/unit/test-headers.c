/* Forged header fields: every spelling, any position, in deletable order. */
#include "config.h"

#include "lib/scan/headers.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/unit.h"

struct removed {
	char text[1000];
};

static void
note_removed(void *argument, const char *name, int index)
{
	struct removed *removed = argument;
	size_t used = strlen(removed->text);

	snprintf(removed->text + used, sizeof(removed->text) - used, "%s/%d ",
	    name, index);
}

static void
test_forged(void **state GP_UNUSED)
{
	static const struct {
		const char *raw, *removed;
	} cases[] = {
		{ "A: 1\n\n", "" },
		{ "X-Spam-Flag: NO\nx-spam-flag: no\n\n",
		    "x-spam-flag/2 X-Spam-Flag/1 " },
		{ "Authentication-Results: other.test; spf=pass\n"
		  "Authentication-Results: mx.test; spf=pass\n"
		  "Authentication-Results: other.test; spf=pass\n"
		  "AUTHENTICATION-RESULTS: \"MX.Test\"; spf=pass\n\n",
		    "AUTHENTICATION-RESULTS/4 Authentication-Results/2 " },
		{ "X-Gatepost-Verdict: action=accept\nB: 1\n"
		  "X-Gatepost-Reason: x\n\n",
		    "X-Gatepost-Reason/1 X-Gatepost-Verdict/1 " },
		{ "X-Spam-Checker-Version: 1\nX-Spamd-Result: x\n\n",
		    "X-Spamd-Result/1 X-Spam-Checker-Version/1 " },
		{ "X-Spa: 1\nX-Gatepos: 2\nSubject: X-Spam\n\n", "" },
	};
	struct region *region = region_new();
	struct message message;
	struct removed removed;
	struct span body;
	size_t i;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		message_init(&message, region);
		assert_int_equal(message_parse_header(
				     &message, span_of(cases[i].raw), &body),
		    STATUS_OK);
		removed.text[0] = '\0';
		headers_remove_forged(
		    &message, "mx.test", note_removed, &removed);
		assert_string_equal(removed.text, cases[i].removed);
	}
	region_free(&region);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
