/*
 * dkim-tags - tag=value lists of signatures and key records (RFC 6376
 * section 3.2).
 *
 * Stricter than libopendkim, which takes the last of two equal tags: a list
 * with a duplicate is invalid, whatever stands in it.
 */
#ifndef GATEPOST_AUTH_DKIM_TAGS_H
#define GATEPOST_AUTH_DKIM_TAGS_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/region.h"
#include "lib/base/status.h"
#include "lib/base/str.h"

#define AUTH_DKIM_TAGS_MAX 64 /* RFC 6376 defines 14; the rest is room */

struct auth_dkim_tag {
	struct span name;
	struct span value; /* without white space at both ends */
};

struct auth_dkim_tags {
	size_t count;
	struct auth_dkim_tag tags[AUTH_DKIM_TAGS_MAX];
};

/*
 * auth_dkim_tags_read - splits a list; the spans point into text.
 *
 * tags_r    on failure, what was read before the fault
 * reason_r  on failure, constant words for it; NULL on success
 *
 * Returns STATUS_OK, or STATUS_INVALID (duplicate tag, tag without "=", empty
 * item, a byte outside printable ASCII and white space, too many tags).
 */
enum status auth_dkim_tags_read(struct span text, struct auth_dkim_tags *tags_r,
    const char **reason_r) GP_MUST_CHECK;

/*
 * auth_dkim_tags_find - the value of a tag; names are case-sensitive.
 *
 * Returns false (and the empty span) when the tag is absent.
 */
bool auth_dkim_tags_find(
    const struct auth_dkim_tags *tags, const char *name, struct span *value_r);

/*
 * auth_dkim_tag_text - a value without any white space, as base64 and lists
 * are to be read; NULL when memory is short.
 */
char *auth_dkim_tag_text(
    struct region *region, struct span value) GP_MUST_CHECK;

/*
 * auth_dkim_list_count - how often a list of words with colons between them
 * holds word.  White space around the words counts for nothing, letters fold.
 */
size_t auth_dkim_list_count(struct span list, const char *word);

/* auth_dkim_list_has - the same, at least once */
bool auth_dkim_list_has(struct span list, const char *word);

#endif
