/* stream - buffered reading and writing by deadline (see stream.h). */
#include "config.h"

#include "lib/net/stream.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/clock.h"

#define OUT_BYTES     (16 * 1024) /* sent when so many are held back */
#define PRINTED_BYTES 2048        /* the longest text of stream_printf() */

struct stream {
	int in_fd, out_fd, stop_fd;
	int64_t deadline_ms;
	size_t size;       /* of in */
	size_t start, end; /* what of in was read and not taken */
	size_t out_length;
	enum status out_status; /* the first failure of writing */
	char out[OUT_BYTES];
	char in[];
};

struct stream *
stream_new(int in_fd, int out_fd, size_t buffer_bytes)
{
	struct stream *stream;

	assert(buffer_bytes > 0 && buffer_bytes < INT_MAX);
	if ((stream = calloc(1, sizeof(*stream) + buffer_bytes)) == NULL)
		return NULL;
	stream->in_fd = in_fd;
	stream->out_fd = out_fd;
	stream->stop_fd = -1;
	stream->deadline_ms = INT64_MAX;
	stream->size = buffer_bytes;
	return stream;
}

void
stream_free(struct stream **stream)
{
	free(*stream);
	*stream = NULL;
}

void
stream_set_deadline(struct stream *stream, int64_t deadline_ms)
{
	stream->deadline_ms = deadline_ms;
}

void
stream_set_stop(struct stream *stream, int stop_fd)
{
	stream->stop_fd = stop_fd;
}

/* Milliseconds that poll() may take. */
static int
time_left_ms(const struct stream *stream)
{
	int64_t left;

	if (stream->deadline_ms == INT64_MAX)
		return -1;
	left = stream->deadline_ms - clock_now_ms();
	if (left < 0)
		return 0;
	return left > INT_MAX ? INT_MAX : (int)left;
}

/* Waits until fd is ready for events; stop_fd -1: nothing else ends it. */
static enum status
wait_for(const struct stream *stream, int fd, short events, int stop_fd)
{
	struct pollfd wait[2] = {
		{ .fd = fd, .events = events },
		{ .fd = stop_fd, .events = POLLIN }, /* below 0: ignored */
	};
	int ready;

	do {
		ready = poll(wait, 2, time_left_ms(stream));
	} while (ready == -1 && errno == EINTR);
	if (ready == -1)
		return STATUS_IO;
	if (ready == 0)
		return STATUS_TIMEOUT;
	return wait[0].revents != 0 ? STATUS_OK : STATUS_CLOSED;
}

static bool
must_wait(ssize_t result)
{
	return result == -1 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

/* Writes what it can. */
static enum status
write_some(
    struct stream *stream, const char *data, size_t length, size_t *written_r)
{
	enum status status;
	ssize_t written;

	*written_r = 0;
	status = wait_for(stream, stream->out_fd, POLLOUT, -1);
	if (status != STATUS_OK)
		return status;
	written = write(stream->out_fd, data, length);
	if (written >= 0)
		*written_r = (size_t)written;
	else if (!must_wait(written) && errno != EINTR)
		return STATUS_IO;
	return STATUS_OK;
}

enum status
stream_flush(struct stream *stream)
{
	size_t done = 0, written;

	while (done < stream->out_length && stream->out_status == STATUS_OK) {
		stream->out_status = write_some(stream, stream->out + done,
		    stream->out_length - done, &written);
		done += written;
	}
	stream->out_length = 0;
	return stream->out_status;
}

enum status
stream_end(struct stream *stream)
{
	enum status status = stream_flush(stream);

	if (status == STATUS_OK && shutdown(stream->out_fd, SHUT_WR) != 0)
		status = STATUS_IO;
	return status;
}

void
stream_write(struct stream *stream, const void *data, size_t length)
{
	const char *rest = data;
	size_t room, piece;

	while (length > 0 && stream->out_status == STATUS_OK) {
		room = sizeof(stream->out) - stream->out_length;
		piece = length < room ? length : room;
		memcpy(stream->out + stream->out_length, rest, piece);
		stream->out_length += piece;
		rest += piece;
		length -= piece;
		if (length > 0)
			stream->out_status = stream_flush(stream);
	}
}

void
stream_printf(struct stream *stream, const char *format, ...)
{
	char text[PRINTED_BYTES];
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	assert(length >= 0 && (size_t)length < sizeof(text));
	stream_write(stream, text, (size_t)length);
}

/* Moves what is left to the front, so that there is room behind it. */
static void
make_room(struct stream *stream)
{
	memmove(stream->in, stream->in + stream->start,
	    stream->end - stream->start);
	stream->end -= stream->start;
	stream->start = 0;
}

/* Reads at least one byte behind what is there; room is there too. */
static enum status
fill(struct stream *stream)
{
	enum status status;
	ssize_t length;

	if (stream->start > 0)
		make_room(stream);
	assert(stream->end < stream->size);
	if (stream->out_length > 0 &&
	    (status = stream_flush(stream)) != STATUS_OK)
		return status;
	do {
		status =
		    wait_for(stream, stream->in_fd, POLLIN, stream->stop_fd);
		if (status != STATUS_OK)
			return status;
		length = read(stream->in_fd, stream->in + stream->end,
		    stream->size - stream->end);
	} while (must_wait(length) || (length == -1 && errno == EINTR));
	if (length <= 0)
		return length == 0 ? STATUS_NOTFOUND : STATUS_IO;
	stream->end += (size_t)length;
	return STATUS_OK;
}

enum status
stream_peek(struct stream *stream, struct span *bytes_r)
{
	enum status status;

	bytes_r->data = NULL;
	bytes_r->length = 0;
	if (!stream_has_input(stream) && (status = fill(stream)) != STATUS_OK)
		return status;
	bytes_r->data = stream->in + stream->start;
	bytes_r->length = stream->end - stream->start;
	return STATUS_OK;
}

void
stream_take(struct stream *stream, size_t length)
{
	assert(length <= stream->end - stream->start);
	stream->start += length;
}

bool
stream_has_input(const struct stream *stream)
{
	return stream->start < stream->end;
}

/* Drops input up to the end of the line. */
static enum status
skip_line(struct stream *stream)
{
	struct span bytes;
	enum status status;
	const char *end;

	for (;;) {
		if ((status = stream_peek(stream, &bytes)) != STATUS_OK)
			return status;
		end = memchr(bytes.data, '\n', bytes.length);
		if (end != NULL)
			break;
		stream_take(stream, bytes.length);
	}
	stream_take(stream, (size_t)(end - bytes.data) + 1);
	return STATUS_LIMIT;
}

enum status
stream_read_line(struct stream *stream, struct span *line_r)
{
	const char *line, *end = NULL;
	size_t length, seen = 0;
	enum status status;

	line_r->data = NULL;
	line_r->length = 0;
	for (;;) {
		length = stream->end - stream->start;
		if (length > seen)
			end = memchr(stream->in + stream->start + seen, '\n',
			    length - seen);
		if (end != NULL)
			break;
		if (length == stream->size)
			return skip_line(stream);
		seen = length;
		if ((status = fill(stream)) != STATUS_OK)
			return status;
	}
	line = stream->in + stream->start;
	length = (size_t)(end - line);
	stream_take(stream, length + 1);
	if (length > 0 && line[length - 1] == '\r')
		length--;
	line_r->data = line;
	line_r->length = length;
	return STATUS_OK;
}
