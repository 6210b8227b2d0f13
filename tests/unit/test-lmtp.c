/* The dialogue: what is said, what is answered, and what is delivered then. */
#include "config.h"

#include "deliver/lmtp.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include "tests/unit/deliver-fixture.h"

#define WAIT_MS 20000 /* longer than any machine needs */

struct session {
	struct place place;
	struct delivery_services *services;
	pthread_t thread;
	int ours, theirs, stop_fd;
	char heard[FILE_SIZE]; /* what was not asked for yet */
	size_t heard_length;
};

static void *
serve(void *argument)
{
	struct session *session = argument;
	struct stream *stream;

	stream = stream_new(session->theirs, session->theirs, LMTP_LINE_BYTES);
	lmtp_serve(session->services, session->place.settings, stream,
	    session->stop_fd);
	stream_free(&stream);
	close(session->theirs);
	return NULL;
}

static void
connect_to(struct session *session)
{
	int ends[2];

	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
	session->ours = ends[0];
	session->theirs = ends[1];
	session->heard_length = 0;
	assert_int_equal(
	    pthread_create(&session->thread, NULL, serve, session), 0);
}

static void
session_open(struct session *session, const char *keys)
{
	memset(session, 0, sizeof(*session));
	place_open(&session->place);
	place_configure(&session->place, "file", keys);
	assert_non_null(session->services = delivery_services_new());
	assert_int_not_equal(session->stop_fd = eventfd(0, EFD_CLOEXEC), -1);
	connect_to(session);
}

static void
hang_up(struct session *session)
{
	close(session->ours);
	pthread_join(session->thread, NULL);
}

static void
session_close(struct session *session)
{
	hang_up(session);
	close(session->stop_fd);
	delivery_services_free(&session->services);
	place_close(&session->place);
}

static void
say_bytes(struct session *session, const char *data, size_t length)
{
	struct pollfd wait = { .fd = session->ours, .events = POLLOUT };
	ssize_t written;

	while (length > 0) {
		assert_int_equal(poll(&wait, 1, WAIT_MS), 1);
		written = write(session->ours, data, length);
		assert_true(written > 0);
		data += written;
		length -= (size_t)written;
	}
}

static void
say(struct session *session, const char *text)
{
	say_bytes(session, text, strlen(text));
}

/* The next line that we hear, without CRLF; "" at the end. */
static const char *
hear(struct session *session)
{
	static char line[FILE_SIZE];
	struct pollfd wait = { .fd = session->ours, .events = POLLIN };
	char *heard = session->heard, *end;
	ssize_t length;

	while (
	    (end = memmem(heard, session->heard_length, "\r\n", 2)) == NULL) {
		assert_int_equal(poll(&wait, 1, WAIT_MS), 1);
		length = read(session->ours, heard + session->heard_length,
		    FILE_SIZE - session->heard_length);
		if (length <= 0)
			return "";
		session->heard_length += (size_t)length;
	}
	memcpy(line, heard, (size_t)(end - heard));
	line[end - heard] = '\0';
	session->heard_length -= (size_t)(end + 2 - heard);
	memmove(heard, end + 2, session->heard_length);
	return line;
}

/* Each reply must begin so; NULL behind the last. */
static void
assert_hears(struct session *session, const char *const *starts)
{
	const char *line;

	for (; *starts != NULL; starts++) {
		line = hear(session);
		if (strncmp(line, *starts, strlen(*starts)) != 0)
			fail_msg(
			    "\"%s\" where \"%s\" should be", line, *starts);
	}
}

#define HEARS(session, ...) \
	assert_hears(session, (const char *const[]){ __VA_ARGS__, NULL })

static void
greet(struct session *session)
{
	HEARS(session, "220 ");
	say(session, "LHLO client\r\n");
	HEARS(session, "250-", "250-PIPELINING", "250-8BITMIME", "250-SMTPUTF8",
	    "250-ENHANCEDSTATUSCODES", "250 SIZE");
}

