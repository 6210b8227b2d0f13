/*
 * store-lmdb - the store in a file that all programs of a host share.
 *
 * Runs that only read use a read transaction on the caller's thread; they wait
 * for nobody.  All others are handed to the store's one writer thread, which
 * takes all that wait into one commit: a busy program does not pay one
 * fdatasync() a message, and a caller is gone at its deadline whatever the disk
 * or a stopped process that holds LMDB's lock does to the writer.
 *
 * The writer also owns the file.  After an error of LMDB it closes the file,
 * and opens it again 1 to 30 seconds later; until then every run is busy.  A
 * daemon's writer begins so when the file does not open at the start.  Now and
 * then it looks whether the file is still the one that others would open.
 */
#include "config.h"

#include <errno.h>
#include <pthread.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/store/lmdb-change.h"
#include "lib/store/lmdb-file.h"

#define RETRY_MS_FIRST 1000
#define RETRY_MS_MAX   30000
#define LOOK_SECONDS   30 /* between two looks whether the file is there */
#define PASSWD_BYTES   4096
#define ADVICE_BYTES   1024
#define CLOSE_MS_MORE  1000 /* store.timeout and this, for the last commit */

/* A run on its way to the writer. */
struct request {
	STAILQ_ENTRY(request) entry;
	pthread_cond_t done; /* is_done became true */
	bool is_done;
	bool is_abandoned; /* nobody waits: the writer frees it */
	enum status status;
	size_t next; /* items before it are committed or in the batch */
	size_t count;
	struct lmdb_item items[];
};

STAILQ_HEAD(request_queue, request);

struct store_lmdb {
	struct store_clock clock;
	bool has_clock;
	char *prefix, *directory;
	int64_t timeout_ms;
	pthread_t thread;
	bool has_thread;

	/* Held for reading while a transaction reads, and for writing, by the
	 * writer, while the file is opened or closed. */
	pthread_rwlock_t file_lock;
	struct lmdb_file file;

	pthread_mutex_t lock; /* guards all below, and the requests */
	pthread_cond_t work;  /* queue, error or is_closing changed */
	pthread_cond_t ended; /* has_ended became true */
	struct request_queue queue;
	bool is_open;    /* the file is */
	bool is_stalled; /* a run gave up waiting; until the next commit */
	bool stall_is_logged;
	bool is_closing, has_ended;
	int error; /* of LMDB, which the writer must see to; 0: none */

	/* The writer's alone. */
	struct lmdb_sweeper sweeper;
	struct lmdb_item *batch[LMDB_CHANGE_ITEMS_MAX];
	size_t batch_count;
	unsigned int failures; /* in a row; 0: all is well */
	bool was_open;
	int64_t retry_at_ms;
	int64_t looked_at; /* by the store's clock */
	_Atomic int64_t stall_warn_at_ms;
};

static int64_t
lmdb_now(const struct store_lmdb *lmdb)
{
	return store_now(lmdb->has_clock ? &lmdb->clock : NULL);
}

/* An error of a caller's transaction; the writer will see to it. */
static enum status
report_error(struct store_lmdb *lmdb, int error)
{
	if (error == ENOMEM)
		return STATUS_NOMEM;
	if (error == MDB_READERS_FULL)
		return STATUS_BUSY;
	pthread_mutex_lock(&lmdb->lock);
	if (lmdb->error == 0)
		lmdb->error = error;
	pthread_cond_signal(&lmdb->work);
	pthread_mutex_unlock(&lmdb->lock);
	return STATUS_IO;
}

static int
begin_reading(struct store_lmdb *lmdb, MDB_txn **txn)
{
	int dead, error;

	error = mdb_txn_begin(lmdb->file.environment, NULL, MDB_RDONLY, txn);
	if (error != MDB_READERS_FULL)
		return error;
	if ((error = mdb_reader_check(lmdb->file.environment, &dead)) != 0)
		return error;
	return mdb_txn_begin(lmdb->file.environment, NULL, MDB_RDONLY, txn);
}

