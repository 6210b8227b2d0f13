/* spf-macro - macro strings of SPF (see spf-macro.h). */
#include "config.h"

#include "lib/auth/spf-macro.h"

#include <string.h>

#include "lib/base/clock.h"

#define DELIMITERS   ".-+,/_=" /* RFC 7208 section 7.1 */
#define LETTERS      "slodipvh"
#define LETTERS_EXP  "crt" /* of explanations only, section 7.2 */
#define DIGITS_LIMIT 1000  /* no name has more labels; higher means the same */

/* One piece of a macro-string. */
struct macro_item {
	struct span literal; /* as it stands; data NULL for a macro */
	char letter;         /* lower case */
	bool is_escaped;     /* was upper case: URL escaping */
	bool is_reversed;
	unsigned int digits; /* right-hand parts to keep; 0: all */
	struct span delimiters;
};

static bool
span_has(struct span set, char c)
{
	return set.length > 0 && memchr(set.data, c, set.length) != NULL;
}

/* The transformers and delimiters between the letter and the brace. */
static const char *
read_transformers(struct span body, struct macro_item *item)
{
	size_t i = 0, j;
	bool has_digits = false;

	for (; i < body.length && ascii_is_digit(body.data[i]); i++) {
		has_digits = true;
		if (item->digits < DIGITS_LIMIT)
			item->digits = item->digits * 10 +
			    (unsigned int)(body.data[i] - '0');
	}
	if (has_digits && item->digits == 0)
		return "a macro asks for zero labels";
	if (i < body.length && ascii_lower(body.data[i]) == 'r') {
		item->is_reversed = true;
		i++;
	}
	for (j = i; j < body.length; j++)
		if (!span_has(span_of(DELIMITERS), body.data[j]))
			return "a macro holds an unknown transformer";
	item->delimiters = span_of(".");
	if (j > i) {
		item->delimiters.data = body.data + i;
		item->delimiters.length = j - i;
	}
	return NULL;
}

/* rest begins behind "%{". */
static const char *
read_braced(struct span *rest, struct macro_item *item)
{
	const char *end;
	struct span body;

	end = rest->length == 0 ? NULL : memchr(rest->data, '}', rest->length);
	if (end == NULL || end == rest->data)
		return "a macro is not closed, or empty";
	item->letter = ascii_lower(rest->data[0]);
	item->is_escaped = item->letter != rest->data[0];
	if (!span_has(span_of(LETTERS LETTERS_EXP), item->letter))
		return "a macro letter is unknown";
	body.data = rest->data + 1;
	body.length = (size_t)(end - body.data);
	rest->length -= (size_t)(end + 1 - rest->data);
	rest->data = end + 1;
	return read_transformers(body, item);
}

/* rest begins at a '%'. */
static const char *
read_percent(struct span *rest, struct macro_item *item)
{
	char what = rest->length < 2 ? '\0' : rest->data[1];

	if (what == '%')
		item->literal = span_of("%");
	else if (what == '_')
		item->literal = span_of(" ");
	else if (what == '-')
		item->literal = span_of("%20");
	else if (what != '{')
		return "a percent sign begins no macro";
	rest->data += 2;
	rest->length -= 2;
	return what == '{' ? read_braced(rest, item) : NULL;
}

/* Reads the next piece; rest is not empty.  NULL or a reason. */
static const char *
read_item(struct span *rest, struct macro_item *item)
{
	const char *percent;

	memset(item, 0, sizeof(*item));
	if (rest->data[0] == '%')
		return read_percent(rest, item);
	item->literal = *rest;
	if ((percent = memchr(rest->data, '%', rest->length)) != NULL)
		item->literal.length = (size_t)(percent - rest->data);
	rest->data += item->literal.length;
	rest->length -= item->literal.length;
	return NULL;
}

static const char *
item_error(
    const struct macro_item *item, const char *start, bool is_explanation)
{
	size_t i;

	if (item->literal.data == NULL) {
		if (is_explanation || span_has(span_of(LETTERS), item->letter))
			return NULL;
		return "a macro letter is for explanations only";
	}
	if (start[0] == '%')
		return NULL;
	for (i = 0; i < item->literal.length; i++)
		if (!ascii_is_print(item->literal.data[i]) ||
		    (item->literal.data[i] == ' ' && !is_explanation))
			return "a byte is not visible ASCII";
	return NULL;
}

