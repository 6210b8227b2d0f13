/* html-value - values of CSS (see html-value.h). */
#include "config.h"

#include "lib/mail/html-value.h"

#define NUMBER_MAX 1000000 /* of a length, before hundredths */

static const struct {
	const char *name;
	uint32_t color;
} color_names[] = {
	{ "aqua", 0x00ffff },
	{ "black", 0x000000 },
	{ "blue", 0x0000ff },
	{ "cyan", 0x00ffff },
	{ "darkgray", 0xa9a9a9 },
	{ "fuchsia", 0xff00ff },
	{ "ghostwhite", 0xf8f8ff },
	{ "gray", 0x808080 },
	{ "green", 0x008000 },
	{ "grey", 0x808080 },
	{ "ivory", 0xfffff0 },
	{ "lightgray", 0xd3d3d3 },
	{ "lightgrey", 0xd3d3d3 },
	{ "lime", 0x00ff00 },
	{ "magenta", 0xff00ff },
	{ "maroon", 0x800000 },
	{ "navy", 0x000080 },
	{ "olive", 0x808000 },
	{ "orange", 0xffa500 },
	{ "purple", 0x800080 },
	{ "red", 0xff0000 },
	{ "silver", 0xc0c0c0 },
	{ "snow", 0xfffafa },
	{ "teal", 0x008080 },
	{ "white", 0xffffff },
	{ "whitesmoke", 0xf5f5f5 },
	{ "yellow", 0xffff00 },
};

/* Cuts the next word off; a pair of parentheses keeps what is inside. */
bool
html_value_word(struct span *rest, struct span *word_r)
{
	size_t i, depth = 0;

	*rest = span_trim(*rest);
	if (rest->length == 0)
		return false;
	for (i = 0; i < rest->length; i++) {
		char c = rest->data[i];

		if (c == '(')
			depth++;
		else if (c == ')' && depth > 0)
			depth--;
		else if (depth == 0 && ascii_is_space((unsigned char)c))
			break;
	}
	word_r->data = rest->data;
	word_r->length = i;
	rest->data += i;
	rest->length -= i;
	return true;
}

/*
 * A number with its sign and fraction off the front of text, in hundredths;
 * false if there is none.
 */
bool
html_value_number(struct span *text, int64_t *hundredths_r)
{
	struct span rest = *text;
	int64_t number = 0, scale = 0;
	bool negative, digits = false;

	negative = rest.length > 0 && rest.data[0] == '-';
	if (rest.length > 0 && (negative || rest.data[0] == '+'))
		rest.data++, rest.length--;
	for (; rest.length > 0; rest.data++, rest.length--) {
		char c = rest.data[0];

		if (c == '.' && scale == 0) {
			scale = 10;
		} else if (!ascii_is_digit((unsigned char)c)) {
			break;
		} else if (scale == 0) {
			digits = true;
			if (number < NUMBER_MAX * 100)
				number = number * 10 + (c - '0') * 100;
		} else {
			digits = true;
			number += (c - '0') * 100 / scale;
			scale = scale < 1000 ? scale * 10 : scale;
		}
	}
	*hundredths_r = negative ? -number : number;
	*text = rest;
	return digits;
}

/*
 * A length in hundredths of a pixel; a percentage is of base, which also is
 * the size of an em.
 */
bool
html_value_length(struct span text, int64_t base, int64_t *length_r)
{
	static const struct {
		const char *name;
		int64_t percent; /* of a pixel; 0: of base */
	} units[] = {
		{ "", 100 },
		{ "px", 100 },
		{ "pt", 133 },
		{ "in", 9600 },
		{ "cm", 3780 },
		{ "mm", 378 },
		{ "pc", 1600 },
		{ "rem", 1600 },
		{ "vw", 600 },
		{ "em", 0 },
	};

	int64_t number;
	size_t i;

	if (!html_value_number(&text, &number))
		return false;
	if (span_equals(text, "%")) {
		*length_r = number * base / (100 * 100);
		return true;
	}
	for (i = 0; i < GP_NELEMS(units); i++) {
		if (!span_equals_nocase(text, units[i].name))
			continue;
		*length_r = units[i].percent == 0 ?
		    number * base / HTML_PX :
		    number * units[i].percent / 100;
		return true;
	}
	return false;
}

/* "fff" or "ffffff", more (an alpha value) is not looked at. */
static bool
read_hex_color(struct span text, uint32_t *color_r)
{
	uint32_t color = 0;
	bool is_short = text.length == 3 || text.length == 4;
	size_t i, digits = is_short ? 3 : 6;

	if (!is_short && text.length != 6 && text.length != 8)
		return false;
	for (i = 0; i < digits; i++) {
		int digit = ascii_hex_value(text.data[i]);

		if (digit < 0)
			return false;
		color = color << 4 | (uint32_t)digit;
		if (is_short)
			color = color << 4 | (uint32_t)digit;
	}
	*color_r = color;
	return true;
}

/* "1, 2, 3" or "1 2 3", percentages too; more is not looked at. */
static bool
read_rgb_color(struct span text, uint32_t *color_r)
{
	uint32_t color = 0;
	int64_t number;
	int i;

	for (i = 0; i < 3; i++) {
		while (text.length > 0 &&
		    (text.data[0] == ',' ||
			ascii_is_space((unsigned char)text.data[0])))
			text.data++, text.length--;
		if (!html_value_number(&text, &number))
			return false;
		if (text.length > 0 && text.data[0] == '%') {
			number = number * 255 / 100;
			text.data++, text.length--;
		}
		number /= 100;
		number = number < 0 ? 0 : number > 255 ? 255 : number;
		color = color << 8 | (uint32_t)number;
	}
	*color_r = color;
	return true;
}

bool
html_color_parse(struct span text, uint32_t *color_r)
{
	struct span rest;
	size_t i;

	text = span_trim(text);
	if (text.length > 0 && text.data[0] == '#') {
		rest.data = text.data + 1;
		rest.length = text.length - 1;
		return read_hex_color(rest, color_r);
	}
	if (span_starts_nocase(text, "rgb")) {
		rest = text;
		if (!span_split(&text, '(', &rest) || text.data == NULL)
			return false;
		return read_rgb_color(text, color_r);
	}
	for (i = 0; i < GP_NELEMS(color_names); i++) {
		if (!span_equals_nocase(text, color_names[i].name))
			continue;
		*color_r = color_names[i].color;
		return true;
	}
	return text.length == 6 && read_hex_color(text, color_r);
}

/* "transparent", or a fourth value of zero: rgba(0, 0, 0, 0). */
bool
html_color_is_transparent(struct span text)
{
	struct span piece = { NULL, 0 };
	int64_t alpha;
	int commas = 0;

	if (span_equals_nocase(text, "transparent"))
		return true;
	if (!span_starts_nocase(text, "rgba("))
		return false;
	while (span_split(&text, ',', &piece))
		commas++;
	piece = span_trim(piece);
	return commas == 4 && html_value_number(&piece, &alpha) &&
	    alpha <= HTML_ALPHA_NONE;
}
