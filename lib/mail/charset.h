/*
 * charset - text in a charset that mail names, as UTF-8.
 *
 * Only the charsets of a table are known: those that mail is written in, under
 * the names that it gives them.  What a mail client reads as another, larger
 * charset is read so here too (iso-8859-1 as windows-1252, gb2312 as GB18030).
 * A charset that does not exist costs no text: it is guessed.
 */
#ifndef GATEPOST_MAIL_CHARSET_H
#define GATEPOST_MAIL_CHARSET_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/region.h"
#include "lib/base/status.h"
#include "lib/base/str.h"

/* A label that is longer after '-', '_' and the like are left out is unknown. */
#define CHARSET_LABEL_BYTES_MAX 31

struct charset_text {
	struct span text; /* valid UTF-8 without a NUL; owned by the region, or
			   * the input itself where nothing had to change */
	size_t invalid; /* bytes that the charset does not have, and NULs: each
			   * is a U+FFFD in the text */
	bool unknown;   /* there is no such charset */
};

/*
 * charset_is_known - there is such a charset; names that say nothing
 * ("unknown-8bit") count, the empty one does not.
 */
bool charset_is_known(struct span name);

/* charset_same - two names of one charset ("utf8", "UTF-8") */
bool charset_same(struct span a, struct span b);

/*
 * charset_to_utf8 - text as UTF-8.
 *
 * name  of the charset; empty, unknown, or one that says nothing: the bytes are
 *	 read as UTF-8 if they are valid UTF-8, and as windows-1252 otherwise
 *
 * Returns STATUS_OK or STATUS_NOMEM.
 */
enum status charset_to_utf8(struct region *region, struct span name,
    struct span bytes, struct charset_text *text_r) GP_MUST_CHECK;

struct charset_modules;

/*
 * charset_load - loads what iconv needs for all charsets of the table, and
 * keeps it until charset_unload().
 *
 * Called once by main(), before threads start.  Without it all works, but the C
 * library loads a module again (half a millisecond) for each text whose charset
 * is not one of the last three: a message of many charsets takes seconds.
 *
 * modules_r  NULL on failure
 *
 * Returns STATUS_OK (charsets that the system lacks are unknown) or
 * STATUS_NOMEM.
 */
enum status charset_load(struct charset_modules **modules_r) GP_MUST_CHECK;

/* charset_unload - frees *modules and sets it to NULL; accepts NULL */
void charset_unload(struct charset_modules **modules);

#endif
