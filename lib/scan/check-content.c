/*
 * check-content - what the message says: the symbols of the group content.
 * Starts at the end of the body; all its work is done when it is joined, while
 * questions to the DNS are under way.
 */
#include "config.h"

#include "lib/scan/content-symbols.h"

static enum status (*const subjects[])(
    struct scan *scan, const struct content_view *view) = {
	content_header_symbols,
	content_sender_symbols,
	content_text_symbols,
	content_html_symbols,
	content_url_symbols,
	content_attachment_symbols,
};

static enum status
content_start(struct scan *scan, void **state_r)
{
	*state_r = scan; /* nothing of its own, but to be joined */
	return STATUS_OK;
}

static enum status
content_join(struct scan *scan, void *state GP_UNUSED)
{
	const struct content_view *view;
	enum status status = content_view_make(scan, &view);
	size_t i;

	for (i = 0; i < GP_NELEMS(subjects) && status == STATUS_OK; i++)
		status = subjects[i](scan, view);
	return status;
}

static void
content_stop(void *state GP_UNUSED)
{
}

const struct check check_content = { "content", SCAN_PHASE_BODY, content_start,
	content_join, content_stop, NULL, true };
