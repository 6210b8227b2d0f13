/*
 * wire - names and records as they are on the wire (see wire.h).
 *
 * libresolv parses; this file follows the chain and copies what was asked for
 * into one block of memory.
 */
#include "config.h"

#include "lib/dns/wire.h"

#include <sys/types.h>
#include <netinet/in.h>

#include <arpa/nameser.h>
#include <resolv.h>
#include <stdlib.h>
#include <string.h>

#define MX_FIXED_BYTES 2 /* the preference, RFC 1035 section 3.3.9 */

/* What the walk over the answer section has found so far. */
struct answer_walk {
	char name[DNS_WIRE_TEXT_BYTES]; /* where the CNAME chain has led */
	enum dns_type type;
	uint32_t ttl_seconds; /* the smallest of the chain and the records */
	size_t count;
	size_t text_bytes; /* of all records */
	bool is_malformed;
	struct dns_wire_rdata rdata[DNS_RECORDS_MAX];
};

bool
dns_wire_name(const char *text, unsigned char wire[DNS_WIRE_NAME_BYTES])
{
	size_t i;

	if (text[0] == '\0' ||
	    ns_name_pton(text, wire, DNS_WIRE_NAME_BYTES) < 0)
		return false;
	for (i = 0; wire[i] != 0; i += wire[i] + 1u)
		ascii_lower_all((char *)wire + i + 1, wire[i]);
	return true;
}

/* A name inside rdata at offset; its text has no trailing dot, "" for root. */
static bool
rdata_name(const struct dns_wire_rdata *rdata, size_t offset,
    char text[DNS_WIRE_TEXT_BYTES])
{
	int used;

	if (rdata->length <= offset)
		return false;
	used = dn_expand(rdata->message, rdata->end, rdata->bytes + offset,
	    text, DNS_WIRE_TEXT_BYTES);
	return used > 0 && (size_t)used == rdata->length - offset;
}

/* The length of all strings of a TXT record, or false if one is cut off. */
static bool
txt_length(const struct dns_wire_rdata *rdata, size_t *length_r)
{
	size_t i = 0, length = 0;

	while (i < rdata->length) {
		size_t string_length = rdata->bytes[i];

		if (string_length > rdata->length - i - 1)
			return false;
		length += string_length;
		i += string_length + 1;
	}
	*length_r = length;
	return true;
}

static void
txt_join(const struct dns_wire_rdata *rdata, char *text, struct span *span_r)
{
	size_t i = 0, length = 0;

	while (i < rdata->length) {
		memcpy(text + length, rdata->bytes + i + 1, rdata->bytes[i]);
		length += rdata->bytes[i];
		i += rdata->bytes[i] + 1u;
	}
	text[length] = '\0';
	span_r->data = text;
	span_r->length = length;
}

bool
dns_wire_record_bytes(
    enum dns_type type, const struct dns_wire_rdata *rdata, size_t *bytes_r)
{
	char name[DNS_WIRE_TEXT_BYTES];
	size_t length = 0;

	*bytes_r = 0;
	switch (type) {
	case DNS_TYPE_A:
		return rdata->length == sizeof(struct in_addr);
	case DNS_TYPE_AAAA:
		return rdata->length == sizeof(struct in6_addr);
	case DNS_TYPE_NS:
	case DNS_TYPE_CNAME:
	case DNS_TYPE_PTR:
	case DNS_TYPE_MX:
		if (!rdata_name(
			rdata, type == DNS_TYPE_MX ? MX_FIXED_BYTES : 0, name))
			return false;
		*bytes_r = strlen(name) + 1;
		return true;
	case DNS_TYPE_TXT:
		if (!txt_length(rdata, &length))
			return false;
		*bytes_r = length + 1;
		return true;
	case DNS_TYPE_SOA:
	case DNS_TYPE_SRV:
	case DNS_TYPE_TLSA:
		break;
	}
	*bytes_r = rdata->length + 1;
	return true;
}

/* The name was expanded once before; it cannot fail now. */
static const char *
copy_name(const struct dns_wire_rdata *rdata, size_t offset, char *text)
{
	char name[DNS_WIRE_TEXT_BYTES];

	if (!rdata_name(rdata, offset, name))
		name[0] = '\0';
	return memcpy(text, name, strlen(name) + 1);
}

void
dns_wire_record(enum dns_type type, const struct dns_wire_rdata *rdata,
    char *text, struct dns_record *record_r)
{
	memset(record_r, 0, sizeof(*record_r));
	record_r->type = type;
	switch (type) {
	case DNS_TYPE_A:
		record_r->address = ip_from_bytes(AF_INET, rdata->bytes);
		return;
	case DNS_TYPE_AAAA:
		record_r->address = ip_from_bytes(AF_INET6, rdata->bytes);
		return;
	case DNS_TYPE_NS:
	case DNS_TYPE_CNAME:
	case DNS_TYPE_PTR:
		record_r->name = copy_name(rdata, 0, text);
		return;
	case DNS_TYPE_MX:
		record_r->mx.preference = ns_get16(rdata->bytes);
		record_r->mx.exchange = copy_name(rdata, MX_FIXED_BYTES, text);
		return;
	case DNS_TYPE_TXT:
		txt_join(rdata, text, &record_r->text);
		return;
	case DNS_TYPE_SOA:
	case DNS_TYPE_SRV:
	case DNS_TYPE_TLSA:
		break;
	}
	if (rdata->length != 0)
		memcpy(text, rdata->bytes, rdata->length);
	text[rdata->length] = '\0';
	record_r->data.data = text;
	record_r->data.length = rdata->length;
}

