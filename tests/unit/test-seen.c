/* The file of messages that came lately. */
#include "config.h"

#include "deliver/seen.h"

#include "tests/unit/deliver-fixture.h"

static void
make_key(unsigned int number, char key[SEEN_KEY_BYTES])
{
	char id[40];

	snprintf(id, sizeof(id), "<%u@x>", number);
	assert_int_equal(seen_key(span_of(id), "a@x.test", key), STATUS_OK);
}

static void
test_keys(void **state GP_UNUSED)
{
	static const struct {
		const char *id, *address;
		bool same;
	} cases[] = {
		{ "<1@x>", "a@x.test", true },
		{ "<1@x>", "A@X.test", true },
		{ "<1@X>", "a@x.test", false },
		{ "<1@x>", "b@x.test", false },
		{ "x<1@x>", "a@x.test", false },
		{ "", "a@x.test<1@x>", false },
	};

	char first[SEEN_KEY_BYTES], key[SEEN_KEY_BYTES];
	size_t i;

	make_key(1, first);
	for (i = 0; i < GP_NELEMS(cases); i++) {
		assert_int_equal(
		    seen_key(span_of(cases[i].id), cases[i].address, key),
		    STATUS_OK);
		if ((strcmp(key, first) == 0) != cases[i].same)
			fail_msg("case %zu", i);
	}
}

static void
test_time(void **state GP_UNUSED)
{
	char path[100], key[SEEN_KEY_BYTES];
	struct place place;

	place_open(&place);
	snprintf(path, sizeof(path), "%s/seen", place.path);
	make_key(1, key);
	assert_false(seen_find(path, key, 0));
	seen_add(path, key, 1000, 0, 0600);
	assert_true(seen_find(path, key, 999));
	assert_false(seen_find(path, key, 1000));
	seen_add(path, key, 2000, 0, 0600);
	assert_true(seen_find(path, key, 1999));
	make_key(2, key);
	assert_false(seen_find(path, key, 0));
	place_close(&place);
}

/* More than there may be: old ones go, new ones stay. */
static void
test_many(void **state GP_UNUSED)
{
	const unsigned int count = SEEN_RECORDS_MAX + 10;
	char path[100], key[SEEN_KEY_BYTES];
	struct place place;
	struct stat file;
	unsigned int i;

	place_open(&place);
	snprintf(path, sizeof(path), "%s/seen", place.path);
	for (i = 0; i < count; i++) {
		make_key(i, key);
		seen_add(
		    path, key, 1000 + i, 1000 + SEEN_RECORDS_MAX - 5, 0600);
	}
	assert_true(seen_find(path, key, 0));
	make_key(SEEN_RECORDS_MAX - 1, key);
	assert_true(seen_find(path, key, 0));
	make_key(1, key);
	assert_false(seen_find(path, key, 0));
	assert_int_equal(stat(path, &file), 0);
	assert_int_equal(file.st_size, 14 * 46);
	place_close(&place);
}

/* Whatever the file is, it does no harm. */
static void
test_odd_files(void **state GP_UNUSED)
{
	static const char *const texts[] = { "x", "\n\n\n",
		"0123456789abcdef0123456789abcdef 00000000xyz0\n",
		"0123456789abcdef0123456789abcdef 000000001000" };
	char path[200], key[SEEN_KEY_BYTES];
	struct place place;
	size_t i;

	place_open(&place);
	make_key(1, key);
	for (i = 0; i < GP_NELEMS(texts); i++) {
		snprintf(path, sizeof(path), "%s",
		    place_write(&place, "seen", texts[i]));
		assert_false(
		    seen_find(path, "0123456789abcdef0123456789abcdef", 0));
		seen_add(path, key, 1000, 0, 0600);
		assert_true(seen_find(path, key, 0));
	}
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_false(seen_find(path, key, 0));
	seen_add(path, key, 1000, 0, 0600);
	place_close(&place);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_time),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_odd_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
