/* keys - what the actions of `gatepost dkim` share (see keys.h). */
#include "config.h"

#include "cli/keys.h"

#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/load.h"
#include "lib/base/clock.h"

#define ED25519_SUFFIX "-ed25519"
#define SELECTOR_BYTES 40 /* leaves room for the suffix and a letter */
#define NAMES_MAX      26 /* of one day: 20261124, 20261124b to ...z */

int
keys_exit_status(enum status status)
{
	switch (status) {
	case STATUS_OK:
		return 0;
	case STATUS_INVALID:
		return EXIT_USAGE;
	case STATUS_IO:
	case STATUS_BUSY:
		return EXIT_FAILED; /* was logged */
	case STATUS_NOMEM:
	case STATUS_LIMIT:
	case STATUS_NOTFOUND:
	case STATUS_TIMEOUT:
	case STATUS_CLOSED:
		break;
	}
	fprintf(stderr, "gatepost: dkim: %s\n", status_text(status));
	return EXIT_TEMPORARY;
}

/* The user that the daemons become, when root runs this. */
static const struct passwd *
daemon_user(const struct settings *settings)
{
	const char *user = settings->general.user;

	if (geteuid() != 0 || user[0] == '\0')
		return NULL;
	return getpwnam(user);
}

uid_t
keys_owner(const struct settings *settings)
{
	const struct passwd *user = daemon_user(settings);

	return user == NULL ? geteuid() : user->pw_uid;
}

static void
warn_about_owner(const struct keys_run *run, const struct keys_folder *keys)
{
	const struct passwd *user = daemon_user(run->settings);

	if (user != NULL && auth_sign_write_owner(keys->writer) != user->pw_uid)
		fprintf(stderr,
		    "gatepost: warning: %s is not of the user %s, who could "
		    "not read its keys: chown -R %s %s\n",
		    run->key_dir, user->pw_name, user->pw_name, run->key_dir);
}

enum status
keys_reread(struct keys_run *run, struct keys_folder *keys)
{
	auth_sign_folder_release(&keys->folder);
	return auth_sign_folder_read(run->region, run->key_dir,
	    keys_owner(run->settings), keys->domain, &keys->folder);
}

enum status
keys_open(struct keys_run *run, const char *domain, struct keys_folder *keys)
{
	const struct passwd *user = daemon_user(run->settings);
	enum status status;

	memset(keys, 0, sizeof(*keys));
	keys->domain = domain;
	status = auth_sign_write_open(run->key_dir, domain,
	    user == NULL ? (uid_t)-1 : user->pw_uid, &keys->writer);
	if (status != STATUS_OK)
		return status;
	warn_about_owner(run, keys);
	status = keys_reread(run, keys);
	if (status != STATUS_OK)
		keys_close(keys);
	return status;
}

void
keys_close(struct keys_folder *keys)
{
	auth_sign_folder_release(&keys->folder);
	auth_sign_write_close(&keys->writer);
}

const struct auth_sign_entry *
keys_active_of(const struct auth_sign_folder *folder, enum auth_sign_type type)
{
	const struct auth_sign_entry *entry;
	size_t i;

	for (i = 0; i < folder->count; i++) {
		entry = &folder->entries[i];
		if (entry->state == AUTH_SIGN_ACTIVE && entry->key != NULL &&
		    auth_sign_key_type(entry->key) == type)
			return entry;
	}
	return NULL;
}

static bool
names_are_free(const struct auth_sign_folder *folder,
    const bool types[KEYS_TYPES], const char *const names[KEYS_TYPES])
{
	size_t i;

	for (i = 0; i < KEYS_TYPES; i++)
		if (types[i] && auth_sign_folder_find(folder, names[i]) != NULL)
			return false;
	return true;
}

/* RSA gets the name as it is; Ed25519 beside it a name of its own. */
static enum status
name_both(struct keys_run *run, const bool types[KEYS_TYPES], const char *name,
    const char *names[KEYS_TYPES])
{
	names[AUTH_SIGN_RSA] = region_strdup(run->region, name);
	names[AUTH_SIGN_ED25519] = region_printf(run->region, "%s%s", name,
	    types[AUTH_SIGN_RSA] ? ED25519_SUFFIX : "");
	if (names[AUTH_SIGN_RSA] == NULL || names[AUTH_SIGN_ED25519] == NULL)
		return STATUS_NOMEM;
	return STATUS_OK;
}

