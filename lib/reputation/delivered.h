/*
 * delivered - where a message came from that was delivered long ago.
 *
 * What this host wrote then stands in it: the Authentication-Results field with
 * our authserv-id (copies of strangers were removed), and below it the Received
 * field of the MTA.  Above it stands only what was added in the house.
 */
#ifndef GATEPOST_REPUTATION_DELIVERED_H
#define GATEPOST_REPUTATION_DELIVERED_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/ip.h"
#include "lib/base/region.h"
#include "lib/base/status.h"
#include "lib/mail/message.h"
#include "lib/reputation/reputation.h"

/* Who we are. */
struct delivered_host {
	const char *authserv_id;
	size_t own_network_count;
	const struct ip_network *own_networks;
	bool trust_partly_signed_body; /* as in the section dmarc */
};

/*
 * delivered_source - the source as it was when the message came.
 *
 * A HELO name is confirmed only where SPF passed for it: what the DNS said of
 * its addresses is not in the message.  Domains are never marked as aligned.
 * source_r: its strings are owned by region.
 *
 * Returns STATUS_OK; STATUS_NOTFOUND (this host did not check it, or another
 * one had it later); STATUS_NOMEM.
 */
enum status delivered_source(struct region *region,
    const struct delivered_host *host, const struct message *message,
    struct reputation_source *source_r) GP_MUST_CHECK;

#endif
