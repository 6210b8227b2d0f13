/* score - points of a message (see score.h). */
#include "config.h"

#include "lib/scan/score.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DETAIL_BYTES 100 /* of a domain or address in a sentence */
#define SEEN_BYTES   200 /* of the text that made a symbol hit */
#define NOBODY       "the sender"

static const char *const mode_choices[] = { "enforce", "observe", NULL };

static const char *
check_tag(const char *text)
{
	size_t i;

	if (strlen(text) > 40)
		return "longer than 40 bytes";
	for (i = 0; text[i] != '\0'; i++)
		if (!ascii_is_print((unsigned char)text[i]))
			return "must be printable ASCII";
	return NULL;
}

static const struct conf_key keys[] = {
	{ "mode", CONF_CHOICE, offsetof(struct score_conf, mode), "enforce", 0,
	    0, mode_choices,
	    "observe: write all header fields, but let all mail pass.", NULL },
	{ "greylist", CONF_DOUBLE, offsetof(struct score_conf, greylist), "4.0",
	    0, SCORE_MAX, NULL,
	    "Points from which the client is noted in the store, for a "
	    "greylist to delay its next mail; 0: never.",
	    NULL },
	{ "junk", CONF_DOUBLE, offsetof(struct score_conf, junk), "5.0", 0,
	    SCORE_MAX, NULL, "Points from which mail is marked as junk.",
	    NULL },
	{ "quarantine", CONF_DOUBLE, offsetof(struct score_conf, quarantine),
	    "0", 0, SCORE_MAX, NULL,
	    "Points from which mail is put into Postfix's hold queue; 0: never.",
	    NULL },
	{ "reject", CONF_DOUBLE, offsetof(struct score_conf, reject), "15.0", 0,
	    SCORE_MAX, NULL, "Points from which mail is refused; 0: never.",
	    NULL },
	{ "cap_authentication", CONF_DOUBLE,
	    offsetof(struct score_conf, cap_authentication), "7.0", 0,
	    SCORE_MAX, NULL,
	    "The most points, of either sign, that authentication gives.",
	    NULL },
	{ "cap_lists", CONF_DOUBLE, offsetof(struct score_conf, cap_lists),
	    "9.0", 0, SCORE_MAX, NULL,
	    "The most points, of either sign, that DNS lists give.", NULL },
	{ "cap_content", CONF_DOUBLE, offsetof(struct score_conf, cap_content),
	    "10.0", 0, SCORE_MAX, NULL,
	    "The most points, of either sign, that the content gives.", NULL },
	{ "cap_history", CONF_DOUBLE, offsetof(struct score_conf, cap_history),
	    "4.0", 0, SCORE_MAX, NULL,
	    "The most points, of either sign, that reputation and known "
	    "correspondents give.",
	    NULL },
	{ "subject_tag", CONF_STRING, offsetof(struct score_conf, subject_tag),
	    "", 0, 0, NULL,
	    "Text put in front of the Subject of junk, such as ***SPAM***; "
	    "empty: none.",
	    check_tag },
};

const struct conf_section score_conf_section = { "score",
	"Where actions begin, in points.", keys, GP_NELEMS(keys) };

static int
hundredths(double points)
{
	return (int)lround(points * 100);
}

static int
threshold(double points)
{
	return hundredths(points) == 0 ? INT_MAX : hundredths(points);
}

struct score_limits
score_limits_of(const struct score_conf *conf)
{
	struct score_limits limits = {
		.greylist = threshold(conf->greylist),
		.junk = hundredths(conf->junk),
		.quarantine = threshold(conf->quarantine),
		.reject = threshold(conf->reject),
	};

	limits.caps[SYMBOL_GROUP_AUTHENTICATION] =
	    hundredths(conf->cap_authentication);
	limits.caps[SYMBOL_GROUP_LISTS] = hundredths(conf->cap_lists);
	limits.caps[SYMBOL_GROUP_CONTENT] = hundredths(conf->cap_content);
	limits.caps[SYMBOL_GROUP_HISTORY] = hundredths(conf->cap_history);
	return limits;
}

