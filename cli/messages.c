/* messages - the messages of files and directories (see messages.h). */
#include "config.h"

#include "cli/messages.h"

#include <errno.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MBOX_FROM         "From "
#define DEPTH_MAX         64 /* of directories in directories */
#define FIRST_ROOM        65536
#define PIECE_BYTES       4096
#define MESSAGE_BYTES_MAX ((size_t)256 * 1024 * 1024)

/* A message under construction, and where it goes. */
struct collector {
	const struct messages_visitor *visitor;
	const char *path;
	size_t number; /* of the message in the file, from 1 */
	char *data;
	size_t length, room;
	bool too_long; /* the rest of this message is left out */
	bool is_mbox;
	bool after_empty_line; /* or at the start of the file */
	bool stopped;          /* the visitor wants no more */
	bool failed;
};

static void
complain(struct collector *collector, const char *reason)
{
	fprintf(stderr, "gatepost: %s: %s\n", collector->path, reason);
	collector->failed = true;
}

static void
add_piece(struct collector *collector, const char *piece, size_t length)
{
	size_t room = collector->room == 0 ? FIRST_ROOM : collector->room;
	char *data;

	if (collector->too_long)
		return;
	if (length > MESSAGE_BYTES_MAX - collector->length) {
		collector->too_long = true;
		complain(collector, "a message is too large");
		return;
	}
	while (room - collector->length < length)
		room *= 2;
	if (room > collector->room) {
		if ((data = realloc(collector->data, room)) == NULL) {
			collector->too_long = true;
			complain(collector, strerror(ENOMEM));
			return;
		}
		collector->data = data;
		collector->room = room;
	}
	memcpy(collector->data + collector->length, piece, length);
	collector->length += length;
}

/* The message is complete. */
static void
end_message(struct collector *collector)
{
	struct span raw = { collector->data, collector->length };
	const char *name = collector->path;
	char *text = NULL;

	collector->number++;
	if (raw.length > 0 && !collector->too_long) {
		if (collector->is_mbox &&
		    asprintf(&text, "message %zu of %s", collector->number,
			collector->path) > 0)
			name = text;
		collector->stopped = !collector->visitor->visit(
		    collector->visitor->argument, name, raw);
		free(text);
	}
	collector->length = 0;
	collector->too_long = false;
}

static bool
begins_with_from(const char *line, size_t length)
{
	return length >= strlen(MBOX_FROM) &&
	    memcmp(line, MBOX_FROM, strlen(MBOX_FROM)) == 0;
}

/* ">From " and ">>From " stand for one '>' less. */
static void
add_mbox_line(struct collector *collector, const char *line, size_t length)
{
	size_t quotes = 0;

	while (quotes < length && line[quotes] == '>')
		quotes++;
	if (quotes > 0 && begins_with_from(line + quotes, length - quotes)) {
		line++;
		length--;
	}
	add_piece(collector, line, length);
}

/* A line, or as much of a long one as fits; 0: the end of the file. */
static size_t
read_piece(FILE *file, char piece[PIECE_BYTES])
{
	size_t length = 0;
	int c;

	while (length < PIECE_BYTES && (c = getc_unlocked(file)) != EOF) {
		piece[length++] = (char)c;
		if (c == '\n')
			break;
	}
	return length;
}

static bool
is_empty_line(const char *line, size_t length)
{
	return length > 0 && (line[0] == '\n' || line[0] == '\r');
}

/* One line of an mbox: the first of a message, or one in it. */
static void
take_mbox_line(struct collector *collector, const char *line, size_t length)
{
	if (!collector->after_empty_line || !begins_with_from(line, length))
		add_mbox_line(collector, line, length);
	else if (collector->length > 0)
		end_message(collector);
}

