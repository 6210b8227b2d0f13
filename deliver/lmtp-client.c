/* lmtp-client - a client of Dovecot's LMTP server (see lmtp-client.h). */
#include "config.h"

#include "deliver/lmtp-client.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/net/smtp-reply.h"
#include "lib/net/socket.h"
#include "lib/net/stream.h"

#define LINE_BYTES      4096
#define REPLY_TEXT      200 /* bytes that are passed on */
#define BLOCK_BYTES     16384
#define ENHANCED_LENGTH 5 /* "5.2.2"; longer ones are rare and passed, too */

struct lmtp_client {
	const char *socket;
	int64_t connect_ms, store_ms;
	int fd; /* -1: not connected */
	struct stream *stream;
};

/* A reply; the text is that of its last line. */
struct reply {
	int code;
	char enhanced[12]; /* "": none */
	char text[REPLY_TEXT];
};

static const struct delivery_result away = { 451, "4.3.0",
	"Cannot hand the message to Dovecot now" };

struct lmtp_client *
lmtp_client_new(const char *socket, int64_t connect_ms, int64_t store_ms)
{
	struct lmtp_client *client;

	if ((client = calloc(1, sizeof(*client))) == NULL)
		return NULL;
	client->socket = socket;
	client->connect_ms = connect_ms;
	client->store_ms = store_ms;
	client->fd = -1;
	return client;
}

static void
disconnect(struct lmtp_client *client)
{
	stream_free(&client->stream);
	if (client->fd != -1)
		close(client->fd);
	client->fd = -1;
}

void
lmtp_client_free(struct lmtp_client **client)
{
	if (*client == NULL)
		return;
	disconnect(*client);
	free(*client);
	*client = NULL;
}

/* "5.2.2" in front of the text; false: there is none. */
static bool
take_enhanced(struct span *text, struct reply *reply)
{
	struct span rest = *text, word;
	size_t i;

	if (!span_split(&rest, ' ', &word) || word.length < ENHANCED_LENGTH ||
	    word.length >= sizeof(reply->enhanced) || word.data[1] != '.' ||
	    strchr("245", word.data[0]) == NULL)
		return false;
	for (i = 0; i < word.length; i++)
		if (!ascii_is_digit(word.data[i]) && word.data[i] != '.')
			return false;
	memcpy(reply->enhanced, word.data, word.length);
	reply->enhanced[word.length] = '\0';
	*text = rest;
	return true;
}

static enum status
read_reply(struct lmtp_client *client, int64_t timeout_ms, struct reply *reply)
{
	struct span line;
	enum status status;

	stream_set_deadline(client->stream, clock_now_ms() + timeout_ms);
	status = smtp_reply_read(client->stream, &reply->code, &line);
	if (status != STATUS_OK)
		return status;
	line = span_trim(span_from(line, SMTP_REPLY_CODE_DIGITS));
	reply->enhanced[0] = '\0';
	(void)take_enhanced(&line, reply);
	str_sanitize(reply->text, sizeof(reply->text), span_trim(line));
	return STATUS_OK;
}

/* Reads a reply; STATUS_INVALID if it has another code. */
static enum status
expect(struct lmtp_client *client, int code, struct reply *reply)
{
	enum status status = read_reply(client, client->connect_ms, reply);

	if (status == STATUS_OK && reply->code != code)
		status = STATUS_INVALID;
	return status;
}

static enum status
connect_to(struct lmtp_client *client, struct reply *reply)
{
	struct socket_spec spec;
	enum status status;

	if (client->fd != -1)
		return STATUS_OK;
	if (socket_spec_parse(client->socket, &spec) != STATUS_OK)
		return STATUS_INVALID;
	status = socket_connect(&spec, client->connect_ms, &client->fd);
	if (status != STATUS_OK)
		return status;
	client->stream = stream_new(client->fd, client->fd, LINE_BYTES);
	if (client->stream == NULL)
		return STATUS_NOMEM;
	if ((status = expect(client, 220, reply)) != STATUS_OK)
		return status;
	stream_printf(client->stream, "LHLO gatepost\r\n");
	return expect(client, 250, reply);
}

/* Lines of the message with CRLF, and a dot doubled in front. */
static void
write_lines(struct stream *stream, struct span text, char *last)
{
	size_t i, from = 0;
	char c;

	for (i = 0; i < text.length; i++) {
		c = text.data[i];
		if (c == '\n' && *last != '\r') {
			stream_write(stream, text.data + from, i - from);
			stream_write(stream, "\r", 1);
			from = i;
		} else if (c == '.' && *last == '\n') {
			stream_write(stream, text.data + from, i - from);
			stream_write(stream, ".", 1);
			from = i;
		}
		*last = c;
	}
	stream_write(stream, text.data + from, text.length - from);
}

