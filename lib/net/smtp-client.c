/* smtp-client - one message to a mail server (see smtp-client.h). */
#include "config.h"

#include "lib/net/smtp-client.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/net/smtp-reply.h"

#define LINE_BYTES_MAX 2048 /* RFC 5321 section 4.5.3.1.5 asks for 512 */
#define REPLY_BYTES    120  /* of a reply that is told */

struct dialog {
	struct stream *stream;
	char *reason;
};

static void
tell(const struct dialog *dialog, const char *command, struct span reply)
{
	char clean[REPLY_BYTES];

	(void)snprintf(dialog->reason, SMTP_CLIENT_REASON_BYTES, "%s: %s",
	    command, str_sanitize(clean, sizeof(clean), reply));
}

/* What a status of reading means in a dialog. */
static enum status
tell_broken(
    const struct dialog *dialog, const char *command, enum status status)
{
	const char *text = status_text(status);

	if (status == STATUS_NOTFOUND || status == STATUS_IO) {
		status = STATUS_IO;
		text = "the server closed the connection";
	} else if (status == STATUS_LIMIT) {
		status = STATUS_INVALID;
		text = "a line of the reply is too long";
	}
	tell(dialog, command, span_of(text));
	return status;
}

/* Reads a whole reply; its last digit does not matter (250, 251).  On another
 * code than wanted reason tells it. */
static enum status
expect(const struct dialog *dialog, const char *command, int wanted)
{
	struct span line;
	enum status status;
	int code;

	status = smtp_reply_read(dialog->stream, &code, &line);
	if (status != STATUS_OK && status != STATUS_INVALID)
		return tell_broken(dialog, command, status);
	if (status == STATUS_OK && code / 10 == wanted / 10)
		return STATUS_OK;
	tell(dialog, command,
	    line.data == NULL ? span_of("the reply does not end") : line);
	return STATUS_INVALID;
}

/* A server of old does not know EHLO (RFC 5321 section 3.2). */
static enum status
greet(const struct dialog *dialog, const char *helo)
{
	enum status status = expect(dialog, "connect", 220);

	if (status != STATUS_OK)
		return status;
	stream_printf(dialog->stream, "EHLO %s\r\n", helo);
	status = expect(dialog, "EHLO", 250);
	if (status != STATUS_INVALID)
		return status;
	stream_printf(dialog->stream, "HELO %s\r\n", helo);
	return expect(dialog, "HELO", 250);
}

/* Each line ends in CRLF, and one that begins with a dot gets another. */
static void
write_text(struct stream *stream, struct span text)
{
	struct span line;

	while (text.length > 0 && span_split(&text, '\n', &line)) {
		if (line.length > 0 && line.data[line.length - 1] == '\r')
			line.length--;
		if (line.length > 0 && line.data[0] == '.')
			stream_write(stream, ".", 1);
		stream_write(stream, line.data, line.length);
		stream_write(stream, "\r\n", 2);
	}
	stream_write(stream, ".\r\n", 3);
}

static enum status
talk(const struct dialog *dialog, const struct smtp_client_mail *mail)
{
	enum status status = greet(dialog, mail->helo);

	if (status != STATUS_OK)
		return status;
	stream_printf(dialog->stream, "MAIL FROM:<%s>\r\n", mail->sender);
	if ((status = expect(dialog, "MAIL", 250)) != STATUS_OK)
		return status;
	stream_printf(dialog->stream, "RCPT TO:<%s>\r\n", mail->recipient);
	if ((status = expect(dialog, "RCPT", 250)) != STATUS_OK)
		return status;
	stream_printf(dialog->stream, "DATA\r\n");
	if ((status = expect(dialog, "DATA", 354)) != STATUS_OK)
		return status;
	write_text(dialog->stream, mail->text);
	return expect(dialog, "end of DATA", 250);
}

/* A word that fits a command line: it cannot end it. */
static bool
is_word(const char *text)
{
	size_t i;

	for (i = 0; text[i] != '\0'; i++)
		if (!ascii_is_print(text[i]) || strchr(" <>", text[i]) != NULL)
			return false;
	return i < LINE_BYTES_MAX / 4;
}

enum status
smtp_client_send(const struct smtp_client_mail *mail, int64_t deadline_ms,
    char reason[SMTP_CLIENT_REASON_BYTES])
{
	struct dialog dialog = { NULL, reason };
	enum status status;
	int fd;

	reason[0] = '\0';
	if (!is_word(mail->helo) || !is_word(mail->sender) ||
	    !is_word(mail->recipient))
		return STATUS_INVALID;
	status =
	    socket_connect(mail->server, deadline_ms - clock_now_ms(), &fd);
	if (status != STATUS_OK) {
		tell(&dialog, "connect",
		    span_of(status == STATUS_IO ? strerror(errno) :
						  status_text(status)));
	} else if ((dialog.stream = stream_new(fd, fd, LINE_BYTES_MAX)) ==
	    NULL) {
		status = STATUS_NOMEM;
	} else {
		stream_set_deadline(dialog.stream, deadline_ms);
		status = talk(&dialog, mail);
		stream_printf(dialog.stream, "QUIT\r\n");
		(void)!stream_flush(dialog.stream); /* whatever was said */
	}
	if (status == STATUS_OK)
		reason[0] = '\0'; /* of an EHLO that was not known */
	stream_free(&dialog.stream);
	if (fd != -1)
		close(fd);
	return status;
}
