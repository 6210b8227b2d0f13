/*
 * users-file - looks a user up in a file as Dovecot's passwd-file driver reads
 * it: name:password:uid:gid:comment:home:shell:more.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/log.h"
#include "lib/users/users-private.h"

#define LINES_MAX 10000000 /* ten million users are in a database */

enum field {
	FIELD_NAME,
	FIELD_PASSWORD,
	FIELD_UID,
	FIELD_GID,
	FIELD_COMMENT,
	FIELD_HOME,
	FIELD_COUNT
};

static void
split_line(struct span line, struct span fields[FIELD_COUNT])
{
	size_t i;

	for (i = 0; i < FIELD_COUNT; i++)
		if (!span_split(&line, ':', &fields[i]))
			fields[i] = span_of("");
}

static enum status
read_user(struct region *region, struct span line, struct user *user)
{
	struct span fields[FIELD_COUNT];

	split_line(line, fields);
	if (user_read_id(fields[FIELD_UID], &user->uid) != STATUS_OK ||
	    user_read_id(fields[FIELD_GID], &user->gid) != STATUS_OK) {
		log_error("users: %s: uid and gid must be numbers", user->name);
		return STATUS_INVALID;
	}
	if (fields[FIELD_HOME].length == 0)
		return STATUS_OK; /* it follows from the name */
	if (fields[FIELD_HOME].data[0] != '/') {
		log_error(
		    "users: %s: the home must be an absolute path", user->name);
		return STATUS_INVALID;
	}
	user->home = region_memdup(
	    region, fields[FIELD_HOME].data, fields[FIELD_HOME].length);
	return user->home == NULL ? STATUS_NOMEM : STATUS_OK;
}

/* Calls each(line, name) for each user until it returns anything but
 * STATUS_NOTFOUND, and returns that. */
static enum status
walk(FILE *file,
    enum status (*each)(void *argument, struct span line, struct span name),
    void *argument)
{
	enum status status = STATUS_NOTFOUND;
	struct span line, rest, name;
	size_t count, size = 0;
	char *text = NULL;
	ssize_t length;

	for (count = 0; status == STATUS_NOTFOUND && count < LINES_MAX;
	     count++) {
		if ((length = getline(&text, &size, file)) == -1)
			break;
		line.data = text;
		line.length = (size_t)length;
		rest = line = span_trim(line);
		if (line.length == 0 || line.data[0] == '#')
			continue;
		if (span_split(&rest, ':', &name))
			status = each(argument, line, name);
	}
	free(text);
	return status;
}

static enum status
walk_path(const char *path,
    enum status (*each)(void *argument, struct span line, struct span name),
    void *argument)
{
	enum status status;
	FILE *file;

	if ((file = fopen(path, "re")) == NULL) {
		log_error("users: %s: %s", path, strerror(errno));
		return STATUS_IO;
	}
	status = walk(file, each, argument);
	if (ferror(file) != 0) {
		log_error("users: cannot read %s", path);
		status = STATUS_IO;
	}
	fclose(file);
	return status;
}

/* A user who is looked for. */
struct search {
	struct region *region;
	const char *name;
	struct user *user;
};

static enum status
compare(void *argument, struct span line, struct span name)
{
	struct search *search = argument;

	if (!span_equals_nocase(name, search->name))
		return STATUS_NOTFOUND;
	return read_user(search->region, line, search->user);
}

enum status
users_file_find(const char *path, struct region *region, const char *name,
    struct user *user_r)
{
	struct search search = { region, name, user_r };

	return walk_path(path, compare, &search);
}

static enum status
note_name(void *argument, struct span line GP_UNUSED, struct span name)
{
	enum status status = user_names_add(argument, name);

	return status == STATUS_OK ? STATUS_NOTFOUND : status;
}

enum status
users_file_list(const char *path, struct user_names *names)
{
	enum status status = walk_path(path, note_name, names);

	return status == STATUS_NOTFOUND ? STATUS_OK : status;
}
