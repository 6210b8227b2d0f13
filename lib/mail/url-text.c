/*
 * url-text - URLs in running text, where mail clients see them (see url.h).
 *
 * A text is cut into chunks at blanks, brackets of the kind "<>", quotation
 * marks and the punctuation of wide scripts; in a chunk a URL goes from its
 * scheme, or from a name with a known suffix, to the end, less the punctuation
 * that belongs to the sentence.
 */
#include "config.h"

#include <string.h>

#include "lib/mail/url-private.h"

#define LOCAL_PART_BYTES_MAX 64   /* RFC 5321 section 4.5.3.1.1 */
#define WRAPPED_BYTES_MAX    2000 /* of "<http://...>" over some lines */
#define CHUNK_BYTES_MAX      4096 /* a chunk is searched again for each URL */
#define NAME_BYTES_MIN       4    /* "t.co" */

/*
 * Top-level domains that are endings of file names: "README.md" is no host,
 * "www.README.md" and "README.md/x" are.
 */
static const char *const file_endings[] = { "ac", "am", "cc", "inc", "java",
	"map", "md", "mk", "mov", "pm", "ps", "py", "rs", "sh", "so", "target",
	"zip" };

/* ---- characters ---- */

/*
 * The length of a character that no URL goes over: blanks, "<>", quotation
 * marks, the punctuation of wide scripts; 0 for any other.
 */
static size_t
delimiter_length(struct span text)
{
	unsigned char first = (unsigned char)text.data[0];
	unsigned int code;

	if (first < 0x80)
		return first <= ' ' || first == '<' || first == '>' ||
		    first == '"' || first == '`' || first == 0x7f;
	if (first == 0xc2 && text.length > 1) {
		code = (unsigned char)text.data[1];
		return code == 0xa0 || code == 0xab || code == 0xbb ? 2 : 0;
	}
	if ((first != 0xe2 && first != 0xe3 && first != 0xef) ||
	    text.length < 3)
		return 0;
	code = (first & 0x0fu) << 12 |
	    ((unsigned char)text.data[1] & 0x3fu) << 6 |
	    ((unsigned char)text.data[2] & 0x3fu);
	/* General punctuation; CJK punctuation; its wide ASCII forms. */
	if ((code >= 0x2000 && code <= 0x206f) ||
	    (code >= 0x3000 && code <= 0x3020) ||
	    (code >= 0xff01 && code <= 0xff0d) || code == 0xff1a ||
	    code == 0xff1b || code == 0xff1f)
		return 3;
	return 0;
}

static bool
is_host_character(char c)
{
	unsigned char u = (unsigned char)c;

	return ascii_is_alnum(u) || u >= 0x80 || u == '.' || u == '-' ||
	    u == '_';
}

static bool
is_local_character(char c)
{
	return ascii_is_alnum((unsigned char)c) ||
	    (c != '\0' && strchr(".-_+%=&~'", c) != NULL);
}

/* ---- the end of a URL ---- */

/* The bracket that opens what c closes; 0 if it closes nothing. */
static char
opening_of(char c)
{
	return c == ')' ? '(' : c == ']' ? '[' : c == '}' ? '{' : '\0';
}

static size_t
count_of(struct span text, char c)
{
	size_t i, count = 0;

	for (i = 0; i < text.length; i++)
		count += text.data[i] == c;
	return count;
}

/* Brackets at the end go when they were not opened inside. */
static size_t
without_brackets(struct span url)
{
	char close = url.data[url.length - 1], open = opening_of(close);
	size_t opened = count_of(url, open), closed = count_of(url, close);

	while (closed > opened && url.length > 0 &&
	    url.data[url.length - 1] == close) {
		url.length--;
		closed--;
	}
	return url.length;
}

/* Punctuation at the end is the sentence's; in a few turns, or it stays. */
static struct span
without_punctuation(struct span url)
{
	size_t length, turn;

	for (turn = 0; turn < 8 && url.length > 0; turn++) {
		length = url.length;
		while (url.length > 0 && url.data[url.length - 1] != '\0' &&
		    strchr(".,;:!?'*_~|", url.data[url.length - 1]) != NULL)
			url.length--;
		if (url.length > 0 &&
		    opening_of(url.data[url.length - 1]) != '\0')
			url.length = without_brackets(url);
		if (url.length == length)
			break;
	}
	return url;
}

