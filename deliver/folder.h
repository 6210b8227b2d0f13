/*
 * folder - the directories of a Maildir++ tree (names: lib/users/folder-name.h).
 */
#ifndef GATEPOST_DELIVER_FOLDER_H
#define GATEPOST_DELIVER_FOLDER_H

#include <stdbool.h>
#include <sys/types.h>

#include "lib/base/status.h"

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
