/* senders-ask - may a login write as an address? (see senders.h) */
#include "config.h"

#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/strbuf.h"
#include "lib/senders/senders-private.h"

/* Where the detail of a local part begins, or its end. */
static size_t
detail_start(const char *local_part, const char *delimiters)
{
	size_t plain = strcspn(local_part, delimiters);

	return plain == 0 ? strlen(local_part) : plain;
}

static enum status
add_key(struct senders_question *question, const struct address *address)
{
	return senders_key_of(
	    question->region, address, &question->keys[question->key_count++]);
}

/* In the order of Postfix. */
static enum status
make_keys(struct senders_question *question, const struct address *address)
{
	const char *delimiters = question->set->conf.recipient_delimiter;
	size_t plain = detail_start(address->local_part, delimiters);
	struct address shorter = *address;
	enum status status;

	status = add_key(question, address);
	if (status == STATUS_OK && address->local_part[plain] != '\0') {
		shorter.local_part =
		    region_memdup(question->region, address->local_part, plain);
		if (shorter.local_part == NULL)
			return STATUS_NOMEM;
		status = add_key(question, &shorter);
	}
	shorter.local_part = "";
	return status == STATUS_OK ? add_key(question, &shorter) : status;
}

/* What a source says of an entry. */
static enum status
note(struct senders_question *question, enum senders_answer answer,
    const char *source, const char *entry)
{
	struct senders_found *found = question->found;

	found->answer = answer;
	found->source = region_strdup(question->region, source);
	found->entry = region_strdup(question->region, entry);
	found->reason = NULL;
	return found->source == NULL || found->entry == NULL ? STATUS_NOMEM :
							       STATUS_OK;
}

static enum status
note_entry(struct senders_question *question, enum senders_answer answer,
    const struct senders_entry *entry)
{
	char *source =
	    region_printf(question->region, "%s:%zu", entry->path, entry->line);

	if (source == NULL)
		return STATUS_NOMEM;
	return note(question, answer, source, entry->exact);
}

/* There is no login, and the address belongs to one: that is sure. */
static bool
is_owned(const struct senders_question *question)
{
	return question->login[0] == '\0' &&
	    question->found->answer == SENDERS_FOREIGN &&
	    question->found->source != NULL;
}

/* A source that cannot be read; it only counts if nothing allows. */
static enum status
note_failure(
    struct senders_question *question, const char *source, const char *reason)
{
	struct senders_found *found = question->found;

	if (found->answer == SENDERS_ALLOWED || is_owned(question))
		return STATUS_OK;
	found->answer = SENDERS_UNKNOWN;
	found->entry = NULL;
	found->source = region_strdup(question->region, source);
	found->reason = region_strdup(question->region, reason);
	return found->source == NULL || found->reason == NULL ? STATUS_NOMEM :
								STATUS_OK;
}

static void
chain_add(struct senders_chain *chain, const char *key)
{
	size_t i;

	for (i = 0; i < chain->count; i++)
		if (strcmp(chain->keys[i], key) == 0)
			return;
	if (chain->count < SENDERS_CHAIN_MAX)
		chain->keys[chain->count++] = key;
}

/* "@new.example" as the target of an alias: the same local part there. */
static enum status
chain_add_target(struct senders_question *question, struct senders_chain *chain,
    const char *from, const char *target)
{
	const char *at = strrchr(from, '@'), *key = target;

	if (target[0] == '@' && at != NULL) {
		key = region_printf(
		    question->region, "%.*s%s", (int)(at - from), from, target);
		if (key == NULL)
			return STATUS_NOMEM;
	}
	chain_add(chain, key);
	return STATUS_OK;
}

/* The entries of an address, or of its domain where it has none. */
static struct senders_range
find_alias(const struct senders_source *source, const char *key)
{
	struct senders_range range = senders_index_find(&source->index, key);
	const char *at = strrchr(key, '@');

	if (range.count == 0 && at != NULL)
		range = senders_index_find(&source->index, at);
	return range;
}

