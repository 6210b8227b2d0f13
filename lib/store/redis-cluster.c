/* redis-cluster - slots and nodes (see redis-cluster.h). */
#include "config.h"

#include "lib/store/redis-cluster.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/store/redis-reply.h"
#include "lib/store/redis-servers.h"

#define NODES_MAX       1000 /* what Redis Cluster is made for */
#define MAP_INTERVAL_MS 1000
#define NO_NODE         UINT16_MAX
#define CRC_POLYNOMIAL  0x1021 /* CRC-16/XMODEM, as the Cluster wants it */

struct node {
	struct redis_address address;
	struct redis_pool *pool;
};

struct redis_cluster {
	struct redis_pool *seed;
	const struct redis_login *login;
	size_t connections_max;
	const struct store_clock *clock;
	bool is_daemon;
	_Atomic bool is_cluster; /* never becomes false again */

	pthread_mutex_t lock; /* guards all below */
	/* Never removed before the end: a run may be using one. */
	struct node *nodes[NODES_MAX];
	size_t node_count;
	uint16_t slots[REDIS_CLUSTER_SLOTS]; /* index of a node, or NO_NODE */
	bool is_map_wanted;
	int64_t map_asked_at_ms;
};

struct redis_cluster *
redis_cluster_new(struct redis_pool *seed, const struct redis_login *login,
    size_t connections_max, const struct store_clock *clock, bool is_daemon)
{
	struct redis_cluster *cluster;
	size_t i;

	if ((cluster = calloc(1, sizeof(*cluster))) == NULL) {
		redis_pool_free(&seed);
		return NULL;
	}
	cluster->seed = seed;
	cluster->login = login;
	cluster->connections_max = connections_max;
	cluster->clock = clock;
	cluster->is_daemon = is_daemon;
	for (i = 0; i < REDIS_CLUSTER_SLOTS; i++)
		cluster->slots[i] = NO_NODE;
	cluster->map_asked_at_ms = clock_now_ms() - MAP_INTERVAL_MS;
	pthread_mutex_init(&cluster->lock, NULL);
	return cluster;
}

void
redis_cluster_free(struct redis_cluster **cluster)
{
	struct redis_cluster *old = *cluster;
	size_t i;

	*cluster = NULL;
	if (old == NULL)
		return;
	for (i = 0; i < old->node_count; i++) {
		redis_pool_free(&old->nodes[i]->pool);
		free(old->nodes[i]);
	}
	redis_pool_free(&old->seed);
	pthread_mutex_destroy(&old->lock);
	free(old);
}

static uint16_t
crc16(struct span bytes)
{
	uint16_t crc = 0;
	size_t i;
	int bit;

	for (i = 0; i < bytes.length; i++) {
		crc ^= (uint16_t)((unsigned char)bytes.data[i] << 8);
		for (bit = 0; bit < 8; bit++)
			crc = (uint16_t)(crc & 0x8000 ?
				crc << 1 ^ CRC_POLYNOMIAL :
				crc << 1);
	}
	return crc;
}

unsigned int
redis_cluster_slot(const char *key)
{
	struct span hashed = span_of(key);
	const char *open = strchr(key, '{'), *end;

	/* What is between the first braces, unless that is nothing. */
	if (open != NULL && (end = strchr(open, '}')) != NULL &&
	    end > open + 1) {
		hashed.data = open + 1;
		hashed.length = (size_t)(end - open - 1);
	}
	return crc16(hashed) % REDIS_CLUSTER_SLOTS;
}

struct redis_pool *
redis_cluster_route(struct redis_cluster *cluster, const char *key)
{
	struct redis_pool *pool = cluster->seed;
	uint16_t node;

	if (!atomic_load(&cluster->is_cluster))
		return pool;
	pthread_mutex_lock(&cluster->lock);
	node = cluster->slots[redis_cluster_slot(key)];
	if (node != NO_NODE)
		pool = cluster->nodes[node]->pool;
	pthread_mutex_unlock(&cluster->lock);
	return pool;
}

static enum status
node_new(struct redis_cluster *cluster, const struct redis_address *address,
    struct node **node_r)
{
	struct redis_source source;
	struct node *node;

