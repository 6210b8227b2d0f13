/*
 * content-text - what the bytes of the leaves are: text, size, damage (see
 * content.h).
 */
#include "config.h"

#include <string.h>

#include "lib/mail/charset.h"
#include "lib/mail/content-private.h"

#define LINE_BYTES_MAX 998 /* RFC 5322 section 2.1.1 */
/* Where a browser looks for the charset of a page (HTML, "prescan"). */
#define META_BYTES_MAX 1024
/* Bytes in which the end of a line is looked for when text is cut. */
#define CUT_BYTES_MAX 4096

bool
content_part_is_text(const struct content_part *part)
{
	return part->kind == CONTENT_LEAF &&
	    (strncmp(part->type, "text/", 5) == 0 ||
		strncmp(part->type, "message/", 8) == 0 ||
		strncmp(part->type, "multipart/", 10) == 0);
}

enum status
content_part_decode(struct region *region, const struct content_part *part,
    size_t limit, struct span *bytes_r)
{
	struct transfer_bytes bytes;
	enum status status;

	status =
	    transfer_decode(region, part->transfer, part->raw, limit, &bytes);
	*bytes_r = bytes.bytes;
	return status;
}

static bool
has_8bit(struct span bytes)
{
	unsigned char all = 0;
	size_t i;

	for (i = 0; i < bytes.length; i++)
		all |= (unsigned char)bytes.data[i];
	return all >= 0x80;
}

struct line_ends {
	size_t with_cr, bare;
	bool bare_cr, long_line;
};

static void
survey_line(struct span line, bool has_feed, struct line_ends *ends)
{
	if (has_feed && line.length > 0 && line.data[line.length - 1] == '\r') {
		ends->with_cr++;
		line.length--;
	} else if (has_feed) {
		ends->bare++;
	}
	ends->long_line |= line.length > LINE_BYTES_MAX;
	ends->bare_cr |= line.length > 0 && !ends->bare_cr &&
	    memchr(line.data, '\r', line.length) != NULL;
}

static unsigned int
survey_lines(struct span raw)
{
	struct line_ends ends = { 0, 0, false, false };
	unsigned int damage = 0;
	struct span line;

	while (span_split(&raw, '\n', &line))
		survey_line(line, raw.data != NULL, &ends);
	if (ends.bare_cr)
		damage |= CONTENT_BARE_CR;
	if (ends.bare > 0 && ends.with_cr > 0)
		damage |= CONTENT_BARE_LF;
	if (ends.long_line)
		damage |= CONTENT_LONG_LINE;
	return damage;
}

/* What must not be in raw bytes that claim that transfer encoding. */
static unsigned int
survey(enum transfer transfer, struct span raw)
{
	unsigned int damage;

	if (transfer == TRANSFER_BINARY || raw.length == 0)
		return 0;
	damage = survey_lines(raw);
	if (memchr(raw.data, '\0', raw.length) != NULL)
		damage |= CONTENT_NUL;
	if (transfer != TRANSFER_8BIT && transfer != TRANSFER_UNKNOWN &&
	    has_8bit(raw))
		damage |= CONTENT_8BIT_IN_7BIT;
	return damage;
}

unsigned int
content_broken_damage(enum transfer transfer)
{
	if (transfer == TRANSFER_BASE64)
		return CONTENT_BROKEN_BASE64;
	if (transfer == TRANSFER_QUOTED_PRINTABLE)
		return CONTENT_BROKEN_QUOTED_PRINTABLE;
	return CONTENT_BROKEN_UUENCODE;
}

/* Text that was cut ends with a line, or with a whole character of UTF-8. */
static struct span
cut_text(struct span text)
{
	size_t i, left;

	for (i = 0; i < CUT_BYTES_MAX && i < text.length; i++)
		if (text.data[text.length - 1 - i] == '\n') {
			text.length -= i;
			return text;
		}
	for (left = 1; left <= 3 && left <= text.length; left++)
		if (utf8_length((unsigned char)text.data[text.length - left]) >
		    left) {
			text.length -= left;
			break;
		}
	return text;
}

/* A byte order mark tells more than any field; it is no text. */
static struct span
cut_mark(struct span *bytes)
{
	if (bytes->length >= 3 && memcmp(bytes->data, "\xef\xbb\xbf", 3) == 0) {
		bytes->data += 3;
		bytes->length -= 3;
		return span_of("utf-8");
	}
	if (bytes->length < 2 ||
	    (memcmp(bytes->data, "\xff\xfe", 2) != 0 &&
		memcmp(bytes->data, "\xfe\xff", 2) != 0))
		return span_of("");
	bytes->data += 2;
	bytes->length -= 2;
	return span_of(bytes->data[-1] == '\xfe' ? "utf-16le" : "utf-16be");
}

