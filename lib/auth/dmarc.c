/* dmarc - the evaluation of one message (see dmarc.h). */
#include "config.h"

#include "lib/auth/dmarc.h"

#include <string.h>

#include "lib/auth/dmarc-library.h"
#include "lib/auth/dmarc-record.h"
#include "lib/auth/dmarc-walk.h"
#include "lib/base/log.h"
#include "lib/base/str.h"
#include "lib/mail/domain.h"

/*
 * A domain is walked ahead of its pass only if it shares this many labels with
 * an author: "com" alone says nothing, and a message can name ten of them.
 */
#define SHARED_LABELS_MIN 2

struct author {
	const char *domain;
	struct dmarc_walk *walk;
	struct dns_question *existence; /* for np= */
};

struct auth_dmarc {
	struct region *region;
	struct dns *dns;
	int64_t deadline_ms;
	struct dmarc_walks *walks;
	size_t author_count;
	struct author authors[DMARC_AUTHOR_DOMAINS_MAX];
	const char *author_fault; /* why not all authors can be checked */
};

/* The identifiers of a message, and where their walks belong. */
struct identifiers {
	struct auth_dmarc *dmarc;
	size_t count;
	const struct auth_dmarc_identifier *all;
};

enum alignment {
	NOT_ALIGNED,
	ALIGNED,
	ALIGNMENT_UNKNOWN
};

/* What the identifiers say of one author domain. */
struct passes {
	bool spf_aligned;
	bool dkim_aligned;
	bool undecided; /* something that aligns might have passed, or
			 * something that passed might align */
};

const char *
dmarc_policy_text(enum dmarc_policy policy)
{
	switch (policy) {
	case DMARC_POLICY_NONE:
		return "none";
	case DMARC_POLICY_QUARANTINE:
		return "quarantine";
	case DMARC_POLICY_REJECT:
		return "reject";
	}
	return "none";
}

/* Adds one author domain and starts its questions. */
static enum status
add_author(struct auth_dmarc *dmarc, const char *domain)
{
	struct author *author;
	enum status status;
	size_t i;

	if (!domain_is_valid(domain)) {
		dmarc->author_fault = "an address in From has no domain name";
		return STATUS_OK;
	}
	for (i = 0; i < dmarc->author_count; i++) {
		if (strcmp(dmarc->authors[i].domain, domain) == 0)
			return STATUS_OK;
	}
	if (dmarc->author_count == DMARC_AUTHOR_DOMAINS_MAX) {
		dmarc->author_fault = "From has too many domains";
		return STATUS_OK;
	}
	author = &dmarc->authors[dmarc->author_count];
	status = dmarc_walks_start(dmarc->walks, domain, &author->walk);
	if (status != STATUS_OK)
		return status;
	author->domain = author->walk->domain;
	dmarc->author_count++;
	return dns_ask(dmarc->dns, domain, DNS_TYPE_A, dmarc->deadline_ms,
	    &author->existence);
}

enum status
auth_dmarc_start(struct region *region, struct dns *dns,
    const char *const *author_domains, size_t author_domain_count,
    int64_t deadline_ms, struct auth_dmarc **dmarc_r)
{
	struct auth_dmarc *dmarc;
	enum status status;
	size_t i;

	*dmarc_r = NULL;
	if ((dmarc = region_alloc(region, sizeof(*dmarc))) == NULL)
		return STATUS_NOMEM;
	dmarc->region = region;
	dmarc->dns = dns;
	dmarc->deadline_ms = deadline_ms;
	status = dmarc_walks_new(region, dns, deadline_ms, &dmarc->walks);
	if (author_domain_count == 0)
		dmarc->author_fault = "no domain in From";
	for (i = 0; i < author_domain_count && status == STATUS_OK; i++)
		status = add_author(dmarc, author_domains[i]);
	if (status != STATUS_OK)
		auth_dmarc_free(&dmarc);
	*dmarc_r = dmarc;
	return status;
}

