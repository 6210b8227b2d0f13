/* test-point - where tests kill the process (see test-point.h). */
#include "config.h"

#include "deliver/test-point.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/base/str.h"

#define COUNT_MAX 1000000

static const struct {
	const char *name;
	int number;
} errors[] = {
	{ "ENOSPC", ENOSPC },
	{ "EDQUOT", EDQUOT },
	{ "EIO", EIO },
	{ "EROFS", EROFS },
};

static int
fail_with(struct span action)
{
	size_t i;

	for (i = 0; i < GP_NELEMS(errors); i++) {
		if (span_equals(action, errors[i].name)) {
			errno = errors[i].number;
			return -1;
		}
	}
	return 0;
}

int
test_point(const char *name)
{
	static _Atomic uint64_t reached; /* only ever that of one name */
	struct span rest = span_of(getenv("GATEPOST_TEST_POINT"));
	struct span wanted, action, count_text;
	uint64_t count = 1, now;

	if (!span_split(&rest, ' ', &wanted) || !span_equals(wanted, name) ||
	    !span_split(&rest, ' ', &action))
		return 0;
	if (span_split(&rest, ' ', &count_text) &&
	    str_to_uint64(count_text, COUNT_MAX, &count) != STATUS_OK)
		return 0;
	now = atomic_fetch_add(&reached, 1) + 1;
	if (now < count)
		return 0;
	if (span_equals(action, "kill"))
		kill(getpid(), SIGKILL);
	if (span_equals(action, "stop") && now == count)
		kill(getpid(), SIGSTOP);
	return fail_with(action);
}
