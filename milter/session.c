/* session - one SMTP connection (see session.h). */
#include "config.h"

#include "milter/session.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/scan/report.h"

static const char *const state_names[] = {
	[SESSION_STATE_CONNECTED] = "connected",
	[SESSION_STATE_MAIL] = "mail",
	[SESSION_STATE_HEADER] = "header",
	[SESSION_STATE_BODY] = "body",
};

static void
enter_state(struct session *session, enum session_state state)
{
	if (session->state == state)
		return;
	log_debug("session %p: %s -> %s", (void *)session,
	    state_names[session->state], state_names[state]);
	session->state = state;
}

/* A failure of ours costs this message a tempfail, never the daemon. */
static void
note(struct session *session, enum status status)
{
	if (status == STATUS_OK || session->failed)
		return;
	session->failed = true;
	log_error("message cannot be checked: %s", status_text(status));
}

/* A copy in the region of the message; NULL was noted. */
static const char *
keep(struct session *session, const char *text)
{
	const char *copy;

	copy =
	    region_strdup(scan_region(session->scan), text == NULL ? "" : text);
	if (copy == NULL)
		note(session, STATUS_NOMEM);
	return copy == NULL ? "" : copy;
}

/* The scan of the next message, with what the connection told. */
static void
open_scan(struct session *session)
{
	struct envelope *envelope;
	enum status status;

	scan_free(&session->scan);
	status = scan_new(session->services, session->settings, &session->scan);
	note(session, status);
	if (status != STATUS_OK)
		return;
	envelope = scan_envelope(session->scan);
	envelope->client_ip = session->client_ip;
	envelope->client_name = session->client_name;
	envelope->helo = session->helo;
	envelope->is_inbound =
	    !settings_ip_is_own(session->settings, &session->client_ip);
}

static void
reach(struct session *session, enum scan_phase phase)
{
	if (session->scan != NULL && !session->failed)
		note(session, scan_reach(session->scan, phase));
}

struct session *
session_new(
    const struct scan_services *services, const struct settings *settings)
{
	struct session *session;

	if ((session = calloc(1, sizeof(*session))) == NULL)
		return NULL;
	session->settings = settings_hold(settings);
	session->services = services;
	session->client_name = "";
	session->helo = "";
	if ((session->region = region_new()) == NULL)
		session_free(&session);
	return session;
}

void
session_connect(struct session *session, const struct ip *client_ip,
    const char *client_name)
{
	const char *copy = region_strdup(session->region, client_name);

	session->client_ip = *client_ip;
	session->client_name = copy == NULL ? "" : copy;
	open_scan(session);
	reach(session, SCAN_PHASE_CONNECT);
}

void
session_free(struct session **session_ref)
{
	struct session *session = *session_ref;

	if (session == NULL)
		return;
	scan_free(&session->scan);
	settings_release(&session->settings);
	region_free(&session->region);
	free(session);
	*session_ref = NULL;
}

void
session_helo(struct session *session, const char *helo)
{
	const char *copy;

	if (strcmp(session->helo, helo) != 0) {
		copy = region_strdup(session->region, helo);
		if (copy == NULL) {
			note(session, STATUS_NOMEM);
			return;
		}
		session->helo = copy;
		if (session->scan != NULL)
			scan_envelope(session->scan)->helo = copy;
	}
	reach(session, SCAN_PHASE_HELO);
}

void
session_mail(struct session *session, const char *sender, const char *login)
{
	struct envelope *envelope;

	if (session->scan == NULL || session->state != SESSION_STATE_CONNECTED)
		open_scan(session);
	enter_state(session, SESSION_STATE_MAIL);
	if (session->scan == NULL)
		return;
	envelope = scan_envelope(session->scan);
	note(session, scan_set_sender(session->scan, sender));
	envelope->login = keep(session, login);
	envelope->recipient_count = 0;
	envelope->recipient_kept = 0;
	if (envelope->login[0] != '\0')
		envelope->is_inbound = false;
	reach(session, SCAN_PHASE_MAIL);
}

const struct verdict *
session_refusal(struct session *session)
{
	const struct verdict *verdict;

	if (session->scan == NULL || session->failed ||
	    (verdict = scan_refusal(session->scan)) == NULL)
		return NULL;
	report_log(verdict, scan_envelope(session->scan), 0);
	return verdict;
}

void
session_rcpt(struct session *session, const char *recipient)
{
	if (session->scan != NULL && !session->failed)
		note(session, scan_add_recipient(session->scan, recipient));
}

void
session_field(struct session *session, const char *name, const char *value)
{
	enter_state(session, SESSION_STATE_HEADER);
	if (session->scan == NULL || session->failed)
		return;
	note(session,
	    message_add_field(
		scan_message(session->scan), span_of(name), span_of(value)));
}

void
session_header_end(struct session *session, const char *queue_id)
{
	enter_state(session, SESSION_STATE_BODY);
	if (session->scan == NULL || session->failed)
		return;
	scan_envelope(session->scan)->queue_id = keep(session, queue_id);
	reach(session, SCAN_PHASE_HEADER);
}

bool
session_body(struct session *session, const void *data, size_t length)
{
	if (session->scan == NULL || session->failed ||
	    !scan_wants_body(session->scan))
		return false;
	note(session, scan_body(session->scan, data, length));
	return !session->failed;
}

enum status
session_verdict(struct session *session, const char *queue_id,
    const struct verdict **verdict_r)
{
	int64_t began_ms = clock_now_ms();
	struct envelope *envelope;

	*verdict_r = NULL;
	if (session->scan == NULL || session->failed)
		return STATUS_NOMEM;
	envelope = scan_envelope(session->scan);
	if (envelope->queue_id[0] == '\0')
		envelope->queue_id = keep(session, queue_id);
	note(session, scan_finish(session->scan, verdict_r));
	if (session->failed)
		return STATUS_NOMEM;
	report_log(*verdict_r, envelope, clock_now_ms() - began_ms);
	return STATUS_OK;
}

void
session_reset(struct session *session)
{
	scan_free(&session->scan);
	session->failed = false;
	enter_state(session, SESSION_STATE_CONNECTED);
}
