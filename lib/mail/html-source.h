/*
 * html-source - HTML source, rewritten so that libxml2 reads in it what a mail
 * client shows.
 *
 * libxml2 before 2.14 cuts tags and comments by rules of its own: it loses the
 * attributes of "<a/href=...>", takes what stands behind "<!-->" for a comment,
 * shows "<![if !mso]>" as text, and knows only the names of characters that
 * HTML 4 had.  Each of these hides something from a filter that a reader sees.
 * This pass cuts as the HTML standard says (WHATWG HTML, section 13.2.5) and
 * writes every tag in the plain form that all versions read alike.
 */
#ifndef GATEPOST_MAIL_HTML_SOURCE_H
#define GATEPOST_MAIL_HTML_SOURCE_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/str.h"

/* A tag of a real message has 20; libxml2 compares each with each. */
#define HTML_ATTRIBUTES_MAX 100

/*
 * html_source_repair - the source without comments, with plain tags.
 *
 * to     source.length bytes; what is written is valid UTF-8 without NUL and
 *	  control characters (bytes that are not become '?')
 * cut_r  a tag had more attributes than HTML_ATTRIBUTES_MAX; the rest is gone
 *
 * Scripts and what stands inside of frames are left out, the tags stay.
 * Returns the length of what was written.
 */
size_t html_source_repair(struct span source, char *to, bool *cut_r);

#endif
