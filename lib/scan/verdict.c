/* verdict - the one place that decides what happens to a message. */
#include "config.h"

#include "lib/scan/verdict.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "lib/base/clock.h"
#include "lib/scan/headers.h"
#include "lib/scan/scan-private.h"
#include "lib/scan/sender-login.h"

#define REPLY_TEXT_BYTES 200 /* of what is quoted in an SMTP reply */

const char *
verdict_action_text(enum verdict_action action)
{
	switch (action) {
	case ACTION_ACCEPT:
		return "accept";
	case ACTION_JUNK:
		return "junk";
	case ACTION_QUARANTINE:
		return "quarantine";
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

/* A decision by policy, in words for the SMTP reply and the reader. */
struct ruling {
	enum verdict_action action;
	const char *reply;  /* of a tempfail or reject */
	const char *reason; /* NULL: the symbols tell */
	/* of a tempfail or reject; NULL: what the action usually has */
	const char *code, *enhanced;
};

/* Text made fit for a reply, where '%' would be a format. */
static const char *
reply_text(struct scan *scan, const char *text)
{
	char clean[REPLY_TEXT_BYTES], *p;

	str_sanitize(clean, sizeof(clean), span_of(text));
	for (p = clean; *p != '\0'; p++)
		if (*p == '%')
			*p = '?';
	return region_strdup(scan->region, clean);
}

static enum verdict_action
action_of_choice(int choice)
{
	switch ((enum settings_on_reject)choice) {
	case SETTINGS_ON_REJECT_REJECT:
		return ACTION_REJECT;
	case SETTINGS_ON_REJECT_JUNK:
		return ACTION_JUNK;
	case SETTINGS_ON_REJECT_MARK:
		return ACTION_ACCEPT;
	}
	return ACTION_ACCEPT;
}

/* What the owner of the author domain asks for. */
static enum status
rule_by_policy(struct scan *scan, struct ruling *ruling)
{
	const struct settings *settings = scan->settings;
	const struct auth_dmarc_result *dmarc = &scan->verdict.facts.dmarc;
	const char *domain;

	switch (dmarc->disposition) {
	case DMARC_POLICY_NONE:
		return STATUS_OK;
	case DMARC_POLICY_QUARANTINE:
		if (settings->dmarc.on_quarantine ==
		    SETTINGS_ON_QUARANTINE_JUNK)
			ruling->action = ACTION_JUNK;
		return STATUS_OK;
	case DMARC_POLICY_REJECT:
		break;
	}
	ruling->action = action_of_choice(settings->dmarc.on_reject);
	if ((domain = reply_text(scan, dmarc->author_domain)) == NULL)
		return STATUS_NOMEM;
	ruling->reply = region_printf(scan->region,
	    "Mail from %s is refused: neither SPF nor DKIM proves the sender, "
	    "and %s asks to reject such mail (DMARC p=reject) [%s]",
	    domain, domain, scan->verdict.id);
	return ruling->reply == NULL ? STATUS_NOMEM : STATUS_OK;
}

/* No author domain that can be checked, or more than are checked. */
static enum status
rule_on_bad_from(struct scan *scan, struct ruling *ruling)
{
	ruling->action = action_of_choice(scan->settings->dmarc.on_bad_from);
	ruling->reply = region_printf(scan->region,
	    "The From field of the message does not name one author whose "
	    "domain can be checked (RFC 5322 section 3.6.2) [%s]",
	    scan->verdict.id);
	return ruling->reply == NULL ? STATUS_NOMEM : STATUS_OK;
}

/*
 * A forger can often choose that DNS does not answer; so what a domain asks to
 * refuse when it fails is by default not let in while it cannot be told.
 */
static enum status
rule_on_temperror(struct scan *scan, struct ruling *ruling)
{
	int choice = scan->settings->dmarc.on_temperror;

	if (choice == SETTINGS_TEMPERROR_ACCEPT ||
	    (choice == SETTINGS_TEMPERROR_BY_POLICY &&
		scan->verdict.facts.dmarc.policy == DMARC_POLICY_NONE))
		return STATUS_OK;
	ruling->action = ACTION_TEMPFAIL;
	ruling->reason = "the sender cannot be verified now";
	ruling->reply = region_printf(scan->region,
	    "The sender cannot be verified now, try again later [%s]",
	    scan->verdict.id);
	return ruling->reply == NULL ? STATUS_NOMEM : STATUS_OK;
}

static enum status
rule_on_dmarc(struct scan *scan, struct ruling *ruling)
{
	const struct facts *facts = &scan->verdict.facts;

	if (!facts->has_dmarc)
		return STATUS_OK;
	if (facts->dmarc.result == AUTH_FAIL)
		return rule_by_policy(scan, ruling);
	if (facts->dmarc.result == AUTH_PERMERROR)
		return rule_on_bad_from(scan, ruling);
	if (facts->dmarc.result == AUTH_TEMPERROR)
		return rule_on_temperror(scan, ruling);
	return STATUS_OK;
}

/* What our own users may not send. */
static enum verdict_action
action_on_outbound_virus(int choice)
{
	switch ((enum guard_on_virus)choice) {
	case GUARD_ON_VIRUS_REJECT:
		return ACTION_REJECT;
	case GUARD_ON_VIRUS_HOLD:
		return ACTION_QUARANTINE;
	case GUARD_ON_VIRUS_MARK:
		return ACTION_ACCEPT;
	}
	return ACTION_REJECT;
}

/* GTUBE is refused even where no score is. */
static enum status
rule_on_gtube(struct scan *scan, struct ruling *ruling)
{
	struct ruling gtube = { .action = ACTION_REJECT };

	if (!scan->envelope.is_inbound)
		gtube.action =
		    action_on_outbound_virus(scan->settings->guard.on_virus);
	if (!scan->verdict.facts.has_gtube || gtube.action < ruling->action)
		return STATUS_OK;
	gtube.reply = region_printf(scan->region,
	    "The message holds the GTUBE test text and is refused as spam [%s]",
	    scan->verdict.id);
	*ruling = gtube;
	return ruling->reply == NULL ? STATUS_NOMEM : STATUS_OK;
}

static enum verdict_action
action_on_virus(const struct scan *scan)
{
	int choice = scan->settings->clamav.on_virus;

	if (!scan->envelope.is_inbound)
		return action_on_outbound_virus(scan->settings->guard.on_virus);
	switch ((enum clamav_on_virus)choice) {
	case CLAMAV_ON_VIRUS_REJECT:
		return ACTION_REJECT;
	case CLAMAV_ON_VIRUS_QUARANTINE:
		return ACTION_QUARANTINE;
	case CLAMAV_ON_VIRUS_JUNK:
		return ACTION_JUNK;
	case CLAMAV_ON_VIRUS_MARK:
		return ACTION_ACCEPT;
	}
	return ACTION_REJECT;
}

/* What its symbol says; that may be off, and the virus be there. */
static const char *
virus_reason(struct scan *scan)
{
	const struct score *score = &scan->verdict.score;
	size_t i;

	for (i = 0; i < score->count; i++)
		if (score->symbols[i].id == SYMBOL_VIRUS)
			return score->symbols[i].reason;
	return region_printf(scan->region, "it holds the virus %s",
	    scan->verdict.facts.virus.text);
}

static enum status
rule_on_found_virus(struct scan *scan, struct ruling *ruling)
{
	const char *name = reply_text(scan, scan->verdict.facts.virus.text);

	ruling->action = action_on_virus(scan);
	ruling->reason = virus_reason(scan);
	if (name == NULL || ruling->reason == NULL)
		return STATUS_NOMEM;
	ruling->reply = region_printf(scan->region,
	    "The message holds the virus %s and is refused [%s]", name,
	    scan->verdict.id);
	return ruling->reply == NULL ? STATUS_NOMEM : STATUS_OK;
}

static enum status
rule_on_unchecked(struct scan *scan, struct ruling *ruling)
{
	ruling->action = ACTION_TEMPFAIL;
	ruling->reason = "it cannot be checked for viruses now";
	ruling->reply = region_printf(scan->region,
	    "The message cannot be checked for viruses now, try again later "
	    "[%s]",
	    scan->verdict.id);
	return ruling->reply == NULL ? STATUS_NOMEM : STATUS_OK;
}

/* A part of it is not checked, and never will be as long as it is so large. */
static enum status
rule_on_too_large(struct scan *scan, struct ruling *ruling)
{
	const char *end = "";

	switch ((enum clamav_on_too_large)scan->settings->clamav.on_too_large) {
	case CLAMAV_ON_TOO_LARGE_ACCEPT:
		return STATUS_OK;
	case CLAMAV_ON_TOO_LARGE_TEMPFAIL:
		ruling->action = ACTION_TEMPFAIL;
		end = " now, try again later";
		break;
	case CLAMAV_ON_TOO_LARGE_REJECT:
		ruling->action = ACTION_REJECT;
		end = " and is refused";
		break;
	}
	ruling->reason = "it is too large to be checked for viruses";
	ruling->reply = region_printf(scan->region,
	    "The message is too large to be checked for viruses%s [%s]", end,
	    scan->verdict.id);
	return ruling->reply == NULL ? STATUS_NOMEM : STATUS_OK;
}

/* What clamd says, where it is at least as severe as what was ruled before. */
static enum status
rule_on_virus(struct scan *scan, struct ruling *ruling)
{
	const struct facts *facts = &scan->verdict.facts;
	struct ruling virus = { .action = ACTION_ACCEPT };
	enum status status = STATUS_OK;

	if (!facts->has_virus)
		return STATUS_OK;
	switch (facts->virus.result) {
	case CLAMAV_CLEAN:
		break;
	case CLAMAV_FOUND:
		status = rule_on_found_virus(scan, &virus);
		break;
	case CLAMAV_PARTLY:
	case CLAMAV_LIMIT:
		status = rule_on_too_large(scan, &virus);
		break;
	case CLAMAV_FAILED:
		if (scan->settings->clamav.on_failure ==
		    CLAMAV_ON_FAILURE_TEMPFAIL)
			status = rule_on_unchecked(scan, &virus);
		break;
	}
	if (virus.reply != NULL && virus.action >= ruling->action)
		*ruling = virus;
	return status;
}

/* What a login is told that writes as somebody else. */
static enum status
rule_on_foreign_sender(struct scan *scan, struct ruling *ruling)
{
	const char *sentence;

	if ((ruling->reason = sender_login_sentence(scan)) == NULL)
		return STATUS_NOMEM;
	if (scan->settings->senders.action != SENDERS_ACTION_REJECT)
		return STATUS_OK;
	ruling->action = ACTION_REJECT;
	ruling->code = "553";
	ruling->enhanced = "5.7.1";
	if ((sentence = reply_text(scan, ruling->reason)) == NULL)
		return STATUS_NOMEM;
	ruling->reply =
	    region_printf(scan->region, "%s [%s]", sentence, scan->verdict.id);
	return ruling->reply == NULL ? STATUS_NOMEM : STATUS_OK;
}

static enum status
rule_on_unknown_sender(struct scan *scan, struct ruling *ruling)
{
	if (scan->settings->senders.on_error != SENDERS_ON_ERROR_TEMPFAIL ||
	    scan->settings->senders.action != SENDERS_ACTION_REJECT)
		return STATUS_OK;
	ruling->action = ACTION_TEMPFAIL;
	ruling->code = "451";
	ruling->enhanced = "4.3.0";
	ruling->reason = "what its login may write as cannot be read now";
	ruling->reply = region_printf(scan->region,
	    "What this login may send as cannot be read now, try again later "
	    "[%s]",
	    scan->verdict.id);
	return ruling->reply == NULL ? STATUS_NOMEM : STATUS_OK;
}

/* Whether the login may write as its sender; of mail that is not inbound. */
static enum status
rule_on_sender(struct scan *scan, struct ruling *ruling)
{
	const struct facts *facts = &scan->verdict.facts;

	if (!facts->has_sender)
		return STATUS_OK;
	switch (facts->sender.answer) {
	case SENDERS_ALLOWED:
		return STATUS_OK;
	case SENDERS_FOREIGN:
		return rule_on_foreign_sender(scan, ruling);
	case SENDERS_UNKNOWN:
		return rule_on_unknown_sender(scan, ruling);
	}
	return STATUS_OK;
}

static enum verdict_action
action_of_score(int total, const struct score_limits *limits)
{
	if (total >= limits->reject)
		return ACTION_REJECT;
	if (total >= limits->quarantine)
		return ACTION_QUARANTINE;
	if (total >= limits->junk)
		return ACTION_JUNK;
	return ACTION_ACCEPT;
}

/* Where an action begins: its score is never lower. */
static int
least_score(enum verdict_action action, const struct score_limits *limits)
{
	switch (action) {
	case ACTION_ACCEPT:
	case ACTION_TEMPFAIL:
		return INT_MIN;
	case ACTION_JUNK:
		return limits->junk;
	case ACTION_QUARANTINE:
		return limits->quarantine == INT_MAX ? limits->junk :
						       limits->quarantine;
	case ACTION_REJECT:
		return limits->reject == INT_MAX ? limits->junk :
						   limits->reject;
	}
	return INT_MIN;
}

static enum status
refuse_by_score(struct scan *scan, struct ruling *ruling)
{
	const struct score *score = &scan->verdict.score;
	char total[SCORE_TEXT_BYTES];
	const char *reason = "";
	size_t strongest;

	if (score_strongest(score, true, &strongest, 1) == 1)
		reason = reply_text(scan, score->symbols[strongest].reason);
	if (reason == NULL)
		return STATUS_NOMEM;
	ruling->reply = region_printf(scan->region,
	    "The message is refused as spam, score %s: %s [%s]",
	    score_text(score->total, total), reason, scan->verdict.id);
	return ruling->reply == NULL ? STATUS_NOMEM : STATUS_OK;
}

/* Of inbound mail alone: outbound mail is counted by its score (guard). */
static enum status
rule_on_score(struct scan *scan, struct ruling *ruling)
{
	enum verdict_action action =
	    action_of_score(scan->verdict.score.total, &scan->settings->limits);

	if (!scan->envelope.is_inbound || action <= ruling->action)
		return STATUS_OK;
	ruling->action = action;
	ruling->reason = NULL;
	return action == ACTION_REJECT ? refuse_by_score(scan, ruling) :
					 STATUS_OK;
}

static void
collect_reasons(struct verdict *verdict, const struct ruling *ruling)
{
	size_t strongest[VERDICT_REASONS_MAX], i, count;
	const char *reason;

	verdict->reason_count = 0;
	if (ruling->reason != NULL)
		verdict->reasons[verdict->reason_count++] = ruling->reason;
	count = score_strongest(&verdict->score,
	    verdict->judged != ACTION_ACCEPT, strongest, VERDICT_REASONS_MAX);
	for (i = 0; i < count; i++) {
		reason = verdict->score.symbols[strongest[i]].reason;
		if (verdict->reason_count < VERDICT_REASONS_MAX &&
		    reason != ruling->reason)
			verdict->reasons[verdict->reason_count++] = reason;
	}
	if (verdict->reason_count == 0)
		verdict->reasons[verdict->reason_count++] =
		    "nothing speaks for or against it";
}

/* The verdict that follows from a ruling. */
static void
conclude(struct scan *scan, const struct ruling *ruling)
{
	struct verdict *verdict = &scan->verdict;
	bool observe = scan->settings->score.mode == SCORE_MODE_OBSERVE;

	verdict->judged = ruling->action;
	verdict->action = observe ? ACTION_ACCEPT : ruling->action;
	if (scan->envelope.is_inbound)
		score_raise(&verdict->score,
		    least_score(verdict->judged, &scan->settings->limits));
	collect_reasons(verdict, ruling);
	verdict->reply_code = verdict->reply_enhanced = NULL;
	verdict->reply_text = NULL;
	if (verdict->action < ACTION_TEMPFAIL)
		return;
	verdict->reply_code = verdict->action == ACTION_REJECT ? "550" : "451";
	verdict->reply_enhanced =
	    verdict->action == ACTION_REJECT ? "5.7.1" : "4.7.1";
	verdict->reply_text = ruling->reply;
	if (ruling->code != NULL) {
		verdict->reply_code = ruling->code;
		verdict->reply_enhanced = ruling->enhanced;
	}
}

const char *
verdict_abuse(const struct scan *scan)
{
	if (scan->message.truncated)
		return "The header of the message is too large";
	if (headers_count_forged(&scan->message, scan->settings->authserv_id) >
	    HEADERS_FORGED_MAX)
		return "The message carries too many header fields that only "
		       "this host may write";
	return NULL;
}

/* Whatever its score is: we have not seen all of it, or would leave some of the
 * forged fields in it. */
static enum status
refuse_abuse(struct scan *scan, const char *abuse)
{
	struct ruling ruling = { .action = ACTION_REJECT, .reason = abuse };

	ruling.reply =
	    region_printf(scan->region, "%s [%s]", abuse, scan->verdict.id);
	if (ruling.reply == NULL)
		return STATUS_NOMEM;
	conclude(scan, &ruling);
	return STATUS_OK;
}

enum status
verdict_decide(struct scan *scan)
{
	struct verdict *verdict = &scan->verdict;
	const struct score_limits *limits = &scan->settings->limits;
	const char *abuse = verdict_abuse(scan);
	struct ruling ruling = { .action = ACTION_ACCEPT };
	enum status status;

	make_id(verdict->id);
	verdict->required = limits->junk;
	if ((status = auth_symbols_add(scan)) != STATUS_OK)
		return status;
	score_sum(&verdict->score, limits);
	if (abuse != NULL)
		return refuse_abuse(scan, abuse);
	if ((status = rule_on_dmarc(scan, &ruling)) != STATUS_OK)
		return status;
	if ((status = rule_on_sender(scan, &ruling)) != STATUS_OK)
		return status;
	if ((status = rule_on_virus(scan, &ruling)) != STATUS_OK)
		return status;
	if ((status = rule_on_gtube(scan, &ruling)) != STATUS_OK)
		return status;
	if ((status = rule_on_score(scan, &ruling)) != STATUS_OK)
		return status;
	conclude(scan, &ruling);
	return STATUS_OK;
}

enum status
verdict_refuse_sender(struct scan *scan)
{
	struct ruling ruling = { .action = ACTION_ACCEPT };
	enum status status;

	make_id(scan->verdict.id);
	status = rule_on_sender(scan, &ruling);
	if (status != STATUS_OK || ruling.action < ACTION_TEMPFAIL ||
	    scan->settings->score.mode == SCORE_MODE_OBSERVE)
		return status;
	scan->verdict.required = scan->settings->limits.junk;
	conclude(scan, &ruling);
	scan->is_refused = true;
	return STATUS_OK;
}