/* may_be_mbox: a file of a Maildir is one message, whatever it begins with. */
static void
read_pieces(struct collector *collector, FILE *file, bool may_be_mbox)
{
	bool at_line_start = true, first = true;
	char piece[PIECE_BYTES];
	size_t length;

	while (!collector->stopped && (length = read_piece(file, piece)) > 0) {
		if (first)
			collector->is_mbox =
			    may_be_mbox && begins_with_from(piece, length);
		if (collector->is_mbox && at_line_start)
			take_mbox_line(collector, piece, length);
		else
			add_piece(collector, piece, length);
		collector->after_empty_line =
		    at_line_start && is_empty_line(piece, length);
		at_line_start = piece[length - 1] == '\n';
		first = false;
	}
	if (ferror(file))
		complain(collector, strerror(errno));
	else if (!collector->stopped)
		end_message(collector);
}

/* A file that has gone meanwhile was moved by its owner. */
static void
read_file(struct collector *collector, bool is_inside, bool is_maildir)
{
	FILE *file = stdin;

	collector->number = 0;
	collector->length = 0;
	collector->too_long = false;
	collector->after_empty_line = true;
	if (strcmp(collector->path, "-") == 0 && !is_inside)
		collector->path = "standard input";
	else
		file = fopen(collector->path, "re");
	if (file == NULL) {
		if (errno != ENOENT || !is_inside)
			complain(collector, strerror(errno));
		return;
	}
	read_pieces(collector, file, !is_maildir);
	if (file != stdin)
		fclose(file);
}

static bool
has_directory(const char *path, const char *name)
{
	struct stat status;
	char *text;
	bool found;

	if (asprintf(&text, "%s/%s", path, name) < 0)
		return false;
	found = stat(text, &status) == 0 && S_ISDIR(status.st_mode);
	free(text);
	return found;
}

static bool
is_maildir(const char *path)
{
	return has_directory(path, "cur") && has_directory(path, "new");
}

static bool
is_cur_or_new(const char *name)
{
	return strcmp(name, "cur") == 0 || strcmp(name, "new") == 0;
}

/* What of a tree is read; fts_number of a directory: it is a Maildir. */
static void
visit_entry(struct collector *collector, FTS *tree, FTSENT *entry)
{
	const FTSENT *parent = entry->fts_parent;

	collector->path = entry->fts_path;
	switch (entry->fts_info) {
	case FTS_D:
		entry->fts_number = is_maildir(entry->fts_path);
		if (entry->fts_level > DEPTH_MAX) {
			complain(collector, "too deep");
			(void)fts_set(tree, entry, FTS_SKIP);
		} else if (entry->fts_level > 0 && parent->fts_number != 0 &&
		    strcmp(entry->fts_name, "tmp") == 0) {
			(void)fts_set(tree, entry, FTS_SKIP);
		}
		break;
	case FTS_F:
		if (entry->fts_name[0] != '.' && parent->fts_number == 0)
			read_file(
			    collector, true, is_cur_or_new(parent->fts_name));
		break;
	case FTS_DNR:
	case FTS_ERR:
	case FTS_NS:
		if (entry->fts_errno != ENOENT)
			complain(collector, strerror(entry->fts_errno));
		break;
	}
}

static int
compare_names(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

static void
visit_tree(struct collector *collector, const char *path)
{
	char *paths[] = { (char *)(uintptr_t)path, NULL };
	FTSENT *entry;
	FTS *tree;

	tree = fts_open(
	    paths, FTS_COMFOLLOW | FTS_PHYSICAL | FTS_NOCHDIR, compare_names);
	if (tree == NULL) {
		complain(collector, strerror(errno));
		return;
	}
	while (!collector->stopped && (entry = fts_read(tree)) != NULL)
		visit_entry(collector, tree, entry);
	fts_close(tree);
}

enum status
messages_visit(const char *path, const struct messages_visitor *visitor)
{
	struct collector collector = { .visitor = visitor, .path = path };
	struct stat status;

	if (strcmp(path, "-") != 0 && stat(path, &status) == 0 &&
	    S_ISDIR(status.st_mode))
		visit_tree(&collector, path);
	else
		read_file(&collector, false, false);
	free(collector.data);
	return collector.failed ? STATUS_IO : STATUS_OK;
}
