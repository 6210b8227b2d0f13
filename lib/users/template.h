/*
 * template - paths that follow from a user's name: %u the whole name, %n what
 * is before its last @, %d what is behind, %% a percent sign, and ~ in front.
 */
#ifndef GATEPOST_USERS_TEMPLATE_H
#define GATEPOST_USERS_TEMPLATE_H

#include "lib/base/region.h"
#include "lib/base/status.h"

/*
 * template_expand - the path of this user.
 *
 * home  stands for a leading ~; NULL: there is none
 *
 * Each piece of the name must be fit to be one name in a directory: not empty,
 * no '/', no '.' in front, no control byte.  Returns STATUS_OK; STATUS_INVALID
 * (it is not); STATUS_NOTFOUND (~, and no home) or STATUS_NOMEM.
 */
enum status template_expand(struct region *region, const char *template,
    const char *user, const char *home, const char **path_r) GP_MUST_CHECK;

#endif
