/*
 * header-text - the value of a header field as a reader sees it (see
 * header-text.h).
 */
#include "config.h"

#include "lib/mail/header-text.h"

#include <string.h>

#include "lib/base/strbuf.h"
#include "lib/mail/base64.h"
#include "lib/mail/charset.h"

/* Longer than any charset's name with a language (RFC 2231 section 5). */
#define WORD_CHARSET_BYTES_MAX 64
/* Bytes of UTF-8 that a byte of a value can become (charset.c). */
#define TEXT_BYTES_MAX (HEADER_TEXT_BYTES_MAX * 4)

#define DELETE      0x7f
#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

struct word {
	struct span charset;
	bool base64; /* else "Q" */
	struct span text;
};

struct decoder {
	struct region *region;
	struct header_text *result;
	struct strbuf *text;  /* what is decoded so far */
	struct strbuf *bytes; /* words of one charset, not yet converted */
	struct span charset;  /* of bytes */
	struct base64 base64; /* of the last word */
	struct span blank;    /* read behind a word, not yet written */
	bool behind_word;
	bool no_more_ends; /* no "?=" in the rest: no search without end */
};

static bool
is_line_break(char c)
{
	return c == '\r' || c == '\n';
}

/* Copies without the line breaks in front of blanks; returns the length. */
static size_t
copy_unfolded(struct span value, char *copy)
{
	size_t i = 0, begin, length = 0;

	while (i < value.length) {
		begin = i;
		while (i < value.length && is_line_break(value.data[i]))
			i++;
		if (i < value.length && value.data[i] != ' ' &&
		    value.data[i] != '\t') {
			memcpy(copy + length, value.data + begin, i - begin);
			length += i - begin;
		}
		if (i < value.length)
			copy[length++] = value.data[i++];
	}
	return length;
}

/* The value without folds and blanks around it; a copy where there are any. */
static enum status
unfold(struct region *region, struct span value, struct span *line_r)
{
	char *copy;

	value = span_trim(value);
	*line_r = value;
	if (value.length == 0 ||
	    (memchr(value.data, '\n', value.length) == NULL &&
		memchr(value.data, '\r', value.length) == NULL))
		return STATUS_OK;
	if ((copy = region_alloc(region, value.length)) == NULL)
		return STATUS_NOMEM;
	line_r->data = copy;
	line_r->length = copy_unfolded(value, copy);
	return STATUS_OK;
}

/* A value that is too long, cut before a character of UTF-8. */
static struct span
cut(struct span value, bool *truncated_r)
{
	size_t length = HEADER_TEXT_BYTES_MAX, back;

	*truncated_r = value.length > length;
	if (!*truncated_r)
		return value;
	for (back = 0; back < 3; back++)
		if (((unsigned char)value.data[length - back] & 0xc0) != 0x80)
			break;
	value.length = length - back;
	return value;
}

/* "=?charset?": the length with both marks, 0 for anything else. */
static size_t
word_start_length(struct span text, struct span *charset_r)
{
	size_t i;

	if (text.length < 2 || memcmp(text.data, "=?", 2) != 0)
		return 0;
	for (i = 2; i < text.length && i <= WORD_CHARSET_BYTES_MAX; i++) {
		if (text.data[i] == '?')
			break;
		if (!ascii_is_print((unsigned char)text.data[i]) ||
		    text.data[i] == ' ')
			return 0;
	}
	if (i == text.length || text.data[i] != '?' || i == 2)
		return 0;
	charset_r->data = text.data + 2;
	charset_r->length = i - 2;
	return i + 1;
}

/* The charset without a language ("utf-8*en"). */
static struct span
cut_language(struct span charset)
{
	struct span rest = charset, name;

	return span_split(&rest, '*', &name) ? name : charset;
}

/*
 * An encoded word at the start of text.  Returns its length; 0 if there is
 * none, and counts one that was begun.
 */
