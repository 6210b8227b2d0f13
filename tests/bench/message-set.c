/*
 * message-set - reads the messages of the bench and takes their headers apart
 * once, so that sending them costs the load generator little.
 *
 * The files are our own, but a damaged one is refused, not misread.
 */
#include "config.h"

#include "tests/bench/message-set.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/region.h"
#include "lib/base/str.h"

#define MESSAGE_SET_MAX_BYTES (1024UL * 1024 * 1024) /* all held in memory */
#define MESSAGE_SET_MAX_COUNT 1000000 /* far over what a bench run sends */
#define MESSAGE_MAX_HEADERS   200     /* far over what our generator writes */

struct message_set {
	struct region *region;
	struct bench_message *messages;
	size_t count;
};

/* Reads a whole file into the region; *file_r lives as long as the region. */
static enum status
file_read(struct region *region, const char *path, struct span *file_r)
{
	enum status status = STATUS_IO;
	char *data;
	FILE *file;
	long size;

	if ((file = fopen(path, "re")) == NULL ||
	    fseek(file, 0, SEEK_END) != 0 || (size = ftell(file)) < 0 ||
	    fseek(file, 0, SEEK_SET) != 0) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		goto out;
	}
	status = STATUS_LIMIT;
	if ((unsigned long)size > MESSAGE_SET_MAX_BYTES)
		goto out;
	status = STATUS_NOMEM;
	if ((data = region_alloc(region, (size_t)size + 1)) == NULL)
		goto out;
	status = STATUS_IO;
	if (fread(data, 1, (size_t)size, file) != (size_t)size)
		goto out;
	*file_r = (struct span){ data, (size_t)size };
	status = STATUS_OK;
out:
	if (file != NULL)
		fclose(file);
	return status;
}

/* The value as the protocol carries it: without CR, without the last break. */
static const char *
value_unfold(struct region *region, struct span raw)
{
	size_t i, length = 0;
	char *value;

	if ((value = region_alloc(region, raw.length + 1)) == NULL)
		return NULL;
	for (i = 0; i < raw.length; i++)
		if (raw.data[i] != '\r')
			value[length++] = raw.data[i];
	if (length > 0 && value[length - 1] == '\n')
		length--;
	value[length] = '\0';
	return value;
}

/* The length of the first header field with its folded lines; 0: no field. */
static size_t
field_length(struct span text)
{
	const char *end;
	size_t at = 0;

	while (at < text.length) {
		end = memchr(text.data + at, '\n', text.length - at);
		if (end == NULL)
			return 0;
		at = (size_t)(end - text.data) + 1;
		if (at == text.length)
			return at;
		if (text.data[at] != ' ' && text.data[at] != '\t')
			return at;
	}
	return 0;
}

static enum status
field_parse(struct region *region, struct span text, struct header_field *field)
{
	const char *colon = memchr(text.data, ':', text.length);
	struct span value;

	if (colon == NULL || colon == text.data)
		return STATUS_INVALID;
	value.data = colon + 1;
	value.length = text.length - (size_t)(colon + 1 - text.data);
	field->name =
	    region_memdup(region, text.data, (size_t)(colon - text.data));
	field->value = value_unfold(region, value);
	if (field->name == NULL || field->value == NULL)
		return STATUS_NOMEM;
	return STATUS_OK;
}

/* Cuts the header off the message; the body is what is left. */
static enum status
message_parse(
    struct region *region, struct span text, struct bench_message *message)
{
	struct header_field *fields;
	enum status status;
	size_t length;

	fields =
	    region_alloc_array(region, MESSAGE_MAX_HEADERS, sizeof(*fields));
	if (fields == NULL)
		return STATUS_NOMEM;
	while (!span_starts_nocase(text, "\r\n")) {
		length = field_length(text);
		if (length == 0 || message->header_count == MESSAGE_MAX_HEADERS)
			return STATUS_INVALID;
		status = field_parse(region, (struct span){ text.data, length },
		    &fields[message->header_count]);
		if (status != STATUS_OK)
			return status;
		message->header_count++;
		text.data += length;
		text.length -= length;
	}
	message->headers = fields;
	message->body = text.data + 2;
	message->body_length = text.length - 2;
	return STATUS_OK;
}

