/*
 * lists-health - the self-test of a list, and its state (see lists-private.h).
 *
 * A test asks for an entry that every list has and for one that none has
 * (RFC 5782 section 5).  A list of a dead domain answers everything or
 * nothing, and one that refuses us says so: both fail.
 */
#include "config.h"

#include "lib/lists/lists-private.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"

static enum status
test_ask(struct dns *dns, const struct list *list, const char *entry,
    int64_t deadline_ms, struct dns_question **question_r)
{
	char name[LISTS_PREFIX_BYTES + LISTS_ZONE_BYTES_MAX];
	char reverse[LISTS_PREFIX_BYTES];
	enum status status;
	struct ip ip;

	*question_r = NULL;
	if (ip_parse(entry, &ip) == STATUS_OK) {
		status = ip_reverse(&ip, "", reverse, sizeof(reverse));
		if (status != STATUS_OK)
			return status;
		entry = reverse;
	}
	if ((size_t)snprintf(name, sizeof(name), "%s.%s", entry, list->zone) >=
	    sizeof(name))
		return STATUS_LIMIT;
	return dns_ask(dns, name, DNS_TYPE_A, deadline_ms, question_r);
}

enum status
list_test_start(struct dns *dns, const struct list *list, int64_t deadline_ms,
    struct list_test *test)
{
	const struct lists_description *description = list->description;
	enum status status = STATUS_OK;

	if (description->listed != NULL)
		status = test_ask(
		    dns, list, description->listed, deadline_ms, &test->listed);
	if (status == STATUS_OK)
		status = test_ask(dns, list, description->not_listed,
		    deadline_ms, &test->not_listed);
	if (status != STATUS_OK)
		list_test_end(test);
	return status;
}

bool
list_test_is_running(const struct list_test *test)
{
	return test->not_listed != NULL;
}

void
list_test_end(struct list_test *test)
{
	dns_release(&test->listed);
	dns_release(&test->not_listed);
}

static const char *
refusal_meaning(const struct ip *address)
{
	if (address->bytes[1] != 255)
		return "";
	switch (address->bytes[3]) {
	case 252:
		return ": it does not know this zone";
	case 254:
		return ": a public resolver asks";
	case 255:
		return ": too many questions";
	default:
		return "";
	}
}

/* What the operator can do about a list that refuses us. */
static const char *
refusal_advice(const struct list *list)
{
	const struct lists_description *description = list->description;

	if (description->keyed_zone == NULL)
		return "leave forward in section dns empty";
	if (list->shown_zone == description->keyed_zone)
		return "check dqs_key in section lists";
	return "leave forward in section dns empty, or get a key and set "
	       "dqs_key in section lists";
}

static void
refusal_reason(const struct list *list, const struct ip *address,
    char reason[LISTS_REASON_BYTES])
{
	char text[IP_TEXT_BYTES];

	snprintf(reason, LISTS_REASON_BYTES,
	    "it refuses our resolver (%s%s); %s", ip_text(address, text),
	    refusal_meaning(address), refusal_advice(list));
}

static void
unknown_reason(
    const char *entry, enum dns_result result, char reason[LISTS_REASON_BYTES])
{
	snprintf(reason, LISTS_REASON_BYTES,
	    "no answer about its test entry %s (%s)", entry,
	    dns_result_text(result));
}

static enum list_test_result
listed_read(const struct list *list, struct dns_question *question,
    char reason[LISTS_REASON_BYTES])
{
	const struct lists_description *description = list->description;
	const struct dns_answer *answer = dns_wait(question);
	struct ip address;

	switch (lists_read(description, answer, &address)) {
	case LISTS_READING_LISTED:
		return LIST_TEST_PASSED;
	case LISTS_READING_REFUSED:
		refusal_reason(list, &address, reason);
		return LIST_TEST_FAILED;
	case LISTS_READING_UNKNOWN:
		unknown_reason(description->listed, answer->result, reason);
		return LIST_TEST_UNKNOWN;
	case LISTS_READING_NOTHING:
		break;
	}
	snprintf(reason, LISTS_REASON_BYTES,
	    "its test entry %s is missing (RFC 5782)%s", description->listed,
	    description->zone == NULL ? "; add it to the zone" : "");
	return LIST_TEST_FAILED;
}

