/* Users of a file, of a template, and of a Dovecot that we play. */
#include "config.h"

#include "lib/users/users.h"

#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "tests/unit/deliver-fixture.h"

static enum status
find(const struct place *place, struct region *region, const char *name,
    struct user *user)
{
	struct users *users = users_new(&place->settings->deliver);
	enum status status;

	assert_non_null(users);
	status = users_find(users, region, name, user);
	users_free(&users);
	assert_null(users);
	return status;
}

/* A path below the place. */
static const char *
below(const struct place *place, const char *name)
{
	static char path[200];

	snprintf(path, sizeof(path), "%s/%s", place->path, name);
	return path;
}

static void
test_file(void **state GP_UNUSED)
{
	static const struct {
		const char *name;
		enum status status;
		const char *home, *maildir; /* below the place */
	} cases[] = {
		{ "alice@example.com", STATUS_OK, "alice home",
		    "alice home/Maildir" },
		{ "Alice@EXAMPLE.com", STATUS_OK, "alice home",
		    "alice home/Maildir" },
		{ "bob@example.com", STATUS_OK, "example.com/bob",
		    "example.com/bob/Maildir" },
		{ "carol@example.com", STATUS_NOTFOUND, NULL, NULL },
		{ "alice", STATUS_NOTFOUND, NULL, NULL },
		{ "# comment", STATUS_NOTFOUND, NULL, NULL },
		{ "root@example.com", STATUS_INVALID, NULL, NULL },
		{ "letters@example.com", STATUS_INVALID, NULL, NULL },
		{ "relative@example.com", STATUS_INVALID, NULL, NULL },
	};
	struct region *region = region_new();
	struct place place;
	struct user user;
	enum status status;
	size_t i;

	place_open(&place);
	place_configure(&place, "file", "");
	for (i = 0; i < GP_NELEMS(cases); i++) {
		status = find(&place, region, cases[i].name, &user);
		if (status != cases[i].status)
			fail_msg(
			    "case %s: %s", cases[i].name, status_text(status));
		if (status != STATUS_OK)
			continue;
		assert_string_equal(user.home, below(&place, cases[i].home));
		assert_string_equal(
		    user.maildir, below(&place, cases[i].maildir));
		assert_int_equal(
		    user.uid, geteuid() == 0 ? OWNER_ID : geteuid());
	}
	/* A file that is not there is trouble: it may come back. */
	assert_int_equal(unlink(below(&place, "users")), 0);
	assert_int_equal(
	    find(&place, region, "alice@example.com", &user), STATUS_IO);
	place_close(&place);
	region_free(&region);
}

static void
test_template(void **state GP_UNUSED)
{
	struct region *region = region_new();
	struct place place;
	struct user user;

	place_open(&place);
	place_configure(&place, "template", "maildir = \"~/%u\"");
	assert_int_equal(
	    find(&place, region, "Any.Body@Example.Com", &user), STATUS_OK);
	assert_string_equal(user.home, below(&place, "example.com/any.body"));
	assert_string_equal(user.maildir,
	    below(&place, "example.com/any.body/any.body@example.com"));
	assert_int_equal(user.uid, USER_ID_NONE);
	assert_int_equal(
	    find(&place, region, "a/b@example.com", &user), STATUS_NOTFOUND);
	assert_int_equal(
	    find(&place, region, "nodomain", &user), STATUS_NOTFOUND);
	place_close(&place);
	region_free(&region);
}

/* A Dovecot that says to each connection what it was told to. */
struct played {
	const char *const *answers; /* one a connection, NULL behind the last */
	bool hangs_up;              /* behind the answer */
	int listener;
	pthread_t thread;
	char asked[1000]; /* all that was said to it */
};

