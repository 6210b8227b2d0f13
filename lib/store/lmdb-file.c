/*
 * lmdb-file - the file of the lmdb store (see lmdb-file.h).
 *
 * flock() on the directory makes opening, closing and setting aside wait for
 * each other, in all programs: LMDB itself has a window there.
 */
#include "config.h"

#include "lib/store/lmdb-file.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/str.h"

#define FILE_NAME      "store.mdb"
#define LOCK_NAME      FILE_NAME "-lock" /* the library's choice */
#define BROKEN_NAME    FILE_NAME ".broken"
#define DATABASE_NAME  "gatepost1" /* 1: the version of keys and values */
#define FILE_MODE      0660
#define DIRECTORY_MODE 0770
#define READERS_MAX    1022 /* runs that read at once; 64 bytes each */
#define PAGE_BYTES_MIN 256
#define PAGE_BYTES_MAX 65536
#define LMDB_MAGIC     0xbeefc0deU
#define PASSWD_BYTES   4096
#define LOCK_WAIT_MS   2000
#define LOCK_STEP_MS   10

/*
 * Trees may fill 5/8 of the map.  What a commit changes is written to other
 * pages, and pages that became free can be used two commits later.
 */
#define PAGES_LIMIT(count) ((count) / 8 * 5)
#define PAGES_FULL(count)  ((count) / 8 * 6)

/* What a data file of LMDB 0.9 begins with: a page's header, then the state. */
struct file_head {
	size_t page_number;
	uint16_t padding, flags, lower, upper;
	uint32_t magic, version;
	void *address;
	size_t map_bytes;
	uint32_t page_bytes;
};

enum file_kind {
	FILE_KIND_EMPTY,
	FILE_KIND_LMDB,
	FILE_KIND_BROKEN,
	FILE_KIND_FOREIGN,
	FILE_KIND_UNKNOWN /* it could not be read */
};

bool
lmdb_file_error_is_corruption(int error)
{
	return error == MDB_INVALID || error == MDB_CORRUPTED ||
	    error == MDB_PAGE_NOTFOUND;
}

/* error is of the library or of errno; mdb_strerror() knows both. */
static enum status
fail_by_error(struct lmdb_file *file, int error)
{
	str_sanitize(
	    file->reason, sizeof(file->reason), span_of(mdb_strerror(error)));
	return error == ENOMEM ? STATUS_NOMEM : STATUS_IO;
}

static enum status
refuse(struct lmdb_file *file, const char *reason)
{
	str_sanitize(file->reason, sizeof(file->reason), span_of(reason));
	return STATUS_INVALID;
}

/* What root makes belongs to the service, or it could not use it. */
static void
give_directory_to_service(const char *path)
{
	char buffer[PASSWD_BYTES];
	struct passwd passwd, *found;

	if (geteuid() != 0 ||
	    getpwnam_r(
		GATEPOST_USER, &passwd, buffer, sizeof(buffer), &found) != 0 ||
	    found == NULL)
		return;
	if (chown(path, found->pw_uid, found->pw_gid) != 0)
		log_warning(
		    "store: lmdb: %s: owner: %s", path, strerror(errno));
}

/* Opening takes milliseconds; who holds the lock for longer is stopped, and
 * must not stop us.  False with errno. */
static bool
directory_lock(int fd)
{
	struct timespec step = { 0, LOCK_STEP_MS * 1000000L };
	int64_t deadline_ms = clock_now_ms() + LOCK_WAIT_MS;

	while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return false;
		if (clock_now_ms() >= deadline_ms) {
			errno = EBUSY;
			return false;
		}
		nanosleep(&step, NULL);
	}
	return true;
}

/* The directory, locked against others; -1 with errno. */
static int
directory_open(const char *path)
{
	int fd, error;

	if (mkdir(path, DIRECTORY_MODE) == 0) {
		if (chmod(path, DIRECTORY_MODE) != 0)
			log_warning(
			    "store: lmdb: %s: mode: %s", path, strerror(errno));
		give_directory_to_service(path);
	}
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || directory_lock(fd))
		return fd;
	error = errno;
	close(fd);
	errno = error;
	return -1;
}

/* The group of the directory shares the file, whatever the umask; a file that
 * root makes gets its owner too. */
