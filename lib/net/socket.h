/*
 * socket - where a daemon listens, in the notation of Postfix and libmilter:
 * "unix:/PATH", "inet:PORT@HOST", "inet6:PORT@HOST".
 */
#ifndef GATEPOST_NET_SOCKET_H
#define GATEPOST_NET_SOCKET_H

#include <sys/socket.h>
#include <sys/types.h>

#include "lib/base/status.h"

struct socket_spec {
	int family; /* AF_UNIX, AF_INET or AF_INET6 */
	struct sockaddr_storage address;
	socklen_t address_length;
	char path[108]; /* AF_UNIX: NUL-terminated; else "" */
};

/*
 * socket_spec_parse - reads the notation above.
 *
 * HOST is an address or "localhost"; PORT is 1 to 65535; PATH is absolute.
 * Returns STATUS_OK or STATUS_INVALID.
 */
enum status socket_spec_parse(
    const char *text, struct socket_spec *spec_r) GP_MUST_CHECK;

/*
 * socket_check_free - may a daemon listen there?
 *
 * Returns STATUS_OK (nothing there, or the unix socket of a daemon that is
 * gone); STATUS_BUSY (somebody listens, or it cannot be told); STATUS_INVALID
 * (the path is there and no socket).
 */
enum status socket_check_free(const struct socket_spec *spec) GP_MUST_CHECK;

/*
 * socket_touch - connects once and closes, so that a listener that waits in
 * poll() looks at its stop flag.  Errors do not matter.
 */
void socket_touch(const struct socket_spec *spec);

/*
 * socket_set_nodelay_on_listeners - TCP_NODELAY on every listening TCP
 * descriptor of this process; Linux hands it on to accepted connections.
 * libmilter writes in small pieces and does not set it (43 ms a message).
 */
void socket_set_nodelay_on_listeners(void);

#endif
