/* dovecot-file - files that Dovecot changes too (see dovecot-file.h). */
#include "config.h"

#include "deliver/dovecot-file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LOCK_ATTEMPTS   20
#define LOCK_STEP_MS    50
#define LOCK_STALE_SECS 120 /* as Dovecot: who holds it is dead */

enum status
dovecot_file_read(const char *path, struct strbuf *text)
{
	char block[4096];
	ssize_t length;
	int fd;

	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return errno == ENOENT ? STATUS_OK : STATUS_IO;
	while ((length = read(fd, block, sizeof(block))) > 0)
		strbuf_add(text, block, (size_t)length);
	close(fd);
	return length < 0 ? STATUS_IO : strbuf_status(text);
}

/* The lock of who died while holding it is taken away. */
static void
remove_stale(const char *path)
{
	struct stat file;

	if (stat(path, &file) == 0 &&
	    file.st_mtime + LOCK_STALE_SECS < time(NULL))
		(void)unlink(path);
}

enum status
dovecot_file_lock(const char *lock_path, mode_t mode, int *fd_r)
{
	struct timespec step = { 0, LOCK_STEP_MS * 1000000L };
	int i;

	for (i = 0; i < LOCK_ATTEMPTS; i++) {
		*fd_r = open(lock_path,
		    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
		if (*fd_r != -1)
			return STATUS_OK;
		if (errno != EEXIST)
			return STATUS_IO;
		remove_stale(lock_path);
		nanosleep(&step, NULL);
	}
	return STATUS_BUSY;
}

enum status
dovecot_file_write(int fd, const struct strbuf *text)
{
	size_t length = strbuf_length(text);

	if (write(fd, strbuf_text(text), length) != (ssize_t)length ||
	    fsync(fd) != 0)
		return STATUS_IO;
	return STATUS_OK;
}
