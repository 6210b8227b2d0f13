/*
 * archive - what an archive tells of itself without being unpacked: whether a
 * password locks it, and the names of its files (zip, RAR).
 *
 * zip by PKWARE's APPNOTE, 7z by its 7zFormat.txt, RAR by its technical notes
 * (versions 4 and 5).  Nothing is decompressed.  What is broken says nothing.
 */
#ifndef GATEPOST_MAIL_ARCHIVE_H
#define GATEPOST_MAIL_ARCHIVE_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/region.h"
#include "lib/base/status.h"
#include "lib/base/str.h"

/* Entries that are read, 4 bytes each at least: more files than anybody packs
 * to send them by mail. */
#define ARCHIVE_NAMES_MAX 50000

enum archive_kind {
	ARCHIVE_NONE,
	ARCHIVE_ZIP,
	ARCHIVE_7Z,
	ARCHIVE_RAR
};

struct archive {
	enum archive_kind kind;
	bool is_encrypted;  /* some of its files, or its directory */
	size_t name_count;  /* of files; directories are left out */
	struct span *names; /* any bytes; within those that were read */
	bool is_cut;        /* there are more entries than are read */
};

/*
 * archive_read - reads the whole of an archive, or as much as there is.
 *
 * archive_r  its names are owned by region, and lie within bytes
 *
 * A zip is found by its directory, at its end, too: programs open one whatever
 * stands in front of it.  Where that is cut off, the files tell their names.
 * Of bytes that are a zip and another archive as well, both are told, with the
 * kind of the other one.
 *
 * Returns STATUS_OK (whatever the bytes are) or STATUS_NOMEM.
 */
enum status archive_read(struct region *region, struct span bytes,
    struct archive *archive_r) GP_MUST_CHECK;

#endif