void
auth_dmarc_free(struct auth_dmarc **dmarc)
{
	size_t i;

	if (*dmarc == NULL)
		return;
	for (i = 0; i < (*dmarc)->author_count; i++)
		dns_release(&(*dmarc)->authors[i].existence);
	dmarc_walks_free(&(*dmarc)->walks);
	*dmarc = NULL;
}

/* How many labels two names have in common at their ends. */
static size_t
count_shared_labels(const char *a, const char *b)
{
	size_t at_a = strlen(a), at_b = strlen(b), count = 0;

	while (at_a > 0 && at_b > 0 && a[at_a - 1] == b[at_b - 1]) {
		count += a[at_a - 1] == '.';
		at_a--;
		at_b--;
	}
	if ((at_a == 0 || a[at_a - 1] == '.') &&
	    (at_b == 0 || b[at_b - 1] == '.'))
		count++;
	return count;
}

/* The walk of an identifier; NULL when it can have none. */
static enum status
identifier_walk(
    struct auth_dmarc *dmarc, const char *domain, struct dmarc_walk **walk_r)
{
	enum status status;

	*walk_r = NULL;
	if (!domain_is_valid(domain))
		return STATUS_OK;
	status = dmarc_walks_start(dmarc->walks, domain, walk_r);
	return status == STATUS_LIMIT ? STATUS_OK : status;
}

enum status
auth_dmarc_start_domain(struct auth_dmarc *dmarc, const char *domain)
{
	struct dmarc_walk *walk;
	char *lower;
	size_t i;

	if ((lower = region_strdup(dmarc->region, domain)) == NULL)
		return STATUS_NOMEM;
	ascii_lower_all(lower, strlen(lower));
	for (i = 0; i < dmarc->author_count; i++) {
		if (count_shared_labels(dmarc->authors[i].domain, lower) >=
		    SHARED_LABELS_MIN)
			return identifier_walk(dmarc, lower, &walk);
	}
	return STATUS_OK;
}

/*
 * Does it take the identifier's walk to tell whether it aligns with the author,
 * whose walk is finished?  Not outside of the author's organizational domain,
 * and nothing aligns without a label in common.
 */
static bool
needs_walk(
    const struct author *author, const struct auth_dmarc_identifier *identifier)
{
	const struct dmarc_walk *walk = author->walk;
	const struct dmarc_record *record = walk->record;

	if (record == NULL || !record->applies ||
	    (identifier->is_spf ? record->spf_strict : record->dkim_strict) ||
	    strcmp(identifier->domain, author->domain) == 0)
		return false;
	if (walk->temporary)
		return count_shared_labels(identifier->domain, author->domain) >
		    0;
	return domain_is_within(
	    identifier->domain, walk->organizational_domain);
}

/*
 * Relaxed alignment of different names: the same organizational domain
 * (section 4.10.2).  Where DNS did not tell one of them, it is still clear that
 * a name outside the other's organizational domain does not align.
 */
static enum alignment
align_relaxed(struct dmarc_walk *author, struct dmarc_walk *identifier)
{
	dmarc_walk_finish(author);
	dmarc_walk_finish(identifier);
	if (!author->temporary && !identifier->temporary) {
		return strcmp(author->organizational_domain,
			   identifier->organizational_domain) == 0 ?
		    ALIGNED :
		    NOT_ALIGNED;
	}
	if (!author->temporary &&
	    !domain_is_within(
		identifier->domain, author->organizational_domain))
		return NOT_ALIGNED;
	if (!identifier->temporary &&
	    !domain_is_within(
		author->domain, identifier->organizational_domain))
		return NOT_ALIGNED;
	return ALIGNMENT_UNKNOWN;
}

