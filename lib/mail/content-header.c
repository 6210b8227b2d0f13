/* content-header - what a header says, decoded (see content-header.h). */
#include "config.h"

#include "lib/mail/content-header.h"

#include <string.h>

/* A display name as header_text_decode() wants it: quotes are taken off, since
 * clients read encoded words inside of them too. */
static enum status
read_name(struct region *region, struct span raw, const char **name_r)
{
	struct header_text text;
	enum status status;
	struct span name;
	size_t i;
	char *copy;

	*name_r = "";
	if (raw.length == 0)
		return STATUS_OK;
	if ((copy = region_alloc(region, raw.length)) == NULL)
		return STATUS_NOMEM;
	name = (struct span){ copy, 0 };
	for (i = 0; i < raw.length; i++) {
		if (raw.data[i] == '"')
			continue;
		if (raw.data[i] == '\\' && i + 1 < raw.length)
			i++;
		copy[name.length++] = raw.data[i];
	}
	status = header_text_decode(region, name, &text);
	if (status == STATUS_OK)
		*name_r = text.text.data;
	return status;
}

static enum status
read_mailbox(struct region *region, const struct address *address,
    struct content_mailbox *mailbox)
{
	const char *organizational;

	mailbox->local_part = address->local_part;
	mailbox->domain = address->domain;
	organizational = domain_organizational(address->domain);
	mailbox->organizational_domain =
	    organizational == NULL ? "" : organizational;
	return read_name(region, address->name, &mailbox->name);
}

static enum status
read_mailboxes(struct region *region, const struct message *message,
    const char *name, struct content_mailboxes *mailboxes)
{
	const struct message_field *field = message_find(message, name, 0);
	struct content_mailbox *list;
	struct address *addresses;
	enum status status;
	size_t i;

	mailboxes->field_count = message_count(message, name);
	if (field == NULL)
		return STATUS_OK;
	status = address_parse_list(region, field->value, &addresses,
	    &mailboxes->count, &mailboxes->broken);
	mailboxes->cut = status == STATUS_LIMIT;
	if (status == STATUS_NOMEM || mailboxes->count == 0)
		return status;
	list = region_alloc_array(region, mailboxes->count, sizeof(*list));
	if (list == NULL)
		return STATUS_NOMEM;
	mailboxes->list = list;
	status = STATUS_OK;
	for (i = 0; i < mailboxes->count && status == STATUS_OK; i++)
		status = read_mailbox(region, &addresses[i], &list[i]);
	return status;
}

static enum status
read_subject(struct region *region, const struct message *message,
    struct content_header *header)
{
	const struct message_field *field = message_find(message, "Subject", 0);

	header->subject_count = message_count(message, "Subject");
	header->subject.text = span_of("");
	if (field == NULL)
		return STATUS_OK;
	return header_text_decode(region, field->value, &header->subject);
}

static void
read_date(const struct message *message, struct content_date *date)
{
	const struct message_field *field = message_find(message, "Date", 0);

	date->field_count = message_count(message, "Date");
	date->broken =
	    field != NULL && date_parse(field->value, &date->date) != STATUS_OK;
}

static struct span
cut_brackets(struct span id)
{
	if (id.length >= 2 && id.data[0] == '<' &&
	    id.data[id.length - 1] == '>') {
		id.data++;
		id.length -= 2;
	}
	return id;
}

/* An identifier, clean and without its angle brackets. */
static enum status
read_id(struct region *region, struct span value, const char **id_r)
{
	struct header_text text;
	enum status status;
	struct span id;

	status = header_text_decode(region, value, &text);
	if (status != STATUS_OK)
		return status;
	id = cut_brackets(text.text);
	*id_r = region_memdup(region, id.data, id.length);
	return *id_r == NULL ? STATUS_NOMEM : STATUS_OK;
}

static enum status
read_message_id(struct region *region, const struct message *message,
    struct content_header *header)
{
	const struct message_field *field =
	    message_find(message, "Message-ID", 0);

	header->message_id_count = message_count(message, "Message-ID");
	header->message_id = "";
	if (field == NULL)
		return STATUS_OK;
	return read_id(region, field->value, &header->message_id);
}

/* Cuts the last "<...>" off the end of a value. */
static bool
cut_last_id(struct span *value, struct span *id_r)
{
	const char *end = memrchr(value->data, '>', value->length);
	const char *begin;

	if (end == NULL)
		return false;
	begin = memrchr(value->data, '<', (size_t)(end - value->data));
	if (begin == NULL)
		return false;
	*id_r = (struct span){ begin, (size_t)(end + 1 - begin) };
	value->length = (size_t)(begin - value->data);
	return true;
}

/* The newest stand last in a field. */
static enum status
read_references(struct region *region, const struct message *message,
    const char *name, struct content_header *header, const char **list)
{
	const struct message_field *field = message_find(message, name, 0);
	enum status status = STATUS_OK;
	struct span rest, id;

	if (field == NULL || field->value.length == 0)
		return STATUS_OK;
	rest = field->value;
	while (status == STATUS_OK &&
	    header->reference_count < CONTENT_REFERENCES_MAX &&
	    cut_last_id(&rest, &id)) {
		status = read_id(region, id, &list[header->reference_count]);
		header->reference_count += status == STATUS_OK;
	}
	return status;
}

static enum status
read_all_references(struct region *region, const struct message *message,
    struct content_header *header)
{
	const char **list;
	enum status status;

	list =
	    region_alloc_array(region, CONTENT_REFERENCES_MAX, sizeof(*list));
	if (list == NULL)
		return STATUS_NOMEM;
	header->references = list;
	status = read_references(region, message, "In-Reply-To", header, list);
	if (status != STATUS_OK)
		return status;
	return read_references(region, message, "References", header, list);
}

enum status
content_header_read(struct region *region, const struct message *message,
    struct content_header *header)
{
	const struct {
		const char *name;
		struct content_mailboxes *mailboxes;
	} lists[] = {
		{ "From", &header->from },
		{ "Sender", &header->sender },
		{ "Reply-To", &header->reply_to },
		{ "To", &header->to },
		{ "Cc", &header->cc },
	};
	enum status status;
	size_t i;

	memset(header, 0, sizeof(*header));
	read_date(message, &header->date);
	status = read_subject(region, message, header);
	for (i = 0; i < GP_NELEMS(lists) && status == STATUS_OK; i++)
		status = read_mailboxes(
		    region, message, lists[i].name, lists[i].mailboxes);
	if (status == STATUS_OK)
		status = read_message_id(region, message, header);
	if (status == STATUS_OK)
		status = read_all_references(region, message, header);
	return status;
}
