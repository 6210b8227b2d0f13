/*
 * clean-times - when which Maildir's tmp was cleaned last.  It may forget:
 * then one is cleaned more often.
 */
#ifndef GATEPOST_DELIVER_CLEAN_TIMES_H
#define GATEPOST_DELIVER_CLEAN_TIMES_H

#include <stdbool.h>
#include <time.h>

struct clean_times;

/* clean_times_new - NULL when memory is short */
struct clean_times *clean_times_new(void);

/* clean_times_free - accepts NULL */
void clean_times_free(struct clean_times **times);

/*
 * clean_times_take - is the folder of this path due?  Then it counts as cleaned
 * at now, and the caller does it.  Any thread.
 */
bool clean_times_take(struct clean_times *times, const char *path, time_t now);

#endif
