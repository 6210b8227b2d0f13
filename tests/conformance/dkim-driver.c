/*
 * dkim-driver - verifies message files by lib/auth/dkim for test_dkim.py.
 *
 * Reads one JSON object from standard input:
 *   zone      {name: [text, ...]}     TXT records
 *   faults    {name: "timeout" | "servfail" | "bogus"}
 *   now       seconds of wall time (0: the clock)
 *   chunk     body bytes a call (0: all at once)
 *   messages  [path, ...]             line ends are made CRLF
 * Writes an array with an object for each message: path, ignored, signatures.
 */
#include "config.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "lib/auth/dkim.h"
#include "lib/base/clock.h"
#include "lib/dns/zone.h"

#define FILE_BYTES_MAX (64 * 1024 * 1024)
#define DEADLINE_MS    5000

static struct dns *
open_zone(json_t *zone_json, json_t *faults)
{
	static const struct {
		const char *name;
		enum dns_result result;
	} results[] = {
		{ "timeout", DNS_TIMEOUT },
		{ "servfail", DNS_SERVFAIL },
		{ "bogus", DNS_BOGUS },
	};
	struct dns_zone *zone = dns_zone_new();
	struct dns *dns;
	const char *name;
	json_t *list, *text;
	size_t i;

	if (zone == NULL)
		errx(1, "out of memory");
	json_object_foreach(zone_json, name, list)
	{
		json_array_foreach(list, i, text)
		{
			if (dns_zone_add_txt(zone, name,
				json_string_value(text),
				json_string_length(text)) != STATUS_OK)
				errx(1, "%s: cannot add TXT", name);
		}
	}
	json_object_foreach(faults, name, text)
	{
		for (i = 0; i < GP_NELEMS(results); i++)
			if (strcmp(json_string_value(text), results[i].name) ==
				0 &&
			    dns_zone_add_fault(zone, name, DNS_TYPE_TXT,
				results[i].result) != STATUS_OK)
				errx(1, "%s: cannot add fault", name);
	}
	if (dns_open_zone(&zone, &dns) != STATUS_OK)
		errx(1, "cannot open zone");
	return dns;
}

/* The file with each bare LF made CRLF; free() it. */
static char *
read_message(const char *path, size_t *length_r)
{
	FILE *file;
	char *data, *text;
	size_t length, i, at = 0;
	long size;

	if ((file = fopen(path, "rb")) == NULL ||
	    fseek(file, 0, SEEK_END) != 0 || (size = ftell(file)) < 0)
		err(1, "%s", path);
	rewind(file);
	if (size > FILE_BYTES_MAX || (data = malloc((size_t)size + 1)) == NULL)
		errx(1, "%s: too large", path);
	length = fread(data, 1, (size_t)size, file);
	fclose(file);
	if ((text = malloc(2 * length + 1)) == NULL)
		errx(1, "out of memory");
	for (i = 0; i < length; i++) {
		if (data[i] == '\n' && (i == 0 || data[i - 1] != '\r'))
			text[at++] = '\r';
		text[at++] = data[i];
	}
	free(data);
	*length_r = at;
	return text;
}

static void
feed_body(struct auth_dkim *dkim, struct span body, size_t chunk)
{
	size_t length;

	while (body.length > 0) {
		length =
		    chunk == 0 || chunk > body.length ? body.length : chunk;
		if (auth_dkim_body(dkim, body.data, length) != STATUS_OK)
			errx(1, "auth_dkim_body failed");
		body.data += length;
		body.length -= length;
	}
}

static json_t *
signature_json(const struct auth_dkim_signature *signature)
{
	return json_pack("{ss, ss, ss, ss, ss, ss, ss?, si, sb, sb, sI}",
	    "result", auth_result_text(signature->result), "d",
	    signature->domain, "s", signature->selector, "a",
	    signature->algorithm, "i", signature->identity, "b",
	    signature->b_prefix, "reason", signature->reason, "bits",
	    (int)signature->key_bits, "testing", (int)signature->testing,
	    "secure", (int)signature->secure, "unsigned",
	    (json_int_t)signature->unsigned_body_bytes);
}

static json_t *
verify(struct auth_dkim_library *library, struct dns *dns, json_t *job,
    const char *path)
{
	struct region *region = region_new();
	struct auth_dkim_results results;
	struct message message;
	struct auth_dkim *dkim;
	struct span raw, body;
	json_t *list = json_array();
	char *text;
	size_t i;

	raw.data = text = read_message(path, &raw.length);
	message_init(&message, region);
	if (message_parse_header(&message, raw, &body) != STATUS_OK ||
	    auth_dkim_new(library, region, dns,
		json_integer_value(json_object_get(job, "now")),
		&dkim) != STATUS_OK ||
	    auth_dkim_headers(dkim, &message, clock_now_ms() + DEADLINE_MS) !=
		STATUS_OK)
		errx(1, "%s: cannot start", path);
	feed_body(dkim, body,
	    (size_t)json_integer_value(json_object_get(job, "chunk")));
	if (auth_dkim_finish(dkim, &results) != STATUS_OK)
		errx(1, "%s: auth_dkim_finish failed", path);
	for (i = 0; i < results.signature_count; i++)
		json_array_append_new(
		    list, signature_json(&results.signatures[i]));
	auth_dkim_free(&dkim);
	region_free(&region);
	free(text);
	return json_pack("{ss, si, so}", "path", path, "ignored",
	    (int)results.ignored_count, "signatures", list);
}

int
main(void)
{
	struct auth_dkim_library *library;
	struct dns *dns;
	json_t *job, *message, *out = json_array();
	json_error_t error;
	size_t i;

	if ((job = json_loadf(stdin, 0, &error)) == NULL)
		errx(2, "line %d: %s", error.line, error.text);
	if (auth_dkim_library_new(&library) != STATUS_OK)
		errx(1, "libopendkim cannot be used");
	dns = open_zone(
	    json_object_get(job, "zone"), json_object_get(job, "faults"));
	json_array_foreach(json_object_get(job, "messages"), i, message)
	    json_array_append_new(
		out, verify(library, dns, job, json_string_value(message)));
	if (json_dumpf(out, stdout, JSON_INDENT(1)) != 0)
		errx(1, "cannot write");
	json_decref(out);
	json_decref(job);
	dns_close(&dns);
	auth_dkim_library_free(&library);
	return 0;
}
