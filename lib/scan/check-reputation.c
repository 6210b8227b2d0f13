/*
 * check-reputation - what the store knows of where the message comes from, and
 * whether its author is somebody to whom the recipients have written: all of
 * them, because the points are for all.  One accomplice among the recipients
 * would carry the others' spam.
 *
 * Joined last, because it needs the facts of all other checks, and in exactly
 * one round trip.  A store that does not answer costs no points.
 */
#include "config.h"

#include <math.h>
#include <string.h>

#include "lib/scan/history.h"
#include "lib/scan/scan-private.h"

/* What is asked: first all counters, then marks of mail seen, then pairs. */
struct inquiry {
	struct reputation_source source;
	struct reputation_subjects subjects;
	const struct address *author; /* of the pairs; NULL: he is not known */
	const struct store_operation *seen[REPUTATION_SUBJECTS_MAX];
	size_t pairs_begin, count;
	struct store_operation *operations;
};

static enum status
reputation_start(struct scan *scan, void **state_r)
{
	if (scan->services->store == NULL ||
	    !scan->settings->reputation.enabled)
		return STATUS_OK;
	*state_r = region_alloc(scan->region, sizeof(struct inquiry));
	return *state_r == NULL ? STATUS_NOMEM : STATUS_OK;
}

static void
peek(struct inquiry *inquiry, const char *key)
{
	struct store_operation *operation =
	    &inquiry->operations[inquiry->count++];

	operation->verb = STORE_PEEK;
	operation->key = key;
}

static void
ask_subjects(struct scan *scan, struct inquiry *inquiry)
{
	const struct reputation_subject *subject;
	size_t i;

	for (i = 0; i < inquiry->subjects.count; i++)
		inquiry->operations[inquiry->count++] = reputation_read(
		    &scan->settings->reputation, &inquiry->subjects.all[i]);
	for (i = 0; i < inquiry->subjects.count; i++) {
		subject = &inquiry->subjects.all[i];
		if (subject->seen_key == NULL)
			continue;
		inquiry->seen[i] = &inquiry->operations[inquiry->count];
		peek(inquiry, subject->seen_key);
	}
	inquiry->pairs_begin = inquiry->count;
}

/* Recipients that are no addresses, or too many, have written to nobody. */
static enum status
ask_recipients(
    struct scan *scan, struct inquiry *inquiry, const struct address *author)
{
	const struct envelope *envelope = &scan->envelope;
	struct address recipient;
	enum status status;
	const char *key;
	size_t i;

	if (envelope->recipient_kept < envelope->recipient_count)
		return STATUS_OK;
	for (i = 0; i < envelope->recipient_kept; i++) {
		status = address_parse_path(
		    scan->region, envelope->recipients[i], &recipient);
		if (status == STATUS_INVALID) {
			inquiry->count = inquiry->pairs_begin;
			return STATUS_OK;
		}
		if (status == STATUS_OK)
			status = reputation_pair_key(
			    scan->region, &recipient, author, &key);
		if (status != STATUS_OK)
			return status;
		peek(inquiry, key);
	}
	return STATUS_OK;
}

/* An author who is not proved may be anybody: he is nobody's correspondent. */
static enum status
ask_pairs(struct scan *scan, struct inquiry *inquiry)
{
	enum status status;

	if (!history_author_is_proved(scan, &inquiry->source))
		return STATUS_OK;
	status = history_author(scan->region, scan, &inquiry->author);
	if (status != STATUS_OK || inquiry->author == NULL)
		return status;
	return ask_recipients(scan, inquiry, inquiry->author);
}