static int
read_all(
    struct store_lmdb *lmdb, struct store_operation *operations, size_t count)
{
	int64_t now = lmdb_now(lmdb);
	struct lmdb_key key;
	MDB_txn *txn;
	size_t i;
	int error;

	if ((error = begin_reading(lmdb, &txn)) != 0)
		return error;
	for (i = 0; i < count && error == 0; i++) {
		lmdb_key_make(lmdb->prefix, operations[i].key, &key);
		error = lmdb_change_read(
		    &lmdb->file, txn, &key, &operations[i], now);
	}
	mdb_txn_abort(txn);
	return error;
}

static enum status
run_reading(
    struct store_lmdb *lmdb, struct store_operation *operations, size_t count)
{
	int error;

	pthread_rwlock_rdlock(&lmdb->file_lock);
	if (lmdb->file.environment == NULL) {
		pthread_rwlock_unlock(&lmdb->file_lock);
		return STATUS_BUSY;
	}
	error = read_all(lmdb, operations, count);
	pthread_rwlock_unlock(&lmdb->file_lock);
	return error == 0 ? STATUS_OK : report_error(lmdb, error);
}

static void
condition_init(pthread_cond_t *condition)
{
	pthread_condattr_t attributes;

	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(condition, &attributes);
	pthread_condattr_destroy(&attributes);
}

/* The writer gets its own copy: the caller may be gone when it is done. */
static struct request *
request_new(const struct store_lmdb *lmdb,
    const struct store_operation *operations, size_t count)
{
	struct request *request;
	size_t i;

	request =
	    calloc(1, sizeof(*request) + count * sizeof(request->items[0]));
	if (request == NULL)
		return NULL;
	condition_init(&request->done);
	request->count = count;
	for (i = 0; i < count; i++) {
		request->items[i].operation = operations[i];
		request->items[i].operation.key = NULL;
		lmdb_key_make(
		    lmdb->prefix, operations[i].key, &request->items[i].key);
	}
	return request;
}

static void
request_free(struct request *request)
{
	pthread_cond_destroy(&request->done);
	free(request);
}

static void
request_answer(
    const struct request *request, struct store_operation *operations)
{
	const char *key;
	size_t i;

	for (i = 0; i < request->count; i++) {
		key = operations[i].key;
		operations[i] = request->items[i].operation;
		operations[i].key = key;
	}
}

/* Takes the first request out of the queue; it is over. */
static void
request_end_locked(struct store_lmdb *lmdb, enum status status)
{
	struct request *request = STAILQ_FIRST(&lmdb->queue);

	STAILQ_REMOVE_HEAD(&lmdb->queue, entry);
	if (request->is_abandoned) {
		request_free(request);
		return;
	}
	request->status = status;
	request->is_done = true;
	pthread_cond_signal(&request->done);
}

/* The deadline passed.  Until a commit ends, nobody else waits for one. */
static void
request_abandon_locked(struct store_lmdb *lmdb, struct request *request)
{
	request->is_abandoned = true;
	lmdb->is_stalled = true;
	if (!store_warning_is_due(&lmdb->stall_warn_at_ms))
		return;
	lmdb->stall_is_logged = true;
	log_warning("store: lmdb: %s: no commit within store.timeout (a slow "
		    "disk, or a stopped program)",
	    lmdb->directory);
}

/* STATUS_TIMEOUT: the request belongs to the writer now. */
static enum status
request_wait(struct store_lmdb *lmdb, struct request *request)
{
	struct timespec deadline =
	    clock_timespec(clock_now_ms() + lmdb->timeout_ms);
	enum status status;
	int error = 0;

	pthread_mutex_lock(&lmdb->lock);
	if (!lmdb->is_open || lmdb->is_stalled) {
		pthread_mutex_unlock(&lmdb->lock);
		return STATUS_BUSY;
	}
	STAILQ_INSERT_TAIL(&lmdb->queue, request, entry);
	pthread_cond_signal(&lmdb->work);
	while (!request->is_done && error != ETIMEDOUT)
		error = pthread_cond_timedwait(
		    &request->done, &lmdb->lock, &deadline);
	status = request->status;
	if (!request->is_done) {
		status = STATUS_TIMEOUT;
		request_abandon_locked(lmdb, request);
	}
	pthread_mutex_unlock(&lmdb->lock);
	return status;
}

