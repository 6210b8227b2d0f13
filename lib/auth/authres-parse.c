/*
 * authres-parse - reading the field (see authres.h).
 *
 * One function a rule of RFC 8601 section 2.2; each returns STATUS_OK and
 * stands behind what it read, or STATUS_INVALID, which ends the whole.
 */
#include "config.h"

#include <string.h>

#include "lib/auth/authres-private.h"
#include "lib/auth/authres.h"

#define COMMENT_DEPTH_MAX 32 /* no writer nests comments; 32 is generous */
#define VERSION_MAX       999999

struct reader {
	struct region *region;
	struct span rest;    /* not yet read */
	struct strbuf *text; /* the value being read */
};

static int
peek(const struct reader *reader, size_t ahead)
{
	if (ahead >= reader->rest.length)
		return -1;
	return (unsigned char)reader->rest.data[ahead];
}

static void
skip(struct reader *reader, size_t count)
{
	reader->rest.data += count;
	reader->rest.length -= count;
}

/* Bytes of a blank here, or of a line break with a blank (or nothing) behind */
static size_t
match_blank(const struct reader *reader)
{
	size_t bytes = 0;
	int c = peek(reader, 0);

	if (c == ' ' || c == '\t')
		return 1;
	if (c == '\r')
		bytes++;
	if (peek(reader, bytes++) != '\n')
		return 0;
	c = peek(reader, bytes);
	return c == ' ' || c == '\t' || c == -1 ? bytes : 0;
}

static enum status
skip_comment(struct reader *reader)
{
	size_t depth = 0;
	int c;

	do {
		c = peek(reader, 0);
		if (c == '\\') {
			skip(reader, 1);
			if (peek(reader, 0) == -1)
				return STATUS_INVALID;
		} else if (c == '(') {
			depth++;
		} else if (c == ')') {
			depth--;
		}
		if (c == -1 || c == '\0' || depth > COMMENT_DEPTH_MAX)
			return STATUS_INVALID;
		skip(reader, 1);
	} while (depth > 0);
	return STATUS_OK;
}

/* [CFWS]; any_r (may be NULL) tells whether there was any */
static enum status
skip_cfws(struct reader *reader, bool *any_r)
{
	size_t before = reader->rest.length, bytes;
	enum status status = STATUS_OK;

	while (status == STATUS_OK) {
		if ((bytes = match_blank(reader)) > 0)
			skip(reader, bytes);
		else if (peek(reader, 0) == '(')
			status = skip_comment(reader);
		else
			break;
	}
	if (any_r != NULL)
		*any_r = reader->rest.length != before;
	return status;
}

/* One byte that has to stand here, and CFWS around it. */
static enum status
read_mark(struct reader *reader, char mark)
{
	enum status status = skip_cfws(reader, NULL);

	if (status != STATUS_OK)
		return status;
	if (peek(reader, 0) != mark)
		return STATUS_INVALID;
	skip(reader, 1);
	return skip_cfws(reader, NULL);
}

static enum status
read_keyword(struct reader *reader, const char **keyword_r)
{
	size_t length = authres_match_keyword(reader->rest);
	char *keyword;

	if (length == 0)
		return STATUS_INVALID;
	keyword = region_memdup(reader->region, reader->rest.data, length);
	if (keyword == NULL)
		return STATUS_NOMEM;
	ascii_lower_all(keyword, length);
	*keyword_r = keyword;
	skip(reader, length);
	return STATUS_OK;
}

static enum status
read_version(struct reader *reader, unsigned int *version_r)
{
	struct span digits = { reader->rest.data, 0 };
	uint64_t number;

	while (ascii_is_digit(peek(reader, digits.length)))
		digits.length++;
	if (str_to_uint64(digits, VERSION_MAX, &number) != STATUS_OK)
		return STATUS_INVALID;
	*version_r = (unsigned int)number;
	skip(reader, digits.length);
	return STATUS_OK;
}

