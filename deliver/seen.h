/*
 * seen - messages that came into a Maildir lately, so that a second copy can be
 * dropped: the file gatepost-seen, a line "HASH EPOCH-SECONDS" for each.
 *
 * It is a help and no promise: a file that cannot be used knows nothing.  All
 * with the identity of the user.
 */
#ifndef GATEPOST_DELIVER_SEEN_H
#define GATEPOST_DELIVER_SEEN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/base/hash.h"
#include "lib/base/str.h"

#define SEEN_FILE        "gatepost-seen"
#define SEEN_KEY_BYTES   33    /* with its NUL: 128 bits in hexadecimal */
#define SEEN_RECORDS_MAX 20000 /* then the oldest ones go */

/*
 * seen_key - what is the same for copies of a message to a recipient.
 *
 * Returns STATUS_OK or STATUS_NOMEM.
 */
enum status seen_key(struct span message_id, const char *address,
    char key[SEEN_KEY_BYTES]) GP_MUST_CHECK;

/* seen_find - was it noted after that second?  path: of the file */
bool seen_find(const char *path, const char *key, int64_t after);

/*
 * seen_add - notes it; mode: of a new file.  What is not after that second is
 * forgotten, when there is much of it.
 */
void seen_add(
    const char *path, const char *key, int64_t now, int64_t after, mode_t mode);

#endif
