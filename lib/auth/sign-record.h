/*
 * sign-record - the TXT record of a key: its name, how it is typed into a zone,
 * and whether the DNS holds it.
 */
#ifndef GATEPOST_AUTH_SIGN_RECORD_H
#define GATEPOST_AUTH_SIGN_RECORD_H

#include <stddef.h>

#include "lib/auth/sign-key.h"
#include "lib/base/region.h"
#include "lib/base/status.h"
#include "lib/dns/dns.h"

/*
 * auth_sign_record_name - "SELECTOR._domainkey.DOMAIN", no trailing dot.
 *
 * Returns STATUS_OK or STATUS_LIMIT (longer than a name may be).
 */
enum status auth_sign_record_name(const char *selector, const char *domain,
    char name[DNS_NAME_BYTES]) GP_MUST_CHECK;

/*
 * auth_sign_record_line - any TXT record as a line of a zone file, cut into
 * strings of at most 255 bytes (RFC 1035 section 3.3); several strings stand in
 * parentheses, one a line.
 *
 * text  printable ASCII.  Returns NULL when memory is short.
 */
const char *auth_sign_record_line(
    struct region *region, const char *name, const char *text) GP_MUST_CHECK;

enum auth_sign_published {
	AUTH_SIGN_PUBLISHED_RIGHT,
	AUTH_SIGN_PUBLISHED_MISSING,
	AUTH_SIGN_PUBLISHED_WRONG,
	AUTH_SIGN_PUBLISHED_UNKNOWN /* the DNS did not answer */
};

/*
 * auth_sign_record_judge - whether verifiers will find this key.
 *
 * answer    to the TXT question for its name
 * reason_r  constant words, NULL for AUTH_SIGN_PUBLISHED_RIGHT
 */
enum auth_sign_published auth_sign_record_judge(const struct dns_answer *answer,
    const struct auth_sign_key *key, const char **reason_r);

#endif
