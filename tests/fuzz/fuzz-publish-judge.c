/*
 * fuzz-publish-judge - an answer of the DNS through the judges of
 * `gatepost dns`.
 *
 * Input: a byte that chooses the record, then the answer's bytes.  Whatever
 * they are, there is a verdict, with a reason unless it is right, and what is
 * shown of the answer is printable.
 */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cli/publish.h"
#include "tests/unit/sign-fixture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct choice {
	enum publish_kind kind;
	enum dns_type type;
};

static const struct choice choices[] = {
	{ PUBLISH_SPF, DNS_TYPE_TXT },
	{ PUBLISH_DKIM, DNS_TYPE_TXT },
	{ PUBLISH_DMARC, DNS_TYPE_TXT },
	{ PUBLISH_REPORTS, DNS_TYPE_TXT },
	{ PUBLISH_MTA_STS, DNS_TYPE_TXT },
	{ PUBLISH_TLSRPT, DNS_TYPE_TXT },
	{ PUBLISH_SERVICE, DNS_TYPE_SRV },
	{ PUBLISH_TLSA, DNS_TYPE_TLSA },
};

static struct auth_sign_key *
open_key(void)
{
	struct auth_sign_key *key;
	const char *reason;

	if (auth_sign_key_parse(span_of(RFC8463_ED25519), &key, &reason) !=
	    STATUS_OK)
		abort();
	return key;
}

static void
check_record(const struct publish_record *record)
{
	const char *p;
	size_t i;

	if (record->state == PUBLISH_NOT_ASKED ||
	    (record->state == PUBLISH_RIGHT) != (record->reason == NULL))
		abort();
	for (i = 0; i < record->found_count; i++)
		for (p = record->found[i]; *p != '\0'; p++)
			if (!ascii_is_print((unsigned char)*p))
				abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct auth_sign_key *key;
	static const struct publish_conf conf;
	static const struct publish_certificate certificate = { .count = 1,
		.whole = { { "whole", 5 } },
		.public_key = { { "key", 3 } } };
	const struct publish_facts facts = { .conf = &conf,
		.domain = "example.com",
		.mail_host = "mail.example.com",
		.certificate = &certificate };
	struct publish publish = { .region = region_new(), .facts = &facts };
	struct publish_record record = {
		.name = "example.com", .value = "", .line = "", .port = 993
	};
	struct dns_record found = { 0 };
	const struct dns_answer answer = {
		.result = DNS_FOUND, .record_count = 1, .records = &found
	};

	if (key == NULL)
		key = open_key();
	if (publish.region == NULL)
		exit(1);
	if (size > 0 && size <= DNS_TXT_BYTES_MAX) {
		record.kind = choices[data[0] % GP_NELEMS(choices)].kind;
		record.type = choices[data[0] % GP_NELEMS(choices)].type;
		record.key = key;
		found.type = record.type;
		found.text.data = (const char *)data + 1;
		found.text.length = size - 1;
		if (found.type != DNS_TYPE_TXT)
			found.data =
			    (struct span){ (const char *)data + 1, size - 1 };
		if (publish_judge(&publish, &record, &answer) != STATUS_OK)
			exit(1);
		check_record(&record);
	}
	region_free(&publish.region);
	return 0;
}
