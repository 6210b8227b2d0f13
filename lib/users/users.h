/*
 * users - who a recipient is: uid, gid, home and Maildir, as Dovecot's
 * auth-userdb, a passwd-file, or a template of the configuration tells.
 */
#ifndef GATEPOST_USERS_USERS_H
#define GATEPOST_USERS_USERS_H

#include <stdint.h>
#include <sys/types.h>

#include "lib/base/region.h"
#include "lib/base/status.h"
#include "lib/scan/deliver-conf.h"

#define USER_ID_NONE ((uid_t)-1) /* the id is that of our process */

struct user {
	const char *name;    /* as who knows the user spells it */
	const char *home;    /* an absolute path, or NULL */
	const char *maildir; /* an absolute path */
	uid_t uid;
	gid_t gid;
	uint64_t quota_bytes; /* the limit of the mailbox; 0: not known */
};

struct users; /* one thread's lookups; Dovecot's connection is kept open */

/*
 * users_new - conf must outlive it.  NULL when memory is short.
 */
struct users *users_new(const struct deliver_conf *conf);

/* users_free - closes; accepts NULL */
void users_free(struct users **users);

/*
 * users_find - looks one user up.
 *
 * name    unquoted, without detail
 * user_r  its texts belong to region
 *
 * Returns STATUS_OK; STATUS_NOTFOUND (there is no such user); STATUS_NOMEM; or
 * what may heal, logged: STATUS_TIMEOUT, STATUS_IO (nobody answers), or
 * STATUS_INVALID (what was told of the user cannot be used).
 */
enum status users_find(struct users *users, struct region *region,
    const char *name, struct user *user_r) GP_MUST_CHECK;

/*
 * users_list - the names of all users.
 *
 * names_r  count_r of them; owned by region
 *
 * Returns STATUS_OK; STATUS_INVALID (a template knows no users; logged);
 * STATUS_NOMEM; or as users_find().
 */
enum status users_list(struct users *users, struct region *region,
    const char *const **names_r, size_t *count_r) GP_MUST_CHECK;

#endif
