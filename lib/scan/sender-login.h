/*
 * sender-login - may the login of outbound mail write as the envelope sender,
 * as every author in From, and as Sender?
 *
 * Clients of own networks without a login are asked about only with
 * senders.own_networks_too.  The null sender may be anybody's.  The first
 * address that is not allowed is the one that is told.  A second From or Sender
 * and a field of more than 16 addresses are nobody's: each address may cost a
 * program (a Postfix table).
 */
#ifndef GATEPOST_SCAN_SENDER_LOGIN_H
#define GATEPOST_SCAN_SENDER_LOGIN_H

#include <stdbool.h>

#include "lib/base/status.h"

struct scan;

/* sender_login_envelope - asks about the envelope sender; waits for tables */
enum status sender_login_envelope(struct scan *scan) GP_MUST_CHECK;

/* sender_login_header - asks about From and Sender; waits for tables */
enum status sender_login_header(struct scan *scan) GP_MUST_CHECK;

/*
 * sender_login_may_sign - the login may write as every address of From, or
 * that is not asked of this message
 */
bool sender_login_may_sign(const struct scan *scan);

/*
 * sender_login_sentence - "anna may not send as boss@example.org (From)";
 * region memory, or NULL when memory is short
 */
const char *sender_login_sentence(struct scan *scan);

#endif
