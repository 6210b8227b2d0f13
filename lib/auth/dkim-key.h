/*
 * dkim-key - a key record checked against the signature that names it
 * (RFC 6376 sections 3.6.1 and 6.1.2, RFC 8301, RFC 8463).
 *
 * libopendkim never sees the record as published, but a plain one of k= and p=
 * that is made here.
 */
#ifndef GATEPOST_AUTH_DKIM_KEY_H
#define GATEPOST_AUTH_DKIM_KEY_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/auth/auth.h"
#include "lib/auth/dkim-signature.h"
#include "lib/dns/dns.h"

#define AUTH_DKIM_RECORD_BYTES  1024 /* libopendkim's buffer holds no more */
#define AUTH_DKIM_KEY_BYTES_MAX 730  /* DER; RSA up to about 5600 bits */

struct auth_dkim_key {
	enum auth_result
	    result;         /* AUTH_NONE: usable; or temperror, permerror */
	const char *reason; /* constant words, when not usable */
	unsigned int bits;  /* of RSA; 0 for Ed25519 or unknown */
	bool testing;       /* t=y */
	bool secure;        /* the answer was validated */
	char record[AUTH_DKIM_RECORD_BYTES]; /* what the library is given */
};

/*
 * auth_dkim_key_read - judges the answer to a key question.
 *
 * header  the signature, not refused by auth_dkim_header_read()
 * key_r   filled in any case
 */
void auth_dkim_key_read(const struct dns_answer *answer,
    const struct auth_dkim_header *header, struct auth_dkim_key *key_r);

#endif
