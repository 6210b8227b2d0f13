/* sign-write - changes keys on disk (see sign-write.h). */
#include "config.h"

#include "lib/auth/sign-write.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/log.h"

#define NAME_BYTES     256
#define SELECTORS_HEAD "# Which keys sign; written by gatepost dkim.\n"
#define FILE_BYTES     ((size_t)AUTH_SIGN_PEM_BYTES_MAX)

struct auth_sign_writer {
	char *path; /* of the folder, for messages */
	int fd;     /* of the folder; holds the lock */
	uid_t uid;  /* of the key directory */
	gid_t gid;
};

static enum status
refused(const char *path, const char *name)
{
	log_error("%s%s%s: %s", path, name[0] == '\0' ? "" : "/", name,
	    strerror(errno));
	return STATUS_IO;
}

/* Opens a directory, which is made where it is not there. */
static enum status
open_directory(const char *path, uid_t uid, gid_t gid, int *fd_r)
{
	bool made = mkdir(path, 0700) == 0;
	struct stat st;

	*fd_r = -1;
	if (!made && errno != EEXIST)
		return refused(path, "");
	*fd_r = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (*fd_r == -1 && lstat(path, &st) == 0 && S_ISLNK(st.st_mode)) {
		log_error("%s: it is a symbolic link, and nothing is written "
			  "there",
		    path);
		return STATUS_IO;
	}
	if (*fd_r == -1)
		return refused(path, "");
	if (made && geteuid() == 0 && fchown(*fd_r, uid, gid) != 0) {
		(void)refused(path, "");
		close(*fd_r);
		*fd_r = -1;
		return STATUS_IO;
	}
	return STATUS_OK;
}

/* The key directory may be a symbolic link of the administrator's. */
static enum status
open_key_dir(struct auth_sign_writer *writer, const char *key_dir, uid_t owner)
{
	enum status status = STATUS_OK;
	struct stat st;
	int fd = -1;

	if (stat(key_dir, &st) != 0) {
		status = open_directory(key_dir, owner, (gid_t)-1, &fd);
		if (fd != -1)
			close(fd);
		if (status == STATUS_OK && stat(key_dir, &st) != 0)
			status = refused(key_dir, "");
	}
	if (status != STATUS_OK)
		return status;
	writer->uid = st.st_uid;
	writer->gid = st.st_gid;
	return STATUS_OK;
}

static enum status
lock_folder(struct auth_sign_writer *writer)
{
	int rc;

	do
		rc = flock(writer->fd, LOCK_EX);
	while (rc != 0 && errno == EINTR);
	return rc == 0 ? STATUS_OK : refused(writer->path, "");
}

static char *
join_path(const char *key_dir, const char *domain)
{
	size_t size = strlen(key_dir) + strlen(domain) + 2;
	char *path = malloc(size);

	if (path != NULL)
		snprintf(path, size, "%s/%s", key_dir, domain);
	return path;
}

enum status
auth_sign_write_open(const char *key_dir, const char *domain, uid_t owner,
    struct auth_sign_writer **writer_r)
{
	struct auth_sign_writer *writer;
	enum status status;

	*writer_r = NULL;
	if ((writer = calloc(1, sizeof(*writer))) == NULL)
		return STATUS_NOMEM;
	writer->fd = -1;
	if ((writer->path = join_path(key_dir, domain)) == NULL)
		status = STATUS_NOMEM;
	else
		status = open_key_dir(writer, key_dir, owner);
	if (status == STATUS_OK)
		status = open_directory(
		    writer->path, writer->uid, writer->gid, &writer->fd);
	if (status == STATUS_OK)
		status = lock_folder(writer);
	if (status != STATUS_OK) {
		auth_sign_write_close(&writer);
		return status;
	}
	*writer_r = writer;
	return STATUS_OK;
}

void
auth_sign_write_close(struct auth_sign_writer **writer)
{
	if (*writer == NULL)
		return;
	if ((*writer)->fd != -1)
		close((*writer)->fd);
	free((*writer)->path);
	free(*writer);
	*writer = NULL;
}

uid_t
auth_sign_write_owner(const struct auth_sign_writer *writer)
{
	return writer->uid;
}

static bool
write_all(int fd, const char *data, size_t length)
{
	ssize_t written;

	while (length > 0) {
		written = write(fd, data, length);
		if (written == -1 && errno == EINTR)
			continue;
		if (written == -1)
			return false;
		data += written;
		length -= (size_t)written;
	}
	return true;
}

