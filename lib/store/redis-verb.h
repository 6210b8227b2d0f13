/*
 * redis-verb - each verb of the store as commands of Redis: counters
 * (redis-counters.c), marks (redis-marks.c) and buckets (redis-buckets.c).
 *
 * An operation is 1 to a few commands on one key.  Their number does not depend
 * on any reply, so that a whole run goes out at once.
 */
#ifndef GATEPOST_STORE_REDIS_VERB_H
#define GATEPOST_STORE_REDIS_VERB_H

#include "lib/store/redis-connection.h"
#include "lib/store/store.h"

/* One command of an operation under way. */
struct redis_step {
	struct store_operation *operation;
	const char *key; /* as it stands in Redis */
	size_t number;   /* which of the operation's commands, from 0 */
	int64_t now_ms;  /* since 1970 */
};

struct redis_verb {
	/* How many commands it takes; step->number does not matter. */
	size_t (*count)(const struct redis_step *step);
	/* Keeps the command for the next flush. */
	void (*append)(
	    const struct redis_step *step, struct redis_connection *connection);
	/* Reads its reply, which is no error, into the operation.  Returns
	 * false when it is nothing that we would have written. */
	bool (*answer)(const struct redis_step *step, const redisReply *reply);
};

extern const struct redis_verb redis_verb_read, redis_verb_add;
extern const struct redis_verb redis_verb_peek, redis_verb_claim;
extern const struct redis_verb redis_verb_set, redis_verb_forget;
extern const struct redis_verb redis_verb_take;

#endif
