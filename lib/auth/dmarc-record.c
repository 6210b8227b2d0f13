/* dmarc-record - the DMARC policy record (see dmarc-record.h). */
#include "config.h"

#include "lib/auth/dmarc-record.h"

#include <stddef.h>
#include <string.h>

#define URI_SCHEME_BYTES_MAX 32 /* longer schemes are not registered */

/* The tags that mean something (RFC 9989 table 2). */
enum tag {
	TAG_P,
	TAG_SP,
	TAG_NP,
	TAG_ADKIM,
	TAG_ASPF,
	TAG_PSD,
	TAG_T,
	TAG_FO,
	TAG_RUA,
	TAG_RUF,
	TAG_COUNT
};

static const char *const tag_names[TAG_COUNT] = {
	[TAG_P] = "p",
	[TAG_SP] = "sp",
	[TAG_NP] = "np",
	[TAG_ADKIM] = "adkim",
	[TAG_ASPF] = "aspf",
	[TAG_PSD] = "psd",
	[TAG_T] = "t",
	[TAG_FO] = "fo",
	[TAG_RUA] = "rua",
	[TAG_RUF] = "ruf",
};

struct tag_value {
	unsigned int count; /* occurrences in the record */
	struct span value;  /* the last one, trimmed; data NULL: syntax error */
};

/* WSP of RFC 5234 is less than white space of header fields. */
static struct span
trim_wsp(struct span span)
{
	while (span.length > 0 && (*span.data == ' ' || *span.data == '\t')) {
		span.data++;
		span.length--;
	}
	while (span.length > 0 &&
	    (span.data[span.length - 1] == ' ' ||
		span.data[span.length - 1] == '\t'))
		span.length--;
	return span;
}

/* dmarc-value: one or more printing ASCII bytes and blanks. */
static bool
is_value(struct span value)
{
	size_t i;

	for (i = 0; i < value.length; i++) {
		if (!ascii_is_print((unsigned char)value.data[i]))
			return false;
	}
	return value.length > 0;
}

/* Cuts "name = value" in two; false when there is no '='. */
static bool
split_tag(struct span piece, struct span *name_r, struct span *value_r)
{
	const char *equals;

	if (piece.length == 0 ||
	    (equals = memchr(piece.data, '=', piece.length)) == NULL)
		return false;
	name_r->data = piece.data;
	name_r->length = (size_t)(equals - piece.data);
	value_r->data = equals + 1;
	value_r->length = piece.length - name_r->length - 1;
	*name_r = trim_wsp(*name_r);
	*value_r = trim_wsp(*value_r);
	return true;
}

/* dmarc-version: nothing before it, and case matters in the value. */
static bool
is_version(struct span piece)
{
	struct span name, value;

	return piece.length > 0 && ascii_lower(piece.data[0]) == 'v' &&
	    split_tag(piece, &name, &value) && span_equals_nocase(name, "v") &&
	    span_equals(value, "DMARC1");
}

static void
note_tag(struct tag_value values[TAG_COUNT], struct span piece)
{
	struct span name, value;
	size_t i;

	if (!split_tag(piece, &name, &value))
		return;
	for (i = 0; i < TAG_COUNT; i++) {
		if (!span_equals_nocase(name, tag_names[i]))
			continue;
		values[i].count++;
		values[i].value = value;
		if (!is_value(value))
			values[i].value.data = NULL;
		return;
	}
}

/* Present once and well formed. */
static bool
has_value(const struct tag_value *tag)
{
	return tag->count == 1 && tag->value.data != NULL;
}

static bool
read_policy(const struct tag_value *tag, enum dmarc_policy *policy_r)
{
	enum dmarc_policy policy;

	if (!has_value(tag))
		return false;
	for (policy = DMARC_POLICY_NONE; policy <= DMARC_POLICY_REJECT;
	     policy++) {
		if (!span_equals_nocase(tag->value, dmarc_policy_text(policy)))
			continue;
		*policy_r = policy;
		return true;
	}
	return false;
}

static bool
has_word(const struct tag_value *tag, const char *word)
{
	return has_value(tag) && span_equals_nocase(tag->value, word);
}

static enum dmarc_psd
read_psd(const struct tag_value *tag)
{
	if (has_word(tag, "y"))
		return DMARC_PSD_YES;
	return has_word(tag, "n") ? DMARC_PSD_NO : DMARC_PSD_UNKNOWN;
}

/* One word of fo=, or 0. */
static unsigned int
failure_option(struct span word)
{
	static const struct {
		const char *word;
		enum dmarc_fo option;
	} options[] = {
		{ "0", DMARC_FO_ALL_FAIL },
		{ "1", DMARC_FO_ANY_FAIL },
		{ "d", DMARC_FO_DKIM },
		{ "s", DMARC_FO_SPF },
	};

	size_t i;

	for (i = 0; i < GP_NELEMS(options); i++) {
		if (span_equals_nocase(word, options[i].word))
			return options[i].option;
	}
	return 0;
}

/* dmarc-fo: each word at most once, not "0" and "1" together. */
static unsigned int
read_failure_options(const struct tag_value *tag)
{
	unsigned int options = 0, option;
	struct span rest, word;

	if (!has_value(tag))
		return DMARC_FO_ALL_FAIL;
	rest = tag->value;
	while (span_split(&rest, ':', &word)) {
		option = failure_option(trim_wsp(word));
		if (option == 0 || (options & option) != 0)
			return DMARC_FO_ALL_FAIL;
		options |= option;
	}
	if ((options & DMARC_FO_ALL_FAIL) && (options & DMARC_FO_ANY_FAIL))
		return DMARC_FO_ALL_FAIL;
	return options;
}

