/*
 * fold - text as a reader takes it, for looking up words: compatibility forms
 * made plain (Unicode NFKC), lower case, characters that nobody sees taken out,
 * blanks and line breaks one blank each.
 */
#ifndef GATEPOST_BASE_FOLD_H
#define GATEPOST_BASE_FOLD_H

#include "lib/base/region.h"
#include "lib/base/status.h"
#include "lib/base/str.h"

/*
 * fold_text - folds valid UTF-8.
 *
 * text_r  owned by region, a NUL behind it; one character may become eighteen
 *
 * Returns STATUS_OK or STATUS_NOMEM.
 */
enum status fold_text(struct region *region, struct span text,
    struct span *text_r) GP_MUST_CHECK;

#endif
