/*
 * fuzz-authres - the input as an Authentication-Results field.
 *
 * What must hold of any field: if it can be read, writing and reading it again
 * gives the same; what is written has no line over 998 bytes, no byte that was
 * not put there by us, and claims its own authserv-id.  What must hold of any
 * text: as a value and a reason it can be written, and read again.
 */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/auth/authres-private.h"

#define LINE_MAX_BYTES  998   /* RFC 5322 section 2.1.1 */
#define INPUT_MAX_BYTES 16384 /* what it makes stays under the field's limit */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool holds)
{
	if (!holds)
		abort();
}

static bool
texts_equal(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return strcmp(a, b) == 0;
}

static void
must_equal_results(
    const struct authres_result *a, const struct authres_result *b)
{
	size_t i;

	must(texts_equal(a->method, b->method));
	must(texts_equal(a->result, b->result));
	must(texts_equal(a->reason, b->reason));
	must(a->version == b->version);
	must(a->property_count == b->property_count);
	for (i = 0; i < a->property_count; i++) {
		must(texts_equal(
		    a->properties[i].ptype, b->properties[i].ptype));
		must(texts_equal(
		    a->properties[i].property, b->properties[i].property));
		must(texts_equal(
		    a->properties[i].value, b->properties[i].value));
	}
}

static void
must_equal(const struct authres *a, const struct authres *b)
{
	size_t i;

	must(texts_equal(a->authserv_id, b->authserv_id));
	must(a->version == b->version);
	must(a->result_count == b->result_count);
	for (i = 0; i < a->result_count; i++)
		must_equal_results(&a->results[i], &b->results[i]);
}

static void
must_be_clean(const char *written)
{
	size_t line = 0;

	for (; *written != '\0'; written++) {
		line = *written == '\n' ? 0 : line + 1;
		must(line < LINE_MAX_BYTES);
		if (*written == '\n')
			must(written[1] == '\t');
		else if (*written == '\t')
			must(line == 1);
		else
			must((unsigned char)*written >= 0x20 &&
			    *written != 0x7f);
	}
}

/* Writes, reads again and compares with what it says. */
static void
check_written(struct region *region, const struct authres *authres,
    const struct authres *expected)
{
	struct span id = span_of(authres->authserv_id);
	struct authres *again;
	const char *written;

	must(authres_write(region, authres, &written) == STATUS_OK);
	must_be_clean(written);
	must(authres_parse(region, span_of(written), &again) == STATUS_OK);
	if (expected != NULL)
		must_equal(again, expected);
	if (authres_match_domain(id) == id.length)
		must(authres_claims(span_of(written), authres->authserv_id));
}

static void
check_any_text(struct region *region, const char *text)
{
	struct authres_property property = { "smtp", "mailfrom", text };
	struct authres_result result = { "spf", 1, "pass", text, 1, &property };
	struct authres authres = { "mx.example.com", 1, 1, &result };

	check_written(region, &authres, NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span value = { (const char *)data, size };
	struct region *region;
	struct authres *authres;
	struct span id;

	if (size > INPUT_MAX_BYTES)
		return 0;
	if ((region = region_new()) == NULL)
		exit(1);
	(void)authres_claims(value, "mx.example.com");
	if (authres_parse(region, value, &authres) == STATUS_OK) {
		check_written(region, authres, authres);
		id = span_of(authres->authserv_id);
		if (authres_match_domain(id) == id.length)
			must(authres_claims(value, authres->authserv_id));
	}
	check_any_text(region, region_memdup(region, data, size));
	region_free(&region);
	return 0;
}
