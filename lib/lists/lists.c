/*
 * lists - the set of lists: made from the table and the configuration, and made
 * anew on a reload (see lists.h).
 *
 * A list that is in both the old and the new set is the same object, so that a
 * query that began before a reload still changes the state of the right one.
 */
#include "config.h"

#include "lib/lists/lists.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/str.h"
#include "lib/lists/lists-private.h"

#define SUBJECTS_BYTES 60

static const char *const subject_names[] = { "client", "relay", "domain",
	"mail address", "URL address" };

static const char *const state_names[] = { "untested", "on", "off",
	"disabled" };

const char *
lists_state_text(enum lists_state state)
{
	return state_names[state];
}

/* The set that is being made. */
struct list_set {
	struct list **items;
	size_t count;
};

void
list_free(struct list **list)
{
	if (*list == NULL)
		return;
	list_test_end(&(*list)->test);
	free((*list)->zone);
	free(*list);
	*list = NULL;
}

static char *
zone_new(const char *key, const char *zone)
{
	size_t size = strlen(key) + strlen(zone) + 2, length;
	char *text;

	if ((text = malloc(size)) == NULL)
		return NULL;
	snprintf(text, size, "%s%s%s", key, key[0] == '\0' ? "" : ".", zone);
	length = strlen(text);
	if (length > 0 && text[length - 1] == '.')
		text[length - 1] = '\0';
	return text;
}

/* shown_zone NULL: the zone itself.  Takes over zone, also on failure. */
static struct list *
list_new(const struct lists_description *description, char *zone,
    const char *shown_zone)
{
	struct list *list;

	if (zone == NULL || (list = calloc(1, sizeof(*list))) == NULL) {
		free(zone);
		return NULL;
	}
	list->description = description;
	list->zone = zone;
	list->shown_zone = shown_zone != NULL ? shown_zone : zone;
	list->name =
	    description->name != NULL ? description->name : list->shown_zone;
	list->state = LISTS_STATE_DISABLED;
	atomic_init(&list->failures, 0);
	return list;
}

static struct list *
list_find(struct list *const *items, size_t count,
    const struct lists_description *description, const char *zone)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (items[i]->description == description &&
		    strcmp(items[i]->zone, zone) == 0)
			return items[i];
	return NULL;
}

/*
 * Adds a list, the one of the set in force if it is there.  Takes over zone.
 * References are counted when the set is complete.
 */
static enum status
set_add(struct lists *lists, struct list_set *set,
    const struct lists_description *description, char *zone,
    const char *shown_zone)
{
	struct list *list;

	if (zone == NULL)
		return STATUS_NOMEM;
	if (list_find(set->items, set->count, description, zone) != NULL) {
		free(zone); /* named twice */
		return STATUS_OK;
	}
	if (set->count == LISTS_MAX) {
		log_error(
		    "%s is not asked: more than %d lists", zone, LISTS_MAX);
		free(zone);
		return STATUS_OK;
	}
	list = list_find(lists->items, lists->count, description, zone);
	if (list != NULL)
		free(zone);
	else if ((list = list_new(description, zone, shown_zone)) == NULL)
		return STATUS_NOMEM;
	set->items[set->count++] = list;
	return STATUS_OK;
}

static enum status
set_add_shipped(struct lists *lists, const struct lists_conf *conf,
    struct list_set *set, const struct lists_description *description)
{
	if (description->keyed_zone != NULL && conf->dqs_key[0] != '\0')
		return set_add(lists, set, description,
		    zone_new(conf->dqs_key, description->keyed_zone),
		    description->keyed_zone);
	return set_add(lists, set, description, zone_new("", description->zone),
	    description->zone);
}

static enum status
set_add_own(struct lists *lists, struct list_set *set,
    const struct lists_description *description, const struct conf_list *zones)
{
	enum status status = STATUS_OK;
	size_t i;

	for (i = 0; i < zones->count && status == STATUS_OK; i++)
		status = set_add(lists, set, description,
		    zone_new("", zones->items[i]), NULL);
	return status;
}

static enum status
set_fill(
    struct lists *lists, const struct lists_conf *conf, struct list_set *set)
{
	enum status status = STATUS_OK;
	size_t i;

	for (i = 0; i < lists_table_count && status == STATUS_OK; i++)
		status = set_add_shipped(lists, conf, set, &lists_table[i]);
	if (status == STATUS_OK)
		status =
		    set_add_own(lists, set, &lists_own_block, &conf->own_block);
	if (status == STATUS_OK)
		status =
		    set_add_own(lists, set, &lists_own_allow, &conf->own_allow);
	if (status == STATUS_OK)
		status = set_add_own(
		    lists, set, &lists_own_domains, &conf->own_domains);
	return status;
}

/* Takes the references of a set away; call it without the lock. */
static void
set_release(struct lists *lists, struct list_set *set)
{
	struct list *list;
	bool is_last;
	size_t i;

	for (i = 0; i < set->count; i++) {
		list = set->items[i];
		pthread_mutex_lock(&lists->lock);
		is_last = --list->references == 0;
		pthread_mutex_unlock(&lists->lock);
		if (is_last)
			list_free(&list);
	}
	free(set->items);
	set->items = NULL;
	set->count = 0;
}

static enum status
set_new(
    struct lists *lists, const struct lists_conf *conf, struct list_set *set)
{
	enum status status;
	size_t i;

