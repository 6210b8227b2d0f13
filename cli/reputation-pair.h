/*
 * reputation-pair - `gatepost reputation show|forget OWN OTHER`: whether OTHER
 * is a known correspondent of OWN.
 */
#ifndef GATEPOST_CLI_REPUTATION_PAIR_H
#define GATEPOST_CLI_REPUTATION_PAIR_H

#include <stdbool.h>

#include "lib/base/region.h"
#include "lib/base/status.h"
#include "lib/store/store.h"

/* reputation_pair_is_named - the names are two mail addresses */
bool reputation_pair_is_named(char *const *names, size_t count);

/*
 * reputation_pair_show, reputation_pair_forget - print what is known of the two
 * mail addresses, or remove it.
 *
 * Returns STATUS_OK; STATUS_INVALID (told: one is no mail address);
 * STATUS_NOMEM; or why the store failed.
 */
enum status reputation_pair_show(struct store *store, struct region *region,
    char *const names[2], bool json) GP_MUST_CHECK;
enum status reputation_pair_forget(struct store *store, struct region *region,
    char *const names[2]) GP_MUST_CHECK;

#endif
