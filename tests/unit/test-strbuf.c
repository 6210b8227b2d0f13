/* Buffers: growth, limit, sticky failure. */
#include "config.h"

#include "lib/base/strbuf.h"

#include <string.h>

#include "tests/unit/unit.h"

static void
test_growth(void **state GP_UNUSED)
{
	struct strbuf *buf = strbuf_new(100000);
	int i;

	for (i = 0; i < 1000; i++)
		strbuf_printf(buf, "%04d,", i);
	assert_int_equal(strbuf_status(buf), STATUS_OK);
	assert_int_equal(strbuf_length(buf), 5000);
	assert_memory_equal(strbuf_text(buf) + 4995, "0999,", 6);
	strbuf_truncate(buf, 4);
	assert_string_equal(strbuf_text(buf), "0000");
	strbuf_add(buf, "\0x", 2);
	assert_int_equal(strbuf_length(buf), 6);
	strbuf_free(&buf);
	assert_null(buf);
}

static void
test_limit(void **state GP_UNUSED)
{
	struct strbuf *buf = strbuf_new(10);

	strbuf_add_text(buf, "0123456789");
	assert_int_equal(strbuf_status(buf), STATUS_OK);
	strbuf_add_char(buf, 'x');
	assert_int_equal(strbuf_status(buf), STATUS_LIMIT);
	assert_string_equal(strbuf_text(buf), "0123456789");
	strbuf_reset(buf);
	assert_int_equal(strbuf_status(buf), STATUS_OK);
	strbuf_printf(buf, "%s", "0123456789a");
	assert_int_equal(strbuf_status(buf), STATUS_LIMIT);
	assert_string_equal(strbuf_text(buf), "");
	strbuf_free(&buf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_growth),
		cmocka_unit_test(test_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
