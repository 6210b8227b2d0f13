/* Zone data: master files, CNAME, wildcards, NODATA, faults, threads. */
#include "config.h"

#include "lib/dns/zone.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/dns/dns.h"

#include "tests/unit/unit.h"

#define FAR_MS 60000 /* no answer of a zone waits */

static const char master_text[] = "$TTL 300\n"
				  "$ORIGIN example.test.\n"
				  "@ IN SOA ns hostmaster ( 1 2\n"
				  "	3 4 60 )\n"
				  "	IN NS ns\n"
				  "	IN MX 10 mail\n"
				  "	IN MX 20 mail2.example.test.\n"
				  "mail 60 IN A 192.0.2.1\n"
				  "	IN A 192.0.2.2\n"
				  "	IN AAAA 2001:db8::1\n"
				  "MiXed IN TXT \"one \" \"two\" \" three\"\n"
				  "alias IN CNAME alias2\n"
				  "alias2 600 IN CNAME MAIL\n"
				  "gone IN CNAME nowhere\n"
				  "away IN CNAME www.other.test.\n"
				  "loop1 IN CNAME loop2\n"
				  "loop2 IN CNAME loop1\n"
				  "a.b.c IN A 192.0.2.3\n"
				  "*.wild IN TXT \"wild\"\n"
				  "host.wild IN A 192.0.2.4\n"
				  "sub.ent.wild IN A 192.0.2.5\n"
				  "*.walias IN CNAME mail\n"
				  "null IN MX 0 .\n"
				  "dot\\.ted IN A 192.0.2.6\n"
				  "dotted IN CNAME dot\\.ted\n"
				  "srv IN SRV 1 2 25 mail\n"
				  "$ORIGIN 2.0.192.in-addr.arpa.\n"
				  "1 IN PTR mail.example.test.\n"
				  "; the end\n"
				  "$ORIGIN other.test.\n"
				  "www IN A 198.51.100.1\n";

