/* list-hits - what DNS lists answered, as symbols. */
#ifndef GATEPOST_SCAN_LIST_HITS_H
#define GATEPOST_SCAN_LIST_HITS_H

#include "lib/lists/lists.h"
#include "lib/scan/scan-private.h"

/*
 * list_hits_add - waits for the answers; a symbol for each hit, and the fact
 * that a list did not tell.
 *
 * query  NULL: nothing was asked.  Returns STATUS_OK or STATUS_NOMEM.
 */
enum status list_hits_add(
    struct scan *scan, struct lists_query *query) GP_MUST_CHECK;

/* list_hits_was_asked - have DNS lists been asked about it in this scan? */
bool list_hits_was_asked(const struct scan *scan, const char *subject);

/*
 * list_hits_take - is it new to this scan?  Notes that DNS lists are asked about
 * it; false when they were already, and when SCAN_ASKED_MAX are noted.
 *
 * subject  an organizational domain, a host of one, or an address as text;
 *	    region memory
 */
bool list_hits_take(struct scan *scan, const char *subject);

#endif
