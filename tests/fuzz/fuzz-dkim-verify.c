/*
 * fuzz-dkim-verify - a signed message through the verifier.
 *
 * Input: the TXT record of the key, an LF, the message.  Every key question
 * is answered with that record.
 */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/auth/dkim.h"
#include "lib/base/clock.h"
#include "lib/dns/zone.h"

#define NOW         1783000200 /* t= of the seeds and a little more */
#define BODY_CHUNK  61         /* cuts lines and CRLFs anywhere */
#define DEADLINE_MS 1000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A zone that answers each question of the seeds with one record. */
static struct dns *
open_zone(struct span record)
{
	static const char *const names[] = {
		"rsa._domainkey.example.com",
		"ed._domainkey.example.com",
		"rsa1024._domainkey.example.com",
	};
	struct dns_zone *zone = dns_zone_new();
	struct dns *dns = NULL;
	size_t i;

	if (zone == NULL)
		return NULL;
	for (i = 0; i < GP_NELEMS(names); i++)
		if (dns_zone_add_txt(zone, names[i], record.data,
			record.length) != STATUS_OK)
			break;
	if (dns_open_zone(&zone, &dns) != STATUS_OK)
		dns_zone_free(&zone);
	return dns;
}

static void
check_results(const struct auth_dkim_results *results)
{
	size_t i;

	if (results->signature_count > DKIM_SIGNATURES_MAX)
		abort();
	for (i = 0; i < results->signature_count; i++) {
		const struct auth_dkim_signature *signature =
		    &results->signatures[i];

		if (signature->result == AUTH_NONE ||
		    (signature->result != AUTH_PASS &&
			signature->reason == NULL) ||
		    signature->unsigned_body_bytes < 0 ||
		    strlen(signature->b_prefix) > 64)
			abort();
	}
}

static void
verify(struct auth_dkim *dkim, const struct message *message, struct span body)
{
	struct auth_dkim_results results;
	size_t length;

	if (auth_dkim_headers(dkim, message, clock_now_ms() + DEADLINE_MS) !=
	    STATUS_OK)
		return;
	for (; body.length > 0; body.data += length, body.length -= length) {
		length = body.length < BODY_CHUNK ? body.length : BODY_CHUNK;
		if (auth_dkim_body(dkim, body.data, length) != STATUS_OK)
			return;
	}
	if (auth_dkim_finish(dkim, &results) == STATUS_OK)
		check_results(&results);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct auth_dkim_library *library;
	struct span raw = { (const char *)data, size }, record, body;
	struct region *region = region_new();
	struct message message;
	struct auth_dkim *dkim;
	struct dns *dns;

	if (library == NULL && auth_dkim_library_new(&library) != STATUS_OK)
		abort();
	(void)span_split(&raw, '\n', &record);
	if (raw.data == NULL)
		raw = span_of("");
	message_init(&message, region);
	if ((dns = open_zone(record)) != NULL) {
		if (message_parse_header(&message, raw, &body) == STATUS_OK &&
		    auth_dkim_new(library, region, dns, NOW, &dkim) ==
			STATUS_OK) {
			verify(dkim, &message, body);
			auth_dkim_free(&dkim);
		}
		dns_close(&dns);
	}
	region_free(&region);
	return 0;
}