#define INBOX_OF_ALICE "alice home/Maildir/new"
#define INBOX_OF_BOB   "example.com/bob/Maildir/new"

/* The only message of alice. */
static void
assert_message(const struct session *session, const char *wanted)
{
	char name[256], text[FILE_SIZE];
	size_t length;

	assert_int_equal(place_list(&session->place, INBOX_OF_ALICE, name), 1);
	length = place_read(&session->place, INBOX_OF_ALICE, name, text);
	assert_int_equal(length, strlen(text));
	assert_string_equal(text, wanted);
}

static void
test_single_steps(void **state GP_UNUSED)
{
	struct session session;

	session_open(&session, "");
	greet(&session);
	say(&session, "MAIL FROM:<s@x>\r\n");
	HEARS(&session, "250 2.1.0");
	say(&session, "RCPT TO:<alice@example.com>\r\n");
	HEARS(&session, "250 2.1.5 <alice@example.com> OK");
	say(&session, "DATA\r\n");
	HEARS(&session, "354 ");
	say(&session, "Subject: x\r\n\r\n..\r\n.\r\n");
	HEARS(&session, "250 2.0.0 <alice@example.com> Saved");
	assert_message(&session,
	    "Return-Path: <s@x>\nDelivered-To: alice@example.com\n"
	    "Subject: x\n\n.\n");
	say(&session, "QUIT\r\n");
	HEARS(&session, "221 ");
	assert_string_equal(hear(&session), "");
	session_close(&session);
}

/* A burst with answers of all kinds; one answer each accepted recipient. */
static void
test_pipelined(void **state GP_UNUSED)
{
	struct session session;

	session_open(&session, "");
	greet(&session);
	say(&session,
	    "MAIL FROM:<> BODY=8BITMIME SIZE=99 SMTPUTF8\r\n"
	    "RCPT TO:<alice@example.com>\r\n"
	    "RCPT TO:<nobody@example.com>\r\n"
	    "RCPT TO:<root@example.com>\r\n"
	    "RCPT TO:<bob+x@example.com>\r\n"
	    "DATA\r\n");
	HEARS(&session, "250 2.1.0", "250 2.1.5 <alice@", "550 5.1.1 <nobody@",
	    "451 4.3.0 <root@", "250 2.1.5 <bob+x@", "354 ");
	say(&session, "x\r\n.\r\nQUIT\r\n");
	HEARS(&session, "250 2.0.0 <alice@", "250 2.0.0 <bob+x@", "221 ");
	assert_message(
	    &session, "Return-Path: <>\nDelivered-To: alice@example.com\nx\n");
	assert_int_equal(place_list(&session.place, INBOX_OF_BOB, NULL), 1);
	session_close(&session);
}

/* The very same address twice is one message and two answers. */
static void
test_same_recipient(void **state GP_UNUSED)
{
	struct session session;

	session_open(&session, "");
	greet(&session);
	say(&session,
	    "MAIL FROM:<s@x>\r\nRCPT TO:<alice@example.com>\r\n"
	    "RCPT TO:<alice@example.com>\r\nDATA\r\n");
	HEARS(&session, "250", "250", "250", "354");
	say(&session, "x\r\n.\r\n");
	HEARS(&session, "250 2.0.0", "250 2.0.0");
	assert_int_equal(place_list(&session.place, INBOX_OF_ALICE, NULL), 1);
	session_close(&session);
}

