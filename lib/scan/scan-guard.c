/* scan-guard - limits of outbound mail (see scan-guard.h). */
#include "config.h"

#include "lib/scan/scan-guard.h"

#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/strbuf.h"
#include "lib/guard/guard-notice.h"
#include "lib/scan/scan-private.h"

#define NAME_BYTES   100 /* of a sender, in a reason */
#define REASON_BYTES 200

/* Bounces of this host and our own notices come that way. */
static bool
is_of_system(const struct envelope *envelope)
{
	const struct ip *ip = &envelope->client_ip;
	struct ip loopback;

	if (envelope->login[0] != '\0' || envelope->sender[0] != '\0')
		return false;
	if (ip->family == AF_INET)
		return ip->bytes[0] == 127;
	return ip_parse("::1", &loopback) == STATUS_OK &&
	    ip_equals(ip, &loopback);
}

static bool
is_counted(const struct scan *scan)
{
	const struct envelope *envelope = &scan->envelope;
	const struct guard_conf *conf = &scan->settings->guard;

	return scan->services->guard_clients != NULL &&
	    scan->services->store != NULL && !envelope->is_inbound &&
	    scan->verdict.action < ACTION_TEMPFAIL && !guard_is_off(conf) &&
	    !is_of_system(envelope) &&
	    !guard_is_excepted(conf, envelope->login, &envelope->client_ip);
}

static struct guard_amounts
amounts_of(const struct scan *scan)
{
	int points = scan->verdict.score.total;
	struct guard_amounts amounts = { {
	    [GUARD_MESSAGES] = 1,
	    [GUARD_RECIPIENTS] = (double)scan->envelope.recipient_count,
	    [GUARD_JUNK] =
		points < scan->settings->limits.junk ? 0 : points / 100.0,
	} };

	return amounts;
}

static enum verdict_action
action_of(const struct guard_conf *conf)
{
	switch ((enum guard_action)conf->action) {
	case GUARD_ACTION_HOLD:
		return ACTION_QUARANTINE;
	case GUARD_ACTION_DEFER:
		return ACTION_TEMPFAIL;
	case GUARD_ACTION_REJECT:
		return ACTION_REJECT;
	}
	return ACTION_QUARANTINE;
}

/* "ann is over its limit of 100 messages in 1m"; NULL when memory is short. */
static const char *
reason_of(struct scan *scan, const struct guard_sender *sender,
    enum guard_limit limit)
{
	struct strbuf *text = strbuf_new(REASON_BYTES);
	char name[NAME_BYTES];
	const char *reason;

	if (text == NULL)
		return NULL;
	strbuf_printf(text, "%s is over its limit of ",
	    str_sanitize(name, sizeof(name), span_of(sender->name)));
	guard_limit_write(&scan->settings->guard, limit, text);
	reason = region_strdup(scan->region, strbuf_text(text));
	strbuf_free(&text);
	return reason;
}

/* In front of all others. */
static void
put_reason(struct verdict *verdict, const char *reason)
{
	if (verdict->reason_count == VERDICT_REASONS_MAX)
		verdict->reason_count--;
	memmove(verdict->reasons + 1, verdict->reasons,
	    verdict->reason_count * sizeof(*verdict->reasons));
	verdict->reasons[0] = reason;
	verdict->reason_count++;
}

static enum status
put_reply(struct scan *scan)
{
	struct verdict *verdict = &scan->verdict;
	bool is_reject = verdict->action == ACTION_REJECT;

	if (verdict->action < ACTION_TEMPFAIL)
		return STATUS_OK;
	verdict->reply_code = is_reject ? "550" : "451";
	verdict->reply_enhanced = is_reject ? "5.7.1" : "4.7.1";
	verdict->reply_text = region_printf(scan->region,
	    "You have sent more mail than is allowed in this time; %s [%s]",
	    is_reject ? "ask your postmaster" : "try again later", verdict->id);
	return verdict->reply_text == NULL ? STATUS_NOMEM : STATUS_OK;
}

/* One line when a sender goes over a limit. */
static void
log_over(const struct scan *scan, const struct guard_sender *sender,
    const char *reason)
{
	char ip[IP_TEXT_BYTES];
	struct log_fields fields;

	log_fields_init(&fields);
	log_field(&fields, "sender", sender->name);
	log_field(&fields, "client", ip_text(&scan->envelope.client_ip, ip));
	log_field(&fields, "action", verdict_action_text(scan->verdict.action));
	log_field_number(
	    &fields, "seconds", scan->settings->guard.duration / 1000);
	log_field(&fields, "reason", reason);
	log_warning("guard: limit reached %s", fields.text);
}

static enum status
stop(struct scan *scan, const struct guard_sender *sender,
    const struct guard_state *state)
{
	const struct guard_notice_services services = { scan->services->pool,
		scan->services->store, scan->services->guard_clients };
	const struct settings *settings = scan->settings;
	bool observe = settings->score.mode == SCORE_MODE_OBSERVE;
	const char *reason = reason_of(scan, sender, state->limit);

	if (reason == NULL)
		return STATUS_NOMEM;
	put_reason(&scan->verdict, reason);
	scan->verdict.judged = action_of(&settings->guard);
	if (!observe)
		scan->verdict.action = scan->verdict.judged;
	if (state->is_new)
		log_over(scan, sender, reason);
	if (!state->is_told && !observe)
		guard_notice_post(
		    &services, &settings->guard, settings->authserv_id, sender);
	return put_reply(scan);
}

enum status
scan_guard(struct scan *scan)
{
	const struct envelope *envelope = &scan->envelope;
	struct guard_amounts amounts = amounts_of(scan);
	struct guard_sender sender;
	struct guard_state state;
	enum status status;

	if (!is_counted(scan))
		return STATUS_OK;
	status = guard_sender_of(
	    scan->region, envelope->login, &envelope->client_ip, &sender);
	if (status != STATUS_OK)
		return status;
	guard_clients_note(scan->services->guard_clients, sender.name,
	    &envelope->client_ip, clock_wall_seconds());
	/* The store logs why it fails. */
	if (guard_count(scan->services->store, &scan->settings->guard, &sender,
		&amounts, &state) != STATUS_OK ||
	    !state.is_over)
		return STATUS_OK;
	return stop(scan, &sender, &state);
}
