/*
 * senders - which addresses and domains a SASL login may write as.
 *
 * Sources, of which any may allow an address (section `senders`):
 *
 *   map = /FILE       the text of Postfix's smtpd_sender_login_maps: an address
 *                     or @domain, blanks, then logins with commas or blanks
 *                     between them.  Comments and continued lines are Postfix's.
 *   map = TYPE:NAME   a Postfix table, asked by `postmap -q`
 *   docker_mailserver = DIRECTORY
 *                     the accounts of postfix-accounts.cf, each its own login,
 *                     and the aliases of postfix-virtual.cf, which belong to the
 *                     accounts that they lead to, also through other aliases
 *   match             a login that is an address: itself, or all of its domain
 *
 * In a source an address is looked up as it is, then without its detail
 * (recipient_delimiter), then its @domain; the first that is there decides, as
 * in Postfix.  Domains are compared as A-labels.  Logins fold the ASCII letters.
 * Local parts fold too, but where a file has an entry in just this spelling, the
 * other spellings are somebody else's (RFC 5321 section 2.4).
 *
 * Files are read at once and again when they change.  A line that cannot be read
 * is told with file and line, once, and left out.  A source that cannot be read
 * is told once, and what no other source allows is SENDERS_UNKNOWN meanwhile;
 * but for want of descriptors or the like what was read before stays in force,
 * and the files are looked at until they can be read.
 *
 * Any thread.  Only tables are waited for, by one question at the longest for
 * the timeout.
 */
#ifndef GATEPOST_SENDERS_SENDERS_H
#define GATEPOST_SENDERS_SENDERS_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/region.h"
#include "lib/base/status.h"
#include "lib/mail/address.h"
#include "lib/senders/senders-conf.h"

#define SENDERS_CHECK_MS 2000 /* between two looks at the files */

struct senders;

enum senders_answer {
	SENDERS_ALLOWED,
	SENDERS_FOREIGN, /* no source allows it */
	SENDERS_UNKNOWN  /* a source that could allow it cannot be read now */
};

/* senders_answer_text - "allowed", "foreign", "unknown" */
const char *senders_answer_text(enum senders_answer answer);

struct senders_found {
	enum senders_answer answer;
	/* The source and the line that allow it ("/etc/postfix/logins:12",
	 * "hash:/etc/postfix/logins", "match = domain"), or that belong to
	 * others, or that cannot be read; NULL: there is none. */
	const char *source;
	const char *entry;  /* "boss@example.org", "@example.org"; or NULL */
	const char *reason; /* SENDERS_UNKNOWN: why; or NULL */
};

/* What a login may write as. */
struct senders_grant {
	const char *entry;  /* an address, or @domain */
	const char *source; /* as in struct senders_found */
};

/*
 * senders_new - reads the sources.
 *
 * conf  copied
 *
 * Returns STATUS_OK, also when a source cannot be read; STATUS_NOMEM.
 */
enum status senders_new(
    const struct senders_conf *conf, struct senders **senders_r) GP_MUST_CHECK;

/* senders_free - accepts NULL */
void senders_free(struct senders **senders);

/*
 * senders_reload - reads all anew, perhaps of other sources, and forgets what
 * tables answered; on STATUS_NOMEM the old ones stay.  Not from two threads at
 * once, nor beside senders_tick().
 */
enum status senders_reload(
    struct senders *senders, const struct senders_conf *conf) GP_MUST_CHECK;

/* senders_tick - reads the files if one has changed; about once a second */
void senders_tick(struct senders *senders);

/*
 * senders_ask - may a login write as this address?
 *
 * login    "" for a client without one: it may write as what belongs to no login
 * address  with a domain, else it is SENDERS_FOREIGN
 * found_r  strings are owned by region
 *
 * Without any source everything is allowed.  Returns STATUS_OK or STATUS_NOMEM.
 */
enum status senders_ask(struct senders *senders, struct region *region,
    const char *login, const struct address *address,
    struct senders_found *found_r) GP_MUST_CHECK;

/*
 * senders_list - what files and match let a login write as.
 *
 * tables_r  names of the Postfix tables, which cannot be listed
 *
 * All are owned by region.  Returns STATUS_OK or STATUS_NOMEM.
 */
enum status senders_list(struct senders *senders, struct region *region,
    const char *login, struct conf_list *tables_r,
    struct senders_grant **grants_r, size_t *count_r) GP_MUST_CHECK;

/*
 * senders_problems - the sources that cannot be read and the lines that were
 * left out, as they were logged; owned by region.
 *
 * unreadable_r  how many of them are sources; they come first
 */
enum status senders_problems(struct senders *senders, struct region *region,
    struct conf_list *problems_r, size_t *unreadable_r) GP_MUST_CHECK;

#endif
