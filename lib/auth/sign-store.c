/*
 * sign-store - keys in force (see sign-store.h).
 *
 * Whether the directory has changed is told by a number made of what stat()
 * says of every file in it: this sees a new file, a renamed one and a chmod.
 */
#include "config.h"

#include "lib/auth/sign-store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"

#define TREE_FILES_MAX (AUTH_SIGN_DOMAINS_MAX * (AUTH_SIGN_FOLDER_KEYS_MAX + 1))
#define HASH_START     UINT64_C(0xcbf29ce484222325) /* FNV-1a */
#define HASH_FACTOR    UINT64_C(0x100000001b3)

struct auth_sign_store {
	pthread_mutex_t lock; /* guards keys */
	const struct auth_sign_keys *keys;
	char *key_dir;   /* NULL: none */
	uint64_t state;  /* of the directory when it was read */
	bool look_again; /* not all could be read then */
	int64_t look_ms; /* when it is looked at next */
};

static uint64_t
mix(uint64_t hash, uint64_t value)
{
	int i;

	for (i = 0; i < 8; i++, value >>= 8)
		hash = (hash ^ (value & 0xff)) * HASH_FACTOR;
	return hash;
}

static uint64_t
state_of_file(const struct stat *st)
{
	uint64_t hash = HASH_START;

	hash = mix(hash, (uint64_t)st->st_dev);
	hash = mix(hash, (uint64_t)st->st_ino);
	hash = mix(hash, (uint64_t)st->st_size);
	hash = mix(hash, (uint64_t)st->st_mtim.tv_sec);
	hash = mix(hash, (uint64_t)st->st_mtim.tv_nsec);
	hash = mix(hash, (uint64_t)st->st_ctim.tv_sec);
	return mix(hash, (uint64_t)st->st_ctim.tv_nsec);
}

/*
 * The sum over all files below a directory, so that their order does not
 * count.  depth 1: their folders are looked into too.
 */
