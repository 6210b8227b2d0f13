/*
 * address - From fields and envelope paths (see address.h).
 *
 * The reader never gives up: a hostile field yields every address that some
 * mail client might show.  Where a field can be read in two ways (a comment or
 * a quoted string that never ends, words behind an angle address) both
 * readings are given and the piece counts as broken.
 *
 * RFC 5322 sections 3.2 and 3.4 with the obsolete forms of section 4.4,
 * RFC 6532 (8-bit bytes are atom text).
 */
#include "config.h"

#include "lib/mail/address.h"

#include <stdbool.h>
#include <string.h>

/* Nobody nests comments by hand; deeper ones are not taken as comments. */
#define COMMENT_DEPTH_MAX 50

enum token_kind {
	TOKEN_END,
	TOKEN_ATOM,    /* text: any bytes but specials and blanks */
	TOKEN_QUOTED,  /* text: with the quotes, escapes untouched */
	TOKEN_LITERAL, /* text: with the brackets */
	TOKEN_SPECIAL  /* text: one byte of SPECIALS */
};

struct token {
	enum token_kind kind;
	bool spaced; /* blanks or a comment stand before it */
	struct span text;
};

struct reader {
	const char *next, *end;
	/* An opening byte without its end was met: from there on that byte is
	 * skipped alone.  Keeps the reader linear, too. */
	bool comment_open, quote_open, literal_open;
};

/* What is read of one piece between commas. */
struct piece {
	size_t first;     /* count of addresses when the piece began */
	const char *text; /* where it begins */
	struct span name; /* of the next address */
	bool in_angle;    /* behind '<' */
	bool route;       /* behind '<' '@' */
	bool angle_given; /* an angle address was read */
	bool extra_words; /* words that belong to no address */
	bool broken;
};

/* An address under construction; text lies in scratch of the list. */
struct draft {
	char *local_part, *domain;
	size_t local_length, domain_length;
	bool has_local, has_at, has_domain;
};

struct list {
	struct region *region;
	struct reader reader;
	struct address *addresses;
	size_t count;
	size_t broken;
	bool full;
	const char *word_end; /* behind the last word that was read */
	struct piece piece;
	struct draft draft;
};

static bool
is_special(char c)
{
	return c != '\0' && strchr("()<>[]:;@\\,\"", c) != NULL;
}

/* Position behind a comment that begins at from, or NULL: it never ends. */
static const char *
comment_end(const char *from, const char *end)
{
	unsigned int depth = 0;
	const char *p;

	for (p = from; p < end; p++) {
		if (*p == '\\' && end - p > 1)
			p++;
		else if (*p == '(' && ++depth > COMMENT_DEPTH_MAX)
			return NULL;
		else if (*p == ')' && --depth == 0)
			return p + 1;
	}
	return NULL;
}

/* Position behind a quoted string or literal, or NULL: it never ends. */
static const char *
quoted_end(const char *from, const char *end, char close)
{
	const char *p;

	for (p = from + 1; p < end; p++) {
		if (*p == '\\' && end - p > 1)
			p++;
		else if (*p == close)
			return p + 1;
	}
	return NULL;
}

/* Passes blanks and comments; true when there were any. */
static bool
skip_blanks(struct reader *reader)
{
	const char *start = reader->next, *after;

	while (reader->next < reader->end) {
		if (ascii_is_space((unsigned char)*reader->next)) {
			reader->next++;
			continue;
		}
		if (*reader->next != '(' || reader->comment_open)
			break;
		if ((after = comment_end(reader->next, reader->end)) == NULL) {
			reader->comment_open = true;
			break;
		}
		reader->next = after;
	}
	return reader->next > start;
}

/* The end of a quoted string or literal at next, or NULL when it is none. */
static const char *
enclosed_end(struct reader *reader)
{
	const char *after = NULL;

	if (*reader->next == '"' && !reader->quote_open) {
		after = quoted_end(reader->next, reader->end, '"');
		reader->quote_open = after == NULL;
	} else if (*reader->next == '[' && !reader->literal_open) {
		after = quoted_end(reader->next, reader->end, ']');
		reader->literal_open = after == NULL;
	}
	return after;
}

