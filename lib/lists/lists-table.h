/*
 * lists-table - the DNS lists that Gatepost knows, and what their answers mean.
 *
 * A list is a zone; a subject is asked by its address or name in front of the
 * zone, and the addresses that come back say what the list holds about it
 * (RFC 5782).  An answer outside 127.0.0.0/8 and a code that the table does not
 * know say nothing; 127.255.255.0/24 says of any list that it refuses us.
 */
#ifndef GATEPOST_LISTS_LISTS_TABLE_H
#define GATEPOST_LISTS_LISTS_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/ip.h"
#include "lib/dns/dns.h"
#include "lib/lists/lists.h"

/*
 * Answers 127.0.third.last that mean one thing.  bits, if not 0: at least one
 * of them is set in the last byte.
 */
struct lists_code {
	unsigned char third_from, third_to;
	unsigned char last_from, last_to;
	unsigned char bits;
	bool any; /* all of 127.0.0.0/8, for lists of the operator's own */
	const char *symbol;       /* NULL: not of this subject */
	const char *relay_symbol; /* the same, of LISTS_RELAY */
	const char *url_symbol;   /* the same, of LISTS_URL */
};

#define LISTS_FOR(subject) (1u << (subject))

struct lists_description {
	const char *name;       /* for people; NULL: the zone is the name */
	const char *zone;       /* NULL: out of the configuration */
	const char *keyed_zone; /* asked as KEY.keyed_zone if there is a key */
	unsigned int subjects;  /* LISTS_FOR(...), or-ed */
	bool ipv6;              /* holds IPv6 addresses too */
	bool whole_host; /* wants whole names, not organizational domains */
	/* An entry that is always there, and one that never is (RFC 5782
	 * section 5); NULL: none is documented. */
	const char *listed, *not_listed;
	const struct lists_code *refusal; /* NULL: only 127.255.255.0/24 */
	const struct lists_code *codes;
	size_t code_count;
};

/* The shipped ones, in the order in which they are shown. */
extern const struct lists_description lists_table[];
extern const size_t lists_table_count;

/* Zones of the configuration: own_block, own_allow, own_domains. */
extern const struct lists_description lists_own_block;
extern const struct lists_description lists_own_allow;
extern const struct lists_description lists_own_domains;

/* lists_table_find - by its zone or its name; letters fold; NULL: none */
const struct lists_description *lists_table_find(const char *name);

enum lists_reading {
	LISTS_READING_NOTHING, /* not listed */
	LISTS_READING_LISTED,  /* at least one address in 127.0.0.0/8 */
	LISTS_READING_REFUSED, /* "you are blocked" */
	LISTS_READING_UNKNOWN  /* no answer: timeout, server failure */
};

/*
 * lists_read - what kind of answer it is; one refusal makes all of it one.
 *
 * address_r  the first address in 127.0.0.0/8, or the refusal
 */
enum lists_reading lists_read(const struct lists_description *description,
    const struct dns_answer *answer, struct ip *address_r);

/*
 * lists_code_symbol - the symbol if the address has that code, else NULL; also
 * NULL where the code says nothing of the subject.
 */
const char *lists_code_symbol(const struct lists_code *code,
    enum lists_subject subject, const struct ip *address);

#endif
