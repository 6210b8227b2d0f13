/*
 * lmtpd - the life of gatepost-lmtpd: listeners, sessions, settings in force.
 */
#ifndef GATEPOST_DELIVER_LMTPD_H
#define GATEPOST_DELIVER_LMTPD_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/status.h"
#include "lib/scan/settings.h"

struct lmtpd;

/*
 * lmtpd_listen - opens the listeners of the settings; after it privileges may
 * be dropped.  Takes its own reference of settings.
 *
 * Returns STATUS_OK, or a status that was logged.
 */
enum status lmtpd_listen(
    const struct settings *settings, struct lmtpd **lmtpd_r) GP_MUST_CHECK;

/* lmtpd_start - serves, in threads.  STATUS_OK or STATUS_NOMEM (logged). */
enum status lmtpd_start(struct lmtpd *lmtpd) GP_MUST_CHECK;

/* lmtpd_reload - new sessions use these settings; takes its own reference */
void lmtpd_reload(struct lmtpd *lmtpd, const struct settings *settings);

/*
 * lmtpd_stop - takes no new connections, lets messages that are on their way
 * be finished (at the longest drain_ms), and frees.  Accepts NULL.
 *
 * Returns false when a thread hangs: then the process must end by _exit().
 */
bool lmtpd_stop(struct lmtpd **lmtpd, int64_t drain_ms);

#endif
