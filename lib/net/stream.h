/*
 * stream - buffered reading and writing of a connection, by deadline.
 *
 * What is written is held back until the buffer is large, stream_flush() is
 * called, or a read would have to wait: so the answers to a burst of commands
 * leave in one piece.  Descriptors that are written to should be non-blocking,
 * or a peer that does not read holds the writer up past the deadline.
 *
 * A stream belongs to one thread.
 */
#ifndef GATEPOST_NET_STREAM_H
#define GATEPOST_NET_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/status.h"
#include "lib/base/str.h"

struct stream;

/*
 * stream_new - a stream over two descriptors (or one and the same).
 *
 * in_fd, out_fd   the caller's, and closed by the caller
 * buffer_bytes    what is read at once; no line may be longer
 *
 * Returns NULL when memory is short.  There is no deadline at first.
 */
struct stream *stream_new(int in_fd, int out_fd, size_t buffer_bytes);

/* stream_free - drops what was not flushed; accepts NULL */
void stream_free(struct stream **stream);

/* stream_set_deadline - of all waits from now on, by clock_now_ms() */
void stream_set_deadline(struct stream *stream, int64_t deadline_ms);

/*
 * stream_set_stop - while stop_fd is readable, a read that would have to wait
 * ends with STATUS_CLOSED.  -1, the start: no such thing.
 */
void stream_set_stop(struct stream *stream, int stop_fd);

/*
 * stream_peek - the bytes that are there, at least one; waits for it.
 *
 * bytes_r  borrowed until the next call for this stream
 *
 * Returns STATUS_OK; STATUS_NOTFOUND (the peer has closed and nothing is left),
 * STATUS_TIMEOUT, STATUS_CLOSED (told to stop), or STATUS_IO (the connection
 * broke; errno tells how, nothing is logged).
 */
enum status stream_peek(
    struct stream *stream, struct span *bytes_r) GP_MUST_CHECK;

/* stream_take - the first length bytes of what was peeked at are done with */
void stream_take(struct stream *stream, size_t length);

/*
 * stream_read_line - the next line, without its LF or CRLF.
 *
 * line_r  borrowed until the next call for this stream; may hold any byte
 *
 * Returns as stream_peek(), and STATUS_LIMIT for a line that does not fit the
 * buffer: it was skipped to its end.  A line that the peer did not end is
 * dropped.
 */
enum status stream_read_line(
    struct stream *stream, struct span *line_r) GP_MUST_CHECK;

/* stream_has_input - a read of some bytes would not wait for the peer */
bool stream_has_input(const struct stream *stream);

/* stream_write - bytes to be sent; the first failure sticks until flushed */
void stream_write(struct stream *stream, const void *data, size_t length);

/* stream_printf - text to be sent */
void stream_printf(struct stream *stream, const char *format, ...)
    GP_PRINTF(2, 3);

/*
 * stream_flush - sends all that is held back.
 *
 * Returns STATUS_OK, STATUS_TIMEOUT, STATUS_IO or STATUS_NOMEM; after a failure
 * nothing more is sent, and each flush fails.
 */
enum status stream_flush(struct stream *stream) GP_MUST_CHECK;

/*
 * stream_end - sends all, and tells the peer that nothing more comes; what he
 * still says can be read.  Of a socket only.
 *
 * A peer that closes then without having read all makes the next read fail with
 * STATUS_IO (one read, later ones may end with STATUS_NOTFOUND); one that has
 * read all ends it with STATUS_NOTFOUND.  Returns as stream_flush().
 */
enum status stream_end(struct stream *stream) GP_MUST_CHECK;

#endif
