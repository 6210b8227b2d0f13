/*
 * senders - which addresses a login may write as (see senders.h).
 *
 * What is in force is a set that does not change, counted by reference; a
 * change of a file makes a new one, which shares the tables and what has not
 * changed.
 */
#include "config.h"

#include "lib/senders/senders.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/senders/senders-private.h"

struct senders {
	pthread_mutex_t lock; /* guards set */
	struct senders_set *set;
	int64_t look_ms; /* when the files are looked at next */
};

const char *
senders_answer_text(enum senders_answer answer)
{
	switch (answer) {
	case SENDERS_ALLOWED:
		return "allowed";
	case SENDERS_FOREIGN:
		return "foreign";
	case SENDERS_UNKNOWN:
		return "unknown";
	}
	return "unknown";
}

void
senders_set_release(struct senders_set **set_ref)
{
	struct senders_set *set = *set_ref;
	size_t i;

	*set_ref = NULL;
	if (set == NULL || atomic_fetch_sub(&set->references, 1) != 1)
		return;
	for (i = 0; i < set->source_count; i++)
		senders_source_release(&set->sources[i]);
	for (i = 0; i < set->table_count; i++)
		senders_table_release(&set->tables[i]);
	region_free(&set->region);
	free(set);
}

struct senders_set *
senders_set_hold(struct senders *senders)
{
	struct senders_set *set;

	pthread_mutex_lock(&senders->lock);
	set = senders->set;
	atomic_fetch_add(&set->references, 1);
	pthread_mutex_unlock(&senders->lock);
	return set;
}

static enum status
copy_conf(struct senders_set *set, const struct senders_conf *conf)
{
	const char **items;
	size_t i;

	set->conf = *conf;
	set->conf.docker_mailserver =
	    region_strdup(set->region, conf->docker_mailserver);
	set->conf.recipient_delimiter =
	    region_strdup(set->region, conf->recipient_delimiter);
	set->conf.postmap = region_strdup(set->region, conf->postmap);
	items = region_alloc_array(
	    set->region, conf->map.count + 1, sizeof(*items));
	if (set->conf.docker_mailserver == NULL ||
	    set->conf.recipient_delimiter == NULL ||
	    set->conf.postmap == NULL || items == NULL)
		return STATUS_NOMEM;
	for (i = 0; i < conf->map.count; i++)
		if ((items[i] = region_strdup(
			 set->region, conf->map.items[i])) == NULL)
			return STATUS_NOMEM;
	set->conf.map.items = items;
	return STATUS_OK;
}

/* That of the set before which has the same files; or NULL. */
static struct senders_source *
find_before(const struct senders_set *before, enum senders_source_kind kind,
    const char *path)
{
	struct senders_source *source;
	size_t i;

	for (i = 0; before != NULL && i < before->source_count; i++) {
		source = before->sources[i];
		if (source->kind == kind && strcmp(source->path, path) == 0)
			return source;
	}
	return NULL;
}

/*
 * A source that cannot be read for want of descriptors or the like: what was
 * read before stays in force until it can be.
 */
static void
keep_before(struct senders_source **source, struct senders_source *before)
{
	if (!(*source)->lacks || before == NULL || before->failure != NULL)
		return;
	if (!before->is_kept)
		log_error("senders: %s; what was read before stays in force",
		    (*source)->failure);
	before->is_kept = true;
	senders_source_release(source);
	*source = senders_source_hold(before);
}

/* afresh: also if its files are the same. */
static enum status
add_source(struct senders_set *set, const struct senders_set *before,
    bool afresh, enum senders_source_kind kind, const char *path)
{
	struct senders_source **source = &set->sources[set->source_count];
	struct senders_source *other = find_before(before, kind, path);
	enum status status = STATUS_OK;

	if (other != NULL && !afresh && !senders_source_has_changed(other))
		*source = senders_source_hold(other);
	else
		status = senders_source_read(kind, path, source);
	if (status != STATUS_OK)
		return status;
	keep_before(source, other);
	set->source_count++;
	return STATUS_OK;
}

/* The table of this place: that of the set before, if it is shared. */
static enum status
add_table(
    struct senders_set *set, const struct senders_set *shared, const char *name)
{
	struct senders_table **table = &set->tables[set->table_count];
	enum status status = STATUS_OK;

	if (shared != NULL)
		*table = senders_table_hold(shared->tables[set->table_count]);
	else
		status = senders_table_new(name, set->conf.postmap, table);
	if (status == STATUS_OK)
		set->table_count++;
	return status;
}

static enum status
open_sources(
    struct senders_set *set, const struct senders_set *before, bool afresh)
{
	const struct senders_set *shared = afresh ? NULL : before;
	const struct senders_conf *conf = &set->conf;
	enum status status = STATUS_OK;
	size_t i, room = conf->map.count + 1;

