/*
 * lmtp-data - the message behind DATA: takes the dots off, makes CRLF a LF, and
 * knows the end (RFC 5321 section 4.5.2).
 *
 * Only CRLF ends a line here, and only CRLF "." CRLF the message: a bare LF or
 * CR is a byte of the message like another, and a dot behind it is no sign.
 */
#ifndef GATEPOST_DELIVER_LMTP_DATA_H
#define GATEPOST_DELIVER_LMTP_DATA_H

#include <stdbool.h>
#include <stddef.h>

#include "deliver/spool.h"
#include "lib/base/str.h"

enum lmtp_data_state {
	LMTP_DATA_LINE_START, /* the start: what begins the message */
	LMTP_DATA_TEXT,
	LMTP_DATA_CR,     /* behind a CR that is not written yet */
	LMTP_DATA_DOT,    /* behind the dot that begins a line */
	LMTP_DATA_DOT_CR, /* behind that and a CR */
	LMTP_DATA_END
};

/*
 * lmtp_data_feed - goes on with some bytes.
 *
 * state  LMTP_DATA_LINE_START at first; LMTP_DATA_END when the end was read
 *
 * Returns how many of the bytes were used: all, or those up to the end.
 */
size_t lmtp_data_feed(
    enum lmtp_data_state *state, struct span bytes, struct spool *spool);

#endif
