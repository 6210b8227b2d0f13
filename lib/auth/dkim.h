/*
 * dkim - verification of DKIM signatures (RFC 6376, 8301, 8463) through
 * libopendkim, with keys from our resolver; every quirk of the library is
 * settled here.
 *
 * Use: auth_dkim_new, auth_dkim_headers (starts all key lookups, never waits),
 * auth_dkim_body for each chunk, auth_dkim_finish (waits), auth_dkim_free.
 */
#ifndef GATEPOST_AUTH_DKIM_H
#define GATEPOST_AUTH_DKIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/auth/auth.h"
#include "lib/base/region.h"
#include "lib/base/status.h"
#include "lib/dns/dns.h"
#include "lib/mail/message.h"

#define DKIM_SIGNATURES_MAX 10   /* more are ignored and told */
#define DKIM_RSA_BITS_MIN   1024 /* RFC 8301 section 3.2 */

/* How the reason of a pass begins that leaves a part of the body unsigned. */
#define DKIM_REASON_PARTLY_SIGNED "body longer than l="

struct auth_dkim_library; /* libopendkim's handle; one a process */
struct auth_dkim;         /* one message */

struct auth_dkim_signature {
	enum auth_result result;
	const char *domain;    /* d=, lower case; "" if unreadable */
	const char *selector;  /* s= */
	const char *algorithm; /* a= as sent, lower case */
	const char *identity;  /* i=, or "@" d= when absent */
	const char *b_prefix;  /* the fewest characters of b= (8 or more) that
				 * are unique in the message (RFC 6008) */
	const char *reason;    /* why not pass, or a remark on a pass ("body
				 * longer than l="); NULL if nothing to say */
	unsigned int key_bits; /* 0 for Ed25519 or when unknown */
	bool testing;          /* t=y in the key */
	bool secure;           /* the key came DNSSEC-validated */
	int64_t unsigned_body_bytes; /* behind l=; 0 when all is signed */
};

struct auth_dkim_results {
	size_t signature_count; /* 0..DKIM_SIGNATURES_MAX, in message order */
	const struct auth_dkim_signature *signatures;
	size_t ignored_count; /* signatures over the limit */
};

/* auth_dkim_library_new - call once before threads start */
enum status auth_dkim_library_new(
    struct auth_dkim_library **library_r) GP_MUST_CHECK;
void auth_dkim_library_free(struct auth_dkim_library **library);

/*
 * auth_dkim_new - a verifier of one message.
 *
 * region  owns the results; must outlive the verifier
 * now     seconds of wall time that t= and x= are compared with; 0: the clock
 */
enum status auth_dkim_new(struct auth_dkim_library *library,
    struct region *region, struct dns *dns, int64_t now,
    struct auth_dkim **dkim_r) GP_MUST_CHECK;

/*
 * auth_dkim_headers - the whole header; starts the key lookups.
 *
 * message      borrowed until auth_dkim_finish()
 * deadline_ms  key lookups end there as temperror
 * Never waits.  Without any DKIM-Signature nothing more is done and the body
 * costs nothing.
 */
enum status auth_dkim_headers(struct auth_dkim *dkim,
    const struct message *message, int64_t deadline_ms) GP_MUST_CHECK;

/*
 * auth_dkim_domains - the d= of the signatures that may still pass.
 *
 * Valid after auth_dkim_headers().  Fills at most max entries (region memory)
 * and returns how many; doubles may occur.
 */
size_t auth_dkim_domains(
    const struct auth_dkim *dkim, const char **domains, size_t max);

/* auth_dkim_body - a chunk of the body, CRLF line ends, as it streams by */
enum status auth_dkim_body(
    struct auth_dkim *dkim, const void *data, size_t length) GP_MUST_CHECK;

/*
 * auth_dkim_finish - waits for the keys and verifies.
 *
 * results_r  owned by the region.  Returns STATUS_OK or STATUS_NOMEM; bad
 * signatures and missing keys are results.
 */
enum status auth_dkim_finish(
    struct auth_dkim *dkim, struct auth_dkim_results *results_r) GP_MUST_CHECK;

/* auth_dkim_free - cancels lookups; accepts NULL */
void auth_dkim_free(struct auth_dkim **dkim);

#endif