/* References of HTML in plain text: a bracket or quotation mark ends it. */
static struct span
until_reference(struct span url)
{
	static const char *const ends[] = { "&lt;", "&gt;", "&quot;",
		"&nbsp;" };
	const char *at;
	size_t i, offset;

	for (offset = 0; offset < url.length;) {
		struct span rest = span_from(url, offset);

		if ((at = memchr(rest.data, '&', rest.length)) == NULL)
			break;
		offset = (size_t)(at - url.data);
		rest = span_from(url, offset);
		for (i = 0; i < GP_NELEMS(ends); i++)
			if (span_starts_nocase(rest, ends[i]))
				return (struct span){ url.data, offset };
		offset++;
	}
	return url;
}

/* ---- URLs with a scheme ---- */

/* Where the scheme begins that ends in front of the colon; 0: with it. */
static size_t
scheme_start(struct span chunk, size_t colon)
{
	static const char *const names[] = { "https", "http", "ftp", "mailto" };
	size_t i, length;

	for (i = 0; i < GP_NELEMS(names); i++) {
		length = strlen(names[i]);
		if (length <= colon &&
		    span_equals_nocase(
			(struct span){ chunk.data + colon - length, length },
			names[i]))
			return colon - length;
	}
	return colon;
}

/* "://", ":\\", and "mailto:" with anything behind it. */
static bool
colon_is_of_scheme(struct span chunk, size_t colon, size_t *start_r)
{
	struct span rest = span_from(chunk, colon + 1);

	*start_r = scheme_start(chunk, colon);
	if (*start_r == colon)
		return false;
	if (ascii_lower(chunk.data[*start_r]) == 'm')
		return true;
	return rest.length > 2 && strchr("/\\", rest.data[0]) != NULL &&
	    strchr("/\\", rest.data[1]) != NULL && rest.data[0] != '\0' &&
	    rest.data[1] != '\0';
}

static bool
find_scheme(struct span chunk, size_t *start_r, size_t *colon_r)
{
	const char *at;
	size_t offset = 0;

	while (offset < chunk.length) {
		at = memchr(chunk.data + offset, ':', chunk.length - offset);
		if (at == NULL)
			return false;
		*colon_r = (size_t)(at - chunk.data);
		if (colon_is_of_scheme(chunk, *colon_r, start_r))
			return true;
		offset = *colon_r + 1;
	}
	return false;
}

/*
 * The end of a host that cannot go on: brackets, commas and the like.  With a
 * user in front of it anything goes.
 */
static struct span
with_plain_host(struct span url, size_t host)
{
	size_t i;

	for (i = host; i < url.length; i++) {
		char c = url.data[i];

		if (c == '/' || c == '\\' || c == '?' || c == '#')
			return url;
		if (c == '@')
			return url;
		if (!is_host_character(c) && c != ':' && c != '%' &&
		    (c != '[' || i > host) && c != ']')
			break;
		if (c == ']' && url.data[host] != '[')
			break;
	}
	if (memchr(url.data + i, '@', url.length - i) == NULL)
		url.length = i;
	return url;
}

/* A host in a script without blanks: what is no ASCII may be the sentence. */
static struct span
without_wide_tail(struct span url, size_t host)
{
	char copy[URL_PATH_BYTES_MAX];
	struct url_parts parts;
	unsigned int flags;
	size_t i, length;

	for (i = host; i < url.length; i++) {
		if ((unsigned char)url.data[i] >= 0x80)
			break;
		if (url.data[i] == '/' || url.data[i] == '?')
			return url;
	}
	if (i == url.length)
		return url;
	length = url_clean(url, copy, sizeof(copy), &flags);
	if (url_parse((struct span){ copy, length }, URL_READING_REFERENCE,
		&parts) != URL_RESULT_URL ||
	    !domain_has_known_suffix(parts.host))
		url.length = i;
	return url;
}