/* The length of "scheme:" in front, or 0 (RFC 3986 section 3.1). */
static size_t
uri_scheme_length(struct span uri)
{
	size_t i;

	for (i = 0; i < uri.length && i < URI_SCHEME_BYTES_MAX; i++) {
		int c = (unsigned char)uri.data[i];

		if (c == ':')
			return i > 0 ? i + 1 : 0;
		if (!ascii_is_alpha(c) &&
		    (i == 0 ||
			(!ascii_is_digit(c) && c != '+' && c != '-' &&
			    c != '.')))
			return 0;
	}
	return 0;
}

static bool
is_hex(char c)
{
	c = ascii_lower(c);
	return ascii_is_digit((unsigned char)c) || (c >= 'a' && c <= 'f');
}

/* Bytes of a URI behind its scheme; '!' must be encoded here. */
static bool
are_uri_bytes(struct span text)
{
	size_t i;

	for (i = 0; i < text.length; i++) {
		char c = text.data[i];

		if (c == '%' &&
		    (text.length - i < 3 || !is_hex(text.data[i + 1]) ||
			!is_hex(text.data[i + 2])))
			return false;
		if (!ascii_is_alnum((unsigned char)c) &&
		    (c == '\0' || strchr("-._~:/?#[]@$&'()*+;=%", c) == NULL))
			return false;
	}
	return text.length > 0;
}

/* Without "!10m" (obs-dmarc-report-size). */
static struct span
cut_report_size(struct span uri)
{
	const char *mark;
	size_t digits;

	if (uri.length == 0 ||
	    (mark = memchr(uri.data, '!', uri.length)) == NULL)
		return uri;
	digits = uri.length - (size_t)(mark + 1 - uri.data);
	if (digits > 1 && strchr("kmgt", ascii_lower(mark[digits])) != NULL)
		digits--;
	while (digits > 0 && ascii_is_digit((unsigned char)mark[digits]))
		digits--;
	if (digits == 0 && (size_t)(mark + 1 - uri.data) < uri.length)
		uri.length = (size_t)(mark - uri.data);
	return uri;
}

static bool
is_report_uri(struct span uri)
{
	size_t scheme_length;
	struct span rest;
	const char *at;

	uri = cut_report_size(trim_wsp(uri));
	if ((scheme_length = uri_scheme_length(uri)) == 0)
		return false;
	rest.data = uri.data + scheme_length;
	rest.length = uri.length - scheme_length;
	if (!are_uri_bytes(rest))
		return false;
	if (!span_starts_nocase(uri, "mailto:"))
		return true;
	at = memchr(rest.data, '@', rest.length);
	return at != NULL && at > rest.data && at + 1 < rest.data + rest.length;
}

/* A list with at least one valid URI, or the empty span. */
static struct span
read_uris(const struct tag_value *tag)
{
	struct span rest, uri;

	if (has_value(tag)) {
		rest = tag->value;
		while (span_split(&rest, ',', &uri)) {
			if (is_report_uri(uri))
				return tag->value;
		}
	}
	return span_of("");
}

/*
 * p, sp and np together (section 4.10.1): without a valid p, or with a bad sp
 * or np, the record counts as p=none if it has a valid rua, else not at all.
 */
static void
read_policies(
    const struct tag_value values[TAG_COUNT], struct dmarc_record *record)
{
	bool p, sp, np;

	p = read_policy(&values[TAG_P], &record->domain_policy);
	sp = read_policy(&values[TAG_SP], &record->subdomain_policy);
	np = read_policy(&values[TAG_NP], &record->nonexistent_policy);
	record->applies = true;
	if (!p || (!sp && values[TAG_SP].count > 0) ||
	    (!np && values[TAG_NP].count > 0)) {
		record->applies = record->rua.length > 0;
		record->domain_policy = DMARC_POLICY_NONE;
		sp = np = false;
	}
	if (!sp)
		record->subdomain_policy = record->domain_policy;
	if (!np)
		record->nonexistent_policy = record->subdomain_policy;
}

enum status
dmarc_record_parse(struct span text, struct dmarc_record *record_r)
{
	struct tag_value values[TAG_COUNT];
	struct span piece;

	memset(record_r, 0, sizeof(*record_r));
	memset(values, 0, sizeof(values));
	if (!span_split(&text, ';', &piece) || !is_version(piece))
		return STATUS_INVALID;
	/* Each turn eats a ';' of a text of at most DNS_TXT_BYTES_MAX. */
	while (span_split(&text, ';', &piece))
		note_tag(values, piece);
	record_r->rua = read_uris(&values[TAG_RUA]);
	record_r->ruf = read_uris(&values[TAG_RUF]);
	record_r->failure_options = read_failure_options(&values[TAG_FO]);
	record_r->dkim_strict = has_word(&values[TAG_ADKIM], "s");
	record_r->spf_strict = has_word(&values[TAG_ASPF], "s");
	record_r->testing = has_word(&values[TAG_T], "y");
	record_r->psd = read_psd(&values[TAG_PSD]);
	read_policies(values, record_r);
	return STATUS_OK;
}
