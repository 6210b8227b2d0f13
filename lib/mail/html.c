/*
 * html - text and links out of HTML (see html.h).
 *
 * The parser calls element_start(), characters() and element_end(); a stack of
 * styles says of each piece of text which of two sinks it goes to.
 */
#include "config.h"

#include "lib/mail/html.h"

#include <stdlib.h>
#include <string.h>

#include <libxml/HTMLparser.h>

#include "lib/base/strbuf.h"
#include "lib/mail/html-sink.h"
#include "lib/mail/html-source.h"
#include "lib/mail/html-value.h"

#define ARRAY_FIRST_ROOM 16
#define DATA_BYTES_KEPT  64 /* of a data: URL, for its type */
#define TITLE_BYTES_MAX  4096
#define IMAGE_PIXELS_MAX 100000
#define PARSE_OPTIONS                                                   \
	(HTML_PARSE_RECOVER | HTML_PARSE_NOWARNING | HTML_PARSE_NONET | \
	    HTML_PARSE_IGNORE_ENC)

struct reader {
	struct region *region;
	struct html *html;
	htmlParserCtxtPtr parser;
	enum status status;

	struct html_sink visible, hidden, title;
	struct strbuf *css;
	struct html_sheet *sheet;

	struct html_style styles[HTML_DEPTH_MAX]; /* [0]: around the document */
	size_t depth;                             /* index of the innermost */
	size_t depth_over;                        /* elements below that */
	size_t open;                              /* elements in all */
	size_t *work_left;

	size_t title_depth; /* of open; 0: not inside of one */
	size_t style_depth;
	size_t link_room, image_room;
	bool quote_open;  /* the last of the quotes has no end yet */
	bool anchor_open; /* the last link of kind ANCHOR with text */
	size_t anchor;    /* its index */
	struct html_sink *anchor_sink; /* where its text goes */
	size_t anchor_start;           /* and from which byte on */
};

/* Elements that part text; sorted. */
static const struct element {
	const char *name;
	enum html_break between;
} elements[] = {
	{ "address", HTML_BREAK_LINE },
	{ "article", HTML_BREAK_LINE },
	{ "aside", HTML_BREAK_LINE },
	{ "blockquote", HTML_BREAK_PARAGRAPH },
	{ "body", HTML_BREAK_LINE },
	{ "br", HTML_BREAK_LINE },
	{ "button", HTML_BREAK_BLANK },
	{ "caption", HTML_BREAK_LINE },
	{ "center", HTML_BREAK_LINE },
	{ "dd", HTML_BREAK_LINE },
	{ "details", HTML_BREAK_LINE },
	{ "dir", HTML_BREAK_LINE },
	{ "div", HTML_BREAK_LINE },
	{ "dl", HTML_BREAK_LINE },
	{ "dt", HTML_BREAK_LINE },
	{ "fieldset", HTML_BREAK_LINE },
	{ "figure", HTML_BREAK_LINE },
	{ "footer", HTML_BREAK_LINE },
	{ "form", HTML_BREAK_LINE },
	{ "h1", HTML_BREAK_PARAGRAPH },
	{ "h2", HTML_BREAK_PARAGRAPH },
	{ "h3", HTML_BREAK_PARAGRAPH },
	{ "h4", HTML_BREAK_PARAGRAPH },
	{ "h5", HTML_BREAK_PARAGRAPH },
	{ "h6", HTML_BREAK_PARAGRAPH },
	{ "header", HTML_BREAK_LINE },
	{ "hr", HTML_BREAK_LINE },
	{ "img", HTML_BREAK_BLANK },
	{ "input", HTML_BREAK_BLANK },
	{ "legend", HTML_BREAK_LINE },
	{ "li", HTML_BREAK_LINE },
	{ "main", HTML_BREAK_LINE },
	{ "menu", HTML_BREAK_LINE },
	{ "nav", HTML_BREAK_LINE },
	{ "ol", HTML_BREAK_LINE },
	{ "option", HTML_BREAK_LINE },
	{ "p", HTML_BREAK_PARAGRAPH },
	{ "pre", HTML_BREAK_PARAGRAPH },
	{ "section", HTML_BREAK_LINE },
	{ "select", HTML_BREAK_BLANK },
	{ "table", HTML_BREAK_LINE },
	{ "td", HTML_BREAK_BLANK },
	{ "textarea", HTML_BREAK_BLANK },
	{ "th", HTML_BREAK_BLANK },
	{ "tr", HTML_BREAK_LINE },
	{ "ul", HTML_BREAK_LINE },
};

