/*
 * input - a message from a pipe into the spool, as pipe(8) and local(8) of
 * Postfix write it.
 */
#ifndef GATEPOST_DELIVER_INPUT_H
#define GATEPOST_DELIVER_INPUT_H

#include "deliver/spool.h"
#include "lib/base/status.h"

/*
 * input_read - reads fd to its end.
 *
 * A line "From ..." at the very top (local(8) writes one) is left out; all else
 * is taken byte for byte.  Returns STATUS_OK or STATUS_IO (errno).
 */
enum status input_read(int fd, struct spool *spool) GP_MUST_CHECK;

#endif
