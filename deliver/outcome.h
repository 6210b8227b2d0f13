/*
 * outcome - what gatepost-deliver tells pipe(8) or local(8): one line "D.S.N
 * text", and an exit status.
 *
 * Both of them bounce mail on every status but 0 and EX_TEMPFAIL; so all that
 * may heal, wrong options and a broken configuration too, is EX_TEMPFAIL.
 */
#ifndef GATEPOST_DELIVER_OUTCOME_H
#define GATEPOST_DELIVER_OUTCOME_H

#include "deliver/delivery.h"

struct outcome {
	int exit_status; /* of sysexits.h */
	struct delivery_result result;
	const char *address; /* whose result it is; NULL: nobody's */
};

/*
 * outcome_add - takes one recipient into account: there is one exit status for
 * all, and what may heal goes before what cannot.
 *
 * outcome  zeroed at first: success
 */
void outcome_add(struct outcome *outcome, struct delivery_result result,
    const char *address);

/* outcome_of_trouble - what may heal and concerns no recipient */
struct outcome outcome_of_trouble(const char *text);

#endif
