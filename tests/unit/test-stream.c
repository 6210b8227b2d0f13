/* Lines and bytes by deadline, limits, and what is held back. */
#include "config.h"

#include "lib/net/stream.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "tests/unit/unit.h"

#define BUFFER_BYTES 16
#define SOON_MS      30

struct pair {
	int ours, theirs;
	struct stream *stream;
};

static void
pair_open(struct pair *pair, size_t buffer_bytes)
{
	int ends[2];

	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
	pair->ours = ends[0];
	pair->theirs = ends[1];
	pair->stream = stream_new(pair->ours, pair->ours, buffer_bytes);
	assert_non_null(pair->stream);
}

static void
pair_close(struct pair *pair)
{
	stream_free(&pair->stream);
	assert_null(pair->stream);
	close(pair->ours);
	if (pair->theirs != -1)
		close(pair->theirs);
}

static void
send_bytes(const struct pair *pair, const char *data, size_t length)
{
	assert_int_equal(write(pair->theirs, data, length), length);
}

static void
test_lines(void **state GP_UNUSED)
{
	static const struct {
		const char *input; /* sent at once, then the end */

		struct {
			enum status status;
			const char *line;
		} wanted[4];
	} cases[] = {
		{ "a\nb\r\n",
		    { { STATUS_OK, "a" }, { STATUS_OK, "b" },
			{ STATUS_NOTFOUND, "" } } },
		{ "\n\r\n",
		    { { STATUS_OK, "" }, { STATUS_OK, "" },
			{ STATUS_NOTFOUND, "" } } },
		{ "a\rb\r\r\n",
		    { { STATUS_OK, "a\rb\r" }, { STATUS_NOTFOUND, "" } } },
		{ "unfinished", { { STATUS_NOTFOUND, "" } } },
		{ "", { { STATUS_NOTFOUND, "" } } },
		/* The longest that fits the buffer, with its line end. */
		{ "123456789012345\nx\n",
		    { { STATUS_OK, "123456789012345" }, { STATUS_OK, "x" },
			{ STATUS_NOTFOUND, "" } } },
		{ "1234567890123456\nx\n",
		    { { STATUS_LIMIT, "" }, { STATUS_OK, "x" },
			{ STATUS_NOTFOUND, "" } } },
		{ "12345678901234567890123456789012345678901234\nx\n",
		    { { STATUS_LIMIT, "" }, { STATUS_OK, "x" },
			{ STATUS_NOTFOUND, "" } } },
		{ "12345678901234567890", { { STATUS_NOTFOUND, "" } } },
	};
	struct pair pair;
	struct span line;
	size_t i, n;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		pair_open(&pair, BUFFER_BYTES);
		send_bytes(&pair, cases[i].input, strlen(cases[i].input));
		close(pair.theirs);
		pair.theirs = -1;
		for (n = 0; n < GP_NELEMS(cases[i].wanted); n++) {
			if (cases[i].wanted[n].line == NULL)
				break;
			if (stream_read_line(pair.stream, &line) !=
				cases[i].wanted[n].status ||
			    !span_equals(line, cases[i].wanted[n].line))
				fail_msg(
				    "case \"%s\" line %zu", cases[i].input, n);
		}
		pair_close(&pair);
	}
}

/* A NUL is a byte like another. */
static void
test_nul(void **state GP_UNUSED)
{
	struct pair pair;
	struct span line;

	pair_open(&pair, BUFFER_BYTES);
	send_bytes(&pair, "a\0b\n", 4);
	assert_int_equal(stream_read_line(pair.stream, &line), STATUS_OK);
	assert_int_equal(line.length, 3);
	assert_memory_equal(line.data, "a\0b", 3);
	pair_close(&pair);
}

static void
test_bytes_behind_a_line(void **state GP_UNUSED)
{
	struct pair pair;
	struct span span;

	pair_open(&pair, BUFFER_BYTES);
	send_bytes(&pair, "line\nbytes", 10);
	assert_int_equal(stream_read_line(pair.stream, &span), STATUS_OK);
	assert_true(stream_has_input(pair.stream));
	assert_int_equal(stream_peek(pair.stream, &span), STATUS_OK);
	assert_true(span_equals(span, "bytes"));
	stream_take(pair.stream, 2);
	assert_int_equal(stream_peek(pair.stream, &span), STATUS_OK);
	assert_true(span_equals(span, "tes"));
	stream_take(pair.stream, 3);
	assert_false(stream_has_input(pair.stream));
	send_bytes(&pair, "more", 4);
	assert_int_equal(stream_peek(pair.stream, &span), STATUS_OK);
	assert_true(span_equals(span, "more"));
	pair_close(&pair);
}

static void
test_deadline_of_reading(void **state GP_UNUSED)
{
	struct pair pair;
	struct span line;

	pair_open(&pair, BUFFER_BYTES);
	send_bytes(&pair, "begun", 5);
	stream_set_deadline(pair.stream, clock_now_ms() + SOON_MS);
	assert_int_equal(stream_read_line(pair.stream, &line), STATUS_TIMEOUT);
	/* What came later completes the line. */
	send_bytes(&pair, " and ended\n", 11);
	assert_int_equal(stream_read_line(pair.stream, &line), STATUS_OK);
	assert_true(span_equals(line, "begun and ended"));
	pair_close(&pair);
}

