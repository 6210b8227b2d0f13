/*
 * dmarc-walk - the DNS tree walk (RFC 9989 section 4.10): from a domain to its
 * organizational domain and to the policy record that applies to it.
 *
 * All walks of one message share their questions: no name is asked twice.  All
 * names of a walk are asked when it starts, and read in the RFC's order when
 * it is finished, no further than the walk would have gone.
 *
 * What the RFC leaves open: a name whose question fails may have held anything,
 * so the walk ends there without an organizational domain (temporary).  The
 * names behind it still tell what the owner most likely asks for.
 */
#ifndef GATEPOST_AUTH_DMARC_WALK_H
#define GATEPOST_AUTH_DMARC_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/auth/dmarc-record.h"
#include "lib/auth/dmarc.h"
#include "lib/base/region.h"
#include "lib/base/status.h"
#include "lib/dns/dns.h"

/* More walks than authors, an SPF domain and DKIM signatures can ask for. */
#define DMARC_WALKS_MAX 32

struct dmarc_walks; /* all walks of one message */
struct dmarc_lookup;

struct dmarc_walk {
	const char *domain;                   /* where it started */
	size_t name_count;                    /* 1..DMARC_QUERIES_MAX */
	const char *names[DMARC_QUERIES_MAX]; /* without "_dmarc.", in order */
	struct dmarc_lookup *lookups[DMARC_QUERIES_MAX];
	struct dmarc_walk *next;

	/* By dmarc_walk_finish(): */
	bool finished;
	bool temporary; /* DNS failed; the organizational domain is unknown */
	const char *organizational_domain; /* "" when temporary */
	const struct dmarc_record *record; /* that applies to domain: its own,
					      * its organizational domain's, its
					      * public suffix's; NULL: none, or
					      * unknown when temporary */
	const char *record_domain;         /* where record stood; else "" */
	const struct dmarc_record *likely_record; /* of a temporary walk
						   * without record: the one
						   * that applies if the names
						   * that failed hold none */
};

/*
 * dmarc_walk_names - the names that a walk asks, in its order (section 4.10
 * steps 3, 4 and 7): the domain, then its parents, of which those of more than
 * seven labels are left out.
 *
 * names_r  point into domain.  Returns their number, 1..DMARC_QUERIES_MAX.
 */
size_t dmarc_walk_names(
    const char *domain, const char *names_r[DMARC_QUERIES_MAX]);

/*
 * dmarc_walks_new - no walks yet.
 *
 * region  owns all that walks point to; outlives them
 */
enum status dmarc_walks_new(struct region *region, struct dns *dns,
    int64_t deadline_ms, struct dmarc_walks **walks_r) GP_MUST_CHECK;

/* dmarc_walks_free - cancels and releases the questions; accepts NULL */
void dmarc_walks_free(struct dmarc_walks **walks);

/*
 * dmarc_walks_start - begins the walk of a domain, or finds it begun.
 *
 * domain  lower case, no trailing dot; copied
 * walk_r  owned by the region
 *
 * Never waits.  Returns STATUS_OK, STATUS_NOMEM, or STATUS_LIMIT (more than
 * DMARC_WALKS_MAX).
 */
enum status dmarc_walks_start(struct dmarc_walks *walks, const char *domain,
    struct dmarc_walk **walk_r) GP_MUST_CHECK;

/*
 * dmarc_walk_finish - waits for the names the walk needs, and decides.
 *
 * May be called again.  record stays valid until dmarc_walks_free().
 */
void dmarc_walk_finish(struct dmarc_walk *walk);

#endif
