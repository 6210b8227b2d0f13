/*
 * sign-write - changes the keys of one domain on disk (see sign-folder.h).
 *
 * Files are written whole under another name and then renamed, so that a daemon
 * never sees half of one; new files are for their owner alone, and belong to
 * the owner of the key directory.  What the system refuses is logged.
 */
#ifndef GATEPOST_AUTH_SIGN_WRITE_H
#define GATEPOST_AUTH_SIGN_WRITE_H

#include <sys/types.h>

#include "lib/auth/sign-folder.h"
#include "lib/base/status.h"

struct auth_sign_writer; /* the folder of a domain, locked against others */

/*
 * auth_sign_write_open - opens the folder and waits for its lock.
 *
 * owner  of the key directory and the folder where they have to be made; when
 *	  root makes them.  (uid_t)-1: who runs this
 *
 * The directory above key_dir must exist.  Returns STATUS_OK, STATUS_IO
 * (logged) or STATUS_NOMEM.
 */
enum status auth_sign_write_open(const char *key_dir, const char *domain,
    uid_t owner, struct auth_sign_writer **writer_r) GP_MUST_CHECK;

/* auth_sign_write_close - gives the lock back; accepts NULL */
void auth_sign_write_close(struct auth_sign_writer **writer);

/*
 * auth_sign_write_key - a new private key file.
 *
 * Returns STATUS_OK, STATUS_BUSY (logged: it exists), STATUS_IO (logged),
 * STATUS_INVALID (that is no selector) or STATUS_NOMEM.
 */
enum status auth_sign_write_key(struct auth_sign_writer *writer,
    const char *selector, const struct auth_sign_key *key) GP_MUST_CHECK;

/*
 * auth_sign_write_remove - removes a key file, which need not be there.
 *
 * Returns STATUS_OK, STATUS_IO (logged) or STATUS_INVALID (no selector).
 */
enum status auth_sign_write_remove(
    struct auth_sign_writer *writer, const char *selector) GP_MUST_CHECK;

/*
 * auth_sign_write_states - the file selectors, out of the states of entries.
 *
 * Returns STATUS_OK, STATUS_IO (logged) or STATUS_NOMEM.
 */
enum status auth_sign_write_states(struct auth_sign_writer *writer,
    const struct auth_sign_folder *folder) GP_MUST_CHECK;

/* auth_sign_write_owner - whose the files are */
uid_t auth_sign_write_owner(const struct auth_sign_writer *writer);

#endif
