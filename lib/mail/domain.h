/*
 * domain - domain names as mail writes them and as DNS wants them
 * (RFC 1035 section 2.3.4, RFC 5891).
 */
#ifndef GATEPOST_MAIL_DOMAIN_H
#define GATEPOST_MAIL_DOMAIN_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/region.h"
#include "lib/base/status.h"
#include "lib/base/str.h"

#define DOMAIN_BYTES_MAX       253 /* RFC 1035 section 2.3.4 */
#define DOMAIN_LABEL_BYTES_MAX 63  /* the same */
/* 253 bytes of A-labels are at most about 4 times that as UTF-8. */
#define DOMAIN_INPUT_BYTES_MAX 1024

/*
 * domain_is_valid - letters, digits, '-' and '_' in labels of 1 to 63 bytes, of
 * at most 253 bytes in all, no trailing dot; one label is enough.
 */
bool domain_is_valid(const char *name);

/*
 * domain_is_within - is name the same as parent, or below it?
 *
 * Both without trailing dot; letters fold.  Nothing is below "".
 */
bool domain_is_within(const char *name, const char *parent);

/*
 * domain_organizational - the part of a name that somebody registered: one
 * label below its public suffix ("example.co.uk" of "a.b.example.co.uk").
 *
 * name  lower case, A-labels
 *
 * Private suffixes count: of "a.me.github.io" it is
 * "me.github.io".  Returns a pointer into name, or NULL for a public suffix, a
 * single label, an address (its last label is a number) and what is no
 * domain_is_valid().  Any thread.
 */
const char *domain_organizational(const char *name);

/*
 * domain_registered - the same, but private suffixes do not count: of
 * "a.me.github.io" it is "github.io", whose owner let somebody have the rest.
 */
const char *domain_registered(const char *name);

/*
 * domain_has_known_suffix - does the name end in a public suffix that is
 * really on the list, and have a label in front of it?
 *
 * name  lower case, A-labels
 *
 * Tells "example.com" from "example.conf"; domain_organizational() takes the
 * last label of both for a suffix.  Any thread.
 */
bool domain_has_known_suffix(const char *name);

/*
 * domain_to_ascii - U-labels to A-labels (libidn2); ASCII is copied as it is.
 *
 * to  size bytes; "" on failure
 *
 * Returns STATUS_OK, STATUS_INVALID (IDNA refuses it), STATUS_LIMIT (size) or
 * STATUS_NOMEM.  The result need not be a valid domain.
 */
enum status domain_to_ascii(
    const char *name, char *to, size_t size) GP_MUST_CHECK;

/*
 * domain_normalize - a domain as DNS wants it: lower case, U-labels to A-labels
 * (libidn2), one trailing dot cut.
 *
 * Returns STATUS_OK with *name_r owned by region; STATUS_INVALID (no
 * domain_is_valid(), IDNA refusal, over DOMAIN_INPUT_BYTES_MAX) with *name_r
 * NULL; STATUS_NOMEM.
 */
enum status domain_normalize(struct region *region, struct span domain,
    const char **name_r) GP_MUST_CHECK;

#endif
