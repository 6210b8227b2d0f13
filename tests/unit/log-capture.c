/* log-capture - standard error in a file (see log-capture.h). */
#include "config.h"

#include "tests/unit/log-capture.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/unit.h"

#define LINE_BYTES 4096

static FILE *captured;
static int saved_fd = -1;

void
log_capture_start(void)
{
	assert_null(captured);
	captured = tmpfile();
	assert_non_null(captured);
	saved_fd = dup(STDERR_FILENO);
	assert_true(saved_fd != -1);
	assert_true(dup2(fileno(captured), STDERR_FILENO) != -1);
}

void
log_capture_stop(void)
{
	char line[LINE_BYTES];

	if (captured == NULL)
		return;
	(void)dup2(saved_fd, STDERR_FILENO);
	rewind(captured);
	while (fgets(line, sizeof(line), captured) != NULL)
		fputs(line, stderr);
	(void)close(saved_fd);
	(void)fclose(captured);
	captured = NULL;
}

size_t
log_capture_count(const char *text)
{
	char line[LINE_BYTES];
	size_t count = 0;
	FILE *file;

	/* The descriptor's offset is where the program writes next. */
	(void)snprintf(
	    line, sizeof(line), "/proc/self/fd/%d", fileno(captured));
	assert_non_null(file = fopen(line, "re"));
	while (fgets(line, sizeof(line), file) != NULL)
		if (strstr(line, text) != NULL)
			count++;
	(void)fclose(file);
	return count;
}
