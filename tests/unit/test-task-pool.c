/* The task pool: more tasks than threads, joins, cancels. */
#include "config.h"

#include "lib/net/task-pool.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "tests/unit/unit.h"

static void
add_one(void *argument)
{
	atomic_fetch_add((_Atomic int *)argument, 1);
}

static void
test_many(void **state GP_UNUSED)
{
	struct task_pool *pool;
	struct task *tasks[200];
	_Atomic int sum = 0;
	size_t i;

	assert_int_equal(task_pool_new(3, &pool), STATUS_OK);
	for (i = 0; i < GP_NELEMS(tasks); i++)
		assert_int_equal(
		    task_start(pool, add_one, &sum, &tasks[i]), STATUS_OK);
	for (i = 0; i < GP_NELEMS(tasks); i++) {
		task_join(&tasks[i]);
		assert_null(tasks[i]);
	}
	assert_int_equal(atomic_load(&sum), 200);
	task_pool_free(&pool);
	assert_null(pool);
}

struct held_task {
	pthread_mutex_t lock;
	_Atomic int began, ended, released;
};

static void
wait_for_lock(void *argument)
{
	struct held_task *held = argument;

	atomic_store(&held->began, 1);
	pthread_mutex_lock(&held->lock);
	pthread_mutex_unlock(&held->lock);
	atomic_store(&held->ended, 1);
}

static void
release_held(void *argument)
{
	struct held_task *held = argument;

	assert_int_equal(atomic_load(&held->ended), atomic_load(&held->began));
	atomic_fetch_add(&held->released, 1);
}

/* With the only thread held up, a join runs the task here; abandoning never
 * waits, and runs nothing that has not begun. */
static void
test_busy_pool(void **state GP_UNUSED)
{
	struct held_task running = { .lock = PTHREAD_MUTEX_INITIALIZER };
	struct held_task queued = { .lock = PTHREAD_MUTEX_INITIALIZER };
	struct task_pool *pool;
	struct task *task, *joined, *never;
	_Atomic int ran = 0;

	assert_int_equal(task_pool_new(1, &pool), STATUS_OK);
	pthread_mutex_lock(&running.lock);
	assert_int_equal(
	    task_start(pool, wait_for_lock, &running, &task), STATUS_OK);
	while (!atomic_load(&running.began))
		sched_yield();
	assert_int_equal(
	    task_start(pool, wait_for_lock, &queued, &never), STATUS_OK);
	assert_int_equal(task_start(pool, add_one, &ran, &joined), STATUS_OK);
	task_join(&joined);
	assert_int_equal(atomic_load(&ran), 1);
	task_abandon(&never, release_held);
	assert_null(never);
	assert_int_equal(atomic_load(&queued.released), 1);
	assert_int_equal(atomic_load(&queued.began), 0);
	task_abandon(&task, release_held);
	assert_int_equal(atomic_load(&running.released), 0);
	pthread_mutex_unlock(&running.lock);
	task_pool_free(&pool);
	assert_int_equal(atomic_load(&running.released), 1);
}

struct posted {
	pthread_mutex_t lock;
	_Atomic int began, ran, released;
};

static void
run_posted(void *argument)
{
	struct posted *posted = argument;

	atomic_store(&posted->began, 1);
	pthread_mutex_lock(&posted->lock);
	pthread_mutex_unlock(&posted->lock);
	atomic_fetch_add(&posted->ran, 1);
}

static void
release_posted(void *argument)
{
	struct posted *posted = argument;

	atomic_fetch_add(&posted->released, 1);
}

/* A pool whose only thread is held up in a posted task. */
static struct task_pool *
new_held_pool(struct posted *held)
{
	struct task_pool *pool;

	assert_int_equal(task_pool_new(1, &pool), STATUS_OK);
	pthread_mutex_lock(&held->lock);
	assert_int_equal(
	    task_post(pool, run_posted, held, release_posted), STATUS_OK);
	while (!atomic_load(&held->began))
		sched_yield();
	return pool;
}

/* Posted tasks run once each and are released behind it, at the latest when the
 * pool ends. */
static void
test_post(void **state GP_UNUSED)
{
	struct posted held = { .lock = PTHREAD_MUTEX_INITIALIZER };
	struct posted other = { .lock = PTHREAD_MUTEX_INITIALIZER };
	struct task_pool *pool = new_held_pool(&held);
	size_t i;

	for (i = 0; i < 50; i++)
		assert_int_equal(
		    task_post(pool, run_posted, &other, release_posted),
		    STATUS_OK);
	assert_int_equal(atomic_load(&other.ran), 0);
	pthread_mutex_unlock(&held.lock);
	task_pool_free(&pool);
	assert_int_equal(atomic_load(&held.ran), 1);
	assert_int_equal(atomic_load(&held.released), 1);
	assert_int_equal(atomic_load(&other.ran), 50);
	assert_int_equal(atomic_load(&other.released), 50);
}

/* What is over the limit is released at once, and never run. */
static void
test_post_limit(void **state GP_UNUSED)
{
	struct posted held = { .lock = PTHREAD_MUTEX_INITIALIZER };
	struct posted other = { .lock = PTHREAD_MUTEX_INITIALIZER };
	struct posted over = { .lock = PTHREAD_MUTEX_INITIALIZER };
	struct task_pool *pool = new_held_pool(&held);
	size_t i;

	for (i = 0; i < TASK_POSTED_MAX; i++)
		assert_int_equal(
		    task_post(pool, run_posted, &other, release_posted),
		    STATUS_OK);
	assert_int_equal(
	    task_post(pool, run_posted, &over, release_posted), STATUS_BUSY);
	assert_int_equal(
	    task_post(pool, run_posted, &over, release_posted), STATUS_BUSY);
	assert_int_equal(atomic_load(&over.released), 2);
	pthread_mutex_unlock(&held.lock);
	task_pool_free(&pool);
	assert_int_equal(atomic_load(&other.ran), TASK_POSTED_MAX);
	assert_int_equal(atomic_load(&over.ran), 0);
}

static void
release_count(void *argument GP_UNUSED)
{
}

static void
note_posted_count(void *argument)
{
	struct posted *posted = argument;

	atomic_store(&posted->began, atomic_load(&posted->ran) + 1);
}

/* A task that somebody will join goes first. */
static void
test_post_waits(void **state GP_UNUSED)
{
	struct posted held = { .lock = PTHREAD_MUTEX_INITIALIZER };
	struct posted other = { .lock = PTHREAD_MUTEX_INITIALIZER };
	struct task_pool *pool = new_held_pool(&held);
	struct task *task;

	assert_int_equal(
	    task_post(pool, add_one, &other.ran, release_count), STATUS_OK);
	assert_int_equal(
	    task_start(pool, note_posted_count, &other, &task), STATUS_OK);
	pthread_mutex_unlock(&held.lock);
	while (atomic_load(&other.ran) == 0)
		sched_yield();
	task_join(&task);
	assert_int_equal(atomic_load(&other.began), 1);
	task_pool_free(&pool);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_busy_pool),
		cmocka_unit_test(test_post),
		cmocka_unit_test(test_post_limit),
		cmocka_unit_test(test_post_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
