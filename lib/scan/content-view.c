/* content-view - a message's content as its reader takes it (see its header). */
#include "config.h"

#include "lib/scan/content-view.h"

#include <string.h>

#include "lib/base/fold.h"

#define NAME_BYTES_MAX      500 /* of a display name and a subject */
#define LIST_RULE_BYTES_MIN 20  /* of '_'; Mailman draws 47 */

#define SYLLABLE_LETTERS 3
/* Above what is forwarded: "FYI". */
#define OWN_LETTERS_MIN 3

/* Limits behind which anything may stand. */
#define LIMITS_OF_ANYTHING                                                  \
	(CONTENT_LIMIT_DEPTH | CONTENT_LIMIT_PARTS | CONTENT_LIMIT_HEADER | \
	    CONTENT_LIMIT_BODY)
/* What takes text away from HTML; not what only leaves its style unknown. */
#define HTML_CUTS_OF_TEXT (HTML_CUT_SOURCE | HTML_CUT_TEXT | HTML_CUT_WORK)

/* What answers and forwards begin with, by the mail programs of the world. */
static const char *const answers[] = { "re", "aw", "antw", "antwort", "sv", "r",
	"rif", "vs", "vl", "odp", "pd", "rv", "res", "enc", "ref", "réf", "fw",
	"fwd", "wg", "tr", "i", "ynt", "ilt", "vb", "отв", "на", "ha", "回复",
	"答复", "回覆", "答覆", "转发", "轉寄" };

/* What parts of one kind may still add. */
struct budget {
	size_t bytes;
	size_t parts; /* that are to come */
};

struct piece {
	struct strbuf *text;
	size_t end; /* of what the current part may add */
};

struct gathering {
	struct content_view *view;
	struct budget plain, html;
	struct piece text, own, heads;
	bool is_forwarded; /* the text that comes now */
	bool is_own;       /* the author answers for it */
};

struct span
content_view_field(const struct content_view *view, const char *name)
{
	const struct message_field *field =
	    message_find(view->content->message, name, 0);

	return field == NULL ? span_of("") : span_trim(field->value);
}

struct span
content_view_shorten(struct span text, size_t length)
{
	if (text.length <= length)
		return text;
	while (length > 0 && ((unsigned char)text.data[length] & 0xc0) == 0x80)
		length--; /* not inside of a character */
	text.length = length;
	return text;
}

/* A word that begins like a URL, with all of it up to the next blank.  The
 * first letter is looked at first: this is asked at every character. */
static size_t
url_length(struct span text)
{
	char first = ascii_lower(text.data[0]);
	size_t length = 0;

	if (first != 'h' && first != 'w')
		return 0;
	if (!span_starts_nocase(text, "http://") &&
	    !span_starts_nocase(text, "https://") &&
	    !span_starts_nocase(text, "www."))
		return 0;
	while (length < text.length && !ascii_is_space(text.data[length]))
		length++;
	return length;
}

static bool
is_letter(uint32_t code)
{
	if (code < 0x80)
		return ascii_is_alnum((int)code);
	/* Punctuation, symbols and blanks lie there; letters of no size too. */
	return code > 0xbf && !(code >= 0x2000 && code <= 0x2bff) &&
	    !(code >= 0x3000 && code <= 0x3004) && code != 0xfeff &&
	    code != 0xfffd;
}

/* A letter of Chinese, Japanese or Korean is a syllable or a word. */
static bool
is_syllable(uint32_t code)
{
	return (code >= 0x3041 && code <= 0x30ff) || /* kana */
	    (code >= 0x3400 && code <= 0x9fff) ||    /* Han */
	    (code >= 0xac00 && code <= 0xd7a3) ||    /* Hangul */
	    (code >= 0xf900 && code <= 0xfaff) ||    /* Han */
	    (code >= 0x20000 && code <= 0x3ffff);
}

size_t
content_view_letters(struct span text)
{
	size_t count = 0, step;
	uint32_t code;

	while (text.length > 0) {
		if ((step = url_length(text)) == 0) {
			step = utf8_character(text, &code);
			if (step != 0 && is_letter(code))
				count +=
				    is_syllable(code) ? SYLLABLE_LETTERS : 1;
		}
		if (step == 0)
			step = 1;
		text.data += step;
		text.length -= step;
	}
	return count;
}

static void
add_to(struct piece *piece, struct span text)
{
	size_t length = strbuf_length(piece->text);

	if (length + 1 >= piece->end)
		return;
	text = content_view_shorten(text, piece->end - length - 1);
	strbuf_add(piece->text, text.data, text.length);
	strbuf_add_char(piece->text, '\n');
}

static void
add_text(struct gathering *gathering, struct span text)
{
	add_to(&gathering->text, text);
	if (gathering->is_own)
		add_to(&gathering->own, text);
	if (!gathering->is_forwarded)
		add_to(&gathering->heads, text);
}

/* The line that programs of mailing lists put in front of what they add. */
static bool
is_list_rule(struct span line)
{
	size_t i;

	for (i = 0; i < line.length && line.data[i] == '_'; i++)
		continue;
	return i == line.length && i >= LIST_RULE_BYTES_MIN;
}

