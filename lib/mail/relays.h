/*
 * relays - the hosts that a message came by, out of the client of this
 * connection and its Received fields, and the first of them that is not ours.
 *
 * Each host writes its field on top, so that a field is as good as the host
 * that handed the message on: the client's own host wrote the first field, the
 * host that this field names wrote the second.  What is behind the first
 * stranger can be made up, and is told apart.
 */
#ifndef GATEPOST_MAIL_RELAYS_H
#define GATEPOST_MAIL_RELAYS_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/ip.h"
#include "lib/base/region.h"
#include "lib/base/status.h"
#include "lib/mail/message.h"
#include "lib/mail/received.h"

/* Received fields that are read; Postfix takes a message with more than 50 for
 * a loop (hopcount_limit). */
#define RELAYS_FIELDS_MAX 50

struct relay {
	struct received received; /* its client_ip is a relay's address */
	size_t field;             /* which Received field tells of it, from 0 */
	bool is_trustworthy;      /* a host of ours wrote that field */
	bool is_own;              /* the relay is a host of ours itself */
};

struct relays {
	size_t count;
	const struct relay *list; /* the newest first; the client of the
				   * connection is none of them */
	struct ip first_stranger; /* the first host that is not ours; AF_UNSPEC
				   * if there is none, or nobody told */
	const struct relay *stranger; /* that one, or NULL: the client */
	size_t unread;  /* fields in a form that received_parse() refuses */
	bool truncated; /* more fields than RELAYS_FIELDS_MAX */
};

/* Our networks.  Borrowed. */
struct relays_own {
	const struct ip_network *networks;
	size_t count;
};

/*
 * relays_read - the relays of a message.
 *
 * client_ip  of this connection; AF_UNSPEC if there was none (a message out of
 *	      a file): then a host of ours wrote the first field
 *
 * A host of ours is one in own, or one of an address that no stranger can have
 * (ip_is_public()) in a field that a host of ours wrote.  Such a field that
 * cannot be read, or tells of no address, ends what is known, unless the
 * message was made on the host that wrote it ("by" without "from").
 *
 * relays_r  owned by region
 *
 * Returns STATUS_OK or STATUS_NOMEM.
 */
enum status relays_read(struct region *region, const struct message *message,
    const struct ip *client_ip, const struct relays_own *own,
    struct relays *relays_r) GP_MUST_CHECK;

#endif
