/*
 * dkim-length - how many bytes a body has after canonicalization (RFC 6376
 * section 3.4), to tell how much of it stands behind a signature's l=.
 *
 * libopendkim stops counting at l=, so it cannot say.
 */
#ifndef GATEPOST_AUTH_DKIM_LENGTH_H
#define GATEPOST_AUTH_DKIM_LENGTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct auth_dkim_length {
	bool relaxed;
	uint64_t bytes;         /* up to the last visible byte so far */
	uint64_t pending_lines; /* line ends that count once more text comes */
	bool pending_blank;     /* relaxed: white space before the next byte */
	bool pending_cr;        /* a CR that may begin a line end */
};

/* auth_dkim_length_init - an empty body under that canonicalization */
void auth_dkim_length_init(struct auth_dkim_length *length, bool relaxed);

/* auth_dkim_length_add - a chunk of the body; may cut a CRLF in two */
void auth_dkim_length_add(
    struct auth_dkim_length *length, const void *data, size_t size);

/* auth_dkim_length_total - the bytes of what came so far, as a whole body */
uint64_t auth_dkim_length_total(const struct auth_dkim_length *length);

#endif
