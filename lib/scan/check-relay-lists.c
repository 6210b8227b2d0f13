/*
 * check-relay-lists - DNS block lists of the addresses by which the message
 * came, out of its Received fields.  Anybody can write such a field, so that
 * they weigh less than the client's own address.  Starts when the header is
 * known.
 */
#include "config.h"

#include "lib/scan/list-hits.h"

#define RELAYS_MAX 5 /* the newest; each costs a question a list */

struct relay_lists {
	size_t count;
	struct ip relays[RELAYS_MAX];
	struct lists_query *queries[RELAYS_MAX]; /* NULL: nothing asked */
};

static bool
is_asked(const struct relay_lists *state, const struct ip *ip)
{
	size_t i;

	for (i = 0; i < state->count; i++)
		if (ip_equals(&state->relays[i], ip))
			return true;
	return false;
}

/* The client has been asked about, our own hosts are no strangers, and private
 * hops would only take the place of others. */
static enum status
ask_relay(
    struct scan *scan, struct relay_lists *state, const struct relay *relay)
{
	const struct ip *ip = &relay->received.client_ip;

	if (!ip_is_public(ip) || ip_equals(ip, &scan->envelope.client_ip) ||
	    relay->is_own || is_asked(state, ip))
		return STATUS_OK;
	state->relays[state->count] = *ip;
	return lists_ask_ip(scan->services->lists, LISTS_RELAY, ip,
	    scan->deadline_ms, &state->queries[state->count++]);
}

static enum status
relay_lists_start(struct scan *scan, void **state_r)
{
	struct relay_lists *state;
	enum status status = STATUS_OK;
	size_t i;

	if (scan->services->lists == NULL)
		return STATUS_OK;
	if ((state = region_alloc(scan->region, sizeof(*state))) == NULL)
		return STATUS_NOMEM;
	*state_r = state;
	for (i = 0; i < scan->relays.count && state->count < RELAYS_MAX &&
	     status == STATUS_OK;
	     i++)
		status = ask_relay(scan, state, &scan->relays.list[i]);
	return status;
}

static enum status
relay_lists_join(struct scan *scan, void *argument)
{
	struct relay_lists *state = argument;
	enum status status = STATUS_OK;
	size_t i;

	for (i = 0; i < state->count && status == STATUS_OK; i++)
		status = list_hits_add(scan, state->queries[i]);
	return status;
}

static void
relay_lists_stop(void *argument)
{
	struct relay_lists *state = argument;
	size_t i;

	for (i = 0; i < state->count; i++)
		lists_end(&state->queries[i]);
}

const struct check check_relay_lists = { "relay-lists", SCAN_PHASE_HEADER,
	relay_lists_start, relay_lists_join, relay_lists_stop, NULL, false };
