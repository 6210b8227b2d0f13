/*
 * iprev - the client's reverse name, confirmed by a forward lookup
 * (RFC 8601 section 3).  Our own lookups, not the server's word.
 */
#ifndef GATEPOST_AUTH_IPREV_H
#define GATEPOST_AUTH_IPREV_H

#include <stdint.h>

#include "lib/auth/auth.h"
#include "lib/base/ip.h"
#include "lib/base/region.h"
#include "lib/base/status.h"
#include "lib/dns/dns.h"

#define IPREV_NAMES_MAX 10 /* PTR names looked at */

struct auth_iprev_request {
	struct dns *dns;
	struct ip client_ip;
	int64_t deadline_ms;
};

struct auth_iprev_result {
	enum auth_result result; /* pass fail temperror permerror(no PTR);
				  * fail also if no name has addresses */
	const char *name;        /* the confirmed name, else the first PTR name,
				  * else "" ; lower case */
};

/*
 * auth_iprev_check - PTR, then A or AAAA of each name, all at once.
 *
 * Waits for DNS: run it in the task pool.  Returns STATUS_OK or STATUS_NOMEM.
 */
enum status auth_iprev_check(struct region *region,
    const struct auth_iprev_request *request,
    struct auth_iprev_result *result_r) GP_MUST_CHECK;

/*
 * auth_forward_confirm - does a name that the client gave (HELO) lead to it?
 *
 * result_r  AUTH_PASS: its A or AAAA records hold the client's address;
 *	     AUTH_FAIL: it has addresses, but not this one; AUTH_NONE: it has
 *	     none, or is no domain name of two or more labels (an address
 *	     literal); AUTH_TEMPERROR: the DNS could not tell now
 * Waits for DNS.  Returns STATUS_OK or STATUS_NOMEM.
 */
enum status auth_forward_confirm(struct region *region,
    const struct auth_iprev_request *request, const char *name,
    enum auth_result *result_r) GP_MUST_CHECK;

#endif
