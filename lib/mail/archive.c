/* archive - what an archive tells of itself (see archive.h). */
#include "config.h"

#include "lib/mail/archive.h"

#include <stdint.h>
#include <string.h>

#define ZIP_LOCAL_BYTES     30
#define ZIP_CENTRAL_BYTES   46
#define ZIP_END_BYTES       22
#define ZIP_COMMENT_MAX     65535
#define ZIP64_LOCATOR_BYTES 20
#define ZIP64_END_BYTES     56
#define ZIP_ENCRYPTED       0x0001 /* general purpose bit 0 */

#define SEVEN_ZIP_START_BYTES 32
#define SEVEN_ZIP_HEADER_MAX  65536 /* of it, looked at */

#define RAR4_MARK_BYTES       7
#define RAR4_BLOCK_BYTES      7
#define RAR4_FILE_BYTES       32
#define RAR4_IS_LARGE         0x0100 /* 8 bytes more */
#define RAR4_IS_DIRECTORY     0x00e0
#define RAR4_MAIN             0x73
#define RAR4_FILE             0x74
#define RAR4_MAIN_ENCRYPTED   0x0080
#define RAR4_FILE_ENCRYPTED   0x0004
#define RAR4_HAS_DATA         0x8000
#define RAR5_MARK_BYTES       8
#define RAR5_FILE             2
#define RAR5_IS_DIRECTORY     0x0001
#define RAR5_HAS_TIME         0x0002
#define RAR5_HAS_CHECKSUM     0x0004
#define RAR5_ENCRYPTION       4
#define RAR5_HAS_EXTRA        0x0001
#define RAR5_HAS_DATA         0x0002
#define RAR5_EXTRA_ENCRYPTION 1

/* What stands in front of a zip that was meant to be split, and was not. */
#define ZIP_SPANNED_BYTES 4

static const struct {
	enum archive_kind kind;
	size_t length;
	const char *bytes;
} marks[] = {
	{ ARCHIVE_ZIP, 4, "PK\3\4" },
	{ ARCHIVE_ZIP, 8, "PK00PK\3\4" },
	{ ARCHIVE_ZIP, 8, "PK\7\10PK\3\4" },
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

static enum archive_kind
kind_of(struct span bytes)
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
	archive->names[archive->name_count++] = name;
}

static bool
is_file(struct span bytes)
{
	return bytes.length >= ZIP_LOCAL_BYTES && begins(bytes, "PK\3\4", 4);
}

static bool
is_directory(struct span bytes)
{
	return bytes.length >= ZIP_CENTRAL_BYTES && begins(bytes, "PK\1\2", 4);
}

/* It ends at end, whatever stands in front of the archive; programs that do not
 * ask its size begin at an offset. */
static struct span
directory_before(struct span bytes, size_t end, uint64_t size, uint64_t offset)
{
	struct span directory = { bytes.data, 0 };

	bytes.length = end;
	if (size <= end)
		directory = skip(bytes, end - (size_t)size);
	if (!is_directory(directory) && offset <= end)
		directory = skip(bytes, (size_t)offset);
	return directory;
}

/* The directory that ends with the record at end; nothing: there is none. */
static struct span
directory_of_end(struct span bytes, size_t end)
{
	struct span none = { bytes.data, 0 }, record = skip(bytes, end);
	struct span directory = directory_before(
	    bytes, end, number(record, 12, 4), number(record, 16, 4));

	if (is_directory(directory))
		return directory;
	if (end < ZIP64_LOCATOR_BYTES + ZIP64_END_BYTES ||
	    !begins(skip(bytes, end - ZIP64_LOCATOR_BYTES), "PK\6\7", 4))
		return none;
	end -= ZIP64_LOCATOR_BYTES + ZIP64_END_BYTES;
	record = skip(bytes, end);
	if (!begins(record, "PK\6\6", 4))
		return none;
	directory = directory_before(
	    bytes, end, number(record, 40, 8), number(record, 48, 8));
	return is_directory(directory) ? directory : none;
}

