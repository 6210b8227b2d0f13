/* content-fragment - a recipient's address in a URL (see its header). */
#include "config.h"

#include "lib/scan/content-fragment.h"

#include <string.h>

#include "lib/base/str.h"

/* Four characters are three bytes; a piece of a text may begin at any. */
#define BASE64_PHASES 4

/* Of both alphabets (RFC 4648 sections 4 and 5); -1: none. */
static int
base64_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+' || c == '-')
		return 62;
	return c == '/' || c == '_' ? 63 : -1;
}

/* Is it a further piece of a domain? */
static bool
goes_on(const char *text, size_t length)
{
	size_t i = text[0] == '.' ? 1 : 0;

	return i < length &&
	    (ascii_is_alnum((unsigned char)text[i]) || text[i] == '-');
}

/* "local@domain" around an '@', and not the end of another local part or the
 * front of another domain. */
static bool
is_address(
    struct span text, size_t at, const char *local_part, const char *domain)
{
	size_t length = strlen(local_part), end = at + 1 + strlen(domain);
	struct span before, behind;

	if (length == 0 || length > at || domain[0] == '\0' ||
	    end > text.length)
		return false;
	before = (struct span){ text.data + at - length, length };
	behind = (struct span){ text.data + at + 1, end - at - 1 };
	if (at > length && ascii_is_alnum((unsigned char)before.data[-1]))
		return false;
	if (end < text.length && goes_on(text.data + end, text.length - end))
		return false;
	return span_equals_nocase(before, local_part) &&
	    span_equals_nocase(behind, domain);
}

static bool
is_recipient(const struct scan *scan, struct span text, size_t at)
{
	const struct content_mailboxes *to = &scan->content->header.to;
	char local_part[URL_USER_BYTES_MAX];
	const char *recipient, *sign;
	size_t i;

	for (i = 0; i < scan->envelope.recipient_kept &&
	     i < CONTENT_FRAGMENT_RECIPIENTS_MAX;
	     i++) {
		recipient = scan->envelope.recipients[i];
		if ((sign = strrchr(recipient, '@')) == NULL ||
		    (size_t)(sign - recipient) >= sizeof(local_part))
			continue;
		memcpy(local_part, recipient, (size_t)(sign - recipient));
		local_part[sign - recipient] = '\0';
		if (is_address(text, at, local_part, sign + 1))
			return true;
	}
	for (i = 0; i < to->count && i < CONTENT_FRAGMENT_RECIPIENTS_MAX; i++)
		if (is_address(
			text, at, to->list[i].local_part, to->list[i].domain))
			return true;
	return false;
}

static bool
holds_recipient(const struct scan *scan, struct span text)
{
	size_t i;

	for (i = 0; i < text.length; i++)
		if (text.data[i] == '@' && is_recipient(scan, text, i))
			return true;
	return false;
}

/* Decodes what is base64 from the front on; returns the length of it. */
static size_t
base64_decode(struct span text, char *to, size_t *used_r)
{
	unsigned int bits = 0, count = 0;
	size_t length = 0, i;
	int value;

	for (i = 0; i < text.length; i++) {
		if ((value = base64_value(text.data[i])) == -1)
			break;
		bits = (bits << 6 | (unsigned int)value) & 0xffff;
		if ((count += 6) < 8)
			continue;
		count -= 8;
		to[length++] = (char)(bits >> count & 0xff);
	}
	*used_r = i;
	return length;
}

static bool
holds_encoded_recipient(const struct scan *scan, struct span text)
{
	char decoded[URL_PATH_BYTES_MAX];
	size_t phase, used, length, first = 0;

	while (text.length > 0) {
		for (phase = 0; phase < BASE64_PHASES && phase < text.length;
		     phase++) {
			length = base64_decode((struct span){ text.data + phase,
						   text.length - phase },
			    decoded, &used);
			if (holds_recipient(
				scan, (struct span){ decoded, length }))
				return true;
			if (phase == 0)
				first = used;
		}
		text.data += first + (first < text.length);
		text.length -= first + (first < text.length);
	}
	return false;
}

bool
content_fragment_has_recipient(const struct scan *scan, const char *path)
{
	const char *fragment = strchr(path, '#');
	char decoded[URL_PATH_BYTES_MAX];
	struct span text;

	if (fragment == NULL)
		return false;
	text = span_of(fragment + 1);
	if (text.length > sizeof(decoded))
		text.length = sizeof(decoded);
	text.length = span_percent_decode(text, decoded);
	text.data = decoded;
	return holds_recipient(scan, text) ||
	    holds_encoded_recipient(scan, text);
}