static enum status
write_message(
    struct lmtp_client *client, const struct lmtp_transaction *transaction)
{
	struct stream *stream = client->stream;
	enum status status = STATUS_OK;
	char block[BLOCK_BYTES], last = '\n';
	uint64_t offset = 0;
	size_t length = 1;

	write_lines(stream, transaction->prefix, &last);
	while (status == STATUS_OK && length > 0) {
		/* A server that is slow, and not one that hangs. */
		stream_set_deadline(stream, clock_now_ms() + client->store_ms);
		status = spool_read(
		    transaction->spool, offset, block, sizeof(block), &length);
		if (status != STATUS_OK)
			return status;
		write_lines(stream, (struct span){ block, length }, &last);
		offset += length;
		status = stream_flush(stream);
	}
	stream_printf(stream, "%s.\r\n", last == '\n' ? "" : "\r\n");
	return status == STATUS_OK ? stream_flush(stream) : status;
}

/*
 * The transaction up to a reply that is about the message.
 *
 * *refused_r  the reply is not that to the message: it was refused before
 */
static enum status
transact(struct lmtp_client *client, const struct lmtp_transaction *transaction,
    struct reply *reply, bool *refused_r)
{
	struct stream *stream = client->stream;
	enum status status;

	*refused_r = true;
	stream_printf(stream, "MAIL FROM:<%s>\r\n", transaction->sender);
	status = read_reply(client, client->connect_ms, reply);
	if (status != STATUS_OK || reply->code != 250)
		return status;
	stream_printf(stream, "RCPT TO:<%s>\r\n", transaction->recipient);
	status = read_reply(client, client->connect_ms, reply);
	if (status != STATUS_OK || reply->code / 100 != 2)
		return status;
	stream_printf(stream, "DATA\r\n");
	status = read_reply(client, client->connect_ms, reply);
	if (status != STATUS_OK || reply->code != 354)
		return status;
	*refused_r = false;
	status = write_message(client, transaction);
	if (status == STATUS_OK)
		status = read_reply(client, client->store_ms, reply);
	return status;
}

/* Whether the reply says something that our client should hear. */
static bool
is_passed_on(const struct reply *reply, bool refused)
{
	if (reply->code / 100 == 2)
		return !refused;
	if (reply->code / 100 == 4)
		return true;
	/* 5.5.x is about the protocol: we are to blame, and that may heal. */
	return reply->code / 100 == 5 && reply->enhanced[0] == '5' &&
	    strncmp(reply->enhanced, "5.5.", 4) != 0;
}

static struct delivery_result
result_of(struct region *region, const struct reply *reply)
{
	struct delivery_result result = { .code = reply->code };

	if (reply->code / 100 == 2)
		result.code = 250;
	result.enhanced = region_strdup(region,
	    reply->enhanced[0] != '\0' ? reply->enhanced :
		reply->code / 100 == 2 ? "2.0.0" :
					 "4.3.0");
	result.text = region_strdup(region, reply->text);
	if (result.enhanced == NULL || result.text == NULL)
		/* What was stored was stored. */
		return result.code == 250 ?
		    (struct delivery_result){ 250, "2.0.0", "Saved" } :
		    away;
	return result;
}

static struct delivery_result
say_failure(
    struct lmtp_client *client, enum status status, const struct reply *reply)
{
	int error = errno;

	if (reply->code != 0)
		log_error("lmtp: %s: said: %d %s %s", client->socket,
		    reply->code, reply->enhanced, reply->text);
	else
		log_error("lmtp: %s: %s", client->socket,
		    status == STATUS_IO ? strerror(error) :
					  status_text(status));
	disconnect(client);
	return away;
}

struct delivery_result
lmtp_client_send(struct lmtp_client *client, struct region *region,
    const struct lmtp_transaction *transaction)
{
	struct reply reply = { 0 };
	bool refused = true, kept = client->fd != -1;
	enum status status;

	status = connect_to(client, &reply);
	if (status == STATUS_OK)
		status = transact(client, transaction, &reply, &refused);
	/* A kept connection ends when Dovecot was restarted; nothing was sent
	 * then. */
	if (status != STATUS_OK && kept && refused) {
		disconnect(client);
		memset(&reply, 0, sizeof(reply));
		status = connect_to(client, &reply);
		if (status == STATUS_OK)
			status =
			    transact(client, transaction, &reply, &refused);
	}
	if (status != STATUS_OK || !is_passed_on(&reply, refused))
		return say_failure(client, status, &reply);
	/* A new connection is simpler than to find the way back. */
	if (refused)
		disconnect(client);
	return result_of(region, &reply);
}
