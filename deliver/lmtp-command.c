/* lmtp-command - reads the lines of a client (see lmtp-command.h). */
#include "config.h"

#include "deliver/lmtp-command.h"

#include <string.h>

/* Cuts length bytes off the front. */
static void
skip(struct span *line, size_t length)
{
	line->data += length;
	line->length -= length;
}

static void
skip_blanks(struct span *line)
{
	while (
	    line->length > 0 && (line->data[0] == ' ' || line->data[0] == '\t'))
		skip(line, 1);
}

/* Cuts what is before the next blank off. */
static struct span
read_word(struct span *line)
{
	struct span word = *line;
	size_t i;

	for (i = 0; i < line->length; i++)
		if (line->data[i] == ' ' || line->data[i] == '\t')
			break;
	word.length = i;
	skip(line, i);
	skip_blanks(line);
	return word;
}

struct span
lmtp_read_verb(struct span *line)
{
	*line = span_trim(*line);
	return read_word(line);
}

/* Where the bracket is that closes the one at the front; 0: nowhere. */
static size_t
find_close(struct span line)
{
	bool quoted = false;
	size_t i;

	for (i = 1; i < line.length; i++) {
		if (line.data[i] == '\\' && quoted)
			i++;
		else if (line.data[i] == '"')
			quoted = !quoted;
		else if (line.data[i] == '>' && !quoted)
			return i;
	}
	return 0;
}

enum status
lmtp_read_path(struct span *line, const char *keyword, struct span *path_r)
{
	size_t close;

	*path_r = span_of("");
	if (!span_starts_nocase(*line, keyword))
		return STATUS_INVALID;
	skip(line, strlen(keyword));
	skip_blanks(line);
	if (line->length == 0 || line->data[0] != '<' ||
	    (close = find_close(*line)) == 0)
		return STATUS_INVALID;
	path_r->data = line->data + 1;
	path_r->length = close - 1;
	skip(line, close + 1);
	if (line->length > 0 && line->data[0] != ' ')
		return STATUS_INVALID;
	skip_blanks(line);
	return STATUS_OK;
}

bool
lmtp_next_parameter(
    struct span *line, struct span *name_r, struct span *value_r)
{
	if (line->length == 0)
		return false;
	*value_r = read_word(line);
	(void)span_split(value_r, '=', name_r);
	if (value_r->data == NULL)
		*value_r = span_of("");
	return true;
}
