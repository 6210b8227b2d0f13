/*
 * authres - the Authentication-Results field (RFC 8601): writer and parser.
 */
#ifndef GATEPOST_AUTH_AUTHRES_H
#define GATEPOST_AUTH_AUTHRES_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/region.h"
#include "lib/base/status.h"
#include "lib/base/str.h"

#define AUTHRES_RESULTS_MAX    64 /* read of one field; more are left out */
#define AUTHRES_PROPERTIES_MAX 16 /* of one result */

struct authres_property {
	const char *ptype;    /* "smtp", "header", "body", "policy", "dns" */
	const char *property; /* "mailfrom", "d", ... */
	const char *value;    /* unquoted */
};

struct authres_result {
	const char *method;   /* lower case */
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
 * control bytes never reach the output.  No comments.
 * Returns STATUS_OK, STATUS_NOMEM or STATUS_INVALID (bad authserv-id).
 */
enum status authres_write(struct region *region, const struct authres *authres,
    const char **value_r) GP_MUST_CHECK;

/*
 * authres_parse - a field's value, comments and folds allowed.
 *
 * authres_r  owned by region.  Returns STATUS_OK, STATUS_INVALID or
 * STATUS_NOMEM.
 */
enum status authres_parse(struct region *region, struct span value,
    struct authres **authres_r) GP_MUST_CHECK;

/*
 * authres_claims - does a field's value claim this authserv-id?
 *
 * True for every spelling that a lenient reader could take for ours: other
 * case, comments before it, quoted form, a trailing dot, a version behind it,
 * control bytes in between.  Works on fields that authres_parse() refuses.
 */
bool authres_claims(struct span value, const char *authserv_id);

#endif
