/*
 * preferences - what a user wants of his own deliveries: the file ~/.gatepost.
 *
 *	# comment
 *	threshold = 7.5			points from which mail is junk
 *	allow = ann@example.com, @example.org
 *	block = @example.net
 *	junk_folder = Spam
 *
 * It is a stranger's file: its size, lines and kind are checked, and a line
 * that makes no sense is logged and left out, so that mail is not held up.
 */
#ifndef GATEPOST_USERS_PREFERENCES_H
#define GATEPOST_USERS_PREFERENCES_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/region.h"
#include "lib/base/status.h"
#include "lib/mail/address.h"

#define PREFERENCES_FILE      ".gatepost"
#define PREFERENCES_BYTES_MAX (64 * 1024)

/* Who a message says that it is from. */
struct senders {
	const char *envelope; /* "": a bounce */
	const struct address *authors;
	size_t author_count;
};

struct preferences {
	bool has_threshold;
	int threshold;           /* hundredths */
	const char *junk_folder; /* NULL: as configured */
	bool allowed;            /* every author is */
	bool blocked;            /* an author or the envelope's sender is */
};

/*
 * preferences_read - reads the file, with the identity of the user.
 *
 * path  a missing file says nothing
 *
 * Returns STATUS_OK (also for a file that cannot be used: it is logged and
 * says nothing) or STATUS_NOMEM.
 */
enum status preferences_read(struct region *region, const char *path,
    const struct senders *senders,
    struct preferences *preferences_r) GP_MUST_CHECK;

#endif
