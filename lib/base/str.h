/*
 * str - bytes with a length, ASCII letters, and numbers out of hostile text.
 *
 * Mail is bytes: nothing here depends on the locale, and no function reads
 * behind the length it was given.
 */
#ifndef GATEPOST_BASE_STR_H
#define GATEPOST_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/status.h"

/* A borrowed piece of somebody else's bytes; not NUL-terminated. */
struct span {
	const char *data;
	size_t length;
};

/* span_of - the span of a C string (NULL: the empty span) */
struct span span_of(const char *text);

/* span_from - what is behind the first offset bytes; offset <= length */
static inline struct span
span_from(struct span span, size_t offset)
{
	return (struct span){ span.data + offset, span.length - offset };
}

/* span_is_ascii - no byte is over 0x7f */
bool span_is_ascii(struct span span);

/* span_has_control - one of the bytes 0 to 0x1f, or 0x7f */
bool span_has_control(struct span span);

/* span_trim - without spaces, tabs, CR and LF at both ends */
struct span span_trim(struct span span);

/* span_equals - byte for byte */
bool span_equals(struct span span, const char *text);

/* span_equals_nocase - ASCII letters fold */
bool span_equals_nocase(struct span span, const char *text);

/* span_starts_nocase - the span begins with text, ASCII letters fold */
bool span_starts_nocase(struct span span, const char *text);

/*
 * span_split - cuts the piece up to the next separator off the front.
 *
 * rest     in: what is to be read; out: what is behind the separator
 * piece_r  the piece, without the separator
 *
 * Returns false when nothing is left (rest->data is NULL then).
 */
bool span_split(struct span *rest, char separator, struct span *piece_r);

/*
 * utf8_character - the length of the character that the text begins with, and
 * its code (RFC 3629); 0, and code 0: it begins with none.
 */
size_t utf8_character(struct span text, uint32_t *code_r);

/*
 * span_percent_decode - "%41" is 'A'; a '%' without two digits stays.
 *
 * to  text.length bytes; may be text.data itself
 *
 * Returns the bytes written.
 */
size_t span_percent_decode(struct span text, char *to);

static inline bool
ascii_is_digit(int c)
{
	return c >= '0' && c <= '9';
}

static inline bool
ascii_is_alpha(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline bool
ascii_is_alnum(int c)
{
	return ascii_is_alpha(c) || ascii_is_digit(c);
}

/* White space of header fields: space, tab, CR, LF. */
static inline bool
ascii_is_space(int c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static inline bool
ascii_is_print(int c)
{
	return c >= 0x20 && c <= 0x7e;
}

static inline char
ascii_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* ascii_hex_value - 0 to 15, or -1 for what is no hexadecimal digit */
static inline int
ascii_hex_value(char c)
{
	if (ascii_is_digit(c))
		return c - '0';
	c = ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* utf8_length - bytes of the character that begins with this one; 1 for a byte
 * that begins none */
static inline size_t
utf8_length(unsigned char first)
{
	if (first < 0xc0)
		return 1;
	if (first < 0xe0)
		return 2;
	return first < 0xf0 ? 3 : 4;
}

/* ascii_lower_all - folds the letters of length bytes in place */
void ascii_lower_all(char *text, size_t length);

/* str_equals_nocase - C strings, ASCII letters fold; NULL equals nothing */
bool str_equals_nocase(const char *a, const char *b);

/* str_copy - copies text into size bytes; STATUS_LIMIT (and "") if too long */
enum status str_copy(char *to, size_t size, const char *text) GP_MUST_CHECK;

/*
 * str_to_uint64 - a decimal number with nothing around it.
 *
 * Refuses signs, blanks, tails, the empty string and overflow over max.
 * Returns STATUS_OK, or STATUS_INVALID with *number_r = 0.
 */
enum status str_to_uint64(
    struct span text, uint64_t max, uint64_t *number_r) GP_MUST_CHECK;

/*
 * str_take_flag - the text of the lowest flag, which is taken out of *flags;
 * NULL when there is none left.
 *
 * texts  of 1 << 0, 1 << 1 and so on
 */
const char *str_take_flag(
    unsigned int *flags, const char *const *texts, size_t count);

/*
 * str_sanitize - text from outside made fit for a log, a reply or a header.
 *
 * Copies at most size - 1 bytes; control bytes, DEL and bytes over 0x7e become
 * '?'; ends in "..." when it was shortened.  size is 4 or more.  Returns to.
 */
char *str_sanitize(char *to, size_t size, struct span text);

/*
 * str_show - text from outside for a person: UTF-8 stays, and every byte of
 * what would not be seen is written as \xNN: control characters, those that
 * have no width or turn the direction, and what is no UTF-8.
 *
 * Copies what fits into size - 1 bytes; ends in "..." when it was shortened.
 * size is 8 or more.  Returns to.
 */
char *str_show(char *to, size_t size, struct span text);

#endif
