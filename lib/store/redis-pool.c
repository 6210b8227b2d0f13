/* redis-pool - connections to one server (see redis-pool.h). */
#include "config.h"

#include "lib/store/redis-pool.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/store/redis-reply.h"
#include "lib/store/store-private.h"

#define BACKOFF_MAX_MS   30000
#define STABLE_MS        60000  /* back that long: the next loss is a new one */
#define CLOCK_REFRESH_MS 600000 /* clocks drift by some ms in that time */
#define JUMP_MS          60000  /* less is what time servers correct */
#define NEVER_MS         (INT64_MIN / 2)

struct redis_pool {
	struct redis_source source;
	size_t connections_max;
	const struct store_clock *clock;
	bool is_daemon;

	/* lock guards all below; freed: there is one more to take */
	pthread_mutex_t lock;
	pthread_cond_t freed;
	struct redis_connection **idle; /* the last one is taken first */
	size_t idle_count, open_count;  /* open_count: idle or lent */
	unsigned int generation;        /* losses so far */
	bool is_lost, is_probing, is_refusal_logged;
	int64_t lost_at_ms, back_at_ms, retry_at_ms, backoff_ms;
	int64_t clock_offset_ms, clock_asked_at_ms;
	bool is_clock_known;
};

struct redis_pool *
redis_pool_new(const struct redis_source *source, size_t connections_max,
    const struct store_clock *clock, bool is_daemon)
{
	struct redis_pool *pool;
	pthread_condattr_t attributes;

	if ((pool = calloc(1, sizeof(*pool))) == NULL ||
	    (pool->idle = calloc(connections_max, sizeof(pool->idle[0]))) ==
		NULL) {
		free(pool);
		source->free(source->argument);
		return NULL;
	}
	pool->source = *source;
	pool->connections_max = connections_max;
	pool->clock = clock;
	pool->is_daemon = is_daemon;
	pool->back_at_ms = NEVER_MS;
	pthread_mutex_init(&pool->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&pool->freed, &attributes);
	pthread_condattr_destroy(&attributes);
	return pool;
}

static void
close_idle(struct redis_pool *pool)
{
	while (pool->idle_count > 0) {
		redis_connection_free(&pool->idle[--pool->idle_count]);
		pool->open_count--;
	}
}

void
redis_pool_free(struct redis_pool **pool)
{
	struct redis_pool *old = *pool;

	*pool = NULL;
	if (old == NULL)
		return;
	close_idle(old);
	old->source.free(old->source.argument);
	pthread_cond_destroy(&old->freed);
	pthread_mutex_destroy(&old->lock);
	free(old->idle);
	free(old);
}

/* Fills in the rest of a lease.  Lock held. */
static void
lend(struct redis_pool *pool, struct redis_connection *connection,
    struct redis_lease *lease_r)
{
	int64_t now_ms = clock_now_ms();

	lease_r->connection = connection;
	lease_r->generation = pool->generation;
	lease_r->is_time_due = false;
	if (pool->clock != NULL) {
		lease_r->now_ms = store_now(pool->clock) * 1000;
		return;
	}
	lease_r->now_ms = now_ms + pool->clock_offset_ms;
	if (now_ms - pool->clock_asked_at_ms < CLOCK_REFRESH_MS)
		return;
	pool->clock_asked_at_ms = now_ms;
	lease_r->is_time_due = true;
}

/* What the log is told after the lock is free again. */
enum pool_news {
	NEWS_NONE,
	NEWS_LOST,
	NEWS_REFUSED,
	NEWS_BACK
};

/* A loss; backoff doubles while the server does not stay.  Lock held. */
static enum pool_news
set_lost(struct redis_pool *pool)
{
	int64_t now_ms = clock_now_ms();

	if (now_ms - pool->back_at_ms < STABLE_MS)
		pool->backoff_ms *= 2;
	else
		pool->backoff_ms = REDIS_POOL_RETRY_MS;
	if (pool->backoff_ms > BACKOFF_MAX_MS)
		pool->backoff_ms = BACKOFF_MAX_MS;
	pool->is_lost = true;
	pool->is_refusal_logged = false;
	pool->lost_at_ms = now_ms;
	pool->retry_at_ms = now_ms + pool->backoff_ms;
	pool->generation++;
	close_idle(pool);
	return NEWS_LOST;
}

/* Opening failed.  Lock held. */
static enum pool_news
set_unopened(struct redis_pool *pool, enum status status, bool is_probe)
{
	enum pool_news news = NEWS_NONE;

	pool->open_count--;
	if (!pool->is_lost)
		news = set_lost(pool);
	else if (is_probe) {
		pool->backoff_ms *= 2;
		if (pool->backoff_ms > BACKOFF_MAX_MS)
			pool->backoff_ms = BACKOFF_MAX_MS;
		pool->retry_at_ms = clock_now_ms() + pool->backoff_ms;
		/* It answers again, but not as it should: somebody must act. */
		if (status == STATUS_INVALID && !pool->is_refusal_logged)
			news = NEWS_REFUSED;
	}
	if (status == STATUS_INVALID)
		pool->is_refusal_logged = true;
	return news;
}

