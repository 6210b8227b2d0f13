/*
 * senders-table - a Postfix table, asked by `postmap -q KEY TYPE:NAME`.
 *
 * The key is an argument of its own behind -q, so it is never an option; "-",
 * which would stand for the standard input, is no address.  postmap ends with 1
 * when the table has no such key, and also when it fails; then it says why.
 */
#include "config.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/senders/senders-private.h"

#define KEPT_MS      60000
#define REST_MS      10000 /* of a table that failed */
#define SLOTS        1024  /* 16 MB at the worst */
#define RUNNING_MAX  8     /* programs at once */
#define REASON_BYTES 256

/* An answer; another key of the same slot takes its place. */
struct slot {
	char *key;   /* NULL: free */
	char *value; /* NULL: the table has no such key */
	int64_t until_ms;
};

struct senders_table {
	_Atomic unsigned int references;
	char *name, *postmap;
	pthread_mutex_t lock; /* guards all below */
	pthread_cond_t ended; /* a program */
	size_t running;
	bool failing;
	int64_t rest_until_ms;
	char reason[REASON_BYTES];
	struct slot slots[SLOTS];
};

static enum status
open_locks(struct senders_table *table)
{
	pthread_condattr_t attributes;
	bool done;

	if (pthread_mutex_init(&table->lock, NULL) != 0)
		return STATUS_NOMEM;
	if (pthread_condattr_init(&attributes) != 0) {
		pthread_mutex_destroy(&table->lock);
		return STATUS_NOMEM;
	}
	(void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	done = pthread_cond_init(&table->ended, &attributes) == 0;
	pthread_condattr_destroy(&attributes);
	if (!done)
		pthread_mutex_destroy(&table->lock);
	return done ? STATUS_OK : STATUS_NOMEM;
}

enum status
senders_table_new(
    const char *name, const char *postmap, struct senders_table **table_r)
{
	struct senders_table *table;

	*table_r = NULL;
	if ((table = calloc(1, sizeof(*table))) == NULL)
		return STATUS_NOMEM;
	atomic_init(&table->references, 1);
	table->name = strdup(name);
	table->postmap = strdup(postmap);
	if (table->name == NULL || table->postmap == NULL ||
	    open_locks(table) != STATUS_OK) {
		free(table->name);
		free(table->postmap);
		free(table);
		return STATUS_NOMEM;
	}
	*table_r = table;
	return STATUS_OK;
}

struct senders_table *
senders_table_hold(struct senders_table *table)
{
	atomic_fetch_add(&table->references, 1);
	return table;
}

static void
clear_slot(struct slot *slot)
{
	free(slot->key);
	free(slot->value);
	slot->key = slot->value = NULL;
}

void
senders_table_release(struct senders_table **table_ref)
{
	struct senders_table *table = *table_ref;
	size_t i;

	*table_ref = NULL;
	if (table == NULL || atomic_fetch_sub(&table->references, 1) != 1)
		return;
	for (i = 0; i < SLOTS; i++)
		clear_slot(&table->slots[i]);
	pthread_cond_destroy(&table->ended);
	pthread_mutex_destroy(&table->lock);
	free(table->name);
	free(table->postmap);
	free(table);
}

const char *
senders_table_name(const struct senders_table *table)
{
	return table->name;
}

/* FNV-1a: what falls into one slot only costs a program more. */
static struct slot *
slot_of(struct senders_table *table, const char *key)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (; *key != '\0'; key++)
		hash = (hash ^ (unsigned char)*key) * UINT64_C(0x100000001b3);
	return &table->slots[hash % SLOTS];
}

/* A copy of a kept answer, or of why none can be had. */
static enum status
copy_text(struct region *region, const char *text, const char **copy_r)
{
	*copy_r = NULL;
	if (text == NULL)
		return STATUS_OK;
	*copy_r = region_strdup(region, text);
	return *copy_r == NULL ? STATUS_NOMEM : STATUS_OK;
}

static enum status
copy_failure(
    struct senders_table *table, struct region *region, const char **reason_r)
{
	enum status status = copy_text(region, table->reason, reason_r);

	return status == STATUS_OK ? STATUS_IO : status;
}

/* Waits for a place among the programs; locked. */
static bool
take_place(struct senders_table *table, int64_t deadline_ms)
{
	struct timespec deadline = clock_timespec(deadline_ms);
	int failed = 0;

	while (table->running >= RUNNING_MAX && failed == 0)
		failed = pthread_cond_timedwait(
		    &table->ended, &table->lock, &deadline);
	if (table->running >= RUNNING_MAX)
		return false;
	table->running++;
	return true;
}

