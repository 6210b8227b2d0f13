/* conf-errors - collected texts of errors (see conf.h). */
#include "config.h"

#include "lib/conf/conf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

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
