/* scan-task - a check that runs in the task pool (see scan-task.h). */
#include "config.h"

#include "lib/scan/scan-task.h"

#include <stdatomic.h>

#include "lib/base/clock.h"

void *
scan_task_new(struct scan *scan, size_t size,
    enum status (*run)(struct scan_task *, int64_t))
{
	struct region *region;
	struct scan_task *task;

	if ((region = region_new()) == NULL)
		return NULL;
	if ((task = region_alloc(region, size)) == NULL) {
		region_free(&region);
		return NULL;
	}
	task->region = region;
	task->timeout_ms = scan->settings->scan.timeout;
	atomic_init(&task->latest_ms, INT64_MAX);
	task->run = run;
	return task;
}

const char *
scan_task_copy(struct scan_task *task, const char *text)
{
	return region_strdup(task->region, text);
}

/* The time counts from here: a task that had to queue is not late. */
static void
run_task(void *argument)
{
	struct scan_task *task = argument;
	int64_t deadline_ms = clock_now_ms() + task->timeout_ms;
	int64_t latest_ms = atomic_load(&task->latest_ms);

	if (deadline_ms > latest_ms)
		deadline_ms = latest_ms;
	task->status = task->run(task, deadline_ms);
}

static void
free_task(void *argument)
{
	struct scan_task *task = argument;
	struct region *region = task->region; /* the task lies in it */

	region_free(&region);
}

enum status
scan_task_start(struct scan *scan, struct scan_task *task)
{
	enum status status;

	status = task_start(scan->services->pool, run_task, task, &task->task);
	if (status != STATUS_OK)
		free_task(task);
	return status;
}

enum status
scan_task_join(const struct scan *scan, struct scan_task *task)
{
	atomic_store(&task->latest_ms, scan->latest_ms);
	task_join(&task->task);
	return task->status;
}

void
scan_task_end(struct scan_task *task)
{
	if (task == NULL)
		return;
	if (task->task != NULL)
		task_abandon(&task->task, free_task);
	else
		free_task(task);
}
