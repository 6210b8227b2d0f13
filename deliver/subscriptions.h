/*
 * subscriptions - Dovecot's list of folders that a mail program shows
 * (version 2: "V\t2", an empty line, then a folder a line, its levels
 * separated by tabs).
 */
#ifndef GATEPOST_DELIVER_SUBSCRIPTIONS_H
#define GATEPOST_DELIVER_SUBSCRIPTIONS_H

#include <sys/types.h>

#include "lib/base/status.h"

/*
 * subscriptions_add - adds a folder, unless it is there.
 *
 * root       of the Maildir
 * directory  as folder_name_encode() gives it; not ""
 * mode       of the file, if it is made
 *
 * The file is replaced as a whole, under the lock that Dovecot takes too.  A
 * file of version 1 is kept in that version.  Returns STATUS_OK; STATUS_BUSY
 * (the lock is held); STATUS_LIMIT (an absurd file); STATUS_NOMEM; or
 * STATUS_IO.  The caller logs: a folder that is not shown loses no mail.
 */
enum status subscriptions_add(
    const char *root, const char *directory, mode_t mode) GP_MUST_CHECK;

#endif
