/* redis-connection - socket, commands, replies (see redis-connection.h). */
#include "config.h"

#include "lib/store/redis-connection.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/strbuf.h"
#include "lib/store/redis-lookup.h"
#include "lib/store/redis-tls.h"

/* STORE_OPERATIONS_MAX operations of about 1 KB; a script takes about that */
#define REQUEST_BYTES_MAX  (8 * 1024 * 1024)
#define REPLY_BYTES_MAX    (8 * 1024 * 1024) /* a slot map of a large cluster */
#define READ_BYTES         (16 * 1024)
#define KEEPALIVE_IDLE     60 /* seconds; firewalls forget after minutes */
#define KEEPALIVE_INTERVAL 15
#define KEEPALIVE_COUNT    3

struct redis_connection {
	struct redis_address address;
	int fd;
	struct redis_tls_session *tls; /* NULL: plain */
	struct strbuf *request;        /* not sent yet */
	redisReader *reader;
	size_t reply_bytes; /* read since the last whole reply */
	enum status status; /* the first error, and its reason */
	struct redis_reason reason;
};

/* Waits for events; a deadline that has passed allows a last look. */
static enum status
wait_for(int fd, short events, int64_t deadline_ms)
{
	struct pollfd pollfd = { .fd = fd, .events = events };
	int64_t left;
	int ready;

	for (;;) {
		left = deadline_ms - clock_now_ms();
		if (left < 0)
			left = 0;
		if (left > 60000)
			left = 60000;
		ready = poll(&pollfd, 1, (int)left);
		if (ready > 0)
			return STATUS_OK;
		if (ready == -1 && errno != EINTR)
			return STATUS_IO;
		if (ready == 0 && clock_now_ms() >= deadline_ms)
			return STATUS_TIMEOUT;
	}
}

static void
set_tcp_options(int fd)
{
	const struct {
		int level, name, value;
	} options[] = {
		{ IPPROTO_TCP, TCP_NODELAY, 1 },
		{ SOL_SOCKET, SO_KEEPALIVE, 1 },
		{ IPPROTO_TCP, TCP_KEEPIDLE, KEEPALIVE_IDLE },
		{ IPPROTO_TCP, TCP_KEEPINTVL, KEEPALIVE_INTERVAL },
		{ IPPROTO_TCP, TCP_KEEPCNT, KEEPALIVE_COUNT },
	};

	size_t i;

	/* Better with them, but it works without. */
	for (i = 0; i < GP_NELEMS(options); i++)
		(void)setsockopt(fd, options[i].level, options[i].name,
		    &options[i].value, sizeof(options[i].value));
}

static enum status
finish_connect(int fd, int64_t deadline_ms, int *error_r)
{
	socklen_t length = sizeof(*error_r);
	enum status status;

	*error_r = ETIMEDOUT;
	if ((status = wait_for(fd, POLLOUT, deadline_ms)) != STATUS_OK)
		return status;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, error_r, &length) != 0)
		*error_r = errno;
	return *error_r == 0 ? STATUS_OK : STATUS_IO;
}

static enum status
connect_endpoint(const struct redis_endpoint *endpoint, int64_t deadline_ms,
    int *fd_r, struct redis_reason *reason)
{
	const struct sockaddr *address;
	enum status status = STATUS_OK;
	int fd, error = 0;

	*fd_r = -1;
	address = (const struct sockaddr *)&endpoint->address;
	fd = socket(
	    address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1) {
		redis_reason_set(reason, "%s", strerror(errno));
		return STATUS_IO;
	}
	if (address->sa_family != AF_UNIX)
		set_tcp_options(fd);
	if (connect(fd, address, endpoint->length) != 0) {
		error = errno;
		status = STATUS_IO;
	}
	if (error == EINPROGRESS)
		status = finish_connect(fd, deadline_ms, &error);
	if (status != STATUS_OK) {
		redis_reason_set(reason, "%s", strerror(error));
		close(fd);
		return status;
	}
	*fd_r = fd;
	return STATUS_OK;
}