/* Takes over the server's clock.  Returns by how much it jumped, if it was
 * known before and that is no drift, in seconds; else 0.  Lock held. */
static int64_t
set_clock(struct redis_pool *pool, int64_t offset_ms)
{
	int64_t jump_ms = offset_ms - pool->clock_offset_ms;
	bool was_known = pool->is_clock_known;

	pool->clock_offset_ms = offset_ms;
	pool->is_clock_known = true;
	if (!was_known || (jump_ms < JUMP_MS && jump_ms > -JUMP_MS))
		return 0;
	return jump_ms / 1000;
}

static void
log_jump(int64_t seconds)
{
	if (seconds != 0)
		log_warning("store: redis: the clock of the server jumped by "
			    "%" PRId64 " s: what is remembered may look older "
			    "or newer than it is",
		    seconds);
}

/* Opening succeeded.  Lock held. */
static enum pool_news
set_opened(struct redis_pool *pool, const struct redis_session *session,
    int64_t *lost_ms_r, int64_t *jump_r)
{
	int64_t now_ms = clock_now_ms();

	*jump_r = set_clock(pool, session->clock_offset_ms);
	pool->clock_asked_at_ms = now_ms;
	if (!pool->is_lost)
		return NEWS_NONE;
	pool->is_lost = false;
	pool->back_at_ms = now_ms;
	*lost_ms_r = now_ms - pool->lost_at_ms;
	return NEWS_BACK;
}

static void
log_news(const struct redis_pool *pool, enum pool_news news,
    const struct redis_reason *reason)
{
	switch (news) {
	case NEWS_NONE:
		break;
	case NEWS_LOST:
		log_error("store: redis is lost%s: %s",
		    pool->is_daemon ? ", mail goes on without it" : "",
		    reason->text);
		break;
	case NEWS_REFUSED:
		log_error("store: redis refuses us: %s", reason->text);
		break;
	case NEWS_BACK:
		log_warning("store: redis is back: %s", reason->text);
		break;
	}
}

/* How opening went, for the log. */
struct opening {
	enum pool_news news;
	struct redis_reason reason;
	int64_t jump; /* of the server's clock, in seconds */
};

/* Opens a connection that is counted already, and logs nothing. */
static enum status
open_quietly(struct redis_pool *pool, int64_t deadline_ms, bool is_probe,
    struct redis_lease *lease_r, struct opening *opening)
{
	struct redis_session session;
	enum status status;
	int64_t lost_ms = 0;

	opening->jump = 0;
	redis_reason_clear(&opening->reason);
	status = pool->source.open(
	    pool->source.argument, deadline_ms, &session, &opening->reason);
	pthread_mutex_lock(&pool->lock);
	if (status == STATUS_OK) {
		opening->news =
		    set_opened(pool, &session, &lost_ms, &opening->jump);
		lend(pool, session.connection, lease_r);
	} else {
		opening->news = set_unopened(pool, status, is_probe);
	}
	if (is_probe)
		pool->is_probing = false;
	pthread_cond_signal(&pool->freed);
	pthread_mutex_unlock(&pool->lock);
	if (opening->news == NEWS_BACK)
		redis_reason_set(&opening->reason, "%s after %" PRId64 " s",
		    redis_connection_address(session.connection)->text,
		    (lost_ms + 999) / 1000);
	return status;
}

static enum status
open_one(struct redis_pool *pool, int64_t deadline_ms, bool is_probe,
    struct redis_lease *lease_r)
{
	struct opening opening;
	enum status status;

	status = open_quietly(pool, deadline_ms, is_probe, lease_r, &opening);
	log_news(pool, opening.news, &opening.reason);
	log_jump(opening.jump);
	/* The caller learns that it is not to be had, not whose fault it is. */
	return status == STATUS_INVALID || status == STATUS_NOTFOUND ?
	    STATUS_IO :
	    status;
}

enum status
redis_pool_try(
    struct redis_pool *pool, int64_t deadline_ms, struct redis_reason *reason_r)
{
	struct redis_lease lease;
	struct opening opening;
	enum status status;

	pthread_mutex_lock(&pool->lock);
	pool->open_count++;
	pthread_mutex_unlock(&pool->lock);
	status = open_quietly(pool, deadline_ms, false, &lease, &opening);
	*reason_r = opening.reason;
	if (status == STATUS_OK)
		redis_pool_give(pool, &lease);
	return status;
}

/*
 * Waits until one is given back; false when the time is up.  Lock held.  Half
 * of the time is left to open one, lest a late start looks like a loss.
 */