/* A file of its own; the test removes it. */
static void
write_file(char path[64], const char *text)
{
	FILE *file;
	int fd;

	assert_true(snprintf(path, 64, "/tmp/gatepost-zone-XXXXXX") < 64);
	fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_non_null(file = fdopen(fd, "w"));
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static enum status
read_text(struct dns_zone *zone, const char *text, char *error_r, size_t size)
{
	enum status status;
	char path[64];

	write_file(path, text);
	status = dns_zone_read_file(zone, path, error_r, size);
	unlink(path);
	return status;
}

static struct dns *
open_master(void)
{
	struct dns_zone *zone = dns_zone_new();
	struct dns *dns;
	char error[256] = "";

	assert_non_null(zone);
	if (read_text(zone, master_text, error, sizeof(error)) != STATUS_OK)
		fail_msg("%s", error);
	assert_int_equal(dns_open_zone(&zone, &dns), STATUS_OK);
	assert_null(zone);
	return dns;
}

static struct dns_question *
ask(struct dns *dns, const char *name, enum dns_type type)
{
	struct dns_question *question;

	assert_int_equal(
	    dns_ask(dns, name, type, clock_now_ms() + FAR_MS, &question),
	    STATUS_OK);
	assert_true(dns_is_ready(question));
	return question;
}

/* One record in words, to compare and to print. */
static const char *
record_text(const struct dns_record *record, char text[256])
{
	char address[IP_TEXT_BYTES];

	switch (record->type) {
	case DNS_TYPE_A:
	case DNS_TYPE_AAAA:
		snprintf(text, 256, "%s", ip_text(&record->address, address));
		break;
	case DNS_TYPE_NS:
	case DNS_TYPE_CNAME:
	case DNS_TYPE_PTR:
		snprintf(text, 256, "%s", record->name);
		break;
	case DNS_TYPE_MX:
		snprintf(text, 256, "%u '%s'", record->mx.preference,
		    record->mx.exchange);
		break;
	case DNS_TYPE_TXT:
		snprintf(text, 256, "%.*s", (int)record->text.length,
		    record->text.data);
		break;
	case DNS_TYPE_SOA:
	case DNS_TYPE_SRV:
	case DNS_TYPE_TLSA:
		snprintf(text, 256, "%zu bytes", record->data.length);
		break;
	}
	return text;
}

static const struct {
	const char *name;
	enum dns_type type;
	enum dns_result result;
	size_t count;
	const char *first;
	uint32_t ttl_seconds;
} lookup_cases[] = {
	{ "mail.example.test", DNS_TYPE_A, DNS_FOUND, 2, "192.0.2.1", 60 },
	{ "MAIL.Example.TEST.", DNS_TYPE_A, DNS_FOUND, 2, "192.0.2.1", 60 },
	{ "mail.example.test", DNS_TYPE_AAAA, DNS_FOUND, 1, "2001:db8::1",
	    300 },
	{ "mail.example.test", DNS_TYPE_TXT, DNS_NODATA, 0, NULL, 0 },
	{ "example.test", DNS_TYPE_MX, DNS_FOUND, 2, "10 'mail.example.test'",
	    300 },
	{ "null.example.test", DNS_TYPE_MX, DNS_FOUND, 1, "0 ''", 300 },
	{ "example.test", DNS_TYPE_NS, DNS_FOUND, 1, "ns.example.test", 300 },
	{ "mixed.example.test", DNS_TYPE_TXT, DNS_FOUND, 1, "one two three",
	    300 },
	{ "alias.example.test", DNS_TYPE_A, DNS_FOUND, 2, "192.0.2.1", 60 },
	{ "alias.example.test", DNS_TYPE_AAAA, DNS_FOUND, 1, "2001:db8::1",
	    300 },
	{ "alias.example.test", DNS_TYPE_CNAME, DNS_FOUND, 1,
	    "alias2.example.test", 300 },
	{ "alias.example.test", DNS_TYPE_MX, DNS_NODATA, 0, NULL, 0 },
	{ "gone.example.test", DNS_TYPE_A, DNS_NXDOMAIN, 0, NULL, 0 },
	{ "away.example.test", DNS_TYPE_A, DNS_FOUND, 1, "198.51.100.1", 300 },
	{ "loop1.example.test", DNS_TYPE_A, DNS_SERVFAIL, 0, NULL, 0 },
	{ "b.c.example.test", DNS_TYPE_A, DNS_NODATA, 0, NULL, 0 },
	{ "c.example.test", DNS_TYPE_A, DNS_NODATA, 0, NULL, 0 },
	{ "x.c.example.test", DNS_TYPE_A, DNS_NXDOMAIN, 0, NULL, 0 },
	{ "x.wild.example.test", DNS_TYPE_TXT, DNS_FOUND, 1, "wild", 300 },
	{ "x.y.z.wild.example.test", DNS_TYPE_TXT, DNS_FOUND, 1, "wild", 300 },
	{ "x.wild.example.test", DNS_TYPE_A, DNS_NODATA, 0, NULL, 0 },
	{ "wild.example.test", DNS_TYPE_TXT, DNS_NODATA, 0, NULL, 0 },
	/* RFC 4592 section 2.2.1: an existing name blocks it. */
	{ "host.wild.example.test", DNS_TYPE_TXT, DNS_NODATA, 0, NULL, 0 },
	{ "x.host.wild.example.test", DNS_TYPE_TXT, DNS_NXDOMAIN, 0, NULL, 0 },
	{ "ent.wild.example.test", DNS_TYPE_TXT, DNS_NODATA, 0, NULL, 0 },
	{ "x.ent.wild.example.test", DNS_TYPE_TXT, DNS_NXDOMAIN, 0, NULL, 0 },
	{ "*.wild.example.test", DNS_TYPE_TXT, DNS_FOUND, 1, "wild", 300 },
	{ "any.walias.example.test", DNS_TYPE_A, DNS_FOUND, 2, "192.0.2.1",
	    60 },
	{ "dot\\.ted.example.test", DNS_TYPE_A, DNS_FOUND, 1, "192.0.2.6",
	    300 },
	{ "dotted.example.test", DNS_TYPE_A, DNS_FOUND, 1, "192.0.2.6", 300 },
	{ "dotted.example.test", DNS_TYPE_CNAME, DNS_FOUND, 1,
	    "dot\\.ted.example.test", 300 },
	{ "dot.ted.example.test", DNS_TYPE_A, DNS_NXDOMAIN, 0, NULL, 0 },
	{ "srv.example.test", DNS_TYPE_SRV, DNS_FOUND, 1, "25 bytes", 300 },
	{ "1.2.0.192.in-addr.arpa", DNS_TYPE_PTR, DNS_FOUND, 1,
	    "mail.example.test", 300 },
	{ "2.2.0.192.in-addr.arpa", DNS_TYPE_PTR, DNS_NXDOMAIN, 0, NULL, 0 },
	{ "test", DNS_TYPE_A, DNS_NODATA, 0, NULL, 0 },
	{ ".", DNS_TYPE_A, DNS_NODATA, 0, NULL, 0 },
	{ "invalid", DNS_TYPE_A, DNS_NXDOMAIN, 0, NULL, 0 },
};

static void
test_lookup(void **state GP_UNUSED)
{
	struct dns *dns = open_master();
	const struct dns_answer *answer;
	struct dns_question *question;
	char text[256];
	size_t i;

	for (i = 0; i < GP_NELEMS(lookup_cases); i++) {
		question = ask(dns, lookup_cases[i].name, lookup_cases[i].type);
		answer = dns_wait(question);
		if (answer->result != lookup_cases[i].result ||
		    answer->record_count != lookup_cases[i].count ||
		    answer->ttl_seconds != lookup_cases[i].ttl_seconds)
			fail_msg("%s %d: %s, %zu records, ttl %u",
			    lookup_cases[i].name, (int)lookup_cases[i].type,
			    dns_result_text(answer->result),
			    answer->record_count, answer->ttl_seconds);
		if (lookup_cases[i].first != NULL)
			assert_string_equal(record_text(answer->records, text),
			    lookup_cases[i].first);
		assert_false(answer->secure);
		dns_release(&question);
		assert_null(question);
	}
	assert_int_equal(dns_questions_asked(dns), GP_NELEMS(lookup_cases));
	dns_close(&dns);
	assert_null(dns);
}

/* What is no name is answered at once, and never asked. */
static void
test_bad_names(void **state GP_UNUSED)
{
	static const char label63[] =
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
	struct dns_zone *zone = dns_zone_new();
	struct dns_question *question;
	struct dns *dns;
	char name[400], line[500];
	size_t i;

	const struct {
		const char *format;
		enum dns_result result;
	} cases[] = {
		{ "", DNS_NXDOMAIN },
		{ "..", DNS_NXDOMAIN },
		{ ".test", DNS_NXDOMAIN },
		{ "a..test", DNS_NXDOMAIN },
		{ "a.test..", DNS_NXDOMAIN },
		{ "test\\", DNS_NXDOMAIN },
		{ "\\256.test", DNS_NXDOMAIN },
		{ "\\04.test", DNS_NXDOMAIN },
		{ "a%.63s.test", DNS_NXDOMAIN },
		{ "%.63s.test", DNS_NODATA },
		{ "%1$.63s.%1$.63s.%1$.63s.%1$.61s", DNS_NODATA },
		{ "%1$.63s.%1$.63s.%1$.63s.%1$.62s", DNS_NXDOMAIN },
	};

	assert_non_null(zone);
	for (i = 0; i < GP_NELEMS(cases); i++) {
		if (cases[i].result != DNS_NODATA)
			continue;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(name, sizeof(name), cases[i].format, label63);
		snprintf(line, sizeof(line), "%s. IN MX 1 a.test.", name);
		assert_int_equal(dns_zone_add_line(zone, line), STATUS_OK);
	}
	assert_int_equal(dns_open_zone(&zone, &dns), STATUS_OK);
	for (i = 0; i < GP_NELEMS(cases); i++) {
		snprintf(name, sizeof(name), cases[i].format, label63);
#pragma GCC diagnostic pop
		question = ask(dns, name, DNS_TYPE_A);
		if (dns_wait(question)->result != cases[i].result)
			fail_msg("%s: %s", name,
			    dns_result_text(dns_wait(question)->result));
		dns_release(&question);
	}
	dns_close(&dns);
}

static void
test_file_errors(void **state GP_UNUSED)
{
	static const struct {
		const char *text;
		int line;
	} cases[] = {
		{ "a.test. IN A 192.0.2.1\nb.test. IN A 192.0.2.256\n"
		  "c.test. IN A 192.0.2.3\n",
		    2 },
		{ "$TTL 60\n\n; comment\n$ORIGIN test.\nx IN NOSUCHTYPE 1\n",
		    5 },
		{ "nonsense\n", 1 },
		{ "a.test. IN A 192.0.2.1\n$INCLUDE other\n", 2 },
		{ "a.test. CH TXT \"chaos\"\n", 1 },
		{ "a.test. IN MX 10\n", 1 },
		{ "a.test. IN A 192.0.2.1\nb.test. IN A zzz", 2 },
	};
	struct dns_zone *zone;
	char error[256], *colon;
	size_t i;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		assert_non_null(zone = dns_zone_new());
		if (read_text(zone, cases[i].text, error, sizeof(error)) !=
		    STATUS_INVALID)
			fail_msg("accepted: %s", cases[i].text);
		assert_non_null(colon = strchr(error, ':'));
		if (strtol(colon + 1, NULL, 10) != cases[i].line)
			fail_msg("line %d wanted: %s", cases[i].line, error);
		dns_zone_free(&zone);
	}
	assert_non_null(zone = dns_zone_new());
	assert_int_equal(
	    dns_zone_read_file(zone, "/nonexistent/zone", error, sizeof(error)),
	    STATUS_IO);
	assert_non_null(strstr(error, "/nonexistent/zone: "));
	assert_int_equal(
	    dns_zone_add_line(zone, "a.test. IN A x"), STATUS_INVALID);
	assert_int_equal(dns_zone_add_line(zone, ""), STATUS_INVALID);
	assert_int_equal(
	    dns_zone_add_txt(zone, "a..b", "x", 1), STATUS_INVALID);
	assert_int_equal(
	    dns_zone_add_fault(zone, "a.test", 0, DNS_NODATA), STATUS_INVALID);
	dns_zone_free(&zone);
	dns_zone_free(&zone);
}

