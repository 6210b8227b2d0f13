/* scan-learn - one write of the store after the verdict (see scan-learn.h). */
#include "config.h"

#include "lib/scan/scan-learn.h"

#include <math.h>
#include <string.h>

#include "lib/base/log.h"
#include "lib/reputation/greylist-hint.h"
#include "lib/scan/history.h"
#include "lib/scan/scan-private.h"

/* Counters, marks and the greylist hint. */
#define INBOUND_OPERATIONS_MAX (2 * REPUTATION_SUBJECTS_MAX + 1)
/* A pair and a participant each, and the sender takes part. */
#define OUTBOUND_OPERATIONS(recipients) (2 * (recipients) + 1)

/* What is to be written; the task owns all of it. */
struct lesson {
	struct region *region; /* this struct lies in it */
	struct store *store;   /* outlives the task pool */
	size_t count;
	struct store_operation *operations;
};

static void
write_lesson(void *argument)
{
	struct lesson *lesson = argument;

	/* The store logs why it fails. */
	if (store_run(lesson->store, lesson->operations, lesson->count) !=
	    STATUS_OK)
		log_debug("a message was not learned");
}

static void
free_lesson(void *argument)
{
	struct lesson *lesson = argument;
	struct region *region = lesson->region;

	region_free(&region);
}

/* An answer is missing that could have spoken against the message. */
static bool
is_left_open(const struct facts *facts)
{
	size_t i;

	for (i = 0; i < facts->dkim.signature_count; i++)
		if (facts->dkim.signatures[i].result == AUTH_TEMPERROR)
			return true;
	return facts->lists_unknown || facts->iprev.result == AUTH_TEMPERROR ||
	    facts->helo == AUTH_TEMPERROR ||
	    facts->spf_helo.result == AUTH_TEMPERROR ||
	    facts->spf_sender.result == AUTH_TEMPERROR ||
	    facts->dmarc.result == AUTH_TEMPERROR;
}

/* Its domain does not own up to it, or it names none. */
static bool
is_disowned(const struct facts *facts)
{
	return facts->dmarc.result == AUTH_PERMERROR ||
	    (facts->dmarc.result == AUTH_FAIL &&
		facts->dmarc.disposition != DMARC_POLICY_NONE);
}

/* Somebody stands for it: nothing said against a message is not good yet. */
static bool
is_authenticated(const struct facts *facts)
{
	size_t i;

	for (i = 0; i < facts->dkim.signature_count; i++)
		if (facts->dkim.signatures[i].result == AUTH_PASS)
			return true;
	return facts->spf_sender.result == AUTH_PASS ||
	    facts->spf_helo.result == AUTH_PASS;
}

/* What the message is, its history left out; false: not clear. */
static bool
classify(const struct scan *scan, enum reputation_class *class_r)
{
	const struct settings *settings = scan->settings;
	const struct facts *facts = &scan->verdict.facts;
	int points = score_without(
	    &scan->verdict.score, &settings->limits, SYMBOL_GROUP_HISTORY);

	*class_r = REPUTATION_SPAM;
	if (facts->virus.result == CLAMAV_FOUND ||
	    points >= lround(settings->reputation.learn_spam * 100))
		return true;
	*class_r = REPUTATION_HAM;
	return points <= lround(settings->reputation.learn_ham * 100) &&
	    !is_left_open(facts) && !is_disowned(facts) &&
	    is_authenticated(facts);
}

/* A mark, or a longer life for the one that is there. */
static void
claim(struct lesson *lesson, const char *key, int64_t lifetime_seconds)
{
	struct store_operation *operation =
	    &lesson->operations[lesson->count++];

	operation->verb = STORE_CLAIM;
	operation->key = key;
	operation->lifetime_seconds = lifetime_seconds;
	operation->renew = true;
}

static void
teach_subject(const struct scan *scan, struct lesson *lesson,
    const struct reputation_subject *subject, enum reputation_class class)
{
	struct store_pair add = { class == REPUTATION_HAM,
		class == REPUTATION_SPAM };

	if (reputation_learns(subject, class))
		lesson->operations[lesson->count++] =
		    reputation_add(&scan->settings->reputation, subject, add);
}

static enum status
teach_source(const struct scan *scan, struct lesson *lesson)
{
	const struct reputation_conf *conf = &scan->settings->reputation;
	const struct reputation_subject *subject;
	struct reputation_subjects subjects;
	struct reputation_source source;
	enum reputation_class class;
	bool is_clear = classify(scan, &class);
	enum status status;
	size_t i;

	history_source(scan, &source);
	status =
	    reputation_subjects_of(lesson->region, conf, &source, &subjects);
	for (i = 0; i < subjects.count && status == STATUS_OK; i++) {
		subject = &subjects.all[i];
		if (is_clear)
			teach_subject(scan, lesson, subject, class);
		if (subject->seen_key != NULL)
			claim(lesson, subject->seen_key,
			    reputation_lifetime_seconds(conf));
	}
	return status;
}