/* ---- text ---- */

static const struct html_style *
style_here(const struct reader *reader)
{
	return &reader->styles[reader->depth];
}

/* The visible or the hidden text, by the style that holds now. */
static struct html_sink *
sink_here(struct reader *reader)
{
	enum html_hidden reason;

	return html_style_hides(style_here(reader), &reason) ? &reader->hidden :
							       &reader->visible;
}

static void
reader_fail(struct reader *reader, enum status status)
{
	if (reader->status == STATUS_OK)
		reader->status = status;
	if (reader->parser != NULL)
		xmlStopParser(reader->parser);
}

/* Visible text follows, quoted or not. */
static void
mark_quote(struct reader *reader, bool quoted)
{
	struct html *html = reader->html;
	size_t here = strbuf_length(reader->visible.text);

	if (quoted == reader->quote_open)
		return;
	if (reader->quote_open) {
		html->quotes[html->quote_count - 1].end = here;
		reader->quote_open = false;
	} else if (html->quote_count < HTML_QUOTES_MAX) {
		html->quotes[html->quote_count++].start = here;
		reader->quote_open = true;
	}
}

static void
element_characters(void *data, const xmlChar *characters, int length)
{
	struct reader *reader = data;
	struct span text = { (const char *)characters, (size_t)length };
	struct html_sink *sink = &reader->visible;
	size_t before;
	enum html_hidden reason;

	if (reader->title_depth != 0) {
		html_sink_add_text(&reader->title, text, false);
		return;
	}
	if (reader->style_depth != 0)
		return;
	if (!html_style_hides(style_here(reader), &reason)) {
		mark_quote(reader, style_here(reader)->quoted);
		html_sink_add_text(
		    sink, text, style_here(reader)->preformatted);
		return;
	}
	sink = &reader->hidden;
	before = strbuf_length(sink->text);
	html_sink_add_text(sink, text, false);
	reader->html->hidden_bytes[reason] +=
	    strbuf_length(sink->text) - before;
}

/* The content of style elements; scripts were left out of the source. */
static void
element_style_text(void *data, const xmlChar *characters, int length)
{
	struct reader *reader = data;

	strbuf_add(reader->css, characters, (size_t)length);
}

static void
read_sheet(struct reader *reader)
{
	struct span css = { strbuf_text(reader->css),
		strbuf_length(reader->css) };
	enum status status = html_sheet_add(reader->sheet, css);

	if (status == STATUS_LIMIT ||
	    strbuf_status(reader->css) == STATUS_LIMIT)
		reader->html->cut |= HTML_CUT_RULES;
	else if (status != STATUS_OK)
		reader_fail(reader, status);
	strbuf_reset(reader->css);
}

/* ---- attributes ---- */

/* Name and value by turns, then NULL; a value may be NULL too. */
static const char *
attribute(const xmlChar **attributes, const char *name)
{
	size_t i;

	if (attributes == NULL)
		return NULL;
	for (i = 0; attributes[i] != NULL; i += 2)
		if (strcmp((const char *)attributes[i], name) == 0)
			return attributes[i + 1] == NULL ?
			    "" :
			    (const char *)attributes[i + 1];
	return NULL;
}

static int
pixels(const char *text)
{
	struct span digits;
	uint64_t number;

	if (text == NULL)
		return HTML_SIZE_UNKNOWN;
	digits = span_trim(span_of(text));
	if (digits.length > 2 &&
	    digits.data[digits.length - 1] == 'x') /* "1px" */
		digits.length -= 2;
	if (str_to_uint64(digits, IMAGE_PIXELS_MAX, &number) != STATUS_OK)
		return HTML_SIZE_UNKNOWN;
	return (int)number;
}

static char *
copy_url(struct reader *reader, const char *url)
{
	struct span text = span_trim(span_of(url));
	char *copy;

	if (span_starts_nocase(text, "data:") && text.length > DATA_BYTES_KEPT)
		text.length = DATA_BYTES_KEPT;
	copy = region_memdup(reader->region, text.data, text.length);
	if (copy == NULL)
		reader_fail(reader, STATUS_NOMEM);
	return copy;
}

/* Room for one more element of an array of the region; NULL: no memory. */
static void *
grow(
    struct reader *reader, void *array, size_t count, size_t *room, size_t size)
{
	size_t wanted = *room == 0 ? ARRAY_FIRST_ROOM : *room * 2;
	void *grown;

