/*
 * fuzz-dmarc-record - the input as a DMARC record, read and applied.
 *
 * What must hold of any record: it never makes a stranger's pass count, and it
 * never makes a pass of the author domain itself fail.
 */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>

#include "lib/auth/dmarc-record.h"
#include "lib/auth/dmarc.h"
#include "lib/base/clock.h"
#include "lib/dns/zone.h"

#define AUTHOR "example.com"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_span(struct span part, struct span whole)
{
	if (part.length > 0 &&
	    (part.data < whole.data ||
		part.data + part.length > whole.data + whole.length))
		abort();
}

/* The result for AUTHOR when domain passed DKIM. */
static enum auth_result
evaluate(struct dns *dns, const char *domain)
{
	static const char *const authors[] = { AUTHOR };
	struct auth_dmarc_identifier identifier = { domain, false, false };
	struct region *region = region_new();
	struct auth_dmarc_result result;
	struct auth_dmarc *dmarc;

	if (region == NULL)
		exit(1);
	if (auth_dmarc_start(region, dns, authors, 1, clock_now_ms() + 1000,
		&dmarc) != STATUS_OK ||
	    auth_dmarc_finish(dmarc, &identifier, 1, &result) != STATUS_OK)
		abort();
	auth_dmarc_free(&dmarc);
	region_free(&region);
	return result.result;
}

static void
check_evaluation(struct span text, bool is_record)
{
	struct dns_zone *zone = dns_zone_new();
	enum auth_result stranger, author;
	struct dns *dns;

	if (zone == NULL ||
	    dns_zone_add_txt(zone, "_dmarc." AUTHOR, text.data, text.length) !=
		STATUS_OK ||
	    dns_open_zone(&zone, &dns) != STATUS_OK)
		exit(1);
	stranger = evaluate(dns, "evil.com");
	author = evaluate(dns, AUTHOR);
	dns_close(&dns);
	if (stranger != AUTH_NONE && (stranger != AUTH_FAIL || !is_record))
		abort();
	if (author != AUTH_NONE && (author != AUTH_PASS || !is_record))
		abort();
	if ((stranger == AUTH_NONE) != (author == AUTH_NONE))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = { (const char *)data, size };
	struct dmarc_record record;
	enum status status;

	if (size > DNS_TXT_BYTES_MAX)
		return 0;
	status = dmarc_record_parse(text, &record);
	check_span(record.rua, text);
	check_span(record.ruf, text);
	check_evaluation(text, status == STATUS_OK && record.applies);
	return 0;
}
