/*
 * guard - how much one sender of ours may send in a time.
 *
 * A sender is a login, its letters folded, or the address of a client of our
 * own networks that did not log in, as "[192.0.2.1]".  In the store there are
 * of each
 *
 *	guardmail:NAME	guardrcpt:NAME	guardjunk:NAME
 *		token buckets: messages, recipients, points of junk
 *	guardover:NAME
 *		a mark while its mail is stopped, with the limit as number
 *	guardtold:NAME
 *		a mark while the postmaster is not told again
 *
 * A message looks at the marks, and, if there is none, takes from all buckets by
 * one update.  If a bucket does not hold enough the sender is over that limit:
 * its mail is stopped until guard.duration has passed, not until the bucket
 * holds something again; else stolen logins would go on at the rate of the
 * limit.  What is sent meanwhile does not count.
 */
#ifndef GATEPOST_GUARD_GUARD_H
#define GATEPOST_GUARD_GUARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/ip.h"
#include "lib/base/region.h"
#include "lib/base/status.h"
#include "lib/base/strbuf.h"
#include "lib/guard/guard-conf.h"
#include "lib/store/store.h"

enum guard_limit {
	GUARD_MESSAGES,
	GUARD_RECIPIENTS,
	GUARD_JUNK
};

#define GUARD_LIMITS 3

/* A sender and where the store has what is known of it. */
struct guard_sender {
	const char *name;
	const char *bucket_keys[GUARD_LIMITS];
	const char *over_key, *told_key;
};

/* What a message takes; 0: nothing of it. */
struct guard_amounts {
	double of[GUARD_LIMITS];
};

struct guard_state {
	bool is_over;
	bool is_new; /* by this message */
	bool is_told;
	enum guard_limit limit; /* of those that it went over, the first */
	int64_t over_at;        /* epoch seconds */
	int64_t told_at;
};

/* guard_limit_text - "messages", "recipients", "junk points" */
const char *guard_limit_text(enum guard_limit limit);

/* guard_rate - a limit of the configuration */
const struct conf_rate *guard_rate(
    const struct guard_conf *conf, enum guard_limit limit);

/* guard_limit_write - appends "100 messages in 1m"; of a limit that is on */
void guard_limit_write(
    const struct guard_conf *conf, enum guard_limit limit, struct strbuf *out);

/* guard_is_off - there is no limit at all */
bool guard_is_off(const struct guard_conf *conf);

/*
 * guard_is_excepted - guard.except has the login or, where there is none, the
 * address.
 */
bool guard_is_excepted(
    const struct guard_conf *conf, const char *login, const struct ip *ip);

/*
 * guard_sender_of - by the login, or where that is "" by the address.
 *
 * sender_r  region memory
 *
 * Returns STATUS_OK or STATUS_NOMEM.
 */
enum status guard_sender_of(struct region *region, const char *login,
    const struct ip *ip, struct guard_sender *sender_r) GP_MUST_CHECK;

/* guard_sender_named - as a person writes it: an address may have brackets */
enum status guard_sender_named(struct region *region, const char *name,
    struct guard_sender *sender_r) GP_MUST_CHECK;

/*
 * guard_count - counts one message, and tells whether its sender is over a
 * limit now.
 *
 * Returns STATUS_OK, or as store_run(): then nothing is known, state_r is all 0.
 */
enum status guard_count(struct store *store, const struct guard_conf *conf,
    const struct guard_sender *sender, const struct guard_amounts *amounts,
    struct guard_state *state_r) GP_MUST_CHECK;

/*
 * guard_look - counts nothing.
 *
 * used_r  what is gone of each bucket, 0 for limits that are off
 *
 * Returns as guard_count().
 */
enum status guard_look(struct store *store, const struct guard_conf *conf,
    const struct guard_sender *sender, struct guard_state *state_r,
    struct guard_amounts *used_r) GP_MUST_CHECK;

/* guard_reset - full buckets, and no mark; as store_run() */
enum status guard_reset(
    struct store *store, const struct guard_sender *sender) GP_MUST_CHECK;

/*
 * guard_claim_notice - of all that want to tell the postmaster, one gets true.
 *
 * It must call guard_end_notice() soon; else another one may try after
 * GUARD_NOTICE_SECONDS.
 */
#define GUARD_NOTICE_SECONDS 300
bool guard_claim_notice(struct store *store, const struct guard_sender *sender);

/* guard_end_notice - the postmaster was told, once for this day, or was not */
void guard_end_notice(
    struct store *store, const struct guard_sender *sender, bool was_told);

#endif
