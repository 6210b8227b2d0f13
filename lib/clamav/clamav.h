/*
 * clamav - one message to clamd(8) by its command INSTREAM, and the answer.
 *
 * A stream is begun when the header of a message is known, fed as the message
 * passes, and finished at its end.  Only clamav_finish() waits.  One stream is
 * used by one thread at a time.
 */
#ifndef GATEPOST_CLAMAV_CLAMAV_H
#define GATEPOST_CLAMAV_CLAMAV_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/status.h"
#include "lib/clamav/clamav-conf.h"

enum clamav_result {
	CLAMAV_CLEAN,
	CLAMAV_FOUND,
	CLAMAV_PARTLY, /* nothing is in the first size_max bytes, or in what
			* clamd looked at before it met a limit of its own */
	CLAMAV_LIMIT,  /* clamd takes less than size_max: it did not look */
	CLAMAV_FAILED  /* no answer, or none that can be understood */
};

#define CLAMAV_TEXT_BYTES 200

struct clamav_answer {
	enum clamav_result result;
	/* The name of the virus; why it failed; else "".  Printable ASCII. */
	char text[CLAMAV_TEXT_BYTES];
};

/* clamav_result_text - "clean", "found", "partly", "limit", "failed" */
const char *clamav_result_text(enum clamav_result result);

struct clamav_stream;

/*
 * clamav_begin - opens a connection, without waiting for it.
 *
 * conf  socket is not empty; not kept
 *
 * What goes wrong with clamd is told by clamav_finish().
 * Returns STATUS_OK or STATUS_NOMEM.
 */
enum status clamav_begin(const struct clamav_conf *conf,
    struct clamav_stream **stream_r) GP_MUST_CHECK;

/*
 * clamav_add - the next bytes of the message.
 *
 * Never waits: what clamd does not take at once is kept, and what is behind
 * size_max is left out.
 */
void clamav_add(struct clamav_stream *stream, const void *data, size_t length);

/*
 * clamav_finish - says that the message ends, and waits for the answer.
 *
 * deadline_ms  of clock_now_ms(); an answer that is there by then is read
 *
 * Call it once; then the stream is only to be ended.
 */
void clamav_finish(struct clamav_stream *stream, int64_t deadline_ms,
    struct clamav_answer *answer_r);

/* clamav_end - closes the connection and frees; accepts NULL */
void clamav_end(struct clamav_stream **stream);

#endif
