/*
 * message - the header fields of one message, in order, raw.
 *
 * Field names and values are kept exactly as they came, with any byte but NUL
 * (a NUL cannot come through the milter protocol; from a file it is kept as a
 * length).  The body is never held here: it streams past the checks.
 */
#ifndef GATEPOST_MAIL_MESSAGE_H
#define GATEPOST_MAIL_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/region.h"
#include "lib/base/status.h"
#include "lib/base/str.h"

#define MESSAGE_FIELDS_MAX       30000 /* over what Postfix hands on: 100 KB / 4 */
#define MESSAGE_HEADER_BYTES_MAX (1024 * 1024)

struct message_field {
	struct span name;  /* without the colon; a NUL stands behind it */
	struct span value; /* all behind the colon, the leading blank and folds
			    * ("\r\n\t") included, without the last CRLF */
};

struct message {
	struct region *region; /* borrowed; owns the copies */
	size_t field_count;
	size_t field_room;
	struct message_field *fields;
	size_t header_bytes;
	bool truncated; /* a limit was reached, later fields were left out */
};

/* message_init - no fields; region must outlive the message */
void message_init(struct message *message, struct region *region);

/*
 * message_add_field - appends a copy of one field.
 *
 * Bare LF and bare CR in folds are made CRLF (libmilter hands "\n\t").
 * Over the limits above the field is left out and truncated is set: that is
 * STATUS_OK.  Returns STATUS_OK or STATUS_NOMEM.
 */
enum status message_add_field(
    struct message *message, struct span name, struct span value) GP_MUST_CHECK;

/*
 * message_parse_header - reads the fields of a whole message.
 *
 * raw     LF or CRLF line ends; a leading mbox "From " line is skipped
 * body_r  what is behind the empty line (empty span if there is none)
 *
 * A line that is no field and no fold ends the header, as Postfix does.
 * Returns STATUS_OK or STATUS_NOMEM.
 */
enum status message_parse_header(struct message *message, struct span raw,
    struct span *body_r) GP_MUST_CHECK;

/*
 * message_find - the nth (from 0) field of that name, or NULL.
 */
const struct message_field *message_find(
    const struct message *message, const char *name, size_t nth);

/* message_count - how many fields have that name */
size_t message_count(const struct message *message, const char *name);

#endif
