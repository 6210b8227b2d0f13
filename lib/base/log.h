/*
 * log - one line an event, to syslog or standard error.
 *
 * The destination is the one piece of mutable process state of the library:
 * main() sets it once by log_open(), before threads start.
 *
 * fatal: the operator must act, the program ends.  error: something is broken,
 * the program goes on.  warning: look at it.  info: one line a message.
 */
#ifndef GATEPOST_BASE_LOG_H
#define GATEPOST_BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/status.h"
#include "lib/base/str.h"

enum log_level {
	LOG_LEVEL_FATAL = 0,
	LOG_LEVEL_ERROR,
	LOG_LEVEL_WARNING,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG
};

/*
 * log_open - where lines go from now on.
 *
 * program    name in front of each line; borrowed for the process's life
 * to_syslog  true: syslog, facility mail; false: standard error
 * most       the most detailed level that is written
 */
void log_open(const char *program, bool to_syslog, enum log_level most);

/* log_set_level - changes the most detailed level that is written */
void log_set_level(enum log_level most);

/* log_write - one line; control bytes of the text are replaced */
void log_write(enum log_level level, const char *format, ...) GP_PRINTF(2, 3);

#define log_fatal(...)   log_write(LOG_LEVEL_FATAL, __VA_ARGS__)
#define log_error(...)   log_write(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_write(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_info(...)    log_write(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...)   log_write(LOG_LEVEL_DEBUG, __VA_ARGS__)

#define LOG_FIELDS_BYTES 2000 /* syslog cuts at about 2 KB on many systems */

/* A line of key=value fields; values from outside are quoted and sanitized. */
struct log_fields {
	size_t length;
	char text[LOG_FIELDS_BYTES];
};

/* log_fields_init - an empty line */
void log_fields_init(struct log_fields *fields);

/*
 * log_field - appends " key=value"; a value with blanks, quotes, '=' or
 * control bytes is quoted.  NULL and the empty string are left out.
 */
void log_field(struct log_fields *fields, const char *key, const char *value);

/*
 * log_field_own - appends " key="value"" for text of our own making (symbols
 * and points): quoted, neither sanitized nor shortened.
 */
void log_field_own(
    struct log_fields *fields, const char *key, const char *value);

/* log_field_number - appends " key=number" */
void log_field_number(
    struct log_fields *fields, const char *key, int64_t number);

#endif