static void
file_share(int directory_fd, int fd, const char *name)
{
	bool is_root = geteuid() == 0;
	struct stat directory;

	if (fchmod(fd, FILE_MODE) == 0 &&
	    fstat(directory_fd, &directory) == 0 &&
	    (fchown(fd, is_root ? directory.st_uid : (uid_t)-1,
		 directory.st_gid) == 0 ||
		!is_root))
		return;
	log_warning(
	    "store: lmdb: %s: owner and mode: %s", name, strerror(errno));
}

/* Makes a file if it is missing.  Returns 0 or an errno. */
static int
file_make(int directory_fd, const char *name)
{
	int fd;

	fd = openat(directory_fd, name,
	    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, FILE_MODE);
	if (fd >= 0) {
		file_share(directory_fd, fd, name);
		close(fd);
		return 0;
	}
	return errno == EEXIST ? 0 : errno;
}

/* The lock file of a data file that was removed: programs may still use them
 * both, and their state is not that of a new one. */
static void
drop_stale_lock(int directory_fd)
{
	if (faccessat(directory_fd, FILE_NAME, F_OK, AT_SYMLINK_NOFOLLOW) !=
		0 &&
	    errno == ENOENT)
		(void)unlinkat(directory_fd, LOCK_NAME, 0);
}

static bool
is_all_zero(const void *data, size_t size)
{
	const unsigned char *bytes = data;
	size_t i;

	for (i = 0; i < size; i++)
		if (bytes[i] != 0)
			return false;
	return true;
}

/*
 * LMDB calls anything that it does not know invalid.  A file without its magic
 * number is not ours to rename; zeros are what a file system may leave of a
 * file that was just made.
 */
static enum file_kind
head_kind(const struct file_head *head, ssize_t length)
{
	if (length == 0)
		return FILE_KIND_EMPTY;
	if (is_all_zero(head, (size_t)length))
		return FILE_KIND_BROKEN;
	if ((size_t)length < sizeof(*head) || head->magic != LMDB_MAGIC)
		return FILE_KIND_FOREIGN;
	if (head->page_bytes < PAGE_BYTES_MIN ||
	    head->page_bytes > PAGE_BYTES_MAX ||
	    (head->page_bytes & (head->page_bytes - 1)) != 0)
		return FILE_KIND_BROKEN;
	return FILE_KIND_LMDB;
}

static enum file_kind
file_kind(struct lmdb_file *file, int directory_fd)
{
	struct file_head head;
	struct stat status;
	enum file_kind kind;
	ssize_t length;
	int fd;

	memset(&head, 0, sizeof(head));
	fd = openat(directory_fd, FILE_NAME,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &status) != 0 ||
	    (length = pread(fd, &head, sizeof(head), 0)) < 0) {
		(void)fail_by_error(file, errno);
		if (fd >= 0)
			close(fd);
		return FILE_KIND_UNKNOWN;
	}
	close(fd);
	kind = S_ISREG(status.st_mode) ? head_kind(&head, length) :
					 FILE_KIND_FOREIGN;
	if (file->is_broken && status.st_dev == file->device &&
	    status.st_ino == file->inode)
		kind = FILE_KIND_BROKEN;
	file->device = status.st_dev;
	file->inode = status.st_ino;
	return kind;
}

static void
environment_close(struct lmdb_file *file)
{
	mdb_env_close(file->environment);
	file->environment = NULL;
}

/* The library leaves this descriptor open for children, others not. */
static int
close_on_exec(MDB_env *environment)
{
	int fd, error;

	if ((error = mdb_env_get_fd(environment, &fd)) != 0)
		return error;
	return fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 ? 0 : errno;
}

static int
environment_open(struct lmdb_file *file)
{
	unsigned int flags = MDB_NOSUBDIR | MDB_NOTLS | MDB_NOMETASYNC;
	size_t page_bytes = (size_t)sysconf(_SC_PAGESIZE);
	MDB_env *environment;
	int error, dead;

	if ((error = mdb_env_create(&environment)) != 0)
		return error;
	file->environment = environment;
	error = mdb_env_set_mapsize(
	    environment, (size_t)file->size_bytes / page_bytes * page_bytes);
	if (error == 0)
		error = mdb_env_set_maxreaders(environment, READERS_MAX);
	if (error == 0)
		error = mdb_env_set_maxdbs(environment, 1);
	if (error == 0)
		error = mdb_env_open(environment, file->path, flags, FILE_MODE);
	if (error == 0)
		error = close_on_exec(environment);
	if (error == 0)
		error = mdb_reader_check(environment, &dead);
	return error;
}

