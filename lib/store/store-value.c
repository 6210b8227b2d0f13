/* store-value - values and what operations do to them (see store-value.h). */
#include "config.h"

#include "lib/store/store-value.h"

#include <inttypes.h>
#include <math.h>
#include <stdatomic.h>
#include <time.h>

#include "lib/base/log.h"

#define TOKENS_EPSILON     1e-6 /* of a token; refills are rounded */
#define SWEEP_STEP_SECONDS 3600
#define JUMP_SECONDS       60 /* less is what time servers correct */
#define FNV_OFFSET         UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME          UINT64_C(0x100000001b3)
#define MIX_FIRST          UINT64_C(0xff51afd7ed558ccd) /* MurmurHash3 */
#define MIX_SECOND         UINT64_C(0xc4ceb9fe1a85ec53)

bool
store_value_only_reads(enum store_verb verb)
{
	return verb == STORE_READ || verb == STORE_PEEK;
}

/* By how much the value is ahead of the clock. */
static int64_t
seconds_ahead(const struct store_value *value, int64_t now)
{
	return value->at > now ? value->at - now : 0;
}

int64_t
store_value_expiry(const struct store_value *value, int64_t now)
{
	return value->expires_at - seconds_ahead(value, now);
}

static double
decayed(double number, int64_t age, int64_t half_life_seconds)
{
	if (half_life_seconds == 0)
		return number;
	return number * exp2(-(double)age / (double)half_life_seconds);
}

static struct store_pair
pair_now(
    const struct store_value *value, int64_t half_life_seconds, int64_t now)
{
	struct store_pair pair = { 0, 0 };

	if (value->type != STORE_VALUE_PAIR)
		return pair;
	pair.ham = decayed(value->pair.ham, now - value->at, half_life_seconds);
	pair.spam =
	    decayed(value->pair.spam, now - value->at, half_life_seconds);
	return pair;
}

static double
between(double least, double number, double most)
{
	return fmax(least, fmin(number, most));
}

static enum store_change
apply_read(struct store_operation *operation, const struct store_value *value,
    int64_t now)
{
	operation->pair = pair_now(value, operation->half_life_seconds, now);
	operation->found = operation->pair.ham > 0 || operation->pair.spam > 0;
	return STORE_CHANGE_NONE;
}

static enum store_change
apply_add(const struct store_operation *operation, struct store_value *value,
    int64_t now)
{
	struct store_pair pair;

	pair = pair_now(value, operation->half_life_seconds, now);
	pair.ham = between(0, pair.ham + operation->add.ham, STORE_NUMBER_MAX);
	pair.spam =
	    between(0, pair.spam + operation->add.spam, STORE_NUMBER_MAX);
	value->type = STORE_VALUE_PAIR;
	value->pair = pair;
	value->at = now;
	value->expires_at = now + operation->lifetime_seconds;
	return pair.ham > 0 || pair.spam > 0 ? STORE_CHANGE_PUT :
					       STORE_CHANGE_REMOVE;
}

static enum store_change
apply_peek(struct store_operation *operation, const struct store_value *value)
{
	if (value->type == STORE_VALUE_NONE)
		return STORE_CHANGE_NONE;
	operation->found = true;
	operation->marked_at = value->at;
	operation->marked_number = value->number;
	return STORE_CHANGE_NONE;
}

static enum store_change
apply_set(const struct store_operation *operation, struct store_value *value,
    int64_t now)
{
	value->type = STORE_VALUE_MARK;
	value->number = operation->number;
	value->at = now;
	value->expires_at = now + operation->lifetime_seconds;
	return STORE_CHANGE_PUT;
}

static enum store_change
apply_claim(struct store_operation *operation, struct store_value *value,
    int64_t now, bool was_ahead)
{
	if (value->type == STORE_VALUE_NONE)
		return apply_set(operation, value, now);
	(void)apply_peek(operation, value);
	if (operation->renew)
		value->expires_at = now + operation->lifetime_seconds;
	return operation->renew || was_ahead ? STORE_CHANGE_PUT :
					       STORE_CHANGE_NONE;
}

/* Whole seconds, rounded up, until so many tokens have come. */
static int64_t
seconds_to_gain(double tokens, double per_second)
{
	if (per_second <= 0 || tokens / per_second >= (double)STORE_SECONDS_MAX)
		return STORE_SECONDS_MAX;
	return (int64_t)ceil(tokens / per_second);
}

static int64_t
seconds_to_wait(const struct store_operation *operation)
{
	int64_t seconds;

	if (operation->amount > operation->capacity)
		return STORE_SECONDS_MAX;
	seconds = seconds_to_gain(
	    operation->amount - operation->left, operation->per_second);
	return seconds > 0 ? seconds : 1;
}

