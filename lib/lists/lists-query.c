/*
 * lists-query - asking lists about a subject and reading their answers
 * (see lists.h).
 *
 * A list whose first self-test has not ended is asked too, and so are its test
 * entries, with the query's own deadline: a query never waits for the questions
 * of another thread.  The resolver asks the network once.
 */
#include "config.h"

#include "lib/lists/lists.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "lib/base/str.h"
#include "lib/lists/lists-private.h"
#include "lib/mail/domain.h"

#define SHA1_BYTES        20
#define ADDRESS_BYTES_MAX 320 /* RFC 5321 section 4.5.3.1: 64 + 1 + 255 */

struct list_question {
	struct list *list; /* a reference */
	struct dns_question *question;
	struct list_test test;  /* of a list that was not tested yet */
	enum lists_state state; /* when the answers are read */
	const char *subject;    /* within the query's text */
};

struct lists_query {
	struct lists *lists;
	enum lists_subject subject;
	bool is_left_open; /* a list that may speak against it did not tell */
	char *text;
	size_t count;
	struct list_question questions[];
};

/* What a query is about. */
struct asked {
	enum lists_subject subject;
	const char *text;           /* for people */
	const char *prefix;         /* in front of a zone */
	const char *organizational; /* of a domain: within text; NULL: none */
	bool ipv6;
};

/* The hits of a query; allocated when there is one. */
struct hits {
	struct region *region;
	struct lists_hit *items;
	size_t count, room;
};

/* What that list is asked, or NULL. */
static const char *
list_prefix(const struct list *list, const struct asked *asked)
{
	const struct lists_description *description = list->description;

	if ((description->subjects & LISTS_FOR(asked->subject)) == 0)
		return NULL;
	if (asked->subject == LISTS_DOMAIN)
		return description->whole_host ? asked->prefix :
						 asked->organizational;
	return asked->ipv6 && !description->ipv6 ? NULL : asked->prefix;
}

/* Nothing that the list says is bad. */
static bool
is_allow_list(const struct lists_description *description)
{
	const char *symbol;
	size_t i;

	for (i = 0; i < description->code_count; i++) {
		symbol = description->codes[i].symbol;
		if (symbol != NULL && strncmp(symbol, "RWL_", 4) != 0)
			return false;
	}
	return true;
}

static void
leave_open(struct lists_query *query, const struct list *list)
{
	if (!is_allow_list(list->description))
		query->is_left_open = true;
}

/* A query with a reference to each list that is to be asked, or NULL. */
static struct lists_query *
query_collect(struct lists *lists, const struct asked *asked)
{
	struct list_question *question;
	struct lists_query *query;
	struct list *list;
	size_t i;

	pthread_mutex_lock(&lists->lock);
	query = calloc(
	    1, sizeof(*query) + lists->count * sizeof(query->questions[0]));
	for (i = 0; query != NULL && i < lists->count; i++) {
		list = lists->items[i];
		if (list->state == LISTS_STATE_DISABLED ||
		    list->state == LISTS_STATE_OFF ||
		    list_prefix(list, asked) == NULL)
			continue;
		question = &query->questions[query->count++];
		question->list = list;
		question->state = list->state;
		list->references++;
	}
	pthread_mutex_unlock(&lists->lock);
	if (query == NULL)
		return NULL;
	query->lists = lists;
	query->subject = asked->subject;
	return query;
}

static enum status
question_ask(struct lists_query *query, struct list_question *question,
    const struct asked *asked, int64_t deadline_ms)
{
	const char *prefix = list_prefix(question->list, asked);
	char name[LISTS_PREFIX_BYTES + LISTS_ZONE_BYTES_MAX];
	enum status status;

	question->subject = query->text;
	if (asked->subject == LISTS_DOMAIN)
		question->subject += prefix - asked->text;
	if ((size_t)snprintf(name, sizeof(name), "%s.%s", prefix,
		question->list->zone) >= sizeof(name))
		return STATUS_OK; /* no name of the DNS is that long */
	status = dns_ask(query->lists->dns, name, DNS_TYPE_A, deadline_ms,
	    &question->question);
	if (status == STATUS_OK && question->state == LISTS_STATE_UNTESTED)
		status = list_test_start(query->lists->dns, question->list,
		    deadline_ms, &question->test);
	return status;
}

