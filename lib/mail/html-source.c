/*
 * html-source - HTML source made fit for the parser (see html-source.h).
 *
 * Invariant: what is written is never longer than what was read, so that the
 * output fits and no write needs a check.
 */
#include "config.h"

#include "lib/mail/html-source.h"

#include <stdint.h>
#include <string.h>

struct repair {
	const char *at, *end; /* of the source */
	char *out;
	bool cut;
};

/* What to do with the content of an element that holds no tags. */
enum content {
	CONTENT_MARKUP,
	CONTENT_TEXT,  /* character references, no tags */
	CONTENT_STYLE, /* verbatim */
	CONTENT_NOTHING
};

static const struct {
	const char *element;
	enum content content;
} contents[] = {
	{ "iframe", CONTENT_NOTHING },
	{ "noembed", CONTENT_NOTHING },
	{ "noframes", CONTENT_NOTHING },
	{ "script", CONTENT_NOTHING },
	{ "style", CONTENT_STYLE },
	{ "textarea", CONTENT_TEXT },
	{ "title", CONTENT_TEXT },
	{ "xmp", CONTENT_TEXT },
};

/*
 * Names of characters that came with HTML 5 and stand for what is told apart
 * in URLs and words.  The numeric form is never longer.
 */
static const struct {
	const char *name, *number;
} references[] = {
	{ "&ast;", "&#42;" },
	{ "&bsol;", "&#92;" },
	{ "&colon;", "&#58;" },
	{ "&comma;", "&#44;" },
	{ "&commat;", "&#64;" },
	{ "&dollar;", "&#36;" },
	{ "&equals;", "&#61;" },
	{ "&excl;", "&#33;" },
	{ "&grave;", "&#96;" },
	{ "&hyphen;", "&#45;" },
	{ "&lbrack;", "&#91;" },
	{ "&lowbar;", "&#95;" },
	{ "&lpar;", "&#40;" },
	{ "&lsqb;", "&#91;" },
	{ "&NewLine;", "&#10;" },
	{ "&NoBreak;", "&#8288;" },
	{ "&NonBreakingSpace;", "&#160;" },
	{ "&num;", "&#35;" },
	{ "&percnt;", "&#37;" },
	{ "&period;", "&#46;" },
	{ "&plus;", "&#43;" },
	{ "&quest;", "&#63;" },
	{ "&rbrack;", "&#93;" },
	{ "&rpar;", "&#41;" },
	{ "&rsqb;", "&#93;" },
	{ "&semi;", "&#59;" },
	{ "&sol;", "&#47;" },
	{ "&Tab;", "&#9;" },
	{ "&UnderBar;", "&#95;" },
	{ "&verbar;", "&#124;" },
	{ "&ZeroWidthSpace;", "&#8203;" },
};

/* White space of HTML: form feed too. */
static bool
is_space(char c)
{
	return ascii_is_space((unsigned char)c) || c == '\f';
}

static bool
is_plain(char c)
{
	unsigned char u = (unsigned char)c;

	return u < 0x80 && (ascii_is_print(u) || ascii_is_space(u));
}

static bool
starts(const struct repair *repair, const char *text)
{
	size_t length = strlen(text);

	return (size_t)(repair->end - repair->at) >= length &&
	    memcmp(repair->at, text, length) == 0;
}

/* The length of the UTF-8 character at text that XML allows too, or 0. */
static size_t
character_length(const char *text, const char *end)
{
	uint32_t code;
	size_t length =
	    utf8_character((struct span){ text, (size_t)(end - text) }, &code);

	return code == 0xfffe || code == 0xffff ? 0 : length;
}

static void
put(struct repair *repair, const char *text, size_t length)
{
	memcpy(repair->out, text, length);
	repair->out += length;
}

/* One character; NUL is dropped, as browsers do in text. */
static void
copy_character(struct repair *repair)
{
	char c = *repair->at;
	size_t length = 1;

	if (is_plain(c)) {
		*repair->out++ = c;
	} else if (c == '\f') {
		*repair->out++ = ' ';
	} else if ((unsigned char)c >= 0x80) {
		length = character_length(repair->at, repair->end);
		put(repair, length == 0 ? "?" : repair->at,
		    length == 0 ? 1 : length);
		length = length == 0 ? 1 : length;
	} else if (c != '\0') {
		*repair->out++ = '?';
	}
	repair->at += length;
}

