/*
 * task-pool - a few threads for work that needs DNS in steps (SPF).
 *
 * A task is started early and joined at end of message.  A task must end by
 * its own deadline; joining waits for it.  A task that no thread has picked up
 * yet is run by the joining thread itself, so a full pool never blocks.
 *
 * What nobody waits for is posted: it runs when no task waits.
 */
#ifndef GATEPOST_NET_TASK_POOL_H
#define GATEPOST_NET_TASK_POOL_H

#include <stddef.h>

#include "lib/base/status.h"

struct task_pool;
struct task;

typedef void task_function(void *argument);

/*
 * task_pool_new - a pool of at most threads_max threads, started on demand.
 *
 * Returns STATUS_OK or STATUS_NOMEM.
 */
enum status task_pool_new(
    size_t threads_max, struct task_pool **pool_r) GP_MUST_CHECK;

/* task_pool_free - waits for running tasks and runs the posted ones that are
 * left; every other task must have been joined or abandoned before */
void task_pool_free(struct task_pool **pool);

/*
 * task_start - queues function(argument).
 *
 * argument must live until task_join().  Returns STATUS_OK or STATUS_NOMEM.
 */
enum status task_start(struct task_pool *pool, task_function *function,
    void *argument, struct task **task_r) GP_MUST_CHECK;

/*
 * task_join - waits until the task has run (runs it here if it has not begun),
 * frees it and sets *task to NULL; accepts NULL.
 */
void task_join(struct task **task);

/*
 * task_abandon - gives a task up without waiting.
 *
 * release(argument) is called exactly once: at once when the task has ended or
 * not begun (it is never run then), else by the pool's thread when it ends.  So
 * all that the task uses must belong to argument or outlive the pool.  Sets
 * *task to NULL; accepts NULL (release is not called then).
 */
void task_abandon(struct task **task, task_function *release);

#define TASK_POSTED_MAX 1000 /* about what a slow store writes in a second */

/*
 * task_post - runs function(argument) once, some time, in a thread of the pool,
 * and release(argument) behind it.  Nobody joins it.
 *
 * argument belongs to the pool from here on: release(argument) is called
 * exactly once, in any case.  What the function uses besides must outlive the
 * pool.  Returns STATUS_OK; STATUS_NOMEM or STATUS_BUSY (TASK_POSTED_MAX wait):
 * then it was released without being run.
 */
enum status task_post(struct task_pool *pool, task_function *function,
    void *argument, task_function *release) GP_MUST_CHECK;

#endif
