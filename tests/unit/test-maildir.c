/* A message's way into a folder, step by step, and what may be in its way. */
#include "config.h"

#include "deliver/maildir.h"

#include <errno.h>
#include <sys/file.h>
#include <time.h>

#include "deliver/clean-times.h"
#include "tests/unit/deliver-fixture.h"

#define KEY      "0123456789abcdef"
#define TMP_NAME "gp-" KEY

struct fixture {
	struct place place;
	char path[100];
	struct maildir_place folder;
	struct maildir_namer namer;
	struct sync_group *group;
	struct region *region;
};

static void
fixture_open(struct fixture *fixture)
{
	place_open(&fixture->place);
	snprintf(fixture->path, sizeof(fixture->path), "%s/Maildir",
	    fixture->place.path);
	fixture->folder.path = fixture->path;
	fixture->folder.is_inbox = true;
	fixture->folder.mode = 0640;
	fixture->folder.flags = "";
	maildir_namer_init(&fixture->namer, "mx");
	fixture->group = sync_group_new();
	fixture->region = region_new();
}

static void
fixture_close(struct fixture *fixture)
{
	region_free(&fixture->region);
	sync_group_free(&fixture->group);
	place_close(&fixture->place);
}

static enum status
begin(struct fixture *fixture, struct maildir_message *message)
{
	return maildir_begin(fixture->region, &fixture->folder, KEY, message);
}

/* From the begun file to the synced directory. */
static void
finish(struct fixture *fixture, struct maildir_message *message)
{
	assert_int_equal(write(message->fd, "text\n", 5), 5);
	assert_int_equal(maildir_sync(message), STATUS_OK);
	assert_int_equal(
	    maildir_publish(fixture->region, message, &fixture->namer, 5, 6),
	    STATUS_OK);
	assert_int_equal(maildir_commit(message, fixture->group), STATUS_OK);
}

static size_t
count(const struct fixture *fixture, const char *directory)
{
	char path[40];

	snprintf(path, sizeof(path), "Maildir/%s", directory);
	return place_list(&fixture->place, path, NULL);
}

/* With flags it is not new: it goes into cur, and is known again there. */
static void
test_flags(void **state GP_UNUSED)
{
	struct maildir_message message;
	struct fixture fixture;
	char name[256];

	fixture_open(&fixture);
	fixture.folder.flags = "Sa";
	assert_int_equal(begin(&fixture, &message), STATUS_OK);
	finish(&fixture, &message);
	maildir_keep(&message);
	assert_int_equal(count(&fixture, "new"), 0);
	assert_int_equal(place_list(&fixture.place, "Maildir/cur", name), 1);
	assert_non_null(strstr(name, ",S=5,W=6:2,Sa"));
	assert_int_equal(begin(&fixture, &message), STATUS_OK);
	assert_true(message.delivered_before);
	maildir_settle(&message);
	assert_int_equal(count(&fixture, "cur"), 1);
	assert_int_equal(count(&fixture, "tmp"), 0);
	fixture_close(&fixture);
}

static void
test_way(void **state GP_UNUSED)
{
	char name[256], text[FILE_SIZE], path[600];
	struct maildir_message message;
	struct fixture fixture;
	struct stat file;

	fixture_open(&fixture);
	assert_int_equal(begin(&fixture, &message), STATUS_OK);
	assert_false(message.delivered_before);
	assert_int_equal(place_list(&fixture.place, "Maildir/tmp", name), 1);
	assert_string_equal(name, TMP_NAME);
	assert_int_equal(count(&fixture, "new"), 0);
	finish(&fixture, &message);
	maildir_settle(&message);
	assert_int_equal(count(&fixture, "tmp"), 0);
	assert_int_equal(place_list(&fixture.place, "Maildir/new", name), 1);
	assert_non_null(strstr(name, ".mx,S=5,W=6"));
	(void)place_read(&fixture.place, "Maildir/new", name, text);
	assert_string_equal(text, "text\n");
	snprintf(path, sizeof(path), "%s/new/%s", fixture.path, name);
	assert_int_equal(stat(path, &file), 0);
	assert_int_equal(file.st_mode & 07777, 0640);
	assert_int_equal(file.st_nlink, 1);
	/* The same once more is another message now. */
	assert_int_equal(begin(&fixture, &message), STATUS_OK);
	finish(&fixture, &message);
	maildir_settle(&message);
	assert_int_equal(count(&fixture, "new"), 2);
	fixture_close(&fixture);
}

