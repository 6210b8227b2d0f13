/* settings-text - settings of a file that a test writes (see its header). */
#include "config.h"

#include "tests/unit/settings-text.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/unit.h"

const struct settings *
settings_of(const char *text)
{
	char path[] = "/tmp/gatepost-test-XXXXXX";
	const struct settings *settings;
	struct conf_errors *errors = conf_errors_new();
	int fd = mkstemp(path);

	assert_int_not_equal(fd, -1);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	if (settings_load(path, &settings, errors) != STATUS_OK)
		fail_msg("%s: %s", text,
		    conf_errors_count(errors) > 0 ? conf_errors_get(errors, 0) :
						    "no memory");
	unlink(path);
	conf_errors_free(&errors);
	return settings;
}
