/* Folders of a Maildir++ tree, and the list of those that are shown. */
#include "config.h"

#include "deliver/folder.h"
#include "lib/users/folder-name.h"

#include "deliver/subscriptions.h"
#include "tests/unit/deliver-fixture.h"

static void
test_directory(void **state GP_UNUSED)
{
	static const struct {
		const char *name;
		const char *directory; /* NULL: refused */
	} cases[] = {
		{ "Lists", ".Lists" },
		{ "Lists/dev", ".Lists.dev" },
		{ "Lists.dev", ".Lists.dev" },
		{ "INBOX", "" },
		{ "inbox", "" },
		{ "INBOX/x", ".INBOX.x" },
		{ "with blank", ".with blank" },
		{ "R&D", ".R&-D" },
		/* RFC 3501 section 5.1.3 */
		{ "~peter/mail/\xe5\x8f\xb0\xe5\x8c\x97/"
		  "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e",
		    ".~peter.mail.&U,BTFw-.&ZeVnLIqe-" },
		{ "Entw\xc3\xbcrfe", ".Entw&APw-rfe" },
		{ "\xf0\x9f\x92\xa9", ".&2D3cqQ-" },
		{ "", NULL },
		{ ".", NULL },
		{ "..", NULL },
		{ "a/../b", NULL },
		{ "a//b", NULL },
		{ "/a", NULL },
		{ "a/", NULL },
		{ "a\nb", NULL },
		{ "\xc3", NULL },
		{ "\xed\xa0\x80", NULL },
		{ "\xff", NULL },
	};
	struct region *region = region_new();
	const char *directory;
	enum status status;
	size_t i;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		status = folder_name_encode(region, cases[i].name, &directory);
		if (status !=
			(cases[i].directory == NULL ? STATUS_INVALID :
						      STATUS_OK) ||
		    (status == STATUS_OK &&
			strcmp(directory, cases[i].directory) != 0))
			fail_msg("case \"%s\": %s %s", cases[i].name,
			    status_text(status), directory);
	}
	region_free(&region);
}

/* A file's name has 255 bytes at the most. */
static void
test_long_name(void **state GP_UNUSED)
{
	struct region *region = region_new();
	const char *directory;
	char name[300];

	memset(name, 'a', sizeof(name));
	name[254] = '\0';
	assert_int_equal(
	    folder_name_encode(region, name, &directory), STATUS_OK);
	name[254] = 'a';
	name[255] = '\0';
	assert_int_equal(
	    folder_name_encode(region, name, &directory), STATUS_INVALID);
	memcpy(name + 245, "\xc3\xa4", 3);
	assert_int_equal(
	    folder_name_encode(region, name, &directory), STATUS_OK);
	memcpy(name + 250, "\xc3\xa4", 3);
	name[245] = name[246] = name[247] = 'a';
	assert_int_equal(
	    folder_name_encode(region, name, &directory), STATUS_INVALID);
	region_free(&region);
}

static mode_t
mode_of(const char *directory, const char *name)
{
	char path[400];
	struct stat file;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	if (stat(path, &file) != 0)
		return 0;
	return file.st_mode & 07777;
}

static void
test_create(void **state GP_UNUSED)
{
	struct place place;
	char path[200];

	place_open(&place);
	snprintf(path, sizeof(path), "%s/x.test/alice/Maildir", place.path);
	assert_false(folder_exists(path));
	assert_int_equal(folder_create(path, true, 0640), STATUS_OK);
	assert_true(folder_exists(path));
	assert_int_equal(mode_of(path, "new"), 0750);
	assert_int_equal(mode_of(path, "cur"), 0750);
	assert_int_equal(mode_of(path, "tmp"), 0750);
	assert_int_equal(mode_of(path, ".."), 0750);
	assert_int_equal(mode_of(path, "maildirfolder"), 0);
	strcat(path, "/.Lists");
	assert_int_equal(folder_create(path, false, 0600), STATUS_OK);
	assert_int_equal(mode_of(path, "maildirfolder"), 0600);
	assert_int_equal(mode_of(path, "new"), 0700);
	/* What is missing comes back. */
	strcat(path, "/tmp");
	assert_int_equal(rmdir(path), 0);
	*strrchr(path, '/') = '\0';
	assert_int_equal(folder_create(path, false, 0600), STATUS_OK);
	assert_int_equal(mode_of(path, "tmp"), 0700);
	place_close(&place);
}

static void
test_cannot_create(void **state GP_UNUSED)
{
	struct place place;
	char path[5000];

	place_open(&place);
	(void)place_write(&place, "file", "");
	snprintf(path, sizeof(path), "%s/file/Maildir", place.path);
	assert_int_equal(folder_create(path, true, 0600), STATUS_IO);
	assert_false(folder_exists(path));
	memset(path, 'a', sizeof(path) - 1);
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(folder_create(path, true, 0600), STATUS_LIMIT);
	place_close(&place);
}

static void
assert_subscriptions(const struct place *place, const char *wanted)
{
	char text[FILE_SIZE];

	(void)place_read(place, "", "subscriptions", text);
	assert_string_equal(text, wanted);
}

static void
test_subscriptions(void **state GP_UNUSED)
{
	struct place place;

	place_open(&place);
	assert_int_equal(
	    subscriptions_add(place.path, ".Lists.dev", 0600), STATUS_OK);
	assert_subscriptions(&place, "V\t2\n\nLists\tdev\n");
	assert_int_equal(mode_of(place.path, "subscriptions"), 0600);
	assert_int_equal(
	    subscriptions_add(place.path, ".Junk", 0600), STATUS_OK);
	assert_int_equal(
	    subscriptions_add(place.path, ".Lists.dev", 0600), STATUS_OK);
	assert_subscriptions(&place, "V\t2\n\nLists\tdev\nJunk\n");
	/* Version 1 stays what it is. */
	(void)place_write(&place, "subscriptions", "Old\nLists.dev\n");
	assert_int_equal(
	    subscriptions_add(place.path, ".Lists.dev", 0600), STATUS_OK);
	assert_int_equal(
	    subscriptions_add(place.path, ".a.b", 0600), STATUS_OK);
	assert_subscriptions(&place, "Old\nLists.dev\na.b\n");
	assert_int_equal(place_list(&place, "", NULL), 1); /* no lock */
	place_close(&place);
}

static void
test_subscriptions_lock(void **state GP_UNUSED)
{
	struct timespec old[2] = { { .tv_sec = 1000 }, { .tv_sec = 1000 } };
	struct place place;
	const char *lock;

	place_open(&place);
	lock = place_write(&place, "subscriptions.lock", "");
	assert_int_equal(
	    subscriptions_add(place.path, ".a", 0600), STATUS_BUSY);
	assert_int_equal(place_list(&place, "", NULL), 1);
	assert_int_equal(utimensat(AT_FDCWD, lock, old, 0), 0);
	assert_int_equal(subscriptions_add(place.path, ".a", 0600), STATUS_OK);
	assert_subscriptions(&place, "V\t2\n\na\n");
	place_close(&place);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_directory),
		cmocka_unit_test(test_long_name),
		cmocka_unit_test(test_create),
		cmocka_unit_test(test_cannot_create),
		cmocka_unit_test(test_subscriptions),
		cmocka_unit_test(test_subscriptions_lock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
