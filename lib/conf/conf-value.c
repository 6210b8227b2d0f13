/*
 * conf-value - one value: from its text into the field, and back.
 *
 * What conf_value_text() writes, conf_value_set() reads back exactly.  Nothing
 * here depends on the locale of the process.
 */
#include "config.h"

#include "lib/conf/conf-private.h"

#include <errno.h>
#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONF_DOUBLE_MAX_BYTES 64   /* 17 digits, sign, point, exponent; ample */
#define CONF_LIST_MAX         4096 /* items of a default text */

struct unit {
	const char *name;
	int64_t factor;
};

/* Smallest first; a size may stand without a unit, a duration may not. */
static const struct unit size_units[] = {
	{ "", 1 },
	{ "K", 1024 },
	{ "M", 1024 * 1024 },
	{ "G", 1024 * 1024 * 1024 },
};
static const struct unit duration_units[] = {
	{ "ms", 1 },
	{ "s", 1000 },
	{ "m", 60 * 1000 },
	{ "h", 3600 * 1000 },
	{ "d", 24 * 3600 * 1000 },
};

static void
reason_set(char *reason, const char *text)
{
	if (str_copy(reason, CONF_REASON_BYTES, text) != STATUS_OK)
		reason[0] = '\0';
}

static enum status
bool_from_text(const char *text, bool *value)
{
	static const char *const yes[] = { "yes", "true", "on" };
	static const char *const no[] = { "no", "false", "off" };
	size_t i;

	for (i = 0; i < GP_NELEMS(yes); i++) {
		if (str_equals_nocase(text, yes[i]) ||
		    str_equals_nocase(text, no[i])) {
			*value = str_equals_nocase(text, yes[i]);
			return STATUS_OK;
		}
	}
	return STATUS_INVALID;
}

static enum status
int_from_text(const char *text, int64_t *value)
{
	struct span digits = span_of(text);
	bool negative = digits.length > 0 && digits.data[0] == '-';
	uint64_t number;

	if (negative) {
		digits.data++;
		digits.length--;
	}
	if (str_to_uint64(digits, INT64_MAX, &number) != STATUS_OK)
		return STATUS_INVALID;
	*value = negative ? -(int64_t)number : (int64_t)number;
	return STATUS_OK;
}

/* A number and its unit, as one word: 64K. */
static enum status
quantity_from_text(const char *text, const struct unit *units,
    size_t unit_count, int64_t *value)
{
	struct span digits = span_of(text);
	const char *unit;
	uint64_t number;
	size_t i;

	digits.length = strspn(text, "0123456789");
	unit = text + digits.length;
	for (i = 0; i < unit_count; i++)
		if (str_equals_nocase(unit, units[i].name))
			break;
	if (i == unit_count && !(strcmp(text, "0") == 0))
		return STATUS_INVALID;
	if (str_to_uint64(digits, INT64_MAX, &number) != STATUS_OK)
		return STATUS_INVALID;
	if (i == unit_count)
		i = 0;
	if (number > (uint64_t)(INT64_MAX / units[i].factor))
		return STATUS_INVALID;
	*value = (int64_t)number * units[i].factor;
	return STATUS_OK;
}

/* 100/1m; or off, which is all zero. */
static enum status
rate_from_text(const char *text, struct conf_rate *rate)
{
	struct span rest = span_of(text), digits;
	uint64_t count;

	rate->count = rate->period = 0;
	if (str_equals_nocase(text, "off"))
		return STATUS_OK;
	if (!span_split(&rest, '/', &digits) || rest.data == NULL ||
	    str_to_uint64(digits, INT64_MAX, &count) != STATUS_OK ||
	    quantity_from_text(rest.data, duration_units,
		GP_NELEMS(duration_units), &rate->period) != STATUS_OK)
		return STATUS_INVALID;
	if (count == 0 || rate->period == 0)
		return STATUS_INVALID;
	rate->count = (int64_t)count;
	return STATUS_OK;
}

