/*
 * The lmdb store: what the others do not have.  Several processes, processes
 * that are killed or stopped, a file that is full, broken, foreign, or not to
 * be had.
 *
 * Where a test has the store open, and so a thread, its other processes are
 * this program again with the name of a role: what forks with threads must not
 * even allocate memory.
 */
#include "config.h"

#include "lib/store/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <lmdb.h>

#include "lib/base/str.h"
#include "lib/store/lmdb-change.h"
#include "tests/unit/log-capture.h"
#include "tests/unit/store-fixture.h"
#include "tests/unit/unit.h"

#define POLLS_MAX  1000 /* of 10 ms */
#define PATH_BYTES 160
#define PAGE_BYTES 4096
#define NOBODY     65534
#define KILLS      20
#define MEGABYTE   (INT64_C(1) << 20)

/* What processes of a test tell each other. */
struct shared {
	int fd;           /* in the test only */
	_Atomic int done; /* runs that returned STATUS_OK */
	_Atomic int state;
};

static int
setup(void **state)
{
	struct store_fixture *fixture = calloc(1, sizeof(*fixture));

	assert_non_null(fixture);
	store_fixture_init(fixture);
	fixture->conf.backend = STORE_BACKEND_LMDB;
	store_fixture_make_directory(fixture);
	*state = fixture;
	return 0;
}

static int
teardown(void **state)
{
	store_fixture_end(*state);
	log_capture_stop();
	free(*state);
	return 0;
}

static struct shared *
shared_map(int fd)
{
	struct shared *shared;

	shared = mmap(
	    NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	return shared == MAP_FAILED ? NULL : shared;
}

static struct shared *
shared_new(void)
{
	struct shared *shared;
	int fd = memfd_create("shared", 0); /* stays open in other roles */

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, sizeof(*shared)), 0);
	assert_non_null(shared = shared_map(fd));
	shared->fd = fd;
	return shared;
}

static void
shared_free(struct shared *shared)
{
	(void)close(shared->fd);
	(void)munmap(shared, sizeof(*shared));
}

/* This program again, in a role, with the fixture's directory. */
static pid_t
role_start(const struct store_fixture *fixture, const struct shared *shared,
    const char *role)
{
	char fd[16], *arguments[5];
	pid_t pid;

	(void)snprintf(fd, sizeof(fd), "%d", shared->fd);
	arguments[0] = (char *)(uintptr_t) "test-store-lmdb";
	arguments[1] = (char *)(uintptr_t)role;
	arguments[2] = (char *)(uintptr_t)fixture->directory;
	arguments[3] = fd;
	arguments[4] = NULL;
	if ((pid = fork()) == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		(void)execv("/proc/self/exe", arguments);
		_exit(127);
	}
	assert_true(pid > 0);
	return pid;
}

