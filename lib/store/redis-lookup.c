/* redis-lookup - names to socket addresses (see redis-lookup.h). */
#include "config.h"

#include "lib/store/redis-lookup.h"

#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "lib/base/clock.h"
#include "lib/base/str.h"

/* A lookup in a thread; whoever lets go of it last frees it. */
struct lookup {
	struct redis_address address;
	pthread_mutex_t lock; /* guards all below */
	pthread_cond_t ended;
	bool is_done;      /* the thread has filled in the two below */
	bool is_abandoned; /* the thread is to free it */
	int error;         /* of getaddrinfo() */
	struct redis_endpoints endpoints;
};

static int
system_lookup(const struct redis_address *address, int flags,
    struct redis_endpoints *endpoints)
{
	struct addrinfo hints, *list, *item;
	struct redis_endpoint *endpoint;
	char port[8];
	int error;

	endpoints->count = 0;
	memset(&hints, 0, sizeof(hints));
	hints.ai_socktype = SOCK_STREAM;
	hints.ai_flags = flags | AI_NUMERICSERV;
	snprintf(port, sizeof(port), "%u", (unsigned int)address->port);
	if ((error = getaddrinfo(address->host, port, &hints, &list)) != 0)
		return error;
	for (item = list;
	     item != NULL && endpoints->count < REDIS_ENDPOINTS_MAX;
	     item = item->ai_next) {
		endpoint = &endpoints->items[endpoints->count++];
		memcpy(&endpoint->address, item->ai_addr, item->ai_addrlen);
		endpoint->length = item->ai_addrlen;
	}
	freeaddrinfo(list);
	return endpoints->count == 0 ? EAI_NONAME : 0;
}

static void
lookup_free(struct lookup *lookup)
{
	pthread_cond_destroy(&lookup->ended);
	pthread_mutex_destroy(&lookup->lock);
	free(lookup);
}

static void *
lookup_thread(void *argument)
{
	struct lookup *lookup = argument;
	struct redis_endpoints endpoints;
	bool is_abandoned;
	int error;

	error = system_lookup(&lookup->address, 0, &endpoints);
	pthread_mutex_lock(&lookup->lock);
	lookup->error = error;
	lookup->endpoints = endpoints;
	lookup->is_done = true;
	is_abandoned = lookup->is_abandoned;
	pthread_cond_signal(&lookup->ended);
	pthread_mutex_unlock(&lookup->lock);
	if (is_abandoned)
		lookup_free(lookup);
	return NULL;
}

static struct lookup *
lookup_new(const struct redis_address *address)
{
	struct lookup *lookup;
	pthread_condattr_t attributes;

	if ((lookup = calloc(1, sizeof(*lookup))) == NULL)
		return NULL;
	lookup->address = *address;
	pthread_mutex_init(&lookup->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&lookup->ended, &attributes);
	pthread_condattr_destroy(&attributes);
	return lookup;
}

/* Starts the detached thread; signals are for the program's own threads. */
static bool
lookup_start(struct lookup *lookup)
{
	pthread_attr_t attributes;
	pthread_t thread;
	sigset_t all, before;
	int error;

	sigfillset(&all);
	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&thread, &attributes, lookup_thread, lookup);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attributes);
	return error == 0;
}

/* Waits for the thread; false when it was left behind. */
static bool
lookup_wait(struct lookup *lookup, int64_t deadline_ms)
{
	struct timespec until = clock_timespec(deadline_ms);
	bool is_done;
	int error = 0;

	pthread_mutex_lock(&lookup->lock);
	while (!lookup->is_done && error == 0)
		error = pthread_cond_timedwait(
		    &lookup->ended, &lookup->lock, &until);
	is_done = lookup->is_done;
	lookup->is_abandoned = !is_done;
	pthread_mutex_unlock(&lookup->lock);
	return is_done;
}

static enum status
lookup_name(const struct redis_address *address, int64_t deadline_ms,
    struct redis_endpoints *endpoints_r, struct redis_reason *reason)
{
	struct lookup *lookup;
	int error;

	if ((lookup = lookup_new(address)) == NULL || !lookup_start(lookup)) {
		if (lookup != NULL)
			lookup_free(lookup);
		redis_reason_set(reason, "no memory to look up the name");
		return STATUS_NOMEM;
	}
	if (!lookup_wait(lookup, deadline_ms)) {
		redis_reason_set(reason, "looking up the name timed out");
		return STATUS_TIMEOUT;
	}
	error = lookup->error;
	*endpoints_r = lookup->endpoints;
	lookup_free(lookup);
	if (error == 0)
		return STATUS_OK;
	redis_reason_set(reason, "%s", gai_strerror(error));
	return STATUS_NOTFOUND;
}

static enum status
lookup_path(const char *path, struct redis_endpoint *endpoint)
{
	struct sockaddr_un *address = (struct sockaddr_un *)&endpoint->address;

	memset(endpoint, 0, sizeof(*endpoint));
	address->sun_family = AF_UNIX;
	endpoint->length = sizeof(*address);
	return str_copy(address->sun_path, sizeof(address->sun_path), path);
}

enum status
redis_lookup(const struct redis_address *address, int64_t deadline_ms,
    struct redis_endpoints *endpoints_r, struct redis_reason *reason)
{
	endpoints_r->count = 0;
	if (address->path[0] != '\0') {
		endpoints_r->count = 1;
		return lookup_path(address->path, &endpoints_r->items[0]);
	}
	if (system_lookup(address, AI_NUMERICHOST, endpoints_r) == 0)
		return STATUS_OK;
	return lookup_name(address, deadline_ms, endpoints_r, reason);
}
