/* Letters of keywords in Dovecot's file. */
#include "config.h"

#include "deliver/keywords.h"

#include <utime.h>

#include "tests/unit/deliver-fixture.h"

#define FILE_NAME "dovecot-keywords"

static void
test_letters(void **state GP_UNUSED)
{
	static const struct {
		const char *before;
		enum status status;
		char letter;
		const char *after;
	} cases[] = {
		{ NULL, STATUS_OK, 'a', "0 $Junk\n" },
		{ "0 $Label1\n", STATUS_OK, 'b', "0 $Label1\n1 $Junk\n" },
		{ "0 $Label1\n1 $junk\n", STATUS_OK, 'b',
		    "0 $Label1\n1 $junk\n" },
		{ "3 x\n1 y\n", STATUS_OK, 'e', "3 x\n1 y\n4 $Junk\n" },
		{ "25 x\n", STATUS_LIMIT, '\0', "25 x\n" },
		{ "26 x\n", STATUS_LIMIT, '\0', "26 x\n" },
		{ "junk\n", STATUS_LIMIT, '\0', "junk\n" },
	};

	char text[FILE_SIZE], letter;
	struct place place;
	size_t i;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		place_open(&place);
		if (cases[i].before != NULL)
			(void)place_write(&place, FILE_NAME, cases[i].before);
		assert_int_equal(
		    keyword_letter(place.path, "$Junk", 0600, &letter),
		    cases[i].status);
		assert_int_equal(letter, cases[i].letter);
		(void)place_read(&place, ".", FILE_NAME, text);
		assert_string_equal(text, cases[i].after);
		/* No lock is left. */
		assert_int_equal(place_list(&place, ".", NULL), 1);
		place_close(&place);
	}
}

/* Dovecot's lock is respected, that of a dead process is not. */
static void
test_locked(void **state GP_UNUSED)
{
	const struct utimbuf old = { 1000, 1000 };
	struct place place;
	const char *lock;
	char letter;

	place_open(&place);
	lock = place_write(&place, "dovecot-uidlist.lock", "");
	assert_int_equal(
	    keyword_letter(place.path, "$Junk", 0600, &letter), STATUS_BUSY);
	assert_int_equal(access(lock, F_OK), 0);
	assert_int_equal(utime(lock, &old), 0);
	assert_int_equal(
	    keyword_letter(place.path, "$Junk", 0600, &letter), STATUS_OK);
	assert_int_equal(access(lock, F_OK), -1);
	place_close(&place);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_letters),
		cmocka_unit_test(test_locked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
