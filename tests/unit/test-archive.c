/* What archives tell without being unpacked, and that broken ones tell less. */
#include "config.h"

#include "lib/mail/archive.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/archive-bytes.h"
#include "tests/unit/unit.h"

#define BYTES(array)                      \
	{                                 \
		array, sizeof(array) - 1U \
	}

static const struct {
	const char *name;
	struct span bytes;
	enum archive_kind kind;
	bool is_encrypted;
	const char *names;
} cases[] = {
	{ "zip", BYTES(zip_plain), ARCHIVE_ZIP, false,
	    "a.txt d/invoice.pdf.exe" },
	{ "zip, locked", BYTES(zip_locked), ARCHIVE_ZIP, true, "a.txt" },
	{ "7z", BYTES(seven_zip_plain), ARCHIVE_7Z, false, "" },
	{ "7z, locked", BYTES(seven_zip_locked), ARCHIVE_7Z, true, "" },
	{ "7z, names locked", BYTES(seven_zip_header_locked), ARCHIVE_7Z, true,
	    "" },
	{ "RAR 4", BYTES(rar4_plain), ARCHIVE_RAR, false, "a.txt" },
	{ "RAR 4, locked", BYTES(rar4_locked), ARCHIVE_RAR, true, "a.txt" },
	{ "RAR 4, names locked", BYTES(rar4_header_locked), ARCHIVE_RAR, true,
	    "" },
	{ "RAR 5", BYTES(rar5_plain), ARCHIVE_RAR, false, "a.txt" },
	{ "RAR 5, locked", BYTES(rar5_locked), ARCHIVE_RAR, true, "a.txt" },
	{ "RAR 5, names locked", BYTES(rar5_header_locked), ARCHIVE_RAR, true,
	    "" },
	{ "text", BYTES("PK is no archive, 7z neither"), ARCHIVE_NONE, false,
	    "" },
	{ "nothing", BYTES(""), ARCHIVE_NONE, false, "" },
};

/* From a copy of just that size, so that a sanitizer sees what is behind. */
static void
read_copy(
    struct span bytes, struct archive *archive_r, char *names, size_t size)
{
	struct region *region = region_new();
	char *copy = malloc(bytes.length + 1);
	size_t i, used = 0;

	assert_non_null(region);
	assert_non_null(copy);
	copy = realloc(copy, bytes.length == 0 ? 1 : bytes.length);
	assert_non_null(copy);
	memcpy(copy, bytes.data, bytes.length);
	bytes.data = copy;
	assert_int_equal(archive_read(region, bytes, archive_r), STATUS_OK);
	names[0] = '\0';
	for (i = 0; i < archive_r->name_count && used < size; i++)
		used += (size_t)snprintf(names + used, size - used, "%s%.*s",
		    i == 0 ? "" : " ", (int)archive_r->names[i].length,
		    archive_r->names[i].data);
	free(copy);
	region_free(&region);
}

static void
test_archives(void **state GP_UNUSED)
{
	struct archive archive;
	char names[500];
	size_t i;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		read_copy(cases[i].bytes, &archive, names, sizeof(names));
		if (archive.kind != cases[i].kind ||
		    archive.is_encrypted != cases[i].is_encrypted ||
		    strcmp(names, cases[i].names) != 0 || archive.is_cut)
			fail_msg("%s: kind %d, locked %d, names \"%s\"",
			    cases[i].name, archive.kind, archive.is_encrypted,
			    names);
	}
}

/* Cut at each byte, and each byte changed: nothing is read behind the end. */
static void
test_broken(void **state GP_UNUSED)
{
	static const unsigned char changes[] = { 0, 1, 0x7f, 0x80, 0xff };
	struct archive archive;
	char names[500], bytes[1000];
	struct span span = { bytes, 0 };
	size_t i, at, n;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		assert_true(cases[i].bytes.length < sizeof(bytes));
		memcpy(bytes, cases[i].bytes.data, cases[i].bytes.length);
		for (at = 0; at < cases[i].bytes.length; at++) {
			span.length = at;
			read_copy(span, &archive, names, sizeof(names));
			span.length = cases[i].bytes.length;
			for (n = 0; n < GP_NELEMS(changes); n++) {
				bytes[at] = (char)changes[n];
				read_copy(span, &archive, names, sizeof(names));
			}
			bytes[at] = cases[i].bytes.data[at];
		}
	}
}

#define ZIP_NAMES "a.txt d/invoice.pdf.exe"
#define END_BYTES 22

/* A zip with other bytes in front of it and behind it. */
static void
check_dressed(
    const char *name, struct span front, struct span zip, struct span behind)
{
	struct archive archive;
	char bytes[2000], names[500];
	struct span all = { bytes, front.length + zip.length + behind.length };

	assert_true(all.length < sizeof(bytes));
	memcpy(bytes, front.data, front.length);
	memcpy(bytes + front.length, zip.data, zip.length);
	memcpy(bytes + front.length + zip.length, behind.data, behind.length);
	read_copy(all, &archive, names, sizeof(names));
	if (archive.kind == ARCHIVE_NONE || strcmp(names, ZIP_NAMES) != 0)
		fail_msg(
		    "%s: kind %d, names \"%s\"", name, archive.kind, names);
}

