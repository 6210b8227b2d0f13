/*
 * redis-address - where a Redis server listens: "HOST:PORT", "[V6]:PORT" or
 * "unix:/PATH".
 */
#ifndef GATEPOST_STORE_REDIS_ADDRESS_H
#define GATEPOST_STORE_REDIS_ADDRESS_H

#include <stdint.h>

#include "lib/base/status.h"

#define REDIS_HOST_BYTES         254 /* a domain name and a NUL */
#define REDIS_PATH_BYTES         108 /* sun_path */
#define REDIS_ADDRESS_TEXT_BYTES (REDIS_HOST_BYTES + 10)

struct redis_address {
	char text[REDIS_ADDRESS_TEXT_BYTES]; /* the notation above */
	char path[REDIS_PATH_BYTES];         /* "" for TCP */
	char host[REDIS_HOST_BYTES];         /* an address or a name */
	uint16_t port;
};

/* redis_address_parse - reads the notation above; STATUS_INVALID */
enum status redis_address_parse(
    const char *text, struct redis_address *address_r) GP_MUST_CHECK;

/*
 * redis_address_set - from a host and a port that a server told.
 *
 * host  an address (no brackets) or a name
 *
 * Returns STATUS_OK, or STATUS_INVALID when it cannot be one.
 */
enum status redis_address_set(const char *host, uint64_t port,
    struct redis_address *address_r) GP_MUST_CHECK;

#endif
