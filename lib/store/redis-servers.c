/* redis-servers - servers in order (see redis-servers.h). */
#include "config.h"

#include "lib/store/redis-servers.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"

struct redis_servers {
	const struct redis_login *login;
	_Atomic size_t first; /* where the next search begins */
	size_t count;
	struct redis_address addresses[];
};

static enum status
servers_open(void *argument, int64_t deadline_ms,
    struct redis_session *session_r, struct redis_reason *reason)
{
	struct redis_servers *servers = argument;
	size_t i, first = atomic_load(&servers->first);
	const struct redis_address *address;
	enum status status, worst = STATUS_IO;
	struct redis_reason one;
	int64_t now_ms;

	for (i = 0; i < servers->count; i++) {
		address = &servers->addresses[(first + i) % servers->count];
		now_ms = clock_now_ms();
		status = redis_login_open(servers->login, address,
		    now_ms +
			(deadline_ms - now_ms) / (int64_t)(servers->count - i),
		    session_r, &one);
		if (status == STATUS_OK)
			return STATUS_OK;
		redis_reason_add(reason, address->text, one.text);
		/* A server that refuses us is what the log must tell. */
		if (worst != STATUS_INVALID)
			worst = status;
	}
	return worst;
}

static void
servers_avoid(void *argument, const struct redis_address *address)
{
	struct redis_servers *servers = argument;
	size_t i;

	for (i = 0; i < servers->count; i++)
		if (strcmp(servers->addresses[i].text, address->text) == 0)
			atomic_store(&servers->first, (i + 1) % servers->count);
}

static void
servers_free(void *argument)
{
	free(argument);
}

enum status
redis_servers_source(const struct redis_login *login,
    const struct redis_address *addresses, size_t count,
    struct redis_source *source_r)
{
	struct redis_servers *servers;

	memset(source_r, 0, sizeof(*source_r));
	servers =
	    calloc(1, sizeof(*servers) + count * sizeof(servers->addresses[0]));
	if (servers == NULL)
		return STATUS_NOMEM;
	servers->login = login;
	servers->count = count;
	memcpy(servers->addresses, addresses, count * sizeof(addresses[0]));
	source_r->open = servers_open;
	source_r->avoid = servers_avoid;
	source_r->free = servers_free;
	source_r->argument = servers;
	return STATUS_OK;
}
