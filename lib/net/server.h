/*
 * server - listeners and a thread for each connection.
 *
 * Connections over the limit wait in the listeners' queues until one ends: no
 * client is turned away.
 */
#ifndef GATEPOST_NET_SERVER_H
#define GATEPOST_NET_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/status.h"
#include "lib/net/socket.h"

#define SERVER_LISTENERS_MAX 16 /* more is a mistake in the configuration */

struct server;

/*
 * Serves one connection in its own thread.
 *
 * fd       non-blocking; closed behind the function
 * stop_fd  readable from the moment that the server is to stop; for
 *	    stream_set_stop()
 */
typedef void server_function(void *argument, int fd, int stop_fd);

struct server_options {
	const char *const *sockets; /* in the notation of socket.h */
	size_t socket_count;        /* 1 to SERVER_LISTENERS_MAX */
	struct socket_access access;
	size_t connections_max;
	server_function *serve;
	void *argument; /* of serve; outlives the server */
};

/*
 * server_listen - opens the listeners; after it privileges may be dropped.
 *
 * The options and what they point to must outlive the server.  Returns
 * STATUS_OK, STATUS_NOMEM, or as socket_listen() (logged).
 */
enum status server_listen(const struct server_options *options,
    struct server **server_r) GP_MUST_CHECK;

/*
 * server_start - begins to accept, in a thread of its own.  Call it when
 * nothing of the start can fail any more.
 *
 * Returns STATUS_OK or STATUS_NOMEM.
 */
enum status server_start(struct server *server) GP_MUST_CHECK;

/*
 * server_stop - accepts no more, lets connections end by themselves until
 * drain_ms is over, then cuts them off; frees, and sets *server to NULL.
 * Accepts NULL, and a server that was not started.
 *
 * Returns false when a thread did not even end then (a disk that hangs): then
 * nothing was freed and the process must end by _exit().
 */
bool server_stop(struct server **server, int64_t drain_ms);

#endif
