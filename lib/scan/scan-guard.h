/*
 * scan-guard - what a sender of ours may send in a time (lib/guard), applied to
 * a message that would go out.
 *
 * Not counted are: inbound mail; what is refused or deferred anyway; senders of
 * guard.except; and mail without a sender that this host itself hands in
 * without a login: bounces, and our own notices.
 */
#ifndef GATEPOST_SCAN_SCAN_GUARD_H
#define GATEPOST_SCAN_SCAN_GUARD_H

#include "lib/base/status.h"

struct scan;

/*
 * scan_guard - counts the message and changes the verdict of one that is over a
 * limit; the verdict must be complete.
 *
 * Waits for the store.  When that does not answer, mail flows.  Returns
 * STATUS_OK or STATUS_NOMEM.
 */
enum status scan_guard(struct scan *scan) GP_MUST_CHECK;

#endif
