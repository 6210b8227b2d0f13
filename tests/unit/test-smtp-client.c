/* One message to a mail server that answers by a script of the test. */
#include "config.h"

#include "lib/net/smtp-client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "tests/unit/fake-server.h"
#include "tests/unit/unit.h"

#define REPLIES_MAX 8
#define HEARD_BYTES 2000
#define HURRY_MS    100
#define PATIENCE_MS 10000
#define LONG_LINES  120
#define LONG_BYTES  3000
#define TEXT        "Subject: x\n\n.\n..b\r\nlast without an end"
#define TEXT_AS_SENT \
	"Subject: x\r\n\r\n..\r\n...b\r\nlast without an end\r\n.\r\n"
#define COMMANDS      "EHLO mx.test\r\n" MAIL_COMMANDS
#define MAIL_COMMANDS "MAIL FROM:<>\r\nRCPT TO:<postmaster>\r\nDATA\r\n"

/* What a server says: to the connection, to each line, to the final dot. */
static const struct dialog_case {
	const char *name;
	const char *replies[REPLIES_MAX]; /* NULL: it says nothing more */
	enum status status;
	const char *reason;
	const char *heard; /* NULL: whatever */
} cases[] = {
	{ "sent",
	    { "220 mx\r\n", "250-mx\r\n250-PIPELINING\r\n250 8BITMIME\r\n",
		"250 ok\r\n", "250 ok\r\n", "354 go on\r\n", "250 queued\r\n",
		"221 bye\r\n" },
	    STATUS_OK, "", COMMANDS TEXT_AS_SENT "QUIT\r\n" },
	{ "bare codes and another digit",
	    { "220\r\n", "250\n", "250\r\n", "251\r\n", "354\r\n", "250\r\n" },
	    STATUS_OK, "", COMMANDS TEXT_AS_SENT "QUIT\r\n" },
	{ "no EHLO",
	    { "220 mx\r\n", "502 what?\r\n", "250 mx\r\n", "250 ok\r\n",
		"250 ok\r\n", "354 go on\r\n", "250 queued\r\n" },
	    STATUS_OK, "",
	    "EHLO mx.test\r\nHELO mx.test\r\n" MAIL_COMMANDS TEXT_AS_SENT
	    "QUIT\r\n" },
	{ "not welcome", { "554-go\r\n554 away\x01\r\n" }, STATUS_INVALID,
	    "connect: 554 away?", "QUIT\r\n" },
	{ "recipient unknown",
	    { "220 mx\r\n", "250 mx\r\n", "250 ok\r\n", "550 5.1.1 who?\r\n" },
	    STATUS_INVALID, "RCPT: 550 5.1.1 who?",
	    "EHLO mx.test\r\nMAIL FROM:<>\r\nRCPT TO:<postmaster>\r\n"
	    "QUIT\r\n" },
	{ "deferred at the end",
	    { "220 mx\r\n", "250 mx\r\n", "250 ok\r\n", "250 ok\r\n",
		"354 go on\r\n", "451 4.7.1 later\r\n" },
	    STATUS_INVALID, "end of DATA: 451 4.7.1 later",
	    COMMANDS TEXT_AS_SENT "QUIT\r\n" },
	{ "no mail server", { "SSH-2.0-OpenSSH\r\n" }, STATUS_INVALID,
	    "connect: SSH-2.0-OpenSSH", NULL },
	{ "a code out of range", { "620 mx\r\n" }, STATUS_INVALID,
	    "connect: 620 mx", NULL },
	{ "silence", { NULL }, STATUS_TIMEOUT, "connect: timed out", NULL },
	{ "an answer without an end", { "220 mx" }, STATUS_TIMEOUT,
	    "connect: timed out", NULL },
	{ "it hangs up", { "220 mx\r\n", "" }, STATUS_IO,
	    "EHLO: the server closed the connection", NULL },
};

struct script {
	const char *const *replies;
	sem_t served; /* the client has left, or was left */
	size_t heard_length;
	char heard[HEARD_BYTES];
};

/* Reads one more byte into heard; false: the client left. */
static bool
hear(struct script *script, struct fake_server *server, int fd)
{
	if (script->heard_length + 1 >= sizeof(script->heard) ||
	    !fake_server_wait(server, fd) ||
	    recv(fd, script->heard + script->heard_length, 1, 0) != 1)
		return false;
	script->heard[++script->heard_length] = '\0';
	return true;
}

static bool
heard_ends_in(const struct script *script, const char *end)
{
	size_t length = strlen(end);

	return script->heard_length >= length &&
	    strcmp(script->heard + script->heard_length - length, end) == 0;
}

