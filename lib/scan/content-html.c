/*
 * content-html - symbols of how HTML shows and hides the text, of images, and of how parts
 * are encoded.
 */
#include "config.h"

#include "lib/scan/content-symbols.h"

enum status
content_html_symbols(
    struct scan *scan GP_UNUSED, const struct content_view *view GP_UNUSED)
{
	return STATUS_OK;
}
