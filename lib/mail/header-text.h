/*
 * header-text - the value of a header field as a reader sees it: encoded words
 * (RFC 2047), raw 8-bit, folds, as one line of UTF-8.
 *
 * GMime's g_mime_utils_header_decode_text() is not used: it loses each word
 * that stands behind a padded base64 word ("=?utf-8?B?YQ==?= =?utf-8?B?Yg==?="
 * gives "a"), drops the rest of a word at a NUL, lets control characters
 * through, and asks iconv for any charset that a sender makes up.
 */
#ifndef GATEPOST_MAIL_HEADER_TEXT_H
#define GATEPOST_MAIL_HEADER_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/region.h"
#include "lib/base/status.h"
#include "lib/base/str.h"

/* Bytes of a value that are read: a To field of a thousand addresses.  Postfix
 * cuts a field at 100 KB (header_size_limit). */
#define HEADER_TEXT_BYTES_MAX 65536

struct header_text {
	struct span text; /* UTF-8 without control characters or line breaks; a
			   * NUL stands behind it */
	size_t words;     /* encoded words that were decoded */
	size_t broken;    /* those that could not be, and stand in the text as
			   * they came */
	size_t invalid;   /* bytes that their charset does not have: U+FFFD */
	size_t controls;  /* control characters: U+2400 to U+2421, which look
			   * like their names, and U+FFFD for the others */
	bool unknown_charset; /* an encoded word's charset does not exist */
	bool raw_8bit;        /* bytes over 0x7f outside of encoded words; read
			       * as UTF-8 if valid, else as windows-1252 */
	bool truncated;       /* longer than HEADER_TEXT_BYTES_MAX */
};

/*
 * header_text_decode - the text of a field's value.
 *
 * value  as in struct message: folds in it, blanks around it
 *
 * Folds are taken out, blanks at both ends too, a tab is a blank, and what
 * stands between two encoded words is dropped when it is blank (RFC 2047
 * section 6.2).  Two words of one charset are read together, so that a
 * character may be split between them.  Blanks inside of a word are taken.
 *
 * Returns STATUS_OK or STATUS_NOMEM.
 */
enum status header_text_decode(struct region *region, struct span value,
    struct header_text *text_r) GP_MUST_CHECK;

/*
 * header_text_clean - valid UTF-8 without control characters and line breaks
 * (see struct header_text), with a NUL behind it.
 *
 * controls  is added to
 */
enum status header_text_clean(struct region *region, struct span utf8,
    struct span *text_r, size_t *controls) GP_MUST_CHECK;

#endif
