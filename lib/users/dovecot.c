/*
 * dovecot - looks a user up over Dovecot's auth-userdb listener (versions 2.3
 * and 2.4; the master protocol of its authentication server).
 *
 *	we: VERSION 1 1			it: VERSION 1 N, SPID pid
 *	we: USER id name service=lmtp	it: USER id name key=value...
 *					    NOTFOUND id | FAIL id key=value...
 *
 * Words are separated by tabs; in them \001 and a digit or letter stands for a
 * byte that could not be written.
 */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/net/socket.h"
#include "lib/net/stream.h"
#include "lib/users/users-private.h"

#define VERSION_MAJOR   1
#define LINE_BYTES      8192 /* as Dovecot's own clients take */
#define ANSWER_LINES    20   /* lines that may stand before an answer */
#define ANSWER_WORDS    200  /* of one user */
#define QUOTA_MAX       (UINT64_C(1) << 50) /* bytes; more is no limit */
#define LIST_LINES      10000000
#define LOOKUP_ATTEMPTS 2 /* the kept connection may have ended */

struct dovecot {
	const char *socket;
	int64_t timeout_ms;
	int fd; /* -1: not connected */
	struct stream *stream;
	uint64_t last_id;
};

struct dovecot *
dovecot_new(const char *socket, int64_t timeout_ms)
{
	struct dovecot *dovecot;

	if ((dovecot = calloc(1, sizeof(*dovecot))) == NULL)
		return NULL;
	dovecot->socket = socket;
	dovecot->timeout_ms = timeout_ms;
	dovecot->fd = -1;
	return dovecot;
}

static void
disconnect(struct dovecot *dovecot)
{
	stream_free(&dovecot->stream);
	if (dovecot->fd != -1)
		close(dovecot->fd);
	dovecot->fd = -1;
}

void
dovecot_free(struct dovecot **dovecot)
{
	if (*dovecot == NULL)
		return;
	disconnect(*dovecot);
	free(*dovecot);
	*dovecot = NULL;
}

static enum status
connect_to(struct dovecot *dovecot)
{
	struct socket_spec spec;
	enum status status;

	if (dovecot->fd != -1)
		return STATUS_OK;
	if (socket_spec_parse(dovecot->socket, &spec) != STATUS_OK)
		return STATUS_INVALID;
	status = socket_connect(&spec, dovecot->timeout_ms, &dovecot->fd);
	if (status != STATUS_OK) {
		log_error("dovecot: %s: %s", dovecot->socket,
		    status == STATUS_TIMEOUT ? status_text(status) :
					       strerror(errno));
		return status;
	}
	dovecot->stream = stream_new(dovecot->fd, dovecot->fd, LINE_BYTES);
	if (dovecot->stream == NULL) {
		disconnect(dovecot);
		return STATUS_NOMEM;
	}
	stream_printf(dovecot->stream, "VERSION\t%d\t1\n", VERSION_MAJOR);
	return STATUS_OK;
}

/* What stands for a byte that cannot be written, behind \001. */
static char
unescaped(char c)
{
	switch (c) {
	case '1':
		return '\001';
	case 't':
		return '\t';
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	default:
		return '\0';
	}
}

/* A word as it was before it was escaped. */
static char *
unescape(struct region *region, struct span word)
{
	char *text, *to;
	size_t i;

	if ((text = region_memdup(region, word.data, word.length)) == NULL)
		return NULL;
	to = text;
	for (i = 0; i < word.length; i++) {
		if (word.data[i] == '\001' && i + 1 < word.length)
			*to++ = unescaped(word.data[++i]);
		else
			*to++ = word.data[i];
	}
	*to = '\0';
	return text;
}

/* "key=" in front: sets value_r to what is behind. */
static bool
has_key(struct span word, const char *key, struct span *value_r)
{
	size_t length = strlen(key);

	if (word.length < length || memcmp(word.data, key, length) != 0)
		return false;
	value_r->data = word.data + length;
	value_r->length = word.length - length;
	return true;
}

