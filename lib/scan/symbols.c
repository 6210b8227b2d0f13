/* symbols - the table of symbols and its configuration (see symbols.h). */
#include "config.h"

#include "lib/scan/symbols.h"

#include <string.h>

#include "lib/scan/score.h"

struct symbol_row {
	const char *name;
	enum symbol_group group;
	const char *weight; /* "" for decisions */
	const char *sentence;
};

#define ROW(name, group, weight, sentence) \
	[SYMBOL_##name] = { #name, SYMBOL_GROUP_##group, weight, sentence },
#define DECISION_ROW(name, sentence) \
	[SYMBOL_##name] = { #name, SYMBOL_GROUP_DECISION, "", sentence },

static const struct symbol_row rows[SYMBOLS_COUNT] = { SYMBOL_TABLE(ROW)
	    SYMBOL_DECISIONS(DECISION_ROW) };

/*
 * What says nothing about mail of our own users.  All other symbols of the
 * checks that look at outbound mail (struct check: outbound) count there too.
 */
static const bool inbound[SYMBOLS_COUNT] = {
	/* Postfix completes it, behind the milter. */
	[SYMBOL_DATE_MISSING] = true,
	[SYMBOL_MESSAGE_ID_MISSING] = true,
	[SYMBOL_TO_MISSING] = true,
	[SYMBOL_TO_UNDISCLOSED] = true,
	[SYMBOL_FROM_DOMAIN_NO_DOT] = true,
	/* The domain is one of ours, whatever its name. */
	[SYMBOL_FROM_HOSTER_DOMAIN] = true,
	[SYMBOL_FROM_TLD_BAD] = true,
	/* So people do: notes and copies to themselves. */
	[SYMBOL_FROM_EQUALS_TO] = true,
};

const char *
symbol_name(enum symbol_id id)
{
	return rows[id].name;
}

enum symbol_group
symbol_group(enum symbol_id id)
{
	return rows[id].group;
}

bool
symbol_is_inbound(enum symbol_id id)
{
	return inbound[id];
}

const char *
symbol_group_text(enum symbol_group group)
{
	switch (group) {
	case SYMBOL_GROUP_AUTHENTICATION:
		return "authentication";
	case SYMBOL_GROUP_LISTS:
		return "lists";
	case SYMBOL_GROUP_CONTENT:
		return "content";
	case SYMBOL_GROUP_HISTORY:
		return "history";
	case SYMBOL_GROUP_CERTAIN:
		return "certain";
	case SYMBOL_GROUP_DECISION:
		return "decision";
	}
	return "decision";
}

const char *
symbol_sentence(enum symbol_id id)
{
	return rows[id].sentence;
}

bool
symbol_find(const char *name, enum symbol_id *id_r)
{
	size_t i;

	for (i = 0; i < SYMBOLS_COUNT; i++)
		if (strcmp(rows[i].name, name) == 0) {
			*id_r = (enum symbol_id)i;
			return true;
		}
	return false;
}

/* At most one "{}", and nothing that is not printable ASCII. */
static bool
is_sentence(const char *text)
{
	const char *hole = strstr(text, "{}");
	const char *p;

	for (p = text; *p != '\0'; p++)
		if (!ascii_is_print((unsigned char)*p))
			return false;
	if (strlen(text) > SYMBOL_SENTENCE_BYTES_MAX)
		return false;
	return hole == NULL || strstr(hole + 2, "{}") == NULL;
}

enum status
symbol_read_setting(
    enum symbol_id id, const char *text, struct symbol_setting *setting_r)
{
	struct span rest = span_trim(span_of(text)), word;
	const char *sentence;

	memset(setting_r, 0, sizeof(*setting_r));
	setting_r->sentence = rows[id].sentence;
	if (!span_split(&rest, ' ', &word))
		return STATUS_INVALID;
	sentence = rest.data;
	while (sentence != NULL && *sentence == ' ')
		sentence++;
	if (sentence != NULL && *sentence != '\0') {
		if (!is_sentence(sentence))
			return STATUS_INVALID;
		setting_r->sentence = sentence;
	}
	if (span_equals_nocase(word, "off")) {
		setting_r->off = true;
		return STATUS_OK;
	}
	return score_parse(word, SYMBOL_WEIGHT_MAX, &setting_r->weight);
}

/* "2,0 Words": the decimal comma of many countries. */
static bool
has_comma_points(const char *text)
{
	text += strspn(text, " ");
	text += *text == '-';
	return ascii_is_digit(*text) && text[strspn(text, "0123456789")] == ',';
}

static const char *
check_setting(const char *text)
{
	struct symbol_setting setting;

	/* The sentence is not looked at: any symbol will do. */
	if (symbol_read_setting((enum symbol_id)0, text, &setting) == STATUS_OK)
		return NULL;
	if (has_comma_points(text))
		return "use a point in a number, such as 2.0";
	return "must be points from -100 to 100 with at most two decimals, or "
	       "off; behind them a sentence may stand, with at most one {}";
}

#define KEY(name, group, weight, sentence)                \
	{ #name, CONF_STRING,                             \
		offsetof(struct symbols_conf, settings) + \
		    SYMBOL_##name * sizeof(const char *), \
		weight, 0, 0, NULL, sentence, check_setting },

static const struct conf_key keys[] = { SYMBOL_TABLE(KEY) };

const struct conf_section symbols_conf_section = { "symbols",
	"The weight of each symbol in points: \"1.5\", or \"off\", or \"1.5 "
	"Words for {}.\" to say it in other words as well.",
	keys, GP_NELEMS(keys) };
