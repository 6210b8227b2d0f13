/* guard - limits of who sends (see guard.h). */
#include "config.h"

#include "lib/guard/guard.h"

#include <inttypes.h>
#include <string.h>

#include "lib/base/str.h"

#define MS_PER_SECOND 1000
#define DAY_SECONDS   86400

static const char *const bucket_kinds[GUARD_LIMITS] = {
	[GUARD_MESSAGES] = "guardmail",
	[GUARD_RECIPIENTS] = "guardrcpt",
	[GUARD_JUNK] = "guardjunk",
};

const char *
guard_limit_text(enum guard_limit limit)
{
	switch (limit) {
	case GUARD_MESSAGES:
		return "messages";
	case GUARD_RECIPIENTS:
		return "recipients";
	case GUARD_JUNK:
		return "junk points";
	}
	return "messages";
}

const struct conf_rate *
guard_rate(const struct guard_conf *conf, enum guard_limit limit)
{
	switch (limit) {
	case GUARD_MESSAGES:
		return &conf->messages;
	case GUARD_RECIPIENTS:
		return &conf->recipients;
	case GUARD_JUNK:
		return &conf->junk;
	}
	return &conf->messages;
}

void
guard_limit_write(
    const struct guard_conf *conf, enum guard_limit limit, struct strbuf *out)
{
	const struct conf_rate *rate = guard_rate(conf, limit);

	strbuf_printf(
	    out, "%" PRId64 " %s in ", rate->count, guard_limit_text(limit));
	conf_duration_text(out, rate->period);
}

bool
guard_is_off(const struct guard_conf *conf)
{
	return conf->messages.count == 0 && conf->recipients.count == 0 &&
	    conf->junk.count == 0;
}

bool
guard_is_excepted(
    const struct guard_conf *conf, const char *login, const struct ip *ip)
{
	struct ip_network network;
	const char *item;
	size_t i;

	for (i = 0; i < conf->except.count; i++) {
		item = conf->except.items[i];
		if (login[0] != '\0') {
			if (str_equals_nocase(login, item))
				return true;
		} else if (ip_network_parse(item, &network) == STATUS_OK &&
		    ip_in_network(ip, &network)) {
			return true;
		}
	}
	return false;
}

/* All keys of a name, which is in the region. */
static enum status
fill_sender(
    struct region *region, const char *name, struct guard_sender *sender_r)
{
	bool is_complete = name != NULL;
	size_t i;

	memset(sender_r, 0, sizeof(*sender_r));
	if (name == NULL)
		return STATUS_NOMEM;
	sender_r->name = name;
	for (i = 0; i < GUARD_LIMITS; i++) {
		sender_r->bucket_keys[i] =
		    region_printf(region, "%s:%s", bucket_kinds[i], name);
		is_complete &= sender_r->bucket_keys[i] != NULL;
	}
	sender_r->over_key = region_printf(region, "guardover:%s", name);
	sender_r->told_key = region_printf(region, "guardtold:%s", name);
	is_complete &= sender_r->over_key != NULL && sender_r->told_key != NULL;
	return is_complete ? STATUS_OK : STATUS_NOMEM;
}

static enum status
sender_of_ip(
    struct region *region, const struct ip *ip, struct guard_sender *sender_r)
{
	char text[IP_TEXT_BYTES];

	return fill_sender(
	    region, region_printf(region, "[%s]", ip_text(ip, text)), sender_r);
}

enum status
guard_sender_of(struct region *region, const char *login, const struct ip *ip,
    struct guard_sender *sender_r)
{
	if (login[0] != '\0')
		return guard_sender_named(region, login, sender_r);
	return sender_of_ip(region, ip, sender_r);
}

enum status
guard_sender_named(
    struct region *region, const char *name, struct guard_sender *sender_r)
{
	size_t length = strlen(name);
	bool has_brackets =
	    length > 2 && name[0] == '[' && name[length - 1] == ']';
	char *copy;
	struct ip ip;

	copy = has_brackets ? region_memdup(region, name + 1, length - 2) :
			      region_strdup(region, name);
	if (copy == NULL)
		return STATUS_NOMEM;
	if (ip_parse(copy, &ip) == STATUS_OK)
		return sender_of_ip(region, &ip, sender_r);
	if (has_brackets && (copy = region_strdup(region, name)) == NULL)
		return STATUS_NOMEM;
	ascii_lower_all(copy, length);
	return fill_sender(region, copy, sender_r);
}

static struct store_operation
take(const struct conf_rate *rate, const char *key, double amount)
{
	struct store_operation operation = { .verb = STORE_TAKE, .key = key };

	operation.capacity = (double)rate->count;
	operation.per_second =
	    (double)rate->count * MS_PER_SECOND / (double)rate->period;
	operation.amount = amount;
	return operation;
}

/* Takes from the buckets of limits that are on and of which it wants any. */
static enum status
take_all(struct store *store, const struct guard_conf *conf,
    const struct guard_sender *sender, const struct guard_amounts *amounts,
    struct guard_state *state)
{
	struct store_operation takes[GUARD_LIMITS];
	enum guard_limit limits[GUARD_LIMITS];
	const struct conf_rate *rate;
	enum status status;
	size_t i, count = 0;

