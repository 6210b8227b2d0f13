/*
 * html-style - what makes text of an HTML message invisible: the few CSS
 * properties that hide, from style attributes and from simple rules of style
 * elements ("p", ".class", "p.class", "#id"; no combinators, no pseudo classes,
 * no media queries that ask for a size).
 *
 * This errs to the visible side: what is not understood hides nothing.
 */
#ifndef GATEPOST_MAIL_HTML_STYLE_H
#define GATEPOST_MAIL_HTML_STYLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/region.h"
#include "lib/base/status.h"
#include "lib/base/str.h"

/* Largest of the corpora: 400 rules.  More cost time with every element. */
#define HTML_RULES_MAX 1000
/* Classes of one element that are looked up; real ones have up to 5. */
#define HTML_CLASSES_MAX 16

/* Why text is hidden; the names are html_hidden_name(). */
enum html_hidden {
	HTML_HIDDEN_DISPLAY,    /* display: none */
	HTML_HIDDEN_VISIBILITY, /* visibility: hidden, collapse */
	HTML_HIDDEN_SIZE,       /* letters of 1 px or less */
	HTML_HIDDEN_COLOR,      /* (nearly) the color of the background */
	HTML_HIDDEN_OPACITY,
	HTML_HIDDEN_CLIPPED, /* a box of no size that lets nothing overflow */
	HTML_HIDDEN_OFFSCREEN,
	HTML_HIDDEN_ATTRIBUTE, /* hidden */
	HTML_HIDDEN_MSO        /* mso-hide: all; by Outlook alone */
};

#define HTML_HIDDEN_COUNT 9

/* What an element hands on to those inside of it. */
struct html_style {
	unsigned int hidden;   /* 1u << enum html_hidden, all but SIZE, COLOR */
	int64_t font_size;     /* hundredths of a pixel */
	uint32_t color;        /* 0xRRGGBB */
	uint32_t background;   /* the same */
	bool color_given;      /* by the message, not by default */
	bool background_known; /* false: a picture */
	bool preformatted;     /* line breaks and blanks count */
	bool quoted; /* of another message, by the mark of a program */
};

struct html_sheet;

/* html_hidden_name - a word for logs and reports */
const char *html_hidden_name(enum html_hidden reason);

/* html_style_initial - 16 px, black on white */
struct html_style html_style_initial(void);

/*
 * html_style_hides - the first reason why text of this style is not seen.
 *
 * Returns false when it is seen.
 */
bool html_style_hides(
    const struct html_style *style, enum html_hidden *reason_r);

/* html_sheet_new - no rules; owned by region; NULL when memory is short */
struct html_sheet *html_sheet_new(struct region *region) GP_MUST_CHECK;

/*
 * html_sheet_add - the rules of one style element, behind those that are there.
 *
 * css  copied where it is kept
 *
 * Returns STATUS_OK, STATUS_LIMIT (over HTML_RULES_MAX rules, the first stay)
 * or STATUS_NOMEM.
 */
enum status html_sheet_add(
    struct html_sheet *sheet, struct span css) GP_MUST_CHECK;

/* An element and its attributes; spans are empty when there is none. */
struct html_styled {
	struct span element; /* lower case */
	struct span classes;
	struct span id;
	struct span style;
};

/*
 * html_style_cascade - changes the style inherited from the parent by the
 * rules that match and then by the style attribute.
 */
void html_style_cascade(struct html_style *style,
    const struct html_sheet *sheet, const struct html_styled *styled);

#endif