static enum list_test_result
not_listed_read(const struct list *list, struct dns_question *question,
    char reason[LISTS_REASON_BYTES])
{
	const struct lists_description *description = list->description;
	const struct dns_answer *answer = dns_wait(question);
	struct ip address;

	switch (lists_read(description, answer, &address)) {
	case LISTS_READING_REFUSED:
		refusal_reason(list, &address, reason);
		return LIST_TEST_FAILED;
	case LISTS_READING_UNKNOWN:
		unknown_reason(description->not_listed, answer->result, reason);
		return LIST_TEST_UNKNOWN;
	case LISTS_READING_NOTHING:
	case LISTS_READING_LISTED:
		break;
	}
	if (answer->record_count == 0)
		return LIST_TEST_PASSED;
	snprintf(reason, LISTS_REASON_BYTES,
	    "it answers for %s, which no list holds, so for everything",
	    description->not_listed);
	return LIST_TEST_FAILED;
}

enum list_test_result
list_test_read(const struct list *list, struct list_test *test,
    char reason[LISTS_REASON_BYTES])
{
	enum list_test_result result = LIST_TEST_PASSED;

	reason[0] = '\0';
	if (test->listed != NULL)
		result = listed_read(list, test->listed, reason);
	if (result == LIST_TEST_PASSED)
		result = not_listed_read(list, test->not_listed, reason);
	return result;
}

void
list_set_state(struct lists *lists, struct list *list, enum lists_state state,
    const char *reason)
{
	enum lists_state before;
	int64_t now_ms = clock_now_ms();

	pthread_mutex_lock(&lists->lock);
	before = list->state;
	if (before != LISTS_STATE_DISABLED) {
		list->state = state;
		snprintf(list->reason, sizeof(list->reason), "%s", reason);
		list->tested_at = clock_wall_seconds();
		list->test_due_ms = now_ms +
		    (state == LISTS_STATE_ON ? lists->test_interval :
					       lists->retry_interval);
	}
	pthread_mutex_unlock(&lists->lock);
	atomic_store(&list->failures, 0);
	if (before == LISTS_STATE_DISABLED || before == state)
		return;
	if (state == LISTS_STATE_OFF)
		log_warning("the list %s (%s) is off: %s", list->name,
		    list->shown_zone, reason);
	else if (before == LISTS_STATE_OFF)
		log_info("the list %s (%s) is on again", list->name,
		    list->shown_zone);
}

void
list_refuses(struct lists *lists, struct list *list, const struct ip *address)
{
	char reason[LISTS_REASON_BYTES];

	refusal_reason(list, address, reason);
	list_set_state(lists, list, LISTS_STATE_OFF, reason);
}

void
list_answers(struct lists *lists, struct list *list, bool answered)
{
	if (answered) {
		if (atomic_load(&list->failures) != 0)
			atomic_store(&list->failures, 0);
		return;
	}
	if (atomic_fetch_add(&list->failures, 1) + 1 != LISTS_FAILURES_MAX)
		return;
	pthread_mutex_lock(&lists->lock);
	list->test_due_ms = clock_now_ms();
	pthread_mutex_unlock(&lists->lock);
}

/* What the test of one list says, when it has ended. */
static void
list_test_finish(struct lists *lists, struct list *list)
{
	char reason[LISTS_REASON_BYTES];
	enum list_test_result result;

	result = list_test_read(list, &list->test, reason);
	list_test_end(&list->test);
	list_set_state(lists, list,
	    result == LIST_TEST_PASSED ? LISTS_STATE_ON : LISTS_STATE_OFF,
	    reason);
	pthread_mutex_lock(&lists->lock);
	list->is_silent = result == LIST_TEST_UNKNOWN;
	pthread_mutex_unlock(&lists->lock);
}

static bool
list_test_is_due(struct lists *lists, const struct list *list)
{
	bool is_due;

	pthread_mutex_lock(&lists->lock);
	is_due = list->state != LISTS_STATE_DISABLED &&
	    list->test_due_ms <= clock_now_ms();
	pthread_mutex_unlock(&lists->lock);
	return is_due;
}

static bool
is_ready(struct dns_question *question)
{
	return question == NULL || dns_is_ready(question);
}

static void
list_tick(struct lists *lists, struct list *list)
{
	enum status status;

	if (list_test_is_running(&list->test)) {
		if (is_ready(list->test.listed) &&
		    is_ready(list->test.not_listed))
			list_test_finish(lists, list);
		return;
	}
	if (!list_test_is_due(lists, list))
		return;
	status = list_test_start(
	    lists->dns, list, clock_now_ms() + LISTS_TEST_MS, &list->test);
	if (status != STATUS_OK)
		log_error("the list %s (%s) cannot be tested now: %s",
		    list->name, list->shown_zone, status_text(status));
}

void
lists_tick(struct lists *lists)
{
	size_t i;

	for (i = 0; i < lists->count; i++)
		list_tick(lists, lists->items[i]);
}

void
lists_wait_tests(struct lists *lists)
{
	size_t i;

	for (i = 0; i < lists->count; i++)
		if (list_test_is_running(&lists->items[i]->test))
			list_test_finish(lists, lists->items[i]);
}
