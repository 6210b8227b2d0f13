/* lmtp-data - the message behind DATA (see lmtp-data.h). */
#include "config.h"

#include "deliver/lmtp-data.h"

#include <assert.h>
#include <string.h>

/* Writes the text up to the next CR.  Returns how many bytes were used. */
static size_t
feed_text(enum lmtp_data_state *state, struct span bytes, struct spool *spool)
{
	const char *cr = memchr(bytes.data, '\r', bytes.length);
	size_t length = cr == NULL ? bytes.length : (size_t)(cr - bytes.data);

	if (length > 0)
		spool_add(spool, bytes.data, length);
	if (cr == NULL) {
		*state = LMTP_DATA_TEXT;
		return length;
	}
	*state = LMTP_DATA_CR;
	return length + 1;
}

/* The byte behind a CR.  Returns how many bytes were used. */
static size_t
feed_behind_cr(enum lmtp_data_state *state, char byte, struct spool *spool)
{
	if (byte == '\n') {
		spool_add(spool, "\n", 1);
		*state = LMTP_DATA_LINE_START;
		return 1;
	}
	spool_add(spool, "\r", 1);
	*state = LMTP_DATA_TEXT;
	return 0;
}

/* The byte behind a dot that begins a line: the dot is not written. */
static size_t
feed_behind_dot(enum lmtp_data_state *state, char byte)
{
	*state = byte == '\r' ? LMTP_DATA_DOT_CR : LMTP_DATA_TEXT;
	return byte == '\r' ? 1 : 0;
}

/* Goes on with one byte or more. */
static size_t
feed_some(enum lmtp_data_state *state, struct span bytes, struct spool *spool)
{
	char first = bytes.data[0];

	switch (*state) {
	case LMTP_DATA_LINE_START:
		if (first != '.')
			return feed_text(state, bytes, spool);
		*state = LMTP_DATA_DOT;
		return 1;
	case LMTP_DATA_TEXT:
		return feed_text(state, bytes, spool);
	case LMTP_DATA_CR:
		return feed_behind_cr(state, first, spool);
	case LMTP_DATA_DOT:
		return feed_behind_dot(state, first);
	case LMTP_DATA_DOT_CR:
		if (first == '\n') {
			*state = LMTP_DATA_END;
			return 1;
		}
		*state = LMTP_DATA_CR; /* that CR, and no end */
		return 0;
	case LMTP_DATA_END:
		break;
	}
	assert(!"fed behind the end");
	return 0;
}

size_t
lmtp_data_feed(
    enum lmtp_data_state *state, struct span bytes, struct spool *spool)
{
	struct span rest = bytes;
	size_t used;

	while (rest.length > 0 && *state != LMTP_DATA_END) {
		used = feed_some(state, rest, spool);
		rest.data += used;
		rest.length -= used;
	}
	return bytes.length - rest.length;
}
