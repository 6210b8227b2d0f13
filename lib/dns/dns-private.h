/*
 * dns-private - what the front (dns.c), the resolver and the zone data share.
 * Only files of lib/dns and its tests include it.
 */
#ifndef GATEPOST_DNS_DNS_PRIVATE_H
#define GATEPOST_DNS_DNS_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "lib/dns/dns-conf.h"
#include "lib/dns/dns.h"

enum question_state {
	QUESTION_OPEN,
	QUESTION_ANSWERED,
	QUESTION_TIMED_OUT
};

/*
 * Invariant: answer and memory change once, under lock, while state is
 * QUESTION_OPEN; whoever has seen another state may read them without it.
 */
struct dns_question {
	pthread_mutex_t lock;    /* guards state, answer, memory */
	pthread_cond_t answered; /* state left QUESTION_OPEN */
	_Atomic enum question_state state;
	_Atomic unsigned int references; /* the asker's, the resolver's */
	struct dns *dns;                 /* counted reference */
	struct dns_resolver *resolver;   /* that works on it */
	int64_t deadline_ms;
	enum dns_type type;
	struct dns_answer answer;
	void *memory;                           /* of answer.records, or NULL */
	STAILQ_ENTRY(dns_question) queue_entry; /* the resolver's queue */
	LIST_ENTRY(dns_question) open_entry;    /* the resolver thread's own */
	char name[];
};

/*
 * dns_question_answer - the source's one word on a question.
 *
 * memory  taken over (by free()); holds answer->records; may be NULL
 * A question that timed out before keeps that result.  Who sleeps in dns_wait()
 * sleeps on until dns_question_wake().  Any thread.
 */
void dns_question_answer(struct dns_question *question,
    const struct dns_answer *answer, void *memory);

/* dns_question_fail - dns_question_answer() without records */
void dns_question_fail(struct dns_question *question, enum dns_result result);

/* dns_question_wake - the answer is there: wakes who waits for it */
void dns_question_wake(struct dns_question *question);

/* dns_question_keep, dns_question_drop - one reference more, one less */
void dns_question_keep(struct dns_question *question);
void dns_question_drop(struct dns_question *question);

/* dns_question_is_wanted - does anybody but the resolver still hold it? */
bool dns_question_is_wanted(struct dns_question *question);

struct dns_resolver;

/*
 * dns_resolver_open - starts the thread; see dns_open_resolver().
 *
 * conf is not kept.  Returns STATUS_OK, STATUS_NOMEM, STATUS_INVALID or
 * STATUS_IO (logged).
 */
enum status dns_resolver_open(const struct dns_conf *conf,
    struct dns_resolver **resolver_r) GP_MUST_CHECK;

/*
 * dns_resolver_close - stops the thread, answers what is open by DNS_SERVFAIL,
 * frees, sets *resolver to NULL.  Accepts NULL.
 */
void dns_resolver_close(struct dns_resolver **resolver);

/* dns_resolver_ask - hands a question to the thread; any thread, never waits */
void dns_resolver_ask(
    struct dns_resolver *resolver, struct dns_question *question);

/*
 * dns_zone_lookup - the answer of the zone data for a name in wire form.
 *
 * The records belong to the zone.  Any number of threads, as long as nobody
 * adds to the zone.
 */
void dns_zone_lookup(const struct dns_zone *zone, const unsigned char *name,
    enum dns_type type, struct dns_answer *answer_r);

#endif
