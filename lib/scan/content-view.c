/* content-view - a message's content as its reader takes it (see its header). */
#include "config.h"

#include "lib/scan/content-view.h"

#include <string.h>

#include "lib/base/fold.h"

#define NAME_BYTES_MAX      500 /* of a display name and a subject */
#define LIST_RULE_BYTES_MIN 20  /* of '_'; Mailman draws 47 */

/* What answers and forwards begin with, by the mail programs of the world. */
static const char *const answers[] = { "re", "aw", "antw", "sv", "r", "vs",
	"odp", "rv", "res", "ref", "fw", "fwd", "wg", "tr", "回复", "转发" };

struct gathering {
	struct content_view *view;
	struct strbuf *text;
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

/* A word that begins like a URL, with all of it up to the next blank. */
static size_t
url_length(struct span text)
{
	size_t length = 0;

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

size_t
content_view_letters(struct span text)
{
	size_t count = 0, step;
	uint32_t code;

	while (text.length > 0) {
		if ((step = url_length(text)) == 0) {
			step = utf8_character(text, &code);
			count += step != 0 && is_letter(code);
		}
		if (step == 0)
			step = 1;
		text.data += step;
		text.length -= step;
	}
	return count;
}

static void
add_text(struct gathering *gathering, struct span text)
{
	size_t length = strbuf_length(gathering->text);

	if (length + 1 >= CONTENT_VIEW_TEXT_BYTES)
		return;
	text = content_view_shorten(text, CONTENT_VIEW_TEXT_BYTES - length - 1);
	strbuf_add(gathering->text, text.data, text.length);
	strbuf_add_char(gathering->text, '\n');
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
			continue;
		}
		is_footer |= view->is_list && is_list_rule(line);
		if (!is_footer)
			view->letters += content_view_letters(line);
		add_text(gathering, line);
	}
}

static void
add_part(struct gathering *gathering, const struct content_part *part)
{
	size_t letters;

	if (!part->is_shown)
		return;
	if (part->html == NULL) {
		add_plain(gathering, part->text);
		return;
	}
	letters = content_view_letters(part->html->text);
	gathering->view->letters += letters;
	gathering->view->html_letters += letters;
	add_text(gathering, part->html->text);
}

static enum status
gather(struct scan *scan, struct content_view *view)
{
	struct gathering gathering = { .view = view };
	enum status status;
	struct span text;
	size_t i;

	gathering.text = strbuf_new(CONTENT_VIEW_TEXT_BYTES + 1);
	if (gathering.text == NULL)
		return STATUS_NOMEM;
	for (i = 0; i < view->content->part_count; i++)
		add_part(&gathering, &view->content->parts[i]);
	status = strbuf_status(gathering.text);
	text.data = strbuf_text(gathering.text);
	text.length = strbuf_length(gathering.text);
	if (status == STATUS_OK)
		status = fold_text(scan->region, text, &view->text);
	strbuf_free(&gathering.text);
	return status;
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
