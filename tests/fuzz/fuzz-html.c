/*
 * fuzz-html - the input as the source of a text/html part, and its parts as a
 * style sheet and as a style attribute.
 *
 * What must hold of any input: the repaired source is not longer and holds no
 * NUL; texts are within their limits, hold no control character but LF, and
 * begin with no blank.
 */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mail/html-source.h"
#include "lib/mail/html.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_text(struct span text, size_t limit)
{
	size_t i;

	if (text.length > limit)
		abort();
	for (i = 0; i < text.length; i++) {
		unsigned char c = (unsigned char)text.data[i];

		if ((c < ' ' && c != '\n') || c == 0x7f)
			abort();
	}
	if (text.length > 0 && ascii_is_space((unsigned char)text.data[0]))
		abort();
}

static void
check_source(struct span input)
{
	char *once = malloc(input.length + 1);
	char *twice = malloc(input.length + 1);
	size_t length, again;
	bool cut;

	if (once == NULL || twice == NULL)
		abort();
	length = html_source_repair(input, once, &cut);
	if (length > input.length || memchr(once, '\0', length) != NULL)
		abort();
	again = html_source_repair((struct span){ once, length }, twice, &cut);
	if (again > length)
		abort();
	free(once);
	free(twice);
}

static void
check_links(const struct html *html)
{
	size_t i;

	if (html->link_count > HTML_LINKS_MAX ||
	    html->image_count > HTML_IMAGES_MAX)
		abort();
	for (i = 0; i < html->link_count; i++) {
		const struct html_link *link = &html->links[i];

		check_text(link->text, HTML_TEXT_BYTES_MAX);
		if (link->href == NULL || link->image_count > html->image_count)
			abort();
	}
	for (i = 0; i < html->image_count; i++)
		if (html->images[i].source == NULL ||
		    html->images[i].alt == NULL)
			abort();
}

static void
check_style(struct region *region, struct span input)
{
	struct html_sheet *sheet = html_sheet_new(region);
	struct html_style style = html_style_initial();
	struct html_styled styled = { span_of("p"), span_of("a b"),
		span_of("i"), input };
	enum html_hidden reason;

	if (sheet == NULL || html_sheet_add(sheet, input) == STATUS_NOMEM)
		return;
	html_style_cascade(&style, sheet, &styled);
	if (style.font_size < 0)
		abort();
	if (html_style_hides(&style, &reason) &&
	    html_hidden_name(reason) == NULL)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct region *region = region_new();
	struct span input = { (const char *)data, size };
	size_t work = HTML_WORK_MAX;
	struct html html;

	if (region == NULL)
		return 0;
	check_source(input);
	check_style(region, input);
	if (html_read(region, input, &work, &html) == STATUS_OK) {
		check_text(html.text, HTML_TEXT_BYTES_MAX);
		check_text(html.hidden_text, HTML_TEXT_BYTES_MAX);
		check_text(html.title, HTML_TEXT_BYTES_MAX);
		check_links(&html);
	}
	region_free(&region);
	return 0;
}