static enum status
ask(struct lists *lists, const struct asked *asked, int64_t deadline_ms,
    struct lists_query **query_r)
{
	enum status status = STATUS_OK;
	struct lists_query *query;
	size_t i;

	if ((query = query_collect(lists, asked)) == NULL)
		return STATUS_NOMEM;
	if (query->count != 0 && (query->text = strdup(asked->text)) == NULL)
		status = STATUS_NOMEM;
	for (i = 0; i < query->count && status == STATUS_OK; i++)
		status = question_ask(
		    query, &query->questions[i], asked, deadline_ms);
	if (status != STATUS_OK || query->count == 0)
		lists_end(&query);
	*query_r = query;
	return status;
}

enum status
lists_ask_ip(struct lists *lists, enum lists_subject subject,
    const struct ip *ip, int64_t deadline_ms, struct lists_query **query_r)
{
	char text[IP_TEXT_BYTES], prefix[IP_REVERSE_BYTES];
	struct asked asked = { .subject = subject };

	assert(subject == LISTS_CLIENT || subject == LISTS_RELAY ||
	    subject == LISTS_URL);
	*query_r = NULL;
	if (!ip_is_public(ip) ||
	    ip_reverse(ip, "", prefix, sizeof(prefix)) != STATUS_OK)
		return STATUS_OK;
	asked.text = ip_text(ip, text);
	asked.prefix = prefix;
	asked.ipv6 = ip->family == AF_INET6;
	return ask(lists, &asked, deadline_ms, query_r);
}

enum status
lists_ask_domain(struct lists *lists, const char *domain, int64_t deadline_ms,
    struct lists_query **query_r)
{
	struct asked asked = { .subject = LISTS_DOMAIN };
	struct ip ip;

	*query_r = NULL;
	if (!domain_is_valid(domain) || strchr(domain, '.') == NULL ||
	    ip_parse(domain, &ip) == STATUS_OK)
		return STATUS_OK;
	asked.text = asked.prefix = domain;
	asked.organizational = domain_organizational(domain);
	return ask(lists, &asked, deadline_ms, query_r);
}

/* Without dots, for domains whose mailboxes ignore them. */
static size_t
remove_dots(char *text, size_t length)
{
	size_t i, kept = 0;

	for (i = 0; i < length; i++)
		if (text[i] != '.')
			text[kept++] = text[i];
	return kept;
}

/*
 * The form that lists of addresses hash, as MSBL documents it: lower case, no
 * "+tag", and all ways of writing a mailbox of Gmail as one.  False: it is no
 * address.
 */
static bool
canonical_address(const char *address, char to[ADDRESS_BYTES_MAX + 1])
{
	const char *at = strrchr(address, '@'), *plus, *domain;
	char lower[ADDRESS_BYTES_MAX + 1];
	size_t length;

	if (at == NULL || at == address || at[1] == '\0' ||
	    str_copy(lower, sizeof(lower), address) != STATUS_OK)
		return false;
	ascii_lower_all(lower, strlen(lower));
	length = (size_t)(at - address);
	domain = lower + length + 1;
	plus = memchr(lower + 1, '+', length - 1);
	if (plus != NULL)
		length = (size_t)(plus - lower);
	if (strcmp(domain, "googlemail.com") == 0)
		domain = "gmail.com";
	if (strcmp(domain, "gmail.com") == 0)
		length = remove_dots(lower, length);
	snprintf(
	    to, ADDRESS_BYTES_MAX + 1, "%.*s@%s", (int)length, lower, domain);
	return true;
}

