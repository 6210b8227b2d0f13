/*
 * quota-status - asks Dovecot's quota-status service whether a mailbox has room
 * (Postfix's policy protocol).  One thread's connection, kept open.
 */
#ifndef GATEPOST_DELIVER_QUOTA_STATUS_H
#define GATEPOST_DELIVER_QUOTA_STATUS_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/status.h"

struct quota_status;

/* quota_status_new - connects when first asked; socket is borrowed; NULL when
 * memory is short */
struct quota_status *quota_status_new(const char *socket, int64_t timeout_ms);

/* quota_status_free - closes; accepts NULL */
void quota_status_free(struct quota_status **quota);

/*
 * quota_status_ask - has the user's mailbox room for so many bytes more?
 *
 * user    as Dovecot spells it
 * fits_r  DUNNO and OK say yes, all other actions no
 *
 * Returns STATUS_OK; STATUS_INVALID (a name that cannot be asked for); or what
 * may heal, logged: STATUS_TIMEOUT, STATUS_IO, STATUS_NOMEM.
 */
enum status quota_status_ask(struct quota_status *quota, const char *user,
    uint64_t bytes, bool *fits_r) GP_MUST_CHECK;

#endif
