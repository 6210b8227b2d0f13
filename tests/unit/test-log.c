/* Fields of a log line: quoting, hostile values, full lines. */
#include "config.h"

#include "lib/base/log.h"

#include <string.h>

#include "tests/unit/unit.h"

static void
test_fields(void **state GP_UNUSED)
{
	struct log_fields fields;

	log_fields_init(&fields);
	log_field(&fields, "a", "plain");
	log_field(&fields, "b", "two words");
	log_field(&fields, "c", "x\" y=\"\r\nz");
	log_field(&fields, "d", "");
	log_field(&fields, "e", NULL);
	log_field(&fields, "f", "k=v");
	log_field_number(&fields, "n", -5);
	assert_string_equal(fields.text,
	    "a=plain b=\"two words\" c=\"x' y='??z\" f=\"k=v\" n=-5");
}

static void
test_full(void **state GP_UNUSED)
{
	struct log_fields fields;
	char big[400];
	int i;

	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	log_fields_init(&fields);
	for (i = 0; i < 20; i++)
		log_field(&fields, "key", big);
	assert_true(fields.length < LOG_FIELDS_BYTES);
	assert_int_equal(strlen(fields.text), fields.length);
	/* no half field at the end */
	assert_string_equal(fields.text + fields.length - 6, "xxx...");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