static enum status
align(struct auth_dmarc *dmarc, const struct author *author,
    const struct auth_dmarc_identifier *identifier, enum alignment *alignment_r)
{
	struct dmarc_walk *walk;
	enum status status;

	*alignment_r = NOT_ALIGNED;
	if (strcmp(identifier->domain, author->domain) == 0) {
		*alignment_r = ALIGNED;
		return STATUS_OK;
	}
	if (!needs_walk(author, identifier))
		return STATUS_OK;
	status = identifier_walk(dmarc, identifier->domain, &walk);
	if (status == STATUS_OK && walk != NULL)
		*alignment_r = align_relaxed(author->walk, walk);
	return status;
}

/* One pass that aligns is enough, whatever else failed. */
static enum status
collect_passes(const struct identifiers *identifiers,
    const struct author *author, struct passes *passes_r)
{
	enum alignment alignment;
	enum status status;
	size_t i;

	memset(passes_r, 0, sizeof(*passes_r));
	for (i = 0; i < identifiers->count; i++) {
		const struct auth_dmarc_identifier *identifier =
		    &identifiers->all[i];

		status =
		    align(identifiers->dmarc, author, identifier, &alignment);
		if (status != STATUS_OK)
			return status;
		if (alignment == NOT_ALIGNED)
			continue;
		if (alignment == ALIGNMENT_UNKNOWN || identifier->temporary)
			passes_r->undecided = true;
		else if (identifier->is_spf)
			passes_r->spf_aligned = true;
		else
			passes_r->dkim_aligned = true;
	}
	return STATUS_OK;
}

/*
 * The policy that an inherited record has for the author domain: sp, or np when
 * the name does not exist (sections 3.2.13 and 4.10.1).
 *
 * Returns false when DNS did not tell whether np counts.
 */
static bool
choose_inherited_policy(const struct author *author,
    const struct dmarc_record *record, enum dmarc_policy *policy_r)
{
	enum dns_result existence;

	*policy_r = record->subdomain_policy;
	if (record->nonexistent_policy == record->subdomain_policy)
		return true;
	existence = dns_wait(author->existence)->result;
	if (existence == DNS_NXDOMAIN)
		*policy_r = record->nonexistent_policy;
	return !dns_result_is_temporary(existence);
}

/* The policy for the author domain: p of its own record, or an inherited one.
 * Returns false when DNS did not tell which one. */
static bool
choose_policy(const struct author *author, enum dmarc_policy *policy_r)
{
	const struct dmarc_walk *walk = author->walk;

	if (strcmp(walk->record_domain, author->domain) != 0)
		return choose_inherited_policy(author, walk->record, policy_r);
	*policy_r = walk->record->domain_policy;
	return true;
}

/* Of a temperror: what may apply where sp and np cannot be told apart. */
static enum dmarc_policy
stricter_policy(const struct dmarc_record *record)
{
	return record->nonexistent_policy > record->subdomain_policy ?
	    record->nonexistent_policy :
	    record->subdomain_policy;
}

/* t=y: one step milder (section 4.7). */
static enum dmarc_policy
lower_policy(enum dmarc_policy policy)
{
	return policy == DMARC_POLICY_REJECT ? DMARC_POLICY_QUARANTINE :
					       DMARC_POLICY_NONE;
}

static enum status
set_reason(struct auth_dmarc *dmarc, struct auth_dmarc_result *result,
    const char *text)
{
	result->reason =
	    region_printf(dmarc->region, "%s %s", text, result->author_domain);
	return result->reason != NULL ? STATUS_OK : STATUS_NOMEM;
}

/*
 * Lets libopendmarc decide on the canonical record: p and sp are its words for
 * the domain's own record and an inherited one, whichever of sp and np counts.
 */
static enum status
ask_library(struct auth_dmarc *dmarc, const struct author *author,
    const struct auth_dmarc_result *result, enum dmarc_decision *decision_r)
{
	const struct dmarc_walk *walk = author->walk;
	const struct dmarc_record *record = walk->record;
	struct dmarc_library_input input;
	const char *policy = dmarc_policy_text(result->policy);

	memset(&input, 0, sizeof(input));
	input.author_domain = author->domain;
	if (strcmp(walk->record_domain, author->domain) != 0)
		input.organizational_domain = walk->record_domain;
	input.record = region_printf(dmarc->region,
	    "v=DMARC1; p=%s; sp=%s; adkim=%c; aspf=%c",
	    dmarc_policy_text(record->domain_policy), policy,
	    record->dkim_strict ? 's' : 'r', record->spf_strict ? 's' : 'r');
	if (input.record == NULL)
		return STATUS_NOMEM;
	input.spf_aligned = result->spf_aligned;
	input.dkim_aligned = result->dkim_aligned;
	return dmarc_library_decide(&input, decision_r);
}