/* The first of a name's addresses that answers; each has a part of the time. */
static enum status
connect_first(const struct redis_endpoints *endpoints, int64_t deadline_ms,
    int *fd_r, struct redis_reason *reason)
{
	enum status status = STATUS_IO;
	int64_t now_ms;
	size_t i;

	*fd_r = -1;
	for (i = 0; i < endpoints->count; i++) {
		now_ms = clock_now_ms();
		status = connect_endpoint(&endpoints->items[i],
		    now_ms +
			(deadline_ms - now_ms) /
			    (int64_t)(endpoints->count - i),
		    fd_r, reason);
		if (status == STATUS_OK)
			break;
	}
	return status;
}

static struct redis_connection *
connection_new(const struct redis_address *address)
{
	struct redis_connection *connection;

	if ((connection = calloc(1, sizeof(*connection))) == NULL)
		return NULL;
	connection->address = *address;
	connection->fd = -1;
	connection->request = strbuf_new(REQUEST_BYTES_MAX);
	connection->reader = redisReaderCreate();
	if (connection->request == NULL || connection->reader == NULL)
		redis_connection_free(&connection);
	return connection;
}

enum status
redis_connection_open(const struct redis_address *address,
    const struct redis_tls *tls, int64_t deadline_ms,
    struct redis_connection **connection_r, struct redis_reason *reason)
{
	struct redis_connection *connection;
	struct redis_endpoints endpoints;
	enum status status;

	*connection_r = NULL;
	status = redis_lookup(address, deadline_ms, &endpoints, reason);
	if (status != STATUS_OK)
		return status;
	if ((connection = connection_new(address)) == NULL)
		goto no_memory;
	status =
	    connect_first(&endpoints, deadline_ms, &connection->fd, reason);
	if (status != STATUS_OK) {
		redis_connection_free(&connection);
		return status;
	}
	if (tls != NULL && address->path[0] == '\0') {
		connection->tls =
		    redis_tls_session_new(tls, connection->fd, address->host);
		if (connection->tls == NULL)
			goto no_memory;
	}
	*connection_r = connection;
	return STATUS_OK;

no_memory:
	redis_connection_free(&connection);
	redis_reason_set(reason, "%s", status_text(STATUS_NOMEM));
	return STATUS_NOMEM;
}

void
redis_connection_free(struct redis_connection **connection)
{
	struct redis_connection *old = *connection;

	*connection = NULL;
	if (old == NULL)
		return;
	redis_tls_session_free(&old->tls);
	if (old->fd != -1)
		close(old->fd);
	strbuf_free(&old->request);
	if (old->reader != NULL)
		redisReaderFree(old->reader);
	free(old);
}

const struct redis_address *
redis_connection_address(const struct redis_connection *connection)
{
	return &connection->address;
}

bool
redis_connection_is_quiet(const struct redis_connection *connection)
{
	struct pollfd pollfd = { .fd = connection->fd, .events = POLLIN };

	return connection->status == STATUS_OK && poll(&pollfd, 1, 0) == 0;
}

/* Keeps the first error and says what stands now. */
static enum status
connection_fail(
    struct redis_connection *connection, enum status status, const char *text)
{
	if (connection->status == STATUS_OK) {
		connection->status = status;
		redis_reason_set(&connection->reason, "%s", text);
	}
	return connection->status;
}

void
redis_connection_command(
    struct redis_connection *connection, const char *word, ...)
{
	const char *words[REDIS_ARGUMENTS_MAX];
	va_list args;
	char *text = NULL;
	int count = 0;
	long long length;

	va_start(args, word);
	for (; word != NULL && count < REDIS_ARGUMENTS_MAX;
	     word = va_arg(args, const char *))
		words[count++] = word;
	va_end(args);
	if (word != NULL) {
		(void)connection_fail(
		    connection, STATUS_LIMIT, "a command of too many words");
		return;
	}
	length = redisFormatCommandArgv(&text, count, words, NULL);
	if (length < 0) {
		(void)connection_fail(
		    connection, STATUS_NOMEM, status_text(STATUS_NOMEM));
		return;
	}
	strbuf_add(connection->request, text, (size_t)length);
	redisFreeCommand(text);
}

