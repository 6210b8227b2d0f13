/*
 * authres - the Authentication-Results field (RFC 8601): writer and parser.
 *
 * What one of them puts out the other takes in: parsing what was written gives
 * the same results, and so does writing what was parsed.
 */
#ifndef GATEPOST_AUTH_AUTHRES_H
#define GATEPOST_AUTH_AUTHRES_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/region.h"
#include "lib/base/status.h"
#include "lib/base/str.h"

#define AUTHRES_RESULTS_MAX    64 /* of one field; more are left out */
#define AUTHRES_PROPERTIES_MAX 16 /* of one result; more are left out */
/*
 * Bytes of a value, a reason or an authserv-id: the longest address of RFC 5321
 * section 4.5.3.1 (64 + 1 + 255).  Quoted and escaped it still fits a line.
 */
#define AUTHRES_VALUE_MAX   320
#define AUTHRES_KEYWORD_MAX 64 /* bytes of a method, result, ptype, property */

struct authres_property {
	const char *ptype;    /* "smtp", "header", "body", "policy", "dns" */
	const char *property; /* "mailfrom", "d", ... */
	const char *value;    /* unquoted */
};

struct authres_result {
	const char *method;   /* lower case, as all keywords that were parsed */
	unsigned int version; /* 1 when not given */
	const char *result;   /* lower case */
	const char *reason;   /* NULL if none; unquoted */
	size_t property_count;
	const struct authres_property *properties;
};

struct authres {
	const char *authserv_id;
	unsigned int version; /* 1 when not given */
	size_t result_count;  /* 0: "none" */
	const struct authres_result *results;
};

/*
 * authres_write - the value of the field (no name, no trailing line break).
 *
 * Folds with "\n\t" between results and where a line would pass 78 columns;
 * no line over 998 bytes; values are quoted where the grammar asks for it;
 * control bytes and bytes that are not UTF-8 become '?'.  Values and reasons
 * over AUTHRES_VALUE_MAX are shortened ("..."; an address keeps its domain).
 * No comments.
 *
 * value_r  owned by region; NULL on failure
 *
 * Returns STATUS_OK, STATUS_NOMEM or STATUS_INVALID (an authserv-id that is
 * empty, too long, not UTF-8 or with control bytes; a keyword that is none).
 */
enum status authres_write(struct region *region, const struct authres *authres,
    const char **value_r) GP_MUST_CHECK;

/*
 * authres_parse - a field's value by the grammar of RFC 8601 section 2.2, with
 * comments, folds and UTF-8 (RFC 8616).
 *
 * Keywords come out in lower case, values unquoted and, over
 * AUTHRES_VALUE_MAX, shortened as the writer would.  An address with a quoted
 * local part keeps its quotes.  A value before the '@' of which nothing stands
 * is "@domain".
 *
 * authres_r  owned by region; NULL on failure
 *
 * Returns STATUS_OK, STATUS_INVALID or STATUS_NOMEM.
 */
enum status authres_parse(struct region *region, struct span value,
    struct authres **authres_r) GP_MUST_CHECK;

/*
 * authres_claims - does a field's value claim this authserv-id?
 *
 * True for every spelling that a lenient reader could take for ours: other
 * case, comments before it or in it, quoted form, a trailing dot, a version
 * behind it, blanks or control bytes in between, U-labels for A-labels, an
 * encoded word.  Works on fields that authres_parse() refuses.
 */
bool authres_claims(struct span value, const char *authserv_id);

#endif
