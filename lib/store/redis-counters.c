/*
 * redis-counters - READ and ADD: counters that decay (see redis-verb.h).
 *
 * Forward decay: what is added grows with time instead of all else shrinking.
 * An addition at time t is kept as add * 2^((t - landmark) / half-life), and
 * the sum is divided by the same power of now when it is read.  So adding is one
 * atomic HINCRBYFLOAT, which needs no old value.
 *
 * Numbers stay small because time is cut in periods of 32 half-lives, each with
 * its own landmark (its start) and its own fields in the hash: "h" and "s" with
 * the period's number behind.  A counter is what the present and the last
 * period hold; what is older has less than 2^-32 of its weight left.
 *
 * EXPIRE comes with every addition: it costs the server about a microsecond, and
 * no key is ever without an end.
 *
 * A negative addition takes away what is there and no more, which needs the old
 * value, so it is a script; it is rare.  Hence no counter is ever below 0, and
 * no debt waits for later additions.
 */
#include "config.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "lib/store/redis-reply.h"
#include "lib/store/redis-verb.h"
#include "lib/store/store-private.h"

#define PERIOD_HALF_LIVES 32
#define PERIOD_SHARE      0x1p-32 /* 2^-PERIOD_HALF_LIVES */
#define FIELD_BYTES       24
/* About one ADD in so many removes the fields of the two periods before the
 * last.  Older ones, that a longer silence left, go with the key. */
#define TIDY_ONE_IN 8

/* Where the counters of a key stand at a point of time. */
struct counter_place {
	bool decays;
	int64_t period;
	double weight; /* of an addition now */
};

static struct counter_place
place_of(const struct redis_step *step)
{
	struct counter_place place = { false, 0, 1 };
	int64_t half_life_ms = step->operation->half_life_seconds * 1000;
	int64_t period_ms = half_life_ms * PERIOD_HALF_LIVES;

	if (half_life_ms == 0)
		return place;
	place.decays = true;
	place.period = step->now_ms / period_ms;
	if (step->now_ms % period_ms < 0)
		place.period--;
	place.weight = exp2((double)(step->now_ms - place.period * period_ms) /
	    (double)half_life_ms);
	return place;
}

/* The field of 'h' or 's' as many periods ago; returns name. */
static const char *
field_name(const struct counter_place *place, char letter, int64_t periods_ago,
    char name[FIELD_BYTES])
{
	if (place->decays)
		snprintf(name, FIELD_BYTES, "%c%" PRId64, letter,
		    place->period - periods_ago);
	else
		snprintf(name, FIELD_BYTES, "%c", letter);
	return name;
}

static size_t
read_count(const struct redis_step *step GP_UNUSED)
{
	return 1;
}

static void
read_append(const struct redis_step *step, struct redis_connection *connection)
{
	struct counter_place place = place_of(step);
	char ham[FIELD_BYTES], spam[FIELD_BYTES];
	char old_ham[FIELD_BYTES], old_spam[FIELD_BYTES];

	field_name(&place, 'h', 0, ham);
	field_name(&place, 's', 0, spam);
	if (!place.decays) {
		redis_connection_command(
		    connection, "HMGET", step->key, ham, spam, NULL);
		return;
	}
	redis_connection_command(connection, "HMGET", step->key, ham, spam,
	    field_name(&place, 'h', 1, old_ham),
	    field_name(&place, 's', 1, old_spam), NULL);
}

/* Adds a field's number, times share, to *sum; false when it is no number. */
static bool
add_field(const redisReply *field, double share, double *sum)
{
	double number;

	if (field->type == REDIS_REPLY_NIL)
		return true;
	if (field->type != REDIS_REPLY_STRING ||
	    redis_number_parse(redis_reply_span(field), &number) != STATUS_OK)
		return false;
	*sum += number * share;
	return true;
}

/* Beyond them by what another program wrote, or by rounding. */
static double
in_bounds(double number)
{
	return fmax(0, fmin(number, STORE_NUMBER_MAX));
}

static bool
read_answer(const struct redis_step *step, const redisReply *reply)
{
	struct counter_place place = place_of(step);
	struct store_operation *operation = step->operation;
	double sums[2] = { 0, 0 };
	size_t i, expected = place.decays ? 4 : 2;

	if (reply->type != REDIS_REPLY_ARRAY || reply->elements != expected)
		return false;
	for (i = 0; i < expected; i++)
		if (!add_field(reply->element[i], i < 2 ? 1 : PERIOD_SHARE,
			&sums[i % 2]))
			return false;
	operation->pair.ham = in_bounds(sums[0] / place.weight);
	operation->pair.spam = in_bounds(sums[1] / place.weight);
	operation->found = operation->pair.ham > 0 || operation->pair.spam > 0;
	return true;
}

/* An addition that needs no old value; nothing at all is added to nothing. */
static bool
is_plain(const struct store_pair *add)
{
	return add->ham >= 0 && add->spam >= 0 && add->ham + add->spam > 0;
}

/*
 * The present and the last period become one, the addition is made, and what
 * would be below 0 is removed.  Arguments behind the key: seconds to live, and
 * for each counter its field, the last period's field and the addition.
 */
