/* senders-index - the entries of a source, by address (see senders-private.h). */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "lib/senders/senders-private.h"

#define FIRST_ROOM 64

void
senders_index_free(struct senders_index *index)
{
	free(index->entries);
	memset(index, 0, sizeof(*index));
}

enum status
senders_index_add(
    struct senders_index *index, const struct senders_entry *entry)
{
	size_t room = index->room == 0 ? FIRST_ROOM : index->room * 2;
	struct senders_entry *entries;

	if (index->count == SENDERS_ENTRIES_MAX)
		return STATUS_LIMIT;
	if (index->count == index->room) {
		entries = reallocarray(index->entries, room, sizeof(*entries));
		if (entries == NULL)
			return STATUS_NOMEM;
		index->entries = entries;
		index->room = room;
	}
	index->entries[index->count++] = *entry;
	return STATUS_OK;
}

static int
compare(const void *a, const void *b)
{
	const struct senders_entry *left = a, *right = b;
	int order = strcmp(left->key, right->key);

	if (order == 0)
		order = strcmp(left->path, right->path);
	if (order == 0)
		order = (left->line > right->line) - (left->line < right->line);
	return order;
}

void
senders_index_sort(struct senders_index *index)
{
	if (index->count > 1)
		qsort(index->entries, index->count, sizeof(*index->entries),
		    compare);
}

struct senders_range
senders_index_find(const struct senders_index *index, const char *key)
{
	struct senders_range range = { NULL, 0 };
	size_t low = 0, high = index->count, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (strcmp(index->entries[middle].key, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	while (low + range.count < index->count &&
	    strcmp(index->entries[low + range.count].key, key) == 0)
		range.count++;
	if (range.count > 0)
		range.first = &index->entries[low];
	return range;
}

bool
senders_entry_counts(const struct senders_range *range,
    const struct senders_entry *entry, const char *exact)
{
	size_t i;

	if (strcmp(entry->exact, exact) == 0)
		return true;
	for (i = 0; i < range->count; i++)
		if (strcmp(range->first[i].exact, exact) == 0)
			return false;
	return true;
}

enum status
senders_key_of(struct region *region, const struct address *address,
    struct senders_key *key_r)
{
	char *key;

	key_r->exact = region_printf(
	    region, "%s@%s", address->local_part, address->domain);
	if (key_r->exact == NULL ||
	    (key = region_strdup(region, key_r->exact)) == NULL)
		return STATUS_NOMEM;
	ascii_lower_all(key, strlen(address->local_part));
	key_r->key = key;
	return STATUS_OK;
}

enum status
senders_login_of(struct region *region, struct span login, const char **login_r)
{
	const char *at = memrchr(login.data, '@', login.length);
	struct span domain;
	const char *name;
	enum status status;
	char *copy;

	if ((copy = region_memdup(region, login.data, login.length)) == NULL)
		return STATUS_NOMEM;
	ascii_lower_all(copy, login.length);
	*login_r = copy;
	if (at == NULL)
		return STATUS_OK;
	domain.data = at + 1;
	domain.length = login.length - (size_t)(at + 1 - login.data);
	status = domain_normalize(region, domain, &name);
	if (status != STATUS_OK)
		return status == STATUS_NOMEM ? status : STATUS_OK;
	*login_r = region_printf(
	    region, "%.*s%s", (int)(at + 1 - login.data), copy, name);
	return *login_r == NULL ? STATUS_NOMEM : STATUS_OK;
}