/* One character of a quoted string; controls are refused, tabs are blanks. */
static enum status
read_quoted_character(struct reader *reader)
{
	size_t bytes;
	int c;

	if (peek(reader, 0) == '\\')
		skip(reader, 1);
	else if ((bytes = match_blank(reader)) > 0 && peek(reader, 0) < ' ' &&
	    peek(reader, 0) != '\t') {
		skip(reader, bytes); /* a fold: the blank behind it stays */
		return STATUS_OK;
	}
	c = peek(reader, 0);
	if (c >= 0x80)
		bytes = authres_match_utf8(reader->rest);
	else
		bytes = ascii_is_print(c) || c == '\t';
	if (bytes == 0)
		return STATUS_INVALID;
	if (c == '\t')
		strbuf_add_char(reader->text, ' ');
	else
		strbuf_add(reader->text, reader->rest.data, bytes);
	skip(reader, bytes);
	return STATUS_OK;
}

/* A quoted-string, unquoted into reader->text. */
static enum status
read_quoted(struct reader *reader)
{
	enum status status = STATUS_OK;

	skip(reader, 1);
	while (status == STATUS_OK && peek(reader, 0) != '"')
		status = read_quoted_character(reader);
	if (status == STATUS_OK)
		skip(reader, 1);
	return status;
}

/* "local part"@domain: what was read is its local part, and stays quoted. */
static enum status
read_domain_of_quoted(struct reader *reader)
{
	struct strbuf *text = reader->text;
	enum status status = STATUS_OK;
	struct span domain;
	char *local;

	domain.data = reader->rest.data + 1;
	domain.length = reader->rest.length - 1;
	domain.length = authres_match_domain(domain);
	if (domain.length == 0)
		return STATUS_INVALID;
	local = region_memdup(
	    reader->region, strbuf_text(text), strbuf_length(text));
	if (local == NULL)
		return STATUS_NOMEM;
	strbuf_reset(text);
	authres_add_quoted(text, span_of(local));
	strbuf_add_char(text, '@');
	strbuf_add(text, domain.data, domain.length);
	skip(reader, 1 + domain.length);
	return status;
}

/* value, or with may_be_address pvalue */
static enum status
read_value(struct reader *reader, bool may_be_address, const char **value_r)
{
	enum status status = STATUS_OK;
	size_t length = 0;
	struct span text;

	strbuf_reset(reader->text);
	if (peek(reader, 0) == '"') {
		status = read_quoted(reader);
		if (status == STATUS_OK && may_be_address &&
		    peek(reader, 0) == '@')
			status = read_domain_of_quoted(reader);
	} else {
		if (may_be_address)
			length = authres_match_address(reader->rest);
		if (length == 0)
			length = authres_match_token(reader->rest);
		if (length == 0)
			return STATUS_INVALID;
		strbuf_add(reader->text, reader->rest.data, length);
		skip(reader, length);
	}
	if (status == STATUS_OK)
		status = strbuf_status(reader->text);
	if (status != STATUS_OK)
		return status;
	text.data = strbuf_text(reader->text);
	text.length = strbuf_length(reader->text);
	*value_r = authres_shorten(reader->region, text);
	return *value_r == NULL ? STATUS_NOMEM : STATUS_OK;
}

/* methodspec = [CFWS] method [CFWS] "=" [CFWS] result; the method was read */
static enum status
read_methodspec(struct reader *reader, struct authres_result *result)
{
	enum status status = skip_cfws(reader, NULL);

	result->version = 1;
	if (status == STATUS_OK && peek(reader, 0) == '/') {
		status = read_mark(reader, '/');
		if (status == STATUS_OK)
			status = read_version(reader, &result->version);
	}
	if (status == STATUS_OK)
		status = read_mark(reader, '=');
	if (status == STATUS_OK)
		status = read_keyword(reader, &result->result);
	return status;
}

/* The ptype was read; a property over the limit is read over. */
static enum status
read_propspec(struct reader *reader, struct authres_result *result,
    struct authres_property *properties, const char *ptype)
{
	struct authres_property property = { ptype, NULL, NULL };
	enum status status = read_mark(reader, '.');

	if (status == STATUS_OK)
		status = read_keyword(reader, &property.property);
	if (status == STATUS_OK)
		status = read_mark(reader, '=');
	if (status == STATUS_OK)
		status = read_value(reader, true, &property.value);
	if (status == STATUS_OK &&
	    result->property_count < AUTHRES_PROPERTIES_MAX)
		properties[result->property_count++] = property;
	return status;
}

