/* spool - a message while it comes in (see spool.h). */
#include "config.h"

#include "deliver/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/uio.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "deliver/test-point.h"
#include "lib/base/log.h"

#define MEMORY_FIRST_BYTES (32 * 1024)
#define MEMORY_KEPT_BYTES  (256 * 1024) /* from one message to the next */
#define BLOCK_BYTES        (64 * 1024)  /* written to the file at once */
#define SEND_BYTES         (1024 * 1024 * 1024)

struct spool {
	struct spool_options options;
	enum status status; /* the first failure */
	int error;          /* its errno */
	bool finished;
	char *memory; /* the first part of the message */
	size_t memory_size, memory_length;
	int fd;      /* -1: all is in memory */
	char *block; /* what is to be written to the file next */
	size_t block_length;
	uint64_t size;
	uint64_t bare_line_ends; /* LF without CR */
	char last;               /* the byte before what is measured next */
	EVP_MD_CTX *hash;
	unsigned char digest[SPOOL_DIGEST_BYTES];
};

struct spool *
spool_new(const struct spool_options *options)
{
	struct spool *spool;

	if ((spool = calloc(1, sizeof(*spool))) == NULL)
		return NULL;
	spool->options = *options;
	spool->fd = -1;
	if ((spool->hash = EVP_MD_CTX_new()) == NULL) {
		spool_free(&spool);
		return NULL;
	}
	spool_reset(spool);
	return spool;
}

void
spool_free(struct spool **spool)
{
	if (*spool == NULL)
		return;
	if ((*spool)->fd != -1)
		close((*spool)->fd);
	EVP_MD_CTX_free((*spool)->hash);
	free((*spool)->memory);
	free((*spool)->block);
	free(*spool);
	*spool = NULL;
}

static void
fail(struct spool *spool, enum status status, int error)
{
	if (spool->status != STATUS_OK)
		return;
	spool->status = status;
	spool->error = error;
}

void
spool_reset(struct spool *spool)
{
	if (spool->fd != -1)
		close(spool->fd);
	spool->fd = -1;
	free(spool->block);
	spool->block = NULL;
	spool->block_length = 0;
	if (spool->memory_size > MEMORY_KEPT_BYTES) {
		free(spool->memory);
		spool->memory = NULL;
		spool->memory_size = 0;
	}
	spool->memory_length = 0;
	spool->size = 0;
	spool->bare_line_ends = 0;
	spool->last = '\0';
	spool->status = STATUS_OK;
	spool->finished = false;
	if (EVP_DigestInit_ex(spool->hash, EVP_sha256(), NULL) != 1)
		fail(spool, STATUS_NOMEM, ENOMEM);
}

