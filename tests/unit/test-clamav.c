/*
 * INSTREAM against a server that answers right, wrong, late or never: what is
 * sent to it, what is understood, and what is logged.
 */
#include "config.h"

#include "lib/clamav/clamav.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/strbuf.h"
#include "lib/clamav/clamav-health.h"
#include "tests/unit/fake-server.h"
#include "tests/unit/log-capture.h"
#include "tests/unit/unit.h"

#define LONG_MS        60000 /* no test waits so long */
#define SHORT_MS       150
#define SIZE_MAX_BYTES 65536
#define RECEIVED_MAX   ((size_t)64 * 1024 * 1024)
#define REPLY(text)    text, sizeof(text) /* with its NUL */
#define PART(text)     text, sizeof(text) - 1

enum behaviour {
	READS_ALL,   /* then answers */
	READS_LITTLE /* answers behind the first frame, and leaves */
};

struct fake_clamd {
	enum behaviour behaviour;
	const char *reply;
	size_t reply_length;
	_Atomic bool may_read;
	bool saw_end; /* these are the server's until it has ended */
	struct strbuf *received;
};

static bool
receive_all(int fd, void *data, size_t length)
{
	return recv(fd, data, length, MSG_WAITALL) == (ssize_t)length;
}

/* One frame; false: the last one, or there is none. */
static bool
receive_frame(struct fake_clamd *clamd, int fd)
{
	unsigned char head[4];
	size_t length;
	char *data;

	if (!receive_all(fd, head, sizeof(head)))
		return false;
	length = (size_t)head[0] << 24 | (size_t)head[1] << 16 |
	    (size_t)head[2] << 8 | head[3];
	if (length == 0) {
		clamd->saw_end = true;
		return false;
	}
	data = malloc(length);
	if (data != NULL && receive_all(fd, data, length))
		strbuf_add(clamd->received, data, length);
	free(data);
	return true;
}

static void
serve(struct fake_server *server, int fd, void *argument)
{
	struct fake_clamd *clamd = argument;
	char command[10] = "";

	while (!atomic_load(&clamd->may_read))
		usleep(1000);
	if (clamd->reply == NULL ||
	    !receive_all(fd, command, sizeof(command)) ||
	    memcmp(command, "zINSTREAM", sizeof(command)) != 0)
		return;
	while (receive_frame(clamd, fd))
		if (clamd->behaviour == READS_LITTLE)
			break;
	/* In two pieces, as the network may do. */
	(void)fake_server_send(fd, clamd->reply, clamd->reply_length / 2);
	(void)fake_server_send(fd, clamd->reply + clamd->reply_length / 2,
	    clamd->reply_length - clamd->reply_length / 2);
	if (clamd->reply_length == 0)
		(void)fake_server_wait(server, fd);
}

static void
clamd_init(struct fake_clamd *clamd, enum behaviour behaviour,
    const char *reply, size_t reply_length)
{
	memset(clamd, 0, sizeof(*clamd));
	clamd->behaviour = behaviour;
	clamd->reply = reply;
	clamd->reply_length = reply_length;
	atomic_init(&clamd->may_read, true);
	clamd->received = strbuf_new(RECEIVED_MAX);
	assert_non_null(clamd->received);
}

/* "127.0.0.1:PORT" as the configuration has it. */
static void
conf_of(const char *address, char *text, size_t size, struct clamav_conf *conf)
{
	const char *colon = strchr(address, ':');

	assert_true((size_t)snprintf(
			text, size, "inet:%s@127.0.0.1", colon + 1) < size);
	memset(conf, 0, sizeof(*conf));
	conf->socket = text;
	conf->size_max = SIZE_MAX_BYTES;
}

/* The byte at a place of every message here. */
static char
byte_at(size_t i)
{
	return (char)('a' + i % 23);
}

/* In pieces of many sizes. */
static void
add_message(struct clamav_stream *stream, size_t length)
{
	char piece[50000];
	size_t i, done = 0, size = 1;

	while (done < length) {
		if (size > length - done)
			size = length - done;
		for (i = 0; i < size; i++)
			piece[i] = byte_at(done + i);
		clamav_add(stream, piece, size);
		done += size;
		size = size * 3 % sizeof(piece) + 1;
	}
}

