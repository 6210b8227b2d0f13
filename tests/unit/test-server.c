/* Listeners, a thread a connection, the limit, and the end. */
#include "config.h"

#include "lib/net/server.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/log.h"
#include "lib/net/stream.h"
#include "tests/unit/unit.h"

#define WAIT_MS    20000 /* longer than any machine needs */
#define NO_WAIT    50    /* ms in which nothing must happen */
#define LINE_BYTES 1024

struct fixture {
	char directory[40];
	char socket[64], second_socket[64];
	const char *sockets[2];
	struct server_options options;
	struct server *server;
	_Atomic int ended_by_stop, ended_by_peer;
};

/* Answers each line with itself. */
static void
serve_echo(void *argument, int fd, int stop_fd)
{
	struct fixture *fixture = argument;
	struct stream *stream = stream_new(fd, fd, LINE_BYTES);
	enum status status;
	struct span line;

	assert_non_null(stream);
	stream_set_stop(stream, stop_fd);
	while ((status = stream_read_line(stream, &line)) == STATUS_OK) {
		stream_write(stream, line.data, line.length);
		stream_write(stream, "\n", 1);
	}
	if (status == STATUS_CLOSED)
		atomic_fetch_add(&fixture->ended_by_stop, 1);
	else
		atomic_fetch_add(&fixture->ended_by_peer, 1);
	stream_free(&stream);
}

/* Does not mind being told to stop. */
static void
serve_deaf(void *argument, int fd, int stop_fd GP_UNUSED)
{
	serve_echo(argument, fd, -1);
}

static void
fixture_init(struct fixture *fixture, server_function *serve, size_t most)
{
	memset(fixture, 0, sizeof(*fixture));
	snprintf(fixture->directory, sizeof(fixture->directory),
	    "/tmp/gatepost-server-XXXXXX");
	assert_non_null(mkdtemp(fixture->directory));
	snprintf(fixture->socket, sizeof(fixture->socket), "unix:%s/a",
	    fixture->directory);
	snprintf(fixture->second_socket, sizeof(fixture->second_socket),
	    "unix:%s/b", fixture->directory);
	fixture->sockets[0] = fixture->socket;
	fixture->sockets[1] = fixture->second_socket;
	fixture->options.sockets = fixture->sockets;
	fixture->options.socket_count = 2;
	fixture->options.access.user = "";
	fixture->options.access.group = "";
	fixture->options.access.mode = "600";
	fixture->options.connections_max = most;
	fixture->options.serve = serve;
	fixture->options.argument = fixture;
}

static void
fixture_start(struct fixture *fixture)
{
	assert_int_equal(
	    server_listen(&fixture->options, &fixture->server), STATUS_OK);
	assert_int_equal(server_start(fixture->server), STATUS_OK);
}

static void
fixture_remove(const struct fixture *fixture)
{
	assert_int_equal(rmdir(fixture->directory), 0);
}

static int
connect_to(const char *text)
{
	struct socket_spec spec;
	int fd;

	assert_int_equal(socket_spec_parse(text, &spec), STATUS_OK);
	assert_int_not_equal(fd = socket(spec.family, SOCK_STREAM, 0), -1);
	assert_int_equal(
	    connect(fd, (struct sockaddr *)&spec.address, spec.address_length),
	    0);
	return fd;
}

static bool
is_readable(int fd, int wait_ms)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };

	return poll(&wait, 1, wait_ms) == 1;
}

