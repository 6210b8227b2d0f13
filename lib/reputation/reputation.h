/*
 * reputation - what we know of where a message comes from.
 *
 * Two counters, good mail (ham) and spam, are kept of each of these, with a
 * half-life; the key in the store is behind it:
 *
 *	the client's address			ip:192.0.2.1@HALF-LIFE
 *	its network, a /24 or /48		net:192.0.2.0/24@HALF-LIFE
 *	the domain of its HELO name		helo:example.com@HALF-LIFE
 *	the domain of its reverse name (PTR)	ptr:example.com@HALF-LIFE
 *	a domain that passed SPF or DKIM	domain:example.com@HALF-LIFE
 *
 * The half-life, in seconds, is part of the key because counters of one
 * half-life cannot be read with another.
 *
 * A domain is the organizational one ("example.com" for "mail.example.com"): its
 * owner answers for all that is below it, and names that strangers share
 * ("me.github.io") are apart on the public suffix list.  A name that has none
 * ("localhost") stands for itself.
 *
 * A name that a client only claims - a HELO or reverse name that does not lead
 * back to it - is kept apart from the same name confirmed (helo:?example.com@),
 * learns spam alone and never counts as good: so a forger earns nothing from a
 * good name, and does not harm it either.
 *
 * Evidence.  With h good and s spam messages, decayed to now, the share is
 *
 *	(s - h) / (s + h + REPUTATION_PRIOR)		-1 good ... 1 spam
 *
 * which is 2p - 1 for the mean p of what is to be believed of the share of spam
 * (a beta distribution) when one begins with the belief of REPUTATION_PRIOR
 * messages, half of them spam: few messages say little.  A symbol gives its
 * weight times the share.  With the weights -2.0 and 2.5 of a domain:
 *
 *	good	spam	share	points
 *	   1	   0	-0.09	-0.18
 *	  10	   0	-0.50	-1.0
 *	  50	   0	-0.83	-1.67
 *	  50	   5	-0.69	-1.38
 *	  50	  50	 0	 none
 *	   0	   3	 0.23	 0.58
 *
 * Known correspondents: "pair:HASH" of (who of us, to whom) is marked when one
 * of us writes to somebody.
 *
 * Messages of our own: "reply:HASH" of (Message-ID, who took part in it) is
 * marked for who sent it and for each of its recipients.  The Message-ID alone
 * would prove nothing: an archive of a mailing list shows it to everybody.
 *
 * No mail address and no Message-ID stands in the store.
 */
#ifndef GATEPOST_REPUTATION_REPUTATION_H
#define GATEPOST_REPUTATION_REPUTATION_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/auth/dkim.h"
#include "lib/base/ip.h"
#include "lib/base/region.h"
#include "lib/base/status.h"
#include "lib/mail/address.h"
#include "lib/reputation/reputation-conf.h"
#include "lib/store/store.h"

#define REPUTATION_PRIOR       10
#define REPUTATION_SHARE_MIN   0.05 /* less is not worth a word */
#define REPUTATION_DOMAINS_MAX (DKIM_SIGNATURES_MAX + 1) /* and SPF */

/* After this many half-lives a message counts 1/64 and is forgotten. */
#define REPUTATION_HALF_LIVES_KEPT 6

enum reputation_kind {
	REPUTATION_ADDRESS,
	REPUTATION_NETWORK,
	REPUTATION_HELO,
	REPUTATION_PTR,
	REPUTATION_DOMAIN
};

/* What a message teaches; the numbers are kept in the store. */
enum reputation_class {
	REPUTATION_HAM = 1,
	REPUTATION_SPAM = 2
};

/* Where a message comes from, as far as it is known. */
struct reputation_source {
	struct ip client_ip;    /* AF_UNSPEC: not known */
	const char *helo;       /* as the client said it; "" */
	const char *ptr;        /* its reverse name; "" */
	bool helo_is_confirmed; /* leads to the client, or passed SPF */
	bool ptr_is_confirmed;  /* leads to the client */
	size_t domain_count;

