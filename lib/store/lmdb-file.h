/*
 * lmdb-file - the file of the lmdb store: found, made, checked, opened.
 *
 * DIRECTORY/store.mdb and its lock file are shared by all programs of a host.
 * LMDB keeps the two whole through kill -9 of any of them.  With MDB_NOMETASYNC
 * a commit costs one fdatasync() and not two; a power failure may then undo the
 * last commit, but never harms the file: pages that the last two states use are
 * not written to.
 *
 * One process must not have the file open twice (LMDB's rule).
 */
#ifndef GATEPOST_STORE_LMDB_FILE_H
#define GATEPOST_STORE_LMDB_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <lmdb.h>

#include "lib/base/status.h"

#define LMDB_FILE_PATH_BYTES   4096
#define LMDB_FILE_REASON_BYTES 256

struct lmdb_file {
	const char *directory; /* borrowed; set by the caller */
	int64_t size_bytes;    /* set by the caller */
	char path[LMDB_FILE_PATH_BYTES];

	MDB_env *environment; /* NULL: not open */
	MDB_dbi database;
	size_t page_count; /* of the map */
	size_t page_limit; /* over these in use, entries are dropped */
	dev_t device;      /* of the file that was opened last */
	ino_t inode;
	bool is_broken; /* that file is; it is set aside at the next open */
	char reason[LMDB_FILE_REASON_BYTES]; /* why it did not open */
};

/*
 * lmdb_file_open - opens it; makes the directory and the file if missing.
 *
 * A file that LMDB finds broken is renamed to store.mdb.broken (in place of an
 * older one) and a new one begun (logged).  Returns STATUS_OK, or with file->reason
 * set STATUS_NOMEM, STATUS_IO, or STATUS_INVALID: the file is of somebody else,
 * and is left alone.
 */
enum status lmdb_file_open(struct lmdb_file *file) GP_MUST_CHECK;

/* lmdb_file_close - nothing of it may be in use; accepts one that is closed */
void lmdb_file_close(struct lmdb_file *file);

/* lmdb_file_error_is_corruption - what the library says of a broken file */
bool lmdb_file_error_is_corruption(int error);

#endif
