/*
 * message-set - the prepared messages that the load generator sends.
 *
 * Two files made by tests/bench/bench: the messages one behind the other
 * (CRLF line ends), and an index with one line a message, fields separated by
 * a tab: offset, length, client_ip, client_name, helo, sender, recipient.
 * The sender may be empty (the null sender).
 */
#ifndef GATEPOST_BENCH_MESSAGE_SET_H
#define GATEPOST_BENCH_MESSAGE_SET_H

#include <stddef.h>

#include "lib/base/status.h"

struct header_field {
	const char *name;
	const char *value; /* from behind the colon, lines folded by "\n" */
};

struct bench_message {
	const char *client_ip;
	const char *client_name;
	const char *helo;
	const char *sender;
	const char *recipient;
	const struct header_field *headers;
	size_t header_count;
	const char *body; /* CRLF line ends, as Postfix sends it */
	size_t body_length;
};

struct message_set;

/*
 * message_set_load - reads both files.
 *
 * Returns STATUS_OK, STATUS_IO (told on standard error), STATUS_INVALID (a
 * malformed index or message, told likewise), STATUS_NOMEM.  *set_r is NULL
 * on failure; free it by message_set_free().
 */
enum status message_set_load(const char *messages_path, const char *index_path,
    struct message_set **set_r) GP_MUST_CHECK;

void message_set_free(struct message_set **set);

/* message_set_count - at least 1 */
size_t message_set_count(const struct message_set *set);

/* message_set_get - message i; lives as long as the set */
const struct bench_message *message_set_get(
    const struct message_set *set, size_t i);

#endif
