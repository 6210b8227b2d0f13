/*
 * mime-field - a Content-Type or Content-Disposition value: a token and
 * parameters (RFC 2045 section 5.1, RFC 2183, RFC 2231).
 *
 * Read as leniently as mail clients do: parameters without a value, missing
 * semicolons between the token and the first parameter, and quotes that do not
 * end cost no other parameter.  GMime's parameter list is not used: it ends at
 * the first parameter without a value ("multipart/mixed; x; boundary=b" has no
 * boundary), keeps open quotes in the value, loses encoded words (see
 * header-text.h), and puts a charset's name of any length on the stack.
 */
#ifndef GATEPOST_MAIL_MIME_FIELD_H
#define GATEPOST_MAIL_MIME_FIELD_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/region.h"
#include "lib/base/status.h"
#include "lib/base/str.h"

/* Bytes that are read: a file name of 255 characters, each of 12 bytes of
 * percent signs and digits, in many parameters, fits several times. */
#define MIME_FIELD_BYTES_MAX 16384
#define MIME_PARAMS_MAX      64 /* real fields have up to about 10 */

struct mime_param {
	const char *name; /* lower case, without the '*' of RFC 2231 */
	struct span raw;  /* bytes as they came, unquoted, sections joined */
	const char *text; /* decoded: clean UTF-8 (see header-text.h) */
};

struct mime_field {
	const char *token; /* "text/plain", "attachment"; lower case, "" */
	size_t param_count;
	struct mime_param *params; /* those of RFC 2231 first */
	bool broken;               /* something had to be guessed or left out */
	bool duplicate;            /* a parameter stands there twice */
	bool truncated;            /* a limit above was reached */
};

/*
 * mime_field_parse - the value of the field.
 *
 * field_r  owned by region
 *
 * Returns STATUS_OK (whatever is in it) or STATUS_NOMEM.
 */
enum status mime_field_parse(struct region *region, struct span value,
    struct mime_field *field_r) GP_MUST_CHECK;

/* mime_field_param - the first parameter of that name, or NULL */
const struct mime_param *mime_field_param(
    const struct mime_field *field, const char *name);

#endif
