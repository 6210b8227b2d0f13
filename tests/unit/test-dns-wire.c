/* Answers out of hand-made and spoiled packets. */
#include "config.h"

#include "lib/dns/wire.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/unit.h"

#define PACKET_BYTES 8192

/* A packet under construction. */
struct packet {
	unsigned char bytes[PACKET_BYTES];
	size_t length;
};

static void
put(struct packet *packet, const void *data, size_t length)
{
	assert_true(packet->length + length <= sizeof(packet->bytes));
	memcpy(packet->bytes + packet->length, data, length);
	packet->length += length;
}

static void
put16(struct packet *packet, unsigned int number)
{
	unsigned char bytes[2] = { (unsigned char)(number >> 8),
		(unsigned char)number };

	put(packet, bytes, sizeof(bytes));
}

static void
put_name(struct packet *packet, const char *name)
{
	unsigned char wire[DNS_WIRE_NAME_BYTES];
	size_t length = 0;

	assert_true(dns_wire_name(name, wire));
	while (wire[length] != 0)
		length += wire[length] + 1u;
	put(packet, wire, length + 1);
}

/* The header and the question "a.test". */
static void
begin(struct packet *packet, unsigned int rcode, enum dns_type type)
{
	packet->length = 0;
	put16(packet, 0);
	put16(packet, 0x8180 | rcode);
	put16(packet, 1);
	put16(packet, 0);
	put16(packet, 0);
	put16(packet, 0);
	put_name(packet, "a.test");
	put16(packet, type);
	put16(packet, 1);
}

static void
add(struct packet *packet, const char *owner, enum dns_type type,
    const void *rdata, size_t length)
{
	packet->bytes[7]++;
	put_name(packet, owner);
	put16(packet, type);
	put16(packet, 1);
	put16(packet, 0);
	put16(packet, 60);
	put16(packet, (unsigned int)length);
	put(packet, rdata, length);
}

static void
add_cname(struct packet *packet, const char *owner, const char *target)
{
	struct packet rdata = { .length = 0 };

	put_name(&rdata, target);
	add(packet, owner, DNS_TYPE_CNAME, rdata.bytes, rdata.length);
}

/*
 * Reads a copy whose end is the end of its memory, so that the sanitizers see
 * one byte too many.
 */
static enum dns_result
result_of(const struct packet *packet, size_t length, enum dns_type type,
    size_t *count_r)
{
	unsigned char *copy = malloc(length == 0 ? 1 : length);
	struct dns_answer answer;
	void *memory;

	assert_non_null(copy);
	memcpy(copy, packet->bytes, length);
	assert_int_equal(
	    dns_wire_answer(copy, length, type, &answer, &memory), STATUS_OK);
	*count_r = answer.record_count;
	assert_true((answer.result == DNS_FOUND) == (answer.record_count != 0));
	assert_true((memory != NULL) == (answer.record_count != 0));
	free(copy);
	free(memory);
	return answer.result;
}

static void
check(const struct packet *packet, enum dns_type type, enum dns_result result,
    size_t count)
{
	size_t count_got;

	assert_int_equal(
	    result_of(packet, packet->length, type, &count_got), result);
	assert_int_equal(count_got, count);
}

static void
test_chain(void **state GP_UNUSED)
{
	struct packet packet;

	begin(&packet, 0, DNS_TYPE_A);
	check(&packet, DNS_TYPE_A, DNS_NODATA, 0);
	add(&packet, "A.tEst", DNS_TYPE_A, "\300\0\2\1", 4);
	add(&packet, "other.test", DNS_TYPE_A, "\300\0\2\2", 4);
	add(&packet, "a.test", DNS_TYPE_AAAA, "0123456789abcdef", 16);
	check(&packet, DNS_TYPE_A, DNS_FOUND, 1);

	begin(&packet, 0, DNS_TYPE_A);
	add_cname(&packet, "a.test", "b.test");
	add_cname(&packet, "x.test", "y.test");
	add_cname(&packet, "B.test", "c.test");
	add(&packet, "a.test", DNS_TYPE_A, "\300\0\2\1", 4);
	add(&packet, "c.test", DNS_TYPE_A, "\300\0\2\1", 4);
	add(&packet, "c.test", DNS_TYPE_A, "\300\0\2\2", 4);
	check(&packet, DNS_TYPE_A, DNS_FOUND, 2);

	/* a loop ends, and what does not lie on the chain is not the answer */
	begin(&packet, 0, DNS_TYPE_A);
	add_cname(&packet, "a.test", "b.test");
	add_cname(&packet, "b.test", "a.test");
	add_cname(&packet, "a.test", "b.test");
	add(&packet, "a.test", DNS_TYPE_A, "\300\0\2\1", 4);
	check(&packet, DNS_TYPE_A, DNS_NODATA, 0);

	begin(&packet, 0, DNS_TYPE_CNAME);
	add_cname(&packet, "a.test", "b.test");
	add_cname(&packet, "b.test", "c.test");
	check(&packet, DNS_TYPE_CNAME, DNS_FOUND, 1);
}

