/* mime-field - a token and parameters (see mime-field.h). */
#include "config.h"

#include "lib/mail/mime-field.h"

#include <stdint.h>
#include <string.h>

#include "lib/mail/charset.h"
#include "lib/mail/header-text.h"

/* Sections of one parameter; more than there can be parameters. */
#define SECTIONS_MAX (MIME_PARAMS_MAX * 16)
/* A name of a parameter, with the digits of RFC 2231. */
#define NAME_BYTES_MAX 64

/* One "name=value" of the field, with the name's parts (RFC 2231 section 4). */
struct piece {
	const char *name;
	bool is_section; /* "name*0": one of several */
	uint64_t section;
	bool is_encoded;   /* "name*": percent signs, with a charset in front */
	struct span value; /* unquoted */
};

struct pieces {
	size_t count;
	struct piece list[MIME_PARAMS_MAX];
};

/* Spaces and comments at the start; an open comment goes to the end. */
static struct span
skip_blank(struct span text)
{
	size_t i, depth = 0;

	for (i = 0; i < text.length; i++) {
		if (text.data[i] == '(')
			depth++;
		else if (text.data[i] == ')' && depth > 0)
			depth--;
		else if (text.data[i] == '\\' && depth > 0)
			i++;
		else if (depth == 0 && !ascii_is_space(text.data[i]))
			break;
	}
	return span_from(text, i < text.length ? i : text.length);
}

static bool
is_token(char c)
{
	return ascii_is_print((unsigned char)c) && c != ' ' &&
	    strchr("()<>@,;:\\\"[]?=", c) == NULL;
}

static size_t
token_length(struct span text)
{
	size_t i;

	for (i = 0; i < text.length; i++)
		if (!is_token(text.data[i]) && text.data[i] != '/')
			break;
	return i;
}

/* A quoted string at the start: its length with both quotes, 0: no end. */
static size_t
quoted_length(struct span text)
{
	size_t i;

	for (i = 1; i < text.length; i++) {
		if (text.data[i] == '"')
			return i + 1;
		if (text.data[i] == '\\')
			i++;
	}
	return 0;
}

/*
 * A copy of a quoted string of that length, without its quotes.  A backslash
 * that quotes neither a quote nor a backslash is one of a Windows path.
 */
static enum status
copy_quoted(struct region *region, struct span text, size_t quoted,
    struct span *value_r)
{
	size_t i, length = 0;
	char *copy;

	if ((copy = region_alloc(region, quoted)) == NULL)
		return STATUS_NOMEM;
	for (i = 1; i + 1 < quoted; i++) {
		if (text.data[i] == '\\' &&
		    (text.data[i + 1] == '\\' ||
			(text.data[i + 1] == '"' && i + 2 < quoted)))
			i++;
		copy[length++] = text.data[i];
	}
	value_r->data = copy;
	value_r->length = length;
	return STATUS_OK;
}

/* Does "name=" stand there? */
static bool
is_param(struct span text)
{
	size_t length = token_length(text);

	return length > 0 && length < text.length && text.data[length] == '=';
}

/* Up to the next ';' or parameter, so that "name=a b.pdf" is one name. */
static struct span
cut_unquoted(struct span *rest)
{
	struct span value = *rest;
	size_t i;

	for (i = 0; i < rest->length && rest->data[i] != ';'; i++)
		if (ascii_is_space(rest->data[i]) &&
		    is_param(span_from(*rest, i + 1)))
			break;
	value.length = i;
	*rest = span_from(*rest, i);
	return span_trim(value);
}

/*
 * A value at the start of *rest.  A quote that does not end is none: the value
 * ends at the next ';', as if it had ended there.
 */
static enum status
cut_value(struct region *region, struct span *rest, struct span *value_r,
    bool *broken)
{
	struct span text = skip_blank(*rest);
	bool is_quoted = text.length > 0 && text.data[0] == '"';
	size_t quoted = is_quoted ? quoted_length(text) : 0;

	if (quoted > 0) {
		*rest = span_from(text, quoted);
		return copy_quoted(region, text, quoted, value_r);
	}
	*broken |= is_quoted;
	*rest = is_quoted ? span_from(text, 1) : text;
	*value_r = cut_unquoted(rest);
	return STATUS_OK;
}

/* "name", "name*", "name*1" or "name*1*". */
static enum status
read_name(struct region *region, struct span text, struct piece *piece)
{
	struct span rest = text, name, number;
	char *copy;

	if (!span_split(&rest, '*', &name) ||
	    (copy = region_memdup(region, name.data, name.length)) == NULL)
		return STATUS_NOMEM;
	ascii_lower_all(copy, name.length);
	piece->name = copy;
	if (rest.data == NULL)
		return STATUS_OK;
	span_split(&rest, '*', &number);
	piece->is_section =
	    str_to_uint64(number, SECTIONS_MAX, &piece->section) == STATUS_OK;
	piece->is_encoded = rest.data != NULL || !piece->is_section;
	return STATUS_OK;
}

