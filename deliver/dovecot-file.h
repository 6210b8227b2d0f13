/*
 * dovecot-file - the small text files that Dovecot and we change in a Maildir:
 * each is replaced as a whole under the lock NAME.lock, which is the new file.
 */
#ifndef GATEPOST_DELIVER_DOVECOT_FILE_H
#define GATEPOST_DELIVER_DOVECOT_FILE_H

#include <sys/types.h>

#include "lib/base/status.h"
#include "lib/base/strbuf.h"

#define DOVECOT_FILE_BYTES_MAX (1024 * 1024)

/*
 * dovecot_file_lock - makes NAME.lock, waiting a second for who holds it; the
 * one of a dead process is taken away.
 *
 * fd_r  the caller closes it, and renames or unlinks lock_path
 *
 * Returns STATUS_OK, STATUS_BUSY or STATUS_IO (errno).
 */
enum status dovecot_file_lock(
    const char *lock_path, mode_t mode, int *fd_r) GP_MUST_CHECK;

/*
 * dovecot_file_read - the whole file; a missing one is empty.
 *
 * Returns STATUS_OK, STATUS_IO (errno), or as strbuf_status().
 */
enum status dovecot_file_read(
    const char *path, struct strbuf *text) GP_MUST_CHECK;

/* dovecot_file_write - into the lock, onto the disk; STATUS_IO (errno) */
enum status dovecot_file_write(int fd, const struct strbuf *text) GP_MUST_CHECK;

#endif