/* -12.5e3 and the like: no hexadecimal, no "inf", no blanks. */
static bool
is_decimal(const char *text)
{
	const char *p = text + (text[0] == '-');
	size_t digits, fraction = 0;

	p += digits = strspn(p, "0123456789");
	if (*p == '.')
		p += 1 + (fraction = strspn(p + 1, "0123456789"));
	if (digits + fraction == 0)
		return false;
	if (*p == 'e' || *p == 'E') {
		p++;
		p += *p == '-' || *p == '+';
		digits = strspn(p, "0123456789");
		if (digits == 0)
			return false;
		p += digits;
	}
	return *p == '\0';
}

static enum status
double_from_text(const char *text, double *value)
{
	locale_t plain, before;

	if (strlen(text) >= CONF_DOUBLE_MAX_BYTES || !is_decimal(text))
		return STATUS_INVALID;
	if ((plain = newlocale(LC_ALL_MASK, "C", (locale_t)0)) == (locale_t)0)
		return STATUS_NOMEM;
	before = uselocale(plain);
	*value = strtod(text, NULL);
	(void)uselocale(before);
	freelocale(plain);
	return isfinite(*value) ? STATUS_OK : STATUS_INVALID;
}

static enum status
choice_from_text(const struct conf_key *key, const char *text, int *value)
{
	int i;

	for (i = 0; key->choices[i] != NULL; i++) {
		if (str_equals_nocase(text, key->choices[i])) {
			*value = i;
			return STATUS_OK;
		}
	}
	return STATUS_INVALID;
}

static const char *
type_reason(enum conf_type type)
{
	switch (type) {
	case CONF_BOOL:
		return "must be yes or no";
	case CONF_INT:
		return "must be a whole number";
	case CONF_DOUBLE:
		return "must be a number such as 2.5";
	case CONF_SIZE:
		return "must be a size such as 64K, 10M or 1G";
	case CONF_DURATION:
		return "must be a time such as 200ms, 5s, 10m, 2h or 30d";
	case CONF_RATE:
		return "must be a number in a time, such as 100/1m or 1000/1h, "
		       "or off";
	case CONF_CHOICE:
		return "must be one of";
	case CONF_STRING:
	case CONF_LIST:
		break;
	}
	return "is not valid";
}

/* Says what would have been good, and what was found. */
static void
reason_of_type(const struct conf_key *key, const char *text, char *reason)
{
	struct strbuf *buf = strbuf_new(CONF_REASON_BYTES - 1);
	char found[48];
	size_t i;

	if (buf == NULL) {
		reason_set(reason, type_reason(key->type));
		return;
	}
	strbuf_add_text(buf, type_reason(key->type));
	for (i = 0; key->type == CONF_CHOICE && key->choices[i] != NULL; i++)
		strbuf_printf(buf, "%s %s", i == 0 ? "" : ",", key->choices[i]);
	strbuf_printf(buf, ", not \"%s\"",
	    str_sanitize(found, sizeof(found), span_of(text)));
	reason_set(reason, strbuf_text(buf));
	strbuf_free(&buf);
}

static void
reason_of_range(const struct conf_key *key, char *reason)
{
	struct strbuf *buf = strbuf_new(CONF_REASON_BYTES - 1);

	reason_set(reason, "is out of range");
	if (buf == NULL)
		return;
	strbuf_add_text(buf, "must be from ");
	conf_value_number(buf, key->type, key->min);
	strbuf_add_text(buf, " to ");
	conf_value_number(buf, key->type, key->max);
	reason_set(reason, strbuf_text(buf));
	strbuf_free(&buf);
}

static bool
is_in_range(const struct conf_key *key, const void *field)
{
	double fraction;
	int64_t number;

	if (key->min == 0 && key->max == 0)
		return true;
	switch (key->type) {
	case CONF_DOUBLE:
		fraction = *(const double *)field;
		return fraction >= (double)key->min &&
		    fraction <= (double)key->max;
	case CONF_INT:
	case CONF_SIZE:
	case CONF_DURATION:
		number = *(const int64_t *)field;
		return number >= key->min && number <= key->max;
	case CONF_RATE:
		number = ((const struct conf_rate *)field)->count;
		return number == 0 ||
		    (number >= key->min && number <= key->max);
	case CONF_BOOL:
	case CONF_CHOICE:
	case CONF_STRING:
	case CONF_LIST:
		break;
	}
	return true;
}

