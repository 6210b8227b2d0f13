/*
 * milter-session - the MTA's side of the milter protocol, version 6, for the
 * bench: one connection to one filter, spoken as Postfix speaks it (steps
 * 0x1fffff offered, macros by its defaults or by the filter's list, replies
 * awaited only where the filter did not ask for silence, 4 KB writes).
 *
 * Every wait for a reply is measured.  One session belongs to one thread.
 */
#ifndef GATEPOST_BENCH_MILTER_SESSION_H
#define GATEPOST_BENCH_MILTER_SESSION_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/status.h"
#include "tests/bench/message-set.h"

#define MILTER_MAX_ADDED 32 /* header fields one chain of filters adds */

enum milter_event {
	MILTER_EVENT_CONNECT,
	MILTER_EVENT_HELO,
	MILTER_EVENT_MAIL,
	MILTER_EVENT_RCPT,
	MILTER_EVENT_DATA,
	MILTER_EVENT_HEADER,
	MILTER_EVENT_EOH,
	MILTER_EVENT_BODY,
	MILTER_EVENT_EOM,
	MILTER_EVENT_COUNT
};

/* What the filter answered; SKIP: no more events of this kind. */
enum milter_verdict {
	MILTER_VERDICT_CONTINUE,
	MILTER_VERDICT_ACCEPT,
	MILTER_VERDICT_REJECT,
	MILTER_VERDICT_TEMPFAIL,
	MILTER_VERDICT_DISCARD,
	MILTER_VERDICT_SKIP,
	MILTER_VERDICT_COUNT
};

/* The longest wait for a reply in milliseconds, one number an event. */
struct milter_waits {
	double longest_ms[MILTER_EVENT_COUNT];
};

/* What filters change of one message; fields keep the order of arrival. */
struct milter_edits {
	size_t added_count;

	struct milter_added {
		char *name;
		char *value;
		bool on_top; /* inserted above, not added at the end */
	} added[MILTER_MAX_ADDED];

	size_t changes; /* every other modification, only counted */
};

struct milter_session;

/*
 * milter_session_open - connects to the filter and negotiates.
 *
 * address     "unix:/path" or "inet:port@ipv4-address"
 * timeout_ms  of each read and write
 * waits       where waits are noted; borrowed
 *
 * Returns STATUS_OK; STATUS_INVALID (address, protocol), STATUS_IO,
 * STATUS_NOMEM.  Close by milter_session_close().
 */
enum status milter_session_open(const char *address, int timeout_ms,
    struct milter_waits *waits,
    struct milter_session **session_r) GP_MUST_CHECK;

/* milter_session_close - says QUIT and frees; accepts NULL */
void milter_session_close(struct milter_session **session);

/*
 * milter_session_message - the message that the next events are about.
 *
 * queue_id  macro i; borrowed like the message until the next call
 */
void milter_session_message(struct milter_session *session,
    const struct bench_message *message, const char *queue_id);

/*
 * milter_session_event - one of CONNECT, HELO, MAIL, RCPT, DATA.
 *
 * Returns STATUS_OK with the answer in *verdict_r, STATUS_IO, STATUS_TIMEOUT,
 * STATUS_INVALID (the filter breaks the protocol), STATUS_NOMEM.
 */
enum status milter_session_event(struct milter_session *session,
    enum milter_event event, enum milter_verdict *verdict_r) GP_MUST_CHECK;

/*
 * milter_session_content - the header, the body and the end of the message.
 *
 * edits      in: what filters before this one added (sent along); out: with
 *	      this filter's changes
 * eom_ms_r   the wait from the end of the message to the verdict, 0 when an
 *	      earlier event settled it
 *
 * Returns as milter_session_event().
 */
enum status milter_session_content(struct milter_session *session,
    struct milter_edits *edits, double *eom_ms_r,
    enum milter_verdict *verdict_r) GP_MUST_CHECK;

/* milter_session_abort - ends the message before its end, as RSET does */
enum status milter_session_abort(struct milter_session *session) GP_MUST_CHECK;

/* milter_edits_clear - frees what was added and starts anew */
void milter_edits_clear(struct milter_edits *edits);

/* milter_now_ms - the monotonic clock in milliseconds and their fractions */
double milter_now_ms(void);

/* milter_event_name - "connect" ... "eom" */
const char *milter_event_name(enum milter_event event);

/* milter_verdict_name - "continue" ... "skip" */
const char *milter_verdict_name(enum milter_verdict verdict);

#endif