static void
copy_reference(struct repair *repair)
{
	char next = repair->end - repair->at > 1 ? repair->at[1] : ' ';
	size_t i;

	for (i = 0; i < GP_NELEMS(references); i++) {
		if (references[i].name[1] != next ||
		    !starts(repair, references[i].name))
			continue;
		put(repair, references[i].number, strlen(references[i].number));
		repair->at += strlen(references[i].name);
		return;
	}
	*repair->out++ = *repair->at++;
}

/* Printable ASCII that means nothing, up to stop; most of any message. */
static void
copy_run(struct repair *repair, char stop)
{
	const char *begin = repair->at;
	char c;

	for (; repair->at < repair->end; repair->at++) {
		c = *repair->at;
		if (!ascii_is_print((unsigned char)c) || c == '<' || c == '&' ||
		    c == stop)
			break;
	}
	put(repair, begin, (size_t)(repair->at - begin));
}

/* One character or reference. */
static void
copy_text(struct repair *repair)
{
	if (*repair->at == '&')
		copy_reference(repair);
	else
		copy_character(repair);
}

/* To the end of the source when there is no end of a comment. */
static void
skip_comment(struct repair *repair)
{
	repair->at += strlen("<!--");
	if (starts(repair, ">") || starts(repair, "->")) {
		repair->at += *repair->at == '>' ? 1 : 2;
		return;
	}
	while (repair->at < repair->end) {
		size_t length = starts(repair, "-->") ? 3 :
		    starts(repair, "--!>")            ? 4 :
							0;

		repair->at += length == 0 ? 1 : length;
		if (length != 0)
			return;
	}
}

static void
skip_to_bracket(struct repair *repair)
{
	const char *bracket =
	    memchr(repair->at, '>', (size_t)(repair->end - repair->at));

	repair->at = bracket == NULL ? repair->end : bracket + 1;
}

static bool
ends_name(char c)
{
	return is_space(c) || c == '/' || c == '>';
}

/* Blanks and slashes in front of an attribute; a blank is written for them. */
static void
copy_separators(struct repair *repair)
{
	const char *begin = repair->at;

	while (repair->at < repair->end &&
	    (is_space(*repair->at) || *repair->at == '/'))
		repair->at++;
	if (repair->at > begin)
		*repair->out++ = ' ';
}

static void
skip_spaces(struct repair *repair)
{
	while (repair->at < repair->end && is_space(*repair->at))
		repair->at++;
}

/* Letters and digits stay; what no known attribute has becomes '_'. */
static void
copy_attribute_name(struct repair *repair)
{
	bool first = true;
	char c;

	for (; repair->at < repair->end; repair->at++, first = false) {
		c = *repair->at;
		if (ends_name(c) || (c == '=' && !first))
			return;
		if (first ? !ascii_is_alpha((unsigned char)c) :
			    (!ascii_is_alnum((unsigned char)c) && c != '-' &&
				c != ':' && c != '.'))
			c = '_';
		*repair->out++ = c;
	}
}

static void
copy_attribute_value(struct repair *repair)
{
	char quote = *repair->at;

	if (quote != '"' && quote != '\'') {
		while (repair->at < repair->end && !is_space(*repair->at) &&
		    *repair->at != '>')
			copy_text(repair);
		return;
	}
	*repair->out++ = *repair->at++;
	copy_run(repair, quote);
	while (repair->at < repair->end && *repair->at != quote) {
		copy_text(repair);
		copy_run(repair, quote);
	}
	if (repair->at < repair->end)
		*repair->out++ = *repair->at++;
}

static void
copy_attribute(struct repair *repair)
{
	copy_attribute_name(repair);
	skip_spaces(repair);
	if (repair->at == repair->end || *repair->at != '=') {
		/* A name behind blanks: they were skipped, one is written. */
		if (repair->at < repair->end && is_space(repair->at[-1]))
			*repair->out++ = ' ';
		return;
	}
	*repair->out++ = *repair->at++;
	skip_spaces(repair);
	if (repair->at < repair->end && *repair->at != '>')
		copy_attribute_value(repair);
}

