/* SHA-256 as text: known digests, pieces that do not run together. */
#include "config.h"

#include "lib/base/hash.h"

#include <string.h>

#include "tests/unit/unit.h"

/* The examples of FIPS 180-2, appendix B. */
static void
test_known(void **state GP_UNUSED)
{
	static const struct {
		const char *text, *digest;
	} cases[] = {
		{ "",
		    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b"
		    "7852b855" },
		{ "abc",
		    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61"
		    "f20015ad" },
		{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd4"
		    "19db06c1" },
	};

	char text[HASH_TEXT_BYTES];
	struct hash *hash;
	size_t i, half;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		hash = hash_new();
		half = strlen(cases[i].text) / 2;
		hash_add(hash, cases[i].text, half);
		hash_add(
		    hash, cases[i].text + half, strlen(cases[i].text) - half);
		assert_int_equal(hash_finish(&hash, text), STATUS_OK);
		assert_null(hash);
		assert_string_equal(text, cases[i].digest);
	}
}

static void
test_pieces(void **state GP_UNUSED)
{
	char one[HASH_TEXT_BYTES], other[HASH_TEXT_BYTES];
	struct hash *hash = hash_new();

	hash_add_text(hash, "ab");
	hash_add_text(hash, "c");
	assert_int_equal(hash_finish(&hash, one), STATUS_OK);
	hash = hash_new();
	hash_add_text(hash, "a");
	hash_add_text(hash, "bc");
	assert_int_equal(hash_finish(&hash, other), STATUS_OK);
	assert_string_not_equal(one, other);
	assert_int_equal(hash_finish(&hash, one), STATUS_NOMEM);
	assert_string_equal(one, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known),
		cmocka_unit_test(test_pieces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
