/*
 * verdict - what is done with a message and why: the one struct from which the
 * headers, the SMTP reply, the log line and the JSON come.
 */
#ifndef GATEPOST_SCAN_VERDICT_H
#define GATEPOST_SCAN_VERDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/auth/dkim.h"
#include "lib/auth/dmarc.h"
#include "lib/auth/iprev.h"
#include "lib/auth/spf.h"
#include "lib/base/ip.h"
#include "lib/clamav/clamav.h"
#include "lib/scan/score.h"
#include "lib/senders/senders.h"

struct content;

/* In order of severity. */
enum verdict_action {
	ACTION_ACCEPT,
	ACTION_JUNK,       /* marked; our delivery files it */
	ACTION_QUARANTINE, /* marked, and put into Postfix's hold queue */
	ACTION_TEMPFAIL,
	ACTION_REJECT
};

/* verdict_action_text - "accept", "junk", "quarantine", "tempfail", "reject" */
const char *verdict_action_text(enum verdict_action action);

#define ENVELOPE_RECIPIENTS_MAX 100 /* RFC 5321 section 4.5.3.1.8 */

/* What SMTP said of the message.  All strings are borrowed or region memory;
 * "" is "not said", NULL never occurs. */
struct envelope {
	struct ip client_ip;     /* AF_UNSPEC: not known */
	const char *client_name; /* as the server saw it; never trusted */
	const char *helo;
	const char *sender; /* RFC5321.MailFrom without <>; "" null */
	size_t recipient_count;
	size_t recipient_kept;   /* of them, at most ENVELOPE_RECIPIENTS_MAX */
	const char **recipients; /* without <> */
	const char *login;       /* SASL login; "" not authenticated */
	const char *queue_id;
	bool is_inbound; /* neither own network nor authenticated */
};

/* What an allow list says of the client (RFC 8904). */
struct fact_dnswl {
	const char *zone;
	struct ip answer;
	bool secure; /* DNSSEC-validated */
};

/* What came of signing mail that is not inbound. */
struct fact_signed {
	const char *domain;    /* d= of the signatures; NULL: unsigned */
	const char *selectors; /* "a,b" */
	const char *reason;    /* why unsigned; NULL: signed */
};

/* Whether the login may write as its envelope sender and its authors. */
struct fact_sender {
	enum senders_answer answer;
	enum senders_answer author; /* the same of From alone */
	const char *where;          /* "MAIL FROM", "From", "Sender" */
	const char *address;        /* printable: that which is not allowed */
	const char *reason;         /* SENDERS_UNKNOWN: why */
};

/* What the checks found.  Each is valid when its check was started. */
struct facts {
	bool has_iprev, has_helo, has_spf_helo, has_spf_sender, has_dkim,
	    has_dmarc, has_dnswl, has_gtube, has_signed;
	bool has_sender;
	bool has_history;   /* the store told what it knows */
	bool has_virus;     /* clamd was asked; virus is what came of it */
	bool urls_left_out; /* hosts of URLs that no list was asked about: over
			     * lists.url_max, or too many of one domain */
	bool lists_unknown; /* a list that may speak against it did not tell */
	struct auth_iprev_result iprev;
	enum auth_result helo; /* the HELO name resolves to the client */
	struct auth_spf_result spf_helo;
	struct auth_spf_result spf_sender;
	struct auth_dkim_results dkim;
	struct auth_dmarc_result dmarc;
	struct fact_dnswl dnswl;
	struct fact_signed signing;
	struct fact_sender sender;
	struct clamav_answer virus;
};

struct verdict_header {
	const char *name;
	const char *value; /* folded by "\n\t"; no leading blank */
};

#define VERDICT_HEADERS_MAX  16
#define VERDICT_REASONS_MAX  3
#define VERDICT_REASON_BYTES 400 /* that are written into mail */
#define VERDICT_ID_BYTES     17

struct verdict {
	enum verdict_action action; /* what is done */
	enum verdict_action judged; /* the same, but for score.mode = observe,
				     * where it is what would be done */
	int required;               /* score.junk in hundredths */
	struct score score;
	const char *subject;    /* the new value of Subject; NULL: unchanged */
	const char *reply_code; /* "550", "451"; NULL for accept and junk */
	const char *reply_enhanced; /* RFC 3463 */
	const char *reply_text;     /* printable ASCII, one line, no '%' */
	char id[VERDICT_ID_BYTES];  /* hexadecimal; in log, header and reply */
	size_t reason_count;
	const char *reasons[VERDICT_REASONS_MAX]; /* plain words in UTF-8,
						   * strongest first */
	size_t header_count;
	struct verdict_header headers[VERDICT_HEADERS_MAX]; /* topmost first */
	const char *header_from;       /* the author domain; "" if none */
	const struct content *content; /* what the message says */
	struct facts facts;
};

#endif
