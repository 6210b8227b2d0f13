/*
 * charset - text in a charset that mail names, as UTF-8 (see charset.h).
 *
 * UTF-8, US-ASCII and windows-1252 are read here: they are nearly all of the
 * mail, and iconv_open() loads a module each time.  All others go through
 * iconv(3).  Its own list has a thousand names, with options behind slashes;
 * what a message says never reaches it.
 */
#include "config.h"

#include "lib/mail/charset.h"

#include <errno.h>
#include <iconv.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <glib.h>

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

/* Bytes of UTF-8 that one byte of any charset of the table can become. */
#define UTF8_GROWTH 4

/* Values of a row that need no iconv. */
#define READ_GUESSED      "guessed"
#define READ_UTF8         "utf-8"
#define READ_WINDOWS_1252 "windows-1252"

struct charset {
	const char *label; /* lower case letters and digits alone */
	const char *read;  /* one of the above, or iconv's name */
};

/* Sorted by label.  The superset reading is that of the Encoding Standard. */
static const struct charset charsets[] = {
	{ "ansix341968", READ_GUESSED },
	{ "armscii8", "ARMSCII-8" },
	{ "ascii", READ_GUESSED },
	{ "big5", "BIG5-HKSCS" },
	{ "big5hkscs", "BIG5-HKSCS" },
	{ "cp1250", "CP1250" },
	{ "cp1251", "CP1251" },
	{ "cp1252", READ_WINDOWS_1252 },
	{ "cp1253", "CP1253" },
	{ "cp1254", "CP1254" },
	{ "cp1255", "CP1255" },
	{ "cp1256", "CP1256" },
	{ "cp1257", "CP1257" },
	{ "cp1258", "CP1258" },
	{ "cp437", "CP437" },
	{ "cp850", "CP850" },
	{ "cp852", "CP852" },
	{ "cp866", "CP866" },
	{ "cp874", "CP874" },
	{ "cp932", "CP932" },
	{ "cp936", "GB18030" },
	{ "cp949", "UHC" },
	{ "cp950", "BIG5-HKSCS" },
	{ "csiso2022jp", "ISO-2022-JP" },
	{ "default", READ_GUESSED },
	{ "eucjp", "EUC-JP" },
	{ "euckr", "UHC" },
	{ "euctw", "EUC-TW" },
	{ "gb18030", "GB18030" },
	{ "gb2312", "GB18030" },
	{ "gbk", "GB18030" },
	{ "georgianps", "GEORGIAN-PS" },
	{ "ibm437", "CP437" },
	{ "ibm850", "CP850" },
	{ "ibm852", "CP852" },
	{ "ibm866", "CP866" },
	{ "iso10646ucs2", "UTF-16BE" },
	{ "iso2022jp", "ISO-2022-JP" },
	{ "iso2022jp2", "ISO-2022-JP-2" },
	{ "iso2022kr", "ISO-2022-KR" },
	{ "iso88591", READ_WINDOWS_1252 },
	{ "iso885910", "ISO-8859-10" },
	{ "iso885911", "CP874" },
	{ "iso885913", "ISO-8859-13" },
	{ "iso885914", "ISO-8859-14" },
	{ "iso885915", "ISO-8859-15" },
	{ "iso885916", "ISO-8859-16" },
	{ "iso88592", "ISO-8859-2" },
	{ "iso88593", "ISO-8859-3" },
	{ "iso88594", "ISO-8859-4" },
	{ "iso88595", "ISO-8859-5" },
	{ "iso88596", "ISO-8859-6" },
	{ "iso88596e", "ISO-8859-6" },
	{ "iso88596i", "ISO-8859-6" },
	{ "iso88597", "ISO-8859-7" },
	{ "iso88598", "ISO-8859-8" },
	{ "iso88598e", "ISO-8859-8" },
	{ "iso88598i", "ISO-8859-8" },
	{ "iso88599", "CP1254" },
	{ "johab", "JOHAB" },
	{ "koi8r", "KOI8-R" },
	{ "koi8ru", "KOI8-U" },
	{ "koi8t", "KOI8-T" },
	{ "koi8u", "KOI8-U" },
	{ "ksc5601", "UHC" },
	{ "ksc56011987", "UHC" },
	{ "latin1", READ_WINDOWS_1252 },
	{ "latin2", "ISO-8859-2" },
	{ "maccyrillic", "MAC-CYRILLIC" },
	{ "macintosh", "MACINTOSH" },
	{ "none", READ_GUESSED },
	{ "shiftjis", "CP932" },
	{ "sjis", "CP932" },
	{ "tcvn57121", "TCVN5712-1" },
	{ "tis620", "CP874" },
	{ "ucs2", "UTF-16BE" },
	{ "unicode11utf7", "UTF-7" },
	{ "unicode11utf8", READ_UTF8 },
	{ "unknown", READ_GUESSED },
	{ "unknown8bit", READ_GUESSED },
	{ "usascii", READ_GUESSED },
	{ "utf16", "UTF-16LE" },
	{ "utf16be", "UTF-16BE" },
	{ "utf16le", "UTF-16LE" },
	{ "utf32", "UTF-32LE" },
	{ "utf32be", "UTF-32BE" },
	{ "utf32le", "UTF-32LE" },
	{ "utf7", "UTF-7" },
	{ "utf8", READ_UTF8 },
	{ "viscii", "VISCII" },
	{ "windows1250", "CP1250" },
	{ "windows1251", "CP1251" },
	{ "windows1252", READ_WINDOWS_1252 },
	{ "windows1253", "CP1253" },
	{ "windows1254", "CP1254" },
	{ "windows1255", "CP1255" },
	{ "windows1256", "CP1256" },
	{ "windows1257", "CP1257" },
	{ "windows1258", "CP1258" },
	{ "windows31j", "CP932" },
	{ "windows874", "CP874" },
	{ "windows936", "GB18030" },
	{ "windows949", "UHC" },
	{ "xeucjp", "EUC-JP" },
	{ "xgbk", "GB18030" },
	{ "xmaccyrillic", "MAC-CYRILLIC" },
	{ "xsjis", "CP932" },
	{ "xunknown", READ_GUESSED },
	{ "xuserdefined", READ_GUESSED },
	{ "xwindows949", "UHC" },
};

