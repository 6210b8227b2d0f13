/*
 * keys-table - OpenDKIM's tables (see keys-find.h).
 *
 *	KeyTable      NAME DOMAIN:SELECTOR:PATH	(DOMAIN may be %)
 *	SigningTable  PATTERN NAME		(*@DOMAIN, DOMAIN, USER@DOMAIN)
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/keys-find.h"
#include "lib/base/str.h"
#include "lib/mail/domain.h"

#define SIGNING_ROWS_MAX 10000
#define ANY_DOMAIN       "%" /* of a KeyTable: that of the author */

struct signing_row {
	const char *pattern;
	const char *domain; /* of the pattern; NULL: any */
	const char *name;   /* of the KeyTable */
	bool used;
};

struct table {
	struct keys_finds *finds;
	const char *path;      /* of the KeyTable */
	const char *directory; /* in which it lies */
	size_t row_count;      /* of the SigningTable */
	struct signing_row *rows;
};

/* The next word of a line as region memory, or NULL at its end. */
static const char *
take_word(struct keys_finds *finds, struct span *line)
{
	struct span word;

	*line = span_trim(*line);
	word.data = line->data;
	word.length = 0;
	while (word.length < line->length &&
	    !ascii_is_space(line->data[word.length]))
		word.length++;
	line->data += word.length;
	line->length -= word.length;
	if (word.length == 0)
		return NULL;
	return region_memdup(finds->region, word.data, word.length);
}

/* Without the comment; empty lines are left out. */
static bool
next_line(struct span *text, struct span *line_r)
{
	struct span line;

	while (span_split(text, '\n', &line)) {
		(void)span_split(&line, '#', line_r);
		*line_r = span_trim(*line_r);
		if (line_r->length > 0)
			return true;
	}
	return false;
}

/* The domain that a pattern is for. */
static const char *
domain_of_pattern(const char *pattern)
{
	const char *at = strrchr(pattern, '@');

	if (at != NULL)
		pattern = at + 1;
	if (pattern[0] == '*' && pattern[1] == '.')
		pattern += 2;
	else if (pattern[0] == '.')
		pattern++;
	return strchr(pattern, '*') != NULL || pattern[0] == '\0' ? NULL :
								    pattern;
}

static enum status
add_row(struct table *table, struct span line)
{
	struct signing_row *row = &table->rows[table->row_count];

	row->pattern = take_word(table->finds, &line);
	row->name = take_word(table->finds, &line);
	if (row->pattern == NULL || row->name == NULL ||
	    table->row_count + 1 == SIGNING_ROWS_MAX) {
		keys_find_problem(table->finds,
		    "SigningTable: a line cannot be read: %s",
		    row->pattern == NULL ? "" : row->pattern);
		return STATUS_OK;
	}
	row->domain = domain_of_pattern(row->pattern);
	table->row_count++;
	return STATUS_OK;
}

static enum status
read_signing_table(struct table *table)
{
	struct keys_finds *finds = table->finds;
	const char *path, *text;
	struct span rest, line;
	enum status status;

	path =
	    region_printf(finds->region, "%s/SigningTable", table->directory);
	table->rows = region_alloc_array(
	    finds->region, SIGNING_ROWS_MAX, sizeof(*table->rows));
	if (path == NULL || table->rows == NULL)
		return STATUS_NOMEM;
	status = keys_find_read(finds->region, path, &text);
	if (status == STATUS_IO && errno != ENOENT)
		keys_find_problem(finds, "%s: %s", path, strerror(errno));
	if (status != STATUS_OK)
		return status == STATUS_IO ? STATUS_OK : status;
	rest = span_of(text);
	while (status == STATUS_OK && next_line(&rest, &line))
		status = add_row(table, line);
	return status;
}

/*
 * Where the key file is: the table may have been written in a container, so the
 * end of its path is looked for beside the table.
 */
static const char *
find_file(struct table *table, const char *path)
{
	const char *tail, *candidate;

	if (access(path, F_OK) == 0)
		return path;
	for (tail = path; tail != NULL; tail = strchr(tail + 1, '/')) {
		candidate = region_printf(table->finds->region, "%s/%s",
		    table->directory, *tail == '/' ? tail + 1 : tail);
		if (candidate != NULL && access(candidate, F_OK) == 0)
			return candidate;
	}
	return path; /* whoever reads it tells that it is not there */
}

/* What a row of the SigningTable makes of its key. */
static enum status
apply_row(
    struct table *table, struct signing_row *row, struct keys_found *found)
{
	struct keys_found other = *found;
	const char *at = strchr(row->pattern, '@');

