/* The mail to the postmaster: its words, and that it is sent once. */
#include "config.h"

#include "lib/guard/guard-notice.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/base/log.h"
#include "lib/store/store-conf.h"
#include "tests/unit/fake-server.h"
#include "tests/unit/log-capture.h"
#include "tests/unit/store-fixture.h"
#include "tests/unit/unit.h"

#define NOW        INT64_C(1790000000) /* Mon, 21 Sep 2026 13:33:20 UTC */
#define MAILS_MAX  8
#define MAIL_BYTES 8192

static struct guard_conf
make_conf(void)
{
	struct guard_conf conf = { 0 };

	conf.messages = (struct conf_rate){ 100, 60000 };
	conf.recipients = (struct conf_rate){ 1000, 3600000 };
	conf.duration = 3600000;
	conf.notify = "postmaster";
	conf.smtp = "";
	return conf;
}

static char *
text_of(const struct guard_notice *notice)
{
	struct strbuf *out = strbuf_new(GUARD_NOTICE_BYTES_MAX);
	char *text;

	assert_non_null(out);
	guard_notice_write(notice, out);
	assert_int_equal(strbuf_status(out), STATUS_OK);
	text = strdup(strbuf_text(out));
	assert_non_null(text);
	strbuf_free(&out);
	return text;
}

static void
check_text(const char *text, const char *const *parts)
{
	size_t i;

	for (i = 0; parts[i] != NULL; i++)
		if (strstr(text, parts[i]) == NULL)
			fail_msg("no \"%s\" in\n%s", parts[i], text);
}

static void
test_login_is_held(void **state GP_UNUSED)
{
	static const char *const parts[] = {
		"From: Gatepost <postmaster@mx.test>\n"
		"To: postmaster@mx.test\n"
		"Subject: Gatepost: mail of ann@example.com is held\n"
		"Date: Mon, 21 Sep 2026 14:13:20 +0000\n"
		"Message-ID: <1790000000.",
		"@mx.test>\nAuto-Submitted: auto-generated\n",
		"\n\nThe login ann@example.com has sent too much mail:\n"
		"more than 100 messages in 1m, on "
		"Mon, 21 Sep 2026 14:13:19 +0000.\n",
		"\n    100 of 100 messages in 1m\n"
		"    250 of 1000 recipients in 1h\n\n",
		"\n    2001:db8::1\n    192.0.2.1\n",
		"put on hold in the\nqueue of Postfix, until "
		"Mon, 21 Sep 2026 15:13:19 +0000.\n",
		"change the password and delete what is held",
		"\n    gatepost guard reset 'ann@example.com'\n",
		"postqueue -p",
		"postsuper -H QUEUE_ID",
		NULL,
	};
	struct guard_conf conf = make_conf();
	struct guard_notice notice = { .conf = &conf,
		.host = "mx.test",
		.sender = "ann@example.com",
		.state = { .is_over = true, .over_at = NOW - 1 },
		.used = { { 99.7, 250, 0 } },
		.client_count = 2,
		.now = NOW };
	char *text;

	assert_int_equal(
	    ip_parse("2001:db8::1", &notice.clients[0]), STATUS_OK);
	assert_int_equal(ip_parse("192.0.2.1", &notice.clients[1]), STATUS_OK);
	text = text_of(&notice);
	check_text(text, parts);
	assert_null(strstr(text, "junk"));
	free(text);
}

/* Nothing of a name becomes a header field or a command. */
static void
test_client_is_refused(void **state GP_UNUSED)
{
	static const char *const parts[] = {
		"To: admin@example.com\n",
		"Subject: Gatepost: mail of [192.0.2.1]'??\"; reboot is "
		"refused\n",
		"The client [192.0.2.1]'",
		"more than 50 junk points in 1d, on ",
		"is refused, until ",
		"clean that host.\n",
		"\n    gatepost guard reset '[192.0.2.1]???\"; reboot'\n",
		NULL,
	};
	struct guard_conf conf = make_conf();
	struct guard_notice notice = { .conf = &conf,
		.host = "mx.test",
		.sender = "[192.0.2.1]'\n\xc3\"; reboot",
		.state = { .is_over = true,
		    .limit = GUARD_JUNK,
		    .over_at = NOW },
		.now = NOW };
	char *text;

	conf.notify = "admin@example.com";
	conf.action = GUARD_ACTION_REJECT;
	conf.junk = (struct conf_rate){ 50, 86400000 };
	text = text_of(&notice);
	check_text(text, parts);
	assert_null(strstr(text, "postsuper"));
	assert_null(strstr(text, "addresses"));
	free(text);
}

/* A mail server, and what it got. */
struct server {
	const char *answer; /* to RCPT */
	size_t count;
	char mails[MAILS_MAX][MAIL_BYTES];
};

