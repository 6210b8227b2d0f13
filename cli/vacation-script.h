/* vacation-script - the Sieve script of an automatic reply (RFC 5230). */
#ifndef GATEPOST_CLI_VACATION_SCRIPT_H
#define GATEPOST_CLI_VACATION_SCRIPT_H

#include <stddef.h>

#include "lib/base/region.h"
#include "lib/base/status.h"
#include "lib/base/str.h"

#define VACATION_ADDRESSES_MAX 20
#define VACATION_TEXT_MAX      (32 * 1024)
#define VACATION_NAME          "gatepost-vacation"

struct vacation {
	const char *subject; /* NULL: the server's */
	const char *text;
	unsigned int days;
	const char *from, *until; /* YYYY-MM-DD, both days included, or NULL */
	const char *addresses[VACATION_ADDRESSES_MAX];
	size_t address_count;
	/* The user's own script, that runs behind the reply; NULL: none. */
	const char *before;
};

/* vacation_date_error - NULL, or why a text is no date YYYY-MM-DD */
const char *vacation_date_error(const char *text);

/*
 * vacation_script - the whole script.
 *
 * text_r  owned by region
 *
 * Returns STATUS_OK or STATUS_NOMEM.
 */
enum status vacation_script(struct region *region,
    const struct vacation *vacation, const char **text_r) GP_MUST_CHECK;

/*
 * vacation_script_before - the name of the user's own script that a script of
 * ours keeps.
 *
 * name_r  NULL: none; owned by region
 *
 * Returns STATUS_OK or STATUS_NOMEM.
 */
enum status vacation_script_before(struct region *region, struct span script,
    const char **name_r) GP_MUST_CHECK;

#endif