static struct span
cut_scheme_url(struct span chunk, size_t start, size_t colon)
{
	struct span url = until_reference(span_from(chunk, start));
	size_t host = colon + 1 - start;

	while (host < url.length &&
	    (url.data[host] == '/' || url.data[host] == '\\'))
		host++;
	if (host >= url.length)
		return without_punctuation(url);
	url = without_wide_tail(with_plain_host(url, host), host);
	return without_punctuation(url);
}

/* ---- names without a scheme ---- */

/* "README.md", "end.Next", "device_name.id". */
static bool
is_no_host(struct span name)
{
	struct span ending;
	size_t i, dot = 0;

	if (memchr(name.data, '_', name.length) != NULL)
		return true;
	for (i = 0; i < name.length; i++)
		if (name.data[i] == '.')
			dot = i;
	ending = span_from(name, dot + 1);
	if (dot > 0 && ending.length > 0 && ending.data[0] >= 'A' &&
	    ending.data[0] <= 'Z' && name.data[0] >= 'a' && name.data[0] <= 'z')
		return true;
	for (i = 0; i < GP_NELEMS(file_endings); i++)
		if (span_equals_nocase(ending, file_endings[i]))
			return true;
	return false;
}

static bool
name_is_url(struct span name)
{
	char copy[DOMAIN_INPUT_BYTES_MAX];
	struct url_parts parts;
	unsigned int flags;
	size_t length;

	if (name.length > sizeof(copy))
		return false;
	length = url_clean(name, copy, sizeof(copy), &flags);
	return url_parse((struct span){ copy, length }, URL_READING_NAME,
		   &parts) == URL_RESULT_URL;
}

static size_t
host_length(struct span chunk, bool wide)
{
	size_t i;

	for (i = 0; i < chunk.length; i++)
		if (!is_host_character(chunk.data[i]) ||
		    (!wide && (unsigned char)chunk.data[i] >= 0x80))
			break;
	return i;
}

/* What may stand in front of a name that is no piece of a path or program. */
static bool
may_precede(char c)
{
	return c == '\0' || strchr("/\\@$%&=#", c) == NULL;
}

/* ":80", "/x", "?x" behind a host: the URL goes on. */
static bool
goes_on(struct span behind)
{
	if (behind.length < 2)
		return false;
	if (behind.data[0] == ':')
		return ascii_is_digit((unsigned char)behind.data[1]);
	return behind.data[0] == '/' || behind.data[0] == '?' ||
	    behind.data[0] == '#';
}

/* A name at the front of a chunk; false when it is none. */
static bool
read_name(struct span chunk, size_t length, struct span *url_r)
{
	struct span name = { chunk.data, length };
	struct span behind = span_from(chunk, length);

	while (name.length > 0 &&
	    strchr(".-_", name.data[name.length - 1]) != NULL &&
	    name.data[name.length - 1] != '\0')
		name.length--;
	if (memchr(name.data, '.', name.length) == NULL || !name_is_url(name))
		return false;
	*url_r = name;
	if (name.length == length && goes_on(behind))
		*url_r = without_punctuation(until_reference(chunk));
	if (url_r->length > name.length || span_starts_nocase(name, "www."))
		return true;
	return !is_no_host(name);
}

/* "local@domain" around an '@'; false when it is none. */
static bool
read_address(struct span chunk, size_t at, struct span *url_r)
{
	struct span domain = span_from(chunk, at + 1);
	size_t start = at;

	while (start > 0 && at - start < LOCAL_PART_BYTES_MAX &&
	    is_local_character(chunk.data[start - 1]))
		start--;
	domain.length = host_length(domain, false);
	domain = without_punctuation(domain);
	*url_r =
	    (struct span){ chunk.data + start, at + 1 - start + domain.length };
	return start < at && domain.length > 0 && name_is_url(*url_r);
}

static bool
may_be_name(struct span run)
{
	return run.length >= NAME_BYTES_MIN &&
	    memchr(run.data, '.', run.length) != NULL;
}

/* A name in ASCII in a run of a script without blanks between words. */
static bool
find_ascii_name(struct span run, size_t *words, struct span *url_r)
{
	size_t length;

	for (; run.length > 0; run = span_from(run, length)) {
		length = host_length(run, false);
		if (may_be_name((struct span){ run.data, length })) {
			(*words)++;
			if (read_name(run, length, url_r))
				return true;
		}
		if (length == 0)
			length = 1;
	}
	return false;
}

