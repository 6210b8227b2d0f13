/*
 * folder - the folders of a Maildir++ tree: "Lists/dev" is the directory
 * ".Lists.dev" beside cur, new and tmp of the inbox.
 */
#ifndef GATEPOST_DELIVER_FOLDER_H
#define GATEPOST_DELIVER_FOLDER_H

#include <stdbool.h>
#include <sys/types.h>

#include "lib/base/region.h"
#include "lib/base/status.h"

/*
 * folder_directory - the name of a folder's directory, as Dovecot has it:
 * modified UTF-7 (RFC 3501 section 5.1.3), a dot in front and between the
 * levels.
 *
 * name         UTF-8; levels are separated by '/' or '.'
 * directory_r  "" for INBOX, in any case of letters
 *
 * Returns STATUS_OK; STATUS_INVALID (an empty level, a control byte, no UTF-8,
 * longer than a directory may be); STATUS_NOMEM.
 */
enum status folder_directory(struct region *region, const char *name,
    const char **directory_r) GP_MUST_CHECK;

/* folder_exists - the path is a directory */
bool folder_exists(const char *path);

/*
 * folder_create - makes what is missing of a folder: directories above it, it
 * itself, cur, new and tmp, and maildirfolder in one that is not the inbox.
 * What was made is on the disk then.
 *
 * path  absolute
 * mode  of files; directories can be entered by who may read
 *
 * Returns STATUS_OK, STATUS_LIMIT (path too long), or STATUS_IO (errno).
 */
enum status folder_create(
    const char *path, bool is_inbox, mode_t mode) GP_MUST_CHECK;

#endif
