/*
 * keys-rotate - `gatepost dkim rotate`: from the keys that sign to new ones.
 *
 * Three steps, whichever is due: keys whose day has come are removed; new keys
 * are made, and their records printed; when the DNS holds these, they sign, and
 * the old ones are kept until their day.  New ones are not made while old ones
 * are left, unless they are named, so that a rotation has an end.
 *
 * What was done is told when it is done: after it was written down.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/keys.h"
#include "cli/load.h"
#include "lib/base/clock.h"

#define DAY_SECONDS 86400

/* Those that shall sign from now on, one of a type. */
struct candidates {
	size_t count;
	const char *selectors[KEYS_TYPES];
	enum auth_sign_type types[KEYS_TYPES];
};

static int64_t
today(void)
{
	return clock_wall_seconds() / DAY_SECONDS * DAY_SECONDS;
}

/* Retired until a day that has come, and not wanted back. */
static bool
is_expired(struct keys_run *run, const struct auth_sign_entry *entry)
{
	return entry->state == AUTH_SIGN_RETIRED && entry->until <= today() &&
	    !str_equals_nocase(entry->selector, run->options->selector);
}

static void
tell_dropped(
    const struct keys_folder *keys, const char *const *dropped, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		printf("The record %s._domainkey.%s may be removed from the "
		       "DNS; its key was deleted.\n",
		    dropped[i], keys->domain);
}

/* Deletes what is expired; returns how many in *count_r. */
static enum status
drop_expired(struct keys_run *run, struct keys_folder *keys, size_t *count_r)
{
	const char *dropped[AUTH_SIGN_FOLDER_KEYS_MAX];
	struct auth_sign_entry *entry;
	enum status status = STATUS_OK;
	size_t i, count = 0;

	for (i = 0; i < keys->folder.count && status == STATUS_OK; i++) {
		entry = &keys->folder.entries[i];
		if (!is_expired(run, entry))
			continue;
		status = auth_sign_write_remove(keys->writer, entry->selector);
		entry->state = AUTH_SIGN_WAITING; /* not written down again */
		dropped[count++] = entry->selector;
	}
	*count_r = count;
	if (status != STATUS_OK || count == 0)
		return status;
	status = auth_sign_write_states(keys->writer, &keys->folder);
	if (status != STATUS_OK)
		return status;
	tell_dropped(keys, dropped, count);
	return keys_reread(run, keys);
}

/* Whether the rotation before is not at its end; says until when. */
static bool
waits_for_day(const struct keys_folder *keys)
{
	const struct auth_sign_entry *entry;
	char date[AUTH_SIGN_DATE_BYTES];
	bool waits = false;
	size_t i;

	for (i = 0; i < keys->folder.count; i++) {
		entry = &keys->folder.entries[i];
		if (entry->state != AUTH_SIGN_RETIRED)
			continue;
		waits = true;
		printf("%s signs no more; leave %s._domainkey.%s in the DNS "
		       "until %s.\n",
		    entry->selector, entry->selector, keys->domain,
		    auth_sign_date_text(entry->until, date));
	}
	if (waits)
		printf("Nothing is due before that day.  New keys already now:"
		       "\n  gatepost dkim rotate %s --selector NAME\n",
		    keys->domain);
	return waits;
}

static enum status
add_candidate(
    struct candidates *candidates, const struct auth_sign_entry *entry)
{
	enum auth_sign_type type = auth_sign_key_type(entry->key);
	size_t i;

	for (i = 0; i < candidates->count; i++) {
		if (candidates->types[i] != type)
			continue;
		fprintf(stderr,
		    "gatepost: several %s keys wait, %s and %s: name one by "
		    "--selector\n",
		    auth_sign_type_text(type), candidates->selectors[i],
		    entry->selector);
		return STATUS_INVALID;
	}
	candidates->selectors[candidates->count] = entry->selector;
	candidates->types[candidates->count++] = type;
	return STATUS_OK;
}

static enum status
choose_named(const struct keys_folder *keys, const char *selector,
    struct candidates *candidates)
{
	const struct auth_sign_entry *entry =
	    auth_sign_folder_find(&keys->folder, selector);

	if (entry == NULL)
		return STATUS_OK; /* the name of a key that is to be made */
	if (entry->key == NULL || entry->state == AUTH_SIGN_ACTIVE) {
		fprintf(stderr, "gatepost: %s\n",
		    entry->key == NULL ? entry->problem :
					 "that key signs already");
		return STATUS_BUSY;
	}
	return add_candidate(candidates, entry);
}