	struct {
		const char *name; /* passed SPF, or DKIM over all of the body */
		bool is_aligned;  /* with the author's: may count as good */
	} domains[REPUTATION_DOMAINS_MAX];
};

/* One thing of which counters are kept. */
struct reputation_subject {
	enum reputation_kind kind;
	bool is_claimed;      /* a HELO or reverse name, not confirmed */
	bool may_be_good;     /* what is good of it counts */
	const char *name;     /* "192.0.2.0/24", "example.com" */
	const char *key;      /* of its counters */
	const char *seen_key; /* NETWORK, DOMAIN: of a mark that mail came */
};

#define REPUTATION_SUBJECTS_MAX (4 + REPUTATION_DOMAINS_MAX)

struct reputation_subjects {
	size_t count;
	struct reputation_subject all[REPUTATION_SUBJECTS_MAX];
};

/* reputation_kind_text - "address", "network", "helo", "ptr", "domain" */
const char *reputation_kind_text(enum reputation_kind kind);

/*
 * reputation_subjects_of - all that a message comes from.
 *
 * A HELO name in the domain of a confirmed reverse name is confirmed, too.
 * Names that are no domain names (address literals) are left out; doubles are
 * merged.  subjects_r: its strings are owned by region.
 * Returns STATUS_OK or STATUS_NOMEM.
 */
enum status reputation_subjects_of(struct region *region,
    const struct reputation_conf *conf, const struct reputation_source *source,
    struct reputation_subjects *subjects_r) GP_MUST_CHECK;

/*
 * reputation_subject_of_ip, reputation_subject_of_name - one of them.
 *
 * kind  of the address: ADDRESS or NETWORK; of the name: HELO, PTR or DOMAIN
 * Returns STATUS_OK; STATUS_INVALID (no address, no domain name); STATUS_NOMEM.
 */
enum status reputation_subject_of_ip(struct region *region,
    const struct reputation_conf *conf, enum reputation_kind kind,
    const struct ip *ip, struct reputation_subject *subject_r) GP_MUST_CHECK;
enum status reputation_subject_of_name(struct region *region,
    const struct reputation_conf *conf, enum reputation_kind kind,
    bool is_claimed, const char *name,
    struct reputation_subject *subject_r) GP_MUST_CHECK;

/* reputation_share - by the formula above; 0 for what does not count */
double reputation_share(
    const struct reputation_subject *subject, const struct store_pair *pair);

/* reputation_learns - ham teaches nothing about a name that is only claimed */
bool reputation_learns(
    const struct reputation_subject *subject, enum reputation_class class);

/* reputation_lifetime_seconds - how long counters are kept */
int64_t reputation_lifetime_seconds(const struct reputation_conf *conf);

/* reputation_read, reputation_add - the operation on a subject's counters */
struct store_operation reputation_read(const struct reputation_conf *conf,
    const struct reputation_subject *subject);
struct store_operation reputation_add(const struct reputation_conf *conf,
    const struct reputation_subject *subject, struct store_pair add);

/*
 * reputation_pair_key - the key of a pair of addresses; letters fold.
 *
 * own  who of us; other: to whom he wrote, or who now writes to him
 * key_r  region memory.  Returns STATUS_OK or STATUS_NOMEM.
 */
enum status reputation_pair_key(struct region *region,
    const struct address *own, const struct address *other,
    const char **key_r) GP_MUST_CHECK;

/*
 * reputation_reply_key - the key of a message and who took part in it; letters
 * of the address fold.
 *
 * message_id  without its angle brackets
 * key_r       region memory.  Returns STATUS_OK or STATUS_NOMEM.
 */
enum status reputation_reply_key(struct region *region, const char *message_id,
    const struct address *participant, const char **key_r) GP_MUST_CHECK;

#endif