static size_t
read_word(struct decoder *decoder, struct span text, struct word *word_r)
{
	size_t length = word_start_length(text, &word_r->charset);
	const char *end = NULL;
	struct span rest;
	char encoding;

	if (length == 0)
		return 0;
	rest = span_from(text, length);
	encoding = rest.length > 0 ? ascii_lower(rest.data[0]) : '\0';
	if (rest.length >= 4 && rest.data[1] == '?' &&
	    (encoding == 'b' || encoding == 'q') && !decoder->no_more_ends) {
		rest = span_from(rest, 2);
		end = memmem(rest.data, rest.length, "?=", 2);
		decoder->no_more_ends = end == NULL;
	}
	if (end == NULL) {
		decoder->result->broken++;
		return 0;
	}
	word_r->charset = cut_language(word_r->charset);
	word_r->base64 = encoding == 'b';
	word_r->text.data = rest.data;
	word_r->text.length = (size_t)(end - rest.data);
	return (size_t)(end + 2 - text.data);
}

/* Converts what was collected of the last words. */
static enum status
flush_bytes(struct decoder *decoder)
{
	struct charset_text text;
	enum status status;
	struct span bytes;
	char tail[4];

	if (decoder->charset.data == NULL)
		return STATUS_OK;
	strbuf_add(decoder->bytes, tail, base64_end(&decoder->base64, tail));
	bytes.data = strbuf_text(decoder->bytes);
	bytes.length = strbuf_length(decoder->bytes);
	status =
	    charset_to_utf8(decoder->region, decoder->charset, bytes, &text);
	if (status != STATUS_OK)
		return status;
	decoder->result->invalid += text.invalid;
	decoder->result->unknown_charset |= text.unknown;
	strbuf_add(decoder->text, text.text.data, text.text.length);
	strbuf_truncate(decoder->bytes, 0);
	decoder->charset = (struct span){ NULL, 0 };
	base64_init(&decoder->base64);
	return STATUS_OK;
}

/* RFC 2047 section 4.2; a '=' without two digits stays. */
static void
add_quoted(struct strbuf *bytes, struct span text)
{
	size_t i;
	int high, low;

	for (i = 0; i < text.length; i++) {
		high = low = -1;
		if (text.data[i] == '=' && text.length - i > 2) {
			high = ascii_hex_value(text.data[i + 1]);
			low = ascii_hex_value(text.data[i + 2]);
		}
		if (high >= 0 && low >= 0) {
			strbuf_add_char(bytes, (char)(high << 4 | low));
			i += 2;
		} else {
			strbuf_add_char(
			    bytes, text.data[i] == '_' ? ' ' : text.data[i]);
		}
	}
}

/* A word that ends within four characters goes on in the next one. */
static enum status
add_base64(struct decoder *decoder, struct span text)
{
	size_t size = BASE64_DECODED_MAX(text.length);
	char *to = region_alloc(decoder->region, size);

	if (to == NULL)
		return STATUS_NOMEM;
	strbuf_add(decoder->bytes, to, base64_step(&decoder->base64, text, to));
	return STATUS_OK;
}

static enum status
add_word(struct decoder *decoder, const struct word *word)
{
	enum status status = STATUS_OK;
	char tail[4];

	if (!charset_same(word->charset, decoder->charset))
		status = flush_bytes(decoder);
	if (status != STATUS_OK)
		return status;
	decoder->charset = word->charset;
	decoder->blank.length = 0;
	decoder->behind_word = true;
	decoder->result->words++;
	if (word->base64)
		return add_base64(decoder, word->text);
	strbuf_add(decoder->bytes, tail, base64_end(&decoder->base64, tail));
	add_quoted(decoder->bytes, word->text);
	return STATUS_OK;
}

/* Text outside of words; blanks behind a word wait for what follows. */
static enum status
add_plain(struct decoder *decoder, struct span plain)
{
	struct charset_text text;
	enum status status;

	if (plain.length == 0)
		return STATUS_OK;
	if (decoder->behind_word && span_trim(plain).length == 0) {
		decoder->blank = plain;
		return STATUS_OK;
	}
	status = flush_bytes(decoder);
	strbuf_add(decoder->text, decoder->blank.data, decoder->blank.length);
	decoder->blank.length = 0;
	decoder->behind_word = false;
	decoder->result->raw_8bit |= !span_is_ascii(plain);
	if (status == STATUS_OK)
		status =
		    charset_to_utf8(decoder->region, span_of(""), plain, &text);
	if (status != STATUS_OK)
		return status;
	decoder->result->invalid += text.invalid;
	strbuf_add(decoder->text, text.text.data, text.text.length);
	return STATUS_OK;
}

