/* log-capture - what a test made the program log. */
#ifndef GATEPOST_TESTS_LOG_CAPTURE_H
#define GATEPOST_TESTS_LOG_CAPTURE_H

#include <stddef.h>

/* log_capture_start - standard error goes to a file from now on */
void log_capture_start(void);

/* log_capture_stop - standard error is what it was, and gets the lines */
void log_capture_stop(void);

/* log_capture_count - lines so far that contain text; "" counts all */
size_t log_capture_count(const char *text);

#endif