static void
ask(const struct clamav_conf *conf, size_t length, int64_t timeout_ms,
    struct clamav_answer *answer)
{
	struct clamav_stream *stream;

	assert_int_equal(clamav_begin(conf, &stream), STATUS_OK);
	add_message(stream, length);
	clamav_finish(stream, clock_now_ms() + timeout_ms, answer);
	clamav_end(&stream);
	assert_null(stream);
}

static void
check_received(const struct fake_clamd *clamd, size_t length)
{
	const char *text = strbuf_text(clamd->received);
	size_t i;

	assert_int_equal(strbuf_length(clamd->received), length);
	for (i = 0; i < length; i++)
		if (text[i] != byte_at(i))
			fail_msg("byte %zu", i);
	assert_true(clamd->saw_end);
}

struct answer_case {
	const char *name;
	size_t length; /* of the message */
	enum behaviour behaviour;
	const char *reply; /* NULL: the connection is closed at once */
	size_t reply_length;
	enum clamav_result result;
	const char *text; /* NULL: any but "" */
	int64_t timeout_ms;
};

static char endless[2000];

static const struct answer_case answer_cases[] = {
	{ "found", 1000, READS_ALL, REPLY("stream: Eicar-Test FOUND"),
	    CLAMAV_FOUND, "Eicar-Test", LONG_MS },
	{ "found in the first part", SIZE_MAX_BYTES + 1, READS_ALL,
	    REPLY("stream: X.1 FOUND"), CLAMAV_FOUND, "X.1", LONG_MS },
	{ "found, two names", 10, READS_ALL, REPLY("stream: A B FOUND"),
	    CLAMAV_FOUND, "A B", LONG_MS },
	{ "found before the end", 60000, READS_LITTLE,
	    REPLY("stream: Early FOUND"), CLAMAV_FOUND, "Early", LONG_MS },
	{ "hostile name", 1, READS_ALL,
	    REPLY("stream: a\x1b[31m\r\n550 b\xff FOUND"), CLAMAV_FOUND,
	    "a?[31m??550 b?", LONG_MS },
	{ "clean", 1000, READS_ALL, REPLY("stream: OK"), CLAMAV_CLEAN, "",
	    LONG_MS },
	{ "empty", 0, READS_ALL, REPLY("stream: OK"), CLAMAV_CLEAN, "",
	    LONG_MS },
	{ "as long as allowed", SIZE_MAX_BYTES, READS_ALL, REPLY("stream: OK"),
	    CLAMAV_CLEAN, "", LONG_MS },
	{ "longer", SIZE_MAX_BYTES + 1, READS_ALL, REPLY("stream: OK"),
	    CLAMAV_PARTLY, "", LONG_MS },
	{ "limit of clamd", 60000, READS_ALL,
	    REPLY("stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND"),
	    CLAMAV_PARTLY, "", LONG_MS },
	{ "no limit", 60000, READS_ALL,
	    REPLY("stream: Heuristics.Encrypted.Zip FOUND"), CLAMAV_FOUND,
	    "Heuristics.Encrypted.Zip", LONG_MS },
	{ "limit", 60000, READS_LITTLE,
	    REPLY("INSTREAM size limit exceeded. ERROR"), CLAMAV_LIMIT, "",
	    LONG_MS },
	{ "error", 10, READS_ALL,
	    REPLY("INSTREAM: Can't write to temporary file. ERROR"),
	    CLAMAV_FAILED,
	    "it answers \"INSTREAM: Can't write to temporary file. ERROR\"",
	    LONG_MS },
	{ "garbage", 10, READS_ALL, REPLY("\x01\x02%s%n\xff"), CLAMAV_FAILED,
	    "it answers \"??%s%n?\"", LONG_MS },
	{ "empty answer", 10, READS_ALL, REPLY(""), CLAMAV_FAILED,
	    "it answers \"\"", LONG_MS },
	{ "no name", 10, READS_ALL, REPLY("stream:  FOUND"), CLAMAV_FAILED,
	    NULL, LONG_MS },
	{ "FOUND alone", 10, READS_ALL, REPLY(" FOUND"), CLAMAV_FAILED, NULL,
	    LONG_MS },
	{ "OK and more", 10, READS_ALL, REPLY("stream: OK FOUNDLING"),
	    CLAMAV_FAILED, NULL, LONG_MS },
	{ "no end", 10, READS_ALL, endless, sizeof(endless), CLAMAV_FAILED,
	    "an answer without an end", LONG_MS },
	{ "half an answer", 10, READS_ALL, PART("stream: OK"), CLAMAV_FAILED,
	    "it closed the connection without an answer", LONG_MS },
	{ "closed at once", 10, READS_ALL, NULL, 0, CLAMAV_FAILED, NULL,
	    LONG_MS },
	{ "closed at once, a long message", SIZE_MAX_BYTES, READS_ALL, NULL, 0,
	    CLAMAV_FAILED, NULL, LONG_MS },
	{ "silence", 10, READS_ALL, PART(""), CLAMAV_FAILED,
	    "no answer in time", SHORT_MS },
	{ "no time", 10, READS_ALL, PART(""), CLAMAV_FAILED,
	    "no answer in time", 0 },
};

