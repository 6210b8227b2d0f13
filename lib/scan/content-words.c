/*
 * content-words - symbols of what the text says, and of how it is written.
 */
#include "config.h"

#include <string.h>

#include "lib/scan/content-symbols.h"

/* "ok" is an answer; junk without text has no letter at all (measured). */
#define LETTERS_FEW 2
/* A single ">" may be an arrow. */
#define QUOTED_LINES_FEW 2
#define QUOTED_SHARE     0.5

/* What a text says when it holds so many of a list. */
struct saying {
	enum symbol_id symbol;
	enum words_list words;
	size_t enough;
};

static const struct saying sayings[] = {
	{ SYMBOL_TEXT_ACCOUNT, WORDS_ACCOUNT, 1 },
	{ SYMBOL_TEXT_MAILBOX, WORDS_MAILBOX, 1 },
	{ SYMBOL_TEXT_ADVANCE_FEE, WORDS_ADVANCE_FEE, 2 },
	{ SYMBOL_TEXT_CRYPTO, WORDS_CRYPTO, 2 },
	{ SYMBOL_TEXT_URGENT, WORDS_URGENT, 2 },
	{ SYMBOL_TEXT_MIXED_SCRIPTS, WORDS_MIXED_SCRIPTS, 2 },
};

struct trait {
	enum symbol_id symbol;
	bool (*has)(const struct content_view *view);
};

/* Limits of what is read of any message, in the words of a symbol; that of the
 * body is the caller's. */
struct limit {
	enum content_limit flag;
	const char *name;
};

static const struct limit limits[] = {
	{ CONTENT_LIMIT_PARTS, "parts" },
	{ CONTENT_LIMIT_DEPTH, "levels" },
	{ CONTENT_LIMIT_HEADER, "header lines" },
	{ CONTENT_LIMIT_TEXT, "text" },
	{ CONTENT_LIMIT_HTML, "HTML" },
};

static bool
holds(const struct content_view *view, enum words_list list)
{
	return words_has(view->words, list, view->text);
}

static bool
is_8bit_undeclared(const struct content_view *view)
{
	const struct content_part *part;
	size_t i;

	for (i = 0; i < view->content->part_count; i++) {
		part = &view->content->parts[i];
		if (part->is_shown && part->transfer == TRANSFER_7BIT &&
		    (part->damage & CONTENT_8BIT_IN_7BIT) != 0)
			return true;
	}
	return false;
}

/* One to click on; "example.com" in a text may be the name of a company. */
static bool
is_link(const struct url *url)
{
	if (url->scheme == URL_SCHEME_MAILTO)
		return false;
	if ((url->flags & (URL_FROM_LINK | URL_FROM_FORM)) != 0)
		return true;
	return (url->flags & URL_FROM_TEXT) != 0 &&
	    ((url->flags & URL_IS_SCHEMELESS) == 0 ||
		strncmp(url->host, "www.", 4) == 0);
}

static bool
has_link(const struct content *content)
{
	size_t i;

	for (i = 0; i < content->urls.count; i++)
		if (is_link(&content->urls.urls[i]))
			return true;
	return false;
}

static bool
wants_a_call(const struct content_view *view)
{
	return view->unread == 0 && !view->content->urls.cut &&
	    !view->is_list && !has_link(view->content) &&
	    holds(view, WORDS_PHONE) && holds(view, WORDS_INVOICE);
}

/* A file, a picture, an invitation, a forwarded or encrypted message. */
static bool
has_something_else(const struct content *content)
{
	const struct content_part *part;
	size_t i;

	for (i = 0; i < content->part_count; i++) {
		part = &content->parts[i];
		if (part->kind != CONTENT_MULTIPART && !part->is_shown &&
		    !part->is_embedded && part->raw.length > 0 &&
		    strncmp(part->type, "multipart/", 10) != 0)
			return true;
	}
	return false;
}

static bool
has_no_text(const struct content_view *view)
{
	return view->unread == 0 && view->letters < LETTERS_FEW &&
	    !has_something_else(view->content);
}

static bool
is_bulk_in_text_only(const struct content_view *view)
{
	return !view->content->message->truncated && !view->has_list_id &&
	    !view->is_reply &&
	    message_count(view->content->message, "List-Unsubscribe") == 0 &&
	    holds(view, WORDS_OPT_OUT);
}

static bool
is_signed_by_hand(const struct content_view *view)
{
	return view->has_signature;
}

static bool
answers_what_it_quotes(const struct content_view *view)
{
	return view->is_reply &&
	    (view->quoted_lines >= QUOTED_LINES_FEW ||
		holds(view, WORDS_QUOTE));
}

static const struct trait traits[] = {
	{ SYMBOL_TEXT_8BIT_UNDECLARED, is_8bit_undeclared },
	{ SYMBOL_PHONE_NO_URL, wants_a_call },
	{ SYMBOL_BODY_NO_TEXT, has_no_text },
	{ SYMBOL_UNSUBSCRIBE_TEXT_ONLY, is_bulk_in_text_only },
	{ SYMBOL_SIGNATURE_DASHES, is_signed_by_hand },
	{ SYMBOL_REPLY_QUOTED, answers_what_it_quotes },
};

/* With what was found as the text that made it hit. */
static enum status
add_found(struct scan *scan, enum symbol_id id, double share,
    const struct words_found *found)
{
	const char *seen = "";
	size_t i;

	for (i = 0; i < found->count && seen != NULL; i++)
		seen = region_printf(scan->region, "%s%s%.*s", seen,
		    i == 0 ? "" : ", ", (int)found->list[i].length,
		    found->list[i].data);
	return seen == NULL ? STATUS_NOMEM : scan_add(scan, id, share, seen);
}

/* What the author says, or half of it where he only quotes it: who wants to be
 * read but not to answer for it writes it so. */
static enum status
add_saying(struct scan *scan, const struct content_view *view,
    const struct saying *saying)
{
	struct words_found found;

	if (words_find(view->words, saying->words, view->own_text,
		saying->enough, &found) >= saying->enough)
		return add_found(scan, saying->symbol, 1, &found);
	if (view->own_text.length == view->text.length ||
	    words_find(view->words, saying->words, view->text, saying->enough,
		&found) < saying->enough)
		return STATUS_OK;
	return add_found(scan, saying->symbol, QUOTED_SHARE, &found);
}

static enum status
add_greeting(struct scan *scan, const struct content_view *view)
{
	struct words_found found;

	if (words_find(view->words, WORDS_GREETING, view->heads, 1, &found) ==
	    0)
		return STATUS_OK;
	return add_found(scan, SYMBOL_GREETING_GENERIC, 1, &found);
}

/* Few honest messages have so much (content.h); one who makes it up wants to keep
 * something from being read. */
static enum status
add_limit(struct scan *scan, const struct content_view *view)
{
	size_t i;

	for (i = 0; i < GP_NELEMS(limits); i++)
		if ((view->unread & limits[i].flag) != 0)
			return scan_add(
			    scan, SYMBOL_CONTENT_LIMIT, 1, limits[i].name);
	return STATUS_OK;
}

enum status
content_text_symbols(struct scan *scan, const struct content_view *view)
{
	enum status status = add_greeting(scan, view);
	size_t i;

	for (i = 0; i < GP_NELEMS(sayings) && status == STATUS_OK; i++)
		status = add_saying(scan, view, &sayings[i]);
	if (status == STATUS_OK)
		status = add_limit(scan, view);
	for (i = 0; i < GP_NELEMS(traits) && status == STATUS_OK; i++)
		if (traits[i].has(view))
			status = scan_add(scan, traits[i].symbol, 1, NULL);
	return status;
}
