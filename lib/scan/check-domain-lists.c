/*
 * check-domain-lists - DNS lists of the domains that the message names: HELO,
 * envelope sender, author, DKIM signatures, and the client's reverse name.
 *
 * Starts when the header is known; the reverse name is asked about in join(),
 * when it has been looked up.
 */
#include "config.h"

#include <string.h>

#include "lib/base/clock.h"
#include "lib/mail/domain.h"
#include "lib/scan/history.h"
#include "lib/scan/list-hits.h"

#define DOMAINS_MAX   8 /* each is asked at every domain list */
#define ADDRESSES_MAX 2 /* author and envelope sender, at hash lists */
#define QUERIES_MAX   (DOMAINS_MAX + ADDRESSES_MAX)

struct domain_lists {
	size_t query_count;
	struct lists_query *queries[QUERIES_MAX];
	size_t domain_count;
};

/* What is no domain name, or was asked already, is left out. */
static enum status
ask_domain(struct scan *scan, struct domain_lists *state, struct span name,
    int64_t deadline_ms)
{
	struct lists_query *query = NULL;
	const char *domain, *organizational;
	enum status status;

	if (state->domain_count == DOMAINS_MAX || name.length == 0)
		return STATUS_OK;
	status = domain_normalize(scan->region, name, &domain);
	if (status != STATUS_OK)
		return status == STATUS_INVALID ? STATUS_OK : status;
	organizational = domain_organizational(domain);
	if (organizational == NULL || !list_hits_take(scan, organizational))
		return STATUS_OK;
	state->domain_count++;
	status = lists_ask_domain(
	    scan->services->lists, domain, deadline_ms, &query);
	if (query != NULL)
		state->queries[state->query_count++] = query;
	return status;
}

static enum status
ask_address(struct scan *scan, struct domain_lists *state, const char *address)
{
	struct lists_query *query = NULL;
	enum status status;

	if (strchr(address, '@') == NULL)
		return STATUS_OK;
	status = lists_ask_address(
	    scan->services->lists, address, scan->deadline_ms, &query);
	if (query != NULL)
		state->queries[state->query_count++] = query;
	return status;
}

/* One place is kept for the reverse name, which is known last. */
static enum status
ask_signers(struct scan *scan, struct domain_lists *state)
{
	const char *domains[DKIM_SIGNATURES_MAX];
	enum status status = STATUS_OK;
	size_t i, count;

	if (scan->dkim == NULL)
		return STATUS_OK;
	count = auth_dkim_domains(scan->dkim, domains, GP_NELEMS(domains));
	for (i = 0; i < count && state->domain_count < DOMAINS_MAX - 1 &&
	     status == STATUS_OK;
	     i++)
		status = ask_domain(
		    scan, state, span_of(domains[i]), scan->deadline_ms);
	return status;
}

static enum status
ask_addresses(struct scan *scan, struct domain_lists *state)
{
	const struct address *author;
	const char *text = "";
	enum status status = history_author(scan->region, scan, &author);

	if (status == STATUS_OK && author != NULL) {
		text = region_printf(
		    scan->region, "%s@%s", author->local_part, author->domain);
		status = text == NULL ? STATUS_NOMEM :
					ask_address(scan, state, text);
	}
	if (status == STATUS_OK &&
	    !str_equals_nocase(text, scan->envelope.sender))
		status = ask_address(scan, state, scan->envelope.sender);
	return status;
}

/* The most telling names first: there is a limit. */
static enum status
domain_lists_start(struct scan *scan, void **state_r)
{
	const char *at = strrchr(scan->envelope.sender, '@');
	struct domain_lists *state;
	enum status status;

	if (scan->services->lists == NULL)
		return STATUS_OK;
	if ((state = region_alloc(scan->region, sizeof(*state))) == NULL)
		return STATUS_NOMEM;
	*state_r = state;
	status = ask_domain(
	    scan, state, span_of(scan->verdict.header_from), scan->deadline_ms);
	if (status == STATUS_OK && at != NULL)
		status =
		    ask_domain(scan, state, span_of(at + 1), scan->deadline_ms);
	if (status == STATUS_OK)
		status = ask_domain(scan, state, span_of(scan->envelope.helo),
		    scan->deadline_ms);
	if (status == STATUS_OK)
		status = ask_signers(scan, state);
	if (status == STATUS_OK)
		status = ask_addresses(scan, state);
	return status;
}

static enum status
domain_lists_join(struct scan *scan, void *argument)
{
	struct domain_lists *state = argument;
	const struct facts *facts = &scan->verdict.facts;
	enum status status = STATUS_OK;
	size_t i;

	if (facts->has_iprev && facts->iprev.name != NULL)
		status = ask_domain(scan, state, span_of(facts->iprev.name),
		    clock_now_ms() + scan->settings->scan.timeout);
	for (i = 0; i < state->query_count && status == STATUS_OK; i++)
		status = list_hits_add(scan, state->queries[i]);
	return status;
}

static void
domain_lists_stop(void *argument)
{
	struct domain_lists *state = argument;
	size_t i;

	for (i = 0; i < state->query_count; i++)
		lists_end(&state->queries[i]);
}

const struct check check_domain_lists = { "domain-lists", SCAN_PHASE_HEADER,
	domain_lists_start, domain_lists_join, domain_lists_stop, NULL, false };
