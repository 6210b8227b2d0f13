/*
 * dmarc - RFC 9989: the tree walk, the record, alignment and the policy.
 *
 * libopendmarc parses the record's policy table; discovery, alignment and the
 * choice among p, sp and np are ours.
 *
 * Use: auth_dmarc_start as soon as the From field is known (asks all names of
 * the walk at once, never waits), auth_dmarc_start_domain for each domain that
 * SPF or DKIM may pass (their walks), auth_dmarc_finish when SPF and DKIM are
 * known (waits), auth_dmarc_free.
 */
#ifndef GATEPOST_AUTH_DMARC_H
#define GATEPOST_AUTH_DMARC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/auth/auth.h"
#include "lib/base/region.h"
#include "lib/base/status.h"
#include "lib/dns/dns.h"

#define DMARC_QUERIES_MAX 8 /* of one walk, RFC 9989 section 4.10 */
/* Different From domains that are looked up, each with up to 9 questions; more
 * make it a permerror unless one of these fails (RFC 9989 section 11.5 asks for
 * a limit; messages of people name one). */
#define DMARC_AUTHOR_DOMAINS_MAX 4

struct auth_dmarc;

enum dmarc_policy {
	DMARC_POLICY_NONE,
	DMARC_POLICY_QUARANTINE,
	DMARC_POLICY_REJECT
};

/* dmarc_policy_text - "none", "quarantine", "reject" */
const char *dmarc_policy_text(enum dmarc_policy policy);

/* A domain that authenticated: SPF MAIL FROM (or HELO of a null sender), or a
 * DKIM d=.  temporary: it did not pass but might have (temperror). */
struct auth_dmarc_identifier {
	const char *domain; /* lower case, no trailing dot */
	bool is_spf;
	bool temporary;
};

struct auth_dmarc_result {
	enum auth_result result;       /* none pass fail temperror permerror */
	enum dmarc_policy policy;      /* as published and applicable to
					* author_domain; of a temperror, what
					* might apply (see below); NONE when
					* nothing is known */
	enum dmarc_policy disposition; /* what the owner asks for this message:
					* NONE on pass; t=y lowers one step */
	const char *author_domain;     /* the From domain that decided: the one
					* with the worst result; "" if none */
	const char *organizational_domain; /* of author_domain; "" if unknown */
	const char *policy_domain; /* where the record stood; "" if none */
	const char *reason;        /* plain words, or NULL */
	bool testing;              /* t=y */
	bool spf_aligned;
	bool dkim_aligned;
};

/*
 * auth_dmarc_start - begins the evaluation of a message.
 *
 * author_domains  domains of all From addresses, normalized (A-labels, lower
 *		   case); copied; may hold doubles; none at all is a permerror,
 *		   and so is "" or a domain literal among them
 * region          owns results and state; must outlive the evaluation
 */
enum status auth_dmarc_start(struct region *region, struct dns *dns,
    const char *const *author_domains, size_t author_domain_count,
    int64_t deadline_ms, struct auth_dmarc **dmarc_r) GP_MUST_CHECK;

/*
 * auth_dmarc_start_domain - begins the walk of a domain that may align later.
 *
 * domain  any case, no trailing dot; copied
 *
 * Asks nothing unless the domain has its last two labels in common with an
 * author: what passes and may align all the same is walked by
 * auth_dmarc_finish().  Returns STATUS_OK or STATUS_NOMEM.
 */
enum status auth_dmarc_start_domain(
    struct auth_dmarc *dmarc, const char *domain) GP_MUST_CHECK;

/*
 * auth_dmarc_finish - waits for the walks, decides.
 *
 * identifiers  what passed or might have; a domain that was not started is
 *		walked now if that can change the result
 * result_r     its strings are owned by the region
 *
 * Of several author domains the worst result counts: fail whose disposition is
 * reject, then quarantine; temperror with a policy; permerror; fail with
 * disposition none; temperror without a policy; none; pass.
 *
 * temperror asks for nothing (disposition NONE): DNS did not tell the policy,
 * or nothing passed but something that aligns might have.  Its policy tells
 * what accepting the message may go against, so that the caller can defer it:
 * that of the record where one is known; else sp= (np= for a name that does not
 * exist) of the record that the walk found behind the failure; the stricter of
 * sp= and np= where it is unknown whether the name exists.  policy_domain stays
 * "" where the record that applies is not known.
 *
 * Returns STATUS_OK or STATUS_NOMEM.
 */
enum status auth_dmarc_finish(struct auth_dmarc *dmarc,
    const struct auth_dmarc_identifier *identifiers, size_t identifier_count,
    struct auth_dmarc_result *result_r) GP_MUST_CHECK;

/* auth_dmarc_free - cancels lookups; accepts NULL */
void auth_dmarc_free(struct auth_dmarc **dmarc);

#endif
