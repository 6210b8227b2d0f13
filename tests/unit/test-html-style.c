/* CSS: colors, lengths, what hides, which rule wins. */
#include "config.h"

#include "lib/mail/html-style.h"

#include <string.h>

#include "lib/mail/html-value.h"
#include "tests/unit/unit.h"

#define SEEN "seen"

static const struct {
	const char *css;    /* a style attribute */
	const char *hidden; /* html_hidden_name(), or SEEN */
} hiding[] = {
	{ "", SEEN },
	{ "display:none", "display" },
	{ "DISPLAY : NONE ;", "display" },
	{ "display:none!important", "display" },
	{ "display: none ! important; display:block", "display" },
	{ "display:none;display:block", SEEN },
	{ "display:inline", SEEN },
	{ "display", SEEN },
	{ "display:", SEEN },
	{ ":none", SEEN },
	{ "xdisplay:none", SEEN },
	{ "background:url(a;display:none);color:red", SEEN },
	{ "visibility:hidden", "visibility" },
	{ "visibility: collapse", "visibility" },
	{ "visibility:visible", SEEN },
	{ "font-size:0", "font-size" },
	{ "font-size:0px", "font-size" },
	{ "font-size:1px;line-height:1px", "font-size" },
	{ "font-size:.5pt", "font-size" },
	{ "font-size:0.9px", "font-size" },
	{ "font-size:1%", "font-size" },
	{ "font-size:0.01em", "font-size" },
	{ "font-size:1.1px", SEEN },
	{ "font-size:10px", SEEN },
	{ "font-size:1em", SEEN },
	{ "font-size:small", SEEN },
	{ "font-size:-5px", "font-size" },
	{ "font-size:99999999999999999999px", SEEN },
	{ "font-size:1.0000000000000000000000001px", "font-size" },
	{ "font-size:0;font-size:12px", SEEN },
	{ "font:0/0 a", "font-size" },
	{ "font: bold 0px Arial", "font-size" },
	{ "font:bold 12px/0 Arial", SEEN },
	{ "font:700 12px Arial", SEEN },
	{ "font:700 1px Arial", "font-size" },
	{ "color:#fff", "color" },
	{ "color:#FFFFFF", "color" },
	{ "color:white", "color" },
	{ "color: rgb(255, 255 , 255)", "color" },
	{ "color:rgb(100% 100% 100%)", "color" },
	{ "color:rgba(0,0,0,0)", "color" },
	{ "color:rgba(0,0,0,.5)", SEEN },
	{ "color:transparent", "color" },
	{ "color:#fefefe", "color" },
	{ "color:#f0f0f0", "color" },
	{ "color:#eeeeee", SEEN },
	{ "color:black", SEEN },
	{ "color:nonsense", SEEN },
	{ "color:#ff", SEEN },
	{ "color:#gggggg", SEEN },
	{ "color:white;background:black", SEEN },
	{ "color:white;background-color:#000", SEEN },
	{ "color:#111;background-color:#000", SEEN },
	{ "color:#010101;background-color:#000", "color" },
	{ "color:white;background:url(x.png)", SEEN },
	{ "color:white;background:#fff url(x.png) no-repeat", SEEN },
	{ "color:white;background-image:linear-gradient(red, blue)", SEEN },
	{ "color:white;background:papayawhip", SEEN },
	{ "color:white;background:none no-repeat 0 0", "color" },
	{ "color:white;background:transparent", "color" },
	{ "color:white;background:rgba(0,0,0,0)", "color" },
	{ "color:red;background:red", "color" },
	{ "background:white", SEEN },
	{ "opacity:0", "opacity" },
	{ "opacity:0.01", "opacity" },
	{ "opacity:1", SEEN },
	{ "opacity:.9", SEEN },
	{ "max-height:0;overflow:hidden", "clipped" },
	{ "height:0px;width:0px;overflow:hidden", "clipped" },
	{ "max-width:1px;overflow:hidden", "clipped" },
	{ "max-height:0", SEEN },
	{ "overflow:hidden", SEEN },
	{ "overflow:hidden;height:100px", SEEN },
	{ "text-indent:-9999px", "off-screen" },
	{ "text-indent:-99em", "off-screen" },
	{ "position:absolute;left:-5000px", "off-screen" },
	{ "position:absolute;top:-500px", "off-screen" },
	{ "left:-5000px", SEEN },
	{ "margin-left:-9999px", "off-screen" },
	{ "margin-top:-10px", SEEN },
	{ "position:absolute;clip:rect(0 0 0 0)", "off-screen" },
	{ "mso-hide:all", "mso-hide" },
	{ "mso-hide:all;display:none", "display" },
	{ "mso-hide:none", SEEN },
};