/* Does an alias lead to the login?  The first entries were looked at. */
enum status
senders_follow(struct senders_question *question,
    const struct senders_source *source, const struct senders_range *first,
    const char *from, bool *leads_r)
{
	struct senders_chain *chain = &question->chain;
	struct senders_range range = *first;
	enum status status = STATUS_OK;
	size_t i;

	*leads_r = false;
	chain->next = chain->count = 0;
	chain_add(chain, from);
	while (status == STATUS_OK) {
		for (i = 0; i < range.count && status == STATUS_OK; i++)
			status = chain_add_target(question, chain,
			    chain->keys[chain->next], range.first[i].login);
		if (++chain->next >= chain->count)
			break;
		if (strcmp(chain->keys[chain->next], question->login) == 0) {
			*leads_r = true;
			break;
		}
		range = find_alias(source, chain->keys[chain->next]);
	}
	return status;
}

/* The entry of the range that belongs to the login; NULL: none. */
static const struct senders_entry *
find_login(
    const struct senders_range *range, const char *exact, const char *login)
{
	size_t i;

	for (i = 0; i < range->count; i++)
		if (strcmp(range->first[i].login, login) == 0 &&
		    senders_entry_counts(range, &range->first[i], exact))
			return &range->first[i];
	return NULL;
}

/* What the entries of one key say. */
static enum status
judge_range(struct senders_question *question,
    const struct senders_source *source, const struct senders_range *range,
    const struct senders_key *key)
{
	const struct senders_entry *entry =
	    find_login(range, key->exact, question->login);
	enum status status = STATUS_OK;
	bool leads = false;

	if (question->login[0] == '\0')
		return note_entry(question, SENDERS_FOREIGN, range->first);
	if (entry == NULL && source->kind == SENDERS_SOURCE_ACCOUNTS) {
		status = senders_follow(question, source, range,
		    question->keys[question->key_count - 2].key, &leads);
		entry = leads ? range->first : NULL;
	}
	if (status != STATUS_OK)
		return status;
	if (entry != NULL)
		return note_entry(question, SENDERS_ALLOWED, entry);
	if (question->found->answer == SENDERS_FOREIGN)
		return note_entry(question, SENDERS_FOREIGN, range->first);
	return STATUS_OK;
}

static enum status
ask_source(
    struct senders_question *question, const struct senders_source *source)
{
	struct senders_range range = { NULL, 0 };
	enum status status = STATUS_OK;
	size_t i;

	for (i = 0; i < question->key_count && range.count == 0; i++) {
		range =
		    senders_index_find(&source->index, question->keys[i].key);
		if (range.count > 0)
			status = judge_range(
			    question, source, &range, &question->keys[i]);
	}
	if (status == STATUS_OK && source->failure != NULL)
		status =
		    note_failure(question, source->paths[0], source->failure);
	return status;
}

static enum status
judge_value(struct senders_question *question, const char *table,
    const char *key, const char *value)
{
	struct span rest = span_of(value), login;
	const char *owner;
	enum status status;

	while (
	    question->login[0] != '\0' && senders_read_login(&rest, &login)) {
		status = senders_login_of(question->region, login, &owner);
		if (status != STATUS_OK)
			return status;
		if (strcmp(owner, question->login) == 0)
			return note(question, SENDERS_ALLOWED, table, key);
	}
	if (question->found->answer == SENDERS_UNKNOWN &&
	    question->login[0] != '\0')
		return STATUS_OK;
	return note(question, SENDERS_FOREIGN, table, key);
}

static bool
needs_quotes(const char *local_part, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++)
		if ((unsigned char)local_part[i] < 0x80 &&
		    !ascii_is_alnum(local_part[i]) &&
		    strchr("!#$%&'*+-/=?^_`{|}~.", local_part[i]) == NULL)
			return true;
	return false;
}