/* Windows-1252, 0x80 to 0x9f; the five that it leaves open are C1 controls. */
static const uint16_t windows_1252[32] = { 0x20ac, 0x81, 0x201a, 0x0192, 0x201e,
	0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8d,
	0x017d, 0x8f, 0x90, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013,
	0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x9d, 0x017e, 0x0178 };

/* "UTF-8", "utf_8" and "'utf8'" are one label; false: too long, or empty. */
static bool
label_of(struct span name, char label[CHARSET_LABEL_BYTES_MAX + 1])
{
	size_t i, length = 0;

	for (i = 0; i < name.length; i++) {
		if (!ascii_is_alnum((unsigned char)name.data[i]))
			continue;
		if (length == CHARSET_LABEL_BYTES_MAX)
			return false;
		label[length++] = ascii_lower(name.data[i]);
	}
	label[length] = '\0';
	return length > 0;
}

static int
compare_label(const void *label, const void *row)
{
	return strcmp(label, ((const struct charset *)row)->label);
}

static const struct charset *
find(struct span name)
{
	char label[CHARSET_LABEL_BYTES_MAX + 1];

	if (!label_of(name, label))
		return NULL;
	return bsearch(label, charsets, GP_NELEMS(charsets),
	    sizeof(charsets[0]), compare_label);
}

bool
charset_is_known(struct span name)
{
	return find(name) != NULL;
}

bool
charset_same(struct span a, struct span b)
{
	char label_a[CHARSET_LABEL_BYTES_MAX + 1];
	char label_b[CHARSET_LABEL_BYTES_MAX + 1];

	return label_of(a, label_a) && label_of(b, label_b) &&
	    strcmp(label_a, label_b) == 0;
}

/* Where the valid UTF-8 without a NUL at the start ends. */
static size_t
valid_length(struct span bytes)
{
	const char *end;

	if (g_utf8_validate_len(bytes.data, bytes.length, &end))
		return bytes.length;
	return (size_t)(end - bytes.data);
}

