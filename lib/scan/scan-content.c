/* scan-content - the body of a message, kept and read (see scan-content.h). */
#include "config.h"

#include "lib/scan/scan-content.h"

enum status
scan_content_begin(struct scan *scan)
{
	scan->body = strbuf_new((size_t)scan->settings->scan.body_max);
	return scan->body == NULL ? STATUS_NOMEM : STATUS_OK;
}

enum status
scan_content_add(struct scan *scan, const void *data, size_t length)
{
	size_t room =
	    (size_t)scan->settings->scan.body_max - strbuf_length(scan->body);

	if (length > room) {
		scan->body_is_cut = true;
		length = room;
	}
	strbuf_add(scan->body, data, length);
	return strbuf_status(scan->body);
}

enum status
scan_content_read(struct scan *scan)
{
	struct content_source source = { .message = &scan->message,
		.body_is_cut = scan->body_is_cut };
	enum status status;

	source.body.data = strbuf_text(scan->body);
	source.body.length = strbuf_length(scan->body);
	status = content_read(
	    scan->region, &source, &content_default_limits, &scan->content);
	scan->verdict.content = scan->content;
	return status;
}

void
scan_content_end(struct scan *scan)
{
	strbuf_free(&scan->body);
}