	set->count = 0;
	set->items = calloc(LISTS_MAX, sizeof(struct list *));
	if (set->items == NULL)
		return STATUS_NOMEM;
	status = set_fill(lists, conf, set);
	pthread_mutex_lock(&lists->lock);
	for (i = 0; i < set->count; i++)
		set->items[i]->references++;
	pthread_mutex_unlock(&lists->lock);
	if (status != STATUS_OK)
		set_release(lists, set);
	return status;
}

static bool
is_enabled(
    const struct lists_conf *conf, const struct lists_description *description)
{
	size_t i;

	if (!conf->enabled ||
	    (description->subjects == LISTS_FOR(LISTS_ADDRESS) &&
		!conf->hash_lists))
		return false;
	for (i = 0; i < conf->off.count; i++)
		if (lists_table_find(conf->off.items[i]) == description)
			return false;
	return true;
}

/* With the lock held. */
static void
list_configure(const struct lists *lists, struct list *list, bool enabled)
{
	int64_t now_ms = clock_now_ms();

	if (!enabled) {
		list->state = LISTS_STATE_DISABLED;
		list->reason[0] = '\0';
		return;
	}
	if (list->state == LISTS_STATE_DISABLED)
		list->state = LISTS_STATE_UNTESTED;
	if (list->state != LISTS_STATE_ON)
		list->test_due_ms = now_ms;
	else if (list->test_due_ms > now_ms + lists->test_interval)
		list->test_due_ms = now_ms + lists->test_interval;
}

enum status
lists_reload(struct lists *lists, const struct lists_conf *conf)
{
	struct list_set old, set;
	enum status status;
	size_t i;

	if ((status = set_new(lists, conf, &set)) != STATUS_OK)
		return status;
	pthread_mutex_lock(&lists->lock);
	old.items = lists->items;
	old.count = lists->count;
	lists->items = set.items;
	lists->count = set.count;
	lists->test_interval = conf->test_interval;
	lists->retry_interval = conf->retry_interval;
	for (i = 0; i < set.count; i++)
		list_configure(lists, set.items[i],
		    is_enabled(conf, set.items[i]->description));
	pthread_mutex_unlock(&lists->lock);
	set_release(lists, &old);
	lists_tick(lists);
	return STATUS_OK;
}

enum status
lists_new(
    const struct lists_conf *conf, struct dns *dns, struct lists **lists_r)
{
	struct lists *lists;
	enum status status;

	*lists_r = NULL;
	if ((lists = calloc(1, sizeof(*lists))) == NULL)
		return STATUS_NOMEM;
	if (pthread_mutex_init(&lists->lock, NULL) != 0) {
		free(lists);
		return STATUS_NOMEM;
	}
	lists->dns = dns;
	if ((status = lists_reload(lists, conf)) != STATUS_OK) {
		lists_free(&lists);
		return status;
	}
	*lists_r = lists;
	return STATUS_OK;
}

void
lists_free(struct lists **lists)
{
	struct list_set set;

	if (*lists == NULL)
		return;
	set.items = (*lists)->items;
	set.count = (*lists)->count;
	set_release(*lists, &set);
	pthread_mutex_destroy(&(*lists)->lock);
	free(*lists);
	*lists = NULL;
}

static const char *
subjects_text(struct region *region, unsigned int subjects)
{
	char text[SUBJECTS_BYTES] = "";
	size_t i, length = 0;

	for (i = 0; i < GP_NELEMS(subject_names); i++)
		if ((subjects & LISTS_FOR(i)) != 0)
			length += (size_t)snprintf(text + length,
			    sizeof(text) - length, "%s%s",
			    length == 0 ? "" : ", ", subject_names[i]);
	return region_strdup(region, text);
}

/* With the lock held. */
static enum status
status_fill(
    const struct list *list, struct region *region, struct lists_status *row)
{
	row->name = region_strdup(region, list->name);
	row->zone = region_strdup(region, list->shown_zone);
	row->subjects = subjects_text(region, list->description->subjects);
	row->reason = region_strdup(
	    region, list->state == LISTS_STATE_OFF ? list->reason : "");
	row->state = list->state;
	row->is_silent = list->is_silent && list->state == LISTS_STATE_OFF;
	row->tested_at = list->tested_at;
	if (row->name == NULL || row->zone == NULL || row->subjects == NULL ||
	    row->reason == NULL)
		return STATUS_NOMEM;
	return STATUS_OK;
}

enum status
lists_status_all(struct lists *lists, struct region *region,
    struct lists_status **rows_r, size_t *count_r)
{
	enum status status = STATUS_OK;
	struct lists_status *rows;
	size_t i;

	*rows_r = NULL;
	*count_r = 0;
	rows = region_alloc_array(region, LISTS_MAX, sizeof(*rows));
	if (rows == NULL)
		return STATUS_NOMEM;
	pthread_mutex_lock(&lists->lock);
	for (i = 0; i < lists->count && status == STATUS_OK; i++)
		status = status_fill(lists->items[i], region, &rows[i]);
	*count_r = lists->count;
	pthread_mutex_unlock(&lists->lock);
	if (status != STATUS_OK) {
		*count_r = 0;
		return status;
	}
	*rows_r = rows;
	return STATUS_OK;
}

bool
lists_are_silent(const struct lists_status *rows, size_t count)
{
	size_t i, silent = 0;

	for (i = 0; i < count; i++) {
		if (rows[i].state != LISTS_STATE_DISABLED && !rows[i].is_silent)
			return false;
		silent += rows[i].is_silent;
	}
	return silent > 0;
}
