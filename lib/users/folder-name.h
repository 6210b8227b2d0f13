/*
 * folder-name - the folders of a Maildir++ tree: "Lists/dev" is the directory
 * ".Lists.dev" beside cur, new and tmp of the inbox.
 */
#ifndef GATEPOST_USERS_FOLDER_NAME_H
#define GATEPOST_USERS_FOLDER_NAME_H

#include "lib/base/region.h"
#include "lib/base/status.h"

/*
 * folder_name_encode - the name of a folder's directory, as Dovecot has it:
 * modified UTF-7 (RFC 3501 section 5.1.3), a dot in front and between the
 * levels.
 *
 * name         UTF-8; levels are separated by '/' or '.'
 * directory_r  "" for INBOX, in any case of letters
 *
 * Returns STATUS_OK; STATUS_INVALID (an empty level, a control byte, no UTF-8,
 * longer than a directory may be); STATUS_NOMEM.
 */
enum status folder_name_encode(struct region *region, const char *name,
    const char **directory_r) GP_MUST_CHECK;

#endif