	row->used = true;
	if (at != NULL && at > row->pattern && row->pattern[0] != '*')
		printf("SigningTable: %s: here its key signs for all of the "
		       "domain\n",
		    row->pattern);
	if (strcmp(found->domain, ANY_DOMAIN) == 0 && row->domain != NULL) {
		other.domain = row->domain;
		other.signs = true;
		return keys_find_add(table->finds, other);
	}
	if (row->domain != NULL &&
	    domain_is_within(row->domain, found->domain)) {
		found->signs = true;
		return STATUS_OK;
	}
	keys_find_problem(table->finds,
	    "SigningTable: not taken over: %s %s; here a key signs for authors "
	    "of its own domain alone",
	    row->pattern, row->name);
	return STATUS_OK;
}

/* The key, for every domain that the SigningTable gives it. */
static enum status
add_for_rows(struct table *table, const char *name, struct keys_found found)
{
	enum status status = STATUS_OK;
	size_t i;

	for (i = 0; i < table->row_count && status == STATUS_OK; i++)
		if (strcmp(table->rows[i].name, name) == 0)
			status = apply_row(table, &table->rows[i], &found);
	if (status != STATUS_OK || strcmp(found.domain, ANY_DOMAIN) == 0)
		return status;
	return keys_find_add(table->finds, found);
}

/* "DOMAIN:SELECTOR:PATH", or a key in the place of the path. */
static enum status
add_key(struct table *table, const char *name, const char *value)
{
	struct keys_finds *finds = table->finds;
	struct span rest = span_of(value), domain, selector;
	struct keys_found found = { 0 };
	const char *where;

	if (!span_split(&rest, ':', &domain) ||
	    !span_split(&rest, ':', &selector) || rest.data == NULL ||
	    rest.length == 0) {
		keys_find_problem(finds, "%s: %s: not DOMAIN:SELECTOR:PATH",
		    table->path, name);
		return STATUS_OK;
	}
	found.domain = region_memdup(finds->region, domain.data, domain.length);
	found.selector =
	    region_memdup(finds->region, selector.data, selector.length);
	where = rest.data;
	if (found.domain == NULL || found.selector == NULL)
		return STATUS_NOMEM;
	found.path = table->path;
	if (where[0] == '/' || where[0] == '.' || strchr(where, '.') != NULL)
		found.path = find_file(table, where);
	else
		found.inline_key = where;
	return add_for_rows(table, name, found);
}

static void
tell_unused_rows(struct table *table)
{
	size_t i;

	for (i = 0; i < table->row_count; i++)
		if (!table->rows[i].used)
			keys_find_problem(table->finds,
			    "SigningTable: %s: the KeyTable has no %s",
			    table->rows[i].pattern, table->rows[i].name);
}

static enum status
read_key_table(struct table *table)
{
	struct keys_finds *finds = table->finds;
	const char *text, *name, *value;
	struct span rest, line;
	enum status status;

	status = keys_find_read(finds->region, table->path, &text);
	if (status == STATUS_IO)
		keys_find_problem(
		    finds, "%s: %s", table->path, strerror(errno));
	if (status != STATUS_OK)
		return status == STATUS_IO ? STATUS_OK : status;
	if (strstr(text, "-----BEGIN ") != NULL) {
		keys_find_problem(finds,
		    "%s: a key alone does not tell its domain: put it into "
		    "DIRECTORY/DOMAIN/SELECTOR.private and import DIRECTORY",
		    table->path);
		return STATUS_OK;
	}
	rest = span_of(text);
	while (status == STATUS_OK && next_line(&rest, &line)) {
		name = take_word(finds, &line);
		value = take_word(finds, &line);
		if (name != NULL && value != NULL)
			status = add_key(table, name, value);
		else
			keys_find_problem(finds,
			    "%s: a line is no row of a KeyTable", table->path);
	}
	return status;
}

enum status
keys_find_table(struct keys_finds *finds, const char *path)
{
	struct table table = { .finds = finds, .path = path };
	const char *slash = strrchr(path, '/');
	enum status status;

	table.directory = slash == NULL ?
	    "." :
	    region_memdup(finds->region, path, (size_t)(slash - path));
	if (table.directory == NULL)
		return STATUS_NOMEM;
	status = read_signing_table(&table);
	if (status == STATUS_OK)
		status = read_key_table(&table);
	if (status == STATUS_OK)
		tell_unused_rows(&table);
	return status;
}
