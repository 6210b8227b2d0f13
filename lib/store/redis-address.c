/* redis-address - notation of addresses (see redis-address.h). */
#include "config.h"

#include "lib/store/redis-address.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/str.h"

static bool
is_host(const char *host)
{
	const char *p;

	for (p = host; *p != '\0'; p++)
		if (!ascii_is_alnum(*p) && strchr("-._:%", *p) == NULL)
			return false;
	return p != host;
}

enum status
redis_address_set(
    const char *host, uint64_t port, struct redis_address *address_r)
{
	bool is_v6 = strchr(host, ':') != NULL;
	int length;

	memset(address_r, 0, sizeof(*address_r));
	if (!is_host(host) || port == 0 || port > UINT16_MAX ||
	    str_copy(address_r->host, sizeof(address_r->host), host) !=
		STATUS_OK)
		return STATUS_INVALID;
	address_r->port = (uint16_t)port;
	length = snprintf(address_r->text, sizeof(address_r->text), "%s%s%s:%u",
	    is_v6 ? "[" : "", host, is_v6 ? "]" : "", (unsigned int)port);
	if (length < 0 || (size_t)length >= sizeof(address_r->text))
		return STATUS_INVALID;
	return STATUS_OK;
}

static enum status
parse_unix(const char *path, struct redis_address *address_r)
{
	int length;

	if (path[0] != '/' ||
	    str_copy(address_r->path, sizeof(address_r->path), path) !=
		STATUS_OK)
		return STATUS_INVALID;
	length =
	    snprintf(address_r->text, sizeof(address_r->text), "unix:%s", path);
	if (length < 0 || (size_t)length >= sizeof(address_r->text))
		return STATUS_INVALID;
	return STATUS_OK;
}

enum status
redis_address_parse(const char *text, struct redis_address *address_r)
{
	char host[REDIS_HOST_BYTES];
	const char *start = text, *end = strrchr(text, ':');
	uint64_t port;

	memset(address_r, 0, sizeof(*address_r));
	if (strncmp(text, "unix:", 5) == 0)
		return parse_unix(text + 5, address_r);
	if (end == NULL || end == text ||
	    str_to_uint64(span_of(end + 1), UINT16_MAX, &port) != STATUS_OK)
		return STATUS_INVALID;
	if (text[0] == '[') {
		if (*--end != ']')
			return STATUS_INVALID;
		start++;
	}
	if (end <= start || (size_t)(end - start) >= sizeof(host))
		return STATUS_INVALID;
	memcpy(host, start, (size_t)(end - start));
	host[end - start] = '\0';
	/* A bare IPv6 address would hide where its port begins. */
	if ((strchr(host, ':') != NULL) != (text[0] == '['))
		return STATUS_INVALID;
	return redis_address_set(host, port, address_r);
}