static void
serve_one(struct played *played, int fd, const char *answer)
{
	size_t length = strlen(played->asked);
	ssize_t got;

	/* The question ends in the second line. */
	while (strstr(played->asked, "service=lmtp\n") == NULL) {
		got = read(fd, played->asked + length,
		    sizeof(played->asked) - 1 - length);
		if (got <= 0)
			break;
		length += (size_t)got;
	}
	if (write(fd, answer, strlen(answer)) == -1)
		return;
	/* It stays, silent, until the client goes. */
	if (!played->hangs_up)
		while (read(fd, played->asked + length, 1) > 0)
			length++;
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
		played->asked[0] = '\0';
		serve_one(played, fd, played->answers[i]);
		close(fd);
	}
	return NULL;
}

static void
played_start(struct played *played, const struct place *place,
    const char *const *answers, bool hangs_up)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	memset(played, 0, sizeof(*played));
	played->answers = answers;
	played->hangs_up = hangs_up;
	snprintf(
	    address.sun_path, sizeof(address.sun_path), "%s/auth", place->path);
	played->listener = socket(AF_UNIX, SOCK_STREAM, 0);
	unlink(address.sun_path);
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
configure_dovecot(struct place *place)
{
	char keys[200];

	snprintf(keys, sizeof(keys),
	    "dovecot_socket = \"unix:%s/auth\"\n"
	    "\tlookup_timeout = 200ms",
	    place->path);
	place_configure(place, "dovecot", keys);
}

#define HELLO "VERSION\t1\t1\nSPID\t99\n"

static void
test_dovecot(void **state GP_UNUSED)
{
	static const struct {
		const char *answer;
		enum status status;
		const char *name, *home;
		uid_t uid;
	} cases[] = {
		{ HELLO "USER\t1\talice@x\tuid=5000\tgid=5001\thome=/h/a\n",
		    STATUS_OK, "alice@x", "/h/a", 5000 },
		{ "VERSION\t1\t3\nSPID\t1\nUSER\t1\talice\tuid=7\thome=/h\t"
		  "quota_rule=*:storage=1M\tflag\n",
		    STATUS_OK, "alice", "/h", 7 },
		{ HELLO "USER\t1\talice\thome=/a\0011b\001tc\001nd\n",
		    STATUS_OK, "alice", "/a\001b\tc\nd", USER_ID_NONE },
		/* An answer to another question. */
		{ HELLO "USER\t9\tbob\thome=/b\nUSER\t1\talice\thome=/a\n",
		    STATUS_OK, "alice", "/a", USER_ID_NONE },
		{ HELLO "NOTFOUND\t1\n", STATUS_NOTFOUND, NULL, NULL, 0 },
		{ HELLO "FAIL\t1\n", STATUS_IO, NULL, NULL, 0 },
		{ HELLO "FAIL\t1\tcode=temp_fail\n", STATUS_IO, NULL, NULL, 0 },
		{ HELLO "USER\t1\talice\tuid=0\thome=/a\n", STATUS_INVALID,
		    NULL, NULL, 0 },
		{ HELLO "USER\t1\talice\tuid=-1\thome=/a\n", STATUS_INVALID,
		    NULL, NULL, 0 },
		{ HELLO "USER\t1\talice\tuid=4294967295\thome=/a\n",
		    STATUS_INVALID, NULL, NULL, 0 },
		{ HELLO "USER\t1\talice\tuid=5000\thome=a\n", STATUS_INVALID,
		    NULL, NULL, 0 },
		{ HELLO "USER\t1\talice\tuid=5000\n", STATUS_INVALID, NULL,
		    NULL, 0 },
		{ HELLO "USER\t1\n", STATUS_IO, NULL, NULL, 0 },
		{ "VERSION\t2\t0\n", STATUS_IO, NULL, NULL, 0 },
		{ HELLO "USER\t1\talice\tuid=50", STATUS_TIMEOUT, NULL, NULL,
		    0 },
		{ HELLO, STATUS_TIMEOUT, NULL, NULL, 0 },
		{ "", STATUS_IO, NULL, NULL, 0 },
	};
	struct region *region = region_new();
	const char *answers[] = { NULL, NULL };
	struct played played;
	struct place place;
	enum status status;
	struct user user;
	size_t i;

	place_open(&place);
	configure_dovecot(&place);
	for (i = 0; i < GP_NELEMS(cases); i++) {
		answers[0] = cases[i].answer;
		played_start(
		    &played, &place, answers, cases[i].answer[0] == '\0');
		status = find(&place, region, "alice@x", &user);
		played_stop(&played);
		if (status != cases[i].status)
			fail_msg("case %zu \"%s\": %s", i, cases[i].answer,
			    status_text(status));
		if (status == STATUS_OK &&
		    (strcmp(user.name, cases[i].name) != 0 ||
			strcmp(user.home, cases[i].home) != 0 ||
			user.uid != cases[i].uid))
			fail_msg("case %zu: %s %s", i, user.name, user.home);
		assert_string_equal(played.asked,
		    "VERSION\t1\t1\nUSER\t1\talice@x\tservice=lmtp\n");
	}
	place_close(&place);
	region_free(&region);
}

