/*
 * store-memory - the store inside one process.
 *
 * A hash table finds the entries, a heap knows which expires soonest.  The
 * table is seeded, because strangers choose keys.
 */
#include "config.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "lib/base/log.h"
#include "lib/store/store-value.h"

#define PREFIX          ""  /* nobody else is in this process */
#define BUCKETS_FIRST   256 /* a power of 2 */
#define HEAP_FIRST      64
#define SWEEP_MAX       64 /* expired entries that go with one run */
#define ALLOCATOR_BYTES 16 /* malloc's own, of an entry */

struct entry {
	struct entry *next; /* in its bucket */
	uint64_t hash;
	size_t heap_index;
	struct store_value value;
	char key[];
};

struct store_memory {
	struct store_clock clock;
	bool has_clock;
	int64_t size_bytes;
	uint64_t seed;

	pthread_mutex_t lock; /* guards all below */
	struct entry **buckets;
	size_t bucket_count; /* a power of 2 */
	struct entry **heap; /* the parent of i is (i - 1) / 2 */
	size_t heap_space;
	size_t count;
	int64_t used_bytes;
	struct store_sweep_time sweep_time;
};

static int64_t
entry_bytes(const char *key)
{
	return (int64_t)(sizeof(struct entry) + strlen(key) + 1 +
	    ALLOCATOR_BYTES + 2 * sizeof(struct entry *));
}

static void
heap_set(struct store_memory *memory, size_t i, struct entry *entry)
{
	memory->heap[i] = entry;
	entry->heap_index = i;
}

static bool
is_sooner(const struct entry *a, const struct entry *b)
{
	return a->value.expires_at < b->value.expires_at;
}

static void
heap_rise(struct store_memory *memory, struct entry *entry)
{
	size_t i = entry->heap_index, parent;

	for (; i > 0; i = parent) {
		parent = (i - 1) / 2;
		if (!is_sooner(entry, memory->heap[parent]))
			break;
		heap_set(memory, i, memory->heap[parent]);
	}
	heap_set(memory, i, entry);
}

static void
heap_sink(struct store_memory *memory, struct entry *entry)
{
	size_t i = entry->heap_index, child;

	for (; (child = 2 * i + 1) < memory->count; i = child) {
		if (child + 1 < memory->count &&
		    is_sooner(memory->heap[child + 1], memory->heap[child]))
			child++;
		if (!is_sooner(memory->heap[child], entry))
			break;
		heap_set(memory, i, memory->heap[child]);
	}
	heap_set(memory, i, entry);
}

static void
heap_move(struct store_memory *memory, struct entry *entry)
{
	heap_rise(memory, entry);
	heap_sink(memory, entry);
}

static struct entry **
bucket_of(struct store_memory *memory, uint64_t hash)
{
	return &memory->buckets[hash & (memory->bucket_count - 1)];
}

static struct entry *
find(struct store_memory *memory, const char *key, uint64_t hash)
{
	struct entry *entry;

	for (entry = *bucket_of(memory, hash); entry != NULL;
	     entry = entry->next)
		if (entry->hash == hash && strcmp(entry->key, key) == 0)
			break;
	return entry;
}

static void
entry_remove(struct store_memory *memory, struct entry *entry)
{
	struct entry **link = bucket_of(memory, entry->hash), *last;

	while (*link != entry)
		link = &(*link)->next;
	*link = entry->next;
	last = memory->heap[--memory->count];
	if (last != entry) {
		heap_set(memory, entry->heap_index, last);
		heap_move(memory, last);
	}
	memory->used_bytes -= entry_bytes(entry->key);
	free(entry);
}

static bool
heap_grow(struct store_memory *memory)
{
	struct entry **heap;

	if (memory->count < memory->heap_space)
		return true;
	heap = reallocarray(
	    memory->heap, memory->heap_space, 2 * sizeof(*memory->heap));
	if (heap == NULL)
		return false;
	memory->heap = heap;
	memory->heap_space *= 2;
	return true;
}

/* Twice the buckets when they are full; without memory they only get longer. */
static void
buckets_grow(struct store_memory *memory)
{
	struct entry **buckets, *entry;
	size_t i;

	if (memory->count < memory->bucket_count)
		return;
	buckets = calloc(memory->bucket_count, 2 * sizeof(*buckets));
	if (buckets == NULL)
		return;
	free(memory->buckets);
	memory->buckets = buckets;
	memory->bucket_count *= 2;
	for (i = 0; i < memory->count; i++) {
		entry = memory->heap[i];
		entry->next = *bucket_of(memory, entry->hash);
		*bucket_of(memory, entry->hash) = entry;
	}
}

