/*
 * signing - DKIM signatures on mail that is not inbound: of authenticated
 * users, of own networks, local mail and bounces.
 *
 * It is no check: nothing of it is weighed.  The domain of the author (From)
 * signs, by every key of it that is active; the signatures are the topmost
 * headers of the verdict.  Where logins are checked, only what is known to be
 * the login's is signed (see sender-login.h).
 */
#ifndef GATEPOST_SCAN_SIGNING_H
#define GATEPOST_SCAN_SIGNING_H

#include <stddef.h>

#include "lib/base/status.h"

struct auth_sign_keys;
struct scan;
struct settings;
struct signing;

/*
 * signing_warning - what the administrator should know of these keys and
 * settings: that any login is signed as any of several domains; or NULL
 */
const char *signing_warning(
    const struct settings *settings, const struct auth_sign_keys *keys);

/*
 * signing_start - chooses the domain and its keys; the header must be known.
 *
 * Sets scan->signing, or leaves it NULL when the settings want no signatures.
 * Returns STATUS_OK or STATUS_NOMEM.
 */
enum status signing_start(struct scan *scan) GP_MUST_CHECK;

/* signing_body - a chunk of the body, CRLF line ends; accepts NULL */
void signing_body(struct signing *signing, const void *data, size_t length);

/*
 * signing_finish - puts the signatures into the headers of the verdict, or its
 * action to tempfail where a key is missing and the settings want that.
 *
 * Call it when the verdict is decided.  Returns STATUS_OK or STATUS_NOMEM.
 */
enum status signing_finish(struct scan *scan) GP_MUST_CHECK;

/* signing_end - frees; accepts NULL */
void signing_end(struct signing **signing);

#endif
