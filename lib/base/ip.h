/*
 * ip - addresses and networks, IPv4 and IPv6.
 *
 * Invariant: an IPv4-mapped IPv6 address (::ffff:a.b.c.d) is IPv4 here
 * (RFC 7208 section 5 asks for it; every list and log wants it too).
 */
#ifndef GATEPOST_BASE_IP_H
#define GATEPOST_BASE_IP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "lib/base/status.h"
#include "lib/base/str.h"

#define IP_TEXT_BYTES    46 /* INET6_ADDRSTRLEN */
#define IP_REVERSE_BYTES 80 /* 32 nibbles, dots, "ip6.arpa" and a NUL */

struct ip {
	int family;              /* AF_INET, AF_INET6, or AF_UNSPEC for none */
	unsigned char bytes[16]; /* network order; the first 4 for IPv4 */
};

struct ip_network {
	struct ip ip;
	unsigned int prefix_bits; /* 0..32 or 0..128 */
};

/* ip_parse - from presentation form ("192.0.2.1", "2001:db8::1") */
enum status ip_parse(const char *text, struct ip *ip_r) GP_MUST_CHECK;

/* ip_from_bytes - from 4 (AF_INET) or 16 (AF_INET6) bytes, network order */
struct ip ip_from_bytes(int family, const void *bytes);

/* ip_from_sockaddr - AF_UNSPEC for anything but an internet address */
struct ip ip_from_sockaddr(const struct sockaddr *address);

/* ip_text - presentation form, "unknown" for AF_UNSPEC; returns text */
const char *ip_text(const struct ip *ip, char text[IP_TEXT_BYTES]);

/*
 * ip_reverse - the labels of a reverse lookup and a zone behind them
 * ("1.2.0.192" + "." + zone).  zone "" gives the labels alone; NULL gives
 * in-addr.arpa or ip6.arpa.  STATUS_LIMIT when size is too small.
 */
enum status ip_reverse(const struct ip *ip, const char *zone, char *name,
    size_t size) GP_MUST_CHECK;

/*
 * ip_is_public - an address that a host on the internet can have: not private,
 * loopback, link-local, multicast or reserved (RFC 6890).  Addresses of
 * examples (RFC 5737, RFC 3849) count as public.
 */
bool ip_is_public(const struct ip *ip);

/* ip_equals - same family and bytes */
bool ip_equals(const struct ip *a, const struct ip *b);

/* ip_network_parse - "192.0.2.0/24", "2001:db8::/32", or a single address */
enum status ip_network_parse(
    const char *text, struct ip_network *network_r) GP_MUST_CHECK;

/* ip_in_network - false when the families differ */
bool ip_in_network(const struct ip *ip, const struct ip_network *network);

#endif
