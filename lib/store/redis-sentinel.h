/*
 * redis-sentinel - the primary of a replicated Redis, asked of its Sentinels.
 *
 * A Sentinel is asked whenever a connection is opened, so also after a loss and
 * after a READONLY reply, and what it names must say itself that it is the
 * primary (wants_primary of the login).
 */
#ifndef GATEPOST_STORE_REDIS_SENTINEL_H
#define GATEPOST_STORE_REDIS_SENTINEL_H

#include "lib/store/redis-pool.h"

/*
 * redis_sentinel_source - where a pool finds its server.
 *
 * login      of the primary, and of a Sentinel that wants one; borrowed for
 *	      the source's life, as is name
 * name       by which the Sentinels know the primary
 * sentinels  copied; asked in order
 *
 * Returns STATUS_OK or STATUS_NOMEM.
 */
enum status redis_sentinel_source(const struct redis_login *login,
    const char *name, const struct redis_address *sentinels, size_t count,
    struct redis_source *source_r) GP_MUST_CHECK;

#endif
