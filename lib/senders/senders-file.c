/* senders-file - the files of one source (see senders-private.h). */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/senders/senders-private.h"

static enum status
fail(struct senders_source *source, const char *path, const char *why)
{
	source->failure = region_printf(source->region, "%s: %s", path, why);
	return source->failure == NULL ? STATUS_NOMEM : STATUS_OK;
}

/* A call has failed; what is short now will be there again. */
static enum status
fail_call(struct senders_source *source, const char *path)
{
	static const int lacks[] = { EMFILE, ENFILE, ENOMEM, EIO };
	int error = errno;
	size_t i;

	for (i = 0; i < GP_NELEMS(lacks); i++)
		if (error == lacks[i])
			source->lacks = true;
	return fail(source, path, strerror(error));
}

/* Up to size bytes; a file that shrinks meanwhile is read as far as it is. */
static bool
read_bytes(int fd, char *data, size_t size, size_t *length_r)
{
	ssize_t count;

	for (*length_r = 0; *length_r < size; *length_r += (size_t)count) {
		count = read(fd, data + *length_r, size - *length_r);
		if (count == -1 && errno == EINTR)
			count = 0;
		else if (count <= 0)
			return count == 0;
	}
	return true;
}

typedef enum status read_function(
    struct senders_source *source, const char *path, struct span text);

static enum status
read_open_file(struct senders_source *source, const char *path, int fd,
    read_function *function)
{
	struct stat st;
	enum status status;
	size_t length;
	char *data;

	if (fstat(fd, &st) != 0)
		return fail_call(source, path);
	if (!S_ISREG(st.st_mode))
		return fail(source, path, "is no regular file");
	if (st.st_size > (off_t)SENDERS_FILE_BYTES_MAX)
		return fail(source, path, "is larger than 64 MB");
	if ((data = malloc((size_t)st.st_size + 1)) == NULL)
		return STATUS_NOMEM;
	if (read_bytes(fd, data, (size_t)st.st_size, &length))
		status = function(source, path, (struct span){ data, length });
	else
		status = fail_call(source, path);
	free(data);
	if (status == STATUS_LIMIT)
		status = fail(source, path, "has over a million entries");
	return status;
}

/* optional: that it is not there is no failure. */
static enum status
read_file(struct senders_source *source, size_t i, read_function *function,
    bool optional)
{
	const char *path = source->paths[i];
	enum status status;
	int fd;

	/* What changes while we read is seen by the next look. */
	if (stat(path, &source->seen[i]) != 0)
		memset(&source->seen[i], 0, sizeof(source->seen[i]));
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd == -1 && optional && errno == ENOENT)
		return STATUS_OK;
	if (fd == -1)
		return fail_call(source, path);
	status = read_open_file(source, path, fd, function);
	close(fd);
	return status;
}

static enum status
read_files(struct senders_source *source)
{
	enum status status = STATUS_OK;

	switch (source->kind) {
	case SENDERS_SOURCE_MAP:
		status = read_file(source, 0, senders_read_map, false);
		break;
	case SENDERS_SOURCE_ACCOUNTS:
		status = read_file(source, 0, senders_read_accounts, false);
		if (status == STATUS_OK && source->failure == NULL)
			status = read_file(source, 1, senders_read_map, true);
		break;
	}
	senders_index_sort(&source->index);
	return status;
}

static enum status
name_files(struct senders_source *source, const char *path)
{
	static const char *const names[SENDERS_SOURCE_FILES_MAX] = {
		SENDERS_ACCOUNTS_FILE, SENDERS_ALIASES_FILE
	};
	size_t i;

	source->path = region_strdup(source->region, path);
	if (source->path == NULL)
		return STATUS_NOMEM;
	if (source->kind == SENDERS_SOURCE_MAP) {
		source->path_count = 1;
		source->paths[0] = source->path;
		return STATUS_OK;
	}
	source->path_count = SENDERS_SOURCE_FILES_MAX;
	for (i = 0; i < SENDERS_SOURCE_FILES_MAX; i++) {
		source->paths[i] =
		    region_printf(source->region, "%s/%s", path, names[i]);
		if (source->paths[i] == NULL)
			return STATUS_NOMEM;
	}
	return STATUS_OK;
}

enum status
senders_source_read(enum senders_source_kind kind, const char *path,
    struct senders_source **source_r)
{
	struct senders_source *source;
	enum status status;

	*source_r = NULL;
	if ((source = calloc(1, sizeof(*source))) == NULL)
		return STATUS_NOMEM;
	atomic_init(&source->references, 1);
	source->kind = kind;
	status = STATUS_NOMEM;
	if ((source->region = region_new()) != NULL)
		status = name_files(source, path);
	if (status == STATUS_OK)
		status = read_files(source);
	if (status != STATUS_OK) {
		senders_source_release(&source);
		return STATUS_NOMEM;
	}
	*source_r = source;
	return STATUS_OK;
}

struct senders_source *
senders_source_hold(struct senders_source *source)
{
	atomic_fetch_add(&source->references, 1);
	return source;
}

void
senders_source_release(struct senders_source **source_ref)
{
	struct senders_source *source = *source_ref;

	*source_ref = NULL;
	if (source == NULL || atomic_fetch_sub(&source->references, 1) != 1)
		return;
	senders_index_free(&source->index);
	region_free(&source->region);
	free(source);
}

static bool
is_same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
	    a->st_mode == b->st_mode && a->st_uid == b->st_uid &&
	    a->st_gid == b->st_gid && a->st_size == b->st_size &&
	    a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	    a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
	    a->st_ctim.tv_sec == b->st_ctim.tv_sec &&
	    a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

bool
senders_source_has_changed(const struct senders_source *source)
{
	struct stat st;
	size_t i;

	if (source->lacks)
		return true;
	for (i = 0; i < source->path_count; i++) {
		if (stat(source->paths[i], &st) != 0)
			memset(&st, 0, sizeof(st));
		if (!is_same_file(&st, &source->seen[i]))
			return true;
	}
	return false;
}
