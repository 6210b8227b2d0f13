/*
 * publish-conf - the `publish` section of gatepost.conf: what a domain whose
 * mail this host serves should have in the DNS (`gatepost dns`).
 */
#ifndef GATEPOST_SCAN_PUBLISH_CONF_H
#define GATEPOST_SCAN_PUBLISH_CONF_H

#include "lib/conf/conf.h"

enum publish_mta_sts {
	PUBLISH_MTA_STS_NONE,
	PUBLISH_MTA_STS_TESTING,
	PUBLISH_MTA_STS_ENFORCE
};

struct publish_conf {
	const char *mail_host;      /* "": general.authserv_id */
	struct conf_list addresses; /* none: those of the interfaces */
	const char *certificate;    /* "": Postfix's */
	const char *report_address; /* "": postmaster@ the domain */
	struct conf_list spf_terms;
	int dmarc_policy; /* enum dmarc_policy */
	int mta_sts;      /* enum publish_mta_sts */
	struct conf_list services;
};

extern const struct conf_section publish_conf_section;

/* publish_mta_sts_text - "none", "testing", "enforce" */
const char *publish_mta_sts_text(enum publish_mta_sts mode);

/* A service that mail programs look for by an SRV record (RFC 6186, 8314). */
struct publish_service {
	const char *name; /* as in the name of the record, without '_' */
	unsigned int port;
};

/* publish_service_find - by name, or NULL */
const struct publish_service *publish_service_find(const char *name);

#endif
