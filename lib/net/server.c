/*
 * server - listeners and a thread for each connection (see server.h).
 *
 * One thread accepts.  Each thread of a connection joins the one that ended
 * before it, and server_stop() the last: so nothing of a thread outlives the
 * server, and at most one ended thread waits to be joined.
 */
#include "config.h"

#include "lib/net/server.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/net/daemon.h"

#define CUT_OFF_MS      5000 /* for threads whose connection was cut off */
#define ACCEPT_PAUSE_MS 1000 /* when descriptors or memory are short */
#define FULL_WARNING_MS 60000

struct connection {
	LIST_ENTRY(connection) entry;
	struct server *server;
	int fd;
};

struct server {
	const struct server_options *options;
	struct pollfd polls[SERVER_LISTENERS_MAX + 1]; /* the last: stop_fd */
	size_t listener_count;
	int stop_fd;
	pthread_t acceptor;
	bool started;
	int64_t next_warning_ms; /* of the acceptor alone */
	pthread_mutex_t lock;    /* guards what follows */
	pthread_cond_t change;   /* a connection ended, or stopping was set */
	LIST_HEAD(, connection) connections;
	size_t connection_count;
	pthread_t ended; /* the last thread that ended, not yet joined */
	bool has_ended;
	bool stopping;
};

static void
close_listeners(struct server *server)
{
	struct socket_spec spec;
	size_t i;

	for (i = 0; i < server->listener_count; i++) {
		close(server->polls[i].fd);
		if (socket_spec_parse(server->options->sockets[i], &spec) ==
			STATUS_OK &&
		    spec.family == AF_UNIX)
			(void)unlink(spec.path);
	}
	server->listener_count = 0;
}

static void
server_free(struct server *server)
{
	close_listeners(server);
	if (server->stop_fd != -1)
		close(server->stop_fd);
	pthread_cond_destroy(&server->change);
	pthread_mutex_destroy(&server->lock);
	free(server);
}

static enum status
open_listeners(struct server *server)
{
	const struct server_options *options = server->options;
	enum status status;
	size_t i;

	for (i = 0; i < options->socket_count; i++) {
		status = socket_listen(options->sockets[i], &options->access,
		    &server->polls[i].fd);
		if (status != STATUS_OK)
			return status;
		server->polls[i].events = POLLIN;
		server->listener_count++;
	}
	server->polls[i].fd = server->stop_fd;
	server->polls[i].events = POLLIN;
	return STATUS_OK;
}

/* Waits go by the monotonic clock, as all deadlines do. */
static void
init_lock(struct server *server)
{
	pthread_condattr_t attributes;

	pthread_mutex_init(&server->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&server->change, &attributes);
	pthread_condattr_destroy(&attributes);
}

enum status
server_listen(const struct server_options *options, struct server **server_r)
{
	struct server *server;
	enum status status;

	*server_r = NULL;
	assert(options->socket_count > 0 &&
	    options->socket_count <= SERVER_LISTENERS_MAX &&
	    options->connections_max > 0);
	if ((server = calloc(1, sizeof(*server))) == NULL)
		return STATUS_NOMEM;
	server->options = options;
	LIST_INIT(&server->connections);
	init_lock(server);
	server->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	status = server->stop_fd == -1 ? STATUS_IO : open_listeners(server);
	if (status != STATUS_OK) {
		server_free(server);
		return status;
	}
	*server_r = server;
	return STATUS_OK;
}

static void *
serve_connection(void *argument)
{
	struct connection *connection = argument;
	struct server *server = connection->server;
	const struct server_options *options = server->options;
	pthread_t before;
	bool joins;

	options->serve(options->argument, connection->fd, server->stop_fd);
	pthread_mutex_lock(&server->lock);
	LIST_REMOVE(connection, entry);
	close(connection->fd);
	before = server->ended;
	joins = server->has_ended;
	server->ended = pthread_self();
	server->has_ended = true;
	server->connection_count--;
	pthread_cond_broadcast(&server->change);
	pthread_mutex_unlock(&server->lock);
	free(connection);
	if (joins)
		pthread_join(before, NULL);
	return NULL;
}

