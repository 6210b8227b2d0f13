/* message - header fields of one message (see message.h). */
#include "config.h"

#include "lib/mail/message.h"

#include <string.h>

#define MESSAGE_FIRST_ROOM 32

void
message_init(struct message *message, struct region *region)
{
	memset(message, 0, sizeof(*message));
	message->region = region;
}

/* A copy of value with each bare LF made CRLF. */
static enum status
copy_folded(struct region *region, struct span value, struct span *copy_r)
{
	size_t i, bare = 0, length = 0;
	char *copy;

	for (i = 0; i < value.length; i++)
		bare += value.data[i] == '\n' &&
		    (i == 0 || value.data[i - 1] != '\r');
	if ((copy = region_alloc(region, value.length + bare + 1)) == NULL)
		return STATUS_NOMEM;
	for (i = 0; i < value.length; i++) {
		if (value.data[i] == '\n' &&
		    (i == 0 || value.data[i - 1] != '\r'))
			copy[length++] = '\r';
		copy[length++] = value.data[i];
	}
	copy_r->data = copy;
	copy_r->length = length;
	return STATUS_OK;
}

static enum status
grow_fields(struct message *message)
{
	struct message_field *fields;
	size_t room = message->field_room * 2;

	if (message->field_count < message->field_room)
		return STATUS_OK;
	if (room == 0)
		room = MESSAGE_FIRST_ROOM;
	fields = region_alloc_array(message->region, room, sizeof(*fields));
	if (fields == NULL)
		return STATUS_NOMEM;
	if (message->field_count > 0)
		memcpy(fields, message->fields,
		    message->field_count * sizeof(*fields));
	message->fields = fields;
	message->field_room = room;
	return STATUS_OK;
}

enum status
message_add_field(struct message *message, struct span name, struct span value)
{
	struct message_field *field;
	enum status status;

	if (message->field_count == MESSAGE_FIELDS_MAX ||
	    name.length + value.length >
		MESSAGE_HEADER_BYTES_MAX - message->header_bytes) {
		message->truncated = true;
		return STATUS_OK;
	}
	if ((status = grow_fields(message)) != STATUS_OK)
		return status;
	field = &message->fields[message->field_count];
	field->name.data =
	    region_memdup(message->region, name.data, name.length);
	if (field->name.data == NULL)
		return STATUS_NOMEM;
	field->name.length = name.length;
	status = copy_folded(message->region, value, &field->value);
	if (status != STATUS_OK)
		return status;
	message->header_bytes += name.length + value.length;
	message->field_count++;
	return STATUS_OK;
}

/* Cuts one line off the front of *rest, without its LF or CRLF. */
static struct span
cut_line(struct span *rest)
{
	struct span line;

	if (!span_split(rest, '\n', &line))
		return span_of("");
	if (rest->data == NULL)
		rest->data = line.data + line.length; /* empty, not absent */
	if (line.length > 0 && line.data[line.length - 1] == '\r')
		line.length--;
	return line;
}

/*
 * The length of a field name at the start of a line (RFC 5322 section 3.6.8;
 * blanks before the colon are obsolete syntax), 0 if the line is no field.
 */
static size_t
field_name_length(struct span line, size_t *colon_r)
{
	size_t i, length;

	for (i = 0; i < line.length; i++)
		if (line.data[i] == ':' || !ascii_is_print(line.data[i]) ||
		    line.data[i] == ' ')
			break;
	length = i;
	while (i < line.length && (line.data[i] == ' ' || line.data[i] == '\t'))
		i++;
	if (i == line.length || line.data[i] != ':')
		return 0;
	*colon_r = i;
	return length;
}

static bool
line_is_fold(struct span rest)
{
	return rest.length > 0 && (rest.data[0] == ' ' || rest.data[0] == '\t');
}

enum status
message_parse_header(
    struct message *message, struct span raw, struct span *body_r)
{
	struct span rest = raw, line, name, value;
	size_t colon;
	enum status status;

	if (raw.length >= 5 && memcmp(raw.data, "From ", 5) == 0)
		cut_line(&rest);
	while (rest.length > 0) {
		*body_r = rest;
		line = cut_line(&rest);
		name.data = line.data;
		if (line.length == 0) {
			*body_r = rest;
			return STATUS_OK;
		}
		if ((name.length = field_name_length(line, &colon)) == 0)
			return STATUS_OK;
		value.data = line.data + colon + 1;
		while (line_is_fold(rest))
			line = cut_line(&rest);
		value.length = (size_t)(line.data + line.length - value.data);
		status = message_add_field(message, name, value);
		if (status != STATUS_OK)
			return status;
	}
	body_r->data = "";
	body_r->length = 0;
	return STATUS_OK;
}

const struct message_field *
message_find(const struct message *message, const char *name, size_t nth)
{
	size_t i;

	for (i = 0; i < message->field_count; i++) {
		if (!span_equals_nocase(message->fields[i].name, name))
			continue;
		if (nth-- == 0)
			return &message->fields[i];
	}
	return NULL;
}

size_t
message_count(const struct message *message, const char *name)
{
	size_t i, count = 0;

	for (i = 0; i < message->field_count; i++)
		count += span_equals_nocase(message->fields[i].name, name);
	return count;
}