static void
say(int fd, const char *text)
{
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

static void
assert_hears(int fd, const char *text)
{
	char heard[64] = "";

	assert_true(is_readable(fd, WAIT_MS));
	assert_int_equal(read(fd, heard, sizeof(heard) - 1), strlen(text));
	assert_string_equal(heard, text);
}

static void
test_serves_all_listeners(void **state GP_UNUSED)
{
	struct fixture fixture;
	struct stat file;
	int a, b, again;

	fixture_init(&fixture, serve_echo, 10);
	fixture_start(&fixture);
	assert_int_equal(stat(fixture.socket + 5, &file), 0);
	assert_int_equal(file.st_mode & 0777, 0600);
	a = connect_to(fixture.socket);
	b = connect_to(fixture.second_socket);
	again = connect_to(fixture.socket);
	say(again, "again\n");
	assert_hears(again, "again\n");
	say(b, "b\n");
	assert_hears(b, "b\n");
	close(a);
	close(b);
	assert_true(server_stop(&fixture.server, WAIT_MS));
	assert_null(fixture.server);
	assert_int_equal(atomic_load(&fixture.ended_by_stop), 1);
	assert_int_equal(atomic_load(&fixture.ended_by_peer), 2);
	assert_false(is_readable(again, 0) && read(again, &file, 1) != 0);
	close(again);
	fixture_remove(&fixture);
}

static void
test_over_the_limit_waits(void **state GP_UNUSED)
{
	struct fixture fixture;
	int first, second;

	fixture_init(&fixture, serve_echo, 1);
	fixture_start(&fixture);
	first = connect_to(fixture.socket);
	say(first, "1\n");
	assert_hears(first, "1\n");
	second = connect_to(fixture.second_socket);
	say(second, "2\n");
	assert_false(is_readable(second, NO_WAIT));
	close(first);
	assert_hears(second, "2\n");
	close(second);
	assert_true(server_stop(&fixture.server, WAIT_MS));
	fixture_remove(&fixture);
}

/* One that goes on when told to stop is cut off. */
static void
test_cuts_off(void **state GP_UNUSED)
{
	struct fixture fixture;
	int fd;

	fixture_init(&fixture, serve_deaf, 10);
	fixture_start(&fixture);
	fd = connect_to(fixture.socket);
	say(fd, "x\n");
	assert_hears(fd, "x\n");
	assert_true(server_stop(&fixture.server, 1));
	assert_int_equal(atomic_load(&fixture.ended_by_peer), 1);
	close(fd);
	fixture_remove(&fixture);
}

static void
test_stop_when_full(void **state GP_UNUSED)
{
	struct fixture fixture;
	int first, second;

	fixture_init(&fixture, serve_echo, 1);
	fixture_start(&fixture);
	first = connect_to(fixture.socket);
	say(first, "1\n");
	assert_hears(first, "1\n");
	second = connect_to(fixture.socket);
	assert_true(server_stop(&fixture.server, WAIT_MS));
	close(first);
	close(second);
	fixture_remove(&fixture);
}

static void
test_never_started(void **state GP_UNUSED)
{
	struct fixture fixture;

	fixture_init(&fixture, serve_echo, 1);
	assert_int_equal(
	    server_listen(&fixture.options, &fixture.server), STATUS_OK);
	assert_true(server_stop(&fixture.server, WAIT_MS));
	assert_true(server_stop(&fixture.server, WAIT_MS));
	fixture_remove(&fixture);
}

/* The first listener is closed again when the second cannot be had. */
static void
test_refused(void **state GP_UNUSED)
{
	struct fixture fixture, other;

	fixture_init(&fixture, serve_echo, 1);
	fixture_start(&fixture);
	fixture_init(&other, serve_echo, 1);
	other.sockets[1] = fixture.socket;
	assert_int_equal(
	    server_listen(&other.options, &other.server), STATUS_BUSY);
	assert_null(other.server);
	fixture_remove(&other); /* nothing is left in it */

	fixture_init(&other, serve_echo, 1);
	other.options.access.group = "no-such-group";
	assert_int_equal(
	    server_listen(&other.options, &other.server), STATUS_INVALID);
	other.sockets[0] = "unix:/nonexistent/directory/s";
	assert_int_equal(
	    server_listen(&other.options, &other.server), STATUS_IO);
	fixture_remove(&other);

	assert_true(server_stop(&fixture.server, WAIT_MS));
	fixture_remove(&fixture);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_serves_all_listeners),
		cmocka_unit_test(test_over_the_limit_waits),
		cmocka_unit_test(test_cuts_off),
		cmocka_unit_test(test_stop_when_full),
		cmocka_unit_test(test_never_started),
		cmocka_unit_test(test_refused),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
