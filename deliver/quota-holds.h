/*
 * quota-holds - bytes of messages that are on their way into mailboxes, so that
 * parallel deliveries to one mailbox do not all take the same room.
 */
#ifndef GATEPOST_DELIVER_QUOTA_HOLDS_H
#define GATEPOST_DELIVER_QUOTA_HOLDS_H

#include <stdint.h>

#include "lib/base/status.h"

struct quota_holds;

/* quota_holds_new - NULL when memory is short */
struct quota_holds *quota_holds_new(void);

/* quota_holds_free - all must have been dropped; accepts NULL */
void quota_holds_free(struct quota_holds **holds);

/*
 * quota_holds_add - holds bytes of a user's mailbox.  Any thread.
 *
 * total_r  all that is held of it, this included
 *
 * Returns STATUS_OK or STATUS_NOMEM (nothing is held).
 */
enum status quota_holds_add(struct quota_holds *holds, const char *user,
    uint64_t bytes, uint64_t *total_r) GP_MUST_CHECK;

/* quota_holds_total - all that is held now.  Any thread. */
uint64_t quota_holds_total(struct quota_holds *holds, const char *user);

/*
 * quota_holds_drop - gives back what was held.  Any thread.
 *
 * linger_ms  how long it is held nevertheless
 */
void quota_holds_drop(struct quota_holds *holds, const char *user,
    uint64_t bytes, int64_t linger_ms);

#endif