/* The next "=?" that begins a word; text.length if there is none. */
static size_t
find_word(struct decoder *decoder, struct span text, struct word *word,
    size_t *length)
{
	const char *at;
	size_t skipped = 0;

	*length = 0;
	while ((at = memmem(text.data + skipped, text.length - skipped, "=?",
		    2)) != NULL) {
		skipped = (size_t)(at - text.data);
		*length = read_word(decoder, span_from(text, skipped), word);
		if (*length > 0)
			return skipped;
		skipped += 2;
	}
	return text.length;
}

static enum status
decode(struct decoder *decoder, struct span line)
{
	enum status status = STATUS_OK;
	struct span plain;
	struct word word;
	size_t length;

	while (line.length > 0 && status == STATUS_OK) {
		plain.data = line.data;
		plain.length = find_word(decoder, line, &word, &length);
		status = add_plain(decoder, plain);
		line = span_from(line, plain.length + length);
		if (length > 0 && status == STATUS_OK)
			status = add_word(decoder, &word);
	}
	if (status == STATUS_OK)
		status = flush_bytes(decoder);
	strbuf_add(decoder->text, decoder->blank.data, decoder->blank.length);
	return status;
}

/* A control character of ASCII that is no tab. */
static bool
is_control(char c)
{
	return ((unsigned char)c < 0x20 && c != '\t') || c == DELETE;
}

/* U+0080 to U+009F: C2 80 to C2 9F. */
static bool
is_c1(struct span text, size_t i)
{
	return (unsigned char)text.data[i] == 0xc2 && i + 1 < text.length &&
	    ((unsigned char)text.data[i + 1] & 0xe0) == 0x80;
}

static size_t
count_controls(struct span text)
{
	size_t i, count = 0;

	for (i = 0; i < text.length; i++)
		count += is_control(text.data[i]) || is_c1(text, i);
	return count;
}

/* The control picture of a character: U+2400 on, and U+2421 for DEL. */
static void
put_picture(char *to, char c)
{
	to[0] = (char)0xe2;
	to[1] = (char)0x90;
	to[2] = (char)(0x80 + (c == DELETE ? 0x21 : c));
}

enum status
header_text_clean(struct region *region, struct span utf8, struct span *text_r,
    size_t *controls)
{
	size_t i, length = 0, count = count_controls(utf8);
	char *copy;

	if ((copy = region_alloc(region, utf8.length + count * 2 + 1)) == NULL)
		return STATUS_NOMEM;
	for (i = 0; i < utf8.length; i++) {
		if (is_control(utf8.data[i])) {
			put_picture(copy + length, utf8.data[i]);
			length += 3;
		} else if (is_c1(utf8, i)) {
			memcpy(copy + length, REPLACEMENT, 3);
			length += 3;
			i++;
		} else {
			copy[length++] =
			    utf8.data[i] == '\t' ? ' ' : utf8.data[i];
		}
	}
	text_r->data = copy;
	text_r->length = length;
	*controls += count;
	return STATUS_OK;
}

static enum status
decode_line(struct region *region, struct span line, struct header_text *result)
{
	struct decoder decoder = { .region = region, .result = result };
	enum status status = STATUS_NOMEM;
	struct span text;

	decoder.text = strbuf_new(TEXT_BYTES_MAX);
	decoder.bytes = strbuf_new(TEXT_BYTES_MAX);
	if (decoder.text == NULL || decoder.bytes == NULL)
		goto end;
	if ((status = decode(&decoder, line)) == STATUS_OK)
		status = strbuf_status(decoder.text);
	if (status == STATUS_OK)
		status = strbuf_status(decoder.bytes);
	if (status != STATUS_OK)
		goto end;
	text.data = strbuf_text(decoder.text);
	text.length = strbuf_length(decoder.text);
	status =
	    header_text_clean(region, text, &result->text, &result->controls);
end:
	strbuf_free(&decoder.bytes);
	strbuf_free(&decoder.text);
	return status;
}

enum status
header_text_decode(
    struct region *region, struct span value, struct header_text *text_r)
{
	enum status status;
	struct span line;

	memset(text_r, 0, sizeof(*text_r));
	text_r->text = span_of("");
	value = cut(value, &text_r->truncated);
	status = unfold(region, value, &line);
	if (status != STATUS_OK || line.length == 0)
		return status;
	if (span_is_ascii(line) &&
	    memmem(line.data, line.length, "=?", 2) == NULL)
		return header_text_clean(
		    region, line, &text_r->text, &text_r->controls);
	return decode_line(region, line, text_r);
}
