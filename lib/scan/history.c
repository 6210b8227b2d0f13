/* history - the source of a message out of its facts (see history.h). */
#include "config.h"

#include "lib/scan/history.h"

#include <string.h>

#include "lib/mail/domain.h"
#include "lib/scan/scan-private.h"

/* The part of a domain that its owner registered, or all of it. */
static const char *
owner_of(const char *domain)
{
	const char *organizational = domain_organizational(domain);

	return organizational != NULL ? organizational : domain;
}

/* The domain speaks for the author: DMARC does not object, same owner. */
static bool
is_aligned(const struct facts *facts, const char *domain)
{
	const struct auth_dmarc_result *dmarc = &facts->dmarc;

	if (!facts->has_dmarc ||
	    (dmarc->result != AUTH_PASS && dmarc->result != AUTH_NONE) ||
	    dmarc->author_domain[0] == '\0')
		return false;
	return strcmp(owner_of(domain), owner_of(dmarc->author_domain)) == 0;
}

static void
add_domain(const struct facts *facts, struct reputation_source *source,
    const char *domain)
{
	if (domain[0] == '\0' || source->domain_count == REPUTATION_DOMAINS_MAX)
		return;
	source->domains[source->domain_count].name = domain;
	source->domains[source->domain_count].is_aligned =
	    is_aligned(facts, domain);
	source->domain_count++;
}

static void
add_domains(const struct scan *scan, struct reputation_source *source)
{
	const struct facts *facts = &scan->verdict.facts;
	const struct auth_spf_result *spf = &facts->spf_sender;
	bool trust_partly = scan->settings->dmarc.trust_partly_signed_body;
	const struct auth_dkim_signature *signature;
	size_t i;

	/* The HELO identity stands for a null sender (RFC 7208 section 2.4). */
	if (!facts->has_spf_sender && facts->has_spf_helo)
		spf = &facts->spf_helo;
	if (spf->result == AUTH_PASS)
		add_domain(facts, source, spf->domain);
	for (i = 0; i < facts->dkim.signature_count; i++) {
		signature = &facts->dkim.signatures[i];
		if (signature->result == AUTH_PASS &&
		    (signature->unsigned_body_bytes == 0 || trust_partly))
			add_domain(facts, source, signature->domain);
	}
}

void
history_source(const struct scan *scan, struct reputation_source *source_r)
{
	const struct facts *facts = &scan->verdict.facts;

	memset(source_r, 0, sizeof(*source_r));
	source_r->client_ip = scan->envelope.client_ip;
	source_r->helo = scan->envelope.helo;
	source_r->helo_is_confirmed =
	    (facts->has_helo && facts->helo == AUTH_PASS) ||
	    (facts->has_spf_helo && facts->spf_helo.result == AUTH_PASS);
	source_r->ptr = facts->has_iprev ? facts->iprev.name : "";
	source_r->ptr_is_confirmed =
	    facts->has_iprev && facts->iprev.result == AUTH_PASS;
	add_domains(scan, source_r);
}

bool
history_author_is_proved(
    const struct scan *scan, const struct reputation_source *source)
{
	const struct facts *facts = &scan->verdict.facts;
	size_t i;

	if (!facts->has_dmarc)
		return false;
	if (facts->dmarc.result == AUTH_PASS)
		return true;
	for (i = 0; i < source->domain_count; i++)
		if (source->domains[i].is_aligned)
			return true;
	return false;
}

enum status
history_author(struct region *region, const struct scan *scan,
    const struct address **author_r)
{
	const struct message_field *field;
	struct address *addresses;
	size_t count, broken;
	enum status status;

	*author_r = NULL;
	field = message_find(&scan->message, "From", 0);
	if (field == NULL || message_find(&scan->message, "From", 1) != NULL)
		return STATUS_OK;
	status = address_parse_list(
	    region, field->value, &addresses, &count, &broken);
	if (status == STATUS_LIMIT)
		return STATUS_OK;
	if (status == STATUS_OK && count == 1 && broken == 0 &&
	    addresses[0].domain[0] != '\0')
		*author_r = &addresses[0];
	return status;
}

enum symbol_id
history_symbol(enum reputation_kind kind, bool is_bad)
{
	switch (kind) {
	case REPUTATION_ADDRESS:
		return is_bad ? SYMBOL_REPUTATION_ADDRESS_BAD :
				SYMBOL_REPUTATION_ADDRESS_GOOD;
	case REPUTATION_NETWORK:
		return is_bad ? SYMBOL_REPUTATION_NETWORK_BAD :
				SYMBOL_REPUTATION_NETWORK_GOOD;
	case REPUTATION_HELO:
		return is_bad ? SYMBOL_REPUTATION_HELO_BAD :
				SYMBOL_REPUTATION_HELO_GOOD;
	case REPUTATION_PTR:
		return is_bad ? SYMBOL_REPUTATION_PTR_BAD :
				SYMBOL_REPUTATION_PTR_GOOD;
	case REPUTATION_DOMAIN:
		break;
	}
	return is_bad ? SYMBOL_REPUTATION_DOMAIN_BAD :
			SYMBOL_REPUTATION_DOMAIN_GOOD;
}
