/* headers - which incoming header fields are forged copies of ours. */
#ifndef GATEPOST_SCAN_HEADERS_H
#define GATEPOST_SCAN_HEADERS_H

#include "lib/mail/message.h"

#define HEADERS_FORGED_MAX 100 /* more is an attack: each costs Postfix work */

/*
 * headers_forged - the incoming fields that must be removed.
 *
 * Those that only we write (X-Spam-*, X-Gatepost-*), and
 * Authentication-Results fields that claim our authserv-id (RFC 8601 section
 * 5).  Given in the order in which they can be deleted one by one: the last
 * first; calls remove(argument, name, index) for each (NULL: none is called),
 * index counting from 1 among the fields of that name, as the milter protocol
 * does.
 *
 * Returns how many there are.
 */
size_t headers_forged(const struct message *message, const char *authserv_id,
    void (*remove)(void *argument, const char *name, int index),
    void *argument);

#endif
