/* senders-private - what the files of senders share, and their tests see. */
#ifndef GATEPOST_SENDERS_SENDERS_PRIVATE_H
#define GATEPOST_SENDERS_SENDERS_PRIVATE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "lib/base/str.h"
#include "lib/senders/senders.h"

#define SENDERS_FILE_BYTES_MAX   (64U << 20) /* a million lines and more */
#define SENDERS_ENTRIES_MAX      1000000     /* logins of all lines of a file */
#define SENDERS_LINE_BYTES_MAX   (1U << 20)  /* with what continues it */
#define SENDERS_PROBLEMS_MAX     20          /* told of one source */
#define SENDERS_CHAIN_MAX        1000  /* aliases looked at for one address */
#define SENDERS_TABLE_KEY_MAX    1100  /* an address is shorter, see domain.h */
#define SENDERS_TABLE_ANSWER_MAX 16384 /* bytes of an answer */

/* One login of one line. */
struct senders_entry {
	const char *key;   /* "local@domain", local part folded, or "@domain" */
	const char *exact; /* the same as it is written */
	const char *login; /* see senders_login_of() */
	const char *path;
	size_t line;
};

/* What the files of one source say: sorted by key, then by line. */
struct senders_index {
	struct region *region;
	struct senders_entry *entries;
	size_t count, room;
};

/* Those of one key. */
struct senders_range {
	const struct senders_entry *first;
	size_t count;
};

/* An address as a key. */
struct senders_key {
	const char *key, *exact;
};

void senders_index_free(struct senders_index *index);

/* senders_index_add - strings are borrowed; STATUS_LIMIT: too many */
enum status senders_index_add(struct senders_index *index,
    const struct senders_entry *entry) GP_MUST_CHECK;

/* senders_index_sort - when all were added, before any is looked for */
void senders_index_sort(struct senders_index *index);

/*
 * senders_index_find - the entries of a key; where some are written as exact
 * is, the others do not count (senders_entry_counts()).
 */
struct senders_range senders_index_find(
    const struct senders_index *index, const char *key);

/* senders_entry_counts - this entry of the range is about exact */
bool senders_entry_counts(const struct senders_range *range,
    const struct senders_entry *entry, const char *exact);

/* senders_key_of - the key of an address with a domain */
enum status senders_key_of(struct region *region, const struct address *address,
    struct senders_key *key_r) GP_MUST_CHECK;

/*
 * senders_login_of - a login as it is compared: ASCII letters folded, and the
 * domain of one that is an address as A-labels.
 */
enum status senders_login_of(struct region *region, struct span login,
    const char **login_r) GP_MUST_CHECK;

enum senders_source_kind {
	SENDERS_SOURCE_MAP,
	SENDERS_SOURCE_ACCOUNTS /* of docker-mailserver; aliases are followed */
};

#define SENDERS_SOURCE_FILES_MAX 2

/* The files of one source; all is owned by region. */
struct senders_source {
	_Atomic unsigned int references;
	enum senders_source_kind kind;
	struct region *region;
	const char *path; /* of the map, or the directory */
	size_t path_count;
	const char *paths[SENDERS_SOURCE_FILES_MAX];
	struct stat seen[SENDERS_SOURCE_FILES_MAX]; /* all zero: not there */
	struct senders_index index;
	const char *failure; /* why it cannot be read, with its path; or NULL */
	bool lacks;          /* it failed for want of descriptors or the like */
	bool is_kept;        /* told: it is in force though its files failed */
	size_t problem_count; /* of lines; at most SENDERS_PROBLEMS_MAX kept */
	const char *problems[SENDERS_PROBLEMS_MAX];
};

/*
 * senders_source_read - reads the files of a source.
 *
 * path  of the map, or the directory of docker-mailserver; copied
 *
 * What is wrong with them is in the source.  Returns STATUS_OK or STATUS_NOMEM.
 */
enum status senders_source_read(enum senders_source_kind kind, const char *path,
    struct senders_source **source_r) GP_MUST_CHECK;

struct senders_source *senders_source_hold(struct senders_source *source);
/* senders_source_release - accepts NULL */
void senders_source_release(struct senders_source **source);

