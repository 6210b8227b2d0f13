/*
 * How long an SPF evaluation waits, measured in DNS round trips.
 *
 * This program has a dns of its own, on a clock of its own: every answer comes
 * 100 to 102 ticks after its question.  What is known to be needed must be
 * asked together, so that the wait is the longest chain, not the sum.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "lib/auth/spf.h"
#include "tests/unit/unit.h"

#define ROUND 100

struct dns_question {
	int64_t due;
	struct dns_answer answer;
	struct dns_record record;
};

struct dns {
	int64_t now;
	unsigned int asked;
	unsigned int open;
};

static struct dns the_dns;

static const struct {
	const char *name;
	enum dns_type type;
	const char *value;
} records[] = {
	{ "deep.test", DNS_TYPE_TXT,
	    "v=spf1 a mx include:i1.test include:i2.test include:i3.test -all" },
	{ "deep.test", DNS_TYPE_A, "203.0.113.1" },
	{ "deep.test", DNS_TYPE_MX, "h0.test" },
	{ "i1.test", DNS_TYPE_TXT, "v=spf1 a:h1.test -all" },
	{ "i2.test", DNS_TYPE_TXT, "v=spf1 mx:m2.test -all" },
	{ "i3.test", DNS_TYPE_TXT, "v=spf1 exists:%{i}.x.test -all" },
	{ "m2.test", DNS_TYPE_MX, "h2.test" },
	{ "h0.test", DNS_TYPE_A, "203.0.113.2" },
	{ "h1.test", DNS_TYPE_A, "203.0.113.3" },
	{ "h2.test", DNS_TYPE_A, "203.0.113.4" },
	{ "192.0.2.1.x.test", DNS_TYPE_A, "127.0.0.1" },
};

enum status
dns_ask(struct dns *dns, const char *name, enum dns_type type,
    int64_t deadline_ms GP_UNUSED, struct dns_question **question_r)
{
	struct dns_question *question = calloc(1, sizeof(*question));
	struct dns_record *record;
	size_t i;

	assert_non_null(question);
	question->due = dns->now + ROUND + dns->asked % 3;
	question->answer.result = DNS_NXDOMAIN;
	question->answer.records = record = &question->record;
	for (i = 0; i < GP_NELEMS(records); i++) {
		if (records[i].type != type ||
		    strcmp(records[i].name, name) != 0)
			continue;
		question->answer.result = DNS_FOUND;
		question->answer.record_count = 1;
		record->type = type;
		if (type == DNS_TYPE_A)
			assert_int_equal(
			    ip_parse(records[i].value, &record->address),
			    STATUS_OK);
		else if (type == DNS_TYPE_MX)
			record->mx.exchange = records[i].value;
		else
			record->text = span_of(records[i].value);
	}
	dns->asked++;
	dns->open++;
	*question_r = question;
	return STATUS_OK;
}

const struct dns_answer *
dns_wait(struct dns_question *question)
{
	if (question->due > the_dns.now)
		the_dns.now = question->due;
	return &question->answer;
}

bool
dns_is_ready(struct dns_question *question)
{
	the_dns.now++;
	return question->due <= the_dns.now;
}

void
dns_release(struct dns_question **question)
{
	if (*question == NULL)
		return;
	the_dns.open--;
	free(*question);
	*question = NULL;
}

bool
dns_result_is_temporary(enum dns_result result)
{
	return result == DNS_SERVFAIL || result == DNS_TIMEOUT ||
	    result == DNS_BOGUS;
}

static enum auth_result
check(const char *client, struct auth_spf_result *result)
{
	struct auth_spf_request request = {
		.dns = &the_dns,
		.helo = "helo.test",
		.sender = "a@deep.test",
		.receiver = "mx.test",
	};
	struct region *region = region_new();

	memset(&the_dns, 0, sizeof(the_dns));
	assert_non_null(region);
	assert_int_equal(ip_parse(client, &request.client_ip), STATUS_OK);
	assert_int_equal(auth_spf_check(region, &request, result), STATUS_OK);
	region_free(&region);
	return result->result;
}

/* Record, include, MX of the include, its address: four in a row. */
static void
test_longest_chain(void **state GP_UNUSED)
{
	struct auth_spf_result result;

	assert_int_equal(check("198.51.100.1", &result), AUTH_FAIL);
	assert_int_equal(result.lookup_count, 8);
	assert_int_equal(the_dns.asked, 11);
	assert_int_equal(the_dns.open, 0);
	assert_in_range(the_dns.now, 4 * ROUND, 4 * ROUND + ROUND / 2);
}

/* What comes early in the record does not wait for what is behind it. */
static void
test_early_match(void **state GP_UNUSED)
{
	struct auth_spf_result result;

	assert_int_equal(check("203.0.113.1", &result), AUTH_PASS);
	assert_int_equal(result.lookup_count, 1);
	assert_int_equal(the_dns.open, 0);
	assert_in_range(the_dns.now, 2 * ROUND, 2 * ROUND + ROUND / 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_longest_chain),
		cmocka_unit_test(test_early_match),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
