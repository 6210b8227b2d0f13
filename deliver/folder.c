/* folder - the folders of a Maildir++ tree (see folder.h). */
#include "config.h"

#include "deliver/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "deliver/test-point.h"
#include "lib/base/str.h"

bool
folder_exists(const char *path)
{
	struct stat file;

	return stat(path, &file) == 0 && S_ISDIR(file.st_mode);
}

/* Cuts the last name off; false: none is left. */
static bool
cut_last_name(char *path)
{
	char *slash = strrchr(path, '/');

	if (slash == NULL || path[1] == '\0')
		return false;
	slash[slash == path ? 1 : 0] = '\0';
	return true;
}

/* What was entered into the directory is on the disk then. */
static enum status
sync_directory(const char *path)
{
	enum status status;
	int fd;

	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	/* One that we may enter and not read is older than what we made. */
	if (fd == -1)
		return errno == EACCES ? STATUS_OK : STATUS_IO;
	status = fsync(fd) == 0 ? STATUS_OK : STATUS_IO;
	close(fd);
	return status;
}

/* Syncs a directory and the count ones above it. */
static enum status
sync_upwards(const char *path, size_t count)
{
	char directory[PATH_MAX];
	enum status status;
	size_t i;

	if (str_copy(directory, sizeof(directory), path) != STATUS_OK)
		return STATUS_LIMIT;
	status = sync_directory(directory);
	for (i = 0; i < count && status == STATUS_OK; i++) {
		if (!cut_last_name(directory))
			break;
		status = sync_directory(directory);
	}
	return status;
}

/* Makes one directory; its parent must be there. */
static enum status
make_directory(const char *path, mode_t mode)
{
	if (mkdir(path, mode) != 0)
		return errno == EEXIST ? STATUS_OK : STATUS_IO;
	(void)TEST_POINT("directory-made");
	return STATUS_OK;
}

/* Makes a directory and all above it that are missing; counts them. */
static enum status
make_path(const char *path, mode_t mode, size_t *made_r)
{
	char partial[PATH_MAX];
	enum status status = STATUS_OK;
	char *slash;

	*made_r = 0;
	if (folder_exists(path))
		return STATUS_OK;
	if (str_copy(partial, sizeof(partial), path) != STATUS_OK)
		return STATUS_LIMIT;
	for (slash = strchr(partial + 1, '/');
	     slash != NULL && status == STATUS_OK;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (!folder_exists(partial)) {
			status = make_directory(partial, mode);
			(*made_r)++;
		}
		*slash = '/';
	}
	(*made_r)++;
	return status == STATUS_OK ? make_directory(path, mode) : status;
}

/* Makes path/name as a directory, or as an empty file. */
static enum status
make_part(const char *path, const char *name, bool is_directory, mode_t mode)
{
	char part[PATH_MAX];
	int fd, length;

	length = snprintf(part, sizeof(part), "%s/%s", path, name);
	if (length < 0 || (size_t)length >= sizeof(part))
		return STATUS_LIMIT;
	if (is_directory)
		return make_directory(part, mode);
	fd = open(part, O_WRONLY | O_CREAT | O_CLOEXEC, mode);
	if (fd == -1)
		return STATUS_IO;
	close(fd);
	return STATUS_OK;
}

enum status
folder_create(const char *path, bool is_inbox, mode_t mode)
{
	/* tmp is the last: where it is, all is. */
	static const char *const parts[] = { "cur", "new", "tmp" };
	mode_t directory_mode = mode | (mode & 0444) >> 2;
	enum status status;
	size_t i, made;

	status = make_path(path, directory_mode, &made);
	if (status == STATUS_OK && !is_inbox)
		status = make_part(path, "maildirfolder", false, mode);
	for (i = 0; status == STATUS_OK && i < GP_NELEMS(parts); i++)
		status = make_part(path, parts[i], true, directory_mode);
	return status == STATUS_OK ? sync_upwards(path, made) : status;
}