static void
read_token(struct reader *reader, struct token *token_r)
{
	const char *after;

	token_r->spaced = skip_blanks(reader);
	token_r->text.data = reader->next;
	if (reader->next == reader->end) {
		token_r->kind = TOKEN_END;
	} else if ((after = enclosed_end(reader)) != NULL) {
		token_r->kind =
		    *reader->next == '"' ? TOKEN_QUOTED : TOKEN_LITERAL;
		reader->next = after;
	} else if (is_special(*reader->next)) {
		token_r->kind = TOKEN_SPECIAL;
		reader->next++;
	} else {
		token_r->kind = TOKEN_ATOM;
		while (reader->next < reader->end &&
		    !is_special(*reader->next) &&
		    !ascii_is_space((unsigned char)*reader->next))
			reader->next++;
	}
	token_r->text.length = (size_t)(reader->next - token_r->text.data);
}

static void
draft_clear(struct draft *draft)
{
	draft->local_length = draft->domain_length = 0;
	draft->has_local = draft->has_at = draft->has_domain = false;
}

/* Appends to a C string under construction; NUL bytes become '?'. */
static void
append(char *text, size_t *length, struct span more)
{
	size_t i;

	for (i = 0; i < more.length; i++)
		text[(*length)++] = more.data[i] != '\0' ? more.data[i] : '?';
}

/* Appends the content of a quoted string: no quotes, escapes and folds. */
static void
append_unquoted(char *text, size_t *length, struct span quoted)
{
	size_t i;

	for (i = 1; i + 1 < quoted.length; i++) {
		struct span byte = { quoted.data + i, 1 };

		if (*byte.data == '\r' || *byte.data == '\n')
			continue;
		if (*byte.data == '\\' && i + 2 < quoted.length)
			byte.data = quoted.data + ++i;
		append(text, length, byte);
	}
}

static void
draft_add_local(struct draft *draft, const struct token *token)
{
	draft->has_local = true;
	if (token->kind == TOKEN_QUOTED)
		append_unquoted(
		    draft->local_part, &draft->local_length, token->text);
	else
		append(draft->local_part, &draft->local_length, token->text);
}

/*
 * Does a token go on with the text before it?  Without a blank it does; with
 * one only around a dot (obs-local-part, obs-domain).
 */
static bool
joins(const char *text, size_t length, const struct token *token)
{
	if (!token->spaced)
		return true;
	return (length > 0 && text[length - 1] == '.') ||
	    (token->kind == TOKEN_ATOM && token->text.data[0] == '.');
}

/* "[192.0.2.1]" or "[IPv6:2001:db8::1]", by its bytes alone. */
static bool
is_literal(struct span text)
{
	size_t i;

	if (text.length < 3 || text.length > DOMAIN_BYTES_MAX ||
	    text.data[0] != '[' || text.data[text.length - 1] != ']')
		return false;
	for (i = 1; i + 1 < text.length; i++) {
		char c = text.data[i];

		if (!ascii_is_alnum((unsigned char)c) && c != '.' && c != ':' &&
		    c != '-')
			return false;
	}
	return true;
}

/* A domain name, or a literal, as address.domain holds it. */
static enum status
read_domain(struct region *region, struct span text, const char **domain_r)
{
	char *literal;

	if (!is_literal(text))
		return domain_normalize(region, text, domain_r);
	if ((literal = region_memdup(region, text.data, text.length)) == NULL)
		return STATUS_NOMEM;
	ascii_lower_all(literal, text.length);
	*domain_r = literal;
	return STATUS_OK;
}

/* The domain of the draft; "" when it is none. */
static enum status
finish_domain(struct list *list, const char **domain_r)
{
	struct span text = { list->draft.domain, list->draft.domain_length };
	enum status status;

	status = read_domain(list->region, text, domain_r);
	if (status == STATUS_INVALID) {
		*domain_r = "";
		list->piece.broken = true;
		status = STATUS_OK;
	}
	return status;
}

/* Puts the draft on the list and begins a new one. */
static enum status
give_address(struct list *list)
{
	struct draft *draft = &list->draft;
	struct address *address;
	enum status status;

	if (!draft->has_local)
		list->piece.broken = true;
	if (list->count == ADDRESS_MAX) {
		list->full = true;
		draft_clear(draft);
		return STATUS_OK;
	}
	address = &list->addresses[list->count];
	address->domain = "";
	address->name = list->piece.name;
	address->local_part =
	    region_memdup(list->region, draft->local_part, draft->local_length);
	if (address->local_part == NULL)
		return STATUS_NOMEM;
	if (draft->has_at) {
		status = finish_domain(list, &address->domain);
		if (status != STATUS_OK)
			return status;
	}
	list->count++;
	draft_clear(draft);
	return STATUS_OK;
}

/* The draft holds no address: its words are a name, or stray. */
static void
drop_words(struct list *list)
{
	if (list->draft.has_local)
		list->piece.extra_words = true;
	draft_clear(&list->draft);
}