static char big_text[DNS_TXT_BYTES_MAX];

/* Data that no master file can hold, faults, and many names. */
static struct dns *
open_added(void)
{
	struct dns_zone *zone = dns_zone_new();
	struct dns *dns;
	char line[64];
	size_t i;

	assert_non_null(zone);
	memset(big_text, 'x', sizeof(big_text));
	assert_int_equal(
	    dns_zone_add_txt(zone, "BIG.test", big_text, sizeof(big_text)),
	    STATUS_OK);
	assert_int_equal(
	    dns_zone_add_txt(zone, "big.test", "a\0b", 3), STATUS_OK);
	assert_int_equal(
	    dns_zone_add_fault(zone, "slow.test", DNS_TYPE_TXT, DNS_TIMEOUT),
	    STATUS_OK);
	assert_int_equal(
	    dns_zone_add_fault(zone, "broken.test", 0, DNS_SERVFAIL),
	    STATUS_OK);
	assert_int_equal(
	    dns_zone_add_line(zone, "forged.test. A 192.0.2.1"), STATUS_OK);
	assert_int_equal(
	    dns_zone_add_fault(zone, "forged.test.", DNS_TYPE_A, DNS_BOGUS),
	    STATUS_OK);
	assert_int_equal(
	    dns_zone_add_line(zone, "toslow.test. CNAME slow.test."),
	    STATUS_OK);
	for (i = 0; i < 1000; i++) {
		snprintf(line, sizeof(line), "many.test. A 10.0.%zu.%zu",
		    i / 250, i % 250);
		assert_int_equal(dns_zone_add_line(zone, line), STATUS_OK);
		snprintf(line, sizeof(line), "n%zu.many.test. A 10.1.1.1", i);
		assert_int_equal(dns_zone_add_line(zone, line), STATUS_OK);
	}
	assert_int_equal(dns_open_zone(&zone, &dns), STATUS_OK);
	return dns;
}

