/*
 * check-relay-lists - DNS block lists of the addresses by which the message
 * came, out of its Received fields.  Anybody can write such a field, so that
 * they weigh less than the client's own address.  Starts when the header is
 * known.
 */
#include "config.h"

#include "lib/mail/received.h"
#include "lib/scan/list-hits.h"

#define RELAYS_MAX 5  /* the newest; each costs a question a list */
#define FIELDS_MAX 30 /* Received fields that are read */

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

/* The client has been asked about, our own networks are no strangers, and
 * private hops would only take the place of others. */
static enum status
ask_relay(struct scan *scan, struct relay_lists *state, const struct ip *ip)
{
	if (!ip_is_public(ip) || ip_equals(ip, &scan->envelope.client_ip) ||
	    settings_ip_is_own(scan->settings, ip) || is_asked(state, ip))
		return STATUS_OK;
	state->relays[state->count] = *ip;
	return lists_ask_ip(scan->services->lists, LISTS_RELAY, ip,
	    scan->deadline_ms, &state->queries[state->count++]);
}

static enum status
relay_lists_start(struct scan *scan, void **state_r)
{
	const struct message_field *field;
	struct relay_lists *state;
	struct received received;
	enum status status = STATUS_OK;
	size_t i;

	if (scan->services->lists == NULL)
		return STATUS_OK;
	if ((state = region_alloc(scan->region, sizeof(*state))) == NULL)
		return STATUS_NOMEM;
	*state_r = state;
	for (i = 0; i < FIELDS_MAX && state->count < RELAYS_MAX; i++) {
		field = message_find(&scan->message, "Received", i);
		if (field == NULL)
			break;
		status = received_parse(scan->region, field->value, &received);
		if (status == STATUS_OK)
			status = ask_relay(scan, state, &received.client_ip);
		if (status == STATUS_NOMEM)
			return status;
	}
	return STATUS_OK;
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
	relay_lists_start, relay_lists_join, relay_lists_stop, NULL };
