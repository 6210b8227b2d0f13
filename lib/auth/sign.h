/*
 * sign - DKIM signatures of one message (RFC 6376, RFC 8301, RFC 8463): own
 * code on OpenSSL, because libopendkim parses a key anew for each message and
 * leaks memory with Ed25519.
 *
 * Relaxed/relaxed, without l=; one hash of the body for all signatures.  Use:
 * auth_sign_new, auth_sign_body for each chunk, auth_sign_finish, auth_sign_free.
 */
#ifndef GATEPOST_AUTH_SIGN_H
#define GATEPOST_AUTH_SIGN_H

#include <stddef.h>
#include <stdint.h>

#include "lib/auth/sign-folder.h"
#include "lib/base/region.h"
#include "lib/base/status.h"
#include "lib/mail/message.h"

#define AUTH_SIGN_FIELD_NAME "DKIM-Signature"

struct auth_sign; /* one message */

struct auth_sign_options {
	const char *domain; /* d= */
	size_t key_count;   /* 1 to AUTH_SIGN_ACTIVE_MAX */
	const struct auth_sign_entry *const *keys; /* each makes one */
	int64_t now;                    /* t=, seconds; 0: the clock */
	int64_t expire_seconds;         /* x= is so much later; 0: no x= */
	size_t line_limit;              /* see sign-canon.h */
	const char *const *more_fields; /* see sign-fields.h */
	size_t more_field_count;
};

/*
 * auth_sign_new - a signer of one message.
 *
 * region   owns the results
 * options  what they point to is borrowed until auth_sign_free()
 */
enum status auth_sign_new(struct region *region,
    const struct auth_sign_options *options,
    struct auth_sign **sign_r) GP_MUST_CHECK;

/* auth_sign_body - a chunk of the body, CRLF line ends, cut anywhere */
void auth_sign_body(struct auth_sign *sign, const void *data, size_t length);

/*
 * auth_sign_finish - the signatures.
 *
 * message  the header as it will be sent, but for fields that are not signed
 * values   options->key_count values of DKIM-Signature fields, in the order of
 *	    the keys: without leading blank, folded by "\n\t" to 78 columns
 *
 * Returns STATUS_OK; STATUS_LIMIT (the message has too many fields that would
 * be signed) or STATUS_NOMEM.
 */
enum status auth_sign_finish(struct auth_sign *sign,
    const struct message *message, const char **values) GP_MUST_CHECK;

/* auth_sign_free - accepts NULL */
void auth_sign_free(struct auth_sign **sign);

#endif
