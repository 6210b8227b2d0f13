/*
 * milter - the callbacks of libmilter and the life of the daemon.
 */
#ifndef GATEPOST_MILTER_MILTER_H
#define GATEPOST_MILTER_MILTER_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/status.h"
#include "lib/scan/scan.h"
#include "lib/scan/settings.h"

struct milter;

/*
 * milter_listen - opens the socket of the settings; after it privileges may be
 * dropped.  There is one milter a process (libmilter's own state is global).
 *
 * Returns STATUS_OK; STATUS_BUSY (somebody serves the socket), STATUS_INVALID,
 * STATUS_IO, STATUS_NOMEM: each logged.
 */
enum status milter_listen(const struct settings *settings) GP_MUST_CHECK;

/*
 * milter_unlisten - removes a unix socket again; one that cannot be removed
 * (the directory is not the user's) is replaced at the next start.
 */
void milter_unlisten(const struct settings *settings);

/*
 * milter_start - starts what all sessions share (resolver, task pool, DKIM) and
 * serves in a thread of its own.
 *
 * Takes its own reference of settings.  Returns STATUS_OK, or a status that was
 * logged.
 */
enum status milter_start(
    const struct settings *settings, struct milter **milter_r) GP_MUST_CHECK;

/* milter_tick - what is due: tests of lists, new keys; about once a second */
void milter_tick(struct milter *milter);

/* milter_reload - new sessions use these settings; takes its own reference */
void milter_reload(struct milter *milter, const struct settings *settings);

/* milter_has_ended - libmilter gave up (it logged why) */
bool milter_has_ended(const struct milter *milter);

/*
 * milter_stop - takes no new connections, waits for the messages that are at
 * their end (at the longest drain_ms), frees.
 *
 * Returns false when sessions of waiting clients are left: then nothing was
 * freed and the process must end by _exit().
 */
bool milter_stop(struct milter **milter, int64_t drain_ms);

#endif