static size_t
count_invalid(struct span bytes)
{
	size_t valid, count = 0;

	while ((valid = valid_length(bytes)) < bytes.length) {
		count++;
		bytes.data += valid + 1;
		bytes.length -= valid + 1;
	}
	return count;
}

/* Each byte that is no valid UTF-8 becomes a U+FFFD. */
static enum status
read_utf8(struct region *region, struct span bytes, struct charset_text *text_r)
{
	struct span rest = bytes;
	size_t valid, invalid = count_invalid(bytes);
	char *copy, *to;

	text_r->text = bytes;
	text_r->invalid += invalid;
	if (invalid == 0)
		return STATUS_OK;
	copy = region_alloc(
	    region, bytes.length + invalid * (strlen(REPLACEMENT) - 1) + 1);
	if ((to = copy) == NULL)
		return STATUS_NOMEM;
	while ((valid = valid_length(rest)) < rest.length) {
		memcpy(to, rest.data, valid);
		memcpy(to + valid, REPLACEMENT, strlen(REPLACEMENT));
		to += valid + strlen(REPLACEMENT);
		rest.data += valid + 1;
		rest.length -= valid + 1;
	}
	memcpy(to, rest.data, rest.length);
	text_r->text.data = copy;
	text_r->text.length = (size_t)(to - copy) + rest.length;
	return STATUS_OK;
}

/* One character that is below U+10000 and no ASCII. */
static char *
put_character(char *to, unsigned int c)
{
	if (c < 0x800) {
		*to++ = (char)(0xc0 | c >> 6);
	} else {
		*to++ = (char)(0xe0 | c >> 12);
		*to++ = (char)(0x80 | (c >> 6 & 0x3f));
	}
	*to++ = (char)(0x80 | (c & 0x3f));
	return to;
}

/* A NUL becomes U+FFFD, like a NUL of any other charset. */
static unsigned int
windows_1252_character(unsigned char byte)
{
	if (byte == '\0')
		return 0xfffd;
	return byte < 0xa0 ? windows_1252[byte - 0x80] : byte;
}

/* Neither ASCII nor a NUL stays what it is. */
static bool
is_other(char c)
{
	return c == '\0' || (unsigned char)c >= 0x80;
}

static enum status
read_windows_1252(
    struct region *region, struct span bytes, struct charset_text *text_r)
{
	size_t i, other = 0;
	unsigned char byte;
	char *copy, *to;

	text_r->text = bytes;
	for (i = 0; i < bytes.length; i++)
		other += is_other(bytes.data[i]);
	if (other == 0)
		return STATUS_OK;
	copy = region_alloc(region, bytes.length + other * 2 + 1);
	if ((to = copy) == NULL)
		return STATUS_NOMEM;
	for (i = 0; i < bytes.length; i++) {
		byte = (unsigned char)bytes.data[i];
		text_r->invalid += byte == '\0';
		if (is_other(bytes.data[i]))
			to = put_character(to, windows_1252_character(byte));
		else
			*to++ = (char)byte;
	}
	text_r->text.data = copy;
	text_r->text.length = (size_t)(to - copy);
	return STATUS_OK;
}

/* Bytes that are left out together when they are no character. */
static size_t
unit_of(const char *charset)
{
	if (strncmp(charset, "UTF-16", 6) == 0)
		return 2;
	return strncmp(charset, "UTF-32", 6) == 0 ? 4 : 1;
}

/*
 * All of from into to, which is large enough; a unit that is no character of
 * the charset becomes U+FFFD.  Returns the bytes written.
 */
static size_t
convert(iconv_t converter, size_t unit, struct span from, char *to, size_t size,
    size_t *invalid)
{
	char *in = (char *)(uintptr_t)from.data, *out = to;
	size_t left = from.length, room = size, skipped;

	while (left > 0) {
		if (iconv(converter, &in, &left, &out, &room) != (size_t)-1 ||
		    errno == E2BIG || room < strlen(REPLACEMENT))
			break;
		memcpy(out, REPLACEMENT, strlen(REPLACEMENT));
		out += strlen(REPLACEMENT);
		room -= strlen(REPLACEMENT);
		(*invalid)++;
		skipped = left < unit ? left : unit;
		in += skipped;
		left -= skipped;
	}
	iconv(converter, NULL, NULL, &out, &room);
	return size - room;
}

