/*
 * identity - who a thread is towards the file system.
 *
 * A daemon that stayed root writes as the recipient's own user: on Linux a
 * thread has file system ids of its own.  Nothing is ever written as root.
 */
#ifndef GATEPOST_USERS_IDENTITY_H
#define GATEPOST_USERS_IDENTITY_H

#include "lib/users/users.h"
#include "lib/base/status.h"

/*
 * identity_assume - from here on this thread's files are the user's.
 *
 * Who is not root stays who he is, and can write for no other user.  Returns
 * STATUS_OK, then call identity_return(); STATUS_INVALID (logged): root would
 * write, or the user is another one.
 */
enum status identity_assume(const struct user *user) GP_MUST_CHECK;

/* identity_return - ends it */
void identity_return(void);

#endif
