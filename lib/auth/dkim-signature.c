/* dkim-signature - our own reading of a signature (see dkim-signature.h). */
#include "config.h"

#include "lib/auth/dkim-signature.h"

#include <string.h>

#include "lib/auth/dkim-tags.h"
#include "lib/dns/dns.h"
#include "lib/mail/domain.h"

#define KEY_INFIX          "._domainkey."
#define IDENTITY_BYTES_MAX 320       /* 64 @ 255, RFC 5321 section 4.5.3.1 */
#define LENGTH_MAX         INT64_MAX /* of l=, t= and x= */

/* What reading a signature carries along. */
struct reader {
	struct region *region;
	struct auth_dkim_tags tags;
	struct auth_dkim_header *header;
	char *identity; /* i= without white space; "" when absent */
	int64_t now;
};

/* A step refuses with constant words, or returns NULL and goes on. */
typedef const char *(*step_function)(struct reader *reader);

/* The value with its letters folded; "" when absent; NULL: no memory. */
static char *
lower_value(struct reader *reader, const char *name)
{
	struct span value;
	char *text;

	auth_dkim_tags_find(&reader->tags, name, &value);
	text = region_memdup(reader->region, value.data, value.length);
	if (text != NULL)
		ascii_lower_all(text, value.length);
	return text;
}

/* The value without white space; "" when absent; NULL: no memory. */
static char *
bare_value(struct reader *reader, const char *name)
{
	struct span value;

	auth_dkim_tags_find(&reader->tags, name, &value);
	return auth_dkim_tag_text(reader->region, value);
}

/* Bytes that no report may hold become '?'. */
static void
make_printable(char *text)
{
	size_t i;

	for (i = 0; text[i] != '\0'; i++)
		if (!ascii_is_print(text[i]))
			text[i] = '?';
}

/* The names a report needs, valid or not worth showing (""). */
static enum status
fill_names(struct reader *reader)
{
	struct auth_dkim_header *header = reader->header;
	char *domain, *selector, *algorithm;

	domain = lower_value(reader, "d");
	selector = lower_value(reader, "s");
	algorithm = lower_value(reader, "a");
	reader->identity = bare_value(reader, "i");
	header->signature = bare_value(reader, "b");
	if (domain == NULL || selector == NULL || algorithm == NULL ||
	    reader->identity == NULL || header->signature == NULL)
		return STATUS_NOMEM;
	make_printable(algorithm);
	header->domain = domain_is_valid(domain) ? domain : "";
	header->selector = domain_is_valid(selector) ? selector : "";
	header->algorithm = algorithm;
	header->identity = region_printf(reader->region, "@%s", header->domain);
	return header->identity == NULL ? STATUS_NOMEM : STATUS_OK;
}

/* RFC 6376 section 6.1.1: v= is "1", and the required tags are there. */
static const char *
check_required(struct reader *reader)
{
	static const struct {
		const char *name, *missing;
	} required[] = {
		{ "v", "v= is missing" },
		{ "a", "a= is missing" },
		{ "b", "b= is missing or empty" },
		{ "bh", "bh= is missing or empty" },
		{ "d", "d= is missing" },
		{ "h", "h= is missing or empty" },
		{ "s", "s= is missing" },
	};
	struct span value;
	size_t i;

	for (i = 0; i < GP_NELEMS(required); i++) {
		auth_dkim_tags_find(&reader->tags, required[i].name, &value);
		if (value.length == 0)
			return required[i].missing;
	}
	auth_dkim_tags_find(&reader->tags, "v", &value);
	return span_equals(value, "1") ? NULL : "v= is not 1";
}

/* RFC 8301 section 3.1, RFC 8463 section 3. */
static const char *
check_algorithm(struct reader *reader)
{
	const char *algorithm = reader->header->algorithm;

	if (strcmp(algorithm, "rsa-sha256") == 0 ||
	    strcmp(algorithm, "ed25519-sha256") == 0)
		return NULL;
	if (strcmp(algorithm, "rsa-sha1") == 0)
		return "rsa-sha1 is no longer accepted (RFC 8301)";
	return "unknown algorithm in a=";
}

static const char *
check_names(struct reader *reader)
{
	const struct auth_dkim_header *header = reader->header;

	if (header->domain[0] == '\0')
		return "d= is not a domain name";
	if (header->selector[0] == '\0')
		return "s= is not a selector";
	if (strlen(header->domain) + strlen(header->selector) +
		strlen(KEY_INFIX) >=
	    DNS_NAME_BYTES)
		return "s= and d= are too long for a DNS name";
	return NULL;
}

static bool
canonicalization_is_known(struct span name)
{
	return span_equals_nocase(name, "simple") ||
	    span_equals_nocase(name, "relaxed");
}

/* c= is header or header/body; both are "simple" when left out. */
static const char *
check_canonicalization(struct reader *reader)
{
	struct span body, header;

	if (!auth_dkim_tags_find(&reader->tags, "c", &body))
		return NULL;
	(void)span_split(&body, '/', &header);
	if (!canonicalization_is_known(header) ||
	    (body.data != NULL && !canonicalization_is_known(body)))
		return "unknown canonicalization in c=";
	reader->header->body_relaxed = span_equals_nocase(body, "relaxed");
	return NULL;
}

