/* redis-reason - texts of failures (see redis-reason.h). */
#include "config.h"

#include "lib/store/redis-reason.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/str.h"

void
redis_reason_clear(struct redis_reason *reason)
{
	reason->text[0] = '\0';
}

void
redis_reason_set(struct redis_reason *reason, const char *format, ...)
{
	char text[REDIS_REASON_BYTES];
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (length < 0)
		text[0] = '\0';
	str_sanitize(reason->text, sizeof(reason->text), span_of(text));
}

void
redis_reason_add(
    struct redis_reason *reason, const char *address, const char *text)
{
	char before[REDIS_REASON_BYTES];

	memcpy(before, reason->text, sizeof(before));
	redis_reason_set(reason, "%s%s%s: %s", before,
	    before[0] == '\0' ? "" : "; ", address, text);
}