static void
walk_take_ttl(struct answer_walk *walk, const ns_rr *rr)
{
	uint32_t ttl_seconds = ns_rr_ttl(*rr);

	/* RFC 2181 section 8: the top bit set means zero. */
	if (ttl_seconds > INT32_MAX)
		ttl_seconds = 0;
	if (ttl_seconds < walk->ttl_seconds)
		walk->ttl_seconds = ttl_seconds;
}

/* One record of the answer section: a step of the chain, or what was asked. */
static void
walk_step(struct answer_walk *walk, const ns_msg *message, const ns_rr *rr)
{
	struct dns_wire_rdata rdata;
	size_t bytes;

	if (ns_rr_class(*rr) != ns_c_in ||
	    !str_equals_nocase(ns_rr_name(*rr), walk->name))
		return;
	rdata.message = ns_msg_base(*message);
	rdata.end = ns_msg_end(*message);
	rdata.bytes = ns_rr_rdata(*rr);
	rdata.length = ns_rr_rdlen(*rr);
	if ((enum dns_type)ns_rr_type(*rr) == walk->type) {
		if (!dns_wire_record_bytes(walk->type, &rdata, &bytes)) {
			walk->is_malformed = true;
			return;
		}
		walk_take_ttl(walk, rr);
		walk->text_bytes += bytes;
		walk->rdata[walk->count++] = rdata;
	} else if (ns_rr_type(*rr) == ns_t_cname) {
		walk_take_ttl(walk, rr);
		if (!rdata_name(&rdata, 0, walk->name))
			walk->is_malformed = true;
	}
}

/*
 * One pass in the order of the section: libunbound puts the chain first and in
 * order, so that a chain that loops ends with the section.
 */
static bool
walk_answer(struct answer_walk *walk, ns_msg *message)
{
	int i, count = ns_msg_count(*message, ns_s_an);
	ns_rr rr;

	if (ns_msg_count(*message, ns_s_qd) != 1 ||
	    ns_parserr(message, ns_s_qd, 0, &rr) != 0 ||
	    str_copy(walk->name, sizeof(walk->name), ns_rr_name(rr)) !=
		STATUS_OK)
		return false;
	for (i = 0; i < count && walk->count < DNS_RECORDS_MAX; i++) {
		if (ns_parserr(message, ns_s_an, i, &rr) != 0)
			return false;
		walk_step(walk, message, &rr);
		if (walk->is_malformed)
			return false;
	}
	return true;
}

/* How long "no such name" or "no such record" holds (RFC 2308 section 5). */
static uint32_t
negative_ttl(ns_msg *message)
{
	int i, count = ns_msg_count(*message, ns_s_ns);
	ns_rr rr;

	for (i = 0; i < count; i++) {
		if (ns_parserr(message, ns_s_ns, i, &rr) != 0)
			return 0;
		if (ns_rr_type(rr) == ns_t_soa)
			return ns_rr_ttl(rr) > INT32_MAX ? 0 : ns_rr_ttl(rr);
	}
	return 0;
}

/* The records and, behind them, their texts: one block. */
static enum status
copy_records(const struct answer_walk *walk, struct dns_answer *answer_r,
    void **memory_r)
{
	struct dns_record *records;
	size_t i, bytes;
	char *text;

	records = malloc(walk->count * sizeof(*records) + walk->text_bytes);
	if (records == NULL)
		return STATUS_NOMEM;
	text = (char *)(records + walk->count);
	for (i = 0; i < walk->count; i++) {
		dns_wire_record(walk->type, &walk->rdata[i], text, &records[i]);
		if (dns_wire_record_bytes(walk->type, &walk->rdata[i], &bytes))
			text += bytes;
	}
	answer_r->records = records;
	answer_r->record_count = walk->count;
	*memory_r = records;
	return STATUS_OK;
}

static enum dns_result
result_of_rcode(int rcode, size_t count)
{
	if (rcode == ns_r_nxdomain)
		return DNS_NXDOMAIN;
	if (rcode != ns_r_noerror)
		return DNS_SERVFAIL;
	return count != 0 ? DNS_FOUND : DNS_NODATA;
}

enum status
dns_wire_answer(const unsigned char *packet, size_t length, enum dns_type type,
    struct dns_answer *answer_r, void **memory_r)
{
	struct answer_walk walk;
	ns_msg message;

	memset(answer_r, 0, sizeof(*answer_r));
	answer_r->result = DNS_SERVFAIL;
	*memory_r = NULL;
	if (length > UINT16_MAX ||
	    ns_initparse(packet, (int)length, &message) != 0)
		return STATUS_OK;
	walk.type = type;
	walk.ttl_seconds = UINT32_MAX;
	walk.count = walk.text_bytes = 0;
	walk.is_malformed = false;
	if (!walk_answer(&walk, &message))
		return STATUS_OK;
	answer_r->result = result_of_rcode(
	    (int)ns_msg_getflag(message, ns_f_rcode), walk.count);
	if (answer_r->result == DNS_SERVFAIL)
		return STATUS_OK;
	if (answer_r->result != DNS_FOUND) {
		answer_r->ttl_seconds = negative_ttl(&message);
		return STATUS_OK;
	}
	answer_r->ttl_seconds = walk.ttl_seconds;
	if (copy_records(&walk, answer_r, memory_r) == STATUS_OK)
		return STATUS_OK;
	answer_r->result = DNS_SERVFAIL;
	return STATUS_NOMEM;
}
