/*
 * content-view - what the symbols of the content share: a message's content
 * as its reader takes it.
 */
#ifndef GATEPOST_SCAN_CONTENT_VIEW_H
#define GATEPOST_SCAN_CONTENT_VIEW_H

#include "lib/mail/content.h"
#include "lib/scan/scan-private.h"
#include "lib/scan/words.h"

/* Of the text of one part that is looked at; what matters stands at the
 * beginning. */
#define CONTENT_VIEW_PART_BYTES 40000
/* Of all parts of plain text, and the same of HTML: filler in one kind, which a
 * reader of the other does not see, takes nothing from it. */
#define CONTENT_VIEW_KIND_BYTES 160000
/* Of each part, where a greeting stands. */
#define CONTENT_VIEW_HEAD_BYTES 1500

struct content_view {
	const struct content *content;
	const struct words *words;

	const struct content_mailbox *from; /* the first; NULL: none */
	struct span from_name;              /* folded display name of it */
	struct span subject; /* folded, without the "[tag]" of a list */
	struct span subject_as_written; /* the same, not folded */

	/* Folded: what is shown of text/plain without quoted lines, and of
	 * HTML what is visible. */
	struct span text;
	/* The same without what is forwarded or quoted.  But what stands behind nothing
	 * else is the message, whatever line is on top of it. */
	struct span own_text;
	struct span heads;   /* the beginnings of all parts, to what is
			      * not the author's in any way */
	size_t letters;      /* letters and digits of all that is shown, quotes,
			      * URLs and what a list adds left out */
	size_t html_letters; /* of these, those of HTML */
	size_t quoted_lines; /* that begin with '>' or '|' */
	bool has_signature;  /* a line "-- " (RFC 3676 section 4.3) */

	/* CONTENT_LIMIT_..., those that kept some of what is shown from being
	 * read: what is missing then proves nothing.  Not those that only cut
	 * attachments, embedded messages, styles or the list of URLs. */
	unsigned int unread;

	bool is_list;     /* List-Id, and List-Post or Precedence list, bulk */
	bool has_list_id; /* List-Id */
	bool is_reply;    /* In-Reply-To or References */
	bool subject_is_re; /* "Re:", "AW:", "Fwd:" and their like */
};

/*
 * content_view_make - looks at scan->content.
 *
 * view_r  owned by the scan's region
 *
 * Returns STATUS_OK or STATUS_NOMEM.
 */
enum status content_view_make(
    struct scan *scan, const struct content_view **view_r) GP_MUST_CHECK;

/* content_view_field - a field's value is there; its first one, trimmed */
struct span content_view_field(
    const struct content_view *view, const char *name);

/* content_view_shorten - what fits into length bytes, whole characters */
struct span content_view_shorten(struct span text, size_t length);

/* content_view_letters - letters and digits of a text, URLs left out; those of
 * Chinese, Japanese and Korean, which say more, count three times */
size_t content_view_letters(struct span text);

#endif