static void
test_faults(void **state GP_UNUSED)
{
	static const struct {
		const char *name;
		enum dns_type type;
		enum dns_result result;
	} cases[] = {
		{ "slow.test", DNS_TYPE_TXT, DNS_TIMEOUT },
		{ "slow.test", DNS_TYPE_A, DNS_NODATA },
		{ "broken.test", DNS_TYPE_TXT, DNS_SERVFAIL },
		{ "broken.test", DNS_TYPE_A, DNS_SERVFAIL },
		{ "forged.test", DNS_TYPE_A, DNS_BOGUS },
		{ "toslow.test", DNS_TYPE_TXT, DNS_TIMEOUT },
		{ "toslow.test", DNS_TYPE_A, DNS_NODATA },
		{ "many.test", DNS_TYPE_A, DNS_FOUND },
	};
	struct dns_question *question;
	struct dns *dns = open_added();
	size_t i;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		question = ask(dns, cases[i].name, cases[i].type);
		if (dns_wait(question)->result != cases[i].result)
			fail_msg("%s: %s", cases[i].name,
			    dns_result_text(dns_wait(question)->result));
		dns_release(&question);
	}
	dns_close(&dns);
}

static void
test_big_answers(void **state GP_UNUSED)
{
	struct dns *dns = open_added();
	const struct dns_answer *answer;
	struct dns_question *question;

	question = ask(dns, "big.test", DNS_TYPE_TXT);
	answer = dns_wait(question);
	assert_int_equal(answer->record_count, 2);
	assert_int_equal(answer->records[0].text.length, sizeof(big_text));
	assert_memory_equal(
	    answer->records[0].text.data, big_text, sizeof(big_text));
	assert_int_equal(answer->records[1].text.length, 3);
	assert_memory_equal(answer->records[1].text.data, "a\0b", 3);
	dns_release(&question);
	/* Answers outlive dns_close() until they are released. */
	question = ask(dns, "many.test", DNS_TYPE_A);
	dns_close(&dns);
	answer = dns_wait(question);
	assert_int_equal(answer->record_count, DNS_RECORDS_MAX);
	assert_int_equal(answer->records[255].address.bytes[3], 5);
	dns_release(&question);
}

