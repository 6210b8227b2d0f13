/*
 * messages - all messages of a file, an mbox, a Maildir, a directory tree or
 * standard input, one after the other.
 *
 * An mbox is known by its first line, which begins with "From "; a line that
 * begins so behind an empty line begins the next message, and ">From " in a
 * body is "From " again.  Of a directory all files are read, and those of the
 * directories in it; of a Maildir those in cur and new, of itself and of its
 * folders.  Hidden files and symbolic links inside a directory are left out.
 */
#ifndef GATEPOST_CLI_MESSAGES_H
#define GATEPOST_CLI_MESSAGES_H

#include <stdbool.h>

#include "lib/base/status.h"
#include "lib/base/str.h"

struct messages_visitor {
	/* One message; name is for people.  false: no more are wanted. */
	bool (*visit)(void *argument, const char *name, struct span raw);
	void *argument;
};

/*
 * messages_visit - of one path; "-" is standard input.
 *
 * Returns STATUS_OK (also when no more were wanted), or STATUS_IO: something
 * could not be read; each reason was printed, and the rest was visited.
 */
enum status messages_visit(
    const char *path, const struct messages_visitor *visitor) GP_MUST_CHECK;

#endif
