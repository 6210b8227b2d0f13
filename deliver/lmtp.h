/*
 * lmtp - the dialogue with a client (RFC 2033; RFC 5321 and its extensions
 * PIPELINING, 8BITMIME, SIZE, SMTPUTF8, ENHANCEDSTATUSCODES).
 */
#ifndef GATEPOST_DELIVER_LMTP_H
#define GATEPOST_DELIVER_LMTP_H

#include "deliver/delivery.h"
#include "lib/net/stream.h"
#include "lib/scan/settings.h"

#define LMTP_LINE_BYTES 8192 /* of a command; RFC 5321 asks for 512 and more */

/*
 * lmtp_serve - the whole dialogue, from the greeting to the end.
 *
 * settings  as long as the call
 * stream    buffer of LMTP_LINE_BYTES or more
 * stop_fd   readable: the dialogue ends when no message is on its way; -1: none
 */
void lmtp_serve(struct delivery_services *services,
    const struct settings *settings, struct stream *stream, int stop_fd);

#endif