/* The key that was named, or all that wait. */
static enum status
choose(struct keys_run *run, const struct keys_folder *keys,
    struct candidates *candidates)
{
	const struct auth_sign_entry *entry;
	enum status status = STATUS_OK;
	size_t i;

	candidates->count = 0;
	if (run->options->selector != NULL)
		return choose_named(keys, run->options->selector, candidates);
	for (i = 0; i < keys->folder.count && status == STATUS_OK; i++) {
		entry = &keys->folder.entries[i];
		if (entry->key != NULL && entry->state == AUTH_SIGN_WAITING)
			status = add_candidate(candidates, entry);
	}
	return status;
}

static unsigned int
bits_of_new(struct keys_run *run, const struct keys_folder *keys)
{
	const struct auth_sign_entry *entry =
	    keys_active_of(&keys->folder, AUTH_SIGN_RSA);
	unsigned int bits = AUTH_SIGN_RSA_BITS_DEFAULT;

	if (run->options->bits != 0)
		return run->options->bits;
	if (entry != NULL && auth_sign_key_bits(entry->key) > bits)
		bits = auth_sign_key_bits(entry->key);
	return bits;
}

static enum status
print_records(struct keys_run *run, const struct keys_folder *keys,
    const struct candidates *candidates)
{
	enum status status = STATUS_OK;
	size_t i;

	printf("Add to the zone of %s:\n\n", keys->domain);
	for (i = 0; i < candidates->count && status == STATUS_OK; i++)
		status = keys_print_record(run, keys->domain,
		    auth_sign_folder_find(
			&keys->folder, candidates->selectors[i]));
	return status;
}

/* New keys of the types that sign now. */
static enum status
make_candidates(struct keys_run *run, struct keys_folder *keys,
    struct candidates *candidates)
{
	const char *selectors[KEYS_TYPES] = { NULL, NULL };
	bool types[KEYS_TYPES];
	enum status status;
	size_t i;

	for (i = 0; i < KEYS_TYPES; i++)
		types[i] = keys_active_of(
			       &keys->folder, (enum auth_sign_type)i) != NULL;
	if (!types[AUTH_SIGN_RSA] && !types[AUTH_SIGN_ED25519]) {
		fprintf(stderr,
		    "gatepost: no key of %s signs: gatepost dkim generate %s\n",
		    keys->domain, keys->domain);
		return STATUS_BUSY;
	}
	status = keys_make(run, keys, types, bits_of_new(run, keys), selectors);
	for (i = 0; i < KEYS_TYPES && status == STATUS_OK; i++)
		if (selectors[i] != NULL)
			status = add_candidate(candidates,
			    auth_sign_folder_find(&keys->folder, selectors[i]));
	return status == STATUS_OK ? print_records(run, keys, candidates) :
				     status;
}

/* Sets *result: the exit status when a record is not there. */
static enum status
check_records(struct keys_run *run, const struct keys_folder *keys,
    const struct candidates *candidates, int *result)
{
	enum auth_sign_published published;
	const char *reason;
	enum status status;
	size_t i;

	for (i = 0; i < candidates->count; i++) {
		status = keys_ask(run, keys->domain,
		    auth_sign_folder_find(
			&keys->folder, candidates->selectors[i]),
		    &published, &reason);
		if (status != STATUS_OK)
			return status;
		printf("%s._domainkey.%s: %s\n", candidates->selectors[i],
		    keys->domain,
		    published == AUTH_SIGN_PUBLISHED_RIGHT ? "published" :
							     reason);
		if (published == AUTH_SIGN_PUBLISHED_UNKNOWN)
			*result = EXIT_TEMPORARY;
		else if (published != AUTH_SIGN_PUBLISHED_RIGHT && *result == 0)
			*result = EXIT_FAILED;
	}
	return STATUS_OK;
}

static bool
is_replaced(
    const struct auth_sign_entry *entry, const struct candidates *candidates)
{
	size_t i;

	if (entry->state != AUTH_SIGN_ACTIVE)
		return false;
	for (i = 0; i < candidates->count; i++)
		if (entry->key == NULL ||
		    auth_sign_key_type(entry->key) == candidates->types[i])
			return true;
	return false;
}

