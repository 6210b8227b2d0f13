/*
 * clock - the two clocks: monotonic milliseconds for deadlines, wall seconds
 * for what is compared with dates in mail (DKIM t= and x=).
 */
#ifndef GATEPOST_BASE_CLOCK_H
#define GATEPOST_BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

/* clock_now_ms - monotonic milliseconds since some start; deadlines use it */
int64_t clock_now_ms(void);

/* clock_wall_seconds - seconds since 1970-01-01 UTC */
int64_t clock_wall_seconds(void);

/*
 * clock_timespec - a deadline of clock_now_ms() as the absolute CLOCK_MONOTONIC
 * time that a condition variable waits for.
 */
struct timespec clock_timespec(int64_t deadline_ms);

#endif
