/*
 * keywords - letters of IMAP keywords (see keywords.h).
 *
 * The file has a line "NUMBER NAME" for each, 0 is a.  It is changed while both
 * dovecot-uidlist.lock and its own lock are held, as Dovecot does.
 */
#include "config.h"

#include "deliver/keywords.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "deliver/dovecot-file.h"
#include "lib/base/str.h"

#define FILE_NAME "dovecot-keywords"

/* Looks for the keyword; number_r is its number, or one that is free. */
static enum status
find(const struct strbuf *text, const char *keyword, uint64_t *number_r,
    bool *found_r)
{
	struct span rest = { strbuf_text(text), strbuf_length(text) };
	struct span name, word;
	uint64_t number;

	*number_r = 0;
	*found_r = false;
	while (span_split(&rest, '\n', &name)) {
		if (name.length == 0)
			continue;
		if (!span_split(&name, ' ', &word) || name.data == NULL ||
		    str_to_uint64(word, KEYWORDS_MAX - 1, &number) != STATUS_OK)
			return STATUS_LIMIT;
		if (span_equals_nocase(name, keyword)) {
			*number_r = number;
			*found_r = true;
			return STATUS_OK;
		}
		if (number >= *number_r)
			*number_r = number + 1;
	}
	return STATUS_OK;
}

/* Reads the file; false in found_r: number_r is free. */
static enum status
look_up(const char *file, const char *keyword, struct strbuf *text,
    uint64_t *number_r, bool *found_r)
{
	enum status status = dovecot_file_read(file, text);

	if (status == STATUS_OK)
		status = find(text, keyword, number_r, found_r);
	return status;
}

/* With the lock of the uidlist held. */
static enum status
enter(const char *file, const char *keyword, mode_t mode, uint64_t *number_r)
{
	struct strbuf *text = strbuf_new(DOVECOT_FILE_BYTES_MAX);
	char lock_path[PATH_MAX + 32];
	enum status status;
	bool found = true;
	int fd = -1;

	(void)snprintf(lock_path, sizeof(lock_path), "%s.lock", file);
	status = text == NULL ? STATUS_NOMEM :
				dovecot_file_lock(lock_path, mode, &fd);
	if (status != STATUS_OK)
		goto out;
	status = look_up(file, keyword, text, number_r, &found);
	if (status == STATUS_OK && *number_r >= KEYWORDS_MAX)
		status = STATUS_LIMIT;
	if (status == STATUS_OK && !found) {
		strbuf_printf(text, "%d %s\n", (int)*number_r, keyword);
		status = dovecot_file_write(fd, text);
		if (status == STATUS_OK && rename(lock_path, file) != 0)
			status = STATUS_IO;
	}
	if (found || status != STATUS_OK)
		(void)unlink(lock_path);
	close(fd);
out:
	strbuf_free(&text);
	return status;
}

static enum status
enter_locked(const char *path, const char *file, const char *keyword,
    mode_t mode, uint64_t *number_r)
{
	char lock_path[PATH_MAX + 32];
	enum status status;
	int fd;

	(void)snprintf(
	    lock_path, sizeof(lock_path), "%s/dovecot-uidlist.lock", path);
	if ((status = dovecot_file_lock(lock_path, mode, &fd)) != STATUS_OK)
		return status;
	status = enter(file, keyword, mode, number_r);
	(void)unlink(lock_path);
	close(fd);
	return status;
}

enum status
keyword_letter(
    const char *path, const char *keyword, mode_t mode, char *letter_r)
{
	struct strbuf *text;
	char file[PATH_MAX];
	enum status status;
	uint64_t number = 0;
	bool found = false;

	*letter_r = '\0';
	/* Room for the names of the locks. */
	if (strlen(path) + 32 > sizeof(file))
		return STATUS_LIMIT;
	(void)snprintf(file, sizeof(file), "%s/" FILE_NAME, path);
	if ((text = strbuf_new(DOVECOT_FILE_BYTES_MAX)) == NULL)
		return STATUS_NOMEM;
	status = look_up(file, keyword, text, &number, &found);
	strbuf_free(&text);
	if (status == STATUS_OK && !found)
		status = enter_locked(path, file, keyword, mode, &number);
	if (status == STATUS_OK)
		*letter_r = (char)('a' + (int)number);
	return status;
}
