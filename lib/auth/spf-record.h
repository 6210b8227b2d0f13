/*
 * spf-record - reads a published SPF record by the grammar of RFC 7208
 * section 12: strict, by length, nothing is guessed and nothing is repaired.
 */
#ifndef GATEPOST_AUTH_SPF_RECORD_H
#define GATEPOST_AUTH_SPF_RECORD_H

#include <stdbool.h>

#include "lib/base/ip.h"
#include "lib/base/str.h"

/* RFC 7208 section 3.4 asks for 512 bytes; flattened records reach some 4 KB */
#define SPF_RECORD_BYTES_MAX 8192

enum spf_term_kind {
	SPF_TERM_ALL,
	SPF_TERM_INCLUDE,
	SPF_TERM_A,
	SPF_TERM_MX,
	SPF_TERM_PTR,
	SPF_TERM_IP4,
	SPF_TERM_IP6,
	SPF_TERM_EXISTS,
	SPF_TERM_REDIRECT,
	SPF_TERM_EXPLANATION,
	SPF_TERM_MODIFIER /* an unknown one: has no effect */
};

struct spf_term {
	enum spf_term_kind kind;
	char qualifier;            /* '+', '-', '~' or '?' */
	struct span domain;        /* domain-spec, unexpanded; length 0: none */
	struct ip_network network; /* of ip4 and ip6 */
	unsigned int ip4_bits;     /* of a and mx: 0..32 */
	unsigned int ip6_bits;     /* of a and mx: 0..128 */
};

/* spf_record_is_spf1 - the text begins with exactly v=spf1 (section 4.5) */
bool spf_record_is_spf1(struct span text);

/*
 * spf_record_error - what breaks the grammar anywhere in the record.
 *
 * text  of any length and bytes; spf_record_is_spf1() holds
 * Returns NULL when the record is well formed, else a constant reason.
 */
const char *spf_record_error(struct span text);

/*
 * spf_record_next - the next term of a record.
 *
 * rest      in: the record, or what an earlier call left; out: the rest
 * term_r    borrows from the record
 * reason_r  NULL, or what is wrong with the term (the reading ends there)
 *
 * Returns false at the end of the record and on an error.
 */
bool spf_record_next(
    struct span *rest, struct spf_term *term_r, const char **reason_r);

#endif
