/*
 * senders-read - the text of maps and of docker-mailserver's accounts (see
 * senders-private.h).
 *
 * Lines are those of postmap(1): one that begins with a blank continues the one
 * before; empty lines, and those whose first character is '#', are left out
 * wherever they stand.
 */
#include "config.h"

#include <string.h>

#include "lib/base/strbuf.h"
#include "lib/senders/senders-private.h"

/* One file that is being read. */
struct reader {
	struct senders_source *source;
	const char *path;
	size_t line;  /* where the logical line begins */
	bool is_open; /* a logical line is being collected: */
	struct strbuf *text;
};

/* A line that is left out. */
static enum status
add_problem(struct reader *reader, const char *why)
{
	struct senders_source *source = reader->source;
	size_t i = source->problem_count++;

	if (i >= SENDERS_PROBLEMS_MAX)
		return STATUS_OK;
	source->problems[i] = region_printf(
	    source->region, "%s:%zu: %s", reader->path, reader->line, why);
	return source->problems[i] == NULL ? STATUS_NOMEM : STATUS_OK;
}

static bool
is_blank(char c)
{
	return ascii_is_space(c) || c == '\v' || c == '\f';
}

/* The length of what stands in front of the first blank outside of quotes. */
static size_t
key_length(struct span line)
{
	bool quoted = false;
	size_t i;

	for (i = 0; i < line.length; i++) {
		if (line.data[i] == '\\')
			i++;
		else if (line.data[i] == '"')
			quoted = !quoted;
		else if (!quoted && is_blank(line.data[i]))
			break;
	}
	return i < line.length ? i : line.length;
}

/* "@domain" as a key; key_r->key NULL: it is none. */
static enum status
read_domain_key(
    struct region *region, struct span text, struct senders_key *key_r)
{
	const struct span domain = { text.data + 1, text.length - 1 };
	const char *name;
	enum status status = domain_normalize(region, domain, &name);

	key_r->key = NULL;
	if (status != STATUS_OK)
		return status == STATUS_NOMEM ? status : STATUS_OK;
	key_r->key = key_r->exact = region_printf(region, "@%s", name);
	return key_r->key == NULL ? STATUS_NOMEM : STATUS_OK;
}

/* The left side of a line; key_r->key NULL: neither address nor @domain. */
static enum status
read_key(struct region *region, struct span text, struct senders_key *key_r)
{
	struct address address;
	enum status status;
	const char *copy;

	key_r->key = NULL;
	if (text.length == 0)
		return STATUS_OK;
	if (text.data[0] == '@')
		return read_domain_key(region, text, key_r);
	if ((copy = region_memdup(region, text.data, text.length)) == NULL)
		return STATUS_NOMEM;
	status = address_parse_path(region, copy, &address);
	if (status != STATUS_OK)
		return status == STATUS_NOMEM ? status : STATUS_OK;
	if (address.local_part[0] == '\0' || address.domain[0] == '\0')
		return STATUS_OK;
	return senders_key_of(region, &address, key_r);
}

bool
senders_read_login(struct span *rest, struct span *login_r)
{
	size_t i = 0, end;

	while (i < rest->length &&
	    (is_blank(rest->data[i]) || rest->data[i] == ','))
		i++;
	for (end = i; end < rest->length && !is_blank(rest->data[end]) &&
	     rest->data[end] != ',';)
		end++;
	login_r->data = rest->data + i;
	login_r->length = end - i;
	rest->data += end;
	rest->length -= end;
	return login_r->length > 0;
}

static enum status
add_entry(
    struct reader *reader, const struct senders_key *key, struct span login)
{
	struct senders_source *source = reader->source;
	struct senders_entry entry = { key->key, key->exact, NULL, reader->path,
		reader->line };
	enum status status;

	status = senders_login_of(source->region, login, &entry.login);
	if (status != STATUS_OK)
		return status;
	return senders_index_add(&source->index, &entry);
}

