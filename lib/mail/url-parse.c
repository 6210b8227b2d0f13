/*
 * url-parse - one URL, taken apart as a browser does (see url.h).
 *
 * Sections named below are those of the WHATWG URL standard.
 */
#include "config.h"

#include <netinet/in.h>
#include <string.h>

#include "lib/mail/url-private.h"

#define SCHEME_BYTES_MAX 32 /* "view-source" has 11 */
#define HTTP_HTTP_MAX    3  /* "http://http://host" */

enum scheme_kind {
	SCHEME_WEB,
	SCHEME_MAIL,
	SCHEME_SCRIPT,
	SCHEME_DATA
};

static const struct {
	const char *name;
	enum scheme_kind kind;
	enum url_scheme scheme;
	unsigned int port; /* its own */
} schemes[] = {
	{ "http", SCHEME_WEB, URL_SCHEME_HTTP, 80 },
	{ "https", SCHEME_WEB, URL_SCHEME_HTTPS, 443 },
	{ "ftp", SCHEME_WEB, URL_SCHEME_FTP, 21 },
	{ "mailto", SCHEME_MAIL, URL_SCHEME_MAILTO, 0 },
	{ "javascript", SCHEME_SCRIPT, URL_SCHEME_HTTP, 0 },
	{ "vbscript", SCHEME_SCRIPT, URL_SCHEME_HTTP, 0 },
	{ "data", SCHEME_DATA, URL_SCHEME_HTTP, 0 },
};

const char *
url_scheme_name(enum url_scheme scheme)
{
	return schemes[scheme].name;
}

/* The number of bytes in front of the first of those in set. */
static size_t
length_until(struct span text, const char *set)
{
	size_t i;

	for (i = 0; i < text.length; i++)
		if (text.data[i] != '\0' && strchr(set, text.data[i]) != NULL)
			break;
	return i;
}

static bool
is_slash(char c)
{
	return c == '/' || c == '\\';
}

size_t
url_clean(struct span text, char *to, size_t size, unsigned int *flags_r)
{
	size_t i, length = 0;

	*flags_r = 0;
	while (text.length > 0 && (unsigned char)text.data[0] <= ' ')
		text = span_from(text, 1);
	while (
	    text.length > 0 && (unsigned char)text.data[text.length - 1] <= ' ')
		text.length--;
	for (i = 0; i < text.length; i++) {
		char c = text.data[i];

		if (c == '\t' || c == '\r' || c == '\n') {
			*flags_r |= URL_IS_REPAIRED;
			continue;
		}
		if (length == size) {
			*flags_r |= URL_IS_CUT;
			break;
		}
		to[length++] = c;
	}
	return length;
}

/* ---- hosts that are numbers (section 3.5, the IPv4 parser) ---- */

/* "192", "0xc0" or "0300"; false for anything else or over 32 bits. */
static bool
read_number(struct span text, uint64_t *number_r)
{
	unsigned int base = 10;
	uint64_t number = 0;
	size_t i;
	int digit;

	if (text.length == 0)
		return false;
	if (text.length > 1 && text.data[0] == '0') {
		base = ascii_lower(text.data[1]) == 'x' ? 16 : 8;
		text = span_from(text, base == 16 ? 2 : 1);
	}
	for (i = 0; i < text.length; i++) {
		digit = ascii_hex_value(text.data[i]);
		if (digit < 0 || (unsigned int)digit >= base)
			return false;
		number = number * base + (unsigned int)digit;
		if (number > UINT32_MAX)
			return false;
	}
	*number_r = number;
	return true;
}

/* A host whose last label is a number is an address, or nothing. */
static bool
ends_in_number(const char *host)
{
	const char *dot = strrchr(host, '.');
	struct span last = span_of(dot == NULL ? host : dot + 1);
	uint64_t number;

	if (last.length == 0)
		return false;
	return read_number(last, &number) ||
	    strspn(last.data, "0123456789") == last.length;
}

/* One to four numbers; the last fills the bytes that are left. */
static bool
read_ipv4(const char *host, struct ip *ip_r)
{
	struct span rest = span_of(host), label;
	uint64_t number, address = 0;
	unsigned char bytes[4];
	size_t count = 0;

	while (span_split(&rest, '.', &label)) {
		if (count == 4 || !read_number(label, &number))
			return false;
		if (rest.data != NULL && number > 255)
			return false;
		if (rest.data == NULL &&
		    number >= UINT64_C(1) << (8 * (4 - count)))
			return false;
		address |=
		    rest.data == NULL ? number : number << (8 * (3 - count));
		count++;
	}
	bytes[0] = (unsigned char)(address >> 24);
	bytes[1] = (unsigned char)(address >> 16);
	bytes[2] = (unsigned char)(address >> 8);
	bytes[3] = (unsigned char)address;
	*ip_r = ip_from_bytes(AF_INET, bytes);
	return true;
}