static void
test_rcode(void **state GP_UNUSED)
{
	static const enum dns_result results[] = { DNS_NODATA, DNS_SERVFAIL,
		DNS_SERVFAIL, DNS_NXDOMAIN, DNS_SERVFAIL, DNS_SERVFAIL };
	struct packet packet;
	unsigned int rcode;

	for (rcode = 0; rcode < GP_NELEMS(results); rcode++) {
		begin(&packet, rcode, DNS_TYPE_A);
		check(&packet, DNS_TYPE_A, results[rcode], 0);
	}
	/* an NXDOMAIN of the chain's end is one of the name asked */
	begin(&packet, 3, DNS_TYPE_A);
	add_cname(&packet, "a.test", "b.test");
	check(&packet, DNS_TYPE_A, DNS_NXDOMAIN, 0);
}

static void
test_malformed(void **state GP_UNUSED)
{
	static const struct {
		enum dns_type type;
		const char *rdata;
		size_t length;
		bool is_good;
	} cases[] = {
		{ DNS_TYPE_A, "\300\0\2", 3, false },
		{ DNS_TYPE_A, "\300\0\2\1\1", 5, false },
		{ DNS_TYPE_AAAA, "\300\0\2\1", 4, false },
		{ DNS_TYPE_TXT, "\3abc", 4, true },
		{ DNS_TYPE_TXT, "\3abc\1d\0", 7, true },
		{ DNS_TYPE_TXT, "", 0, true },
		{ DNS_TYPE_TXT, "\4abc", 4, false },
		{ DNS_TYPE_TXT, "\3abc\377", 5, false },
		{ DNS_TYPE_PTR, "\1b\300\014", 4, true },
		{ DNS_TYPE_PTR, "\0", 1, true },
		{ DNS_TYPE_PTR, "", 0, false },
		{ DNS_TYPE_PTR, "\1b", 2, false },
		{ DNS_TYPE_PTR, "\1b\0x", 4, false },
		{ DNS_TYPE_PTR, "\300\377", 2, false },
		{ DNS_TYPE_PTR, "\377\377", 2, false },
		{ DNS_TYPE_MX, "\0\12\300\014", 4, true },
		{ DNS_TYPE_MX, "\0\12\0", 3, true },
		{ DNS_TYPE_MX, "\0\12", 2, false },
		{ DNS_TYPE_MX, "\0", 1, false },
		{ DNS_TYPE_TLSA, "", 0, true },
		{ DNS_TYPE_SRV, "abc", 3, true },
	};
	struct packet packet;
	size_t i, self, count;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		begin(&packet, 0, cases[i].type);
		add(&packet, "a.test", cases[i].type, cases[i].rdata,
		    cases[i].length);
		if (result_of(&packet, packet.length, cases[i].type, &count) !=
		    (cases[i].is_good ? DNS_FOUND : DNS_SERVFAIL))
			fail_msg("case %zu, type %d", i, (int)cases[i].type);
	}
	/* a name that points to itself */
	begin(&packet, 0, DNS_TYPE_PTR);
	add(&packet, "a.test", DNS_TYPE_PTR, "\300\0", 2);
	self = packet.length - 2;
	packet.bytes[self + 1] = (unsigned char)self;
	check(&packet, DNS_TYPE_PTR, DNS_SERVFAIL, 0);
	/* two questions, or none */
	begin(&packet, 0, DNS_TYPE_A);
	packet.bytes[5] = 2;
	check(&packet, DNS_TYPE_A, DNS_SERVFAIL, 0);
	packet.bytes[5] = 0;
	check(&packet, DNS_TYPE_A, DNS_SERVFAIL, 0);
}

/* Every prefix, and every byte changed, ends in some result and no crash. */
static void
test_spoiled(void **state GP_UNUSED)
{
	struct packet packet;
	size_t i, count;
	unsigned int bit;

	begin(&packet, 0, DNS_TYPE_TXT);
	add_cname(&packet, "a.test", "b.test");
	add(&packet, "b.test", DNS_TYPE_TXT, "\5hello\3you", 10);
	add(&packet, "b.test", DNS_TYPE_TXT, "\1x", 2);
	for (i = 0; i < packet.length; i++)
		assert_int_equal(
		    result_of(&packet, i, DNS_TYPE_TXT, &count), DNS_SERVFAIL);
	for (i = 0; i < packet.length; i++)
		for (bit = 1; bit < 256; bit <<= 1) {
			packet.bytes[i] ^= (unsigned char)bit;
			(void)result_of(
			    &packet, packet.length, DNS_TYPE_TXT, &count);
			packet.bytes[i] ^= (unsigned char)bit;
		}
	check(&packet, DNS_TYPE_TXT, DNS_FOUND, 2);
}

static void
test_limit(void **state GP_UNUSED)
{
	struct packet packet;
	int i;

	begin(&packet, 0, DNS_TYPE_A);
	for (i = 0; i < 300; i++) {
		add(&packet, "a.test", DNS_TYPE_A, "\300\0\2\1", 4);
		if (packet.bytes[7] == 0)
			packet.bytes[6]++;
	}
	check(&packet, DNS_TYPE_A, DNS_FOUND, DNS_RECORDS_MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_chain),
		cmocka_unit_test(test_rcode),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_spoiled),
		cmocka_unit_test(test_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