static bool
only_reads(const struct store_operation *operations, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (!store_value_only_reads(operations[i].verb))
			return false;
	return true;
}

static enum status
lmdb_run(void *state, struct store_operation *operations, size_t count)
{
	struct store_lmdb *lmdb = state;
	struct request *request;
	enum status status;

	if (only_reads(operations, count))
		return run_reading(lmdb, operations, count);
	if ((request = request_new(lmdb, operations, count)) == NULL)
		return STATUS_NOMEM;
	status = request_wait(lmdb, request);
	if (status == STATUS_TIMEOUT)
		return status;
	if (status == STATUS_OK)
		request_answer(request, operations);
	request_free(request);
	return status;
}

static int64_t
retry_ms(unsigned int failures)
{
	int64_t wait = RETRY_MS_FIRST;

	for (; failures > 1 && wait < RETRY_MS_MAX; failures--)
		wait *= 2;
	return wait < RETRY_MS_MAX ? wait : RETRY_MS_MAX;
}

static void
retry_later(struct store_lmdb *lmdb)
{
	lmdb->failures++;
	lmdb->retry_at_ms = clock_now_ms() + retry_ms(lmdb->failures);
}

/* Only the writer changes the file, so it may read it without the lock. */
static void
writer_put_file(struct store_lmdb *lmdb, const struct lmdb_file *file)
{
	pthread_rwlock_wrlock(&lmdb->file_lock);
	lmdb->file = *file;
	pthread_rwlock_unlock(&lmdb->file_lock);
	pthread_mutex_lock(&lmdb->lock);
	lmdb->is_open = file->environment != NULL;
	pthread_mutex_unlock(&lmdb->lock);
}

static void
writer_close(struct store_lmdb *lmdb)
{
	struct lmdb_file file = lmdb->file, closed = lmdb->file;

	closed.environment = NULL;
	writer_put_file(lmdb, &closed);
	lmdb_file_close(&file);
}

/* Readers are busy, and do not wait, while it is being opened. */
static enum status
writer_open(struct store_lmdb *lmdb)
{
	struct lmdb_file file = lmdb->file;
	enum status status;

	status = lmdb_file_open(&file);
	writer_put_file(lmdb, &file);
	return status;
}

static void
writer_fail_all(struct store_lmdb *lmdb, enum status status)
{
	pthread_mutex_lock(&lmdb->lock);
	lmdb->is_stalled = lmdb->stall_is_logged = false;
	while (!STAILQ_EMPTY(&lmdb->queue))
		request_end_locked(lmdb, status);
	pthread_mutex_unlock(&lmdb->lock);
}

/* The file is of no use: it is closed, and all that wait hear of it. */
static void
writer_lose(struct store_lmdb *lmdb, int error)
{
	if (lmdb->failures == 0)
		log_error("store: lmdb: %s: %s", lmdb->file.path,
		    mdb_strerror(error));
	lmdb->file.is_broken = lmdb_file_error_is_corruption(error);
	lmdb->file.reason[0] = '\0';
	writer_close(lmdb);
	writer_fail_all(lmdb, STATUS_IO);
	retry_later(lmdb);
}

static void
writer_see_to_error(struct store_lmdb *lmdb, int error)
{
	if (error == ENOMEM) {
		writer_fail_all(lmdb, STATUS_NOMEM);
		return;
	}
	if (error == MDB_MAP_RESIZED) { /* by a program with a larger size */
		writer_close(lmdb);
		if (writer_open(lmdb) == STATUS_OK)
			return;
	}
	writer_lose(lmdb, error);
}

