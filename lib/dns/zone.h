/*
 * zone - DNS data in memory, read from RFC 1035 master files (by libldns).
 *
 * Follows CNAME within the data, expands wildcards (RFC 4592), and tells
 * NODATA (also at empty non-terminals) from NXDOMAIN.
 */
#ifndef GATEPOST_DNS_ZONE_H
#define GATEPOST_DNS_ZONE_H

#include "lib/base/status.h"
#include "lib/dns/dns.h"

/* dns_zone_new - no names at all; NULL when memory is short */
struct dns_zone *dns_zone_new(void);

/* dns_zone_free - accepts NULL, sets *zone to NULL */
void dns_zone_free(struct dns_zone **zone);

/*
 * dns_zone_read_file - adds all records of a master file.
 *
 * error_r  on failure one line "file:line: reason", in static storage of the
 *	    caller (size error_size)
 * Returns STATUS_OK, STATUS_IO, STATUS_INVALID or STATUS_NOMEM.
 */
enum status dns_zone_read_file(struct dns_zone *zone, const char *path,
    char *error_r, size_t error_size) GP_MUST_CHECK;

/* dns_zone_add_line - adds one record in presentation form (absolute names) */
enum status dns_zone_add_line(
    struct dns_zone *zone, const char *line) GP_MUST_CHECK;

/*
 * dns_zone_add_txt - a TXT record of one string of any bytes and length; what
 * presentation form cannot say (used by conformance suites).
 */
enum status dns_zone_add_txt(struct dns_zone *zone, const char *name,
    const void *text, size_t length) GP_MUST_CHECK;

/*
 * dns_zone_add_fault - every question for name and type ends as result
 * (DNS_TIMEOUT, DNS_SERVFAIL, DNS_BOGUS); type 0 means every type.  Tests.
 */
enum status dns_zone_add_fault(struct dns_zone *zone, const char *name,
    enum dns_type type, enum dns_result result) GP_MUST_CHECK;

#endif
