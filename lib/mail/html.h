/*
 * html - the text of an HTML message as its reader sees it, what he does not
 * see, and where its links lead.
 *
 * Read by the HTML parser of libxml2, event by event: no tree is built, so that
 * memory and time grow with the source alone, whatever it nests.  Scripts,
 * comments and the content of frames are no text of either kind.
 */
#ifndef GATEPOST_MAIL_HTML_H
#define GATEPOST_MAIL_HTML_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/region.h"
#include "lib/base/status.h"
#include "lib/base/str.h"
#include "lib/mail/html-style.h"

/* Eight times the longest of the corpora; a reading takes 10 to 200 ms. */
#define HTML_SOURCE_BYTES_MAX (2 * 1024 * 1024)
/* Of each of visible and hidden text; a book has less. */
#define HTML_TEXT_BYTES_MAX (1024 * 1024)
/* Of all style elements; large newsletters have 60 KB. */
#define HTML_SHEET_BYTES_MAX (256 * 1024)
#define HTML_LINKS_MAX       1000 /* the longest newsletter has 300 */
#define HTML_IMAGES_MAX      1000
/* Answers between the lines have 20; what is quoted further counts as own. */
#define HTML_QUOTES_MAX 50
/* Browsers stop nesting there too; what is deeper gets the style of the last. */
#define HTML_DEPTH_MAX 512
/* Open elements that wrong end tags are compared with, in all parts of a
 * message: about 0.2 s. */
#define HTML_WORK_MAX 100000000

/* What was left out. */
enum html_cut {
	HTML_CUT_SOURCE = 1 << 0,
	HTML_CUT_TEXT = 1 << 1,
	HTML_CUT_LINKS = 1 << 2,
	HTML_CUT_IMAGES = 1 << 3,
	HTML_CUT_DEPTH = 1 << 4,      /* the text is there, its style is not */
	HTML_CUT_ATTRIBUTES = 1 << 5, /* HTML_ATTRIBUTES_MAX */
	HTML_CUT_RULES = 1 << 6,      /* HTML_RULES_MAX, HTML_SHEET_BYTES_MAX */
	HTML_CUT_WORK = 1 << 7        /* all behind some point */
};

enum html_link_kind {
	HTML_LINK_ANCHOR,
	HTML_LINK_FORM,   /* action, formaction */
	HTML_LINK_FRAME,  /* iframe, frame, embed, object */
	HTML_LINK_REFRESH /* meta */
};

struct html_link {
	enum html_link_kind kind;
	bool hidden;        /* it stands in hidden text */
	bool quoted;        /* it stands in a quote */
	const char *href;   /* references decoded, else as it is written */
	struct span text;   /* of an anchor, from text or hidden_text */
	size_t image_count; /* inside of an anchor */
};

#define HTML_SIZE_UNKNOWN -1

struct html_image {
	const char *source; /* of data: the first bytes */
	const char *alt;    /* "" if there is none */
	int width, height;  /* pixels, by attributes; HTML_SIZE_UNKNOWN */
	bool hidden;
	bool in_link;
};

struct html_quote {
	size_t start, end; /* offsets */
};

struct html {
	struct span text;        /* lines by LF, blanks folded, no NUL */
	struct span hidden_text; /* the same; pieces by LF */
	struct span title;
	size_t hidden_bytes[HTML_HIDDEN_COUNT]; /* by enum html_hidden */

	/* Characters of no width are left out of the texts. */
	size_t zero_width_count;    /* in visible text */
	size_t zero_width_in_words; /* of these, between two ASCII letters */

	/* What mail programs mark as the text of the message that is answered or
	 * forwarded: pieces of text, in order.  Anybody may write such marks. */
	struct html_quote quotes[HTML_QUOTES_MAX];
	size_t quote_count;

	struct html_link *links;
	size_t link_count;
	struct html_image *images; /* backgrounds too */
	size_t image_count;
	const char *base_href; /* "" if there is none */

	size_t script_count;
	size_t frame_count;
	size_t form_count;
	size_t refresh_count;
	size_t password_count; /* input fields for one */
	unsigned int cut;      /* enum html_cut */
};

/*
 * html_read - reads the source of a text/html part.
 *
 * source     UTF-8; other bytes become '?'
 * work_left  what may still be done of HTML_WORK_MAX; what was is taken off
 * html_r     all owned by region; zeroed on failure
 *
 * Whatever the source is, this is STATUS_OK; else STATUS_NOMEM.  Any thread.
 */
enum status html_read(struct region *region, struct span source,
    size_t *work_left, struct html *html_r) GP_MUST_CHECK;

#endif
