/* verdict - the one place that decides what happens to a message. */
#include "config.h"

#include "lib/scan/verdict.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "lib/base/clock.h"
#include "lib/scan/headers.h"
#include "lib/scan/scan-private.h"

#define REPLY_DOMAIN_BYTES 128 /* of a domain quoted in an SMTP reply */

const char *
verdict_action_text(enum verdict_action action)
{
	switch (action) {
	case ACTION_ACCEPT:
		return "accept";
	case ACTION_JUNK:
		return "junk";
	case ACTION_TEMPFAIL:
		return "tempfail";
	case ACTION_REJECT:
		return "reject";
	}
	return "accept";
}

static void
make_id(char id[VERDICT_ID_BYTES])
{
	uint64_t number;

	/* Without randomness the clock will do: it need not be secret. */
	if (getrandom(&number, sizeof(number), GRND_NONBLOCK) !=
	    (ssize_t)sizeof(number))
		number = (uint64_t)clock_now_ms() ^ (uintptr_t)id;
	snprintf(id, VERDICT_ID_BYTES, "%016" PRIx64, number);
}

static enum status
add_reason(struct verdict *verdict, const char *reason)
{
	if (reason == NULL)
		return STATUS_NOMEM;
	if (verdict->reason_count < VERDICT_REASONS_MAX)
		verdict->reasons[verdict->reason_count++] = reason;
	return STATUS_OK;
}

static enum status
refuse(struct scan *scan, enum verdict_action action, const char *text)
{
	struct verdict *verdict = &scan->verdict;

	if (text == NULL)
		return STATUS_NOMEM;
	verdict->action = action;
	verdict->reply_code = action == ACTION_REJECT ? "550" : "451";
	verdict->reply_enhanced = action == ACTION_REJECT ? "5.7.1" : "4.7.1";
	verdict->reply_text = text;
	return STATUS_OK;
}

/* What a key of this kind says, with the sentence for a refusal. */
static enum status
apply_choice(struct scan *scan, int choice, const char *refusal)
{
	switch ((enum settings_on_reject)choice) {
	case SETTINGS_ON_REJECT_REJECT:
		return refuse(scan, ACTION_REJECT, refusal);
	case SETTINGS_ON_REJECT_JUNK:
		scan->verdict.action = ACTION_JUNK;
		return STATUS_OK;
	case SETTINGS_ON_REJECT_MARK:
		return STATUS_OK;
	}
	return STATUS_OK;
}

/* The author domain made fit for a reply, where '%' would be a format. */
static const char *
reply_domain(struct scan *scan)
{
	char domain[REPLY_DOMAIN_BYTES], *p;

	str_sanitize(domain, sizeof(domain),
	    span_of(scan->verdict.facts.dmarc.author_domain));
	for (p = domain; *p != '\0'; p++)
		if (*p == '%')
			*p = '?';
	return region_strdup(scan->region, domain);
}

static enum status
apply_policy(struct scan *scan)
{
	const struct settings *settings = scan->settings;
	const char *domain = reply_domain(scan);
	enum status status;

	if (domain == NULL)
		return STATUS_NOMEM;
	status = add_reason(&scan->verdict,
	    region_printf(
		scan->region, "%s says that such mail is forged", domain));
	if (status != STATUS_OK)
		return status;
	switch (scan->verdict.facts.dmarc.disposition) {
	case DMARC_POLICY_NONE:
		break;
	case DMARC_POLICY_QUARANTINE:
		if (settings->dmarc.on_quarantine ==
		    SETTINGS_ON_QUARANTINE_JUNK)
			scan->verdict.action = ACTION_JUNK;
		break;
	case DMARC_POLICY_REJECT:
		return apply_choice(scan, settings->dmarc.on_reject,
		    region_printf(scan->region,
			"Mail from %s is refused: neither SPF nor DKIM proves "
			"the sender, and %s asks to reject such mail (DMARC "
			"p=reject) [%s]",
			domain, domain, scan->verdict.id));
	}
	return STATUS_OK;
}

/* No author domain that can be checked, or more than are checked. */
static enum status
apply_bad_from(struct scan *scan)
{
	enum status status;

	status = add_reason(
	    &scan->verdict, "the From field does not tell who wrote this");
	if (status != STATUS_OK)
		return status;
	return apply_choice(scan, scan->settings->dmarc.on_bad_from,
	    region_printf(scan->region,
		"The From field of the message does not name one author whose "
		"domain can be checked (RFC 5322 section 3.6.2) [%s]",
		scan->verdict.id));
}

/*
 * A forger can often choose that DNS does not answer; so what a domain asks to
 * refuse when it fails is by default not let in while it cannot be told.
 */
static enum status
apply_temperror(struct scan *scan)
{
	int choice = scan->settings->dmarc.on_temperror;

	if (choice == SETTINGS_TEMPERROR_ACCEPT ||
	    (choice == SETTINGS_TEMPERROR_BY_POLICY &&
		scan->verdict.facts.dmarc.policy == DMARC_POLICY_NONE))
		return STATUS_OK;
	return refuse(scan, ACTION_TEMPFAIL,
	    region_printf(scan->region,
		"The sender cannot be verified now, try again later [%s]",
		scan->verdict.id));
}

/* What no message of good faith looks like, whatever the checks say. */
static const char *
find_abuse(const struct scan *scan)
{
	if (scan->message.truncated)
		return "The header of the message is too large";
	if (headers_count_forged(&scan->message, scan->settings->authserv_id) >
	    HEADERS_FORGED_MAX)
		return "The message carries too many header fields that only "
		       "this host may write";
	return NULL;
}

enum status
verdict_decide(struct scan *scan)
{
	struct verdict *verdict = &scan->verdict;
	const struct auth_dmarc_result *dmarc = &verdict->facts.dmarc;
	const char *abuse = find_abuse(scan);

	make_id(verdict->id);
	verdict->action = ACTION_ACCEPT;
	if (abuse != NULL)
		return refuse(scan, ACTION_REJECT,
		    region_printf(scan->region, "%s [%s]", abuse, verdict->id));
	if (!verdict->facts.has_dmarc)
		return STATUS_OK;
	if (dmarc->result == AUTH_FAIL &&
	    dmarc->disposition != DMARC_POLICY_NONE)
		return apply_policy(scan);
	if (dmarc->result == AUTH_PERMERROR)
		return apply_bad_from(scan);
	if (dmarc->result == AUTH_TEMPERROR)
		return apply_temperror(scan);
	return STATUS_OK;
}
