/*
 * clamav-health - says in the log when clamd cannot check mail, once a minute
 * at the most however much mail comes, and when it does so again.
 */
#ifndef GATEPOST_CLAMAV_CLAMAV_HEALTH_H
#define GATEPOST_CLAMAV_CLAMAV_HEALTH_H

#include "lib/clamav/clamav.h"

struct clamav_health;

/* clamav_health_new - nothing was told; NULL when memory is short */
struct clamav_health *clamav_health_new(void);

/* clamav_health_free - sets *health to NULL; accepts NULL */
void clamav_health_free(struct clamav_health **health);

/*
 * clamav_health_note - what came of one message.
 *
 * now_ms  of clock_now_ms()
 *
 * Any thread.
 */
void clamav_health_note(struct clamav_health *health,
    const struct clamav_conf *conf, const struct clamav_answer *answer,
    int64_t now_ms);

#endif
