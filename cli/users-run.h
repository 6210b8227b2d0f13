/*
 * users-run - what commands about the users of the mail system share: whose
 * mail, and with whose rights.
 */
#ifndef GATEPOST_CLI_USERS_RUN_H
#define GATEPOST_CLI_USERS_RUN_H

#include <stddef.h>

#include "lib/base/region.h"
#include "lib/scan/settings.h"
#include "lib/users/users.h"

/* Does the work for one user, with his identity; returns an exit status. */
typedef int users_run_function(void *argument, struct region *region,
    const struct settings *settings, const struct user *user);

/*
 * users_run - calls function for each user and tells of troubles.
 *
 * names  count of them; count 0: all users that there are
 *
 * Returns the worst exit status: EXIT_FAILED for a name that is no user's,
 * EXIT_TEMPORARY when nobody can tell.
 */
int users_run(const struct settings *settings, const char *const *names,
    size_t count, users_run_function *function, void *argument);

#endif
