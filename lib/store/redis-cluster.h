/*
 * redis-cluster - which node of a Redis Cluster serves a key.
 *
 * Nothing says that a server is a Cluster until it answers MOVED: until then
 * all goes to the seed, the pool that the configuration names.  From then on
 * each node has a pool of its own; the map of the slots is asked for after a
 * MOVED and after the loss of a node, at most once a second.  Any thread.
 */
#ifndef GATEPOST_STORE_REDIS_CLUSTER_H
#define GATEPOST_STORE_REDIS_CLUSTER_H

#include "lib/store/redis-pool.h"

#define REDIS_CLUSTER_SLOTS 16384

struct redis_cluster;

/*
 * redis_cluster_new - knows nothing but the seed.
 *
 * seed              the cluster's from here on, also after a failure
 * login             of all nodes; borrowed until redis_cluster_free()
 * connections_max   to each node
 * clock, is_daemon  as for redis_pool_new()
 *
 * Returns NULL when memory is short.
 */
struct redis_cluster *redis_cluster_new(struct redis_pool *seed,
    const struct redis_login *login, size_t connections_max,
    const struct store_clock *clock, bool is_daemon);

/* redis_cluster_free - frees *cluster and all pools, sets it to NULL; accepts
 * NULL */
void redis_cluster_free(struct redis_cluster **cluster);

/* redis_cluster_slot - the slot of a key, by its hash tag if it has one */
unsigned int redis_cluster_slot(const char *key);

/* redis_cluster_route - where a key is served; borrowed from the cluster */
struct redis_pool *redis_cluster_route(
    struct redis_cluster *cluster, const char *key);

/*
 * redis_cluster_redirect - understands a MOVED or ASK reply.
 *
 * from    the server that sent it
 * pool_r  where to go; remembered for the slot if it was MOVED
 *
 * Returns STATUS_OK, STATUS_INVALID, STATUS_LIMIT (too many nodes) or
 * STATUS_NOMEM.
 */
enum status redis_cluster_redirect(struct redis_cluster *cluster,
    const redisReply *reply, const struct redis_address *from,
    struct redis_pool **pool_r) GP_MUST_CHECK;

/*
 * redis_cluster_detour - another node than one that cannot be reached: it may
 * know who serves in its place.  NULL when there is none, or it was asked less
 * than a second ago.
 */
struct redis_pool *redis_cluster_detour(
    struct redis_cluster *cluster, const struct redis_pool *lost);

/* redis_cluster_want_map - something changed */
void redis_cluster_want_map(struct redis_cluster *cluster);

/* redis_cluster_is_map_due - true when CLUSTER SLOTS must be asked by whoever
 * is told so */
bool redis_cluster_is_map_due(struct redis_cluster *cluster);

/* redis_cluster_set_map - the reply to CLUSTER SLOTS */
void redis_cluster_set_map(struct redis_cluster *cluster,
    const redisReply *reply, const struct redis_address *from);

#endif
