/* keys-list - `gatepost dkim list`: all keys, and what is wrong with them. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "cli/command.h"
#include "cli/keys.h"
#include "cli/load.h"
#include "lib/base/clock.h"

struct list {
	struct keys_run *run;
	json_t *rows; /* with --json, else NULL */
	int domain_width, selector_width;
	int result;
};

static void
widen(int *width, const char *text)
{
	if ((int)strlen(text) > *width)
		*width = (int)strlen(text);
}

/* With --check: "published", or what the DNS holds instead. */
static enum status
ask(struct list *list, const char *domain, const struct auth_sign_entry *entry,
    const char **text_r)
{
	enum auth_sign_published published;
	enum status status;

	*text_r = NULL;
	if (!list->run->options->check || entry->key == NULL)
		return STATUS_OK;
	status = keys_ask(list->run, domain, entry, &published, text_r);
	if (status != STATUS_OK)
		return status;
	if (published == AUTH_SIGN_PUBLISHED_RIGHT)
		*text_r = "published";
	else if (published == AUTH_SIGN_PUBLISHED_UNKNOWN)
		list->result = EXIT_TEMPORARY;
	else if (entry->state == AUTH_SIGN_ACTIVE && list->result == 0)
		list->result = EXIT_FAILED;
	return STATUS_OK;
}

static json_t *
optional(const char *text)
{
	return text == NULL ? json_null() : json_string(text);
}

static enum status
add_json(struct list *list, const char *domain,
    const struct auth_sign_entry *entry, const char *dns)
{
	const struct auth_sign_key *key = entry->key;
	char date[AUTH_SIGN_DATE_BYTES], name[DNS_NAME_BYTES];
	json_t *row;

	if (auth_sign_record_name(entry->selector, domain, name) != STATUS_OK)
		name[0] = '\0';
	row = json_pack("{s:s, s:s, s:o, s:i, s:s, s:o, s:o, s:o, s:s, s:o}",
	    "domain", domain, "selector", entry->selector, "type",
	    optional(key == NULL ?
		    NULL :
		    auth_sign_type_text(auth_sign_key_type(key))),
	    "bits", key == NULL ? 0 : (int)auth_sign_key_bits(key), "state",
	    auth_sign_state_text(entry->state), "until",
	    optional(entry->state == AUTH_SIGN_RETIRED ?
		    auth_sign_date_text(entry->until, date) :
		    NULL),
	    "problem", optional(entry->problem), "dns", optional(dns),
	    "record_name", name, "record",
	    optional(key == NULL ? NULL : auth_sign_key_record(key)));
	if (json_array_append_new(list->rows, row) != 0)
		return STATUS_NOMEM;
	return STATUS_OK;
}

static void
print_row(const struct list *list, const char *domain,
    const struct auth_sign_entry *entry, const char *dns)
{
	char date[AUTH_SIGN_DATE_BYTES], type[32] = "-";

	if (entry->key != NULL)
		snprintf(type, sizeof(type), "%s %u",
		    auth_sign_type_text(auth_sign_key_type(entry->key)),
		    auth_sign_key_bits(entry->key));
	printf("%-*s  %-*s  %-11s  %s", list->domain_width, domain,
	    list->selector_width, entry->selector, type,
	    auth_sign_state_text(entry->state));
	if (entry->state == AUTH_SIGN_RETIRED)
		printf(entry->until <= clock_wall_seconds() ?
			", its record may go since %s" :
			", its record must stay until %s",
		    auth_sign_date_text(entry->until, date));
	if (dns != NULL)
		printf("  DNS: %s", dns);
	printf("\n");
}

static enum status
show_entry(
    struct list *list, const char *domain, const struct auth_sign_entry *entry)
{
	const char *dns;
	enum status status = ask(list, domain, entry, &dns);

	if (status != STATUS_OK)
		return status;
	if (list->rows != NULL)
		return add_json(list, domain, entry, dns);
	print_row(list, domain, entry, dns);
	return STATUS_OK;
}

static void
tell_problem(struct list *list, const char *problem)
{
	if (problem == NULL)
		return;
	fprintf(stderr, "gatepost: %s\n", problem);
	if (list->result == 0)
		list->result = EXIT_FAILED;
}

static void
tell_warning(const char *warning)
{
	if (warning != NULL)
		fprintf(stderr, "gatepost: warning: %s\n", warning);
}

static enum status
show_folder(struct list *list, const struct auth_sign_folder *folder)
{
	enum status status = STATUS_OK;
	size_t i;

	for (i = 0; i < folder->count && status == STATUS_OK; i++) {
		status = show_entry(list, folder->domain, &folder->entries[i]);
		tell_problem(list, folder->entries[i].problem);
	}
	tell_problem(list, folder->problem);
	tell_warning(folder->warning);
	return status;
}

/* A domain that was named: its records too. */
static enum status
show_named(
    struct list *list, const struct auth_sign_keys *keys, const char *operand)
{
	const struct auth_sign_folder *folder;
	const char *domain;
	enum status status;
	size_t i;

	if ((status = load_domain(list->run->region, operand, &domain)) !=
	    STATUS_OK)
		return status;
	if ((folder = auth_sign_keys_find(keys, domain)) == NULL) {
		fprintf(stderr, "gatepost: %s has no keys\n", domain);
		list->result = EXIT_FAILED;
		return STATUS_OK;
	}
	status = show_folder(list, folder);
	if (list->rows != NULL)
		return status;
	printf("\n");
	for (i = 0; i < folder->count && status == STATUS_OK; i++)
		if (folder->entries[i].key != NULL)
			status = keys_print_record(
			    list->run, domain, &folder->entries[i]);
	return status;
}

static void
measure(struct list *list, const struct auth_sign_keys *keys)
{
	const struct auth_sign_folder *folder;
	size_t i, k;

	for (i = 0; i < auth_sign_keys_count(keys); i++) {
		folder = auth_sign_keys_get(keys, i);
		widen(&list->domain_width, folder->domain);
		for (k = 0; k < folder->count; k++)
			widen(
			    &list->selector_width, folder->entries[k].selector);
	}
}

static enum status
show(struct list *list, const struct auth_sign_keys *keys)
{
	const struct keys_options *options = list->run->options;
	enum status status = STATUS_OK;
	size_t i;

	measure(list, keys);
	tell_problem(list, auth_sign_keys_problem(keys));
	tell_warning(auth_sign_keys_warning(keys));
	for (i = 0; i < options->operand_count && status == STATUS_OK; i++)
		status = show_named(list, keys, options->operands[i]);
	if (options->operand_count > 0)
		return status;
	for (i = 0; i < auth_sign_keys_count(keys) && status == STATUS_OK; i++)
		status = show_folder(list, auth_sign_keys_get(keys, i));
	return status;
}

static enum status
dump(struct list *list)
{
	if (json_dumpf(
		list->rows, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER) != 0)
		return STATUS_NOMEM;
	putchar('\n');
	return STATUS_OK;
}

int
keys_list(struct keys_run *run)
{
	struct list list = { .run = run };
	const struct auth_sign_keys *keys = NULL;
	enum status status = STATUS_OK;

	if (run->options->json && (list.rows = json_array()) == NULL)
		status = STATUS_NOMEM;
	if (status == STATUS_OK)
		status = auth_sign_keys_load(
		    run->key_dir, keys_owner(run->settings), &keys);
	if (status == STATUS_OK)
		status = show(&list, keys);
	if (status == STATUS_OK && list.rows != NULL)
		status = dump(&list);
	auth_sign_keys_release(&keys);
	json_decref(list.rows);
	return status == STATUS_OK ? list.result : keys_exit_status(status);
}
