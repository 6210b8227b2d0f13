/*
 * lmdb-change - operations on the open file of the lmdb store.
 *
 * A key begins with 8 bytes of a hash of the rest, so that keys lie in no
 * order: any stretch of the file is a fair sample of all entries.  A value is
 * 40 bytes (struct record), checked when it is read.
 *
 * Room is kept by the commits themselves.  Each one looks at some entries
 * behind where the last one stopped and removes those that expired; when the
 * file is full, also the ones in the stretch that expire soonest.
 */
#ifndef GATEPOST_STORE_LMDB_CHANGE_H
#define GATEPOST_STORE_LMDB_CHANGE_H

#include "lib/store/lmdb-file.h"
#include "lib/store/store-value.h"

#define LMDB_KEY_BYTES        (8 + STORE_FULL_KEY_BYTES)
#define LMDB_CHANGE_ITEMS_MAX 2048 /* of one commit */

struct lmdb_key {
	size_t length;
	unsigned char bytes[LMDB_KEY_BYTES];
};

struct lmdb_item {
	struct store_operation operation;
	struct lmdb_key key;
};

/* What one writer remembers from commit to commit. */
struct lmdb_sweeper {
	struct lmdb_key next; /* where to go on; length 0: at the first entry */
	struct store_sweep_time time;
	_Atomic int64_t full_warn_at_ms;
};

/* lmdb_key_make - the bytes of a key as they stand in the file */
void lmdb_key_make(const char *prefix, const char *key, struct lmdb_key *key_r);

/* lmdb_sweeper_init - somewhere in the file */
void lmdb_sweeper_init(struct lmdb_sweeper *sweeper, int64_t now);

/*
 * lmdb_change_read - answers one operation that only reads.
 *
 * Returns 0 or the library's error.
 */
int lmdb_change_read(const struct lmdb_file *file, MDB_txn *txn,
    const struct lmdb_key *key, struct store_operation *operation, int64_t now);

/* lmdb_change_items_max - items that one commit may take */
size_t lmdb_change_items_max(const struct lmdb_file *file);

/*
 * lmdb_change_commit - runs items in order and makes them last.
 *
 * When there is no room, not even after dropping entries, all items that would
 * write have failed, and 0 is returned.  Other errors of the library mean that
 * nothing was done.
 */
int lmdb_change_commit(const struct lmdb_file *file,
    struct lmdb_sweeper *sweeper, struct lmdb_item **items, size_t count,
    int64_t now);

#endif