/* Keeps an answer; one that there is no memory for is asked for again. */
static void
keep(struct senders_table *table, const char *key, const char *value)
{
	struct slot *slot = slot_of(table, key);

	clear_slot(slot);
	slot->key = strdup(key);
	if (value != NULL)
		slot->value = strdup(value);
	if (value != NULL && slot->value == NULL)
		clear_slot(slot);
	slot->until_ms = clock_now_ms() + KEPT_MS;
}

/* The last line that postmap wrote, without its own name. */
static struct span
last_error(const struct senders_run *run)
{
	static const char fatal[] = "postmap: fatal: ";
	struct span rest = { run->errors, run->errors_length }, line, last;

	last = span_of("it failed");
	while (span_split(&rest, '\n', &line))
		if (span_trim(line).length > 0)
			last = span_trim(line);
	if (span_starts_nocase(last, fatal)) {
		last.data += strlen(fatal);
		last.length -= strlen(fatal);
	}
	return last;
}

static bool
has_failed(const struct senders_run *run)
{
	if (run->reason != NULL || run->exit_status > 1)
		return true;
	return run->exit_status == 1 &&
	    (strstr(run->errors, ": fatal: ") != NULL ||
		strstr(run->errors, ": panic: ") != NULL ||
		strstr(run->errors, ": error: ") != NULL);
}

/* What the program told; locked.  Told in the log when it changes. */
static void
note(struct senders_table *table, const struct senders_run *run)
{
	bool failed = has_failed(run);

	if (failed) {
		str_sanitize(table->reason, sizeof(table->reason),
		    run->reason != NULL ? span_of(run->reason) :
					  last_error(run));
		table->rest_until_ms = clock_now_ms() + REST_MS;
	}
	if (failed && !table->failing)
		log_error("senders: %s cannot be asked (%s): %s", table->name,
		    table->postmap, table->reason);
	else if (!failed && table->failing)
		log_info("senders: %s answers again", table->name);
	table->failing = failed;
}

/* Runs the program; locked, but not while it runs. */
static enum status
run_postmap(struct senders_table *table, const struct senders_lookup *lookup,
    const char **value_r, const char **reason_r)
{
	const char *const arguments[] = { table->postmap, "-q", lookup->key,
		table->name, NULL };
	struct senders_run *run;
	enum status status = STATUS_OK;

	if ((run = malloc(sizeof(*run))) == NULL)
		return STATUS_NOMEM;
	pthread_mutex_unlock(&table->lock);
	senders_run(arguments, lookup->deadline_ms, run);
	pthread_mutex_lock(&table->lock);
	note(table, run);
	if (table->failing)
		status = copy_failure(table, lookup->region, reason_r);
	else if (run->exit_status == 0)
		status = copy_text(lookup->region, run->output, value_r);
	if (status == STATUS_OK)
		keep(table, lookup->key, *value_r);
	free(run);
	return status;
}

/* Locked. */
static enum status
ask(struct senders_table *table, const struct senders_lookup *lookup,
    const char **value_r, const char **reason_r)
{
	const struct slot *slot = slot_of(table, lookup->key);
	enum status status;

	if (slot->key != NULL && strcmp(slot->key, lookup->key) == 0 &&
	    clock_now_ms() < slot->until_ms)
		return copy_text(lookup->region, slot->value, value_r);
	if (table->failing && clock_now_ms() < table->rest_until_ms)
		return copy_failure(table, lookup->region, reason_r);
	if (clock_now_ms() >= lookup->deadline_ms) {
		*reason_r = "it did not answer in time";
		return STATUS_IO;
	}
	if (!take_place(table, lookup->deadline_ms)) {
		*reason_r = "too many questions at once";
		return STATUS_IO;
	}
	status = run_postmap(table, lookup, value_r, reason_r);
	table->running--;
	pthread_cond_signal(&table->ended);
	return status;
}

enum status
senders_table_ask(struct senders_table *table,
    const struct senders_lookup *lookup, const char **value_r,
    const char **reason_r)
{
	enum status status;

	*value_r = *reason_r = NULL;
	if (strlen(lookup->key) > SENDERS_TABLE_KEY_MAX)
		return STATUS_OK;
	pthread_mutex_lock(&table->lock);
	status = ask(table, lookup, value_r, reason_r);
	pthread_mutex_unlock(&table->lock);
	return status;
}