static bool
take_ip(const struct ip *ip, const char *written, struct url_parts *parts)
{
	char text[IP_TEXT_BYTES];

	ip_text(ip, text);
	parts->ip = *ip;
	parts->flags |= URL_IS_NUMERIC;
	if (strcmp(text, written) != 0)
		parts->flags |= URL_IS_ODD_NUMBER;
	return str_copy(parts->host, sizeof(parts->host), text) == STATUS_OK;
}

/* What stands between the brackets. */
static bool
read_ipv6(struct span literal, struct url_parts *parts)
{
	char text[IP_TEXT_BYTES];
	struct ip ip;

	if (literal.length >= sizeof(text))
		return false;
	memcpy(text, literal.data, literal.length);
	text[literal.length] = '\0';
	if (strchr(text, ':') == NULL || ip_parse(text, &ip) != STATUS_OK)
		return false;
	ascii_lower_all(text, literal.length);
	return take_ip(&ip, text, parts);
}

/* ---- hosts that are names ---- */

/*
 * DNS takes any byte in a label, and wildcard records answer for them; lists
 * know the domain above.
 */
static const char *
without_odd_labels(const char *name, struct url_parts *parts)
{
	const char *dot;

	while (!domain_is_valid(name)) {
		if ((dot = strchr(name, '.')) == NULL)
			return NULL;
		name = dot + 1;
		parts->flags |= URL_IS_REPAIRED;
		if (domain_is_valid(name) &&
		    domain_organizational(name) == NULL)
			return NULL;
	}
	return name;
}

static bool
take_name(const char *name, struct url_parts *parts)
{
	if ((name = without_odd_labels(name, parts)) == NULL)
		return false;
	if (strncmp(name, "xn--", 4) == 0 || strstr(name, ".xn--") != NULL)
		parts->flags |= URL_IS_PUNYCODE;
	return str_copy(parts->host, sizeof(parts->host), name) == STATUS_OK;
}

/* A host as it is written, without port (section 3.5, the host parser). */
static bool
read_host(struct span written, struct url_parts *parts)
{
	char decoded[DOMAIN_INPUT_BYTES_MAX + 1];
	char host[DOMAIN_INPUT_BYTES_MAX + 1];
	size_t length;
	struct ip ip;

	if (written.length == 0 || written.length > DOMAIN_INPUT_BYTES_MAX)
		return false;
	length = span_percent_decode(written, decoded);
	if (length != written.length)
		parts->flags |= URL_IS_ENCODED;
	if (memchr(decoded, '\0', length) != NULL)
		return false;
	decoded[length] = '\0';
	if (domain_to_ascii(decoded, host, sizeof(host)) != STATUS_OK)
		return false;
	length = strlen(host);
	if (length > 0 && host[length - 1] == '.')
		host[--length] = '\0';
	ascii_lower_all(host, length);
	if (!ends_in_number(host))
		return take_name(host, parts);
	return read_ipv4(host, &ip) && take_ip(&ip, host, parts);
}

/* ---- authority ---- */

/* ":80" behind a host; what is no number is no port, and is not looked at. */
static void
read_port(struct span text, struct url_parts *parts)
{
	uint64_t port;

	if (text.length == 0 || text.data[0] != ':' ||
	    str_to_uint64(span_from(text, 1), UINT16_MAX, &port) != STATUS_OK)
		return;
	parts->port = (unsigned int)port;
	if (port != schemes[parts->scheme].port)
		parts->flags |= URL_HAS_PORT;
}

static bool
read_host_and_port(struct span text, struct url_parts *parts)
{
	size_t length;

	if (text.length > 0 && text.data[0] == '[') {
		length = length_until(text, "]");
		if (length == text.length)
			return false;
		read_port(span_from(text, length + 1), parts);
		return read_ipv6(
		    (struct span){ text.data + 1, length - 1 }, parts);
	}
	length = length_until(text, ":");
	read_port(span_from(text, length), parts);
	return read_host((struct span){ text.data, length }, parts);
}

/* The user ends at the last '@'. */
static bool
read_authority(struct span text, struct url_parts *parts)
{
	size_t i;

	for (i = text.length; i > 0 && text.data[i - 1] != '@'; i--)
		continue;
	if (i > 0) {
		parts->user = (struct span){ text.data, i - 1 };
		parts->flags |= URL_HAS_USER;
	}
	return read_host_and_port(span_from(text, i), parts);
}

/* Any number of slashes of both kinds in front of the authority will do. */
static struct span
without_slashes(struct span text, struct url_parts *parts)
{
	size_t i;

	for (i = 0; i < text.length && is_slash(text.data[i]); i++)
		if (text.data[i] == '\\')
			parts->flags |= URL_IS_REPAIRED;
	if (i != 2)
		parts->flags |= URL_IS_REPAIRED;
	return span_from(text, i);
}

