/*
 * keys-find - private keys where other signers keep them: OpenDKIM (KeyTable
 * and SigningTable, or keys/DOMAIN/SELECTOR.private) and rspamd as
 * docker-mailserver sets it up (rspamd/dkim).
 */
#ifndef GATEPOST_CLI_KEYS_FIND_H
#define GATEPOST_CLI_KEYS_FIND_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/region.h"
#include "lib/base/status.h"

#define KEYS_FOUND_MAX 10000

struct keys_found {
	const char *domain, *selector;
	const char *path;       /* of the key file */
	const char *inline_key; /* or the key itself, in the table; or NULL */
	bool signs;             /* the other signer uses it */
};

struct keys_finds {
	struct region *region;
	size_t count;
	struct keys_found *found; /* KEYS_FOUND_MAX */
	size_t problem_count;     /* told on standard error */
};

/*
 * keys_find - all keys below a directory, or of a KeyTable.
 *
 * Returns STATUS_OK (also with problems), STATUS_NOTFOUND (told: nothing there
 * that is known), STATUS_IO (told) or STATUS_NOMEM.
 */
enum status keys_find(struct region *region, const char *path,
    struct keys_finds *finds) GP_MUST_CHECK;

/* keys_find_read - a text file of at most 1 MB, as region memory; not told */
enum status keys_find_read(
    struct region *region, const char *path, const char **text_r) GP_MUST_CHECK;

/* keys_find_add - one more; what is no domain or selector is told instead */
enum status keys_find_add(
    struct keys_finds *finds, struct keys_found found) GP_MUST_CHECK;

/* keys_find_problem - told on standard error, and counted */
void keys_find_problem(struct keys_finds *finds, const char *format, ...)
    GP_PRINTF(2, 3);

/* keys_find_table - a KeyTable, and the SigningTable beside it */
enum status keys_find_table(
    struct keys_finds *finds, const char *path) GP_MUST_CHECK;

#endif
