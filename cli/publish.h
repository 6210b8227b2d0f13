/*
 * publish - the DNS records that a mail domain needs, for `gatepost dns`.
 *
 * publish-host.c finds out what this host is, publish-records.c says what
 * follows from that, publish-check.c asks the DNS and publish-judge.c compares;
 * publish-print.c and publish-json.c tell it.
 */
#ifndef GATEPOST_CLI_PUBLISH_H
#define GATEPOST_CLI_PUBLISH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "cli/publish-certificate.h"
#include "lib/auth/sign-folder.h"
#include "lib/base/ip.h"
#include "lib/base/region.h"
#include "lib/base/status.h"
#include "lib/dns/dns.h"
#include "lib/scan/publish-conf.h"

#define PUBLISH_ADDRESSES_MAX 16 /* of one host */
#define PUBLISH_RECORDS_MAX   96 /* two an address, a key each, and the rest */
#define PUBLISH_FOUND_MAX     8  /* of one answer, that are shown */
#define PUBLISH_TTL_SECONDS   3600
#define PUBLISH_MX_PREFERENCE 10

enum publish_kind {
	PUBLISH_MX,
	PUBLISH_ADDRESS,
	PUBLISH_SPF,
	PUBLISH_DKIM,
	PUBLISH_DMARC,
	PUBLISH_REPORTS, /* another domain takes the reports of this one */
	PUBLISH_MTA_STS,
	PUBLISH_MTA_STS_HOST,
	PUBLISH_TLSRPT,
	PUBLISH_SERVICE,
	PUBLISH_TLSA,
	PUBLISH_PTR
};

enum publish_state {
	PUBLISH_NOT_ASKED,
	PUBLISH_RIGHT,
	PUBLISH_MISSING,
	PUBLISH_WRONG,
	PUBLISH_UNKNOWN, /* the DNS did not answer */
	PUBLISH_UNNEEDED /* missing, and of no use as things are */
};

enum publish_dnssec {
	PUBLISH_DNSSEC_UNKNOWN, /* nobody asked, or nobody validates */
	PUBLISH_DNSSEC_UNSIGNED,
	PUBLISH_DNSSEC_SIGNED,
	PUBLISH_DNSSEC_BROKEN
};

struct publish_record {
	enum publish_kind kind;
	enum dns_type type;
	const char *name;  /* no trailing dot */
	const char *value; /* as it is typed at a provider; no quotes */
	const char *line;  /* of a zone file; NULL: it should not be there */
	struct ip address; /* of ADDRESS and PTR */
	const struct auth_sign_key *key; /* of DKIM */
	unsigned int port;               /* of SERVICE */

	/* By publish_check(): */
	enum publish_state state;
	const char *reason; /* NULL when it is right */
	size_t found_count;
	const char *found[PUBLISH_FOUND_MAX];
};

/* What is known of the domain and of this host; what all records follow from.
 */
struct publish_facts {
	const struct publish_conf *conf;
	const char *domain;    /* A-labels, lower case */
	const char *mail_host; /* the same */
	const char *report_address;
	size_t address_count;
	struct ip addresses[PUBLISH_ADDRESSES_MAX];
	const struct auth_sign_folder *keys;           /* or NULL */
	const struct publish_certificate *certificate; /* or NULL */
};

struct publish {
	struct region *region;
	const struct publish_facts *facts;
	size_t count;
	struct publish_record records[PUBLISH_RECORDS_MAX];
	const char *policy;              /* the file of MTA-STS, or NULL */
	enum publish_dnssec dnssec;      /* of the domain, by publish_check() */
	enum publish_dnssec host_dnssec; /* of the mail host */
};

/* publish_kind_text - "MX", "address", "SPF", ... */
const char *publish_kind_text(enum publish_kind kind);

/* publish_type_text - "MX", "A", "TXT", ... */
const char *publish_type_text(enum dns_type type);

/* publish_state_text - "right", "missing", ... */
const char *publish_state_text(enum publish_state state);

/* publish_dnssec_text - "unknown", "unsigned", "signed", "broken" */
const char *publish_dnssec_text(enum publish_dnssec dnssec);

/* publish_is_outside - the record lies in another zone than the domain's */
bool publish_is_outside(
    const struct publish *publish, const struct publish_record *record);

/* publish_has_address - one of those from which the domain's mail is sent */
bool publish_has_address(
    const struct publish_facts *facts, const struct ip *ip);

/*
 * publish_host_addresses - the public addresses of this host's interfaces.
 *
 * Returns STATUS_OK, also with none, or STATUS_IO (told).
 */
enum status publish_host_addresses(struct publish_facts *facts) GP_MUST_CHECK;

/*
 * publish_host_certificate - the file that Postfix shows, by postconf(1).
 *
 * Returns its path, region memory, or NULL when Postfix has none.
 */
const char *publish_host_certificate(struct region *region);

/*
 * publish_add_records - every record that the domain needs.
 *
 * publish  zeroed, with region and facts set
 * Returns STATUS_OK, STATUS_LIMIT (a name too long, too many) or STATUS_NOMEM.
 */
enum status publish_add_records(struct publish *publish) GP_MUST_CHECK;

/*
 * publish_check - asks the DNS about every record.
 *
 * validates  dns says what DNSSEC has proved
 * Adds records that should not be there.  Returns STATUS_OK, STATUS_LIMIT or
 * STATUS_NOMEM.
 */
enum status publish_check(struct publish *publish, struct dns *dns,
    bool validates, int64_t timeout_ms) GP_MUST_CHECK;

/*
 * publish_judge - one record against the answer to the question for it.
 *
 * Sets state, reason and found.  SPF is right here when there is one record.
 * Returns STATUS_OK or STATUS_NOMEM.
 */
enum status publish_judge(struct publish *publish,
    struct publish_record *record,
    const struct dns_answer *answer) GP_MUST_CHECK;

/* publish_print_zone, _table - the records, as comments where they are none */
void publish_print_zone(const struct publish *publish);
void publish_print_table(const struct publish *publish);

/* publish_print_check - what was found, and what to publish */
void publish_print_check(const struct publish *publish);

/*
 * publish_print_json - all of it as one object.
 *
 * problems  constant strings; what is wrong on this host
 */
enum status publish_print_json(const struct publish *publish,
    const char *const *problems, size_t problem_count) GP_MUST_CHECK;

#endif
