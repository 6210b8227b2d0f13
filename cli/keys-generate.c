/* keys-generate - `gatepost dkim generate`: new keys of a domain. */
#include "config.h"

#include <stdio.h>

#include "cli/command.h"
#include "cli/keys.h"
#include "cli/load.h"

/* The first keys of a domain sign at once; others wait. */
static enum status
activate_first(
    struct keys_folder *keys, const char *const selectors[KEYS_TYPES])
{
	bool signs = false;
	size_t i;

	for (i = 0; i < keys->folder.count; i++)
		signs |= keys->folder.entries[i].state == AUTH_SIGN_ACTIVE;
	for (i = 0; i < KEYS_TYPES && !signs; i++)
		if (selectors[i] != NULL)
			auth_sign_folder_find(&keys->folder, selectors[i])
			    ->state = AUTH_SIGN_ACTIVE;
	return auth_sign_write_states(keys->writer, &keys->folder);
}

static void
print_next(const struct keys_folder *keys, bool active)
{
	if (active)
		printf("\nMail of %s is signed by them from now on; a running\n"
		       "gatepost-milter takes them up by itself.  Until the "
		       "DNS holds the records,\nreceivers take the signatures "
		       "for none.  Whether it does:\n"
		       "  gatepost dkim list --check %s\n",
		    keys->domain, keys->domain);
	else
		printf("\nOther keys of %s sign.  When the DNS holds the new "
		       "records:\n  gatepost dkim rotate %s\n",
		    keys->domain, keys->domain);
}

static enum status
print_new(struct keys_run *run, const struct keys_folder *keys,
    const char *const selectors[KEYS_TYPES])
{
	const struct auth_sign_entry *entry;
	enum status status = STATUS_OK;
	bool active = false;
	size_t i;

	printf("Add to the zone of %s:\n\n", keys->domain);
	for (i = 0; i < KEYS_TYPES && status == STATUS_OK; i++) {
		if (selectors[i] == NULL)
			continue;
		entry = auth_sign_folder_find(&keys->folder, selectors[i]);
		active = entry->state == AUTH_SIGN_ACTIVE;
		status = keys_print_record(run, keys->domain, entry);
	}
	if (status == STATUS_OK)
		print_next(keys, active);
	return status;
}

static enum status
generate(struct keys_run *run, struct keys_folder *keys)
{
	const char *selectors[KEYS_TYPES] = { NULL, NULL };
	unsigned int bits = run->options->bits;
	enum status status;

	if (keys->folder.problem != NULL) {
		fprintf(stderr, "gatepost: %s\n", keys->folder.problem);
		return STATUS_BUSY;
	}
	if (bits == 0)
		bits = AUTH_SIGN_RSA_BITS_DEFAULT;
	status = keys_make(run, keys, run->options->types, bits, selectors);
	if (status == STATUS_OK)
		status = activate_first(keys, selectors);
	if (status == STATUS_OK)
		status = print_new(run, keys, selectors);
	return status;
}

int
keys_generate(struct keys_run *run)
{
	struct keys_folder keys;
	const char *domain;
	enum status status;

	status = load_domain(run->region, run->options->operands[0], &domain);
	if (status == STATUS_OK)
		status = keys_open(run, domain, &keys);
	if (status != STATUS_OK)
		return keys_exit_status(status);
	status = generate(run, &keys);
	keys_close(&keys);
	return keys_exit_status(status);
}
