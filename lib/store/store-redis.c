/*
 * store-redis - the store in Redis: one server, a primary that Sentinels know,
 * or a Cluster.
 *
 * This file turns the configuration into the parts: redis-login says who we
 * are, redis-servers or redis-sentinel find a server, redis-pool keeps the
 * connections to it, redis-cluster knows more servers when there are, redis-run
 * does the operations, which redis-verb has as commands.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/store/redis-run.h"
#include "lib/store/redis-sentinel.h"
#include "lib/store/redis-servers.h"
#include "lib/store/redis-tls.h"
#include "lib/store/store-private.h"

struct store_redis {
	char *username, *password, *sentinel,
	    *prefix;           /* of the configuration */
	struct redis_tls *tls; /* NULL: plain */
	struct redis_login login;
	struct store_clock clock;
	bool has_clock, is_daemon;
	struct redis_pool *seed; /* the runner's */
	struct redis_runner runner;
};

static enum status
parse_addresses(
    const struct conf_list *texts, struct redis_address **addresses_r)
{
	struct redis_address *addresses;
	size_t i;

	*addresses_r = NULL;
	if (texts->count == 0) {
		log_error("store: redis: the list of servers is empty");
		return STATUS_INVALID;
	}
	addresses = calloc(texts->count, sizeof(addresses[0]));
	if (addresses == NULL)
		return STATUS_NOMEM;
	for (i = 0; i < texts->count; i++)
		if (redis_address_parse(texts->items[i], &addresses[i]) !=
		    STATUS_OK) {
			log_error("store: redis: \"%s\" is not HOST:PORT, "
				  "[IPV6]:PORT or unix:/PATH",
			    texts->items[i]);
			free(addresses);
			return STATUS_INVALID;
		}
	*addresses_r = addresses;
	return STATUS_OK;
}

/* How the servers of the configuration are found. */
static enum status
make_source(const struct store_redis *redis, const struct store_conf *conf,
    struct redis_source *source_r)
{
	const struct redis_login *login = &redis->login;
	struct redis_address *addresses;
	enum status status;

	status = parse_addresses(&conf->redis, &addresses);
	if (status != STATUS_OK)
		return status;
	if (redis->sentinel[0] == '\0')
		status = redis_servers_source(
		    login, addresses, conf->redis.count, source_r);
	else
		status = redis_sentinel_source(login, redis->sentinel,
		    addresses, conf->redis.count, source_r);
	free(addresses);
	return status;
}

static enum status
make_runner(struct store_redis *redis, const struct store_conf *conf)
{
	const struct store_clock *clock =
	    redis->has_clock ? &redis->clock : NULL;
	size_t connections_max = (size_t)conf->connections;
	struct redis_source source;
	enum status status;

	status = make_source(redis, conf, &source);
	if (status != STATUS_OK)
		return status;
	redis->seed =
	    redis_pool_new(&source, connections_max, clock, redis->is_daemon);
	if (redis->seed == NULL)
		return STATUS_NOMEM;
	redis->runner.cluster = redis_cluster_new(redis->seed, &redis->login,
	    connections_max, clock, redis->is_daemon);
	redis->runner.prefix = redis->prefix;
	redis->runner.timeout_ms = conf->timeout;
	return redis->runner.cluster == NULL ? STATUS_NOMEM : STATUS_OK;
}

/* Whether it is there is known before the first message. */
static enum status
reach(struct store_redis *redis)
{
	struct redis_reason reason;
	enum status status;

	status = redis_pool_try(
	    redis->seed, clock_now_ms() + redis->runner.timeout_ms, &reason);
	if (status == STATUS_OK)
		return STATUS_OK;
	if (!redis->is_daemon) {
		log_error("store: redis %s: %s",
		    status == STATUS_INVALID ? "refuses us" :
					       "cannot be reached",
		    reason.text);
		return status == STATUS_NOMEM ? status : STATUS_IO;
	}
	log_error("store: redis %s, mail goes on without it; the first message "
		  "after %d s tries again: %s",
	    status == STATUS_INVALID ? "refuses us" : "does not answer yet",
	    REDIS_POOL_RETRY_MS / 1000, reason.text);
	return STATUS_OK;
}

static void
store_redis_close(void *state)
{
	struct store_redis *redis = state;

	redis_cluster_free(&redis->runner.cluster);
	redis_tls_free(&redis->tls);
	free(redis->username);
	free(redis->password);
	free(redis->sentinel);
	free(redis->prefix);
	free(redis);
}

/* The configuration may be gone before the store is. */
static enum status
copy_strings(struct store_redis *redis, const struct store_conf *conf)
{
	redis->username = strdup(conf->username);
	redis->password = strdup(conf->password);
	redis->sentinel = strdup(conf->sentinel);
	redis->prefix = strdup(conf->prefix);
	return redis->username == NULL || redis->password == NULL ||
		redis->sentinel == NULL || redis->prefix == NULL ?
	    STATUS_NOMEM :
	    STATUS_OK;
}

static enum status
store_redis_open(const struct store_conf *conf, const struct store_clock *clock,
    bool is_daemon, void **state_r)
{
	struct store_redis *redis;
	enum status status;

	*state_r = NULL;
	if ((redis = calloc(1, sizeof(*redis))) == NULL)
		return STATUS_NOMEM;
	if ((redis->has_clock = clock != NULL))
		redis->clock = *clock;
	redis->is_daemon = is_daemon;
	status = copy_strings(redis, conf);
	if (status == STATUS_OK && conf->tls)
		status = redis_tls_new(conf->tls_ca_file, &redis->tls);
	redis->login.username = redis->username;
	redis->login.password = redis->password;
	redis->login.database = conf->database;
	redis->login.tls = redis->tls;
	redis->login.wants_primary = conf->sentinel[0] != '\0';
	if (status == STATUS_OK)
		status = make_runner(redis, conf);
	if (status == STATUS_OK)
		status = reach(redis);
	if (status != STATUS_OK) {
		store_redis_close(redis);
		return status;
	}
	*state_r = redis;
	return STATUS_OK;
}

static enum status
store_redis_run(void *state, struct store_operation *operations, size_t count)
{
	struct store_redis *redis = state;

	return redis_run(&redis->runner, operations, count);
}

const struct store_driver store_driver_redis = {
	"redis",
	store_redis_open,
	store_redis_run,
	store_redis_close,
};
