/*
 * content-header - what the header of a message says, decoded: the fields that
 * a reader sees, and those that tell where an answer goes.
 *
 * Of a field that stands there more than once the first is read; how many there
 * are is told.  All other fields: message_find(), and header_text_decode() for
 * their text.
 */
#ifndef GATEPOST_MAIL_CONTENT_HEADER_H
#define GATEPOST_MAIL_CONTENT_HEADER_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/region.h"
#include "lib/base/status.h"
#include "lib/mail/address.h"
#include "lib/mail/date.h"
#include "lib/mail/header-text.h"
#include "lib/mail/message.h"

#define CONTENT_REFERENCES_MAX 50 /* the newest; long threads have as many */

struct content_mailbox {
	const char *name; /* display name: decoded, without quotes, clean; "" */
	const char *local_part;
	const char *domain;                /* see struct address; "" */
	const char *organizational_domain; /* "" if there is none */
};

struct content_mailboxes {
	size_t field_count; /* fields of that name; 0: it is missing */
	size_t count;       /* mailboxes, at most ADDRESS_MAX */
	const struct content_mailbox *list;
	size_t broken; /* pieces that were no mailbox */
	bool cut;      /* there are more than ADDRESS_MAX */
};

struct content_date {
	size_t field_count;
	bool broken; /* there is one, and it is none */
	struct date date;
};

struct content_header {
	size_t subject_count;
	struct header_text subject; /* text "" if it is missing */
	struct content_mailboxes from, sender, reply_to, to, cc;
	struct content_date date;
	size_t message_id_count;
	const char *message_id; /* clean, without its angle brackets; "" */
	/* Of In-Reply-To and then References, in that order, clean and without
	 * angle brackets: what this message answers. */
	size_t reference_count;
	const char *const *references;
};

/*
 * content_header_read - reads the fields.
 *
 * header_r  all owned by region
 *
 * Returns STATUS_OK (whatever they hold) or STATUS_NOMEM.
 */
enum status content_header_read(struct region *region,
    const struct message *message,
    struct content_header *header_r) GP_MUST_CHECK;

#endif
