/*
 * smtp-client - hands one message of our own to a mail server (RFC 5321).
 *
 * For notices to the postmaster: one recipient, no TLS, no login, no pipelining.
 * A caller must ignore SIGPIPE.
 */
#ifndef GATEPOST_NET_SMTP_CLIENT_H
#define GATEPOST_NET_SMTP_CLIENT_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/status.h"
#include "lib/base/str.h"
#include "lib/net/socket.h"

#define SMTP_CLIENT_REASON_BYTES 200

/* All borrowed.  Addresses are printable ASCII without blanks and <>. */
struct smtp_client_mail {
	const struct socket_spec *server;
	const char *helo;      /* what this host calls itself */
	const char *sender;    /* envelope; "": the null sender */
	const char *recipient; /* envelope */
	struct span text;      /* header and body; lines end in LF or CRLF */
};

/*
 * smtp_client_send - connects, sends, waits until the server has taken it.
 *
 * deadline_ms  of clock_now_ms(): all waits end there
 * reason       what failed, with the server's answer; printable ASCII; ""
 *
 * Returns STATUS_OK; STATUS_INVALID (the server refused, or does not speak
 * SMTP; or an address is none), STATUS_TIMEOUT, STATUS_IO or STATUS_NOMEM: then
 * the message was not sent, unless only the answer to its end is missing.
 */
enum status smtp_client_send(const struct smtp_client_mail *mail,
    int64_t deadline_ms, char reason[SMTP_CLIENT_REASON_BYTES]) GP_MUST_CHECK;

#endif
