/* teach - lessons of a person and the marks of them (see teach.h). */
#include "config.h"

#include "lib/reputation/teach.h"

#include <math.h>
#include <stdio.h>
#include <time.h>

#include "lib/base/clock.h"
#include "lib/base/hash.h"

#define MARK_BYTES    (sizeof("learning:") + HASH_TEXT_BYTES)
#define CLAIM_STEP_MS 20
/* The claim that is in the way has ended then, whenever it was made. */
#define CLAIM_TRIES_MAX ((TEACH_CLAIM_SECONDS + 2) * 1000 / CLAIM_STEP_MS)

/* One message and its lesson. */
struct teaching {
	struct store *store;
	const struct reputation_conf *conf;
	const struct reputation_subjects *subjects;
	enum teach_lesson lesson;
	int64_t now;
	char mark[MARK_BYTES];  /* that it was taught */
	char claim[MARK_BYTES]; /* that somebody teaches it */
};

/* What the store knows of the message. */
struct memory {
	enum teach_lesson lesson; /* TEACH_FORGET: it was not taught */
	double left;              /* of what was learned then, 0 to 1 */
};

static struct store_operation
peek_of(const struct teaching *teaching)
{
	struct store_operation peek = { .verb = STORE_PEEK,
		.key = teaching->mark };

	return peek;
}

static enum status
read_memory(const struct teaching *teaching, const struct store_operation *peek,
    struct memory *memory)
{
	double half_lives;

	memory->lesson = TEACH_FORGET;
	memory->left = 0;
	if (peek->failed)
		return STATUS_IO;
	if (!peek->found ||
	    (peek->marked_number != TEACH_HAM &&
		peek->marked_number != TEACH_SPAM))
		return STATUS_OK;
	memory->lesson = (enum teach_lesson)peek->marked_number;
	half_lives = (double)(teaching->now - peek->marked_at) * 1000 /
	    (double)teaching->conf->half_life;
	memory->left = half_lives < 0 ? 1 : exp2(-half_lives);
	return STATUS_OK;
}

static enum status
remember(const struct teaching *teaching, struct memory *memory)
{
	struct store_operation peek = peek_of(teaching);
	enum status status = store_run(teaching->store, &peek, 1);

	return status != STATUS_OK ? status :
				     read_memory(teaching, &peek, memory);
}

/* The message is ours alone until its claim is released, unless it is taken by
 * somebody else; and what is known of it then. */
static enum status
try_claim(
    const struct teaching *teaching, bool *is_taken_r, struct memory *memory)
{
	struct store_operation operations[] = {
		{ .verb = STORE_CLAIM,
		    .key = teaching->claim,
		    .lifetime_seconds = TEACH_CLAIM_SECONDS },
		peek_of(teaching),
	};
	enum status status;

	*is_taken_r = false;
	status = store_run(teaching->store, operations, GP_NELEMS(operations));
	if (status != STATUS_OK)
		return status;
	if (operations[0].failed)
		return STATUS_IO;
	*is_taken_r = operations[0].found;
	return read_memory(teaching, &operations[1], memory);
}

/* STATUS_TIMEOUT: it was always taken. */
static enum status
claim(const struct teaching *teaching, struct memory *memory)
{
	struct timespec step = { 0, CLAIM_STEP_MS * 1000000L };
	enum status status;
	bool is_taken;
	int i;

	for (i = 0; i < CLAIM_TRIES_MAX; i++) {
		status = try_claim(teaching, &is_taken, memory);
		if (status != STATUS_OK || !is_taken)
			return status;
		nanosleep(&step, NULL);
	}
	return STATUS_TIMEOUT;
}

static struct store_operation
release_of(const struct teaching *teaching)
{
	struct store_operation release = { .verb = STORE_FORGET,
		.key = teaching->claim };

	return release;
}

/* What a lesson of that weight adds to a subject. */
static void
add_lesson(struct store_pair *add, const struct reputation_subject *subject,
    enum teach_lesson lesson, double weight)
{
	if (lesson == TEACH_HAM && reputation_learns(subject, REPUTATION_HAM))
		add->ham += weight;
	if (lesson == TEACH_SPAM)
		add->spam += weight;
}

/* The lesson that is known from now on. */
static struct store_operation
mark_of(const struct teaching *teaching)
{
	struct store_operation mark = {
		.verb =
		    teaching->lesson == TEACH_FORGET ? STORE_FORGET : STORE_SET,
		.key = teaching->mark,
		.number = teaching->lesson,
		.lifetime_seconds = reputation_lifetime_seconds(teaching->conf),
	};

	return mark;
}

/* The new lesson in place of the old one, its mark, and the end of the claim,
 * in one round trip and in this order. */
static enum status
replace(const struct teaching *teaching, const struct memory *old)
{
	struct store_operation operations[REPUTATION_SUBJECTS_MAX + 2];
	const struct reputation_subject *subject;
	enum status status;
	struct store_pair add;
	size_t i, count = 0;

	for (i = 0; i < teaching->subjects->count; i++) {
		subject = &teaching->subjects->all[i];
		add.ham = add.spam = 0;
		add_lesson(&add, subject, teaching->lesson, TEACH_WEIGHT);
		add_lesson(
		    &add, subject, old->lesson, -TEACH_WEIGHT * old->left);
		if (add.ham != 0 || add.spam != 0)
			operations[count++] =
			    reputation_add(teaching->conf, subject, add);
	}
	operations[count++] = mark_of(teaching);
	operations[count++] = release_of(teaching);
	status = store_run(teaching->store, operations, count);
	if (status == STATUS_OK && operations[count - 2].failed)
		return STATUS_IO;
	return status;
}

static enum teach_outcome
outcome_of(enum teach_lesson lesson, enum teach_lesson old)
{
	if (lesson == old)
		return TEACH_NO_CHANGE;
	if (lesson == TEACH_FORGET)
		return TEACH_FORGOTTEN;
	return old == TEACH_FORGET ? TEACH_LEARNED : TEACH_TURNED;
}

/* It is to be changed, by what was known a moment ago. */
static enum status
change(const struct teaching *teaching, enum teach_outcome *outcome_r)
{
	struct store_operation release = release_of(teaching);
	struct memory old;
	enum status status;

	if ((status = claim(teaching, &old)) != STATUS_OK)
		return status;
	*outcome_r = outcome_of(teaching->lesson, old.lesson);
	if (*outcome_r == TEACH_NO_CHANGE)
		return store_run(teaching->store, &release, 1);
	return replace(teaching, &old);
}

enum status
teach_message(struct store *store, const struct reputation_conf *conf,
    const char *identity, const struct reputation_subjects *subjects,
    enum teach_lesson lesson, int64_t now, enum teach_outcome *outcome_r)
{
	struct teaching teaching = {
		.store = store,
		.conf = conf,
		.subjects = subjects,
		.lesson = lesson,
		.now = now == 0 ? clock_wall_seconds() : now,
	};
	struct memory old;
	enum status status;

	snprintf(teaching.mark, sizeof(teaching.mark), "learned:%s", identity);
	snprintf(
	    teaching.claim, sizeof(teaching.claim), "learning:%s", identity);
	if ((status = remember(&teaching, &old)) != STATUS_OK)
		return status;
	*outcome_r = outcome_of(lesson, old.lesson);
	if (*outcome_r == TEACH_NO_CHANGE)
		return STATUS_OK;
	return change(&teaching, outcome_r);
}
