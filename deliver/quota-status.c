/* quota-status - a client of Dovecot's quota-status (see quota-status.h). */
#include "config.h"

#include "deliver/quota-status.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/net/socket.h"
#include "lib/net/stream.h"

#define LINE_BYTES   4096
#define ANSWER_LINES 20 /* attributes of one answer */
#define ATTEMPTS     2  /* the kept connection may have ended */

struct quota_status {
	const char *socket;
	int64_t timeout_ms;
	int fd; /* -1: not connected */
	struct stream *stream;
};

struct quota_status *
quota_status_new(const char *socket, int64_t timeout_ms)
{
	struct quota_status *quota;

	if ((quota = calloc(1, sizeof(*quota))) == NULL)
		return NULL;
	quota->socket = socket;
	quota->timeout_ms = timeout_ms;
	quota->fd = -1;
	return quota;
}

static void
disconnect(struct quota_status *quota)
{
	stream_free(&quota->stream);
	if (quota->fd != -1)
		close(quota->fd);
	quota->fd = -1;
}

void
quota_status_free(struct quota_status **quota)
{
	if (*quota == NULL)
		return;
	disconnect(*quota);
	free(*quota);
	*quota = NULL;
}

static enum status
connect_to(struct quota_status *quota)
{
	struct socket_spec spec;
	enum status status;

	if (quota->fd != -1)
		return STATUS_OK;
	if (socket_spec_parse(quota->socket, &spec) != STATUS_OK)
		return STATUS_INVALID;
	status = socket_connect(&spec, quota->timeout_ms, &quota->fd);
	if (status != STATUS_OK)
		return status;
	quota->stream = stream_new(quota->fd, quota->fd, LINE_BYTES);
	if (quota->stream == NULL) {
		disconnect(quota);
		return STATUS_NOMEM;
	}
	return STATUS_OK;
}

/* "DUNNO" and "OK", with or without a text behind. */
static bool
is_yes(struct span action)
{
	struct span word;

	action = span_trim(action);
	return span_split(&action, ' ', &word) &&
	    (span_equals_nocase(word, "DUNNO") ||
		span_equals_nocase(word, "OK"));
}

/* Reads attributes up to the empty line. */
static enum status
read_answer(struct quota_status *quota, bool *fits_r)
{
	struct span line, name;
	enum status status;
	bool answered = false, fits = false;
	size_t i;

	for (i = 0; i < ANSWER_LINES; i++) {
		status = stream_read_line(quota->stream, &line);
		if (status != STATUS_OK)
			return status;
		if (line.length == 0)
			break;
		if (!span_split(&line, '=', &name) ||
		    !span_equals(name, "action"))
			continue;
		fits = is_yes(line);
		answered = true;
	}
	if (!answered || i == ANSWER_LINES)
		return STATUS_IO;
	*fits_r = fits;
	return STATUS_OK;
}

static enum status
ask_once(
    struct quota_status *quota, const char *user, uint64_t bytes, bool *fits_r)
{
	enum status status;

	if ((status = connect_to(quota)) != STATUS_OK)
		return status;
	stream_set_deadline(quota->stream, clock_now_ms() + quota->timeout_ms);
	stream_printf(quota->stream,
	    "request=smtpd_access_policy\nrecipient=%s\nsize=%" PRIu64 "\n\n",
	    user, bytes);
	status = read_answer(quota, fits_r);
	if (status != STATUS_OK)
		disconnect(quota);
	return status;
}

enum status
quota_status_ask(
    struct quota_status *quota, const char *user, uint64_t bytes, bool *fits_r)
{
	enum status status = STATUS_IO;
	bool kept;
	int attempt;

	*fits_r = false;
	if (strchr(user, '\n') != NULL)
		return STATUS_INVALID;
	for (attempt = 0; attempt < ATTEMPTS; attempt++) {
		kept = quota->fd != -1;
		errno = 0;
		status = ask_once(quota, user, bytes, fits_r);
		if (status == STATUS_OK || status == STATUS_NOMEM)
			return status;
		/* A kept connection ends when Dovecot was restarted. */
		if (!kept || status == STATUS_TIMEOUT)
			break;
	}
	log_error("quota: %s: %s", quota->socket,
	    status == STATUS_TIMEOUT ? "no answer in time" :
		errno != 0           ? strerror(errno) :
				       "no answer that makes sense");
	return status == STATUS_TIMEOUT ? STATUS_TIMEOUT : STATUS_IO;
}
