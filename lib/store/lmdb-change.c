/* lmdb-change - operations on the file of the lmdb store (see its header). */
#include "config.h"

#include "lib/store/lmdb-change.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "lib/base/log.h"

#define RECORD_VERSION    1
#define EXPIRES_MAX       (STORE_TIME_MAX + STORE_SECONDS_MAX)
#define ITEMS_MIN         16 /* of a commit, however small the file */
#define PAGES_PER_ITEM    64 /* of the map, so that changes fit beside it */
#define PAGES_PER_STRETCH 64 /* likewise, of those that entries leave */
#define STRETCH_MAX       64 /* entries that are looked at together */
#define STRETCH_DROPS     16 /* of them that are dropped at the most */
#define SWEEP_MIN         16 /* entries that every commit looks at */
#define SWEEP_PER_ITEM    4  /* and more for each entry that came */
#define DROP_GAIN         16 /* over the limit by 1/16: two go for each */
#define ROOM_DROPS        64 /* when a commit did not fit */
#define ATTEMPTS_MAX      4

/* A value as it stands in the file, in the byte order of the host. */
struct record {
	uint8_t version;
	uint8_t type; /* enum store_value_type */
	uint8_t zero[6];
	int64_t expires_at;
	int64_t at;

	union {
		struct store_pair pair;
		int64_t number;
		double tokens;
	};
};

/* What one commit is to do. */
struct change {
	struct lmdb_item **items;
	size_t count;
	int64_t now;
	bool sweeps; /* also looks for what may go */
};

/* What a sweep is to do. */
struct sweep_work {
	size_t visits; /* entries to look at */
	size_t drops;  /* entries that must go, expired or not */
	int64_t now;
};

_Static_assert(sizeof(struct record) == 40, "the layout has no holes");

void
lmdb_key_make(const char *prefix, const char *key, struct lmdb_key *key_r)
{
	char full_key[STORE_FULL_KEY_BYTES];
	size_t length;
	uint64_t hash;

	store_full_key(prefix, key, full_key);
	length = strlen(full_key);
	hash = store_value_hash(full_key, 0);
	memcpy(key_r->bytes, &hash, sizeof(hash));
	memcpy(key_r->bytes + sizeof(hash), full_key, length);
	key_r->length = sizeof(hash) + length;
}

void
lmdb_sweeper_init(struct lmdb_sweeper *sweeper, int64_t now)
{
	memset(sweeper, 0, sizeof(*sweeper));
	store_sweep_time_start(&sweeper->time, now);
	sweeper->next.length = sizeof(uint64_t);
	if (getrandom(sweeper->next.bytes, sizeof(uint64_t), 0) !=
	    (ssize_t)sizeof(uint64_t))
		sweeper->next.length = 0;
}

static bool
count_is_valid(double number)
{
	return isfinite(number) && number >= 0 && number <= STORE_NUMBER_MAX;
}

static bool
record_is_valid(const struct record *record)
{
	if (record->version != RECORD_VERSION || record->at < 0 ||
	    record->at > STORE_TIME_MAX || record->expires_at < 0 ||
	    record->expires_at > EXPIRES_MAX)
		return false;
	switch (record->type) {
	case STORE_VALUE_PAIR:
		return count_is_valid(record->pair.ham) &&
		    count_is_valid(record->pair.spam);
	case STORE_VALUE_BUCKET:
		return count_is_valid(record->tokens);
	case STORE_VALUE_MARK:
		return true;
	}
	return false;
}

static void
value_from_bytes(const MDB_val *data, struct store_value *value)
{
	struct record record;

	memset(value, 0, sizeof(*value));
	value->type = STORE_VALUE_BROKEN;
	if (data->mv_size != sizeof(record))
		return;
	memcpy(&record, data->mv_data, sizeof(record));
	if (!record_is_valid(&record))
		return;
	value->type = (enum store_value_type)record.type;
	value->at = record.at;
	value->expires_at = record.expires_at;
	if (value->type == STORE_VALUE_PAIR)
		value->pair = record.pair;
	else if (value->type == STORE_VALUE_BUCKET)
		value->tokens = record.tokens;
	else
		value->number = record.number;
}

