/*
 * dmarc-driver - runs DMARC cases for test_dmarc.py.
 *
 * Standard input: one JSON object a line, of one of two kinds.
 *   {"zone": {"txt": [[name, text]...], "names": [name that exists...],
 *             "faults": [[name, "timeout"|"servfail"|"bogus"]...]},
 *    "from": value of a From field in hex,
 *    "identifiers": [{"method": "spf"|"dkim", "domain", "temporary"}...]}
 *   {"record": text of a record}
 * Standard output: one JSON object a line; for the first kind the result and
 * the From domains, the broken pieces of From and the names that the walk of
 * the first domain asks; for the second kind what the record says, or null.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "lib/auth/dmarc-record.h"
#include "lib/auth/dmarc-walk.h"
#include "lib/auth/dmarc.h"
#include "lib/base/clock.h"
#include "lib/dns/zone.h"
#include "lib/mail/address.h"

#define DEADLINE_MS     2000
#define IDENTIFIERS_MAX 20

static void
die(const char *what, const char *detail)
{
	fprintf(stderr, "dmarc-driver: %s: %s\n", what, detail);
	exit(2);
}

static void
must(enum status status, const char *what)
{
	if (status != STATUS_OK)
		die(what, status_text(status));
}

static const char *
text_of(json_t *value)
{
	const char *text = json_string_value(value);

	return text == NULL ? "" : text;
}

static enum dns_result
fault_of(const char *text)
{
	if (strcmp(text, "timeout") == 0)
		return DNS_TIMEOUT;
	if (strcmp(text, "bogus") == 0)
		return DNS_BOGUS;
	if (strcmp(text, "servfail") != 0)
		die("fault", text);
	return DNS_SERVFAIL;
}

static void
add_name(struct dns_zone *zone, const char *name)
{
	char line[400];
	int length;

	length = snprintf(line, sizeof(line), "%s. 60 IN A 192.0.2.1", name);
	if (length < 0 || (size_t)length >= sizeof(line))
		die("name", name);
	must(dns_zone_add_line(zone, line), name);
}

static struct dns *
open_zone(json_t *data)
{
	struct dns_zone *zone = dns_zone_new();
	json_t *item;
	struct dns *dns;
	size_t i;

	if (zone == NULL)
		die("memory", "zone");
	json_array_foreach(json_object_get(data, "names"), i, item)
	    add_name(zone, text_of(item));
	json_array_foreach(json_object_get(data, "txt"), i, item)
	{
		const char *text = text_of(json_array_get(item, 1));

		must(dns_zone_add_txt(zone, text_of(json_array_get(item, 0)),
			 text, strlen(text)),
		    "TXT record");
	}
	json_array_foreach(json_object_get(data, "faults"), i, item)
	    must(dns_zone_add_fault(zone, text_of(json_array_get(item, 0)), 0,
		     fault_of(text_of(json_array_get(item, 1)))),
		"fault");
	must(dns_open_zone(&zone, &dns), "dns");
	return dns;
}

static unsigned int
nibble(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c != '\0' ? strchr(digits, c) : NULL;

	if (at == NULL)
		die("hex", "From");
	return (unsigned int)(at - digits);
}

/* The addresses of a From value in hex. */
static struct address *
read_from(
    struct region *region, const char *hex, size_t *count_r, size_t *broken_r)
{
	size_t i, length = strlen(hex) / 2;
	char *bytes = region_alloc(region, length + 1);
	struct address *addresses;
	struct span value = { bytes, length };
	enum status status;

	if (bytes == NULL)
		die("memory", "From");
	for (i = 0; i < length; i++)
		bytes[i] =
		    (char)(nibble(hex[2 * i]) << 4 | nibble(hex[2 * i + 1]));
	status =
	    address_parse_list(region, value, &addresses, count_r, broken_r);
	if (status != STATUS_LIMIT)
		must(status, "From");
	return addresses;
}