/* It says that it answers or forwards something; else anybody who does not want
 * to answer for his text may write the marks of a quote on top of it. */
static bool
may_quote(const struct content_view *view)
{
	return view->is_reply || view->subject_is_re;
}

static void
add_plain(struct gathering *gathering, struct span text)
{
	struct content_view *view = gathering->view;
	bool is_footer = false;
	struct span line;

	while (span_split(&text, '\n', &line)) {
		if (line.length > 0 && line.data[line.length - 1] == '\r')
			line.length--;
		/* Some relays take the blank away. */
		if (span_equals(line, "-- ") || span_equals(line, "--"))
			view->has_signature = true;
		line = span_trim(line);
		if (line.length > 0 &&
		    (line.data[0] == '>' || line.data[0] == '|')) {
			view->quoted_lines++;
			if (may_quote(view))
				continue;
		}
		is_footer |= view->is_list && is_list_rule(line);
		if (!is_footer)
			view->letters += content_view_letters(line);
		add_text(gathering, line);
	}
}

/* The text up to where something of a list begins. */
static struct span
text_before(const struct words *words, enum words_list list, struct span text)
{
	struct words_found found;

	if (words_find(words, list, text, 1, &found) > 0)
		text.length = (size_t)(found.list[0].data - text.data);
	return text;
}

static void
add_html(struct gathering *gathering, struct span text)
{
	size_t letters = content_view_letters(text);

	gathering->view->letters += letters;
	gathering->view->html_letters += letters;
	add_text(gathering, text);
}

/* What the author wrote, up to what he forwards or quotes below it; plain text has
 * marks on the lines that it quotes. */
static struct span
own_part(const struct content_view *view, bool is_html, struct span text)
{
	struct span looked_at =
	    content_view_shorten(text, CONTENT_VIEW_PART_BYTES);
	struct span own = looked_at;

	if (!may_quote(view))
		return text;
	own = text_before(view->words, WORDS_FORWARD, own);
	if (is_html)
		own = text_before(view->words, WORDS_QUOTE_LINE, own);
	return own.length == looked_at.length ? text : own;
}

static void
add_both(struct gathering *gathering, bool is_html, struct span text)
{
	void (*add)(struct gathering *, struct span) =
	    is_html ? add_html : add_plain;
	struct content_view *view = gathering->view;
	struct span own = own_part(view, is_html, text);
	size_t letters = view->letters;

	gathering->is_forwarded = false;
	gathering->is_own = true;
	add(gathering, own);
	text.data += own.length;
	text.length -= own.length;
	if (text.length == 0)
		return;
	gathering->is_forwarded = true;
	gathering->is_own = view->letters - letters < OWN_LETTERS_MIN;
	add(gathering, text);
}

static void
begin_piece(struct piece *piece, size_t bytes)
{
	piece->end = strbuf_length(piece->text) + bytes;
}

/* Empty of what is not shown; HTML that was not read says nothing. */
static struct span
shown_text(const struct content_part *part)
{
	if (!part->is_shown)
		return span_of("");
	if (part->html != NULL)
		return part->html->text;
	return strcmp(part->type, "text/html") == 0 ? span_of("") : part->text;
}

static struct budget *
budget_of(struct gathering *gathering, const struct content_part *part)
{
	return part->html != NULL ? &gathering->html : &gathering->plain;
}

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* A part takes its even share of what is left, so that many parts cannot keep
 * the last from being read, and leaves what it does not need to the next. */
static void
add_part(struct gathering *gathering, const struct content_part *part)
{
	struct budget *budget = budget_of(gathering, part);
	size_t before = strbuf_length(gathering->text.text), share;
	struct span text = shown_text(part);

	if (text.length == 0)
		return;
	share = least(budget->bytes / budget->parts, CONTENT_VIEW_PART_BYTES);
	begin_piece(&gathering->text, share);
	begin_piece(&gathering->own, share);
	begin_piece(&gathering->heads, least(share, CONTENT_VIEW_HEAD_BYTES));
	add_both(gathering, part->html != NULL, text);
	budget->bytes -= strbuf_length(gathering->text.text) - before;
	budget->parts--;
}

static void
add_parts(struct gathering *gathering, const struct content *content)
{
	const struct content_part *part;
	size_t i;

	for (i = 0; i < content->part_count; i++) {
		part = &content->parts[i];
		if (shown_text(part).length > 0)
			budget_of(gathering, part)->parts++;
	}
	for (i = 0; i < content->part_count; i++)
		add_part(gathering, &content->parts[i]);
}

static enum status
fold_piece(struct scan *scan, const struct piece *piece, struct span *text_r)
{
	enum status status = strbuf_status(piece->text);
	struct span text = { strbuf_text(piece->text),
		strbuf_length(piece->text) };

	return status == STATUS_OK ? fold_text(scan->region, text, text_r) :
				     status;
}