/* Cuts one parameter off the front of *rest; without a value it is left out. */
static enum status
cut_piece(struct region *region, struct span *rest, struct pieces *pieces,
    bool *broken)
{
	struct piece *piece = &pieces->list[pieces->count];
	struct span name;
	enum status status;

	memset(piece, 0, sizeof(*piece));
	name.data = rest->data;
	name.length = token_length(*rest);
	*rest = skip_blank(span_from(*rest, name.length));
	if (name.length == 0 || name.length > NAME_BYTES_MAX ||
	    rest->length == 0 || rest->data[0] != '=') {
		*broken = true;
		if (name.length == 0 && rest->length > 0 &&
		    rest->data[0] != ';')
			*rest = span_from(*rest, 1);
		return STATUS_OK;
	}
	*rest = span_from(*rest, 1);
	status = cut_value(region, rest, &piece->value, broken);
	if (status == STATUS_OK)
		status = read_name(region, name, piece);
	pieces->count += status == STATUS_OK;
	return status;
}

/* Parameters may also stand behind each other without a ';'. */
static enum status
cut_pieces(struct region *region, struct span rest, struct pieces *pieces,
    struct mime_field *field)
{
	enum status status = STATUS_OK;

	for (rest = skip_blank(rest); rest.length > 0 && status == STATUS_OK;
	     rest = skip_blank(rest)) {
		if (rest.data[0] == ';') {
			rest = span_from(rest, 1);
			continue;
		}
		if (pieces->count == MIME_PARAMS_MAX) {
			field->truncated = true;
			break;
		}
		status = cut_piece(region, &rest, pieces, &field->broken);
	}
	return status;
}

/* "charset'language'" off the front of an encoded value; "" if there is none */
static struct span
cut_charset(struct span *value)
{
	struct span rest = *value, charset, language;

	if (!span_split(&rest, '\'', &charset) ||
	    !span_split(&rest, '\'', &language) || rest.data == NULL)
		return span_of("");
	*value = rest;
	return charset;
}

/* The lowest section over last, or NULL. */
static const struct piece *
next_section(const struct pieces *pieces, const char *name, int64_t last)
{
	const struct piece *piece, *next = NULL;
	size_t i;

	for (i = 0; i < pieces->count; i++) {
		piece = &pieces->list[i];
		if (!piece->is_section || strcmp(piece->name, name) != 0 ||
		    (int64_t)piece->section <= last)
			continue;
		if (next == NULL || piece->section < next->section)
			next = piece;
	}
	return next;
}

/* All sections of a name, and the charset that the first one tells. */
static enum status
join_sections(struct region *region, const struct pieces *pieces,
    const char *name, struct span *bytes_r, struct span *charset_r)
{
	const struct piece *piece;
	struct span value;
	int64_t last = -1;
	size_t i, length = 0;
	char *bytes;

	for (i = 0; i < pieces->count; i++)
		if (strcmp(pieces->list[i].name, name) == 0)
			length += pieces->list[i].value.length;
	if ((bytes = region_alloc(region, length + 1)) == NULL)
		return STATUS_NOMEM;
	bytes_r->data = bytes;
	bytes_r->length = 0;
	*charset_r = span_of("");
	while ((piece = next_section(pieces, name, last)) != NULL) {
		value = piece->value;
		if (piece->is_encoded && last < 0)
			*charset_r = cut_charset(&value);
		if (piece->is_encoded)
			bytes_r->length +=
			    span_percent_decode(value, bytes + bytes_r->length);
		else
			memcpy(
			    bytes + bytes_r->length, value.data, value.length);
		if (!piece->is_encoded)
			bytes_r->length += value.length;
		last = (int64_t)piece->section;
	}
	return STATUS_OK;
}

/* A parameter of RFC 2231: bytes in a charset. */
static enum status
add_extended(struct region *region, const char *name, struct span bytes,
    struct span charset, struct mime_field *field)
{
	struct mime_param *param = &field->params[field->param_count++];
	struct charset_text text;
	enum status status;
	struct span clean;
	size_t controls = 0;

	param->name = name;
	param->raw = bytes;
	param->text = "";
	status = charset_to_utf8(region, charset, bytes, &text);
	if (status == STATUS_OK)
		status =
		    header_text_clean(region, text.text, &clean, &controls);
	if (status == STATUS_OK)
		param->text = clean.data;
	return status;
}

