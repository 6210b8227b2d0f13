/* authres - writing the field, and telling whose it is (see authres.h). */
#include "config.h"

#include "lib/auth/authres.h"

#include <stdlib.h>
#include <string.h>

#include "lib/auth/authres-private.h"

#define NAME_COLUMNS 24 /* "Authentication-Results: " */
#define TAB_COLUMNS  8
#define LINE_COLUMNS 78 /* RFC 5322 section 2.1.1 */
/*
 * The whole field: 64 results of 16 properties of 320 bytes, each escaped,
 * would be more than any server takes; Postfix's header_size_limit is 102400.
 */
#define FIELD_MAX_BYTES 65536

struct writer {
	struct region *region;
	struct strbuf *out;
	struct strbuf *piece; /* "reason=..." and the like, being built */
	size_t column;
};

static enum status
add_keyword(struct writer *writer, const char *keyword)
{
	struct span text = span_of(keyword);

	if (text.length == 0 || authres_match_keyword(text) != text.length)
		return STATUS_INVALID;
	strbuf_add(writer->piece, text.data, text.length);
	return STATUS_OK;
}

static void
add_version(struct writer *writer, unsigned int version)
{
	if (version != 1)
		strbuf_printf(writer->piece, "/%u", version);
}

/* A copy in which each byte that may not be written is a '?'. */
static char *
printable_copy(struct region *region, struct span text)
{
	char *copy = region_memdup(region, text.data, text.length);
	struct span rest = text;
	size_t at = 0, bytes;

	for (; copy != NULL && at < text.length; at += bytes) {
		rest.data = text.data + at;
		rest.length = text.length - at;
		bytes = 1;
		if (copy[at] == '\t')
			copy[at] = ' ';
		else if ((unsigned char)copy[at] >= 0x80 &&
		    authres_match_utf8(rest) > 0)
			bytes = authres_match_utf8(rest);
		else if (!ascii_is_print(copy[at]))
			copy[at] = '?';
	}
	return copy;
}

static bool
is_bare(struct span text, bool may_be_address)
{
	if (text.length == 0)
		return false;
	return authres_match_token(text) == text.length ||
	    (may_be_address && authres_match_address(text) == text.length);
}

static void
add_value(struct strbuf *out, struct span text, bool may_be_address)
{
	if (is_bare(text, may_be_address))
		strbuf_add(out, text.data, text.length);
	else
		authres_add_quoted(out, text);
}

/* A value of any bytes, made fit for the field. */
static enum status
add_hostile_value(struct writer *writer, const char *value, bool may_be_address)
{
	const char *text = printable_copy(writer->region, span_of(value));

	if (text == NULL)
		return STATUS_NOMEM;
	if ((text = authres_shorten(writer->region, span_of(text))) == NULL)
		return STATUS_NOMEM;
	add_value(writer->piece, span_of(text), may_be_address);
	return STATUS_OK;
}

/* Moves the piece to the field, on the next line if it does not fit here. */
static void
put_piece(struct writer *writer, bool new_line)
{
	size_t length = strbuf_length(writer->piece);

	if (new_line || writer->column + 1 + length > LINE_COLUMNS) {
		strbuf_add_text(writer->out, "\n\t");
		writer->column = TAB_COLUMNS;
	} else {
		strbuf_add_char(writer->out, ' ');
		writer->column++;
	}
	strbuf_add(writer->out, strbuf_text(writer->piece), length);
	writer->column += length;
	strbuf_reset(writer->piece);
}

static enum status
write_property(struct writer *writer, const struct authres_property *property)
{
	enum status status;

	if ((status = add_keyword(writer, property->ptype)) != STATUS_OK)
		return status;
	strbuf_add_char(writer->piece, '.');
	if ((status = add_keyword(writer, property->property)) != STATUS_OK)
		return status;
	strbuf_add_char(writer->piece, '=');
	status = add_hostile_value(writer, property->value, true);
	if (status == STATUS_OK)
		put_piece(writer, false);
	return status;
}

static enum status
write_result(struct writer *writer, const struct authres_result *result)
{
	enum status status;
	size_t i;

	strbuf_add_char(writer->out, ';');
	if ((status = add_keyword(writer, result->method)) != STATUS_OK)
		return status;
	add_version(writer, result->version);
	strbuf_add_char(writer->piece, '=');
	if ((status = add_keyword(writer, result->result)) != STATUS_OK)
		return status;
	put_piece(writer, true);
	if (result->reason != NULL) {
		strbuf_add_text(writer->piece, "reason=");
		status = add_hostile_value(writer, result->reason, false);
		if (status != STATUS_OK)
			return status;
		put_piece(writer, false);
	}
	for (i = 0; i < result->property_count && i < AUTHRES_PROPERTIES_MAX &&
	     status == STATUS_OK;
	     i++)
		status = write_property(writer, &result->properties[i]);
	return status;
}

static enum status
write_authserv_id(struct writer *writer, const struct authres *authres)
{
	struct span id = span_of(authres->authserv_id);
	const char *good;

	if (id.length == 0 || id.length > AUTHRES_VALUE_MAX)
		return STATUS_INVALID;
	if ((good = printable_copy(writer->region, id)) == NULL)
		return STATUS_NOMEM;
	if (!span_equals(id, good))
		return STATUS_INVALID;
	add_value(writer->out, id, false);
	if (authres->version != 1)
		strbuf_printf(writer->out, " %u", authres->version);
	writer->column = NAME_COLUMNS + strbuf_length(writer->out);
	return STATUS_OK;
}

/* A result that would make the field too large is left out, and all behind. */
static enum status
write_results(struct writer *writer, const struct authres *authres)
{
	enum status status = STATUS_OK;
	size_t i, before;

	if (authres->result_count == 0)
		strbuf_add_text(writer->out, "; none");
	for (i = 0; i < authres->result_count && i < AUTHRES_RESULTS_MAX &&
	     status == STATUS_OK;
	     i++) {
		before = strbuf_length(writer->out);
		status = write_result(writer, &authres->results[i]);
		if (status == STATUS_OK && i > 0 &&
		    strbuf_length(writer->out) > FIELD_MAX_BYTES) {
			strbuf_truncate(writer->out, before);
			break;
		}
	}
	return status;
}

enum status
authres_write(
    struct region *region, const struct authres *authres, const char **value_r)
{
	struct writer writer = { region, strbuf_new(2 * FIELD_MAX_BYTES),
		strbuf_new(2 * FIELD_MAX_BYTES), 0 };
	enum status status = STATUS_NOMEM;

	*value_r = NULL;
	if (writer.out != NULL && writer.piece != NULL)
		status = write_authserv_id(&writer, authres);
	if (status == STATUS_OK)
		status = write_results(&writer, authres);
	if (status == STATUS_OK)
		status = strbuf_status(writer.piece);
	if (status == STATUS_OK)
		status = strbuf_status(writer.out);
	if (status == STATUS_OK) {
		*value_r = region_strdup(region, strbuf_text(writer.out));
		if (*value_r == NULL)
			status = STATUS_NOMEM;
	}
	strbuf_free(&writer.piece);
	strbuf_free(&writer.out);
	return status;
}
