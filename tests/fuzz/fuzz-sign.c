/*
 * fuzz-sign - what we sign verifies, by another implementation (libopendkim).
 *
 * Input: a message.  However its body is cut, the signature is the same; and
 * unless the message has bytes that both read in their own way (a bare CR or
 * LF, NUL; VT and FF, which libopendkim takes for blanks in a header), it passes.
 */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/auth/dkim.h"
#include "lib/auth/sign.h"
#include "lib/base/clock.h"
#include "lib/dns/zone.h"
#include "tests/unit/sign-fixture.h"

#define NOW         1783000200
#define DEADLINE_MS 1000
#define BODY_CHUNK  61 /* cuts lines and CRLFs anywhere */
#define DOMAIN      "example.com"
#define SELECTOR    "s"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

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

static struct dns *
open_zone(void)
{
	struct dns_zone *zone = dns_zone_new();
	struct dns *dns;

	if (zone == NULL ||
	    dns_zone_add_txt(zone, SELECTOR "._domainkey." DOMAIN,
		RFC8463_ED25519_RECORD,
		strlen(RFC8463_ED25519_RECORD)) != STATUS_OK ||
	    dns_open_zone(&zone, &dns) != STATUS_OK)
		exit(1);
	return dns;
}

/* NULL when the message has too many fields. */
static const char *
sign(const struct auth_sign_entry *entry, const struct message *message,
    struct span body, size_t chunk)
{
	const struct auth_sign_options options = {
		.domain = DOMAIN, .key_count = 1, .keys = &entry, .now = NOW
	};
	struct auth_sign *signer;
	const char *value = NULL;
	enum status status;
	size_t length;

	if (auth_sign_new(message->region, &options, &signer) != STATUS_OK)
		exit(1);
	for (; body.length > 0; body.data += length, body.length -= length) {
		length = body.length < chunk ? body.length : chunk;
		auth_sign_body(signer, body.data, length);
	}
	status = auth_sign_finish(signer, message, &value);
	auth_sign_free(&signer);
	if (status != STATUS_OK && status != STATUS_LIMIT)
		abort();
	return status == STATUS_OK ? value : NULL;
}

/* Line ends are CRLF, and none of these bytes is there. */
static bool
is_plain(struct span text, const char *others)
{
	size_t i;

	for (i = 0; i < text.length; i++) {
		if (text.data[i] == '\0' ||
		    strchr(others, text.data[i]) != NULL)
			return false;
		if (text.data[i] == '\r' &&
		    (i + 1 == text.length || text.data[i + 1] != '\n'))
			return false;
		if (text.data[i] == '\n' &&
		    (i == 0 || text.data[i - 1] != '\r'))
			return false;
	}
	return true;
}

/* Both read it in one way. */
static bool
is_comparable(const struct message *message, struct span body)
{
	size_t i;

	if (message->truncated || message_count(message, "From") != 1 ||
	    !is_plain(body, ""))
		return false;
	for (i = 0; i < message->field_count; i++)
		if (!is_plain(message->fields[i].value, "\v\f") ||
		    !is_plain(message->fields[i].name, "\v\f"))
			return false;
	return message_count(message, AUTH_SIGN_FIELD_NAME) == 0;
}

static enum status
add_all(const struct message *message, const char *value, struct message *copy)
{
	enum status status;
	size_t i;

	status = message_add_field(copy, span_of(AUTH_SIGN_FIELD_NAME),
	    span_of(region_printf(copy->region, " %s", value)));
	for (i = 0; i < message->field_count && status == STATUS_OK; i++)
		status = message_add_field(
		    copy, message->fields[i].name, message->fields[i].value);
	return status;
}

static void
verify(struct auth_dkim_library *library, const struct message *message,
    struct span body, const char *value)
{
	struct dns *dns = open_zone();
	struct auth_dkim_results results;
	struct message copy;
	struct auth_dkim *dkim;

	message_init(&copy, message->region);
	if (add_all(message, value, &copy) != STATUS_OK ||
	    auth_dkim_new(library, message->region, dns, NOW, &dkim) !=
		STATUS_OK ||
	    auth_dkim_headers(dkim, &copy, clock_now_ms() + DEADLINE_MS) !=
		STATUS_OK ||
	    auth_dkim_body(dkim, body.data, body.length) != STATUS_OK ||
	    auth_dkim_finish(dkim, &results) != STATUS_OK)
		exit(1);
	if (!copy.truncated &&
	    (results.signature_count != 1 ||
		results.signatures[0].result != AUTH_PASS))
		abort();
	auth_dkim_free(&dkim);
	dns_close(&dns);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct auth_dkim_library *library;
	static struct auth_sign_entry entry = { .selector = SELECTOR,
		.state = AUTH_SIGN_ACTIVE };
	struct span raw = { (const char *)data, size }, body;
	struct region *region = region_new();
	const char *whole, *cut;
	struct message message;

	if (region == NULL)
		exit(1);
	if (library == NULL && auth_dkim_library_new(&library) != STATUS_OK)
		abort();
	if (entry.key == NULL)
		entry.key = open_key();
	message_init(&message, region);
	if (message_parse_header(&message, raw, &body) != STATUS_OK)
		exit(1);
	if (body.data == NULL)
		body = span_of("");
	whole = sign(&entry, &message, body, SIZE_MAX);
	cut = sign(&entry, &message, body, BODY_CHUNK);
	if ((whole == NULL) != (cut == NULL) ||
	    (whole != NULL && strcmp(whole, cut) != 0))
		abort();
	if (whole != NULL && is_comparable(&message, body))
		verify(library, &message, body, whole);
	region_free(&region);
	return 0;
}