static enum status
take_word(struct list *list, const struct token *token)
{
	struct draft *draft = &list->draft;
	enum status status;

	if (draft->has_at) {
		if (!draft->has_domain ||
		    joins(draft->domain, draft->domain_length, token)) {
			draft->has_domain = true;
			append(
			    draft->domain, &draft->domain_length, token->text);
			return STATUS_OK;
		}
		list->piece.extra_words = true;
		if ((status = give_address(list)) != STATUS_OK)
			return status;
	} else if (draft->has_local &&
	    !joins(draft->local_part, draft->local_length, token)) {
		drop_words(list);
	}
	draft_add_local(draft, token);
	return STATUS_OK;
}

/* "a@b@c": the last '@' counts, as in every mail server. */
static void
take_at(struct list *list)
{
	struct draft *draft = &list->draft;
	struct span domain = { draft->domain, draft->domain_length };
	struct span at = { "@", 1 };

	if (draft->has_at && !list->piece.route) {
		list->piece.broken = true;
		append(draft->local_part, &draft->local_length, at);
		append(draft->local_part, &draft->local_length, domain);
		draft->has_local = true;
	}
	if (list->piece.in_angle && !draft->has_local)
		list->piece.route = true;
	draft->domain_length = 0;
	draft->has_domain = false;
	draft->has_at = true;
}

/* What stands between, without blanks around it. */
static struct span
name_between(const char *begin, const char *end)
{
	return span_trim((struct span){ begin, (size_t)(end - begin) });
}

/* "a@b (Name)": the old way of telling a name; "" if there is none. */
static struct span
name_behind(const char *begin, const char *end)
{
	struct span name = name_between(begin, end);

	if (name.length < 2 || name.data[0] != '(' ||
	    name.data[name.length - 1] != ')')
		return span_of("");
	name.data++;
	name.length -= 2;
	return span_trim(name);
}

/* '<': what stood before was the display name, unless the piece is broken: who
 * reads it otherwise may show an address of it. */
static enum status
take_open(struct list *list)
{
	struct piece *piece = &list->piece;
	const struct reader *reader = &list->reader;
	bool two_readings = piece->broken || piece->in_angle ||
	    piece->angle_given || reader->comment_open || reader->quote_open;
	enum status status = STATUS_OK;

	piece->route = false;
	piece->in_angle = true;
	if (two_readings) {
		piece->broken = true;
		if (list->draft.has_at)
			status = give_address(list);
	} else {
		list->count = piece->first;
		piece->broken = piece->extra_words = false;
	}
	draft_clear(&list->draft);
	piece->name = name_between(piece->text, reader->next - 1);
	return status;
}

/* A stray byte behind a domain: what follows does not belong to it. */
static enum status
end_domain(struct list *list)
{
	list->piece.broken = true;
	return list->draft.has_domain ? give_address(list) : STATUS_OK;
}

/* '>', or where it is missing. */
static enum status
take_close(struct list *list)
{
	struct piece *piece = &list->piece;
	bool stray = !piece->in_angle;
	bool empty = !list->draft.has_local && !list->draft.has_at;

	piece->broken = piece->broken || stray || empty;
	piece->in_angle = piece->route = false;
	if (stray)
		return end_domain(list);
	piece->angle_given = true;
	if (empty)
		return STATUS_OK;
	return give_address(list);
}

/* ':' ends a group's name, or the route of an angle address. */
static enum status
take_colon(struct list *list)
{
	struct piece *piece = &list->piece;

	if (list->draft.has_at && !piece->route) {
		piece->broken = true;
		return give_address(list);
	}
	if (list->count > piece->first)
		piece->broken = true;
	if (!piece->in_angle)
		piece->text = list->reader.next;
	piece->route = piece->extra_words = false;
	draft_clear(&list->draft);
	return STATUS_OK;
}

/*
 * ',', ';' or the end of the field.
 *
 * end  of the text that belongs to the piece
 */
static enum status
end_piece(struct list *list, const char *end)
{
	struct piece *piece = &list->piece;
	enum status status = STATUS_OK;

	if (piece->in_angle) {
		piece->broken = true;
		status = take_close(list);
	} else if (list->draft.has_at) {
		piece->broken = piece->broken || piece->angle_given;
		piece->name = name_behind(list->word_end, end);
		status = give_address(list);
	} else {
		drop_words(list);
	}
	if (piece->broken || piece->extra_words)
		list->broken++;
	memset(piece, 0, sizeof(*piece));
	piece->first = list->count;
	piece->text = list->reader.next;
	return status;
}

