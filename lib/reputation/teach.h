/*
 * teach - what a person says of a message that was delivered.
 *
 * The store keeps a mark "learned:IDENTITY@HALF-LIFE" of each message that was
 * taught, as long as it has an effect: a message that is taught twice counts
 * once, and one that is taught the other way or forgotten is taken back first,
 * by what is still left of it.
 *
 * Who changes that claims "learning:IDENTITY@HALF-LIFE" first, and lets it go
 * behind the change: of programs that teach the same message at once one does,
 * and the others wait and see that it was done.  The claim of a program that
 * died, or lost the store, ends by itself after TEACH_CLAIM_SECONDS; then the
 * message can be taught.
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

/* Far more than the change takes: a program that is stopped for longer between
 * its claim and its change may count twice. */
#define TEACH_CLAIM_SECONDS 15

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
 * teach_message - one message: one round trip, or six if it changes anything.
 *
 * identity  of the message and its source, see delivered.h
 * now       epoch seconds of the store's clock; 0: the system's
 *
 * Waits, up to TEACH_CLAIM_SECONDS, while another program teaches the message.
 * A counter that cannot be added to makes it STATUS_IO (logged), and what was
 * added to others is taken back.
 * Returns STATUS_OK, STATUS_NOMEM, STATUS_TIMEOUT (others taught it all that
 * time), or why the store failed: then nothing was learned, or it is not known
 * (to teach it again may count it twice).
 */
enum status teach_message(struct store *store,
    const struct reputation_conf *conf, const char *identity,
    const struct reputation_subjects *subjects, enum teach_lesson lesson,
    int64_t now, enum teach_outcome *outcome_r) GP_MUST_CHECK;

#endif