static bool
read_to(struct fake_server *server, int fd, char *text, const char *end)
{
	size_t length = 0, end_length = strlen(end);

	while (length + 1 < MAIL_BYTES && fake_server_wait(server, fd) &&
	    recv(fd, text + length, 1, 0) == 1) {
		text[++length] = '\0';
		if (length >= end_length &&
		    strcmp(text + length - end_length, end) == 0)
			return true;
	}
	return false;
}

static void
serve(struct fake_server *fake, int fd, void *argument)
{
	static const char ok[] = "250 ok\r\n", go[] = "354 go\r\n";
	struct server *server = argument;
	char line[MAIL_BYTES];

	if (!fake_server_send(fd, "220 mx\r\n", 8))
		return;
	while (read_to(fake, fd, line, "\r\n")) {
		if (strncmp(line, "RCPT", 4) == 0) {
			(void)fake_server_send(
			    fd, server->answer, strlen(server->answer));
		} else if (strncmp(line, "DATA", 4) != 0) {
			(void)fake_server_send(fd, ok, strlen(ok));
		} else if (fake_server_send(fd, go, strlen(go)) &&
		    server->count < MAILS_MAX &&
		    read_to(
			fake, fd, server->mails[server->count], "\r\n.\r\n")) {
			server->count++;
			(void)fake_server_send(fd, ok, strlen(ok));
		}
	}
}

struct post {
	struct store_fixture store;
	struct guard_notice_services services;
	struct region *region;
	struct guard_conf conf;
	struct server server;
	struct fake_server *fake;
	char smtp[64];
};

static void
post_open(struct post *post)
{
	memset(post, 0, sizeof(*post));
	post->server.answer = "250 ok\r\n";
	post->fake = fake_server_new(serve, &post->server);
	snprintf(post->smtp, sizeof(post->smtp), "inet:%s@127.0.0.1",
	    strchr(fake_server_address(post->fake), ':') + 1);
	store_fixture_init(&post->store);
	post->store.conf.backend = STORE_BACKEND_MEMORY;
	store_fixture_open(&post->store);
	post->services.store = post->store.store;
	assert_non_null(post->services.clients = guard_clients_new());
	assert_non_null(post->region = region_new());
	post->conf = make_conf();
	post->conf.smtp = post->smtp;
}

static void
post_close(struct post *post)
{
	fake_server_free(&post->fake);
	guard_clients_free(&post->services.clients);
	region_free(&post->region);
	store_fixture_end(&post->store);
}

/* Posts that many notices of a sender, and waits for all. */
static void
post_notices(struct post *post, const char *name, size_t count)
{
	struct guard_sender sender;
	size_t i;

	assert_int_equal(
	    guard_sender_named(post->region, name, &sender), STATUS_OK);
	assert_int_equal(task_pool_new(4, &post->services.pool), STATUS_OK);
	for (i = 0; i < count; i++)
		guard_notice_post(
		    &post->services, &post->conf, "mx.test", &sender);
	task_pool_free(&post->services.pool);
}

static void
test_sent_once(void **state GP_UNUSED)
{
	struct post post;

	post_open(&post);
	post_notices(&post, "ann", 20);
	assert_int_equal(post.server.count, 1);
	assert_non_null(strstr(
	    post.server.mails[0], "Subject: Gatepost: mail of ann is held"));
	post_notices(&post, "ann", 5);
	assert_int_equal(post.server.count, 1);
	post_notices(&post, "bob", 5);
	assert_int_equal(post.server.count, 2);
	post.store.now += 86401;
	post_notices(&post, "ann", 5);
	assert_int_equal(post.server.count, 3);
	post.conf.notify = GUARD_NOTIFY_OFF;
	post_notices(&post, "eve", 5);
	assert_int_equal(post.server.count, 3);
	post_close(&post);
}

/* Refused, then taken: it is not lost. */
static void
test_failure(void **state GP_UNUSED)
{
	struct post post;

	post_open(&post);
	log_open("test", false, LOG_LEVEL_INFO);
	log_capture_start();
	post.server.answer = "450 4.2.0 not now\r\n";
	post_notices(&post, "ann", 1);
	assert_int_equal(post.server.count, 0);
	assert_int_equal(log_capture_count("postmaster could not be told "
					   "about ann by inet:"),
	    1);
	assert_int_equal(log_capture_count("RCPT: 450 4.2.0 not now"), 1);
	post.server.answer = "250 ok\r\n";
	post_notices(&post, "ann", 3);
	assert_int_equal(post.server.count, 1);
	assert_int_equal(log_capture_count("postmaster was told about ann"), 1);
	log_capture_stop();
	post_close(&post);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_login_is_held),
		cmocka_unit_test(test_client_is_refused),
		cmocka_unit_test(test_sent_once),
		cmocka_unit_test(test_failure),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