/* A process that ends by itself, and well. */
static void
wait_for_success(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void
kill_and_wait(pid_t pid)
{
	int status;

	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
}

static void
wait_for_value(_Atomic int *value, int least)
{
	int polls;

	for (polls = 0; atomic_load(value) < least; polls++) {
		assert_in_range(polls, 0, POLLS_MAX);
		store_fixture_pause();
	}
}

static const char *
file_path(const struct store_fixture *fixture, const char *name,
    char path[PATH_BYTES])
{
	int length;

	length = snprintf(path, PATH_BYTES, "%s/%s", fixture->directory, name);
	assert_in_range(length, 1, PATH_BYTES - 1);
	return path;
}

static off_t
file_size(const struct store_fixture *fixture, const char *name)
{
	char path[PATH_BYTES];
	struct stat status;

	if (stat(file_path(fixture, name, path), &status) != 0)
		return -1;
	return status.st_size;
}

/* The file as LMDB sees it, for a process that does not have it open. */
static MDB_env *
raw_open(const struct store_fixture *fixture, MDB_dbi *database)
{
	char path[PATH_BYTES];
	MDB_env *environment;
	MDB_txn *txn;

	if (mdb_env_create(&environment) != 0 ||
	    mdb_env_set_maxdbs(environment, 1) != 0 ||
	    mdb_env_open(environment, file_path(fixture, "store.mdb", path),
		MDB_NOSUBDIR, 0600) != 0 ||
	    mdb_txn_begin(environment, NULL, 0, &txn) != 0 ||
	    mdb_dbi_open(txn, "gatepost1", 0, database) != 0 ||
	    mdb_txn_commit(txn) != 0)
		return NULL;
	return environment;
}

static size_t
count_entries(const struct store_fixture *fixture)
{
	MDB_env *environment;
	MDB_dbi database;
	MDB_txn *txn;
	MDB_stat stat;

	assert_non_null(environment = raw_open(fixture, &database));
	assert_int_equal(mdb_txn_begin(environment, NULL, MDB_RDONLY, &txn), 0);
	assert_int_equal(mdb_stat(txn, database, &stat), 0);
	mdb_txn_abort(txn);
	mdb_env_close(environment);
	return stat.ms_entries;
}

static void
raw_put(const struct store_fixture *fixture, const char *key, const void *data,
    size_t size)
{
	MDB_val key_bytes, value = { size, (void *)(uintptr_t)data };
	struct lmdb_key made;
	MDB_env *environment;
	MDB_dbi database;
	MDB_txn *txn;

	lmdb_key_make(fixture->conf.prefix, key, &made);
	key_bytes.mv_size = made.length;
	key_bytes.mv_data = made.bytes;
	assert_non_null(environment = raw_open(fixture, &database));
	assert_int_equal(mdb_txn_begin(environment, NULL, 0, &txn), 0);
	assert_int_equal(mdb_put(txn, database, &key_bytes, &value, 0), 0);
	assert_int_equal(mdb_txn_commit(txn), 0);
	mdb_env_close(environment);
}

static void
reopen(struct store_fixture *fixture)
{
	store_close(&fixture->store);
	store_fixture_open(fixture);
}

/* Runs until the store is there again; how it failed before does not matter. */
static void
run_until_ok(struct store_fixture *fixture, struct store_operation *operation)
{
	int polls;

	for (polls = 0; store_run(fixture->store, operation, 1) != STATUS_OK;
	     polls++) {
		assert_in_range(polls, 0, POLLS_MAX);
		store_fixture_pause();
	}
}

static struct store_operation
add_of(const char *key, double ham, int64_t lifetime_seconds)
{
	return (struct store_operation){ .verb = STORE_ADD,
		.key = key,
		.add = { ham, 0 },
		.lifetime_seconds = lifetime_seconds };
}

static void
test_lasts(void **state)
{
	struct store_fixture *fixture = *state;
	struct store_operation operation;

	store_fixture_open(fixture);
	(void)store_fixture_add(fixture, "ip:a", 3, 4, DAY);
	(void)store_fixture_set(fixture, "mark:a", -5, DAY);
	(void)store_fixture_take(fixture, "rate:a", 10, 0, 4);
	reopen(fixture);
	operation = store_fixture_read(fixture, "ip:a", DAY);
	assert_true(operation.pair.ham == 3 && operation.pair.spam == 4);
	operation = store_fixture_peek(fixture, "mark:a");
	assert_int_equal(operation.marked_number, -5);
	assert_int_equal(operation.marked_at, fixture->now);
	operation = store_fixture_take(fixture, "rate:a", 10, 0, 1);
	assert_true(operation.left == 5);
	/* Another prefix, another store. */
	store_close(&fixture->store);
	fixture->conf.prefix = "other";
	store_fixture_open(fixture);
	assert_false(store_fixture_read(fixture, "ip:a", DAY).found);
}

static void
test_modes(void **state)
{
	struct store_fixture *fixture = *state;
	char path[PATH_BYTES];
	struct stat status;
	mode_t mask;

	assert_int_equal(rmdir(fixture->directory), 0);
	mask = umask(077);
	store_fixture_open(fixture);
	umask(mask);
	assert_int_equal(stat(fixture->directory, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0770);
	assert_int_equal(
	    stat(file_path(fixture, "store.mdb", path), &status), 0);
	assert_int_equal(status.st_mode & 07777, 0660);
	assert_int_equal(
	    stat(file_path(fixture, "store.mdb-lock", path), &status), 0);
	assert_int_equal(status.st_mode & 07777, 0660);
}

/* What root makes, the service can use. */
static void
test_owner(void **state)
{
	struct store_fixture *fixture = *state;
	char path[PATH_BYTES];
	struct stat status;

	if (geteuid() != 0)
		skip();
	assert_int_equal(chown(fixture->directory, NOBODY, NOBODY), 0);
	store_fixture_open(fixture);
	assert_int_equal(
	    stat(file_path(fixture, "store.mdb", path), &status), 0);
	assert_int_equal(status.st_uid, NOBODY);
	assert_int_equal(status.st_gid, NOBODY);
	assert_int_equal(
	    stat(file_path(fixture, "store.mdb-lock", path), &status), 0);
	assert_int_equal(status.st_uid, NOBODY);
}

static int
lock_directory(const struct store_fixture *fixture)
{
	int fd = open(fixture->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd >= 0 && flock(fd, LOCK_EX) == 0 ? fd : -1;
}

/* A stopped program that holds the lock of the directory holds up nobody for
 * good, neither at opening nor at closing; when it is gone, all is well. */
static void
test_locked_directory(void **state)
{
	struct store_fixture *fixture = *state;
	int fd = lock_directory(fixture);
	pid_t pid;

	assert_true(fd >= 0);
	assert_int_equal(store_fixture_try_open(fixture), STATUS_IO);
	close(fd);
	/* The file stays open then: in a process that ends. */
	if ((pid = fork()) == 0) {
		if (store_fixture_try_open(fixture) != STATUS_OK ||
		    lock_directory(fixture) < 0)
			_exit(1);
		store_close(&fixture->store);
		_exit(0);
	}
	wait_for_success(pid);
	assert_int_equal(store_fixture_try_open(fixture), STATUS_OK);
}

static void
test_no_directory(void **state)
{
	struct store_fixture *fixture = *state;
	char path[PATH_BYTES], *long_path = malloc(LMDB_FILE_PATH_BYTES + 1);
	int fd;

	fixture->conf.path = file_path(fixture, "none/none", path);
	assert_int_equal(store_fixture_try_open(fixture), STATUS_IO);
	fixture->conf.path = file_path(fixture, "file", path);
	assert_true((fd = open(path, O_WRONLY | O_CREAT, 0600)) >= 0);
	assert_int_equal(close(fd), 0);
	assert_int_equal(store_fixture_try_open(fixture), STATUS_IO);

	assert_non_null(long_path);
	memset(long_path, 'a', LMDB_FILE_PATH_BYTES);
	long_path[0] = '/';
	long_path[LMDB_FILE_PATH_BYTES] = '\0';
	fixture->conf.path = long_path;
	assert_int_equal(store_fixture_try_open(fixture), STATUS_INVALID);
	free(long_path);
}

/* A directory, or a file, that this user may read and no more. */
static void
test_read_only(void **state)
{
	struct store_fixture *fixture = *state;
	char path[PATH_BYTES];
	pid_t pid;

	assert_int_equal(chmod(fixture->directory, 0555), 0);
	if ((pid = fork()) == 0) {
		if (geteuid() == 0 &&
		    (setgroups(0, NULL) != 0 || setgid(NOBODY) != 0 ||
			setuid(NOBODY) != 0))
			_exit(1);
		_exit(store_fixture_try_open(fixture) == STATUS_IO ? 0 : 2);
	}
	wait_for_success(pid);
	assert_int_equal(chmod(fixture->directory, 0755), 0);
	store_fixture_open(fixture);
	store_close(&fixture->store);
	assert_int_equal(chmod(file_path(fixture, "store.mdb", path), 0444), 0);
	if ((pid = fork()) == 0) {
		if (geteuid() == 0 &&
		    (setgid(NOBODY) != 0 || setuid(NOBODY) != 0))
			_exit(1);
		_exit(store_fixture_try_open(fixture) == STATUS_IO ? 0 : 2);
	}
	wait_for_success(pid);
}

static void
write_file(const struct store_fixture *fixture, const char *name,
    const void *data, size_t size)
{
	char path[PATH_BYTES];
	FILE *file;

	assert_non_null(file = fopen(file_path(fixture, name, path), "w"));
	assert_int_equal(fwrite(data, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

static void
unlink_file(const struct store_fixture *fixture, const char *name)
{
	char path[PATH_BYTES];

	assert_int_equal(unlink(file_path(fixture, name, path)), 0);
}

static void
test_foreign_file(void **state)
{
	static const char text[] =
	    "This is a letter to my grandmother, and not "
	    "a database at all.\n";
	struct store_fixture *fixture = *state;

	write_file(fixture, "store.mdb", text, sizeof(text));
	assert_int_equal(store_fixture_try_open(fixture), STATUS_INVALID);
	assert_int_equal(file_size(fixture, "store.mdb"), sizeof(text));
	assert_int_equal(file_size(fixture, "store.mdb.broken"), -1);
	write_file(fixture, "store.mdb", text, 3);
	assert_int_equal(store_fixture_try_open(fixture), STATUS_INVALID);
	assert_int_equal(file_size(fixture, "store.mdb"), 3);
}

static void
test_foreign_database(void **state)
{
	char name[] = "name", text[] = "value";
	MDB_val key = { 4, name }, value = { 5, text };
	struct store_fixture *fixture = *state;
	char path[PATH_BYTES];
	MDB_env *environment;
	MDB_dbi database;
	MDB_txn *txn;
	off_t size;

	assert_int_equal(mdb_env_create(&environment), 0);
	assert_int_equal(
	    mdb_env_open(environment, file_path(fixture, "store.mdb", path),
		MDB_NOSUBDIR, 0600),
	    0);
	assert_int_equal(mdb_txn_begin(environment, NULL, 0, &txn), 0);
	assert_int_equal(mdb_dbi_open(txn, NULL, 0, &database), 0);
	assert_int_equal(mdb_put(txn, database, &key, &value, 0), 0);
	assert_int_equal(mdb_txn_commit(txn), 0);
	mdb_env_close(environment);
	size = file_size(fixture, "store.mdb");
	assert_int_equal(store_fixture_try_open(fixture), STATUS_INVALID);
	assert_int_equal(file_size(fixture, "store.mdb"), size);
	assert_int_equal(file_size(fixture, "store.mdb.broken"), -1);
}

/* A store of some pages, closed. */
static void
fill_and_close(struct store_fixture *fixture, size_t count)
{
	struct store_operation *adds = calloc(count, sizeof(*adds));
	char(*keys)[32] = calloc(count, sizeof(*keys));
	size_t i;

	assert_true(adds != NULL && keys != NULL);
	for (i = 0; i < count; i++) {
		(void)snprintf(keys[i], sizeof(keys[i]), "fill:%zu", i);
		adds[i] = add_of(keys[i], 1, 100 * DAY);
	}
	store_fixture_open(fixture);
	store_fixture_run(fixture, adds, count);
	store_close(&fixture->store);
	free(adds);
	free(keys);
}

static void
overwrite(
    const struct store_fixture *fixture, off_t offset, int byte, size_t size)
{
	unsigned char bytes[2 * PAGE_BYTES];
	char path[PATH_BYTES];
	int fd;

	assert_in_range(size, 1, sizeof(bytes));
	memset(bytes, byte, sizeof(bytes));
	assert_true(
	    (fd = open(file_path(fixture, "store.mdb", path), O_WRONLY)) >= 0);
	assert_int_equal(pwrite(fd, bytes, size, offset), size);
	assert_int_equal(close(fd), 0);
}

static void
cut(const struct store_fixture *fixture, off_t size)
{
	char path[PATH_BYTES];

	assert_int_equal(
	    truncate(file_path(fixture, "store.mdb", path), size), 0);
}

static void
break_nothing_left(const struct store_fixture *fixture)
{
	overwrite(fixture, 0, 0, (size_t)2 * PAGE_BYTES);
}

static void
break_page_size_zero(const struct store_fixture *fixture)
{
	overwrite(fixture, 40, 0, 4);
}

static void
break_page_size_odd(const struct store_fixture *fixture)
{
	overwrite(fixture, 40, 0x7f, 4);
}

static void
break_second_state(const struct store_fixture *fixture)
{
	overwrite(fixture, PAGE_BYTES, 0xff, PAGE_BYTES);
}

static void
break_short(const struct store_fixture *fixture)
{
	cut(fixture, PAGE_BYTES + 100);
}

static const struct {
	const char *name;
	void (*break_it)(const struct store_fixture *fixture);
} breaks[] = {
	{ "nothing left", break_nothing_left },
	{ "page size zero", break_page_size_zero },
	{ "page size odd", break_page_size_odd },
	{ "second state", break_second_state },
	{ "short", break_short },
};

/* A file that is found broken is set aside, and the store begins anew. */
static void
test_broken_at_open(void **state)
{
	struct store_fixture *fixture = *state;
	char path[PATH_BYTES];
	size_t i;

	for (i = 0; i < GP_NELEMS(breaks); i++) {
		fill_and_close(fixture, 500);
		breaks[i].break_it(fixture);
		if (store_fixture_try_open(fixture) != STATUS_OK)
			fail_msg("%s: not opened", breaks[i].name);
		if (store_fixture_read(fixture, "fill:1", 0).found)
			fail_msg("%s: not anew", breaks[i].name);
		(void)store_fixture_add(fixture, "ip:a", 1, 1, DAY);
		store_close(&fixture->store);
		assert_int_equal(
		    unlink(file_path(fixture, "store.mdb.broken", path)), 0);
	}
}

/* Pages that are gone from the end of the file: reading them must not kill the
 * process. */
static void
test_cut_off(void **state)
{
	struct store_operation operation = add_of("ip:a", 1, DAY);
	struct store_fixture *fixture = *state;

	fill_and_close(fixture, 2000);
	cut(fixture, 4 * PAGE_BYTES);
	store_fixture_open(fixture);
	run_until_ok(fixture, &operation);
	assert_true(file_size(fixture, "store.mdb.broken") > 0);
	assert_true(store_fixture_read(fixture, "ip:a", DAY).found);
}

/* Zeros over all pages that hold entries; what leads to them stays. */
static void
wipe_entries(const struct store_fixture *fixture)
{
	unsigned char page[PAGE_BYTES];
	char path[PATH_BYTES];
	off_t offset = 2 * PAGE_BYTES;
	int fd, wiped = 0;

	assert_true(
	    (fd = open(file_path(fixture, "store.mdb", path), O_RDWR)) >= 0);
	while (pread(fd, page, sizeof(page), offset) == sizeof(page)) {
		if ((page[10] & 0x02) != 0 && /* a leaf */
		    memmem(page, sizeof(page), ":{fill:", 7) != NULL &&
		    memmem(page, sizeof(page), "gatepost1", 9) == NULL) {
			overwrite(fixture, offset, 0, PAGE_BYTES);
			wiped++;
		}
		offset += PAGE_BYTES;
	}
	assert_int_equal(close(fd), 0);
	assert_in_range(wiped, 10, 1000);
}

/* What is broken deep in the file is met by a run, of either kind. */
static void
test_broken_at_run(void **state)
{
	struct store_operation read = { .verb = STORE_READ, .key = "fill:7" };
	struct store_operation add = add_of("fill:7", 1, DAY);
	struct store_fixture *fixture = *state;
	struct store_operation *first;
	char path[PATH_BYTES];
	int i;

	for (i = 0; i < 2; i++) {
		first = i == 0 ? &read : &add;
		fill_and_close(fixture, 2000);
		wipe_entries(fixture);
		store_fixture_open(fixture);
		assert_int_equal(
		    store_run(fixture->store, first, 1), STATUS_IO);
		run_until_ok(fixture, &add);
		assert_true(
		    store_fixture_read(fixture, "fill:7", 0).pair.ham == 1);
		store_close(&fixture->store);
		assert_int_equal(
		    unlink(file_path(fixture, "store.mdb.broken", path)), 0);
		assert_int_equal(
		    unlink(file_path(fixture, "store.mdb", path)), 0);
	}
}

static void
remove_file(const struct store_fixture *fixture)
{
	char path[PATH_BYTES];

	assert_int_equal(unlink(file_path(fixture, "store.mdb", path)), 0);
}

static void
remove_directory(const struct store_fixture *fixture)
{
	char path[PATH_BYTES];

	remove_file(fixture);
	assert_int_equal(unlink(file_path(fixture, "store.mdb-lock", path)), 0);
	assert_int_equal(rmdir(fixture->conf.path), 0);
}

static void
replace_file(const struct store_fixture *fixture)
{
	char path[PATH_BYTES], lock[PATH_BYTES];
	int fd;

	remove_file(fixture);
	assert_int_equal(unlink(file_path(fixture, "store.mdb-lock", lock)), 0);
	fd = open(file_path(fixture, "store.mdb", path),
	    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0660);
	assert_true(fd >= 0);
	close(fd);
}

/* The files that this process has open and nobody else can find. */
static size_t
count_deleted(void)
{
	char target[PATH_BYTES];
	struct dirent *entry;
	DIR *directory = opendir("/proc/self/fd");
	ssize_t length;
	size_t count = 0;

	assert_non_null(directory);
	while ((entry = readdir(directory)) != NULL) {
		length = readlinkat(dirfd(directory), entry->d_name, target,
		    sizeof(target) - 1);
		target[length > 0 ? length : 0] = '\0';
		count += strstr(target, "store.mdb") != NULL &&
		    strstr(target, "(deleted)") != NULL;
	}
	closedir(directory);
	return count;
}

/* A daemon does not go on with a file that nobody else sees. */
static void
test_removed(void **state)
{
	static void (*const removals[])(const struct store_fixture *) = {
		remove_directory, remove_file, replace_file
	};

	struct store_fixture *fixture = *state;
	size_t i;

	log_capture_start();
	fixture->is_daemon = true;
	store_fixture_open(fixture);
	for (i = 0; i < GP_NELEMS(removals); i++) {
		(void)store_fixture_add(fixture, "ip:old", 1, 1, 0);
		fixture->now += 31;
		(void)store_fixture_add(fixture, "ip:old", 1, 1, 0);
		assert_int_equal(log_capture_count("removed or replaced"), i);
		removals[i](fixture);
		fixture->now += 31;
		(void)store_fixture_add(fixture, "ip:new", 1, 1, 0);
		assert_false(store_fixture_read(fixture, "ip:old", 0).found);
		assert_int_equal(
		    log_capture_count("removed or replaced"), i + 1);
		assert_int_equal(count_deleted(), 0);
	}
	assert_int_equal(log_capture_count(""), GP_NELEMS(removals));
	store_close(&fixture->store);
	store_fixture_open(fixture);
	assert_true(store_fixture_read(fixture, "ip:new", 0).found);
}

/* Values that no store wrote fail, until the sweep of a commit meets them. */
static void
test_broken_values(void **state)
{
	unsigned char value[41];
	static const size_t sizes[] = { 0, 1, 39, 40, 41 };
	struct store_fixture *fixture = *state;
	struct store_operation operation;
	size_t i;

	memset(value, 0xff, sizeof(value));
	store_fixture_open(fixture);
	store_close(&fixture->store);
	for (i = 0; i < GP_NELEMS(sizes); i++) {
		raw_put(fixture, "ip:a", value, sizes[i]);
		store_fixture_open(fixture);
		operation = store_fixture_read(fixture, "ip:a", DAY);
		assert_true(operation.failed && !operation.found);
		operation = store_fixture_add(fixture, "ip:a", 1, 1, DAY);
		assert_true(operation.failed);
		(void)store_fixture_add(fixture, "ip:b", 1, 1, DAY);
		operation = store_fixture_add(fixture, "ip:a", 1, 1, DAY);
		assert_false(operation.failed);
		assert_false(store_fixture_forget(fixture, "ip:a").failed);
		store_close(&fixture->store);
	}
}

/* A well-formed value with numbers that no store writes. */
static void
test_absurd_values(void **state)
{
	static const double numbers[] = { NAN, INFINITY, -1, 1e300 };
	struct store_fixture *fixture = *state;
	unsigned char value[40];
	int64_t times[2];
	size_t i;

	store_fixture_open(fixture);
	store_close(&fixture->store);
	for (i = 0; i < GP_NELEMS(numbers) + 2; i++) {
		memset(value, 0, sizeof(value));
		value[0] = 1;
		value[1] = STORE_VALUE_PAIR;
		times[0] = fixture->now + DAY;
		times[1] = i == GP_NELEMS(numbers) ? INT64_MIN :
		    i > GP_NELEMS(numbers)         ? INT64_MAX :
						     fixture->now;
		memcpy(value + 8, times, sizeof(times));
		if (i < GP_NELEMS(numbers))
			memcpy(value + 24, &numbers[i], sizeof(numbers[i]));
		raw_put(fixture, "ip:a", value, sizeof(value));
		store_fixture_open(fixture);
		assert_true(store_fixture_read(fixture, "ip:a", DAY).failed);
		store_close(&fixture->store);
	}
}

static bool
add_many(struct store_fixture *fixture, const char *own, int rounds)
{
	struct store_operation adds[2];
	int i;

	for (i = 0; i < rounds; i++) {
		adds[0] = add_of("shared:a", 1, DAY);
		adds[1] = add_of(own, 1, DAY);
		if (store_run(fixture->store, adds, 2) != STATUS_OK ||
		    adds[0].failed || adds[1].failed)
			return false;
	}
	return true;
}

static void
test_processes(void **state)
{
	static const char *const names[] = { "own:1", "own:2", "own:3" };
	struct store_fixture *fixture = *state;
	pid_t pids[GP_NELEMS(names)];
	size_t i;

	for (i = 0; i < GP_NELEMS(names); i++)
		if ((pids[i] = fork()) == 0) {
			if (store_fixture_try_open(fixture) != STATUS_OK ||
			    !add_many(fixture, names[i], 100))
				_exit(1);
			store_close(&fixture->store);
			_exit(0);
		}
	store_fixture_open(fixture);
	while (store_fixture_read(fixture, "shared:a", 0).pair.ham < 10)
		store_fixture_pause();
	assert_true(add_many(fixture, "own:4", 50));
	for (i = 0; i < GP_NELEMS(names); i++)
		wait_for_success(pids[i]);
	assert_true(store_fixture_read(fixture, "shared:a", 0).pair.ham == 350);
	for (i = 0; i < GP_NELEMS(names); i++)
		assert_true(
		    store_fixture_read(fixture, names[i], 0).pair.ham == 100);
}

/* Adds to two keys at a time until it is killed. */
static int
role_writer(struct store_fixture *fixture, struct shared *shared)
{
	if (store_fixture_try_open(fixture) != STATUS_OK)
		return 1;
	while (add_many(fixture, "own:a", 1))
		atomic_fetch_add(&shared->done, 1);
	return 2;
}

/* A writer is killed in the middle of its writes, again and again, while
 * another process has the store open.  Nothing that was acknowledged is lost,
 * and what was written together stays together. */
static void
test_killed_writers(void **state)
{
	struct store_fixture *fixture = *state;
	struct shared *shared = shared_new();
	double both, own;
	pid_t pid;
	int i, done;

	store_fixture_open(fixture);
	for (i = 0; i < KILLS; i++) {
		pid = role_start(fixture, shared, "writer");
		wait_for_value(
		    &shared->done, atomic_load(&shared->done) + 3 + i);
		kill_and_wait(pid);
		done = atomic_load(&shared->done);
		(void)store_fixture_add(fixture, "parent:a", 1, 0, 0);
		both = store_fixture_read(fixture, "shared:a", 0).pair.ham;
		own = store_fixture_read(fixture, "own:a", 0).pair.ham;
		assert_true(both == own);
		assert_true(both >= done && both <= done + i + 1);
		if (i % 4 == 3)
			reopen(fixture);
	}
	assert_true(
	    store_fixture_read(fixture, "parent:a", 0).pair.ham == KILLS);
	shared_free(shared);
}

/* Killed while it opens and makes the file. */
static void
test_killed_openers(void **state)
{
	struct store_fixture *fixture = *state;
	struct shared *shared = shared_new();
	struct timespec wait = { 0, 0 };
	char path[PATH_BYTES];
	pid_t pid;
	int i;

	for (i = 0; i < KILLS; i++) {
		(void)unlink(file_path(fixture, "store.mdb", path));
		(void)unlink(file_path(fixture, "store.mdb-lock", path));
		atomic_store(&shared->state, 0);
		if ((pid = fork()) == 0) {
			(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
			atomic_store(&shared->state, 1);
			(void)store_fixture_try_open(fixture);
			for (;;)
				pause();
		}
		wait_for_value(&shared->state, 1);
		wait.tv_nsec = i * 100000;
		(void)nanosleep(&wait, NULL);
		kill_and_wait(pid);
		store_fixture_open(fixture);
		(void)store_fixture_add(fixture, "ip:a", 1, 1, DAY);
		store_close(&fixture->store);
	}
	shared_free(shared);
}

/* Holds LMDB's lock for writing until it is killed. */
static int
role_holder(struct store_fixture *fixture, struct shared *shared)
{
	MDB_env *environment;
	MDB_dbi database;
	MDB_txn *txn;

	if ((environment = raw_open(fixture, &database)) == NULL ||
	    mdb_txn_begin(environment, NULL, 0, &txn) != 0)
		return 1;
	atomic_store(&shared->state, 1);
	for (;;)
		pause();
}

/* A program that holds the lock and does not go on costs a timeout, once; what
 * is read needs no lock.  When it is gone, all goes on. */
static void
test_stopped_writer(void **state)
{
	struct store_operation add = add_of("ip:a", 1, DAY);
	struct store_fixture *fixture = *state;
	struct shared *shared = shared_new();
	pid_t pid;

	fixture->conf.timeout = 50;
	store_fixture_open(fixture);
	pid = role_start(fixture, shared, "holder");
	wait_for_value(&shared->state, 1);
	assert_int_equal(store_run(fixture->store, &add, 1), STATUS_TIMEOUT);
	assert_int_equal(store_run(fixture->store, &add, 1), STATUS_BUSY);
	assert_false(store_fixture_read(fixture, "ip:a", 0).found);
	kill_and_wait(pid);
	run_until_ok(fixture, &add);
	/* The one that timed out was written too, in the end. */
	assert_true(store_fixture_read(fixture, "ip:a", 0).pair.ham == 2);
	shared_free(shared);
}

/* With it stopped, even the end of a program waits a bounded time only. */
static void
test_close_while_stopped(void **state)
{
	struct store_operation add = add_of("ip:a", 1, DAY);
	struct store_fixture *fixture = *state;
	struct shared *shared = shared_new();
	pid_t holder, pid;

	fixture->conf.timeout = 50;
	store_fixture_open(fixture);
	store_close(&fixture->store);
	holder = role_start(fixture, shared, "holder");
	wait_for_value(&shared->state, 1);
	if ((pid = fork()) == 0) {
		if (store_fixture_try_open(fixture) != STATUS_OK ||
		    store_run(fixture->store, &add, 1) != STATUS_TIMEOUT)
			_exit(1);
		store_close(&fixture->store);
		_exit(fixture->store == NULL ? 0 : 2);
	}
	wait_for_success(pid);
	kill_and_wait(holder);
	shared_free(shared);
}

static void *
read_once(void *argument)
{
	struct store_operation read = { .verb = STORE_READ, .key = "ip:a" };

	return store_run(argument, &read, 1) == STATUS_OK ? argument : NULL;
}

/* Tells how many slots of LMDB's table of readers were ever in use. */
static int
role_counter(struct store_fixture *fixture, struct shared *shared)
{
	MDB_env *environment;
	MDB_dbi database;
	MDB_envinfo info;

	environment = raw_open(fixture, &database);
	if (environment == NULL || mdb_env_info(environment, &info) != 0)
		return 1;
	atomic_store(&shared->state, (int)info.me_numreaders);
	mdb_env_close(environment);
	return 0;
}

/* Threads that come, read and go leave nothing behind. */
static void
test_reader_slots(void **state)
{
	struct store_fixture *fixture = *state;
	struct shared *shared = shared_new();
	pthread_t threads[4];
	void *result;
	size_t i, round;

	store_fixture_open(fixture);
	for (round = 0; round < 100; round++) {
		for (i = 0; i < GP_NELEMS(threads); i++)
			assert_int_equal(pthread_create(&threads[i], NULL,
					     read_once, fixture->store),
			    0);
		for (i = 0; i < GP_NELEMS(threads); i++) {
			assert_int_equal(pthread_join(threads[i], &result), 0);
			assert_non_null(result);
		}
	}
	wait_for_success(role_start(fixture, shared, "counter"));
	assert_in_range(atomic_load(&shared->state), 1, GP_NELEMS(threads) + 1);
	shared_free(shared);
}

/* Holds so many read transactions until it is killed. */
static int
hold_readers(struct store_fixture *fixture, struct shared *shared, int count)
{
	MDB_env *environment;
	char path[PATH_BYTES];
	MDB_txn *txn;
	int i, error = 0;

	if (mdb_env_create(&environment) != 0 ||
	    mdb_env_open(environment, file_path(fixture, "store.mdb", path),
		MDB_NOSUBDIR | MDB_NOTLS, 0600) != 0)
		return 1;
	for (i = 0; i < count && error == 0; i++)
		error = mdb_txn_begin(environment, NULL, MDB_RDONLY, &txn);
	atomic_store(&shared->state, error == 0 ? 1 : error);
	for (;;)
		pause();
}

static int
role_reader(struct store_fixture *fixture, struct shared *shared)
{
	return hold_readers(fixture, shared, 1);
}

static int
role_readers(struct store_fixture *fixture, struct shared *shared)
{
	return hold_readers(fixture, shared, 5000);
}

/* All slots are taken: reading is refused, not broken; when those that took
 * them are dead, their slots are used again. */
static void
test_readers_full(void **state)
{
	struct store_operation read = { .verb = STORE_READ, .key = "ip:a" };
	struct store_fixture *fixture = *state;
	struct shared *shared = shared_new();
	pid_t pid;

	store_fixture_open(fixture);
	pid = role_start(fixture, shared, "readers");
	while (atomic_load(&shared->state) == 0)
		store_fixture_pause();
	assert_int_equal(atomic_load(&shared->state), MDB_READERS_FULL);
	assert_int_equal(store_run(fixture->store, &read, 1), STATUS_BUSY);
	(void)store_fixture_add(fixture, "ip:a", 1, 1, DAY);
	kill_and_wait(pid);
	assert_true(store_fixture_read(fixture, "ip:a", DAY).found);
	shared_free(shared);
}

static void
add_numbered(struct store_fixture *fixture, const char *kind, int first,
    int count, int64_t lifetime_seconds)
{
	struct store_operation adds[32];
	char keys[32][64];
	int i, n, number = first;

	while (number < first + count) {
		for (n = 0; n < 32 && number < first + count; n++, number++) {
			(void)snprintf(keys[n], sizeof(keys[n]),
			    "%s:a-name-of-some-length-%d", kind, number);
			adds[n] = add_of(keys[n], 1, lifetime_seconds);
		}
		store_fixture_run(fixture, adds, (size_t)n);
		for (i = 0; i < n; i++)
			if (adds[i].failed)
				fail_msg("%s %d: no room", kind, number);
	}
}

static int
count_numbered(
    struct store_fixture *fixture, const char *kind, int first, int count)
{
	char key[64];
	int i, found = 0;

	for (i = first; i < first + count; i++) {
		(void)snprintf(
		    key, sizeof(key), "%s:a-name-of-some-length-%d", kind, i);
		found += store_fixture_read(fixture, key, 0).found;
	}
	return found;
}

/* Far more is written than fits.  Nothing fails; what expires soonest went. */
static void
test_full(void **state)
{
	struct store_fixture *fixture = *state;
	int i;

	fixture->conf.size = MEGABYTE;
	store_fixture_open(fixture);
	add_numbered(fixture, "long", 0, 1000, 100 * DAY);
	for (i = 0; i < 40; i++) {
		add_numbered(fixture, "short", i * 500, 500, DAY);
		fixture->now += 60;
	}
	assert_true(file_size(fixture, "store.mdb") <= MEGABYTE);
	assert_in_range(count_numbered(fixture, "long", 0, 1000), 990, 1000);
	assert_in_range(count_numbered(fixture, "short", 19500, 500), 450, 500);
	assert_in_range(count_numbered(fixture, "short", 0, 5000), 0, 50);
	reopen(fixture);
	add_numbered(fixture, "more", 0, 1000, DAY);
	assert_true(file_size(fixture, "store.mdb") <= MEGABYTE);
}

/* Single runs of the largest number, in the smallest file. */
static void
test_full_by_large_runs(void **state)
{
	struct store_operation *adds;
	struct store_fixture *fixture = *state;
	char(*keys)[200];
	int i, round;

	adds = calloc(STORE_OPERATIONS_MAX, sizeof(*adds));
	keys = calloc(STORE_OPERATIONS_MAX, sizeof(*keys));
	assert_true(adds != NULL && keys != NULL);
	fixture->conf.size = MEGABYTE;
	store_fixture_open(fixture);
	for (round = 0; round < 3; round++) {
		for (i = 0; i < STORE_OPERATIONS_MAX; i++) {
			(void)snprintf(keys[i], sizeof(keys[i]), "word:%0150d",
			    round * STORE_OPERATIONS_MAX + i);
			adds[i] = add_of(keys[i], 1, DAY);
		}
		store_fixture_run(fixture, adds, STORE_OPERATIONS_MAX);
		for (i = 0; i < STORE_OPERATIONS_MAX; i++)
			assert_false(adds[i].failed);
	}
	assert_true(file_size(fixture, "store.mdb") <= MEGABYTE);
	free(adds);
	free(keys);
}

/* A reader that never ends keeps all pages from being used again: then there is
 * no room, and that is said of each operation; reading still works. */
static void
test_pinned(void **state)
{
	struct store_operation operations[2];
	struct store_fixture *fixture = *state;
	struct shared *shared = shared_new();
	int i, kept;
	pid_t pid;

	fixture->conf.size = MEGABYTE;
	store_fixture_open(fixture);
	add_numbered(fixture, "kept", 0, 200, 100 * DAY);
	pid = role_start(fixture, shared, "reader");
	wait_for_value(&shared->state, 1);
	for (i = 0; i < 1000; i++) {
		operations[0] = add_of("ip:a", 1, DAY);
		operations[1] = (struct store_operation){ .verb = STORE_READ,
			.key = "kept:a-name-of-some-length-7" };
		store_fixture_run(fixture, operations, 2);
		assert_true(operations[1].found && !operations[1].failed);
		if (operations[0].failed)
			break;
	}
	assert_true(operations[0].failed);
	kept = count_numbered(fixture, "kept", 0, 200);
	assert_int_equal(kept, 200);
	kill_and_wait(pid);
	assert_false(store_fixture_add(fixture, "ip:a", 1, 1, 0).failed);
	assert_true(store_fixture_read(fixture, "ip:a", 0).pair.ham >= i);
	shared_free(shared);
}

/* The size was made smaller than what is there. */
static void
test_smaller(void **state)
{
	struct store_fixture *fixture = *state;
	off_t size;

	fixture->conf.size = 4 * MEGABYTE;
	store_fixture_open(fixture);
	add_numbered(fixture, "many", 0, 40000, DAY);
	store_close(&fixture->store);
	size = file_size(fixture, "store.mdb");
	assert_true(size > 2 * MEGABYTE);
	fixture->conf.size = MEGABYTE;
	store_fixture_open(fixture);
	add_numbered(fixture, "more", 0, 3000, 2 * DAY);
	assert_in_range(count_numbered(fixture, "more", 0, 3000), 1500, 3000);
	store_close(&fixture->store);
	assert_in_range(count_entries(fixture), 1000, 25000);
	assert_in_range(file_size(fixture, "store.mdb"), 1, size + MEGABYTE);
}

/* Has a larger size than others, and uses it. */
static int
role_larger(struct store_fixture *fixture, struct shared *shared GP_UNUSED)
{
	fixture->conf.size = 8 * MEGABYTE;
	if (store_fixture_try_open(fixture) != STATUS_OK)
		return 1;
	add_numbered(fixture, "many", 0, 20000, DAY);
	store_close(&fixture->store);
	return 0;
}

static void
test_larger_elsewhere(void **state)
{
	struct store_operation add = add_of("ip:a", 1, DAY);
	struct store_fixture *fixture = *state;
	struct shared *shared = shared_new();

	fixture->conf.size = MEGABYTE;
	store_fixture_open(fixture);
	(void)store_fixture_add(fixture, "ip:a", 1, 1, 0);
	wait_for_success(role_start(fixture, shared, "larger"));
	assert_true(file_size(fixture, "store.mdb") > MEGABYTE);
	assert_int_equal(store_run(fixture->store, &add, 1), STATUS_OK);
	assert_true(store_fixture_read(fixture, "ip:a", 0).pair.ham == 2);
	shared_free(shared);
}

/* Entries that expired go by the way, and their room is used again. */
static void
test_sweep(void **state)
{
	struct store_fixture *fixture = *state;
	size_t before, after;
	off_t size;
	int i;

	store_fixture_open(fixture);
	add_numbered(fixture, "gone", 0, 5000, 1800);
	add_numbered(fixture, "kept", 0, 500, 100 * DAY);
	store_close(&fixture->store);
	before = count_entries(fixture);
	assert_int_equal(before, 5500);
	size = file_size(fixture, "store.mdb");
	store_fixture_open(fixture);
	fixture->now += 3600;
	for (i = 0; i < 400; i++)
		(void)store_fixture_add(fixture, "ip:a", 1, 1, 0);
	assert_int_equal(count_numbered(fixture, "kept", 0, 500), 500);
	store_close(&fixture->store);
	after = count_entries(fixture);
	assert_in_range(after, 501, 520);
	store_fixture_open(fixture);
	add_numbered(fixture, "more", 0, 4500, 1800);
	store_close(&fixture->store);
	assert_in_range(file_size(fixture, "store.mdb"), 1, size);
}

/* A clock that is ten years ahead for a while does not empty the store. */
static void
test_sweep_after_jump(void **state)
{
	struct store_fixture *fixture = *state;
	int i;

	store_fixture_open(fixture);
	add_numbered(fixture, "kept", 0, 1000, 30 * DAY);
	fixture->now += 10 * YEAR;
	for (i = 0; i < 100; i++)
		(void)store_fixture_add(fixture, "ip:a", 1, 1, 0);
	assert_int_equal(count_numbered(fixture, "kept", 0, 1000), 0);
	fixture->now -= 10 * YEAR;
	assert_int_equal(count_numbered(fixture, "kept", 0, 1000), 1000);
}

/* The disk takes no more; then it does again.  0: the store went and came. */
static int
lose_and_come_back(struct store_fixture *fixture)
{
	struct store_operation add = add_of("ip:a", 1, DAY);
	struct rlimit before, small;

	(void)signal(SIGXFSZ, SIG_IGN);
	if (store_fixture_try_open(fixture) != STATUS_OK ||
	    !add_many(fixture, "own:a", 1) ||
	    getrlimit(RLIMIT_FSIZE, &before) != 0)
		return 1;
	small = before;
	small.rlim_cur = 2 * PAGE_BYTES;
	if (setrlimit(RLIMIT_FSIZE, &small) != 0)
		return 2;
	if (store_run(fixture->store, &add, 1) != STATUS_IO)
		return 3;
	if (store_run(fixture->store, &add, 1) != STATUS_BUSY)
		return 4;
	if (setrlimit(RLIMIT_FSIZE, &before) != 0)
		return 5;
	run_until_ok(fixture, &add);
	if (store_fixture_read(fixture, "ip:a", 0).pair.ham != 1 ||
	    store_fixture_read(fixture, "own:a", 0).pair.ham != 1)
		return 6;
	store_close(&fixture->store);
	return 0;
}

static void
test_comes_back(void **state)
{
	pid_t pid;

	if ((pid = fork()) == 0)
		_exit(lose_and_come_back(*state));
	wait_for_success(pid);
}

/* Opens what cannot be had yet; from here on the log is kept. */
static void
open_for_daemon(struct store_fixture *fixture)
{
	struct store_operation add = add_of("ip:a", 1, DAY),
			       peek = { .verb = STORE_PEEK, .key = "mark:a" };

	log_capture_start();
	fixture->is_daemon = true;
	store_fixture_open(fixture);
	assert_int_equal(store_run(fixture->store, &add, 1), STATUS_BUSY);
	assert_int_equal(store_run(fixture->store, &peek, 1), STATUS_BUSY);
}

static void
wait_for_line(const char *text)
{
	int polls;

	for (polls = 0; log_capture_count(text) == 0; polls++) {
		assert_in_range(polls, 0, POLLS_MAX);
		store_fixture_pause();
	}
}

/* A daemon that starts before its directory can be made is told what to do, and
 * has the store when that was done. */
static void
test_daemon_without_directory(void **state)
{
	struct store_fixture *fixture = *state;
	struct store_operation add = add_of("ip:a", 1, DAY);
	char parent[PATH_BYTES], path[PATH_BYTES], text[PATH_BYTES + 80];

	(void)file_path(fixture, "none", parent);
	fixture->conf.path = file_path(fixture, "none/none", path);
	open_for_daemon(fixture);
	(void)snprintf(text, sizeof(text),
	    "; run as root: mkdir -p -m 770 %s && chown ", path);
	assert_int_equal(log_capture_count(text), 1);
	/* An attempt in vain, for another reason. */
	write_file(fixture, "none", "", 0);
	wait_for_line("Not a directory");
	assert_int_equal(log_capture_count(""), 2);
	assert_int_equal(unlink(parent), 0);
	assert_int_equal(mkdir(parent, 0700), 0);
	run_until_ok(fixture, &add);
	assert_true(store_fixture_read(fixture, "ip:a", 0).pair.ham == 1);
	assert_int_equal(log_capture_count("is open now"), 1);
	store_close(&fixture->store);
	unlink_file(fixture, "none/none/store.mdb");
	unlink_file(fixture, "none/none/store.mdb-lock");
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(rmdir(parent), 0);
}

/* It ends without having had the store. */
static void
test_daemon_in_vain(void **state)
{
	struct store_fixture *fixture = *state;

	write_file(fixture, "store.mdb", "a letter", 8);
	open_for_daemon(fixture);
	store_close(&fixture->store);
	assert_int_equal(log_capture_count("it is no LMDB database"), 1);
	assert_int_equal(log_capture_count(""), 1);
}

#define CASE(function) \
	cmocka_unit_test_setup_teardown(function, setup, teardown)

static const struct {
	const char *name;
	int (*run)(struct store_fixture *fixture, struct shared *shared);
} roles[] = {
	{ "writer", role_writer },
	{ "holder", role_holder },
	{ "counter", role_counter },
	{ "reader", role_reader },
	{ "readers", role_readers },
	{ "larger", role_larger },
};

/* ROLE DIRECTORY FD */
static int
role_run(char **arguments)
{
	struct store_fixture fixture;
	struct shared *shared;
	uint64_t fd;
	size_t i;

	store_fixture_init(&fixture);
	fixture.conf.backend = STORE_BACKEND_LMDB;
	fixture.conf.path = arguments[1];
	if (str_copy(fixture.directory, sizeof(fixture.directory),
		arguments[1]) != STATUS_OK ||
	    str_to_uint64(span_of(arguments[2]), INT_MAX, &fd) != STATUS_OK ||
	    (shared = shared_map((int)fd)) == NULL)
		return 125;
	for (i = 0; i < GP_NELEMS(roles); i++)
		if (strcmp(arguments[0], roles[i].name) == 0)
			return roles[i].run(&fixture, shared);
	return 126;
}

int
main(int argument_count, char **arguments)
{
	const struct CMUnitTest tests[] = {
		CASE(test_lasts),
		CASE(test_modes),
		CASE(test_owner),
		CASE(test_no_directory),
		CASE(test_locked_directory),
		CASE(test_read_only),
		CASE(test_foreign_file),
		CASE(test_foreign_database),
		CASE(test_broken_at_open),
		CASE(test_cut_off),
		CASE(test_broken_at_run),
		CASE(test_removed),
		CASE(test_broken_values),
		CASE(test_absurd_values),
		CASE(test_processes),
		CASE(test_killed_writers),
		CASE(test_killed_openers),
		CASE(test_stopped_writer),
		CASE(test_close_while_stopped),
		CASE(test_reader_slots),
		CASE(test_readers_full),
		CASE(test_full),
		CASE(test_full_by_large_runs),
		CASE(test_pinned),
		CASE(test_smaller),
		CASE(test_larger_elsewhere),
		CASE(test_sweep),
		CASE(test_sweep_after_jump),
		CASE(test_comes_back),
		CASE(test_daemon_without_directory),
		CASE(test_daemon_in_vain),
	};

	if (argument_count == 4)
		return role_run(arguments + 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
