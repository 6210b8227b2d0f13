/* identity - who a thread is towards the file system (see identity.h). */
#include "config.h"

#include "lib/users/identity.h"

#include <assert.h>
#include <inttypes.h>
#include <sys/fsuid.h>
#include <unistd.h>

#include "lib/base/log.h"

/* setfsuid() and setfsgid() tell what was; an id that cannot be asks only. */
static bool
ids_are(uid_t uid, gid_t gid)
{
	return (uid_t)setfsuid((uid_t)-1) == uid &&
	    (gid_t)setfsgid((gid_t)-1) == gid;
}

static enum status
become(const struct user *user)
{
	gid_t gid = user->gid == (gid_t)USER_ID_NONE ? getegid() : user->gid;

	(void)setfsgid(gid); /* first: then the right to do it is gone */
	(void)setfsuid(user->uid);
	if (ids_are(user->uid, gid))
		return STATUS_OK;
	identity_return();
	log_error("cannot write as uid %" PRIuMAX, (uintmax_t)user->uid);
	return STATUS_INVALID;
}

enum status
identity_assume(const struct user *user)
{
	uid_t own = geteuid();

	if (own != 0 && (user->uid == USER_ID_NONE || user->uid == own))
		return STATUS_OK;
	if (own != 0) {
		log_error("user %s is uid %" PRIuMAX ", we are %" PRIuMAX,
		    user->name, (uintmax_t)user->uid, (uintmax_t)own);
		return STATUS_INVALID;
	}
	if (user->uid == USER_ID_NONE || user->uid == 0) {
		log_error("user %s has no uid of its own, and root delivers "
			  "nothing",
		    user->name);
		return STATUS_INVALID;
	}
	return become(user);
}

void
identity_return(void)
{
	uid_t own = geteuid();

	if (own != 0)
		return;
	(void)setfsuid(own);
	(void)setfsgid(getegid());
	assert(ids_are(own, getegid()));
}
