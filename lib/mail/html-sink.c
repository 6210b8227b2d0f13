/* html-sink - text as a reader sees it (see html-sink.h). */
#include "config.h"

#include "lib/mail/html-sink.h"

#include <stdint.h>

static void
sink_flush(struct html_sink *sink)
{
	if (strbuf_length(sink->text) == 0)
		sink->space = false, sink->lines = 0;
	if (sink->lines > 0)
		strbuf_add(sink->text, "\n\n", sink->lines);
	else if (sink->space)
		strbuf_add_char(sink->text, ' ');
	if (sink->lines > 0 || sink->space)
		sink->last = ' ';
	sink->lines = 0;
	sink->space = false;
}

void
html_sink_break(struct html_sink *sink, enum html_break between)
{
	size_t lines = between == HTML_BREAK_PARAGRAPH ? 2 :
	    between == HTML_BREAK_LINE                 ? 1 :
							 0;

	if (lines > sink->lines)
		sink->lines = lines;
	sink->space = true;
}

static void
sink_add(struct html_sink *sink, const char *data, size_t length)
{
	sink_flush(sink);
	if (sink->split && ascii_is_alpha((unsigned char)sink->last) &&
	    ascii_is_alpha((unsigned char)data[0]))
		sink->zero_width_in_words++;
	strbuf_add(sink->text, data, length);
	sink->last = data[length - 1];
	sink->split = false;
}

/* What a character that is no ASCII letter does to the text. */
enum width {
	WIDTH_SOME,
	WIDTH_SPACE,
	WIDTH_NONE
};

static enum width
width_of(uint32_t code)
{
	static const struct {
		uint32_t first, last;
		enum width width;
	} ranges[] = {
		{ 0x00a0, 0x00a0, WIDTH_SPACE },
		{ 0x00ad, 0x00ad, WIDTH_NONE }, /* soft hyphen */
		{ 0x034f, 0x034f, WIDTH_NONE }, /* grapheme joiner */
		{ 0x061c, 0x061c, WIDTH_NONE },
		{ 0x115f, 0x1160, WIDTH_NONE }, /* hangul fillers */
		{ 0x1680, 0x1680, WIDTH_SPACE }, { 0x17b4, 0x17b5, WIDTH_NONE },
		{ 0x180b, 0x180e, WIDTH_NONE }, { 0x2000, 0x200a, WIDTH_SPACE },
		{ 0x200b, 0x200f, WIDTH_NONE }, { 0x2028, 0x2029, WIDTH_SPACE },
		{ 0x202a, 0x202e, WIDTH_NONE }, /* direction */
		{ 0x202f, 0x202f, WIDTH_SPACE },
		{ 0x205f, 0x205f, WIDTH_SPACE }, { 0x2060, 0x206f, WIDTH_NONE },
		{ 0x2800, 0x2800, WIDTH_SPACE }, /* blank of braille */
		{ 0x3000, 0x3000, WIDTH_SPACE },
		{ 0x3164, 0x3164, WIDTH_SPACE }, /* hangul filler */
		{ 0xfeff, 0xfeff, WIDTH_NONE }, { 0xffa0, 0xffa0, WIDTH_SPACE },
		{ 0xfff9, 0xfffb, WIDTH_NONE },
		{ 0xe0000, 0xe007f, WIDTH_NONE }, /* tags */
	};

	size_t i;

	for (i = 0; i < GP_NELEMS(ranges) && code >= ranges[i].first; i++)
		if (code <= ranges[i].last)
			return ranges[i].width;
	return WIDTH_SOME;
}

/* A run of plain ASCII: what needs no look at each character. */
static size_t
plain_length(const char *data, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++)
		if ((unsigned char)data[i] <= ' ' ||
		    (unsigned char)data[i] >= 0x7f)
			break;
	return i;
}

static void
sink_add_wide(struct html_sink *sink, struct span character, uint32_t code)
{
	switch (width_of(code)) {
	case WIDTH_SOME:
		sink_add(sink, character.data, character.length);
		break;
	case WIDTH_SPACE:
		sink->space = true;
		break;
	case WIDTH_NONE:
		sink->split = true;
		sink->zero_width_count++;
		break;
	}
}

/* A blank or line end of the source; kept where it is preformatted. */
static void
sink_add_space(struct html_sink *sink, char c, bool preformatted)
{
	if (preformatted && c == '\n' && sink->lines < 2)
		sink->lines++;
	sink->space = true;
}

void
html_sink_add_text(struct html_sink *sink, struct span text, bool preformatted)
{
	size_t length;
	uint32_t code;

	while (text.length > 0) {
		unsigned char c = (unsigned char)text.data[0];

		length = plain_length(text.data, text.length);
		if (length > 0) {
			sink_add(sink, text.data, length);
		} else if (c >= 0x80) {
			length = utf8_character(text, &code);
			if (length == 0)
				return;
			sink_add_wide(
			    sink, (struct span){ text.data, length }, code);
		} else {
			length = 1;
			sink_add_space(sink, (char)c, preformatted);
		}
		text.data += length;
		text.length -= length;
	}
}