static void
test_dressed_zips(void **state GP_UNUSED)
{
	static const struct {
		const char *name;
		struct span front, behind;
	} dresses[] = {
		{ "bytes in front", BYTES("abcd"), BYTES("") },
		{ "spanned", BYTES("PK00"), BYTES("") },
		{ "spanned, by the book", BYTES("PK\7\10"), BYTES("") },
		{ "program in front", BYTES("MZ\0\0"), BYTES("") },
		{ "RAR too", BYTES("Rar!\x1a\x07\x00"), BYTES("") },
		{ "bytes behind", BYTES(""), BYTES("abcd") },
		{ "another end behind", BYTES(""),
		    BYTES("PK\5\6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0") },
	};
	struct span zip = BYTES(zip_plain);
	size_t i;

	for (i = 0; i < GP_NELEMS(dresses); i++)
		check_dressed(
		    dresses[i].name, dresses[i].front, zip, dresses[i].behind);
}

/* The size of the directory is wrong, where it begins is right. */
static void
test_wrong_size(void **state GP_UNUSED)
{
	struct span none = BYTES(""), zip = BYTES(zip_plain);
	char bytes[sizeof(zip_plain)];

	memcpy(bytes, zip_plain, sizeof(bytes));
	bytes[zip.length - END_BYTES + 12] = 1;
	zip.data = bytes;
	check_dressed("wrong size", none, zip, none);
}

/* The end of a zip64: its record, what finds that, and an end without numbers.
 */
static void
test_zip64(void **state GP_UNUSED)
{
	struct span none = BYTES(""), zip = BYTES(zip_plain);
	const char *end = zip.data + zip.length - END_BYTES;
	char behind[56 + 20 + END_BYTES] = "PK\6\6";

	memcpy(behind + 40, end + 12, 4);
	memcpy(behind + 48, end + 16, 4);
	memcpy(behind + 56, "PK\6\7", 4);
	memcpy(behind + 76, "PK\5\6", 4);
	memset(behind + 76 + 8, 0xff, 12);
	zip.length -= END_BYTES;
	check_dressed(
	    "zip64", none, zip, (struct span){ behind, sizeof(behind) });
}

/* Without its directory a zip tells its files all the same; "size behind":
 * that of each stands behind its data. */
static void
test_cut_zip(void **state GP_UNUSED)
{
	struct span bytes = BYTES(zip_locked);
	struct archive archive;
	char names[500], copy[sizeof(zip_plain)];

	bytes.length -= END_BYTES;
	read_copy(bytes, &archive, names, sizeof(names));
	assert_true(archive.is_encrypted);
	assert_string_equal(names, "a.txt");

	bytes.data = copy;
	bytes.length = sizeof(zip_plain) - 1 - END_BYTES;
	memcpy(copy, zip_plain, bytes.length);
	read_copy(bytes, &archive, names, sizeof(names));
	assert_string_equal(names, ZIP_NAMES);
	copy[6] |= 8; /* size behind */
	memset(copy + 18, 0, 8);
	read_copy(bytes, &archive, names, sizeof(names));
	assert_string_equal(names, ZIP_NAMES);
}

static void
put(char **to, const char *mark, const unsigned char *numbers, size_t count)
{
	memcpy(*to, mark, 4);
	memcpy(*to + 4, numbers, count);
	*to += 4 + count;
}

/* More entries than are read. */
static void
test_bomb(void **state GP_UNUSED)
{
	enum {
		FILES = ARCHIVE_NAMES_MAX + 5,
		ENTRY = 46 + 1
	};

	static const unsigned char local[26] = { 0 };
	unsigned char central[42] = { 0 }, end[18] = { 0 };
	size_t size = (size_t)FILES * ENTRY, i;
	char *bytes = calloc(1, size + 100), *p = bytes, names[5000];
	struct archive archive;

	assert_non_null(bytes);
	central[24] = 1; /* length of the name */
	for (i = 0; i < 4; i++)
		end[8 + i] = (unsigned char)(size >> (8 * i));
	put(&p, "PK\3\4", local, sizeof(local));
	for (i = 0; i < FILES; i++) {
		put(&p, "PK\1\2", central, sizeof(central));
		*p++ = 'x';
	}
	put(&p, "PK\5\6", end, sizeof(end));
	read_copy((struct span){ bytes, (size_t)(p - bytes) }, &archive, names,
	    sizeof(names));
	assert_int_equal(archive.name_count, ARCHIVE_NAMES_MAX);
	assert_true(archive.is_cut);
	free(bytes);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_archives),
		cmocka_unit_test(test_broken),
		cmocka_unit_test(test_dressed_zips),
		cmocka_unit_test(test_wrong_size),
		cmocka_unit_test(test_zip64),
		cmocka_unit_test(test_cut_zip),
		cmocka_unit_test(test_bomb),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
