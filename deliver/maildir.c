/* maildir - one message on its way into a folder (see maildir.h). */
#include "config.h"

#include "deliver/maildir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "deliver/folder.h"
#include "deliver/test-point.h"

#define BEGIN_ATTEMPTS  8  /* each but the last made progress */
#define NAME_ATTEMPTS   8  /* a name that is taken has never been seen */
#define SAME_SECONDS    60 /* nobody comes again that soon */
#define CLEAN_FILES_MAX 10000

static void
close_file(struct maildir_message *message)
{
	if (message->fd != -1)
		close(message->fd);
	message->fd = -1;
}

/* Closes and keeps errno. */
static void
drop_file(struct maildir_message *message)
{
	int error = errno;

	close_file(message);
	errno = error;
}

/* Locks the file; false: somebody else has it locked. */
static bool
lock_file(int fd)
{
	/* A file system without locks has one writer, or bad luck. */
	return flock(fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK;
}

/* What became of one attempt to begin. */
enum attempt {
	ATTEMPT_DONE,  /* the file is ours, or the message is there already */
	ATTEMPT_AGAIN, /* something was in the way, and is no longer */
	ATTEMPT_TAKEN, /* somebody delivers the same message just now */
	ATTEMPT_BUSY,  /* and has for long */
	ATTEMPT_FAILED /* errno tells why */
};

/* A file that we have just created: is it ours?  Who saw it before it was
 * locked took it for a leftover and removes it. */
static enum attempt
take_file(struct maildir_message *message)
{
	struct stat file;

	if (lock_file(message->fd) && fstat(message->fd, &file) == 0 &&
	    file.st_nlink == 1)
		return ATTEMPT_DONE;
	close_file(message);
	return ATTEMPT_AGAIN;
}

/* A file that is locked by us, and was made by somebody else. */
static enum attempt
judge_leftover(struct maildir_message *message, const struct stat *file)
{
	if (file->st_nlink >= 2) {
		message->delivered_before = true;
		return ATTEMPT_DONE;
	}
	/* Without links somebody else has removed it already. */
	if (file->st_nlink == 1 && unlink(message->tmp_path) != 0 &&
	    errno != ENOENT) {
		drop_file(message);
		return ATTEMPT_FAILED;
	}
	close_file(message);
	return ATTEMPT_AGAIN;
}

/* Reads what the file is; false: it cannot be ours, errno tells why. */
static bool
read_file(const struct maildir_message *message, struct stat *file_r)
{
	if (fstat(message->fd, file_r) != 0)
		return false;
	errno = EEXIST;
	return S_ISREG(file_r->st_mode);
}

static enum attempt
look_at_leftover(struct maildir_message *message)
{
	struct stat file;
	bool locked;

	message->fd = open(
	    message->tmp_path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (message->fd == -1)
		return errno == ENOENT ? ATTEMPT_AGAIN : ATTEMPT_FAILED;
	/* Links may come and go before we have the lock. */
	locked = lock_file(message->fd);
	if (!read_file(message, &file)) {
		drop_file(message);
		return ATTEMPT_FAILED;
	}
	if (locked)
		return judge_leftover(message, &file);
	close_file(message);
	return file.st_ctime + SAME_SECONDS < time(NULL) ? ATTEMPT_BUSY :
							   ATTEMPT_TAKEN;
}

static enum attempt
create_folder(const struct maildir_place *place)
{
	if (folder_create(place->path, place->is_inbox, place->mode) ==
	    STATUS_OK)
		return ATTEMPT_AGAIN;
	return ATTEMPT_FAILED;
}

static enum attempt
try_begin(struct maildir_message *message)
{
	message->fd = open(message->tmp_path,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
	    message->place->mode);
	if (message->fd != -1)
		return take_file(message);
	if (errno == EEXIST)
		return look_at_leftover(message);
	if (errno == ENOENT)
		return create_folder(message->place);
	return ATTEMPT_FAILED;
}

/* Sets the path of the temporary file.  suffix "": the one of the key. */
static enum status
set_tmp_path(struct region *region, struct maildir_message *message,
    const char *key, const char *suffix)
{
	message->tmp_path = region_printf(
	    region, "%s/tmp/gp-%s%s", message->place->path, key, suffix);
	if (message->tmp_path == NULL)
		return STATUS_NOMEM;
	return strlen(message->tmp_path) < PATH_MAX ? STATUS_OK : STATUS_LIMIT;
}

/* A name besides that of the key, for a message that is the same as one which
 * is being delivered: it is not known again, but it is delivered. */
static enum status
set_other_tmp_path(
    struct region *region, struct maildir_message *message, const char *key)
{
	struct timespec now;
	char suffix[64];

	clock_gettime(CLOCK_REALTIME, &now);
	(void)snprintf(suffix, sizeof(suffix), "-%jd.%09ldT%ld",
	    (intmax_t)now.tv_sec, now.tv_nsec, (long)gettid());
	return set_tmp_path(region, message, key, suffix);
}

enum status
maildir_begin(struct region *region, const struct maildir_place *place,
    const char *key, struct maildir_message *message_r)
{
	enum status status;
	int i;

	memset(message_r, 0, sizeof(*message_r));
	message_r->place = place;
	message_r->fd = -1;
	status = set_tmp_path(region, message_r, key, "");
	errno = EBUSY;
	for (i = 0; status == STATUS_OK && i < BEGIN_ATTEMPTS; i++) {
		switch (try_begin(message_r)) {
		case ATTEMPT_DONE:
			(void)TEST_POINT("tmp-created");
			return STATUS_OK;
		case ATTEMPT_AGAIN:
			break;
		case ATTEMPT_TAKEN:
			status = set_other_tmp_path(region, message_r, key);
			break;
		case ATTEMPT_BUSY:
			status = STATUS_BUSY;
			break;
		case ATTEMPT_FAILED:
			status = STATUS_IO;
			break;
		}
	}
	message_r->tmp_path = NULL;
	return status == STATUS_OK ? STATUS_BUSY : status;
}

enum status
maildir_sync(struct maildir_message *message)
{
	if (message->delivered_before)
		return STATUS_OK;
	if (TEST_POINT("file-sync") != 0 || fsync(message->fd) != 0)
		return STATUS_IO;
	(void)TEST_POINT("file-synced");
	return STATUS_OK;
}

/* Links; NFS may tell of a failure though it has done it. */
static bool
link_file(const struct maildir_message *message)
{
	struct stat file;
	int error;

	if (TEST_POINT("link") != 0)
		return false;
	if (link(message->tmp_path, message->new_path) == 0)
		return true;
	error = errno;
	if (fstat(message->fd, &file) == 0 && file.st_nlink == 2)
		return true;
	errno = error;
	return false;
}

/* Makes what is missing of the folder again; false: nothing is to be done. */
static bool
mend(const struct maildir_message *message)
{
	const struct maildir_place *place = message->place;

	return access(message->tmp_path, F_OK) == 0 &&
	    folder_create(place->path, place->is_inbox, place->mode) ==
	    STATUS_OK;
}

/* Where readers find it. */
static const char *
part_of(const struct maildir_place *place)
{
	return place->flags[0] == '\0' ? "new" : "cur";
}

enum status
maildir_publish(struct region *region, struct maildir_message *message,
    struct maildir_namer *namer, uint64_t size, uint64_t crlf_size)
{
	const struct maildir_place *place = message->place;
	char name[MAILDIR_NAME_BYTES];
	int i;

	if (message->delivered_before)
		return STATUS_OK;
	for (i = 0; i < NAME_ATTEMPTS; i++) {
		maildir_name_make(namer, size, crlf_size, name);
		message->new_path = region_printf(region, "%s/%s/%s%s%s",
		    place->path, part_of(place), name,
		    place->flags[0] == '\0' ? "" : ":2,", place->flags);
		if (message->new_path == NULL)
			return STATUS_NOMEM;
		if (link_file(message)) {
			(void)TEST_POINT("linked");
			return STATUS_OK;
		}
		message->new_path = NULL;
		if (errno != EEXIST && (errno != ENOENT || !mend(message)))
			break;
	}
	return STATUS_IO;
}

enum status
maildir_commit(struct maildir_message *message, struct sync_group *group)
{
	char path[PATH_MAX];
	enum status status;
	int fd, error;

	(void)snprintf(path, sizeof(path), "%s/%s", message->place->path,
	    part_of(message->place));
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1)
		return STATUS_IO;
	status = TEST_POINT("directory-sync") != 0 ? STATUS_IO :
						     sync_group_run(group, fd);
	error = errno;
	close(fd);
	if (status == STATUS_OK)
		(void)TEST_POINT("directory-synced");
	errno = error;
	return status;
}

void
maildir_cancel(struct maildir_message *message)
{
	bool taken = false;

	/* A reader that was quick has it: then who comes again must know. */
	if (message->new_path != NULL)
		taken = unlink(message->new_path) != 0 && errno == ENOENT;
	if (message->tmp_path != NULL && !taken && !message->delivered_before)
		(void)unlink(message->tmp_path);
	maildir_keep(message);
}

void
maildir_settle(struct maildir_message *message)
{
	if (message->tmp_path != NULL)
		(void)unlink(message->tmp_path);
	maildir_keep(message);
}

void
maildir_keep(struct maildir_message *message)
{
	close_file(message);
	message->tmp_path = NULL;
	message->new_path = NULL;
}

/* Not written, named or linked since then. */
static bool
is_older(const struct stat *file, time_t then)
{
	return S_ISREG(file->st_mode) && file->st_mtime < then &&
	    file->st_ctime < then;
}

size_t
maildir_clean(const char *path, time_t now)
{
	const struct dirent *entry;
	char tmp_path[PATH_MAX];
	size_t i, count = 0;
	struct stat file;
	DIR *directory;

	if ((size_t)snprintf(tmp_path, sizeof(tmp_path), "%s/tmp", path) >=
		sizeof(tmp_path) ||
	    (directory = opendir(tmp_path)) == NULL)
		return 0;
	for (i = 0; i < CLEAN_FILES_MAX; i++) {
		if ((entry = readdir(directory)) == NULL)
			break;
		if (fstatat(dirfd(directory), entry->d_name, &file,
			AT_SYMLINK_NOFOLLOW) == 0 &&
		    is_older(&file, now - MAILDIR_TMP_SECONDS) &&
		    unlinkat(dirfd(directory), entry->d_name, 0) == 0)
			count++;
	}
	closedir(directory);
	return count;
}
