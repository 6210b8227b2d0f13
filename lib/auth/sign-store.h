/*
 * sign-store - the keys that are in force in a daemon: read anew whenever the
 * key directory has changed, without a restart.
 *
 * While the system is short of something (descriptors, memory) or a disk fails,
 * so that not all can be read, the keys in force stay, and each look tries
 * again.
 */
#ifndef GATEPOST_AUTH_SIGN_STORE_H
#define GATEPOST_AUTH_SIGN_STORE_H

#include "lib/auth/sign-keys.h"
#include "lib/base/status.h"

#define AUTH_SIGN_CHECK_MS 2000 /* between two looks at the directory */

struct auth_sign_store;

/*
 * auth_sign_store_new - reads the keys.
 *
 * key_dir  copied; NULL: there are no keys
 *
 * Keys must be root's or of the user that runs this.  What is wrong with one is
 * logged, once.  Returns STATUS_OK or STATUS_NOMEM.
 */
enum status auth_sign_store_new(
    const char *key_dir, struct auth_sign_store **store_r) GP_MUST_CHECK;

/* auth_sign_store_free - accepts NULL */
void auth_sign_store_free(struct auth_sign_store **store);

/*
 * auth_sign_store_reload - reads all keys, perhaps of another directory.
 *
 * On failure the old keys stay in force.  Not from two threads at once.
 */
enum status auth_sign_store_reload(
    struct auth_sign_store *store, const char *key_dir) GP_MUST_CHECK;

/*
 * auth_sign_store_tick - reads them if anything in the directory has changed;
 * looks each AUTH_SIGN_CHECK_MS, so call it about once a second.
 */
void auth_sign_store_tick(struct auth_sign_store *store);

/*
 * auth_sign_store_hold - the keys in force now, one reference; any thread.
 */
const struct auth_sign_keys *auth_sign_store_hold(
    struct auth_sign_store *store);

#endif
