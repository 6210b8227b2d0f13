/*
 * transfer - content transfer encodings (RFC 2045 section 6): what a part's
 * bytes were before they were made fit for mail.
 *
 * Base64 and uuencode are decoded by GMime.  Quoted-printable is not: GMime
 * keeps the blanks that relays put at line ends, and so takes "= " for text.
 */
#ifndef GATEPOST_MAIL_TRANSFER_H
#define GATEPOST_MAIL_TRANSFER_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/region.h"
#include "lib/base/status.h"
#include "lib/base/str.h"

enum transfer {
	TRANSFER_7BIT,
	TRANSFER_8BIT,
	TRANSFER_BINARY,
	TRANSFER_QUOTED_PRINTABLE,
	TRANSFER_BASE64,
	TRANSFER_UUENCODE,
	TRANSFER_UNKNOWN /* read as it is, like 8bit */
};

/* transfer_text - the name of an encoding in lower case */
const char *transfer_text(enum transfer transfer);

/*
 * transfer_of - the encoding that a Content-Transfer-Encoding value names, with
 * the quotes, comments and semicolons that are around it in real mail.
 */
enum transfer transfer_of(struct span value);

/* transfer_is_encoded - the bytes are not what they stand for */
bool transfer_is_encoded(enum transfer transfer);

struct transfer_bytes {
	struct span bytes; /* decoded, up to the limit; owned by the region, or
			    * raw itself if the encoding changes nothing */
	size_t size;       /* of all that is decoded, behind the limit too */
	bool broken;       /* not what the encoding allows; read as well as it
			    * goes */
};

/*
 * transfer_decode - all of raw is read, and limit bytes of it are kept.
 *
 * limit  0 only measures
 *
 * Returns STATUS_OK or STATUS_NOMEM.
 */
enum status transfer_decode(struct region *region, enum transfer transfer,
    struct span raw, size_t limit,
    struct transfer_bytes *bytes_r) GP_MUST_CHECK;

#endif
