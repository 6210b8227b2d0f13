/*
 * redis-marks - PEEK, CLAIM, SET and FORGET: marks with a time and a number
 * (see redis-verb.h).
 *
 * A mark is one string, "MARKED_AT NUMBER".  CLAIM is SET NX, which sets it or
 * not, and GET, which tells what is there: SET with NX and GET at once needs
 * Redis 7.0.
 */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>

#include "lib/store/redis-reply.h"
#include "lib/store/redis-verb.h"

#define MARK_BYTES   48 /* two int64_t, a blank and a NUL */
#define NUMBER_BYTES 24

static const char *
mark_text(const struct redis_step *step, char text[MARK_BYTES])
{
	snprintf(text, MARK_BYTES, "%" PRId64 " %" PRId64, step->now_ms / 1000,
	    step->operation->number);
	return text;
}

static const char *
lifetime_text(const struct redis_step *step, char text[NUMBER_BYTES])
{
	snprintf(
	    text, NUMBER_BYTES, "%" PRId64, step->operation->lifetime_seconds);
	return text;
}

/* A mark that is there, into the operation.  None is from the future. */
static bool
read_mark(const struct redis_step *step, const redisReply *reply)
{
	struct store_operation *operation = step->operation;
	struct span rest = redis_reply_span(reply), marked_at;

	if (reply->type != REDIS_REPLY_STRING ||
	    !span_split(&rest, ' ', &marked_at) ||
	    redis_integer_parse(marked_at, &operation->marked_at) !=
		STATUS_OK ||
	    redis_integer_parse(rest, &operation->marked_number) != STATUS_OK)
		return false;
	if (operation->marked_at > step->now_ms / 1000)
		operation->marked_at = step->now_ms / 1000;
	operation->found = true;
	return true;
}

static size_t
one(const struct redis_step *step GP_UNUSED)
{
	return 1;
}

static void
peek_append(const struct redis_step *step, struct redis_connection *connection)
{
	redis_connection_command(connection, "GET", step->key, NULL);
}

static bool
peek_answer(const struct redis_step *step, const redisReply *reply)
{
	return reply->type == REDIS_REPLY_NIL || read_mark(step, reply);
}

enum claim_command {
	CLAIM_SET,
	CLAIM_GET,
	CLAIM_RENEW
};

static size_t
claim_count(const struct redis_step *step)
{
	return step->operation->renew ? CLAIM_RENEW + 1 : CLAIM_GET + 1;
}

static void
claim_append(const struct redis_step *step, struct redis_connection *connection)
{
	char mark[MARK_BYTES], lifetime[NUMBER_BYTES];

	lifetime_text(step, lifetime);
	switch ((enum claim_command)step->number) {
	case CLAIM_SET:
		redis_connection_command(connection, "SET", step->key,
		    mark_text(step, mark), "NX", "EX", lifetime, NULL);
		break;
	case CLAIM_GET:
		redis_connection_command(connection, "GET", step->key, NULL);
		break;
	case CLAIM_RENEW:
		redis_connection_command(
		    connection, "EXPIRE", step->key, lifetime, NULL);
		break;
	}
}

static bool
claim_answer(const struct redis_step *step, const redisReply *reply)
{
	struct store_operation *operation = step->operation;

	switch ((enum claim_command)step->number) {
	case CLAIM_SET:
		operation->found = reply->type == REDIS_REPLY_NIL;
		return operation->found || redis_reply_is_status(reply, "OK");
	case CLAIM_GET:
		/* A mark that went between the two commands is a failure. */
		return !operation->found || read_mark(step, reply);
	case CLAIM_RENEW:
		break;
	}
	return true;
}

static void
set_append(const struct redis_step *step, struct redis_connection *connection)
{
	char mark[MARK_BYTES], lifetime[NUMBER_BYTES];

	redis_connection_command(connection, "SET", step->key,
	    mark_text(step, mark), "EX", lifetime_text(step, lifetime), NULL);
}

static bool
set_answer(const struct redis_step *step GP_UNUSED, const redisReply *reply)
{
	return redis_reply_is_status(reply, "OK");
}

static void
forget_append(
    const struct redis_step *step, struct redis_connection *connection)
{
	redis_connection_command(connection, "DEL", step->key, NULL);
}

static bool
forget_answer(const struct redis_step *step GP_UNUSED, const redisReply *reply)
{
	return reply->type == REDIS_REPLY_INTEGER;
}

const struct redis_verb redis_verb_peek = {
	one,
	peek_append,
	peek_answer,
};

const struct redis_verb redis_verb_claim = {
	claim_count,
	claim_append,
	claim_answer,
};

const struct redis_verb redis_verb_set = {
	one,
	set_append,
	set_answer,
};

const struct redis_verb redis_verb_forget = {
	one,
	forget_append,
	forget_answer,
};