/* The key as Postfix's tables have it: with quotes where it needs them. */
static enum status
table_key(struct region *region, const char *exact, const char **key_r)
{
	size_t length = (size_t)(strrchr(exact, '@') - exact), i;
	struct strbuf *text;
	enum status status;

	*key_r = exact;
	if (!needs_quotes(exact, length))
		return STATUS_OK;
	if ((text = strbuf_new(2 * strlen(exact) + 2)) == NULL)
		return STATUS_NOMEM;
	strbuf_add_char(text, '"');
	for (i = 0; i < length; i++) {
		if (exact[i] == '"' || exact[i] == '\\')
			strbuf_add_char(text, '\\');
		strbuf_add_char(text, exact[i]);
	}
	strbuf_printf(text, "\"%s", exact + length);
	status = strbuf_status(text);
	if (status == STATUS_OK &&
	    (*key_r = region_strdup(region, strbuf_text(text))) == NULL)
		status = STATUS_NOMEM;
	strbuf_free(&text);
	return status;
}

static enum status
ask_table(struct senders_question *question, struct senders_table *table)
{
	const char *name = senders_table_name(table), *value = NULL, *reason;
	struct senders_lookup lookup = { .region = question->region,
		.deadline_ms = question->deadline_ms };
	enum status status = STATUS_OK;
	size_t i;

	for (i = 0; i < question->key_count && value == NULL; i++) {
		status = table_key(
		    question->region, question->keys[i].exact, &lookup.key);
		if (status == STATUS_OK)
			status =
			    senders_table_ask(table, &lookup, &value, &reason);
		if (status == STATUS_IO)
			return note_failure(question, name, reason);
		if (status != STATUS_OK)
			return status;
	}
	if (value == NULL)
		return STATUS_OK;
	return judge_value(question, name, lookup.key, value);
}

/* A login that is an address: itself, or all of its domain. */
static enum status
ask_match(struct senders_question *question, const struct address *address)
{
	int match = question->set->conf.match;
	const char *at = strrchr(question->login, '@');
	size_t i;

	if (match == SENDERS_MATCH_OFF || at == NULL || at == question->login)
		return STATUS_OK;
	for (i = 0; i + 1 < question->key_count; i++)
		if (strcmp(question->keys[i].key, question->login) == 0)
			return note(question, SENDERS_ALLOWED,
			    match == SENDERS_MATCH_ADDRESS ? "match = address" :
							     "match = domain",
			    question->login);
	if (match == SENDERS_MATCH_DOMAIN &&
	    strcmp(address->domain, at + 1) == 0)
		return note(question, SENDERS_ALLOWED, "match = domain", at);
	return STATUS_OK;
}

/* What waits comes last, and only while nothing has allowed the address. */
static enum status
ask_all(struct senders_question *question, const struct address *address)
{
	const struct senders_set *set = question->set;
	const struct senders_found *found = question->found;
	enum status status;
	size_t i;

	if ((status = make_keys(question, address)) != STATUS_OK)
		return status;
	status = ask_match(question, address);
	for (i = 0; i < set->source_count && status == STATUS_OK &&
	     found->answer != SENDERS_ALLOWED;
	     i++)
		status = ask_source(question, set->sources[i]);
	for (i = 0; i < set->table_count && status == STATUS_OK &&
	     found->answer != SENDERS_ALLOWED;
	     i++)
		status = ask_table(question, set->tables[i]);
	return status;
}

enum status
senders_ask(struct senders *senders, struct region *region, const char *login,
    const struct address *address, struct senders_found *found_r)
{
	struct senders_question question = { .region = region,
		.found = found_r };
	struct senders_set *set = senders_set_hold(senders);
	enum status status;

	question.set = set;
	question.deadline_ms = clock_now_ms() + set->conf.timeout;
	memset(found_r, 0, sizeof(*found_r));
	found_r->answer = SENDERS_FOREIGN;
	if (!senders_conf_has_source(&set->conf))
		found_r->answer = SENDERS_ALLOWED;
	status = senders_login_of(region, span_of(login), &question.login);
	if (status == STATUS_OK && found_r->answer != SENDERS_ALLOWED &&
	    address->domain[0] != '\0')
		status = ask_all(&question, address);
	/* Without a login: what belongs to nobody. */
	if (login[0] == '\0' && found_r->answer == SENDERS_FOREIGN &&
	    found_r->source == NULL)
		found_r->answer = SENDERS_ALLOWED;
	senders_set_release(&set);
	return status;
}
