/* archive - what an archive tells of itself (see archive.h). */
#include "config.h"

#include "lib/mail/archive.h"

#include <stdint.h>
#include <string.h>

#define ZIP_LOCAL_BYTES   30
#define ZIP_CENTRAL_BYTES 46
#define ZIP_END_BYTES     22
#define ZIP_COMMENT_MAX   65535
#define ZIP_ENCRYPTED     0x0001 /* general purpose bit 0 */
/* Entries that are looked at; directories are no names. */
#define ZIP_ENTRIES_MAX (2 * ARCHIVE_NAMES_MAX)

#define SEVEN_ZIP_START_BYTES 32
#define SEVEN_ZIP_HEADER_MAX  65536 /* of it, looked at */

#define RAR_BLOCKS_MAX        16 /* the first file comes behind one or two */
#define RAR4_MARK_BYTES       7
#define RAR4_BLOCK_BYTES      7
#define RAR4_MAIN             0x73
#define RAR4_FILE             0x74
#define RAR4_MAIN_ENCRYPTED   0x0080
#define RAR4_FILE_ENCRYPTED   0x0004
#define RAR4_HAS_DATA         0x8000
#define RAR5_MARK_BYTES       8
#define RAR5_FILE             2
#define RAR5_ENCRYPTION       4
#define RAR5_HAS_EXTRA        0x0001
#define RAR5_HAS_DATA         0x0002
#define RAR5_EXTRA_ENCRYPTION 1

static const struct {
	enum archive_kind kind;
	size_t length;
	const char *bytes;
} marks[] = {
	{ ARCHIVE_ZIP, 4, "PK\3\4" },
	{ ARCHIVE_7Z, 6, "7z\xbc\xaf\x27\x1c" },
	{ ARCHIVE_RAR, 6, "Rar!\x1a\x07" },
};

static struct span
skip(struct span bytes, size_t count)
{
	if (count > bytes.length)
		count = bytes.length;
	bytes.data += count;
	bytes.length -= count;
	return bytes;
}

/* A number of count bytes, the lowest first; the caller has checked that they
 * are there. */
static uint64_t
number(struct span bytes, size_t at, size_t count)
{
	uint64_t value = 0;

	while (count > 0)
		value = value << 8 | (unsigned char)bytes.data[at + --count];
	return value;
}

static bool
begins(struct span bytes, const char *mark, size_t length)
{
	return bytes.length >= length && memcmp(bytes.data, mark, length) == 0;
}

enum archive_kind
archive_kind_of(struct span bytes)
{
	size_t i;

	for (i = 0; i < GP_NELEMS(marks); i++)
		if (begins(bytes, marks[i].bytes, marks[i].length))
			return marks[i].kind;
	return ARCHIVE_NONE;
}

static void
add_name(struct archive *archive, struct span name)
{
	if (name.length == 0 || name.data[name.length - 1] == '/')
		return;
	if (archive->name_count == ARCHIVE_NAMES_MAX)
		archive->is_cut = true;
	else
		archive->names[archive->name_count++] = name;
}

/* The entries of the central directory; nothing when it is not there. */
static struct span
zip_directory(struct span bytes)
{
	struct span none = { NULL, 0 }, end;
	size_t at, size, tried;

	if (bytes.length < ZIP_END_BYTES)
		return none;
	at = bytes.length - ZIP_END_BYTES;
	for (tried = 0; tried <= ZIP_COMMENT_MAX; tried++, at--) {
		end = skip(bytes, at);
		if (begins(end, "PK\5\6", 4))
			break;
		if (at == 0)
			return none;
	}
	if (tried > ZIP_COMMENT_MAX)
		return none;
	size = (size_t)number(end, 12, 4);
	if (size > at)
		return none;
	/* It ends here, whatever stands in front of the archive. */
	return (struct span){ bytes.data + at - size, size };
}

static void
zip_read_directory(struct archive *archive, struct span directory)
{
	struct span name;
	size_t i;

	for (i = 0; i < ZIP_ENTRIES_MAX; i++) {
		if (directory.length < ZIP_CENTRAL_BYTES ||
		    !begins(directory, "PK\1\2", 4))
			return;
		if ((number(directory, 8, 2) & ZIP_ENCRYPTED) != 0)
			archive->is_encrypted = true;
		name = skip(directory, ZIP_CENTRAL_BYTES);
		if (number(directory, 28, 2) < name.length)
			name.length = (size_t)number(directory, 28, 2);
		add_name(archive, name);
		directory = skip(directory,
		    ZIP_CENTRAL_BYTES + (size_t)number(directory, 28, 2) +
			(size_t)number(directory, 30, 2) +
			(size_t)number(directory, 32, 2));
	}
	archive->is_cut = true;
}

/* Without a directory the first file is known, no more. */
static void
zip_read(struct archive *archive, struct span bytes)
{
	struct span directory = zip_directory(bytes), name;

	if (bytes.length >= ZIP_LOCAL_BYTES &&
	    (number(bytes, 6, 2) & ZIP_ENCRYPTED) != 0)
		archive->is_encrypted = true;
	zip_read_directory(archive, directory);
	if (directory.length > 0 || bytes.length < ZIP_LOCAL_BYTES)
		return;
	name = skip(bytes, ZIP_LOCAL_BYTES);
	if (number(bytes, 26, 2) <= name.length) {
		name.length = (size_t)number(bytes, 26, 2);
		add_name(archive, name);
	}
}