static enum status
add_sections(struct region *region, const struct pieces *pieces,
    const struct piece *piece, struct mime_field *field)
{
	struct span bytes, charset;
	enum status status;

	status = join_sections(region, pieces, piece->name, &bytes, &charset);
	if (status != STATUS_OK)
		return status;
	return add_extended(region, piece->name, bytes, charset, field);
}

static enum status
add_encoded(
    struct region *region, const struct piece *piece, struct mime_field *field)
{
	struct span value = piece->value, charset = cut_charset(&value), bytes;
	char *copy = region_alloc(region, value.length + 1);

	if (copy == NULL)
		return STATUS_NOMEM;
	bytes.data = copy;
	bytes.length = span_percent_decode(value, copy);
	return add_extended(region, piece->name, bytes, charset, field);
}

/* A parameter as RFC 2045 has it, with the encoded words that it forbids. */
static enum status
add_plain(
    struct region *region, const struct piece *piece, struct mime_field *field)
{
	struct mime_param *param = &field->params[field->param_count++];
	struct header_text text;
	enum status status;

	param->name = piece->name;
	param->raw = piece->value;
	status = header_text_decode(region, piece->value, &text);
	param->text = text.text.data;
	return status;
}

static enum status
add_extended_params(struct region *region, const struct pieces *pieces,
    struct mime_field *field)
{
	const struct piece *piece;
	enum status status = STATUS_OK;
	size_t i;

	for (i = 0; i < pieces->count && status == STATUS_OK; i++) {
		piece = &pieces->list[i];
		if (piece->is_section) {
			if (mime_field_param(field, piece->name) == NULL)
				status =
				    add_sections(region, pieces, piece, field);
		} else if (piece->is_encoded) {
			status = add_encoded(region, piece, field);
		}
	}
	return status;
}

/* A plain one beside one of RFC 2231 is for clients that do not know that. */
static enum status
add_plain_params(struct region *region, const struct pieces *pieces,
    struct mime_field *field)
{
	size_t i, extended_count = field->param_count;
	const struct mime_param *same;
	const struct piece *piece;
	enum status status = STATUS_OK;

	for (i = 0; i < pieces->count && status == STATUS_OK; i++) {
		piece = &pieces->list[i];
		if (piece->is_section || piece->is_encoded)
			continue;
		same = mime_field_param(field, piece->name);
		field->duplicate |=
		    same != NULL && same >= field->params + extended_count;
		status = add_plain(region, piece, field);
	}
	return status;
}

static enum status
read_token(struct region *region, struct span *rest, struct mime_field *field)
{
	struct span token;
	char *copy;

	*rest = skip_blank(*rest);
	if (rest->length > 0 && rest->data[0] == '"') {
		*rest = span_from(*rest, 1); /* "text/plain" in quotes */
		field->broken = true;
	}
	token.data = rest->data;
	token.length = token_length(*rest);
	*rest = span_from(*rest, token.length);
	if (field->broken && rest->length > 0 && rest->data[0] == '"')
		*rest = span_from(*rest, 1);
	*rest = skip_blank(*rest);
	if (rest->length > 0 && rest->data[0] == '=') {
		/* no token at all: the field begins with a parameter */
		*rest = (struct span){ token.data,
			(size_t)(rest->data - token.data) + rest->length };
		token.length = 0;
	}
	field->broken |=
	    token.length == 0 || (rest->length > 0 && rest->data[0] != ';');
	if ((copy = region_memdup(region, token.data, token.length)) == NULL)
		return STATUS_NOMEM;
	ascii_lower_all(copy, token.length);
	field->token = copy;
	return STATUS_OK;
}

enum status
mime_field_parse(
    struct region *region, struct span value, struct mime_field *field_r)
{
	struct span rest = value;
	struct pieces pieces;
	enum status status;

	memset(field_r, 0, sizeof(*field_r));
	field_r->token = "";
	pieces.count = 0;
	if (rest.length > MIME_FIELD_BYTES_MAX) {
		rest.length = MIME_FIELD_BYTES_MAX;
		field_r->truncated = true;
	}
	if ((status = read_token(region, &rest, field_r)) == STATUS_OK)
		status = cut_pieces(region, rest, &pieces, field_r);
	if (status != STATUS_OK || pieces.count == 0)
		return status;
	field_r->params =
	    region_alloc_array(region, pieces.count, sizeof(*field_r->params));
	if (field_r->params == NULL)
		return STATUS_NOMEM;
	status = add_extended_params(region, &pieces, field_r);
	if (status == STATUS_OK)
		status = add_plain_params(region, &pieces, field_r);
	return status;
}

const struct mime_param *
mime_field_param(const struct mime_field *field, const char *name)
{
	size_t i;

	for (i = 0; i < field->param_count; i++)
		if (strcmp(field->params[i].name, name) == 0)
			return &field->params[i];
	return NULL;
}
