/*
 * clamav - the client's side of INSTREAM (see clamav.h; clamd(8), COMMANDS).
 *
 * On the wire: "zINSTREAM" and a NUL, then frames of a length (4 bytes, most
 * significant first) and so many bytes, then a frame of length 0; the answer is
 * one text with a NUL behind it.
 *
 * The message is sent as it passes, and not from the kept body at its end: so
 * clamd sees more of it than is kept, it lies in clamd's temporary file and not
 * in our memory, and most of it is there when the message ends.  No thread
 * waits meanwhile: the socket takes what it can, and only what it does not take
 * is kept here, never more than size_max and the lengths of the frames.
 *
 * A clamd that is not there costs one failed connect() a message and is asked
 * again by the next one.  One that is silent costs the timeout each time, on
 * purpose: if the messages behind a slow one were let through, a sender could
 * smuggle a virus behind a message that takes long.
 */
#include "config.h"

#include "lib/clamav/clamav.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/str.h"
#include "lib/base/strbuf.h"
#include "lib/net/socket.h"

#define COMMAND         "zINSTREAM" /* with the NUL that ends it */
#define LENGTH_BYTES    4
#define FRAME_BYTES     32768
#define REPLY_BYTES     1024 /* clamd's are shorter */
#define CONNECT_STEP_MS 20   /* between tries at a socket whose queue is full */
#define WAIT_MAX_MS     60000

struct clamav_stream {
	struct socket_spec spec;
	int fd;
	bool is_connected;    /* or a connection is under way */
	bool is_closed;       /* nothing more will come */
	bool is_cut;          /* the message is longer than size_max */
	int error;            /* the first errno; 0: none */
	size_t room;          /* of size_max */
	struct strbuf *queue; /* what is to be sent, */
	size_t queue_sent;    /* of which this was */
	size_t frame_used;    /* of the frame, its length left out */
	unsigned char frame[LENGTH_BYTES + FRAME_BYTES];
	size_t reply_length;
	char reply[REPLY_BYTES];
};

const char *
clamav_result_text(enum clamav_result result)
{
	switch (result) {
	case CLAMAV_CLEAN:
		return "clean";
	case CLAMAV_FOUND:
		return "found";
	case CLAMAV_PARTLY:
		return "partly";
	case CLAMAV_LIMIT:
		return "limit";
	case CLAMAV_FAILED:
		return "failed";
	}
	return "failed";
}

/* Keeps the first error; nothing more is sent. */
static void
fail(struct clamav_stream *stream, int error)
{
	if (stream->error == 0)
		stream->error = error;
}

static void
try_connect(struct clamav_stream *stream)
{
	const struct sockaddr *address;

	address = (const struct sockaddr *)&stream->spec.address;
	if (connect(stream->fd, address, stream->spec.address_length) == 0 ||
	    errno == EINPROGRESS)
		stream->is_connected = true;
	else if (errno != EAGAIN) /* its queue is full */
		fail(stream, errno);
}