	if (count < *room)
		return array;
	grown = region_alloc_array(reader->region, wanted, size);
	if (grown == NULL) {
		reader_fail(reader, STATUS_NOMEM);
		return NULL;
	}
	if (count > 0)
		memcpy(grown, array, count * size);
	*room = wanted;
	return grown;
}

static struct html_link *
add_link(struct reader *reader, enum html_link_kind kind, const char *href)
{
	struct html *html = reader->html;
	struct html_link *links, *link;
	enum html_hidden reason;
	const char *copy;

	if (html->link_count == HTML_LINKS_MAX) {
		html->cut |= HTML_CUT_LINKS;
		return NULL;
	}
	links = grow(reader, html->links, html->link_count, &reader->link_room,
	    sizeof(*links));
	if (links == NULL || (copy = copy_url(reader, href)) == NULL)
		return NULL;
	html->links = links;
	link = &links[html->link_count++];
	link->kind = kind;
	link->href = copy;
	link->text = span_of("");
	link->quoted = style_here(reader)->quoted;
	link->hidden = html_style_hides(style_here(reader), &reason);
	return link;
}

static void
add_image(struct reader *reader, const char *source, const xmlChar **attributes)
{
	struct html *html = reader->html;
	struct html_image *images, *image;
	const char *alt = attribute(attributes, "alt");
	enum html_hidden reason;

	if (html->image_count == HTML_IMAGES_MAX) {
		html->cut |= HTML_CUT_IMAGES;
		return;
	}
	images = grow(reader, html->images, html->image_count,
	    &reader->image_room, sizeof(*images));
	if (images == NULL)
		return;
	html->images = images;
	image = &images[html->image_count];
	image->source = copy_url(reader, source);
	image->alt = region_strdup(reader->region, alt == NULL ? "" : alt);
	if (image->source == NULL || image->alt == NULL) {
		reader_fail(reader, STATUS_NOMEM);
		return;
	}
	image->width = pixels(attribute(attributes, "width"));
	image->height = pixels(attribute(attributes, "height"));
	image->hidden = html_style_hides(style_here(reader), &reason);
	image->in_link = reader->anchor_open;
	if (reader->anchor_open)
		html->links[reader->anchor].image_count++;
	html->image_count++;
}

/* ---- elements that mean something ---- */

static void
anchor_end(struct reader *reader)
{
	struct html_link *link;
	const struct strbuf *text;
	struct span span;

	if (!reader->anchor_open)
		return;
	reader->anchor_open = false;
	link = &reader->html->links[reader->anchor];
	text = reader->anchor_sink->text;
	span.data = strbuf_text(text) + reader->anchor_start;
	span.length = strbuf_length(text) - reader->anchor_start;
	span = span_trim(span);
	link->text.data = region_memdup(reader->region, span.data, span.length);
	if (link->text.data == NULL)
		reader_fail(reader, STATUS_NOMEM);
	else
		link->text.length = span.length;
}

static void
anchor_start(struct reader *reader, const char *href)
{
	anchor_end(reader);
	if (add_link(reader, HTML_LINK_ANCHOR, href) == NULL)
		return;
	reader->anchor_open = true;
	reader->anchor = reader->html->link_count - 1;
	reader->anchor_sink = sink_here(reader);
	reader->anchor_start = strbuf_length(reader->anchor_sink->text);
}

static const char *
href_of(const xmlChar **attributes)
{
	const char *href = attribute(attributes, "href");

	return href != NULL ? href : attribute(attributes, "xlink:href");
}

static void
start_a(struct reader *reader, const xmlChar **attributes)
{
	const char *href = href_of(attributes);

	if (href != NULL)
		anchor_start(reader, href);
}

static void
start_base(struct reader *reader, const xmlChar **attributes)
{
	const char *href = attribute(attributes, "href"), *copy;

	if (href == NULL || reader->html->base_href[0] != '\0')
		return;
	if ((copy = copy_url(reader, href)) != NULL)
		reader->html->base_href = copy;
}

static void
add_link_of(struct reader *reader, enum html_link_kind kind,
    const xmlChar **attributes, const char *name)
{
	const char *href = attribute(attributes, name);

	if (href != NULL)
		(void)add_link(reader, kind, href);
}

static void
start_form(struct reader *reader, const xmlChar **attributes)
{
	reader->html->form_count++;
	add_link_of(reader, HTML_LINK_FORM, attributes, "action");
}

