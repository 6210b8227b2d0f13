/* strbuf - a growing byte buffer with a limit (see strbuf.h). */
#include "config.h"

#include "lib/base/strbuf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STRBUF_FIRST_BYTES 128

struct strbuf {
	char *data;
	size_t length;
	size_t size; /* bytes allocated, with the NUL */
	size_t limit;
	enum status status;
};

struct strbuf *
strbuf_new(size_t limit)
{
	struct strbuf *buf;

	if ((buf = calloc(1, sizeof(*buf))) == NULL)
		return NULL;
	buf->size = STRBUF_FIRST_BYTES;
	buf->limit = limit;
	if ((buf->data = calloc(1, buf->size)) == NULL)
		free(buf), buf = NULL;
	return buf;
}

void
strbuf_free(struct strbuf **buf)
{
	if (*buf == NULL)
		return;
	free((*buf)->data);
	free(*buf);
	*buf = NULL;
}

void
strbuf_reset(struct strbuf *buf)
{
	buf->length = 0;
	buf->data[0] = '\0';
	buf->status = STATUS_OK;
}

/* Makes room for extra bytes and the NUL; false when the buffer has failed. */
static int
strbuf_reserve(struct strbuf *buf, size_t extra)
{
	size_t size = buf->size;
	char *data;

	if (buf->status != STATUS_OK)
		return 0;
	if (extra > buf->limit - buf->length) {
		buf->status = STATUS_LIMIT;
		return 0;
	}
	if (extra < buf->size - buf->length)
		return 1;
	while (size - buf->length <= extra)
		size *= 2;
	if ((data = realloc(buf->data, size)) == NULL) {
		buf->status = STATUS_NOMEM;
		return 0;
	}
	buf->data = data;
	buf->size = size;
	return 1;
}

void
strbuf_add(struct strbuf *buf, const void *data, size_t length)
{
	if (length == 0 || !strbuf_reserve(buf, length))
		return;
	memcpy(buf->data + buf->length, data, length);
	buf->length += length;
	buf->data[buf->length] = '\0';
}

void
strbuf_add_text(struct strbuf *buf, const char *text)
{
	strbuf_add(buf, text, strlen(text));
}

void
strbuf_add_char(struct strbuf *buf, char c)
{
	strbuf_add(buf, &c, 1);
}

void
strbuf_printf(struct strbuf *buf, const char *format, ...)
{
	va_list args, again;
	int length;

	va_start(args, format);
	va_copy(again, args);
	length = vsnprintf(NULL, 0, format, args);
	if (length < 0)
		buf->status = STATUS_INVALID;
	else if (strbuf_reserve(buf, (size_t)length) &&
	    vsnprintf(buf->data + buf->length, (size_t)length + 1, format,
		again) == length)
		buf->length += (size_t)length;
	va_end(again);
	va_end(args);
}

void
strbuf_truncate(struct strbuf *buf, size_t length)
{
	if (length >= buf->length)
		return;
	buf->length = length;
	buf->data[length] = '\0';
}

const char *
strbuf_text(const struct strbuf *buf)
{
	return buf->data;
}

size_t
strbuf_length(const struct strbuf *buf)
{
	return buf->length;
}

enum status
strbuf_status(const struct strbuf *buf)
{
	return buf->status;
}
