/* transfer - content transfer encodings (see transfer.h). */
#include "config.h"

#include "lib/mail/transfer.h"

#include <string.h>

#include <gmime/gmime-encodings.h>

#include "lib/mail/base64.h"

#define BLOCK_BYTES 3072 /* decoded at a time, on the stack */

/* Bytes are kept up to a limit, and counted behind it. */
struct sink {
	char *to;
	size_t room;
	size_t size;
};

struct transfer_name {
	const char *name;
	enum transfer transfer;
};

static const char *const texts[] = {
	[TRANSFER_7BIT] = "7bit",
	[TRANSFER_8BIT] = "8bit",
	[TRANSFER_BINARY] = "binary",
	[TRANSFER_QUOTED_PRINTABLE] = "quoted-printable",
	[TRANSFER_BASE64] = "base64",
	[TRANSFER_UUENCODE] = "x-uuencode",
	[TRANSFER_UNKNOWN] = "unknown",
};

static const struct transfer_name names[] = {
	{ "7bit", TRANSFER_7BIT },
	{ "8bit", TRANSFER_8BIT },
	{ "binary", TRANSFER_BINARY },
	{ "quoted-printable", TRANSFER_QUOTED_PRINTABLE },
	{ "base64", TRANSFER_BASE64 },
	{ "x-uuencode", TRANSFER_UUENCODE },
	{ "uuencode", TRANSFER_UUENCODE },
	{ "x-uue", TRANSFER_UUENCODE },
	{ "7-bit", TRANSFER_7BIT },
	{ "8-bit", TRANSFER_8BIT },
};

const char *
transfer_text(enum transfer transfer)
{
	return texts[transfer];
}

static bool
is_name(char c)
{
	return ascii_is_alnum((unsigned char)c) || c == '-';
}

enum transfer
transfer_of(struct span value)
{
	struct span name = span_trim(value);
	size_t i, length;

	if (name.length > 0 && name.data[0] == '"') {
		name.data++;
		name.length--;
	}
	for (length = 0; length < name.length; length++)
		if (!is_name(name.data[length]))
			break;
	name.length = length;
	for (i = 0; i < GP_NELEMS(names); i++)
		if (span_equals_nocase(name, names[i].name))
			return names[i].transfer;
	return TRANSFER_UNKNOWN;
}

bool
transfer_is_encoded(enum transfer transfer)
{
	return transfer == TRANSFER_QUOTED_PRINTABLE ||
	    transfer == TRANSFER_BASE64 || transfer == TRANSFER_UUENCODE;
}

static void
put(struct sink *sink, const char *data, size_t length)
{
	size_t kept = 0;

	if (sink->size < sink->room)
		kept = sink->room - sink->size;
	if (kept > length)
		kept = length;
	if (kept > 0)
		memcpy(sink->to + sink->size, data, kept);
	sink->size += length;
}

/* Cuts up to length bytes off the front of *rest. */
static struct span
cut_block(struct span *rest, size_t length)
{
	struct span block = *rest;

	if (block.length > length)
		block.length = length;
	rest->data += block.length;
	rest->length -= block.length;
	return block;
}

static bool
decode_base64(struct span raw, struct sink *sink)
{
	char bytes[BASE64_DECODED_MAX(BLOCK_BYTES)];
	struct base64 base64;

	base64_init(&base64);
	while (raw.length > 0)
		put(sink, bytes,
		    base64_step(&base64, cut_block(&raw, BLOCK_BYTES), bytes));
	put(sink, bytes, base64_end(&base64, bytes));
	return base64.broken;
}

/* What a '=' inside of a line stands for; returns the bytes that were read. */
static size_t
decode_hex(struct span rest, struct sink *sink, bool *broken)
{
	int high = -1, low = -1;
	char byte;

	if (rest.length > 2) {
		high = ascii_hex_value(rest.data[1]);
		low = ascii_hex_value(rest.data[2]);
	}
	if (high < 0 || low < 0) {
		*broken = true;
		put(sink, "=", 1);
		return 1;
	}
	byte = (char)(high << 4 | low);
	put(sink, &byte, 1);
	return 3;
}

