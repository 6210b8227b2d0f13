/* relays - the hosts that a message came by (see relays.h). */
#include "config.h"

#include "lib/mail/relays.h"

#include <string.h>

struct chain {
	struct relays *relays;
	struct relay *list;
	const struct relays_own *own;
	bool is_trustworthy; /* a host of ours wrote the next field */
};

static bool
is_in_own(const struct relays_own *own, const struct ip *ip)
{
	size_t i;

	for (i = 0; i < own->count; i++)
		if (ip_in_network(ip, &own->networks[i]))
			return true;
	return false;
}

/* "by HOST ..." without "from": nobody handed the message to that host. */
static bool
is_local(struct span value)
{
	struct span text = span_trim(value);

	return span_starts_nocase(text, "by ") ||
	    span_starts_nocase(text, "(") /* qmail: "(qmail 1 invoked ..." */;
}

static void
set_stranger(struct chain *chain, const struct relay *relay)
{
	chain->relays->first_stranger = relay->received.client_ip;
	chain->relays->stranger = relay;
}

/* A field that tells of a relay. */
static void
add_relay(struct chain *chain, const struct received *received, size_t field)
{
	struct relay *relay = &chain->list[chain->relays->count++];
	const struct ip *ip = &received->client_ip;

	relay->received = *received;
	relay->field = field;
	relay->is_trustworthy = chain->is_trustworthy;
	relay->is_own = ip->family != AF_UNSPEC &&
	    (is_in_own(chain->own, ip) ||
		(chain->is_trustworthy && !ip_is_public(ip)));
	if (chain->is_trustworthy && !relay->is_own && ip->family != AF_UNSPEC)
		set_stranger(chain, relay);
	chain->is_trustworthy = chain->is_trustworthy && relay->is_own;
}

static enum status
add_field(struct region *region, struct chain *chain,
    const struct message_field *field, size_t index)
{
	struct received received;
	enum status status;

	status = received_parse(region, field->value, &received);
	if (status == STATUS_OK) {
		add_relay(chain, &received, index);
		return STATUS_OK;
	}
	if (status == STATUS_NOMEM)
		return status;
	if (is_local(field->value))
		return STATUS_OK;
	chain->relays->unread++;
	chain->is_trustworthy = false;
	return STATUS_OK;
}

enum status
relays_read(struct region *region, const struct message *message,
    const struct ip *client_ip, const struct relays_own *own,
    struct relays *relays_r)
{
	struct chain chain = { .relays = relays_r, .own = own };
	enum status status = STATUS_OK;
	size_t i, field_count = 0;

	memset(relays_r, 0, sizeof(*relays_r));
	relays_r->first_stranger.family = AF_UNSPEC;
	chain.list =
	    region_alloc_array(region, RELAYS_FIELDS_MAX, sizeof(*chain.list));
	if ((relays_r->list = chain.list) == NULL)
		return STATUS_NOMEM;
	chain.is_trustworthy =
	    client_ip->family == AF_UNSPEC || is_in_own(own, client_ip);
	if (!chain.is_trustworthy)
		relays_r->first_stranger = *client_ip;
	for (i = 0; i < message->field_count && status == STATUS_OK; i++) {
		if (!span_equals_nocase(message->fields[i].name, "Received"))
			continue;
		if (field_count == RELAYS_FIELDS_MAX) {
			relays_r->truncated = true;
			break;
		}
		status = add_field(
		    region, &chain, &message->fields[i], field_count++);
	}
	return status;
}
