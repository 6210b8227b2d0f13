/* html-style - CSS that hides text (see html-style.h). */
#include "config.h"

#include "lib/mail/html-style.h"

#include <stdlib.h>
#include <string.h>

#include "lib/mail/html-value.h"

#define FONT_SIZE_DEFAULT  (16 * HTML_PX)    /* of every browser */
#define FONT_SIZE_MAX      (10000 * HTML_PX) /* keeps products in range */
#define FONT_SIZE_HIDDEN   (1 * HTML_PX)
#define OFFSCREEN          (-500 * HTML_PX)
#define COLOR_NEAR         16  /* of 255, in each of red, green and blue */
#define SELECTOR_BYTES_MAX 128 /* longer ones are not looked for */

/* Properties that are read, in the order of their names. */
enum property {
	PROPERTY_BACKGROUND,
	PROPERTY_BACKGROUND_COLOR,
	PROPERTY_BACKGROUND_IMAGE,
	PROPERTY_CLIP,
	PROPERTY_COLOR,
	PROPERTY_DISPLAY,
	PROPERTY_FONT,
	PROPERTY_FONT_SIZE,
	PROPERTY_HEIGHT,
	PROPERTY_LEFT,
	PROPERTY_MARGIN_LEFT,
	PROPERTY_MARGIN_TOP,
	PROPERTY_MAX_HEIGHT,
	PROPERTY_MAX_WIDTH,
	PROPERTY_MSO_HIDE,
	PROPERTY_OPACITY,
	PROPERTY_OVERFLOW,
	PROPERTY_POSITION,
	PROPERTY_TEXT_INDENT,
	PROPERTY_TOP,
	PROPERTY_VISIBILITY,
	PROPERTY_WHITE_SPACE,
	PROPERTY_WIDTH
};

static const char *const property_names[] = {
	"background",
	"background-color",
	"background-image",
	"clip",
	"color",
	"display",
	"font",
	"font-size",
	"height",
	"left",
	"margin-left",
	"margin-top",
	"max-height",
	"max-width",
	"mso-hide",
	"opacity",
	"overflow",
	"position",
	"text-indent",
	"top",
	"visibility",
	"white-space",
	"width",
};

#define PROPERTY_COUNT GP_NELEMS(property_names)

static const char *const hidden_names[HTML_HIDDEN_COUNT] = {
	"display",
	"visibility",
	"font-size",
	"color",
	"opacity",
	"clipped",
	"off-screen",
	"attribute",
	"mso-hide",
};

/* The values that hold for one element, last and strongest wins. */
struct declarations {
	struct span values[PROPERTY_COUNT]; /* data NULL: not given */
	uint32_t important;                 /* 1u << enum property */
};

/* One selector and all that the sheets say for it. */
struct rule {
	struct span selector; /* lower case */
	struct declarations declarations;
};

struct html_sheet {
	struct region *region;
	size_t count;
	struct rule *rules[HTML_RULES_MAX]; /* by selector */
};

const char *
html_hidden_name(enum html_hidden reason)
{
	return hidden_names[reason];
}

struct html_style
html_style_initial(void)
{
	struct html_style style = { 0 };

	style.font_size = FONT_SIZE_DEFAULT;
	style.background = 0xffffff;
	style.background_known = true;
	return style;
}

static bool
colors_are_near(uint32_t a, uint32_t b)
{
	int shift;

	for (shift = 0; shift <= 16; shift += 8)
		if (abs((int)(a >> shift & 0xff) - (int)(b >> shift & 0xff)) >
		    COLOR_NEAR)
			return false;
	return true;
}

bool
html_style_hides(const struct html_style *style, enum html_hidden *reason_r)
{
	unsigned int hidden = style->hidden, reason;

	if (style->font_size <= FONT_SIZE_HIDDEN)
		hidden |= 1u << HTML_HIDDEN_SIZE;
	if (style->color_given && style->background_known &&
	    colors_are_near(style->color, style->background))
		hidden |= 1u << HTML_HIDDEN_COLOR;
	for (reason = 0; reason < HTML_HIDDEN_COUNT; reason++) {
		if ((hidden & 1u << reason) == 0)
			continue;
		*reason_r = (enum html_hidden)reason;
		return true;
	}
	return false;
}

/* ---- values ---- */

