/* headers - which incoming header fields are forged copies of ours. */
#ifndef GATEPOST_SCAN_HEADERS_H
#define GATEPOST_SCAN_HEADERS_H

#include "lib/mail/message.h"

#define HEADERS_FORGED_MAX 100 /* more is an attack: each costs Postfix work */

/*
 * headers_count_forged - how many incoming fields must be removed.
 *
 * Those whose names only we write (X-Spam*, X-Gatepost-*), and
 * Authentication-Results fields that claim our authserv-id (RFC 8601 section
 * 5).
 */
size_t headers_count_forged(
    const struct message *message, const char *authserv_id);

/*
 * headers_remove_forged - calls remove(argument, name, index) for each.
 *
 * index counts from 1 among the fields of that name, as the milter protocol
 * does; the last field comes first, so that the others keep their index.  At
 * most HEADERS_FORGED_MAX: a message with more is refused, unless all that
 * comes is only observed.
 */
void headers_remove_forged(const struct message *message,
    const char *authserv_id,
    void (*remove)(void *argument, const char *name, int index),
    void *argument);

#endif
