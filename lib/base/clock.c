/* clock - monotonic and wall time (see clock.h). */
#include "config.h"

#include "lib/base/clock.h"

int64_t
clock_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t
clock_wall_seconds(void)
{
	return (int64_t)time(NULL);
}

struct timespec
clock_timespec(int64_t deadline_ms)
{
	struct timespec when;

	if (deadline_ms < 0)
		deadline_ms = 0;
	when.tv_sec = (time_t)(deadline_ms / 1000);
	when.tv_nsec = (long)(deadline_ms % 1000) * 1000000;
	return when;
}
