/*
 * verdict-seal - proves that X-Gatepost-Verdict was written by our milter, and
 * for this message.
 *
 * Behind the verdict stand "by=AUTHSERV-ID" and "seal=HEX": an HMAC-SHA-256
 * under general.secret over the value up to there and the fields Message-ID,
 * Date and From.  White space does not count: servers fold as they like.
 */
#ifndef GATEPOST_SCAN_VERDICT_SEAL_H
#define GATEPOST_SCAN_VERDICT_SEAL_H

#include <stdbool.h>

#include "lib/base/region.h"
#include "lib/base/status.h"
#include "lib/mail/message.h"

#define VERDICT_FIELD          "X-Gatepost-Verdict"
#define VERDICT_SEAL_BYTES     33 /* with its NUL: 128 bits */
#define VERDICT_SECRET_MIN     16 /* characters of general.secret */
#define VERDICT_READ_FIELDS    10 /* of that name; others were not ours */
#define VERDICT_READ_BYTES_MAX 2000

/*
 * verdict_seal - the text behind "seal=".
 *
 * value  of the field, up to and with the "; " in front of "seal="
 *
 * Returns STATUS_OK or STATUS_NOMEM.
 */
enum status verdict_seal(const char *secret, struct span value,
    const struct message *message, char seal[VERDICT_SEAL_BYTES]) GP_MUST_CHECK;

/* What a sealed verdict says. */
struct sealed_verdict {
	bool is_sealed;   /* all else holds only then */
	bool is_junk;     /* action junk or quarantine */
	bool is_observed; /* the action is not what was judged */
	bool dmarc_failed;
	int score, required; /* hundredths */
};

/*
 * verdict_read_sealed - finds the verdict with a seal that is good.
 *
 * secret       "": none is
 * authserv_id  that it must name
 *
 * Returns STATUS_OK (also when there is none: is_sealed is false) or
 * STATUS_NOMEM.
 */
enum status verdict_read_sealed(const char *secret, const char *authserv_id,
    const struct message *message,
    struct sealed_verdict *verdict_r) GP_MUST_CHECK;

#endif
