/*
 * strbuf - a growing byte buffer with a limit.
 *
 * Invariants: data[length] is always NUL; the first failure (no memory, limit)
 * sticks, later calls do nothing, so that a caller checks once at the end by
 * strbuf_status().
 */
#ifndef GATEPOST_BASE_STRBUF_H
#define GATEPOST_BASE_STRBUF_H

#include <stddef.h>

#include "lib/base/status.h"

struct strbuf;

/*
 * strbuf_new - an empty buffer that never holds more than limit bytes.
 *
 * Returns NULL when memory is short.  Free it by strbuf_free().
 */
struct strbuf *strbuf_new(size_t limit);

/* strbuf_free - frees *buf and sets it to NULL; accepts NULL */
void strbuf_free(struct strbuf **buf);

/* strbuf_reset - empties the buffer and forgets a failure; keeps the memory */
void strbuf_reset(struct strbuf *buf);

/* strbuf_add - appends length bytes (any bytes) */
void strbuf_add(struct strbuf *buf, const void *data, size_t length);

/* strbuf_add_text - appends a C string */
void strbuf_add_text(struct strbuf *buf, const char *text);

/* strbuf_add_char - appends one byte */
void strbuf_add_char(struct strbuf *buf, char c);

/* strbuf_printf - appends formatted text */
void strbuf_printf(struct strbuf *buf, const char *format, ...) GP_PRINTF(2, 3);

/* strbuf_truncate - shortens the content to length bytes, if longer */
void strbuf_truncate(struct strbuf *buf, size_t length);

/* strbuf_text - the content, NUL at the end; borrowed until the next change */
const char *strbuf_text(const struct strbuf *buf);

/* strbuf_length - bytes held */
size_t strbuf_length(const struct strbuf *buf);

/* strbuf_status - STATUS_OK, or the first failure: STATUS_NOMEM, STATUS_LIMIT */
enum status strbuf_status(const struct strbuf *buf) GP_MUST_CHECK;

#endif
