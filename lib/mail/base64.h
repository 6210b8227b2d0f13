/*
 * base64 - base64 as mail has it (RFC 2045 section 6.8), with its faults.
 *
 * Libraries end at the first '=', or forget up to two bytes where the last one
 * is missing; GMime's state, by which one could do better, is not the same in
 * 3.2.13 and 3.2.15.  A sender that pads each line, or puts a '=' in front, would
 * hide the rest from us and not from a reader: here decoding goes on behind it.
 */
#ifndef GATEPOST_MAIL_BASE64_H
#define GATEPOST_MAIL_BASE64_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/str.h"

/* Bytes that length bytes of base64 give at most. */
#define BASE64_DECODED_MAX(length) ((length) / 4 * 3 + 6)

struct base64 {
	uint32_t bits;      /* of the quantum that has begun */
	unsigned int count; /* its characters, 0 to 3 */
	bool padded;        /* the last that was read is padding */
	bool broken; /* characters that are no base64, or padding in the midst,
		      * or a last character that stands alone */
};

/* base64_init - nothing read */
void base64_init(struct base64 *base64);

/*
 * base64_step - decodes one more piece.
 *
 * to  BASE64_DECODED_MAX(from.length) bytes
 *
 * Returns the bytes written.
 */
size_t base64_step(struct base64 *base64, struct span from, char *to);

/* base64_end - what is left of an unpadded end: at most 2 bytes are written */
size_t base64_end(struct base64 *base64, char *to);

#endif
