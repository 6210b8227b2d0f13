/*
 * keys - what the actions of `gatepost dkim` share: one file keys-NAME.c each.
 */
#ifndef GATEPOST_CLI_KEYS_H
#define GATEPOST_CLI_KEYS_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/auth/sign-keys.h"
#include "lib/auth/sign-record.h"
#include "lib/auth/sign-write.h"
#include "lib/base/region.h"
#include "lib/scan/settings.h"

#define KEYS_TYPES 2 /* of enum auth_sign_type */

struct keys_options {
	const char *config_path, *zone_path;
	const char *selector; /* NULL: of today */
	bool types[KEYS_TYPES];
	unsigned int bits; /* 0: not said */
	int64_t keep_days;
	bool force, json, check;
	char **operands;
	size_t operand_count;
};

struct keys_run {
	const struct keys_options *options;
	const struct settings *settings;
	const char *key_dir;
	struct region *region;
	struct dns *dns; /* opened when it is needed */
};

/* keys_generate, ... - an action; returns the exit status of the program */
int keys_generate(struct keys_run *run);
int keys_list(struct keys_run *run);
int keys_rotate(struct keys_run *run);
int keys_import(struct keys_run *run);

/* keys_owner - whose keys may be, beside root's: the user of the daemons */
uid_t keys_owner(const struct settings *settings);

/* keys_exit_status - of a failure, which is told unless it was logged */
int keys_exit_status(enum status status);

/* The keys of a domain, locked, to be changed. */
struct keys_folder {
	const char *domain;
	struct auth_sign_writer *writer;
	struct auth_sign_folder folder;
};

/*
 * keys_open - locks and reads the folder of a domain, which is made where it is
 * not there.  Warns when the daemon cannot read what is written there.
 */
enum status keys_open(struct keys_run *run, const char *domain,
    struct keys_folder *keys) GP_MUST_CHECK;
void keys_close(struct keys_folder *keys);

/* keys_reread - the folder again, after a key was added */
enum status keys_reread(
    struct keys_run *run, struct keys_folder *keys) GP_MUST_CHECK;

/* keys_active_of - the entry that signs by a key of that type, or NULL */
const struct auth_sign_entry *keys_active_of(
    const struct auth_sign_folder *folder, enum auth_sign_type type);

/*
 * keys_make - makes keys of the types wanted and writes them; they wait.
 *
 * bits       of RSA
 * selectors  set to the names, region memory, NULL for a type not wanted
 */
enum status keys_make(struct keys_run *run, struct keys_folder *keys,
    const bool types[KEYS_TYPES], unsigned int bits,
    const char *selectors[KEYS_TYPES]) GP_MUST_CHECK;

/* keys_print_record - the record of a key as a line of a zone file */
enum status keys_print_record(struct keys_run *run, const char *domain,
    const struct auth_sign_entry *entry) GP_MUST_CHECK;

/*
 * keys_ask - whether the DNS holds the record of a key.
 *
 * published_r, reason_r  as auth_sign_record_judge()
 * Returns STATUS_OK, or why the DNS could not be asked at all.
 */
enum status keys_ask(struct keys_run *run, const char *domain,
    const struct auth_sign_entry *entry, enum auth_sign_published *published_r,
    const char **reason_r) GP_MUST_CHECK;

#endif
