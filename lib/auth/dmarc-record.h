/*
 * dmarc-record - the DMARC policy record (RFC 9989 sections 4.7 and 4.8).
 *
 * One TXT record in, one struct out; nothing here asks DNS.  Strict about the
 * version, lenient about the rest as the RFC wants it: a tag with a syntax
 * error counts as absent, and so does one that occurs twice.  The tags pct, rf
 * and ri of RFC 7489 are unknown tags now.
 */
#ifndef GATEPOST_AUTH_DMARC_RECORD_H
#define GATEPOST_AUTH_DMARC_RECORD_H

#include <stdbool.h>

#include "lib/auth/dmarc.h"
#include "lib/base/status.h"
#include "lib/base/str.h"

/* psd=: is the domain a public suffix? */
enum dmarc_psd {
	DMARC_PSD_UNKNOWN,
	DMARC_PSD_NO,
	DMARC_PSD_YES
};

/* fo=: when failure reports are wanted (a set) */
enum dmarc_fo {
	DMARC_FO_ALL_FAIL = 1, /* 0, the default */
	DMARC_FO_ANY_FAIL = 2, /* 1 */
	DMARC_FO_DKIM = 4,     /* d */
	DMARC_FO_SPF = 8       /* s */
};

struct dmarc_record {
	enum dmarc_policy domain_policy;      /* p= */
	enum dmarc_policy subdomain_policy;   /* sp=, else p= */
	enum dmarc_policy nonexistent_policy; /* np=, else sp=, else p= */
	enum dmarc_psd psd;
	bool applies;     /* false: no valid p= and no rua= (section 4.10.1):
			   * no DMARC processing, yet it counts in the walk */
	bool dkim_strict; /* adkim=s */
	bool spf_strict;  /* aspf=s */
	bool testing;     /* t=y */
	unsigned int failure_options; /* enum dmarc_fo */
	struct span rua, ruf; /* as published; empty if absent or without one
			       * valid URI; borrowed from the text */
};

/*
 * dmarc_record_parse - reads the text of one TXT record.
 *
 * text      any bytes, the strings of the record joined
 * record_r  filled on STATUS_OK; its spans point into text
 *
 * Returns STATUS_OK, or STATUS_INVALID when the text is no DMARC record: it
 * does not begin with the version tag and exactly "DMARC1".
 */
enum status dmarc_record_parse(
    struct span text, struct dmarc_record *record_r) GP_MUST_CHECK;

#endif
