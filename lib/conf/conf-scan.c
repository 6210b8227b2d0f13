/*
 * conf-scan - names and structure of a file, before libConfuse reads it.
 *
 * libConfuse ends at the first unknown name, drops some bytes of bare words
 * ('*', a '/' at the end), expands "${NAME}" from the environment, counts the
 * line of a block comment twice, and takes an unterminated comment for the end
 * of the file.  So the scan reports the names with their lines, and writes a
 * plain form of the same file, line for line, in which none of this occurs.
 */
#include "config.h"

#include "lib/conf/conf-private.h"

#include <stdio.h>
#include <string.h>

enum token_kind {
	TOKEN_NONE,
	TOKEN_NAME, /* a bare word or a quoted string */
	TOKEN_ASSIGN,
	TOKEN_APPEND,
	TOKEN_OPEN,
	TOKEN_CLOSE,
	TOKEN_OTHER
};

struct scan {
	struct conf_run *run;
	struct span rest; /* not yet read */
	struct strbuf *out;
	unsigned int line;
	size_t depth; /* of sections */
	bool in_list;
	unsigned int section_line;
	const struct conf_section *section; /* NULL: none or unknown */
	bool in_unknown_section;
	enum token_kind previous;
	const char *name; /* the last TOKEN_NAME */
	unsigned int name_line;
	struct conf_seen
	    *assigned; /* the key of the last assignment, if known */
};

static int
peek(const struct scan *scan, size_t ahead)
{
	if (ahead >= scan->rest.length)
		return -1;
	return (unsigned char)scan->rest.data[ahead];
}

static void
skip(struct scan *scan, size_t count)
{
	size_t i;

	for (i = 0; i < count && scan->rest.length > 0; i++) {
		scan->line += scan->rest.data[0] == '\n';
		scan->rest.data++;
		scan->rest.length--;
	}
}

static void
copy(struct scan *scan, size_t count)
{
	if (count > scan->rest.length)
		count = scan->rest.length;
	strbuf_add(scan->out, scan->rest.data, count);
	skip(scan, count);
}

static void
unknown_add(struct conf_unknown *unknown, const char *name)
{
	size_t i;

	for (i = 0; i < unknown->count; i++)
		if (strcmp(unknown->names[i], name) == 0)
			return;
	if (unknown->count < CONF_UNKNOWN_MAX)
		unknown->names[unknown->count++] = name;
}

/* Ends the scan: nothing behind an unterminated string can be trusted. */
static void
syntax_error(struct scan *scan, unsigned int line, const char *reason)
{
	conf_run_error(scan->run, line, "syntax", reason);
	scan->run->syntax_line = line;
	scan->rest.length = 0;
}

static void
check_operator(struct scan *scan, struct conf_seen *seen, bool append)
{
	unsigned int line = scan->name_line;
	char reason[CONF_REASON_BYTES];
	struct strbuf *buf;

	if (append && seen->key->type != CONF_LIST)
		conf_run_key_error(
		    scan->run, line, seen, "is not a list, so += does not fit");
	if (!append && seen->line != 0) {
		if ((buf = strbuf_new(sizeof(reason) - 1)) == NULL) {
			scan->run->out_of_memory = true;
			return;
		}
		strbuf_printf(
		    buf, "is set twice, first in line %u", seen->line);
		conf_run_key_error(scan->run, line, seen, strbuf_text(buf));
		strbuf_free(&buf);
	}
	if (seen->line == 0)
		seen->line = line;
}

/* A name that no table knows, and what may have been meant. */
static void
unknown_error(
    struct scan *scan, const char *where, const char *what, const char *similar)
{
	struct conf_run *run = scan->run;
	const char *reason;

	if (similar == NULL)
		reason = region_printf(run->work, "unknown %s", what);
	else
		reason = region_printf(
		    run->work, "unknown %s; did you mean %s?", what, similar);
	if (where == NULL || reason == NULL)
		run->out_of_memory = true;
	else
		conf_run_error(run, scan->name_line, where, reason);
}

/* "name =" or "name +=" was read. */
static void
on_assignment(struct scan *scan, bool append)
{
	struct conf_run *run = scan->run;
	const char *where;

	scan->assigned = NULL;
	if (*scan->name == '\0') {
		syntax_error(scan, scan->name_line, "a key without a name");
		return;
	}
	if (scan->section != NULL)
		scan->assigned =
		    conf_run_find(run, scan->section->name, scan->name);
	if (scan->assigned != NULL) {
		check_operator(scan, scan->assigned, append);
		return;
	}
	unknown_add(&run->unknown_keys, scan->name);
	if (scan->in_unknown_section)
		return;
	if (scan->section == NULL) {
		conf_run_error(run, scan->name_line, scan->name,
		    "stands outside of a section");
		return;
	}
	if (run->located_count == CONF_ERRORS_MAX)
		return;
	where =
	    region_printf(run->work, "%s.%s", scan->section->name, scan->name);
	unknown_error(
	    scan, where, "key", conf_similar_key(scan->section, scan->name));
}