/* "10M", "512": bytes, in units of the letter or else of unit. */
static uint64_t
read_size(struct span text, uint64_t unit)
{
	static const char letters[] = "bkmgt";
	const char *letter;
	uint64_t number;

	if (text.length > 1 &&
	    (text.data[text.length - 1] == 'B' ||
		text.data[text.length - 1] == 'b') &&
	    !ascii_is_digit(text.data[text.length - 2]))
		text.length--; /* "MB" */
	if (text.length > 0 &&
	    (letter = strchr(
		 letters, ascii_lower(text.data[text.length - 1]))) != NULL &&
	    *letter != '\0') {
		unit = UINT64_C(1) << (10 * (letter - letters));
		text.length--;
	}
	if (str_to_uint64(text, QUOTA_MAX / unit, &number) != STATUS_OK)
		return 0;
	return number * unit;
}

/* "*:storage=10M:messages=100" (2.3): the rule of all folders together. */
static void
read_quota_rule(struct span rule, struct user *user)
{
	struct span word, value;

	if (!span_split(&rule, ':', &word) || !span_equals(word, "*"))
		return;
	while (span_split(&rule, ':', &word)) {
		if (has_key(word, "storage=", &value))
			user->quota_bytes = read_size(value, 1024);
		else if (has_key(word, "bytes=", &value))
			user->quota_bytes = read_size(value, 1);
	}
}

static enum status
read_word(struct region *region, struct span word, struct user *user)
{
	enum status status = STATUS_OK;
	struct span value;

	if (has_key(word, "uid=", &value)) {
		status = user_read_id(value, &user->uid);
	} else if (has_key(word, "gid=", &value)) {
		status = user_read_id(value, &user->gid);
	} else if (has_key(word, "home=", &value)) {
		if ((user->home = unescape(region, value)) == NULL)
			return STATUS_NOMEM;
		if (user->home[0] == '\0')
			user->home = NULL;
		else if (user->home[0] != '/')
			status = STATUS_INVALID;
	} else if (has_key(word, "quota_rule=", &value)) {
		read_quota_rule(value, user);
	} else if (has_key(word, "quota_storage_size=", &value)) {
		user->quota_bytes = read_size(value, 1);
	}
	if (status != STATUS_OK)
		log_error("dovecot: user %s: unusable %.*s", user->name,
		    (int)word.length, word.data);
	return status;
}

/* "name key=value...", the rest of an answer. */
static enum status
read_user(struct region *region, struct span words, struct user *user)
{
	enum status status = STATUS_OK;
	struct span word;
	size_t count;

	if (!span_split(&words, '\t', &word) || word.length == 0) {
		log_error("dovecot: an answer without a user's name");
		return STATUS_IO;
	}
	if ((user->name = unescape(region, word)) == NULL)
		return STATUS_NOMEM;
	for (count = 0; status == STATUS_OK && span_split(&words, '\t', &word);
	     count++) {
		if (count == ANSWER_WORDS)
			return STATUS_LIMIT;
		status = read_word(region, word, user);
	}
	return status;
}

/* One line; *answered_r when it answers our question. */
static enum status
read_answer(struct dovecot *dovecot, struct region *region, struct span line,
    struct user *user_r, bool *answered_r)
{
	struct span rest = line, verb, first;
	uint64_t number = 0;

	*answered_r = false;
	if (!span_split(&rest, '\t', &verb))
		return STATUS_OK;
	if (!span_split(&rest, '\t', &first) ||
	    str_to_uint64(first, UINT64_MAX, &number) != STATUS_OK)
		return STATUS_OK; /* nothing that we know */
	if (span_equals(verb, "VERSION") && number != VERSION_MAJOR) {
		log_error("dovecot: speaks version %" PRIu64 " of its protocol",
		    number);
		return STATUS_IO;
	}
	if (number != dovecot->last_id)
		return STATUS_OK;
	*answered_r = true;
	if (span_equals(verb, "USER"))
		return read_user(region, rest, user_r);
	if (span_equals(verb, "NOTFOUND"))
		return STATUS_NOTFOUND;
	if (span_equals(verb, "FAIL")) {
		log_error("dovecot: the lookup failed, see its log");
		return STATUS_IO;
	}
	*answered_r = false;
	return STATUS_OK;
}