static bool
wait_for_freed(struct redis_pool *pool, int64_t deadline_ms)
{
	int64_t now_ms = clock_now_ms();
	struct timespec until =
	    clock_timespec(now_ms + (deadline_ms - now_ms) / 2);

	return pthread_cond_timedwait(&pool->freed, &pool->lock, &until) !=
	    ETIMEDOUT;
}

/* After a loss one call at a time tries again, and not yet.  Lock held. */
static bool
must_not_try(const struct redis_pool *pool)
{
	return pool->is_lost &&
	    (pool->is_probing || clock_now_ms() < pool->retry_at_ms);
}

enum pool_choice {
	CHOICE_IDLE,
	CHOICE_OPEN,
	CHOICE_NONE
};

/* Decides what this call gets, and counts it.  Lock held. */
static enum pool_choice
choose(struct redis_pool *pool, int64_t deadline_ms, bool *is_probe_r)
{
	*is_probe_r = false;
	for (;;) {
		if (must_not_try(pool))
			return CHOICE_NONE;
		if (pool->idle_count > 0)
			return CHOICE_IDLE;
		if (clock_now_ms() >= deadline_ms)
			return CHOICE_NONE;
		if (pool->open_count < pool->connections_max)
			break;
		if (!wait_for_freed(pool, deadline_ms))
			return CHOICE_NONE;
	}
	pool->open_count++;
	*is_probe_r = pool->is_probing = pool->is_lost;
	return CHOICE_OPEN;
}

enum status
redis_pool_take(
    struct redis_pool *pool, int64_t deadline_ms, struct redis_lease *lease_r)
{
	struct redis_connection *connection;
	enum pool_choice choice;
	bool is_probe;

	memset(lease_r, 0, sizeof(*lease_r));
	pthread_mutex_lock(&pool->lock);
	while ((choice = choose(pool, deadline_ms, &is_probe)) == CHOICE_IDLE) {
		connection = pool->idle[--pool->idle_count];
		/* The server may have closed it meanwhile: no loss yet. */
		if (redis_connection_is_quiet(connection)) {
			lend(pool, connection, lease_r);
			break;
		}
		redis_connection_free(&connection);
		pool->open_count--;
	}
	pthread_mutex_unlock(&pool->lock);
	switch (choice) {
	case CHOICE_IDLE:
		return STATUS_OK;
	case CHOICE_OPEN:
		return open_one(pool, deadline_ms, is_probe, lease_r);
	case CHOICE_NONE:
		break;
	}
	return STATUS_BUSY;
}

void
redis_pool_give(struct redis_pool *pool, struct redis_lease *lease)
{
	pthread_mutex_lock(&pool->lock);
	if (lease->generation == pool->generation) {
		pool->idle[pool->idle_count++] = lease->connection;
		lease->connection = NULL;
	} else {
		pool->open_count--;
	}
	pthread_cond_signal(&pool->freed);
	pthread_mutex_unlock(&pool->lock);
	redis_connection_free(&lease->connection);
}

void
redis_pool_fail(struct redis_pool *pool, struct redis_lease *lease,
    const struct redis_reason *reason, bool is_avoided)
{
	const struct redis_address *address;
	enum pool_news news = NEWS_NONE;
	struct redis_reason whole;

	address = redis_connection_address(lease->connection);
	redis_reason_clear(&whole);
	redis_reason_add(&whole, address->text, reason->text);
	if (is_avoided)
		pool->source.avoid(pool->source.argument, address);
	pthread_mutex_lock(&pool->lock);
	/* Of a connection from before the last loss nothing new is learnt. */
	if (lease->generation == pool->generation)
		news = set_lost(pool);
	pool->open_count--;
	pthread_cond_signal(&pool->freed);
	pthread_mutex_unlock(&pool->lock);
	redis_connection_free(&lease->connection);
	log_news(pool, news, &whole);
}

bool
redis_pool_is_usable(struct redis_pool *pool)
{
	bool is_usable;

	pthread_mutex_lock(&pool->lock);
	is_usable = !must_not_try(pool);
	pthread_mutex_unlock(&pool->lock);
	return is_usable;
}

void
redis_pool_close_idle(struct redis_pool *pool)
{
	pthread_mutex_lock(&pool->lock);
	close_idle(pool);
	pthread_mutex_unlock(&pool->lock);
}

void
redis_pool_set_clock(struct redis_pool *pool, const redisReply *reply)
{
	int64_t time_ms, jump;

	if (redis_reply_time_ms(reply, &time_ms) != STATUS_OK)
		return;
	pthread_mutex_lock(&pool->lock);
	jump = set_clock(pool, time_ms - clock_now_ms());
	pthread_mutex_unlock(&pool->lock);
	log_jump(jump);
}
