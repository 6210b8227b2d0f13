/* senders-list - what a login may write as, and what is wrong (see senders.h). */
#include "config.h"

#include <string.h>

#include "lib/senders/senders-private.h"

/* What senders_list() gives. */
struct listing {
	struct senders_question question;
	struct senders_grant *grants;
	size_t count, room;
};

static enum status
add_grant(struct listing *listing, const char *entry, const char *source)
{
	struct senders_grant *grants;
	size_t room = listing->room == 0 ? 16 : listing->room * 2;

	if (listing->count == listing->room) {
		grants = region_alloc_array(
		    listing->question.region, room, sizeof(*grants));
		if (grants == NULL)
			return STATUS_NOMEM;
		if (listing->count > 0)
			memcpy(grants, listing->grants,
			    listing->count * sizeof(*grants));
		listing->grants = grants;
		listing->room = room;
	}
	entry = region_strdup(listing->question.region, entry);
	if (entry == NULL || source == NULL)
		return STATUS_NOMEM;
	listing->grants[listing->count].entry = entry;
	listing->grants[listing->count++].source = source;
	return STATUS_OK;
}

/* "@old.example @new.example" gives a login its own address there; NULL: no
 * memory. */
static const char *
own_address(const struct senders_question *question, const char *domain)
{
	return region_printf(question->region, "%.*s%s",
	    (int)strcspn(question->login, "@"), question->login, domain);
}

static enum status
list_entry(struct listing *listing, const struct senders_source *source,
    const struct senders_entry *entry)
{
	struct senders_question *question = &listing->question;
	const struct senders_range range = { entry, 1 };
	bool leads = strcmp(entry->login, question->login) == 0;
	const char *key = entry->key, *name = entry->exact;
	enum status status = STATUS_OK;

	if (key[0] == '@' && entry->login[0] == '@')
		key = name = own_address(question, key);
	if (key == NULL)
		return STATUS_NOMEM;
	if (!leads && source->kind == SENDERS_SOURCE_ACCOUNTS)
		status = senders_follow(question, source, &range, key, &leads);
	if (status != STATUS_OK || !leads)
		return status;
	return add_grant(listing, name,
	    region_printf(
		question->region, "%s:%zu", entry->path, entry->line));
}

static enum status
list_match(struct listing *listing)
{
	const struct senders_conf *conf = &listing->question.set->conf;
	const char *login = listing->question.login;
	const char *at = strrchr(login, '@');

	if (conf->match == SENDERS_MATCH_OFF || at == NULL || at == login)
		return STATUS_OK;
	if (conf->match == SENDERS_MATCH_ADDRESS)
		return add_grant(listing, login, "match = address");
	return add_grant(listing, at, "match = domain");
}

static enum status
list_tables(const struct senders_set *set, struct region *region,
    struct conf_list *tables_r)
{
	const char **names =
	    region_alloc_array(region, set->table_count + 1, sizeof(*names));
	size_t i;

	if (names == NULL)
		return STATUS_NOMEM;
	for (i = 0; i < set->table_count; i++) {
		names[i] =
		    region_strdup(region, senders_table_name(set->tables[i]));
		if (names[i] == NULL)
			return STATUS_NOMEM;
	}
	tables_r->count = set->table_count;
	tables_r->items = names;
	return STATUS_OK;
}

static enum status
list_all(struct listing *listing)
{
	const struct senders_set *set = listing->question.set;
	const struct senders_source *source;
	enum status status = list_match(listing);
	size_t i, j;

	for (i = 0; i < set->source_count && status == STATUS_OK; i++) {
		source = set->sources[i];
		for (j = 0; j < source->index.count && status == STATUS_OK; j++)
			status = list_entry(
			    listing, source, &source->index.entries[j]);
	}
	return status;
}

enum status
senders_list(struct senders *senders, struct region *region, const char *login,
    struct conf_list *tables_r, struct senders_grant **grants_r,
    size_t *count_r)
{
	struct listing listing = { .question = { .region = region } };
	struct senders_set *set = senders_set_hold(senders);
	enum status status;

	listing.question.set = set;
	status =
	    senders_login_of(region, span_of(login), &listing.question.login);
	if (status == STATUS_OK)
		status = list_tables(set, region, tables_r);
	if (status == STATUS_OK)
		status = list_all(&listing);
	*grants_r = listing.grants;
	*count_r = listing.count;
	senders_set_release(&set);
	return status;
}

/* One text more; false: no memory. */
static bool
add_text(
    struct region *region, const char **texts, size_t *count, const char *text)
{
	texts[*count] = region_strdup(region, text);
	return texts[(*count)++] != NULL;
}

static enum status
list_problems(const struct senders_set *set, struct region *region,
    const char **texts, size_t *count, size_t *unreadable)
{
	const struct senders_source *source;
	size_t i, j;

	for (i = 0; i < set->source_count; i++)
		if (set->sources[i]->failure != NULL &&
		    !add_text(region, texts, count, set->sources[i]->failure))
			return STATUS_NOMEM;
	*unreadable = *count;
	for (i = 0; i < set->source_count; i++) {
		source = set->sources[i];
		for (j = 0; j < senders_kept_problems(source); j++)
			if (!add_text(
				region, texts, count, source->problems[j]))
				return STATUS_NOMEM;
	}
	return STATUS_OK;
}

enum status
senders_problems(struct senders *senders, struct region *region,
    struct conf_list *problems_r, size_t *unreadable_r)
{
	struct senders_set *set = senders_set_hold(senders);
	enum status status = STATUS_NOMEM;
	const char **texts;
	size_t count = 0;

	*unreadable_r = 0;
	texts = region_alloc_array(region,
	    set->source_count * (SENDERS_PROBLEMS_MAX + 1) + 1, sizeof(*texts));
	if (texts != NULL)
		status =
		    list_problems(set, region, texts, &count, unreadable_r);
	problems_r->count = count;
	problems_r->items = texts;
	senders_set_release(&set);
	return status;
}