static size_t
read_identifiers(json_t *list, struct auth_dmarc_identifier *identifiers)
{
	json_t *item;
	size_t i;

	if (json_array_size(list) > IDENTIFIERS_MAX)
		die("identifiers", "too many");
	json_array_foreach(list, i, item)
	{
		identifiers[i].domain =
		    text_of(json_object_get(item, "domain"));
		identifiers[i].is_spf =
		    strcmp(text_of(json_object_get(item, "method")), "spf") ==
		    0;
		identifiers[i].temporary =
		    json_is_true(json_object_get(item, "temporary"));
	}
	return json_array_size(list);
}

static json_t *
result_json(const struct auth_dmarc_result *result)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s?, s:b, s:b, s:b}",
	    "result", auth_result_text(result->result), "policy",
	    dmarc_policy_text(result->policy), "disposition",
	    dmarc_policy_text(result->disposition), "author_domain",
	    result->author_domain, "organizational_domain",
	    result->organizational_domain, "policy_domain",
	    result->policy_domain, "reason", result->reason, "testing",
	    result->testing, "spf_aligned", result->spf_aligned, "dkim_aligned",
	    result->dkim_aligned);
}

static void
add_from(json_t *out, const char *const *domains, size_t count, size_t broken)
{
	const char *names[DMARC_QUERIES_MAX];
	json_t *author_domains = json_array(), *walk = json_array();
	size_t i, name_count;

	for (i = 0; i < count; i++)
		json_array_append_new(author_domains, json_string(domains[i]));
	name_count = count > 0 ? dmarc_walk_names(domains[0], names) : 0;
	for (i = 0; i < name_count; i++)
		json_array_append_new(walk, json_string(names[i]));
	json_object_set_new(out, "author_domains", author_domains);
	json_object_set_new(out, "broken", json_integer((json_int_t)broken));
	json_object_set_new(out, "walk", walk);
}

static json_t *
run_case(json_t *input)
{
	struct auth_dmarc_identifier identifiers[IDENTIFIERS_MAX];
	const char *domains[ADDRESS_MAX];
	struct region *region = region_new();
	struct dns *dns = open_zone(json_object_get(input, "zone"));
	struct auth_dmarc_result result;
	struct address *addresses;
	struct auth_dmarc *dmarc;
	size_t i, count, broken, identifier_count;
	json_t *out;

	if (region == NULL)
		die("memory", "region");
	addresses = read_from(
	    region, text_of(json_object_get(input, "from")), &count, &broken);
	for (i = 0; i < count; i++)
		domains[i] = addresses[i].domain;
	identifier_count = read_identifiers(
	    json_object_get(input, "identifiers"), identifiers);
	must(auth_dmarc_start(region, dns, domains, count,
		 clock_now_ms() + DEADLINE_MS, &dmarc),
	    "start");
	must(auth_dmarc_finish(dmarc, identifiers, identifier_count, &result),
	    "finish");
	out = result_json(&result);
	add_from(out, domains, count, broken);
	auth_dmarc_free(&dmarc);
	dns_close(&dns);
	region_free(&region);
	return out;
}

static json_t *
run_record(const char *text)
{
	struct dmarc_record record;

	if (dmarc_record_parse(span_of(text), &record) != STATUS_OK)
		return json_null();
	return json_pack("{s:b, s:s, s:s, s:s, s:b, s:b, s:b, s:s%}", "applies",
	    record.applies, "p", dmarc_policy_text(record.domain_policy), "sp",
	    dmarc_policy_text(record.subdomain_policy), "np",
	    dmarc_policy_text(record.nonexistent_policy), "dkim_strict",
	    record.dkim_strict, "spf_strict", record.spf_strict, "testing",
	    record.testing, "rua", record.rua.data, record.rua.length);
}

static void
run_line(const char *line)
{
	json_error_t error;
	json_t *input, *record, *out;

	if ((input = json_loads(line, 0, &error)) == NULL)
		die("JSON", error.text);
	record = json_object_get(input, "record");
	out = record != NULL ? run_record(text_of(record)) : run_case(input);
	if (out == NULL ||
	    json_dumpf(out, stdout, JSON_COMPACT | JSON_ENCODE_ANY) != 0)
		die("output", line);
	putchar('\n');
	json_decref(out);
	json_decref(input);
}

int
main(void)
{
	char *line = NULL;
	size_t size = 0;

	while (getline(&line, &size, stdin) > 0)
		run_line(line);
	free(line);
	return 0;
}