static void
test_order(void **state GP_UNUSED)
{
	static const struct {
		const char *say;
		const char *hear;
	} cases[] = {
		{ "MAIL FROM:<s@x>", "503 5.5.1" },
		{ "RCPT TO:<alice@example.com>", "503 5.5.1" },
		{ "DATA", "503 5.5.1" },
		{ "HELO x", "500 5.5.1" },
		{ "EHLO x", "500 5.5.1" },
		{ "LHLO", "501 5.5.4" },
		{ "NOOP", "250 2.0.0" },
		{ "RSET", "250 2.0.0" },
		{ "MAIL FROM:<s@x>", "503 5.5.1" },
		{ "VRFY alice", "252" },
		{ "BDAT 3", "500 5.5.1" },
		{ "", "500 5.5.1" },
	};

	static const struct {
		const char *say;
		const char *hear;
	} greeted[] = {
		{ "mail from:<s@x> X=Y", "555 5.5.4" },
		{ "MAIL FROM:<s@x> SIZE=x", "501 5.5.4" },
		{ "MAIL FROM:<s@x> SIZE=101", "552 5.3.4" },
		{ "MAIL FROM:<s@x> BODY=BINARYMIME", "501 5.5.4" },
		{ "MAIL FROM:<s@x> SMTPUTF8=1", "555 5.5.4" },
		{ "MAIL FROM:s@x", "501 5.5.4" },
		{ "MAIL FROM:<a\x01@x>", "501 5.1.7" },
		{ "DATA", "503 5.5.1" },
		{ "mail FROM:<s@x> SIZE=100", "250 2.1.0" },
		{ "MAIL FROM:<s@x>", "503 5.5.1" },
		{ "LHLO again", "503 5.5.1" },
		{ "DATA", "503 5.5.1" },
		{ "RCPT TO:<>", "501 5.5.4" },
		{ "RCPT TO:<alice@>", "501 5.1.3" },
		{ "RCPT TO:<alice@example.com> NOTIFY=NEVER", "555 5.5.4" },
		{ "RCPT TO:<nobody@example.com>", "550 5.1.1" },
		{ "DATA", "503 5.5.1" },
		{ "RCPT TO:<alice@example.com>", "250 2.1.5" },
		{ "RCPT TO:<bob@example.com>", "250 2.1.5" },
		{ "RCPT TO:<bob+1@example.com>", "452 4.5.3" },
		{ "RCPT TO:<\x01>", "452 4.5.3 <?>" },
		{ "RSET", "250 2.0.0" },
		{ "DATA", "503 5.5.1" },
	};
	struct session session;
	size_t i;

	session_open(&session, "recipients_max = 2\n\tmessage_size_max = 100");
	HEARS(&session, "220 ");
	for (i = 0; i < GP_NELEMS(cases); i++) {
		say(&session, cases[i].say);
		say(&session, "\r\n");
		HEARS(&session, cases[i].hear);
	}
	hang_up(&session);
	connect_to(&session);
	greet(&session);
	for (i = 0; i < GP_NELEMS(greeted); i++) {
		say(&session, greeted[i].say);
		say(&session, "\r\n");
		HEARS(&session, greeted[i].hear);
	}
	session_close(&session);
}

static void
test_too_many_errors(void **state GP_UNUSED)
{
	struct session session;
	int i;

	session_open(&session, "");
	HEARS(&session, "220 ");
	for (i = 0; i < 20; i++) {
		say(&session, "NONSENSE\r\n");
		HEARS(&session, "500 5.5.1");
	}
	HEARS(&session, "421 4.7.0");
	assert_string_equal(hear(&session), "");
	session_close(&session);
}

static void
test_long_line(void **state GP_UNUSED)
{
	char line[LMTP_LINE_BYTES + 100];
	struct session session;

	session_open(&session, "");
	greet(&session);
	memset(line, 'x', sizeof(line));
	say_bytes(&session, line, sizeof(line));
	say(&session, "\r\nNOOP\r\n");
	HEARS(&session, "500 5.5.2", "250 2.0.0");
	session_close(&session);
}

static void
test_too_large(void **state GP_UNUSED)
{
	struct session session;

	session_open(&session, "message_size_max = 10");
	greet(&session);
	say(&session,
	    "MAIL FROM:<s@x>\r\nRCPT TO:<alice@example.com>\r\nDATA\r\n");
	HEARS(&session, "250", "250", "354");
	say(&session, "more than ten\r\n.\r\n");
	HEARS(&session, "552 5.3.4 <alice@example.com>");
	say(&session,
	    "MAIL FROM:<s@x>\r\nRCPT TO:<alice@example.com>\r\nDATA\r\n");
	HEARS(&session, "250", "250", "354");
	say(&session, "few\r\n.\r\n");
	HEARS(&session, "250 2.0.0");
	session_close(&session);
}

