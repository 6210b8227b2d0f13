/*
 * archive - what an archive tells of itself without being unpacked: whether a
 * password locks it, and the names of its files (zip).
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

#define ARCHIVE_NAMES_MAX 1000 /* of the files that are read */

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
	bool is_cut;        /* there are more than ARCHIVE_NAMES_MAX */
};

/* archive_kind_of - by the bytes that it begins with */
enum archive_kind archive_kind_of(struct span bytes);

/*
 * archive_read - reads the whole of an archive, or as much as there is.
 *
 * archive_r  its names are owned by region, and lie within bytes
 *
 * Returns STATUS_OK (whatever the bytes are) or STATUS_NOMEM.
 */
enum status archive_read(struct region *region, struct span bytes,
    struct archive *archive_r) GP_MUST_CHECK;

#endif