/* "charset=X" in the first tags of a page; "" if there is none. */
static struct span
find_meta(struct span page)
{
	static const char mark[] = "charset=";
	struct span charset;
	size_t i;

	if (page.length > META_BYTES_MAX)
		page.length = META_BYTES_MAX;
	for (i = 0; i < page.length; i++) {
		charset.data = page.data + i;
		charset.length = page.length - i;
		if (ascii_lower(page.data[i]) != 'c' ||
		    !span_starts_nocase(charset, mark))
			continue;
		charset.data += strlen(mark);
		charset.length -= strlen(mark);
		for (i = 0; i < charset.length; i++)
			if (strchr(" ;/>", charset.data[i]) != NULL)
				break;
		charset.length = i;
		return charset;
	}
	return span_of("");
}

/* A page may name UTF-16 only where no client can have read the name. */
static bool
is_meta_usable(struct span charset)
{
	return charset_is_known(charset) &&
	    !span_starts_nocase(charset, "utf-16") &&
	    !span_starts_nocase(charset, "utf-32");
}

static struct span
charset_of(const struct content_part *part, struct span *bytes)
{
	struct span charset = cut_mark(bytes);

	if (charset.length > 0)
		return charset;
	charset = span_of(part->charset);
	if (charset_is_known(charset) || strcmp(part->type, "text/html") != 0)
		return charset;
	charset = find_meta(*bytes);
	return is_meta_usable(charset) ? charset : span_of(part->charset);
}

static enum status
read_text(struct content_builder *builder, struct content_part *part,
    struct span bytes)
{
	struct charset_text text;
	enum status status;

	if (part->charset[0] != '\0' &&
	    !charset_is_known(span_of(part->charset)))
		part->damage |= CONTENT_UNKNOWN_CHARSET;
	status = charset_to_utf8(
	    builder->region, charset_of(part, &bytes), bytes, &text);
	part->text = text.text;
	if (text.invalid > 0)
		part->damage |= CONTENT_INVALID_TEXT;
	return status;
}

/* Decodes a leaf, of which limit bytes become text. */
static enum status
read_leaf(
    struct content_builder *builder, struct content_part *part, size_t limit)
{
	struct transfer_bytes bytes;
	enum status status;

	part->damage |= survey(part->transfer, part->raw);
	status = transfer_decode(
	    builder->region, part->transfer, part->raw, limit, &bytes);
	if (status != STATUS_OK)
		return status;
	part->decoded_size = bytes.size;
	if (bytes.broken)
		part->damage |= content_broken_damage(part->transfer);
	if (!content_part_is_text(part))
		return STATUS_OK;
	if (bytes.size > limit) {
		builder->reached |= CONTENT_LIMIT_TEXT;
		bytes.bytes = cut_text(bytes.bytes);
	}
	return read_text(builder, part, bytes.bytes);
}

/*
 * All leaves that are attachments, or all that are not.
 *
 * left  bytes of text that may still be decoded
 */
static enum status
read_leaves(struct content_builder *builder, bool attachments, size_t *left,
    size_t *text_bytes)
{
	struct content_part *part;
	enum status status = STATUS_OK;
	size_t i, limit;

	for (i = 0; i < builder->part_count && status == STATUS_OK; i++) {
		part = &builder->parts[i];
		if (part->kind != CONTENT_LEAF ||
		    (strcmp(part->disposition, "attachment") == 0) !=
			attachments)
			continue;
		limit = content_part_is_text(part) ? *left - *left / 2 : 0;
		status = read_leaf(builder, part, limit);
		if (limit == 0)
			continue;
		*left -=
		    part->decoded_size < limit ? part->decoded_size : limit;
		*text_bytes += part->text.length;
	}
	return status;
}

enum status
content_read_texts(struct content_builder *builder, size_t *text_bytes_r)
{
	size_t left = builder->limits->text_bytes;
	enum status status;

	*text_bytes_r = 0;
	status = read_leaves(builder, false, &left, text_bytes_r);
	if (status == STATUS_OK)
		status = read_leaves(builder, true, &left, text_bytes_r);
	return status;
}
