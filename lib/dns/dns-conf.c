/* dns-conf - the keys of the `dns` section (see dns-conf.h). */
#include "config.h"

#include "lib/dns/dns-conf.h"

#include <stddef.h>
#include <string.h>

#include <ldns/ldns.h>

#include "lib/base/ip.h"
#include "lib/base/str.h"
#include "lib/conf/conf-check.h"
#include "lib/dns/wire.h"

#define DNS_PORT_MAX       65535
#define SECOND_MS          1000
#define MEGABYTE           (INT64_C(1) << 20)
#define ADDRESS_PORT_BYTES (IP_TEXT_BYTES + 6) /* "@65535" */

const char *
dns_conf_check_address(const char *text)
{
	char address[ADDRESS_PORT_BYTES];
	struct ip ip;
	uint64_t port = 0;
	char *at;

	if (str_copy(address, sizeof(address), text) != STATUS_OK)
		return "too long for an address";
	if ((at = strchr(address, '@')) != NULL) {
		*at = '\0';
		if (str_to_uint64(span_of(at + 1), DNS_PORT_MAX, &port) !=
			STATUS_OK ||
		    port == 0)
			return "the port after @ is not 1 to 65535";
	}
	if (ip_parse(address, &ip) != STATUS_OK)
		return "not an address such as 192.0.2.1 or 192.0.2.1@5353";
	return NULL;
}

const char *
dns_conf_check_domain(const char *text)
{
	unsigned char wire_name[DNS_WIRE_NAME_BYTES];
	const char *p;

	for (p = text; *p != '\0'; p++)
		if (!ascii_is_alnum((unsigned char)*p) && *p != '-' &&
		    *p != '_' && *p != '.')
			return "not a domain name (letters, digits, - and _)";
	if (!dns_wire_name(text, wire_name))
		return "not a domain name";
	return NULL;
}

const char *
dns_conf_check_stub(const char *text)
{
	const char *equals = strchr(text, '='), *reason;
	char zone[DNS_NAME_BYTES + 1];
	struct span span;

	if (equals == NULL)
		return "not of the form zone=address";
	span.data = text;
	span.length = (size_t)(equals - text);
	if (span.length >= sizeof(zone))
		return "the zone's name is too long";
	memcpy(zone, span.data, span.length);
	zone[span.length] = '\0';
	if ((reason = dns_conf_check_domain(zone)) != NULL)
		return reason;
	return dns_conf_check_address(equals + 1);
}

const char *
dns_conf_check_trust_anchor(const char *text)
{
	ldns_rr *rr = NULL;
	ldns_rr_type type;

	if (ldns_rr_new_frm_str(&rr, text, 0, NULL, NULL) != LDNS_STATUS_OK)
		return "not a DS or DNSKEY record";
	type = ldns_rr_get_type(rr);
	ldns_rr_free(rr);
	if (type != LDNS_RR_TYPE_DS && type != LDNS_RR_TYPE_DNSKEY)
		return "not a DS or DNSKEY record";
	return NULL;
}

static const struct conf_key dns_conf_keys[] = {
	{ .name = "forward",
	    .type = CONF_LIST,
	    .offset = offsetof(struct dns_conf, forward),
	    .default_text = "",
	    .help = "Resolvers that answer every question, as address or "
		    "address@port; empty: Gatepost asks the name servers of "
		    "the domains itself, which block lists require.",
	    .check = dns_conf_check_address },
	{ .name = "stub",
	    .type = CONF_LIST,
	    .offset = offsetof(struct dns_conf, stub),
	    .default_text = "",
	    .help = "Name servers of private zones, as zone=address or "
		    "zone=address@port.",
	    .check = dns_conf_check_stub },
	{ .name = "validate",
	    .type = CONF_BOOL,
	    .offset = offsetof(struct dns_conf, validate),
	    .default_text = "yes",
	    .help = "Whether signatures (DNSSEC) are checked; what fails is "
		    "treated as a temporary error." },
	{ .name = "trust_anchor_file",
	    .type = CONF_STRING,
	    .offset = offsetof(struct dns_conf, trust_anchor_file),
	    .default_text = "/usr/share/dns/root.key",
	    .help = "The file with the root's keys (Debian: package "
		    "dns-root-data); empty: only trust_anchor counts.",
	    .check = conf_check_path },
	{ .name = "trust_anchor",
	    .type = CONF_LIST,
	    .offset = offsetof(struct dns_conf, trust_anchor),
	    .default_text = "",
	    .help = "Further DS or DNSKEY records to trust, for private "
		    "signed zones.",
	    .check = dns_conf_check_trust_anchor },
	{ .name = "insecure",
	    .type = CONF_LIST,
	    .offset = offsetof(struct dns_conf, insecure),
	    .default_text = "",
	    .help = "Domains at and below which no signatures are expected, "
		    "for private unsigned zones.",
	    .check = dns_conf_check_domain },
	{ .name = "lan_zones",
	    .type = CONF_BOOL,
	    .offset = offsetof(struct dns_conf, lan_zones),
	    .default_text = "no",
	    .help = "Whether reverse names of private addresses and names "
		    "below test. are asked of the name servers too." },
	{ .name = "timeout",
	    .type = CONF_DURATION,
	    .offset = offsetof(struct dns_conf, timeout),
	    .default_text = "5s",
	    .min = SECOND_MS / 10,
	    .max = 60 * SECOND_MS,
	    .help = "How long one question may take before it counts as a "
		    "temporary error." },
	{ .name = "cache_size",
	    .type = CONF_SIZE,
	    .offset = offsetof(struct dns_conf, cache_size),
	    .default_text = "32M",
	    .min = MEGABYTE,
	    .max = 4096 * MEGABYTE,
	    .help = "Memory of each of the resolver's two caches, for "
		    "messages and for records." },
};

const struct conf_section dns_conf_section = {
	.name = "dns",
	.help = "How names are looked up: by a resolver inside the program "
		"that caches and validates.",
	.keys = dns_conf_keys,
	.key_count = GP_NELEMS(dns_conf_keys),
};
