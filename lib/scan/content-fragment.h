/*
 * content-fragment - a recipient's address in the fragment of a URL, where it
 * serves a script that shows each reader a page made for him.
 */
#ifndef GATEPOST_SCAN_CONTENT_FRAGMENT_H
#define GATEPOST_SCAN_CONTENT_FRAGMENT_H

#include <stdbool.h>

#include "lib/scan/scan-private.h"

/* Recipients that are looked for; such mail is written to one. */
#define CONTENT_FRAGMENT_RECIPIENTS_MAX 10

/*
 * content_fragment_has_recipient - does the address of a recipient stand behind
 * the '#' of a path: plain, percent-encoded, or in base64?
 *
 * scan  recipients are those of the envelope, and of To
 * path  at most URL_PATH_BYTES_MAX of it are read
 */
bool content_fragment_has_recipient(const struct scan *scan, const char *path);

#endif
