/*
 * history - what a scan says about where its message comes from, in the words
 * of reputation.h: read by check-reputation and taught by scan-learn.
 */
#ifndef GATEPOST_SCAN_HISTORY_H
#define GATEPOST_SCAN_HISTORY_H

#include <stdbool.h>

#include "lib/base/region.h"
#include "lib/base/status.h"
#include "lib/mail/address.h"
#include "lib/reputation/reputation.h"
#include "lib/scan/symbols.h"

struct scan;

/*
 * history_source - valid when all checks of authentication were joined.
 *
 * A domain passed when SPF did for the envelope sender (of a null sender: for
 * the HELO name), or a signature over all of the body (or a part of it, where
 * dmarc.trust_partly_signed_body says so).  It is aligned when DMARC does not
 * fail and the author domain has the same owner.
 */
void history_source(
    const struct scan *scan, struct reputation_source *source_r);

/*
 * history_author_is_proved - nobody but the author's domain can have sent it:
 * DMARC passes, or there is no policy and an aligned domain passed.
 */
bool history_author_is_proved(
    const struct scan *scan, const struct reputation_source *source);

/*
 * history_author - the one address of the From field.
 *
 * author_r  region memory; NULL when there are none or several
 * Returns STATUS_OK or STATUS_NOMEM.
 */
enum status history_author(struct region *region, const struct scan *scan,
    const struct address **author_r) GP_MUST_CHECK;

/* history_symbol - what tells the reputation of that kind */
enum symbol_id history_symbol(enum reputation_kind kind, bool is_bad);

#endif