/* All behind the name; false: the source ends inside of the tag. */
static bool
copy_attributes(struct repair *repair)
{
	size_t count = 0;
	char *out;

	for (;;) {
		copy_separators(repair);
		if (repair->at == repair->end)
			return false;
		if (*repair->at == '>')
			break;
		out = repair->out;
		copy_attribute(repair);
		if (count++ >= HTML_ATTRIBUTES_MAX) {
			repair->out = out;
			repair->cut = true;
		}
	}
	*repair->out++ = *repair->at++;
	return true;
}

static enum content
content_of(struct span element)
{
	size_t i;

	for (i = 0; i < GP_NELEMS(contents); i++)
		if (span_equals_nocase(element, contents[i].element))
			return contents[i].content;
	return CONTENT_MARKUP;
}

static bool
is_end_tag(const struct repair *repair, struct span element)
{
	struct span rest = { repair->at, (size_t)(repair->end - repair->at) };
	size_t i, length = element.length + 2;

	if (rest.length <= length || rest.data[1] != '/' ||
	    !ends_name(rest.data[length]))
		return false;
	for (i = 0; i < element.length; i++)
		if (ascii_lower(rest.data[i + 2]) !=
		    ascii_lower(element.data[i]))
			return false;
	return true;
}

/* No '<' is left in what is copied, nor the comment marks around rules. */
static void
copy_content(struct repair *repair, struct span element, enum content content)
{
	char *out = repair->out;

	while (repair->at < repair->end) {
		if (*repair->at == '<' && is_end_tag(repair, element))
			break;
		if (content == CONTENT_STYLE && starts(repair, "<!--"))
			repair->at += strlen("<!--");
		else if (content == CONTENT_STYLE && starts(repair, "-->"))
			repair->at += strlen("-->");
		else if (*repair->at == '<')
			*repair->out++ = ' ', repair->at++;
		else if (content == CONTENT_TEXT)
			copy_text(repair);
		else
			copy_character(repair);
	}
	if (content == CONTENT_NOTHING)
		repair->out = out;
}

static void
copy_tag_name(struct repair *repair)
{
	while (repair->at < repair->end && !ends_name(*repair->at))
		copy_character(repair);
}

static void
copy_start_tag(struct repair *repair)
{
	struct span element = { repair->at + 1, 0 };
	char *out = repair->out;
	enum content content;

	*repair->out++ = *repair->at++;
	copy_tag_name(repair);
	element.length = (size_t)(repair->at - element.data);
	if (!copy_attributes(repair)) {
		repair->out = out;
		return;
	}
	content = content_of(element);
	if (content != CONTENT_MARKUP)
		copy_content(repair, element, content);
}

/* Attributes of an end tag are left out, but read: a '>' may be quoted. */
static void
copy_end_tag(struct repair *repair)
{
	char *begin = repair->out, *out;

	put(repair, repair->at, 2);
	repair->at += 2;
	copy_tag_name(repair);
	out = repair->out;
	if (!copy_attributes(repair)) {
		repair->out = begin;
		return;
	}
	repair->out = out;
	*repair->out++ = '>';
}

static void
copy_markup(struct repair *repair)
{
	size_t left = (size_t)(repair->end - repair->at);
	char next = left > 1 ? repair->at[1] : ' ';

	if (ascii_is_alpha((unsigned char)next))
		copy_start_tag(repair);
	else if (next == '/' && left > 2 &&
	    ascii_is_alpha((unsigned char)repair->at[2]))
		copy_end_tag(repair);
	else if (starts(repair, "<!--"))
		skip_comment(repair);
	else if (next == '!' || next == '?' || next == '/')
		skip_to_bracket(repair);
	else
		*repair->out++ = *repair->at++;
}

size_t
html_source_repair(struct span source, char *to, bool *cut_r)
{
	struct repair repair = { source.data, source.data + source.length, to,
		false };

	while (repair.at < repair.end) {
		if (*repair.at == '<')
			copy_markup(&repair);
		else
			copy_text(&repair);
		copy_run(&repair, '<');
	}
	*cut_r = repair.cut;
	return (size_t)(repair.out - to);
}