/* The cipher is named in the header, which itself may be packed by it.  Of a
 * header that is packed without a cipher no more is known. */
static void
seven_zip_read(struct archive *archive, struct span bytes)
{
	struct span header;
	uint64_t offset, size;

	if (bytes.length < SEVEN_ZIP_START_BYTES)
		return;
	offset = number(bytes, 12, 8);
	size = number(bytes, 20, 8);
	header = skip(bytes, SEVEN_ZIP_START_BYTES);
	if (offset > header.length)
		return;
	header = skip(header, (size_t)offset);
	if (size < header.length)
		header.length = (size_t)size;
	if (header.length > SEVEN_ZIP_HEADER_MAX)
		header.length = SEVEN_ZIP_HEADER_MAX;
	archive->is_encrypted = header.length > 0 &&
	    memmem(header.data, header.length, "\x06\xf1\x07\x01", 4) != NULL;
}

static void
rar4_read(struct archive *archive, struct span bytes)
{
	uint64_t type, flags, size;
	size_t i;

	bytes = skip(bytes, RAR4_MARK_BYTES);
	for (i = 0; i < RAR_BLOCKS_MAX; i++) {
		if (bytes.length < RAR4_BLOCK_BYTES + 4)
			return;
		type = number(bytes, 2, 1);
		flags = number(bytes, 3, 2);
		size = number(bytes, 5, 2);
		if (type == RAR4_MAIN && (flags & RAR4_MAIN_ENCRYPTED) != 0)
			archive->is_encrypted = true;
		if (type == RAR4_FILE && (flags & RAR4_FILE_ENCRYPTED) != 0)
			archive->is_encrypted = true;
		if (archive->is_encrypted || type == RAR4_FILE ||
		    size < RAR4_BLOCK_BYTES)
			return;
		if ((flags & RAR4_HAS_DATA) != 0)
			size += number(bytes, RAR4_BLOCK_BYTES, 4);
		bytes = skip(bytes, (size_t)size);
	}
}

/* Seven bits a byte, the lowest first; 0 and nothing left if it is broken. */
static uint64_t
take_vint(struct span *bytes)
{
	uint64_t value = 0;
	unsigned int shift;
	unsigned char byte;

	for (shift = 0; shift < 63 && bytes->length > 0; shift += 7) {
		byte = (unsigned char)bytes->data[0];
		*bytes = skip(*bytes, 1);
		value |= (uint64_t)(byte & 0x7f) << shift;
		if ((byte & 0x80) == 0)
			return value;
	}
	bytes->length = 0;
	return 0;
}

/* Records of a size, which does not count itself, and a type. */
static bool
rar5_extra_is_encrypted(struct span extra)
{
	uint64_t size;
	struct span record;

	while (extra.length > 0) {
		size = take_vint(&extra);
		record = extra;
		if (size == 0 || size > extra.length)
			return false;
		if (take_vint(&record) == RAR5_EXTRA_ENCRYPTION)
			return true;
		extra = skip(extra, (size_t)size);
	}
	return false;
}

/* One block; *bytes: in, what begins with it; out, what is behind it.  False:
 * the last that counts. */
static bool
rar5_read_block(struct archive *archive, struct span *bytes)
{
	struct span rest = skip(*bytes, 4); /* behind its checksum */
	uint64_t size = take_vint(&rest), type, flags, extra = 0, data = 0;
	struct span header = rest;

	if (size == 0 || size > rest.length)
		return false;
	header.length = (size_t)size;
	*bytes = skip(rest, (size_t)size);
	rest = header;
	type = take_vint(&rest);
	flags = take_vint(&rest);
	if ((flags & RAR5_HAS_EXTRA) != 0)
		extra = take_vint(&rest);
	if ((flags & RAR5_HAS_DATA) != 0)
		data = take_vint(&rest);
	if (type == RAR5_ENCRYPTION) {
		archive->is_encrypted = true;
		return false;
	}
	if (type == RAR5_FILE && extra <= rest.length)
		archive->is_encrypted = rar5_extra_is_encrypted(
		    skip(header, header.length - (size_t)extra));
	if (type == RAR5_FILE || data > bytes->length)
		return false;
	*bytes = skip(*bytes, (size_t)data);
	return true;
}

static void
rar_read(struct archive *archive, struct span bytes)
{
	size_t i;

	if (begins(bytes, "Rar!\x1a\x07\x00", RAR4_MARK_BYTES)) {
		rar4_read(archive, bytes);
		return;
	}
	bytes = skip(bytes, RAR5_MARK_BYTES);
	for (i = 0; i < RAR_BLOCKS_MAX && rar5_read_block(archive, &bytes); i++)
		continue;
}

enum status
archive_read(
    struct region *region, struct span bytes, struct archive *archive_r)
{
	memset(archive_r, 0, sizeof(*archive_r));
	archive_r->kind = archive_kind_of(bytes);
	switch (archive_r->kind) {
	case ARCHIVE_NONE:
		break;
	case ARCHIVE_ZIP:
		archive_r->names = region_alloc_array(
		    region, ARCHIVE_NAMES_MAX, sizeof(*archive_r->names));
		if (archive_r->names == NULL)
			return STATUS_NOMEM;
		zip_read(archive_r, bytes);
		break;
	case ARCHIVE_7Z:
		seven_zip_read(archive_r, bytes);
		break;
	case ARCHIVE_RAR:
		rar_read(archive_r, bytes);
		break;
	}
	return STATUS_OK;
}
