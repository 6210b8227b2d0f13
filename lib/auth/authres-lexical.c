/* authres-lexical - the lexical rules (see authres-private.h). */
#include "config.h"

#include <string.h>

#include "lib/auth/authres-private.h"

#define DOMAIN_MAX 255 /* RFC 5321 section 4.5.3.1.2 */
#define DOTS       "..."
#define DOTS_BYTES (sizeof(DOTS) - 1)

/* RFC 2045 section 5.1 */
#define TSPECIALS "()<>@,;:\\\"/[]?="
/* RFC 5322 section 3.2.3: what an atom holds beside letters and digits */
#define ATEXT "!#$%&'*+-/=?^_`{|}~"

/* The smallest code point that needs as many bytes. */
static unsigned int
utf8_smallest(size_t bytes)
{
	return bytes == 2 ? 0xa0 : bytes == 3 ? 0x800 : 0x10000;
}

size_t
authres_match_utf8(struct span text)
{
	const unsigned char *p = (const unsigned char *)text.data;
	unsigned int point;
	size_t bytes, i;

	if (text.length < 2 || p[0] < 0xc2 || p[0] > 0xf4)
		return 0;
	bytes = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	if (text.length < bytes)
		return 0;
	point = p[0] & (0xffu >> (bytes + 1));
	for (i = 1; i < bytes; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		point = point << 6 | (p[i] & 0x3f);
	}
	if (point < utf8_smallest(bytes) || point > 0x10ffff ||
	    (point >= 0xd800 && point <= 0xdfff))
		return 0;
	return bytes;
}

/* One character of letters, digits, UTF-8 and more. */
static size_t
match_one(struct span text, const char *more)
{
	char c;

	if (text.length == 0)
		return 0;
	c = text.data[0];
	if (ascii_is_alnum(c) || (c != '\0' && strchr(more, c) != NULL))
		return 1;
	return authres_match_utf8(text);
}

size_t
authres_match_token(struct span text)
{
	size_t at = 0, bytes;
	char c;

	while (at < text.length) {
		c = text.data[at];
		if (ascii_is_print(c) && c != ' ' &&
		    strchr(TSPECIALS, c) == NULL)
			bytes = 1;
		else if ((bytes = authres_match_utf8(span_from(text, at))) == 0)
			break;
		at += bytes;
	}
	return at;
}

size_t
authres_match_keyword(struct span text)
{
	size_t at = 0, end = 0;

	for (; at < text.length; at++) {
		if (ascii_is_alnum(text.data[at]))
			end = at + 1;
		else if (text.data[at] != '-')
			break;
	}
	if (end == 0 || text.data[0] == '-' || end > AUTHRES_KEYWORD_MAX)
		return 0;
	return end;
}

/* Pieces of match_one() with single dots between them. */
static size_t
match_dotted(struct span text, const char *more)
{
	size_t at = 0, end = 0, bytes;

	for (;;) {
		while ((bytes = match_one(span_from(text, at), more)) > 0)
			at += bytes;
		if (at == (end == 0 ? 0 : end + 1))
			return end; /* nothing behind the dot */
		end = at;
		if (at == text.length || text.data[at] != '.')
			return end;
		at++;
	}
}

size_t
authres_match_domain(struct span text)
{
	return match_dotted(text, "-_");
}

size_t
authres_match_address(struct span text)
{
	size_t local = match_dotted(text, ATEXT), domain;

	if (local == text.length || text.data[local] != '@')
		return 0;
	domain = authres_match_domain(span_from(text, local + 1));
	return domain == 0 ? 0 : local + 1 + domain;
}

void
authres_add_quoted(struct strbuf *out, struct span text)
{
	size_t i;

	strbuf_add_char(out, '"');
	for (i = 0; i < text.length; i++) {
		if (text.data[i] == '"' || text.data[i] == '\\')
			strbuf_add_char(out, '\\');
		strbuf_add_char(out, text.data[i]);
	}
	strbuf_add_char(out, '"');
}

/* The largest length up to at that does not split a character. */
static size_t
cut_between_characters(struct span text, size_t at)
{
	while (at > 0 && ((unsigned char)text.data[at] & 0xc0) == 0x80)
		at--;
	return at;
}

const char *
authres_shorten(struct region *region, struct span text)
{
	size_t tail = 0, head;
	struct span end;

	if (text.length <= AUTHRES_VALUE_MAX)
		return region_memdup(region, text.data, text.length);
	while (tail < text.length && tail <= DOMAIN_MAX &&
	    text.data[text.length - tail - 1] != '@')
		tail++;
	if (tail > DOMAIN_MAX || tail == text.length)
		tail = 0;
	else
		tail++; /* the '@' */
	end = span_from(text, text.length - tail);
	head =
	    cut_between_characters(text, AUTHRES_VALUE_MAX - DOTS_BYTES - tail);
	return region_printf(region, "%.*s" DOTS "%.*s", (int)head, text.data,
	    (int)end.length, end.data);
}