static const char *
hidden_name(const struct html_style *style)
{
	enum html_hidden reason;

	return html_style_hides(style, &reason) ? html_hidden_name(reason) :
						  SEEN;
}

static struct html_style
style_of(const struct html_sheet *sheet, struct html_styled styled)
{
	struct html_style style = html_style_initial();

	html_style_cascade(&style, sheet, &styled);
	return style;
}

static void
test_hiding(void **state GP_UNUSED)
{
	struct region *region = region_new();
	struct html_sheet *sheet = html_sheet_new(region);
	struct html_styled styled = { span_of("p"), span_of(""), span_of(""),
		{ NULL, 0 } };
	size_t i;

	for (i = 0; i < GP_NELEMS(hiding); i++) {
		struct html_style style;

		styled.style = span_of(hiding[i].css);
		style = style_of(sheet, styled);
		if (strcmp(hidden_name(&style), hiding[i].hidden) != 0)
			fail_msg(
			    "case %s: %s", hiding[i].css, hidden_name(&style));
	}
	region_free(&region);
}

static const struct {
	const char *css; /* of a style element */
	const char *element, *classes, *id, *style;
	const char *hidden;
} rules[] = {
	{ ".h{display:none}", "p", "h", "", "", "display" },
	{ ".H{display:none}", "p", " a\th b", "", "", "display" },
	{ ".h{display:none}", "p", "hh", "", "", SEEN },
	{ ".h{display:none}", "h", "", "h", "", SEEN },
	{ "p{display:none}", "p", "", "", "", "display" },
	{ "P{display:none}", "p", "", "", "", "display" },
	{ "p{display:none}", "div", "p", "p", "", SEEN },
	{ "p.h{display:none}", "p", "h", "", "", "display" },
	{ "p.h{display:none}", "div", "h", "", "", SEEN },
	{ "#i{display:none}", "p", "", "i", "", "display" },
	{ "p#i{display:none}", "p", "", "i", "", "display" },
	{ "a, .h , b{display:none}", "p", "h", "", "", "display" },
	{ "a,,.h{display:none}", "p", "h", "", "", "display" },
	{ "a b{display:none} .x>p{display:none}", "p", "x", "", "", SEEN },
	{ ".h:hover{display:none} p[a]{display:none}", "p", "h", "", "", SEEN },
	{ ".a.b{display:none}", "p", "a b", "", "", SEEN },
	{ "*{display:none}", "p", "", "", "", SEEN },
	/* order and strength */
	{ "p{display:none} .v{display:block}", "p", "v", "", "", SEEN },
	{ ".v{display:block} p{display:none}", "p", "v", "", "", SEEN },
	{ ".h{display:none}", "p", "h", "", "display:block", SEEN },
	{ ".h{display:none!important}", "p", "h", "", "display:block",
	    "display" },
	{ ".h{display:none!important}", "p", "h", "", "display:block!important",
	    SEEN },
	{ ".h{display:none} .h{display:block}", "p", "h", "", "", SEEN },
	{ ".h{display:none!important} .h{display:block}", "p", "h", "", "",
	    "display" },
	{ ".h{height:0} .o{overflow:hidden}", "p", "h o", "", "", "clipped" },
	/* at-rules, comments, faults */
	{ "/* x{ */ .h{display:none} /*", "p", "h", "", "", "display" },
	{ ".h{/*}*/display:none}", "p", "h", "", "", "display" },
	{ "@import url(x); .h{display:none}", "p", "h", "", "", "display" },
	{ "@media print{.h{display:none}}", "p", "h", "", "", SEEN },
	{ "@media print{.a{} .h{display:none}} .h{color:red}", "p", "h", "", "",
	    SEEN },
	{ "@media (max-width:9px){.v{display:none}} .h{display:none}", "p",
	    "h v", "", "", "display" },
	{ "@media screen{.a{color:red}.h{display:none}} b{}", "p", "h", "", "",
	    "display" },
	{ "@font-face{src:x} .h{display:none}", "p", "h", "", "", "display" },
	{ ".h{display:none", "p", "h", "", "", "display" },
	{ "}.h{display:none}", "p", "h", "", "", "display" },
	{ ".h", "p", "h", "", "", SEEN },
	{ "{display:none}", "p", "h", "", "", SEEN },
	{ "{{{{{{", "p", "h", "", "", SEEN },
	{ "", "p", "h", "", "", SEEN },
};

