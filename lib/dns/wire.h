/*
 * wire - names and records as they are on the wire (RFC 1035 sections 3, 4).
 *
 * Packets are hostile: every length is checked by libresolv's parser or here,
 * and no pointer into a packet survives a call.
 */
#ifndef GATEPOST_DNS_WIRE_H
#define GATEPOST_DNS_WIRE_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/status.h"
#include "lib/dns/dns.h"

#define DNS_WIRE_NAME_BYTES 255  /* RFC 1035 section 2.3.4 */
#define DNS_WIRE_TEXT_BYTES 1025 /* a name with every byte escaped, a NUL */

/* One record's data inside the bytes that its compressed names refer to. */
struct dns_wire_rdata {
	const unsigned char *message;
	const unsigned char *end; /* of message */
	const unsigned char *bytes;
	size_t length;
};

/*
 * dns_wire_name - a name in presentation form into lower-case wire form.
 *
 * Escapes ("\." and "\065") are understood, a trailing dot is optional.
 * Returns false for what no name is: an empty label or name, a label over 63
 * or a name over 255 bytes, a bad escape.
 */
bool dns_wire_name(const char *text, unsigned char wire[DNS_WIRE_NAME_BYTES]);

/*
 * dns_wire_record_bytes - how many bytes of text dns_wire_record() will write.
 *
 * Returns false when the data does not fit its type.
 */
bool dns_wire_record_bytes(
    enum dns_type type, const struct dns_wire_rdata *rdata, size_t *bytes_r);

/*
 * dns_wire_record - one record out of data that dns_wire_record_bytes() took.
 *
 * text  room of as many bytes as that said; lives as long as the record
 */
void dns_wire_record(enum dns_type type, const struct dns_wire_rdata *rdata,
    char *text, struct dns_record *record_r);

/*
 * dns_wire_answer - the answer to a question out of a response packet.
 *
 * Follows the CNAME chain inside the answer section.  answer_r->secure is
 * false.  A packet that cannot be parsed gives DNS_SERVFAIL.
 * memory_r  holds the records; free() it after the last use; NULL if none
 * Returns STATUS_OK or STATUS_NOMEM (then answer_r is DNS_SERVFAIL).
 */
enum status dns_wire_answer(const unsigned char *packet, size_t length,
    enum dns_type type, struct dns_answer *answer_r,
    void **memory_r) GP_MUST_CHECK;

#endif
