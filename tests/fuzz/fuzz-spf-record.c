/*
 * fuzz-spf-record - SPF records through the whole evaluation, libspf2 included.
 *
 * The first line of the input is the record of the sender's domain and of all
 * names below it, the rest that of a domain to include and of all below.
 */
#include "config.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "lib/auth/spf.h"
#include "lib/base/clock.h"
#include "lib/dns/zone.h"

/* The identity, 20 terms, 10 names a term, the client's names, exp=. */
#define QUESTIONS_MAX (1 + 20 + 20 * 10 + 1 + 10 + 1)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const lines[] = {
	"s.test. 60 IN A 192.0.2.77",
	"s.test. 60 IN MX 10 h.test.",
	"h.test. 60 IN A 192.0.2.10",
	"h.test. 60 IN A 203.0.113.5",
	"h.test. 60 IN AAAA 2001:db8::5",
	"*.h.test. 60 IN A 127.0.0.2",
	"m.test. 60 IN A 203.0.113.5",
	"m.test. 60 IN MX 1 h.test.",
	"m.test. 60 IN MX 2 a.h.test.",
	"m.test. 60 IN MX 3 n1.test.",
	"5.113.0.203.in-addr.arpa. 60 IN PTR h.test.",
	"5.113.0.203.in-addr.arpa. 60 IN PTR a.h.test.",
	"1.0.0.127.in-addr.arpa. 60 IN PTR m.test.",
};

static void
publish(
    struct dns_zone *zone, const char *name, const uint8_t *text, size_t length)
{
	enum status status = dns_zone_add_txt(zone, name, text, length);

	assert(status == STATUS_OK);
}

static struct dns *
open_zone(const uint8_t *data, size_t size)
{
	const uint8_t *newline = size == 0 ? NULL : memchr(data, '\n', size);
	size_t first = newline == NULL ? size : (size_t)(newline - data);
	size_t second = newline == NULL ? size : first + 1;
	struct dns_zone *zone = dns_zone_new();
	struct dns *dns = NULL;
	enum status status;
	size_t i;

	assert(zone != NULL);
	for (i = 0; i < GP_NELEMS(lines); i++) {
		status = dns_zone_add_line(zone, lines[i]);
		assert(status == STATUS_OK);
	}
	publish(zone, "s.test", data, first);
	publish(zone, "*.s.test", data, first);
	publish(zone, "i.test", data + second, size - second);
	publish(zone, "*.i.test", data + second, size - second);
	status = dns_open_zone(&zone, &dns);
	assert(status == STATUS_OK);
	return dns;
}

static void
check(struct dns *dns, const char *client, const char *sender)
{
	struct auth_spf_request request = {
		.dns = dns,
		.helo = "helo.h.test",
		.sender = sender,
		.receiver = "mx.test",
		.deadline_ms = clock_now_ms() + 1000,
		.want_explanation = true,
	};
	struct region *region = region_new();
	struct auth_spf_result result;
	uint64_t before = dns_questions_asked(dns);
	enum status status = ip_parse(client, &request.client_ip);
	const char *p;

	assert(region != NULL && status == STATUS_OK);
	status = auth_spf_check(region, &request, &result);
	assert(status == STATUS_OK);
	assert(result.result != AUTH_POLICY);
	assert(result.lookup_count <= SPF_LOOKUPS_MAX);
	assert(result.void_lookup_count <= SPF_VOID_LOOKUPS_MAX + 1);
	assert(dns_questions_asked(dns) - before <= QUESTIONS_MAX);
	for (p = result.explanation; p != NULL && *p != '\0'; p++)
		assert(ascii_is_print(*p));
	region_free(&region);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dns *dns = open_zone(data, size);

	check(dns, "203.0.113.5", "ann+tag-x@s.test");
	check(dns, "2001:db8::5", "\"a b\\c\xc3\xa9\"@a.s.test");
	check(dns, "127.0.0.1", "@s.test");
	dns_close(&dns);
	return 0;
}
