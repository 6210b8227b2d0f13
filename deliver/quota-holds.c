/* quota-holds - room of mailboxes that is spoken for (see quota-holds.h). */
#include "config.h"

#include "deliver/quota-holds.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"

/* What one message holds.  There are few at a time. */
struct hold {
	struct hold *next;
	char *user;
	uint64_t bytes;
	int64_t until_ms; /* it ends then; 0: nobody knows yet */
};

struct quota_holds {
	pthread_mutex_t mutex; /* guards all below */
	struct hold *first;
};

struct quota_holds *
quota_holds_new(void)
{
	struct quota_holds *holds = calloc(1, sizeof(*holds));

	if (holds != NULL)
		pthread_mutex_init(&holds->mutex, NULL);
	return holds;
}

static void
remove_hold(struct hold **link)
{
	struct hold *hold = *link;

	*link = hold->next;
	free(hold->user);
	free(hold);
}

void
quota_holds_free(struct quota_holds **holds)
{
	const struct hold *hold;

	if (*holds == NULL)
		return;
	while ((hold = (*holds)->first) != NULL) {
		assert(hold->until_ms != 0);
		remove_hold(&(*holds)->first);
	}
	pthread_mutex_destroy(&(*holds)->mutex);
	free(*holds);
	*holds = NULL;
}

static struct hold *
new_hold(const char *user, uint64_t bytes)
{
	struct hold *hold = calloc(1, sizeof(*hold));

	if (hold == NULL)
		return NULL;
	if ((hold->user = strdup(user)) == NULL) {
		free(hold);
		return NULL;
	}
	hold->bytes = bytes;
	return hold;
}

/* What is held of a user's mailbox; what has ended goes.  Locked. */
static uint64_t
sum(struct quota_holds *holds, const char *user)
{
	int64_t now_ms = clock_now_ms();
	struct hold **link = &holds->first;
	uint64_t bytes = 0;

	while (*link != NULL) {
		if ((*link)->until_ms != 0 && (*link)->until_ms <= now_ms) {
			remove_hold(link);
			continue;
		}
		if (strcmp((*link)->user, user) == 0)
			bytes += (*link)->bytes;
		link = &(*link)->next;
	}
	return bytes;
}

enum status
quota_holds_add(struct quota_holds *holds, const char *user, uint64_t bytes,
    uint64_t *total_r)
{
	struct hold *hold = new_hold(user, bytes);

	*total_r = 0;
	if (hold == NULL)
		return STATUS_NOMEM;
	pthread_mutex_lock(&holds->mutex);
	hold->next = holds->first;
	holds->first = hold;
	*total_r = sum(holds, user);
	pthread_mutex_unlock(&holds->mutex);
	return STATUS_OK;
}

uint64_t
quota_holds_total(struct quota_holds *holds, const char *user)
{
	uint64_t total;

	pthread_mutex_lock(&holds->mutex);
	total = sum(holds, user);
	pthread_mutex_unlock(&holds->mutex);
	return total;
}

void
quota_holds_drop(struct quota_holds *holds, const char *user, uint64_t bytes,
    int64_t linger_ms)
{
	struct hold **link;

	pthread_mutex_lock(&holds->mutex);
	link = &holds->first;
	while (*link != NULL &&
	    ((*link)->until_ms != 0 || (*link)->bytes != bytes ||
		strcmp((*link)->user, user) != 0))
		link = &(*link)->next;
	assert(*link != NULL);
	if (linger_ms > 0)
		(*link)->until_ms = clock_now_ms() + linger_ms;
	else
		remove_hold(link);
	pthread_mutex_unlock(&holds->mutex);
}