static void
start_button(struct reader *reader, const xmlChar **attributes)
{
	add_link_of(reader, HTML_LINK_FORM, attributes, "formaction");
}

static void
start_input(struct reader *reader, const xmlChar **attributes)
{
	const char *type = attribute(attributes, "type");
	const char *source = attribute(attributes, "src");

	add_link_of(reader, HTML_LINK_FORM, attributes, "formaction");
	if (str_equals_nocase(type, "password"))
		reader->html->password_count++;
	if (str_equals_nocase(type, "image") && source != NULL)
		add_image(reader, source, attributes);
}

static void
start_frame(struct reader *reader, const xmlChar **attributes)
{
	reader->html->frame_count++;
	add_link_of(reader, HTML_LINK_FRAME, attributes, "src");
	add_link_of(reader, HTML_LINK_FRAME, attributes, "data");
}

static void
start_img(struct reader *reader, const xmlChar **attributes)
{
	const char *source = attribute(attributes, "src");

	if (source != NULL)
		add_image(reader, source, attributes);
}

/* "5; url=http://example.com/": what is behind the '='. */
static void
start_meta(struct reader *reader, const xmlChar **attributes)
{
	const char *content = attribute(attributes, "content");
	struct span rest, url;
	char *copy;

	if (content == NULL ||
	    !str_equals_nocase(attribute(attributes, "http-equiv"), "refresh"))
		return;
	reader->html->refresh_count++;
	rest = span_of(content);
	if (!span_split(&rest, '=', &url) || rest.data == NULL)
		return;
	rest = span_trim(rest);
	if (rest.length > 0 && (rest.data[0] == '\'' || rest.data[0] == '"'))
		rest.data++, rest.length--;
	if (rest.length > 0 &&
	    (rest.data[rest.length - 1] == '\'' ||
		rest.data[rest.length - 1] == '"'))
		rest.length--;
	copy = region_memdup(reader->region, rest.data, rest.length);
	if (copy == NULL)
		reader_fail(reader, STATUS_NOMEM);
	else
		(void)add_link(reader, HTML_LINK_REFRESH, copy);
}

static void
start_script(struct reader *reader, const xmlChar **attributes GP_UNUSED)
{
	reader->html->script_count++;
}

static void
start_style(struct reader *reader, const xmlChar **attributes GP_UNUSED)
{
	if (reader->style_depth == 0)
		reader->style_depth = reader->open;
}

static void
start_title(struct reader *reader, const xmlChar **attributes GP_UNUSED)
{
	if (reader->title_depth == 0)
		reader->title_depth = reader->open;
}

static void
start_nothing(
    struct reader *reader GP_UNUSED, const xmlChar **attributes GP_UNUSED)
{
}

static const struct {
	const char *name;
	void (*start)(struct reader *reader, const xmlChar **attributes);
} starts[] = {
	{ "a", start_a },
	{ "base", start_base },
	{ "button", start_button },
	{ "embed", start_frame },
	{ "form", start_form },
	{ "frame", start_frame },
	{ "iframe", start_frame },
	{ "img", start_img },
	{ "input", start_input },
	{ "link", start_nothing }, /* its href is no link to click */
	{ "meta", start_meta },
	{ "object", start_frame },
	{ "script", start_script },
	{ "style", start_style },
	{ "title", start_title },
};

/* Other elements lead somewhere too: area, and shapes of VML and SVG. */
static void
start_element(
    struct reader *reader, const char *name, const xmlChar **attributes)
{
	const char *href;
	size_t i;

	for (i = 0; i < GP_NELEMS(starts); i++) {
		if (starts[i].name[0] == name[0] &&
		    strcmp(starts[i].name, name) == 0) {
			starts[i].start(reader, attributes);
			return;
		}
	}
	if ((href = href_of(attributes)) != NULL)
		(void)add_link(reader, HTML_LINK_ANCHOR, href);
}

/* ---- styles ---- */

static struct span
attribute_span(const xmlChar **attributes, const char *name)
{
	const char *value = attribute(attributes, name);

	return span_of(value == NULL ? "" : value);
}

/* The attributes of HTML 3 that came before style. */
static void
style_from_attributes(
    struct html_style *style, const char *name, const xmlChar **attributes)
{
	const char *background = attribute(attributes, "bgcolor");
	const char *color =
	    attribute(attributes, strcmp(name, "body") == 0 ? "text" : "color");

