/* clean-times - when tmp was cleaned last (see clean-times.h). */
#include "config.h"

#include "deliver/clean-times.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>

#define SLOT_COUNT       4096
#define INTERVAL_SECONDS (6 * 3600)

/* The folder that was cleaned last of all whose path has the slot's hash. */
struct slot {
	uint64_t hash;
	time_t cleaned_at;
};

struct clean_times {
	pthread_mutex_t lock; /* guards slots */
	struct slot slots[SLOT_COUNT];
};

struct clean_times *
clean_times_new(void)
{
	struct clean_times *times;

	if ((times = calloc(1, sizeof(*times))) == NULL)
		return NULL;
	pthread_mutex_init(&times->lock, NULL);
	return times;
}

void
clean_times_free(struct clean_times **times)
{
	if (*times == NULL)
		return;
	pthread_mutex_destroy(&(*times)->lock);
	free(*times);
	*times = NULL;
}

/* FNV-1a, 64 bits. */
static uint64_t
hash_of(const char *path)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (; *path != '\0'; path++)
		hash = (hash ^ (unsigned char)*path) * UINT64_C(0x100000001b3);
	return hash;
}

bool
clean_times_take(struct clean_times *times, const char *path, time_t now)
{
	uint64_t hash = hash_of(path);
	struct slot *slot = &times->slots[hash % SLOT_COUNT];
	bool due;

	pthread_mutex_lock(&times->lock);
	due = slot->hash != hash || slot->cleaned_at + INTERVAL_SECONDS < now;
	if (due) {
		slot->hash = hash;
		slot->cleaned_at = now;
	}
	pthread_mutex_unlock(&times->lock);
	return due;
}
