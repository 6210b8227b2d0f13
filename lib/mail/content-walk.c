/*
 * content-walk - finds the parts of a message (see content.h).
 *
 * One pass over the lines, with a stack of the parts that are open: multiparts,
 * embedded messages, and one leaf on top.  A line that begins with "--" is
 * compared with the boundaries of all open multiparts, the innermost first.
 */
#include "config.h"

#include <string.h>

#include "lib/mail/content-private.h"

/* Parts that memory is taken for at first. */
#define PARTS_FIRST_ROOM 8

struct frame {
	size_t part;
	struct span boundary; /* of a multipart; empty for the others */
	size_t child_count;
	bool ended;         /* its last boundary was read */
	const char *behind; /* where that line ends */
};

struct walk {
	struct content_builder *builder;
	const char *at, *end; /* what is not yet read */
	struct frame *frames;
	size_t frame_count;
	bool is_full; /* of parts: what follows is not looked at */
};

/* A line, what follows it, and whether it is a boundary. */
struct line {
	struct span text; /* without the line break and blanks before it */
	const char *next;
	bool is_boundary, is_last;
	size_t frame;
};

static struct content_part *
part_of(struct walk *walk, const struct frame *frame)
{
	return &walk->builder->parts[frame->part];
}

/* Is text the boundary of the frame, or its last one? */
static bool
frame_matches(const struct frame *frame, struct span text, bool *is_last_r)
{
	size_t length = frame->boundary.length;

	if (length == 0 || text.length < length + 2 ||
	    memcmp(text.data + 2, frame->boundary.data, length) != 0)
		return false;
	*is_last_r = text.length == length + 4 &&
	    memcmp(text.data + length + 2, "--", 2) == 0;
	return *is_last_r || text.length == length + 2;
}

/*
 * The frame that a line with "--" in front is a boundary of; of two multiparts
 * with one boundary, the inner one until it has ended.
 */
static void
find_boundary(const struct walk *walk, struct line *line)
{
	const struct frame *frame;
	bool is_last;
	size_t i;

	for (i = walk->frame_count; i > 0; i--) {
		frame = &walk->frames[i - 1];
		if (!frame_matches(frame, line->text, &is_last) ||
		    (line->is_boundary && frame->ended))
			continue;
		line->is_boundary = true;
		line->is_last = is_last;
		line->frame = i - 1;
		if (!frame->ended)
			break;
	}
}

static struct line
read_line(const struct walk *walk)
{
	struct line line = { .text = { walk->at, 0 } };
	const char *feed;

	feed = memchr(walk->at, '\n', (size_t)(walk->end - walk->at));
	line.next = feed == NULL ? walk->end : feed + 1;
	line.text.length =
	    (size_t)((feed == NULL ? walk->end : feed) - walk->at);
	if (line.text.length < 2 || walk->at[0] != '-' || walk->at[1] != '-')
		return line;
	while (ascii_is_space(line.text.data[line.text.length - 1]))
		line.text.length--;
	find_boundary(walk, &line);
	return line;
}

/* The line break before a boundary belongs to it (RFC 2046 section 5.1.1). */
static const char *
content_end(const char *begin, const char *boundary)
{
	if (boundary > begin && boundary[-1] == '\n')
		boundary--;
	if (boundary > begin && boundary[-1] == '\r' && boundary[0] == '\n')
		boundary--;
	return boundary;
}

/* What is known of a multipart when it ends. */
static void
close_multipart(struct walk *walk, const struct frame *frame, const char *end)
{
	struct content_part *part = part_of(walk, frame);

	if (frame->ended && end > frame->behind)
		part->behind = (struct span){ frame->behind,
			(size_t)(end - frame->behind) };
	else if (!frame->ended && !walk->is_full)
		part->damage |= CONTENT_NO_END;
	if (frame->child_count == 0)
		part->damage |= CONTENT_NO_PARTS;
}

/* Ends the parts above the lowest count frames. */
static void
close_frames(struct walk *walk, size_t count, const char *at, bool is_boundary)
{
	struct content_part *part;
	const struct frame *frame;
	const char *end;

	while (walk->frame_count > count) {
		frame = &walk->frames[--walk->frame_count];
		part = part_of(walk, frame);
		end = is_boundary ? content_end(part->raw.data, at) : at;
		part->raw.length = (size_t)(end - part->raw.data);
		if (part->kind == CONTENT_MULTIPART)
			close_multipart(walk, frame, end);
		/* An encoded message gets its child later. */
		if (frame->child_count == 0 &&
		    !(part->kind == CONTENT_MESSAGE &&
			transfer_is_encoded(part->transfer)))
			part->kind = CONTENT_LEAF;
	}
}

/*
 * Where a header that starts here ends: behind the empty line, or before a
 * boundary or the end.
 */
