/* Regions: alignment, zeroing, large blocks, overflow. */
#include "config.h"

#include "lib/base/region.h"

#include <string.h>

#include "tests/unit/unit.h"

static void
test_alloc(void **state GP_UNUSED)
{
	struct region *region = region_new();
	unsigned char *p;
	size_t size, i;

	assert_non_null(region);
	for (size = 0; size < 9000; size += 37) {
		p = region_alloc(region, size);
		assert_non_null(p);
		assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
		for (i = 0; i < size; i++)
			assert_int_equal(p[i], 0);
		memset(p, 0xff, size);
	}
	assert_true(region_size(region) > 9000);
	region_free(&region);
	assert_null(region);
	region_free(&region);
}

static void
test_overflow(void **state GP_UNUSED)
{
	struct region *region = region_new();

	assert_null(region_alloc(region, SIZE_MAX));
	assert_null(region_alloc_array(region, SIZE_MAX / 2, 3));
	assert_null(region_memdup(region, "", SIZE_MAX));
	region_free(&region);
}

static void
test_text(void **state GP_UNUSED)
{
	struct region *region = region_new();
	char big[9001];

	assert_string_equal(region_strdup(region, "abc"), "abc");
	assert_memory_equal(region_memdup(region, "a\0b", 3), "a\0b", 4);
	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	assert_string_equal(region_printf(region, "%s", big), big);
	assert_string_equal(region_printf(region, "%d-%s", 7, "z"), "7-z");
	region_free(&region);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_alloc),
		cmocka_unit_test(test_overflow),
		cmocka_unit_test(test_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