/* reasonspec or propspec; a reason stands before all properties. */
static enum status
read_detail(struct reader *reader, struct authres_result *result,
    struct authres_property *properties, bool first)
{
	enum status status;
	const char *keyword;

	if ((status = read_keyword(reader, &keyword)) != STATUS_OK)
		return status;
	if ((status = skip_cfws(reader, NULL)) != STATUS_OK)
		return status;
	if (peek(reader, 0) != '=')
		return read_propspec(reader, result, properties, keyword);
	if (!first || strcmp(keyword, "reason") != 0)
		return STATUS_INVALID;
	if ((status = read_mark(reader, '=')) != STATUS_OK)
		return status;
	return read_value(reader, false, &result->reason);
}

/* resinfo behind its ";" and its method */
static enum status
read_result(struct reader *reader, struct authres_result *result)
{
	struct authres_property *properties;
	enum status status;
	bool first = true, any;

	properties = region_alloc_array(
	    reader->region, AUTHRES_PROPERTIES_MAX, sizeof(*properties));
	if (properties == NULL)
		return STATUS_NOMEM;
	result->properties = properties;
	status = read_methodspec(reader, result);
	if (status != STATUS_OK)
		return status;
	for (;; first = false) {
		if ((status = skip_cfws(reader, &any)) != STATUS_OK)
			return status;
		if (peek(reader, 0) == -1 || peek(reader, 0) == ';')
			return STATUS_OK;
		if (first && !any)
			return STATUS_INVALID;
		status = read_detail(reader, result, properties, first);
		if (status != STATUS_OK)
			return status;
	}
}

/* Behind the authserv-id: ";" "none", or the results. */
static enum status
read_results(struct reader *reader, struct authres *authres)
{
	struct authres_result *results, *result;
	enum status status;

	results = region_alloc_array(
	    reader->region, AUTHRES_RESULTS_MAX, sizeof(*results));
	if (results == NULL)
		return STATUS_NOMEM;
	authres->results = results;
	do {
		result = &results[authres->result_count];
		status = read_mark(reader, ';');
		if (status == STATUS_OK)
			status = read_keyword(reader, &result->method);
		if (status == STATUS_OK)
			status = skip_cfws(reader, NULL);
		if (status != STATUS_OK)
			return status;
		if (authres->result_count == 0 && peek(reader, 0) == -1)
			return strcmp(result->method, "none") == 0 ?
			    STATUS_OK :
			    STATUS_INVALID;
		if ((status = read_result(reader, result)) != STATUS_OK)
			return status;
		authres->result_count++;
	} while (peek(reader, 0) != -1 &&
	    authres->result_count < AUTHRES_RESULTS_MAX);
	return STATUS_OK;
}

/* [CFWS] authserv-id [ CFWS authres-version ] */
static enum status
read_authserv_id(struct reader *reader, struct authres *authres)
{
	enum status status = skip_cfws(reader, NULL);
	bool any = false;

	authres->version = 1;
	if (status == STATUS_OK)
		status = read_value(reader, false, &authres->authserv_id);
	if (status == STATUS_OK &&
	    (strbuf_length(reader->text) > AUTHRES_VALUE_MAX ||
		strbuf_length(reader->text) == 0))
		status = STATUS_INVALID;
	if (status == STATUS_OK)
		status = skip_cfws(reader, &any);
	if (status == STATUS_OK && any && ascii_is_digit(peek(reader, 0)))
		status = read_version(reader, &authres->version);
	return status;
}

enum status
authres_parse(
    struct region *region, struct span value, struct authres **authres_r)
{
	struct reader reader = { region, value, NULL };
	struct authres *authres;
	enum status status = STATUS_NOMEM;

	*authres_r = NULL;
	/* A quoted local part may be unquoted and quoted again: three times. */
	reader.text = strbuf_new(3 * value.length + 4);
	authres = region_alloc(region, sizeof(*authres));
	if (reader.text != NULL && authres != NULL)
		status = read_authserv_id(&reader, authres);
	if (status == STATUS_OK)
		status = read_results(&reader, authres);
	if (status == STATUS_OK)
		*authres_r = authres;
	strbuf_free(&reader.text);
	return status;
}
