/*
 * delivered - where a message came from that was delivered long ago.
 *
 * What this host wrote then stands in it: the Authentication-Results field with
 * our authserv-id (copies of strangers were removed), and below it the Received
 * field of the MTA.  Above it stands only what was added in the house: Received
 * fields of own networks, of LMTP, and without a "from" clause.  One with a
 * "from" clause that cannot be read may have let anything in.
 */
#ifndef GATEPOST_REPUTATION_DELIVERED_H
#define GATEPOST_REPUTATION_DELIVERED_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/hash.h"
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

/*
 * delivered_authserv_id - who wrote the topmost Authentication-Results field
 * that can be read: why delivered_source() found nothing.
 *
 * id_r  "" when there is none; owned by region
 * Returns STATUS_OK or STATUS_NOMEM.
 */
enum status delivered_authserv_id(struct region *region,
    const struct message *message, const char **id_r) GP_MUST_CHECK;

/*
 * delivered_identity - by what a lesson is known again: the message (see
 * identity.h), the client's address and the domains that passed.
 *
 * The same text from two sources is two lessons, for each teaches its source.
 * Returns STATUS_OK, or STATUS_NOMEM with text "".
 */
enum status delivered_identity(const struct message *message, struct span body,
    const struct reputation_source *source,
    char text[HASH_TEXT_BYTES]) GP_MUST_CHECK;

#endif