/* LFs without a CR; *last is the byte before. */
static uint64_t
count_bare_line_ends(const char *data, size_t length, char *last)
{
	const char *p = data, *end;
	uint64_t count = 0;

	if (length == 0)
		return 0;
	end = data + length;
	while ((p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		if ((p == data ? *last : p[-1]) != '\r')
			count++;
		p++;
	}
	*last = end[-1];
	return count;
}

size_t
text_crlf_size(struct span text)
{
	char last = '\0';

	return text.length +
	    (size_t)count_bare_line_ends(text.data, text.length, &last);
}

/* Takes the next bytes of the message into account. */
static void
measure(struct spool *spool, const char *data, size_t length)
{
	spool->bare_line_ends +=
	    count_bare_line_ends(data, length, &spool->last);
	if (EVP_DigestUpdate(spool->hash, data, length) != 1)
		fail(spool, STATUS_NOMEM, ENOMEM);
}

/* A file without a name, also where the file system has no O_TMPFILE. */
static int
open_unnamed(const char *directory)
{
	char path[PATH_MAX];
	int fd, length;

	fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd != -1 || (errno != EOPNOTSUPP && errno != EISDIR))
		return fd;
	length = snprintf(path, sizeof(path), "%s/gatepost.XXXXXX", directory);
	if (length < 0 || (size_t)length >= sizeof(path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	if ((fd = mkostemp(path, O_CLOEXEC)) != -1)
		(void)unlink(path);
	return fd;
}

static enum status
write_all(int fd, const char *data, size_t length)
{
	ssize_t written;

	while (length > 0) {
		written = write(fd, data, length);
		if (written == -1 && errno == EINTR)
			continue;
		if (written <= 0)
			return STATUS_IO;
		data += written;
		length -= (size_t)written;
	}
	return STATUS_OK;
}

static void
fail_in_file(struct spool *spool)
{
	int error = errno;

	log_error("temporary file in %s: %s", spool->options.directory,
	    strerror(error));
	fail(spool, STATUS_IO, error);
}

/* From here on the message goes into a file. */
static void
open_file(struct spool *spool)
{
	measure(spool, spool->memory, spool->memory_length);
	if ((spool->block = malloc(BLOCK_BYTES)) == NULL) {
		fail(spool, STATUS_NOMEM, ENOMEM);
		return;
	}
	spool->fd = open_unnamed(spool->options.directory);
	if (spool->fd == -1)
		fail_in_file(spool);
	else
		(void)TEST_POINT("spool-opened");
}

static void
write_block(struct spool *spool)
{
	measure(spool, spool->block, spool->block_length);
	if (TEST_POINT("spool-write") != 0 ||
	    write_all(spool->fd, spool->block, spool->block_length) !=
		STATUS_OK)
		fail_in_file(spool);
	spool->block_length = 0;
}

static size_t
add_to_file(struct spool *spool, const char *data, size_t length)
{
	size_t room = BLOCK_BYTES - spool->block_length;

	if (length > room)
		length = room;
	memcpy(spool->block + spool->block_length, data, length);
	spool->block_length += length;
	if (spool->block_length == BLOCK_BYTES)
		write_block(spool);
	return length;
}

/* Makes room for one byte at least, if the limit allows. */
static void
grow_memory(struct spool *spool)
{
	size_t size = spool->memory_size * 2;
	char *memory;

	if (size < MEMORY_FIRST_BYTES)
		size = MEMORY_FIRST_BYTES;
	if (size > spool->options.memory_max)
		size = spool->options.memory_max;
	if ((memory = realloc(spool->memory, size)) == NULL) {
		fail(spool, STATUS_NOMEM, ENOMEM);
		return;
	}
	spool->memory = memory;
	spool->memory_size = size;
}

/* Returns how much was taken; 0: the memory is full, or a failure. */
static size_t
add_to_memory(struct spool *spool, const char *data, size_t length)
{
	size_t room;

	if (spool->memory_length == spool->memory_size &&
	    spool->memory_size < spool->options.memory_max)
		grow_memory(spool);
	room = spool->memory_size - spool->memory_length;
	if (spool->status != STATUS_OK || room == 0)
		return 0;
	if (length > room)
		length = room;
	memcpy(spool->memory + spool->memory_length, data, length);
	spool->memory_length += length;
	return length;
}

void
spool_add(struct spool *spool, const void *data, size_t length)
{
	const char *rest = data;
	size_t taken;

	spool->size += length;
	if (spool->options.size_max != 0 &&
	    spool->size > spool->options.size_max)
		fail(spool, STATUS_LIMIT, EFBIG);
	while (length > 0 && spool->status == STATUS_OK) {
		if (spool->fd != -1) {
			taken = add_to_file(spool, rest, length);
		} else {
			taken = add_to_memory(spool, rest, length);
			if (taken == 0 && spool->status == STATUS_OK)
				open_file(spool);
		}
		rest += taken;
		length -= taken;
	}
}

enum status
spool_finish(struct spool *spool)
{
	if (!spool->finished && spool->status == STATUS_OK) {
		if (spool->fd != -1)
			write_block(spool);
		else
			measure(spool, spool->memory, spool->memory_length);
		if (EVP_DigestFinal_ex(spool->hash, spool->digest, NULL) != 1)
			fail(spool, STATUS_NOMEM, ENOMEM);
	}
	spool->finished = true;
	errno = spool->error;
	return spool->status;
}

struct span
spool_head(const struct spool *spool)
{
	struct span head = { spool->memory, spool->memory_length };

	return head;
}

uint64_t
spool_size(const struct spool *spool)
{
	return spool->size;
}

uint64_t
spool_crlf_size(const struct spool *spool)
{
	return spool->size + spool->bare_line_ends;
}

const unsigned char *
spool_digest(const struct spool *spool)
{
	return spool->digest;
}

/* Prefix and memory, in one call if the system likes. */
static enum status
copy_memory(const struct spool *spool, struct span prefix, int fd)
{
	struct iovec parts[2] = {
		{ (void *)(uintptr_t)prefix.data, prefix.length },
		{ spool->memory, spool->memory_length },
	};
	size_t done;
	ssize_t written;

	do {
		written = writev(fd, parts, 2);
	} while (written == -1 && errno == EINTR);
	if (written == -1)
		return STATUS_IO;
	done = (size_t)written;
	if (done < prefix.length) {
		if (write_all(fd, prefix.data + done, prefix.length - done) !=
		    STATUS_OK)
			return STATUS_IO;
		done = prefix.length;
	}
	done -= prefix.length;
	if (done == spool->memory_length)
		return STATUS_OK;
	return write_all(fd, spool->memory + done, spool->memory_length - done);
}

static enum status
copy_file(const struct spool *spool, int fd)
{
	uint64_t left = spool->size - spool->memory_length;
	off_t offset = 0;
	ssize_t sent;

	while (left > 0) {
		sent = sendfile(fd, spool->fd, &offset,
		    left > SEND_BYTES ? SEND_BYTES : (size_t)left);
		if (sent == -1 && errno == EINTR)
			continue;
		if (sent == 0)
			errno = EIO; /* the file is shorter than we wrote it */
		if (sent <= 0)
			return STATUS_IO;
		left -= (uint64_t)sent;
	}
	return STATUS_OK;
}

enum status
spool_copy(const struct spool *spool, struct span prefix, int fd)
{
	enum status status = copy_memory(spool, prefix, fd);

	if (status == STATUS_OK && spool->fd != -1)
		status = copy_file(spool, fd);
	return status;
}

enum status
spool_read(const struct spool *spool, uint64_t offset, char *block, size_t size,
    size_t *length_r)
{
	ssize_t got;

	*length_r = 0;
	if (offset >= spool->size)
		return STATUS_OK;
	if (offset < spool->memory_length) {
		*length_r = spool->memory_length - (size_t)offset;
		if (*length_r > size)
			*length_r = size;
		memcpy(block, spool->memory + offset, *length_r);
		return STATUS_OK;
	}
	do {
		got = pread(spool->fd, block, size,
		    (off_t)(offset - spool->memory_length));
	} while (got == -1 && errno == EINTR);
	if (got == 0)
		errno = EIO; /* the file is shorter than we wrote it */
	if (got <= 0)
		return STATUS_IO;
	*length_r = (size_t)got;
	return STATUS_OK;
}
