/*
 * callbacks - what libmilter calls (see callbacks.h).
 *
 * Every callback before end of message only collects and starts; it never
 * waits, but for a Postfix table of section senders (for each address at the
 * longest for senders.timeout; a dead one is not waited for again at once).
 * What goes wrong there is answered at end of message; a sender that is not its
 * login's at MAIL.
 *
 * For header fields the MTA is told that no reply comes (SMFIP_NR_*), which
 * spares a round trip each.  Not so for connect, HELO and MAIL: Postfix keeps
 * events without a reply back until it needs one, and our questions would
 * start only with DATA.
 */
#include "config.h"

#include "milter/callbacks.h"

#include <string.h>

#include "lib/base/log.h"
#include "lib/scan/headers.h"
#include "milter/session.h"

#define WANTED_ACTIONS \
	(SMFIF_ADDHDRS | SMFIF_CHGHDRS | SMFIF_SETSYMLIST | SMFIF_QUARANTINE)
#define WANTED_PROTOCOL                                                    \
	(SMFIP_NOUNKNOWN | SMFIP_NODATA | SMFIP_SKIP | SMFIP_HDR_LEADSPC | \
	    SMFIP_NR_RCPT | SMFIP_NR_HDR | SMFIP_NR_EOH)

/* libmilter gives callbacks no argument of ours: set once, before it starts. */
static struct callbacks_source *callbacks_source;

static struct session *
session_of(SMFICTX *context)
{
	return smfi_getpriv(context);
}

/* The answer of a callback that has nothing to say. */
static sfsistat
quiet(const struct session *session, unsigned long flag)
{
	if (session != NULL && (session->protocol & flag) != 0)
		return SMFIS_NOREPLY;
	return SMFIS_CONTINUE;
}

static const char *
macro(SMFICTX *context, const char *name)
{
	/* libmilter's prototype lacks the const, it does not write */
	return smfi_getsymval(context, (char *)(uintptr_t)name);
}

/* Postfix does not send these at every stage by default. */
static void
ask_for_macros(SMFICTX *context)
{
	static char mail[] = "i {auth_authen}";
	static char end[] = "i";

	(void)smfi_setsymlist(context, SMFIM_ENVFROM, mail);
	(void)smfi_setsymlist(context, SMFIM_EOH, end);
	(void)smfi_setsymlist(context, SMFIM_EOM, end);
}

static sfsistat
on_negotiate(SMFICTX *context, unsigned long actions, unsigned long protocol,
    unsigned long unused2 GP_UNUSED, unsigned long unused3 GP_UNUSED,
    unsigned long *actions_r, unsigned long *protocol_r,
    unsigned long *unused2_r, unsigned long *unused3_r)
{
	struct session *session;

	session = callbacks_source->session_new(callbacks_source->argument);
	if (session == NULL) {
		log_error("no memory for a session");
		return SMFIS_REJECT;
	}
	atomic_fetch_add(&callbacks_source->session_count, 1);
	smfi_setpriv(context, session);
	session->protocol = protocol & WANTED_PROTOCOL;
	if ((actions & SMFIF_SETSYMLIST) != 0)
		ask_for_macros(context);
	*actions_r = actions & WANTED_ACTIONS;
	*protocol_r = session->protocol;
	*unused2_r = 0;
	*unused3_r = 0;
	return SMFIS_CONTINUE;
}

static sfsistat
on_connect(SMFICTX *context, char *host_name, _SOCK_ADDR *address)
{
	struct session *session = session_of(context);
	struct ip client_ip = ip_from_sockaddr((struct sockaddr *)address);

	if (session != NULL)
		session_connect(
		    session, &client_ip, host_name == NULL ? "" : host_name);
	return SMFIS_CONTINUE;
}

static sfsistat
on_helo(SMFICTX *context, char *helo)
{
	struct session *session = session_of(context);

	if (session != NULL)
		session_helo(session, helo == NULL ? "" : helo);
	return SMFIS_CONTINUE;
}

/* The reply of a verdict that refuses or defers. */
static sfsistat
refuse(SMFICTX *context, const struct verdict *verdict)
{
	(void)smfi_setreply(context, (char *)(uintptr_t)verdict->reply_code,
	    (char *)(uintptr_t)verdict->reply_enhanced,
	    (char *)(uintptr_t)verdict->reply_text);
	return verdict->action == ACTION_REJECT ? SMFIS_REJECT : SMFIS_TEMPFAIL;
}

static sfsistat
on_envfrom(SMFICTX *context, char **arguments)
{
	struct session *session = session_of(context);
	const struct verdict *refusal;

	if (session == NULL)
		return SMFIS_CONTINUE;
	session_mail(session, arguments[0], macro(context, "{auth_authen}"));
	refusal = session_refusal(session);
	return refusal == NULL ? SMFIS_CONTINUE : refuse(context, refusal);
}

static sfsistat
on_envrcpt(SMFICTX *context, char **arguments)
{
	struct session *session = session_of(context);

	if (session != NULL)
		session_rcpt(session, arguments[0]);
	return quiet(session, SMFIP_NR_RCPT);
}

static sfsistat
on_header(SMFICTX *context, char *name, char *value)
{
	struct session *session = session_of(context);

	if (session != NULL)
		session_field(session, name, value);
	return quiet(session, SMFIP_NR_HDR);
}

static sfsistat
on_eoh(SMFICTX *context)
{
	struct session *session = session_of(context);

	if (session != NULL)
		session_header_end(session, macro(context, "i"));
	return quiet(session, SMFIP_NR_EOH);
}

