/*
 * fuzz-content - the input as a whole message, read with the limits as they
 * are and with small ones.
 *
 * What must hold: parents stand before their parts, limits are kept, texts are
 * valid UTF-8, and what is measured is what is decoded.
 */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <glib.h>

#include "lib/mail/content.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct content_limits small_limits = {
	.depth = 2,
	.parts = 4,
	.text_bytes = 40,
	.part_header_bytes = 60,
	.header_bytes = 100,
	.nested_bytes = 60,
	.html_parts = 1,
};

static void
check_part(struct region *region, const struct content *content, size_t i,
    const struct content_limits *limits)
{
	const struct content_part *part = &content->parts[i];
	struct span bytes;

	if (part->index != i || part->depth > limits->depth ||
	    (i == 0) != (part->parent == CONTENT_NO_PARENT) ||
	    (i > 0 && part->parent >= i))
		abort();
	if (part->kind != CONTENT_LEAF)
		return;
	if (!g_utf8_validate_len(part->text.data == NULL ? "" : part->text.data,
		part->text.length, NULL))
		abort();
	if (content_part_decode(region, part, part->raw.length, &bytes) !=
		STATUS_OK ||
	    bytes.length != part->decoded_size)
		abort();
}

static void
check_message(struct span raw, const struct content_limits *limits)
{
	struct region *region = region_new();
	const struct content *content;
	struct message message;
	struct content_source source = { .message = &message };
	size_t i;

	if (region == NULL)
		return;
	message_init(&message, region);
	if (message_parse_header(&message, raw, &source.body) != STATUS_OK ||
	    content_read(region, &source, limits, &content) != STATUS_OK ||
	    content->part_count == 0 || content->part_count > limits->parts)
		abort();
	for (i = 0; i < content->part_count; i++)
		check_part(region, content, i, limits);
	for (i = 0; i < content->urls.count; i++)
		if (content->urls.urls[i].place >= content->part_count)
			abort();
	region_free(&region);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span raw = { (const char *)data, size };

	check_message(raw, &content_default_limits);
	check_message(raw, &small_limits);
	return 0;
}
