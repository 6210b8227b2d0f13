/* sign - DKIM signatures of one message (see sign.h). */
#include "config.h"

#include "lib/auth/sign.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "lib/auth/sign-canon.h"
#include "lib/auth/sign-fields.h"
#include "lib/base/clock.h"
#include "lib/base/strbuf.h"

#define LINE_COLUMNS    78 /* RFC 5322 section 2.1.1 */
#define TAB_COLUMNS     8
#define VALUE_BYTES     ((size_t)64 * 1024) /* 500 names of 64 bytes and more */
#define TAG_BYTES       400
#define BASE64_BYTES(n) (((n) + 2) / 3 * 4 + 1)

struct auth_sign {
	struct region *region;
	struct auth_sign_options options;
	struct auth_sign_canon *body;
	struct auth_sign_canon *header; /* of the signed fields */
	char body_hash[BASE64_BYTES(AUTH_SIGN_HASH_BYTES)];
	struct auth_sign_fields fields;
};

/* A value that is being written, folded by "\r\n\t" as it is hashed. */
struct value {
	struct strbuf *text;
	size_t column;
};

enum status
auth_sign_new(struct region *region, const struct auth_sign_options *options,
    struct auth_sign **sign_r)
{
	struct auth_sign *sign;
	enum status status;

	*sign_r = NULL;
	if ((sign = calloc(1, sizeof(*sign))) == NULL)
		return STATUS_NOMEM;
	sign->region = region;
	sign->options = *options;
	status = auth_sign_canon_new(options->line_limit, &sign->body);
	if (status == STATUS_OK)
		status =
		    auth_sign_canon_new(options->line_limit, &sign->header);
	if (status != STATUS_OK) {
		auth_sign_free(&sign);
		return status;
	}
	*sign_r = sign;
	return STATUS_OK;
}

void
auth_sign_free(struct auth_sign **sign)
{
	if (*sign == NULL)
		return;
	auth_sign_canon_free(&(*sign)->body);
	auth_sign_canon_free(&(*sign)->header);
	free(*sign);
	*sign = NULL;
}

void
auth_sign_body(struct auth_sign *sign, const void *data, size_t length)
{
	auth_sign_canon_body(sign->body, data, length);
}

static enum status
finish_body(struct auth_sign *sign)
{
	unsigned char hash[AUTH_SIGN_HASH_BYTES];
	enum status status;

	auth_sign_canon_body_end(sign->body);
	status = auth_sign_canon_finish(sign->body, hash);
	EVP_EncodeBlock(
	    (unsigned char *)sign->body_hash, hash, AUTH_SIGN_HASH_BYTES);
	return status;
}

static enum status
hash_fields(struct auth_sign *sign, const struct message *message)
{
	const struct auth_sign_options *options = &sign->options;
	enum status status;
	size_t i;

	status = auth_sign_fields_choose(sign->region, message,
	    options->more_fields, options->more_field_count, &sign->fields);
	if (status != STATUS_OK)
		return status;
	for (i = 0; i < sign->fields.count; i++)
		auth_sign_canon_field(sign->header,
		    sign->fields.fields[i]->name, sign->fields.fields[i]->value,
		    false);
	return STATUS_OK;
}

static void
fold(struct value *value)
{
	strbuf_add_text(value->text, "\r\n\t");
	value->column = TAB_COLUMNS;
}

/* Text that is not cut, on a new line where it and a ';' do not fit. */
static void
add_piece(struct value *value, const char *text)
{
	size_t length = strlen(text);

	if (value->column + length + 1 > LINE_COLUMNS)
		fold(value);
	strbuf_add(value->text, text, length);
	value->column += length;
}

/* "; " between two tags; a fold takes the place of the blank. */
static void
add_tag(struct value *value, const char *tag)
{
	size_t length = strlen(tag);

	if (strbuf_length(value->text) > 0) {
		strbuf_add_char(value->text, ';');
		if (value->column + 2 + length + 1 > LINE_COLUMNS) {
			fold(value);
		} else {
			strbuf_add_char(value->text, ' ');
			value->column += 2;
		}
	}
	strbuf_add(value->text, tag, length);
	value->column += length;
}

/* Base64, which may be cut anywhere. */
static void
add_base64(struct value *value, const char *text)
{
	size_t length = strlen(text), room;

	while (length > 0) {
		if (value->column >= LINE_COLUMNS)
			fold(value);
		room = LINE_COLUMNS - value->column;
		if (room > length)
			room = length;
		strbuf_add(value->text, text, room);
		value->column += room;
		text += room;
		length -= room;
	}
}