static sfsistat
on_body(SMFICTX *context, unsigned char *chunk, size_t length)
{
	struct session *session = session_of(context);

	if (session == NULL || session_body(session, chunk, length))
		return SMFIS_CONTINUE;
	return (session->protocol & SMFIP_SKIP) != 0 ? SMFIS_SKIP :
						       SMFIS_CONTINUE;
}

static void
remove_field(void *context, const char *name, int index)
{
	if (smfi_chgheader(context, (char *)(uintptr_t)name, index, NULL) !=
	    MI_SUCCESS)
		log_error("header %s %d could not be removed", name, index);
}

/* At the very top, above the MTA's own Received; the last one goes first. */
static bool
insert_headers(SMFICTX *context, const struct session *session,
    const struct verdict *verdict)
{
	bool blank = (session->protocol & SMFIP_HDR_LEADSPC) != 0;
	char *value;
	size_t i;

	for (i = verdict->header_count; i > 0; i--) {
		value = region_printf(scan_region(session->scan), "%s%s",
		    blank ? " " : "", verdict->headers[i - 1].value);
		if (value == NULL ||
		    smfi_insheader(context, 0,
			(char *)(uintptr_t)verdict->headers[i - 1].name,
			value) != MI_SUCCESS) {
			log_error("header %s could not be added",
			    verdict->headers[i - 1].name);
			return false;
		}
	}
	return true;
}

static sfsistat
defer(SMFICTX *context, const char *text)
{
	(void)smfi_setreply(context, (char *)(uintptr_t) "451",
	    (char *)(uintptr_t) "4.7.1", (char *)(uintptr_t)text);
	return SMFIS_TEMPFAIL;
}

/* The tag in front of the subject; a message without one gets one. */
static bool
change_subject(SMFICTX *context, const struct session *session,
    const struct verdict *verdict)
{
	bool blank = (session->protocol & SMFIP_HDR_LEADSPC) != 0;
	const char *value;

	if (verdict->subject == NULL)
		return true;
	value = region_printf(scan_region(session->scan), "%s%s",
	    blank ? " " : "", verdict->subject);
	return value != NULL &&
	    smfi_chgheader(context, (char *)(uintptr_t) "Subject", 1,
		(char *)(uintptr_t)value) == MI_SUCCESS;
}

/* Into Postfix's hold queue, where an operator decides. */
static bool
quarantine(SMFICTX *context, const struct verdict *verdict)
{
	char reason[VERDICT_REASON_BYTES];

	if (verdict->action != ACTION_QUARANTINE)
		return true;
	str_sanitize(reason, sizeof(reason), span_of(verdict->reasons[0]));
	return smfi_quarantine(context, reason) == MI_SUCCESS;
}

static sfsistat
apply_verdict(
    SMFICTX *context, struct session *session, const struct verdict *verdict)
{
	switch (verdict->action) {
	case ACTION_ACCEPT:
	case ACTION_JUNK:
	case ACTION_QUARANTINE:
		break;
	case ACTION_TEMPFAIL:
	case ACTION_REJECT:
		return refuse(context, verdict);
	}
	headers_remove_forged(scan_message(session->scan),
	    session->settings->authserv_id, remove_field, context);
	if (!change_subject(context, session, verdict) ||
	    !insert_headers(context, session, verdict) ||
	    !quarantine(context, verdict))
		return defer(context, "The message could not be marked");
	return SMFIS_CONTINUE;
}

static sfsistat
end_message(SMFICTX *context, struct session *session)
{
	const struct verdict *verdict;

	if (session_verdict(session, macro(context, "i"), &verdict) !=
	    STATUS_OK)
		return defer(context, "The message could not be checked now");
	return apply_verdict(context, session, verdict);
}

static sfsistat
on_eom(SMFICTX *context)
{
	struct session *session = session_of(context);
	sfsistat result;
	int limit;

	if (session == NULL)
		return defer(context, "The message could not be checked now");
	limit = (int)session->settings->milter.messages_max;
	if (atomic_fetch_add(&callbacks_source->ending_count, 1) >= limit) {
		log_warning(
		    "over messages_max = %d, a message is deferred", limit);
		result = defer(context, "Too many messages at once");
	} else {
		result = end_message(context, session);
	}
	session_reset(session);
	atomic_fetch_sub(&callbacks_source->ending_count, 1);
	return result;
}

static sfsistat
on_abort(SMFICTX *context)
{
	struct session *session = session_of(context);

	if (session != NULL)
		session_reset(session);
	return SMFIS_CONTINUE;
}

static sfsistat
on_close(SMFICTX *context)
{
	struct session *session = session_of(context);

	if (session == NULL)
		return SMFIS_CONTINUE;
	smfi_setpriv(context, NULL);
	session_free(&session);
	atomic_fetch_sub(&callbacks_source->session_count, 1);
	return SMFIS_CONTINUE;
}

struct smfiDesc
callbacks_table(struct callbacks_source *source)
{
	static char name[] = "gatepost";
	struct smfiDesc table = {
		.xxfi_name = name,
		.xxfi_version = SMFI_VERSION,
		.xxfi_flags = WANTED_ACTIONS,
		.xxfi_connect = on_connect,
		.xxfi_helo = on_helo,
		.xxfi_envfrom = on_envfrom,
		.xxfi_envrcpt = on_envrcpt,
		.xxfi_header = on_header,
		.xxfi_eoh = on_eoh,
		.xxfi_body = on_body,
		.xxfi_eom = on_eom,
		.xxfi_abort = on_abort,
		.xxfi_close = on_close,
		.xxfi_negotiate = on_negotiate,
	};

	callbacks_source = source;
	return table;
}