static enum status
teach_inbound(const struct scan *scan, struct lesson *lesson)
{
	const struct verdict *verdict = &scan->verdict;
	const struct settings *settings = scan->settings;
	enum status status = STATUS_OK;

	if (verdict->judged == ACTION_TEMPFAIL || verdict->facts.has_gtube ||
	    verdict_abuse(scan) != NULL)
		return STATUS_OK;
	if (settings->reputation.enabled && verdict->facts.has_history)
		status = teach_source(scan, lesson);
	if (status == STATUS_OK && settings->score.mode == SCORE_MODE_ENFORCE &&
	    verdict->score.total >= settings->limits.greylist &&
	    scan->envelope.client_ip.family != AF_UNSPEC)
		status = greylist_hint(lesson->region, STORE_SET,
		    &scan->envelope.client_ip, verdict->score.total,
		    &lesson->operations[lesson->count++]);
	return status;
}

/* A program sent it (RFC 3834), or it goes to many at once. */
static bool
is_automatic(const struct scan *scan)
{
	static const char *const marks[] = { "List-Id", "List-Unsubscribe" };
	static const char *const many[] = { "bulk", "list", "junk" };
	const struct message *message = &scan->message;
	const struct message_field *field;
	size_t i;

	if (scan->envelope.sender[0] == '\0')
		return true;
	for (i = 0; i < GP_NELEMS(marks); i++)
		if (message_find(message, marks[i], 0) != NULL)
			return true;
	field = message_find(message, "Auto-Submitted", 0);
	if (field != NULL && !span_equals_nocase(span_trim(field->value), "no"))
		return true;
	field = message_find(message, "Precedence", 0);
	for (i = 0; field != NULL && i < GP_NELEMS(many); i++)
		if (span_equals_nocase(span_trim(field->value), many[i]))
			return true;
	return false;
}

/* Who may answer the message; "": it has no Message-ID. */
static enum status
teach_participant(const struct scan *scan, struct lesson *lesson,
    const char *message_id, const struct address *participant)
{
	enum status status;
	const char *key;

	if (message_id[0] == '\0')
		return STATUS_OK;
	status =
	    reputation_reply_key(lesson->region, message_id, participant, &key);
	if (status == STATUS_OK)
		claim(lesson, key,
		    scan->settings->reputation.reply_lifetime / 1000);
	return status;
}

/* All recipients are known to who sent it, and take part in the message. */
static enum status
teach_recipients(const struct scan *scan, struct lesson *lesson,
    const struct address *sender, const char *message_id)
{
	const struct envelope *envelope = &scan->envelope;
	struct address recipient;
	enum status status;
	const char *key;
	size_t i;

	for (i = 0; i < envelope->recipient_kept; i++) {
		status = address_parse_path(
		    lesson->region, envelope->recipients[i], &recipient);
		if (status == STATUS_INVALID)
			continue;
		if (status == STATUS_OK)
			status = reputation_pair_key(
			    lesson->region, sender, &recipient, &key);
		if (status != STATUS_OK)
			return status;
		claim(lesson, key,
		    scan->settings->reputation.known_lifetime / 1000);
		status =
		    teach_participant(scan, lesson, message_id, &recipient);
		if (status != STATUS_OK)
			return status;
	}
	return STATUS_OK;
}

/* The From field may name anybody: the envelope sender alone gets to know. */
static enum status
teach_outbound(const struct scan *scan, struct lesson *lesson)
{
	struct content_header header;
	struct address sender;
	enum status status;

	if (!scan->settings->reputation.enabled || is_automatic(scan) ||
	    scan->verdict.action >= ACTION_QUARANTINE)
		return STATUS_OK;
	status =
	    address_parse_path(lesson->region, scan->envelope.sender, &sender);
	if (status != STATUS_OK)
		return status == STATUS_INVALID ? STATUS_OK : status;
	status = content_header_read(lesson->region, &scan->message, &header);
	if (status == STATUS_OK)
		status =
		    teach_participant(scan, lesson, header.message_id, &sender);
	if (status == STATUS_OK)
		status =
		    teach_recipients(scan, lesson, &sender, header.message_id);
	return status;
}

/* An empty lesson with room for what the message may teach. */
static struct lesson *
lesson_new(const struct scan *scan)
{
	const struct envelope *envelope = &scan->envelope;
	size_t room = envelope->is_inbound ?
	    INBOUND_OPERATIONS_MAX :
	    OUTBOUND_OPERATIONS(envelope->recipient_kept);
	struct region *region = region_new();
	struct lesson *lesson;

	if (region == NULL)
		return NULL;
	if ((lesson = region_alloc(region, sizeof(*lesson))) != NULL)
		lesson->operations = region_alloc_array(
		    region, room, sizeof(*lesson->operations));
	if (lesson == NULL || lesson->operations == NULL) {
		region_free(&region);
		return NULL;
	}
	lesson->region = region;
	lesson->store = scan->services->store;
	return lesson;
}

void
scan_learn(struct scan *scan)
{
	const struct scan_services *services = scan->services;
	struct lesson *lesson;
	enum status status;

	if (!services->learns || services->store == NULL)
		return;
	if ((lesson = lesson_new(scan)) == NULL)
		return;
	status = scan->envelope.is_inbound ? teach_inbound(scan, lesson) :
					     teach_outbound(scan, lesson);
	if (status != STATUS_OK || lesson->count == 0) {
		free_lesson(lesson);
		return;
	}
	/* Refused, it is dropped: the pool logs that. */
	status = task_post(services->pool, write_lesson, lesson, free_lesson);
	if (status != STATUS_OK)
		log_debug("a message was not learned: %s", status_text(status));
}