/* The next field of an index line as a string of its own. */
static enum status
index_text(struct region *region, struct span *line, const char **text_r)
{
	struct span piece;

	if (!span_split(line, '\t', &piece))
		return STATUS_INVALID;
	*text_r = region_memdup(region, piece.data, piece.length);
	return *text_r == NULL ? STATUS_NOMEM : STATUS_OK;
}

static enum status
index_number(struct span *line, uint64_t max, uint64_t *number_r)
{
	struct span piece;

	if (!span_split(line, '\t', &piece))
		return STATUS_INVALID;
	return str_to_uint64(piece, max, number_r);
}

static enum status
line_parse(struct region *region, struct span line, struct span file,
    struct bench_message *message)
{
	const char **texts[] = { &message->client_ip, &message->client_name,
		&message->helo, &message->sender, &message->recipient };
	uint64_t offset, length;
	enum status status;
	size_t i;

	status = index_number(&line, file.length, &offset);
	if (status == STATUS_OK)
		status = index_number(&line, file.length - offset, &length);
	for (i = 0; status == STATUS_OK && i < GP_NELEMS(texts); i++)
		status = index_text(region, &line, texts[i]);
	if (status != STATUS_OK)
		return status;
	return message_parse(region,
	    (struct span){ file.data + offset, (size_t)length }, message);
}

static enum status
set_parse(struct message_set *set, struct span file, struct span index)
{
	enum status status;
	struct span line;

	while (span_split(&index, '\n', &line)) {
		if (line.length == 0)
			continue;
		if (set->count == MESSAGE_SET_MAX_COUNT)
			return STATUS_LIMIT;
		status = line_parse(
		    set->region, line, file, &set->messages[set->count]);
		if (status != STATUS_OK) {
			fprintf(stderr, "message %zu: %s\n", set->count + 1,
			    status_text(status));
			return status;
		}
		set->count++;
	}
	return set->count == 0 ? STATUS_INVALID : STATUS_OK;
}

/* Lines of the index, an upper limit of the messages. */
static size_t
lines_count(struct span text)
{
	size_t i, count = 1;

	for (i = 0; i < text.length; i++)
		if (text.data[i] == '\n')
			count++;
	return count;
}

static enum status
set_read(
    struct message_set *set, const char *messages_path, const char *index_path)
{
	struct span file = { 0 }, index = { 0 };
	enum status status;

	status = file_read(set->region, messages_path, &file);
	if (status == STATUS_OK)
		status = file_read(set->region, index_path, &index);
	if (status != STATUS_OK)
		return status;
	set->messages = region_alloc_array(
	    set->region, lines_count(index), sizeof(*set->messages));
	if (set->messages == NULL)
		return STATUS_NOMEM;
	return set_parse(set, file, index);
}

enum status
message_set_load(const char *messages_path, const char *index_path,
    struct message_set **set_r)
{
	enum status status = STATUS_NOMEM;
	struct message_set *set;
	struct region *region;

	*set_r = NULL;
	if ((region = region_new()) == NULL)
		return STATUS_NOMEM;
	if ((set = region_alloc(region, sizeof(*set))) == NULL)
		goto fail;
	set->region = region;
	status = set_read(set, messages_path, index_path);
	if (status != STATUS_OK)
		goto fail;
	*set_r = set;
	return STATUS_OK;

fail:
	region_free(&region);
	return status;
}

void
message_set_free(struct message_set **set)
{
	struct region *region;

	if (*set == NULL)
		return;
	region = (*set)->region; /* the set lies in it */
	region_free(&region);
	*set = NULL;
}

size_t
message_set_count(const struct message_set *set)
{
	return set->count;
}

const struct bench_message *
message_set_get(const struct message_set *set, size_t i)
{
	return &set->messages[i];
}
