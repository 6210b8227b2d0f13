/* seen - messages that came lately (see seen.h). */
#include "config.h"

#include "deliver/seen.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/log.h"
#include "lib/base/str.h"

#define TIME_DIGITS  12
#define TIME_MAX     UINT64_C(999999999999)
#define RECORD_BYTES (SEEN_KEY_BYTES - 1 + 1 + TIME_DIGITS + 1)
#define FILE_BYTES   ((size_t)SEEN_RECORDS_MAX * RECORD_BYTES)

enum status
seen_key(struct span message_id, const char *address, char key[SEEN_KEY_BYTES])
{
	char text[HASH_TEXT_BYTES];
	struct hash *hash = hash_new();
	enum status status;
	size_t i;
	char c;

	if (hash == NULL)
		return STATUS_NOMEM;
	for (i = 0; address[i] != '\0'; i++) {
		c = ascii_lower(address[i]);
		hash_add(hash, &c, 1);
	}
	hash_add(hash, "", 1);
	hash_add(hash, message_id.data, message_id.length);
	status = hash_finish(&hash, text);
	memcpy(key, text, SEEN_KEY_BYTES - 1);
	key[SEEN_KEY_BYTES - 1] = '\0';
	return status;
}

static int
open_file(const char *path, int flags, mode_t mode)
{
	struct stat file;
	int fd;

	fd = open(path, flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, mode);
	if (fd == -1 && errno != ENOENT)
		log_warning("%s: %s", path, strerror(errno));
	if (fd != -1 && (fstat(fd, &file) != 0 || !S_ISREG(file.st_mode))) {
		log_warning("%s: no file", path);
		close(fd);
		return -1;
	}
	return fd;
}

/* The whole file; NULL when there is nothing.  The caller frees. */
static char *
read_file(int fd, size_t *length_r)
{
	char *text = malloc(FILE_BYTES);
	ssize_t got = 0;

	if (text != NULL)
		got = pread(fd, text, FILE_BYTES, 0);
	*length_r = got > 0 ? (size_t)got / RECORD_BYTES * RECORD_BYTES : 0;
	if (*length_r > 0)
		return text;
	free(text);
	return NULL;
}

static bool
is_after(const char *record, int64_t after)
{
	uint64_t at;

	return str_to_uint64(
		   (struct span){ record + SEEN_KEY_BYTES, TIME_DIGITS },
		   TIME_MAX, &at) == STATUS_OK &&
	    (int64_t)at > after;
}

bool
seen_find(const char *path, const char *key, int64_t after)
{
	size_t i, length;
	bool found = false;
	char *text;
	int fd;

	if ((fd = open_file(path, O_RDONLY, 0)) == -1)
		return false;
	(void)flock(fd, LOCK_SH);
	text = read_file(fd, &length);
	close(fd);
	for (i = 0; i < length && !found; i += RECORD_BYTES)
		found = memcmp(text + i, key, SEEN_KEY_BYTES - 1) == 0 &&
		    is_after(text + i, after);
	free(text);
	return found;
}

/* Leaves records after that second, at most half of what there may be.
 * Returns where the next one goes. */
static size_t
compact(int fd, int64_t after)
{
	size_t i, length, kept = 0, first = 0;
	char *text = read_file(fd, &length);

	if (length > FILE_BYTES / 2)
		first = length - FILE_BYTES / 2 / RECORD_BYTES * RECORD_BYTES;
	for (i = first; i < length; i += RECORD_BYTES) {
		if (!is_after(text + i, after))
			continue;
		memmove(text + kept, text + i, RECORD_BYTES);
		kept += RECORD_BYTES;
	}
	if (kept > 0 && pwrite(fd, text, kept, 0) != (ssize_t)kept)
		kept = 0;
	free(text);
	return kept;
}

static bool
write_record(int fd, size_t at, const char *key, int64_t now)
{
	char record[RECORD_BYTES + 1];

	(void)snprintf(record, sizeof(record), "%s %0*" PRIu64 "\n", key,
	    TIME_DIGITS, (uint64_t)now % (TIME_MAX + 1));
	return pwrite(fd, record, RECORD_BYTES, (off_t)at) == RECORD_BYTES &&
	    ftruncate(fd, (off_t)(at + RECORD_BYTES)) == 0;
}

void
seen_add(
    const char *path, const char *key, int64_t now, int64_t after, mode_t mode)
{
	struct stat file;
	size_t at;
	int fd;

	if ((fd = open_file(path, O_RDWR | O_CREAT, mode)) == -1)
		return;
	if (flock(fd, LOCK_EX) == 0 && fstat(fd, &file) == 0) {
		at = (size_t)file.st_size / RECORD_BYTES * RECORD_BYTES;
		if (at + RECORD_BYTES > FILE_BYTES)
			at = compact(fd, after);
		if (!write_record(fd, at, key, now))
			log_warning("%s: %s", path, strerror(errno));
	}
	close(fd);
}
