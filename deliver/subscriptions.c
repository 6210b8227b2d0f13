/* subscriptions - the folders that are shown (see subscriptions.h). */
#include "config.h"

#include "deliver/subscriptions.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "deliver/dovecot-file.h"
#include "lib/base/str.h"
#include "lib/base/strbuf.h"

#define VERSION_LINE "V\t2"

static bool
has_line(const struct strbuf *text, const char *wanted)
{
	struct span rest = { strbuf_text(text), strbuf_length(text) }, line;

	while (span_split(&rest, '\n', &line))
		if (span_equals(line, wanted))
			return true;
	return false;
}

/* ".Lists.dev" is "Lists\tdev" in version 2, "Lists.dev" in version 1. */
static enum status
line_of(const char *directory, bool version_2, char line[NAME_MAX + 1])
{
	char *p;

	if (str_copy(line, NAME_MAX + 1, directory + 1) != STATUS_OK)
		return STATUS_LIMIT;
	for (p = line; version_2 && *p != '\0'; p++)
		if (*p == '.')
			*p = '\t';
	return STATUS_OK;
}

/* Adds to the text of the file; *added_r is false when it is there. */
static enum status
add_to(struct strbuf *text, const char *directory, bool *added_r)
{
	char line[NAME_MAX + 1];
	enum status status;
	bool version_2;

	version_2 = strbuf_length(text) == 0 || has_line(text, VERSION_LINE);
	status = line_of(directory, version_2, line);
	*added_r = status == STATUS_OK && !has_line(text, line);
	if (!*added_r)
		return status;
	if (strbuf_length(text) == 0)
		strbuf_add_text(text, VERSION_LINE "\n\n");
	strbuf_printf(text, "%s\n", line);
	return strbuf_status(text);
}

/* With the lock held. */
static enum status
replace(const char *path, const char *lock_path, int fd, const char *directory)
{
	struct strbuf *text = strbuf_new(DOVECOT_FILE_BYTES_MAX);
	enum status status = STATUS_NOMEM;
	bool added = false;

	if (text != NULL)
		status = dovecot_file_read(path, text);
	if (status == STATUS_OK)
		status = add_to(text, directory, &added);
	if (status == STATUS_OK && added)
		status = dovecot_file_write(fd, text);
	if (status == STATUS_OK && added && rename(lock_path, path) != 0)
		status = STATUS_IO;
	if (status != STATUS_OK || !added)
		(void)unlink(lock_path);
	strbuf_free(&text);
	return status;
}

enum status
subscriptions_add(const char *root, const char *directory, mode_t mode)
{
	char path[PATH_MAX], lock_path[PATH_MAX];
	enum status status;
	int fd, length;

	length = snprintf(
	    lock_path, sizeof(lock_path), "%s/subscriptions.lock", root);
	if (length < 0 || (size_t)length >= sizeof(lock_path))
		return STATUS_LIMIT;
	(void)snprintf(path, sizeof(path), "%s/subscriptions", root);
	if ((status = dovecot_file_lock(lock_path, mode, &fd)) != STATUS_OK)
		return status;
	status = replace(path, lock_path, fd, directory);
	close(fd);
	return status;
}
