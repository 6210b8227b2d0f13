/* head - what a delivery needs to know of a header (see head.h). */
#include "config.h"

#include "deliver/head.h"

#include <string.h>

/* The name of the field that a line begins; empty: it begins none. */
static struct span
name_of(struct span line, struct span *value_r)
{
	struct span name;

	*value_r = line;
	if (line.length == 0 || ascii_is_space(line.data[0]) ||
	    memchr(line.data, ':', line.length) == NULL)
		return span_of("");
	(void)span_split(value_r, ':', &name);
	*value_r = span_trim(*value_r);
	return span_trim(name);
}

static void
note_delivered_to(struct head *head, struct span value, bool in_lead)
{
	size_t *count = in_lead ? &head->lead_count : &head->count;
	struct span *list =
	    in_lead ? head->lead_delivered_to : head->delivered_to;

	if (*count == HEAD_DELIVERED_MAX)
		head->too_many = true;
	else
		list[(*count)++] = value;
}

/* Takes one line into account; returns whether it still is of the lead. */
static bool
read_line(struct head *head, struct span line, bool in_lead)
{
	struct span name, value;

	name = name_of(line, &value);
	if (span_equals_nocase(name, "Delivered-To")) {
		note_delivered_to(head, value, in_lead);
		return in_lead;
	}
	if (span_equals_nocase(name, "Return-Path")) {
		head->has_return_path = head->has_return_path || in_lead;
		return in_lead;
	}
	if (span_equals_nocase(name, "X-Original-To"))
		return in_lead;
	if (head->message_id.length == 0 &&
	    span_equals_nocase(name, "Message-ID"))
		head->message_id = value;
	return false;
}

void
head_read(struct span text, struct head *head_r)
{
	struct span line;
	bool in_lead = true;

	memset(head_r, 0, sizeof(*head_r));
	while (text.length > 0 && span_split(&text, '\n', &line)) {
		if (span_trim(line).length == 0)
			break;
		in_lead = read_line(head_r, line, in_lead);
	}
}

static bool
is_among(const struct span *list, size_t count, const char *address)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (span_equals_nocase(list[i], address))
			return true;
	return false;
}

bool
head_lead_has(const struct head *head, const char *address)
{
	return is_among(head->lead_delivered_to, head->lead_count, address);
}

bool
head_shows_loop(const struct head *head, const char *address)
{
	return head->too_many ||
	    is_among(head->delivered_to, head->count, address);
}
