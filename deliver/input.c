/* input - a message from a pipe (see input.h). */
#include "config.h"

#include "deliver/input.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#define BLOCK_BYTES (64 * 1024)

static const char mbox_from[] = "From ";

/* Reads some bytes; 0 at the end, -1 with errno. */
static ssize_t
read_some(int fd, char *to, size_t size)
{
	ssize_t length;

	do {
		length = read(fd, to, size);
	} while (length == -1 && errno == EINTR);
	return length;
}

/* Reads until the top can be told, or to the end.  Returns -1 with errno. */
static ssize_t
read_top(int fd, char *block, size_t size)
{
	size_t have = 0;
	ssize_t length;

	while (have < sizeof(mbox_from) - 1) {
		length = read_some(fd, block + have, size - have);
		if (length == -1)
			return -1;
		if (length == 0)
			break;
		have += (size_t)length;
	}
	return (ssize_t)have;
}

/* Adds a block; what belongs to a line that is left out is skipped. */
static void
add_block(struct spool *spool, struct span block, bool *skipping)
{
	struct span line;

	if (*skipping) {
		(void)span_split(&block, '\n', &line);
		*skipping = block.data == NULL;
	}
	if (block.length > 0)
		spool_add(spool, block.data, block.length);
}

enum status
input_read(int fd, struct spool *spool)
{
	char block[BLOCK_BYTES];
	struct span text = { block, 0 };
	bool skipping;
	ssize_t length;

	length = read_top(fd, block, sizeof(block));
	if (length > 0)
		text.length = (size_t)length;
	skipping = span_starts_nocase(text, mbox_from) &&
	    memcmp(block, mbox_from, sizeof(mbox_from) - 1) == 0;
	while (length > 0) {
		text.data = block;
		text.length = (size_t)length;
		add_block(spool, text, &skipping);
		length = read_some(fd, block, sizeof(block));
	}
	return length == 0 ? STATUS_OK : STATUS_IO;
}
