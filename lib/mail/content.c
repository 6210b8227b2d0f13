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
	"nested" };

/* Takes the lowest flag out of *flags. */
static const char *
take_text(unsigned int *flags, const char *const *texts, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if ((*flags & 1u << i) != 0) {
			*flags &= ~(1u << i);
			return texts[i];
		}
	return NULL;
}

const char *
content_damage_text(unsigned int *damage)
{
	return take_text(damage, damage_texts, GP_NELEMS(damage_texts));
}

const char *
content_limit_text(unsigned int *limits)
{
	return take_text(limits, limit_texts, GP_NELEMS(limit_texts));
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

static enum status
finish(struct content_builder *builder, const struct content **content_r)
{
	struct content *content;
	enum status status;
	size_t i;

	content = region_alloc(builder->region, sizeof(*content));
	if (content == NULL)
		return STATUS_NOMEM;
	status = content_read_texts(builder, &content->text_bytes);
	if (status != STATUS_OK)
		return status;
	content->part_count = builder->part_count;
	content->parts = builder->parts;
	content->limits = builder->reached;
	for (i = 0; i < content->part_count; i++)
		content->damage |= content->parts[i].damage;
	*content_r = content;
	return STATUS_OK;
}

enum status
content_parse(struct region *region, const struct message *message,
    struct span body, const struct content_limits *limits,
    const struct content **content_r)
{
	struct content_builder builder = { .region = region, .limits = limits };
	enum status status;

	*content_r = NULL;
	builder.header_bytes_left = limits->header_bytes;
	builder.nested_bytes_left = limits->nested_bytes;
	if (message->truncated)
		builder.reached |= CONTENT_LIMIT_HEADER;
	status =
	    content_walk_message(&builder, message, body, CONTENT_NO_PARENT);
	if (status == STATUS_OK)
		status = walk_all_encoded(&builder);
	return status == STATUS_OK ? finish(&builder, content_r) : status;
}
