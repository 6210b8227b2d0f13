/*
 * sync-group - shared syncs of a directory (see sync-group.h).
 *
 * The syncs of a directory are numbered.  Who comes needs one that begins
 * after now: the next number.
 */
#include "config.h"

#include "deliver/sync-group.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <sys/stat.h>
#include <unistd.h>

struct directory {
	LIST_ENTRY(directory) entry;
	dev_t device;
	ino_t inode;
	unsigned int user_count; /* threads that are in sync_group_run() */
	uint64_t begun, ended;   /* numbers of syncs */
	uint64_t failed;         /* the last one that failed; 0: none */
	int error;               /* its errno */
	pthread_cond_t change;   /* a sync ended */
};

struct sync_group {
	pthread_mutex_t lock; /* guards the list and all in it */
	LIST_HEAD(, directory) directories;
};

struct sync_group *
sync_group_new(void)
{
	struct sync_group *group;

	if ((group = calloc(1, sizeof(*group))) == NULL)
		return NULL;
	pthread_mutex_init(&group->lock, NULL);
	LIST_INIT(&group->directories);
	return group;
}

void
sync_group_free(struct sync_group **group)
{
	if (*group == NULL)
		return;
	pthread_mutex_destroy(&(*group)->lock);
	free(*group);
	*group = NULL;
}

/* The entry of this directory, now with one user more; NULL: no memory. */
static struct directory *
enter_locked(struct sync_group *group, const struct stat *file)
{
	struct directory *directory;

	LIST_FOREACH(directory, &group->directories, entry) {
		if (directory->inode == file->st_ino &&
		    directory->device == file->st_dev)
			break;
	}
	if (directory == NULL) {
		if ((directory = calloc(1, sizeof(*directory))) == NULL)
			return NULL;
		directory->device = file->st_dev;
		directory->inode = file->st_ino;
		pthread_cond_init(&directory->change, NULL);
		LIST_INSERT_HEAD(&group->directories, directory, entry);
	}
	directory->user_count++;
	return directory;
}

static void
leave_locked(struct directory *directory)
{
	if (--directory->user_count > 0)
		return;
	LIST_REMOVE(directory, entry);
	pthread_cond_destroy(&directory->change);
	free(directory);
}

/* Syncs for all who wait; the lock is given away meanwhile. */
static void
lead_locked(struct sync_group *group, struct directory *directory, int fd)
{
	uint64_t number = ++directory->begun;
	int error = 0;

	pthread_mutex_unlock(&group->lock);
	if (fsync(fd) != 0)
		error = errno;
	pthread_mutex_lock(&group->lock);
	directory->ended = number;
	if (error != 0) {
		directory->failed = number;
		directory->error = error;
	}
	pthread_cond_broadcast(&directory->change);
}

enum status
sync_group_run(struct sync_group *group, int directory_fd)
{
	struct directory *directory;
	struct stat file;
	uint64_t wanted;
	int error = 0;

	if (fstat(directory_fd, &file) != 0)
		return STATUS_IO;
	pthread_mutex_lock(&group->lock);
	directory = enter_locked(group, &file);
	if (directory == NULL) {
		pthread_mutex_unlock(&group->lock);
		return STATUS_NOMEM;
	}
	wanted = directory->begun + 1;
	while (directory->ended < wanted) {
		if (directory->begun == directory->ended)
			lead_locked(group, directory, directory_fd);
		else
			pthread_cond_wait(&directory->change, &group->lock);
	}
	if (directory->failed >= wanted)
		error = directory->error;
	leave_locked(directory);
	pthread_mutex_unlock(&group->lock);
	errno = error;
	return error == 0 ? STATUS_OK : STATUS_IO;
}