	*node_r = NULL;
	if ((node = calloc(1, sizeof(*node))) == NULL)
		return STATUS_NOMEM;
	node->address = *address;
	if (redis_servers_source(cluster->login, address, 1, &source) !=
		STATUS_OK ||
	    (node->pool = redis_pool_new(&source, cluster->connections_max,
		 cluster->clock, cluster->is_daemon)) == NULL) {
		free(node);
		return STATUS_NOMEM;
	}
	*node_r = node;
	return STATUS_OK;
}

/* The index of the node at address, a new one if need be.  Lock held. */
static enum status
find_node(struct redis_cluster *cluster, const struct redis_address *address,
    uint16_t *index_r)
{
	enum status status;
	size_t i;

	for (i = 0; i < cluster->node_count; i++)
		if (strcmp(cluster->nodes[i]->address.text, address->text) == 0)
			break;
	*index_r = (uint16_t)i;
	if (i < cluster->node_count)
		return STATUS_OK;
	if (i == NODES_MAX)
		return STATUS_LIMIT;
	status = node_new(cluster, address, &cluster->nodes[i]);
	if (status == STATUS_OK)
		cluster->node_count++;
	return status;
}

/* "MOVED SLOT HOST:PORT"; without HOST it is the one that said so. */
static enum status
parse_redirect(const redisReply *reply, const struct redis_address *from,
    uint64_t *slot_r, struct redis_address *address_r)
{
	struct span rest = redis_reply_span(reply), word, number;
	char host[REDIS_HOST_BYTES];
	const char *colon;
	uint64_t port;

	if (!span_split(&rest, ' ', &word) ||
	    !span_split(&rest, ' ', &number) ||
	    str_to_uint64(number, REDIS_CLUSTER_SLOTS - 1, slot_r) !=
		STATUS_OK ||
	    rest.data == NULL)
		return STATUS_INVALID;
	colon = memrchr(rest.data, ':', rest.length);
	if (colon == NULL || (size_t)(colon - rest.data) >= sizeof(host))
		return STATUS_INVALID;
	memcpy(host, rest.data, (size_t)(colon - rest.data));
	host[colon - rest.data] = '\0';
	number.data = colon + 1;
	number.length = rest.length - (size_t)(number.data - rest.data);
	if (str_to_uint64(number, UINT16_MAX, &port) != STATUS_OK)
		return STATUS_INVALID;
	return redis_address_set(
	    host[0] == '\0' ? from->host : host, port, address_r);
}

enum status
redis_cluster_redirect(struct redis_cluster *cluster, const redisReply *reply,
    const struct redis_address *from, struct redis_pool **pool_r)
{
	bool is_moved = redis_reply_error(reply) == REDIS_ERROR_MOVED;
	struct redis_address address;
	enum status status;
	uint64_t slot;
	uint16_t node;

	*pool_r = NULL;
	status = parse_redirect(reply, from, &slot, &address);
	if (status != STATUS_OK)
		return status;
	if (!atomic_exchange(&cluster->is_cluster, true))
		log_info("store: redis at %s is a Cluster", from->text);
	pthread_mutex_lock(&cluster->lock);
	status = find_node(cluster, &address, &node);
	if (status == STATUS_OK) {
		*pool_r = cluster->nodes[node]->pool;
		if (is_moved)
			cluster->slots[slot] = node;
	}
	if (is_moved)
		cluster->is_map_wanted = true;
	pthread_mutex_unlock(&cluster->lock);
	return status;
}

/* Whether the map may be asked for again.  Lock held. */
static bool
may_ask(const struct redis_cluster *cluster)
{
	return clock_now_ms() - cluster->map_asked_at_ms >= MAP_INTERVAL_MS;
}

/* A node that may know more than the lost one, or the seed.  Lock held. */
static struct redis_pool *
choose_other(struct redis_cluster *cluster, const struct redis_pool *lost)
{
	struct redis_pool *pool;
	size_t i;

	for (i = 0; i < cluster->node_count; i++) {
		pool = cluster->nodes[i]->pool;
		if (pool != lost && redis_pool_is_usable(pool))
			return pool;
	}
	return lost == cluster->seed ? NULL : cluster->seed;
}

