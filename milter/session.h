/*
 * session - one SMTP connection as the milter sees it.
 *
 * Lives behind smfi_setpriv(): libmilter calls successive events of a session
 * on different threads, but never two at once.  Strings of the connection are
 * in the session's region, those of a message in the scan's.
 */
#ifndef GATEPOST_MILTER_SESSION_H
#define GATEPOST_MILTER_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/ip.h"
#include "lib/base/region.h"
#include "lib/scan/scan.h"

enum session_state {
	SESSION_STATE_CONNECTED, /* no message yet, or the last one ended */
	SESSION_STATE_MAIL,      /* a sender was named */
	SESSION_STATE_HEADER,    /* header fields are coming */
	SESSION_STATE_BODY       /* the header has ended */
};

struct session {
	const struct scan_services *services;
	const struct settings *settings; /* in force when it began */
	struct region *region;
	enum session_state state;
	struct ip client_ip;
	const char *client_name;
	const char *helo;
	struct scan *scan; /* of the next or the current message; or NULL */
	bool failed;       /* memory was short: the message is deferred */
	unsigned long protocol; /* SMFIP_* flags that were agreed upon */
};

/*
 * session_new - a session of a client not yet known.
 *
 * services and settings: as scan_new().  Returns NULL when memory is short.
 */
struct session *session_new(
    const struct scan_services *services, const struct settings *settings);

/* session_connect - the client's address and what the MTA calls it */
void session_connect(struct session *session, const struct ip *client_ip,
    const char *client_name);

/* session_free - cancels what runs; accepts NULL */
void session_free(struct session **session);

/* session_helo - the client said its name (again: after STARTTLS) */
void session_helo(struct session *session, const char *helo);

/*
 * session_mail - a message begins.
 *
 * sender  as in MAIL FROM, with or without <>
 * login   the SASL login, or NULL
 */
void session_mail(
    struct session *session, const char *sender, const char *login);

/*
 * session_refusal - after session_mail(): the verdict of a message that is
 * refused by its sender, logged; NULL: it goes on.  Borrowed as below.
 */
const struct verdict *session_refusal(struct session *session);

/* session_rcpt - one more recipient, with or without <> */
void session_rcpt(struct session *session, const char *recipient);

/* session_field - one header field as the MTA hands it on */
void session_field(
    struct session *session, const char *name, const char *value);

/* session_header_end - all fields are known; queue_id may be NULL */
void session_header_end(struct session *session, const char *queue_id);

/* session_body - a chunk; false: no more chunks are wanted */
bool session_body(struct session *session, const void *data, size_t length);

/*
 * session_verdict - joins all checks.
 *
 * verdict_r  borrowed until session_reset()
 * Returns STATUS_OK, or STATUS_NOMEM when anything of this message failed.
 */
enum status session_verdict(struct session *session, const char *queue_id,
    const struct verdict **verdict_r) GP_MUST_CHECK;

/* session_reset - the message ended or was aborted; the connection goes on */
void session_reset(struct session *session);

#endif
