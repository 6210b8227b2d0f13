/*
 * recipient - an envelope recipient, read: the user and the detail behind a
 * delimiter ("alice+lists@example.com").
 */
#ifndef GATEPOST_DELIVER_RECIPIENT_H
#define GATEPOST_DELIVER_RECIPIENT_H

#include "lib/base/region.h"
#include "lib/base/status.h"
#include "lib/base/str.h"

#define RECIPIENT_BYTES_MAX 1000 /* far over RFC 5321 section 4.5.3.1.3 */

struct recipient {
	const char *address; /* as the envelope has it, without <> */
	const char *user;    /* unquoted, without detail: "alice@example.com" */
	const char *detail;  /* unquoted; "": none */
};

/*
 * recipient_parse - reads the inside of <>, or an address of a command line.
 *
 * delimiters  the first of these characters behind the first character of the
 *	       local part ends the user's name; "": none does
 *
 * A source route is dropped; an address without a domain is one.  Bytes above
 * 0x7f are kept (RFC 6531).  Returns STATUS_OK, STATUS_INVALID (a control byte,
 * an empty part, broken quotes), STATUS_LIMIT (too long) or STATUS_NOMEM.
 */
enum status recipient_parse(struct region *region, struct span text,
    const char *delimiters, struct recipient *recipient_r) GP_MUST_CHECK;

#endif
