/*
 * junk - whether a message is junk to a recipient: by the sealed verdict, and
 * by what he says in ~/.gatepost.
 */
#ifndef GATEPOST_DELIVER_JUNK_H
#define GATEPOST_DELIVER_JUNK_H

#include <stdbool.h>

#include "lib/users/preferences.h"
#include "lib/scan/settings.h"
#include "lib/scan/verdict-seal.h"

/* What is the same for all recipients of a message. */
struct junk_facts {
	struct sealed_verdict verdict;
	struct senders senders;
};

/*
 * junk_facts_read - reads the header.
 *
 * head      the message's beginning
 * envelope  the sender; "" for a bounce; borrowed
 *
 * Returns STATUS_OK or STATUS_NOMEM.
 */
enum status junk_facts_read(struct region *region,
    const struct settings *settings, struct span head, const char *envelope,
    struct junk_facts *facts_r) GP_MUST_CHECK;

/* junk_decide - is it junk to somebody with these preferences? */
bool junk_decide(
    const struct junk_facts *facts, const struct preferences *preferences);

#endif
