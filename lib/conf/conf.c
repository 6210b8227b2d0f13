/*
 * conf - loading a file (see conf.h).
 *
 * The way of a file: read whole -> conf_scan() (names, structure, plain form)
 * -> libConfuse (grammar, strings) -> on_value() for each value with its line
 * -> the lists.  Every key is given to libConfuse as a list of strings and
 * every unknown name as a key that is read over, so that only a real syntax
 * error ends the run; what was found before it is reported with it.
 */
#include "config.h"

#include "lib/conf/conf.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <confuse.h>

#include "lib/conf/conf-private.h"

/* Comments only shrink, a bare word of one byte grows to four. */
#define CONF_PLAIN_MAX_BYTES (4 * CONF_FILE_MAX_BYTES + 16)
#define NO_FILE              "(defaults)"

/*
 * libConfuse's scanner lives in globals and its callbacks carry no argument of
 * the caller: one load at a time, and the lock guards whose it is.
 */
static pthread_mutex_t parser_lock = PTHREAD_MUTEX_INITIALIZER;
static struct conf_run *parser_run; /* guarded by parser_lock */

struct conf_seen *
conf_run_find(struct conf_run *run, const char *section, const char *name)
{
	size_t i;

	for (i = 0; i < run->seen_count; i++)
		if (strcmp(run->seen[i].section->name, section) == 0 &&
		    strcmp(run->seen[i].key->name, name) == 0)
			return &run->seen[i];
	return NULL;
}

const struct conf_section *
conf_run_section(const struct conf_run *run, const char *name)
{
	size_t i;

	for (i = 0; i < run->entry_count; i++)
		if (strcmp(run->entries[i].section->name, name) == 0)
			return run->entries[i].section;
	return NULL;
}

void
conf_run_error(struct conf_run *run, unsigned int line, const char *where,
    const char *reason)
{
	struct conf_located *located;
	char name[CONF_REASON_BYTES];

	if (run->located_count == CONF_ERRORS_MAX)
		return;
	located = &run->located[run->located_count++];
	located->line = line;
	str_sanitize(name, sizeof(name), span_of(where));
	if (run->located_count == CONF_ERRORS_MAX)
		located->text = "and more: only the first errors are told";
	else
		located->text =
		    region_printf(run->work, "%s: %s", name, reason);
	if (located->text == NULL)
		run->out_of_memory = true;
}

void
conf_run_key_error(struct conf_run *run, unsigned int line,
    const struct conf_seen *seen, const char *reason)
{
	char where[CONF_REASON_BYTES];
	struct strbuf *buf = strbuf_new(sizeof(where) - 1);

	if (buf == NULL) {
		run->out_of_memory = true;
		return;
	}
	strbuf_printf(buf, "%s.%s", seen->section->name, seen->key->name);
	conf_run_error(run, line, strbuf_text(buf), reason);
	strbuf_free(&buf);
}

/* Notes an outcome of conf_value_*(). */
static void
note_status(struct conf_run *run, enum status status, unsigned int line,
    const struct conf_seen *seen, const char *reason)
{
	if (status == STATUS_INVALID)
		conf_run_key_error(run, line, seen, reason);
	else if (status != STATUS_OK)
		run->out_of_memory = true;
}

static void
set_default_list(struct conf_run *run, struct conf_seen *seen)
{
	struct conf_list *list = seen->field;
	char reason[CONF_REASON_BYTES];
	enum status status;
	size_t i;

	status = conf_value_split(seen->key->default_text, run->region, list);
	note_status(run, status, 0, seen, "");
	for (i = 0; status == STATUS_OK && i < list->count; i++)
		note_status(run,
		    conf_value_check_item(seen->key, list->items[i], reason), 0,
		    seen, reason);
}

/* A default that is refused is a mistake in a table; the tests find it. */
static void
set_default(struct conf_run *run, struct conf_seen *seen)
{
	const char *text = seen->key->default_text;
	char reason[CONF_REASON_BYTES];

	if (seen->key->type == CONF_LIST) {
		set_default_list(run, seen);
		return;
	}
	note_status(run,
	    conf_value_set(seen->key, text == NULL ? "" : text, seen->field,
		run->region, reason),
	    0, seen, reason);
}

