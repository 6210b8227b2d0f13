/*
 * greylist-hint - what the milter tells policyd of a client.
 *
 * When a message reaches score.greylist, the mark "greylist:ADDRESS" is set in
 * the store for an hour, with the score in hundredths of a point as its number:
 * policyd, which sees the client at its next RCPT, greylists it although it
 * would let it pass otherwise.  One STORE_PEEK of the same operation tells.
 */
#ifndef GATEPOST_REPUTATION_GREYLIST_HINT_H
#define GATEPOST_REPUTATION_GREYLIST_HINT_H

#include <stdint.h>

#include "lib/base/ip.h"
#include "lib/base/region.h"
#include "lib/base/status.h"
#include "lib/store/store.h"

#define GREYLIST_HINT_SECONDS 3600

/*
 * greylist_hint - the operation on the mark of a client.
 *
 * verb   STORE_SET, STORE_PEEK or STORE_FORGET
 * score  of the message, in hundredths; for STORE_SET
 * operation_r  its key is owned by region
 * Returns STATUS_OK or STATUS_NOMEM.
 */
enum status greylist_hint(struct region *region, enum store_verb verb,
    const struct ip *client_ip, int64_t score,
    struct store_operation *operation_r) GP_MUST_CHECK;

#endif
