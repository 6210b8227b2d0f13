/* users-private - what the ways to know users share. */
#ifndef GATEPOST_USERS_USERS_PRIVATE_H
#define GATEPOST_USERS_USERS_PRIVATE_H

#include <stdint.h>

#include "lib/users/users.h"
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

/* Names that are being collected. */
struct user_names {
	struct region *region;
	const char **names;
	size_t count, room;
};

/* user_names_add - a copy; STATUS_OK or STATUS_NOMEM */
enum status user_names_add(
    struct user_names *names, struct span name) GP_MUST_CHECK;

/* users_file_list, dovecot_list - as users_list() */
enum status users_file_list(
    const char *path, struct user_names *names) GP_MUST_CHECK;
enum status dovecot_list(
    struct dovecot *dovecot, struct user_names *names) GP_MUST_CHECK;

#endif