	set->sources =
	    region_alloc_array(set->region, room, sizeof(*set->sources));
	set->tables =
	    region_alloc_array(set->region, room, sizeof(*set->tables));
	if (set->sources == NULL || set->tables == NULL)
		return STATUS_NOMEM;
	for (i = 0; i < conf->map.count && status == STATUS_OK; i++)
		if (senders_conf_is_table(conf->map.items[i]))
			status = add_table(set, shared, conf->map.items[i]);
		else
			status = add_source(set, before, afresh,
			    SENDERS_SOURCE_MAP, conf->map.items[i]);
	if (status == STATUS_OK && conf->docker_mailserver[0] != '\0')
		status = add_source(set, before, afresh,
		    SENDERS_SOURCE_ACCOUNTS, conf->docker_mailserver);
	return status;
}

/*
 * before  the set in force, or NULL
 * afresh  false: of the same conf; its tables and unchanged files are shared
 */
static enum status
set_new(const struct senders_conf *conf, const struct senders_set *before,
    bool afresh, struct senders_set **set_r)
{
	struct senders_set *set;
	enum status status = STATUS_NOMEM;

	*set_r = NULL;
	if ((set = calloc(1, sizeof(*set))) == NULL)
		return STATUS_NOMEM;
	atomic_init(&set->references, 1);
	if ((set->region = region_new()) != NULL)
		status = copy_conf(set, conf);
	if (status == STATUS_OK)
		status = open_sources(set, before, afresh);
	if (status != STATUS_OK)
		senders_set_release(&set);
	*set_r = set;
	return status;
}

size_t
senders_kept_problems(const struct senders_source *source)
{
	return source->problem_count < SENDERS_PROBLEMS_MAX ?
	    source->problem_count :
	    SENDERS_PROBLEMS_MAX;
}

static bool
is_shared(const struct senders_set *before, const struct senders_source *source)
{
	size_t i;

	for (i = 0; before != NULL && i < before->source_count; i++)
		if (before->sources[i] == source)
			return true;
	return false;
}

/* The set before told the same. */
static bool
was_told(const struct senders_set *before, const char *problem)
{
	const struct senders_source *source;
	size_t i, j;

	for (i = 0; before != NULL && i < before->source_count; i++) {
		source = before->sources[i];
		if (source->failure != NULL &&
		    strcmp(source->failure, problem) == 0)
			return true;
		for (j = 0; j < senders_kept_problems(source); j++)
			if (strcmp(source->problems[j], problem) == 0)
				return true;
	}
	return false;
}

static void
log_source(
    const struct senders_source *source, const struct senders_set *before)
{
	size_t i, kept = senders_kept_problems(source);

	if (source->failure != NULL && !was_told(before, source->failure))
		log_error("senders: %s", source->failure);
	for (i = 0; i < kept; i++)
		if (!was_told(before, source->problems[i]))
			log_warning("senders: %s; the line is left out",
			    source->problems[i]);
	if (source->problem_count > kept)
		log_warning("senders: %s: %zu more lines are left out",
		    source->paths[0], source->problem_count - kept);
	if (source->failure == NULL)
		log_info("senders: %zu entries in %s", source->index.count,
		    source->paths[0]);
}

/* Puts a set in force; takes over the reference. */
static void
swap_set(struct senders *senders, struct senders_set *set)
{
	struct senders_set *before;
	size_t i;

	senders->look_ms = clock_now_ms() + SENDERS_CHECK_MS;
	pthread_mutex_lock(&senders->lock);
	before = senders->set;
	senders->set = set;
	pthread_mutex_unlock(&senders->lock);
	for (i = 0; i < set->source_count; i++)
		if (!is_shared(before, set->sources[i]))
			log_source(set->sources[i], before);
	senders_set_release(&before);
}

enum status
senders_reload(struct senders *senders, const struct senders_conf *conf)
{
	struct senders_set *set;
	enum status status = set_new(conf, senders->set, true, &set);

	if (status == STATUS_OK)
		swap_set(senders, set);
	return status;
}

enum status
senders_new(const struct senders_conf *conf, struct senders **senders_r)
{
	struct senders *senders;
	enum status status;

	*senders_r = NULL;
	if ((senders = calloc(1, sizeof(*senders))) == NULL)
		return STATUS_NOMEM;
	if (pthread_mutex_init(&senders->lock, NULL) != 0) {
		free(senders);
		return STATUS_NOMEM;
	}
	if ((status = senders_reload(senders, conf)) != STATUS_OK)
		senders_free(&senders);
	*senders_r = senders;
	return status;
}

void
senders_free(struct senders **senders)
{
	if (*senders == NULL)
		return;
	senders_set_release(&(*senders)->set);
	pthread_mutex_destroy(&(*senders)->lock);
	free(*senders);
	*senders = NULL;
}

/* The set is this thread's to look at: only it and a reload replace it. */
void
senders_tick(struct senders *senders)
{
	const struct senders_set *now = senders->set;
	bool changed = false;
	struct senders_set *set;
	size_t i;

	if (clock_now_ms() < senders->look_ms)
		return;
	senders->look_ms = clock_now_ms() + SENDERS_CHECK_MS;
	for (i = 0; i < now->source_count && !changed; i++)
		changed = senders_source_has_changed(now->sources[i]);
	if (!changed)
		return;
	if (set_new(&now->conf, now, false, &set) == STATUS_OK)
		swap_set(senders, set);
	else
		log_error("senders: no memory, the old files stay in force");
}