static const char *
find_header_end(struct walk *walk, bool *has_empty_line_r)
{
	const char *begin = walk->at, *end;
	struct line line;

	*has_empty_line_r = false;
	while (walk->at < walk->end && !*has_empty_line_r) {
		line = read_line(walk);
		if (line.is_boundary)
			break;
		*has_empty_line_r = line.text.length == 0 ||
		    (line.text.length == 1 && line.text.data[0] == '\r');
		walk->at = line.next;
	}
	end = walk->at;
	walk->at = begin;
	return end;
}

/* Bytes of a header that are read: whole lines, up to the limits. */
static struct span
limit_header(struct content_builder *builder, struct span header)
{
	size_t most = builder->limits->part_header_bytes;

	if (most > builder->header_bytes_left)
		most = builder->header_bytes_left;
	if (header.length > most) {
		header.length = most;
		while (
		    header.length > 0 && header.data[header.length - 1] != '\n')
			header.length--;
		builder->reached |= CONTENT_LIMIT_HEADER;
	}
	builder->header_bytes_left -= header.length;
	return header;
}

/*
 * The fields of a part; walk->at is then its body.
 *
 * Clients read a header up to the empty line and skip what is no field.  So
 * does this, unless that would leave nothing to be seen: where the first line
 * is no field, or no empty line follows, the body begins at such a line.
 */
static enum status
read_header(struct walk *walk, struct message *message, bool *broken_r)
{
	struct span header, rest, body = { NULL, 0 };
	const char *end;
	bool has_empty_line;
	enum status status;

	end = find_header_end(walk, &has_empty_line);
	header = (struct span){ walk->at, (size_t)(end - walk->at) };
	*broken_r = !has_empty_line;
	rest = limit_header(walk->builder, header);
	while (rest.length > 0) {
		status = message_parse_header(message, rest, &body);
		if (status != STATUS_OK)
			return status;
		if (body.length == 0)
			break;
		*broken_r = true;
		if (!has_empty_line || message->field_count == 0) {
			walk->at = body.data;
			return STATUS_OK;
		}
		span_split(&body, '\n', &rest);
		rest = body;
	}
	walk->at = end;
	return STATUS_OK;
}

static struct message *
new_message(struct content_builder *builder)
{
	struct message *message;

	message = region_alloc(builder->region, sizeof(*message));
	if (message != NULL)
		message_init(message, builder->region);
	return message;
}

static enum status
grow_parts(struct content_builder *builder)
{
	size_t room = builder->part_room * 2;
	struct content_part *parts;

	if (builder->part_count < builder->part_room)
		return STATUS_OK;
	if (room == 0)
		room = PARTS_FIRST_ROOM;
	parts = region_alloc_array(builder->region, room, sizeof(*parts));
	if (parts == NULL)
		return STATUS_NOMEM;
	if (builder->part_count > 0)
		memcpy(parts, builder->parts,
		    builder->part_count * sizeof(*parts));
	builder->parts = parts;
	builder->part_room = room;
	return STATUS_OK;
}

/* Adds the part that begins at walk->at and puts it on the stack. */
static enum status
push_part(struct walk *walk, const struct message *message, size_t parent,
    bool is_header_broken)
{
	struct content_builder *builder = walk->builder;
	struct content_part *part, *up = NULL;
	struct frame *frame = &walk->frames[walk->frame_count];
	const char *type = "text/plain";
	enum status status;

	if ((status = grow_parts(builder)) != STATUS_OK)
		return status;
	part = &builder->parts[builder->part_count];
	memset(part, 0, sizeof(*part));
	if (parent != CONTENT_NO_PARENT)
		up = &builder->parts[parent];
	part->index = builder->part_count++;
	part->parent = parent;
	part->depth = up == NULL ? 0 : up->depth + 1;
	part->message = message;
	part->raw.data = walk->at;
	part->damage = is_header_broken ? CONTENT_BROKEN_HEADER : 0;
	if (up != NULL && strcmp(up->type, "multipart/digest") == 0)
		type = "message/rfc822";
	memset(frame, 0, sizeof(*frame));
	frame->part = part->index;
	walk->frame_count++;
	return content_part_describe(builder, part, type, &frame->boundary);
}

static bool
is_message_type(const char *type)
{
	return strcmp(type, "message/rfc822") == 0 ||
	    strcmp(type, "message/global") == 0 ||
	    strcmp(type, "message/rfc2822") == 0 ||
	    strcmp(type, "message/news") == 0;
}