static void
test_told_to_stop(void **state GP_UNUSED)
{
	struct pair pair;
	struct span line;
	int stop_fd;

	assert_int_not_equal(stop_fd = eventfd(0, EFD_CLOEXEC), -1);
	pair_open(&pair, BUFFER_BYTES);
	stream_set_stop(pair.stream, stop_fd);
	send_bytes(&pair, "one\n", 4);
	assert_int_equal(eventfd_write(stop_fd, 1), 0);
	/* Only what would wait ends. */
	assert_int_equal(stream_read_line(pair.stream, &line), STATUS_OK);
	assert_int_equal(stream_read_line(pair.stream, &line), STATUS_CLOSED);
	pair_close(&pair);
	close(stop_fd);
}

static void
assert_sent(const struct pair *pair, const char *wanted)
{
	char got[64] = "";
	ssize_t length;

	length = read(pair->theirs, got, sizeof(got) - 1);
	assert_string_equal(length == -1 ? "" : got, wanted);
}

static void
test_output_is_held_back(void **state GP_UNUSED)
{
	struct pair pair;
	struct span line;

	pair_open(&pair, BUFFER_BYTES);
	send_bytes(&pair, "a\nb\n", 4);
	assert_int_equal(stream_read_line(pair.stream, &line), STATUS_OK);
	stream_printf(pair.stream, "answer %d\n", 1);
	assert_int_equal(stream_read_line(pair.stream, &line), STATUS_OK);
	assert_sent(&pair, "");
	stream_write(pair.stream, "answer 2\n", 9);
	/* It must leave before we wait for the peer. */
	stream_set_deadline(pair.stream, clock_now_ms() + SOON_MS);
	assert_int_equal(stream_read_line(pair.stream, &line), STATUS_TIMEOUT);
	assert_sent(&pair, "answer 1\nanswer 2\n");
	stream_write(pair.stream, "answer 3\n", 9);
	assert_int_equal(stream_flush(pair.stream), STATUS_OK);
	assert_sent(&pair, "answer 3\n");
	pair_close(&pair);
}

#define MUCH_BYTES (4 * 1024 * 1024)

static void *
count_bytes(void *argument)
{
	int fd = *(int *)argument;
	char buffer[8192];
	size_t count = 0;
	ssize_t length;

	fcntl(fd, F_SETFL, 0);
	while ((length = read(fd, buffer, sizeof(buffer))) > 0)
		count += (size_t)length;
	return (void *)(uintptr_t)count;
}

static void
test_much_output(void **state GP_UNUSED)
{
	struct pair pair;
	pthread_t reader;
	void *counted;
	char *data;

	pair_open(&pair, BUFFER_BYTES);
	assert_non_null(data = calloc(1, MUCH_BYTES));
	assert_int_equal(
	    pthread_create(&reader, NULL, count_bytes, &pair.theirs), 0);
	stream_write(pair.stream, data, MUCH_BYTES);
	assert_int_equal(stream_flush(pair.stream), STATUS_OK);
	shutdown(pair.ours, SHUT_WR);
	pthread_join(reader, &counted);
	assert_int_equal((uintptr_t)counted, MUCH_BYTES);
	free(data);
	pair_close(&pair);
}

/* A peer that does not read holds nobody up, and the failure sticks. */
static void
test_deadline_of_writing(void **state GP_UNUSED)
{
	struct pair pair;
	char *data;

	pair_open(&pair, BUFFER_BYTES);
	assert_non_null(data = calloc(1, MUCH_BYTES));
	stream_set_deadline(pair.stream, clock_now_ms() + SOON_MS);
	stream_write(pair.stream, data, MUCH_BYTES);
	assert_int_equal(stream_flush(pair.stream), STATUS_TIMEOUT);
	stream_set_deadline(pair.stream, INT64_MAX);
	stream_write(pair.stream, data, 1);
	assert_int_equal(stream_flush(pair.stream), STATUS_TIMEOUT);
	free(data);
	pair_close(&pair);
}

static void
test_peer_is_gone(void **state GP_UNUSED)
{
	struct pair pair;
	struct span line;

	pair_open(&pair, BUFFER_BYTES);
	/* It has not read this: the kernel tells us. */
	stream_write(pair.stream, "x", 1);
	assert_int_equal(stream_flush(pair.stream), STATUS_OK);
	close(pair.theirs);
	pair.theirs = -1;
	assert_int_equal(stream_read_line(pair.stream, &line), STATUS_IO);
	stream_write(pair.stream, "y", 1);
	assert_int_equal(stream_flush(pair.stream), STATUS_IO);
	pair_close(&pair);
}

/* Behind our end a read tells whether the peer has read all. */
static void
test_end(void **state GP_UNUSED)
{
	char got[8];
	struct pair pair;
	struct span span;
	int reads;

	for (reads = 0; reads <= 1; reads++) {
		pair_open(&pair, BUFFER_BYTES);
		stream_write(pair.stream, "bye\n", 4);
		assert_int_equal(stream_end(pair.stream), STATUS_OK);
		send_bytes(&pair, "x", 1);
		assert_int_equal(stream_peek(pair.stream, &span), STATUS_OK);
		stream_take(pair.stream, 1);
		if (reads == 1) {
			assert_int_equal(read(pair.theirs, got, 8), 4);
			assert_int_equal(read(pair.theirs, got, 8), 0);
		}
		close(pair.theirs);
		pair.theirs = -1;
		assert_int_equal(stream_peek(pair.stream, &span),
		    reads == 1 ? STATUS_NOTFOUND : STATUS_IO);
		pair_close(&pair);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_nul),
		cmocka_unit_test(test_bytes_behind_a_line),
		cmocka_unit_test(test_deadline_of_reading),
		cmocka_unit_test(test_told_to_stop),
		cmocka_unit_test(test_output_is_held_back),
		cmocka_unit_test(test_much_output),
		cmocka_unit_test(test_deadline_of_writing),
		cmocka_unit_test(test_peer_is_gone),
		cmocka_unit_test(test_end),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
