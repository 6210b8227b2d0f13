/*
 * content-attachments - symbols of what is attached.
 */
#include "config.h"

#include "lib/scan/content-symbols.h"

enum status
content_attachment_symbols(
    struct scan *scan GP_UNUSED, const struct content_view *view GP_UNUSED)
{
	return STATUS_OK;
}
