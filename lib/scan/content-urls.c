/*
 * content-urls - symbols of where the URLs lead.
 */
#include "config.h"

#include "lib/scan/content-symbols.h"

enum status
content_url_symbols(
    struct scan *scan GP_UNUSED, const struct content_view *view GP_UNUSED)
{
	return STATUS_OK;
}
