/* content - the MIME tree of a message (see content.h). */
#include "config.h"

#include "lib/mail/content.h"

#include <string.h>

#include "lib/mail/content-private.h"

const struct content_limits content_default_limits = {
	.depth = 30,
	.parts = 1000,
	.text_bytes = 1024 * 1024,
	.part_header_bytes = 64 * 1024,
	.header_bytes = MESSAGE_HEADER_BYTES_MAX,
	.nested_bytes = 4 * 1024 * 1024,
	.html_parts = 100,
};

/* In the order of the flags. */
static const char *const damage_texts[] = {
	"no boundary",
	"no parts",
	"no end",
	"parts behind the end",
	"encoded multipart",
	"broken header",
	"broken type",
	"duplicate field",
	"unknown encoding",
	"broken base64",
	"broken quoted-printable",
	"broken uuencode",
	"8-bit in 7bit",
	"NUL",
	"bare CR",
	"bare LF",
	"long line",
	"unknown charset",
	"invalid text",
	"names differ",
};

static const char *const limit_texts[] = { "depth", "parts", "text", "header",
	"nested", "body", "html", "urls" };

const char *
content_damage_text(unsigned int *damage)
{
	return str_take_flag(damage, damage_texts, GP_NELEMS(damage_texts));
}

const char *
content_limit_text(unsigned int *limits)
{
	return str_take_flag(limits, limit_texts, GP_NELEMS(limit_texts));
}

/* An embedded message that is encoded; it is a leaf if there is no room. */
static enum status
walk_encoded(struct content_builder *builder, size_t index)
{
	struct content_part *part = &builder->parts[index];
	struct transfer_bytes bytes;
	enum status status;

	if (builder->part_count >= builder->limits->parts)
		builder->reached |= CONTENT_LIMIT_PARTS;
	if (builder->nested_bytes_left == 0)
		builder->reached |= CONTENT_LIMIT_NESTED;
	if (builder->part_count >= builder->limits->parts ||
	    builder->nested_bytes_left == 0) {
		part->kind = CONTENT_LEAF;
		return STATUS_OK;
	}
	status = transfer_decode(builder->region, part->transfer, part->raw,
	    builder->nested_bytes_left, &bytes);
	if (status != STATUS_OK)
		return status;
	if (bytes.size > bytes.bytes.length)
		builder->reached |= CONTENT_LIMIT_NESTED;
	builder->nested_bytes_left -= bytes.bytes.length;
	part->decoded_size = bytes.size;
	if (bytes.broken)
		part->damage |= content_broken_damage(part->transfer);
	return content_walk_nested(builder, bytes.bytes, index);
}

/* Each may hold further ones, which are behind it in the array. */
static enum status
walk_all_encoded(struct content_builder *builder)
{
	enum status status = STATUS_OK;
	size_t i;

	for (i = 0; i < builder->part_count && status == STATUS_OK; i++)
		if (builder->parts[i].kind == CONTENT_MESSAGE &&
		    transfer_is_encoded(builder->parts[i].transfer))
			status = walk_encoded(builder, i);
	return status;
}

/* Which parts a mail client shows as the message. */
static void
mark_shown(struct content_builder *builder)
{
	struct content_part *part;
	const struct content_part *parent;
	size_t i;

	for (i = 0; i < builder->part_count; i++) {
		part = &builder->parts[i];
		if (part->parent != CONTENT_NO_PARENT) {
			parent = &builder->parts[part->parent];
			part->is_embedded = parent->is_embedded ||
			    parent->kind == CONTENT_MESSAGE;
		}
		part->is_shown = part->kind == CONTENT_LEAF &&
		    !part->is_embedded &&
		    strcmp(part->disposition, "attachment") != 0 &&
		    (strcmp(part->type, "text/plain") == 0 ||
			strcmp(part->type, "text/html") == 0);
	}
}

static void
drop_damage(struct content_part *part, unsigned int damage)
{
	part->damage &= ~damage;
}

/* What is damage in the last part of a body only because its end is missing:
 * in the last leaf, and in the multiparts around it. */
static void
excuse_cut(struct content_builder *builder)
{
	struct content_part *part = NULL;
	size_t i;

	builder->reached |= CONTENT_LIMIT_BODY;
	for (i = 0; i < builder->part_count; i++) {
		drop_damage(
		    &builder->parts[i], CONTENT_NO_END | CONTENT_NO_PARTS);
		if (builder->parts[i].kind == CONTENT_LEAF)
			part = &builder->parts[i];
	}
	if (part != NULL)
		drop_damage(part,
		    CONTENT_BROKEN_HEADER | CONTENT_BROKEN_BASE64 |
			CONTENT_BROKEN_QUOTED_PRINTABLE |
			CONTENT_BROKEN_UUENCODE | CONTENT_INVALID_TEXT);
}

static enum status
read_parts(struct content_builder *builder, const struct content_source *source)
{
	enum status status;

	builder->header_bytes_left = builder->limits->header_bytes;
	builder->nested_bytes_left = builder->limits->nested_bytes;
	if (source->message->truncated)
		builder->reached |= CONTENT_LIMIT_HEADER;
	status = content_walk_message(
	    builder, source->message, source->body, CONTENT_NO_PARENT);
	if (status == STATUS_OK)
		status = walk_all_encoded(builder);
	if (status == STATUS_OK)
		mark_shown(builder);
	return status;
}

static void
sum_up(struct content_builder *builder, struct content *content)
{
	size_t i;

	content->part_count = builder->part_count;
	content->parts = builder->parts;
	content->limits = builder->reached;
	for (i = 0; i < content->part_count; i++)
		content->damage |= content->parts[i].damage;
}

enum status
content_read(struct region *region, const struct content_source *source,
    const struct content_limits *limits, const struct content **content_r)
{
	struct content_builder builder = { .region = region, .limits = limits };
	struct content *content;
	enum status status;

	*content_r = NULL;
	if ((content = region_alloc(region, sizeof(*content))) == NULL)
		return STATUS_NOMEM;
	content->message = source->message;
	url_list_init(&content->urls, region);
	status = content_header_read(region, source->message, &content->header);
	if (status == STATUS_OK)
		status = read_parts(&builder, source);
	if (status == STATUS_OK)
		status = content_read_texts(&builder, &content->text_bytes);
	if (status == STATUS_OK)
		status = content_read_links(
		    &builder, &content->header, &content->urls);
	if (status != STATUS_OK)
		return status;
	if (source->body_is_cut)
		excuse_cut(&builder);
	sum_up(&builder, content);
	*content_r = content;
	return STATUS_OK;
}