/* The entries of the central directory; nothing when it is not there. */
static struct span
zip_directory(struct span bytes)
{
	struct span none = { bytes.data, 0 }, directory;
	size_t at, tried;

	if (bytes.length < ZIP_END_BYTES)
		return none;
	at = bytes.length - ZIP_END_BYTES;
	for (tried = 0; tried <= ZIP_COMMENT_MAX; tried++, at--) {
		if (begins(skip(bytes, at), "PK\5\6", 4)) {
			directory = directory_of_end(bytes, at);
			if (directory.length > 0)
				return directory;
		}
		if (at == 0)
			break;
	}
	return none;
}

static void
zip_read_directory(struct archive *archive, struct span directory)
{
	struct span name;
	size_t i;

	for (i = 0; i < ARCHIVE_NAMES_MAX && is_directory(directory); i++) {
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
	archive->is_cut = is_directory(directory);
}

/* The next file, behind data of this size; the size may stand behind them, or
 * be a lie. */
static struct span
zip_next(struct span data, uint64_t size)
{
	struct span next = { data.data, 0 };
	const char *mark;

	if (size <= data.length)
		next = skip(data, (size_t)size);
	if (is_file(next))
		return next;
	mark = memmem(data.data, data.length, "PK\3\4", 4);
	return skip(
	    data, mark == NULL ? data.length : (size_t)(mark - data.data));
}

/* What stands in front of each file, for a zip whose directory is cut off. */
static void
zip_read_files(struct archive *archive, struct span bytes)
{
	struct span name;
	size_t i, length;

	for (i = 0; i < ARCHIVE_NAMES_MAX && is_file(bytes); i++) {
		if ((number(bytes, 6, 2) & ZIP_ENCRYPTED) != 0)
			archive->is_encrypted = true;
		length = (size_t)number(bytes, 26, 2);
		name = skip(bytes, ZIP_LOCAL_BYTES);
		if (length > name.length)
			return;
		name.length = length;
		add_name(archive, name);
		length += (size_t)number(bytes, 28, 2);
		bytes = zip_next(skip(bytes, ZIP_LOCAL_BYTES + length),
		    number(bytes, 18, 4));
	}
	archive->is_cut = is_file(bytes);
}

/* As many names as the smaller of the two kinds of entries could hold. */
static enum status
zip_read(struct region *region, struct archive *archive, struct span bytes,
    struct span directory)
{
	bool is_whole = directory.length > 0;
	size_t count =
	    (is_whole ? directory.length : bytes.length) / ZIP_LOCAL_BYTES + 1;

	if (count > ARCHIVE_NAMES_MAX)
		count = ARCHIVE_NAMES_MAX;
	archive->names =
	    region_alloc_array(region, count, sizeof(*archive->names));
	if (archive->names == NULL)
		return STATUS_NOMEM;
	if (!begins(bytes, "PK\3\4", 4))
		bytes = skip(bytes, ZIP_SPANNED_BYTES);
	if (is_whole)
		zip_read_directory(archive, directory);
	else
		zip_read_files(archive, bytes);
	/* The directory may say otherwise. */
	if (is_file(bytes) && (number(bytes, 6, 2) & ZIP_ENCRYPTED) != 0)
		archive->is_encrypted = true;
	return STATUS_OK;
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
	if (header.length > 0 &&
	    memmem(header.data, header.length, "\x06\xf1\x07\x01", 4) != NULL)
		archive->is_encrypted = true;
}

/* A name in other letters too has those behind a NUL. */
static void
rar4_add_name(struct archive *archive, struct span header, uint64_t flags)
{
	size_t at = RAR4_FILE_BYTES + ((flags & RAR4_IS_LARGE) != 0 ? 8 : 0);
	struct span name;
	const char *nul;

	if (header.length <= at ||
	    (flags & RAR4_IS_DIRECTORY) == RAR4_IS_DIRECTORY)
		return;
	name = skip(header, at);
	if (number(header, 26, 2) < name.length)
		name.length = (size_t)number(header, 26, 2);
	nul = memchr(name.data, '\0', name.length);
	if (nul != NULL)
		name.length = (size_t)(nul - name.data);
	add_name(archive, name);
}

static void
rar4_read(struct archive *archive, struct span bytes)
{
	uint64_t type, flags, size;
	struct span header;
	size_t i;

	bytes = skip(bytes, RAR4_MARK_BYTES);
	for (i = 0; i < ARCHIVE_NAMES_MAX; i++) {
		if (bytes.length < RAR4_BLOCK_BYTES + 4)
			return;
		type = number(bytes, 2, 1);
		flags = number(bytes, 3, 2);
		size = number(bytes, 5, 2);
		if (type == RAR4_MAIN && (flags & RAR4_MAIN_ENCRYPTED) != 0)
			archive->is_encrypted = true;
		if (type == RAR4_FILE && (flags & RAR4_FILE_ENCRYPTED) != 0)
			archive->is_encrypted = true;
		if (size < RAR4_BLOCK_BYTES ||
		    (type == RAR4_MAIN && archive->is_encrypted))
			return;
		header = bytes;
		if (size < header.length)
			header.length = (size_t)size;
		if (type == RAR4_FILE)
			rar4_add_name(archive, header, flags);
		if ((flags & RAR4_HAS_DATA) != 0)
			size += number(bytes, RAR4_BLOCK_BYTES, 4);
		if (size > bytes.length)
			return;
		bytes = skip(bytes, (size_t)size);
	}
	archive->is_cut = true;
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

/* rest: what stands behind the sizes of a file's header */
static void
rar5_add_name(struct archive *archive, struct span rest)
{
	uint64_t flags = take_vint(&rest), length;

	(void)take_vint(&rest); /* size */
	(void)take_vint(&rest); /* attributes */
	rest = skip(rest, (flags & RAR5_HAS_TIME) != 0 ? 4 : 0);
	rest = skip(rest, (flags & RAR5_HAS_CHECKSUM) != 0 ? 4 : 0);
	(void)take_vint(&rest); /* how it is packed */
	(void)take_vint(&rest); /* host */
	length = take_vint(&rest);
	if (length < rest.length)
		rest.length = (size_t)length;
	if ((flags & RAR5_IS_DIRECTORY) == 0)
		add_name(archive, rest);
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
	if (type == RAR5_FILE && extra <= rest.length &&
	    rar5_extra_is_encrypted(
		skip(header, header.length - (size_t)extra)))
		archive->is_encrypted = true;
	if (type == RAR5_FILE)
		rar5_add_name(archive, rest);
	if (data > bytes->length)
		return false;
	*bytes = skip(*bytes, (size_t)data);
	return true;
}

/* Each block has 4 bytes at least; names that a zip in it told stay. */
static enum status
rar_read(struct region *region, struct archive *archive, struct span bytes)
{
	size_t i, count = bytes.length / 4 + 1;
	struct span *names;

	if (count > ARCHIVE_NAMES_MAX)
		count = ARCHIVE_NAMES_MAX;
	names = region_alloc_array(
	    region, archive->name_count + count, sizeof(*names));
	if (names == NULL)
		return STATUS_NOMEM;
	if (archive->name_count > 0)
		memcpy(names, archive->names,
		    archive->name_count * sizeof(*names));
	archive->names = names;
	if (begins(bytes, "Rar!\x1a\x07\x00", RAR4_MARK_BYTES)) {
		rar4_read(archive, bytes);
		return STATUS_OK;
	}
	bytes = skip(bytes, RAR5_MARK_BYTES);
	for (i = 0; rar5_read_block(archive, &bytes); i++)
		if (i + 1 == ARCHIVE_NAMES_MAX) {
			archive->is_cut = true;
			break;
		}
	return STATUS_OK;
}

enum status
archive_read(
    struct region *region, struct span bytes, struct archive *archive_r)
{
	struct span directory = zip_directory(bytes);
	enum status status = STATUS_OK;

	memset(archive_r, 0, sizeof(*archive_r));
	archive_r->kind = kind_of(bytes);
	if (archive_r->kind == ARCHIVE_ZIP || directory.length > 0)
		status = zip_read(region, archive_r, bytes, directory);
	switch (archive_r->kind) {
	case ARCHIVE_NONE:
		if (directory.length > 0)
			archive_r->kind = ARCHIVE_ZIP;
		break;
	case ARCHIVE_ZIP:
		break;
	case ARCHIVE_7Z:
		seven_zip_read(archive_r, bytes);
		break;
	case ARCHIVE_RAR:
		if (status == STATUS_OK)
			status = rar_read(region, archive_r, bytes);
		break;
	}
	return status;
}