static bool
is_zero_length(struct span text)
{
	int64_t length;

	return text.data != NULL &&
	    html_value_length(text, FONT_SIZE_DEFAULT, &length) &&
	    length >= 0 && length <= 1 * HTML_PX;
}

static bool
is_far_off(struct span text)
{
	int64_t length;

	return text.data != NULL &&
	    html_value_length(text, FONT_SIZE_DEFAULT, &length) &&
	    length <= OFFSCREEN;
}

/* ---- declarations ---- */

static bool
property_find(struct span name, enum property *property_r)
{
	size_t i;

	for (i = 0; i < PROPERTY_COUNT; i++) {
		if (ascii_lower(name.data[0]) != property_names[i][0] ||
		    !span_equals_nocase(name, property_names[i]))
			continue;
		*property_r = (enum property)i;
		return true;
	}
	return false;
}

/* Cuts "!important" off the end of a value. */
static bool
cut_important(struct span *value)
{
	size_t i = value->length;

	while (i > 0 && value->data[i - 1] != '!')
		i--;
	if (i == 0 ||
	    !span_equals_nocase(
		span_trim((struct span){ value->data + i, value->length - i }),
		"important"))
		return false;
	value->length = i - 1;
	*value = span_trim(*value);
	return true;
}

/* The length up to the ';' that ends a declaration: not one in "url(...)". */
static size_t
declaration_length(struct span css)
{
	size_t i, depth = 0;

	for (i = 0; i < css.length; i++) {
		char c = css.data[i];

		if (c == ';' && depth == 0)
			break;
		if (c == '(')
			depth = 1;
		else if (c == ')')
			depth = 0;
	}
	return i;
}

static void
declare(struct declarations *declarations, struct span name, struct span value)
{
	enum property property;
	bool important;

	name = span_trim(name);
	value = span_trim(value);
	if (name.length == 0 || !property_find(name, &property))
		return;
	important = cut_important(&value);
	if (!important && (declarations->important & 1u << property) != 0)
		return;
	if (important)
		declarations->important |= 1u << property;
	declarations->values[property] = value;
}

static void
declare_all(struct declarations *declarations, struct span css)
{
	struct span declaration, name;
	size_t length;

	while (css.length > 0) {
		length = declaration_length(css);
		declaration = (struct span){ css.data, length };
		if (span_split(&declaration, ':', &name) &&
		    declaration.data != NULL)
			declare(declarations, name, declaration);
		length += length < css.length;
		css.data += length;
		css.length -= length;
	}
}

/* ---- from values to a style ---- */

static void
apply_font_size(struct html_style *style, struct span value)
{
	int64_t size;

	if (value.data == NULL)
		return;
	if (html_value_length(value, style->font_size, &size))
		style->font_size = size < 0 ? 0 :
		    size > FONT_SIZE_MAX    ? FONT_SIZE_MAX :
					      size;
	else if (value.length > 0 &&
	    ascii_is_alpha((unsigned char)value.data[0]))
		style->font_size = FONT_SIZE_DEFAULT; /* "small", "inherit" */
}

/* The size in "font: bold 12px/1.5 Arial": the first length with a unit. */
static void
apply_font(struct html_style *style, struct span value)
{
	struct span word, size;

	while (html_value_word(&value, &word)) {
		if (!ascii_is_digit((unsigned char)word.data[0]))
			continue;
		if (!span_split(&word, '/', &size))
			return;
		if (word.data == NULL && span_trim(size).length > 1 &&
		    ascii_is_digit((unsigned char)size.data[size.length - 1]))
			continue; /* a weight: "700" */
		apply_font_size(style, size);
		return;
	}
}

static void
apply_color(struct html_style *style, struct span value)
{
	uint32_t color;

	if (value.data == NULL)
		return;
	if (html_color_is_transparent(value)) {
		style->color_given = true;
		style->color = style->background;
	} else if (html_color_parse(value, &color)) {
		style->color_given = true;
		style->color = color;
	} else if (!span_equals_nocase(value, "inherit")) {
		style->color_given = false;
	}
}