/* After a loss a commit must prove that all is well; a file that opens for the
 * first time is as good as one that opened at once. */
static void
writer_opened(struct store_lmdb *lmdb)
{
	if (lmdb->was_open)
		return;
	lmdb->was_open = true;
	lmdb->failures = 0;
	log_warning("store: lmdb: %s is open now", lmdb->file.path);
}

/* Whether the file that is open is the one that others would open. */
static bool
file_is_there(const struct lmdb_file *file)
{
	struct stat found;

	if (stat(file->path, &found) != 0)
		return errno != ENOENT && errno != ENOTDIR;
	return found.st_dev == file->device && found.st_ino == file->inode;
}

/* Somebody may remove or replace the file; we would go on with one that nobody
 * else sees, and that is gone when we end. */
static void
writer_look(struct store_lmdb *lmdb)
{
	lmdb->looked_at = lmdb_now(lmdb);
	if (file_is_there(&lmdb->file))
		return;
	log_warning("store: lmdb: %s was removed or replaced: it is opened "
		    "anew",
	    lmdb->file.path);
	writer_close(lmdb);
	if (writer_open(lmdb) == STATUS_OK)
		return;
	log_error("store: lmdb: %s: %s", lmdb->file.path, lmdb->file.reason);
	writer_fail_all(lmdb, STATUS_IO);
	retry_later(lmdb);
}

static void
writer_look_locked(struct store_lmdb *lmdb)
{
	pthread_mutex_unlock(&lmdb->lock);
	writer_look(lmdb);
	pthread_mutex_lock(&lmdb->lock);
}

/* The clock may have been set back. */
static bool
look_is_due(const struct store_lmdb *lmdb)
{
	int64_t now = lmdb_now(lmdb);

	return now >= lmdb->looked_at + LOOK_SECONDS || now < lmdb->looked_at;
}

/* Each reason is logged once. */
static void
writer_retry(struct store_lmdb *lmdb)
{
	char before[LMDB_FILE_REASON_BYTES];

	memcpy(before, lmdb->file.reason, sizeof(before));
	if (writer_open(lmdb) == STATUS_OK) {
		writer_opened(lmdb);
		return;
	}
	if (strcmp(before, lmdb->file.reason) != 0)
		log_error(
		    "store: lmdb: %s: %s", lmdb->file.path, lmdb->file.reason);
	retry_later(lmdb);
}

/* The first items that wait, of as many requests as they are. */
static void
batch_collect_locked(struct store_lmdb *lmdb)
{
	size_t most = lmdb_change_items_max(&lmdb->file), i;
	struct request *request;

	lmdb->batch_count = 0;
	STAILQ_FOREACH(request, &lmdb->queue, entry) {
		for (i = request->next; i < request->count; i++) {
			if (lmdb->batch_count == most)
				return;
			lmdb->batch[lmdb->batch_count++] = &request->items[i];
		}
	}
}

/* They are committed; requests without further items are done. */
static void
batch_end_locked(struct store_lmdb *lmdb)
{
	size_t left = lmdb->batch_count, items;
	struct request *request;

	while (left > 0) {
		request = STAILQ_FIRST(&lmdb->queue);
		items = request->count - request->next;
		if (items > left)
			items = left;
		request->next += items;
		left -= items;
		if (request->next == request->count)
			request_end_locked(lmdb, STATUS_OK);
	}
	if (lmdb->stall_is_logged || lmdb->failures > 0)
		log_info("store: lmdb: %s: commits again", lmdb->directory);
	lmdb->is_stalled = lmdb->stall_is_logged = false;
	lmdb->failures = 0;
}

