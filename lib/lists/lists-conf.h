/* lists-conf - the `lists` section of gatepost.conf. */
#ifndef GATEPOST_LISTS_LISTS_CONF_H
#define GATEPOST_LISTS_LISTS_CONF_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/conf/conf.h"

/* So that 32 nibbles of an IPv6 address fit in front of it. */
#define LISTS_ZONE_BYTES_MAX 180

#define LISTS_URL_MAX 100 /* that url_max may be */

struct lists_conf {
	bool enabled;
	struct conf_list off; /* zones or names of shipped lists */
	const char *dqs_key;  /* "": none */
	bool hash_lists;
	int64_t test_interval;                 /* ms, of a list that is on */
	int64_t retry_interval;                /* ms, of one that is off */
	struct conf_list own_block, own_allow; /* zones of addresses */
	struct conf_list own_domains;          /* zones of domains */
	int64_t url_max;                       /* hosts of a message */
	struct conf_list url_skip;             /* domains */
};

extern const struct conf_section lists_conf_section;

#endif
