/*
 * learn-message - what `gatepost learn` teaches of one delivered message: the
 * reputation of where it came from.
 */
#ifndef GATEPOST_CLI_LEARN_MESSAGE_H
#define GATEPOST_CLI_LEARN_MESSAGE_H

#include "lib/base/str.h"
#include "lib/reputation/teach.h"
#include "lib/scan/settings.h"
#include "lib/store/store.h"

/* What is taught, and where to. */
struct learner {
	const struct settings *settings;
	struct store *store;
	enum teach_lesson lesson;
};

#define LEARN_ID_BYTES 100 /* for people: longer ones are shortened */

struct learn_result {
	enum teach_outcome outcome;
	/* STATUS_NOTFOUND: who says that he received it; sanitized, "": none */
	char authserv_id[LEARN_ID_BYTES];
};

/*
 * learn_message - one lesson.
 *
 * Returns STATUS_OK; STATUS_NOTFOUND (this host did not receive it: it says
 * nothing of where it came from); STATUS_NOMEM; or why the store failed.
 */
enum status learn_message(const struct learner *learner, struct span raw,
    struct learn_result *result_r) GP_MUST_CHECK;

#endif