/* Takes fd over: a thread serves it, or it is closed. */
static void
begin_connection(struct server *server, int fd)
{
	struct connection *connection;
	pthread_t thread;
	int error;

	if ((connection = calloc(1, sizeof(*connection))) == NULL) {
		close(fd);
		return;
	}
	connection->server = server;
	connection->fd = fd;
	pthread_mutex_lock(&server->lock);
	LIST_INSERT_HEAD(&server->connections, connection, entry);
	server->connection_count++;
	pthread_mutex_unlock(&server->lock);
	error = pthread_create(&thread, NULL, serve_connection, connection);
	if (error == 0)
		return;
	log_error("no thread for a connection: %s", strerror(error));
	pthread_mutex_lock(&server->lock);
	LIST_REMOVE(connection, entry);
	server->connection_count--;
	pthread_mutex_unlock(&server->lock);
	close(fd);
	free(connection);
}

/* Once a minute at the most. */
static void
warn_that_full(struct server *server)
{
	int64_t now_ms = clock_now_ms();

	if (now_ms < server->next_warning_ms)
		return;
	server->next_warning_ms = now_ms + FULL_WARNING_MS;
	log_warning("all %zu connections are taken, others wait",
	    server->options->connections_max);
}

/* Waits until there is room for one more; false: the server is to stop. */
static bool
wait_for_room(struct server *server)
{
	size_t most = server->options->connections_max;
	bool room;

	pthread_mutex_lock(&server->lock);
	if (server->connection_count == most)
		warn_that_full(server);
	while (server->connection_count == most && !server->stopping)
		pthread_cond_wait(&server->change, &server->lock);
	room = !server->stopping;
	pthread_mutex_unlock(&server->lock);
	return room;
}

/* What accept() fails with when the system is short of something. */
static bool
is_shortage(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOBUFS ||
	    error == ENOMEM;
}

static void
accept_one(struct server *server, int listener)
{
	struct pollfd stop = { .fd = server->stop_fd, .events = POLLIN };
	int fd;

	fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd != -1) {
		begin_connection(server, fd);
	} else if (is_shortage(errno)) {
		log_error("cannot accept connections: %s", strerror(errno));
		(void)poll(&stop, 1, ACCEPT_PAUSE_MS);
	}
}

static void *
accept_connections(void *argument)
{
	struct server *server = argument;
	size_t i, count = server->listener_count;

	while (wait_for_room(server)) {
		if (poll(server->polls, count + 1, -1) == -1)
			continue; /* a signal */
		for (i = 0; i < count; i++)
			if (server->polls[i].revents != 0 &&
			    wait_for_room(server))
				accept_one(server, server->polls[i].fd);
	}
	return NULL;
}

enum status
server_start(struct server *server)
{
	sigset_t blocked, old;

	/* The threads of connections inherit the mask. */
	daemon_signals_of_threads(&blocked);
	if (pthread_sigmask(SIG_BLOCK, &blocked, &old) != 0)
		return STATUS_NOMEM;
	server->started = pthread_create(&server->acceptor, NULL,
			      accept_connections, server) == 0;
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	return server->started ? STATUS_OK : STATUS_NOMEM;
}

static void
stop_accepting(struct server *server)
{
	static const uint64_t one = 1;

	pthread_mutex_lock(&server->lock);
	server->stopping = true;
	pthread_cond_broadcast(&server->change);
	pthread_mutex_unlock(&server->lock);
	(void)!write(server->stop_fd, &one, sizeof(one));
	if (server->started)
		pthread_join(server->acceptor, NULL);
	close_listeners(server);
}

/* Waits until no connection is left; false: they were until the deadline. */
static bool
wait_until_empty_locked(struct server *server, int64_t wait_ms)
{
	struct timespec until = clock_timespec(clock_now_ms() + wait_ms);
	int error = 0;

	while (server->connection_count > 0 && error == 0)
		error = pthread_cond_timedwait(
		    &server->change, &server->lock, &until);
	return server->connection_count == 0;
}

bool
server_stop(struct server **server_ref, int64_t drain_ms)
{
	struct server *server = *server_ref;
	struct connection *connection;
	bool empty;

	if (server == NULL)
		return true;
	*server_ref = NULL;
	stop_accepting(server);
	pthread_mutex_lock(&server->lock);
	if (!wait_until_empty_locked(server, drain_ms))
		LIST_FOREACH(connection, &server->connections, entry)
			(void)shutdown(connection->fd, SHUT_RDWR);
	empty = wait_until_empty_locked(server, CUT_OFF_MS);
	pthread_mutex_unlock(&server->lock);
	if (!empty)
		return false;
	if (server->has_ended)
		pthread_join(server->ended, NULL);
	server_free(server);
	return true;
}