/* Opens the database that is there.  MDB_NOTFOUND: the file is empty. */
static int
database_find(struct lmdb_file *file)
{
	MDB_stat stat;
	MDB_txn *txn;
	int error;

	error = mdb_txn_begin(file->environment, NULL, MDB_RDONLY, &txn);
	if (error != 0)
		return error;
	error = mdb_dbi_open(txn, DATABASE_NAME, 0, &file->database);
	if (error == MDB_NOTFOUND) {
		error = mdb_stat(txn, 1 /* the main database */, &stat);
		if (error == 0)
			error = stat.ms_entries == 0 ? MDB_NOTFOUND :
						       MDB_INCOMPATIBLE;
		mdb_txn_abort(txn);
		return error;
	}
	if (error == 0)
		return mdb_txn_commit(txn); /* keeps the handle */
	mdb_txn_abort(txn);
	return error;
}

static int
database_make(struct lmdb_file *file)
{
	MDB_txn *txn;
	int error;

	error = mdb_txn_begin(file->environment, NULL, 0, &txn);
	if (error != 0)
		return error;
	error = mdb_dbi_open(txn, DATABASE_NAME, MDB_CREATE, &file->database);
	if (error == 0)
		return mdb_txn_commit(txn);
	mdb_txn_abort(txn);
	return error;
}

/*
 * Reading behind the end of a mapped file kills the process.  A file that lost
 * its tail gets zeros there, in which LMDB finds corruption.  (A tail that was
 * never used may be missing rightly.)
 */
static int
grow_to_last_page(struct lmdb_file *file, size_t page_bytes)
{
	MDB_envinfo info;
	struct stat status;
	MDB_txn *txn;
	off_t size;
	int fd, error;

	error = mdb_txn_begin(file->environment, NULL, 0, &txn);
	if (error != 0)
		return error; /* only under its lock nobody else writes */
	if ((error = mdb_env_info(file->environment, &info)) == 0 &&
	    (error = mdb_env_get_fd(file->environment, &fd)) == 0) {
		size = (off_t)((info.me_last_pgno + 1) * page_bytes);
		if (fstat(fd, &status) != 0 ||
		    (status.st_size < size && ftruncate(fd, size) != 0))
			error = errno;
	}
	mdb_txn_abort(txn);
	return error;
}

static int
grow_if_short(struct lmdb_file *file, size_t page_bytes)
{
	MDB_envinfo info;
	struct stat status;
	int fd, error;

	if ((error = mdb_env_get_fd(file->environment, &fd)) != 0 ||
	    (error = mdb_env_info(file->environment, &info)) != 0)
		return error;
	if (fstat(fd, &status) != 0)
		return errno;
	if (status.st_size >= (off_t)((info.me_last_pgno + 1) * page_bytes))
		return 0;
	return grow_to_last_page(file, page_bytes);
}

static size_t
stat_pages(const MDB_stat *stat)
{
	return stat->ms_branch_pages + stat->ms_leaf_pages +
	    stat->ms_overflow_pages;
}

static int
count_pages(struct lmdb_file *file, size_t *count_r)
{
	MDB_stat stat;
	MDB_txn *txn;
	int error;

	error = mdb_txn_begin(file->environment, NULL, MDB_RDONLY, &txn);
	if (error != 0)
		return error;
	error = mdb_stat(txn, file->database, &stat);
	mdb_txn_abort(txn);
	if (error == 0)
		*count_r = stat_pages(&stat);
	return error;
}

/*
 * How much may be used.  A file from the time of a larger `size` cannot shrink;
 * when it is full too, it needs some pages to drop entries with.
 */
