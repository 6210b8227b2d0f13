/*
 * deliver-load - sends messages to an LMTP server over parallel connections and
 * prints what it measured; or does what every delivery must do, and no more.
 *
 * usage: deliver-load --socket PATH [--connections N] [--count N] [--size BYTES]
 *	[--users N]
 *	   deliver-load --floor DIRECTORY [the same]
 *
 * Message i goes to user I@gatepost.test, I = i mod users.  A connection is kept
 * for all its messages; MAIL, RCPT and DATA are sent together, as Postfix does.
 *
 * The floor: DIRECTORY/I/{tmp,new} are there; a file is written in tmp, synced,
 * renamed into new, and new is synced.
 *
 * Output: one JSON object.  Exit status: 0; 1 when a message was not accepted;
 * 2 for wrong usage.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/status.h"
#include "lib/base/str.h"
#include "lib/net/stream.h"

#define MAX_CONNECTIONS 1024
#define MAX_COUNT       10000000
#define MAX_SIZE        (64 * 1024 * 1024)
#define MAX_USERS       100000
#define STREAM_BYTES    8192
#define LINE_BYTES      72 /* of the text of a message, with CRLF */
#define PATH_BYTES      1024

struct load {
	const char *socket, *floor;
	uint64_t connections, count, size, users;
	char *text; /* of every message, behind its own header */
	atomic_uint_fast64_t next;
	double *waits_ms; /* of each message; written by who sends it */
};

struct worker {
	pthread_t thread;
	struct load *load;
	uint64_t failed;
};

static double
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* The header of message i; no two messages are the same. */
static int
make_header(const struct load *load, uint64_t i, char *to, size_t size)
{
	return snprintf(to, size,
	    "From: bench@outside.test\r\n"
	    "To: %" PRIu64 "@gatepost.test\r\n"
	    "Message-ID: <%" PRIu64 ".%ld@outside.test>\r\n"
	    "Subject: message %" PRIu64 "\r\n\r\n",
	    i % load->users, i, (long)getpid(), i);
}

/* Reads a reply, of one line or several; false: it is not 2xx or 3xx. */
static bool
read_reply(struct stream *stream)
{
	struct span line;

	do {
		if (stream_read_line(stream, &line) != STATUS_OK ||
		    line.length < 4)
			return false;
	} while (line.data[3] == '-');
	return line.data[0] == '2' || line.data[0] == '3';
}

static bool
send_message(struct load *load, struct stream *stream, uint64_t i)
{
	char header[512];
	bool good = true;
	int n, length = make_header(load, i, header, sizeof(header));

	stream_printf(stream,
	    "MAIL FROM:<bench@outside.test>\r\n"
	    "RCPT TO:<%" PRIu64 "@gatepost.test>\r\nDATA\r\n",
	    i % load->users);
	for (n = 0; n < 3; n++)
		good = read_reply(stream) && good;
	if (!good)
		return false;
	stream_write(stream, header, (size_t)length);
	stream_write(stream, load->text, load->size);
	stream_write(stream, ".\r\n", 3);
	return read_reply(stream);
}

static int
connect_to(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd == -1 ||
	    str_copy(address.sun_path, sizeof(address.sun_path), path) !=
		STATUS_OK ||
	    connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
		perror(path);
		exit(1);
	}
	return fd;
}

/* Takes messages until none is left. */
static void *
run_client(void *argument)
{
	struct worker *worker = argument;
	struct load *load = worker->load;
	int fd = connect_to(load->socket);
	struct stream *stream = stream_new(fd, fd, STREAM_BYTES);
	double began;
	uint64_t i;

	if (stream == NULL || !read_reply(stream))
		exit(1);
	stream_printf(stream, "LHLO bench\r\n");
	if (!read_reply(stream))
		exit(1);
	while ((i = atomic_fetch_add(&load->next, 1)) < load->count) {
		began = now_ms();
		if (!send_message(load, stream, i))
			worker->failed++;
		load->waits_ms[i] = now_ms() - began;
	}
	stream_printf(stream, "QUIT\r\n");
	(void)read_reply(stream);
	stream_free(&stream);
	close(fd);
	return NULL;
}

/* Opens, syncs and closes a directory. */
static bool
sync_directory(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool good = fd != -1 && fsync(fd) == 0;

	if (fd != -1)
		close(fd);
	return good;
}

static bool
write_file(const struct load *load, const char *path, uint64_t i)
{
	char header[512];
	int length = make_header(load, i, header, sizeof(header));
	bool good;
	int fd;

	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	good = fd != -1 && write(fd, header, (size_t)length) == length &&
	    write(fd, load->text, load->size) == (ssize_t)load->size &&
	    fsync(fd) == 0;
	if (fd != -1)
		close(fd);
	return good;
}

