/*
 * redis-buckets - TAKE: token buckets (see redis-verb.h).
 *
 * A bucket is one string, "b TOKENS COUNTED_AT"; a full one needs no key.
 * Taking must look before it writes, so it is a script.  The script is sent
 * whole each time: that costs the server about a microsecond for its hash, and
 * so nothing can be missing after a restart or a SCRIPT FLUSH.
 */
#include "config.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "lib/store/redis-reply.h"
#include "lib/store/redis-verb.h"
#include "lib/store/store-private.h"

/*
 * Arguments: now in milliseconds, capacity, tokens a second, amount, seconds
 * that a bucket is kept at the most.  Sums of fractions are not exact, so a
 * millionth of a token may be missing.  A clock that went back costs the gain
 * of that time, no more.
 */
static const char take_script[] =
    "local now, capacity = tonumber(ARGV[1]), tonumber(ARGV[2]);"
    "local rate, amount = tonumber(ARGV[3]), tonumber(ARGV[4]);"
    "local bucket = redis.call('GET', KEYS[1]);"
    "local tokens, at = capacity, now;"
    "if bucket then"
    " local left, counted = string.match(bucket, '^b (%S+) (%S+)$');"
    " if not left then"
    "  return redis.error_reply('WRONGTYPE it is no bucket');"
    " end;"
    " at = tonumber(counted);"
    " tokens = left + math.max(0, now - at) / 1000 * rate;"
    " tokens = math.min(capacity, tokens);"
    "end;"
    "local taken = amount <= capacity and tokens + 1e-6 >= amount;"
    "if taken then tokens = math.max(0, tokens - amount); end;"
    "if tokens >= capacity then"
    " redis.call('DEL', KEYS[1]);"
    "elseif taken or at > now then"
    " local seconds = math.ceil((capacity - tokens) / rate) + 1;"
    " redis.call('SET', KEYS[1],"
    "  string.format('b %.17g %s', tokens, ARGV[1]), 'EX',"
    "  string.format('%d', math.min(seconds, ARGV[5])));"
    "end;"
    "return {taken and 1 or 0, string.format('%.17f', tokens)};";

static size_t
take_count(const struct redis_step *step GP_UNUSED)
{
	return 1;
}

static void
take_append(const struct redis_step *step, struct redis_connection *connection)
{
	const struct store_operation *operation = step->operation;
	char now[REDIS_NUMBER_BYTES], kept[REDIS_NUMBER_BYTES],
	    capacity[REDIS_NUMBER_BYTES];
	char per_second[REDIS_NUMBER_BYTES], amount[REDIS_NUMBER_BYTES];

	snprintf(now, sizeof(now), "%" PRId64, step->now_ms);
	snprintf(kept, sizeof(kept), "%" PRId64, STORE_SECONDS_MAX);
	redis_connection_command(connection, "EVAL", take_script, "1",
	    step->key, now, redis_number_text(operation->capacity, capacity),
	    redis_number_text(operation->per_second, per_second),
	    redis_number_text(operation->amount, amount), kept, NULL);
}

static int64_t
seconds_to_wait(const struct store_operation *operation)
{
	double seconds =
	    (operation->amount - operation->left) / operation->per_second;

	if (operation->amount > operation->capacity ||
	    !(seconds < (double)STORE_SECONDS_MAX))
		return STORE_SECONDS_MAX;
	return seconds < 1 ? 1 : (int64_t)ceil(seconds);
}

static bool
take_answer(const struct redis_step *step, const redisReply *reply)
{
	struct store_operation *operation = step->operation;

	if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 2 ||
	    reply->element[0]->type != REDIS_REPLY_INTEGER ||
	    redis_number_parse(redis_reply_span(reply->element[1]),
		&operation->left) != STATUS_OK)
		return false;
	operation->taken = reply->element[0]->integer == 1;
	if (!operation->taken)
		operation->wait_seconds = seconds_to_wait(operation);
	return true;
}

const struct redis_verb redis_verb_take = {
	take_count,
	take_append,
	take_answer,
};
