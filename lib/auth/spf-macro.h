/*
 * spf-macro - macro strings of SPF: grammar and expansion (RFC 7208 section 7).
 *
 * Text is checked first by spf_macro_error() or spf_macro_domain_error();
 * only checked text is expanded.
 */
#ifndef GATEPOST_AUTH_SPF_MACRO_H
#define GATEPOST_AUTH_SPF_MACRO_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/ip.h"
#include "lib/base/region.h"
#include "lib/base/status.h"
#include "lib/base/str.h"
#include "lib/base/strbuf.h"

#define SPF_NAME_BYTES_MAX 253 /* RFC 7208 section 7.3, of a name asked for */
#define SPF_EXPANSION_BYTES_MAX \
	65536 /* of one macro string; what grows longer names nothing in DNS */

/* What the letters stand for (section 7.2).  All borrowed, none NULL. */
struct spf_macro_values {
	const char *sender;        /* s */
	const char *local_part;    /* l */
	const char *sender_domain; /* o */
	const char *domain;        /* d */
	const char *client_name;   /* p: the validated name or "unknown" */
	const char *helo;          /* h */
	const char *receiver;      /* r, explanations only */
	struct ip client_ip;       /* i, c, v */
	int64_t now_seconds;       /* t, explanations only */
};

/*
 * spf_macro_error - what breaks the grammar of a macro-string (section 7.1).
 *
 * is_explanation  blanks are allowed, and the letters c, r and t
 * Returns NULL when text is well formed, else a constant reason.
 */
const char *spf_macro_error(struct span text, bool is_explanation);

/* spf_macro_domain_error - the same for a domain-spec (section 7.1) */
const char *spf_macro_domain_error(struct span text);

/* spf_macro_uses - text holds %{letter...}, lower or upper case */
bool spf_macro_uses(struct span text, char letter);

/*
 * spf_macro_expand - appends text to out with its macros expanded.
 *
 * text  checked before; what does not follow the grammar ends the expansion
 * out   its limit and its status tell whether all of it found room
 */
void spf_macro_expand(struct strbuf *out, struct span text,
    const struct spf_macro_values *values);

/*
 * spf_macro_expand_name - a domain-spec as the name to ask for.
 *
 * One trailing dot is cut; labels are cut from the left until 253 bytes are
 * left (section 7.3).  The name may hold any bytes but NUL.
 *
 * scratch  emptied and used
 * Returns STATUS_OK with *name_r owned by region, STATUS_LIMIT (no name can
 * come of it) or STATUS_NOMEM; *name_r is NULL then.
 */
enum status spf_macro_expand_name(struct region *region, struct strbuf *scratch,
    struct span spec, const struct spf_macro_values *values,
    const char **name_r) GP_MUST_CHECK;

#endif
