/* sign-keys - all keys of a key directory (see sign-keys.h). */
#include "config.h"

#include "lib/auth/sign-keys.h"

#include <dirent.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mail/domain.h"

#define FIRST_ROOM 16

struct auth_sign_keys {
	atomic_int references;
	struct region *region;
	const char *problem;
	const char *warning;
	uid_t owner;
	int passing_error; /* errno, or 0 */
	size_t count, room;
	struct auth_sign_folder *folders; /* sorted by domain */
};

/* The public pointer is const; only this file counts. */
static struct auth_sign_keys *
keys_of(const struct auth_sign_keys *keys)
{
	return (struct auth_sign_keys *)(uintptr_t)keys;
}

static void
keys_free(struct auth_sign_keys *keys)
{
	size_t i;

	for (i = 0; i < keys->count; i++)
		auth_sign_folder_release(&keys->folders[i]);
	free(keys->folders);
	region_free(&keys->region);
	free(keys);
}

static enum status
set_problem(struct auth_sign_keys *keys, const char *path, const char *why)
{
	keys->problem = region_printf(keys->region, "%s: %s", path, why);
	return keys->problem == NULL ? STATUS_NOMEM : STATUS_OK;
}

static enum status
set_error(struct auth_sign_keys *keys, const char *path, int error)
{
	if (auth_sign_error_passes(error))
		keys->passing_error = error;
	return set_problem(keys, path, strerror(error));
}

static enum status
make_room(struct auth_sign_keys *keys)
{
	size_t room = keys->room == 0 ? FIRST_ROOM : keys->room * 2;
	struct auth_sign_folder *folders;

	if (keys->count < keys->room)
		return STATUS_OK;
	folders = reallocarray(keys->folders, room, sizeof(*folders));
	if (folders == NULL)
		return STATUS_NOMEM;
	keys->folders = folders;
	keys->room = room;
	return STATUS_OK;
}

/* A folder whose name is no domain is told, a file is left alone. */
static enum status
judge_name(struct auth_sign_keys *keys, const char *key_dir,
    struct auth_sign_folder *folder)
{
	struct span name = span_of(folder->domain);
	const char *domain;
	enum status status;

	status = domain_normalize(keys->region, name, &domain);
	if (status == STATUS_NOMEM)
		return status;
	if (status == STATUS_OK && span_equals(name, domain))
		return STATUS_OK;
	folder->problem = region_printf(keys->region,
	    "%s/%s: the name is no domain in lower case (punycode for "
	    "international ones)",
	    key_dir, folder->domain);
	return folder->problem == NULL ? STATUS_NOMEM : STATUS_OK;
}

static enum status
add_folder(struct auth_sign_keys *keys, const char *key_dir, const char *name)
{
	struct auth_sign_folder *folder;
	enum status status;

	if (name[0] == '.')
		return STATUS_OK;
	if (keys->count == AUTH_SIGN_DOMAINS_MAX)
		return set_problem(
		    keys, key_dir, "there are over 10000 folders");
	if ((status = make_room(keys)) != STATUS_OK)
		return status;
	folder = &keys->folders[keys->count];
	status = auth_sign_folder_read(
	    keys->region, key_dir, keys->owner, name, folder);
	if (status == STATUS_NOTFOUND)
		return STATUS_OK;
	if (status != STATUS_OK)
		return status;
	keys->count++;
	if (folder->passing_error != 0)
		keys->passing_error = folder->passing_error;
	return judge_name(keys, key_dir, folder);
}

static int
compare_folders(const void *a, const void *b)
{
	const struct auth_sign_folder *one = a, *other = b;

	return strcmp(one->domain, other->domain);
}

static enum status
judge_directory(struct auth_sign_keys *keys, const char *key_dir, int fd)
{
	struct stat st;

	if (fstat(fd, &st) != 0 || !auth_sign_all_may_write(&st))
		return STATUS_OK;
	keys->warning = region_printf(
	    keys->region, "%s: every user may change it (chmod o-w)", key_dir);
	return keys->warning == NULL ? STATUS_NOMEM : STATUS_OK;
}

