/* conf-check - checks that several sections need (see conf-check.h). */
#include "config.h"

#include "lib/conf/conf-check.h"

#include <stddef.h>
#include <string.h>

const char *
conf_check_path(const char *text)
{
	if (text[0] != '\0' && text[0] != '/')
		return "must be an absolute path";
	return NULL;
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
