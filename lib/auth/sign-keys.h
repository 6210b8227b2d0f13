/*
 * sign-keys - all keys of a key directory, read at one moment.
 *
 * A snapshot is immutable and counted by reference: a message keeps the one
 * that was in force when its signing began.
 */
#ifndef GATEPOST_AUTH_SIGN_KEYS_H
#define GATEPOST_AUTH_SIGN_KEYS_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/auth/sign-folder.h"
#include "lib/base/status.h"

#define AUTH_SIGN_DOMAINS_MAX 10000 /* all keys are held in memory */

struct auth_sign_keys;

/*
 * auth_sign_keys_load - reads every folder of a key directory.
 *
 * key_dir  NULL: there are no keys
 * owner    whose keys count beside root's: the daemon's user
 * keys_r   one reference, given back by auth_sign_keys_release()
 *
 * What cannot be read is a problem in it.  Returns STATUS_OK or STATUS_NOMEM.
 */
enum status auth_sign_keys_load(const char *key_dir, uid_t owner,
    const struct auth_sign_keys **keys_r) GP_MUST_CHECK;

/* auth_sign_keys_hold - one more reference */
const struct auth_sign_keys *auth_sign_keys_hold(
    const struct auth_sign_keys *keys);

/* auth_sign_keys_release - one less, the last one frees; accepts NULL */
void auth_sign_keys_release(const struct auth_sign_keys **keys);

/* auth_sign_keys_problem - why the directory was not read, or NULL */
const char *auth_sign_keys_problem(const struct auth_sign_keys *keys);

/*
 * auth_sign_keys_error - errno of what may be well a moment later (see
 * auth_sign_error_passes()), so that not all was read; or 0
 */
int auth_sign_keys_error(const struct auth_sign_keys *keys);

/* auth_sign_keys_warning - every user may write to the directory; or NULL */
const char *auth_sign_keys_warning(const struct auth_sign_keys *keys);

/* auth_sign_keys_count - how many domains have a folder */
size_t auth_sign_keys_count(const struct auth_sign_keys *keys);

/* auth_sign_keys_get - folder i, in the order of the domains' names */
const struct auth_sign_folder *auth_sign_keys_get(
    const struct auth_sign_keys *keys, size_t i);

/* auth_sign_keys_find - the folder of a domain in lower case, or NULL */
const struct auth_sign_folder *auth_sign_keys_find(
    const struct auth_sign_keys *keys, const char *domain);

/*
 * auth_sign_keys_find_for - the folder that signs for a domain: its own, or
 * with above that of the nearest domain above it; NULL without one.
 */
const struct auth_sign_folder *auth_sign_keys_find_for(
    const struct auth_sign_keys *keys, const char *domain, bool above);

/*
 * auth_sign_keys_active - the entries of a folder that sign.
 *
 * Fills entries and returns how many, at most AUTH_SIGN_ACTIVE_MAX; RSA first.
 */
size_t auth_sign_keys_active(const struct auth_sign_folder *folder,
    const struct auth_sign_entry *entries[AUTH_SIGN_ACTIVE_MAX]);

#endif
