/* date - the date of a message (RFC 5322 section 3.3, obsolete forms read). */
#ifndef GATEPOST_MAIL_DATE_H
#define GATEPOST_MAIL_DATE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/status.h"
#include "lib/base/str.h"

/* Real ones have up to 40 bytes, and a comment that names the zone. */
#define DATE_BYTES_MAX 200

struct date {
	int64_t seconds;    /* since 1970-01-01 UTC */
	int zone_minutes;   /* east of Greenwich; 0 when there is no zone */
	bool has_zone;      /* a number, or a name that RFC 5322 knows */
	bool wrong_weekday; /* it says Monday, and was no Monday */
};

/*
 * date_parse - the value of a Date field.
 *
 * Returns STATUS_OK, or STATUS_INVALID (another form, no such day) with
 * everything 0.  Any thread.
 */
enum status date_parse(struct span value, struct date *date_r) GP_MUST_CHECK;

#endif