static uint64_t
state_of_tree(int parent_fd, const char *path, int depth, size_t *left)
{
	int fd = openat(parent_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *directory = fd == -1 ? NULL : fdopendir(fd);
	const struct dirent *found;
	uint64_t sum = 0;
	struct stat st;

	if (directory == NULL) {
		sum = (uint64_t)errno;
		if (fd != -1)
			close(fd);
		return sum;
	}
	while ((found = readdir(directory)) != NULL && *left > 0) {
		if (found->d_name[0] == '.' && found->d_name[1] != '\0')
			continue; /* but "." itself counts */
		if (fstatat(fd, found->d_name, &st, 0) != 0)
			continue;
		(*left)--;
		sum += state_of_file(&st);
		if (depth > 0 && S_ISDIR(st.st_mode) && found->d_name[0] != '.')
			sum +=
			    state_of_tree(fd, found->d_name, depth - 1, left);
	}
	closedir(directory);
	return sum;
}

static uint64_t
state_of_directory(const char *key_dir)
{
	size_t left = TREE_FILES_MAX;

	return key_dir == NULL ? 0 : state_of_tree(AT_FDCWD, key_dir, 1, &left);
}

static bool
folder_has_problem(const struct auth_sign_folder *folder, const char *problem)
{
	size_t i;

	if (folder == NULL)
		return false;
	if (folder->problem != NULL && strcmp(folder->problem, problem) == 0)
		return true;
	for (i = 0; i < folder->count; i++)
		if (folder->entries[i].problem != NULL &&
		    strcmp(folder->entries[i].problem, problem) == 0)
			return true;
	return false;
}

/* A problem that the keys before had too was told then. */
static void
log_problem(const struct auth_sign_folder *before, const char *problem)
{
	if (problem != NULL && !folder_has_problem(before, problem))
		log_error("DKIM key %s", problem);
}

/* Returns how many keys of the folder sign. */
static size_t
log_folder(
    const struct auth_sign_folder *folder, const struct auth_sign_keys *before)
{
	const struct auth_sign_entry *active[AUTH_SIGN_ACTIVE_MAX];
	const struct auth_sign_folder *old = NULL;
	size_t i;

	if (before != NULL)
		old = auth_sign_keys_find(before, folder->domain);
	log_problem(old, folder->problem);
	if (folder->warning != NULL && (old == NULL || old->warning == NULL))
		log_warning("DKIM keys: %s", folder->warning);
	for (i = 0; i < folder->count; i++)
		log_problem(old, folder->entries[i].problem);
	return auth_sign_keys_active(folder, active);
}

static void
log_keys(const struct auth_sign_keys *keys, const struct auth_sign_keys *before,
    const char *key_dir)
{
	size_t i, active, key_count = 0, domain_count = 0;

	if (key_dir == NULL)
		return;
	if (auth_sign_keys_problem(keys) != NULL)
		log_warning("DKIM keys: %s", auth_sign_keys_problem(keys));
	if (auth_sign_keys_warning(keys) != NULL &&
	    (before == NULL || auth_sign_keys_warning(before) == NULL))
		log_warning("DKIM keys: %s", auth_sign_keys_warning(keys));
	for (i = 0; i < auth_sign_keys_count(keys); i++) {
		active = log_folder(auth_sign_keys_get(keys, i), before);
		key_count += active;
		domain_count += active > 0;
	}
	log_info("%zu DKIM keys of %zu domains sign (%s)", key_count,
	    domain_count, key_dir);
}

/* Puts keys in force; takes over the reference. */
static void
swap_keys(struct auth_sign_store *store, const struct auth_sign_keys *keys)
{
	const struct auth_sign_keys *before;

	pthread_mutex_lock(&store->lock);
	before = store->keys;
	store->keys = keys;
	pthread_mutex_unlock(&store->lock);
	auth_sign_keys_release(&before);
}

/*
 * Whether keys, which were not read whole for a passing reason, must not come
 * into force; it is told once.
 */
static bool
keeps_old_keys(struct auth_sign_store *store, const struct auth_sign_keys *keys,
    bool same_directory)
{
	int error = auth_sign_keys_error(keys);
	bool keeps = error != 0 && same_directory && store->keys != NULL;

	if (keeps && !store->look_again)
		log_error("DKIM keys: %s: %s; the old ones stay in force until "
			  "all can be read",
		    store->key_dir, strerror(error));
	store->look_again = error != 0;
	return keeps;
}

/* What changes while we read is seen by the next look. */
static enum status
read_keys(struct auth_sign_store *store, bool same_directory)
{
	const struct auth_sign_keys *keys;
	enum status status;

	store->look_ms = clock_now_ms() + AUTH_SIGN_CHECK_MS;
	store->state = state_of_directory(store->key_dir);
	status = auth_sign_keys_load(store->key_dir, geteuid(), &keys);
	if (status != STATUS_OK)
		return status;
	if (keeps_old_keys(store, keys, same_directory)) {
		auth_sign_keys_release(&keys);
		return STATUS_OK;
	}
	log_keys(keys, store->keys, store->key_dir);
	swap_keys(store, keys);
	return STATUS_OK;
}

enum status
auth_sign_store_reload(struct auth_sign_store *store, const char *key_dir)
{
	char *copy = NULL;
	bool same = store->key_dir != NULL && key_dir != NULL &&
	    strcmp(store->key_dir, key_dir) == 0;

	if (key_dir != NULL && (copy = strdup(key_dir)) == NULL)
		return STATUS_NOMEM;
	free(store->key_dir);
	store->key_dir = copy;
	return read_keys(store, same);
}

enum status
auth_sign_store_new(const char *key_dir, struct auth_sign_store **store_r)
{
	struct auth_sign_store *store;
	enum status status;

	*store_r = NULL;
	if ((store = calloc(1, sizeof(*store))) == NULL)
		return STATUS_NOMEM;
	if (pthread_mutex_init(&store->lock, NULL) != 0) {
		free(store);
		return STATUS_NOMEM;
	}
	status = auth_sign_store_reload(store, key_dir);
	if (status != STATUS_OK) {
		auth_sign_store_free(&store);
		return status;
	}
	*store_r = store;
	return STATUS_OK;
}

void
auth_sign_store_free(struct auth_sign_store **store)
{
	if (*store == NULL)
		return;
	auth_sign_keys_release(&(*store)->keys);
	pthread_mutex_destroy(&(*store)->lock);
	free((*store)->key_dir);
	free(*store);
	*store = NULL;
}

void
auth_sign_store_tick(struct auth_sign_store *store)
{
	int64_t now_ms = clock_now_ms();

	if (store->key_dir == NULL || now_ms < store->look_ms)
		return;
	store->look_ms = now_ms + AUTH_SIGN_CHECK_MS;
	if (!store->look_again &&
	    state_of_directory(store->key_dir) == store->state)
		return;
	if (read_keys(store, true) != STATUS_OK)
		log_error("DKIM keys: no memory, the old ones stay in force");
}

const struct auth_sign_keys *
auth_sign_store_hold(struct auth_sign_store *store)
{
	const struct auth_sign_keys *keys;

	pthread_mutex_lock(&store->lock);
	keys = auth_sign_keys_hold(store->keys);
	pthread_mutex_unlock(&store->lock);
	return keys;
}