static void
test_rules(void **state GP_UNUSED)
{
	size_t i;

	for (i = 0; i < GP_NELEMS(rules); i++) {
		struct region *region = region_new();
		struct html_sheet *sheet = html_sheet_new(region);
		struct html_styled styled = { span_of(rules[i].element),
			span_of(rules[i].classes), span_of(rules[i].id),
			span_of(rules[i].style) };
		struct html_style style;

		assert_int_equal(
		    html_sheet_add(sheet, span_of(rules[i].css)), STATUS_OK);
		style = style_of(sheet, styled);
		if (strcmp(hidden_name(&style), rules[i].hidden) != 0)
			fail_msg(
			    "case %s: %s", rules[i].css, hidden_name(&style));
		region_free(&region);
	}
}

static void
test_rule_limit(void **state GP_UNUSED)
{
	struct region *region = region_new();
	struct html_sheet *sheet = html_sheet_new(region);
	struct html_styled styled = { span_of("p"), span_of("last"),
		span_of(""), span_of("") };
	struct html_style style;
	const char *css;
	size_t i;

	assert_int_equal(
	    html_sheet_add(sheet, span_of(".last{display:none}")), STATUS_OK);
	for (i = 1; i < HTML_RULES_MAX; i++) {
		css = region_printf(region, ".c%zu{display:none}", i);
		assert_int_equal(
		    html_sheet_add(sheet, span_of(css)), STATUS_OK);
	}
	assert_int_equal(
	    html_sheet_add(sheet, span_of(".x{display:none}")), STATUS_LIMIT);
	assert_int_equal(
	    html_sheet_add(sheet, span_of(".c5{color:red}")), STATUS_OK);
	style = style_of(sheet, styled);
	assert_string_equal(hidden_name(&style), "display");
	styled.classes = span_of("x");
	style = style_of(sheet, styled);
	assert_string_equal(hidden_name(&style), SEEN);
	region_free(&region);
}

/* What an element hands on, and what its children may undo. */
static void
test_inheritance(void **state GP_UNUSED)
{
	static const struct {
		const char *parent, *child, *hidden;
	} cases[] = {
		{ "display:none", "display:block", "display" },
		{ "visibility:hidden", "visibility:visible", SEEN },
		{ "visibility:hidden", "", "visibility" },
		{ "font-size:0", "font-size:14px", SEEN },
		{ "font-size:0", "font-size:2em", "font-size" },
		{ "font-size:0", "", "font-size" },
		{ "font-size:2px", "font-size:50%", "font-size" },
		{ "background:#000", "color:#000", "color" },
		{ "background:#000;color:#000", "color:#fff", SEEN },
		{ "background:#000;color:#000", "background:#fff", SEEN },
		{ "background:url(x)", "color:#fff", SEEN },
		{ "background:url(x)", "color:#fff;background:#fff", "color" },
		{ "opacity:0", "opacity:1", "opacity" },
		{ "max-height:0", "overflow:hidden", SEEN },
	};
	struct region *region = region_new();
	struct html_sheet *sheet = html_sheet_new(region);
	struct html_styled styled = { span_of("p"), span_of(""), span_of(""),
		{ NULL, 0 } };
	size_t i;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		struct html_style style;

		styled.style = span_of(cases[i].parent);
		style = style_of(sheet, styled);
		styled.style = span_of(cases[i].child);
		html_style_cascade(&style, sheet, &styled);
		if (strcmp(hidden_name(&style), cases[i].hidden) != 0)
			fail_msg("case %s, %s: %s", cases[i].parent,
			    cases[i].child, hidden_name(&style));
	}
	region_free(&region);
}

static void
test_colors(void **state GP_UNUSED)
{
	static const struct {
		const char *text;
		bool valid;
		uint32_t color;
	} cases[] = {
		{ "#123", true, 0x112233 },
		{ "#1234", true, 0x112233 },
		{ " #A1b2C3 ", true, 0xa1b2c3 },
		{ "#a1b2c3ff", true, 0xa1b2c3 },
		{ "a1b2c3", true, 0xa1b2c3 },
		{ "123", false, 0 },
		{ "#12345", false, 0 },
		{ "#", false, 0 },
		{ "", false, 0 },
		{ "Red", true, 0xff0000 },
		{ "reddish", false, 0 },
		{ "rgb(1,2,3)", true, 0x010203 },
		{ "RGB( 300 , -2, 3.9 )", true, 0xff0003 },
		{ "rgb(50%,0%,100%)", true, 0x7f00ff },
		{ "rgb(1,2)", false, 0 },
		{ "rgb", false, 0 },
		{ "rgb(", false, 0 },
	};

	uint32_t color;
	size_t i;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		bool valid = html_color_parse(span_of(cases[i].text), &color);

		if (valid != cases[i].valid ||
		    (valid && color != cases[i].color))
			fail_msg("case %s: %06x", cases[i].text, color);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hiding),
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_rule_limit),
		cmocka_unit_test(test_inheritance),
		cmocka_unit_test(test_colors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
