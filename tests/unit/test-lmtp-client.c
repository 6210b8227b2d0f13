/* The client of Dovecot's LMTP server, against one that we play. */
#include "config.h"

#include "deliver/lmtp-client.h"

#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "tests/unit/deliver-fixture.h"

#define STEPS 6 /* greeting, LHLO, MAIL, RCPT, DATA, the dot */

/* Says one text, then waits for a line that ends what is asked of it. */
struct played {
	const char *const *answers; /* STEPS, NULL: hangs up */
	int listener;
	pthread_t thread;
	char said[4000];
};

static bool
read_until(struct played *played, int fd, const char *end)
{
	size_t length = strlen(played->said);
	const char *from = played->said + length;

	while (strstr(from, end) == NULL) {
		if (read(fd, played->said + length, 1) != 1)
			return false;
		played->said[++length] = '\0';
	}
	return true;
}

static void *
play(void *argument)
{
	struct played *played = argument;
	int fd = accept(played->listener, NULL, NULL);
	size_t i;

	for (i = 0; i < STEPS && played->answers[i] != NULL; i++) {
		if (write(fd, played->answers[i], strlen(played->answers[i])) ==
		    -1)
			break;
		if (!read_until(played, fd, i == 4 ? "\r\n.\r\n" : "\r\n"))
			break;
	}
	close(fd);
	return NULL;
}

static void
played_start(struct played *played, const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	memset(played->said, 0, sizeof(played->said));
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	played->listener = socket(AF_UNIX, SOCK_STREAM, 0);
	unlink(path);
	assert_int_equal(bind(played->listener, (struct sockaddr *)&address,
			     sizeof(address)),
	    0);
	assert_int_equal(listen(played->listener, 5), 0);
	assert_int_equal(
	    pthread_create(&played->thread, NULL, play, played), 0);
}

static void
played_stop(struct played *played)
{
	shutdown(played->listener, SHUT_RDWR);
	pthread_join(played->thread, NULL);
	close(played->listener);
}

static struct spool *
new_spool(const char *text, size_t memory_max)
{
	const struct spool_options options = { .memory_max = memory_max,
		.directory = "/tmp" };
	struct spool *spool = spool_new(&options);

	assert_non_null(spool);
	spool_add(spool, text, strlen(text));
	assert_int_equal(spool_finish(spool), STATUS_OK);
	return spool;
}

static struct delivery_result
send_one(struct region *region, const char *path, const struct spool *spool)
{
	const struct lmtp_transaction transaction = { "s@x", "r@x",
		span_of("P: 1\n"), spool };
	struct lmtp_client *client;
	struct delivery_result result;
	char socket[120];

	snprintf(socket, sizeof(socket), "unix:%s", path);
	assert_non_null(client = lmtp_client_new(socket, 300, 300));
	result = lmtp_client_send(client, region, &transaction);
	lmtp_client_free(&client);
	assert_null(client);
	return result;
}

#define OK "250 OK\r\n"