static enum status
field_from_text(const struct conf_key *key, const char *text, void *field,
    struct region *region)
{
	switch (key->type) {
	case CONF_BOOL:
		return bool_from_text(text, field);
	case CONF_INT:
		return int_from_text(text, field);
	case CONF_DOUBLE:
		return double_from_text(text, field);
	case CONF_SIZE:
		return quantity_from_text(
		    text, size_units, GP_NELEMS(size_units), field);
	case CONF_DURATION:
		return quantity_from_text(
		    text, duration_units, GP_NELEMS(duration_units), field);
	case CONF_RATE:
		return rate_from_text(text, field);
	case CONF_CHOICE:
		return choice_from_text(key, text, field);
	case CONF_STRING:
		*(const char **)field = region_strdup(region, text);
		return *(const char **)field == NULL ? STATUS_NOMEM : STATUS_OK;
	case CONF_LIST:
		break;
	}
	return STATUS_INVALID;
}

enum status
conf_value_set(const struct conf_key *key, const char *text, void *field,
    struct region *region, char *reason_r)
{
	enum status status = field_from_text(key, text, field, region);

	reason_r[0] = '\0';
	if (status == STATUS_INVALID)
		reason_of_type(key, text, reason_r);
	if (status != STATUS_OK)
		return status;
	if (!is_in_range(key, field)) {
		reason_of_range(key, reason_r);
		return STATUS_INVALID;
	}
	return conf_value_check_item(key, text, reason_r);
}

enum status
conf_value_check_item(
    const struct conf_key *key, const char *text, char *reason_r)
{
	const char *reason = NULL;

	reason_r[0] = '\0';
	if (key->check != NULL)
		reason = key->check(text);
	if (reason == NULL)
		return STATUS_OK;
	reason_set(reason_r, reason);
	return STATUS_INVALID;
}

enum status
conf_value_split(
    const char *text, struct region *region, struct conf_list *list_r)
{
	struct span rest = span_trim(span_of(text == NULL ? "" : text)), item;
	const char **items;
	size_t count = 1, i;

	list_r->count = 0;
	list_r->items = NULL;
	if (rest.length == 0)
		return STATUS_OK;
	for (i = 0; i < rest.length; i++)
		count += rest.data[i] == ',';
	if (count > CONF_LIST_MAX)
		return STATUS_NOMEM;
	items = region_alloc_array(region, count, sizeof(*items));
	if (items == NULL)
		return STATUS_NOMEM;
	for (i = 0; span_split(&rest, ',', &item) && i < count; i++) {
		item = span_trim(item);
		items[i] = region_memdup(region, item.data, item.length);
		if (items[i] == NULL)
			return STATUS_NOMEM;
	}
	list_r->count = i;
	list_r->items = items;
	return STATUS_OK;
}

void
conf_value_number(struct strbuf *out, enum conf_type type, int64_t number)
{
	const struct unit *units = size_units;
	size_t i = 0;

	if (type == CONF_SIZE)
		i = GP_NELEMS(size_units) - 1;
	else if (type == CONF_DURATION) {
		units = duration_units;
		i = GP_NELEMS(duration_units) - 1;
	}
	while (i > 0 && (number == 0 || number % units[i].factor != 0))
		i--;
	strbuf_printf(
	    out, "%" PRId64 "%s", number / units[i].factor, units[i].name);
}

/* The shortest text that reads back as the same number. */
static void
double_text(struct strbuf *out, double number)
{
	locale_t plain, before;
	char text[CONF_DOUBLE_MAX_BYTES] = "0";
	int digits;

	if ((plain = newlocale(LC_ALL_MASK, "C", (locale_t)0)) == (locale_t)0)
		return;
	before = uselocale(plain);
	for (digits = 6; digits <= 17; digits++) {
		if (snprintf(text, sizeof(text), "%.*g", digits, number) >=
		    (int)sizeof(text))
			continue;
		if (!(strtod(text, NULL) < number) &&
		    !(strtod(text, NULL) > number))
			break;
	}
	(void)uselocale(before);
	freelocale(plain);
	strbuf_add_text(out, text);
}

