/* conf-check - checks that several sections need (see conf-check.h). */
#include "config.h"

#include "lib/conf/conf-check.h"

#include <stddef.h>
#include <string.h>

#include "lib/base/str.h"

#define DELIMITERS_MAX 8 /* a mistake otherwise */

const char *
conf_check_path(const char *text)
{
	return text[0] == '\0' ? NULL : conf_check_needed_path(text);
}

const char *
conf_check_needed_path(const char *text)
{
	return text[0] == '/' ? NULL : "must be an absolute path";
}

const char *
conf_check_delimiters(const char *text)
{
	size_t i;

	for (i = 0; text[i] != '\0'; i++)
		if (!ascii_is_print(text[i]) || ascii_is_alnum(text[i]) ||
		    strchr(" @\"\\/<>", text[i]) != NULL)
			return "must be punctuation, such as + or +-";
	return i > DELIMITERS_MAX ? "has too many characters" : NULL;
}

const char *
conf_check_mode(const char *text)
{
	if (strlen(text) != 3 || strspn(text, "01234567") != 3)
		return "must be three octal digits, such as 660";
	return NULL;
}

mode_t
conf_read_mode(const char *text)
{
	mode_t mode = 0;

	for (; *text != '\0'; text++)
		mode = mode << 3 | (mode_t)(*text - '0');
	return mode;
}
