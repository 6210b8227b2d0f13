/* scan-private - what the checks see of a scan. */
#ifndef GATEPOST_SCAN_SCAN_PRIVATE_H
#define GATEPOST_SCAN_SCAN_PRIVATE_H

#include "lib/base/strbuf.h"
#include "lib/mail/content.h"
#include "lib/mail/relays.h"
#include "lib/scan/scan.h"

#define CHECKS_MAX 16
/* By the message's own names and by its URLs. */
#define SCAN_ASKED_MAX (8 + LISTS_URL_MAX)

/*
 * A check: one file check-NAME.c with one of these.  start() begins and never
 * waits; join() waits and stores its result in scan->verdict.facts; stop() ends
 * what still runs and frees.  join() runs in the order of the table, so that a
 * later check may use the facts of an earlier one.  What looks at the content of
 * the message has the phase SCAN_PHASE_BODY.
 */
struct check {
	const char *name;
	enum scan_phase phase;
	enum status (*start)(struct scan *scan, void **state_r);
	enum status (*join)(struct scan *scan, void *state);
	void (*stop)(void *state);
	/* NULL, or a chunk of the body as it streams by; never waits. */
	enum status (*body)(void *state, const void *data, size_t length);
	bool outbound; /* it looks at mail of our own users, too */
};

struct signing; /* of outbound mail, see signing.h */

extern const struct check check_virus;
extern const struct check check_iprev;
extern const struct check check_helo;
extern const struct check check_spf;
extern const struct check check_dkim;
extern const struct check check_dmarc;
extern const struct check check_gtube;
extern const struct check check_content;
extern const struct check check_client_lists;
extern const struct check check_domain_lists;
extern const struct check check_relay_lists;
extern const struct check check_url_lists;
extern const struct check check_reputation;

struct scan {
	const struct scan_services *services;
	const struct settings *settings;
	struct region *region;
	struct envelope envelope;
	struct message message;
	struct relays relays;          /* from SCAN_PHASE_HEADER on */
	const struct content *content; /* from SCAN_PHASE_BODY on */
	struct strbuf *body;           /* see scan-content.h */
	bool body_is_cut;
	struct verdict verdict;
	int phase;              /* the last that was started, -1: none */
	int64_t latest_ms;      /* set by scan_finish(): all waits end there */
	int64_t deadline_ms;    /* of the checks that start in this phase */
	struct auth_dkim *dkim; /* owned by check_dkim; NULL: no signature */
	/* Organizational domains, and addresses of URLs, that DNS lists have
	 * been asked about. */
	size_t asked_count;
	const char *asked[SCAN_ASKED_MAX];
	void *states[CHECKS_MAX]; /* of checks[i]; NULL: not started */
	struct signing *signing;  /* NULL: the message is not to be signed */
	bool is_refused;          /* by its envelope sender, see scan_refusal() */
};

/*
 * scan_add - a symbol for the verdict, with its configured weight times share
 * (0 to 1); detail fills the sentence.  One that says nothing about outbound
 * mail is left out there.
 */
enum status scan_add(struct scan *scan, enum symbol_id id, double share,
    const char *detail) GP_MUST_CHECK;

/* auth_symbols_add - the symbols of the group authentication, out of the facts */
enum status auth_symbols_add(struct scan *scan) GP_MUST_CHECK;

/*
 * verdict_abuse - why no message of good faith looks like this one, whatever
 * the checks say; NULL: it may be one
 */
const char *verdict_abuse(const struct scan *scan);

/*
 * verdict_refuse_sender - decides on the envelope sender alone; sets is_refused
 * when the message need not be read
 */
enum status verdict_refuse_sender(struct scan *scan) GP_MUST_CHECK;

/* verdict_decide - action, reply and reasons out of the facts */
enum status verdict_decide(struct scan *scan) GP_MUST_CHECK;

/* headers_write - the header fields of the verdict */
enum status headers_write(struct scan *scan) GP_MUST_CHECK;

#endif
