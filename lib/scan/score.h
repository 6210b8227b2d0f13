/*
 * score - points in hundredths: what symbols weigh and where actions begin.
 *
 * Points are whole hundredths everywhere, so that the number that is printed
 * is the one that was compared.
 */
#ifndef GATEPOST_SCAN_SCORE_H
#define GATEPOST_SCAN_SCORE_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/region.h"
#include "lib/base/status.h"
#include "lib/base/str.h"
#include "lib/scan/symbols.h"

#define SCORE_TEXT_BYTES 16
/* Hundredths that good history takes off where lists and content alone reach
 * score.junk: a sender may earn a name first and send spam then. */
#define SCORE_EXCUSE_MAX          100
#define SCORE_MAX                 1000 /* points that a threshold may be */
#define SYMBOL_SENTENCE_BYTES_MAX 200

/* One fact about a message, weighed. */
struct symbol {
	enum symbol_id id;
	int points;         /* hundredths */
	const char *reason; /* the sentence with what was seen, by str_show():
			     * UTF-8, one line; region memory */
	const char *seen;   /* where the sentence does not tell: the text that
			     * made it hit, by str_show(); NULL: none */
};

/* The symbols of one message, each at most once, and their sum. */
struct score {
	size_t count;
	struct symbol symbols[SYMBOLS_COUNT];
	int total; /* hundredths; set by score_sum() */
};

enum score_mode {
	SCORE_MODE_ENFORCE,
	SCORE_MODE_OBSERVE
};

/* The section `score`, thresholds and caps in points; 0: never. */
struct score_conf {
	int mode; /* enum score_mode */
	double greylist, junk, quarantine, reject;
	double cap_authentication, cap_lists, cap_content, cap_history;
	const char *subject_tag;
};

extern const struct conf_section score_conf_section;

/* The same in hundredths; INT_MAX: never. */
struct score_limits {
	int greylist, junk, quarantine, reject;
	int caps[SYMBOL_GROUPS_CAPPED];
};

/* score_limits_of - thresholds and caps in hundredths */
struct score_limits score_limits_of(const struct score_conf *conf);

/* score_conf_error - why keys do not fit each other, or NULL */
const char *score_conf_error(const struct score_conf *conf);

/*
 * score_parse - "-1.5" into hundredths; at most two decimals, at most max
 * points of either sign.  STATUS_INVALID for anything else.
 */
enum status score_parse(struct span text, int max, int *points_r) GP_MUST_CHECK;

/* score_text - "6.3", "-0.25", "5.0"; returns text */
const char *score_text(int points, char text[SCORE_TEXT_BYTES]);

/*
 * score_add - one symbol with its weight times share.
 *
 * share   0 to 1: how sure the fact is
 * detail  fills "{}"; made visible and shortened; NULL or "": "the sender"
 *
 * Of one that is there already the stronger stays; one that is off is left out.
 */
enum status score_add(struct score *score, struct region *region,
    const struct symbol_setting *settings, enum symbol_id id, double share,
    const char *detail) GP_MUST_CHECK;

/* score_has - the symbol was added */
bool score_has(const struct score *score, enum symbol_id id);

/*
 * score_without - the sum of all capped groups but one, caps applied, and of
 * what is certain; hundredths.  What the decision added is left out, so it is
 * the same before score_sum() and behind it.
 */
int score_without(const struct score *score, const struct score_limits *limits,
    enum symbol_group group);

/*
 * score_sum - caps each group by a symbol of its own (CAP_*), and sums.
 *
 * Call it once, when all symbols are there.
 */
void score_sum(struct score *score, const struct score_limits *limits);

/* score_raise - POLICY with the points that are missing to least, if any */
void score_raise(struct score *score, int least);

/*
 * score_strongest - the indexes of the symbols that speak most.
 *
 * against  true: only those with points above 0; false: of either sign
 * Decisions (caps, POLICY) are left out.  Returns how many, at most max.
 */
size_t score_strongest(
    const struct score *score, bool against, size_t *indexes, size_t max);

#endif