static enum status
fold_pieces(struct scan *scan, const struct gathering *gathering)
{
	struct content_view *view = gathering->view;
	enum status status = fold_piece(scan, &gathering->text, &view->text);

	view->own_text = view->text;
	if (status == STATUS_OK &&
	    strbuf_length(gathering->own.text) !=
		strbuf_length(gathering->text.text))
		status = fold_piece(scan, &gathering->own, &view->own_text);
	if (status == STATUS_OK)
		status = fold_piece(scan, &gathering->heads, &view->heads);
	return status;
}

static enum status
gather(struct scan *scan, struct content_view *view)
{
	struct gathering gathering = {
		.view = view,
		.plain.bytes = CONTENT_VIEW_KIND_BYTES,
		.html.bytes = CONTENT_VIEW_KIND_BYTES,
		.text.text = strbuf_new(2 * CONTENT_VIEW_KIND_BYTES),
		.own.text = strbuf_new(2 * CONTENT_VIEW_KIND_BYTES),
		.heads.text = strbuf_new(2 * CONTENT_VIEW_KIND_BYTES),
	};
	enum status status = STATUS_NOMEM;

	if (gathering.text.text != NULL && gathering.own.text != NULL &&
	    gathering.heads.text != NULL) {
		add_parts(&gathering, view->content);
		status = fold_pieces(scan, &gathering);
	}
	strbuf_free(&gathering.text.text);
	strbuf_free(&gathering.own.text);
	strbuf_free(&gathering.heads.text);
	return status;
}

/* A page of which text is missing, or all of it. */
static bool
is_page_cut(const struct content_part *part)
{
	if (part->html != NULL)
		return (part->html->cut & HTML_CUTS_OF_TEXT) != 0;
	return part->text.length > 0 && strcmp(part->type, "text/html") == 0;
}

/* No part may take more than half of the text that is read: where those that are
 * shown are not so large, it was an attachment that did not fit. */
static unsigned int
unread_of(const struct content *content)
{
	unsigned int unread = content->limits & LIMITS_OF_ANYTHING;
	size_t shown_bytes = 0, i;

	for (i = 0; i < content->part_count; i++) {
		if (!content->parts[i].is_shown)
			continue;
		shown_bytes += content->parts[i].decoded_size;
		if (is_page_cut(&content->parts[i]))
			unread |= CONTENT_LIMIT_HTML;
	}
	if (shown_bytes > content_default_limits.text_bytes / 2)
		unread |= content->limits & CONTENT_LIMIT_TEXT;
	return unread;
}

/* "[tag] " of a mailing list, in front. */
static struct span
without_tag(struct span subject)
{
	const char *end;

	if (subject.length == 0 || subject.data[0] != '[')
		return subject;
	end = memchr(subject.data, ']', subject.length);
	if (end == NULL)
		return subject;
	subject.length -= (size_t)(end + 1 - subject.data);
	subject.data = end + 1;
	return span_trim(subject);
}

/* "re:", "re[2]:", "re :"; folded. */
static bool
is_answer(struct span subject)
{
	struct span rest;
	size_t i;

	for (i = 0; i < GP_NELEMS(answers); i++) {
		if (!span_starts_nocase(subject, answers[i]))
			continue;
		rest.data = subject.data + strlen(answers[i]);
		rest.length = subject.length - strlen(answers[i]);
		if (rest.length > 0 && rest.data[0] == '[')
			rest = without_tag(rest);
		rest = span_trim(rest);
		if (rest.length > 0 && rest.data[0] == ':')
			return true;
	}
	return false;
}

static void
look_at_fields(struct content_view *view)
{
	struct span precedence = content_view_field(view, "Precedence");

	view->has_list_id = content_view_field(view, "List-Id").length > 0;
	view->is_list = view->has_list_id &&
	    (content_view_field(view, "List-Post").length > 0 ||
		span_equals_nocase(precedence, "list") ||
		span_equals_nocase(precedence, "bulk"));
	view->is_reply = view->content->header.reference_count > 0;
}

enum status
content_view_make(struct scan *scan, const struct content_view **view_r)
{
	const struct content *content = scan->content;
	struct content_view *view;
	enum status status;

	*view_r = view = region_alloc(scan->region, sizeof(*view));
	if (view == NULL)
		return STATUS_NOMEM;
	view->content = content;
	view->words = scan->services->words;
	if (content->header.from.count > 0)
		view->from = &content->header.from.list[0];
	look_at_fields(view);
	view->unread = unread_of(content);
	status = fold_text(scan->region,
	    content_view_shorten(
		span_of(view->from == NULL ? "" : view->from->name),
		NAME_BYTES_MAX),
	    &view->from_name);
	if (status == STATUS_OK)
		status = fold_text(scan->region,
		    content_view_shorten(
			content->header.subject.text, NAME_BYTES_MAX),
		    &view->subject);
	if (status != STATUS_OK)
		return status;
	view->subject_as_written = content->header.subject.text;
	if (view->has_list_id) {
		view->subject = without_tag(view->subject);
		view->subject_as_written =
		    without_tag(view->subject_as_written);
	}
	view->subject_is_re = is_answer(view->subject);
	return gather(scan, view);
}