/* "name {" was read. */
static void
on_section(struct scan *scan)
{
	if (scan->depth++ > 0)
		return; /* libConfuse will end here: no section holds another */
	if (*scan->name == '\0') {
		syntax_error(scan, scan->name_line, "a section without a name");
		return;
	}
	scan->section_line = scan->name_line;
	scan->section = conf_run_section(scan->run, scan->name);
	scan->in_unknown_section = scan->section == NULL;
	if (scan->section != NULL)
		return;
	unknown_error(scan, scan->name, "section",
	    conf_similar_section(
		scan->run->entries, scan->run->entry_count, scan->name));
	unknown_add(&scan->run->unknown_sections, scan->name);
}

static void
on_open(struct scan *scan)
{
	if (scan->previous == TOKEN_NAME) {
		on_section(scan);
		return;
	}
	if (scan->previous != TOKEN_ASSIGN && scan->previous != TOKEN_APPEND)
		return;
	scan->in_list = true;
	if (scan->assigned != NULL && scan->assigned->key->type != CONF_LIST)
		conf_run_key_error(scan->run, scan->line, scan->assigned,
		    "takes one value, not a list");
}

static void
on_close(struct scan *scan)
{
	if (scan->in_list) {
		scan->in_list = false;
		return;
	}
	if (scan->depth == 0 || --scan->depth > 0)
		return;
	scan->section = NULL;
	scan->in_unknown_section = false;
}

static void
on_token(struct scan *scan, enum token_kind kind)
{
	switch (kind) {
	case TOKEN_ASSIGN:
	case TOKEN_APPEND:
		if (scan->previous == TOKEN_NAME && !scan->in_list)
			on_assignment(scan, kind == TOKEN_APPEND);
		break;
	case TOKEN_OPEN:
		on_open(scan);
		break;
	case TOKEN_CLOSE:
		on_close(scan);
		break;
	case TOKEN_NONE:
	case TOKEN_NAME:
	case TOKEN_OTHER:
		break;
	}
	scan->previous = kind;
}

static void
on_name(struct scan *scan, struct span name, unsigned int line)
{
	if (name.length > CONF_STRING_MAX_BYTES) {
		syntax_error(scan, line, "a string of more than 64K");
		return;
	}
	scan->name = region_memdup(scan->run->work, name.data, name.length);
	if (scan->name == NULL) {
		scan->run->out_of_memory = true;
		scan->rest.length = 0;
		return;
	}
	scan->name_line = line;
	on_token(scan, TOKEN_NAME);
}

/* A NUL would silently end the string in C. */
static bool
is_nul_escape(const struct scan *scan)
{
	size_t i = 1, zeros;
	int c = peek(scan, 1);

	if (c == 'x')
		i = 2;
	else if (c != '0')
		return false;
	for (zeros = 0; peek(scan, i) == '0' && zeros < 3; i++)
		zeros++;
	c = peek(scan, i);
	if (peek(scan, 1) == 'x')
		return zeros >= 2 || (zeros == 1 && !ascii_is_alnum(c)) ||
		    (zeros == 1 && ascii_lower((char)c) > 'f');
	return zeros == 3 || !(c >= '0' && c <= '7');
}

static void
scan_escape(struct scan *scan, unsigned int start)
{
	if (is_nul_escape(scan)) {
		conf_run_error(scan->run, scan->line, "syntax",
		    "a string cannot hold a NUL byte");
		skip(scan, 2);
		return;
	}
	if (scan->rest.length < 2) {
		syntax_error(scan, start, "the string does not end");
		return;
	}
	copy(scan, 2);
}

/* A quoted string; its quotes and escapes stay for libConfuse. */
static void
scan_string(struct scan *scan, char quote)
{
	size_t start_length = strbuf_length(scan->out);
	unsigned int start = scan->line;
	struct span name = { scan->rest.data + 1, 0 };
	int c;

	copy(scan, 1);
	while ((c = peek(scan, 0)) != -1 && c != quote) {
		if (c == '\\' && quote == '"')
			scan_escape(scan, start);
		else if (c == '\\' && peek(scan, 1) != -1)
			copy(scan, 2);
		else if (c == '$' && quote == '"') {
			strbuf_add_char(scan->out, '\\');
			copy(scan, 1);
		} else
			copy(scan, 1);
	}
	if (c == -1) {
		strbuf_truncate(scan->out, start_length);
		if (scan->run->syntax_line == 0)
			syntax_error(scan, start, "the string does not end");
		return;
	}
	name.length = (size_t)(scan->rest.data - name.data);
	copy(scan, 1);
	if (name.length > CONF_STRING_MAX_BYTES)
		strbuf_truncate(scan->out, start_length);
	on_name(scan, name, start);
}

static bool
is_word_byte(const struct scan *scan, size_t at)
{
	int c = peek(scan, at);

	if (c == -1 || ascii_is_space(c) || strchr("#\"'={}(),", c) != NULL)
		return false;
	return c != '+' || peek(scan, at + 1) != '=';
}