static void
open_socket(struct clamav_stream *stream)
{
	int on = 1;

	stream->fd = socket(
	    stream->spec.family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (stream->fd == -1) {
		fail(stream, errno);
		return;
	}
	/* Else the last frame may wait for an acknowledgement. */
	if (stream->spec.family != AF_UNIX)
		(void)setsockopt(
		    stream->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	try_connect(stream);
}

static bool
has_queue(const struct clamav_stream *stream)
{
	return stream->queue_sent < strbuf_length(stream->queue);
}

/* Sends of the queue what the socket takes now. */
static void
flush(struct clamav_stream *stream)
{
	const char *data = strbuf_text(stream->queue);
	ssize_t sent;

	if (stream->error == 0 && !stream->is_connected)
		try_connect(stream);
	while (
	    stream->error == 0 && stream->is_connected && has_queue(stream)) {
		sent = send(stream->fd, data + stream->queue_sent,
		    strbuf_length(stream->queue) - stream->queue_sent,
		    MSG_NOSIGNAL);
		if (sent >= 0)
			stream->queue_sent += (size_t)sent;
		else if (errno == EAGAIN)
			return;
		else if (errno != EINTR)
			fail(stream, errno);
	}
	if (!has_queue(stream)) {
		strbuf_reset(stream->queue);
		stream->queue_sent = 0;
	}
}

static void
queue(struct clamav_stream *stream, const void *data, size_t length)
{
	if (stream->error != 0)
		return;
	strbuf_add(stream->queue, data, length);
	if (strbuf_status(stream->queue) != STATUS_OK) {
		fail(stream, ENOMEM);
		stream->is_closed = true; /* there is no answer to a part */
	}
}

/* The frame as it is now; an empty one ends the message. */
static void
queue_frame(struct clamav_stream *stream)
{
	size_t i, length = stream->frame_used;

	for (i = LENGTH_BYTES; i > 0; i--, length >>= 8)
		stream->frame[i - 1] = (unsigned char)(length & 0xff);
	queue(stream, stream->frame, LENGTH_BYTES + stream->frame_used);
	stream->frame_used = 0;
}

enum status
clamav_begin(const struct clamav_conf *conf, struct clamav_stream **stream_r)
{
	size_t size_max = (size_t)conf->size_max;
	struct clamav_stream *stream;

	*stream_r = NULL;
	if ((stream = calloc(1, sizeof(*stream))) == NULL)
		return STATUS_NOMEM;
	stream->fd = -1;
	stream->room = size_max;
	stream->queue = strbuf_new(sizeof(COMMAND) + size_max +
	    (size_max / FRAME_BYTES + 2) * LENGTH_BYTES);
	if (stream->queue == NULL) {
		free(stream);
		return STATUS_NOMEM;
	}
	if (socket_spec_parse(conf->socket, &stream->spec) != STATUS_OK)
		fail(stream, EINVAL);
	else
		open_socket(stream);
	queue(stream, COMMAND, sizeof(COMMAND));
	flush(stream);
	*stream_r = stream;
	return STATUS_OK;
}

void
clamav_add(struct clamav_stream *stream, const void *data, size_t length)
{
	const char *bytes = data;
	size_t piece;

	if (length > stream->room) {
		length = stream->room;
		stream->is_cut = true;
	}
	stream->room -= length;
	while (length > 0 && stream->error == 0) {
		piece = FRAME_BYTES - stream->frame_used;
		if (piece > length)
			piece = length;
		memcpy(stream->frame + LENGTH_BYTES + stream->frame_used, bytes,
		    piece);
		stream->frame_used += piece;
		bytes += piece;
		length -= piece;
		if (stream->frame_used < FRAME_BYTES)
			return;
		queue_frame(stream);
		flush(stream);
	}
}

/* Waits until there is something to do; false: the time is over. */
static bool
wait_for_clamd(const struct clamav_stream *stream, int64_t deadline_ms)
{
	struct pollfd pollfd = { .fd = stream->fd, .events = POLLIN };
	int64_t left_ms = deadline_ms - clock_now_ms();

	if (left_ms < 0)
		left_ms = 0; /* a last look */
	if (left_ms > WAIT_MAX_MS)
		left_ms = WAIT_MAX_MS;
	if (!stream->is_connected) {
		pollfd.fd = -1;
		if (left_ms > CONNECT_STEP_MS)
			left_ms = CONNECT_STEP_MS;
	}
	if (stream->error == 0 && has_queue(stream))
		pollfd.events |= POLLOUT;
	return poll(&pollfd, 1, (int)left_ms) > 0 ||
	    clock_now_ms() < deadline_ms;
}

/* Reads what is there.  clamd may have answered before it closed, so this goes
 * on when sending has failed. */
static void
receive(struct clamav_stream *stream)
{
	ssize_t received;

	if (!stream->is_connected)
		return;
	received = recv(stream->fd, stream->reply + stream->reply_length,
	    sizeof(stream->reply) - stream->reply_length, 0);
	if (received > 0) {
		stream->reply_length += (size_t)received;
		return;
	}
	if (received == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (received == -1)
		fail(stream, errno);
	stream->is_closed = true;
}

static bool
has_reply(const struct clamav_stream *stream)
{
	return memchr(stream->reply, '\0', stream->reply_length) != NULL;
}

static bool
is_over(const struct clamav_stream *stream)
{
	return has_reply(stream) || stream->is_closed ||
	    stream->reply_length == sizeof(stream->reply) ||
	    (stream->error != 0 && !stream->is_connected);
}

/* "stream: NAME FOUND"; false: it is another answer.  With AlertExceedsMax one
 * of clamd's limits has a name too: nothing was found in what it looked at. */
static bool
read_found(const char *reply, struct clamav_answer *answer)
{
	static const char before[] = "stream: ", behind[] = " FOUND";
	struct span name = span_of(reply);

	if (!span_starts_nocase(name, before))
		return false;
	name.data += strlen(before);
	name.length -= strlen(before);
	if (name.length <= strlen(behind) ||
	    strcmp(name.data + name.length - strlen(behind), behind) != 0)
		return false;
	name.length -= strlen(behind);
	if (span_starts_nocase(name, "Heuristics.Limits.")) {
		answer->result = CLAMAV_PARTLY;
		return true;
	}
	answer->result = CLAMAV_FOUND;
	str_sanitize(answer->text, sizeof(answer->text), name);
	return true;
}

static void
read_reply(const struct clamav_stream *stream, struct clamav_answer *answer)
{
	static const char limit[] = "INSTREAM size limit exceeded";
	char clean[CLAMAV_TEXT_BYTES / 2];
	const char *reply = stream->reply;

	if (read_found(reply, answer))
		return;
	if (strcmp(reply, "stream: OK") == 0) {
		answer->result = stream->is_cut ? CLAMAV_PARTLY : CLAMAV_CLEAN;
		return;
	}
	if (strncmp(reply, limit, strlen(limit)) == 0) {
		answer->result = CLAMAV_LIMIT;
		return;
	}
	str_sanitize(clean, sizeof(clean), span_of(reply));
	snprintf(
	    answer->text, sizeof(answer->text), "it answers \"%s\"", clean);
}

/* Why there is no whole reply. */
static void
tell_failure(const struct clamav_stream *stream, struct clamav_answer *answer)
{
	const char *why = "no answer in time";

	if (stream->error != 0)
		why = strerror(stream->error);
	else if (stream->is_closed)
		why = "it closed the connection without an answer";
	else if (stream->reply_length == sizeof(stream->reply))
		why = "an answer without an end";
	str_sanitize(answer->text, sizeof(answer->text), span_of(why));
}

void
clamav_finish(struct clamav_stream *stream, int64_t deadline_ms,
    struct clamav_answer *answer_r)
{
	if (stream->frame_used > 0)
		queue_frame(stream);
	queue_frame(stream);
	flush(stream);
	while (!is_over(stream) && wait_for_clamd(stream, deadline_ms)) {
		flush(stream);
		receive(stream);
	}
	memset(answer_r, 0, sizeof(*answer_r));
	answer_r->result = CLAMAV_FAILED;
	if (has_reply(stream))
		read_reply(stream, answer_r);
	else
		tell_failure(stream, answer_r);
}

void
clamav_end(struct clamav_stream **stream)
{
	struct clamav_stream *old = *stream;

	*stream = NULL;
	if (old == NULL)
		return;
	if (old->fd != -1)
		close(old->fd);
	strbuf_free(&old->queue);
	free(old);
}
