/* keys-import - `gatepost dkim import`: takes over keys of other signers. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/keys-find.h"
#include "cli/keys.h"

struct import {
	struct keys_run *run;
	struct keys_finds finds;
	struct auth_sign_key **keys; /* of finds.found[i]; NULL: unusable */
	size_t imported, unchanged;
};

static enum status
read_key(struct import *import, size_t i)
{
	const struct keys_found *found = &import->finds.found[i];
	const char *text = found->inline_key, *reason = NULL;
	enum status status = STATUS_OK;

	if (text == NULL) {
		status =
		    keys_find_read(import->finds.region, found->path, &text);
		reason = strerror(errno);
	}
	if (status == STATUS_OK)
		status = auth_sign_key_parse(
		    span_of(text), &import->keys[i], &reason);
	if (status != STATUS_INVALID && status != STATUS_IO)
		return status;
	keys_find_problem(&import->finds, "%s: %s", found->path, reason);
	return STATUS_OK;
}

/* Before anything is written: a domain without a usable key gets no folder. */
static enum status
read_keys(struct import *import)
{
	enum status status = STATUS_OK;
	size_t i;

	import->keys = region_alloc_array(
	    import->run->region, KEYS_FOUND_MAX, sizeof(*import->keys));
	if (import->keys == NULL)
		return STATUS_NOMEM;
	for (i = 0; i < import->finds.count && status == STATUS_OK; i++)
		status = read_key(import, i);
	return status;
}

static void
free_keys(struct import *import)
{
	size_t i;

	for (i = 0; import->keys != NULL && i < import->finds.count; i++)
		auth_sign_key_free(&import->keys[i]);
}

/* A key of that selector is there already: the same is no mistake. */
static void
compare(struct import *import, size_t i, const struct auth_sign_entry *entry)
{
	const struct keys_found *found = &import->finds.found[i];

	if (entry->key != NULL &&
	    strcmp(auth_sign_key_record(entry->key),
		auth_sign_key_record(import->keys[i])) == 0) {
		import->unchanged++;
		return;
	}
	keys_find_problem(&import->finds,
	    "%s: %s has another key of the selector %s already", found->path,
	    found->domain, found->selector);
}

static enum status
write_key(struct import *import, struct keys_folder *keys, size_t i)
{
	const struct keys_found *found = &import->finds.found[i];
	const struct auth_sign_key *key = import->keys[i];
	const struct auth_sign_entry *entry =
	    auth_sign_folder_find(&keys->folder, found->selector);
	enum status status;

	if (entry != NULL) {
		compare(import, i, entry);
		return STATUS_OK;
	}
	status = auth_sign_write_key(keys->writer, found->selector, key);
	if (status != STATUS_OK)
		return status;
	import->imported++;
	printf("%s  %s  %s %u\n", found->domain, found->selector,
	    auth_sign_type_text(auth_sign_key_type(key)),
	    auth_sign_key_bits(key));
	return keys_reread(import->run, keys);
}

static bool
is_of(const struct import *import, size_t i, const char *domain)
{
	return import->keys[i] != NULL &&
	    strcmp(import->finds.found[i].domain, domain) == 0;
}

/*
 * The one imported key of a type that waits, or that waits and was used by the
 * other signer; NULL if there are none or several.
 */
static struct auth_sign_entry *
only_one(const struct import *import, const struct keys_folder *keys,
    enum auth_sign_type type, bool used)
{
	struct auth_sign_entry *entry, *one = NULL;
	size_t i;

	for (i = 0; i < import->finds.count; i++) {
		if (!is_of(import, i, keys->domain) ||
		    (used && !import->finds.found[i].signs))
			continue;
		entry = auth_sign_folder_find(
		    &keys->folder, import->finds.found[i].selector);
		if (entry == NULL || entry->key == NULL || entry == one ||
		    entry->state != AUTH_SIGN_WAITING ||
		    auth_sign_key_type(entry->key) != type)
			continue;
		if (one != NULL)
			return NULL;
		one = entry;
	}
	return one;
}

/* What the other signer used signs here too, if that is clear. */
static enum status
activate(struct import *import, struct keys_folder *keys)
{
	struct auth_sign_entry *entry;
	int type;

	for (type = 0; type < KEYS_TYPES; type++) {
		if (keys_active_of(&keys->folder, (enum auth_sign_type)type) !=
		    NULL)
			continue;
		entry = only_one(import, keys, (enum auth_sign_type)type, true);
		if (entry == NULL)
			entry = only_one(
			    import, keys, (enum auth_sign_type)type, false);
		if (entry != NULL)
			entry->state = AUTH_SIGN_ACTIVE;
	}
	return auth_sign_write_states(keys->writer, &keys->folder);
}

static void
tell_waiting(const struct keys_folder *keys)
{
	const struct auth_sign_entry *entry;
	size_t i;

	for (i = 0; i < keys->folder.count; i++) {
		entry = &keys->folder.entries[i];
		if (entry->key != NULL && entry->state == AUTH_SIGN_WAITING)
			printf("%s of %s does not sign; if it shall:\n"
			       "  gatepost dkim rotate %s --selector %s\n",
			    entry->selector, keys->domain, keys->domain,
			    entry->selector);
	}
}

static enum status
import_folder(struct import *import, struct keys_folder *keys)
{
	enum status status;
	size_t i;

	if (keys->folder.problem != NULL) {
		keys_find_problem(&import->finds, "%s", keys->folder.problem);
		return STATUS_OK;
	}
	/* What signs is written down first: no other key shall. */
	status = auth_sign_write_states(keys->writer, &keys->folder);
	for (i = 0; i < import->finds.count && status == STATUS_OK; i++)
		if (is_of(import, i, keys->domain))
			status = write_key(import, keys, i);
	if (status == STATUS_OK)
		status = activate(import, keys);
	if (status == STATUS_OK)
		tell_waiting(keys);
	return status;
}

/* Each domain once, at its first usable key. */
static bool
begins_domain(const struct import *import, size_t i)
{
	size_t k;

	if (import->keys[i] == NULL)
		return false;
	for (k = 0; k < i; k++)
		if (is_of(import, k, import->finds.found[i].domain))
			return false;
	return true;
}

static enum status
import_all(struct import *import)
{
	struct keys_folder keys;
	enum status status = STATUS_OK;
	size_t i;

	for (i = 0; i < import->finds.count && status == STATUS_OK; i++) {
		if (!begins_domain(import, i))
			continue;
		status = keys_open(
		    import->run, import->finds.found[i].domain, &keys);
		if (status != STATUS_OK)
			break;
		status = import_folder(import, &keys);
		keys_close(&keys);
	}
	return status;
}

static void
print_sum(const struct import *import)
{
	printf("%zu keys imported, %zu were there already, %zu problems.\n",
	    import->imported, import->unchanged, import->finds.problem_count);
	if (import->imported > 0)
		printf("Whether the DNS holds their records:\n"
		       "  gatepost dkim list --check\n");
}

int
keys_import(struct keys_run *run)
{
	struct import import = { .run = run };
	enum status status;

	status =
	    keys_find(run->region, run->options->operands[0], &import.finds);
	if (status == STATUS_NOTFOUND)
		return EXIT_FAILED; /* was told */
	if (status == STATUS_OK)
		status = read_keys(&import);
	if (status == STATUS_OK)
		status = import_all(&import);
	free_keys(&import);
	if (status != STATUS_OK)
		return keys_exit_status(status);
	print_sum(&import);
	return import.finds.problem_count == 0 ? 0 : EXIT_FAILED;
}
