/*
 * store-value - what lmdb and memory keep under a key, and what each operation
 * does to it.
 *
 * The two backends only fetch and keep values; all rules are here.  Counters
 * are kept with the time they were true at, and decay when they are looked at.
 * A value from the future (the clock went back) counts as new: its age is 0,
 * and it lives as long as it had to live when it was written.
 */
#ifndef GATEPOST_STORE_STORE_VALUE_H
#define GATEPOST_STORE_STORE_VALUE_H

#include "lib/store/store-private.h"

enum store_value_type {
	STORE_VALUE_NONE, /* nothing under the key */
	STORE_VALUE_PAIR,
	STORE_VALUE_MARK,
	STORE_VALUE_BUCKET,
	STORE_VALUE_BROKEN /* something that cannot be understood */
};

struct store_value {
	enum store_value_type type;
	int64_t at;         /* epoch seconds: the numbers were true, or it was
			     * marked */
	int64_t expires_at; /* epoch seconds */

	union {
		struct store_pair pair;
		int64_t number; /* MARK */
		double tokens;  /* BUCKET */
	};
};

enum store_change {
	STORE_CHANGE_NONE,
	STORE_CHANGE_PUT,   /* keep the value as it is now */
	STORE_CHANGE_REMOVE /* remove what is under the key */
};

/*
 * store_value_apply - clears the answers of an operation and answers it.
 *
 * value  in: what is under the key, expired or not; out: what is to be kept
 */
enum store_change store_value_apply(
    struct store_operation *operation, struct store_value *value, int64_t now);

/* store_value_only_reads - the verb never changes anything */
bool store_value_only_reads(enum store_verb verb);

/* store_value_expiry - when it ends by a clock that says now */
int64_t store_value_expiry(const struct store_value *value, int64_t now);

/* store_value_hash - 64 well-mixed bits of a key */
uint64_t store_value_hash(const char *key, uint64_t seed);

/*
 * The time by which values are removed for good.
 *
 * A clock that jumps far ahead must not empty the store: removing goes on by a
 * time of its own that follows the clock by at most an hour a commit.
 */
struct store_sweep_time {
	int64_t until;         /* what expired before may go */
	int64_t wall, elapsed; /* seconds at the last step, by both clocks */
	_Atomic int64_t warn_at_ms;
};

/* store_sweep_time_start - a store was opened at now */
void store_sweep_time_start(struct store_sweep_time *time, int64_t now);

/* store_sweep_time_step - one commit; logs a jump.  Returns time->until. */
int64_t store_sweep_time_step(struct store_sweep_time *time, int64_t now);

#endif