/* The day of today, with a letter where that is in use. */
static enum status
name_by_day(struct keys_run *run, const struct auth_sign_folder *folder,
    const bool types[KEYS_TYPES], const char *names[KEYS_TYPES])
{
	time_t now = (time_t)clock_wall_seconds();
	char name[SELECTOR_BYTES];
	enum status status;
	struct tm tm;
	size_t length;
	int i;

	if (gmtime_r(&now, &tm) == NULL ||
	    (length = strftime(name, sizeof(name) - 2, "%Y%m%d", &tm)) == 0)
		return STATUS_INVALID;
	for (i = 0; i < NAMES_MAX; i++) {
		if (i > 0) {
			name[length] = (char)('a' + i);
			name[length + 1] = '\0';
		}
		status = name_both(run, types, name, names);
		if (status != STATUS_OK || names_are_free(folder, types, names))
			return status;
	}
	fprintf(stderr, "gatepost: too many keys today: use --selector\n");
	return STATUS_INVALID;
}

static enum status
name_keys(struct keys_run *run, const struct keys_folder *keys,
    const bool types[KEYS_TYPES], const char *names[KEYS_TYPES])
{
	const char *wanted = run->options->selector;
	char name[DNS_NAME_BYTES];
	enum status status;
	size_t i;

	if (wanted == NULL)
		return name_by_day(run, &keys->folder, types, names);
	if ((status = name_both(run, types, wanted, names)) != STATUS_OK)
		return status;
	for (i = 0; i < KEYS_TYPES; i++) {
		if (!types[i])
			continue;
		if (auth_sign_selector_is_valid(names[i]) &&
		    auth_sign_record_name(names[i], keys->domain, name) ==
			STATUS_OK)
			continue;
		fprintf(stderr, "gatepost: no selector: %s\n", names[i]);
		return STATUS_INVALID;
	}
	if (names_are_free(&keys->folder, types, names))
		return STATUS_OK;
	fprintf(stderr, "gatepost: %s has a key of that selector already: %s\n",
	    keys->domain, wanted);
	return STATUS_INVALID;
}

static enum status
make_one(struct keys_folder *keys, enum auth_sign_type type, unsigned int bits,
    const char *selector)
{
	struct auth_sign_key *key;
	enum status status = auth_sign_key_generate(type, bits, &key);

	if (status == STATUS_OK)
		status = auth_sign_write_key(keys->writer, selector, key);
	auth_sign_key_free(&key);
	return status;
}

enum status
keys_make(struct keys_run *run, struct keys_folder *keys,
    const bool types[KEYS_TYPES], unsigned int bits,
    const char *selectors[KEYS_TYPES])
{
	enum status status;
	int type;

	if ((status = name_keys(run, keys, types, selectors)) != STATUS_OK)
		return status;
	/* What signs is written down first: the new ones shall not. */
	status = auth_sign_write_states(keys->writer, &keys->folder);
	for (type = 0; type < KEYS_TYPES && status == STATUS_OK; type++) {
		if (types[type])
			status = make_one(keys, (enum auth_sign_type)type, bits,
			    selectors[type]);
		else
			selectors[type] = NULL;
	}
	return status == STATUS_OK ? keys_reread(run, keys) : status;
}

enum status
keys_print_record(struct keys_run *run, const char *domain,
    const struct auth_sign_entry *entry)
{
	char name[DNS_NAME_BYTES];
	const char *line;
	enum status status;

	status = auth_sign_record_name(entry->selector, domain, name);
	if (status != STATUS_OK)
		return status;
	line = auth_sign_record_line(
	    run->region, name, auth_sign_key_record(entry->key));
	if (line == NULL)
		return STATUS_NOMEM;
	printf("%s\n", line);
	return STATUS_OK;
}

static enum status
open_dns(struct keys_run *run)
{
	if (run->dns != NULL)
		return STATUS_OK;
	if (run->options->zone_path != NULL)
		return load_zone(run->options->zone_path, &run->dns);
	return dns_open_resolver(&run->settings->dns, &run->dns);
}

enum status
keys_ask(struct keys_run *run, const char *domain,
    const struct auth_sign_entry *entry, enum auth_sign_published *published_r,
    const char **reason_r)
{
	struct dns_question *question;
	char name[DNS_NAME_BYTES];
	enum status status;

	status = auth_sign_record_name(entry->selector, domain, name);
	if (status == STATUS_OK)
		status = open_dns(run);
	if (status == STATUS_OK)
		status = dns_ask(run->dns, name, DNS_TYPE_TXT,
		    clock_now_ms() + run->settings->scan.timeout, &question);
	if (status != STATUS_OK)
		return status;
	*published_r =
	    auth_sign_record_judge(dns_wait(question), entry->key, reason_r);
	dns_release(&question);
	return STATUS_OK;
}
