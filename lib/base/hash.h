/*
 * hash - SHA-256 of pieces, as hexadecimal text: names under which something is
 * remembered without being told.
 */
#ifndef GATEPOST_BASE_HASH_H
#define GATEPOST_BASE_HASH_H

#include <stddef.h>

#include "lib/base/status.h"

#define HASH_TEXT_BYTES 65 /* 32 bytes in hexadecimal and a NUL */

struct hash;

/* hash_new - of no bytes yet; NULL when memory is short */
struct hash *hash_new(void);

/* hash_add - the next bytes; the first failure sticks until hash_finish() */
void hash_add(struct hash *hash, const void *data, size_t length);

/* hash_add_text - a C string with its NUL, so that pieces do not run together */
void hash_add_text(struct hash *hash, const char *text);

/*
 * hash_finish - the text; frees the hash and sets *hash to NULL; accepts NULL.
 *
 * Returns STATUS_OK, or STATUS_NOMEM with text "".
 */
enum status hash_finish(
    struct hash **hash, char text[HASH_TEXT_BYTES]) GP_MUST_CHECK;

/* hash_of - of one C string without its NUL; as hash_finish() */
enum status hash_of(const char *name, char text[HASH_TEXT_BYTES]) GP_MUST_CHECK;

#endif
