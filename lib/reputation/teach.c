/* teach - lessons of a person and the marks of them (see teach.h). */
#include "config.h"

#include "lib/reputation/teach.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/hash.h"

#define MARK_BYTES (sizeof("learned:") + HASH_TEXT_BYTES)

/* What the store knows of the message. */
struct memory {
	enum teach_lesson lesson; /* TEACH_FORGET: it was not taught */
	double left;              /* of what was learned then, 0 to 1 */
};

static enum status
remember(struct store *store, const struct reputation_conf *conf,
    const char *mark, int64_t now, struct memory *memory)
{
	struct store_operation peek = { .verb = STORE_PEEK, .key = mark };
	double half_lives;
	enum status status;

	memory->lesson = TEACH_FORGET;
	memory->left = 0;
	if ((status = store_run(store, &peek, 1)) != STATUS_OK)
		return status;
	if (peek.failed)
		return STATUS_IO;
	if (!peek.found ||
	    (peek.marked_number != TEACH_HAM &&
		peek.marked_number != TEACH_SPAM))
		return STATUS_OK;
	memory->lesson = (enum teach_lesson)peek.marked_number;
	half_lives =
	    (double)(now - peek.marked_at) * 1000 / (double)conf->half_life;
	memory->left = half_lives < 0 ? 1 : exp2(-half_lives);
	return STATUS_OK;
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

/* The new lesson in place of the old one, and the mark, in one round trip. */
static enum status
replace(struct store *store, const struct reputation_conf *conf,
    const struct reputation_subjects *subjects, const struct memory *old,
    struct store_operation *mark)
{
	struct store_operation operations[REPUTATION_SUBJECTS_MAX + 1];
	enum teach_lesson lesson = (enum teach_lesson)mark->number;
	struct store_pair add;
	size_t i, count = 0;

	for (i = 0; i < subjects->count; i++) {
		add.ham = add.spam = 0;
		add_lesson(&add, &subjects->all[i], lesson, TEACH_WEIGHT);
		add_lesson(&add, &subjects->all[i], old->lesson,
		    -TEACH_WEIGHT * old->left);
		if (add.ham != 0 || add.spam != 0)
			operations[count++] =
			    reputation_add(conf, &subjects->all[i], add);
	}
	operations[count++] = *mark;
	return store_run(store, operations, count);
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

enum status
teach_message(struct store *store, const struct reputation_conf *conf,
    const char *identity, const struct reputation_subjects *subjects,
    enum teach_lesson lesson, int64_t now, enum teach_outcome *outcome_r)
{
	char key[MARK_BYTES];
	struct store_operation mark = {
		.verb = lesson == TEACH_FORGET ? STORE_FORGET : STORE_SET,
		.key = key,
		.number = lesson,
		.lifetime_seconds = reputation_lifetime_seconds(conf),
	};
	struct memory old;
	enum status status;

	if (now == 0)
		now = clock_wall_seconds();
	snprintf(key, sizeof(key), "learned:%s", identity);
	if ((status = remember(store, conf, key, now, &old)) != STATUS_OK)
		return status;
	*outcome_r = outcome_of(lesson, old.lesson);
	if (*outcome_r == TEACH_NO_CHANGE)
		return STATUS_OK;
	return replace(store, conf, subjects, &old, &mark);
}
