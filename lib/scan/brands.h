/*
 * brands - well known names in the display name of somebody who does not own
 * them.
 */
#ifndef GATEPOST_SCAN_BRANDS_H
#define GATEPOST_SCAN_BRANDS_H

#include "lib/base/str.h"

/*
 * brands_pretended - a brand that a name holds, in whole words, though a domain
 * is not its owner's.
 *
 * name    folded (lib/base/fold.h)
 * domain  of the author: lower case, A-labels; "" if there is none
 *
 * Returns NULL when there is none, and when the domain belongs to any brand of
 * the name ("Google Pay for Netflix" may come from google.com).
 */
const char *brands_pretended(struct span name, const char *domain);

#endif
