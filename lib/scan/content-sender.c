/*
 * content-sender - symbols of who wrote the message, to whom, and where answers
 * go.
 */
#include "config.h"

#include "lib/scan/content-symbols.h"

enum status
content_sender_symbols(struct scan *scan, const struct content_view *view)
{
	if (scan->message.truncated ||
	    message_find(&scan->message, "To", 0) != NULL ||
	    message_find(&scan->message, "Cc", 0) != NULL)
		return STATUS_OK;
	(void)view;
	return scan_add(scan, SYMBOL_TO_MISSING, 1, NULL);
}
