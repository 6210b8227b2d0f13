/* spf-record - the grammar of an SPF record (see spf-record.h). */
#include "config.h"

#include "lib/auth/spf-record.h"

#include <arpa/inet.h>
#include <string.h>

#include "lib/auth/spf-macro.h"

#define VERSION_TEXT "v=spf1"

/* How a mechanism is written (section 12). */
struct mechanism {
	const char *name;
	enum spf_term_kind kind;
	bool may_have_domain;
	bool must_have_domain;
	bool may_have_prefix; /* dual-cidr-length */
};

static const struct mechanism mechanisms[] = {
	{ "all", SPF_TERM_ALL, false, false, false },
	{ "include", SPF_TERM_INCLUDE, true, true, false },
	{ "a", SPF_TERM_A, true, false, true },
	{ "mx", SPF_TERM_MX, true, false, true },
	{ "ptr", SPF_TERM_PTR, true, false, false },
	{ "ip4", SPF_TERM_IP4, false, true, false },
	{ "ip6", SPF_TERM_IP6, false, true, false },
	{ "exists", SPF_TERM_EXISTS, true, true, false },
};

bool
spf_record_is_spf1(struct span text)
{
	size_t length = strlen(VERSION_TEXT);

	return span_starts_nocase(text, VERSION_TEXT) &&
	    (text.length == length || text.data[length] == ' ');
}

/* A prefix length: digits, no leading zero, at most max. */
static bool
read_prefix(struct span text, unsigned int max, unsigned int *bits_r)
{
	uint64_t bits;

	if (text.length > 1 && text.data[0] == '0')
		return false;
	if (str_to_uint64(text, max, &bits) != STATUS_OK)
		return false;
	*bits_r = (unsigned int)bits;
	return true;
}

/* Cuts "/digits" off the end; false when the end is something else. */
static bool
cut_prefix(struct span *value, struct span *digits_r)
{
	size_t at = value->length;

	while (at > 0 && ascii_is_digit(value->data[at - 1]))
		at--;
	if (at == value->length || at == 0 || value->data[at - 1] != '/')
		return false;
	*digits_r = span_from(*value, at);
	value->length = at - 1;
	return true;
}

/* dual-cidr-length = [ "/" ip4 ] [ "//" ip6 ], cut off the end of value. */
static const char *
read_dual_prefix(struct span *value, struct spf_term *term)
{
	struct span digits;

	if (!cut_prefix(value, &digits))
		return NULL;
	if (value->length > 0 && value->data[value->length - 1] == '/') {
		value->length--;
		if (!read_prefix(digits, 128, &term->ip6_bits))
			return "a prefix length is invalid";
		if (!cut_prefix(value, &digits))
			return NULL;
	}
	if (!read_prefix(digits, 32, &term->ip4_bits))
		return "a prefix length is invalid";
	return NULL;
}

/* network [ "/" digits ] behind the colon of ip4 and ip6. */
static const char *
read_network(struct span value, struct spf_term *term)
{
	int family = term->kind == SPF_TERM_IP4 ? AF_INET : AF_INET6;
	unsigned int bits_max = family == AF_INET ? 32 : 128;
	char address[IP_TEXT_BYTES];
	const char *slash;
	size_t length = value.length;

	term->network.prefix_bits = bits_max;
	slash = length == 0 ? NULL : memchr(value.data, '/', length);
	if (slash != NULL) {
		length = (size_t)(slash - value.data);
		if (!read_prefix(span_from(value, length + 1), bits_max,
			&term->network.prefix_bits))
			return "a prefix length is invalid";
	}
	if (length >= sizeof(address))
		return "an address is invalid";
	memcpy(address, value.data, length);
	address[length] = '\0';
	/* Not ip_parse(): an IPv4-mapped network stays an IPv6 one here. */
	term->network.ip.family = family;
	if (inet_pton(family, address, term->network.ip.bytes) != 1)
		return "an address is invalid";
	return NULL;
}