/* Words of the shorthand that are no colors. */
static bool
is_background_word(struct span word)
{
	static const char *const words[] = { "none", "repeat", "repeat-x",
		"repeat-y", "no-repeat", "scroll", "fixed", "local", "top",
		"bottom", "left", "right", "center", "cover", "contain", "auto",
		"initial", "inherit", "unset", "/" };
	size_t i;

	if (html_color_is_transparent(word) ||
	    ascii_is_digit((unsigned char)word.data[0]) || word.data[0] == '-')
		return true;
	for (i = 0; i < GP_NELEMS(words); i++)
		if (span_equals_nocase(word, words[i]))
			return true;
	return false;
}

/* What is no color that we know could be any: a picture, a gradient. */
static void
apply_background(struct html_style *style, struct span value)
{
	struct span word;
	uint32_t color;

	while (html_value_word(&value, &word)) {
		if (is_background_word(word))
			continue;
		style->background_known = html_color_parse(word, &color);
		if (!style->background_known)
			return;
		style->background = color;
	}
}

static bool
value_is(const struct declarations *declarations, enum property property,
    const char *text)
{
	struct span value = declarations->values[property];

	return value.data != NULL && span_equals_nocase(value, text);
}

static bool
box_is_clipped(const struct declarations *declarations)
{
	const struct span *values = declarations->values;

	return value_is(declarations, PROPERTY_OVERFLOW, "hidden") &&
	    (is_zero_length(values[PROPERTY_HEIGHT]) ||
		is_zero_length(values[PROPERTY_MAX_HEIGHT]) ||
		is_zero_length(values[PROPERTY_WIDTH]) ||
		is_zero_length(values[PROPERTY_MAX_WIDTH]));
}

static bool
box_is_off_screen(const struct declarations *declarations)
{
	const struct span *values = declarations->values;
	bool positioned =
	    value_is(declarations, PROPERTY_POSITION, "absolute") ||
	    value_is(declarations, PROPERTY_POSITION, "fixed");

	if (is_far_off(values[PROPERTY_TEXT_INDENT]) ||
	    is_far_off(values[PROPERTY_MARGIN_LEFT]) ||
	    is_far_off(values[PROPERTY_MARGIN_TOP]))
		return true;
	return positioned &&
	    (is_far_off(values[PROPERTY_LEFT]) ||
		is_far_off(values[PROPERTY_TOP]) ||
		(values[PROPERTY_CLIP].data != NULL &&
		    span_starts_nocase(values[PROPERTY_CLIP], "rect(0")));
}

static void
apply_visibility(struct html_style *style, const struct declarations *given)
{
	if (given->values[PROPERTY_VISIBILITY].data == NULL)
		return;
	if (value_is(given, PROPERTY_VISIBILITY, "hidden") ||
	    value_is(given, PROPERTY_VISIBILITY, "collapse"))
		style->hidden |= 1u << HTML_HIDDEN_VISIBILITY;
	else if (value_is(given, PROPERTY_VISIBILITY, "visible"))
		style->hidden &= ~(1u << HTML_HIDDEN_VISIBILITY);
}

static void
apply_box(struct html_style *style, const struct declarations *given)
{
	struct span opacity = given->values[PROPERTY_OPACITY];
	int64_t number;

	if (value_is(given, PROPERTY_DISPLAY, "none"))
		style->hidden |= 1u << HTML_HIDDEN_DISPLAY;
	if (value_is(given, PROPERTY_MSO_HIDE, "all"))
		style->hidden |= 1u << HTML_HIDDEN_MSO;
	if (opacity.data != NULL && html_value_number(&opacity, &number) &&
	    number <= HTML_ALPHA_NONE)
		style->hidden |= 1u << HTML_HIDDEN_OPACITY;
	if (box_is_clipped(given))
		style->hidden |= 1u << HTML_HIDDEN_CLIPPED;
	if (box_is_off_screen(given))
		style->hidden |= 1u << HTML_HIDDEN_OFFSCREEN;
	if (given->values[PROPERTY_WHITE_SPACE].data != NULL)
		style->preformatted = span_starts_nocase(
		    given->values[PROPERTY_WHITE_SPACE], "pre");
}

/* The background first: transparent letters have its color. */
static void
apply_all(struct html_style *style, const struct declarations *given)
{
	apply_background(style, given->values[PROPERTY_BACKGROUND]);
	apply_background(style, given->values[PROPERTY_BACKGROUND_COLOR]);
	apply_background(style, given->values[PROPERTY_BACKGROUND_IMAGE]);
	apply_color(style, given->values[PROPERTY_COLOR]);
	apply_font(style, given->values[PROPERTY_FONT]);
	apply_font_size(style, given->values[PROPERTY_FONT_SIZE]);
	apply_visibility(style, given);
	apply_box(style, given);
}

