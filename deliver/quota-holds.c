/* quota-holds - room of mailboxes that is spoken for (see quota-holds.h). */
#include "config.h"

#include "deliver/quota-holds.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* A mailbox that something is held of; there are few at a time. */
struct hold {
	struct hold *next;
	char *user;
	uint64_t bytes;
	unsigned int count;
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

void
quota_holds_free(struct quota_holds **holds)
{
	if (*holds == NULL)
		return;
	assert((*holds)->first == NULL);
	pthread_mutex_destroy(&(*holds)->mutex);
	free(*holds);
	*holds = NULL;
}

/* The link to the user's hold, or to the end.  Locked. */
static struct hold **
find(struct quota_holds *holds, const char *user)
{
	struct hold **link = &holds->first;

	while (*link != NULL && strcmp((*link)->user, user) != 0)
		link = &(*link)->next;
	return link;
}

static struct hold *
new_hold(const char *user)
{
	struct hold *hold = calloc(1, sizeof(*hold));

	if (hold == NULL)
		return NULL;
	if ((hold->user = strdup(user)) == NULL) {
		free(hold);
		return NULL;
	}
	return hold;
}

enum status
quota_holds_add(struct quota_holds *holds, const char *user, uint64_t bytes,
    uint64_t *total_r)
{
	enum status status = STATUS_NOMEM;
	struct hold **link;

	*total_r = 0;
	pthread_mutex_lock(&holds->mutex);
	link = find(holds, user);
	if (*link == NULL)
		*link = new_hold(user);
	if (*link != NULL) {
		(*link)->bytes += bytes;
		(*link)->count++;
		*total_r = (*link)->bytes;
		status = STATUS_OK;
	}
	pthread_mutex_unlock(&holds->mutex);
	return status;
}

void
quota_holds_drop(struct quota_holds *holds, const char *user, uint64_t bytes)
{
	struct hold **link, *hold;

	pthread_mutex_lock(&holds->mutex);
	link = find(holds, user);
	assert(*link != NULL && (*link)->bytes >= bytes);
	hold = *link;
	hold->bytes -= bytes;
	if (--hold->count == 0) {
		*link = hold->next;
		free(hold->user);
		free(hold);
	}
	pthread_mutex_unlock(&holds->mutex);
}
