/*
 * task-pool - a few threads for work that needs DNS in steps.
 *
 * One lock guards the queues, the counters and every task's state.  Threads are
 * started when work waits and none is idle, and stay until the pool ends.
 */
#include "config.h"

#include "lib/net/task-pool.h"

#include <assert.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/queue.h>

#include "lib/base/log.h"

enum task_state {
	TASK_QUEUED,
	TASK_RUNNING,
	TASK_DONE
};

struct task {
	TAILQ_ENTRY(task) entry;
	struct task_pool *pool;
	task_function *function;
	void *argument;
	enum task_state state;
	task_function *release; /* of a posted task, and of one that was
				 * abandoned while running */
};

TAILQ_HEAD(task_queue, task);

struct task_pool {
	pthread_mutex_t lock;     /* guards all below, and task.state */
	pthread_cond_t work;      /* the queue grew, or closing was set */
	pthread_cond_t done;      /* some task became TASK_DONE */
	struct task_queue queue;  /* somebody will join these */
	struct task_queue posted; /* nobody will */
	size_t queued_count, posted_count;
	bool posts_refused; /* the last post found no room */
	size_t idle_count;
	size_t thread_count;
	bool closing;
	size_t threads_max;
	pthread_t threads[];
};

/* Runs a task that was taken out of its queue. */
static void
task_run_locked(struct task_pool *pool, struct task *task)
{
	task->state = TASK_RUNNING;
	pthread_mutex_unlock(&pool->lock);
	task->function(task->argument);
	pthread_mutex_lock(&pool->lock);
	task->state = TASK_DONE;
	if (task->release == NULL) {
		pthread_cond_broadcast(&pool->done);
		return;
	}
	pthread_mutex_unlock(&pool->lock);
	task->release(task->argument);
	free(task);
	pthread_mutex_lock(&pool->lock);
}

static void
dequeue_locked(struct task_pool *pool, struct task *task)
{
	TAILQ_REMOVE(&pool->queue, task, entry);
	pool->queued_count--;
}

/* The next task for a thread, or NULL. */
static struct task *
next_task_locked(struct task_pool *pool)
{
	struct task *task;

	if ((task = TAILQ_FIRST(&pool->queue)) != NULL) {
		dequeue_locked(pool, task);
	} else if ((task = TAILQ_FIRST(&pool->posted)) != NULL) {
		TAILQ_REMOVE(&pool->posted, task, entry);
		pool->posted_count--;
	}
	return task;
}

static void *
pool_thread(void *argument)
{
	struct task_pool *pool = argument;
	struct task *task;

	pthread_mutex_lock(&pool->lock);
	for (;;) {
		if ((task = next_task_locked(pool)) != NULL) {
			task_run_locked(pool, task);
			continue;
		}
		if (pool->closing)
			break;
		pool->idle_count++;
		pthread_cond_wait(&pool->work, &pool->lock);
		pool->idle_count--;
	}
	pthread_mutex_unlock(&pool->lock);
	return NULL;
}

enum status
task_pool_new(size_t threads_max, struct task_pool **pool_r)
{
	struct task_pool *pool;

	*pool_r = NULL;
	assert(threads_max > 0 && threads_max <= 1024);
	pool = calloc(1, sizeof(*pool) + threads_max * sizeof(pthread_t));
	if (pool == NULL)
		return STATUS_NOMEM;
	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->work, NULL);
	pthread_cond_init(&pool->done, NULL);
	TAILQ_INIT(&pool->queue);
	TAILQ_INIT(&pool->posted);
	pool->threads_max = threads_max;
	*pool_r = pool;
	return STATUS_OK;
}