/* A line without its end and the blanks before it. */
static void
decode_quoted_line(struct span line, struct sink *sink, bool *broken)
{
	const char *at;
	size_t length;

	while (line.length > 0) {
		at = memchr(line.data, '=', line.length);
		length = at == NULL ? line.length : (size_t)(at - line.data);
		put(sink, line.data, length);
		cut_block(&line, length);
		if (line.length > 0)
			cut_block(&line, decode_hex(line, sink, broken));
	}
}

/* RFC 2045 section 6.7; line ends stay as they came. */
static bool
decode_quoted(struct span raw, struct sink *sink)
{
	struct span line, content, end;
	bool broken = false, is_last;

	while (span_split(&raw, '\n', &line)) {
		is_last = raw.data == NULL;
		content = line;
		while (content.length > 0 &&
		    ascii_is_space(content.data[content.length - 1]))
			content.length--;
		if (content.length > 0 &&
		    content.data[content.length - 1] == '=') {
			content.length--;
			decode_quoted_line(content, sink, &broken);
			continue;
		}
		decode_quoted_line(content, sink, &broken);
		end = span_of(
		    line.length > 0 && line.data[line.length - 1] == '\r' ?
			"\r\n" :
			"\n");
		if (!is_last)
			put(sink, end.data, end.length);
	}
	return broken;
}

/* Behind the "begin MODE NAME" line; false if there is none. */
static bool
skip_begin(struct span *raw)
{
	struct span rest = *raw, line;

	while (span_split(&rest, '\n', &line)) {
		if (!span_starts_nocase(line, "begin ") || rest.data == NULL)
			continue;
		*raw = rest;
		return true;
	}
	return false;
}

static bool
decode_uuencode(struct span raw, struct sink *sink)
{
	char bytes[BLOCK_BYTES];
	struct span block;
	uint32_t save = 0;
	int state = 0;
	bool begun = skip_begin(&raw);
	size_t length;

	while (raw.length > 0) {
		block = cut_block(&raw, BLOCK_BYTES - 3);
		length = g_mime_encoding_uudecode_step(
		    (const unsigned char *)block.data, block.length,
		    (unsigned char *)bytes, &state, &save);
		put(sink, bytes, length);
	}
	return !begun || (state & GMIME_UUDECODE_STATE_END) == 0;
}

static bool
decode(enum transfer transfer, struct span raw, struct sink *sink)
{
	switch (transfer) {
	case TRANSFER_BASE64:
		return decode_base64(raw, sink);
	case TRANSFER_QUOTED_PRINTABLE:
		return decode_quoted(raw, sink);
	case TRANSFER_UUENCODE:
		return decode_uuencode(raw, sink);
	case TRANSFER_7BIT:
	case TRANSFER_8BIT:
	case TRANSFER_BINARY:
	case TRANSFER_UNKNOWN:
		break;
	}
	return false;
}

enum status
transfer_decode(struct region *region, enum transfer transfer, struct span raw,
    size_t limit, struct transfer_bytes *bytes_r)
{
	struct sink sink = { NULL, limit, 0 };

	memset(bytes_r, 0, sizeof(*bytes_r));
	bytes_r->bytes = raw;
	bytes_r->size = raw.length;
	if (bytes_r->bytes.length > limit)
		bytes_r->bytes.length = limit;
	if (!transfer_is_encoded(transfer))
		return STATUS_OK;
	if (sink.room > raw.length)
		sink.room = raw.length; /* nothing becomes longer */
	if (sink.room > 0 &&
	    (sink.to = region_alloc(region, sink.room)) == NULL)
		return STATUS_NOMEM;
	bytes_r->broken = decode(transfer, raw, &sink);
	bytes_r->size = sink.size;
	bytes_r->bytes.data = sink.to == NULL ? "" : sink.to;
	bytes_r->bytes.length = sink.size < sink.room ? sink.size : sink.room;
	return STATUS_OK;
}
