/*
 * dns - questions as futures over one of two sources (see dns.h).
 *
 * A question has two holders, the asker and the resolver thread; whoever drops
 * the last reference frees it.  So dns_release() never waits for a lookup: an
 * answer that nobody waits for fills the cache and is thrown away.  (ub_cancel()
 * is not used: it would stop nothing but the callback.)
 */
#include "config.h"

#include "lib/dns/dns.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/dns/dns-private.h"
#include "lib/dns/wire.h"
#include "lib/dns/zone.h"

/* Invariant: at most one of resolver and zone is set. */
struct dns {
	_Atomic unsigned int references; /* the owner's, each question's */
	_Atomic uint64_t asked;
	struct dns_resolver *resolver; /* NULL after dns_close() */
	struct dns_zone *zone;         /* lives until the last question */
	int64_t timeout_ms;            /* of one question */
};

const char *
dns_result_text(enum dns_result result)
{
	switch (result) {
	case DNS_FOUND:
		return "found";
	case DNS_NODATA:
		return "nodata";
	case DNS_NXDOMAIN:
		return "nxdomain";
	case DNS_SERVFAIL:
		return "servfail";
	case DNS_TIMEOUT:
		return "timeout";
	case DNS_BOGUS:
		return "bogus";
	}
	return "unknown";
}

bool
dns_result_is_temporary(enum dns_result result)
{
	return result == DNS_SERVFAIL || result == DNS_TIMEOUT ||
	    result == DNS_BOGUS;
}

static struct dns *
dns_new(void)
{
	struct dns *dns;

	if ((dns = calloc(1, sizeof(*dns))) == NULL)
		return NULL;
	atomic_init(&dns->references, 1);
	atomic_init(&dns->asked, 0);
	dns->timeout_ms = INT64_MAX;
	return dns;
}

static void
dns_drop(struct dns *dns)
{
	if (atomic_fetch_sub(&dns->references, 1) != 1)
		return;
	dns_zone_free(&dns->zone);
	free(dns);
}

enum status
dns_open_resolver(const struct dns_conf *conf, struct dns **dns_r)
{
	enum status status;
	struct dns *dns;

	*dns_r = NULL;
	if ((dns = dns_new()) == NULL)
		return STATUS_NOMEM;
	dns->timeout_ms = conf->timeout;
	status = dns_resolver_open(conf, &dns->resolver);
	if (status != STATUS_OK) {
		dns_drop(dns);
		return status;
	}
	*dns_r = dns;
	return STATUS_OK;
}

enum status
dns_open_zone(struct dns_zone **zone, struct dns **dns_r)
{
	struct dns *dns;

	*dns_r = NULL;
	if ((dns = dns_new()) == NULL)
		return STATUS_NOMEM;
	if (zone != NULL) {
		dns->zone = *zone;
		*zone = NULL;
	}
	*dns_r = dns;
	return STATUS_OK;
}

void
dns_close(struct dns **dns)
{
	if (*dns == NULL)
		return;
	dns_resolver_close(&(*dns)->resolver);
	dns_drop(*dns);
	*dns = NULL;
}

uint64_t
dns_questions_asked(const struct dns *dns)
{
	return atomic_load(&dns->asked);
}

/* The earlier of the asker's deadline and now plus the configured timeout. */
static int64_t
question_deadline(const struct dns *dns, int64_t deadline_ms)
{
	int64_t latest_ms;

	if (dns->timeout_ms == INT64_MAX)
		return deadline_ms;
	latest_ms = clock_now_ms() + dns->timeout_ms;
	return deadline_ms < latest_ms ? deadline_ms : latest_ms;
}

static bool
question_init_locks(struct dns_question *question)
{
	pthread_condattr_t attributes;
	bool is_good;

	if (pthread_condattr_init(&attributes) != 0)
		return false;
	is_good =
	    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0 &&
	    pthread_cond_init(&question->answered, &attributes) == 0;
	pthread_condattr_destroy(&attributes);
	if (!is_good)
		return false;
	if (pthread_mutex_init(&question->lock, NULL) == 0)
		return true;
	pthread_cond_destroy(&question->answered);
	return false;
}

