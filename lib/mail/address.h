/*
 * address - the addresses of a From field and of the envelope
 * (RFC 5322 section 3.4, obsolete forms and groups read; RFC 6532 bytes kept).
 */
#ifndef GATEPOST_MAIL_ADDRESS_H
#define GATEPOST_MAIL_ADDRESS_H

#include <stddef.h>

#include "lib/base/region.h"
#include "lib/base/status.h"
#include "lib/base/str.h"
#include "lib/mail/domain.h"

#define ADDRESS_MAX 64 /* addresses read of one field; more is no author list */

struct address {
	const char *local_part; /* unquoted */
	const char *domain;     /* lower case, A-label form, no trailing dot, or
				 * a literal with its brackets; "" when there
				 * is none or it could be no domain */
	struct span name; /* display name as it is written, quotes and encoded
			   * words too: all in front of '<', or the comment
			   * behind an address without one; points into the
			   * value that was read */
};

/*
 * address_parse_list - all mailboxes of a From, Sender or Reply-To value.
 *
 * Reads display names, comments, quoted strings, groups, routes and domain
 * literals; what is between two commas and no address is skipped and counted.
 * A broken piece gives every address that a client could show for it ("<a@b>
 * c@d" gives both), so that a check of all of them misses none.
 *
 * addresses_r, count_r   owned by region
 * broken_r               pieces that were no address
 * Returns STATUS_OK, STATUS_NOMEM, or STATUS_LIMIT (more than ADDRESS_MAX; the
 * first ADDRESS_MAX are given).
 */
enum status address_parse_list(struct region *region, struct span value,
    struct address **addresses_r, size_t *count_r,
    size_t *broken_r) GP_MUST_CHECK;

/*
 * address_parse_path - an envelope path: "<a@b>", "a@b", "<>", or "".
 *
 * The null path gives local_part "" and domain "".  Returns STATUS_OK,
 * STATUS_INVALID or STATUS_NOMEM.
 */
enum status address_parse_path(struct region *region, const char *path,
    struct address *address_r) GP_MUST_CHECK;

#endif
