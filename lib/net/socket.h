/*
 * socket - where a daemon listens, in the notation of Postfix and libmilter:
 * "unix:/PATH", "inet:PORT@HOST", "inet6:PORT@HOST".
 */
#ifndef GATEPOST_NET_SOCKET_H
#define GATEPOST_NET_SOCKET_H

#include <stddef.h>
#include <stdint.h>
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

/* socket_spec_check - NULL, or why text is no such notation; for conf tables */
const char *socket_spec_check(const char *text);

/* socket_spec_check_optional - the same; "", no socket, is good, too */
const char *socket_spec_check_optional(const char *text);

/* Who may connect to a unix socket. */
struct socket_access {
	const char *user;  /* its owner, if we are root; "": who we are */
	const char *group; /* "": the group of that user */
	const char *mode;  /* three octal digits */
};

/*
 * socket_set_access - gives a unix socket its owner, group and mode.
 *
 * Returns STATUS_OK; STATUS_INVALID (no such group) or STATUS_IO, logged.
 */
enum status socket_set_access(
    const char *path, const struct socket_access *access) GP_MUST_CHECK;

/*
 * socket_listen - opens a listening, non-blocking socket; a unix socket that a
 * daemon has left behind is replaced.
 *
 * fd_r  the caller closes it, and unlinks the path of a unix socket
 *
 * Returns STATUS_OK; STATUS_BUSY (somebody serves it), STATUS_INVALID (the path
 * is there and no socket, or no such group) or STATUS_IO: each was logged, with
 * text as its name.
 */
enum status socket_listen(const char *text, const struct socket_access *access,
    int *fd_r) GP_MUST_CHECK;

/*
 * socket_check_free - may a daemon listen there?
 *
 * Returns STATUS_OK (nothing there, or the unix socket of a daemon that is
 * gone); STATUS_BUSY (somebody listens, or it cannot be told); STATUS_INVALID
 * (the path is there and no socket).
 */
enum status socket_check_free(const struct socket_spec *spec) GP_MUST_CHECK;

/*
 * socket_connect - a non-blocking descriptor that is connected, after timeout_ms
 * at the most.
 *
 * Returns STATUS_OK, STATUS_TIMEOUT, or STATUS_IO (errno tells why); nothing is
 * logged.
 */
enum status socket_connect(const struct socket_spec *spec, int64_t timeout_ms,
    int *fd_r) GP_MUST_CHECK;

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
