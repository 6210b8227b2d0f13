/*
 * scan-task - a check that runs in the task pool.
 *
 * The task owns all that it uses: its region, this struct (in the region) and
 * copies of what it reads.  So a message can end at any time without waiting
 * for DNS, and what still runs frees itself.
 */
#ifndef GATEPOST_SCAN_SCAN_TASK_H
#define GATEPOST_SCAN_SCAN_TASK_H

#include "lib/base/region.h"
#include "lib/net/task-pool.h"
#include "lib/scan/scan-private.h"

struct scan_task {
	struct region *region;     /* the task's alone until it is joined */
	int64_t timeout_ms;        /* counts from when it begins to run, */
	_Atomic int64_t latest_ms; /* but not beyond this time */
	enum status status;        /* what run() returned */
	enum status (*run)(struct scan_task *task, int64_t deadline_ms);
	struct task *task;
};

/*
 * scan_task_new - a struct of size bytes that begins with a struct scan_task.
 *
 * Zeroed but for the head.  Returns NULL when memory is short.
 */
void *scan_task_new(struct scan *scan, size_t size,
    enum status (*run)(struct scan_task *, int64_t)) GP_MUST_CHECK;

/* scan_task_copy - text in the task's region; NULL when memory is short */
const char *scan_task_copy(
    struct scan_task *task, const char *text) GP_MUST_CHECK;

/* scan_task_start - gives it to the pool; frees it on failure */
enum status scan_task_start(
    struct scan *scan, struct scan_task *task) GP_MUST_CHECK;

/*
 * scan_task_join - waits until it has run; returns what run() returned.
 *
 * One that has not begun runs here, and its DNS waits end by scan->latest_ms.
 */
enum status scan_task_join(
    const struct scan *scan, struct scan_task *task) GP_MUST_CHECK;

/* scan_task_end - frees it, joined or not, without waiting; accepts NULL */
void scan_task_end(struct scan_task *task);

#endif
