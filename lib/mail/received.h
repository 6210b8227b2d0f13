/*
 * received - one Received field (RFC 5321 section 4.4): who delivered the
 * message to the host that wrote it.
 *
 * Read in the form of Postfix and Sendmail,
 *
 *	from HELO (NAME [ADDRESS]) by HOST with PROTOCOL ...
 *
 * because in other forms it depends on the program which of two names the
 * client only said.
 */
#ifndef GATEPOST_MAIL_RECEIVED_H
#define GATEPOST_MAIL_RECEIVED_H

#include <stdbool.h>

#include "lib/base/ip.h"
#include "lib/base/region.h"
#include "lib/base/status.h"
#include "lib/base/str.h"

#define RECEIVED_BYTES_MAX         4000 /* longer fields are not read */
#define RECEIVED_COMMENT_DEPTH_MAX 20

struct received {
	const char *helo;        /* what the client called itself; "" */
	const char *client_name; /* of its address, as the host found out: not
				  * "unknown", nor "may be forged"; "" if none */
	struct ip client_ip;     /* AF_UNSPEC if none is told */
	const char *by;          /* the host that wrote the field; "" */
	const char *protocol;    /* "esmtps", "lmtp"; "" if not told */
};

/*
 * received_parse - the value of the field.
 *
 * received_r  its strings are owned by region, in lower case; all empty on
 *	       failure
 * Returns STATUS_OK; STATUS_INVALID (no "from" or "by" clause, another form,
 * broken comments, too long) or STATUS_NOMEM.
 */
enum status received_parse(struct region *region, struct span value,
    struct received *received_r) GP_MUST_CHECK;

/*
 * received_is_local - the message came from no other host, or only over LMTP
 * (RFC 2033 section 5: not outside a local network).
 *
 * Of any form: false when there is a "from" clause without "with LMTP", or when
 * the field cannot be read at all.
 */
bool received_is_local(struct span value);

#endif