/* Decides what the part on top of the stack is; a multipart may be deep. */
static void
set_kind(struct walk *walk)
{
	struct frame *frame = &walk->frames[walk->frame_count - 1];
	struct content_part *part = part_of(walk, frame);

	part->kind = CONTENT_LEAF;
	if (frame->boundary.length > 0)
		part->kind = CONTENT_MULTIPART;
	else if (is_message_type(part->type))
		part->kind = CONTENT_MESSAGE;
	if (part->kind == CONTENT_LEAF ||
	    part->depth < walk->builder->limits->depth)
		return;
	walk->builder->reached |= CONTENT_LIMIT_DEPTH;
	part->kind = CONTENT_LEAF;
	frame->boundary.length = 0;
}

static bool
can_add_part(struct walk *walk)
{
	if (walk->builder->part_count < walk->builder->limits->parts)
		return true;
	walk->builder->reached |= CONTENT_LIMIT_PARTS;
	walk->is_full = true;
	return false;
}

/*
 * Opens a part at walk->at, and the messages that begin where it does.  An
 * encoded message is left to content_parse().
 */
static enum status
open_part(struct walk *walk, const struct message *message, size_t parent,
    bool is_header_broken)
{
	struct message *embedded;
	struct content_part *part;
	enum status status;

	while (can_add_part(walk)) {
		if (walk->frame_count > 0)
			walk->frames[walk->frame_count - 1].child_count++;
		status = push_part(walk, message, parent, is_header_broken);
		if (status != STATUS_OK)
			return status;
		set_kind(walk);
		part = part_of(walk, &walk->frames[walk->frame_count - 1]);
		if (part->kind != CONTENT_MESSAGE ||
		    transfer_is_encoded(part->transfer))
			break;
		if ((embedded = new_message(walk->builder)) == NULL)
			return STATUS_NOMEM;
		parent = part->index;
		status = read_header(walk, embedded, &is_header_broken);
		if (status != STATUS_OK)
			return status;
		message = embedded;
	}
	return STATUS_OK;
}

/* The part that begins behind a boundary. */
static enum status
start_part(struct walk *walk, struct frame *frame)
{
	struct content_part *parent = part_of(walk, frame);
	struct message *message = new_message(walk->builder);
	bool is_header_broken;
	enum status status;

	if (message == NULL)
		return STATUS_NOMEM;
	if (frame->ended)
		parent->damage |= CONTENT_PARTS_BEHIND_END;
	frame->ended = false;
	status = read_header(walk, message, &is_header_broken);
	if (status != STATUS_OK)
		return status;
	return open_part(walk, message, frame->part, is_header_broken);
}

static enum status
cross_boundary(struct walk *walk, const struct line *line)
{
	struct frame *frame = &walk->frames[line->frame];
	struct content_part *part = part_of(walk, frame);

	close_frames(walk, line->frame + 1, walk->at, true);
	if (frame->child_count == 0 && !frame->ended)
		part->before = (struct span){ part->raw.data,
			(size_t)(content_end(part->raw.data, walk->at) -
			    part->raw.data) };
	walk->at = line->next;
	if (!line->is_last)
		return can_add_part(walk) ? start_part(walk, frame) : STATUS_OK;
	if (!frame->ended)
		frame->behind = line->next;
	frame->ended = true;
	return STATUS_OK;
}

static enum status
walk_lines(struct walk *walk)
{
	enum status status = STATUS_OK;
	struct line line;

	while (walk->at < walk->end && !walk->is_full && status == STATUS_OK) {
		line = read_line(walk);
		if (line.is_boundary)
			status = cross_boundary(walk, &line);
		else
			walk->at = line.next;
	}
	close_frames(walk, 0, walk->end, false);
	return status;
}

static enum status
walk_init(struct walk *walk, struct content_builder *builder, struct span bytes)
{
	memset(walk, 0, sizeof(*walk));
	walk->builder = builder;
	walk->at = bytes.data;
	walk->end = bytes.data + bytes.length;
	walk->frames = region_alloc_array(builder->region,
	    (size_t)builder->limits->depth + 2, sizeof(*walk->frames));
	return walk->frames == NULL ? STATUS_NOMEM : STATUS_OK;
}

enum status
content_walk_message(struct content_builder *builder,
    const struct message *message, struct span bytes, size_t parent)
{
	struct walk walk;
	enum status status;

	if ((status = walk_init(&walk, builder, bytes)) != STATUS_OK)
		return status;
	status = open_part(&walk, message, parent, false);
	return status == STATUS_OK ? walk_lines(&walk) : status;
}

enum status
content_walk_nested(
    struct content_builder *builder, struct span bytes, size_t parent)
{
	struct message *message = new_message(builder);
	bool is_header_broken;
	struct walk walk;
	enum status status;

	if (message == NULL)
		return STATUS_NOMEM;
	if ((status = walk_init(&walk, builder, bytes)) != STATUS_OK)
		return status;
	status = read_header(&walk, message, &is_header_broken);
	if (status == STATUS_OK)
		status = open_part(&walk, message, parent, is_header_broken);
	return status == STATUS_OK ? walk_lines(&walk) : status;
}
