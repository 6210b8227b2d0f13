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

	if (link->hidden)
		from |= URL_FROM_HIDDEN;
	return link->quoted ? from | URL_FROM_QUOTED : from;
}

/* Those that are hidden, or all others. */
static enum status
add_links(struct url_list *urls, const struct html *html, bool hidden)
{
	struct url_origin origin = { .base = html->base_href };
	enum status status = STATUS_OK;
	size_t i;

	for (i = 0; i < html->link_count && status == STATUS_OK; i++) {
		if (html->links[i].hidden != hidden)
			continue;
		origin.from = from_of(&html->links[i]);
		origin.text = html->links[i].text;
		status = url_add_reference(
		    urls, span_of(html->links[i].href), &origin);
	}
	origin.text = span_of("");
	origin.from = URL_FROM_IMAGE | (hidden ? URL_FROM_HIDDEN : 0);
	for (i = 0; i < html->image_count && status == STATUS_OK; i++)
		if (html->images[i].hidden == hidden)
			status = url_add_reference(
			    urls, span_of(html->images[i].source), &origin);
	return status;
}

/* A line of plain text behind the mark that programs put in front. */
static bool
is_quoted(struct span line)
{
	line = span_trim(line);
	return line.length > 0 && (line.data[0] == '>' || line.data[0] == '|');
}

/* Cuts lines off the front that all are quoted, or all are not. */
static struct span
cut_lines(struct span *rest, bool *quoted_r)
{
	struct span lines = { rest->data, 0 }, behind = *rest, line;

	while (span_split(&behind, '\n', &line)) {
		if (lines.length == 0)
			*quoted_r = is_quoted(line);
		else if (is_quoted(line) != *quoted_r)
			break;
		lines.length = (size_t)(line.data + line.length - lines.data) +
		    (behind.data != NULL);
		*rest = behind;
	}
	return lines;
}

static enum status
add_plain(struct url_list *urls, struct span text)
{
	enum status status = STATUS_OK;
	struct span lines;
	bool quoted = false;

	while (text.length > 0 && status == STATUS_OK) {
		lines = cut_lines(&text, &quoted);
		status = url_add_text(urls, lines,
		    quoted ? URL_FROM_TEXT | URL_FROM_QUOTED : URL_FROM_TEXT);
	}
	return status;
}

/* The text between two quotes, and the quote. */
static enum status
add_visible(struct url_list *urls, const struct html *html)
{
	const struct html_quote *quote;
	enum status status = STATUS_OK;
	struct span piece;
	size_t i, done = 0;

	for (i = 0; i < html->quote_count && status == STATUS_OK; i++) {
		quote = &html->quotes[i];
		piece.data = html->text.data + done;
		piece.length = quote->start - done;
		status = url_add_text(urls, piece, URL_FROM_TEXT);
		if (status != STATUS_OK)
			break;
		done = quote->end;
		piece.data = html->text.data + quote->start;
		piece.length = quote->end - quote->start;
		status =
		    url_add_text(urls, piece, URL_FROM_TEXT | URL_FROM_QUOTED);
	}
	if (status != STATUS_OK)
		return status;
	piece.data = html->text.data + done;
	piece.length = html->text.length - done;
	return url_add_text(urls, piece, URL_FROM_TEXT);
}

static enum status
add_part(struct url_list *urls, const struct content_part *part)
{
	enum status status;

	if (part->html == NULL)
		return add_plain(urls, part->text);
	status = add_links(urls, part->html, false);
	if (status != STATUS_OK)
		return status;
	return add_visible(urls, part->html);
}

static enum status
add_hidden(struct url_list *urls, const struct content_part *part)
{
	return part->html == NULL ? STATUS_OK :
				    add_links(urls, part->html, true);
}

/* Those of parts that are shown, or of all others; HTML that was not read says
 * nothing. */
static enum status
add_parts(struct content_builder *builder, bool shown, struct url_list *urls,
    enum status (*add)(struct url_list *, const struct content_part *))
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
		urls->place = part->index;
		status = add(urls, part);
	}
	return status;
}

/* What a reader sees comes first: the list has a limit. */
static enum status
add_all_parts(struct content_builder *builder, struct url_list *urls)
{
	enum status status = add_parts(builder, true, urls, add_part);

	if (status == STATUS_OK)
		status = add_parts(builder, true, urls, add_hidden);
	if (status == STATUS_OK)
		status = add_parts(builder, false, urls, add_part);
	if (status == STATUS_OK)
		status = add_parts(builder, false, urls, add_hidden);
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
		status = add_all_parts(builder, urls);
	if (urls->cut)
		builder->reached |= CONTENT_LIMIT_URLS;
	return status;
}