static enum status
read_directory(struct auth_sign_keys *keys, const char *key_dir)
{
	const struct dirent *found;
	enum status status = STATUS_OK;
	DIR *directory = opendir(key_dir);

	if (directory == NULL)
		return set_error(keys, key_dir, errno);
	status = judge_directory(keys, key_dir, dirfd(directory));
	while (status == STATUS_OK &&
	    (errno = 0, found = readdir(directory)) != NULL)
		status = add_folder(keys, key_dir, found->d_name);
	if (status == STATUS_OK && errno != 0)
		status = set_error(keys, key_dir, errno);
	closedir(directory);
	if (keys->count > 0)
		qsort(keys->folders, keys->count, sizeof(*keys->folders),
		    compare_folders);
	return status;
}

enum status
auth_sign_keys_load(
    const char *key_dir, uid_t owner, const struct auth_sign_keys **keys_r)
{
	struct auth_sign_keys *keys;
	enum status status = STATUS_OK;

	*keys_r = NULL;
	if ((keys = calloc(1, sizeof(*keys))) == NULL)
		return STATUS_NOMEM;
	atomic_init(&keys->references, 1);
	keys->owner = owner;
	if ((keys->region = region_new()) == NULL)
		status = STATUS_NOMEM;
	else if (key_dir != NULL)
		status = read_directory(keys, key_dir);
	if (status != STATUS_OK) {
		keys_free(keys);
		return status;
	}
	*keys_r = keys;
	return STATUS_OK;
}

const struct auth_sign_keys *
auth_sign_keys_hold(const struct auth_sign_keys *keys)
{
	atomic_fetch_add(&keys_of(keys)->references, 1);
	return keys;
}

void
auth_sign_keys_release(const struct auth_sign_keys **keys)
{
	struct auth_sign_keys *own;

	if (*keys == NULL)
		return;
	own = keys_of(*keys);
	*keys = NULL;
	if (atomic_fetch_sub(&own->references, 1) == 1)
		keys_free(own);
}

const char *
auth_sign_keys_problem(const struct auth_sign_keys *keys)
{
	return keys->problem;
}

const char *
auth_sign_keys_warning(const struct auth_sign_keys *keys)
{
	return keys->warning;
}

int
auth_sign_keys_error(const struct auth_sign_keys *keys)
{
	return keys->passing_error;
}

size_t
auth_sign_keys_count(const struct auth_sign_keys *keys)
{
	return keys->count;
}

const struct auth_sign_folder *
auth_sign_keys_get(const struct auth_sign_keys *keys, size_t i)
{
	return &keys->folders[i];
}

static int
compare_domain(const void *domain, const void *folder)
{
	return strcmp(
	    domain, ((const struct auth_sign_folder *)folder)->domain);
}

const struct auth_sign_folder *
auth_sign_keys_find(const struct auth_sign_keys *keys, const char *domain)
{
	if (keys->count == 0)
		return NULL;
	return bsearch(domain, keys->folders, keys->count,
	    sizeof(*keys->folders), compare_domain);
}

const struct auth_sign_folder *
auth_sign_keys_find_for(
    const struct auth_sign_keys *keys, const char *domain, bool above)
{
	const struct auth_sign_folder *folder;

	for (;;) {
		folder = auth_sign_keys_find(keys, domain);
		if (folder != NULL || !above)
			return folder;
		if ((domain = strchr(domain, '.')) == NULL)
			return NULL;
		domain++;
	}
}

size_t
auth_sign_keys_active(const struct auth_sign_folder *folder,
    const struct auth_sign_entry *entries[AUTH_SIGN_ACTIVE_MAX])
{
	size_t i, count = 0;

	if (folder->problem != NULL)
		return 0;
	for (i = 0; i < folder->count && count < AUTH_SIGN_ACTIVE_MAX; i++)
		if (folder->entries[i].key != NULL &&
		    folder->entries[i].state == AUTH_SIGN_ACTIVE)
			entries[count++] = &folder->entries[i];
	return count;
}
