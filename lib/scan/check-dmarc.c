/*
 * check-dmarc - the author domain's policy (RFC 9989).  All names of the tree
 * walks are asked when the header is known; the decision needs the facts of
 * SPF and DKIM, so this check is joined behind them.
 */
#include "config.h"

#include "lib/auth/dmarc.h"

#include <string.h>

#include "lib/mail/address.h"
#include "lib/scan/scan-private.h"

#define FROM_FIELDS_MAX    4 /* one is allowed (RFC 5322 section 3.6) */
#define IDENTIFIERS_MAX    (DKIM_SIGNATURES_MAX + 1)
#define AUTHOR_DOMAINS_MAX (FROM_FIELDS_MAX * (ADDRESS_MAX + 1) + 1)

static void
dmarc_stop(void *argument)
{
	struct auth_dmarc *dmarc = argument;

	auth_dmarc_free(&dmarc);
}

/* The domains of one From field, behind those already collected. */
static enum status
collect_domains(
    struct scan *scan, struct span value, const char **domains, size_t *count)
{
	struct address *addresses;
	size_t i, address_count, broken;
	enum status status;

	status = address_parse_list(
	    scan->region, value, &addresses, &address_count, &broken);
	if (status != STATUS_OK && status != STATUS_LIMIT)
		return status;
	if (status == STATUS_LIMIT) /* an author that nobody checks */
		domains[(*count)++] = "";
	for (i = 0; i < address_count; i++)
		domains[(*count)++] = addresses[i].domain;
	return STATUS_OK;
}

static enum status
author_domains(struct scan *scan, const char ***domains_r, size_t *count_r)
{
	const struct message_field *field;
	const char **domains;
	enum status status;
	size_t i;

	*count_r = 0;
	domains = region_alloc_array(
	    scan->region, AUTHOR_DOMAINS_MAX, sizeof(*domains));
	if ((*domains_r = domains) == NULL)
		return STATUS_NOMEM;
	for (i = 0; i <= FROM_FIELDS_MAX; i++) {
		field = message_find(&scan->message, "From", i);
		if (field == NULL)
			break;
		if (i == FROM_FIELDS_MAX) { /* nobody reads them all */
			domains[(*count_r)++] = "";
			break;
		}
		status = collect_domains(scan, field->value, domains, count_r);
		if (status != STATUS_OK)
			return status;
	}
	return STATUS_OK;
}

/* Walks of the domains that may align, so that joining finds them ready. */
static enum status
start_identifiers(struct scan *scan, struct auth_dmarc *dmarc)
{
	const char *domains[DKIM_SIGNATURES_MAX];
	const char *at = strrchr(scan->envelope.sender, '@');
	size_t i, count = 0;
	enum status status;

	if (at != NULL && at[1] != '\0') {
		status = auth_dmarc_start_domain(dmarc, at + 1);
		if (status != STATUS_OK)
			return status;
	}
	if (scan->dkim != NULL)
		count =
		    auth_dkim_domains(scan->dkim, domains, GP_NELEMS(domains));
	for (i = 0; i < count; i++) {
		status = auth_dmarc_start_domain(dmarc, domains[i]);
		if (status != STATUS_OK)
			return status;
	}
	return STATUS_OK;
}

static enum status
dmarc_start(struct scan *scan, void **state_r)
{
	struct auth_dmarc *dmarc;
	const char **domains;
	size_t count;
	enum status status;

	if ((status = author_domains(scan, &domains, &count)) != STATUS_OK)
		return status;
	scan->verdict.header_from = count > 0 ? domains[0] : "";
	status = auth_dmarc_start(scan->region, scan->services->dns, domains,
	    count, scan->deadline_ms, &dmarc);
	if (status != STATUS_OK)
		return status;
	*state_r = dmarc;
	return start_identifiers(scan, dmarc);
}

static void
add_identifier(struct auth_dmarc_identifier *identifiers, size_t *count,
    const char *domain, enum auth_result result, bool is_spf)
{
	if (domain == NULL || domain[0] == '\0' ||
	    (result != AUTH_PASS && result != AUTH_TEMPERROR))
		return;
	identifiers[*count].domain = domain;
	identifiers[*count].is_spf = is_spf;
	identifiers[*count].temporary = result == AUTH_TEMPERROR;
	(*count)++;
}

static enum status
dmarc_join(struct scan *scan, void *argument)
{
	struct auth_dmarc_identifier identifiers[IDENTIFIERS_MAX];
	struct facts *facts = &scan->verdict.facts;
	size_t i, count = 0;

	/* The HELO identity stands for a null sender (RFC 9989 section 4.4). */
	if (facts->has_spf_sender)
		add_identifier(identifiers, &count, facts->spf_sender.domain,
		    facts->spf_sender.result, true);
	else if (facts->has_spf_helo)
		add_identifier(identifiers, &count, facts->spf_helo.domain,
		    facts->spf_helo.result, true);
	for (i = 0; i < facts->dkim.signature_count; i++) {
		if (facts->dkim.signatures[i].unsigned_body_bytes > 0 &&
		    !scan->settings->dmarc.trust_partly_signed_body)
			continue;
		add_identifier(identifiers, &count,
		    facts->dkim.signatures[i].domain,
		    facts->dkim.signatures[i].result, false);
	}
	facts->has_dmarc = true;
	return auth_dmarc_finish(argument, identifiers, count, &facts->dmarc);
}

const struct check check_dmarc = { "dmarc", SCAN_PHASE_HEADER, dmarc_start,
	dmarc_join, dmarc_stop, NULL, false };
