/*
 * content-html - symbols of how HTML shows and hides the text, of images, and
 * of how parts are encoded.
 */
#include "config.h"

#include <string.h>

#include "lib/scan/content-symbols.h"
#include "lib/scan/hosts.h"

/* A preheader, the hidden lines that a list of messages shows, is shorter. */
#define HIDDEN_LONG 600
/* Less hides nothing worth it, however little is shown. */
#define HIDDEN_SOME 100
/* A letter has more to say, and more pictures than one to click on. */
#define FEW_LETTERS 300
#define FEW_IMAGES  4
/* Where HTML looks for <meta charset>. */
#define META_BYTES 1024
/* Programs that encode all parts alike do it to a few words too. */
#define SHORT_BYTES 40

/* Damage of which junk has some and good mail has none (measured); not what is
 * as old as mail: long lines, raw 8bit, names that differ. */
#define DAMAGE_OF_JUNK                                                      \
	(CONTENT_NO_END | CONTENT_ENCODED_MULTIPART | CONTENT_BROKEN_TYPE | \
	    CONTENT_UNKNOWN_ENCODING | CONTENT_UNKNOWN_CHARSET |            \
	    CONTENT_BARE_CR)

/* What may have more of the pages that were read: a part that is missing has not,
 * and a thousand empty ones in front of it excuse nothing. */
#define LIMITS_OF_PAGES \
	(CONTENT_LIMIT_HTML | CONTENT_LIMIT_TEXT | CONTENT_LIMIT_BODY)

/* All HTML that is shown, taken together. */
struct pages {
	const struct content_view *view;
	size_t count;
	size_t images, linked_images;
	size_t hidden_letters;
	size_t hidden_bytes;       /* from all readers, for whatever reason */
	size_t removed_bytes;      /* of these, what takes no place at all */
	bool base64, base64_ascii; /* one of them is */
	bool no_charset;
};

struct trait {
	enum symbol_id symbol;
	bool (*has)(const struct pages *pages);
};

/* By the reasons for which text takes no place or no ink. */
static const enum html_hidden removals[] = {
	HTML_HIDDEN_DISPLAY,
	HTML_HIDDEN_VISIBILITY,
	HTML_HIDDEN_OPACITY,
	HTML_HIDDEN_ATTRIBUTE,
};

/* All of it was text that needs no encoding: nothing cut off, no charset of
 * wide characters. */
static bool
is_encoded_in_vain(const struct content_part *part)
{
	return part->transfer == TRANSFER_BASE64 &&
	    part->decoded_size > SHORT_BYTES &&
	    part->decoded_size == part->text.length &&
	    span_is_ascii(part->text);
}

/* A page may tell its charset itself, <meta charset=utf-8> or http-equiv, where
 * those who read it look for that. */
static bool
has_meta_charset(struct span page)
{
	bool in_meta = false;

	if (page.length > META_BYTES)
		page.length = META_BYTES;
	for (; page.length > 0; page.data++, page.length--) {
		if (span_starts_nocase(page, "<meta"))
			in_meta = true;
		else if (page.data[0] == '>')
			in_meta = false;
		else if (in_meta && span_starts_nocase(page, "charset="))
			return true;
	}
	return false;
}

static void
add_hidden(struct pages *pages, const struct html *html)
{
	size_t i;

	pages->hidden_letters += content_view_letters(html->hidden_text);
	for (i = 0; i < HTML_HIDDEN_COUNT; i++)
		if (i != HTML_HIDDEN_MSO)
			pages->hidden_bytes += html->hidden_bytes[i];
	for (i = 0; i < GP_NELEMS(removals); i++)
		pages->removed_bytes += html->hidden_bytes[removals[i]];
}

static void
add_page(struct pages *pages, const struct content_part *part)
{
	size_t i;

	pages->count++;
	pages->images += part->html->image_count;
	for (i = 0; i < part->html->image_count; i++)
		pages->linked_images += part->html->images[i].in_link;
	add_hidden(pages, part->html);
	pages->base64 |= part->transfer == TRANSFER_BASE64;
	pages->base64_ascii |= is_encoded_in_vain(part);
	pages->no_charset |=
	    part->charset[0] == '\0' && !has_meta_charset(part->text);
}