struct redis_pool *
redis_cluster_detour(
    struct redis_cluster *cluster, const struct redis_pool *lost)
{
	struct redis_pool *pool = NULL;

	if (!atomic_load(&cluster->is_cluster))
		return NULL;
	pthread_mutex_lock(&cluster->lock);
	cluster->is_map_wanted = true;
	if (may_ask(cluster))
		pool = choose_other(cluster, lost);
	pthread_mutex_unlock(&cluster->lock);
	return pool;
}

void
redis_cluster_want_map(struct redis_cluster *cluster)
{
	pthread_mutex_lock(&cluster->lock);
	cluster->is_map_wanted = true;
	pthread_mutex_unlock(&cluster->lock);
}

bool
redis_cluster_is_map_due(struct redis_cluster *cluster)
{
	bool is_due;

	if (!atomic_load(&cluster->is_cluster))
		return false;
	pthread_mutex_lock(&cluster->lock);
	is_due = cluster->is_map_wanted && may_ask(cluster);
	if (is_due) {
		cluster->is_map_wanted = false;
		cluster->map_asked_at_ms = clock_now_ms();
	}
	pthread_mutex_unlock(&cluster->lock);
	return is_due;
}

/* One range: first slot, last slot, the primary (host, port, ...), replicas. */
static enum status
parse_range(const redisReply *range, const struct redis_address *from,
    struct redis_address *address_r)
{
	const redisReply *primary, *host;

	if (range->type != REDIS_REPLY_ARRAY || range->elements < 3 ||
	    range->element[0]->type != REDIS_REPLY_INTEGER ||
	    range->element[1]->type != REDIS_REPLY_INTEGER ||
	    range->element[0]->integer < 0 ||
	    range->element[1]->integer >= REDIS_CLUSTER_SLOTS)
		return STATUS_INVALID;
	primary = range->element[2];
	if (primary->type != REDIS_REPLY_ARRAY || primary->elements < 2 ||
	    primary->element[1]->type != REDIS_REPLY_INTEGER ||
	    primary->element[1]->integer < 0)
		return STATUS_INVALID;
	host = primary->element[0];
	return redis_address_set(
	    host->type == REDIS_REPLY_STRING && host->len > 0 ? host->str :
								from->host,
	    (uint64_t)primary->element[1]->integer, address_r);
}

/* Lock held. */
static void
set_range(struct redis_cluster *cluster, const redisReply *range,
    const struct redis_address *from)
{
	struct redis_address address;
	long long slot;
	uint16_t node;

	if (parse_range(range, from, &address) != STATUS_OK ||
	    find_node(cluster, &address, &node) != STATUS_OK)
		return;
	for (slot = range->element[0]->integer;
	     slot <= range->element[1]->integer; slot++)
		cluster->slots[slot] = node;
}

/* Nodes that left, and the seed when all slots have a node.  Lock held. */
static void
close_unused(struct redis_cluster *cluster)
{
	bool is_used[NODES_MAX] = { false }, is_seed_used = false;
	size_t i;

	for (i = 0; i < REDIS_CLUSTER_SLOTS; i++) {
		if (cluster->slots[i] == NO_NODE)
			is_seed_used = true;
		else
			is_used[cluster->slots[i]] = true;
	}
	for (i = 0; i < cluster->node_count; i++)
		if (!is_used[i])
			redis_pool_close_idle(cluster->nodes[i]->pool);
	if (!is_seed_used)
		redis_pool_close_idle(cluster->seed);
}

void
redis_cluster_set_map(struct redis_cluster *cluster, const redisReply *reply,
    const struct redis_address *from)
{
	size_t i;

	if (reply->type != REDIS_REPLY_ARRAY || reply->elements == 0)
		return;
	pthread_mutex_lock(&cluster->lock);
	for (i = 0; i < REDIS_CLUSTER_SLOTS; i++)
		cluster->slots[i] = NO_NODE;
	for (i = 0; i < reply->elements && i < REDIS_CLUSTER_SLOTS; i++)
		set_range(cluster, reply->element[i], from);
	close_unused(cluster);
	pthread_mutex_unlock(&cluster->lock);
}
