/*
 * spf - check_host() of RFC 7208, through libspf2 behind our own record front.
 *
 * The library never sees a record as published: spf-record.c reads it by the
 * grammar of section 12, spf-macro.c expands its macros, spf-front.c folds
 * ip4, ip6 and all and hands on short macro-free terms, and every lookup goes
 * through spf-dns.c, which counts (section 4.6.4).
 */
#ifndef GATEPOST_AUTH_SPF_H
#define GATEPOST_AUTH_SPF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/auth/auth.h"
#include "lib/base/ip.h"
#include "lib/base/region.h"
#include "lib/base/status.h"
#include "lib/dns/dns.h"

#define SPF_LOOKUPS_MAX      10 /* RFC 7208 section 4.6.4 */
#define SPF_VOID_LOOKUPS_MAX 2  /* RFC 7208 section 4.6.4 */
#define SPF_NAMES_MAX        10 /* MX or PTR names of one term, same section */

struct auth_spf_request {
	struct dns *dns;
	struct ip client_ip;
	const char *helo;     /* as the client said it; may be "" */
	const char *sender;   /* "local@domain"; "" for the null sender or the
				  * HELO identity (postmaster@helo is then used) */
	const char *receiver; /* our host name, for %{r} of explanations */
	int64_t deadline_ms;  /* DNS waits end there: temperror */
	bool want_explanation;
};

struct auth_spf_result {
	enum auth_result result;
	const char *domain; /* the identity's domain, lower case; "" if none */
	const char
	    *explanation; /* of a fail with exp=, else NULL; printable ASCII */
	const char *reason; /* what was wrong, for permerror and temperror; or
				  * NULL; plain words, constant or region memory */
	unsigned int lookup_count;
	unsigned int void_lookup_count;
};

/*
 * auth_spf_check - check_host() for one identity (RFC 7208 section 4).
 *
 * region    owns what result_r points to
 * result_r  filled on STATUS_OK
 *
 * Waits for DNS: run it in the task pool.  Returns STATUS_OK (temperror and
 * permerror are results) or STATUS_NOMEM.  Any thread.
 */
enum status auth_spf_check(struct region *region,
    const struct auth_spf_request *request,
    struct auth_spf_result *result_r) GP_MUST_CHECK;

#endif