static enum status
add_shares(struct scan *scan, const struct inquiry *inquiry)
{
	const struct reputation_subject *subject;
	const struct store_operation *read;
	enum status status;
	double share;
	size_t i;

	for (i = 0; i < inquiry->subjects.count; i++) {
		subject = &inquiry->subjects.all[i];
		read = &inquiry->operations[i];
		share = reputation_share(subject, &read->pair);
		if (read->failed || share == 0)
			continue;
		status =
		    scan_add(scan, history_symbol(subject->kind, share > 0),
			fabs(share), subject->name);
		if (status != STATUS_OK)
			return status;
	}
	return STATUS_OK;
}

/* The first of a kind, one that speaks for the author before others; NULL when
 * there is none, or when any of them is known, or may be. */
static const struct reputation_subject *
find_new(const struct inquiry *inquiry, enum reputation_kind kind)
{
	const struct reputation_subject *subject, *found = NULL;
	const struct store_operation *read;
	size_t i;

	for (i = 0; i < inquiry->subjects.count; i++) {
		subject = &inquiry->subjects.all[i];
		read = &inquiry->operations[i];
		if (subject->kind != kind)
			continue;
		if (read->failed || read->found || inquiry->seen[i]->failed ||
		    inquiry->seen[i]->found)
			return NULL;
		if (found == NULL ||
		    (subject->may_be_good && !found->may_be_good))
			found = subject;
	}
	return found;
}

static enum status
add_first(struct scan *scan, const struct inquiry *inquiry)
{
	const struct reputation_subject *subject;
	enum status status = STATUS_OK;

	subject = find_new(inquiry, REPUTATION_NETWORK);
	if (subject != NULL)
		status =
		    scan_add(scan, SYMBOL_FIRST_FROM_NETWORK, 1, subject->name);
	subject = find_new(inquiry, REPUTATION_DOMAIN);
	if (status == STATUS_OK && subject != NULL)
		status =
		    scan_add(scan, SYMBOL_FIRST_FROM_DOMAIN, 1, subject->name);
	return status;
}

static enum status
add_known(struct scan *scan, const struct inquiry *inquiry)
{
	const char *author;
	size_t i;

	if (inquiry->pairs_begin == inquiry->count)
		return STATUS_OK;
	for (i = inquiry->pairs_begin; i < inquiry->count; i++)
		if (!inquiry->operations[i].found)
			return STATUS_OK;
	author = region_printf(scan->region, "%s@%s",
	    inquiry->author->local_part, inquiry->author->domain);
	if (author == NULL)
		return STATUS_NOMEM;
	return scan_add(scan, SYMBOL_KNOWN_CORRESPONDENT, 1, author);
}

/* Everything that is asked of the store. */
static enum status
prepare(struct scan *scan, struct inquiry *inquiry)
{
	enum status status;

	history_source(scan, &inquiry->source);
	status = reputation_subjects_of(scan->region,
	    &scan->settings->reputation, &inquiry->source, &inquiry->subjects);
	if (status != STATUS_OK)
		return status;
	inquiry->operations = region_alloc_array(scan->region,
	    2 * inquiry->subjects.count + scan->envelope.recipient_kept,
	    sizeof(*inquiry->operations));
	if (inquiry->operations == NULL)
		return STATUS_NOMEM;
	ask_subjects(scan, inquiry);
	return ask_pairs(scan, inquiry);
}

static enum status
reputation_join(struct scan *scan, void *state)
{
	struct inquiry *inquiry = state;
	enum status status;

	if ((status = prepare(scan, inquiry)) != STATUS_OK)
		return status;
	if (store_run(scan->services->store, inquiry->operations,
		inquiry->count) != STATUS_OK)
		return STATUS_OK;
	scan->verdict.facts.has_history = true;
	status = add_shares(scan, inquiry);
	if (status == STATUS_OK)
		status = add_first(scan, inquiry);
	if (status == STATUS_OK)
		status = add_known(scan, inquiry);
	return status;
}

static void
reputation_stop(void *state GP_UNUSED)
{
}

const struct check check_reputation = { "reputation", SCAN_PHASE_HEADER,
	reputation_start, reputation_join, reputation_stop, NULL, false };
