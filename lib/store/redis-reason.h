/* redis-reason - why a server could not be had, as the log will say it. */
#ifndef GATEPOST_STORE_REDIS_REASON_H
#define GATEPOST_STORE_REDIS_REASON_H

#include "lib/base/status.h"

#define REDIS_REASON_BYTES 500

struct redis_reason {
	char text[REDIS_REASON_BYTES]; /* shortened when it does not fit */
};

/* redis_reason_clear - the empty text */
void redis_reason_clear(struct redis_reason *reason);

/* redis_reason_set - replaces the text; control bytes become '?' */
void redis_reason_set(struct redis_reason *reason, const char *format, ...)
    GP_PRINTF(2, 3);

/* redis_reason_add - appends ADDRESS: TEXT, behind "; " where there is text */
void redis_reason_add(
    struct redis_reason *reason, const char *address, const char *text);

#endif