const char *
spf_macro_error(struct span text, bool is_explanation)
{
	struct macro_item item;
	const char *reason, *start;

	while (text.length > 0) {
		start = text.data;
		if ((reason = read_item(&text, &item)) != NULL)
			return reason;
		reason = item_error(&item, start, is_explanation);
		if (reason != NULL)
			return reason;
	}
	return NULL;
}

/* toplabel: letters, digits and inner dashes, not all digits (section 7.1). */
static bool
is_toplabel(struct span label)
{
	bool all_digits = true;
	size_t i;

	if (label.length == 0 || label.data[0] == '-' ||
	    label.data[label.length - 1] == '-')
		return false;
	for (i = 0; i < label.length; i++) {
		if (!ascii_is_alnum(label.data[i]) && label.data[i] != '-')
			return false;
		if (!ascii_is_digit(label.data[i]))
			all_digits = false;
	}
	return !all_digits;
}

const char *
spf_macro_domain_error(struct span text)
{
	struct span rest = text, tail = text;
	struct macro_item item;
	const char *reason, *dot = NULL;
	size_t i;

	if (text.length == 0)
		return "a domain is empty";
	if ((reason = spf_macro_error(text, false)) != NULL)
		return reason;
	while (rest.length > 0) {
		tail = rest;
		if (read_item(&rest, &item) != NULL)
			return "a macro is malformed"; /* never: just checked */
	}
	if (tail.data[0] == '%')
		return NULL; /* domain-end = macro-expand */
	if (tail.data[tail.length - 1] == '.')
		tail.length--;
	for (i = 0; i < tail.length; i++)
		if (tail.data[i] == '.')
			dot = tail.data + i;
	if (dot == NULL)
		return "a domain has no valid last label";
	tail.length -= (size_t)(dot + 1 - tail.data);
	tail.data = dot + 1;
	return is_toplabel(tail) ? NULL : "a domain has no valid last label";
}

bool
spf_macro_uses(struct span text, char letter)
{
	struct macro_item item;

	while (text.length > 0 && read_item(&text, &item) == NULL)
		if (item.literal.data == NULL && item.letter == letter)
			return true;
	return false;
}

static void
add_escaped(struct strbuf *out, char c, bool is_escaped)
{
	if (!is_escaped || ascii_is_alnum(c) || span_has(span_of("-._~"), c))
		strbuf_add_char(out, c);
	else
		strbuf_printf(out, "%%%02X", (unsigned int)(unsigned char)c);
}

/* One part of a value; the dot joins it to what is already there. */
static void
add_part(struct strbuf *out, struct span part, bool is_first, bool is_escaped)
{
	size_t i;

	if (!is_first)
		strbuf_add_char(out, '.');
	for (i = 0; i < part.length; i++)
		add_escaped(out, part.data[i], is_escaped);
}

/* Cuts the first part off; false when there is none left. */
static bool
cut_first(struct span *rest, struct span delimiters, struct span *part_r)
{
	size_t i;

	if (rest->data == NULL)
		return false;
	*part_r = *rest;
	for (i = 0; i < rest->length; i++)
		if (span_has(delimiters, rest->data[i]))
			break;
	part_r->length = i;
	if (i == rest->length) {
		rest->data = NULL;
		rest->length = 0;
	} else {
		rest->data += i + 1;
		rest->length -= i + 1;
	}
	return true;
}

/* Cuts the last part off; false when there is none left. */
static bool
cut_last(struct span *rest, struct span delimiters, struct span *part_r)
{
	size_t i;

	if (rest->data == NULL)
		return false;
	for (i = rest->length; i > 0; i--)
		if (span_has(delimiters, rest->data[i - 1]))
			break;
	part_r->data = rest->data + i;
	part_r->length = rest->length - i;
	rest->length = i > 0 ? i - 1 : 0;
	if (i == 0)
		rest->data = NULL;
	return true;
}

