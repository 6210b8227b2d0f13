/*
 * dns - the one resolver of a process: parallel, cached, validating.
 *
 * A question is a future.  dns_ask() never waits; dns_wait() waits until the
 * answer or the question's deadline; dns_release() gives the question back and
 * cancels it when it is still open.  Two sources exist behind the same calls:
 * libunbound on one resolver thread (dns_open_resolver) and zone data held in
 * memory that answers alone and at once (dns_open_zone; tests and
 * `gatepost check --zone`).
 */
#ifndef GATEPOST_DNS_DNS_H
#define GATEPOST_DNS_DNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/ip.h"
#include "lib/base/status.h"
#include "lib/base/str.h"

struct dns;
struct dns_question;
struct dns_zone;

#define DNS_NAME_BYTES    254 /* 253 and a NUL (RFC 1035 section 2.3.4) */
#define DNS_RECORDS_MAX   256 /* of one answer; the rest is not looked at */
#define DNS_TXT_BYTES_MAX 65535

enum dns_type {
	DNS_TYPE_A = 1,
	DNS_TYPE_NS = 2,
	DNS_TYPE_CNAME = 5,
	DNS_TYPE_SOA = 6,
	DNS_TYPE_PTR = 12,
	DNS_TYPE_MX = 15,
	DNS_TYPE_TXT = 16,
	DNS_TYPE_AAAA = 28,
	DNS_TYPE_SRV = 33,
	DNS_TYPE_TLSA = 52
};

/* How a question ended.  The last three are "we do not know". */
enum dns_result {
	DNS_FOUND,    /* NOERROR, at least one record of the type asked */
	DNS_NODATA,   /* NOERROR, the name exists without such records */
	DNS_NXDOMAIN, /* the name does not exist */
	DNS_SERVFAIL, /* any other rcode, or no server could be reached */
	DNS_TIMEOUT,  /* the deadline passed first */
	DNS_BOGUS     /* DNSSEC validation failed (treat as temperror) */
};

struct dns_record {
	enum dns_type type; /* always the type that was asked for */

	union {
		struct ip address; /* A, AAAA */
		const char *name;  /* NS, CNAME, PTR: no trailing dot */

		struct {
			unsigned int preference;
			const char *exchange; /* "" for the null MX "." */
		} mx;
		struct span text; /* TXT: the strings joined, any bytes */
		struct span data; /* every other type: rdata as on the wire */
	};
};

struct dns_answer {
	enum dns_result result;
	bool secure; /* DNSSEC-validated (an AD bit of our own) */
	uint32_t ttl_seconds;
	size_t record_count;
	const struct dns_record *records;
};

/* dns_result_text - "found", "nodata", "nxdomain", "servfail", ... */
const char *dns_result_text(enum dns_result result);

/* dns_result_is_temporary - SERVFAIL, TIMEOUT or BOGUS: ask again later */
bool dns_result_is_temporary(enum dns_result result);

struct dns_conf; /* the `dns` section of gatepost.conf, see dns-conf.h */

/*
 * dns_open_resolver - starts the resolver thread over libunbound.
 *
 * conf is not kept.  Call it once a process, before other threads start (the
 * library's configuration parser is not thread-safe).
 * Returns STATUS_OK, STATUS_NOMEM, STATUS_INVALID (logged: a setting that
 * libunbound refuses, a trust anchor file that cannot be read), or STATUS_IO
 * (logged: no thread, no file descriptor).  After fork(): threads do not
 * survive it.
 */
enum status dns_open_resolver(
    const struct dns_conf *conf, struct dns **dns_r) GP_MUST_CHECK;

/*
 * dns_open_zone - a source that answers from zone alone, without threads.
 *
 * Takes over *zone (set to NULL) on success.  zone NULL gives a source that
 * answers DNS_SERVFAIL to everything (`--offline`).
 */
enum status dns_open_zone(
    struct dns_zone **zone, struct dns **dns_r) GP_MUST_CHECK;

/*
 * dns_close - stops the resolver; waits for its thread.  Accepts NULL.
 *
 * Open questions end as DNS_SERVFAIL; they must still be released, and may be
 * released after dns_close() has returned.
 */
void dns_close(struct dns **dns);

/*
 * dns_ask - starts a question.
 *
 * name        presentation form, trailing dot optional; at most 253 bytes;
 *	       bytes other than letters, digits, '-' and '_' inside a label
 *	       are allowed; "\\." escapes of RFC 1035 are understood
 * deadline_ms clock_now_ms() time at which it becomes DNS_TIMEOUT; the
 *	       configured timeout may end it before
 *
 * Never waits and never fails for DNS reasons: a name that cannot be asked
 * (empty label, label over 63, too long) answers DNS_NXDOMAIN at once.
 * Returns STATUS_OK or STATUS_NOMEM.  Any thread.
 */
enum status dns_ask(struct dns *dns, const char *name, enum dns_type type,
    int64_t deadline_ms, struct dns_question **question_r) GP_MUST_CHECK;

/*
 * dns_wait - waits for the answer, at the longest until the deadline.
 *
 * Never NULL.  Borrowed until dns_release().  One thread at a time.
 */
const struct dns_answer *dns_wait(struct dns_question *question);

/* dns_is_ready - dns_wait() would return at once */
bool dns_is_ready(struct dns_question *question);

/* dns_release - cancels if open, frees, sets *question to NULL; accepts NULL */
void dns_release(struct dns_question **question);

/* dns_questions_asked - how many questions this source was asked so far */
uint64_t dns_questions_asked(const struct dns *dns);

#endif