/* fail: what the owner asks for, unless only testing. */
static enum status
set_fail(struct auth_dmarc *dmarc, struct auth_dmarc_result *result,
    enum dmarc_policy policy)
{
	result->result = AUTH_FAIL;
	result->disposition = result->testing ? lower_policy(policy) : policy;
	return set_reason(
	    dmarc, result, "no pass of SPF or DKIM is aligned with");
}

static enum status
decide(struct auth_dmarc *dmarc, const struct author *author,
    struct auth_dmarc_result *result)
{
	enum dmarc_decision decision;
	enum status status;

	status = ask_library(dmarc, author, result, &decision);
	if (status == STATUS_INVALID) {
		log_error(
		    "libopendmarc refuses the record of %s", author->domain);
		result->result = AUTH_TEMPERROR;
		result->reason = "the policy could not be applied";
		return STATUS_OK;
	}
	if (status != STATUS_OK)
		return status;
	switch (decision) {
	case DMARC_DECISION_PASS:
		result->result = AUTH_PASS;
		return STATUS_OK;
	case DMARC_DECISION_NONE:
		return set_fail(dmarc, result, DMARC_POLICY_NONE);
	case DMARC_DECISION_QUARANTINE:
		return set_fail(dmarc, result, DMARC_POLICY_QUARANTINE);
	case DMARC_DECISION_REJECT:
		return set_fail(dmarc, result, DMARC_POLICY_REJECT);
	}
	return STATUS_INVALID;
}

/* An author domain with a record that applies. */
static enum status
evaluate_record(const struct identifiers *identifiers,
    const struct author *author, struct auth_dmarc_result *result)
{
	struct auth_dmarc *dmarc = identifiers->dmarc;
	struct passes passes;
	enum status status;
	bool policy_known;

	policy_known = choose_policy(author, &result->policy);
	status = collect_passes(identifiers, author, &passes);
	if (status != STATUS_OK)
		return status;
	result->testing = author->walk->record->testing;
	result->spf_aligned = passes.spf_aligned;
	result->dkim_aligned = passes.dkim_aligned;
	if (passes.spf_aligned || passes.dkim_aligned ||
	    (policy_known && !passes.undecided))
		return decide(dmarc, author, result);
	result->result = AUTH_TEMPERROR;
	if (!policy_known)
		result->policy = stricter_policy(author->walk->record);
	return set_reason(dmarc, result,
	    passes.undecided ? "DNS did not tell whether anything passes for" :
			       "DNS did not tell the policy of");
}

/*
 * DNS did not tell the record.  What a parent's record asks for is told, so
 * that the caller knows what accepting the message would mean.
 */
static enum status
evaluate_unknown(struct auth_dmarc *dmarc, const struct author *author,
    struct auth_dmarc_result *result)
{
	const struct dmarc_record *record = author->walk->likely_record;

	result->result = AUTH_TEMPERROR;
	if (record != NULL && record->applies) {
		if (!choose_inherited_policy(author, record, &result->policy))
			result->policy = stricter_policy(record);
		result->testing = record->testing;
	}
	return set_reason(dmarc, result, "DNS did not tell the policy of");
}

