/*
 * dmarc-library - libopendmarc's policy table, and nothing else of it.
 *
 * The library sees our canonical record and, as passes, the author domain
 * itself; what it thinks of alignment and organizational domains never counts.
 * None of its DNS, TLD or report functions is called.  It stands alone because
 * its header defines macros with the names of our enum dmarc_policy.
 */
#ifndef GATEPOST_AUTH_DMARC_LIBRARY_H
#define GATEPOST_AUTH_DMARC_LIBRARY_H

#include <stdbool.h>

#include "lib/base/status.h"

enum dmarc_decision {
	DMARC_DECISION_PASS,
	DMARC_DECISION_NONE,
	DMARC_DECISION_QUARANTINE,
	DMARC_DECISION_REJECT
};

struct dmarc_library_input {
	const char *author_domain;         /* 1-253 bytes, lower case */
	const char *organizational_domain; /* where the record stood; NULL when
					    * that is the author domain */
	const char *record; /* canonical: "v=DMARC1; p=...; sp=...; ..." */
	bool spf_aligned;   /* SPF passed and aligns */
	bool dkim_aligned;  /* a signature passed and aligns */
};

/*
 * dmarc_library_decide - p= or sp= of the record, unless something passed.
 *
 * Returns STATUS_OK, STATUS_NOMEM, or STATUS_INVALID (the library refused what
 * it was given: a fault of ours or of it).  Any thread.
 */
enum status dmarc_library_decide(const struct dmarc_library_input *input,
    enum dmarc_decision *decision_r) GP_MUST_CHECK;

#endif
