/* content-part - what a part's fields say of it (see content.h). */
#include "config.h"

#include <string.h>

#include "lib/mail/content-private.h"
#include "lib/mail/header-text.h"
#include "lib/mail/mime-field.h"

#define TYPE_BYTES_MAX 255 /* RFC 6838 section 4.2: two names of 127 */

/* The first field of that name; a second one is damage. */
static const struct message_field *
find_field(struct content_part *part, const char *name)
{
	if (message_find(part->message, name, 1) != NULL)
		part->damage |= CONTENT_DUPLICATE_FIELD;
	return message_find(part->message, name, 0);
}

static enum status
parse_field(struct content_builder *builder, struct content_part *part,
    const struct message_field *field, struct mime_field *mime)
{
	enum status status;

	status = mime_field_parse(builder->region, field->value, mime);
	if (mime->duplicate)
		part->damage |= CONTENT_DUPLICATE_FIELD;
	if (mime->truncated)
		builder->reached |= CONTENT_LIMIT_HEADER;
	return status;
}

/* "type/subtype", both there. */
static bool
is_type(const char *token)
{
	const char *slash = strchr(token, '/');

	return slash != NULL && slash > token && slash[1] != '\0' &&
	    strchr(slash + 1, '/') == NULL && strlen(token) <= TYPE_BYTES_MAX;
}

/* Lower case, and only up to the first blank or comma. */
static enum status
copy_charset(struct region *region, const char *text, const char **charset_r)
{
	char *copy;
	size_t length = strcspn(text, " ,");

	if ((copy = region_memdup(region, text, length)) == NULL)
		return STATUS_NOMEM;
	ascii_lower_all(copy, length);
	*charset_r = copy;
	return STATUS_OK;
}

/* A boundary cannot end in a blank (RFC 2046 section 5.1.1). */
static struct span
trim_end(struct span boundary)
{
	while (boundary.length > 0 &&
	    ascii_is_space(boundary.data[boundary.length - 1]))
		boundary.length--;
	return boundary;
}

static enum status
read_type(struct content_builder *builder, struct content_part *part,
    struct span *boundary_r)
{
	const struct message_field *field = find_field(part, "Content-Type");
	const struct mime_param *param;
	struct mime_field mime;
	enum status status;

	if (field == NULL)
		return STATUS_OK;
	status = parse_field(builder, part, field, &mime);
	if (status != STATUS_OK)
		return status;
	if (mime.broken || !is_type(mime.token))
		part->damage |= CONTENT_BROKEN_TYPE;
	part->type = is_type(mime.token) ? mime.token : "text/plain";
	if ((param = mime_field_param(&mime, "name")) != NULL)
		part->name = param->text;
	if ((param = mime_field_param(&mime, "boundary")) != NULL &&
	    strncmp(part->type, "multipart/", 10) == 0)
		*boundary_r = trim_end(param->raw);
	if ((param = mime_field_param(&mime, "charset")) == NULL)
		return STATUS_OK;
	return copy_charset(builder->region, param->text, &part->charset);
}

static enum status
read_disposition(struct content_builder *builder, struct content_part *part)
{
	const struct message_field *field;
	const struct mime_param *param;
	struct mime_field mime;
	enum status status;

	field = find_field(part, "Content-Disposition");
	if (field == NULL)
		return STATUS_OK;
	status = parse_field(builder, part, field, &mime);
	if (status != STATUS_OK)
		return status;
	part->disposition = mime.token;
	if ((param = mime_field_param(&mime, "filename")) == NULL ||
	    param->text[0] == '\0')
		return STATUS_OK;
	if (part->name[0] != '\0' && strcmp(part->name, param->text) != 0)
		part->damage |= CONTENT_NAMES_DIFFER;
	part->name = param->text;
	return STATUS_OK;
}

static void
read_transfer(struct content_part *part)
{
	const struct message_field *field;

	field = find_field(part, "Content-Transfer-Encoding");
	if (field == NULL)
		return;
	part->transfer = transfer_of(field->value);
	if (part->transfer == TRANSFER_UNKNOWN)
		part->damage |= CONTENT_UNKNOWN_ENCODING;
}

static enum status
read_id(struct content_builder *builder, struct content_part *part)
{
	const struct message_field *field = find_field(part, "Content-ID");
	struct header_text text;
	enum status status;
	struct span id;
	char *copy;

	if (field == NULL)
		return STATUS_OK;
	status = header_text_decode(builder->region, field->value, &text);
	if (status != STATUS_OK)
		return status;
	id = text.text;
	if (id.length >= 2 && id.data[0] == '<' &&
	    id.data[id.length - 1] == '>') {
		id.data++;
		id.length -= 2;
	}
	if ((copy = region_memdup(builder->region, id.data, id.length)) == NULL)
		return STATUS_NOMEM;
	part->content_id = copy;
	return STATUS_OK;
}

enum status
content_part_describe(struct content_builder *builder,
    struct content_part *part, const char *default_type,
    struct span *boundary_r)
{
	enum status status;

	*boundary_r = span_of("");
	part->type = default_type;
	part->charset = part->name = "";
	part->disposition = part->content_id = "";
	part->transfer = TRANSFER_7BIT;
	read_transfer(part);
	status = read_type(builder, part, boundary_r);
	if (status == STATUS_OK)
		status = read_disposition(builder, part);
	if (status == STATUS_OK)
		status = read_id(builder, part);
	if (strncmp(part->type, "multipart/", 10) != 0)
		return status;
	if (boundary_r->length == 0)
		part->damage |= CONTENT_NO_BOUNDARY;
	if (transfer_is_encoded(part->transfer))
		part->damage |= CONTENT_ENCODED_MULTIPART;
	return status;
}