const char *
score_conf_error(const struct score_conf *conf)
{
	struct score_limits limits = score_limits_of(conf);

	if (limits.junk <= 0)
		return "score.junk: must be above 0";
	if (limits.reject < limits.junk)
		return "score.reject: is below score.junk";
	if (limits.quarantine < limits.junk)
		return "score.quarantine: is below score.junk";
	if (limits.quarantine != INT_MAX && limits.quarantine > limits.reject)
		return "score.quarantine: is above score.reject, so that it "
		       "would never be reached";
	return NULL;
}

enum status
score_parse(struct span text, int max, int *points_r)
{
	struct span whole;
	uint64_t points, decimals = 0;
	bool negative = text.length > 0 && text.data[0] == '-';
	size_t digits = 0;

	*points_r = 0;
	if (negative) {
		text.data++;
		text.length--;
	}
	if (!span_split(&text, '.', &whole) ||
	    str_to_uint64(whole, (uint64_t)max, &points) != STATUS_OK)
		return STATUS_INVALID;
	if (text.data != NULL) {
		digits = text.length;
		if (digits > 2 ||
		    str_to_uint64(text, 99, &decimals) != STATUS_OK)
			return STATUS_INVALID;
	}
	points = points * 100 + decimals * (digits == 1 ? 10 : 1);
	if (points > (uint64_t)max * 100)
		return STATUS_INVALID;
	*points_r = negative ? -(int)points : (int)points;
	return STATUS_OK;
}

const char *
score_text(int points, char text[SCORE_TEXT_BYTES])
{
	unsigned int whole = (unsigned int)abs(points);
	const char *sign = points < 0 ? "-" : "";

	if (whole % 10 == 0)
		snprintf(text, SCORE_TEXT_BYTES, "%s%u.%u", sign, whole / 100,
		    whole / 10 % 10);
	else
		snprintf(text, SCORE_TEXT_BYTES, "%s%u.%02u", sign, whole / 100,
		    whole % 100);
	return text;
}

/* The sentence with what was seen in place of "{}". */
static const char *
fill_sentence(struct region *region, const char *sentence, const char *detail)
{
	const char *hole = strstr(sentence, "{}");
	char clean[DETAIL_BYTES];

	if (hole == NULL)
		return region_strdup(region, sentence);
	if (detail == NULL || detail[0] == '\0')
		detail = NOBODY;
	str_show(clean, sizeof(clean), span_of(detail));
	return region_printf(region, "%.*s%s%s", (int)(hole - sentence),
	    sentence, clean, hole + 2);
}

/* What the sentence does not tell; NULL is no failure. */
static enum status
keep_seen(struct region *region, const char *sentence, const char *detail,
    const char **seen_r)
{
	char shown[SEEN_BYTES];

	*seen_r = NULL;
	if (detail == NULL || detail[0] == '\0' ||
	    strstr(sentence, "{}") != NULL)
		return STATUS_OK;
	*seen_r = region_strdup(
	    region, str_show(shown, sizeof(shown), span_of(detail)));
	return *seen_r == NULL ? STATUS_NOMEM : STATUS_OK;
}

static struct symbol *
find(struct score *score, enum symbol_id id)
{
	size_t i;

	for (i = 0; i < score->count; i++)
		if (score->symbols[i].id == id)
			return &score->symbols[i];
	return NULL;
}

enum status
score_add(struct score *score, struct region *region,
    const struct symbol_setting *settings, enum symbol_id id, double share,
    const char *detail)
{
	const struct symbol_setting *setting = &settings[id];
	struct symbol *symbol = find(score, id);
	const char *reason, *seen;
	int points;

	if (setting->off)
		return STATUS_OK;
	points = (int)lround(setting->weight * share);
	if (symbol != NULL && abs(points) <= abs(symbol->points))
		return STATUS_OK;
	reason = fill_sentence(region, setting->sentence, detail);
	if (reason == NULL ||
	    keep_seen(region, setting->sentence, detail, &seen) != STATUS_OK)
		return STATUS_NOMEM;
	if (symbol == NULL)
		symbol = &score->symbols[score->count++];
	symbol->id = id;
	symbol->points = points;
	symbol->reason = reason;
	symbol->seen = seen;
	return STATUS_OK;
}

