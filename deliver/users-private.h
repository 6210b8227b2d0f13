/* users-private - what the ways to know users share. */
#ifndef GATEPOST_DELIVER_USERS_PRIVATE_H
#define GATEPOST_DELIVER_USERS_PRIVATE_H

#include <stdint.h>

#include "deliver/users.h"
#include "lib/base/str.h"

/*
 * user_read_id - a uid or gid in decimal; "" is USER_ID_NONE.
 *
 * Returns STATUS_OK or STATUS_INVALID.
 */
enum status user_read_id(struct span text, uint32_t *id_r) GP_MUST_CHECK;

struct dovecot; /* a connection to auth-userdb */

/* dovecot_new - connects at the first lookup; NULL when memory is short */
struct dovecot *dovecot_new(const char *socket, int64_t timeout_ms);
void dovecot_free(struct dovecot **dovecot);

/* dovecot_find - as users_find(); leaves user_r->maildir alone */
enum status dovecot_find(struct dovecot *dovecot, struct region *region,
    const char *name, struct user *user_r) GP_MUST_CHECK;

/* users_file_find - as users_find(); leaves user_r->maildir alone */
enum status users_file_find(const char *path, struct region *region,
    const char *name, struct user *user_r) GP_MUST_CHECK;

#endif