static enum status
run_init(struct conf_run *run, void *settings)
{
	const struct conf_section *section;
	struct conf_seen *seen;
	size_t i, k;

	for (i = 0; i < run->entry_count; i++)
		run->seen_count += run->entries[i].section->key_count;
	run->seen = region_alloc_array(
	    run->region, run->seen_count, sizeof(*run->seen));
	if ((seen = run->seen) == NULL)
		return STATUS_NOMEM;
	for (i = 0; i < run->entry_count; i++) {
		section = run->entries[i].section;
		for (k = 0; k < section->key_count; k++, seen++) {
			seen->section = section;
			seen->key = &section->keys[k];
			seen->field = (char *)settings +
			    run->entries[i].offset + seen->key->offset;
			set_default(run, seen);
		}
	}
	return run->out_of_memory ? STATUS_NOMEM : STATUS_OK;
}

/* libConfuse read one value; cfg->line is where it ends. */
static int
on_value(cfg_t *cfg, cfg_opt_t *opt, const char *value, void *result)
{
	struct conf_run *run = parser_run;
	struct conf_seen *seen = conf_run_find(run, cfg->name, opt->name);
	char reason[CONF_REASON_BYTES] = "";
	enum status status;

	*(const char **)result = value;
	if (seen == NULL)
		return 0;
	if (seen->key->type == CONF_LIST)
		status = conf_value_check_item(seen->key, value, reason);
	else
		status = conf_value_set(
		    seen->key, value, seen->field, run->region, reason);
	note_status(run, status, (unsigned int)cfg->line, seen, reason);
	return 0;
}

static void on_error(cfg_t *cfg, const char *format, va_list args)
    GP_PRINTF(2, 0);

static void
on_error(cfg_t *cfg, const char *format, va_list args)
{
	struct conf_run *run = parser_run;
	char *text = NULL;

	if (run->syntax_line != 0)
		return; /* a consequence of what the scan has told */
	run->syntax_line = (unsigned int)cfg->line;
	if (vasprintf(&text, format, args) < 0) {
		run->out_of_memory = true;
		return;
	}
	conf_run_error(run, run->syntax_line, "syntax", text);
	free(text);
}

static bool
opts_have(const cfg_opt_t *opts, size_t count, const char *name)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (strcmp(opts[i].name, name) == 0)
			return true;
	return false;
}

static void
opts_add_key(cfg_opt_t *opts, size_t *count, const char *name)
{
	const cfg_opt_t opt = CFG_STR_LIST_CB(name, NULL, CFGF_NONE, on_value);

	if (*name != '\0' && !opts_have(opts, *count, name))
		opts[(*count)++] = opt;
}

static void
opts_add_section(
    cfg_opt_t *opts, size_t *count, const char *name, cfg_opt_t *keys)
{
	const cfg_opt_t opt = CFG_SEC(name, keys, CFGF_NONE);

	if (*name != '\0' && !opts_have(opts, *count, name))
		opts[(*count)++] = opt;
}

/* The options of a section: its keys, and the names that are read over. */
static cfg_opt_t *
section_opts(struct conf_run *run, const struct conf_section *section)
{
	size_t known = section == NULL ? 0 : section->key_count;
	size_t count = 0, i;
	cfg_opt_t *opts;

	opts = region_alloc_array(
	    run->work, known + run->unknown_keys.count + 1, sizeof(*opts));
	if (opts == NULL)
		return NULL;
	for (i = 0; i < known; i++)
		opts_add_key(opts, &count, section->keys[i].name);
	for (i = 0; i < run->unknown_keys.count; i++)
		opts_add_key(opts, &count, run->unknown_keys.names[i]);
	return opts;
}

static cfg_opt_t *
root_opts(struct conf_run *run)
{
	const struct conf_unknown *unknown = &run->unknown_sections;
	size_t count = 0, i;
	cfg_opt_t *opts, *keys;

	opts = region_alloc_array(run->work,
	    run->entry_count + unknown->count + run->unknown_keys.count + 1,
	    sizeof(*opts));
	if (opts == NULL)
		return NULL;
	for (i = 0; i < run->entry_count; i++) {
		keys = section_opts(run, run->entries[i].section);
		if (keys == NULL)
			return NULL;
		opts_add_section(
		    opts, &count, run->entries[i].section->name, keys);
	}
	if ((keys = section_opts(run, NULL)) == NULL)
		return NULL;
	for (i = 0; i < unknown->count; i++)
		opts_add_section(opts, &count, unknown->names[i], keys);
	for (i = 0; i < run->unknown_keys.count; i++)
		opts_add_key(opts, &count, run->unknown_keys.names[i]);
	return opts;
}