/* As redis_tls_write(). */
static ssize_t
connection_send(struct redis_connection *connection, const char *data,
    size_t length, short *events_r)
{
	ssize_t sent;

	if (connection->tls != NULL)
		return redis_tls_write(connection->tls, data, length, events_r,
		    &connection->reason);
	sent = send(connection->fd, data, length, MSG_NOSIGNAL);
	if (sent >= 0)
		return sent;
	*events_r = POLLOUT;
	if (errno == EAGAIN || errno == EINTR)
		return 0;
	redis_reason_set(&connection->reason, "%s", strerror(errno));
	return -1;
}

/* As redis_tls_read(). */
static ssize_t
connection_receive(struct redis_connection *connection, char *data, size_t size,
    short *events_r)
{
	ssize_t received;

	if (connection->tls != NULL)
		return redis_tls_read(
		    connection->tls, data, size, events_r, &connection->reason);
	received = recv(connection->fd, data, size, 0);
	if (received > 0)
		return received;
	*events_r = POLLIN;
	if (received < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	redis_reason_set(&connection->reason, "%s",
	    received == 0 ? "the server closed the connection" :
			    strerror(errno));
	return -1;
}

enum status
redis_connection_flush(struct redis_connection *connection, int64_t deadline_ms)
{
	const char *data = strbuf_text(connection->request);
	size_t left = strbuf_length(connection->request);
	enum status status = strbuf_status(connection->request);
	short events = POLLOUT;
	ssize_t sent;

	if (status != STATUS_OK)
		return connection_fail(connection, status, status_text(status));
	while (left > 0 && connection->status == STATUS_OK) {
		sent = connection_send(connection, data, left, &events);
		if (sent < 0)
			return connection->status = STATUS_IO;
		data += sent;
		left -= (size_t)sent;
		if (sent > 0)
			continue;
		status = wait_for(connection->fd, events, deadline_ms);
		if (status != STATUS_OK)
			(void)connection_fail(
			    connection, status, status_text(status));
	}
	strbuf_reset(connection->request);
	return connection->status;
}

/* Reads what has arrived, after waiting for it. */
static enum status
connection_fill(struct redis_connection *connection, int64_t deadline_ms)
{
	char data[READ_BYTES];
	short events = POLLIN;
	enum status status;
	ssize_t received;

	do {
		status = wait_for(connection->fd, events, deadline_ms);
		if (status != STATUS_OK)
			return connection_fail(
			    connection, status, status_text(status));
		received =
		    connection_receive(connection, data, sizeof(data), &events);
	} while (received == 0);
	if (received < 0)
		return connection->status = STATUS_IO;
	connection->reply_bytes += (size_t)received;
	if (connection->reply_bytes > REPLY_BYTES_MAX)
		return connection_fail(
		    connection, STATUS_LIMIT, "a reply without an end");
	if (redisReaderFeed(connection->reader, data, (size_t)received) !=
	    REDIS_OK)
		return connection_fail(
		    connection, STATUS_NOMEM, connection->reader->errstr);
	return STATUS_OK;
}

enum status
redis_connection_reply(struct redis_connection *connection, int64_t deadline_ms,
    redisReply **reply_r)
{
	void *reply = NULL;

	*reply_r = NULL;
	while (connection->status == STATUS_OK) {
		if (redisReaderGetReply(connection->reader, &reply) != REDIS_OK)
			return connection_fail(
			    connection, STATUS_IO, connection->reader->errstr);
		if (reply != NULL)
			break;
		(void)connection_fill(connection, deadline_ms);
	}
	if (reply != NULL)
		connection->reply_bytes = 0;
	*reply_r = reply;
	return connection->status;
}

const struct redis_reason *
redis_connection_reason(const struct redis_connection *connection)
{
	return &connection->reason;
}