/* Limits as Dovecot 2.3 and 2.4 write them. */
static void
test_quota(void **state GP_UNUSED)
{
	static const struct {
		const char *words;
		uint64_t bytes;
	} cases[] = {
		{ "quota_rule=*:storage=10M", 10 << 20 },
		{ "quota_rule=*:storage=512", 512 << 10 },
		{ "quota_rule=*:messages=5:bytes=100", 100 },
		{ "quota_rule=*:storage=1GB", 1 << 30 },
		{ "quota_rule=Trash:storage=10M", 0 },
		{ "quota_rule=*:storage=x", 0 },
		{ "quota_rule=*:storage=99999999999999999999", 0 },
		{ "quota_rule=*:storage=99999999999T", 0 },
		{ "quota_rule=", 0 },
		{ "quota_storage_size=20M", 20 << 20 },
		{ "quota_storage_size=", 0 },
		{ "quota_storage_size=unlimited", 0 },
	};
	struct region *region = region_new();
	const char *answers[] = { NULL, NULL };
	struct played played;
	struct place place;
	struct user user;
	char answer[300];
	size_t i;

	place_open(&place);
	configure_dovecot(&place);
	answers[0] = answer;
	for (i = 0; i < GP_NELEMS(cases); i++) {
		snprintf(answer, sizeof(answer),
		    HELLO "USER\t1\ta\thome=/a\t%s\n", cases[i].words);
		played_start(&played, &place, answers, false);
		assert_int_equal(
		    find(&place, region, "alice@x", &user), STATUS_OK);
		played_stop(&played);
		if (user.quota_bytes != cases[i].bytes)
			fail_msg("%s: %ju", cases[i].words,
			    (uintmax_t)user.quota_bytes);
	}
	place_configure(&place, "file", "quota_limit = 3M");
	assert_int_equal(
	    find(&place, region, "bob@example.com", &user), STATUS_OK);
	assert_int_equal(user.quota_bytes, 3 << 20);
	place_close(&place);
	region_free(&region);
}

static enum status
list(const struct place *place, struct region *region,
    const char *const **names_r, size_t *count_r)
{
	struct users *users = users_new(&place->settings->deliver);
	enum status status;

	assert_non_null(users);
	status = users_list(users, region, names_r, count_r);
	users_free(&users);
	return status;
}