/* ---- rules ---- */

struct html_sheet *
html_sheet_new(struct region *region)
{
	struct html_sheet *sheet = region_alloc(region, sizeof(*sheet));

	if (sheet != NULL)
		sheet->region = region;
	return sheet;
}

static bool
is_name(struct span text)
{
	size_t i;

	for (i = 0; i < text.length; i++) {
		unsigned char c = (unsigned char)text.data[i];

		if (!ascii_is_alnum(c) && c != '-' && c != '_' && c < 0x80)
			return false;
	}
	return text.length > 0;
}

/* "p", ".c", "p.c", "#i", "p#i": what a cascade looks for. */
static bool
selector_is_simple(struct span selector)
{
	struct span element = selector, name;
	size_t i;

	if (selector.length > SELECTOR_BYTES_MAX)
		return false;
	for (i = 0; i < selector.length; i++)
		if (selector.data[i] == '.' || selector.data[i] == '#')
			break;
	element.length = i;
	if (i == selector.length)
		return is_name(element);
	name = (struct span){ selector.data + i + 1, selector.length - i - 1 };
	return is_name(name) && (i == 0 || is_name(element));
}

/* As memcmp; a beginning of the other comes first. */
static int
span_compare(struct span a, struct span b)
{
	size_t length = a.length < b.length ? a.length : b.length;
	int order = memcmp(a.data, b.data, length);

	if (order != 0)
		return order;
	return (a.length > b.length) - (a.length < b.length);
}