/* ${NAME}: other libConfuse files know it, this one does not. */
static bool
scan_variable(struct scan *scan)
{
	size_t length = 2;

	if (peek(scan, 0) != '$' || peek(scan, 1) != '{')
		return false;
	while (is_word_byte(scan, length))
		length++;
	conf_run_error(scan->run, scan->line, "syntax",
	    "${NAME} is not replaced here; write the value, or quote it");
	strbuf_add_text(scan->out, "\"\\$\"");
	skip(scan, length + (peek(scan, length) == '}'));
	on_token(scan, TOKEN_OTHER);
	return true;
}

static void
scan_word(struct scan *scan)
{
	size_t start_length = strbuf_length(scan->out);
	struct span word = { scan->rest.data, 0 };
	size_t i;

	while (is_word_byte(scan, word.length) &&
	    !(peek(scan, word.length) == '$' &&
		peek(scan, word.length + 1) == '{'))
		word.length++;
	strbuf_add_char(scan->out, '"');
	for (i = 0; i < word.length; i++) {
		if (word.data[i] == '\\' || word.data[i] == '$')
			strbuf_add_char(scan->out, '\\');
		strbuf_add_char(scan->out, word.data[i]);
	}
	strbuf_add_char(scan->out, '"');
	skip(scan, word.length);
	if (word.length > CONF_STRING_MAX_BYTES)
		strbuf_truncate(scan->out, start_length);
	on_name(scan, word, scan->line);
}

/* How long a number with a comma is, such as 2,0, where a value begins; 0: no
 * such number. */
static size_t
comma_number_length(const struct scan *scan)
{
	size_t length = peek(scan, 0) == '-', digits = length;

	if (scan->in_list || scan->previous != TOKEN_ASSIGN)
		return 0;
	while (ascii_is_digit(peek(scan, length)))
		length++;
	if (length == digits || peek(scan, length) != ',')
		return 0;
	digits = ++length;
	while (ascii_is_digit(peek(scan, length)))
		length++;
	return length == digits || is_word_byte(scan, length) ? 0 : length;
}

/* 2,0 for 2.0: told, and read on as if the point stood there. */
static bool
scan_comma_number(struct scan *scan)
{
	struct span word = { scan->rest.data, comma_number_length(scan) };
	char reason[CONF_REASON_BYTES], *number, *comma;

	if (word.length == 0)
		return false;
	number = region_memdup(scan->run->work, word.data, word.length);
	if (number == NULL) {
		scan->run->out_of_memory = true;
		return false;
	}
	if ((comma = strchr(number, ',')) != NULL)
		*comma = '.';
	if (scan->assigned != NULL &&
	    snprintf(reason, sizeof(reason), "use a point, %.100s", number) > 0)
		conf_run_key_error(
		    scan->run, scan->line, scan->assigned, reason);
	strbuf_printf(scan->out, "\"%s\"", number);
	skip(scan, word.length);
	on_name(scan, span_of(number), scan->line);
	return true;
}

static bool
scan_comment(struct scan *scan)
{
	unsigned int start = scan->line;
	int c = peek(scan, 0), next = peek(scan, 1);

	if (c == '#' || (c == '/' && next == '/')) {
		while ((c = peek(scan, 0)) != -1 && c != '\n')
			skip(scan, 1);
		return true;
	}
	if (c != '/' || next != '*')
		return false;
	skip(scan, 2);
	while (
	    (c = peek(scan, 0)) != -1 && !(c == '*' && peek(scan, 1) == '/')) {
		if (c == '\n')
			strbuf_add_char(scan->out, '\n');
		skip(scan, 1);
	}
	if (c == -1)
		syntax_error(scan, start, "the comment does not end");
	strbuf_add_char(scan->out, ' ');
	skip(scan, 2);
	return true;
}

static void
scan_punctuation(struct scan *scan)
{
	enum token_kind kind = TOKEN_OTHER;

	switch (peek(scan, 0)) {
	case '=':
		kind = TOKEN_ASSIGN;
		break;
	case '+':
		kind = TOKEN_APPEND;
		copy(scan, 1);
		break;
	case '{':
		kind = TOKEN_OPEN;
		break;
	case '}':
		kind = TOKEN_CLOSE;
		break;
	}
	copy(scan, 1);
	on_token(scan, kind);
}

static void
scan_next(struct scan *scan)
{
	int c = peek(scan, 0);

	if (c == '\0')
		syntax_error(scan, scan->line, "a NUL byte in the file");
	else if (ascii_is_space(c))
		copy(scan, 1);
	else if (scan_comment(scan) || scan_variable(scan) ||
	    scan_comma_number(scan))
		return;
	else if (c == '"' || c == '\'')
		scan_string(scan, (char)c);
	else if (is_word_byte(scan, 0))
		scan_word(scan);
	else
		scan_punctuation(scan);
}

void
conf_scan(struct conf_run *run, struct span text, struct strbuf *out)
{
	struct scan scan = { .run = run, .rest = text, .out = out, .line = 1 };

	/* Each step takes a byte at least; text has CONF_FILE_MAX_BYTES. */
	while (scan.rest.length > 0)
		scan_next(&scan);
	run->open_line = scan.depth > 0 ? scan.section_line : 0;
	run->last_line = scan.line;
	if (strbuf_status(out) != STATUS_OK)
		run->out_of_memory = true;
}
