/* fake-server - a listener that a test programs (see fake-server.h). */
#include "config.h"

#include "tests/unit/fake-server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/unit/unit.h"

#define POLL_MS         20 /* until it sees that it is to end */
#define CONNECTIONS_MAX 16 /* of its life; later ones are closed at once */

struct connection {
	struct fake_server *server;
	pthread_t thread;
	int fd;
};

struct fake_server {
	void (*serve)(struct fake_server *server, int fd, void *argument);
	void *argument;
	int fd;
	pthread_t thread;
	_Atomic bool is_ending;
	struct connection connections[CONNECTIONS_MAX];
	size_t connection_count;
	char address[32];
};

bool
fake_server_wait(struct fake_server *server, int fd)
{
	struct pollfd pollfd = { .fd = fd, .events = POLLIN };
	char byte;

	while (!atomic_load(&server->is_ending))
		if (poll(&pollfd, 1, POLL_MS) > 0)
			return recv(fd, &byte, 1, MSG_PEEK) > 0;
	return false;
}

bool
fake_server_send(int fd, const void *data, size_t length)
{
	return send(fd, data, length, MSG_NOSIGNAL) == (ssize_t)length;
}

static void *
run_connection(void *argument)
{
	struct connection *connection = argument;
	struct fake_server *server = connection->server;

	server->serve(server, connection->fd, server->argument);
	close(connection->fd);
	return NULL;
}

static void
start_connection(struct fake_server *server, int fd)
{
	struct connection *connection;

	if (server->connection_count == CONNECTIONS_MAX) {
		close(fd);
		return;
	}
	connection = &server->connections[server->connection_count];
	connection->server = server;
	connection->fd = fd;
	if (pthread_create(
		&connection->thread, NULL, run_connection, connection) == 0)
		server->connection_count++;
	else
		close(fd);
}

static void *
run(void *argument)
{
	struct fake_server *server = argument;
	struct pollfd pollfd = { .fd = server->fd, .events = POLLIN };
	size_t i;
	int fd;

	while (!atomic_load(&server->is_ending)) {
		if (poll(&pollfd, 1, POLL_MS) <= 0)
			continue;
		fd = accept4(server->fd, NULL, NULL, SOCK_CLOEXEC);
		if (fd != -1)
			start_connection(server, fd);
	}
	for (i = 0; i < server->connection_count; i++)
		(void)pthread_join(server->connections[i].thread, NULL);
	return NULL;
}

struct fake_server *
fake_server_new(
    void (*serve)(struct fake_server *server, int fd, void *argument),
    void *argument)
{
	struct fake_server *server = calloc(1, sizeof(*server));
	struct sockaddr_in address;
	socklen_t length = sizeof(address);

	assert_non_null(server);
	memset(&address, 0, sizeof(address));
	address.sin_family = AF_INET;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	server->serve = serve;
	server->argument = argument;
	server->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(server->fd != -1);
	assert_int_equal(
	    bind(server->fd, (struct sockaddr *)&address, length), 0);
	assert_int_equal(listen(server->fd, 64), 0);
	assert_int_equal(
	    getsockname(server->fd, (struct sockaddr *)&address, &length), 0);
	(void)snprintf(server->address, sizeof(server->address), "127.0.0.1:%d",
	    (int)ntohs(address.sin_port));
	assert_int_equal(pthread_create(&server->thread, NULL, run, server), 0);
	return server;
}

void
fake_server_free(struct fake_server **server)
{
	struct fake_server *old = *server;

	*server = NULL;
	if (old == NULL)
		return;
	atomic_store(&old->is_ending, true);
	assert_int_equal(pthread_join(old->thread, NULL), 0);
	close(old->fd);
	free(old);
}

const char *
fake_server_address(const struct fake_server *server)
{
	return server->address;
}
