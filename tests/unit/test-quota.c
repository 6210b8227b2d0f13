/* Quota: the dialogue with quota-status, and room that is held. */
#include "config.h"

#include "deliver/quota-holds.h"
#include "deliver/quota-status.h"

#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "tests/unit/deliver-fixture.h"

/* A quota-status that says to each connection what it was told to. */
struct played {
	const char *const *answers; /* NULL behind the last */
	bool hangs_up;
	int listener;
	pthread_t thread;
	char asked[300];
};

static void
serve_one(struct played *played, int fd, const char *answer)
{
	size_t length = 0;
	ssize_t got;

	memset(played->asked, 0, sizeof(played->asked));
	while (strstr(played->asked, "\n\n") == NULL) {
		got = read(fd, played->asked + length,
		    sizeof(played->asked) - 1 - length);
		if (got <= 0)
			return;
		length += (size_t)got;
	}
	if (write(fd, answer, strlen(answer)) == -1 || played->hangs_up)
		return;
	while (read(fd, played->asked + length, 1) > 0)
		continue;
}

static void *
play(void *argument)
{
	struct played *played = argument;
	size_t i;
	int fd;

	for (i = 0; played->answers[i] != NULL; i++) {
		if ((fd = accept(played->listener, NULL, NULL)) == -1)
			break;
		serve_one(played, fd, played->answers[i]);
		close(fd);
	}
	return NULL;
}

static void
played_start(struct played *played, const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

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

static void
test_answers(void **state GP_UNUSED)
{
	static const struct {
		const char *answer;
		bool hangs_up;
		enum status status;
		bool fits;
	} cases[] = {
		{ "action=DUNNO\n\n", false, STATUS_OK, true },
		{ "action=OK\n\n", false, STATUS_OK, true },
		{ "action=dunno all is well\n\n", false, STATUS_OK, true },
		{ "x=y\naction=552 5.2.2 Mailbox is full\n\n", false, STATUS_OK,
		    false },
		{ "action=REJECT\n\n", false, STATUS_OK, false },
		/* The default of 2.4 for what is too large. */
		{ "action=\n\n", false, STATUS_OK, false },
		{ "action=DUNNOT\n\n", false, STATUS_OK, false },
		{ "\n", false, STATUS_IO, false },
		{ "hello\n\n", false, STATUS_IO, false },
		{ "action=DUNNO\n", true, STATUS_IO, false },
		{ "", true, STATUS_IO, false },
		{ "action=DUNNO\n", false, STATUS_TIMEOUT, false },
	};

	const char *answers[] = { NULL, NULL };
	struct played played = { .answers = answers };
	struct quota_status *quota;
	struct place place;
	char path[100], socket[120];
	enum status status;
	bool fits;
	size_t i;

	place_open(&place);
	snprintf(path, sizeof(path), "%s/quota", place.path);
	snprintf(socket, sizeof(socket), "unix:%s", path);
	for (i = 0; i < GP_NELEMS(cases); i++) {
		answers[0] = cases[i].answer;
		played.hangs_up = cases[i].hangs_up;
		played_start(&played, path);
		assert_non_null(quota = quota_status_new(socket, 200));
		status = quota_status_ask(quota, "a@x", 1234, &fits);
		quota_status_free(&quota);
		played_stop(&played);
		if (status != cases[i].status || fits != cases[i].fits)
			fail_msg("case %zu: %s", i, status_text(status));
		assert_string_equal(played.asked,
		    "request=smtpd_access_policy\nrecipient=a@x\n"
		    "size=1234\n\n");
	}
	/* Nobody is there. */
	assert_non_null(quota = quota_status_new(socket, 200));
	assert_int_equal(quota_status_ask(quota, "a@x", 1, &fits), STATUS_IO);
	assert_int_equal(
	    quota_status_ask(quota, "a\n@x", 1, &fits), STATUS_INVALID);
	quota_status_free(&quota);
	place_close(&place);
}

/* Dovecot was restarted behind a kept connection. */
static void
test_restart(void **state GP_UNUSED)
{
	static const char *const answers[] = { "action=DUNNO\n\n",
		"action=DUNNO\n\n", "action=552\n\n", NULL };
	struct played played = { .answers = answers, .hangs_up = true };
	struct quota_status *quota;
	struct place place;
	char path[100], socket[120];
	bool fits;
	size_t i;

	place_open(&place);
	snprintf(path, sizeof(path), "%s/quota", place.path);
	snprintf(socket, sizeof(socket), "unix:%s", path);
	played_start(&played, path);
	assert_non_null(quota = quota_status_new(socket, 2000));
	for (i = 0; i < 3; i++) {
		assert_int_equal(
		    quota_status_ask(quota, "a@x", 1, &fits), STATUS_OK);
		assert_int_equal(fits, i < 2);
	}
	quota_status_free(&quota);
	played_stop(&played);
	place_close(&place);
}

#define HOUR_MS 3600000

static void
test_holds(void **state GP_UNUSED)
{
	struct quota_holds *holds = quota_holds_new();
	uint64_t total;

	assert_non_null(holds);
	assert_int_equal(quota_holds_add(holds, "a", 10, &total), STATUS_OK);
	assert_int_equal(total, 10);
	assert_int_equal(quota_holds_add(holds, "b", 5, &total), STATUS_OK);
	assert_int_equal(total, 5);
	assert_int_equal(quota_holds_add(holds, "a", 7, &total), STATUS_OK);
	assert_int_equal(total, 17);
	quota_holds_drop(holds, "a", 10, 0);
	assert_int_equal(quota_holds_add(holds, "a", 0, &total), STATUS_OK);
	assert_int_equal(total, 7);
	quota_holds_drop(holds, "a", 0, 0);
	quota_holds_drop(holds, "b", 5, 0);
	quota_holds_drop(holds, "a", 7, 0);
	assert_int_equal(quota_holds_add(holds, "a", 1, &total), STATUS_OK);
	assert_int_equal(total, 1);
	quota_holds_drop(holds, "a", 1, HOUR_MS);
	assert_int_equal(quota_holds_total(holds, "a"), 1);
	assert_int_equal(quota_holds_add(holds, "a", 1, &total), STATUS_OK);
	assert_int_equal(total, 2);
	quota_holds_drop(holds, "a", 1, 1);
	while (quota_holds_total(holds, "a") == 2)
		sched_yield();
	assert_int_equal(quota_holds_total(holds, "a"), 1);
	quota_holds_free(&holds);
	assert_null(holds);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_restart),
		cmocka_unit_test(test_holds),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