void
task_pool_free(struct task_pool **pool_ref)
{
	struct task_pool *pool = *pool_ref;
	struct task *task;
	size_t i;

	if (pool == NULL)
		return;
	pthread_mutex_lock(&pool->lock);
	pool->closing = true;
	pthread_cond_broadcast(&pool->work);
	pthread_mutex_unlock(&pool->lock);
	for (i = 0; i < pool->thread_count; i++)
		pthread_join(pool->threads[i], NULL);
	/* Left only where no thread could be started. */
	pthread_mutex_lock(&pool->lock);
	while ((task = next_task_locked(pool)) != NULL)
		task_run_locked(pool, task);
	pthread_mutex_unlock(&pool->lock);
	pthread_cond_destroy(&pool->done);
	pthread_cond_destroy(&pool->work);
	pthread_mutex_destroy(&pool->lock);
	free(pool);
	*pool_ref = NULL;
}

/* One more thread when work waits for nobody.  A refusal is no failure: the
 * task is then run by who joins it, a posted one later. */
static void
pool_grow_locked(struct task_pool *pool)
{
	if (pool->queued_count + pool->posted_count <= pool->idle_count ||
	    pool->thread_count == pool->threads_max)
		return;
	if (pthread_create(&pool->threads[pool->thread_count], NULL,
		pool_thread, pool) == 0)
		pool->thread_count++;
}

enum status
task_start(struct task_pool *pool, task_function *function, void *argument,
    struct task **task_r)
{
	struct task *task;

	*task_r = NULL;
	if ((task = calloc(1, sizeof(*task))) == NULL)
		return STATUS_NOMEM;
	task->pool = pool;
	task->function = function;
	task->argument = argument;
	pthread_mutex_lock(&pool->lock);
	TAILQ_INSERT_TAIL(&pool->queue, task, entry);
	pool->queued_count++;
	pool_grow_locked(pool);
	pthread_cond_signal(&pool->work);
	pthread_mutex_unlock(&pool->lock);
	*task_r = task;
	return STATUS_OK;
}

void
task_join(struct task **task_ref)
{
	struct task *task = *task_ref;
	struct task_pool *pool;

	if (task == NULL)
		return;
	pool = task->pool;
	pthread_mutex_lock(&pool->lock);
	if (task->state == TASK_QUEUED) {
		dequeue_locked(pool, task);
		task_run_locked(pool, task);
	}
	while (task->state != TASK_DONE)
		pthread_cond_wait(&pool->done, &pool->lock);
	pthread_mutex_unlock(&pool->lock);
	free(task);
	*task_ref = NULL;
}

void
task_abandon(struct task **task_ref, task_function *release)
{
	struct task *task = *task_ref;
	struct task_pool *pool;
	bool running;

	if (task == NULL)
		return;
	*task_ref = NULL;
	pool = task->pool;
	pthread_mutex_lock(&pool->lock);
	if (task->state == TASK_QUEUED)
		dequeue_locked(pool, task);
	running = task->state == TASK_RUNNING;
	if (running)
		task->release = release;
	pthread_mutex_unlock(&pool->lock);
	if (running)
		return;
	release(task->argument);
	free(task);
}

/* Queues a task to post; false: there is no room. */
static bool
post_locked(struct task_pool *pool, struct task *task)
{
	bool was_refused = pool->posts_refused;

	pool->posts_refused = pool->posted_count >= TASK_POSTED_MAX;
	if (pool->posts_refused) {
		if (!was_refused)
			log_warning("%d pieces of work wait for a thread: "
				    "more are dropped",
			    TASK_POSTED_MAX);
		return false;
	}
	TAILQ_INSERT_TAIL(&pool->posted, task, entry);
	pool->posted_count++;
	pool_grow_locked(pool);
	pthread_cond_signal(&pool->work);
	return true;
}

enum status
task_post(struct task_pool *pool, task_function *function, void *argument,
    task_function *release)
{
	struct task *task;
	bool posted;

	if ((task = calloc(1, sizeof(*task))) == NULL) {
		release(argument);
		return STATUS_NOMEM;
	}
	task->pool = pool;
	task->function = function;
	task->argument = argument;
	task->release = release;
	pthread_mutex_lock(&pool->lock);
	posted = post_locked(pool, task);
	pthread_mutex_unlock(&pool->lock);
	if (posted)
		return STATUS_OK;
	release(argument);
	free(task);
	return STATUS_BUSY;
}