static void
test_offline(void **state GP_UNUSED)
{
	struct dns_question *question;
	struct dns *dns;

	assert_int_equal(dns_open_zone(NULL, &dns), STATUS_OK);
	question = ask(dns, "example.test", DNS_TYPE_A);
	assert_int_equal(dns_wait(question)->result, DNS_SERVFAIL);
	assert_true(dns_result_is_temporary(dns_wait(question)->result));
	dns_release(&question);
	dns_release(&question);
	dns_close(&dns);
	dns_close(&dns);
}

static void *
reader_thread(void *argument)
{
	struct dns *dns = argument;
	struct dns_question *question;
	uintptr_t found = 0;
	int i;

	for (i = 0; i < 500; i++) {
		if (dns_ask(dns, "alias.example.test", DNS_TYPE_A, 0,
			&question) != STATUS_OK)
			break;
		if (dns_wait(question)->record_count == 2)
			found++;
		dns_release(&question);
	}
	return (void *)found;
}

static void
test_threads(void **state GP_UNUSED)
{
	struct dns *dns = open_master();
	pthread_t threads[4];
	void *found;
	size_t i;

	for (i = 0; i < GP_NELEMS(threads); i++)
		assert_int_equal(
		    pthread_create(&threads[i], NULL, reader_thread, dns), 0);
	for (i = 0; i < GP_NELEMS(threads); i++) {
		pthread_join(threads[i], &found);
		assert_int_equal((uintptr_t)found, 500);
	}
	assert_int_equal(dns_questions_asked(dns), 2000);
	dns_close(&dns);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lookup),
		cmocka_unit_test(test_bad_names),
		cmocka_unit_test(test_file_errors),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_big_answers),
		cmocka_unit_test(test_offline),
		cmocka_unit_test(test_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
