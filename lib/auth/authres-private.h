/* authres-private - the lexical rules that writer and parser share. */
#ifndef GATEPOST_AUTH_AUTHRES_PRIVATE_H
#define GATEPOST_AUTH_AUTHRES_PRIVATE_H

#include <stddef.h>

#include "lib/auth/authres.h"
#include "lib/base/strbuf.h"

/*
 * Each returns how many bytes at the front of text match, 0 if none do.
 *
 * utf8     one well-formed character over U+009F (RFC 3629); controls (C1) and
 *	    surrogates do not match
 * token    RFC 2045 section 5.1, with UTF-8 (RFC 8616 section 4)
 * keyword  RFC 5321 section 4.1.1.1 (Keyword)
 * address  [ local-part ] "@" domain with a dot-atom as local part
 * domain   labels of letters, digits, '-', '_' and UTF-8
 */
size_t authres_match_utf8(struct span text);
size_t authres_match_token(struct span text);
size_t authres_match_keyword(struct span text);
size_t authres_match_address(struct span text);
size_t authres_match_domain(struct span text);

/* authres_add_quoted - appends text as a quoted-string */
void authres_add_quoted(struct strbuf *out, struct span text);

/*
 * authres_shorten - text, or what fits into AUTHRES_VALUE_MAX bytes of it.
 *
 * Cut between characters with "..." at the cut; the domain of an address
 * stays.  Returns a copy in region, NULL when memory is short.
 */
const char *authres_shorten(struct region *region, struct span text);

#endif