static const char add_script[] =
    "for i = 2, 7, 3 do"
    " local sum = ARGV[i + 2]"
    "  + (redis.call('HGET', KEYS[1], ARGV[i]) or 0);"
    " if ARGV[i + 1] ~= ARGV[i] then"
    "  sum = sum + 2^-32 * (redis.call('HGET', KEYS[1], ARGV[i + 1]) or 0);"
    "  redis.call('HDEL', KEYS[1], ARGV[i + 1]);"
    " end;"
    " if sum > 0 then"
    "  redis.call('HSET', KEYS[1], ARGV[i], string.format('%.17f', sum));"
    " else"
    "  redis.call('HDEL', KEYS[1], ARGV[i]);"
    " end;"
    "end;"
    "redis.call('EXPIRE', KEYS[1], ARGV[1]);"
    "return redis.status_reply('OK');";

static void
append_script(const struct redis_step *step, const struct counter_place *place,
    const char *lifetime, struct redis_connection *connection)
{
	const struct store_pair *add = &step->operation->add;
	char ham[FIELD_BYTES], spam[FIELD_BYTES];
	char old_ham[FIELD_BYTES], old_spam[FIELD_BYTES];
	char add_ham[REDIS_NUMBER_BYTES], add_spam[REDIS_NUMBER_BYTES];

	redis_connection_command(connection, "EVAL", add_script, "1", step->key,
	    lifetime, field_name(place, 'h', 0, ham),
	    field_name(place, 'h', 1, old_ham),
	    redis_number_text(add->ham * place->weight, add_ham),
	    field_name(place, 's', 0, spam),
	    field_name(place, 's', 1, old_spam),
	    redis_number_text(add->spam * place->weight, add_spam), NULL);
}

static void
append_tidy(const struct redis_step *step, const struct counter_place *place,
    struct redis_connection *connection)
{
	char names[4][FIELD_BYTES];

	redis_connection_command(connection, "HDEL", step->key,
	    field_name(place, 'h', 2, names[0]),
	    field_name(place, 's', 2, names[1]),
	    field_name(place, 'h', 3, names[2]),
	    field_name(place, 's', 3, names[3]), NULL);
}

static void
append_increment(const struct redis_step *step,
    const struct counter_place *place, char letter,
    struct redis_connection *connection)
{
	const struct store_pair *add = &step->operation->add;
	char field[FIELD_BYTES], number[REDIS_NUMBER_BYTES];

	redis_connection_command(connection, "HINCRBYFLOAT", step->key,
	    field_name(place, letter, 0, field),
	    redis_number_text(
		(letter == 'h' ? add->ham : add->spam) * place->weight, number),
	    NULL);
}

enum add_command {
	ADD_SCRIPT, /* in place of all others */
	ADD_HAM,
	ADD_SPAM,
	ADD_EXPIRE,
	ADD_TIDY,
	ADD_COMMANDS_MAX
};

/* The commands of an addition, in order; returns how many. */
static size_t
list_commands(
    const struct redis_step *step, enum add_command commands[ADD_COMMANDS_MAX])
{
	const struct store_operation *operation = step->operation;
	size_t count = 0;

	if (!is_plain(&operation->add)) {
		commands[0] = ADD_SCRIPT;
		return 1;
	}
	if (operation->add.ham > 0)
		commands[count++] = ADD_HAM;
	if (operation->add.spam > 0)
		commands[count++] = ADD_SPAM;
	commands[count++] = ADD_EXPIRE;
	if (operation->half_life_seconds > 0 && step->now_ms % TIDY_ONE_IN == 0)
		commands[count++] = ADD_TIDY;
	return count;
}

static size_t
add_count(const struct redis_step *step)
{
	enum add_command commands[ADD_COMMANDS_MAX];

	return list_commands(step, commands);
}

static void
add_append(const struct redis_step *step, struct redis_connection *connection)
{
	enum add_command commands[ADD_COMMANDS_MAX];
	struct counter_place place = place_of(step);
	char lifetime[REDIS_NUMBER_BYTES];

	snprintf(lifetime, sizeof(lifetime), "%" PRId64,
	    step->operation->lifetime_seconds);
	(void)list_commands(step, commands);
	switch (commands[step->number]) {
	case ADD_SCRIPT:
		append_script(step, &place, lifetime, connection);
		break;
	case ADD_HAM:
		append_increment(step, &place, 'h', connection);
		break;
	case ADD_SPAM:
		append_increment(step, &place, 's', connection);
		break;
	case ADD_EXPIRE:
		redis_connection_command(
		    connection, "EXPIRE", step->key, lifetime, NULL);
		break;
	case ADD_TIDY:
		append_tidy(step, &place, connection);
		break;
	case ADD_COMMANDS_MAX:
		break;
	}
}

/* What the replies say does not matter, only that they are no errors. */
static bool
add_answer(
    const struct redis_step *step GP_UNUSED, const redisReply *reply GP_UNUSED)
{
	return true;
}

const struct redis_verb redis_verb_read = {
	read_count,
	read_append,
	read_answer,
};

const struct redis_verb redis_verb_add = {
	add_count,
	add_append,
	add_answer,
};