static void
test_list(void **state GP_UNUSED)
{
	static const struct {
		const char *answer;
		enum status status;
		const char *last;
		size_t count;
	} cases[] = {
		{ HELLO "LIST\t1\talice@x\nLIST\t1\tbob@x\nDONE\t1\t\n",
		    STATUS_OK, "bob@x", 2 },
		{ HELLO "LIST\t2\tother\nLIST\t1\ta\001tb\nDONE\t1\n",
		    STATUS_OK, "a\tb", 1 },
		{ HELLO "DONE\t1\n", STATUS_OK, NULL, 0 },
		{ HELLO "LIST\t1\ta\nDONE\t1\tfail\n", STATUS_IO, NULL, 0 },
		{ HELLO "LIST\t1\ta\n", STATUS_TIMEOUT, NULL, 0 },
	};
	struct region *region = region_new();
	const char *answers[] = { NULL, NULL };
	const char *const *names;
	struct played played;
	struct place place;
	enum status status;
	size_t i, count;

	place_open(&place);
	configure_dovecot(&place);
	for (i = 0; i < GP_NELEMS(cases); i++) {
		answers[0] = cases[i].answer;
		played_start(&played, &place, answers, false);
		status = list(&place, region, &names, &count);
		played_stop(&played);
		if (status != cases[i].status)
			fail_msg("case %zu: %s", i, status_text(status));
		if (status != STATUS_OK)
			continue;
		assert_int_equal(count, cases[i].count);
		if (count > 0)
			assert_string_equal(names[count - 1], cases[i].last);
	}
	place_configure(&place, "file", "");
	assert_int_equal(list(&place, region, &names, &count), STATUS_OK);
	assert_int_equal(count, 6);
	assert_string_equal(names[0], "alice@example.com");
	place_configure(&place, "template", "");
	assert_int_equal(list(&place, region, &names, &count), STATUS_INVALID);
	place_close(&place);
	region_free(&region);
}

static void
test_dovecot_is_away(void **state GP_UNUSED)
{
	struct region *region = region_new();
	struct place place;
	struct user user;

	place_open(&place);
	configure_dovecot(&place);
	assert_int_equal(find(&place, region, "alice@x", &user), STATUS_IO);
	place_close(&place);
	region_free(&region);
}

static void
test_dovecot_connection_is_kept(void **state GP_UNUSED)
{
	static const char *const answers[] = { HELLO "NOTFOUND\t1\n"
						     "NOTFOUND\t2\n",
		NULL };
	struct region *region = region_new();
	struct users *users;
	struct played played;
	struct place place;
	struct user user;

	place_open(&place);
	configure_dovecot(&place);
	assert_non_null(users = users_new(&place.settings->deliver));
	played_start(&played, &place, answers, false);
	assert_int_equal(
	    users_find(users, region, "a", &user), STATUS_NOTFOUND);
	assert_int_equal(
	    users_find(users, region, "a", &user), STATUS_NOTFOUND);
	users_free(&users);
	played_stop(&played);
	place_close(&place);
	region_free(&region);
}

/* A kept connection that has ended is replaced, once. */
static void
test_dovecot_restarts(void **state GP_UNUSED)
{
	static const char *const answers[] = { HELLO "NOTFOUND\t1\n",
		HELLO "USER\t3\ta\thome=/a\n", "", NULL };
	struct region *region = region_new();
	struct users *users;
	struct played played;
	struct place place;
	struct user user;

	place_open(&place);
	configure_dovecot(&place);
	assert_non_null(users = users_new(&place.settings->deliver));
	played_start(&played, &place, answers, true);
	assert_int_equal(
	    users_find(users, region, "a", &user), STATUS_NOTFOUND);
	assert_int_equal(users_find(users, region, "a", &user), STATUS_OK);
	assert_string_equal(user.home, "/a");
	assert_int_equal(users_find(users, region, "a", &user), STATUS_IO);
	users_free(&users);
	played_stop(&played);
	place_close(&place);
	region_free(&region);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_file),
		cmocka_unit_test(test_template),
		cmocka_unit_test(test_dovecot),
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_quota),
		cmocka_unit_test(test_dovecot_is_away),
		cmocka_unit_test(test_dovecot_connection_is_kept),
		cmocka_unit_test(test_dovecot_restarts),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
