/*
 * redis-pool - the connections to one server (or to whoever is the primary).
 *
 * Connections are opened when they are needed and kept.  After a loss all that
 * wait are closed and calls fail at once, until one call a second, later one
 * every 30 seconds, has tried again.  The loss and the return are logged once.
 * Any thread; nothing is tied to a thread.
 *
 * The pool also keeps the server's clock, carried on by the monotonic one, so
 * that all hosts count by the same clock and a local one may jump.
 */
#ifndef GATEPOST_STORE_REDIS_POOL_H
#define GATEPOST_STORE_REDIS_POOL_H

#include "lib/store/redis-login.h"
#include "lib/store/store.h"

struct redis_pool;

/* How a pool finds its server.  Both functions may be called by any thread. */
struct redis_source {
	/* As redis_login_open(); the reason names the addresses. */
	enum status (*open)(void *argument, int64_t deadline_ms,
	    struct redis_session *session_r, struct redis_reason *reason);
	/* The server at address is not to be the first choice. */
	void (*avoid)(void *argument, const struct redis_address *address);
	void (*free)(void *argument);
	void *argument; /* the pool's, freed with it */
};

/* A connection that is lent to one run. */
struct redis_lease {
	struct redis_connection *connection;
	unsigned int generation; /* the pool's: losses so far */
	bool is_time_due;        /* TIME is to be asked along with the rest */
	int64_t now_ms;          /* since 1970, by the store's clock */
};

/*
 * redis_pool_new - a pool without a connection.
 *
 * source           the pool's from here on, also after a failure
 * connections_max  at the most; more calls wait
 * clock            NULL: the server's
 * is_daemon        a loss costs no mail, says the log
 *
 * Returns NULL when memory is short.
 */
struct redis_pool *redis_pool_new(const struct redis_source *source,
    size_t connections_max, const struct store_clock *clock, bool is_daemon);

#define REDIS_POOL_RETRY_MS 1000 /* after a loss, at first */

/*
 * redis_pool_try - opens the first connection, for later.
 *
 * Nothing is logged.  A failure is a loss: the first call after
 * REDIS_POOL_RETRY_MS tries again.  Returns STATUS_OK, or with the reason
 * STATUS_INVALID (the server refuses us), STATUS_TIMEOUT, STATUS_IO,
 * STATUS_NOTFOUND or STATUS_NOMEM.
 */
enum status redis_pool_try(struct redis_pool *pool, int64_t deadline_ms,
    struct redis_reason *reason_r) GP_MUST_CHECK;

/* redis_pool_free - closes all; none may be lent.  Sets *pool to NULL; accepts
 * NULL */
void redis_pool_free(struct redis_pool **pool);

/*
 * redis_pool_take - lends a connection, opened by deadline_ms if need be.
 *
 * Give it back by redis_pool_give() or redis_pool_fail().  Returns STATUS_OK;
 * STATUS_BUSY after a loss, or when all are lent; STATUS_TIMEOUT, STATUS_IO or
 * STATUS_NOMEM (logged).
 */
enum status redis_pool_take(struct redis_pool *pool, int64_t deadline_ms,
    struct redis_lease *lease_r) GP_MUST_CHECK;

/* redis_pool_give - the lease ends; every reply has been read */
void redis_pool_give(struct redis_pool *pool, struct redis_lease *lease);

/*
 * redis_pool_fail - the lease ends by a loss of the server, with the reason.
 *
 * is_avoided  the server is there, but of no use (READONLY, LOADING)
 */
void redis_pool_fail(struct redis_pool *pool, struct redis_lease *lease,
    const struct redis_reason *reason, bool is_avoided);

/* redis_pool_is_usable - redis_pool_take() would not fail at once */
bool redis_pool_is_usable(struct redis_pool *pool);

/* redis_pool_close_idle - closes what is not lent: the server is not needed now */
void redis_pool_close_idle(struct redis_pool *pool);

/* redis_pool_set_clock - TIME was asked, this is the reply */
void redis_pool_set_clock(struct redis_pool *pool, const redisReply *reply);

#endif