static void
follow(struct script *script, struct fake_server *server, int fd)
{
	const char *reply, *end;
	size_t i;

	for (i = 0; (reply = script->replies[i]) != NULL; i++) {
		if (reply[0] == '\0' ||
		    !fake_server_send(fd, reply, strlen(reply)))
			return;
		end = strncmp(reply, "354", 3) == 0 ? "\r\n.\r\n" : "\r\n";
		do {
			if (!hear(script, server, fd))
				return;
		} while (!heard_ends_in(script, end));
	}
	while (hear(script, server, fd))
		continue;
}

static void
serve(struct fake_server *server, int fd, void *argument)
{
	struct script *script = argument;

	follow(script, server, fd);
	sem_post(&script->served);
}

static struct socket_spec
spec_of(const struct fake_server *server)
{
	const char *port = strchr(fake_server_address(server), ':') + 1;
	struct socket_spec spec;
	char text[100];

	snprintf(text, sizeof(text), "inet:%s@127.0.0.1", port);
	assert_int_equal(socket_spec_parse(text, &spec), STATUS_OK);
	return spec;
}

static enum status
send_to(const struct socket_spec *spec, const char *recipient,
    int64_t timeout_ms, char reason[SMTP_CLIENT_REASON_BYTES])
{
	struct smtp_client_mail mail = { spec, "mx.test", "", recipient,
		span_of(TEXT) };

	return smtp_client_send(&mail, clock_now_ms() + timeout_ms, reason);
}

static void
check_case(const struct dialog_case *c)
{
	struct script script = { .replies = c->replies };
	struct fake_server *server = fake_server_new(serve, &script);
	struct socket_spec spec = spec_of(server);
	char reason[SMTP_CLIENT_REASON_BYTES];
	enum status status;

	assert_int_equal(sem_init(&script.served, 0, 0), 0);
	status = send_to(&spec, "postmaster",
	    c->status == STATUS_TIMEOUT ? HURRY_MS : PATIENCE_MS, reason);
	assert_int_equal(sem_wait(&script.served), 0);
	fake_server_free(&server);
	if (status != c->status || strcmp(reason, c->reason) != 0)
		fail_msg("%s: %s: %s", c->name, status_text(status), reason);
	if (c->heard != NULL && strcmp(script.heard, c->heard) != 0)
		fail_msg("%s: heard\n%s", c->name, script.heard);
}

static void
test_dialogs(void **state GP_UNUSED)
{
	size_t i;

	for (i = 0; i < GP_NELEMS(cases); i++)
		check_case(&cases[i]);
}

/* Replies without an end do not keep us. */
static void
test_endless(void **state GP_UNUSED)
{
	static char lines[LONG_LINES * 9 + 1], line[LONG_BYTES + 3];
	const struct dialog_case many = { "many lines", { lines },
		STATUS_INVALID, "connect: the reply does not end", NULL };
	const struct dialog_case length = { "a long line", { line },
		STATUS_INVALID, "connect: a line of the reply is too long",
		NULL };
	size_t i;

	for (i = 0; i < LONG_LINES; i++)
		memcpy(lines + 9 * i, "220-more\n", 9);
	memset(line, '2', LONG_BYTES);
	memcpy(line + LONG_BYTES, "\r\n", 2);
	check_case(&many);
	check_case(&length);
}

/* Nothing of an address becomes a command. */
static void
test_bad_addresses(void **state GP_UNUSED)
{
	static const char *const bad[] = { "a@b.test\r\nDATA", "a b", "<a>",
		"a\x80" };
	struct script script = { .replies = cases[0].replies };
	struct fake_server *server = fake_server_new(serve, &script);
	struct socket_spec spec = spec_of(server);
	char reason[SMTP_CLIENT_REASON_BYTES];
	size_t i;

	for (i = 0; i < GP_NELEMS(bad); i++)
		assert_int_equal(send_to(&spec, bad[i], PATIENCE_MS, reason),
		    STATUS_INVALID);
	fake_server_free(&server);
	assert_int_equal(script.heard_length, 0);
}

/* A port that was free a moment ago. */
static void
test_nobody_listens(void **state GP_UNUSED)
{
	struct script script = { .replies = cases[0].replies };
	struct fake_server *server = fake_server_new(serve, &script);
	struct socket_spec spec = spec_of(server);
	char reason[SMTP_CLIENT_REASON_BYTES];

	fake_server_free(&server);
	assert_int_equal(
	    send_to(&spec, "postmaster", PATIENCE_MS, reason), STATUS_IO);
	assert_string_equal(reason, "connect: Connection refused");
	assert_int_equal(
	    socket_spec_parse("unix:/nonexistent/socket", &spec), STATUS_OK);
	assert_int_equal(
	    send_to(&spec, "postmaster", PATIENCE_MS, reason), STATUS_IO);
	assert_string_equal(reason, "connect: No such file or directory");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dialogs),
		cmocka_unit_test(test_endless),
		cmocka_unit_test(test_bad_addresses),
		cmocka_unit_test(test_nobody_listens),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
