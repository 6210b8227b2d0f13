/* dkim-tags - tag=value lists (see dkim-tags.h). */
#include "config.h"

#include "lib/auth/dkim-tags.h"

/* Printable ASCII and white space; the semicolon is cut out before. */
static bool
value_is_valid(struct span value)
{
	size_t i;

	for (i = 0; i < value.length; i++)
		if (!ascii_is_print(value.data[i]) &&
		    !ascii_is_space(value.data[i]))
			return false;
	return true;
}

/* tag-name = ALPHA *(ALPHA / DIGIT / "_") */
static bool
name_is_valid(struct span name)
{
	size_t i;

	if (name.length == 0 || !ascii_is_alpha(name.data[0]))
		return false;
	for (i = 1; i < name.length; i++)
		if (!ascii_is_alnum(name.data[i]) && name.data[i] != '_')
			return false;
	return true;
}

static bool
span_same(struct span a, struct span b)
{
	size_t i;

	if (a.length != b.length)
		return false;
	for (i = 0; i < a.length; i++)
		if (a.data[i] != b.data[i])
			return false;
	return true;
}

static bool
tag_is_known(const struct auth_dkim_tags *tags, struct span name)
{
	size_t i;

	for (i = 0; i < tags->count; i++)
		if (span_same(tags->tags[i].name, name))
			return true;
	return false;
}

/* Appends one "name = value"; returns what is wrong with it, or NULL. */
static const char *
add_tag(struct auth_dkim_tags *tags, struct span item)
{
	struct auth_dkim_tag tag;
	struct span rest = item;

	if (!value_is_valid(item))
		return "a byte that is not printable ASCII";
	if (!span_split(&rest, '=', &tag.name) || rest.data == NULL)
		return "a tag without a value";
	tag.name = span_trim(tag.name);
	tag.value = span_trim(rest);
	if (!name_is_valid(tag.name))
		return "a malformed tag name";
	if (tag_is_known(tags, tag.name))
		return "a duplicate tag";
	if (tags->count == AUTH_DKIM_TAGS_MAX)
		return "too many tags";
	tags->tags[tags->count++] = tag;
	return NULL;
}

enum status
auth_dkim_tags_read(
    struct span text, struct auth_dkim_tags *tags_r, const char **reason_r)
{
	struct span rest = text, item;

	tags_r->count = 0;
	*reason_r = NULL;
	while (*reason_r == NULL && span_split(&rest, ';', &item)) {
		if (span_trim(item).length > 0)
			*reason_r = add_tag(tags_r, item);
		else if (rest.data != NULL)
			*reason_r = "an empty item"; /* but behind the last ; */
	}
	if (*reason_r == NULL && tags_r->count == 0)
		*reason_r = "no tag at all";
	return *reason_r == NULL ? STATUS_OK : STATUS_INVALID;
}

bool
auth_dkim_tags_find(
    const struct auth_dkim_tags *tags, const char *name, struct span *value_r)
{
	size_t i;

	for (i = 0; i < tags->count; i++) {
		if (!span_equals(tags->tags[i].name, name))
			continue;
		*value_r = tags->tags[i].value;
		return true;
	}
	*value_r = span_of("");
	return false;
}

char *
auth_dkim_tag_text(struct region *region, struct span value)
{
	size_t i, length = 0;
	char *text;

	if ((text = region_alloc(region, value.length + 1)) == NULL)
		return NULL;
	for (i = 0; i < value.length; i++)
		if (!ascii_is_space(value.data[i]))
			text[length++] = value.data[i];
	return text;
}

size_t
auth_dkim_list_count(struct span list, const char *word)
{
	struct span piece;
	size_t count = 0;

	while (span_split(&list, ':', &piece))
		count += span_equals_nocase(span_trim(piece), word);
	return count;
}

bool
auth_dkim_list_has(struct span list, const char *word)
{
	return auth_dkim_list_count(list, word) > 0;
}