static int
set_limits(struct lmdb_file *file, size_t page_bytes)
{
	size_t size = (size_t)file->size_bytes, used;
	MDB_envinfo info;
	int error;

	file->page_limit = PAGES_LIMIT(size / page_bytes);
	if ((error = count_pages(file, &used)) != 0 ||
	    (error = mdb_env_info(file->environment, &info)) != 0)
		return error;
	file->page_count = info.me_mapsize / page_bytes;
	if (used <= PAGES_FULL(file->page_count))
		return 0;
	log_warning("store: lmdb: %s holds more than store.size: what expires "
		    "soonest is dropped",
	    file->path);
	file->page_count += size / page_bytes;
	return mdb_env_set_mapsize(
	    file->environment, file->page_count * page_bytes);
}

static int
open_all(struct lmdb_file *file)
{
	MDB_stat stat;
	int error;

	if ((error = environment_open(file)) != 0 ||
	    (error = mdb_env_stat(file->environment, &stat)) != 0 ||
	    (error = grow_if_short(file, stat.ms_psize)) != 0)
		return error;
	error = database_find(file);
	if (error == MDB_NOTFOUND)
		error = database_make(file);
	if (error != 0)
		return error;
	return set_limits(file, stat.ms_psize);
}

static enum status
open_known(struct lmdb_file *file)
{
	int error = open_all(file);

	if (error == 0)
		return STATUS_OK;
	environment_close(file);
	if (error == MDB_INCOMPATIBLE)
		return refuse(file,
		    "it is a database of another program, or of another "
		    "version of Gatepost: move it away, or set store.path");
	if (error == MDB_VERSION_MISMATCH)
		return refuse(
		    file, "it is of another version of LMDB: move it away");
	file->is_broken = lmdb_file_error_is_corruption(error);
	return fail_by_error(file, error);
}

/* One attempt; file->is_broken tells that there should be another. */
static enum status
open_once(struct lmdb_file *file, int directory_fd)
{
	int error;

	drop_stale_lock(directory_fd);
	if ((error = file_make(directory_fd, FILE_NAME)) != 0 ||
	    (error = file_make(directory_fd, LOCK_NAME)) != 0)
		return fail_by_error(file, error);
	switch (file_kind(file, directory_fd)) {
	case FILE_KIND_UNKNOWN:
		return STATUS_IO;
	case FILE_KIND_FOREIGN:
		return refuse(file,
		    "it is no LMDB database: move it away, or set store.path");
	case FILE_KIND_BROKEN:
		file->is_broken = true;
		return STATUS_IO;
	case FILE_KIND_EMPTY:
	case FILE_KIND_LMDB:
		break;
	}
	file->is_broken = false;
	return open_known(file);
}

/* Programs that still use the broken file keep it, with its lock file. */
static enum status
set_aside(struct lmdb_file *file, int directory_fd)
{
	log_error("store: lmdb: %s is broken: it is renamed to " BROKEN_NAME
		  ", and the store begins anew",
	    file->path);
	if ((unlinkat(directory_fd, LOCK_NAME, 0) == 0 || errno == ENOENT) &&
	    renameat(directory_fd, FILE_NAME, directory_fd, BROKEN_NAME) == 0)
		return STATUS_OK;
	return fail_by_error(file, errno);
}

enum status
lmdb_file_open(struct lmdb_file *file)
{
	enum status status;
	int fd, length;

	length = snprintf(
	    file->path, sizeof(file->path), "%s/" FILE_NAME, file->directory);
	if (length < 0 || (size_t)length >= sizeof(file->path))
		return refuse(file, "store.path is too long");
	if ((fd = directory_open(file->directory)) < 0 && errno == ENOENT) {
		(void)refuse(
		    file, "its directory is missing, and cannot be made here");
		return STATUS_IO;
	}
	if (fd < 0)
		return fail_by_error(file, errno);
	status = open_once(file, fd);
	if (status != STATUS_OK && file->is_broken) {
		status = set_aside(file, fd);
		file->is_broken = false;
		if (status == STATUS_OK)
			status = open_once(file, fd);
	}
	close(fd);
	return status;
}

void
lmdb_file_close(struct lmdb_file *file)
{
	int fd;

	if (file->environment == NULL)
		return;
	fd = open(file->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	/* Without the lock it stays open: another program may be opening it. */
	if (fd < 0 || directory_lock(fd))
		environment_close(file);
	file->environment = NULL;
	if (fd >= 0)
		close(fd);
}