/* Who got no answer and comes again. */
static void
test_comes_again(void **state GP_UNUSED)
{
	struct maildir_message message;
	struct fixture fixture;

	fixture_open(&fixture);
	assert_int_equal(begin(&fixture, &message), STATUS_OK);
	finish(&fixture, &message);
	maildir_keep(&message);
	assert_int_equal(count(&fixture, "tmp"), 1);
	assert_int_equal(begin(&fixture, &message), STATUS_OK);
	assert_true(message.delivered_before);
	assert_int_equal(maildir_sync(&message), STATUS_OK);
	assert_int_equal(
	    maildir_publish(fixture.region, &message, &fixture.namer, 5, 6),
	    STATUS_OK);
	assert_int_equal(maildir_commit(&message, fixture.group), STATUS_OK);
	maildir_settle(&message);
	assert_int_equal(count(&fixture, "tmp"), 0);
	assert_int_equal(count(&fixture, "new"), 1);
	fixture_close(&fixture);
}

/* A process that died while it wrote. */
static void
test_leftover(void **state GP_UNUSED)
{
	struct maildir_message message;
	struct fixture fixture;
	char text[FILE_SIZE], name[256];

	fixture_open(&fixture);
	assert_int_equal(begin(&fixture, &message), STATUS_OK);
	assert_int_equal(write(message.fd, "long half of", 12), 12);
	maildir_keep(&message);
	assert_int_equal(count(&fixture, "tmp"), 1);
	assert_int_equal(begin(&fixture, &message), STATUS_OK);
	assert_false(message.delivered_before);
	finish(&fixture, &message);
	maildir_settle(&message);
	assert_int_equal(place_list(&fixture.place, "Maildir/new", name), 1);
	(void)place_read(&fixture.place, "Maildir/new", name, text);
	assert_string_equal(text, "text\n");
	fixture_close(&fixture);
}

/* The same message at the same time: both are delivered. */
static void
test_at_the_same_time(void **state GP_UNUSED)
{
	struct maildir_message first, second;
	struct fixture fixture;

	fixture_open(&fixture);
	assert_int_equal(begin(&fixture, &first), STATUS_OK);
	assert_int_equal(begin(&fixture, &second), STATUS_OK);
	assert_false(second.delivered_before);
	assert_int_equal(count(&fixture, "tmp"), 2);
	finish(&fixture, &first);
	finish(&fixture, &second);
	maildir_settle(&second);
	maildir_settle(&first);
	assert_int_equal(count(&fixture, "tmp"), 0);
	assert_int_equal(count(&fixture, "new"), 2);
	fixture_close(&fixture);
}

static void
test_cancel(void **state GP_UNUSED)
{
	struct maildir_message message;
	struct fixture fixture;

	fixture_open(&fixture);
	assert_int_equal(begin(&fixture, &message), STATUS_OK);
	maildir_cancel(&message);
	assert_int_equal(count(&fixture, "tmp"), 0);
	assert_int_equal(begin(&fixture, &message), STATUS_OK);
	finish(&fixture, &message);
	maildir_cancel(&message);
	assert_int_equal(count(&fixture, "tmp"), 0);
	assert_int_equal(count(&fixture, "new"), 0);
	/* A message that somebody has read already is not taken away, and who
	 * comes again must not deliver it again. */
	assert_int_equal(begin(&fixture, &message), STATUS_OK);
	finish(&fixture, &message);
	assert_int_equal(
	    rename(message.new_path, place_write(&fixture.place, "read", "")),
	    0);
	maildir_cancel(&message);
	assert_int_equal(count(&fixture, "tmp"), 1);
	assert_int_equal(begin(&fixture, &message), STATUS_OK);
	assert_true(message.delivered_before);
	maildir_keep(&message);
	fixture_close(&fixture);
}

/* What stands where our file should be is not touched. */
static void
test_in_the_way(void **state GP_UNUSED)
{
	struct maildir_message message;
	struct fixture fixture;
	char path[200];

	fixture_open(&fixture);
	assert_int_equal(begin(&fixture, &message), STATUS_OK);
	maildir_cancel(&message);
	snprintf(path, sizeof(path), "%s/tmp/" TMP_NAME, fixture.path);
	assert_int_equal(symlink("/etc/passwd", path), 0);
	assert_int_equal(begin(&fixture, &message), STATUS_IO);
	assert_int_equal(errno, ELOOP);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(begin(&fixture, &message), STATUS_IO);
	assert_int_equal(count(&fixture, "tmp"), 1);
	fixture_close(&fixture);
}