/* Asks over the open connection; *broken_r when it did not hold. */
static enum status
ask(struct dovecot *dovecot, struct region *region, const char *name,
    struct user *user_r, bool *broken_r)
{
	struct stream *stream = dovecot->stream;
	struct span line = span_of("");
	enum status status;
	bool answered;
	size_t i;

	*broken_r = false;
	stream_set_deadline(stream, clock_now_ms() + dovecot->timeout_ms);
	stream_printf(stream, "USER\t%" PRIu64 "\t", ++dovecot->last_id);
	stream_write(stream, name, strlen(name));
	stream_printf(stream, "\tservice=lmtp\n");
	for (i = 0; i < ANSWER_LINES; i++) {
		status = stream_read_line(stream, &line);
		if (status != STATUS_OK) {
			*broken_r = status != STATUS_NOMEM;
			return status;
		}
		status = read_answer(dovecot, region, line, user_r, &answered);
		if (answered || status != STATUS_OK)
			return status;
	}
	*broken_r = true;
	return STATUS_LIMIT;
}

/* Which failures are told in one word; the texts of all others were logged. */
static enum status
failure_of(const struct dovecot *dovecot, enum status status)
{
	log_error("dovecot: %s: %s", dovecot->socket,
	    status == STATUS_TIMEOUT ? "no answer in time" :
				       "the connection broke");
	return status == STATUS_TIMEOUT ? STATUS_TIMEOUT : STATUS_IO;
}

enum status
dovecot_find(struct dovecot *dovecot, struct region *region, const char *name,
    struct user *user_r)
{
	enum status status = STATUS_IO;
	bool kept, broken;
	int attempt;

	for (attempt = 0; attempt < LOOKUP_ATTEMPTS; attempt++) {
		kept = dovecot->fd != -1;
		if ((status = connect_to(dovecot)) != STATUS_OK)
			return status;
		status = ask(dovecot, region, name, user_r, &broken);
		if (!broken)
			return status;
		disconnect(dovecot);
		/* A kept connection ends when Dovecot was restarted. */
		if (!kept || status == STATUS_TIMEOUT)
			break;
	}
	return failure_of(dovecot, status);
}

/* One line of a list; *done_r at its end. */
static enum status
read_listed(struct dovecot *dovecot, struct user_names *names, struct span line,
    bool *done_r)
{
	struct span verb, first;
	uint64_t number = 0;
	char *name;

	*done_r = false;
	if (!span_split(&line, '\t', &verb) ||
	    !span_split(&line, '\t', &first) ||
	    str_to_uint64(first, UINT64_MAX, &number) != STATUS_OK ||
	    number != dovecot->last_id)
		return STATUS_OK;
	if (span_equals(verb, "DONE")) {
		*done_r = true;
		return line.length == 0 ? STATUS_OK : STATUS_IO;
	}
	if (!span_equals(verb, "LIST"))
		return STATUS_OK;
	if ((name = unescape(names->region, line)) == NULL)
		return STATUS_NOMEM;
	return user_names_add(names, span_of(name));
}

enum status
dovecot_list(struct dovecot *dovecot, struct user_names *names)
{
	enum status status;
	struct span line;
	bool done = false;
	size_t i;

	if ((status = connect_to(dovecot)) != STATUS_OK)
		return status;
	stream_set_deadline(
	    dovecot->stream, clock_now_ms() + dovecot->timeout_ms);
	stream_printf(dovecot->stream,
	    "LIST\t%" PRIu64 "\tuser=*\tservice=lmtp\n", ++dovecot->last_id);
	for (i = 0; status == STATUS_OK && !done && i < LIST_LINES; i++) {
		status = stream_read_line(dovecot->stream, &line);
		if (status == STATUS_OK)
			status = read_listed(dovecot, names, line, &done);
	}
	if (status == STATUS_OK && done)
		return STATUS_OK;
	log_error("dovecot: %s: the list of users broke off (does its userdb "
		  "know one?)",
	    dovecot->socket);
	disconnect(dovecot);
	return status == STATUS_OK ? STATUS_LIMIT : status;
}
