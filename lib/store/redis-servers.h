/* redis-servers - a list of servers of which the first that answers is used. */
#ifndef GATEPOST_STORE_REDIS_SERVERS_H
#define GATEPOST_STORE_REDIS_SERVERS_H

#include "lib/store/redis-pool.h"

/*
 * redis_servers_source - where a pool finds its server.
 *
 * login      borrowed for the source's life
 * addresses  copied; tried in order, each with a part of the time.  One that
 *	      turned out to be a replica is tried last from then on.
 *
 * Returns STATUS_OK or STATUS_NOMEM.
 */
enum status redis_servers_source(const struct redis_login *login,
    const struct redis_address *addresses, size_t count,
    struct redis_source *source_r) GP_MUST_CHECK;

#endif
