/*
 * conf - the configuration file (libConfuse syntax) into typed structs.
 *
 * A module declares one struct and one table of keys beside its code; the
 * parser, `gatepost config show`, the man page section and the shipped example
 * all come from the tables.  All errors of a file are reported in one run, each
 * as "file:line: key: reason".  Unknown keys are errors.
 */
#ifndef GATEPOST_CONF_CONF_H
#define GATEPOST_CONF_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "lib/base/status.h"

enum conf_type {
	CONF_BOOL,     /* bool			yes|no|true|false|on|off */
	CONF_INT,      /* int64_t */
	CONF_DOUBLE,   /* double */
	CONF_SIZE,     /* int64_t, bytes	64K, 10M, 1G */
	CONF_DURATION, /* int64_t, ms		200ms, 5s, 10m, 2h, 30d */
	CONF_RATE,     /* struct conf_rate	100/1m, 1000/1h, off */
	CONF_CHOICE,   /* int, an index into choices */
	CONF_STRING,   /* const char *, never NULL ("" when unset) */
	CONF_LIST      /* struct conf_list of strings */
};

struct strbuf;

struct conf_list {
	size_t count;
	const char *const *items;
};

/* So many in so much time. */
struct conf_rate {
	int64_t count;  /* 0: off, no limit */
	int64_t period; /* ms */
};

/* One key.  min and max bound the value in the field's unit (both 0: none). */
struct conf_key {
	const char *name;
	enum conf_type type;
	size_t offset;            /* of the field in the section's struct */
	const char *default_text; /* as a person would write it in the file;
				     * a list: items separated by ", " */
	int64_t min, max; /* numbers, sizes, durations; a rate's count */
	const char *const *choices; /* CONF_CHOICE: NULL-terminated names */
	const char *help;           /* one line, a full sentence */
	/*
	 * Optional: checks a text (or each item of a list) further.  Returns
	 * NULL if good, else the reason (constant text).
	 */
	const char *(*check)(const char *text);
};

/* One section "name { key = value ... }"; offset: its struct in the whole. */
struct conf_section {
	const char *name;
	const char *help; /* what the section is for, one or two sentences */
	const struct conf_key *keys;
	size_t key_count;
};

/* Where a section's struct lies in the caller's struct of all settings. */
struct conf_entry {
	const struct conf_section *section;
	size_t offset;
};

struct conf_errors; /* texts of errors, collected */

/* conf_errors_new - an empty collection, or NULL when memory is short */
struct conf_errors *conf_errors_new(void);
void conf_errors_free(struct conf_errors **errors);
size_t conf_errors_count(const struct conf_errors *errors);

/* conf_errors_get - text i, "file:line: key: reason"; borrowed */
const char *conf_errors_get(const struct conf_errors *errors, size_t i);

/* conf_errors_add - one more text; for checks that span keys */
void conf_errors_add(struct conf_errors *errors, const char *format, ...)
    GP_PRINTF(2, 3);

struct conf_memory; /* strings and lists of one loaded configuration */

/* conf_has_section - the file sets a key of this section */
bool conf_has_section(const struct conf_memory *memory, const char *section);

/*
 * conf_errors_add_about - one more text about keys of a loaded configuration.
 *
 * text  "section.key: reason"; told as "file:line: section.key: reason" with
 *	 the line of the first key it names that the file sets, or without a
 *	 line when it sets none of them
 */
void conf_errors_add_about(struct conf_errors *errors,
    const struct conf_memory *memory, const char *text);

/*
 * conf_load - fills settings with the defaults and then with the file.
 *
 * path      NULL: defaults only
 * entries   the sections, each with the offset of its struct in settings
 * memory_r  owns every string and list; free by conf_memory_free() after the
 *	     last use of settings
 *
 * Returns STATUS_OK; STATUS_INVALID or STATUS_IO with the reasons in errors;
 * STATUS_NOMEM.  On failure *memory_r is NULL and settings must not be used.
 * A list starts with its default: "key += {a}" adds to it, "key = {a}" does
 * not.  libConfuse's include() and ${NAME} are refused.  Any thread: the calls
 * wait for each other, because libConfuse has one scanner a process.
 */
enum status conf_load(const char *path, const struct conf_entry *entries,
    size_t entry_count, void *settings, struct conf_memory **memory_r,
    struct conf_errors *errors) GP_MUST_CHECK;

/* conf_memory_free - frees *memory and sets it to NULL; accepts NULL */
void conf_memory_free(struct conf_memory **memory);

/*
 * conf_print - the settings as a file that conf_load() reads back.
 *
 * commented_example true: every key is commented out with its default and its
 * help above it (the shipped gatepost.conf); false: the values in force.
 */
void conf_print(FILE *out, const struct conf_entry *entries, size_t entry_count,
    const void *settings, bool commented_example);

/*
 * conf_print_mdoc - the keys as mdoc list items, for gatepost.conf(5).
 *
 * start_only  names of keys (see conf_names_have) that a reload does not change
 */
void conf_print_mdoc(FILE *out, const struct conf_entry *entries,
    size_t entry_count, const char *const *start_only);

/*
 * conf_names_have - is the key among the names?
 *
 * names  "section.key", or "section.*" for all keys of a section; NULL ends
 */
bool conf_names_have(
    const char *const *names, const char *section, const char *key);

/* conf_rate_text - appends "100/1m", or "off" */
void conf_rate_text(struct strbuf *out, const struct conf_rate *rate);

/* conf_duration_text - appends "90s", "1h" */
void conf_duration_text(struct strbuf *out, int64_t duration_ms);

/* conf_value_equals - do two fields of this key hold the same value? */
bool conf_value_equals(
    const struct conf_key *key, const void *a, const void *b);

#endif