/* "boss@example.org  anna, bob" */
static enum status
read_map_line(struct reader *reader, struct span line)
{
	struct span left = { line.data, key_length(line) }, rest, login;
	struct senders_key key;
	enum status status;

	status = read_key(reader->source->region, left, &key);
	if (status != STATUS_OK)
		return status;
	if (key.key == NULL)
		return add_problem(reader,
		    "begins neither with an address nor with @ and a domain");
	rest.data = line.data + left.length;
	rest.length = line.length - left.length;
	if (!senders_read_login(&rest, &login))
		return add_problem(reader, "names no login");
	do
		status = add_entry(reader, &key, login);
	while (status == STATUS_OK && senders_read_login(&rest, &login));
	return status;
}

/* "anna@example.org|{SHA512-CRYPT}..." */
static enum status
read_account_line(struct reader *reader, struct span line)
{
	struct span login, rest = line;
	struct senders_key key = { NULL, NULL };
	enum status status = STATUS_OK;

	if (memchr(line.data, '|', line.length) != NULL &&
	    span_split(&rest, '|', &login))
		status =
		    read_key(reader->source->region, span_trim(login), &key);
	if (status != STATUS_OK)
		return status;
	if (key.key == NULL || key.key[0] == '@')
		return add_problem(
		    reader, "is no account (user@domain|password)");
	return add_entry(reader, &key, span_trim(login));
}

typedef enum status line_function(struct reader *reader, struct span line);

/* The logical line that was collected. */
static enum status
end_line(struct reader *reader, line_function *function)
{
	struct span line = { strbuf_text(reader->text),
		strbuf_length(reader->text) };
	enum status status = strbuf_status(reader->text);

	if (status == STATUS_NOMEM || !reader->is_open)
		return status;
	reader->is_open = false;
	if (status == STATUS_LIMIT)
		status = add_problem(reader, "is too long");
	else if (memchr(line.data, '\0', line.length) != NULL)
		status = add_problem(reader, "holds a NUL byte");
	else
		status = function(reader, span_trim(line));
	strbuf_reset(reader->text);
	return status;
}

static bool
is_left_out(struct span line)
{
	size_t i;

	for (i = 0; i < line.length && is_blank(line.data[i]); i++)
		;
	return i == line.length || line.data[i] == '#';
}

/* A line of the file, which may begin a logical line and so end another. */
static enum status
begin_line(struct reader *reader, struct span line, size_t number,
    line_function *function)
{
	enum status status;

	if (is_blank(line.data[0]) && reader->is_open)
		return STATUS_OK;
	status = end_line(reader, function);
	reader->line = number;
	if (status != STATUS_OK)
		return status;
	reader->is_open = !is_blank(line.data[0]);
	return reader->is_open ?
	    STATUS_OK :
	    add_problem(reader, "continues no line: it begins with a blank");
}

/* Calls function for each logical line. */
static enum status
read_lines(struct senders_source *source, const char *path, struct span text,
    line_function *function)
{
	struct reader reader = { source, path, 0, false,
		strbuf_new(SENDERS_LINE_BYTES_MAX) };
	enum status status = STATUS_OK;
	struct span line;
	size_t number;

	if (reader.text == NULL)
		return STATUS_NOMEM;
	for (number = 1; status == STATUS_OK && span_split(&text, '\n', &line);
	     number++) {
		if (is_left_out(line))
			continue;
		status = begin_line(&reader, line, number, function);
		if (reader.is_open)
			strbuf_add(reader.text, line.data, line.length);
	}
	if (status == STATUS_OK)
		status = end_line(&reader, function);
	strbuf_free(&reader.text);
	return status;
}

enum status
senders_read_map(
    struct senders_source *source, const char *path, struct span text)
{
	return read_lines(source, path, text, read_map_line);
}

enum status
senders_read_accounts(
    struct senders_source *source, const char *path, struct span text)
{
	return read_lines(source, path, text, read_account_line);
}
