/*
 * content - all that a message says, read once: its header, its parts as a flat
 * array, their text, what their HTML shows and hides, and every URL (RFC 5322,
 * 2045, 2046, 2183, 2231).  What one of these structs does not say is one call
 * away, where it would cost too much for every message: the bytes of an
 * attachment (content_part_decode()), other fields (message_find() and
 * header_text_decode()).
 *
 * For one who writes a symbol:
 *
 *	header.subject.text, header.from.list[0].name, .domain,
 *	header.date.date.seconds			content-header.h
 *	for each of parts: type, name, damage, text, is_shown
 *	parts[i].html->text, hidden_text, links, images	html.h
 *	for each of urls.urls: host, organizational_domain, text_host, flags,
 *	and parts[url.place], where it stands		url.h
 *
 * Text out of the message is valid UTF-8 without a NUL, but for raw fields, local
 * parts of addresses, references of HTML, and struct url's path, user and text:
 * show it by str_show().  Limits are reached (limits) by bombs, and by few honest
 * messages: nothing should be concluded from what is missing then.
 *
 * The structure is walked here, in one pass over the body with a stack of open
 * multiparts that has a limit, and not by GMime's parser: that one has no limit
 * on parts and header bytes, its own of 1024 levels, and ends the process where
 * memory is short.
 *
 * Nothing that a message holds is an error: what is wrong with it are flags of
 * its parts, and what goes over a limit is left out and told.  What a mail
 * client might show is read: a multipart in which no part begins is text, parts
 * behind the end of a multipart are parts.
 *
 * A content is not changed after content_read() and may be read by any thread.
 */
#ifndef GATEPOST_MAIL_CONTENT_H
#define GATEPOST_MAIL_CONTENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/region.h"
#include "lib/base/status.h"
#include "lib/base/str.h"
#include "lib/mail/content-header.h"
#include "lib/mail/html.h"
#include "lib/mail/message.h"
#include "lib/mail/transfer.h"
#include "lib/mail/url.h"

struct content_limits {
	unsigned int depth; /* levels below the message itself; real mail has
			      * up to about 8, forwards of forwards 15 */
	size_t parts;       /* a digest of a mailing list has up to 100 */
	size_t text_bytes;  /* decoded text in all; no part takes more than
			      * half of what is left, so that none can keep
			      * the next from being read */
	size_t part_header_bytes; /* of one part or embedded message */
	size_t header_bytes; /* of all parts; a field costs up to 25 times its
			      * bytes in memory */
	size_t nested_bytes; /* decoded of embedded messages that are encoded */
	size_t html_parts;   /* each takes 10 KB at least; html.h and url.h have
			      * limits of their own */
};

/* 30 levels, 1000 parts, 1 MB of text, 64 KB and 1 MB of header, 4 MB, 100
 * parts of HTML. */
extern const struct content_limits content_default_limits;

/* Limits that were reached: struct content, limits. */
enum content_limit {
	CONTENT_LIMIT_DEPTH = 1 << 0,
	CONTENT_LIMIT_PARTS = 1 << 1,
	CONTENT_LIMIT_TEXT = 1 << 2,
	CONTENT_LIMIT_HEADER = 1 << 3, /* of a part, or the message's own */
	CONTENT_LIMIT_NESTED = 1 << 4,
	CONTENT_LIMIT_BODY = 1 << 5, /* of the caller: body_is_cut */
	CONTENT_LIMIT_HTML = 1 << 6, /* struct html, cut; or html_parts */
	CONTENT_LIMIT_URLS = 1 << 7  /* struct url_list, cut */
};

