/* guard-clients - addresses of senders (see guard-clients.h). */
#include "config.h"

#include "lib/guard/guard-clients.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define ROWS        1024
#define NAME_BYTES  128
#define DAY_SECONDS 86400

/* FNV-1a, 32 bits. */
#define HASH_START UINT32_C(2166136261)
#define HASH_PRIME UINT32_C(16777619)

/* Newest first. */
struct row {
	char name[NAME_BYTES]; /* its beginning; "": free */
	size_t count;
	struct ip ips[GUARD_CLIENTS_MAX];
	int64_t seen_at[GUARD_CLIENTS_MAX];
};

struct guard_clients {
	pthread_mutex_t lock; /* guards the rows */
	struct row rows[ROWS];
};

struct guard_clients *
guard_clients_new(void)
{
	struct guard_clients *clients = calloc(1, sizeof(*clients));

	if (clients != NULL)
		pthread_mutex_init(&clients->lock, NULL);
	return clients;
}

void
guard_clients_free(struct guard_clients **clients)
{
	if (*clients == NULL)
		return;
	pthread_mutex_destroy(&(*clients)->lock);
	free(*clients);
	*clients = NULL;
}

/* The one row that a sender may have. */
static struct row *
row_of(struct guard_clients *clients, const char *sender)
{
	uint32_t hash = HASH_START;

	for (; *sender != '\0'; sender++)
		hash = (hash ^ (unsigned char)*sender) * HASH_PRIME;
	return &clients->rows[hash % ROWS];
}

static bool
is_of(const struct row *row, const char *sender)
{
	return strncmp(row->name, sender, NAME_BYTES - 1) == 0;
}

static void
begin_row(struct row *row, const char *sender)
{
	memset(row, 0, sizeof(*row));
	memcpy(row->name, sender, strnlen(sender, NAME_BYTES - 1));
}

/* To the front; the oldest falls off the end. */
static void
add(struct row *row, const struct ip *ip, int64_t now)
{
	size_t i;

	for (i = 0; i < row->count && !ip_equals(&row->ips[i], ip); i++)
		continue;
	if (i == row->count && row->count < GUARD_CLIENTS_MAX)
		row->count++;
	if (i == GUARD_CLIENTS_MAX)
		i--;
	memmove(row->ips + 1, row->ips, i * sizeof(*row->ips));
	memmove(row->seen_at + 1, row->seen_at, i * sizeof(*row->seen_at));
	row->ips[0] = *ip;
	row->seen_at[0] = now;
}

void
guard_clients_note(struct guard_clients *clients, const char *sender,
    const struct ip *ip, int64_t now)
{
	struct row *row = row_of(clients, sender);

	pthread_mutex_lock(&clients->lock);
	if (!is_of(row, sender))
		begin_row(row, sender);
	add(row, ip, now);
	pthread_mutex_unlock(&clients->lock);
}

size_t
guard_clients_of(struct guard_clients *clients, const char *sender, int64_t now,
    struct ip ips_r[GUARD_CLIENTS_MAX])
{
	struct row *row = row_of(clients, sender);
	size_t i = 0;

	pthread_mutex_lock(&clients->lock);
	for (; is_of(row, sender) && i < row->count &&
	     now - row->seen_at[i] < DAY_SECONDS;
	     i++)
		ips_r[i] = row->ips[i];
	pthread_mutex_unlock(&clients->lock);
	return i;
}