static void
test_replies(void **state GP_UNUSED)
{
	static const struct {
		const char *answers[STEPS];
		int code;
		const char *enhanced, *text;
	} cases[] = {
		{ { "220 x\r\n", "250-a\r\n250 b\r\n", OK, OK, "354 go\r\n",
		      "250 2.0.0 <r@x> id Saved\r\n" },
		    250, "2.0.0", "<r@x> id Saved" },
		{ { "220 x\r\n", OK, OK, OK, "354\r\n", "250\r\n" }, 250,
		    "2.0.0", "" },
		{ { "220 x\r\n", OK, OK, OK, "354\r\n",
		      "552 5.2.2 full\001\r\n" },
		    552, "5.2.2", "full?" },
		{ { "220 x\r\n", OK, OK, OK, "354\r\n", "452 later\r\n" }, 452,
		    "4.3.0", "later" },
		{ { "220 x\r\n", OK, OK, "550 5.1.1 who\r\n" }, 550, "5.1.1",
		    "who" },
		{ { "220 x\r\n", OK, OK, OK, "451 4.3.0 not now\r\n" }, 451,
		    "4.3.0", "not now" },
		/* What is no answer about the message may heal. */
		{ { "220 x\r\n", OK, OK, "550 who\r\n" }, 451, "4.3.0", NULL },
		{ { "220 x\r\n", OK, "503 5.5.1 what\r\n" }, 451, "4.3.0",
		    NULL },
		{ { "220 x\r\n", OK, OK, OK, "250 2.0.0 Saved\r\n" }, 451,
		    "4.3.0", NULL },
		{ { "220 x\r\n", OK, OK, OK, "354\r\n", "350 x\r\n" }, 451,
		    "4.3.0", NULL },
		{ { "220 x\r\n", "500 5.5.1 no\r\n" }, 451, "4.3.0", NULL },
		{ { "554 5.7.1 go away\r\n" }, 451, "4.3.0", NULL },
		{ { "hello\r\n" }, 451, "4.3.0", NULL },
		{ { "" }, 451, "4.3.0", NULL },
		{ { "220 x\r\n", OK, OK, OK, "354\r\n", NULL }, 451, "4.3.0",
		    NULL },
	};
	struct region *region = region_new();
	struct spool *spool = new_spool("A: b\n\nx\n", 1000);
	struct delivery_result result;
	struct played played;
	struct place place;
	char path[100];
	size_t i;

	place_open(&place);
	snprintf(path, sizeof(path), "%s/lmtp", place.path);
	for (i = 0; i < GP_NELEMS(cases); i++) {
		played.answers = cases[i].answers;
		played_start(&played, path);
		result = send_one(region, path, spool);
		played_stop(&played);
		if (result.code != cases[i].code ||
		    strcmp(result.enhanced, cases[i].enhanced) != 0 ||
		    (cases[i].text != NULL &&
			strcmp(result.text, cases[i].text) != 0))
			fail_msg("case %zu: %d %s %s", i, result.code,
			    result.enhanced, result.text);
	}
	/* Nobody is there. */
	assert_int_equal(send_one(region, path, spool).code, 451);
	spool_free(&spool);
	place_close(&place);
	region_free(&region);
}

/* Dots and line ends, in memory and in the file of the spool. */
static void
test_message(void **state GP_UNUSED)
{
	static const char *const answers[STEPS] = { "220 x\r\n", OK, OK, OK,
		"354\r\n", OK };

	static const struct {
		const char *message, *sent;
	} cases[] = {
		{ "", "P: 1\r\n.\r\n" },
		{ "A: b\n\nx\n", "P: 1\r\nA: b\r\n\r\nx\r\n.\r\n" },
		{ "x", "P: 1\r\nx\r\n.\r\n" },
		{ ".\n..\na.\n", "P: 1\r\n..\r\n...\r\na.\r\n.\r\n" },
		{ "a\r\nb\rc\n", "P: 1\r\na\r\nb\rc\r\n.\r\n" },
	};
	struct region *region = region_new();
	struct played played = { .answers = answers };
	struct spool *spool;
	struct place place;
	char path[100];
	size_t i, memory;

	place_open(&place);
	snprintf(path, sizeof(path), "%s/lmtp", place.path);
	for (i = 0; i < GP_NELEMS(cases); i++) {
		for (memory = 1; memory <= 1001; memory += 1000) {
			spool = new_spool(cases[i].message, memory);
			played_start(&played, path);
			assert_int_equal(
			    send_one(region, path, spool).code, 250);
			played_stop(&played);
			spool_free(&spool);
			assert_string_equal(
			    strstr(played.said, "DATA\r\n") + 6, cases[i].sent);
		}
	}
	assert_non_null(strstr(
	    played.said, "MAIL FROM:<s@x>\r\nRCPT TO:<r@x>\r\nDATA\r\n"));
	place_close(&place);
	region_free(&region);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_replies),
		cmocka_unit_test(test_message),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
