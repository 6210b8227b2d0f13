/*
 * lmtp-command - reads the lines of an LMTP client: the verb, a path in angle
 * brackets, and parameters.
 */
#ifndef GATEPOST_DELIVER_LMTP_COMMAND_H
#define GATEPOST_DELIVER_LMTP_COMMAND_H

#include <stdbool.h>

#include "lib/base/status.h"
#include "lib/base/str.h"

#define LMTP_PARAMETERS_MAX 20 /* of one command */

/* lmtp_read_verb - cuts the first word off a line */
struct span lmtp_read_verb(struct span *line);

/*
 * lmtp_read_path - cuts "FROM:<path>" or "TO:<path>" off the front.
 *
 * keyword  "FROM:" or "TO:", any case of letters
 * path_r   what is between the brackets; those in quotes do not count
 *
 * Blanks behind the colon are taken (RFC 5321 forbids them, clients send them).
 * Returns STATUS_OK or STATUS_INVALID.
 */
enum status lmtp_read_path(
    struct span *line, const char *keyword, struct span *path_r) GP_MUST_CHECK;

/*
 * lmtp_next_parameter - cuts the next "NAME=VALUE" or "NAME" off.
 *
 * Returns false when none is left.
 */
bool lmtp_next_parameter(
    struct span *line, struct span *name_r, struct span *value_r);

#endif