static void
writer_commit_locked(struct store_lmdb *lmdb)
{
	int error;

	batch_collect_locked(lmdb);
	pthread_mutex_unlock(&lmdb->lock);
	error = lmdb_change_commit(&lmdb->file, &lmdb->sweeper, lmdb->batch,
	    lmdb->batch_count, lmdb_now(lmdb));
	pthread_mutex_lock(&lmdb->lock);
	if (error == 0)
		batch_end_locked(lmdb);
	else if (lmdb->error == 0)
		lmdb->error = error;
}

/* Until there is something to do, or it is time to look at the file. */
static void
writer_wait_locked(struct store_lmdb *lmdb)
{
	bool is_open = lmdb->is_open;
	struct timespec until = clock_timespec(
	    is_open ? clock_now_ms() + LOOK_SECONDS * 1000 : lmdb->retry_at_ms);

	if (pthread_cond_timedwait(&lmdb->work, &lmdb->lock, &until) !=
	    ETIMEDOUT)
		return;
	if (is_open) {
		writer_look_locked(lmdb);
		return;
	}
	pthread_mutex_unlock(&lmdb->lock);
	writer_retry(lmdb);
	pthread_mutex_lock(&lmdb->lock);
}

/* Does one thing; false when there is nothing more to do, ever. */
static bool
writer_step_locked(struct store_lmdb *lmdb)
{
	int error = lmdb->error;

	lmdb->error = 0;
	if (error != 0) {
		pthread_mutex_unlock(&lmdb->lock);
		writer_see_to_error(lmdb, error);
		pthread_mutex_lock(&lmdb->lock);
	} else if (!STAILQ_EMPTY(&lmdb->queue)) {
		if (look_is_due(lmdb))
			writer_look_locked(lmdb);
		else
			writer_commit_locked(lmdb);
	} else if (!lmdb->is_closing) {
		writer_wait_locked(lmdb);
	} else {
		return false;
	}
	return true;
}

static void *
writer_thread(void *argument)
{
	struct store_lmdb *lmdb = argument;

	pthread_mutex_lock(&lmdb->lock);
	while (writer_step_locked(lmdb))
		;
	lmdb->has_ended = true;
	pthread_cond_signal(&lmdb->ended);
	pthread_mutex_unlock(&lmdb->lock);
	return NULL;
}

/* Signals are the main thread's. */
static enum status
writer_start(struct store_lmdb *lmdb)
{
	sigset_t all, before;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	error = pthread_create(&lmdb->thread, NULL, writer_thread, lmdb);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	lmdb->has_thread = error == 0;
	if (error == 0)
		return STATUS_OK;
	log_error("store: thread: %s", strerror(error));
	return STATUS_IO;
}

/* False: the writer is held up, and keeps what it uses. */
static bool
writer_stop(struct store_lmdb *lmdb)
{
	struct timespec deadline =
	    clock_timespec(clock_now_ms() + lmdb->timeout_ms + CLOSE_MS_MORE);
	bool has_ended;
	int error = 0;

	if (!lmdb->has_thread)
		return true;
	pthread_mutex_lock(&lmdb->lock);
	lmdb->is_closing = true;
	pthread_cond_signal(&lmdb->work);
	while (!lmdb->has_ended && error != ETIMEDOUT)
		error = pthread_cond_timedwait(
		    &lmdb->ended, &lmdb->lock, &deadline);
	has_ended = lmdb->has_ended;
	pthread_mutex_unlock(&lmdb->lock);
	if (has_ended)
		pthread_join(lmdb->thread, NULL);
	else
		pthread_detach(lmdb->thread);
	return has_ended;
}

static void
lmdb_close(void *state)
{
	struct store_lmdb *lmdb = state;

	if (!writer_stop(lmdb)) {
		log_warning("store: lmdb: %s: the last commit does not end",
		    lmdb->directory);
		return;
	}
	lmdb_file_close(&lmdb->file);
	pthread_cond_destroy(&lmdb->work);
	pthread_cond_destroy(&lmdb->ended);
	pthread_mutex_destroy(&lmdb->lock);
	pthread_rwlock_destroy(&lmdb->file_lock);
	free(lmdb->prefix);
	free(lmdb->directory);
	free(lmdb);
}

