/* redis-reply - what replies of a Redis server mean, read strictly. */
#ifndef GATEPOST_STORE_REDIS_REPLY_H
#define GATEPOST_STORE_REDIS_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <hiredis/hiredis.h>

#include "lib/base/status.h"
#include "lib/base/str.h"

/* Whom an error reply concerns. */
enum redis_error {
	REDIS_ERROR_NONE,      /* no error */
	REDIS_ERROR_OPERATION, /* this operation alone */
	REDIS_ERROR_MOVED,     /* Cluster: that slot is at another node */
	REDIS_ERROR_ASK,       /* Cluster: this key has moved ahead of it */
	REDIS_ERROR_CLUSTER,   /* Cluster: nobody serves the slot now */
	REDIS_ERROR_SERVER     /* the server is of no use to us now */
};

/* redis_reply_error - sorts an error reply; NONE for other replies */
enum redis_error redis_reply_error(const redisReply *reply);

/* redis_reply_is_status - the status line text ("OK") */
bool redis_reply_is_status(const redisReply *reply, const char *text);

/* redis_reply_span - the bytes of a string, status or error; else empty */
struct span redis_reply_span(const redisReply *reply);

/*
 * redis_number_parse - a decimal number: digits, at most one '-' in front and
 * one '.' with digits on both sides; no exponent.  STATUS_INVALID.
 */
enum status redis_number_parse(
    struct span text, double *number_r) GP_MUST_CHECK;

#define REDIS_NUMBER_BYTES 32 /* of any number of a command, with its NUL */

/* redis_number_text - as Redis reads it, to the last bit; returns text */
const char *redis_number_text(double number, char text[REDIS_NUMBER_BYTES]);

/* redis_integer_parse - an int64_t in decimal digits; STATUS_INVALID */
enum status redis_integer_parse(
    struct span text, int64_t *number_r) GP_MUST_CHECK;

/*
 * redis_reply_time_ms - the reply to TIME, in milliseconds since 1970.
 * Returns STATUS_OK or STATUS_INVALID.
 */
enum status redis_reply_time_ms(
    const redisReply *reply, int64_t *time_ms_r) GP_MUST_CHECK;

#endif
