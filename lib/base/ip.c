/* ip - addresses and networks (see ip.h). */
#include "config.h"

#include "lib/base/ip.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

static size_t
ip_bytes(const struct ip *ip)
{
	return ip->family == AF_INET ? 4 : 16;
}

struct ip
ip_from_bytes(int family, const void *bytes)
{
	static const unsigned char mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		0xff, 0xff };
	const unsigned char *p = bytes;
	struct ip ip = { 0 };

	if (family == AF_INET6 && memcmp(p, mapped, sizeof(mapped)) == 0) {
		family = AF_INET;
		p += sizeof(mapped);
	}
	ip.family = family;
	memcpy(ip.bytes, p, ip_bytes(&ip));
	return ip;
}

enum status
ip_parse(const char *text, struct ip *ip_r)
{
	unsigned char bytes[16];

	memset(ip_r, 0, sizeof(*ip_r));
	if (inet_pton(AF_INET, text, bytes) == 1)
		*ip_r = ip_from_bytes(AF_INET, bytes);
	else if (inet_pton(AF_INET6, text, bytes) == 1)
		*ip_r = ip_from_bytes(AF_INET6, bytes);
	else
		return STATUS_INVALID;
	return STATUS_OK;
}

struct ip
ip_from_sockaddr(const struct sockaddr *address)
{
	struct ip none = { 0 };
	struct sockaddr_in in4;
	struct sockaddr_in6 in6;

	if (address == NULL)
		return none;
	if (address->sa_family == AF_INET) {
		memcpy(&in4, address, sizeof(in4));
		return ip_from_bytes(AF_INET, &in4.sin_addr);
	}
	if (address->sa_family == AF_INET6) {
		memcpy(&in6, address, sizeof(in6));
		return ip_from_bytes(AF_INET6, &in6.sin6_addr);
	}
	return none;
}

const char *
ip_text(const struct ip *ip, char text[IP_TEXT_BYTES])
{
	if (ip->family == AF_UNSPEC ||
	    inet_ntop(ip->family, ip->bytes, text, IP_TEXT_BYTES) == NULL)
		snprintf(text, IP_TEXT_BYTES, "unknown");
	return text;
}

enum status
ip_reverse(const struct ip *ip, const char *zone, char *name, size_t size)
{
	const unsigned char *b = ip->bytes;
	char labels[IP_REVERSE_BYTES];
	size_t used = 0;
	int i, length;

	if (ip->family == AF_INET) {
		snprintf(labels, sizeof(labels), "%u.%u.%u.%u", b[3], b[2],
		    b[1], b[0]);
	} else {
		for (i = 15; i >= 0; i--)
			used += (size_t)snprintf(labels + used,
			    sizeof(labels) - used, "%x.%x%s", b[i] & 15,
			    b[i] >> 4, i == 0 ? "" : ".");
	}
	if (zone == NULL)
		zone = ip->family == AF_INET ? "in-addr.arpa" : "ip6.arpa";
	length = snprintf(
	    name, size, "%s%s%s", labels, zone[0] == '\0' ? "" : ".", zone);
	return length < 0 || (size_t)length >= size ? STATUS_LIMIT : STATUS_OK;
}

bool
ip_equals(const struct ip *a, const struct ip *b)
{
	return a->family == b->family && a->family != AF_UNSPEC &&
	    memcmp(a->bytes, b->bytes, ip_bytes(a)) == 0;
}

enum status
ip_network_parse(const char *text, struct ip_network *network_r)
{
	const char *slash = strchr(text, '/');
	char address[IP_TEXT_BYTES];
	uint64_t bits;
	size_t length = slash == NULL ? strlen(text) : (size_t)(slash - text);

	memset(network_r, 0, sizeof(*network_r));
	if (length >= sizeof(address))
		return STATUS_INVALID;
	memcpy(address, text, length);
	address[length] = '\0';
	if (ip_parse(address, &network_r->ip) != STATUS_OK)
		return STATUS_INVALID;
	bits = ip_bytes(&network_r->ip) * 8;
	if (slash != NULL &&
	    str_to_uint64(span_of(slash + 1), bits, &bits) != STATUS_OK)
		return STATUS_INVALID;
	network_r->prefix_bits = (unsigned int)bits;
	return STATUS_OK;
}

bool
ip_in_network(const struct ip *ip, const struct ip_network *network)
{
	size_t whole = network->prefix_bits / 8;
	unsigned int rest = network->prefix_bits % 8;
	unsigned int mask = 0xff00u >> rest & 0xffu;

	if (ip->family != network->ip.family)
		return false;
	if (memcmp(ip->bytes, network->ip.bytes, whole) != 0)
		return false;
	return rest == 0 ||
	    ((ip->bytes[whole] ^ network->ip.bytes[whole]) & mask) == 0;
}

bool
ip_is_public(const struct ip *ip)
{
	static const struct ip_network others[] = {
		{ { AF_INET, { 0 } }, 8 },
		{ { AF_INET, { 10 } }, 8 },
		{ { AF_INET, { 100, 64 } }, 10 },
		{ { AF_INET, { 127 } }, 8 },
		{ { AF_INET, { 169, 254 } }, 16 },
		{ { AF_INET, { 172, 16 } }, 12 },
		{ { AF_INET, { 192, 0, 0 } }, 24 },
		{ { AF_INET, { 192, 168 } }, 16 },
		{ { AF_INET, { 198, 18 } }, 15 },
		{ { AF_INET, { 224 } }, 3 }, /* multicast and reserved */
		{ { AF_INET6, { 0 } }, 64 }, /* ::, ::1 */
		{ { AF_INET6, { 0xfc } }, 7 },
		{ { AF_INET6, { 0xfe } }, 8 }, /* link-local and older */
		{ { AF_INET6, { 0xff } }, 8 },
	};
	size_t i;

	for (i = 0; i < GP_NELEMS(others); i++)
		if (ip_in_network(ip, &others[i]))
			return false;
	return ip->family != AF_UNSPEC;
}
