/*
 * teach - what a person says of a message that was delivered.
 *
 * The store keeps a mark "learned:IDENTITY" of each message that was taught, as
 * long as it has an effect: a message that is taught twice counts once, and one
 * that is taught the other way or forgotten is taken back first, by what is
 * still left of it.
 */
#ifndef GATEPOST_REPUTATION_TEACH_H
#define GATEPOST_REPUTATION_TEACH_H

#include <stdint.h>

#include "lib/base/status.h"
#include "lib/reputation/reputation.h"
#include "lib/store/store.h"

/* A person's word counts as this many messages that were learned by
 * themselves. */
#define TEACH_WEIGHT 5

enum teach_lesson {
	TEACH_FORGET = 0,
	TEACH_HAM = REPUTATION_HAM,
	TEACH_SPAM = REPUTATION_SPAM
};

enum teach_outcome {
	TEACH_LEARNED,
	TEACH_TURNED, /* learned; it had been learned the other way */
	TEACH_FORGOTTEN,
	TEACH_NO_CHANGE /* it was learned so before; or there was nothing to
			 * forget */
};

/*
 * teach_message - one message: at most two round trips.
 *
 * identity  of the message, see identity.h
 * now       epoch seconds of the store's clock; 0: the system's
 *
 * Returns STATUS_OK, STATUS_NOMEM, or why the store failed: then nothing was
 * learned, or it is not known (to teach it again may count it twice).
 */
enum status teach_message(struct store *store,
    const struct reputation_conf *conf, const char *identity,
    const struct reputation_subjects *subjects, enum teach_lesson lesson,
    int64_t now, enum teach_outcome *outcome_r) GP_MUST_CHECK;

#endif
