/* date - the date of a message (see date.h). */
#include "config.h"

#include "lib/mail/date.h"

#include <string.h>
#include <time.h>

#define ZONE_MINUTES_MAX (24 * 60)

static const char *const weekdays[] = { "Sun", "Mon", "Tue", "Wed", "Thu",
	"Fri", "Sat" };

static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
	"Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

/* RFC 5322 section 4.3; other names say nothing. */
static const struct {
	const char *name;
	int hours;
} zones[] = {
	{ "UT", 0 },
	{ "UTC", 0 },
	{ "GMT", 0 },
	{ "Z", 0 },
	{ "EDT", -4 },
	{ "EST", -5 },
	{ "CDT", -5 },
	{ "CST", -6 },
	{ "MDT", -6 },
	{ "MST", -7 },
	{ "PDT", -7 },
	{ "PST", -8 },
};

/* The text without comments; what does not fit, or does not end, is empty. */
static struct span
strip_comments(struct span value, char *to, size_t size)
{
	struct span text = { to, 0 };
	size_t i, depth = 0;

	if (value.length > size)
		return text;
	for (i = 0; i < value.length; i++) {
		if (value.data[i] == '(')
			depth++;
		if (depth == 0)
			to[text.length++] = value.data[i];
		if (value.data[i] == ')' && depth > 0) {
			depth--;
			to[text.length++] = ' ';
		}
	}
	if (depth > 0)
		text.length = 0;
	return text;
}

/* Cuts the next word off the front; commas part words too. */
static struct span
next_word(struct span *rest)
{
	struct span word;
	size_t length = 0;

	while (rest->length > 0 &&
	    (ascii_is_space(rest->data[0]) || rest->data[0] == ',')) {
		rest->data++;
		rest->length--;
	}
	while (length < rest->length && !ascii_is_space(rest->data[length]) &&
	    rest->data[length] != ',')
		length++;
	word = (struct span){ rest->data, length };
	rest->data += length;
	rest->length -= length;
	return word;
}

/* The index of a name, which may be written out ("March"); -1: none. */
static int
find_name(const char *const *names, size_t count, struct span word)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (span_starts_nocase(word, names[i]))
			return (int)i;
	return -1;
}

static bool
read_number(struct span word, int max, int *number_r)
{
	uint64_t number;

	if (word.data == NULL ||
	    str_to_uint64(word, (uint64_t)max, &number) != STATUS_OK)
		return false;
	*number_r = (int)number;
	return true;
}

/* Two and three digits as RFC 5322 section 4.3 says. */
static bool
read_year(struct span word, struct tm *tm)
{
	int year;

	if (word.length < 2 || !read_number(word, 9999, &year))
		return false;
	if (word.length == 2 && year < 50)
		year += 2000;
	else if (word.length < 4)
		year += 1900;
	tm->tm_year = year - 1900;
	return year >= 1900;
}

/* "9:05" or "09:05:00" */
static bool
read_time(struct span word, struct tm *tm)
{
	struct span hour, minute, second;

	if (!span_split(&word, ':', &hour) || !span_split(&word, ':', &minute))
		return false;
	if (word.data != NULL &&
	    (!span_split(&word, ':', &second) || word.data != NULL ||
		!read_number(second, 60, &tm->tm_sec)))
		return false;
	return read_number(hour, 23, &tm->tm_hour) &&
	    read_number(minute, 59, &tm->tm_min);
}

/* "+0100" or a name; false: the word is no zone at all. */
static bool
read_zone(struct span word, struct date *date)
{
	struct span digits = { word.data + 1, word.length - 1 };
	int number;
	size_t i;

	if (word.length == 5 && (word.data[0] == '+' || word.data[0] == '-') &&
	    read_number(digits, 9999, &number)) {
		number = number / 100 * 60 + number % 100;
		date->zone_minutes = word.data[0] == '-' ? -number : number;
		date->has_zone = number < ZONE_MINUTES_MAX;
		return date->has_zone;
	}
	for (i = 0; i < GP_NELEMS(zones); i++)
		if (span_equals_nocase(word, zones[i].name)) {
			date->zone_minutes = zones[i].hours * 60;
			date->has_zone = true;
		}
	return word.length == 0 || ascii_is_alpha(word.data[0]);
}

static bool
read_date(struct span text, struct date *date)
{
	struct tm tm = { 0 };
	struct span word = next_word(&text);
	int weekday = find_name(weekdays, GP_NELEMS(weekdays), word), day;

	if (weekday >= 0)
		word = next_word(&text);
	if (!read_number(word, 31, &day))
		return false;
	tm.tm_mday = day;
	tm.tm_mon = find_name(months, GP_NELEMS(months), next_word(&text));
	if (tm.tm_mon < 0 || !read_year(next_word(&text), &tm) ||
	    !read_time(next_word(&text), &tm) ||
	    !read_zone(next_word(&text), date))
		return false;
	if (tm.tm_sec == 60) /* a leap second has no number of its own */
		tm.tm_sec = 59;
	date->seconds = (int64_t)timegm(&tm) - date->zone_minutes * 60;
	date->wrong_weekday = weekday >= 0 && weekday != tm.tm_wday;
	return tm.tm_mday == day;
}

enum status
date_parse(struct span value, struct date *date_r)
{
	char text[DATE_BYTES_MAX];

	memset(date_r, 0, sizeof(*date_r));
	if (read_date(strip_comments(value, text, sizeof(text)), date_r))
		return STATUS_OK;
	memset(date_r, 0, sizeof(*date_r));
	return STATUS_INVALID;
}
