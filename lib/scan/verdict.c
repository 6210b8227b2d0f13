/* verdict - the one place that decides what happens to a message. */
#include "config.h"

#include "lib/scan/verdict.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "lib/base/clock.h"
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

/* The domain asks for rejection and the configuration follows it. */
static enum status
reject_by_policy(struct scan *scan, const char *domain)
{
	return refuse(scan, ACTION_REJECT,
	    region_printf(scan->region,
		"Mail from %s is refused: neither SPF nor DKIM proves the "
		"sender, and %s asks to reject such mail (DMARC p=reject) [%s]",
		domain, domain, scan->verdict.id));
}

static enum status
apply_reject(struct scan *scan, const char *domain)
{
	switch ((enum settings_on_reject)scan->settings->dmarc.on_reject) {
	case SETTINGS_ON_REJECT_REJECT:
		return reject_by_policy(scan, domain);
	case SETTINGS_ON_REJECT_JUNK:
		scan->verdict.action = ACTION_JUNK;
		return STATUS_OK;
	case SETTINGS_ON_REJECT_MARK:
		return STATUS_OK;
	}
	return STATUS_OK;
}

static enum status
apply_policy(struct scan *scan, const struct auth_dmarc_result *dmarc)
{
	char domain[REPLY_DOMAIN_BYTES], *p;
	enum status status;

	str_sanitize(domain, sizeof(domain), span_of(dmarc->author_domain));
	for (p = domain; *p != '\0'; p++)
		if (*p == '%') /* libmilter's reply is a format */
			*p = '?';
	status = add_reason(&scan->verdict,
	    region_printf(
		scan->region, "%s says that such mail is forged", domain));
	if (status != STATUS_OK)
		return status;
	switch (dmarc->disposition) {
	case DMARC_POLICY_NONE:
		break;
	case DMARC_POLICY_QUARANTINE:
		if (scan->settings->dmarc.on_quarantine ==
		    SETTINGS_ON_QUARANTINE_JUNK)
			scan->verdict.action = ACTION_JUNK;
		break;
	case DMARC_POLICY_REJECT:
		return apply_reject(scan, domain);
	}
	return STATUS_OK;
}

enum status
verdict_decide(struct scan *scan)
{
	struct verdict *verdict = &scan->verdict;
	const struct auth_dmarc_result *dmarc = &verdict->facts.dmarc;

	make_id(verdict->id);
	verdict->action = ACTION_ACCEPT;
	if (scan->message.truncated)
		return refuse(scan, ACTION_REJECT,
		    region_printf(scan->region,
			"The header of the message is too large [%s]",
			verdict->id));
	if (!verdict->facts.has_dmarc)
		return STATUS_OK;
	if (dmarc->result == AUTH_FAIL &&
	    dmarc->disposition != DMARC_POLICY_NONE)
		return apply_policy(scan, dmarc);
	if (dmarc->result == AUTH_TEMPERROR &&
	    scan->settings->scan.on_temperror == SETTINGS_TEMPERROR_TEMPFAIL)
		return refuse(scan, ACTION_TEMPFAIL,
		    region_printf(scan->region,
			"The sender could not be verified now, try again "
			"later [%s]",
			verdict->id));
	return STATUS_OK;
}
