/* recipient - reads an envelope recipient (see recipient.h). */
#include "config.h"

#include "deliver/recipient.h"

#include <stdbool.h>
#include <string.h>

/* "@one,@two:user@example.com" (RFC 5321 appendix C) */
static struct span
without_route(struct span text)
{
	const char *colon;

	if (text.length == 0 || text.data[0] != '@')
		return text;
	if ((colon = memchr(text.data, ':', text.length)) == NULL)
		return text;
	text.length -= (size_t)(colon + 1 - text.data);
	text.data = colon + 1;
	return text;
}

/* The last @ that stands in no quotes, or the end. */
static const char *
find_at(struct span text)
{
	const char *end = text.data + text.length, *p, *at = end;
	bool quoted = false;

	for (p = text.data; p < end; p++) {
		if (*p == '\\' && quoted && p + 1 < end)
			p++;
		else if (*p == '"')
			quoted = !quoted;
		else if (*p == '@' && !quoted)
			at = p;
	}
	return at;
}

/* Takes quotes off in place; false: they do not match. */
static bool
unquote(char *text)
{
	char *to = text, *from;

	if (text[0] != '"')
		return strchr(text, '"') == NULL;
	for (from = text + 1; *from != '"'; from++) {
		if (*from == '\\' && from[1] != '\0')
			from++;
		if (*from == '\0')
			return false;
		*to++ = *from;
	}
	*to = '\0';
	return from[1] == '\0'; /* a pointer behind to: still in the text */
}

/* Cuts the detail off the local part. */
static const char *
cut_detail(char *local_part, const char *delimiters)
{
	char *delimiter;

	/* strpbrk() of an empty set finds nothing. */
	if (local_part[0] == '\0' ||
	    (delimiter = strpbrk(local_part + 1, delimiters)) == NULL)
		return "";
	*delimiter = '\0';
	return delimiter + 1;
}

enum status
recipient_parse(struct region *region, struct span text, const char *delimiters,
    struct recipient *recipient_r)
{
	const char *at, *domain, *end;
	char *local_part;

	memset(recipient_r, 0, sizeof(*recipient_r));
	if (text.length > RECIPIENT_BYTES_MAX)
		return STATUS_LIMIT;
	if (span_has_control(text))
		return STATUS_INVALID;
	text = without_route(text);
	if (text.length == 0)
		return STATUS_INVALID;
	at = find_at(text);
	end = text.data + text.length;
	if (at + 1 == end)
		return STATUS_INVALID;
	domain = region_memdup(region, at, (size_t)(end - at));
	local_part = region_memdup(region, text.data, (size_t)(at - text.data));
	recipient_r->address = region_memdup(region, text.data, text.length);
	if (domain == NULL || local_part == NULL ||
	    recipient_r->address == NULL)
		return STATUS_NOMEM;
	if (!unquote(local_part))
		return STATUS_INVALID;
	recipient_r->detail = cut_detail(local_part, delimiters);
	if (local_part[0] == '\0')
		return STATUS_INVALID;
	recipient_r->user = region_printf(region, "%s%s", local_part, domain);
	return recipient_r->user == NULL ? STATUS_NOMEM : STATUS_OK;
}
