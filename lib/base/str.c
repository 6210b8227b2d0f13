/* str - bytes, ASCII letters and numbers (see str.h). */
#include "config.h"

#include "lib/base/str.h"

#include <assert.h>
#include <string.h>
#include <strings.h>

#define SHOWN_BYTES (4 * 4) /* of a character of four bytes */

struct span
span_of(const char *text)
{
	struct span span = { text, text == NULL ? 0 : strlen(text) };

	return span;
}

bool
span_is_ascii(struct span span)
{
	unsigned char all = 0;
	size_t i;

	for (i = 0; i < span.length; i++)
		all |= (unsigned char)span.data[i];
	return all < 0x80;
}

bool
span_has_control(struct span span)
{
	size_t i;

	for (i = 0; i < span.length; i++)
		if ((unsigned char)span.data[i] < 0x20 || span.data[i] == 0x7f)
			return true;
	return false;
}

struct span
span_trim(struct span span)
{
	while (span.length > 0 && ascii_is_space(span.data[0])) {
		span.data++;
		span.length--;
	}
	while (span.length > 0 && ascii_is_space(span.data[span.length - 1]))
		span.length--;
	return span;
}

bool
span_equals(struct span span, const char *text)
{
	return strlen(text) == span.length &&
	    (span.length == 0 || memcmp(span.data, text, span.length) == 0);
}

static bool
bytes_equal_nocase(const char *a, const char *b, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++)
		if (ascii_lower(a[i]) != ascii_lower(b[i]))
			return false;
	return true;
}

bool
span_equals_nocase(struct span span, const char *text)
{
	return strlen(text) == span.length &&
	    bytes_equal_nocase(span.data, text, span.length);
}

bool
span_starts_nocase(struct span span, const char *text)
{
	size_t length = strlen(text);

	return length <= span.length &&
	    bytes_equal_nocase(span.data, text, length);
}

bool
span_split(struct span *rest, char separator, struct span *piece_r)
{
	const char *at;

	if (rest->data == NULL)
		return false;
	*piece_r = *rest;
	at = memchr(rest->data, separator, rest->length);
	if (at == NULL) {
		rest->data = NULL;
		rest->length = 0;
		return true;
	}
	piece_r->length = (size_t)(at - rest->data);
	rest->data = at + 1;
	rest->length -= piece_r->length + 1;
	return true;
}

size_t
utf8_character(struct span text, uint32_t *code_r)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t i, length;
	uint32_t code;

	*code_r = 0;
	if (text.length == 0)
		return 0;
	length = utf8_length((unsigned char)text.data[0]);
	if (length > text.length)
		return 0;
	code = (unsigned char)text.data[0];
	if (length == 1) {
		*code_r = code < 0x80 ? code : 0;
		return code < 0x80 ? 1 : 0;
	}
	code &= 0xffu >> (length + 1);
	for (i = 1; i < length; i++) {
		if (((unsigned char)text.data[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | ((unsigned char)text.data[i] & 0x3f);
	}
	if (code < least[length] || code > 0x10ffff ||
	    (code >= 0xd800 && code <= 0xdfff))
		return 0;
	*code_r = code;
	return length;
}

size_t
span_percent_decode(struct span text, char *to)
{
	size_t i, length = 0;
	int high, low;

	for (i = 0; i < text.length; i++) {
		high = low = -1;
		if (text.data[i] == '%' && text.length - i > 2) {
			high = ascii_hex_value(text.data[i + 1]);
			low = ascii_hex_value(text.data[i + 2]);
		}
		if (high >= 0 && low >= 0) {
			to[length++] = (char)(high << 4 | low);
			i += 2;
		} else {
			to[length++] = text.data[i];
		}
	}
	return length;
}

void
ascii_lower_all(char *text, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++)
		text[i] = ascii_lower(text[i]);
}

bool
str_equals_nocase(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		return false;
	return span_equals_nocase(span_of(a), b);
}

enum status
str_copy(char *to, size_t size, const char *text)
{
	size_t length = strlen(text);

	if (length >= size) {
		if (size > 0)
			to[0] = '\0';
		return STATUS_LIMIT;
	}
	memcpy(to, text, length + 1);
	return STATUS_OK;
}

enum status
str_to_uint64(struct span text, uint64_t max, uint64_t *number_r)
{
	uint64_t number = 0, digit;
	size_t i;

	*number_r = 0;
	if (text.length == 0)
		return STATUS_INVALID;
	for (i = 0; i < text.length; i++) {
		if (!ascii_is_digit(text.data[i]))
			return STATUS_INVALID;
		digit = (uint64_t)(text.data[i] - '0');
		if (number > (UINT64_MAX - digit) / 10)
			return STATUS_INVALID;
		number = number * 10 + digit;
	}
	if (number > max)
		return STATUS_INVALID;
	*number_r = number;
	return STATUS_OK;
}

const char *
str_take_flag(unsigned int *flags, const char *const *texts, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if ((*flags & 1u << i) != 0) {
			*flags &= ~(1u << i);
			return texts[i];
		}
	return NULL;
}

char *
str_sanitize(char *to, size_t size, struct span text)
{
	size_t i, length = text.length;

	assert(size >= 4);
	if (length > size - 1)
		length = size - 1;
	for (i = 0; i < length; i++)
		to[i] = ascii_is_print(text.data[i]) ? text.data[i] : '?';
	to[length] = '\0';
	if (text.length > length)
		memcpy(to + length - 3, "...", 3);
	return to;
}

/* Controls, and what has no width or turns the direction of text. */
static bool
is_seen(uint32_t code)
{
	static const struct {
		uint32_t first, last;
	} unseen[] = {
		{ 0, 0x1f },
		{ 0x7f, 0x9f },
		{ 0xad, 0xad },
		{ 0x61c, 0x61c },
		{ 0x180e, 0x180e },
		{ 0x200b, 0x200f },
		{ 0x2028, 0x202e },
		{ 0x2060, 0x206f },
		{ 0xfeff, 0xfeff },
		{ 0xfff9, 0xfffb },
		{ 0xe0000, 0xe007f },
	};

	size_t i;

	for (i = 0; i < GP_NELEMS(unseen); i++)
		if (code >= unseen[i].first && code <= unseen[i].last)
			return false;
	return true;
}

/* One character, or one byte of what is not seen; returns what was read. */
static size_t
show_one(char shown[SHOWN_BYTES], struct span text, size_t *length_r)
{
	static const char digits[] = "0123456789abcdef";
	uint32_t code;
	unsigned char byte;
	size_t i, length = utf8_character(text, &code);

	if (length > 0 && is_seen(code)) {
		memcpy(shown, text.data, length);
		*length_r = length;
		return length;
	}
	length = length > 0 ? length : 1;
	for (i = 0; i < length; i++) {
		byte = (unsigned char)text.data[i];
		memcpy(shown + 4 * i, "\\x", 2);
		shown[4 * i + 2] = digits[byte >> 4];
		shown[4 * i + 3] = digits[byte & 0xf];
	}
	*length_r = 4 * length;
	return length;
}

char *
str_show(char *to, size_t size, struct span text)
{
	char shown[SHOWN_BYTES];
	size_t read, length, at = 0, cut_at = 0;

	assert(size >= 8);
	while (text.length > 0) {
		read = show_one(shown, text, &length);
		if (at + length > size - 1) {
			memcpy(to + cut_at, "...", 3);
			at = cut_at + 3;
			break;
		}
		memcpy(to + at, shown, length);
		at += length;
		if (at + 3 <= size - 1)
			cut_at = at;
		text.data += read;
		text.length -= read;
	}
	to[at] = '\0';
	return to;
}
