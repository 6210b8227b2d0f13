/* log - lines to syslog or standard error (see log.h). */
#include "config.h"

#include "lib/base/log.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>

#define LOG_LINE_BYTES  2200
#define LOG_VALUE_BYTES 256 /* one value of a key=value line */

/* Set by log_open() before threads start, but for the level. */
static const char *log_program = "gatepost";
static bool log_to_syslog;
static _Atomic int log_most = LOG_LEVEL_INFO;

static const struct {
	const char *name;
	int priority;
} log_levels[] = {
	[LOG_LEVEL_FATAL] = { "fatal", LOG_CRIT },
	[LOG_LEVEL_ERROR] = { "error", LOG_ERR },
	[LOG_LEVEL_WARNING] = { "warning", LOG_WARNING },
	[LOG_LEVEL_INFO] = { "info", LOG_INFO },
	[LOG_LEVEL_DEBUG] = { "debug", LOG_DEBUG },
};

void
log_open(const char *program, bool to_syslog, enum log_level most)
{
	log_program = program;
	log_to_syslog = to_syslog;
	atomic_store(&log_most, (int)most);
	if (to_syslog)
		openlog(program, LOG_PID | LOG_NDELAY, LOG_MAIL);
}

void
log_set_level(enum log_level most)
{
	atomic_store(&log_most, (int)most);
}

void
log_write(enum log_level level, const char *format, ...)
{
	char line[LOG_LINE_BYTES];
	va_list args;
	char *p;

	if ((int)level > atomic_load(&log_most))
		return;
	va_start(args, format);
	if (vsnprintf(line, sizeof(line), format, args) < 0)
		line[0] = '\0';
	va_end(args);
	for (p = line; *p != '\0'; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = '?';
	if (log_to_syslog)
		syslog(log_levels[level].priority, "%s%s%s",
		    level == LOG_LEVEL_INFO ? "" : log_levels[level].name,
		    level == LOG_LEVEL_INFO ? "" : ": ", line);
	else
		fprintf(stderr, "%s: %s%s%s\n", log_program,
		    level == LOG_LEVEL_INFO ? "" : log_levels[level].name,
		    level == LOG_LEVEL_INFO ? "" : ": ", line);
}

void
log_fields_init(struct log_fields *fields)
{
	fields->length = 0;
	fields->text[0] = '\0';
}

static void
log_fields_add(struct log_fields *fields, const char *key, const char *quote,
    const char *value)
{
	size_t room = sizeof(fields->text) - fields->length;
	int length;

	length = snprintf(fields->text + fields->length, room, "%s%s=%s%s%s",
	    fields->length == 0 ? "" : " ", key, quote, value, quote);
	if (length < 0 || (size_t)length >= room)
		fields->text[fields->length] = '\0'; /* no half fields */
	else
		fields->length += (size_t)length;
}

void
log_field(struct log_fields *fields, const char *key, const char *value)
{
	char clean[LOG_VALUE_BYTES];
	const char *quote;
	char *p;

	if (value == NULL || value[0] == '\0')
		return;
	str_sanitize(clean, sizeof(clean), span_of(value));
	for (p = clean; *p != '\0'; p++)
		if (*p == '"' || *p == '\\')
			*p = '\'';
	quote = clean[strcspn(clean, " =,'")] == '\0' ? "" : "\"";
	log_fields_add(fields, key, quote, clean);
}

void
log_field_own(struct log_fields *fields, const char *key, const char *value)
{
	if (value[0] != '\0')
		log_fields_add(fields, key, "\"", value);
}

void
log_field_number(struct log_fields *fields, const char *key, int64_t number)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRId64, number);
	log_fields_add(fields, key, "", text);
}
