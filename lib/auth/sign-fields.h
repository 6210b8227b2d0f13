/*
 * sign-fields - which header fields a signature covers.
 *
 * Each field of the table (and of the configuration) is signed as often as it
 * occurs, and named once more in h=, so that nobody can add another one
 * (RFC 6376 section 8.15).
 */
#ifndef GATEPOST_AUTH_SIGN_FIELDS_H
#define GATEPOST_AUTH_SIGN_FIELDS_H

#include <stddef.h>

#include "lib/base/region.h"
#include "lib/base/status.h"
#include "lib/mail/message.h"

#define AUTH_SIGN_FIELDS_MAX      500 /* h= has to stay readable */
#define AUTH_SIGN_MORE_FIELDS_MAX 50  /* of the configuration */

struct auth_sign_fields {
	size_t name_count; /* of h=, in its order */
	const char *const *names;
	size_t count; /* of the fields that exist, in the order of h= */
	const struct message_field **fields;
};

/*
 * auth_sign_fields_choose - the fields of one message.
 *
 * more      names beside those of the table; letters fold, one that comes
 *	     twice counts once
 * fields_r  owned by region; the fields are borrowed from message
 *
 * Returns STATUS_OK, STATUS_LIMIT (over AUTH_SIGN_FIELDS_MAX names) or
 * STATUS_NOMEM.
 */
enum status auth_sign_fields_choose(struct region *region,
    const struct message *message, const char *const *more, size_t more_count,
    struct auth_sign_fields *fields_r) GP_MUST_CHECK;

/*
 * auth_sign_fields_check_name - a name for the configuration.
 *
 * Returns NULL if it may be signed, else the reason (constant text): no name of
 * a field, or one that is added or changed on the way.
 */
const char *auth_sign_fields_check_name(const char *name);

#endif