/* The place of a selector; true: its rule stands there. */
static bool
rule_find(const struct html_sheet *sheet, struct span selector, size_t *index_r)
{
	size_t low = 0, high = sheet->count, middle;
	int order;

	while (low < high) {
		middle = low + (high - low) / 2;
		order = span_compare(selector, sheet->rules[middle]->selector);
		if (order == 0) {
			*index_r = middle;
			return true;
		}
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	*index_r = low;
	return false;
}

static void
declarations_merge(struct declarations *to, const struct declarations *from)
{
	uint32_t bit;
	size_t i;

	for (i = 0; i < PROPERTY_COUNT; i++) {
		bit = (uint32_t)1 << i;
		if (from->values[i].data == NULL ||
		    ((to->important & bit) != 0 &&
			(from->important & bit) == 0))
			continue;
		to->values[i] = from->values[i];
		to->important |= from->important & bit;
	}
}

static enum status
add_rule(struct html_sheet *sheet, struct span selector,
    const struct declarations *declarations)
{
	struct rule *rule;
	size_t i;

	if (rule_find(sheet, selector, &i)) {
		declarations_merge(
		    &sheet->rules[i]->declarations, declarations);
		return STATUS_OK;
	}
	if (sheet->count == HTML_RULES_MAX)
		return STATUS_LIMIT;
	if ((rule = region_alloc(sheet->region, sizeof(*rule))) == NULL)
		return STATUS_NOMEM;
	rule->selector = selector;
	rule->declarations = *declarations;
	memmove(&sheet->rules[i + 1], &sheet->rules[i],
	    (sheet->count - i) * sizeof(rule));
	sheet->rules[i] = rule;
	sheet->count++;
	return STATUS_OK;
}

static bool
declares_anything(const struct declarations *declarations)
{
	size_t i;

	for (i = 0; i < PROPERTY_COUNT; i++)
		if (declarations->values[i].data != NULL)
			return true;
	return false;
}

static enum status
add_rules(struct html_sheet *sheet, struct span selectors, struct span body)
{
	struct declarations declarations = { 0 };
	struct span selector;
	enum status status;

	declare_all(&declarations, body);
	if (!declares_anything(&declarations))
		return STATUS_OK;
	while (span_split(&selectors, ',', &selector)) {
		selector = span_trim(selector);
		if (!selector_is_simple(selector))
			continue;
		status = add_rule(sheet, selector, &declarations);
		if (status != STATUS_OK)
			return status;
	}
	return STATUS_OK;
}

/* Comments become blanks: nothing behind has to know of them. */
static void
blank_comments(char *css, size_t length)
{
	size_t i, end;

	for (i = 0; i + 1 < length; i = end) {
		end = i + 1;
		if (css[i] != '/' || css[i + 1] != '*')
			continue;
		for (end = i + 2; end + 1 < length; end++)
			if (css[end] == '*' && css[end + 1] == '/')
				break;
		end = end + 1 < length ? end + 2 : length;
		memset(css + i, ' ', end - i);
	}
}

/* Rules for every screen: "@media all", "@media screen"; no sizes asked. */
static bool
at_rule_holds(struct span prelude)
{
	struct span word;

	if (!html_value_word(&prelude, &word) ||
	    !span_equals_nocase(word, "@media"))
		return false;
	prelude = span_trim(prelude);
	return span_equals_nocase(prelude, "all") ||
	    span_equals_nocase(prelude, "screen") ||
	    span_equals_nocase(prelude, "only screen");
}

/* Cuts up to the brace that closes the open one, which is cut already. */
static struct span
cut_block(struct span *rest)
{
	struct span block = *rest;
	size_t i, depth = 1;

	for (i = 0; i < rest->length; i++) {
		if (rest->data[i] == '{')
			depth++;
		else if (rest->data[i] == '}' && --depth == 0)
			break;
	}
	block.length = i;
	i += i < rest->length;
	rest->data += i;
	rest->length -= i;
	return block;
}

/* A statement like "@import url;" in front of a prelude is no part of it. */
static struct span
without_statements(struct span prelude)
{
	size_t i = prelude.length;

	while (
	    i > 0 && prelude.data[i - 1] != ';' && prelude.data[i - 1] != '}')
		i--;
	prelude.data += i;
	prelude.length -= i;
	return span_trim(prelude);
}

enum status
html_sheet_add(struct html_sheet *sheet, struct span css)
{
	char *copy = region_memdup(sheet->region, css.data, css.length);
	struct span rest = { copy, css.length }, prelude, block;
	enum status status = STATUS_OK;

	if (copy == NULL)
		return STATUS_NOMEM;
	ascii_lower_all(copy, css.length);
	blank_comments(copy, css.length);
	while (status == STATUS_OK && span_split(&rest, '{', &prelude) &&
	    rest.data != NULL) {
		prelude = without_statements(prelude);
		if (prelude.length > 0 && prelude.data[0] == '@') {
			if (!at_rule_holds(prelude))
				cut_block(&rest);
			continue;
		}
		block = cut_block(&rest);
		status = add_rules(sheet, prelude, block);
	}
	return status;
}

/* What the sheet says for element + mark + name, each may be empty. */
static void
declare_rule(struct declarations *given, const struct html_sheet *sheet,
    struct span element, char mark, struct span name)
{
	char text[SELECTOR_BYTES_MAX];
	struct span selector = { text, element.length };
	size_t i;

	if (element.length + 1 + name.length > sizeof(text))
		return;
	memcpy(text, element.data, element.length);
	if (name.length > 0) {
		text[selector.length++] = mark;
		memcpy(text + selector.length, name.data, name.length);
		selector.length += name.length;
	}
	ascii_lower_all(text, selector.length);
	if (rule_find(sheet, selector, &i))
		declarations_merge(given, &sheet->rules[i]->declarations);
}

static void
declare_rules(struct declarations *given, const struct html_sheet *sheet,
    const struct html_styled *styled)
{
	const struct span none = { "", 0 };
	struct span rest = styled->classes, name;
	size_t i;

	declare_rule(given, sheet, styled->element, '\0', none);
	for (i = 0; i < HTML_CLASSES_MAX && html_value_word(&rest, &name);
	     i++) {
		declare_rule(given, sheet, none, '.', name);
		declare_rule(given, sheet, styled->element, '.', name);
	}
	if (styled->id.length == 0)
		return;
	declare_rule(given, sheet, none, '#', styled->id);
	declare_rule(given, sheet, styled->element, '#', styled->id);
}

void
html_style_cascade(struct html_style *style, const struct html_sheet *sheet,
    const struct html_styled *styled)
{
	struct declarations given = { 0 };

	if (sheet->count == 0 && styled->style.length == 0)
		return;
	if (sheet->count > 0)
		declare_rules(&given, sheet, styled);
	declare_all(&given, styled->style);
	apply_all(style, &given);
}
