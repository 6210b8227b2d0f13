/* html-value - words, lengths and colors of CSS and of old attributes. */
#ifndef GATEPOST_MAIL_HTML_VALUE_H
#define GATEPOST_MAIL_HTML_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/str.h"

#define HTML_PX         100 /* lengths are in hundredths of a pixel */
#define HTML_ALPHA_NONE 5   /* hundredths, of an opacity that shows nothing */

/*
 * html_value_word - cuts the next word off; a pair of parentheses keeps what is
 * inside.  Returns false at the end.
 */
bool html_value_word(struct span *rest, struct span *word_r);

/*
 * html_value_number - cuts a number with sign and fraction off the front, in
 * hundredths; very large ones stay large.  Returns false if there is none.
 */
bool html_value_number(struct span *text, int64_t *hundredths_r);

/*
 * html_value_length - a length; a percentage is of base, which also is the size
 * of an em.  Returns false if it is none.
 */
bool html_value_length(struct span text, int64_t base, int64_t *length_r);

/*
 * html_color_parse - "#fff", "#ffffff", "ffffff", "rgb(1,2,3)", or a name of
 * the basic set; letters fold.  Returns false for anything else.
 */
bool html_color_parse(struct span text, uint32_t *color_r);

/* html_color_is_transparent - the word, or rgba() with a last value of 0 */
bool html_color_is_transparent(struct span text);

#endif
