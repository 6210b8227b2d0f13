/*
 * sign-canon - relaxed canonicalization of header fields and of the body
 * (RFC 6376 sections 3.4.2 and 3.4.4), hashed by SHA-256 as it streams by.
 *
 * What is hashed is what the MTA will send: it breaks a line that is longer
 * than its limit by CRLF and a blank, and so do we in front of the
 * canonicalization (Postfix: smtp_line_length_limit).
 *
 * Only CRLF ends a line.  A bare CR or LF is a byte as any other.
 */
#ifndef GATEPOST_AUTH_SIGN_CANON_H
#define GATEPOST_AUTH_SIGN_CANON_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/status.h"
#include "lib/base/str.h"

#define AUTH_SIGN_HASH_BYTES 32 /* of SHA-256 */

struct auth_sign_canon; /* one hash under construction; its failures stick */

/*
 * auth_sign_canon_new - the hash of nothing yet.
 *
 * line_limit  bytes of a line before the MTA breaks it; 0: it never does
 */
enum status auth_sign_canon_new(
    size_t line_limit, struct auth_sign_canon **canon_r) GP_MUST_CHECK;

/* auth_sign_canon_copy - a second one that goes on from where this one is */
enum status auth_sign_canon_copy(const struct auth_sign_canon *canon,
    struct auth_sign_canon **copy_r) GP_MUST_CHECK;

/* auth_sign_canon_free - accepts NULL */
void auth_sign_canon_free(struct auth_sign_canon **canon);

/*
 * auth_sign_canon_field - one header field.
 *
 * name, value  as in struct message_field
 * is_last      the signature's own field, which ends without CRLF (RFC 6376
 *		section 3.7)
 */
void auth_sign_canon_field(struct auth_sign_canon *canon, struct span name,
    struct span value, bool is_last);

/* auth_sign_canon_body - a chunk of the body, cut anywhere */
void auth_sign_canon_body(
    struct auth_sign_canon *canon, const void *data, size_t length);

/* auth_sign_canon_body_end - no more chunks come */
void auth_sign_canon_body_end(struct auth_sign_canon *canon);

/*
 * auth_sign_canon_finish - the hash; nothing may be added behind it.
 *
 * Returns STATUS_OK or STATUS_NOMEM (whatever failed since it was made).
 */
enum status auth_sign_canon_finish(struct auth_sign_canon *canon,
    unsigned char hash[AUTH_SIGN_HASH_BYTES]) GP_MUST_CHECK;

#endif