enum status
lists_ask_address(struct lists *lists, const char *address, int64_t deadline_ms,
    struct lists_query **query_r)
{
	static const char digits[] = "0123456789abcdef";
	char canonical[ADDRESS_BYTES_MAX + 1], prefix[2 * SHA1_BYTES + 1];
	struct asked asked = { .subject = LISTS_ADDRESS };
	unsigned char hash[EVP_MAX_MD_SIZE];
	size_t i;

	*query_r = NULL;
	if (!canonical_address(address, canonical) ||
	    EVP_Digest(canonical, strlen(canonical), hash, NULL, EVP_sha1(),
		NULL) != 1)
		return STATUS_OK;
	for (i = 0; i < SHA1_BYTES; i++) {
		prefix[2 * i] = digits[hash[i] >> 4];
		prefix[2 * i + 1] = digits[hash[i] & 15];
	}
	prefix[2 * SHA1_BYTES] = '\0';
	asked.text = address;
	asked.prefix = prefix;
	return ask(lists, &asked, deadline_ms, query_r);
}

static enum status
hits_reserve(struct hits *hits, const struct lists_query *query)
{
	size_t i;

	if (hits->items != NULL)
		return STATUS_OK;
	for (i = 0; i < query->count; i++)
		hits->room += query->questions[i].list->description->code_count;
	hits->items =
	    region_alloc_array(hits->region, hits->room, sizeof(*hits->items));
	return hits->items != NULL ? STATUS_OK : STATUS_NOMEM;
}

/* Two codes of a list may mean the same. */
static bool
hits_have(const struct hits *hits, const char *symbol, const char *zone)
{
	size_t i;

	for (i = 0; i < hits->count; i++)
		if (strcmp(hits->items[i].symbol, symbol) == 0 &&
		    strcmp(hits->items[i].zone, zone) == 0)
			return true;
	return false;
}

static enum status
hit_add(struct hits *hits, const struct list_question *question,
    const char *symbol, const struct ip *address)
{
	const struct list *list = question->list;
	struct lists_hit *hit;

	if (hits_have(hits, symbol, list->shown_zone))
		return STATUS_OK;
	assert(hits->count < hits->room);
	hit = &hits->items[hits->count];
	hit->symbol = symbol;
	hit->list_name = region_strdup(hits->region, list->name);
	hit->zone = region_strdup(hits->region, list->shown_zone);
	hit->subject = region_strdup(hits->region, question->subject);
	hit->answer = *address;
	hit->secure = dns_wait(question->question)->secure;
	if (hit->list_name == NULL || hit->zone == NULL || hit->subject == NULL)
		return STATUS_NOMEM;
	hits->count++;
	return STATUS_OK;
}

/* The first address of an answer that has the code. */
static enum status
code_read(const struct lists_query *query, const struct list_question *question,
    const struct lists_code *code, struct hits *hits)
{
	const struct dns_answer *answer = dns_wait(question->question);
	const char *symbol;
	size_t i;

	for (i = 0; i < answer->record_count; i++) {
		symbol = lists_code_symbol(
		    code, query->subject, &answer->records[i].address);
		if (symbol != NULL)
			return hit_add(hits, question, symbol,
			    &answer->records[i].address);
	}
	return STATUS_OK;
}

static enum status
codes_read(const struct lists_query *query,
    const struct list_question *question, struct hits *hits)
{
	const struct lists_description *description =
	    question->list->description;
	enum status status;
	size_t i;

	status = hits_reserve(hits, query);
	for (i = 0; i < description->code_count && status == STATUS_OK; i++)
		status =
		    code_read(query, question, &description->codes[i], hits);
	return status;
}