/* "http://http://host", "http://https//host": nobody has such a host. */
static struct span
without_doubled_scheme(struct span text, struct url_parts *parts)
{
	size_t length;
	int i;

	for (i = 0; i < HTTP_HTTP_MAX; i++) {
		length = span_starts_nocase(text, "https") ? 5 :
		    span_starts_nocase(text, "http")       ? 4 :
							     0;
		if (length == 0 || length == text.length)
			break;
		if (text.data[length] == ':')
			length++;
		else if (!is_slash(text.data[length]))
			break;
		text = without_slashes(span_from(text, length), parts);
		parts->flags |= URL_IS_REPAIRED;
	}
	return text;
}

/* What is behind the scheme and its slashes. */
static enum url_result
read_web(struct span text, struct url_parts *parts)
{
	size_t length;

	text = without_doubled_scheme(text, parts);
	length = length_until(text, "/\\?#");
	parts->path = span_from(text, length);
	text.length = length;
	return read_authority(text, parts) ? URL_RESULT_URL : URL_RESULT_NONE;
}

/* ---- mail addresses ---- */

/* The '@' or "%40" in front of the domain; text.length if there is none. */
static size_t
find_at(struct span text, size_t *length_r)
{
	size_t i;

	for (i = text.length; i > 0; i--) {
		struct span rest = span_from(text, i - 1);

		*length_r = rest.data[0] == '@'     ? 1 :
		    span_starts_nocase(rest, "%40") ? 3 :
						      0;
		if (*length_r != 0)
			return i - 1;
	}
	return text.length;
}

/* The first address of "a@b,c@d?subject=x"; the rest is no host to ask. */
static enum url_result
read_mail(struct span text, struct url_parts *parts)
{
	size_t at, at_length, length;

	while (
	    text.length > 0 && (is_slash(text.data[0]) || text.data[0] == '<'))
		text = span_from(text, 1);
	parts->scheme = URL_SCHEME_MAILTO;
	length = length_until(text, "?,;>&");
	parts->path = span_from(text, length);
	text.length = length;
	at = find_at(text, &at_length);
	if (at == 0 || at == text.length)
		return URL_RESULT_NONE;
	parts->user = (struct span){ text.data, at };
	return read_host(span_from(text, at + at_length), parts) ?
	    URL_RESULT_URL :
	    URL_RESULT_NONE;
}

/* ---- the whole ---- */

/* Cuts "scheme:" off; false for "host.example:80", which has a dot. */
static bool
cut_scheme(struct span *text, struct span *scheme_r)
{
	size_t i;

	for (i = 0; i < text->length && i <= SCHEME_BYTES_MAX; i++) {
		unsigned char c = (unsigned char)text->data[i];

		if (c == ':' && i > 0) {
			*scheme_r = (struct span){ text->data, i };
			*text = span_from(*text, i + 1);
			return true;
		}
		if (!ascii_is_alpha(c) &&
		    (i == 0 || (!ascii_is_digit(c) && c != '+' && c != '-')))
			return false;
	}
	return false;
}

static enum url_result
read_by_scheme(struct span text, size_t i, struct url_parts *parts)
{
	parts->scheme = schemes[i].scheme;
	switch (schemes[i].kind) {
	case SCHEME_WEB:
		return read_web(without_slashes(text, parts), parts);
	case SCHEME_MAIL:
		return read_mail(text, parts);
	case SCHEME_SCRIPT:
		return URL_RESULT_SCRIPT;
	case SCHEME_DATA:
		return URL_RESULT_DATA;
	}
	return URL_RESULT_NONE;
}

/* "a@example.com", "www.example.com/x". */
static enum url_result
read_name(struct span text, struct url_parts *parts)
{
	struct span front = text;
	enum url_result result;

	front.length = length_until(text, "/\\?#");
	if (front.length > 0 && memchr(front.data, '@', front.length) != NULL)
		result = read_mail(text, parts);
	else
		result = read_web(text, parts);
	if (result == URL_RESULT_URL && !domain_has_known_suffix(parts->host))
		return URL_RESULT_NONE;
	return result;
}

enum url_result
url_parse(struct span text, enum url_reading reading, struct url_parts *parts_r)
{
	struct span scheme;
	size_t i;

	memset(parts_r, 0, sizeof(*parts_r));
	parts_r->user = parts_r->path = (struct span){ "", 0 };
	if (cut_scheme(&text, &scheme)) {
		for (i = 0; i < GP_NELEMS(schemes); i++)
			if (span_equals_nocase(scheme, schemes[i].name))
				return read_by_scheme(text, i, parts_r);
		return URL_RESULT_NONE;
	}
	if (text.length > 1 && is_slash(text.data[0]) &&
	    is_slash(text.data[1])) {
		parts_r->flags |= URL_IS_SCHEMELESS;
		return read_web(without_slashes(text, parts_r), parts_r);
	}
	if (reading == URL_READING_REFERENCE)
		return URL_RESULT_RELATIVE;
	parts_r->flags |= URL_IS_SCHEMELESS;
	return read_name(text, parts_r);
}
