/* content-links - what HTML shows, and all URLs (see content.h). */
#include "config.h"

#include <string.h>

#include "lib/mail/content-private.h"

static enum status
read_html(struct content_builder *builder, struct content_part *part,
    size_t *work_left)
{
	struct html *html;
	enum status status;

	if ((html = region_alloc(builder->region, sizeof(*html))) == NULL)
		return STATUS_NOMEM;
	status = html_read(builder->region, part->text, work_left, html);
	if (html->cut != 0)
		builder->reached |= CONTENT_LIMIT_HTML;
	part->html = html;
	return status;
}

/* Those of HTML parts that are shown, or all others. */
static enum status
read_pages(struct content_builder *builder, bool shown, size_t *parts_left,
    size_t *work_left)
{
	struct content_part *part;
	enum status status = STATUS_OK;
	size_t i;

	for (i = 0; i < builder->part_count && status == STATUS_OK; i++) {
		part = &builder->parts[i];
		if (part->is_shown != shown || part->text.length == 0 ||
		    strcmp(part->type, "text/html") != 0)
			continue;
		if (*parts_left == 0) {
			builder->reached |= CONTENT_LIMIT_HTML;
			return STATUS_OK;
		}
		(*parts_left)--;
		status = read_html(builder, part, work_left);
	}
	return status;
}

static unsigned int
from_of(const struct html_link *link)
{
	unsigned int from =
	    link->kind == HTML_LINK_FORM ? URL_FROM_FORM : URL_FROM_LINK;

	return link->hidden ? from | URL_FROM_HIDDEN : from;
}

static enum status
add_links(struct url_list *urls, const struct html *html)
{
	struct url_origin origin = { .base = html->base_href };
	enum status status = STATUS_OK;
	size_t i;

	for (i = 0; i < html->link_count && status == STATUS_OK; i++) {
		origin.from = from_of(&html->links[i]);
		origin.text = html->links[i].text;
		status = url_add_reference(
		    urls, span_of(html->links[i].href), &origin);
	}
	origin.text = span_of("");
	for (i = 0; i < html->image_count && status == STATUS_OK; i++) {
		origin.from = URL_FROM_IMAGE;
		if (html->images[i].hidden)
			origin.from |= URL_FROM_HIDDEN;
		status = url_add_reference(
		    urls, span_of(html->images[i].source), &origin);
	}
	return status;
}

static enum status
add_part(struct url_list *urls, const struct content_part *part)
{
	enum status status;

	urls->place = part->index;
	if (part->html == NULL)
		return url_add_text(urls, part->text, URL_FROM_TEXT);
	status = add_links(urls, part->html);
	if (status != STATUS_OK)
		return status;
	return url_add_text(urls, part->html->text, URL_FROM_TEXT);
}

/* Those of parts that are shown, or of all others; HTML that was not read says
 * nothing. */
static enum status
add_parts(struct content_builder *builder, bool shown, struct url_list *urls)
{
	const struct content_part *part;
	enum status status = STATUS_OK;
	size_t i;

	for (i = 0; i < builder->part_count && status == STATUS_OK; i++) {
		part = &builder->parts[i];
		if (part->is_shown != shown || part->text.length == 0 ||
		    (part->html == NULL &&
			strcmp(part->type, "text/html") == 0))
			continue;
		status = add_part(urls, part);
	}
	return status;
}

enum status
content_read_links(struct content_builder *builder,
    const struct content_header *header, struct url_list *urls)
{
	size_t parts_left = builder->limits->html_parts;
	size_t work_left = HTML_WORK_MAX;
	enum status status;

	status = read_pages(builder, true, &parts_left, &work_left);
	if (status == STATUS_OK)
		status = read_pages(builder, false, &parts_left, &work_left);
	if (status == STATUS_OK)
		status =
		    url_add_text(urls, header->subject.text, URL_FROM_SUBJECT);
	if (status == STATUS_OK)
		status = add_parts(builder, true, urls);
	if (status == STATUS_OK)
		status = add_parts(builder, false, urls);
	if (urls->cut)
		builder->reached |= CONTENT_LIMIT_URLS;
	return status;
}
