/*
 * html-sink - a text that folds blanks and ends lines as a page does.
 *
 * Blanks and line ends are written when something follows them; characters of
 * no width are counted and left out.
 */
#ifndef GATEPOST_MAIL_HTML_SINK_H
#define GATEPOST_MAIL_HTML_SINK_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/str.h"
#include "lib/base/strbuf.h"

struct html_sink {
	struct strbuf *text; /* the owner's */
	bool space;
	size_t lines; /* line ends wanted before the next character */
	char last;    /* byte written */
	bool split;   /* a character of no width came behind it */
	size_t zero_width_count;
	size_t zero_width_in_words; /* of these, between two ASCII letters */
};

/* What an element puts between its content and what is around it. */
enum html_break {
	HTML_BREAK_BLANK,
	HTML_BREAK_LINE,
	HTML_BREAK_PARAGRAPH /* an empty line */
};

/* html_sink_break - what follows is parted from what is there */
void html_sink_break(struct html_sink *sink, enum html_break between);

/*
 * html_sink_add_text - appends valid UTF-8 without NUL.
 *
 * preformatted  line ends count
 *
 * What is over the limit of the buffer, or of memory, is for
 * strbuf_status(sink->text) to tell.
 */
void html_sink_add_text(
    struct html_sink *sink, struct span text, bool preformatted);

#endif