static enum status
evaluate_author(const struct identifiers *identifiers,
    const struct author *author, struct auth_dmarc_result *result)
{
	struct auth_dmarc *dmarc = identifiers->dmarc;
	struct dmarc_walk *walk = author->walk;

	dmarc_walk_finish(walk);
	memset(result, 0, sizeof(*result));
	result->author_domain = author->domain;
	result->organizational_domain = walk->organizational_domain;
	result->policy_domain = walk->record_domain;
	if (walk->record == NULL && walk->temporary)
		return evaluate_unknown(dmarc, author, result);
	result->result = AUTH_NONE;
	if (walk->record == NULL)
		return set_reason(dmarc, result, "no policy is published for");
	if (!walk->record->applies)
		return set_reason(dmarc, result,
		    "the record asks for nothing (no p=, no rua=):");
	return evaluate_record(identifiers, author, result);
}

/* The order of auth_dmarc_finish(): what a caller may act on comes first, so
 * that an author of the forger's own (p=none) hides nothing. */
static unsigned int
result_badness(const struct auth_dmarc_result *result)
{
	switch (result->result) {
	case AUTH_FAIL:
		return result->disposition == DMARC_POLICY_NONE ?
		    3 :
		    5 + (unsigned int)result->disposition;
	case AUTH_TEMPERROR:
		return result->policy == DMARC_POLICY_NONE ? 2 : 5;
	case AUTH_PERMERROR:
		return 4;
	case AUTH_NONE:
		return 1;
	case AUTH_PASS:
	case AUTH_SOFTFAIL:
	case AUTH_NEUTRAL:
	case AUTH_POLICY:
		return 0;
	}
	return 0;
}

/* The worse of two; among equals the stricter policy, then the first. */
static bool
is_worse(const struct auth_dmarc_result *a, const struct auth_dmarc_result *b)
{
	unsigned int badness_a = result_badness(a);
	unsigned int badness_b = result_badness(b);

	if (badness_a != badness_b)
		return badness_a > badness_b;
	return a->policy > b->policy;
}

/* Authors that could not be evaluated, as a result. */
static void
fault_result(const struct auth_dmarc *dmarc, struct auth_dmarc_result *result)
{
	memset(result, 0, sizeof(*result));
	result->result = AUTH_PERMERROR;
	result->author_domain = "";
	result->organizational_domain = result->policy_domain = "";
	result->reason = dmarc->author_fault;
}

/* Starts the walk of an identifier if it may align with any author. */
static enum status
start_identifier(
    struct auth_dmarc *dmarc, const struct auth_dmarc_identifier *identifier)
{
	struct dmarc_walk *walk;
	size_t i;

	for (i = 0; i < dmarc->author_count; i++) {
		if (needs_walk(&dmarc->authors[i], identifier))
			return identifier_walk(
			    dmarc, identifier->domain, &walk);
	}
	return STATUS_OK;
}

/*
 * Starts all walks of identifiers before the first of them is waited for.  The
 * authors' walks come first: with them known, hardly any other is needed.
 */
static enum status
start_identifiers(const struct identifiers *identifiers)
{
	struct auth_dmarc *dmarc = identifiers->dmarc;
	enum status status = STATUS_OK;
	size_t i;

	for (i = 0; i < dmarc->author_count; i++)
		dmarc_walk_finish(dmarc->authors[i].walk);
	for (i = 0; i < identifiers->count && status == STATUS_OK; i++)
		status = start_identifier(dmarc, &identifiers->all[i]);
	return status;
}

enum status
auth_dmarc_finish(struct auth_dmarc *dmarc,
    const struct auth_dmarc_identifier *identifiers, size_t identifier_count,
    struct auth_dmarc_result *result_r)
{
	struct identifiers all = { dmarc, identifier_count, identifiers };
	struct auth_dmarc_result result;
	enum status status;
	size_t i;

	fault_result(dmarc, result_r);
	status = start_identifiers(&all);
	for (i = 0; i < dmarc->author_count && status == STATUS_OK; i++) {
		status = evaluate_author(&all, &dmarc->authors[i], &result);
		if (status == STATUS_OK &&
		    ((i == 0 && dmarc->author_fault == NULL) ||
			is_worse(&result, result_r)))
			*result_r = result;
	}
	return status;
}