static enum status
take_special(struct list *list, char c)
{
	switch (c) {
	case '@':
		take_at(list);
		return STATUS_OK;
	case '<':
		return take_open(list);
	case '>':
		return take_close(list);
	case ':':
		return take_colon(list);
	case ',':
		if (list->piece.route)
			return STATUS_OK; /* between the hosts of a route */
		return end_piece(list, list->reader.next - 1);
	case ';':
		return end_piece(list, list->reader.next - 1);
	case '\\': /* escapes what follows, for some */
		list->piece.broken = true;
		return STATUS_OK;
	default: /* ()[]" where they belong to nothing */
		return end_domain(list);
	}
}

static enum status
read_list(struct list *list)
{
	struct token token;
	enum status status;

	for (;;) {
		read_token(&list->reader, &token);
		if (token.kind == TOKEN_END)
			return end_piece(list, list->reader.end);
		if (token.kind == TOKEN_SPECIAL) {
			status = take_special(list, token.text.data[0]);
		} else {
			status = take_word(list, &token);
			list->word_end = list->reader.next;
		}
		if (status != STATUS_OK || list->full)
			return status;
	}
}

enum status
address_parse_list(struct region *region, struct span value,
    struct address **addresses_r, size_t *count_r, size_t *broken_r)
{
	struct list list;
	enum status status;

	*addresses_r = NULL;
	*count_r = *broken_r = 0;
	memset(&list, 0, sizeof(list));
	list.region = region;
	list.reader.next = list.piece.text = list.word_end = value.data;
	list.reader.end = value.data + value.length;
	list.addresses =
	    region_alloc_array(region, ADDRESS_MAX, sizeof(*list.addresses));
	list.draft.local_part = region_alloc(region, value.length + 1);
	list.draft.domain = region_alloc(region, value.length + 1);
	if (list.addresses == NULL || list.draft.local_part == NULL ||
	    list.draft.domain == NULL)
		return STATUS_NOMEM;
	if (value.length > 0 && (status = read_list(&list)) != STATUS_OK)
		return status;
	*addresses_r = list.addresses;
	*count_r = list.count;
	*broken_r = list.broken;
	return list.full ? STATUS_LIMIT : STATUS_OK;
}

/* Cuts "<" ">" and a source route off a path; false when they do not match. */
static bool
path_strip(struct span *path)
{
	const char *colon;

	if (path->length > 0 && path->data[0] == '<') {
		if (path->length < 2 || path->data[path->length - 1] != '>')
			return false;
		path->data++;
		path->length -= 2;
	}
	if (path->length == 0 || path->data[0] != '@')
		return true;
	if ((colon = memchr(path->data, ':', path->length)) == NULL)
		return false;
	path->length -= (size_t)(colon + 1 - path->data);
	path->data = colon + 1;
	return true;
}

/* The local part of a path, unquoted if it is one quoted string. */
static const char *
path_local_part(struct region *region, struct span text)
{
	size_t length = 0;
	char *copy;

	if (text.length < 2 || text.data[0] != '"' ||
	    quoted_end(text.data, text.data + text.length, '"') !=
		text.data + text.length)
		return region_memdup(region, text.data, text.length);
	if ((copy = region_alloc(region, text.length)) != NULL)
		append_unquoted(copy, &length, text);
	return copy;
}

/* The last '@', or NULL. */
static const char *
last_at(struct span text)
{
	size_t i;

	for (i = text.length; i > 0; i--) {
		if (text.data[i - 1] == '@')
			return text.data + i - 1;
	}
	return NULL;
}

enum status
address_parse_path(
    struct region *region, const char *path, struct address *address_r)
{
	struct span text = span_trim(span_of(path)), local_part, domain;
	const char *at, *name = "";
	enum status status;

	address_r->local_part = address_r->domain = "";
	address_r->name = span_of("");
	if (!path_strip(&text) || span_has_control(text))
		return STATUS_INVALID;
	if (text.length == 0)
		return STATUS_OK;
	local_part = text;
	if ((at = last_at(text)) != NULL) {
		local_part.length = (size_t)(at - text.data);
		domain.data = at + 1;
		domain.length = text.length - local_part.length - 1;
		if (local_part.length == 0)
			return STATUS_INVALID;
		status = read_domain(region, domain, &name);
		if (status != STATUS_OK)
			return status;
	}
	address_r->local_part = path_local_part(region, local_part);
	if (address_r->local_part == NULL) {
		address_r->local_part = "";
		return STATUS_NOMEM;
	}
	address_r->domain = name;
	return STATUS_OK;
}