bool
score_has(const struct score *score, enum symbol_id id)
{
	size_t i;

	for (i = 0; i < score->count; i++)
		if (score->symbols[i].id == id)
			return true;
	return false;
}

static int
group_sum(const struct score *score, enum symbol_group group)
{
	int sum = 0;
	size_t i;

	for (i = 0; i < score->count; i++)
		if (symbol_group(score->symbols[i].id) == group)
			sum += score->symbols[i].points;
	return sum;
}

/* The sum of a group within its cap. */
static int
capped_sum(const struct score *score, const struct score_limits *limits,
    enum symbol_group group)
{
	int sum = group_sum(score, group), cap = limits->caps[group];

	if (sum > cap)
		return cap;
	return sum < -cap ? -cap : sum;
}

int
score_without(const struct score *score, const struct score_limits *limits,
    enum symbol_group left_out)
{
	int sum = group_sum(score, SYMBOL_GROUP_CERTAIN), group;

	for (group = 0; group < SYMBOL_GROUPS_CAPPED; group++)
		if (group != (int)left_out)
			sum +=
			    capped_sum(score, limits, (enum symbol_group)group);
	return sum;
}

/* A symbol of the decision itself. */
static void
add_decision(struct score *score, enum symbol_id id, int points)
{
	struct symbol *symbol = &score->symbols[score->count++];

	symbol->id = id;
	symbol->points = points;
	symbol->reason = symbol_sentence(id);
	score->total += points;
}

/* What a group counts: good history little where others speak against it. */
static int
group_points(const struct score *score, const struct score_limits *limits,
    enum symbol_group group)
{
	int sum = capped_sum(score, limits, group);

	if (group == SYMBOL_GROUP_HISTORY && sum < -SCORE_EXCUSE_MAX &&
	    capped_sum(score, limits, SYMBOL_GROUP_LISTS) +
		    capped_sum(score, limits, SYMBOL_GROUP_CONTENT) >=
		limits->junk)
		return -SCORE_EXCUSE_MAX;
	return sum;
}

void
score_sum(struct score *score, const struct score_limits *limits)
{
	static const enum symbol_id cap_symbols[SYMBOL_GROUPS_CAPPED] = {
		[SYMBOL_GROUP_AUTHENTICATION] = SYMBOL_CAP_AUTHENTICATION,
		[SYMBOL_GROUP_LISTS] = SYMBOL_CAP_LISTS,
		[SYMBOL_GROUP_CONTENT] = SYMBOL_CAP_CONTENT,
		[SYMBOL_GROUP_HISTORY] = SYMBOL_CAP_HISTORY,
	};

	size_t i, count = score->count;
	int group, sum, points;

	score->total = 0;
	for (i = 0; i < count; i++)
		score->total += score->symbols[i].points;
	for (group = 0; group < SYMBOL_GROUPS_CAPPED; group++) {
		sum = group_sum(score, (enum symbol_group)group);
		points = group_points(score, limits, (enum symbol_group)group);
		if (points != sum)
			add_decision(score, cap_symbols[group], points - sum);
	}
}

void
score_raise(struct score *score, int least)
{
	if (score->total < least && !score_has(score, SYMBOL_POLICY))
		add_decision(score, SYMBOL_POLICY, least - score->total);
}

/* Is symbol a stronger than symbol b? */
static bool
is_stronger(const struct symbol *a, const struct symbol *b, bool against)
{
	if (against)
		return a->points > b->points;
	return abs(a->points) > abs(b->points);
}

size_t
score_strongest(
    const struct score *score, bool against, size_t *indexes, size_t max)
{
	const struct symbol *symbols = score->symbols;
	size_t i, place, count = 0;

	for (i = 0; i < score->count; i++) {
		if (symbol_group(symbols[i].id) == SYMBOL_GROUP_DECISION ||
		    symbols[i].points == 0 ||
		    (against && symbols[i].points < 0))
			continue;
		place = count < max ? count : max;
		while (place > 0 &&
		    is_stronger(
			&symbols[i], &symbols[indexes[place - 1]], against)) {
			if (place < max)
				indexes[place] = indexes[place - 1];
			place--;
		}
		if (place < max) {
			indexes[place] = i;
			count += count < max;
		}
	}
	return count;
}
