/*
 * report - a verdict for machines (JSON), for people (text), for the log.
 */
#ifndef GATEPOST_SCAN_REPORT_H
#define GATEPOST_SCAN_REPORT_H

#include <stdint.h>
#include <stdio.h>

#include "lib/base/log.h"
#include "lib/base/status.h"
#include "lib/scan/verdict.h"

/* What was not asked, so that its silence says nothing of the message. */
struct report_not_asked {
	const char *subject; /* "SpamCop", "all lists" */
	const char *reason;
};

/*
 * report_json - the verdict as one JSON object (keys: DESIGN, "Names on the
 * command line") and a line break.
 *
 * not_asked  count of them; NULL: none
 *
 * Returns STATUS_OK, STATUS_NOMEM or STATUS_IO.
 */
enum status report_json(FILE *out, const struct verdict *verdict,
    const struct report_not_asked *not_asked, size_t count) GP_MUST_CHECK;

/* report_text - the same for a person */
void report_text(FILE *out, const struct verdict *verdict);

/* report_log - one key=value line at level info; duration in ms */
void report_log(const struct verdict *verdict, const struct envelope *envelope,
    int64_t duration_ms);

#endif
