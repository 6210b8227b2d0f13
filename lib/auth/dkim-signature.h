/*
 * dkim-signature - one DKIM-Signature field read by the rules of RFC 6376
 * sections 3.5 and 6.1.1, before libopendkim sees it.
 *
 * What is refused here stays refused, whatever the library says.
 */
#ifndef GATEPOST_AUTH_DKIM_SIGNATURE_H
#define GATEPOST_AUTH_DKIM_SIGNATURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/auth/auth.h"
#include "lib/base/region.h"
#include "lib/base/status.h"
#include "lib/base/str.h"

/* libopendkim builds the field without b= in a buffer of 64 KB and fails the
 * whole message beyond; real ones have under 2 KB. */
#define AUTH_DKIM_SIGNATURE_BYTES_MAX 16384
#define AUTH_DKIM_H_BYTES_MAX         4095 /* libopendkim cuts h= off there */
#define AUTH_DKIM_CLOCK_SKEW_SECONDS  300  /* t= and x= against our clock */

/* libopendkim's clock cannot be set, so its own checks of t= and x= are spread
 * by this many seconds (2001-09-09); earlier times are refused here. */
#define AUTH_DKIM_TIME_MIN 1000000000

struct auth_dkim_header {
	enum auth_result result; /* AUTH_NONE: go on and verify it */
	const char *reason;      /* of a refusal */
	const char *domain;      /* d=, lower case; "" if unreadable */
	const char *selector;    /* s=, lower case; "" if unreadable */
	const char *algorithm;   /* a=, lower case; "" if absent */
	const char *identity;    /* i=, printable; or "@" and d= */
	const char *signature;   /* b= without white space */
	const char *key_name;    /* s._domainkey.d; NULL if refused */
	size_t from_count;       /* how many From fields h= signs */
	bool identity_is_domain; /* i= names d= itself, no subdomain */
	bool body_relaxed;
	bool has_length; /* l= is there */
	uint64_t length;
};

/*
 * auth_dkim_header_read - reads the value of a DKIM-Signature field.
 *
 * value     all behind the colon, folds included
 * now       seconds of wall time for t= and x=
 * header_r  filled on STATUS_OK; memory of region; no pointer but key_name
 *	     and reason is NULL
 *
 * Returns STATUS_OK (a refusal is a result) or STATUS_NOMEM.
 */
enum status auth_dkim_header_read(struct region *region, struct span value,
    int64_t now, struct auth_dkim_header *header_r) GP_MUST_CHECK;

#endif