/* value: what follows the mechanism's name. */
static const char *
read_mechanism_value(
    const struct mechanism *mechanism, struct span value, struct spf_term *term)
{
	bool is_ip = term->kind == SPF_TERM_IP4 || term->kind == SPF_TERM_IP6;
	const char *reason;

	if (is_ip && value.length > 0 && value.data[0] == ':')
		return read_network(span_from(value, 1), term);
	if (mechanism->may_have_prefix &&
	    (reason = read_dual_prefix(&value, term)) != NULL)
		return reason;
	if (value.length == 0)
		return mechanism->must_have_domain ?
		    "a mechanism lacks its value" :
		    NULL;
	if (!mechanism->may_have_domain || value.data[0] != ':')
		return "a mechanism has a value it may not have";
	term->domain = span_from(value, 1);
	return spf_macro_domain_error(term->domain);
}

static const char *
read_mechanism(struct span name, struct span value, struct spf_term *term)
{
	size_t i;

	for (i = 0; i < GP_NELEMS(mechanisms); i++) {
		if (!span_equals_nocase(name, mechanisms[i].name))
			continue;
		term->kind = mechanisms[i].kind;
		return read_mechanism_value(&mechanisms[i], value, term);
	}
	return "a mechanism is unknown";
}

static const char *
read_modifier(struct span name, struct span value, struct spf_term *term)
{
	if (span_equals_nocase(name, "redirect"))
		term->kind = SPF_TERM_REDIRECT;
	else if (span_equals_nocase(name, "exp"))
		term->kind = SPF_TERM_EXPLANATION;
	else {
		term->kind = SPF_TERM_MODIFIER;
		return spf_macro_error(value, true);
	}
	term->domain = value;
	return spf_macro_domain_error(value);
}

/* name = ALPHA *( ALPHA / DIGIT / "-" / "_" / "." ) */
static size_t
name_length(struct span text)
{
	size_t i;

	if (text.length == 0 || !ascii_is_alpha(text.data[0]))
		return 0;
	for (i = 1; i < text.length; i++)
		if (!ascii_is_alnum(text.data[i]) && text.data[i] != '-' &&
		    text.data[i] != '_' && text.data[i] != '.')
			break;
	return i;
}

static const char *
read_term(struct span text, struct spf_term *term)
{
	struct span name;
	bool has_qualifier;

	memset(term, 0, sizeof(*term));
	term->ip4_bits = 32;
	term->ip6_bits = 128;
	has_qualifier = memchr("+-~?", text.data[0], 4) != NULL;
	term->qualifier = has_qualifier ? text.data[0] : '+';
	if (has_qualifier)
		text = span_from(text, 1);
	name = text;
	name.length = name_length(text);
	if (name.length == 0)
		return "a term has no name";
	text = span_from(text, name.length);
	if (text.length == 0 || text.data[0] != '=')
		return read_mechanism(name, text, term);
	if (has_qualifier)
		return "a modifier has a qualifier";
	return read_modifier(name, span_from(text, 1), term);
}

/* Visible ASCII only: a term's bytes before anything is read of it. */
static bool
is_visible(struct span text)
{
	size_t i;

	for (i = 0; i < text.length; i++)
		if (!ascii_is_print(text.data[i]) || text.data[i] == ' ')
			return false;
	return true;
}

bool
spf_record_next(
    struct span *rest, struct spf_term *term_r, const char **reason_r)
{
	struct span term;

	*reason_r = NULL;
	if (spf_record_is_spf1(*rest))
		*rest = span_from(*rest, strlen(VERSION_TEXT));
	while (rest->length > 0 && rest->data[0] == ' ')
		*rest = span_from(*rest, 1);
	if (rest->length == 0)
		return false;
	term = *rest;
	for (term.length = 0; term.length < rest->length; term.length++)
		if (term.data[term.length] == ' ')
			break;
	*rest = span_from(*rest, term.length);
	if (!is_visible(term))
		*reason_r = "a byte is not visible ASCII";
	else
		*reason_r = read_term(term, term_r);
	return *reason_r == NULL;
}

const char *
spf_record_error(struct span text)
{
	struct spf_term term;
	const char *reason;
	unsigned int redirects = 0, explanations = 0;

	if (text.length > SPF_RECORD_BYTES_MAX)
		return "the record is too long";
	while (spf_record_next(&text, &term, &reason)) {
		if (term.kind == SPF_TERM_REDIRECT && ++redirects > 1)
			return "redirect= stands there twice";
		if (term.kind == SPF_TERM_EXPLANATION && ++explanations > 1)
			return "exp= stands there twice";
	}
	return reason;
}