/* Nothing is delivered of a message whose end was not heard. */
static void
test_client_goes(void **state GP_UNUSED)
{
	struct session session;

	session_open(&session, "");
	greet(&session);
	say(&session,
	    "MAIL FROM:<s@x>\r\nRCPT TO:<alice@example.com>\r\nDATA\r\n"
	    "Subject: x\r\n\r\nhalf\r\n");
	HEARS(&session, "250", "250", "354");
	hang_up(&session);
	assert_int_equal(place_list(&session.place, INBOX_OF_ALICE, NULL), 0);
	connect_to(&session);
	session_close(&session);
}

static void
send_message(struct session *session)
{
	greet(session);
	say(session,
	    "MAIL FROM:<s@x>\r\nRCPT TO:<alice@example.com>\r\nDATA\r\n");
	HEARS(session, "250", "250", "354");
	say(session, "the same\r\n.\r\n");
}

#define TMP_OF_ALICE "alice home/Maildir/tmp"

/* Who has not read the answer comes again, and gets no second copy. */
static void
test_answer_is_not_read(void **state GP_UNUSED)
{
	struct session session;

	session_open(&session, "");
	send_message(&session);
	/* The answer is there when the message is. */
	while (place_list(&session.place, INBOX_OF_ALICE, NULL) == 0 ||
	    poll(&(struct pollfd){ .fd = session.ours, .events = POLLIN }, 1,
		WAIT_MS) != 1)
		continue;
	hang_up(&session);
	assert_int_equal(place_list(&session.place, TMP_OF_ALICE, NULL), 1);
	connect_to(&session);
	send_message(&session);
	HEARS(&session, "250 2.0.0 <alice@example.com> Saved before");
	assert_int_equal(place_list(&session.place, INBOX_OF_ALICE, NULL), 1);
	/* Now he knows: the same once more is another one. */
	hang_up(&session);
	assert_int_equal(place_list(&session.place, TMP_OF_ALICE, NULL), 0);
	connect_to(&session);
	send_message(&session);
	HEARS(&session, "250 2.0.0 <alice@example.com> Saved");
	say(&session, "NOOP\r\n");
	HEARS(&session, "250");
	assert_int_equal(place_list(&session.place, TMP_OF_ALICE, NULL), 0);
	assert_int_equal(place_list(&session.place, INBOX_OF_ALICE, NULL), 2);
	session_close(&session);
}

/* Told to stop, it finishes a message that has begun. */
static void
test_stop(void **state GP_UNUSED)
{
	struct session session;

	session_open(&session, "");
	greet(&session);
	say(&session,
	    "MAIL FROM:<s@x>\r\nRCPT TO:<alice@example.com>\r\nDATA\r\nx");
	HEARS(&session, "250", "250", "354");
	assert_int_equal(eventfd_write(session.stop_fd, 1), 0);
	say(&session, "y\r\n.\r\n");
	HEARS(&session, "250 2.0.0", "421 4.3.2");
	assert_string_equal(hear(&session), "");
	session_close(&session);
}

static void
test_timeout(void **state GP_UNUSED)
{
	struct session session;

	session_open(&session, "timeout = 1s");
	HEARS(&session, "220", "421 4.4.2");
	assert_string_equal(hear(&session), "");
	session_close(&session);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_single_steps),
		cmocka_unit_test(test_pipelined),
		cmocka_unit_test(test_same_recipient),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_too_many_errors),
		cmocka_unit_test(test_long_line),
		cmocka_unit_test(test_too_large),
		cmocka_unit_test(test_client_goes),
		cmocka_unit_test(test_answer_is_not_read),
		cmocka_unit_test(test_stop),
		cmocka_unit_test(test_timeout),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
