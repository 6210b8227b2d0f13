/*
 * auth-symbols - what the authentication results weigh.
 *
 * Together, because one result explains another: mail that a forwarder passed
 * on fails SPF and is proved by its signature all the same.  What DNS did not
 * tell (temperror) costs nothing.
 */
#include "config.h"

#include "lib/scan/scan-private.h"

static enum status
add_spf(struct scan *scan, const struct auth_spf_result *spf)
{
	switch (spf->result) {
	case AUTH_PASS:
		return scan_add(scan, SYMBOL_SPF_PASS, 1, spf->domain);
	case AUTH_FAIL:
		return scan_add(scan, SYMBOL_SPF_FAIL, 1, spf->domain);
	case AUTH_SOFTFAIL:
		return scan_add(scan, SYMBOL_SPF_SOFTFAIL, 1, spf->domain);
	case AUTH_NEUTRAL:
		return scan_add(scan, SYMBOL_SPF_NEUTRAL, 1, spf->domain);
	case AUTH_NONE:
		return scan_add(scan, SYMBOL_SPF_NONE, 1, spf->domain);
	case AUTH_PERMERROR:
		return scan_add(scan, SYMBOL_SPF_PERMERROR, 1, spf->domain);
	case AUTH_POLICY:
	case AUTH_TEMPERROR:
		break;
	}
	return STATUS_OK;
}

/* The sender's SPF; the HELO's where there is no sender, or where it fails. */
static enum status
add_all_spf(struct scan *scan, const struct facts *facts)
{
	enum status status = STATUS_OK;

	if (facts->has_spf_sender)
		status = add_spf(scan, &facts->spf_sender);
	else if (facts->has_spf_helo)
		status = add_spf(scan, &facts->spf_helo);
	if (status == STATUS_OK && facts->has_spf_helo &&
	    facts->spf_helo.result == AUTH_FAIL)
		status = scan_add(
		    scan, SYMBOL_SPF_HELO_FAIL, 1, facts->spf_helo.domain);
	return status;
}

/* One signature that holds is enough; broken ones then cost nothing. */
static enum status
add_dkim(struct scan *scan, const struct auth_dkim_results *dkim)
{
	const struct auth_dkim_signature *failed = NULL;
	size_t i;

	for (i = 0; i < dkim->signature_count; i++) {
		if (dkim->signatures[i].result == AUTH_PASS)
			return scan_add(scan, SYMBOL_DKIM_PASS, 1,
			    dkim->signatures[i].domain);
		if (dkim->signatures[i].result == AUTH_TEMPERROR)
			return STATUS_OK;
		if (failed == NULL)
			failed = &dkim->signatures[i];
	}
	if (failed == NULL)
		return scan_add(scan, SYMBOL_DKIM_NONE, 1, NULL);
	return scan_add(scan, SYMBOL_DKIM_FAIL, 1, failed->domain);
}

/* Where a policy is only to be marked, a failure weighs as one without. */
static enum symbol_id
dmarc_fail_symbol(
    const struct settings *settings, const struct auth_dmarc_result *dmarc)
{
	switch (dmarc->disposition) {
	case DMARC_POLICY_NONE:
		break;
	case DMARC_POLICY_QUARANTINE:
		if (settings->dmarc.on_quarantine !=
		    SETTINGS_ON_QUARANTINE_MARK)
			return SYMBOL_DMARC_QUARANTINE;
		break;
	case DMARC_POLICY_REJECT:
		if (settings->dmarc.on_reject != SETTINGS_ON_REJECT_MARK)
			return SYMBOL_DMARC_REJECT;
		break;
	}
	return SYMBOL_DMARC_FAIL;
}

static enum status
add_dmarc(struct scan *scan, const struct auth_dmarc_result *dmarc)
{
	const char *author = dmarc->author_domain;

	switch (dmarc->result) {
	case AUTH_PASS:
		return scan_add(scan, SYMBOL_DMARC_PASS, 1, author);
	case AUTH_NONE:
		return scan_add(scan, SYMBOL_DMARC_NONE, 1, author);
	case AUTH_FAIL:
		return scan_add(
		    scan, dmarc_fail_symbol(scan->settings, dmarc), 1, author);
	case AUTH_PERMERROR:
		return scan_add(scan, SYMBOL_DMARC_BAD_FROM, 1, NULL);
	case AUTH_SOFTFAIL:
	case AUTH_NEUTRAL:
	case AUTH_POLICY:
	case AUTH_TEMPERROR:
		break;
	}
	return STATUS_OK;
}

static enum status
add_client(struct scan *scan, const struct facts *facts)
{
	enum status status = STATUS_OK;

	if (facts->has_iprev && facts->iprev.result == AUTH_PERMERROR)
		status = scan_add(scan, SYMBOL_PTR_NONE, 1, NULL);
	if (facts->has_iprev && facts->iprev.result == AUTH_FAIL)
		status = scan_add(scan, SYMBOL_PTR_FAIL, 1, facts->iprev.name);
	if (status == STATUS_OK && facts->has_helo && facts->helo == AUTH_NONE)
		status =
		    scan_add(scan, SYMBOL_HELO_NONE, 1, scan->envelope.helo);
	if (status == STATUS_OK && facts->has_helo && facts->helo == AUTH_FAIL)
		status =
		    scan_add(scan, SYMBOL_HELO_OTHER, 1, scan->envelope.helo);
	return status;
}

enum status
auth_symbols_add(struct scan *scan)
{
	const struct facts *facts = &scan->verdict.facts;
	bool proved = facts->has_dmarc && facts->dmarc.result == AUTH_PASS;
	enum status status = add_client(scan, facts);

	/* A domain that proved itself need not do so by SPF as well. */
	if (status == STATUS_OK &&
	    !(proved && facts->spf_sender.result != AUTH_PASS))
		status = add_all_spf(scan, facts);
	if (status == STATUS_OK && facts->has_dkim &&
	    !(proved && facts->dkim.signature_count == 0))
		status = add_dkim(scan, &facts->dkim);
	if (status == STATUS_OK && facts->has_dmarc)
		status = add_dmarc(scan, &facts->dmarc);
	return status;
}