static bool
deliver_bare(const struct load *load, uint64_t i)
{
	char tmp_path[PATH_BYTES], new_path[PATH_BYTES], directory[PATH_BYTES];

	snprintf(directory, sizeof(directory), "%s/%" PRIu64 "/new",
	    load->floor, i % load->users);
	snprintf(tmp_path, sizeof(tmp_path), "%s/%" PRIu64 "/tmp/%" PRIu64,
	    load->floor, i % load->users, i);
	snprintf(new_path, sizeof(new_path), "%s/%" PRIu64 "/new/%" PRIu64,
	    load->floor, i % load->users, i);
	return write_file(load, tmp_path, i) &&
	    rename(tmp_path, new_path) == 0 && sync_directory(directory);
}

static void *
run_floor(void *argument)
{
	struct worker *worker = argument;
	struct load *load = worker->load;
	double began;
	uint64_t i;

	while ((i = atomic_fetch_add(&load->next, 1)) < load->count) {
		began = now_ms();
		if (!deliver_bare(load, i))
			worker->failed++;
		load->waits_ms[i] = now_ms() - began;
	}
	return NULL;
}

static int
compare_waits(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void
print_results(const struct load *load, double ms, uint64_t failed)
{
	qsort(load->waits_ms, load->count, sizeof(double), compare_waits);
	printf("{\"connections\": %" PRIu64 ", \"count\": %" PRIu64
	       ", \"failed\": %" PRIu64 ", \"seconds\": %.3f, "
	       "\"per_second\": %.1f, \"median_ms\": %.2f, "
	       "\"p95_ms\": %.2f}\n",
	    load->connections, load->count, failed, ms / 1e3,
	    (double)load->count * 1e3 / ms, load->waits_ms[load->count / 2],
	    load->waits_ms[load->count * 95 / 100]);
}

static int
run(struct load *load)
{
	struct worker *workers = calloc(load->connections, sizeof(*workers));
	uint64_t i, failed = 0;
	double began;

	load->waits_ms = calloc(load->count, sizeof(double));
	if (workers == NULL || load->waits_ms == NULL)
		return 1;
	began = now_ms();
	for (i = 0; i < load->connections; i++) {
		workers[i].load = load;
		if (pthread_create(&workers[i].thread, NULL,
			load->floor == NULL ? run_client : run_floor,
			&workers[i]) != 0)
			return 1;
	}
	for (i = 0; i < load->connections; i++) {
		pthread_join(workers[i].thread, NULL);
		failed += workers[i].failed;
	}
	print_results(load, now_ms() - began, failed);
	free(workers);
	free(load->waits_ms);
	return failed == 0 ? 0 : 1;
}

/* Lines of letters, each with CRLF, size bytes in all. */
static char *
make_text(uint64_t size)
{
	char *text = malloc(size);
	uint64_t i;

	if (text == NULL)
		exit(1);
	for (i = 0; i < size; i++)
		text[i] = (char)('a' + i * 7 % 26);
	for (i = LINE_BYTES; i <= size; i += LINE_BYTES)
		memcpy(text + i - 2, "\r\n", 2);
	memcpy(text + size - 2, "\r\n", 2);
	return text;
}

static void
read_number(const char *text, uint64_t least, uint64_t most, uint64_t *to)
{
	if (str_to_uint64(span_of(text), most, to) == STATUS_OK && *to >= least)
		return;
	fprintf(stderr, "deliver-load: %s: not %" PRIu64 " to %" PRIu64 "\n",
	    text, least, most);
	exit(2);
}

static void
parse_options(int argc, char **argv, struct load *load)
{
	static const struct option table[] = {
		{ "socket", required_argument, NULL, 's' },
		{ "floor", required_argument, NULL, 'f' },
		{ "connections", required_argument, NULL, 'c' },
		{ "count", required_argument, NULL, 'n' },
		{ "size", required_argument, NULL, 'z' },
		{ "users", required_argument, NULL, 'u' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "", table, NULL)) != -1) {
		switch (option) {
		case 's':
			load->socket = optarg;
			break;
		case 'f':
			load->floor = optarg;
			break;
		case 'c':
			read_number(
			    optarg, 1, MAX_CONNECTIONS, &load->connections);
			break;
		case 'n':
			read_number(optarg, 1, MAX_COUNT, &load->count);
			break;
		case 'z':
			read_number(optarg, LINE_BYTES, MAX_SIZE, &load->size);
			break;
		case 'u':
			read_number(optarg, 1, MAX_USERS, &load->users);
			break;
		default:
			exit(2);
		}
	}
	if (optind != argc || (load->socket == NULL) == (load->floor == NULL)) {
		fprintf(stderr,
		    "usage: deliver-load --socket PATH | --floor DIRECTORY "
		    "[--connections N] [--count N] [--size BYTES] "
		    "[--users N]\n");
		exit(2);
	}
}

int
main(int argc, char **argv)
{
	struct load load = {
		.connections = 1,
		.count = 1000,
		.size = 10000,
		.users = 100,
	};
	int result;

	parse_options(argc, argv, &load);
	load.text = make_text(load.size);
	result = run(&load);
	free(load.text);
	return result;
}