static bool
lists_equal(const struct conf_list *a, const struct conf_list *b)
{
	size_t i;

	if (a->count != b->count)
		return false;
	for (i = 0; i < a->count; i++)
		if (strcmp(a->items[i], b->items[i]) != 0)
			return false;
	return true;
}

static bool
rates_equal(const struct conf_rate *a, const struct conf_rate *b)
{
	return a->count == b->count && a->period == b->period;
}

bool
conf_value_equals(const struct conf_key *key, const void *a, const void *b)
{
	switch (key->type) {
	case CONF_BOOL:
		return *(const bool *)a == *(const bool *)b;
	case CONF_INT:
	case CONF_SIZE:
	case CONF_DURATION:
		return *(const int64_t *)a == *(const int64_t *)b;
	case CONF_RATE:
		return rates_equal(a, b);
	case CONF_DOUBLE:
		return !(*(const double *)a < *(const double *)b) &&
		    !(*(const double *)a > *(const double *)b);
	case CONF_CHOICE:
		return *(const int *)a == *(const int *)b;
	case CONF_STRING:
		return strcmp(*(const char *const *)a,
			   *(const char *const *)b) == 0;
	case CONF_LIST:
		return lists_equal(a, b);
	}
	return false;
}

void
conf_value_quote(struct strbuf *out, const char *text)
{
	const char *p;

	strbuf_add_char(out, '"');
	for (p = text; *p != '\0'; p++) {
		if (*p == '"' || *p == '\\' || *p == '$') {
			strbuf_add_char(out, '\\');
			strbuf_add_char(out, *p);
		} else if (*p == '\n') {
			strbuf_add_text(out, "\\n");
		} else if (*p == '\t') {
			strbuf_add_text(out, "\\t");
		} else if ((unsigned char)*p < 0x20 || *p == 0x7f) {
			strbuf_printf(out, "\\x%02x", (unsigned char)*p);
		} else {
			strbuf_add_char(out, *p);
		}
	}
	strbuf_add_char(out, '"');
}

static void
list_text(struct strbuf *out, const struct conf_list *list)
{
	size_t i;

	strbuf_add_char(out, '{');
	for (i = 0; i < list->count; i++) {
		if (i > 0)
			strbuf_add_text(out, ", ");
		conf_value_quote(out, list->items[i]);
	}
	strbuf_add_char(out, '}');
}

void
conf_duration_text(struct strbuf *out, int64_t duration_ms)
{
	conf_value_number(out, CONF_DURATION, duration_ms);
}

void
conf_rate_text(struct strbuf *out, const struct conf_rate *rate)
{
	if (rate->count == 0) {
		strbuf_add_text(out, "off");
		return;
	}
	strbuf_printf(out, "%" PRId64 "/", rate->count);
	conf_value_number(out, CONF_DURATION, rate->period);
}

void
conf_value_text(
    struct strbuf *out, const struct conf_key *key, const void *field)
{
	switch (key->type) {
	case CONF_BOOL:
		strbuf_add_text(out, *(const bool *)field ? "yes" : "no");
		break;
	case CONF_INT:
	case CONF_SIZE:
	case CONF_DURATION:
		conf_value_number(out, key->type, *(const int64_t *)field);
		break;
	case CONF_RATE:
		conf_rate_text(out, field);
		break;
	case CONF_DOUBLE:
		double_text(out, *(const double *)field);
		break;
	case CONF_CHOICE:
		strbuf_add_text(out, key->choices[*(const int *)field]);
		break;
	case CONF_STRING:
		conf_value_quote(out, *(const char *const *)field);
		break;
	case CONF_LIST:
		list_text(out, field);
		break;
	}
}
