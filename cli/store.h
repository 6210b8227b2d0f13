/* store - the store of the configuration, for a command. */
#ifndef GATEPOST_CLI_STORE_H
#define GATEPOST_CLI_STORE_H

#include <stdbool.h>

#include "lib/scan/settings.h"
#include "lib/store/store.h"

/* store_is_there - to open it makes nothing that is not there */
bool store_is_there(const struct settings *settings);

/*
 * open_store - for a command that needs it; it waits for the store longer than
 * a message would.
 *
 * On failure, or when there is none, the reason was printed.
 */
enum status open_store(
    const struct settings *settings, struct store **store_r) GP_MUST_CHECK;

/* open_old_store - the same for one that looks only: it makes no new store */
enum status open_old_store(
    const struct settings *settings, struct store **store_r) GP_MUST_CHECK;

#endif