static struct dns_question *
question_new(
    struct dns *dns, const char *name, enum dns_type type, int64_t deadline_ms)
{
	size_t name_size = strlen(name) + 1;
	struct dns_question *question;

	question = malloc(sizeof(*question) + name_size);
	if (question == NULL)
		return NULL;
	memset(question, 0, sizeof(*question));
	if (!question_init_locks(question)) {
		free(question);
		return NULL;
	}
	atomic_init(&question->state, QUESTION_OPEN);
	atomic_init(&question->references, 1);
	atomic_fetch_add(&dns->references, 1);
	question->dns = dns;
	question->deadline_ms = question_deadline(dns, deadline_ms);
	question->type = type;
	memcpy(question->name, name, name_size);
	return question;
}

void
dns_question_keep(struct dns_question *question)
{
	atomic_fetch_add(&question->references, 1);
}

void
dns_question_drop(struct dns_question *question)
{
	if (atomic_fetch_sub(&question->references, 1) != 1)
		return;
	pthread_mutex_destroy(&question->lock);
	pthread_cond_destroy(&question->answered);
	free(question->memory);
	dns_drop(question->dns);
	free(question);
}

bool
dns_question_is_wanted(struct dns_question *question)
{
	return atomic_load(&question->references) > 1;
}

void
dns_question_answer(struct dns_question *question,
    const struct dns_answer *answer, void *memory)
{
	pthread_mutex_lock(&question->lock);
	if (atomic_load(&question->state) == QUESTION_OPEN) {
		question->answer = *answer;
		question->memory = memory;
		memory = NULL;
		atomic_store(&question->state, QUESTION_ANSWERED);
	}
	pthread_mutex_unlock(&question->lock);
	free(memory);
}

void
dns_question_wake(struct dns_question *question)
{
	pthread_cond_signal(&question->answered);
}

void
dns_question_fail(struct dns_question *question, enum dns_result result)
{
	struct dns_answer answer = { .result = result };

	dns_question_answer(question, &answer, NULL);
}

enum status
dns_ask(struct dns *dns, const char *name, enum dns_type type,
    int64_t deadline_ms, struct dns_question **question_r)
{
	unsigned char wire_name[DNS_WIRE_NAME_BYTES];
	struct dns_question *question;

	atomic_fetch_add(&dns->asked, 1);
	question = *question_r = question_new(dns, name, type, deadline_ms);
	if (question == NULL)
		return STATUS_NOMEM;
	if (!dns_wire_name(name, wire_name)) {
		dns_question_fail(question, DNS_NXDOMAIN);
	} else if (dns->zone != NULL) {
		dns_zone_lookup(dns->zone, wire_name, type, &question->answer);
		atomic_store(&question->state, QUESTION_ANSWERED);
	} else if (dns->resolver != NULL) {
		dns_resolver_ask(dns->resolver, question);
	} else {
		dns_question_fail(question, DNS_SERVFAIL);
	}
	return STATUS_OK;
}

static void
question_wait_open(struct dns_question *question)
{
	struct timespec until = clock_timespec(question->deadline_ms);
	int error = 0;

	pthread_mutex_lock(&question->lock);
	while (atomic_load(&question->state) == QUESTION_OPEN && error == 0)
		error = pthread_cond_timedwait(
		    &question->answered, &question->lock, &until);
	assert(error == 0 || error == ETIMEDOUT);
	if (atomic_load(&question->state) == QUESTION_OPEN) {
		question->answer.result = DNS_TIMEOUT;
		atomic_store(&question->state, QUESTION_TIMED_OUT);
	}
	pthread_mutex_unlock(&question->lock);
}

const struct dns_answer *
dns_wait(struct dns_question *question)
{
	if (atomic_load(&question->state) == QUESTION_OPEN)
		question_wait_open(question);
	return &question->answer;
}

bool
dns_is_ready(struct dns_question *question)
{
	return atomic_load(&question->state) != QUESTION_OPEN ||
	    clock_now_ms() >= question->deadline_ms;
}

void
dns_release(struct dns_question **question)
{
	if (*question == NULL)
		return;
	dns_question_drop(*question);
	*question = NULL;
}