/* What stands in the run of host characters at *offset, which moves on. */
static bool
find_name_at(
    struct span chunk, size_t *offset, size_t *words, struct span *url_r)
{
	struct span run = span_from(chunk, *offset);
	char before = *offset == 0 ? '\0' : chunk.data[*offset - 1];
	size_t length = host_length(run, true);

	*offset += length;
	if (length < run.length && run.data[length] == '@') {
		(*words)++;
		(*offset)++;
		return read_address(chunk, *offset - 1, url_r);
	}
	if (!may_precede(before) ||
	    !may_be_name((struct span){ run.data, length }))
		return false;
	(*words)++;
	if (read_name(run, length, url_r))
		return true;
	run.length = length;
	return host_length(run, false) < length &&
	    find_ascii_name(run, words, url_r);
}

static bool
find_name(struct span chunk, size_t *words, struct span *url_r)
{
	size_t offset = 0;

	while (offset < chunk.length && *words < URL_WORDS_MAX) {
		if (!is_host_character(chunk.data[offset]) ||
		    chunk.data[offset] == '.' || chunk.data[offset] == '-') {
			offset++;
			continue;
		}
		if (find_name_at(chunk, &offset, words, url_r))
			return true;
	}
	return false;
}

/* ---- chunks ---- */

/* "<http://...>", over line ends too (RFC 3986 appendix C). */
static bool
read_bracketed(struct span text, struct span *url_r)
{
	size_t i, start, colon, limit = text.length;

	if (limit > WRAPPED_BYTES_MAX)
		limit = WRAPPED_BYTES_MAX;
	for (i = 1; i < limit; i++) {
		char c = text.data[i];

		if (c == '>' || c == '<' || c == '"' || c == ' ')
			break;
	}
	if (i == limit || text.data[i] != '>')
		return false;
	*url_r = (struct span){ text.data + 1, i - 1 };
	if (!find_scheme(*url_r, &start, &colon) ||
	    (start != 0 && start != strlen("URL:")))
		return false;
	*url_r = span_from(*url_r, start);
	return true;
}

static size_t
chunk_length(struct span text)
{
	size_t i;

	for (i = 0; i < text.length && i < CHUNK_BYTES_MAX; i++)
		if (!ascii_is_alnum((unsigned char)text.data[i]) &&
		    delimiter_length(span_from(text, i)) != 0)
			break;
	return i;
}

/* The first URL of a chunk. */
static bool
find_in_chunk(struct span chunk, size_t *words, struct url_finding *finding_r)
{
	size_t start, colon;

	if (memchr(chunk.data, '.', chunk.length) == NULL &&
	    memchr(chunk.data, ':', chunk.length) == NULL)
		return false; /* most words */
	if (!find_scheme(chunk, &start, &colon)) {
		finding_r->reading = URL_READING_NAME;
		return find_name(chunk, words, &finding_r->text);
	}
	finding_r->reading = URL_READING_NAME;
	if (find_name(
		(struct span){ chunk.data, start }, words, &finding_r->text))
		return true;
	(*words)++;
	finding_r->reading = URL_READING_REFERENCE;
	finding_r->text = cut_scheme_url(chunk, start, colon);
	return true;
}

bool
url_find(struct span *rest, size_t *words, struct url_finding *finding_r)
{
	size_t length;

	while (rest->length > 0 && *words < URL_WORDS_MAX) {
		if (rest->data[0] == '<' &&
		    read_bracketed(*rest, &finding_r->text)) {
			(*words)++;
			finding_r->reading = URL_READING_REFERENCE;
			length = (size_t)(finding_r->text.data +
			    finding_r->text.length - rest->data);
			*rest = span_from(*rest, length);
			return true;
		}
		if ((length = delimiter_length(*rest)) != 0) {
			*rest = span_from(*rest, length);
			continue;
		}
		length = chunk_length(*rest);
		if (find_in_chunk((struct span){ rest->data, length }, words,
			finding_r)) {
			length = (size_t)(finding_r->text.data +
			    finding_r->text.length - rest->data);
			*rest = span_from(*rest, length);
			return true;
		}
		*rest = span_from(*rest, length);
	}
	return false;
}
