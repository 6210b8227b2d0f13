/* content-private - what the files of content share while one is built. */
#ifndef GATEPOST_MAIL_CONTENT_PRIVATE_H
#define GATEPOST_MAIL_CONTENT_PRIVATE_H

#include "lib/mail/content.h"

struct content_builder {
	struct region *region;
	const struct content_limits *limits;
	struct content_part *parts; /* grows: keep indexes, not pointers */
	size_t part_count;
	size_t part_room;
	size_t header_bytes_left;
	size_t nested_bytes_left;
	unsigned int reached; /* CONTENT_LIMIT_... */
};

/*
 * content_part_describe - what a part's fields say of it.
 *
 * part          its message is set; type to content_id, transfer and damage
 *		 are filled in
 * default_type  where it has no Content-Type
 * boundary_r    of a multipart; empty for anything else
 */
enum status content_part_describe(struct content_builder *builder,
    struct content_part *part, const char *default_type,
    struct span *boundary_r) GP_MUST_CHECK;

/*
 * content_walk_message - adds a message and the parts in it.
 *
 * message  its fields
 * bytes    its body
 * parent   the part that it is embedded in, or CONTENT_NO_PARENT
 */
enum status content_walk_message(struct content_builder *builder,
    const struct message *message, struct span bytes,
    size_t parent) GP_MUST_CHECK;

/*
 * content_walk_nested - as content_walk_message() of a message whose header is
 * still in the bytes.
 */
enum status content_walk_nested(struct content_builder *builder,
    struct span bytes, size_t parent) GP_MUST_CHECK;

/*
 * content_read_links - the HTML of all parts, and the URLs of subject and parts
 *
 * urls  its region is the builder's
 */
enum status content_read_links(struct content_builder *builder,
    const struct content_header *header, struct url_list *urls) GP_MUST_CHECK;

/* content_read_texts - text, sizes and damage of all leaves */
enum status content_read_texts(
    struct content_builder *builder, size_t *text_bytes_r) GP_MUST_CHECK;

/* content_broken_damage - the flag for bytes that break that encoding */
unsigned int content_broken_damage(enum transfer transfer);

#endif