	if (background != NULL)
		style->background_known =
		    html_color_parse(span_of(background), &style->background);
	if (attribute(attributes, "background") != NULL)
		style->background_known = false;
	if (color != NULL)
		style->color_given =
		    html_color_parse(span_of(color), &style->color);
	if (attribute(attributes, "hidden") != NULL)
		style->hidden |= 1u << HTML_HIDDEN_ATTRIBUTE;
}

/* blockquote alone is often no more than an indent. */
static bool
is_quote(const char *name, const xmlChar **attributes)
{
	const char *type = attribute(attributes, "type");
	const char *classes = attribute(attributes, "class");

	if (strcmp(name, "blockquote") == 0 && type != NULL &&
	    str_equals_nocase(type, "cite"))
		return true;
	return classes != NULL && strstr(classes, "_quote") != NULL;
}

static void
style_push(struct reader *reader, const char *name, const xmlChar **attributes)
{
	struct html_styled styled;
	struct html_style *style;

	if (reader->depth + 1 == HTML_DEPTH_MAX) {
		reader->html->cut |= HTML_CUT_DEPTH;
		reader->depth_over++;
		return;
	}
	style = &reader->styles[reader->depth + 1];
	*style = reader->styles[reader->depth];
	reader->depth++;
	if (strcmp(name, "pre") == 0 || strcmp(name, "textarea") == 0)
		style->preformatted = true;
	if (strcmp(name, "a") == 0)
		style->color_given = false; /* links have a color of theirs */
	style->quoted = style->quoted || is_quote(name, attributes);
	if (attributes != NULL)
		style_from_attributes(style, name, attributes);
	styled.element = span_of(name);
	styled.classes = attribute_span(attributes, "class");
	styled.id = attribute_span(attributes, "id");
	styled.style = attribute_span(attributes, "style");
	html_style_cascade(style, reader->sheet, &styled);
}

static void
style_pop(struct reader *reader)
{
	if (reader->depth_over > 0)
		reader->depth_over--;
	else if (reader->depth > 0)
		reader->depth--;
}

/* ---- events ---- */

static int
element_compare(const void *name, const void *element)
{
	return strcmp(name, ((const struct element *)element)->name);
}

/* Ends the line in each text that shows this element or hides it. */
static void
element_break(struct reader *reader, const char *name)
{
	const struct element *element = bsearch(name, elements,
	    GP_NELEMS(elements), sizeof(elements[0]), element_compare);
	const struct html_style *style = style_here(reader);

	if (element == NULL)
		return;
	if ((style->hidden & 1u << HTML_HIDDEN_DISPLAY) == 0)
		html_sink_break(&reader->visible, element->between);
	html_sink_break(&reader->hidden, element->between);
}

static void
element_start(void *data, const xmlChar *element, const xmlChar **attributes)
{
	struct reader *reader = data;
	const char *name = (const char *)element;
	const char *background = attribute(attributes, "background");
	bool was_hidden = sink_here(reader) == &reader->hidden;

	reader->open++;
	style_push(reader, name, attributes);
	if (!was_hidden && sink_here(reader) == &reader->hidden)
		html_sink_break(&reader->hidden, HTML_BREAK_LINE);
	element_break(reader, name);
	start_element(reader, name, attributes);
	if (background != NULL)
		add_image(reader, background, attributes);
}

static void
element_end(void *data, const xmlChar *element)
{
	struct reader *reader = data;
	const char *name = (const char *)element;

	element_break(reader, name);
	if (strcmp(name, "a") == 0)
		anchor_end(reader);
	if (reader->style_depth == reader->open && reader->open > 0) {
		reader->style_depth = 0;
		read_sheet(reader);
	}
	if (reader->title_depth == reader->open)
		reader->title_depth = 0;
	style_pop(reader);
	if (reader->open > 0)
		reader->open--;
}

/* An end tag that closes nothing was compared with all open elements. */
static void
parser_error(void *data, const char *format GP_UNUSED, ...)
{
	struct reader *reader = data;

	if (reader->open < *reader->work_left) {
		*reader->work_left -= reader->open;
		return;
	}
	*reader->work_left = 0;
	reader->html->cut |= HTML_CUT_WORK;
	xmlStopParser(reader->parser);
}

/* ---- the whole ---- */