static cfg_opt_t *
seen_opt(cfg_t *root, const struct conf_seen *seen)
{
	return cfg_getopt(
	    cfg_getsec(root, seen->section->name), seen->key->name);
}

/* Lists start with their defaults, so that "+=" adds to them. */
static enum status
lists_init(struct conf_run *run, cfg_t *root)
{
	const struct conf_list *list;
	cfg_opt_t *opt;
	size_t i, k;

	for (i = 0; i < run->seen_count; i++) {
		if (run->seen[i].key->type != CONF_LIST)
			continue;
		list = run->seen[i].field;
		opt = seen_opt(root, &run->seen[i]);
		for (k = 0; k < list->count; k++)
			if (cfg_opt_setnstr(opt, list->items[k],
				(unsigned int)k) != CFG_SUCCESS)
				return STATUS_NOMEM;
	}
	return STATUS_OK;
}

static enum status
list_read(struct conf_run *run, cfg_opt_t *opt, struct conf_list *list)
{
	size_t count = cfg_opt_size(opt), i;
	const char **items;

	items = region_alloc_array(run->region, count, sizeof(*items));
	if (items == NULL)
		return STATUS_NOMEM;
	for (i = 0; i < count; i++) {
		items[i] = region_strdup(
		    run->region, cfg_opt_getnstr(opt, (unsigned int)i));
		if (items[i] == NULL)
			return STATUS_NOMEM;
	}
	list->count = count;
	list->items = items;
	return STATUS_OK;
}

static enum status
lists_read(struct conf_run *run, cfg_t *root)
{
	enum status status = STATUS_OK;
	size_t i;

	for (i = 0; i < run->seen_count && status == STATUS_OK; i++)
		if (run->seen[i].key->type == CONF_LIST &&
		    run->seen[i].line != 0)
			status = list_read(run, seen_opt(root, &run->seen[i]),
			    run->seen[i].field);
	return status;
}

/* libConfuse takes the end of the file for the end of a section. */
static void
check_end(struct conf_run *run)
{
	char reason[CONF_REASON_BYTES];

	if (run->syntax_line != 0 || run->open_line == 0)
		return;
	run->syntax_line = run->last_line;
	if (snprintf(reason, sizeof(reason),
		"the section that begins in line %u does not end",
		run->open_line) < (int)sizeof(reason))
		conf_run_error(run, run->last_line, "syntax", reason);
}

/* Holds parser_lock. */
static enum status
parse_plain(struct conf_run *run, cfg_opt_t *opts, const char *plain)
{
	enum status status = STATUS_NOMEM;
	cfg_t *root;

	if ((root = cfg_init(opts, CFGF_NONE)) == NULL)
		return STATUS_NOMEM;
	(void)cfg_set_error_function(root, on_error);
	if (lists_init(run, root) != STATUS_OK)
		goto done;
	if (cfg_parse_buf(root, plain) != CFG_SUCCESS &&
	    run->syntax_line == 0 && !run->out_of_memory) {
		run->syntax_line = run->last_line;
		conf_run_error(run, 0, "syntax", "libConfuse gave no reason");
	}
	check_end(run);
	status = lists_read(run, root);
done:
	cfg_free(root);
	return run->out_of_memory ? STATUS_NOMEM : status;
}

static enum status
parse_text(struct conf_run *run, struct span text)
{
	enum status status = STATUS_NOMEM;
	struct strbuf *plain;
	cfg_opt_t *opts;

	if ((plain = strbuf_new(CONF_PLAIN_MAX_BYTES)) == NULL)
		return STATUS_NOMEM;
	conf_scan(run, text, plain);
	if ((opts = root_opts(run)) == NULL || run->out_of_memory)
		goto done;
	pthread_mutex_lock(&parser_lock);
	parser_run = run;
	status = parse_plain(run, opts, strbuf_text(plain));
	parser_run = NULL;
	pthread_mutex_unlock(&parser_lock);
done:
	strbuf_free(&plain);
	return status;
}

/* Reads all of fd, CONF_FILE_MAX_BYTES at most. */
static enum status
read_all(int fd, struct strbuf *text)
{
	char block[8192];
	ssize_t length;

	do {
		length = read(fd, block, sizeof(block));
		if (length < 0 && errno == EINTR)
			continue;
		if (length < 0)
			return STATUS_IO;
		strbuf_add(text, block, (size_t)length);
	} while (length != 0 && strbuf_status(text) == STATUS_OK);
	return strbuf_status(text);
}

