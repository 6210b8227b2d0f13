/*
 * conf-private - what the files of lib/conf share; for them and their tests.
 */
#ifndef GATEPOST_CONF_CONF_PRIVATE_H
#define GATEPOST_CONF_CONF_PRIVATE_H

#include "lib/base/region.h"
#include "lib/base/str.h"
#include "lib/base/strbuf.h"
#include "lib/conf/conf.h"

/* A configuration of every key with its help has about 60 KB. */
#define CONF_FILE_MAX_BYTES (1024 * 1024)
/* More errors than this help nobody; the rest is told as one line. */
#define CONF_ERRORS_MAX 100
/* Unknown names that are read over; behind them the first one ends the run. */
#define CONF_UNKNOWN_MAX 100
/* libConfuse grows a string by 32 bytes at a time: its cost is quadratic. */
#define CONF_STRING_MAX_BYTES (64 * 1024)
/* Bytes of a reason, with the NUL. */
#define CONF_REASON_BYTES 240

/* One error and where it was found; line 0: the file as a whole. */
struct conf_located {
	unsigned int line;
	const char *text; /* "section.key: reason" */
};

/* What the scan learned of one key of the tables. */
struct conf_seen {
	const struct conf_key *key;
	const struct conf_section *section;
	void *field;
	unsigned int line; /* of the first assignment; 0: none */
};

/* What outlives a run: the region holds all that settings point to. */
struct conf_memory {
	struct region *region;
	const char *path;       /* of the file, for errors */
	struct conf_seen *seen; /* all keys, with their lines */
	size_t seen_count;
};

/* Names of the file that no table knows. */
struct conf_unknown {
	size_t count;
	const char *names[CONF_UNKNOWN_MAX];
};

/* One run of conf_load(). */
struct conf_run {
	struct region *region; /* what outlives the run */
	struct region *work;   /* freed at the end of the run */
	const struct conf_entry *entries;
	size_t entry_count;
	struct conf_seen *seen; /* all keys, in the order of the tables */
	size_t seen_count;
	struct conf_unknown unknown_keys;
	struct conf_unknown unknown_sections;
	size_t located_count;
	struct conf_located located[CONF_ERRORS_MAX];
	unsigned int syntax_line; /* of the syntax error; 0: none */
	unsigned int open_line;   /* of a section without an end; 0: none */
	unsigned int last_line;   /* of the file */
	bool out_of_memory;
};

/* conf_run_find - a key of a section by its name; NULL: no such key */
struct conf_seen *conf_run_find(
    struct conf_run *run, const char *section, const char *name);

/* conf_run_section - a section by its name; NULL: no such section */
const struct conf_section *conf_run_section(
    const struct conf_run *run, const char *name);

/* conf_errors_add_line - "path:line: text"; line 0: "path: text" */
void conf_errors_add_line(struct conf_errors *errors, const char *path,
    unsigned int line, const char *text);

/* conf_similar_key - the key of the section that name may stand for, or NULL */
const char *conf_similar_key(
    const struct conf_section *section, const char *name);

/* conf_similar_section - the section that name may stand for, or NULL */
const char *conf_similar_section(
    const struct conf_entry *entries, size_t entry_count, const char *name);

/* conf_run_error - notes "where: reason" of a line; at most CONF_ERRORS_MAX */
void conf_run_error(struct conf_run *run, unsigned int line, const char *where,
    const char *reason);

/* conf_run_key_error - the same, where is "section.key" */
void conf_run_key_error(struct conf_run *run, unsigned int line,
    const struct conf_seen *seen, const char *reason);

/*
 * conf_scan - checks names and structure of a file, and normalizes it.
 *
 * out  receives what libConfuse is to read: the same lines and tokens, without
 *	comments, with every bare word quoted and no "${NAME}" it could expand
 *
 * Errors go to run.  After an unterminated string or comment (or an overlong or
 * empty name) out ends before it and run->syntax_line is set.
 */
void conf_scan(struct conf_run *run, struct span text, struct strbuf *out);

/*
 * conf_value_set - one text into the field of a key (not CONF_LIST).
 *
 * reason_r  CONF_REASON_BYTES; filled when STATUS_INVALID is returned
 *
 * Returns STATUS_OK, STATUS_INVALID or STATUS_NOMEM.  Strings are copied into
 * region.
 */
enum status conf_value_set(const struct conf_key *key, const char *text,
    void *field, struct region *region, char *reason_r) GP_MUST_CHECK;

/*
 * conf_value_check_item - is text good as an item of a list?
 *
 * Returns STATUS_OK, or STATUS_INVALID with reason_r (CONF_REASON_BYTES).
 */
enum status conf_value_check_item(
    const struct conf_key *key, const char *text, char *reason_r) GP_MUST_CHECK;

/*
 * conf_value_split - the default text of a list as items ("a, b" -> a b).
 *
 * Returns STATUS_OK or STATUS_NOMEM; items are in region.
 */
enum status conf_value_split(const char *text, struct region *region,
    struct conf_list *list_r) GP_MUST_CHECK;

/* conf_value_number - appends a number in the key's unit: 64K, 5s, 17 */
void conf_value_number(struct strbuf *out, enum conf_type type, int64_t number);

/* conf_value_text - appends the field's value as it stands in a file */
void conf_value_text(
    struct strbuf *out, const struct conf_key *key, const void *field);

/* conf_value_quote - appends text as a quoted string */
void conf_value_quote(struct strbuf *out, const char *text);

#endif