static void
parse(struct reader *reader, const char *source, size_t length)
{
	htmlParserCtxtPtr parser;

	xmlInitParser(); /* once; it locks */
	if ((parser = htmlNewParserCtxt()) == NULL) {
		reader->status = STATUS_NOMEM;
		return;
	}
	reader->parser = parser;
	memset(parser->sax, 0, sizeof(*parser->sax));
	parser->sax->startElement = element_start;
	parser->sax->endElement = element_end;
	parser->sax->characters = element_characters;
	parser->sax->ignorableWhitespace = element_characters;
	parser->sax->cdataBlock = element_style_text;
	parser->sax->error = parser_error;
	parser->userData = reader;
	xmlFreeDoc(htmlCtxtReadMemory(
	    parser, source, (int)length, NULL, "UTF-8", PARSE_OPTIONS));
	if (parser->errNo == XML_ERR_NO_MEMORY)
		reader->status = STATUS_NOMEM;
	htmlFreeParserCtxt(parser);
	reader->parser = NULL;
}

/* libxml2 wants its source whole, and ends at a NUL. */
static void
read_source(struct reader *reader, struct span source)
{
	char *repaired;
	size_t length;
	bool cut;

	if (source.length > HTML_SOURCE_BYTES_MAX) {
		source.length = HTML_SOURCE_BYTES_MAX;
		reader->html->cut |= HTML_CUT_SOURCE;
	}
	if ((repaired = malloc(source.length + 1)) == NULL) {
		reader->status = STATUS_NOMEM;
		return;
	}
	length = html_source_repair(source, repaired, &cut);
	repaired[length] = '\0';
	if (cut)
		reader->html->cut |= HTML_CUT_ATTRIBUTES;
	if (length > 0)
		parse(reader, repaired, length);
	free(repaired);
}

static void
sink_finish(struct reader *reader, struct html_sink *sink, struct span *text_r)
{
	if (strbuf_status(sink->text) == STATUS_LIMIT)
		reader->html->cut |= HTML_CUT_TEXT;
	else if (strbuf_status(sink->text) != STATUS_OK)
		reader->status = STATUS_NOMEM;
	text_r->length = strbuf_length(sink->text);
	text_r->data = region_memdup(
	    reader->region, strbuf_text(sink->text), text_r->length);
	if (text_r->data == NULL)
		reader->status = STATUS_NOMEM;
}

/* Its stack of styles is large: a message may have many parts to read. */
static struct reader *
reader_new(struct region *region, struct html *html)
{
	struct reader *reader = calloc(1, sizeof(*reader));

	if (reader == NULL)
		return NULL;
	reader->region = region;
	reader->html = html;
	reader->styles[0] = html_style_initial();
	reader->sheet = html_sheet_new(region);
	reader->visible.text = strbuf_new(HTML_TEXT_BYTES_MAX);
	reader->hidden.text = strbuf_new(HTML_TEXT_BYTES_MAX);
	reader->title.text = strbuf_new(TITLE_BYTES_MAX);
	reader->css = strbuf_new(HTML_SHEET_BYTES_MAX);
	if (reader->sheet == NULL || reader->visible.text == NULL ||
	    reader->hidden.text == NULL || reader->title.text == NULL ||
	    reader->css == NULL)
		reader->status = STATUS_NOMEM;
	return reader;
}

static void
reader_free(struct reader *reader)
{
	strbuf_free(&reader->css);
	strbuf_free(&reader->title.text);
	strbuf_free(&reader->hidden.text);
	strbuf_free(&reader->visible.text);
	free(reader);
}

enum status
html_read(struct region *region, struct span source, size_t *work_left,
    struct html *html_r)
{
	struct reader *reader;
	enum status status;

	memset(html_r, 0, sizeof(*html_r));
	html_r->base_href = "";
	if ((reader = reader_new(region, html_r)) == NULL)
		return STATUS_NOMEM;
	reader->work_left = work_left;
	if (reader->status == STATUS_OK)
		read_source(reader, source);
	anchor_end(reader); /* still open when the parser was stopped */
	mark_quote(reader, false);
	if (reader->status == STATUS_OK) {
		sink_finish(reader, &reader->visible, &html_r->text);
		sink_finish(reader, &reader->hidden, &html_r->hidden_text);
		sink_finish(reader, &reader->title, &html_r->title);
		html_r->zero_width_count = reader->visible.zero_width_count;
		html_r->zero_width_in_words =
		    reader->visible.zero_width_in_words;
	}
	status = reader->status;
	reader_free(reader);
	if (status != STATUS_OK)
		memset(html_r, 0, sizeof(*html_r));
	return status;
}
