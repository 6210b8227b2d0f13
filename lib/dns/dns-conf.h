/* dns-conf - the `dns` section of gatepost.conf. */
#ifndef GATEPOST_DNS_DNS_CONF_H
#define GATEPOST_DNS_DNS_CONF_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/conf/conf.h"

struct dns_conf {
	struct conf_list forward; /* "192.0.2.1" or "192.0.2.1@5353" */
	struct conf_list stub;    /* "zone=192.0.2.1@5353" */
	bool validate;            /* DNSSEC */
	const char *trust_anchor_file;
	struct conf_list trust_anchor; /* DS or DNSKEY records, for own roots */
	struct conf_list
	    insecure;       /* domains below which nothing is validated */
	bool lan_zones;     /* also ask for RFC 1918 and test. names */
	int64_t timeout;    /* ms, of one question */
	int64_t cache_size; /* bytes, of each of the two caches */
};

extern const struct conf_section dns_conf_section;

/*
 * dns_conf_check_* - one item of a list; NULL if good, else the reason.
 *
 * What they let pass holds no quotes, blanks or line breaks (but for a trust
 * anchor), so that the resolver may write it into libunbound's configuration.
 */
const char *dns_conf_check_address(const char *text);
const char *dns_conf_check_domain(const char *text);
const char *dns_conf_check_stub(const char *text);
const char *dns_conf_check_trust_anchor(const char *text);

#endif