static bool
fill_file(
    const struct auth_sign_writer *writer, int fd, const struct strbuf *text)
{
	return write_all(fd, strbuf_text(text), strbuf_length(text)) &&
	    (geteuid() != 0 || fchown(fd, writer->uid, writer->gid) == 0) &&
	    fsync(fd) == 0;
}

/* A file of that content under a name that no reader looks at. */
static enum status
write_temporary(const struct auth_sign_writer *writer,
    const struct strbuf *text, const char *temporary)
{
	bool done;
	int fd;

	(void)unlinkat(writer->fd, temporary, 0); /* of one who was killed */
	fd = openat(writer->fd, temporary,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd == -1 && errno == EEXIST) {
		log_error("%s/%s: it is in the way: remove it", writer->path,
		    temporary);
		return STATUS_IO;
	}
	if (fd == -1)
		return refused(writer->path, temporary);
	done = fill_file(writer, fd, text);
	if (!done)
		(void)refused(writer->path, temporary);
	if (close(fd) != 0 && done) {
		(void)refused(writer->path, temporary);
		done = false;
	}
	if (done)
		return STATUS_OK;
	(void)unlinkat(writer->fd, temporary, 0);
	return STATUS_IO;
}

/* replace false: a file of that name stays, and STATUS_BUSY is returned. */
static enum status
write_file(struct auth_sign_writer *writer, const char *name,
    const struct strbuf *text, bool replace)
{
	static const char temporary[] = ".gatepost.new";
	enum status status = write_temporary(writer, text, temporary);
	int rc;

	if (status != STATUS_OK)
		return status;
	if (replace)
		rc = renameat(writer->fd, temporary, writer->fd, name);
	else
		rc = linkat(writer->fd, temporary, writer->fd, name, 0);
	if (rc != 0)
		status = errno == EEXIST ? STATUS_BUSY : STATUS_IO;
	if (rc != 0)
		(void)refused(writer->path, name);
	if (rc != 0 || !replace)
		(void)unlinkat(writer->fd, temporary, 0);
	if (rc == 0 && fsync(writer->fd) != 0)
		return refused(writer->path, "");
	return status;
}

/* The one place that makes names of keys: none leads out of the folder. */
static enum status
key_file_name(const char *selector, char name[NAME_BYTES])
{
	int length;

	if (!auth_sign_selector_is_valid(selector))
		return STATUS_INVALID;
	length =
	    snprintf(name, NAME_BYTES, "%s%s", selector, AUTH_SIGN_KEY_SUFFIX);
	return length > 0 && length < NAME_BYTES ? STATUS_OK : STATUS_INVALID;
}

enum status
auth_sign_write_key(struct auth_sign_writer *writer, const char *selector,
    const struct auth_sign_key *key)
{
	struct strbuf *pem = strbuf_new(FILE_BYTES);
	char name[NAME_BYTES];
	enum status status;

	if (pem == NULL)
		return STATUS_NOMEM;
	status = key_file_name(selector, name);
	if (status == STATUS_OK)
		status = auth_sign_key_write(key, pem);
	if (status == STATUS_OK)
		status = write_file(writer, name, pem, false);
	strbuf_free(&pem);
	return status;
}

enum status
auth_sign_write_remove(struct auth_sign_writer *writer, const char *selector)
{
	char name[NAME_BYTES];
	enum status status = key_file_name(selector, name);

	if (status != STATUS_OK)
		return status;
	if (unlinkat(writer->fd, name, 0) != 0 && errno != ENOENT)
		return refused(writer->path, name);
	return STATUS_OK;
}

static void
add_state(struct strbuf *text, const struct auth_sign_entry *entry)
{
	char date[AUTH_SIGN_DATE_BYTES];

	switch (entry->state) {
	case AUTH_SIGN_WAITING:
		return;
	case AUTH_SIGN_ACTIVE:
		strbuf_printf(text, "active %s\n", entry->selector);
		return;
	case AUTH_SIGN_RETIRED:
		strbuf_printf(text, "retired %s %s\n", entry->selector,
		    auth_sign_date_text(entry->until, date));
		return;
	}
}

enum status
auth_sign_write_states(
    struct auth_sign_writer *writer, const struct auth_sign_folder *folder)
{
	struct strbuf *text = strbuf_new(FILE_BYTES);
	enum status status;
	size_t i;

	if (text == NULL)
		return STATUS_NOMEM;
	strbuf_add_text(text, SELECTORS_HEAD);
	for (i = 0; i < folder->count; i++)
		add_state(text, &folder->entries[i]);
	status = strbuf_status(text);
	if (status == STATUS_OK)
		status =
		    write_file(writer, AUTH_SIGN_SELECTORS_FILE, text, true);
	strbuf_free(&text);
	return status;
}
