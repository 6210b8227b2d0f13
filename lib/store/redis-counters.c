/*
 * redis-counters - READ and ADD: counters that decay (see redis-verb.h).
 *
 * Forward decay with the last addition as the landmark: a hash holds the two
 * counters as they were then, "h" and "s", and when that was, "t", in
 * milliseconds.  Nothing is written as time passes; who reads, or adds, divides
 * by 2 for each half-life since.
 *
 * The landmark must be in the hash.  With one that every client knows without
 * asking, an addition could be a plain HINCRBYFLOAT of a number that grows with
 * time; but one that was made while the clock was ahead would weigh twice as
 * much for each half-life of that, and nobody could tell afterwards.  As it is,
 * an addition from the future counts as one of now, as in the other backends,
 * and no counter is ever above what was added.
 *
 * Adding needs the old values, so it is a script, which is atomic; it sets the
 * key's end, too, and no counter goes below 0.
 */
#include "config.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "lib/store/redis-reply.h"
#include "lib/store/redis-verb.h"
#include "lib/store/store-private.h"

#define INTEGER_BYTES 24

static size_t
one(const struct redis_step *step GP_UNUSED)
{
	return 1;
}

static void
read_append(const struct redis_step *step, struct redis_connection *connection)
{
	redis_connection_command(
	    connection, "HMGET", step->key, "h", "s", "t", NULL);
}

/* A field, 0 when it is not there; false when it is no number. */
static bool
read_counter(const redisReply *field, double *number_r)
{
	*number_r = 0;
	return field->type == REDIS_REPLY_NIL ||
	    (field->type == REDIS_REPLY_STRING &&
		redis_number_parse(redis_reply_span(field), number_r) ==
		    STATUS_OK);
}

/* What is left of a counter with this landmark, if there is one. */
static bool
read_share(
    const struct redis_step *step, const redisReply *landmark, double *share_r)
{
	int64_t half_life_seconds = step->operation->half_life_seconds;
	int64_t at_ms;

	*share_r = 1;
	if (landmark->type == REDIS_REPLY_NIL)
		return true;
	if (landmark->type != REDIS_REPLY_STRING ||
	    redis_integer_parse(redis_reply_span(landmark), &at_ms) !=
		STATUS_OK ||
	    at_ms < 0)
		return false;
	if (half_life_seconds > 0 && at_ms < step->now_ms)
		*share_r = exp2(-(double)(step->now_ms - at_ms) /
		    ((double)half_life_seconds * 1000));
	return true;
}

/* Beyond them by what another program wrote. */
static double
in_bounds(double number)
{
	return fmax(0, fmin(number, STORE_NUMBER_MAX));
}

static bool
read_answer(const struct redis_step *step, const redisReply *reply)
{
	struct store_operation *operation = step->operation;
	double ham, spam, share;

	if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 3 ||
	    !read_counter(reply->element[0], &ham) ||
	    !read_counter(reply->element[1], &spam) ||
	    !read_share(step, reply->element[2], &share))
		return false;
	operation->pair.ham = in_bounds(ham * share);
	operation->pair.spam = in_bounds(spam * share);
	operation->found = operation->pair.ham > 0 || operation->pair.spam > 0;
	return true;
}

/*
 * Arguments: now and the half-life in milliseconds (0: none), what is added to
 * "h" and to "s", the most that a counter holds, seconds to live.  A landmark
 * ahead of now counts as now.
 */
static const char add_script[] =
    "local now, half_life = tonumber(ARGV[1]), tonumber(ARGV[2]);"
    "local old = redis.call('HMGET', KEYS[1], 'h', 's', 't');"
    "for i = 1, 3 do"
    " old[i] = tonumber(old[i] or i == 3 and now or 0);"
    " if not old[i] then"
    "  return redis.error_reply('WRONGTYPE it is no counter');"
    " end;"
    "end;"
    "local share, sums, is_empty = 1, {}, true;"
    "if half_life > 0 and old[3] < now then"
    " share = 2 ^ ((old[3] - now) / half_life);"
    "end;"
    "for i = 1, 2 do"
    " local sum = old[i] * share + ARGV[2 + i];"
    " sum = math.max(0, math.min(sum, ARGV[5]));"
    " is_empty = is_empty and sum == 0;"
    " sums[i] = string.format('%.17f', sum);"
    "end;"
    "if is_empty then"
    " redis.call('DEL', KEYS[1]);"
    "else"
    " redis.call('HSET', KEYS[1], 'h', sums[1], 's', sums[2], 't', ARGV[1]);"
    " redis.call('EXPIRE', KEYS[1], ARGV[6]);"
    "end;"
    "return redis.status_reply('OK');";

static const char *
integer_text(int64_t number, char text[INTEGER_BYTES])
{
	snprintf(text, INTEGER_BYTES, "%" PRId64, number);
	return text;
}

static void
add_append(const struct redis_step *step, struct redis_connection *connection)
{
	const struct store_operation *operation = step->operation;
	char now[INTEGER_BYTES], half_life[INTEGER_BYTES],
	    lifetime[INTEGER_BYTES];
	char ham[REDIS_NUMBER_BYTES], spam[REDIS_NUMBER_BYTES],
	    most[REDIS_NUMBER_BYTES];

	redis_connection_command(connection, "EVAL", add_script, "1", step->key,
	    integer_text(step->now_ms, now),
	    integer_text(operation->half_life_seconds * 1000, half_life),
	    redis_number_text(operation->add.ham, ham),
	    redis_number_text(operation->add.spam, spam),
	    redis_number_text(STORE_NUMBER_MAX, most),
	    integer_text(operation->lifetime_seconds, lifetime), NULL);
}

/* What the reply says does not matter, only that it is no error. */
static bool
add_answer(
    const struct redis_step *step GP_UNUSED, const redisReply *reply GP_UNUSED)
{
	return true;
}

const struct redis_verb redis_verb_read = {
	one,
	read_append,
	read_answer,
};

const struct redis_verb redis_verb_add = {
	one,
	add_append,
	add_answer,
};
