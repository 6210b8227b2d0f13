/* template - paths that follow from a user's name (see template.h). */
#include "config.h"

#include "lib/users/template.h"

#include <limits.h>
#include <stdbool.h>
#include <string.h>

#include "lib/base/str.h"
#include "lib/base/strbuf.h"

/* A name that stays where it is put. */
static bool
is_file_name(struct span name)
{
	size_t i;

	if (name.length == 0 || name.data[0] == '.')
		return false;
	for (i = 0; i < name.length; i++)
		if ((unsigned char)name.data[i] < 0x20 ||
		    name.data[i] == 0x7f || name.data[i] == '/')
			return false;
	return true;
}

/* What a letter behind % stands for. */
static struct span
value_of(char letter, const char *user)
{
	struct span whole = span_of(user), part = whole;
	const char *at = strrchr(user, '@');

	switch (letter) {
	case 'u':
		return whole;
	case 'n':
		if (at != NULL)
			part.length = (size_t)(at - user);
		return part;
	case 'd':
		return span_of(at == NULL ? "" : at + 1);
	default:
		return span_of("%");
	}
}

static enum status
expand_into(struct strbuf *path, const char *template, const char *user)
{
	struct span value;
	const char *p;

	for (p = template; *p != '\0'; p++) {
		if (*p != '%' || p[1] == '\0') {
			strbuf_add_char(path, *p);
			continue;
		}
		value = value_of(*++p, user);
		if (!is_file_name(value))
			return STATUS_INVALID;
		strbuf_add(path, value.data, value.length);
	}
	return strbuf_status(path) == STATUS_LIMIT ? STATUS_INVALID :
						     strbuf_status(path);
}

enum status
template_expand(struct region *region, const char *template, const char *user,
    const char *home, const char **path_r)
{
	struct strbuf *path;
	enum status status;

	*path_r = NULL;
	if (template[0] == '~' && home == NULL)
		return STATUS_NOTFOUND;
	if ((path = strbuf_new(PATH_MAX)) == NULL)
		return STATUS_NOMEM;
	if (template[0] == '~') {
		strbuf_add_text(path, home);
		template ++;
	}
	status = expand_into(path, template, user);
	if (status == STATUS_OK)
		*path_r = region_strdup(region, strbuf_text(path));
	if (status == STATUS_OK && *path_r == NULL)
		status = STATUS_NOMEM;
	strbuf_free(&path);
	return status;
}