static void
add_names(struct value *value, const struct auth_sign_fields *fields)
{
	char name[TAG_BYTES];
	size_t i;

	for (i = 0; i < fields->name_count; i++) {
		snprintf(name, sizeof(name), "%s%s", fields->names[i],
		    i + 1 < fields->name_count ? ":" : "");
		add_piece(value, name);
	}
}

/* All tags up to "b=". */
static enum status
write_tags(const struct auth_sign *sign, struct value *value, int64_t now,
    const struct auth_sign_entry *key)
{
	const struct auth_sign_options *options = &sign->options;
	char tag[TAG_BYTES];

	add_tag(value, "v=1");
	snprintf(tag, sizeof(tag), "a=%s",
	    auth_sign_algorithm_text(auth_sign_key_type(key->key)));
	add_tag(value, tag);
	add_tag(value, "c=relaxed/relaxed");
	snprintf(tag, sizeof(tag), "d=%s", options->domain);
	add_tag(value, tag);
	snprintf(tag, sizeof(tag), "s=%s", key->selector);
	add_tag(value, tag);
	snprintf(tag, sizeof(tag), "t=%" PRId64, now);
	add_tag(value, tag);
	snprintf(tag, sizeof(tag), "x=%" PRId64, now + options->expire_seconds);
	if (options->expire_seconds > 0)
		add_tag(value, tag);
	add_tag(value, "h=");
	add_names(value, &sign->fields);
	snprintf(tag, sizeof(tag), "bh=%s", sign->body_hash);
	add_tag(value, tag);
	add_tag(value, "b=");
	return strbuf_status(value->text);
}

static enum status
hash_signature(const struct auth_sign *sign, const struct value *value,
    unsigned char hash[AUTH_SIGN_HASH_BYTES])
{
	struct span text = { strbuf_text(value->text),
		strbuf_length(value->text) };
	struct auth_sign_canon *canon;
	enum status status;

	status = auth_sign_canon_copy(sign->header, &canon);
	if (status != STATUS_OK)
		return status;
	auth_sign_canon_field(canon, span_of(AUTH_SIGN_FIELD_NAME), text, true);
	status = auth_sign_canon_finish(canon, hash);
	auth_sign_canon_free(&canon);
	return status;
}

/* A copy with the folds as the milter protocol wants them. */
static char *
copy_without_returns(struct region *region, const struct strbuf *text)
{
	char *copy = region_strdup(region, strbuf_text(text)), *from, *to;

	if (copy == NULL)
		return NULL;
	for (from = to = copy; *from != '\0'; from++)
		if (*from != '\r')
			*to++ = *from;
	*to = '\0';
	return copy;
}

static enum status
sign_value(struct auth_sign *sign, struct value *value, int64_t now,
    const struct auth_sign_entry *key)
{
	unsigned char hash[AUTH_SIGN_HASH_BYTES];
	unsigned char signature[AUTH_SIGN_BYTES_MAX];
	char base64[BASE64_BYTES(AUTH_SIGN_BYTES_MAX)];
	enum status status;
	size_t length;

	if ((status = write_tags(sign, value, now, key)) != STATUS_OK)
		return status;
	if ((status = hash_signature(sign, value, hash)) != STATUS_OK)
		return status;
	status = auth_sign_key_sign(key->key, hash, signature, &length);
	if (status != STATUS_OK)
		return status;
	EVP_EncodeBlock((unsigned char *)base64, signature, (int)length);
	add_base64(value, base64);
	return strbuf_status(value->text);
}

static enum status
sign_by_key(struct auth_sign *sign, int64_t now,
    const struct auth_sign_entry *key, const char **value_r)
{
	struct value value = { strbuf_new(VALUE_BYTES),
		sizeof(AUTH_SIGN_FIELD_NAME ": ") - 1 };
	enum status status;

	*value_r = NULL;
	if (value.text == NULL)
		return STATUS_NOMEM;
	status = sign_value(sign, &value, now, key);
	if (status == STATUS_OK) {
		*value_r = copy_without_returns(sign->region, value.text);
		if (*value_r == NULL)
			status = STATUS_NOMEM;
	}
	strbuf_free(&value.text);
	return status;
}

enum status
auth_sign_finish(
    struct auth_sign *sign, const struct message *message, const char **values)
{
	int64_t now = sign->options.now;
	enum status status;
	size_t i;

	if (now == 0)
		now = clock_wall_seconds();
	status = finish_body(sign);
	if (status == STATUS_OK)
		status = hash_fields(sign, message);
	for (i = 0; i < sign->options.key_count && status == STATUS_OK; i++)
		status =
		    sign_by_key(sign, now, sign->options.keys[i], &values[i]);
	return status;
}