static void
check_case(const struct answer_case *c, const struct fake_clamd *clamd,
    const struct clamav_answer *answer)
{
	size_t most =
	    c->length < SIZE_MAX_BYTES ? c->length : (size_t)SIZE_MAX_BYTES;

	if (answer->result != c->result ||
	    (c->text == NULL ? answer->text[0] == '\0' :
			       strcmp(answer->text, c->text) != 0))
		fail_msg("%s: %s \"%s\"", c->name,
		    clamav_result_text(answer->result), answer->text);
	if (c->reply != NULL && c->behaviour == READS_ALL &&
	    c->timeout_ms == LONG_MS)
		check_received(clamd, most);
}

static void
test_answers(void **state GP_UNUSED)
{
	const struct answer_case *c;
	struct fake_server *server;
	struct clamav_answer answer;
	struct fake_clamd clamd;
	struct clamav_conf conf;
	char text[64];
	size_t i;

	memset(endless, 'x', sizeof(endless));
	for (i = 0; i < GP_NELEMS(answer_cases); i++) {
		c = &answer_cases[i];
		clamd_init(&clamd, c->behaviour, c->reply, c->reply_length);
		server = fake_server_new(serve, &clamd);
		conf_of(fake_server_address(server), text, sizeof(text), &conf);
		ask(&conf, c->length, c->timeout_ms, &answer);
		fake_server_free(&server);
		check_case(c, &clamd, &answer);
		strbuf_free(&clamd.received);
	}
}

/* More than the sockets hold, while the server does not read. */
static void
test_slow_reader(void **state GP_UNUSED)
{
	const size_t length = (size_t)16 * 1024 * 1024;
	struct clamav_stream *stream;
	struct fake_server *server;
	struct clamav_answer answer;
	struct fake_clamd clamd;
	struct clamav_conf conf;
	char text[64];

	clamd_init(&clamd, READS_ALL, REPLY("stream: OK"));
	atomic_store(&clamd.may_read, false);
	server = fake_server_new(serve, &clamd);
	conf_of(fake_server_address(server), text, sizeof(text), &conf);
	conf.size_max = (int64_t)length;
	assert_int_equal(clamav_begin(&conf, &stream), STATUS_OK);
	add_message(stream, length); /* comes back though nobody reads */
	atomic_store(&clamd.may_read, true);
	clamav_finish(stream, clock_now_ms() + LONG_MS, &answer);
	clamav_end(&stream);
	fake_server_free(&server);
	assert_int_equal(answer.result, CLAMAV_CLEAN);
	check_received(&clamd, length);
	strbuf_free(&clamd.received);
}

