/*
 * words - the phrases and names that symbols look for, as patterns (PCRE2)
 * compiled once a process.
 *
 * All but two are looked for in folded text (lib/base/fold.h), so they are written
 * in lower case and with single blanks.  A pattern that takes too many steps on
 * some text finds nothing there.
 */
#ifndef GATEPOST_SCAN_WORDS_H
#define GATEPOST_SCAN_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/status.h"
#include "lib/base/str.h"

enum words_list {
	WORDS_GREETING,    /* "dear customer": for one of unknown name */
	WORDS_ACCOUNT,     /* "your account has been suspended" */
	WORDS_MAILBOX,     /* "your mailbox is full" */
	WORDS_ADVANCE_FEE, /* inheritances, lotteries, millions */
	WORDS_CRYPTO,
	WORDS_URGENT,
	WORDS_OPT_OUT, /* "unsubscribe" */
	WORDS_PROMO,   /* of a sender's name: "rewards" */
	WORDS_ROLE,    /* of a sender's name: "support" */
	WORDS_PHONE,   /* a North American phone number */
	WORDS_INVOICE,
	/* Of a text that is not folded: where a forwarded one begins, and a line
	 * in front of a quoted one. */
	WORDS_FORWARD,
	WORDS_QUOTE_LINE,
	WORDS_QUOTE,         /* "wrote:", in front of a quoted text */
	WORDS_PASSWORD,      /* "the password is 1234" */
	WORDS_MAILER_DEAD,   /* of a mail program: none of its kind lives */
	WORDS_REDIRECTOR,    /* of a URL: it leads wherever its query says */
	WORDS_TRACKER,       /* of a host name: it counts clicks */
	WORDS_MIXED_SCRIPTS, /* a word of Latin letters and Greek or Cyrillic */
	WORDS_LISTS_COUNT
};

struct words;

/*
 * words_new - compiles all patterns.
 *
 * Returns STATUS_OK or STATUS_NOMEM.
 */
enum status words_new(struct words **words_r) GP_MUST_CHECK;

/* words_free - accepts NULL */
void words_free(struct words **words);

#define WORDS_ENOUGH_MAX 4

/* Pieces of the text that was looked at. */
struct words_found {
	size_t count;
	struct span list[WORDS_ENOUGH_MAX];
};

/*
 * words_find - the different things that a text says of a list, up to enough:
 * two ways to say one, "$1,000,000" and "5 million", are one, the first.
 *
 * text   valid UTF-8
 * enough at most WORDS_ENOUGH_MAX
 *
 * Any thread.  Returns their count; where memory is short it finds nothing.
 */
size_t words_find(const struct words *words, enum words_list list,
    struct span text, size_t enough, struct words_found *found_r);

/* words_has - one match */
bool words_has(
    const struct words *words, enum words_list list, struct span text);

#endif
