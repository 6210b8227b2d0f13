/*
 * lmtp-client - hands one message for one recipient to another LMTP server:
 * Dovecot's, that runs Sieve scripts.  One thread's connection, kept open.
 */
#ifndef GATEPOST_DELIVER_LMTP_CLIENT_H
#define GATEPOST_DELIVER_LMTP_CLIENT_H

#include <stdint.h>

#include "deliver/delivery.h"
#include "deliver/spool.h"
#include "lib/base/region.h"

struct lmtp_client;

/*
 * lmtp_client_new - connects at the first message; socket is borrowed.  NULL
 * when memory is short.
 *
 * connect_ms  for the connection and each reply but the last
 * store_ms    for the reply to the message
 */
struct lmtp_client *lmtp_client_new(
    const char *socket, int64_t connect_ms, int64_t store_ms);

/* lmtp_client_free - closes; accepts NULL */
void lmtp_client_free(struct lmtp_client **client);

struct lmtp_transaction {
	const char *sender;    /* the inside of <> */
	const char *recipient; /* the inside of <> */
	struct span prefix;    /* header fields in front, lines ended by LF */
	const struct spool *spool;
};

/*
 * lmtp_client_send - the server's reply about this recipient.
 *
 * Replies 250 and 4xx are passed on, and 5xx with a code of RFC 3463 that is
 * about the message or the mailbox.  All else (nobody answers, a server that
 * does not understand us) is 451 4.3.0, logged.  Texts belong to region.
 */
struct delivery_result lmtp_client_send(struct lmtp_client *client,
    struct region *region, const struct lmtp_transaction *transaction);

#endif