/* A message that is given up closes its connection. */
static void
test_given_up(void **state GP_UNUSED)
{
	struct clamav_stream *stream;
	struct fake_server *server;
	struct fake_clamd clamd;
	struct clamav_conf conf;
	char text[64];

	clamd_init(&clamd, READS_ALL, REPLY("stream: OK"));
	server = fake_server_new(serve, &clamd);
	conf_of(fake_server_address(server), text, sizeof(text), &conf);
	assert_int_equal(clamav_begin(&conf, &stream), STATUS_OK);
	add_message(stream, 10);
	clamav_end(&stream);
	clamav_end(&stream);
	fake_server_free(&server);
	assert_false(clamd.saw_end);
	strbuf_free(&clamd.received);
}

static void
test_nobody_there(void **state GP_UNUSED)
{
	struct fake_server *server;
	struct clamav_answer answer;
	struct fake_clamd clamd;
	struct clamav_conf conf;
	char text[64];

	clamd_init(&clamd, READS_ALL, NULL, 0);
	server = fake_server_new(serve, &clamd);
	conf_of(fake_server_address(server), text, sizeof(text), &conf);
	fake_server_free(&server);
	strbuf_free(&clamd.received);
	ask(&conf, SIZE_MAX_BYTES, LONG_MS, &answer);
	assert_int_equal(answer.result, CLAMAV_FAILED);
	assert_string_equal(answer.text, "Connection refused");
	conf.socket = "unix:/nonexistent/clamd.ctl";
	ask(&conf, 10, LONG_MS, &answer);
	assert_int_equal(answer.result, CLAMAV_FAILED);
	assert_string_equal(answer.text, "No such file or directory");
}

static void
note(struct clamav_health *health, const struct clamav_conf *conf,
    enum clamav_result result, int64_t now_ms)
{
	struct clamav_answer answer = { .result = result,
		.text = "it is away" };

	clamav_health_note(health, conf, &answer, now_ms);
}

static void
test_log(void **state GP_UNUSED)
{
	struct clamav_conf conf = { .socket = "unix:/clamd",
		.on_failure = CLAMAV_ON_FAILURE_TEMPFAIL };
	struct clamav_health *health = clamav_health_new();
	int64_t now_ms;

	assert_non_null(health);
	log_open("test", false, LOG_LEVEL_INFO);
	log_capture_start();
	note(health, &conf, CLAMAV_CLEAN, 0);
	assert_int_equal(log_capture_count(""), 0);
	for (now_ms = 1000; now_ms < 180000; now_ms += 1000)
		note(health, &conf, CLAMAV_FAILED, now_ms);
	assert_int_equal(log_capture_count("clamd (unix:/clamd) cannot check "
					   "mail: it is away; mail is "
					   "deferred"),
	    3);
	note(health, &conf, CLAMAV_FOUND, now_ms);
	note(health, &conf, CLAMAV_CLEAN, now_ms);
	assert_int_equal(log_capture_count("checks mail again"), 1);
	conf.on_failure = CLAMAV_ON_FAILURE_ACCEPT;
	note(health, &conf, CLAMAV_FAILED, now_ms + 500);
	assert_int_equal(log_capture_count("mail goes on unchecked"), 0);
	note(health, &conf, CLAMAV_FAILED, now_ms + 60000);
	assert_int_equal(log_capture_count("mail goes on unchecked"), 1);
	note(health, &conf, CLAMAV_LIMIT, now_ms);
	note(health, &conf, CLAMAV_LIMIT, now_ms + 1);
	assert_int_equal(log_capture_count("StreamMaxLength"), 1);
	conf.on_too_large = CLAMAV_ON_TOO_LARGE_TEMPFAIL;
	note(health, &conf, CLAMAV_PARTLY, now_ms);
	note(health, &conf, CLAMAV_PARTLY, now_ms + 1);
	assert_int_equal(
	    log_capture_count("limit of clamd, is not checked for viruses to "
			      "its end; it is deferred"),
	    1);
	log_capture_stop();
	clamav_health_free(&health);
	clamav_health_free(&health);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_slow_reader),
		cmocka_unit_test(test_given_up),
		cmocka_unit_test(test_nobody_there),
		cmocka_unit_test(test_log),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