/* A bucket that is full again and one that is not there are the same. */
static enum store_change
apply_take(struct store_operation *operation, struct store_value *value,
    int64_t now, bool was_ahead)
{
	double tokens = operation->capacity;

	if (value->type == STORE_VALUE_BUCKET)
		tokens = fmin(tokens,
		    value->tokens +
			(double)(now - value->at) * operation->per_second);
	operation->taken = tokens + TOKENS_EPSILON >= operation->amount &&
	    operation->amount <= operation->capacity;
	if (operation->taken)
		tokens = fmax(0, tokens - operation->amount);
	operation->left = tokens;
	if (!operation->taken) {
		operation->wait_seconds = seconds_to_wait(operation);
		return was_ahead ? STORE_CHANGE_PUT : STORE_CHANGE_NONE;
	}
	if (tokens >= operation->capacity)
		return STORE_CHANGE_REMOVE;
	value->type = STORE_VALUE_BUCKET;
	value->tokens = tokens;
	value->at = now;
	value->expires_at = now +
	    seconds_to_gain(
		operation->capacity - tokens, operation->per_second);
	return STORE_CHANGE_PUT;
}

/* The type that a verb works on; NONE: any. */
static enum store_value_type
type_of_verb(enum store_verb verb)
{
	switch (verb) {
	case STORE_READ:
	case STORE_ADD:
		return STORE_VALUE_PAIR;
	case STORE_PEEK:
	case STORE_CLAIM:
		return STORE_VALUE_MARK;
	case STORE_TAKE:
		return STORE_VALUE_BUCKET;
	case STORE_SET:
	case STORE_FORGET:
		break;
	}
	return STORE_VALUE_NONE;
}

/* Brings a value from the future to now, and one that expired to nothing. */
static bool
settle(struct store_value *value, int64_t now)
{
	int64_t ahead = seconds_ahead(value, now);

	value->at -= ahead;
	value->expires_at -= ahead;
	if (value->type != STORE_VALUE_BROKEN && value->expires_at <= now)
		value->type = STORE_VALUE_NONE;
	return ahead > 0;
}

enum store_change
store_value_apply(
    struct store_operation *operation, struct store_value *value, int64_t now)
{
	enum store_value_type type = type_of_verb(operation->verb);
	bool was_ahead = false;

	store_operation_clear(operation);
	if (value->type != STORE_VALUE_NONE)
		was_ahead = settle(value, now);
	if (type != STORE_VALUE_NONE && value->type != STORE_VALUE_NONE &&
	    value->type != type) {
		operation->failed = true;
		return STORE_CHANGE_NONE;
	}
	switch (operation->verb) {
	case STORE_READ:
		return apply_read(operation, value, now);
	case STORE_ADD:
		return apply_add(operation, value, now);
	case STORE_PEEK:
		return apply_peek(operation, value);
	case STORE_CLAIM:
		return apply_claim(operation, value, now, was_ahead);
	case STORE_SET:
		return apply_set(operation, value, now);
	case STORE_TAKE:
		return apply_take(operation, value, now, was_ahead);
	case STORE_FORGET:
		break;
	}
	return STORE_CHANGE_REMOVE;
}

uint64_t
store_value_hash(const char *key, uint64_t seed)
{
	uint64_t hash = FNV_OFFSET ^ seed;

	for (; *key != '\0'; key++)
		hash = (hash ^ (unsigned char)*key) * FNV_PRIME;
	hash = (hash ^ hash >> 33) * MIX_FIRST;
	hash = (hash ^ hash >> 33) * MIX_SECOND;
	return hash ^ hash >> 33;
}

/* Seconds that really went by, also while the machine slept. */
static int64_t
elapsed_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (int64_t)now.tv_sec;
}

void
store_sweep_time_start(struct store_sweep_time *time, int64_t now)
{
	time->until = time->wall = now;
	time->elapsed = elapsed_seconds();
	atomic_init(&time->warn_at_ms, 0);
}

int64_t
store_sweep_time_step(struct store_sweep_time *time, int64_t now)
{
	int64_t elapsed = elapsed_seconds(), jump;

	jump = (now - time->wall) - (elapsed - time->elapsed);
	if ((jump > JUMP_SECONDS || jump < -JUMP_SECONDS) &&
	    store_warning_is_due(&time->warn_at_ms))
		log_warning("store: the clock jumped by %" PRId64 " s: what is "
			    "remembered may look older or newer than it is",
		    jump);
	time->wall = now;
	time->elapsed = elapsed;
	if (now > time->until + SWEEP_STEP_SECONDS)
		time->until += SWEEP_STEP_SECONDS;
	else
		time->until = now;
	return time->until;
}
