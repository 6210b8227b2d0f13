/*
 * guard-notice - the mail that tells the postmaster that a sender went over a
 * limit: once a day and sender, whoever of several milters is first.
 */
#ifndef GATEPOST_GUARD_GUARD_NOTICE_H
#define GATEPOST_GUARD_GUARD_NOTICE_H

#include <stdint.h>

#include "lib/base/strbuf.h"
#include "lib/guard/guard-clients.h"
#include "lib/guard/guard.h"
#include "lib/net/task-pool.h"

#define GUARD_NOTICE_BYTES_MAX  8192
#define GUARD_NOTICE_TIMEOUT_MS 20000 /* of the whole SMTP dialog */

/* What there is to tell; all borrowed. */
struct guard_notice {
	const struct guard_conf *conf;
	const char *host; /* what this host is called in mail */
	const char *sender;
	struct guard_state state;
	struct guard_amounts used;
	size_t client_count;
	struct ip clients[GUARD_CLIENTS_MAX];
	int64_t now; /* epoch seconds */
};

/* guard_notice_write - header and body, lines end in LF, ASCII */
void guard_notice_write(const struct guard_notice *notice, struct strbuf *out);

/* What a notice is made of and sent by; all outlives the pool. */
struct guard_notice_services {
	struct task_pool *pool;
	struct store *store;
	struct guard_clients *clients;
};

/*
 * guard_notice_post - tells the postmaster, in a thread of the pool, if nobody
 * has done so today.
 *
 * conf, host, sender  copied
 *
 * Never waits.  What fails is logged, and the next call tries again.
 */
void guard_notice_post(const struct guard_notice_services *services,
    const struct guard_conf *conf, const char *host,
    const struct guard_sender *sender);

#endif
