/*
 * redis-connection - one connection to a Redis server: commands out, replies
 * in, each by a deadline.
 *
 * hiredis writes the commands and reads the replies; the socket, TLS and the
 * deadline are ours, because hiredis bounds each system call, not a reply.
 *
 * Invariants: the first error sticks, and a connection with an error is of no
 * use but to be freed, because what it would read next is out of step.  One
 * thread at a time.
 */
#ifndef GATEPOST_STORE_REDIS_CONNECTION_H
#define GATEPOST_STORE_REDIS_CONNECTION_H

#include <stdbool.h>
#include <stdint.h>

#include <hiredis/hiredis.h>

#include "lib/base/status.h"
#include "lib/store/redis-address.h"
#include "lib/store/redis-reason.h"

struct redis_connection;
struct redis_tls;

/*
 * redis_connection_open - connects; speaks TLS over TCP unless tls is NULL.
 *
 * tls  borrowed until redis_connection_free()
 *
 * Returns STATUS_OK; STATUS_TIMEOUT, STATUS_IO, STATUS_NOTFOUND or STATUS_NOMEM
 * with the reason.
 */
enum status redis_connection_open(const struct redis_address *address,
    const struct redis_tls *tls, int64_t deadline_ms,
    struct redis_connection **connection_r,
    struct redis_reason *reason) GP_MUST_CHECK;

/* redis_connection_free - closes *connection, sets it to NULL; accepts NULL */
void redis_connection_free(struct redis_connection **connection);

/* redis_connection_address - where it leads to; borrowed */
const struct redis_address *redis_connection_address(
    const struct redis_connection *connection);

/*
 * redis_connection_is_quiet - nothing waits to be read.  True for a connection
 * that all replies were read of, unless the server closed it.
 */
bool redis_connection_is_quiet(const struct redis_connection *connection);

#define REDIS_ARGUMENTS_MAX 16 /* words of one command */

/*
 * redis_connection_command - keeps a command for the next flush.
 *
 * word  the command's words, C strings, NULL at the end
 *
 * A failure (no memory, too long) is told by redis_connection_flush().
 */
void redis_connection_command(struct redis_connection *connection,
    const char *word, ...) __attribute__((sentinel));

/*
 * redis_connection_flush - sends what was kept.
 *
 * Returns STATUS_OK, STATUS_TIMEOUT, STATUS_IO, STATUS_NOMEM or STATUS_LIMIT.
 */
enum status redis_connection_flush(
    struct redis_connection *connection, int64_t deadline_ms) GP_MUST_CHECK;

/*
 * redis_connection_reply - the next reply.
 *
 * reply_r  free by freeReplyObject(); never NULL after STATUS_OK
 *
 * A reply that has arrived is read even if the deadline has passed.  Returns
 * STATUS_OK, STATUS_TIMEOUT, STATUS_IO (also for what is no reply),
 * STATUS_NOMEM or STATUS_LIMIT (a reply without an end).
 */
enum status redis_connection_reply(struct redis_connection *connection,
    int64_t deadline_ms, redisReply **reply_r) GP_MUST_CHECK;

/* redis_connection_reason - the reason of the first error; borrowed */
const struct redis_reason *redis_connection_reason(
    const struct redis_connection *connection);

#endif
