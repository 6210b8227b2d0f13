/*
 * check-reputation - what the store knows of where the message comes from, and
 * whether its author is somebody to whom the recipients have written: all of
 * them, because the points are for all.  One accomplice among the recipients
 * would carry the others' spam.
 *
 * It answers a message of our own when its author and all of its recipients took
 * part in one that it refers to.  Who has found the Message-ID somewhere did not
 * take part, and who did may write to the others alone.
 *
 * Joined last, because it needs the facts of all other checks, and in exactly
 * one round trip.  A store that does not answer costs no points.
 */
#include "config.h"

#include <math.h>
#include <string.h>

#include "lib/scan/history.h"
#include "lib/scan/scan-private.h"

/* Of the messages that a message refers to, the nearest are asked about; what
 * goes to more recipients is no answer to one message. */
#define REPLY_REFERENCES_MAX 8
#define REPLY_RECIPIENTS_MAX 8
#define REPLY_OPERATIONS_MAX (REPLY_REFERENCES_MAX * (1 + REPLY_RECIPIENTS_MAX))

/* What is asked: first all counters, then marks of mail seen, then pairs, then
 * for each reference whether the author and the recipients took part in it. */
struct inquiry {
	struct reputation_source source;
	struct reputation_subjects subjects;
	const struct address *author; /* NULL: he is not known, or not proved */
	/* NULL: one is no address, or there are none or too many. */
	const struct address *recipients;
	size_t recipient_count;
	const struct store_operation *seen[REPUTATION_SUBJECTS_MAX];
	size_t pairs_begin, replies_begin, count;
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
read_recipients(struct scan *scan, struct inquiry *inquiry)
{
	const struct envelope *envelope = &scan->envelope;
	struct address *recipients;
	enum status status;
	size_t i;

	if (envelope->recipient_kept == 0 ||
	    envelope->recipient_kept < envelope->recipient_count)
		return STATUS_OK;
	recipients = region_alloc_array(
	    scan->region, envelope->recipient_kept, sizeof(*recipients));
	if (recipients == NULL)
		return STATUS_NOMEM;
	for (i = 0; i < envelope->recipient_kept; i++) {
		status = address_parse_path(
		    scan->region, envelope->recipients[i], &recipients[i]);
		if (status != STATUS_OK)
			return status == STATUS_INVALID ? STATUS_OK : status;
	}
	inquiry->recipients = recipients;
	inquiry->recipient_count = envelope->recipient_kept;
	return STATUS_OK;
}

static enum status
ask_pairs(struct scan *scan, struct inquiry *inquiry)
{
	enum status status;
	const char *key;
	size_t i;

	for (i = 0; i < inquiry->recipient_count; i++) {
		status = reputation_pair_key(scan->region,
		    &inquiry->recipients[i], inquiry->author, &key);
		if (status != STATUS_OK)
			return status;
		peek(inquiry, key);
	}
	return STATUS_OK;
}

/* In-Reply-To names one that stands in References, too. */
static bool
is_repeated(const char *const *references, size_t index)
{
	size_t i;

	for (i = 0; i < index; i++)
		if (strcmp(references[i], references[index]) == 0)
			return true;
	return false;
}

static enum status
ask_participant(struct scan *scan, struct inquiry *inquiry,
    const char *message_id, const struct address *participant)
{
	enum status status;
	const char *key;

	status =
	    reputation_reply_key(scan->region, message_id, participant, &key);
	if (status == STATUS_OK)
		peek(inquiry, key);
	return status;
}

static enum status
ask_reference(
    struct scan *scan, struct inquiry *inquiry, const char *message_id)
{
	enum status status;
	size_t i;

	status = ask_participant(scan, inquiry, message_id, inquiry->author);
	for (i = 0; i < inquiry->recipient_count && status == STATUS_OK; i++)
		status = ask_participant(
		    scan, inquiry, message_id, &inquiry->recipients[i]);
	return status;
}

static enum status
ask_replies(struct scan *scan, struct inquiry *inquiry)
{
	const struct content_header *header = &scan->content->header;
	enum status status = STATUS_OK;
	size_t i, asked = 0;

	if (inquiry->recipient_count > REPLY_RECIPIENTS_MAX)
		return STATUS_OK;
	for (i = 0; i < header->reference_count &&
	     asked < REPLY_REFERENCES_MAX && status == STATUS_OK;
	     i++) {
		if (is_repeated(header->references, i))
			continue;
		status = ask_reference(scan, inquiry, header->references[i]);
		asked++;
	}
	return status;
}

/* An author who is not proved may be anybody: he is nobody's correspondent. */
static enum status
ask_acquaintance(struct scan *scan, struct inquiry *inquiry)
{
	enum status status;

	if (!history_author_is_proved(scan, &inquiry->source))
		return STATUS_OK;
	status = history_author(scan->region, scan, &inquiry->author);
	if (status == STATUS_OK && inquiry->author != NULL)
		status = read_recipients(scan, inquiry);
	if (status != STATUS_OK || inquiry->recipients == NULL)
		return status;
	status = ask_pairs(scan, inquiry);
	inquiry->replies_begin = inquiry->count;
	return status == STATUS_OK ? ask_replies(scan, inquiry) : status;
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

static bool
are_all_found(const struct inquiry *inquiry, size_t begin, size_t end)
{
	size_t i;

	for (i = begin; i < end; i++)
		if (!inquiry->operations[i].found)
			return false;
	return true;
}

static bool
is_known(const struct inquiry *inquiry)
{
	return are_all_found(
	    inquiry, inquiry->pairs_begin, inquiry->replies_begin);
}

/* All of them took part in one and the same message. */
static bool
is_reply(const struct inquiry *inquiry)
{
	size_t each = 1 + inquiry->recipient_count;
	size_t at;

	for (at = inquiry->replies_begin; at < inquiry->count; at += each)
		if (are_all_found(inquiry, at, at + each))
			return true;
	return false;
}

static enum status
add_acquaintance(struct scan *scan, const struct inquiry *inquiry)
{
	enum status status = STATUS_OK;
	const char *author;

	if (inquiry->recipients == NULL)
		return STATUS_OK;
	author = region_printf(scan->region, "%s@%s",
	    inquiry->author->local_part, inquiry->author->domain);
	if (author == NULL)
		return STATUS_NOMEM;
	if (is_known(inquiry))
		status = scan_add(scan, SYMBOL_KNOWN_CORRESPONDENT, 1, author);
	if (status == STATUS_OK && is_reply(inquiry))
		status = scan_add(scan, SYMBOL_REPLY_TO_OWN, 1, author);
	return status;
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
	    2 * inquiry->subjects.count + scan->envelope.recipient_kept +
		REPLY_OPERATIONS_MAX,
	    sizeof(*inquiry->operations));
	if (inquiry->operations == NULL)
		return STATUS_NOMEM;
	ask_subjects(scan, inquiry);
	return ask_acquaintance(scan, inquiry);
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
		status = add_acquaintance(scan, inquiry);
	return status;
}

static void
reputation_stop(void *state GP_UNUSED)
{
}

const struct check check_reputation = { "reputation", SCAN_PHASE_HEADER,
	reputation_start, reputation_join, reputation_stop, NULL, false };