/* Does what the list says count? */
static bool
list_is_trusted(struct lists_query *query, struct list_question *question)
{
	char reason[LISTS_REASON_BYTES];

	if (question->state == LISTS_STATE_ON)
		return true;
	if (question->state != LISTS_STATE_UNTESTED ||
	    !list_test_is_running(&question->test))
		return false;
	switch (list_test_read(question->list, &question->test, reason)) {
	case LIST_TEST_PASSED:
		list_set_state(
		    query->lists, question->list, LISTS_STATE_ON, "");
		return true;
	case LIST_TEST_FAILED:
		list_set_state(
		    query->lists, question->list, LISTS_STATE_OFF, reason);
		return false;
	case LIST_TEST_UNKNOWN: /* the query's deadline may be short */
		return false;
	}
	return false;
}

/* "Not listed" of a list that never lists anything tells nothing.  Its state is
 * left to those who have something to tell, and to its own test. */
static bool
is_told_nothing(struct list_question *question)
{
	char reason[LISTS_REASON_BYTES];

	if (question->state == LISTS_STATE_ON)
		return true;
	return question->state == LISTS_STATE_UNTESTED &&
	    list_test_is_running(&question->test) &&
	    list_test_read(question->list, &question->test, reason) ==
	    LIST_TEST_PASSED;
}

/* A trustworthy answer, whatever it says. */
static bool
is_told(struct lists_query *query, struct list_question *question,
    enum lists_reading reading)
{
	switch (reading) {
	case LISTS_READING_LISTED:
		return list_is_trusted(query, question);
	case LISTS_READING_NOTHING:
		return is_told_nothing(question);
	case LISTS_READING_REFUSED:
	case LISTS_READING_UNKNOWN:
		break;
	}
	return false;
}

static enum status
question_read(struct lists_query *query, struct list_question *question,
    struct hits *hits)
{
	struct list *list = question->list;
	enum lists_reading reading;
	struct ip address;

	if (question->question == NULL)
		return STATUS_OK;
	reading = lists_read(
	    list->description, dns_wait(question->question), &address);
	list_answers(query->lists, list, reading != LISTS_READING_UNKNOWN);
	if (reading == LISTS_READING_REFUSED)
		list_refuses(query->lists, list, &address);
	if (!is_told(query, question, reading))
		leave_open(query, list);
	else if (reading == LISTS_READING_LISTED)
		return codes_read(query, question, hits);
	return STATUS_OK;
}

enum status
lists_wait(struct lists_query *query, struct region *region,
    struct lists_hit **hits_r, size_t *count_r)
{
	struct hits hits = { .region = region };
	enum status status = STATUS_OK;
	size_t i;

	*hits_r = NULL;
	*count_r = 0;
	if (query == NULL)
		return STATUS_OK;
	for (i = 0; i < query->count; i++)
		if (query->questions[i].question != NULL)
			dns_wait(query->questions[i].question);
	pthread_mutex_lock(&query->lists->lock);
	for (i = 0; i < query->count; i++)
		query->questions[i].state = query->questions[i].list->state;
	pthread_mutex_unlock(&query->lists->lock);
	for (i = 0; i < query->count && status == STATUS_OK; i++)
		status = question_read(query, &query->questions[i], &hits);
	if (status != STATUS_OK)
		return status;
	*hits_r = hits.items;
	*count_r = hits.count;
	return STATUS_OK;
}

size_t
lists_asked_count(const struct lists_query *query)
{
	return query == NULL ? 0 : query->count;
}

bool
lists_left_open(const struct lists_query *query)
{
	return query != NULL && query->is_left_open;
}

void
lists_end(struct lists_query **query)
{
	struct list_question *question;
	size_t i;

	if (*query == NULL)
		return;
	for (i = 0; i < (*query)->count; i++) {
		dns_release(&(*query)->questions[i].question);
		list_test_end(&(*query)->questions[i].test);
	}
	pthread_mutex_lock(&(*query)->lists->lock);
	for (i = 0; i < (*query)->count; i++) {
		question = &(*query)->questions[i];
		if (--question->list->references > 0)
			question->list = NULL;
	}
	pthread_mutex_unlock(&(*query)->lists->lock);
	for (i = 0; i < (*query)->count; i++)
		list_free(&(*query)->questions[i].list);
	free((*query)->text);
	free(*query);
	*query = NULL;
}
