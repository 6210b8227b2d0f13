/*
 * content - the MIME tree of a message, as a flat array of parts, and the text
 * of its text parts (RFC 2045, 2046, 2183, 2231).
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
 * A content is not changed after content_parse() and may be read by any thread.
 */
#ifndef GATEPOST_MAIL_CONTENT_H
#define GATEPOST_MAIL_CONTENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/region.h"
#include "lib/base/status.h"
#include "lib/base/str.h"
#include "lib/mail/message.h"
#include "lib/mail/transfer.h"

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
};

/* 30 levels, 1000 parts, 1 MB of text, 64 KB and 1 MB of header, 4 MB. */
extern const struct content_limits content_default_limits;

/* Limits that were reached: struct content, limits. */
enum content_limit {
	CONTENT_LIMIT_DEPTH = 1 << 0,
	CONTENT_LIMIT_PARTS = 1 << 1,
	CONTENT_LIMIT_TEXT = 1 << 2,
	CONTENT_LIMIT_HEADER = 1 << 3, /* of a part, or the message's own */
	CONTENT_LIMIT_NESTED = 1 << 4
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
	struct span text;    /* of a text part: valid UTF-8 without a NUL, line
			   * ends as they came; empty for all others */
	unsigned int damage; /* CONTENT_... of enum content_damage */
};

struct content {
	size_t part_count; /* at least 1: the message */
	const struct content_part *parts;
	unsigned int limits; /* CONTENT_LIMIT_... */
	unsigned int damage; /* of all parts */
	size_t text_bytes;   /* of the text of all parts */
};

/*
 * content_parse - the parts of a message.
 *
 * message    its header; must live as long as the region
 * body       the same; LF or CRLF line ends
 * content_r  owned by region; NULL on failure
 *
 * Returns STATUS_OK or STATUS_NOMEM.
 */
enum status content_parse(struct region *region, const struct message *message,
    struct span body, const struct content_limits *limits,
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
