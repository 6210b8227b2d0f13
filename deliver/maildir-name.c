/* maildir-name - unique names (see maildir-name.h). */
#include "config.h"

#include "deliver/maildir-name.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/str.h"

/* What may not stand in a name is written as a backslash and octal digits. */
void
maildir_namer_init(struct maildir_namer *namer, const char *host)
{
	char *to = namer->host, *end = namer->host + sizeof(namer->host) - 5;

	atomic_init(&namer->count, 0);
	for (; *host != '\0' && to < end; host++) {
		if (ascii_is_print((unsigned char)*host) &&
		    strchr("/:,\\ ", *host) == NULL)
			*to++ = *host;
		else
			to += snprintf(to, 5, "\\%03o",
			    (unsigned int)(unsigned char)*host);
	}
	*to = '\0';
}

void
maildir_name_make(struct maildir_namer *namer, uint64_t size,
    uint64_t crlf_size, char name[MAILDIR_NAME_BYTES])
{
	uint64_t count = atomic_fetch_add(&namer->count, 1) + 1;
	struct timespec now;
	int length;

	clock_gettime(CLOCK_REALTIME, &now);
	length = snprintf(name, MAILDIR_NAME_BYTES,
	    "%jd.M%06ldP%ldQ%" PRIu64 ".%s,S=%" PRIu64 ",W=%" PRIu64,
	    (intmax_t)now.tv_sec, now.tv_nsec / 1000, (long)getpid(), count,
	    namer->host, size, crlf_size);
	assert(length > 0 && length < MAILDIR_NAME_BYTES);
}
