/* conf-errors - collected texts of errors (see conf.h). */
#include "config.h"

#include "lib/conf/conf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/conf/conf-private.h"

#define CONF_ERRORS_TEXTS_MAX 200 /* CONF_ERRORS_MAX, and those of callers */

struct conf_errors {
	size_t count;
	char *texts[CONF_ERRORS_TEXTS_MAX];
};

struct conf_errors *
conf_errors_new(void)
{
	return calloc(1, sizeof(struct conf_errors));
}

void
conf_errors_free(struct conf_errors **errors)
{
	size_t i;

	if (*errors == NULL)
		return;
	for (i = 0; i < (*errors)->count; i++)
		free((*errors)->texts[i]);
	free(*errors);
	*errors = NULL;
}

size_t
conf_errors_count(const struct conf_errors *errors)
{
	return errors->count;
}

const char *
conf_errors_get(const struct conf_errors *errors, size_t i)
{
	if (i >= errors->count)
		return "";
	return errors->texts[i] == NULL ? "out of memory" : errors->texts[i];
}

/* Even when there is no memory for the text, the error counts. */
void
conf_errors_add(struct conf_errors *errors, const char *format, ...)
{
	va_list args;
	char *text = NULL;

	if (errors->count == CONF_ERRORS_TEXTS_MAX)
		return;
	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	errors->texts[errors->count++] = text;
}

void
conf_errors_add_line(struct conf_errors *errors, const char *path,
    unsigned int line, const char *text)
{
	if (line == 0)
		conf_errors_add(errors, "%s: %s", path, text);
	else
		conf_errors_add(errors, "%s:%u: %s", path, line, text);
}

/* The line at which the file sets a key; 0: it does not, or it is none. */
static unsigned int
line_of_key(const struct conf_memory *memory, struct span name)
{
	struct span section, key;
	size_t i;

	for (i = 0; i < memory->seen_count; i++) {
		key = name;
		if (span_split(&key, '.', &section) && key.data != NULL &&
		    span_equals(section, memory->seen[i].section->name) &&
		    span_equals(key, memory->seen[i].key->name))
			return memory->seen[i].line;
	}
	return 0;
}

bool
conf_has_section(const struct conf_memory *memory, const char *section)
{
	size_t i;

	for (i = 0; i < memory->seen_count; i++)
		if (memory->seen[i].line != 0 &&
		    strcmp(memory->seen[i].section->name, section) == 0)
			return true;
	return false;
}

void
conf_errors_add_about(struct conf_errors *errors,
    const struct conf_memory *memory, const char *text)
{
	struct span rest = span_of(text), word;
	unsigned int line = 0;

	while (line == 0 && span_split(&rest, ' ', &word)) {
		if (word.length > 0 && word.data[word.length - 1] == ':')
			word.length--;
		line = line_of_key(memory, word);
	}
	conf_errors_add_line(errors, memory->path, line, text);
}
