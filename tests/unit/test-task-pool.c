/* The task pool: more tasks than threads, joins, cancels. */
#include "config.h"

#include "lib/net/task-pool.h"

#include <pthread.h>

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

static void
wait_for_lock(void *argument)
{
	pthread_mutex_t *lock = argument;

	pthread_mutex_lock(lock);
	pthread_mutex_unlock(lock);
}

/* With the only thread held up, a join runs the task here, a cancel never. */
static void
test_busy_pool(void **state GP_UNUSED)
{
	pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	struct task_pool *pool;
	struct task *held, *joined, *cancelled;
	_Atomic int ran = 0, never = 0;

	assert_int_equal(task_pool_new(1, &pool), STATUS_OK);
	pthread_mutex_lock(&lock);
	assert_int_equal(
	    task_start(pool, wait_for_lock, &lock, &held), STATUS_OK);
	assert_int_equal(
	    task_start(pool, add_one, &never, &cancelled), STATUS_OK);
	task_cancel(&cancelled);
	assert_int_equal(task_start(pool, add_one, &ran, &joined), STATUS_OK);
	pthread_mutex_unlock(&lock);
	task_join(&joined);
	assert_int_equal(atomic_load(&ran), 1);
	task_join(&held);
	task_pool_free(&pool);
	assert_int_equal(atomic_load(&never), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_busy_pool),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