static enum status
read_by_iconv(struct region *region, const char *charset, struct span bytes,
    struct charset_text *text_r)
{
	enum status status = STATUS_NOMEM;
	struct span converted;
	char *buffer = NULL, *copy;
	iconv_t converter;
	size_t size;

	if ((converter = iconv_open("UTF-8", charset)) == (iconv_t)-1)
		return errno == ENOMEM ? STATUS_NOMEM : STATUS_NOTFOUND;
	if (bytes.length > SIZE_MAX / UTF8_GROWTH - 1)
		goto end;
	size = (bytes.length + 1) * UTF8_GROWTH;
	if ((buffer = malloc(size)) == NULL)
		goto end;
	converted.length = convert(
	    converter, unit_of(charset), bytes, buffer, size, &text_r->invalid);
	converted.data = buffer;
	copy = region_memdup(region, converted.data, converted.length);
	if (copy == NULL)
		goto end;
	converted.data = copy;
	status = read_utf8(region, converted, text_r); /* it may hold U+0000 */
end:
	free(buffer);
	iconv_close(converter);
	return status;
}

/* A NUL among UTF-8 does not make it another charset. */
static bool
is_utf8(struct span bytes)
{
	size_t valid;

	while ((valid = valid_length(bytes)) < bytes.length) {
		if (bytes.data[valid] != '\0')
			return false;
		bytes.data += valid + 1;
		bytes.length -= valid + 1;
	}
	return true;
}

static enum status
read_guessed(
    struct region *region, struct span bytes, struct charset_text *text_r)
{
	if (is_utf8(bytes))
		return read_utf8(region, bytes, text_r);
	return read_windows_1252(region, bytes, text_r);
}

enum status
charset_to_utf8(struct region *region, struct span name, struct span bytes,
    struct charset_text *text_r)
{
	const struct charset *charset = find(name);
	const char *read = charset == NULL ? READ_GUESSED : charset->read;
	enum status status;

	memset(text_r, 0, sizeof(*text_r));
	text_r->text = span_of("");
	text_r->unknown = charset == NULL && name.length > 0;
	if (bytes.length == 0)
		return STATUS_OK;
	if (strcmp(read, READ_UTF8) == 0)
		return read_utf8(region, bytes, text_r);
	if (strcmp(read, READ_WINDOWS_1252) == 0)
		return read_windows_1252(region, bytes, text_r);
	if (strcmp(read, READ_GUESSED) == 0)
		return read_guessed(region, bytes, text_r);
	status = read_by_iconv(region, read, bytes, text_r);
	if (status != STATUS_NOTFOUND)
		return status;
	text_r->unknown = true; /* a system without iconv's modules */
	return read_guessed(region, bytes, text_r);
}

struct charset_modules {
	/* Open while they are held; never used to convert, as a converter has
	 * a state and texts are read by many threads. */
	iconv_t converters[GP_NELEMS(charsets)];
};

enum status
charset_load(struct charset_modules **modules_r)
{
	struct charset_modules *modules;
	size_t i;

	*modules_r = NULL;
	if ((modules = malloc(sizeof(*modules))) == NULL)
		return STATUS_NOMEM;
	for (i = 0; i < GP_NELEMS(charsets); i++)
		modules->converters[i] = iconv_open("UTF-8", charsets[i].read);
	*modules_r = modules;
	return STATUS_OK;
}

void
charset_unload(struct charset_modules **modules)
{
	size_t i;

	if (*modules == NULL)
		return;
	for (i = 0; i < GP_NELEMS(charsets); i++)
		if ((*modules)->converters[i] != (iconv_t)-1)
			iconv_close((*modules)->converters[i]);
	free(*modules);
	*modules = NULL;
}