static void
tell_switch(const struct keys_folder *keys, const struct candidates *candidates,
    const char *const *retired, size_t count, int64_t until)
{
	char date[AUTH_SIGN_DATE_BYTES];
	size_t i;

	for (i = 0; i < count; i++)
		printf("%s signs no more; leave %s._domainkey.%s in the DNS "
		       "until %s.\n",
		    retired[i], retired[i], keys->domain,
		    auth_sign_date_text(until, date));
	for (i = 0; i < candidates->count; i++)
		printf("%s signs from now on.\n", candidates->selectors[i]);
	if (count > 0)
		printf("After that day, gatepost dkim rotate %s deletes what "
		       "is old.\n",
		    keys->domain);
}

static enum status
switch_over(struct keys_run *run, struct keys_folder *keys,
    const struct candidates *candidates)
{
	int64_t until = today() + run->options->keep_days * DAY_SECONDS;
	const char *retired[AUTH_SIGN_FOLDER_KEYS_MAX];
	struct auth_sign_entry *entry;
	enum status status;
	size_t i, count = 0;

	for (i = 0; i < keys->folder.count; i++) {
		entry = &keys->folder.entries[i];
		if (!is_replaced(entry, candidates))
			continue;
		entry->state = AUTH_SIGN_RETIRED;
		entry->until = until;
		retired[count++] = entry->selector;
	}
	for (i = 0; i < candidates->count; i++)
		auth_sign_folder_find(&keys->folder, candidates->selectors[i])
		    ->state = AUTH_SIGN_ACTIVE;
	status = auth_sign_write_states(keys->writer, &keys->folder);
	if (status == STATUS_OK)
		tell_switch(keys, candidates, retired, count, until);
	return status;
}

static enum status
check_and_switch(struct keys_run *run, struct keys_folder *keys,
    const struct candidates *candidates, int *result)
{
	enum status status;

	status = check_records(run, keys, candidates, result);
	if (status == STATUS_OK && *result == 0)
		return switch_over(run, keys, candidates);
	if (status != STATUS_OK || *result != EXIT_FAILED)
		return status;
	printf("\nNothing was changed. ");
	return print_records(run, keys, candidates);
}

static enum status
rotate(struct keys_run *run, struct keys_folder *keys, int *result)
{
	struct candidates candidates = { 0 };
	enum status status;
	size_t dropped;
	bool made;

	if (keys->folder.problem != NULL &&
	    !(keys->folder.undecided && run->options->selector != NULL)) {
		fprintf(stderr, "gatepost: %s\n", keys->folder.problem);
		return STATUS_BUSY;
	}
	status = drop_expired(run, keys, &dropped);
	if (status == STATUS_OK)
		status = choose(run, keys, &candidates);
	if (status != STATUS_OK)
		return status;
	made = candidates.count == 0;
	if (made && run->options->selector == NULL &&
	    (dropped > 0 || waits_for_day(keys)))
		return STATUS_OK;
	if (made)
		status = make_candidates(run, keys, &candidates);
	if (status != STATUS_OK)
		return status;
	if (run->options->force)
		return switch_over(run, keys, &candidates);
	if (!made)
		return check_and_switch(run, keys, &candidates, result);
	printf("\nWhen the DNS holds them:\n  gatepost dkim rotate %s\n"
	       "Until then the old keys sign.\n",
	    keys->domain);
	return STATUS_OK;
}

/* A domain without keys must not get an empty folder. */
static enum status
must_exist(struct keys_run *run, const char *domain)
{
	struct auth_sign_folder folder;
	enum status status;

	status = auth_sign_folder_read(run->region, run->key_dir,
	    keys_owner(run->settings), domain, &folder);
	if (status == STATUS_OK)
		auth_sign_folder_release(&folder);
	if (status != STATUS_NOTFOUND)
		return status;
	fprintf(stderr, "gatepost: %s has no keys: gatepost dkim generate %s\n",
	    domain, domain);
	return STATUS_BUSY;
}

int
keys_rotate(struct keys_run *run)
{
	struct keys_folder keys;
	const char *domain;
	enum status status;
	int result = 0;

	status = load_domain(run->region, run->options->operands[0], &domain);
	if (status == STATUS_OK)
		status = must_exist(run, domain);
	if (status == STATUS_OK)
		status = keys_open(run, domain, &keys);
	if (status != STATUS_OK)
		return keys_exit_status(status);
	status = rotate(run, &keys, &result);
	keys_close(&keys);
	return status == STATUS_OK ? result : keys_exit_status(status);
}