/* What is wrong with a part: struct content_part, damage. */
enum content_damage {
	CONTENT_NO_BOUNDARY = 1 << 0, /* a multipart without that parameter */
	CONTENT_NO_PARTS = 1 << 1,    /* a multipart in which none begins */
	CONTENT_NO_END = 1 << 2, /* a multipart's last boundary is missing */
	CONTENT_PARTS_BEHIND_END = 1 << 3,
	CONTENT_ENCODED_MULTIPART = 1 << 4, /* it must not be (RFC 2045) */
	CONTENT_BROKEN_HEADER = 1 << 5, /* lines that are no field, or no empty
					 * line behind it */
	CONTENT_BROKEN_TYPE = 1 << 6,   /* no type, or parameters unreadable */
	CONTENT_DUPLICATE_FIELD = 1 << 7, /* a Content- field or parameter */
	CONTENT_UNKNOWN_ENCODING = 1 << 8,
	CONTENT_BROKEN_BASE64 = 1 << 9,
	CONTENT_BROKEN_QUOTED_PRINTABLE = 1 << 10,
	CONTENT_BROKEN_UUENCODE = 1 << 11,
	CONTENT_8BIT_IN_7BIT = 1 << 12,
	CONTENT_NUL = 1 << 13,       /* raw ones */
	CONTENT_BARE_CR = 1 << 14,   /* not before an LF */
	CONTENT_BARE_LF = 1 << 15,   /* in a part that has CRLF too */
	CONTENT_LONG_LINE = 1 << 16, /* over 998 bytes (RFC 5322 2.1.1) */
	CONTENT_UNKNOWN_CHARSET = 1 << 17,
	CONTENT_INVALID_TEXT = 1 << 18, /* bytes that its charset has not */
	CONTENT_NAMES_DIFFER = 1 << 19  /* file names of type and disposition */
};

enum content_kind {
	CONTENT_LEAF,
	CONTENT_MULTIPART, /* its children are parts */
	CONTENT_MESSAGE    /* its one child is the embedded message */
};

#define CONTENT_NO_PARENT SIZE_MAX

struct content_part {
	size_t index;
	size_t parent; /* always less than index; CONTENT_NO_PARENT: the root */
	unsigned int depth;
	enum content_kind kind;
	const struct message *message; /* the fields of the part; those of an
					* embedded message are its root's */
	const char *type;        /* "text/plain"; lower case, with a '/' */
	const char *charset;     /* as declared, in lower case; "" */
	const char *name;        /* of the file, decoded and clean; "" */
	const char *disposition; /* "attachment", "inline", ... or "" */
	const char *content_id;  /* without angle brackets; "" */
	enum transfer transfer;
	struct span raw; /* in the body, or in the decoded bytes of a parent */
	struct span before, behind; /* a multipart's text outside of parts */
	size_t decoded_size;
	struct span text; /* of a text part: valid UTF-8 without a NUL, line
			   * ends as they came; empty for all others */
	const struct html *html; /* of text/html; NULL for all others, and
				  * where there is no text */
	bool is_embedded;        /* inside of an embedded message */
	bool is_shown; /* text/plain or text/html that mail clients show as the
			* message itself: no attachment, not embedded */
	unsigned int damage; /* CONTENT_... of enum content_damage */
};

struct content {
	const struct message *message;
	struct content_header header;
	size_t part_count; /* at least 1: the message */
	const struct content_part *parts;
	unsigned int limits;  /* CONTENT_LIMIT_... */
	unsigned int damage;  /* of all parts */
	size_t text_bytes;    /* of the text of all parts */
	struct url_list urls; /* of the subject, the parts that are shown, what
			       * these hide, then the others; place is a
			       * part's index */
};

struct content_source {
	const struct message *message; /* must live as long as the region */
	struct span body;              /* the same; LF or CRLF line ends */
	bool body_is_cut; /* its end is missing: that is no damage */
};

/*
 * content_read - reads a whole message.
 *
 * limits     content_default_limits, but for tests
 * content_r  it and all in it is owned by region, and freed with that; NULL on
 *	      failure
 *
 * Returns STATUS_OK (whatever the message is) or STATUS_NOMEM.
 */
enum status content_read(struct region *region,
    const struct content_source *source, const struct content_limits *limits,
    const struct content **content_r) GP_MUST_CHECK;

/*
 * content_part_is_text - its text is read: of type text, no type that can be
 * read, or a multipart in which no part begins.
 */
bool content_part_is_text(const struct content_part *part);

/*
 * content_part_decode - the bytes of a part, up to limit of them.
 *
 * bytes_r  owned by region, or a part of the body
 *
 * Returns STATUS_OK or STATUS_NOMEM.
 */
enum status content_part_decode(struct region *region,
    const struct content_part *part, size_t limit,
    struct span *bytes_r) GP_MUST_CHECK;

/*
 * content_damage_text - the name of the lowest flag, in words ("no boundary"),
 * which is taken out of *damage; NULL when there is none left.
 */
const char *content_damage_text(unsigned int *damage);

/* content_limit_text - the same for the flags of enum content_limit */
const char *content_limit_text(unsigned int *limits);

#endif
