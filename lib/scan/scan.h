/*
 * scan - one message through all checks.
 *
 * The caller fills scan_envelope() and scan_message() as SMTP tells them and
 * says which phase was reached; that starts the checks of the phase and never
 * waits.  scan_finish() joins all checks and decides.  One scan is used by one
 * thread at a time, but not always by the same one.
 */
#ifndef GATEPOST_SCAN_SCAN_H
#define GATEPOST_SCAN_SCAN_H

#include <stddef.h>

#include "lib/auth/dkim.h"
#include "lib/auth/sign-store.h"
#include "lib/base/status.h"
#include "lib/clamav/clamav-health.h"
#include "lib/dns/dns.h"
#include "lib/guard/guard-clients.h"
#include "lib/lists/lists.h"
#include "lib/mail/message.h"
#include "lib/net/task-pool.h"
#include "lib/scan/settings.h"
#include "lib/scan/verdict.h"
#include "lib/scan/words.h"
#include "lib/senders/senders.h"
#include "lib/store/store.h"

struct scan;

/* What all scans of a process share. */
struct scan_services {
	struct dns *dns;
	struct task_pool *pool;
	struct auth_dkim_library *dkim_library;
	struct words *words;
	struct lists *lists;                /* NULL: no DNS list is asked */
	struct auth_sign_store *sign_store; /* NULL: nothing is signed */
	struct senders *senders;            /* NULL: no sender is checked */
	struct store *store;                /* NULL: nothing is remembered */
	struct clamav_health *clamav;       /* NULL: no clamd is asked */
	bool learns; /* what is decided goes into the store */
	struct guard_clients *guard_clients; /* NULL: no limits are kept */
	int64_t now; /* wall seconds, for dates; 0: the clock */
};

/* A phase begins when its facts are in the envelope or the message. */
enum scan_phase {
	SCAN_PHASE_CONNECT, /* client_ip, client_name */
	SCAN_PHASE_HELO,    /* helo */
	SCAN_PHASE_MAIL,    /* sender, login */
	SCAN_PHASE_HEADER,  /* every header field, queue_id */
	SCAN_PHASE_BODY     /* all of the body; reached by scan_finish() */
};

/*
 * scan_new - a scan in which nothing is known.
 *
 * services  borrowed; must outlive the scan
 * settings  one more reference is held
 */
enum status scan_new(const struct scan_services *services,
    const struct settings *settings, struct scan **scan_r) GP_MUST_CHECK;

/* scan_free - cancels what still runs; accepts NULL */
void scan_free(struct scan **scan);

/* scan_region - memory that lives as long as the scan */
struct region *scan_region(struct scan *scan);

/* scan_envelope - to be filled before the phase that it belongs to */
struct envelope *scan_envelope(struct scan *scan);

/*
 * scan_set_sender - RFC5321.MailFrom into the envelope, without its <>.
 *
 * path  "<a@b>", "a@b", "<>" or ""; copied.  Returns STATUS_OK or STATUS_NOMEM.
 */
enum status scan_set_sender(struct scan *scan, const char *path) GP_MUST_CHECK;

/*
 * scan_add_recipient - RFC5321.RcptTo, with or without <>; copied.
 *
 * Returns STATUS_OK or STATUS_NOMEM.
 */
enum status scan_add_recipient(
    struct scan *scan, const char *path) GP_MUST_CHECK;

/* scan_message - to be filled before SCAN_PHASE_HEADER */
struct message *scan_message(struct scan *scan);

/*
 * scan_reach - starts the checks of all phases up to this one.
 *
 * Phases that were skipped are started too.  Outbound mail (is_inbound is
 * false) gets the checks of its content alone, and is signed: say so before
 * SCAN_PHASE_MAIL.  Never waits.
 * Returns STATUS_OK or STATUS_NOMEM.
 */
enum status scan_reach(struct scan *scan, enum scan_phase phase) GP_MUST_CHECK;

/*
 * scan_refusal - after SCAN_PHASE_MAIL: the verdict of a message whose login may
 * not write as its envelope sender, with its reply; NULL: it goes on.
 */
const struct verdict *scan_refusal(const struct scan *scan);

/* scan_wants_body - false before SCAN_PHASE_HEADER */
bool scan_wants_body(const struct scan *scan);

/* scan_body - a chunk of the body, CRLF line ends.  Never waits. */
enum status scan_body(
    struct scan *scan, const void *data, size_t length) GP_MUST_CHECK;

/*
 * scan_finish - joins all checks, decides, writes the headers.
 *
 * verdict_r  owned by the scan
 * Waits, at the longest for twice the timeout of the settings (once for what
 * runs, once more for tasks that no thread had taken yet), and for the store
 * that counts outbound mail.
 * Returns STATUS_OK or STATUS_NOMEM.
 */
enum status scan_finish(
    struct scan *scan, const struct verdict **verdict_r) GP_MUST_CHECK;

#endif