static bool
is_html_alone(const struct pages *pages)
{
	const struct content *content = pages->view->content;
	const struct content_part *part;
	size_t i;

	if (pages->count == 0 ||
	    (pages->view->unread & ~(unsigned int)CONTENT_LIMIT_HTML) != 0)
		return false;
	for (i = 0; i < content->part_count; i++) {
		part = &content->parts[i];
		if (part->is_shown && strcmp(part->type, "text/html") != 0 &&
		    content_view_letters(part->text) > 0)
			return false;
	}
	return true;
}

/* It is the less of two: where base64 was of no use, that is told. */
static bool
is_base64(const struct pages *pages)
{
	return pages->base64 && !pages->base64_ascii;
}

static bool
is_base64_of_ascii(const struct pages *pages)
{
	return pages->base64_ascii;
}

static bool
has_no_charset(const struct pages *pages)
{
	return pages->no_charset;
}

/* Letters and bytes: a letter of some alphabets takes three. */
static bool
hides_more(const struct pages *pages)
{
	size_t shown = pages->view->html_letters;

	if (shown < HIDDEN_SOME)
		shown = HIDDEN_SOME;
	return (pages->view->unread & LIMITS_OF_PAGES) == 0 &&
	    pages->hidden_letters > shown && pages->hidden_bytes > shown;
}

static bool
hides_long(const struct pages *pages)
{
	return pages->hidden_letters >= HIDDEN_LONG &&
	    pages->removed_bytes >= HIDDEN_LONG;
}

static bool
is_linked_image(const struct pages *pages)
{
	return (pages->view->unread & LIMITS_OF_PAGES) == 0 &&
	    pages->linked_images > 0 && pages->images <= FEW_IMAGES &&
	    pages->view->html_letters < FEW_LETTERS;
}

static const struct trait traits[] = {
	{ SYMBOL_HTML_ONLY, is_html_alone },
	{ SYMBOL_HTML_BASE64, is_base64 },
	{ SYMBOL_HTML_BASE64_ASCII, is_base64_of_ascii },
	{ SYMBOL_HTML_NO_CHARSET, has_no_charset },
	{ SYMBOL_HTML_HIDDEN_MORE, hides_more },
	{ SYMBOL_HTML_HIDDEN_LONG, hides_long },
	{ SYMBOL_IMAGE_LINKED_FEW_TEXT, is_linked_image },
};

static enum status
add_image_host(struct scan *scan, const struct content *content)
{
	const char *entry;
	size_t i;

	for (i = 0; i < content->urls.count; i++)
		if ((content->urls.urls[i].flags & URL_FROM_IMAGE) != 0 &&
		    hosts_has(HOSTS_IMAGE, content->urls.urls[i].host, &entry))
			return scan_add(scan, SYMBOL_IMAGE_FREE_HOST, 1, entry);
	return STATUS_OK;
}

/* Who forwards a damaged message did not make it. */
static enum status
add_damage(struct scan *scan, const struct content *content)
{
	unsigned int damage = 0;
	size_t i;

	for (i = 0; i < content->part_count; i++)
		if (!content->parts[i].is_embedded)
			damage |= content->parts[i].damage & DAMAGE_OF_JUNK;

	return damage == 0 ? STATUS_OK :
			     scan_add(scan, SYMBOL_MIME_DAMAGED, 1,
				 content_damage_text(&damage));
}

enum status
content_html_symbols(struct scan *scan, const struct content_view *view)
{
	struct pages pages = { .view = view };
	enum status status;
	size_t i;

	for (i = 0; i < view->content->part_count; i++)
		if (view->content->parts[i].is_shown &&
		    view->content->parts[i].html != NULL)
			add_page(&pages, &view->content->parts[i]);
	status = add_image_host(scan, view->content);
	if (status == STATUS_OK)
		status = add_damage(scan, view->content);
	for (i = 0; i < GP_NELEMS(traits) && status == STATUS_OK; i++)
		if (traits[i].has(&pages))
			status = scan_add(scan, traits[i].symbol, 1, NULL);
	return status;
}
