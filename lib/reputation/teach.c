/* teach - lessons of a person and the marks of them (see teach.h). */
#include "config.h"

#include "lib/reputation/teach.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <time.h>

#include "lib/base/clock.h"
#include "lib/base/hash.h"
#include "lib/base/log.h"

#define MARK_BYTES    (sizeof("learning:@-9223372036854775808") + HASH_TEXT_BYTES)
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

/* What is added to the counters. */
struct adds {
	size_t count;
	struct store_operation all[REPUTATION_SUBJECTS_MAX];
};

/* One operation, a failure of which is one of the run. */
static enum status
run_one(const struct teaching *teaching, struct store_operation *operation)
{
	enum status status = store_run(teaching->store, operation, 1);

	return status == STATUS_OK && operation->failed ? STATUS_IO : status;
}

static enum status
remember(const struct teaching *teaching, struct memory *memory)
{
	struct store_operation peek = { .verb = STORE_PEEK,
		.key = teaching->mark };
	enum status status = run_one(teaching, &peek);
	double half_lives;

	memory->lesson = TEACH_FORGET;
	memory->left = 0;
	if (status != STATUS_OK || !peek.found ||
	    (peek.marked_number != TEACH_HAM &&
		peek.marked_number != TEACH_SPAM))
		return status;
	memory->lesson = (enum teach_lesson)peek.marked_number;
	half_lives = (double)(teaching->now - peek.marked_at) * 1000 /
	    (double)teaching->conf->half_life;
	memory->left = half_lives < 0 ? 1 : exp2(-half_lives);
	return STATUS_OK;
}

/* The message is ours alone until its claim is released, unless it is taken by
 * somebody else. */
static enum status
try_claim(const struct teaching *teaching, bool *is_taken_r)
{
	struct store_operation claim = { .verb = STORE_CLAIM,
		.key = teaching->claim,
		.lifetime_seconds = TEACH_CLAIM_SECONDS };
	enum status status = run_one(teaching, &claim);

	*is_taken_r = claim.found;
	return status;
}

/* STATUS_TIMEOUT: it was always taken. */
static enum status
claim(const struct teaching *teaching)
{
	struct timespec step = { 0, CLAIM_STEP_MS * 1000000L };
	enum status status;
	bool is_taken;
	int i;

	for (i = 0; i < CLAIM_TRIES_MAX; i++) {
		status = try_claim(teaching, &is_taken);
		if (status != STATUS_OK || !is_taken)
			return status;
		nanosleep(&step, NULL);
	}
	return STATUS_TIMEOUT;
}

static enum status
release(const struct teaching *teaching)
{
	struct store_operation release = { .verb = STORE_FORGET,
		.key = teaching->claim };

	return run_one(teaching, &release);
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

/* The lesson is known from now on. */
static enum status
set_mark(const struct teaching *teaching)
{
	struct store_operation mark = {
		.verb =
		    teaching->lesson == TEACH_FORGET ? STORE_FORGET : STORE_SET,
		.key = teaching->mark,
		.number = teaching->lesson,
		.lifetime_seconds = reputation_lifetime_seconds(teaching->conf),
	};

	return run_one(teaching, &mark);
}

/* Puts the new lesson in place of the old one. */
static void
collect_adds(const struct teaching *teaching, const struct memory *old,
    struct adds *adds)
{
	const struct reputation_subject *subject;
	struct store_pair add;
	size_t i;

	adds->count = 0;
	for (i = 0; i < teaching->subjects->count; i++) {
		subject = &teaching->subjects->all[i];
		add.ham = add.spam = 0;
		add_lesson(&add, subject, teaching->lesson, TEACH_WEIGHT);
		add_lesson(
		    &add, subject, old->lesson, -TEACH_WEIGHT * old->left);
		if (add.ham != 0 || add.spam != 0)
			adds->all[adds->count++] =
			    reputation_add(teaching->conf, subject, add);
	}
}

/* Keeps those that went through, as their opposites. */
static void
turn_done(struct adds *adds)
{
	size_t i, count = 0;

	for (i = 0; i < adds->count; i++) {
		if (adds->all[i].failed)
			continue;
		adds->all[count] = adds->all[i];
		adds->all[count].add.ham = -adds->all[i].add.ham;
		adds->all[count++].add.spam = -adds->all[i].add.spam;
	}
	adds->count = count;
}

/* All of them or, as far as it can be, none: else each attempt to teach the
 * message would add what goes through once more. */
static enum status
add_all(const struct teaching *teaching, struct adds *adds)
{
	enum status status;
	size_t all = adds->count;

	status = store_run(teaching->store, adds->all, adds->count);
	if (status != STATUS_OK)
		return status;
	turn_done(adds);
	if (adds->count == all)
		return STATUS_OK;
	log_error("store: %zu of %zu counters refused a lesson: nothing of it "
		  "is kept",
	    all - adds->count, all);
	status = store_run(teaching->store, adds->all, adds->count);
	return status == STATUS_OK ? STATUS_IO : status;
}

/* The mark tells of counters that are there: it is made when they are. */
static enum status
replace(const struct teaching *teaching, const struct memory *old)
{
	struct adds adds;
	enum status status;

	collect_adds(teaching, old, &adds);
	status = add_all(teaching, &adds);
	return status == STATUS_OK ? set_mark(teaching) : status;
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

/* It is ours: it is changed by what is known now, if that is to be changed. */
static enum status
change(const struct teaching *teaching, enum teach_outcome *outcome_r)
{
	struct memory old;
	enum status status;

	if ((status = remember(teaching, &old)) != STATUS_OK)
		return status;
	*outcome_r = outcome_of(teaching->lesson, old.lesson);
	return *outcome_r == TEACH_NO_CHANGE ? STATUS_OK :
					       replace(teaching, &old);
}

/*
 * Each step is a run of its own, begun when the one before has ended: on a
 * Redis Cluster the claim, the mark and the counters lie on different servers,
 * which serve one run in any order.
 */
static enum status
claim_and_change(const struct teaching *teaching, enum teach_outcome *outcome_r)
{
	enum status status = claim(teaching), end;

	if (status != STATUS_OK)
		return status;
	status = change(teaching, outcome_r);
	end = release(teaching);
	return status == STATUS_OK ? end : status;
}

/* The half-life is in it as it is in the keys of the counters: with another one
 * those begin anew. */
static void
make_key(char key[MARK_BYTES], const char *kind, const char *identity,
    const struct reputation_conf *conf)
{
	snprintf(key, MARK_BYTES, "%s:%s@%" PRId64, kind, identity,
	    conf->half_life / 1000);
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

	make_key(teaching.mark, "learned", identity, conf);
	make_key(teaching.claim, "learning", identity, conf);
	if ((status = remember(&teaching, &old)) != STATUS_OK)
		return status;
	*outcome_r = outcome_of(lesson, old.lesson);
	if (*outcome_r == TEACH_NO_CHANGE)
		return STATUS_OK;
	return claim_and_change(&teaching, outcome_r);
}