/* RFC 6376 section 5.4: From is always signed. */
static const char *
check_signed_fields(struct reader *reader)
{
	struct span value;

	auth_dkim_tags_find(&reader->tags, "h", &value);
	if (value.length > AUTH_DKIM_H_BYTES_MAX)
		return "h= is too long";
	reader->header->from_count = auth_dkim_list_count(value, "from");
	return reader->header->from_count > 0 ? NULL : "From is not signed";
}

static const char *
check_query(struct reader *reader)
{
	struct span value;

	if (auth_dkim_tags_find(&reader->tags, "q", &value) &&
	    !auth_dkim_list_has(value, "dns/txt"))
		return "no known query method in q=";
	return NULL;
}

static const char *
check_length(struct reader *reader)
{
	struct auth_dkim_header *header = reader->header;
	struct span value;

	header->has_length = auth_dkim_tags_find(&reader->tags, "l", &value);
	if (header->has_length &&
	    str_to_uint64(value, LENGTH_MAX, &header->length) != STATUS_OK)
		return "l= is not a number";
	return NULL;
}

/* *number_r stays -1 when the tag is absent. */
static bool
read_time(struct reader *reader, const char *name, int64_t *time_r)
{
	struct span value;
	uint64_t number;

	*time_r = -1;
	if (!auth_dkim_tags_find(&reader->tags, name, &value))
		return true;
	if (str_to_uint64(value, LENGTH_MAX, &number) != STATUS_OK)
		return false;
	*time_r = (int64_t)number;
	return true;
}

static const char *
check_times(struct reader *reader)
{
	int64_t signed_at, expires_at;

	if (!read_time(reader, "t", &signed_at))
		return "t= is not a number";
	if (!read_time(reader, "x", &expires_at))
		return "x= is not a number";
	if (signed_at != -1 && expires_at != -1 && expires_at <= signed_at)
		return "x= is not later than t=";
	if (signed_at > reader->now + AUTH_DKIM_CLOCK_SKEW_SECONDS)
		return "signed in the future";
	if (expires_at != -1 &&
	    expires_at < reader->now - AUTH_DKIM_CLOCK_SKEW_SECONDS)
		return "signature expired";
	if ((signed_at != -1 && signed_at < AUTH_DKIM_TIME_MIN) ||
	    (expires_at != -1 && expires_at < AUTH_DKIM_TIME_MIN))
		return "t= or x= lies before DKIM existed";
	return NULL;
}

static int
hex_digit(char c)
{
	if (ascii_is_digit(c))
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* dkim-quoted-printable (section 2.11), in place; false: broken "=XX". */
static bool
decode_quoted(char *text)
{
	size_t from, to = 0;
	int high, low;

	for (from = 0; text[from] != '\0'; from++) {
		if (text[from] != '=') {
			text[to++] = text[from];
			continue;
		}
		if ((high = hex_digit(text[from + 1])) < 0 ||
		    (low = hex_digit(text[from + 2])) < 0)
			return false;
		text[to++] = (char)(high * 16 + low);
		from += 2;
	}
	text[to] = '\0';
	return true;
}

/* i= is d= or a subdomain of it, behind an "@" (section 3.5). */
static const char *
check_identity(struct reader *reader)
{
	struct auth_dkim_header *header = reader->header;
	struct span value;
	char *at;

	header->identity_is_domain = true;
	if (!auth_dkim_tags_find(&reader->tags, "i", &value))
		return NULL;
	if (!decode_quoted(reader->identity) ||
	    strlen(reader->identity) > IDENTITY_BYTES_MAX ||
	    (at = strrchr(reader->identity, '@')) == NULL)
		return "i= is not an identity";
	ascii_lower_all(at + 1, strlen(at + 1));
	if (!domain_is_valid(at + 1))
		return "i= is not an identity";
	if (!domain_is_within(at + 1, header->domain))
		return "i= is outside of d=";
	header->identity_is_domain = strcmp(at + 1, header->domain) == 0;
	make_printable(reader->identity);
	header->identity = reader->identity;
	return NULL;
}

static const step_function steps[] = {
	check_required,
	check_algorithm,
	check_names,
	check_canonicalization,
	check_signed_fields,
	check_query,
	check_length,
	check_times,
	check_identity,
};

static enum status
run_steps(struct reader *reader)
{
	struct auth_dkim_header *header = reader->header;
	size_t i;

	for (i = 0; i < GP_NELEMS(steps) && header->reason == NULL; i++)
		header->reason = steps[i](reader);
	if (header->reason != NULL) {
		header->result = AUTH_PERMERROR;
		return STATUS_OK;
	}
	header->key_name = region_printf(reader->region, "%s" KEY_INFIX "%s",
	    header->selector, header->domain);
	return header->key_name == NULL ? STATUS_NOMEM : STATUS_OK;
}

enum status
auth_dkim_header_read(struct region *region, struct span value, int64_t now,
    struct auth_dkim_header *header_r)
{
	struct reader reader = { .region = region, .now = now };
	const char *fault;

	memset(header_r, 0, sizeof(*header_r));
	reader.header = header_r;
	if (value.length > AUTH_DKIM_SIGNATURE_BYTES_MAX)
		fault = "the field is too long";
	else if (auth_dkim_tags_read(value, &reader.tags, &fault) == STATUS_OK)
		fault = NULL;
	if (fill_names(&reader) != STATUS_OK)
		return STATUS_NOMEM;
	if (fault == NULL)
		return run_steps(&reader);
	header_r->result = AUTH_PERMERROR;
	header_r->reason =
	    region_printf(region, "malformed signature: %s", fault);
	return header_r->reason == NULL ? STATUS_NOMEM : STATUS_OK;
}