/*
 * senders_source_has_changed - a file is another than the one that was read, or
 * it could not be read for a reason that passes
 */
bool senders_source_has_changed(const struct senders_source *source);

/* The texts of files; senders-read.c.  Entries are added to source->index. */
enum status senders_read_map(struct senders_source *source, const char *path,
    struct span text) GP_MUST_CHECK;
enum status senders_read_accounts(struct senders_source *source,
    const char *path, struct span text) GP_MUST_CHECK;

/* senders_read_logins - each of "anna, bob"; false: there is none left */
bool senders_read_login(struct span *rest, struct span *login_r);

struct senders_table; /* a Postfix table */

/* senders_table_new - all is copied; one reference */
enum status senders_table_new(const char *name, const char *postmap,
    struct senders_table **table_r) GP_MUST_CHECK;
struct senders_table *senders_table_hold(struct senders_table *table);
void senders_table_release(struct senders_table **table);
const char *senders_table_name(const struct senders_table *table);

/* One key, to be answered until the deadline (clock_now_ms()). */
struct senders_lookup {
	struct region *region;
	const char *key;
	int64_t deadline_ms;
};

/*
 * senders_table_ask - what the table holds under a key.
 *
 * value_r   NULL: nothing
 * reason_r  of STATUS_IO: why it cannot be asked now; logged once
 *
 * Both are owned by the region.  An answer is kept for a minute; a table that failed
 * is not asked for 10 s.  Returns STATUS_OK, STATUS_IO or STATUS_NOMEM.
 */
enum status senders_table_ask(struct senders_table *table,
    const struct senders_lookup *lookup, const char **value_r,
    const char **reason_r) GP_MUST_CHECK;

/* What became of a program that was run. */
struct senders_run {
	char output[SENDERS_TABLE_ANSWER_MAX + 1];
	char errors[1024]; /* as much of it as there is room */
	size_t output_length, errors_length;
	int exit_status;    /* -1: it did not end by itself */
	const char *reason; /* why it was ended, or not begun; or NULL */
};

/*
 * senders_run - runs a program without a shell, its input empty, and waits.
 *
 * arguments    NULL-terminated; the first is the absolute path
 * deadline_ms  of clock_now_ms(); then it is killed
 */
void senders_run(const char *const *arguments, int64_t deadline_ms,
    struct senders_run *run_r);

/*
 * What is in force; it does not change but for what tables keep, and is_kept of
 * its sources, which belongs to the thread that reads them.
 */
struct senders_set {
	_Atomic unsigned int references;
	struct region *region;    /* of conf and the arrays */
	struct senders_conf conf; /* all that it points to is in region */
	size_t source_count, table_count;
	struct senders_source **sources;
	struct senders_table **tables;
};

/* senders_set_hold - one reference of the set in force; any thread */
struct senders_set *senders_set_hold(struct senders *senders);
void senders_set_release(struct senders_set **set);

/* senders_kept_problems - how many of problems are there */
size_t senders_kept_problems(const struct senders_source *source);

#define SENDERS_KEYS_MAX 3 /* of an address: itself, without detail, @domain */

/*
 * Aliases of one address that are still to be followed: each leads to an
 * account or to further ones.  Those that were seen stay in the list.
 */
struct senders_chain {
	size_t next, count;
	const char *keys[SENDERS_CHAIN_MAX];
};

/* One question. */
struct senders_question {
	const struct senders_set *set;
	struct region *region;
	const char *login;   /* "" : none */
	int64_t deadline_ms; /* of all tables together */
	size_t key_count;
	struct senders_key keys[SENDERS_KEYS_MAX];
	struct senders_found *found;
	struct senders_chain chain; /* of senders_follow() */
};

/*
 * senders_follow - does an alias lead to the login of the question, through
 * others?
 *
 * first  its entries, none of which is the login's
 * from   its address as a key
 */
enum status senders_follow(struct senders_question *question,
    const struct senders_source *source, const struct senders_range *first,
    const char *from, bool *leads_r) GP_MUST_CHECK;

#endif
