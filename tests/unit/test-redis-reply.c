/* Numbers and errors in replies of Redis. */
#include "config.h"

#include "lib/store/redis-reply.h"

#include <math.h>
#include <string.h>

#include "tests/unit/unit.h"

static const struct {
	const char *text;
	bool is_good;
	double number;
} number_cases[] = {
	{ "0", true, 0 },
	{ "1", true, 1 },
	{ "-1.5", true, -1.5 },
	{ "00012.250", true, 12.25 },
	{ "4294967296.00000000000000001", true, 4294967296.0 },
	{ "0.00000000023283064", true, 0.00000000023283064 },
	{ "1000000000000000000000000", true, 1e24 },
	{ "", false, 0 },
	{ "-", false, 0 },
	{ ".5", false, 0 },
	{ "5.", false, 0 },
	{ "1.2.3", false, 0 },
	{ "+1", false, 0 },
	{ "--1", false, 0 },
	{ " 1", false, 0 },
	{ "1 ", false, 0 },
	{ "1e5", false, 0 },
	{ "0x10", false, 0 },
	{ "inf", false, 0 },
	{ "nan", false, 0 },
	{ "1,5", false, 0 },
};

static void
test_numbers(void **state GP_UNUSED)
{
	enum status status;
	double number;
	size_t i;

	for (i = 0; i < GP_NELEMS(number_cases); i++) {
		status =
		    redis_number_parse(span_of(number_cases[i].text), &number);
		if ((status == STATUS_OK) != number_cases[i].is_good ||
		    fabs(number - number_cases[i].number) >
			fabs(number_cases[i].number) * 1e-15)
			fail_msg(
			    "\"%s\" is %.17g", number_cases[i].text, number);
	}
}

static void
test_long_numbers(void **state GP_UNUSED)
{
	char digits[1000];
	struct span text = { digits, 300 };
	double number;

	memset(digits, '9', sizeof(digits));
	assert_int_equal(redis_number_parse(text, &number), STATUS_OK);
	assert_true(isfinite(number));
	text.length = 350; /* over DBL_MAX */
	assert_int_equal(redis_number_parse(text, &number), STATUS_INVALID);
	text.length = 1000;
	assert_int_equal(redis_number_parse(text, &number), STATUS_INVALID);
	digits[1] = '.'; /* no end of digits behind it */
	text.length = 350;
	assert_int_equal(redis_number_parse(text, &number), STATUS_INVALID);
}

static void
test_integers(void **state GP_UNUSED)
{
	int64_t number;

	assert_int_equal(
	    redis_integer_parse(span_of("9223372036854775807"), &number),
	    STATUS_OK);
	assert_true(number == INT64_MAX);
	assert_int_equal(
	    redis_integer_parse(span_of("-9223372036854775808"), &number),
	    STATUS_OK);
	assert_true(number == INT64_MIN);
	assert_int_equal(
	    redis_integer_parse(span_of("9223372036854775808"), &number),
	    STATUS_INVALID);
	assert_int_equal(
	    redis_integer_parse(span_of("-9223372036854775809"), &number),
	    STATUS_INVALID);
	assert_int_equal(
	    redis_integer_parse(span_of("--1"), &number), STATUS_INVALID);
	assert_int_equal(
	    redis_integer_parse(span_of("1.0"), &number), STATUS_INVALID);
}

static const struct {
	const char *text;
	enum redis_error error;
} error_cases[] = {
	{ "WRONGTYPE Operation against a key", REDIS_ERROR_OPERATION },
	{ "OOM command not allowed", REDIS_ERROR_OPERATION },
	{ "ERR hash value is not a float", REDIS_ERROR_OPERATION },
	{ "MOVED 3999 127.0.0.1:6381", REDIS_ERROR_MOVED },
	{ "MOVEDX 3999 127.0.0.1:6381", REDIS_ERROR_OPERATION },
	{ "ASK 3999 127.0.0.1:6381", REDIS_ERROR_ASK },
	{ "CLUSTERDOWN The cluster is down", REDIS_ERROR_CLUSTER },
	{ "TRYAGAIN", REDIS_ERROR_CLUSTER },
	{ "READONLY You can't write", REDIS_ERROR_SERVER },
	{ "LOADING Redis is loading", REDIS_ERROR_SERVER },
	{ "NOAUTH Authentication required.", REDIS_ERROR_SERVER },
	{ "", REDIS_ERROR_OPERATION },
};

static void
test_errors(void **state GP_UNUSED)
{
	redisReply reply = { .type = REDIS_REPLY_ERROR };
	size_t i;

	for (i = 0; i < GP_NELEMS(error_cases); i++) {
		reply.str = (char *)(uintptr_t)error_cases[i].text;
		reply.len = strlen(reply.str);
		if (redis_reply_error(&reply) != error_cases[i].error)
			fail_msg("%s", error_cases[i].text);
	}
	reply.type = REDIS_REPLY_STATUS;
	assert_int_equal(redis_reply_error(&reply), REDIS_ERROR_NONE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_long_numbers),
		cmocka_unit_test(test_integers),
		cmocka_unit_test(test_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
