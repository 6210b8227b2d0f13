/*
 * sign-folder - the keys of one domain, as they lie in the key directory:
 *
 *	KEY_DIR/DOMAIN/SELECTOR.private	a private key
 *	KEY_DIR/DOMAIN/selectors	which of them sign
 *
 * A line of the file selectors is "active SELECTOR" or "retired SELECTOR
 * YYYY-MM-DD" (the day from which its record may go); '#' begins a comment.  A
 * key that it does not name waits for its turn.  Without the file every key
 * signs, unless two are of one type.
 */
#ifndef GATEPOST_AUTH_SIGN_FOLDER_H
#define GATEPOST_AUTH_SIGN_FOLDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "lib/auth/sign-key.h"
#include "lib/base/region.h"
#include "lib/base/status.h"

#define AUTH_SIGN_KEY_SUFFIX      ".private"
#define AUTH_SIGN_SELECTORS_FILE  "selectors"
#define AUTH_SIGN_FOLDER_KEYS_MAX 32 /* of one domain; a few are used */
#define AUTH_SIGN_ACTIVE_MAX      4  /* that sign one message */
#define AUTH_SIGN_SELECTOR_BYTES  64 /* 63 and a NUL */
#define AUTH_SIGN_DATE_BYTES      11 /* "2026-12-08" and a NUL */

enum auth_sign_state {
	AUTH_SIGN_WAITING,
	AUTH_SIGN_ACTIVE,
	AUTH_SIGN_RETIRED
};

struct auth_sign_entry {
	const char *selector;
	enum auth_sign_state state;
	int64_t until;       /* retired: seconds of its day, else 0 */
	const char *problem; /* why there is no key, with the path; or NULL */
	struct auth_sign_key *key;
};

struct auth_sign_folder {
	const char *domain;
	const char
	    *problem;   /* why no key of it signs, with the path; or NULL */
	bool undecided; /* the problem is that nothing says which key signs */
	const char *warning; /* who else may choose its keys; or NULL */
	int passing_error;   /* errno of a failure that may pass; or 0 */
	size_t count;
	struct auth_sign_entry *entries; /* RSA first, then by selector */
};

/* auth_sign_state_text - "waiting", "active", "retired" */
const char *auth_sign_state_text(enum auth_sign_state state);

/*
 * auth_sign_folder_read - reads the folder of a domain, with all its keys.
 *
 * region    owns the strings
 * key_dir   path of the key directory
 * owner     whose its keys must be, if they are not root's: the daemon's user
 * folder_r  to be released; what cannot be read is a problem in it
 *
 * Returns STATUS_OK, STATUS_NOTFOUND (there is no such folder) or STATUS_NOMEM;
 * only after STATUS_OK there is something to release.
 */
enum status auth_sign_folder_read(struct region *region, const char *key_dir,
    uid_t owner, const char *domain,
    struct auth_sign_folder *folder_r) GP_MUST_CHECK;

/*
 * auth_sign_error_passes - whether what failed by this errno may be well a
 * moment later: the system is short of something, or a disk stammers.
 */
bool auth_sign_error_passes(int error);

/* auth_sign_all_may_write - others than owner and group may change a file */
bool auth_sign_all_may_write(const struct stat *st);

/* auth_sign_folder_release - frees the keys */
void auth_sign_folder_release(struct auth_sign_folder *folder);

/*
 * auth_sign_folder_find - the entry of a selector, or NULL.
 *
 * Letters fold, as the DNS folds them; an entry in the very letters comes first.
 */
struct auth_sign_entry *auth_sign_folder_find(
    const struct auth_sign_folder *folder, const char *selector);

/* auth_sign_date_text - the day of a time, UTC; returns text */
const char *auth_sign_date_text(
    int64_t seconds, char text[AUTH_SIGN_DATE_BYTES]);

/*
 * auth_sign_selector_is_valid - letters, digits, '-' and '_', labels with dots
 * between them (RFC 6376 section 3.1), at most 63 bytes in all.
 */
bool auth_sign_selector_is_valid(const char *selector);

#endif