static void
record_from_value(const struct store_value *value, struct record *record)
{
	memset(record, 0, sizeof(*record));
	record->version = RECORD_VERSION;
	record->type = (uint8_t)value->type;
	record->at = value->at;
	record->expires_at = value->expires_at;
	if (value->type == STORE_VALUE_PAIR)
		record->pair = value->pair;
	else if (value->type == STORE_VALUE_BUCKET)
		record->tokens = value->tokens;
	else
		record->number = value->number;
}

/* The library takes pointers that are not const, and does not write there. */
static MDB_val
key_value(const struct lmdb_key *key)
{
	MDB_val value;

	value.mv_size = key->length;
	value.mv_data = (void *)(uintptr_t)key->bytes;
	return value;
}

static int
value_get(const struct lmdb_file *file, MDB_txn *txn, MDB_val *key,
    struct store_value *value)
{
	MDB_val data;
	int error;

	memset(value, 0, sizeof(*value));
	error = mdb_get(txn, file->database, key, &data);
	if (error == MDB_NOTFOUND)
		return 0;
	if (error == 0)
		value_from_bytes(&data, value);
	return error;
}

int
lmdb_change_read(const struct lmdb_file *file, MDB_txn *txn,
    const struct lmdb_key *key, struct store_operation *operation, int64_t now)
{
	struct store_value value;
	MDB_val bytes = key_value(key);
	int error;

	if ((error = value_get(file, txn, &bytes, &value)) == 0)
		(void)store_value_apply(operation, &value, now);
	return error;
}

static int
item_run(const struct lmdb_file *file, MDB_txn *txn, struct lmdb_item *item,
    int64_t now)
{
	MDB_val key = key_value(&item->key), data;
	struct store_value value;
	struct record record;
	int error;

	if ((error = value_get(file, txn, &key, &value)) != 0)
		return error;
	switch (store_value_apply(&item->operation, &value, now)) {
	case STORE_CHANGE_NONE:
		break;
	case STORE_CHANGE_PUT:
		record_from_value(&value, &record);
		data.mv_data = &record;
		data.mv_size = sizeof(record);
		return mdb_put(txn, file->database, &key, &data, 0);
	case STORE_CHANGE_REMOVE:
		error = mdb_del(txn, file->database, &key, NULL);
		return error == MDB_NOTFOUND ? 0 : error;
	}
	return 0;
}

/* Some entries that lie together, and when they expire. */
struct stretch {
	struct lmdb_key start; /* length 0: the first entry of the file */
	size_t count;
	int64_t expires_at[STRETCH_MAX];
};

static int
stretch_seek(const struct stretch *stretch, MDB_cursor *cursor, MDB_val *data)
{
	MDB_val key = key_value(&stretch->start);

	return mdb_cursor_get(cursor, &key, data,
	    stretch->start.length == 0 ? MDB_FIRST : MDB_SET_RANGE);
}

/* What cannot be understood expires at once. */
static int64_t
expiry_of(const MDB_val *data, int64_t now)
{
	struct store_value value;

	value_from_bytes(data, &value);
	return store_value_expiry(&value, now);
}

/* Reads up to most entries.  Returns 0 also at the end of the file. */
static int
stretch_read(
    struct stretch *stretch, MDB_cursor *cursor, size_t most, int64_t now)
{
	MDB_val key, data;
	int error;

	stretch->count = 0;
	error = stretch_seek(stretch, cursor, &data);
	while (error == 0) {
		stretch->expires_at[stretch->count++] = expiry_of(&data, now);
		if (stretch->count == most)
			return 0;
		error = mdb_cursor_get(cursor, &key, &data, MDB_NEXT);
	}
	return error == MDB_NOTFOUND ? 0 : error;
}

