/* folder-name - directories of Maildir++ folders (see folder-name.h). */
#include "config.h"

#include "lib/users/folder-name.h"

#include <iconv.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "lib/base/log.h"
#include "lib/base/str.h"

/* Levels that are not empty, no control bytes, and nothing that is special. */
static bool
is_good_name(const char *name)
{
	char last = '.';

	for (; *name != '\0'; name++) {
		if ((unsigned char)*name < 0x20 || *name == 0x7f ||
		    (*name == '.' && last == '.'))
			return false;
		last = *name;
	}
	return last != '.';
}

static bool
is_plain(const char *name)
{
	for (; *name != '\0'; name++)
		if (!ascii_is_print((unsigned char)*name) || *name == '&')
			return false;
	return true;
}

/* UTF-8 to modified UTF-7. */
static enum status
encode(const char *name, char *to, size_t size)
{
	char *in = (char *)(uintptr_t)name;
	size_t in_left = strlen(name), out_left = size - 1;
	iconv_t converter;
	bool converted;

	converter = iconv_open("UTF-7-IMAP", "UTF-8");
	if (converter == (iconv_t)-1) {
		log_error("the C library does not know UTF-7-IMAP: folders "
			  "have ASCII names only");
		return STATUS_INVALID;
	}
	converted =
	    iconv(converter, &in, &in_left, &to, &out_left) != (size_t)-1 &&
	    iconv(converter, NULL, NULL, &to, &out_left) != (size_t)-1;
	iconv_close(converter);
	*to = '\0';
	return converted ? STATUS_OK : STATUS_INVALID;
}

enum status
folder_name_encode(
    struct region *region, const char *name, const char **directory_r)
{
	char encoded[NAME_MAX + 1] = ".", *levels, *p;
	enum status status;

	*directory_r = NULL;
	if (str_equals_nocase(name, "INBOX")) {
		*directory_r = "";
		return STATUS_OK;
	}
	if ((levels = region_strdup(region, name)) == NULL)
		return STATUS_NOMEM;
	for (p = levels; *p != '\0'; p++)
		if (*p == '/')
			*p = '.';
	if (!is_good_name(levels))
		return STATUS_INVALID;
	if (is_plain(levels))
		status = str_copy(encoded + 1, sizeof(encoded) - 1, levels);
	else
		status = encode(levels, encoded + 1, sizeof(encoded) - 1);
	if (status != STATUS_OK)
		return STATUS_INVALID;
	*directory_r = region_strdup(region, encoded);
	return *directory_r == NULL ? STATUS_NOMEM : STATUS_OK;
}
