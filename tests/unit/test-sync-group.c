/* Many threads sync directories at once. */
#include "config.h"

#include "deliver/sync-group.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/unit/unit.h"

#define THREADS 16
#define ROUNDS  50

struct worker {
	pthread_t thread;
	struct sync_group *group;
	int fd;
	int failures;
};

static void *
work(void *argument)
{
	struct worker *worker = argument;
	int i;

	for (i = 0; i < ROUNDS; i++)
		if (sync_group_run(worker->group, worker->fd) != STATUS_OK)
			worker->failures++;
	return NULL;
}

/* Two directories, and a pipe: it cannot be synced, and that concerns its
 * users alone. */
static void
test_threads(void **state GP_UNUSED)
{
	struct sync_group *group = sync_group_new();
	struct worker workers[THREADS];
	int i, fds[3], ends[2];

	assert_int_equal(pipe(ends), 0);
	fds[0] = open("/tmp", O_RDONLY | O_DIRECTORY);
	fds[1] = open("/dev/shm", O_RDONLY | O_DIRECTORY);
	fds[2] = ends[0];
	for (i = 0; i < THREADS; i++) {
		workers[i].group = group;
		workers[i].fd = fds[i % 3];
		workers[i].failures = 0;
		assert_int_equal(
		    pthread_create(&workers[i].thread, NULL, work, &workers[i]),
		    0);
	}
	for (i = 0; i < THREADS; i++) {
		pthread_join(workers[i].thread, NULL);
		assert_int_equal(workers[i].failures, i % 3 == 2 ? ROUNDS : 0);
	}
	assert_int_equal(sync_group_run(group, ends[0]), STATUS_IO);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(sync_group_run(group, fds[0]), STATUS_OK);
	assert_int_equal(sync_group_run(group, -1), STATUS_IO);
	assert_int_equal(errno, EBADF);
	for (i = 0; i < 2; i++) {
		close(fds[i]);
		close(ends[i]);
	}
	sync_group_free(&group);
	assert_null(group);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
