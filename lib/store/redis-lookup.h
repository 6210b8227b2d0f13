/*
 * redis-lookup - the socket addresses of a server, by a deadline.
 *
 * The system's resolver knows no deadline, so a name (not an address) is looked
 * up by a thread of its own that is left behind when the deadline passes.
 */
#ifndef GATEPOST_STORE_REDIS_LOOKUP_H
#define GATEPOST_STORE_REDIS_LOOKUP_H

#include <stdint.h>
#include <sys/socket.h>

#include "lib/store/redis-address.h"
#include "lib/store/redis-reason.h"

#define REDIS_ENDPOINTS_MAX 8 /* addresses of one name that are tried */

struct redis_endpoint {
	struct sockaddr_storage address;
	socklen_t length;
};

struct redis_endpoints {
	size_t count; /* at least 1 after STATUS_OK */
	struct redis_endpoint items[REDIS_ENDPOINTS_MAX];
};

/*
 * redis_lookup - where to connect for address.
 *
 * Returns STATUS_OK; STATUS_TIMEOUT, STATUS_NOTFOUND or STATUS_NOMEM with the
 * reason.
 */
enum status redis_lookup(const struct redis_address *address,
    int64_t deadline_ms, struct redis_endpoints *endpoints_r,
    struct redis_reason *reason) GP_MUST_CHECK;

#endif