	for (i = 0; i < GUARD_LIMITS; i++) {
		rate = guard_rate(conf, (enum guard_limit)i);
		if (rate->count == 0 || !(amounts->of[i] > 0))
			continue;
		limits[count] = (enum guard_limit)i;
		takes[count++] =
		    take(rate, sender->bucket_keys[i], amounts->of[i]);
	}
	status = store_run(store, takes, count);
	for (i = 0; i < count && status == STATUS_OK && !state->is_over; i++)
		if (!takes[i].taken && !takes[i].failed) {
			state->is_over = true;
			state->limit = limits[i];
		}
	return status;
}

static void
read_marks(const struct store_operation *over,
    const struct store_operation *told, struct guard_state *state)
{
	state->is_over = over->found;
	state->over_at = over->marked_at;
	state->limit = GUARD_MESSAGES;
	if (over->marked_number >= 0 && over->marked_number < GUARD_LIMITS)
		state->limit = (enum guard_limit)over->marked_number;
	state->is_told = told->found;
	state->told_at = told->marked_at;
}

/* Only the first of several messages makes it new. */
static enum status
stop(struct store *store, const struct guard_conf *conf,
    const struct guard_sender *sender, struct guard_state *state)
{
	struct store_operation claim = { .verb = STORE_CLAIM,
		.key = sender->over_key,
		.lifetime_seconds = conf->duration / MS_PER_SECOND,
		.number = state->limit };
	enum status status = store_run(store, &claim, 1);

	state->is_new = status == STATUS_OK && !claim.found;
	return status;
}

enum status
guard_count(struct store *store, const struct guard_conf *conf,
    const struct guard_sender *sender, const struct guard_amounts *amounts,
    struct guard_state *state_r)
{
	struct store_operation looks[] = {
		{ .verb = STORE_PEEK, .key = sender->over_key },
		{ .verb = STORE_PEEK, .key = sender->told_key },
	};
	enum status status;

	memset(state_r, 0, sizeof(*state_r));
	status = store_run(store, looks, GP_NELEMS(looks));
	if (status != STATUS_OK)
		return status;
	read_marks(&looks[0], &looks[1], state_r);
	if (state_r->is_over)
		return STATUS_OK;
	status = take_all(store, conf, sender, amounts, state_r);
	if (status == STATUS_OK && state_r->is_over)
		status = stop(store, conf, sender, state_r);
	if (status != STATUS_OK)
		memset(state_r, 0, sizeof(*state_r));
	return status;
}

enum status
guard_look(struct store *store, const struct guard_conf *conf,
    const struct guard_sender *sender, struct guard_state *state_r,
    struct guard_amounts *used_r)
{
	struct store_operation looks[2 + GUARD_LIMITS] = {
		{ .verb = STORE_PEEK, .key = sender->over_key },
		{ .verb = STORE_PEEK, .key = sender->told_key },
	};
	struct conf_rate rates[GUARD_LIMITS];
	const struct conf_rate none = { 1, MS_PER_SECOND };
	enum status status;
	size_t i;

	memset(state_r, 0, sizeof(*state_r));
	memset(used_r, 0, sizeof(*used_r));
	for (i = 0; i < GUARD_LIMITS; i++) {
		rates[i] = *guard_rate(conf, (enum guard_limit)i);
		looks[2 + i] = take(rates[i].count == 0 ? &none : &rates[i],
		    sender->bucket_keys[i], 0);
	}
	status = store_run(store, looks, GP_NELEMS(looks));
	if (status != STATUS_OK)
		return status;
	read_marks(&looks[0], &looks[1], state_r);
	for (i = 0; i < GUARD_LIMITS; i++)
		if (rates[i].count != 0 && !looks[2 + i].failed)
			used_r->of[i] =
			    (double)rates[i].count - looks[2 + i].left;
	return STATUS_OK;
}

enum status
guard_reset(struct store *store, const struct guard_sender *sender)
{
	struct store_operation forgets[2 + GUARD_LIMITS] = {
		{ .verb = STORE_FORGET, .key = sender->over_key },
		{ .verb = STORE_FORGET, .key = sender->told_key },
	};
	size_t i;

	for (i = 0; i < GUARD_LIMITS; i++) {
		forgets[2 + i].verb = STORE_FORGET;
		forgets[2 + i].key = sender->bucket_keys[i];
	}
	return store_run(store, forgets, GP_NELEMS(forgets));
}

bool
guard_claim_notice(struct store *store, const struct guard_sender *sender)
{
	struct store_operation claim = { .verb = STORE_CLAIM,
		.key = sender->told_key,
		.lifetime_seconds = GUARD_NOTICE_SECONDS };

	return store_run(store, &claim, 1) == STATUS_OK && !claim.failed &&
	    !claim.found;
}

void
guard_end_notice(
    struct store *store, const struct guard_sender *sender, bool was_told)
{
	struct store_operation end = { .verb = STORE_FORGET,
		.key = sender->told_key };

	if (was_told) {
		end.verb = STORE_SET;
		end.lifetime_seconds = DAY_SECONDS;
	}
	/* The store logs why it fails; the claim ends by itself. */
	(void)!store_run(store, &end, 1);
}