/* The name of the user that this daemon runs as. */
static const char *
user_name(char buffer[PASSWD_BYTES])
{
	struct passwd passwd, *found;

	if (getpwuid_r(geteuid(), &passwd, buffer, PASSWD_BYTES, &found) != 0 ||
	    found == NULL)
		return GATEPOST_USER;
	return found->pw_name;
}

/* For a daemon, which makes no directory below one of root's: what to do.  The
 * text is "" when it is not the directory. */
static void
advise(const char *directory, char text[ADVICE_BYTES])
{
	char buffer[PASSWD_BYTES];
	const char *user = user_name(buffer);
	int length = 0;

	text[0] = '\0';
	if (access(directory, F_OK) != 0 && errno == ENOENT)
		length = snprintf(text, ADVICE_BYTES,
		    "; run as root: mkdir -p -m 770 %s && chown %s: %s",
		    directory, user, directory);
	else if (access(directory, R_OK | W_OK | X_OK) != 0 && errno == EACCES)
		length = snprintf(text, ADVICE_BYTES,
		    "; run as root: chown -R %s: %s", user, directory);
	if (length < 0 || length >= ADVICE_BYTES)
		text[0] = '\0';
}

/* The first attempt.  A daemon's writer makes the others. */
static enum status
open_first(struct store_lmdb *lmdb, bool is_daemon)
{
	enum status status = lmdb_file_open(&lmdb->file);
	char advice[ADVICE_BYTES];

	lmdb->is_open = lmdb->was_open = status == STATUS_OK;
	if (status == STATUS_OK)
		return STATUS_OK;
	if (!is_daemon) {
		log_error(
		    "store: lmdb: %s: %s", lmdb->file.path, lmdb->file.reason);
		return status;
	}
	advise(lmdb->directory, advice);
	log_error("store: lmdb: %s: %s; mail goes on without it, and it is "
		  "opened as soon as it can be%s",
	    lmdb->file.path, lmdb->file.reason, advice);
	retry_later(lmdb);
	return STATUS_OK;
}

static enum status
lmdb_start(
    struct store_lmdb *lmdb, const struct store_conf *conf, bool is_daemon)
{
	enum status status;

	lmdb->prefix = strdup(conf->prefix);
	lmdb->directory = strdup(conf->path);
	if (lmdb->prefix == NULL || lmdb->directory == NULL)
		return STATUS_NOMEM;
	lmdb->file.directory = lmdb->directory;
	lmdb->file.size_bytes = conf->size;
	if ((status = open_first(lmdb, is_daemon)) != STATUS_OK)
		return status;
	lmdb->looked_at = lmdb_now(lmdb);
	lmdb_sweeper_init(&lmdb->sweeper, lmdb->looked_at);
	return writer_start(lmdb);
}

static enum status
lmdb_open(const struct store_conf *conf, const struct store_clock *clock,
    bool is_daemon, void **state_r)
{
	struct store_lmdb *lmdb;
	enum status status;

	*state_r = NULL;
	if ((lmdb = calloc(1, sizeof(*lmdb))) == NULL)
		return STATUS_NOMEM;
	if ((lmdb->has_clock = clock != NULL))
		lmdb->clock = *clock;
	lmdb->timeout_ms = conf->timeout;
	pthread_mutex_init(&lmdb->lock, NULL);
	pthread_rwlock_init(&lmdb->file_lock, NULL);
	condition_init(&lmdb->work);
	condition_init(&lmdb->ended);
	STAILQ_INIT(&lmdb->queue);
	if ((status = lmdb_start(lmdb, conf, is_daemon)) != STATUS_OK) {
		lmdb_close(lmdb);
		return status;
	}
	*state_r = lmdb;
	return STATUS_OK;
}

const struct store_driver store_driver_lmdb = { "lmdb", lmdb_open, lmdb_run,
	lmdb_close };