static int
compare_times(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* The time by which as many of the stretch as are to go have expired. */
static int64_t
stretch_limit(const struct stretch *stretch, size_t drops)
{
	int64_t sorted[STRETCH_MAX];

	if (drops == 0)
		return 0;
	memcpy(sorted, stretch->expires_at, stretch->count * sizeof(sorted[0]));
	qsort(sorted, stretch->count, sizeof(sorted[0]), compare_times);
	return sorted[(drops < stretch->count ? drops : stretch->count) - 1];
}

/* Removes what expired by until, and the drops entries that expire soonest. */
static int
stretch_remove(const struct stretch *stretch, MDB_cursor *cursor, int64_t until,
    size_t drops)
{
	int64_t limit = stretch_limit(stretch, drops);
	MDB_val key, data;
	bool drop;
	size_t i;
	int error;

	error = stretch_seek(stretch, cursor, &data);
	for (i = 0; i < stretch->count && error == 0; i++) {
		drop = drops > 0 && stretch->expires_at[i] <= limit;
		if (drop)
			drops--;
		if (drop || stretch->expires_at[i] <= until)
			error = mdb_cursor_del(cursor, 0);
		/* After a removal, too, this is the next one. */
		if (error == 0)
			error = mdb_cursor_get(cursor, &key, &data, MDB_NEXT);
	}
	return error == MDB_NOTFOUND ? 0 : error;
}

/* With the cursor on the last entry of a stretch: where the next one begins. */
static int
sweeper_advance(struct lmdb_sweeper *sweeper, MDB_cursor *cursor)
{
	MDB_val key, data;
	int error;

	sweeper->next.length = 0;
	error = mdb_cursor_get(cursor, &key, &data, MDB_NEXT);
	if (error != 0)
		return error == MDB_NOTFOUND ? 0 : error;
	if (key.mv_size > sizeof(sweeper->next.bytes))
		return 0;
	memcpy(sweeper->next.bytes, key.mv_data, key.mv_size);
	sweeper->next.length = key.mv_size;
	return 0;
}

static bool
has_expired(const struct stretch *stretch, int64_t until)
{
	size_t i;

	for (i = 0; i < stretch->count; i++)
		if (stretch->expires_at[i] <= until)
			return true;
	return false;
}

/* One stretch of up to most entries.  At the end of the file the sweeper stands
 * at its beginning again. */
static int
sweep_stretch(struct lmdb_sweeper *sweeper, MDB_cursor *cursor, size_t most,
    size_t drops, int64_t now)
{
	struct stretch stretch;
	int error;

	stretch.start = sweeper->next;
	sweeper->next.length = 0;
	error = stretch_read(&stretch, cursor, most, now);
	if (error == 0 && stretch.count == most)
		error = sweeper_advance(sweeper, cursor);
	if (error != 0 || stretch.count == 0 ||
	    (drops == 0 && !has_expired(&stretch, sweeper->time.until)))
		return error;
	return stretch_remove(&stretch, cursor, sweeper->time.until, drops);
}

static size_t
smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Looks at so many entries, and drops so many; once around at the most. */
static int
sweep(const struct lmdb_file *file, struct lmdb_sweeper *sweeper, MDB_txn *txn,
    struct sweep_work work)
{
	MDB_cursor *cursor;
	size_t most, drops;
	int error;

	error = mdb_cursor_open(txn, file->database, &cursor);
	while (error == 0 && (work.visits > 0 || work.drops > 0)) {
		drops = smaller(work.drops, STRETCH_DROPS);
		most =
		    drops > 0 ? STRETCH_MAX : smaller(work.visits, STRETCH_MAX);
		error = sweep_stretch(sweeper, cursor, most, drops, work.now);
		work.drops -= drops;
		work.visits -= smaller(work.visits, most);
		if (sweeper->next.length == 0)
			break;
	}
	return error; /* the cursor ends with its transaction */
}

/* What a commit owes for the entries that came with it.  What it may drop is
 * bounded by the pages that this changes. */
static struct sweep_work
sweep_work_for(const struct lmdb_file *file, size_t came, size_t pages)
{
	struct sweep_work work = { .visits = SWEEP_MIN };
	size_t stretches = file->page_count / PAGES_PER_STRETCH, limit;

	work.visits += SWEEP_PER_ITEM * came;
	limit = file->page_limit;
	if (pages > limit)
		work.drops = smaller(STRETCH_DROPS * stretches,
		    came + came * DROP_GAIN * (pages - limit) / limit);
	return work;
}

static int
database_stat(
    const struct lmdb_file *file, MDB_txn *txn, size_t *entries, size_t *pages)
{
	MDB_stat stat;
	int error;

	if ((error = mdb_stat(txn, file->database, &stat)) != 0)
		return error;
	*entries = stat.ms_entries;
	*pages =
	    stat.ms_branch_pages + stat.ms_leaf_pages + stat.ms_overflow_pages;
	return 0;
}

static void
warn_of_full(const struct lmdb_file *file, struct lmdb_sweeper *sweeper)
{
	if (store_warning_is_due(&sweeper->full_warn_at_ms))
		log_warning("store: lmdb: %s is full: what expires soonest is "
			    "dropped, or new entries are not kept",
		    file->path);
}

static int
change_in(MDB_txn *txn, const struct lmdb_file *file,
    struct lmdb_sweeper *sweeper, const struct change *change)
{
	size_t before, after, pages, i;
	struct sweep_work work;
	int error;

	error = database_stat(file, txn, &before, &pages);
	for (i = 0; i < change->count && error == 0; i++)
		error = item_run(file, txn, change->items[i], change->now);
	if (error == 0)
		error = database_stat(file, txn, &after, &pages);
	if (error != 0 || !change->sweeps)
		return error;
	work = sweep_work_for(file, after > before ? after - before : 0, pages);
	work.now = change->now;
	if (work.drops > 0)
		warn_of_full(file, sweeper);
	return sweep(file, sweeper, txn, work);
}

static int
change_once(const struct lmdb_file *file, struct lmdb_sweeper *sweeper,
    const struct change *change)
{
	MDB_txn *txn;
	int error;

	if ((error = mdb_txn_begin(file->environment, NULL, 0, &txn)) != 0)
		return error;
	if ((error = change_in(txn, file, sweeper, change)) == 0)
		return mdb_txn_commit(txn);
	mdb_txn_abort(txn);
	return error;
}

/* Drops some entries when they are what the file is full of. */
static int
drop_some(
    const struct lmdb_file *file, struct lmdb_sweeper *sweeper, int64_t now)
{
	struct sweep_work work = { .drops = ROOM_DROPS, .now = now };
	size_t entries, pages = 0;
	MDB_txn *txn;
	int error;

	if ((error = mdb_txn_begin(file->environment, NULL, 0, &txn)) != 0)
		return error;
	error = database_stat(file, txn, &entries, &pages);
	if (error == 0 && pages > file->page_limit)
		error = sweep(file, sweeper, txn, work);
	if (error == 0)
		return mdb_txn_commit(txn);
	mdb_txn_abort(txn);
	return error;
}

/* Old readers keep pages; those of dead programs are forgotten. */
static int
make_room(
    const struct lmdb_file *file, struct lmdb_sweeper *sweeper, int64_t now)
{
	int dead, error;

	warn_of_full(file, sweeper);
	if ((error = mdb_reader_check(file->environment, &dead)) != 0)
		return error;
	error = drop_some(file, sweeper, now);
	return error == MDB_MAP_FULL ? 0 : error;
}

/* No room: what only reads is answered, what would write has failed. */
static int
answer_without_room(const struct lmdb_file *file, const struct change *change)
{
	struct lmdb_item *item;
	MDB_txn *txn;
	size_t i;
	int error;

	error = mdb_txn_begin(file->environment, NULL, MDB_RDONLY, &txn);
	if (error != 0)
		return error;
	for (i = 0; i < change->count && error == 0; i++) {
		item = change->items[i];
		store_operation_clear(&item->operation);
		if (store_value_only_reads(item->operation.verb))
			error = lmdb_change_read(file, txn, &item->key,
			    &item->operation, change->now);
		else
			item->operation.failed = true;
	}
	mdb_txn_abort(txn);
	return error;
}

size_t
lmdb_change_items_max(const struct lmdb_file *file)
{
	size_t most = file->page_count / PAGES_PER_ITEM;

	if (most < ITEMS_MIN)
		return ITEMS_MIN;
	return smaller(most, LMDB_CHANGE_ITEMS_MAX);
}

int
lmdb_change_commit(const struct lmdb_file *file, struct lmdb_sweeper *sweeper,
    struct lmdb_item **items, size_t count, int64_t now)
{
	struct change change = { items, count, now, true };
	int error, attempt;

	(void)store_sweep_time_step(&sweeper->time, now);
	for (attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
		error = change_once(file, sweeper, &change);
		if (error != MDB_MAP_FULL)
			return error;
		change.sweeps = false;
		if ((error = make_room(file, sweeper, now)) != 0)
			return error;
	}
	return answer_without_room(file, &change);
}