static enum status
open_file(const char *path, int *fd_r, struct conf_errors *errors)
{
	struct stat st;

	/* Not blocking: a named pipe must not hold up the start. */
	*fd_r = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (*fd_r == -1 || fstat(*fd_r, &st) == -1) {
		conf_errors_add(
		    errors, "%s: cannot be opened: %s", path, strerror(errno));
	} else if (!S_ISREG(st.st_mode)) {
		conf_errors_add(errors, "%s: is not a regular file", path);
	} else {
		return STATUS_OK;
	}
	if (*fd_r != -1)
		close(*fd_r);
	*fd_r = -1;
	return STATUS_IO;
}

static enum status
read_file(const char *path, struct strbuf *text, struct conf_errors *errors)
{
	enum status status;
	int fd;

	if ((status = open_file(path, &fd, errors)) != STATUS_OK)
		return status;
	status = read_all(fd, text);
	if (status == STATUS_IO)
		conf_errors_add(
		    errors, "%s: cannot be read: %s", path, strerror(errno));
	close(fd);
	if (status == STATUS_LIMIT) {
		conf_errors_add(errors, "%s: is larger than %d bytes", path,
		    CONF_FILE_MAX_BYTES);
		return STATUS_INVALID;
	}
	return status;
}

static enum status
load_file(struct conf_run *run, const char *path, struct conf_errors *errors)
{
	struct strbuf *text;
	struct span span;
	enum status status;

	if ((text = strbuf_new(CONF_FILE_MAX_BYTES)) == NULL)
		return STATUS_NOMEM;
	status = read_file(path, text, errors);
	span.data = strbuf_text(text);
	span.length = strbuf_length(text);
	if (status == STATUS_OK)
		status = parse_text(run, span);
	strbuf_free(&text);
	return status;
}

static int
compare_located(const void *a, const void *b)
{
	const struct conf_located *left = a, *right = b;

	if (left->line != right->line)
		return left->line < right->line ? -1 : 1;
	return left->text == right->text ? 0 : strcmp(left->text, right->text);
}

/* Hands the errors over by line; what follows a syntax error is not told. */
static enum status
report(struct conf_run *run, const char *path, struct conf_errors *errors)
{
	size_t i;

	if (run->located_count == 0)
		return STATUS_OK;
	qsort(run->located, run->located_count, sizeof(run->located[0]),
	    compare_located);
	for (i = 0; i < run->located_count; i++)
		if (run->syntax_line == 0 ||
		    run->located[i].line <= run->syntax_line)
			conf_errors_add_line(errors,
			    path == NULL ? NO_FILE : path, run->located[i].line,
			    run->located[i].text);
	return STATUS_INVALID;
}

static enum status
load_into(struct conf_run *run, const char *path, void *settings,
    struct conf_errors *errors)
{
	enum status status = run_init(run, settings);

	if (status == STATUS_OK && path != NULL)
		status = load_file(run, path, errors);
	if (status == STATUS_OK)
		status = report(run, path, errors);
	return status;
}

/* Where each key stands is told long after the run. */
static enum status
keep(struct conf_memory *memory, const struct conf_run *run, const char *path)
{
	memory->path =
	    region_strdup(memory->region, path == NULL ? NO_FILE : path);
	memory->seen = run->seen;
	memory->seen_count = run->seen_count;
	return memory->path == NULL ? STATUS_NOMEM : STATUS_OK;
}

enum status
conf_load(const char *path, const struct conf_entry *entries,
    size_t entry_count, void *settings, struct conf_memory **memory_r,
    struct conf_errors *errors)
{
	struct conf_memory *memory = calloc(1, sizeof(*memory));
	struct conf_run *run = calloc(1, sizeof(*run));
	enum status status = STATUS_NOMEM;

	*memory_r = NULL;
	if (memory == NULL || run == NULL)
		goto done;
	memory->region = run->region = region_new();
	run->work = region_new();
	run->entries = entries;
	run->entry_count = entry_count;
	if (run->region != NULL && run->work != NULL)
		status = load_into(run, path, settings, errors);
	if (status == STATUS_OK)
		status = keep(memory, run, path);
done:
	if (status == STATUS_OK) {
		*memory_r = memory;
		memory = NULL;
	}
	if (run != NULL)
		region_free(&run->work);
	free(run);
	conf_memory_free(&memory);
	return status;
}

void
conf_memory_free(struct conf_memory **memory)
{
	if (*memory == NULL)
		return;
	region_free(&(*memory)->region);
	free(*memory);
	*memory = NULL;
}
