/*
 * authres-driver - parses and writes fields for test_authres.py.
 *
 * Standard input: one JSON object a line,
 *   {"value": value of an Authentication-Results field, "id": authserv-id}
 * Standard output: one JSON object a line: {"claims": whether the field claims
 * the id, "parsed": the field or null, "written": the value written from it,
 * "again": what is parsed from that}.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "lib/auth/authres.h"

static void
die(const char *what, const char *detail)
{
	fprintf(stderr, "authres-driver: %s: %s\n", what, detail);
	exit(2);
}

static json_t *
must_json(json_t *json)
{
	if (json == NULL)
		die("JSON", "out of memory, or not UTF-8");
	return json;
}

static json_t *
result_json(const struct authres_result *result)
{
	json_t *properties = must_json(json_array());
	const struct authres_property *property;
	size_t i;

	for (i = 0; i < result->property_count; i++) {
		property = &result->properties[i];
		json_array_append_new(properties,
		    must_json(json_pack("[s, s, s]", property->ptype,
			property->property, property->value)));
	}
	return must_json(
	    json_pack("{s:s, s:i, s:s, s:s?, s:o}", "method", result->method,
		"version", (int)result->version, "result", result->result,
		"reason", result->reason, "properties", properties));
}

static json_t *
authres_json(const struct authres *authres)
{
	json_t *results = must_json(json_array());
	size_t i;

	for (i = 0; i < authres->result_count; i++)
		json_array_append_new(
		    results, result_json(&authres->results[i]));
	return must_json(
	    json_pack("{s:s, s:i, s:o}", "authserv_id", authres->authserv_id,
		"version", (int)authres->version, "results", results));
}

/* NULL: refused. */
static struct authres *
parse(struct region *region, struct span value)
{
	struct authres *authres;
	enum status status = authres_parse(region, value, &authres);

	if (status != STATUS_OK && status != STATUS_INVALID)
		die("parse", status_text(status));
	return authres;
}

static void
add_round_trip(
    json_t *out, struct region *region, const struct authres *authres)
{
	const char *written;
	enum status status = authres_write(region, authres, &written);

	if (status != STATUS_OK)
		die("write", status_text(status));
	json_object_set_new(out, "parsed", authres_json(authres));
	json_object_set_new(out, "written", must_json(json_string(written)));
	if ((authres = parse(region, span_of(written))) != NULL)
		json_object_set_new(out, "again", authres_json(authres));
}

static void
run_line(const char *line)
{
	struct region *region = region_new();
	const struct authres *authres;
	const char *id = "";
	struct span value;
	json_error_t error;
	json_t *input, *out;

	if (region == NULL || (input = json_loads(line, 0, &error)) == NULL)
		die("input", region == NULL ? "out of memory" : error.text);
	if (json_unpack_ex(input, &error, 0, "{s:s%, s:s}", "value",
		&value.data, &value.length, "id", &id) != 0)
		die("input", error.text);
	out = must_json(json_pack("{s:b, s:n, s:n, s:n}", "claims",
	    authres_claims(value, id), "parsed", "written", "again"));
	if ((authres = parse(region, value)) != NULL)
		add_round_trip(out, region, authres);
	if (json_dumpf(out, stdout, JSON_COMPACT) != 0)
		die("output", line);
	putchar('\n');
	json_decref(out);
	json_decref(input);
	region_free(&region);
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
