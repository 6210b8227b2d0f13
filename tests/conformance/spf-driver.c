/*
 * spf-driver - runs SPF cases for test_spf.py.
 *
 * Standard input: one JSON object a line,
 *   {"zone": {"lines": [record...], "txt": [[name, hex]...],
 *             "faults": [[name, type, result]...]},
 *    "cases": [{"helo", "ip", "sender", "receiver"}...]}
 * Standard output: one line for each, a JSON array of
 *   {"result", "explanation", "reason", "lookups", "voids", "questions"}.
 * A record in presentation form that the zone refuses ends the program.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "lib/auth/spf.h"
#include "lib/base/clock.h"
#include "lib/dns/zone.h"

#define DEADLINE_MS 20000 /* RFC 7208 section 4.6.4 */

static void
die(const char *what, const char *detail)
{
	fprintf(stderr, "spf-driver: %s: %s\n", what, detail);
	exit(2);
}

static const char *
text_of(json_t *value)
{
	const char *text = json_string_value(value);

	return text == NULL ? "" : text;
}

static int
nibble(char c)
{
	const char *digits = "0123456789abcdef", *at = strchr(digits, c);

	return at == NULL || c == '\0' ? 0 : (int)(at - digits);
}

static void
add_txt(struct dns_zone *zone, const char *name, const char *hex)
{
	size_t i, length = strlen(hex) / 2;
	unsigned char *text = malloc(length + 1);

	if (text == NULL)
		die("memory", name);
	for (i = 0; i < length; i++)
		text[i] = (unsigned char)(nibble(hex[2 * i]) << 4 |
		    nibble(hex[2 * i + 1]));
	if (dns_zone_add_txt(zone, name, text, length) != STATUS_OK)
		die("TXT record", name);
	free(text);
}

static enum dns_type
type_of(const char *text)
{
	static const struct {
		const char *text;
		enum dns_type type;
	} types[] = {
		{ "A", DNS_TYPE_A },
		{ "AAAA", DNS_TYPE_AAAA },
		{ "MX", DNS_TYPE_MX },
		{ "PTR", DNS_TYPE_PTR },
		{ "TXT", DNS_TYPE_TXT },
	};

	size_t i;

	for (i = 0; i < GP_NELEMS(types); i++)
		if (strcmp(text, types[i].text) == 0)
			return types[i].type;
	die("type", text);
	return DNS_TYPE_A;
}

static void
add_fault(struct dns_zone *zone, json_t *fault)
{
	const char *name = text_of(json_array_get(fault, 0));
	const char *result = text_of(json_array_get(fault, 2));

	if (dns_zone_add_fault(zone, name,
		type_of(text_of(json_array_get(fault, 1))),
		strcmp(result, "timeout") == 0 ? DNS_TIMEOUT : DNS_SERVFAIL) !=
	    STATUS_OK)
		die("fault", name);
}

static struct dns *
open_zone(json_t *data)
{
	struct dns_zone *zone = dns_zone_new();
	struct dns *dns;
	json_t *item;
	size_t i;

	if (zone == NULL)
		die("memory", "zone");
	json_array_foreach(json_object_get(data, "lines"), i,
	    item) if (dns_zone_add_line(zone, text_of(item)) != STATUS_OK)
	    die("record", text_of(item));
	json_array_foreach(json_object_get(data, "txt"), i, item) add_txt(zone,
	    text_of(json_array_get(item, 0)), text_of(json_array_get(item, 1)));
	json_array_foreach(json_object_get(data, "faults"), i, item)
	    add_fault(zone, item);
	if (dns_open_zone(&zone, &dns) != STATUS_OK)
		die("memory", "dns");
	return dns;
}

static json_t *
run_case(struct dns *dns, json_t *item)
{
	struct auth_spf_request request = { .dns = dns };
	struct auth_spf_result result;
	struct region *region = region_new();
	uint64_t before = dns_questions_asked(dns);
	json_t *out;

	request.helo = text_of(json_object_get(item, "helo"));
	request.sender = text_of(json_object_get(item, "sender"));
	request.receiver = text_of(json_object_get(item, "receiver"));
	request.deadline_ms = clock_now_ms() + DEADLINE_MS;
	request.want_explanation = true;
	if (ip_parse(text_of(json_object_get(item, "ip")),
		&request.client_ip) != STATUS_OK)
		die("address", text_of(json_object_get(item, "ip")));
	if (region == NULL ||
	    auth_spf_check(region, &request, &result) != STATUS_OK)
		die("memory", request.sender);
	out = json_pack("{s:s, s:s?, s:s?, s:i, s:i, s:I}", "result",
	    auth_result_text(result.result), "explanation", result.explanation,
	    "reason", result.reason, "lookups", (int)result.lookup_count,
	    "voids", (int)result.void_lookup_count, "questions",
	    (json_int_t)(dns_questions_asked(dns) - before));
	region_free(&region);
	return out;
}

static void
run_scenario(const char *line)
{
	json_error_t error;
	json_t *scenario, *item, *results = json_array();
	struct dns *dns;
	size_t i;

	scenario = json_loads(line, JSON_ALLOW_NUL, &error);
	if (scenario == NULL)
		die("JSON", error.text);
	dns = open_zone(json_object_get(scenario, "zone"));
	json_array_foreach(json_object_get(scenario, "cases"), i, item)
	    json_array_append_new(results, run_case(dns, item));
	json_dumpf(results, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(results);
	json_decref(scenario);
	dns_close(&dns);
}

int
main(void)
{
	char *line = NULL;
	size_t size = 0;

	while (getline(&line, &size, stdin) > 0)
		run_scenario(line);
	free(line);
	return 0;
}