/* A new entry; what expires soonest makes room for it.  NULL: no memory. */
static struct entry *
entry_add(struct store_memory *memory, const char *key, uint64_t hash,
    const struct store_value *value)
{
	size_t key_bytes = strlen(key) + 1;
	struct entry *entry;

	while (memory->count > 0 &&
	    memory->used_bytes + entry_bytes(key) > memory->size_bytes)
		entry_remove(memory, memory->heap[0]);
	if (!heap_grow(memory) ||
	    (entry = malloc(sizeof(*entry) + key_bytes)) == NULL)
		return NULL;
	buckets_grow(memory);
	memcpy(entry->key, key, key_bytes);
	entry->hash = hash;
	entry->value = *value;
	entry->next = *bucket_of(memory, hash);
	*bucket_of(memory, hash) = entry;
	heap_set(memory, memory->count++, entry);
	heap_rise(memory, entry);
	memory->used_bytes += entry_bytes(key);
	return entry;
}

static void
run_one(
    struct store_memory *memory, struct store_operation *operation, int64_t now)
{
	struct store_value value = { .type = STORE_VALUE_NONE };
	char key[STORE_FULL_KEY_BYTES];
	struct entry *entry;
	uint64_t hash;

	store_full_key(PREFIX, operation->key, key);
	hash = store_value_hash(key, memory->seed);
	if ((entry = find(memory, key, hash)) != NULL)
		value = entry->value;
	switch (store_value_apply(operation, &value, now)) {
	case STORE_CHANGE_NONE:
		break;
	case STORE_CHANGE_PUT:
		if (entry == NULL) {
			entry = entry_add(memory, key, hash, &value);
			operation->failed = entry == NULL;
			break;
		}
		entry->value = value;
		heap_move(memory, entry);
		break;
	case STORE_CHANGE_REMOVE:
		if (entry != NULL)
			entry_remove(memory, entry);
		break;
	}
}

static void
sweep(struct store_memory *memory, int64_t now)
{
	int64_t until = store_sweep_time_step(&memory->sweep_time, now);
	size_t i;

	for (i = 0; i < SWEEP_MAX && memory->count > 0; i++) {
		if (memory->heap[0]->value.expires_at > until)
			break;
		entry_remove(memory, memory->heap[0]);
	}
}

static enum status
memory_run(void *state, struct store_operation *operations, size_t count)
{
	struct store_memory *memory = state;
	int64_t now;
	size_t i;

	pthread_mutex_lock(&memory->lock);
	now = store_now(memory->has_clock ? &memory->clock : NULL);
	for (i = 0; i < count; i++)
		run_one(memory, &operations[i], now);
	sweep(memory, now);
	pthread_mutex_unlock(&memory->lock);
	return STATUS_OK;
}

static void
memory_close(void *state)
{
	struct store_memory *memory = state;
	size_t i;

	for (i = 0; i < memory->count; i++)
		free(memory->heap[i]);
	free(memory->heap);
	free(memory->buckets);
	pthread_mutex_destroy(&memory->lock);
	free(memory);
}

static enum status
memory_open(const struct store_conf *conf, const struct store_clock *clock,
    bool is_daemon GP_UNUSED, void **state_r)
{
	struct store_memory *memory;

	*state_r = NULL;
	if ((memory = calloc(1, sizeof(*memory))) == NULL)
		return STATUS_NOMEM;
	pthread_mutex_init(&memory->lock, NULL);
	if ((memory->has_clock = clock != NULL))
		memory->clock = *clock;
	memory->size_bytes = conf->size;
	memory->bucket_count = BUCKETS_FIRST;
	memory->buckets = calloc(BUCKETS_FIRST, sizeof(*memory->buckets));
	memory->heap_space = HEAP_FIRST;
	memory->heap = calloc(HEAP_FIRST, sizeof(*memory->heap));
	if (memory->buckets == NULL || memory->heap == NULL) {
		memory_close(memory);
		return STATUS_NOMEM;
	}
	if (getrandom(&memory->seed, sizeof(memory->seed), 0) !=
	    sizeof(memory->seed)) {
		log_error("store: random numbers: %s", strerror(errno));
		memory_close(memory);
		return STATUS_IO;
	}
	store_sweep_time_start(&memory->sweep_time, store_now(clock));
	*state_r = memory;
	return STATUS_OK;
}

const struct store_driver store_driver_memory = { "memory", memory_open,
	memory_run, memory_close };