/* A folder that has not all its parts, as a crash may leave it. */
static void
test_half_a_folder(void **state GP_UNUSED)
{
	struct maildir_message message;
	struct fixture fixture;
	char path[200];

	fixture_open(&fixture);
	assert_int_equal(begin(&fixture, &message), STATUS_OK);
	maildir_cancel(&message);
	snprintf(path, sizeof(path), "%s/new", fixture.path);
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(begin(&fixture, &message), STATUS_OK);
	finish(&fixture, &message);
	maildir_settle(&message);
	assert_int_equal(count(&fixture, "new"), 1);
	/* Removed while the message is on its way: it cannot be mended. */
	assert_int_equal(begin(&fixture, &message), STATUS_OK);
	remove_tree(fixture.path);
	assert_int_equal(
	    maildir_publish(fixture.region, &message, &fixture.namer, 5, 6),
	    STATUS_IO);
	maildir_cancel(&message);
	fixture_close(&fixture);
}

static void
test_paths(void **state GP_UNUSED)
{
	struct maildir_message message;
	struct fixture fixture;
	char *path;

	fixture_open(&fixture);
	(void)place_write(&fixture.place, "Maildir", "a file");
	assert_int_equal(begin(&fixture, &message), STATUS_IO);
	assert_int_equal(errno, ENOTDIR);
	assert_non_null(path = calloc(1, 5001));
	memset(path, 'a', 5000);
	path[0] = '/';
	fixture.folder.path = path;
	assert_int_equal(begin(&fixture, &message), STATUS_LIMIT);
	free(path);
	fixture_close(&fixture);
}

static void
test_clean(void **state GP_UNUSED)
{
	struct timespec old[2] = { { .tv_sec = 1000 }, { .tv_sec = 1000 } };
	time_t now = time(NULL);
	struct maildir_message message;
	struct fixture fixture;
	const char *path;

	fixture_open(&fixture);
	assert_int_equal(maildir_clean(fixture.path, now), 0); /* none yet */
	assert_int_equal(begin(&fixture, &message), STATUS_OK);
	maildir_keep(&message);
	path = place_write(&fixture.place, "Maildir/tmp/other", "x");
	/* A program may set an old time while it still writes. */
	assert_int_equal(utimensat(AT_FDCWD, path, old, 0), 0);
	assert_int_equal(
	    maildir_clean(fixture.path, now + MAILDIR_TMP_SECONDS - 5), 0);
	assert_int_equal(count(&fixture, "tmp"), 2);
	assert_int_equal(
	    maildir_clean(fixture.path, now + MAILDIR_TMP_SECONDS + 5), 2);
	assert_int_equal(count(&fixture, "tmp"), 0);
	fixture_close(&fixture);
}

static void
test_clean_times(void **state GP_UNUSED)
{
	struct clean_times *times = clean_times_new();

	assert_true(clean_times_take(times, "/a", 100000));
	assert_false(clean_times_take(times, "/a", 100001));
	assert_true(clean_times_take(times, "/b", 100001));
	assert_true(clean_times_take(times, "/a", 200000));
	clean_times_free(&times);
	assert_null(times);
}

static void
test_names(void **state GP_UNUSED)
{
	char first[MAILDIR_NAME_BYTES], second[MAILDIR_NAME_BYTES];
	struct maildir_namer namer;

	maildir_namer_init(&namer, "a/b:c,d\\e f");
	assert_string_equal(namer.host, "a\\057b\\072c\\054d\\134e\\040f");
	maildir_name_make(&namer, 1, 2, first);
	maildir_name_make(&namer, 1, 2, second);
	assert_string_not_equal(first, second);
	assert_null(strpbrk(first, "/:"));
	/* The longest that can be fits. */
	maildir_namer_init(&namer,
	    "////////////////////////////////////////////////////////////////");
	maildir_name_make(&namer, UINT64_MAX, UINT64_MAX, first);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_flags),
		cmocka_unit_test(test_way),
		cmocka_unit_test(test_comes_again),
		cmocka_unit_test(test_leftover),
		cmocka_unit_test(test_at_the_same_time),
		cmocka_unit_test(test_cancel),
		cmocka_unit_test(test_in_the_way),
		cmocka_unit_test(test_half_a_folder),
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_clean),
		cmocka_unit_test(test_clean_times),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
