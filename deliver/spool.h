/*
 * spool - a message while it comes in: the first part in memory, what does not
 * fit in a temporary file without a name.
 *
 * The first failure (no memory, no space, too large) sticks, and what comes
 * later is dropped; the caller checks once, by spool_finish().
 */
#ifndef GATEPOST_DELIVER_SPOOL_H
#define GATEPOST_DELIVER_SPOOL_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/status.h"
#include "lib/base/str.h"

#define SPOOL_DIGEST_BYTES 32 /* SHA-256 */

struct spool_options {
	size_t memory_max;     /* bytes held in memory */
	uint64_t size_max;     /* bytes of a message; 0: no limit */
	const char *directory; /* of temporary files */
};

struct spool;

/* spool_new - empty; options are copied, the directory's text is borrowed.
 * NULL when memory is short. */
struct spool *spool_new(const struct spool_options *options);

/* spool_free - the temporary file too; accepts NULL */
void spool_free(struct spool **spool);

/* spool_reset - empty again, and no failure; most memory is kept */
void spool_reset(struct spool *spool);

/* spool_add - appends */
void spool_add(struct spool *spool, const void *data, size_t length);

/*
 * spool_finish - the message is complete; no more is added.
 *
 * Returns STATUS_OK; STATUS_NOMEM; STATUS_LIMIT (larger than size_max); or
 * STATUS_IO (the temporary file; logged, and errno tells why).
 */
enum status spool_finish(struct spool *spool) GP_MUST_CHECK;

/* All of these hold after spool_finish() == STATUS_OK. */

/* spool_head - the part in memory, all headers but of absurd messages */
struct span spool_head(const struct spool *spool);

/* spool_size - bytes */
uint64_t spool_size(const struct spool *spool);

/* spool_crlf_size - bytes when each line end is sent as CRLF (Maildir++ W=) */
uint64_t spool_crlf_size(const struct spool *spool);

/* spool_digest - SHA-256 of the message; SPOOL_DIGEST_BYTES */
const unsigned char *spool_digest(const struct spool *spool);

/*
 * spool_copy - writes prefix and the message to a file.  Any number of times.
 *
 * Returns STATUS_OK, or STATUS_IO (errno tells why; nothing is logged).
 */
enum status spool_copy(
    const struct spool *spool, struct span prefix, int fd) GP_MUST_CHECK;

/*
 * spool_read - a piece of the message.
 *
 * length_r  0 at its end
 *
 * Returns STATUS_OK, or STATUS_IO (errno tells why; nothing is logged).
 */
enum status spool_read(const struct spool *spool, uint64_t offset, char *block,
    size_t size, size_t *length_r) GP_MUST_CHECK;

/* text_crlf_size - as spool_crlf_size, of a text of ours */
size_t text_crlf_size(struct span text);

#endif