static unsigned int
count_parts(struct span value, struct span delimiters)
{
	unsigned int count = 1;
	size_t i;

	for (i = 0; i < value.length; i++)
		if (span_has(delimiters, value.data[i]))
			count++;
	return count;
}

/* Splits, reverses, keeps the right-hand parts, joins by dots (section 7.3). */
static void
add_transformed(
    struct strbuf *out, struct span value, const struct macro_item *item)
{
	unsigned int i, count, skip = 0;
	struct span part = { NULL, 0 };
	bool is_first = true;

	count = count_parts(value, item->delimiters);
	if (item->digits > 0 && item->digits < count)
		skip = count - item->digits;
	for (i = 0; i < count; i++) {
		if (!(item->is_reversed ?
			    cut_last(&value, item->delimiters, &part) :
			    cut_first(&value, item->delimiters, &part)))
			break;
		if (i < skip)
			continue;
		add_part(out, part, is_first, item->is_escaped);
		is_first = false;
	}
}

/* %{i}: dotted quad, or 32 upper-case nibbles with dots between (7.3). */
static const char *
dotted_ip(const struct ip *ip, char text[IP_REVERSE_BYTES])
{
	static const char digits[] = "0123456789ABCDEF";
	size_t i;

	if (ip->family != AF_INET6)
		return ip_text(ip, text);
	for (i = 0; i < 32; i++) {
		text[2 * i] = digits[ip->bytes[i / 2] >> (i % 2 ? 0 : 4) & 15];
		text[2 * i + 1] = i == 31 ? '\0' : '.';
	}
	return text;
}

static const char *
letter_value(char letter, const struct spf_macro_values *values,
    char number[IP_REVERSE_BYTES])
{
	switch (letter) {
	case 's':
		return values->sender;
	case 'l':
		return values->local_part;
	case 'o':
		return values->sender_domain;
	case 'd':
		return values->domain;
	case 'p':
		return values->client_name;
	case 'v':
		return values->client_ip.family == AF_INET6 ? "ip6" : "in-addr";
	case 'h':
		return values->helo;
	case 'r':
		return values->receiver;
	case 'i':
		return dotted_ip(&values->client_ip, number);
	case 'c':
		return ip_text(&values->client_ip, number);
	default:
		return "";
	}
}

void
spf_macro_expand(
    struct strbuf *out, struct span text, const struct spf_macro_values *values)
{
	struct macro_item item;
	char number[IP_REVERSE_BYTES];

	while (text.length > 0 && strbuf_status(out) == STATUS_OK) {
		if (read_item(&text, &item) != NULL)
			return;
		if (item.literal.data != NULL)
			strbuf_add(out, item.literal.data, item.literal.length);
		else if (item.letter == 't')
			strbuf_printf(
			    out, "%lld", (long long)values->now_seconds);
		else
			add_transformed(out,
			    span_of(letter_value(item.letter, values, number)),
			    &item);
	}
}

/* Without labels on the left until it is short enough (section 7.3). */
static struct span
shorten_name(struct span name)
{
	const char *dot;

	if (name.length > 0 && name.data[name.length - 1] == '.')
		name.length--;
	while (name.length > SPF_NAME_BYTES_MAX) {
		dot = memchr(name.data, '.', name.length);
		if (dot == NULL)
			break;
		name.length -= (size_t)(dot + 1 - name.data);
		name.data = dot + 1;
	}
	return name;
}

enum status
spf_macro_expand_name(struct region *region, struct strbuf *scratch,
    struct span spec, const struct spf_macro_values *values,
    const char **name_r)
{
	struct span name;

	*name_r = NULL;
	strbuf_reset(scratch);
	spf_macro_expand(scratch, spec, values);
	if (strbuf_status(scratch) != STATUS_OK)
		return strbuf_status(scratch);
	name.data = strbuf_text(scratch);
	name.length = strbuf_length(scratch);
	name = shorten_name(name);
	if (name.length == 0 || name.length > SPF_NAME_BYTES_MAX)
		return STATUS_LIMIT;
	*name_r = region_memdup(region, name.data, name.length);
	return *name_r == NULL ? STATUS_NOMEM : STATUS_OK;
}
