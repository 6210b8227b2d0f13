/*
 * The key directory: which keys sign, each fault in its own words, and that
 * changes are taken up.
 */
#include "config.h"

#include "lib/auth/sign-store.h"
#include "lib/auth/sign-write.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tests/unit/sign-fixture.h"
#include "tests/unit/unit.h"

#define PATH_BYTES  512
#define DESCRIPTORS 4 /* that reading a key takes at once */

/* A second RSA and a second Ed25519 key are needed, whatever they are. */
struct fixture {
	char base[PATH_BYTES];
	char *other_rsa;
};

static int
remove_one(const char *path, const struct stat *st GP_UNUSED,
    int type GP_UNUSED, struct FTW *ftw GP_UNUSED)
{
	return remove(path);
}

static int
setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	struct strbuf *pem = strbuf_new(10000);
	struct auth_sign_key *key;

	snprintf(
	    fixture->base, sizeof(fixture->base), "/tmp/gatepost-keys-XXXXXX");
	assert_non_null(mkdtemp(fixture->base));
	assert_int_equal(
	    auth_sign_key_generate(AUTH_SIGN_RSA, 1024, &key), STATUS_OK);
	assert_int_equal(auth_sign_key_write(key, pem), STATUS_OK);
	fixture->other_rsa = strdup(strbuf_text(pem));
	auth_sign_key_free(&key);
	strbuf_free(&pem);
	*state = fixture;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *fixture = *state;

	nftw(fixture->base, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(fixture->other_rsa);
	free(fixture);
	return 0;
}

static void
path_of(const struct fixture *fixture, const char *name, char path[PATH_BYTES])
{
	assert_true(snprintf(path, PATH_BYTES, "%s/%s", fixture->base, name) <
	    PATH_BYTES);
}

static void
put_folder(const struct fixture *fixture, const char *name)
{
	char path[PATH_BYTES];

	path_of(fixture, name, path);
	assert_int_equal(mkdir(path, 0700), 0);
}

static void
put_file(const struct fixture *fixture, const char *name, const char *text,
    mode_t mode)
{
	char path[PATH_BYTES];
	int fd;

	path_of(fixture, name, path);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_int_not_equal(fd, -1);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

/* "rsa1,ed1" of the keys that sign, "" for none. */
static void
expect_active(
    const struct auth_sign_keys *keys, const char *domain, const char *expected)
{
	const struct auth_sign_folder *folder =
	    auth_sign_keys_find(keys, domain);
	const struct auth_sign_entry *active[AUTH_SIGN_ACTIVE_MAX];
	char text[300] = "";
	size_t i, count, used = 0;

	assert_non_null(folder);
	count = auth_sign_keys_active(folder, active);
	for (i = 0; i < count; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used,
		    "%s%s", i == 0 ? "" : ",", active[i]->selector);
	if (strcmp(text, expected) != 0)
		fail_msg("%s: \"%s\" (%s)", domain, text,
		    folder->problem == NULL ? "-" : folder->problem);
}

static void
expect_text(const char *name, const char *text, const char *end)
{
	size_t length = text == NULL ? 0 : strlen(text);

	if (length < strlen(end) ||
	    strcmp(text + length - strlen(end), end) != 0)
		fail_msg("%s: \"%s\"", name, text == NULL ? "-" : text);
}

struct folder_case {
	const char *domain;
	const char *selectors; /* the file; NULL: none */
	const char *active;    /* what signs */
	const char *problem;   /* of the folder, how it ends; NULL: none */
};

/* Each has rsa1 and rsa2 and ed1. */
static const struct folder_case folder_cases[] = {
	{ "none.example", NULL, "",
	    "none.example: there are several keys of one type, and no file "
	    "selectors that says which one signs" },
	{ "empty.example", "", "", NULL },
	{ "one.example", "active rsa1\n", "rsa1", NULL },
	{ "two.example", "active ed1\nactive rsa2\n", "rsa2,ed1", NULL },
	{ "three.example", "active ed1\nactive rsa2\nactive rsa1\n",
	    "rsa1,rsa2,ed1", NULL },
	{ "old.example",
	    "# a comment\n\n  active\trsa2  # new\r\n"
	    "retired rsa1 2026-12-08\n",
	    "rsa2", NULL },
	{ "word.example", "active rsa1\nactiv ed1\n", "",
	    "word.example/selectors: a line begins neither with active nor "
	    "with retired" },
	{ "nosel.example", "active\n", "",
	    "selectors: a line names no selector" },
	{ "long.example",
	    "active a234567890123456789012345678901234567890123456789012345"
	    "678901234567890\n",
	    "", "selectors: a line names no selector" },
	{ "up.example", "retired ../../victim 2026-01-01\n", "",
	    "selectors: a line names no selector" },
	{ "bytes.example", "active a\033[1m\n", "",
	    "selectors: a line names no selector" },
	{ "noday.example", "retired rsa1\n", "",
	    "selectors: a line ends in no day (2026-12-08)" },
	{ "badday.example", "retired rsa1 2026-02-30\n", "",
	    "selectors: a line ends in no day (2026-12-08)" },
	{ "badday2.example", "retired rsa1 26-2-3\n", "",
	    "selectors: a line ends in no day (2026-12-08)" },
	{ "words.example", "active rsa1 ed1\n", "",
	    "selectors: a line has too many words" },
	{ "twice.example", "active rsa1\nretired rsa1 2026-12-08\n", "",
	    "selectors: a selector is named twice" },
	{ "letters.example", "active RSA1\n", "rsa1", NULL },
	{ "gone.example", "active rsa1\nactive gone\n", "rsa1", NULL },
};

static void
put_domain(const struct fixture *fixture, const struct folder_case *c)
{
	char name[PATH_BYTES];

	put_folder(fixture, c->domain);
	snprintf(name, sizeof(name), "%s/rsa1.private", c->domain);
	put_file(fixture, name, RFC8463_RSA, 0600);
	snprintf(name, sizeof(name), "%s/rsa2.private", c->domain);
	put_file(fixture, name, fixture->other_rsa, 0400);
	snprintf(name, sizeof(name), "%s/ed1.private", c->domain);
	put_file(fixture, name, RFC8463_ED25519, 0600);
	snprintf(name, sizeof(name), "%s/selectors", c->domain);
	if (c->selectors != NULL)
		put_file(fixture, name, c->selectors, 0644);
}

static void
test_selectors(void **state)
{
	const struct fixture *fixture = *state;
	const struct auth_sign_keys *keys;
	const struct auth_sign_folder *folder;
	const struct folder_case *c;
	size_t i;

	for (i = 0; i < GP_NELEMS(folder_cases); i++)
		put_domain(fixture, &folder_cases[i]);
	assert_int_equal(
	    auth_sign_keys_load(fixture->base, geteuid(), &keys), STATUS_OK);
	assert_null(auth_sign_keys_problem(keys));
	assert_int_equal(auth_sign_keys_count(keys), GP_NELEMS(folder_cases));
	for (i = 0; i < GP_NELEMS(folder_cases); i++) {
		c = &folder_cases[i];
		expect_active(keys, c->domain, c->active);
		folder = auth_sign_keys_find(keys, c->domain);
		if (c->problem == NULL)
			assert_null(folder->problem);
		else
			expect_text(c->domain, folder->problem, c->problem);
	}
	folder = auth_sign_keys_find(keys, "gone.example");
	expect_text("gone", auth_sign_folder_find(folder, "gone")->problem,
	    "gone.private: does not exist, but the file selectors names it");
	auth_sign_keys_release(&keys);
	assert_null(keys);
}

static void
test_states(void **state)
{
	static const struct folder_case c = { "a.example",
		"active rsa2\nretired rsa1 2026-12-08\n", NULL, NULL };
	const struct fixture *fixture = *state;
	struct region *region = region_new();
	struct auth_sign_folder folder;
	const struct auth_sign_entry *entry;
	char date[AUTH_SIGN_DATE_BYTES];

	put_domain(fixture, &c);
	assert_int_equal(auth_sign_folder_read(region, fixture->base, geteuid(),
			     "a.example", &folder),
	    STATUS_OK);
	entry = auth_sign_folder_find(&folder, "rsa1");
	assert_int_equal(entry->state, AUTH_SIGN_RETIRED);
	assert_string_equal(
	    auth_sign_date_text(entry->until, date), "2026-12-08");
	assert_int_equal(
	    auth_sign_folder_find(&folder, "rsa2")->state, AUTH_SIGN_ACTIVE);
	assert_int_equal(
	    auth_sign_folder_find(&folder, "ed1")->state, AUTH_SIGN_WAITING);
	assert_null(auth_sign_folder_find(&folder, "ed2"));
	assert_ptr_equal(auth_sign_folder_find(&folder, "Ed1"),
	    auth_sign_folder_find(&folder, "ed1"));
	auth_sign_folder_release(&folder);
	assert_int_equal(auth_sign_folder_read(region, fixture->base, geteuid(),
			     "b.example", &folder),
	    STATUS_NOTFOUND);
	region_free(&region);
}

struct owner_case {
	uid_t owner; /* of the file; the daemon's is 1 */
	mode_t mode;
	const char *problem; /* how it ends; NULL: a good key */
};

static const struct owner_case owner_cases[] = {
	{ 0, 0600, NULL },
	{ 0, 0640, NULL },
	{ 0, 0644, "other users may read or change it (chmod 600)" },
	{ 0, 0660, "other users may read or change it (chmod 600)" },
	{ 1, 0600, NULL },
	{ 1, 0640, "other users may read or change it (chmod 600)" },
	{ 2, 0600,
	    "it belongs neither to root nor to the daemon's user (chown)" },
};

static void
check_owner(
    const struct fixture *fixture, const struct owner_case *c, const char *path)
{
	const struct auth_sign_folder *folder;
	const struct auth_sign_keys *keys;
	size_t i;

	assert_int_equal(chown(path, c->owner, (gid_t)-1), 0);
	assert_int_equal(chmod(path, c->mode), 0);
	assert_int_equal(
	    auth_sign_keys_load(fixture->base, 1, &keys), STATUS_OK);
	folder = auth_sign_keys_find(keys, "a.example");
	assert_int_equal(folder->count, 2); /* the key, and a link to it */
	for (i = 0; i < folder->count; i++)
		if (c->problem == NULL)
			assert_non_null(folder->entries[i].key);
		else
			expect_text(folder->entries[i].selector,
			    folder->entries[i].problem, c->problem);
	auth_sign_keys_release(&keys);
}

static void
test_owners(void **state)
{
	const struct fixture *fixture = *state;
	char path[PATH_BYTES], link[PATH_BYTES];
	size_t i;

	if (geteuid() != 0)
		skip();
	put_folder(fixture, "a.example");
	put_file(fixture, "key", RFC8463_RSA, 0600);
	path_of(fixture, "key", path);
	path_of(fixture, "a.example/link.private", link);
	assert_int_equal(symlink("../key", link), 0);
	path_of(fixture, "a.example/hard.private", link);
	assert_int_equal(symlink(path, link), 0);
	for (i = 0; i < GP_NELEMS(owner_cases); i++)
		check_owner(fixture, &owner_cases[i], path);
}

/* Whoever may write there chooses the keys: told, but no reason to stop. */
static void
test_writers(void **state)
{
	static const char *const names[] = { "", "a.example",
		"a.example/selectors" };
	const struct fixture *fixture = *state;
	const struct auth_sign_keys *keys;
	const char *warning;
	char path[PATH_BYTES];
	size_t i;

	put_folder(fixture, "a.example");
	put_file(fixture, "a.example/s.private", RFC8463_RSA, 0600);
	put_file(fixture, "a.example/selectors", "active s\n", 0600);
	for (i = 0; i < GP_NELEMS(names); i++) {
		path_of(fixture, names[i], path);
		assert_int_equal(chmod(path, 0777), 0);
		assert_int_equal(
		    auth_sign_keys_load(fixture->base, geteuid(), &keys),
		    STATUS_OK);
		warning = i == 0 ? auth_sign_keys_warning(keys) :
				   auth_sign_keys_get(keys, 0)->warning;
		expect_text(names[i], warning,
		    ": every user may change it (chmod o-w)");
		expect_active(keys, "a.example", "s");
		auth_sign_keys_release(&keys);
		assert_int_equal(chmod(path, 0700), 0);
	}
	assert_int_equal(
	    auth_sign_keys_load(fixture->base, geteuid(), &keys), STATUS_OK);
	assert_null(auth_sign_keys_warning(keys));
	assert_null(auth_sign_keys_get(keys, 0)->warning);
	auth_sign_keys_release(&keys);
}

/* Files are written and removed in the folder alone. */
static void
test_names_that_lead_out(void **state)
{
	static const char *const names[] = { "../victim", "/victim", "..", "",
		"x/../../victim" };
	const struct fixture *fixture = *state;
	struct auth_sign_writer *writer;
	struct auth_sign_key *key;
	const char *reason;
	char path[PATH_BYTES];
	size_t i;

	put_file(fixture, "victim.private", "x", 0600);
	assert_int_equal(
	    auth_sign_key_parse(span_of(RFC8463_ED25519), &key, &reason),
	    STATUS_OK);
	assert_int_equal(auth_sign_write_open(
			     fixture->base, "a.example", (uid_t)-1, &writer),
	    STATUS_OK);
	for (i = 0; i < GP_NELEMS(names); i++) {
		assert_int_equal(
		    auth_sign_write_remove(writer, names[i]), STATUS_INVALID);
		assert_int_equal(
		    auth_sign_write_key(writer, names[i], key), STATUS_INVALID);
	}
	path_of(fixture, "victim.private", path);
	assert_int_equal(access(path, F_OK), 0);
	auth_sign_key_free(&key);
	auth_sign_write_close(&writer);
}

struct file_case {
	const char *selector, *text;
	mode_t mode;
	const char *problem; /* how it ends; NULL: a good key */
};

static const struct file_case file_cases[] = {
	{ "good", RFC8463_ED25519, 0600, NULL },
	{ "all-read", RFC8463_RSA, 0644,
	    "other users may read or change it (chmod 600)" },
	{ "group-writes", RFC8463_RSA, 0660,
	    "other users may read or change it (chmod 600)" },
	{ "empty", "", 0600, "the file is empty" },
	{ "text", "hello", 0600, "the file holds no private key" },
	{ "a b", RFC8463_RSA, 0600, "the name is no selector" },
};

static void
test_files(void **state)
{
	const struct fixture *fixture = *state;
	const struct auth_sign_keys *keys;
	const struct auth_sign_folder *folder;
	const struct auth_sign_entry *entry;
	char name[PATH_BYTES];
	size_t i;

	put_folder(fixture, "a.example");
	put_folder(fixture, "a.example/folder.private");
	put_file(fixture, "a.example/.hidden.private", "x", 0644);
	put_file(fixture, "a.example/good.txt", "x", 0644);
	put_file(fixture, "a.example/.private", "x", 0644);
	for (i = 0; i < GP_NELEMS(file_cases); i++) {
		snprintf(name, sizeof(name), "a.example/%s.private",
		    file_cases[i].selector);
		put_file(fixture, name, file_cases[i].text, file_cases[i].mode);
	}
	assert_int_equal(
	    auth_sign_keys_load(fixture->base, geteuid(), &keys), STATUS_OK);
	folder = auth_sign_keys_find(keys, "a.example");
	assert_int_equal(folder->count, GP_NELEMS(file_cases) + 1);
	for (i = 0; i < GP_NELEMS(file_cases); i++) {
		entry = auth_sign_folder_find(folder, file_cases[i].selector);
		assert_non_null(entry);
		if (file_cases[i].problem == NULL)
			assert_non_null(entry->key);
		else
			expect_text(entry->selector, entry->problem,
			    file_cases[i].problem);
	}
	entry = auth_sign_folder_find(folder, "folder");
	expect_text("folder", entry->problem, "it is no file");
	expect_active(keys, "a.example", "good");
	auth_sign_keys_release(&keys);
}

static void
test_directories(void **state)
{
	const struct fixture *fixture = *state;
	const struct auth_sign_keys *keys;
	char path[PATH_BYTES];

	path_of(fixture, "absent", path);
	assert_int_equal(
	    auth_sign_keys_load(path, geteuid(), &keys), STATUS_OK);
	expect_text("absent", auth_sign_keys_problem(keys),
	    "/absent: No such file or directory");
	assert_null(auth_sign_keys_find(keys, "a.example"));
	auth_sign_keys_release(&keys);

	assert_int_equal(
	    auth_sign_keys_load(NULL, geteuid(), &keys), STATUS_OK);
	assert_null(auth_sign_keys_problem(keys));
	assert_int_equal(auth_sign_keys_count(keys), 0);
	auth_sign_keys_release(&keys);

	put_folder(fixture, "Example.org");
	put_folder(fixture, ".hidden");
	put_file(fixture, "a-file", "x", 0600);
	assert_int_equal(
	    auth_sign_keys_load(fixture->base, geteuid(), &keys), STATUS_OK);
	assert_int_equal(auth_sign_keys_count(keys), 1);
	expect_text("Example.org", auth_sign_keys_get(keys, 0)->problem,
	    "/Example.org: the name is no domain in lower case (punycode for "
	    "international ones)");
	auth_sign_keys_release(&keys);
}

static void
test_too_many(void **state)
{
	const struct fixture *fixture = *state;
	const struct auth_sign_keys *keys;
	char name[PATH_BYTES];
	size_t i;

	put_folder(fixture, "a.example");
	put_folder(fixture, "b.example");
	for (i = 0; i <= AUTH_SIGN_FOLDER_KEYS_MAX; i++) {
		snprintf(name, sizeof(name), "a.example/s%zu.private", i);
		put_file(fixture, name, RFC8463_ED25519, 0600);
	}
	for (i = 0; i <= AUTH_SIGN_ACTIVE_MAX; i++) {
		snprintf(name, sizeof(name), "b.example/s%zu.private", i);
		put_file(fixture, name, RFC8463_ED25519, 0600);
	}
	put_file(fixture, "b.example/selectors",
	    "active s0\nactive s1\nactive s2\nactive s3\nactive s4\n", 0600);
	assert_int_equal(
	    auth_sign_keys_load(fixture->base, geteuid(), &keys), STATUS_OK);
	expect_text("a", auth_sign_keys_find(keys, "a.example")->problem,
	    "a.example: there are over 32 keys");
	expect_text("b", auth_sign_keys_find(keys, "b.example")->problem,
	    "selectors: more than 4 keys are active");
	expect_active(keys, "a.example", "");
	expect_active(keys, "b.example", "");
	auth_sign_keys_release(&keys);
}

/* Ticks until the keys in force are others; they are looked at each 2 s. */
static const struct auth_sign_keys *
wait_for_change(
    struct auth_sign_store *store, const struct auth_sign_keys *before)
{
	const struct auth_sign_keys *keys = auth_sign_store_hold(store);
	struct timespec step = { 0, 20 * 1000 * 1000 };
	int left;

	for (left = 1000; keys == before && left > 0; left--) {
		auth_sign_keys_release(&keys);
		nanosleep(&step, NULL);
		auth_sign_store_tick(store);
		keys = auth_sign_store_hold(store);
	}
	assert_ptr_not_equal(keys, before);
	return keys;
}

static void
test_changes(void **state)
{
	const struct fixture *fixture = *state;
	const struct auth_sign_keys *keys, *before;
	struct auth_sign_store *store;
	char path[PATH_BYTES];

	put_folder(fixture, "a.example");
	put_file(fixture, "a.example/rsa1.private", RFC8463_RSA, 0600);
	assert_int_equal(auth_sign_store_new(fixture->base, &store), STATUS_OK);
	before = auth_sign_store_hold(store);
	expect_active(before, "a.example", "rsa1");

	/* a key that others can read is none, until that is mended */
	path_of(fixture, "a.example/rsa1.private", path);
	assert_int_equal(chmod(path, 0604), 0);
	keys = wait_for_change(store, before);
	expect_active(keys, "a.example", "");
	expect_active(before, "a.example", "rsa1"); /* who holds it, has it */
	auth_sign_keys_release(&before);
	before = keys;
	assert_int_equal(chmod(path, 0600), 0);
	keys = wait_for_change(store, before);
	expect_active(keys, "a.example", "rsa1");
	auth_sign_keys_release(&before);
	before = keys;

	put_folder(fixture, "b.example");
	put_file(fixture, "b.example/x.private", RFC8463_ED25519, 0600);
	keys = wait_for_change(store, before);
	expect_active(keys, "b.example", "x");
	auth_sign_keys_release(&before);

	assert_int_equal(auth_sign_store_reload(store, NULL), STATUS_OK);
	before = auth_sign_store_hold(store);
	assert_int_equal(auth_sign_keys_count(before), 0);
	auth_sign_keys_release(&before);
	auth_sign_keys_release(&keys);
	auth_sign_store_free(&store);
	assert_null(store);
}

static void
expect_change(
    struct auth_sign_store *store, const char *domain, const char *active)
{
	const struct auth_sign_keys *before = auth_sign_store_hold(store);
	const struct auth_sign_keys *keys = wait_for_change(store, before);

	expect_active(keys, domain, active);
	auth_sign_keys_release(&before);
	auth_sign_keys_release(&keys);
}

/* Takes all descriptors but a few; returns the limit before. */
static rlim_t
leave_descriptors(rlim_t count)
{
	struct rlimit limit;
	rlim_t before;
	int fd = open("/dev/null", O_RDONLY);

	assert_int_not_equal(fd, -1);
	close(fd);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	before = limit.rlim_cur;
	limit.rlim_cur = (rlim_t)fd + count;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	return before;
}

static void
give_descriptors(rlim_t count)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = count;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

/* None for the directory, one for it alone, ... to one too few for a key. */
static void
test_short_of_descriptors(void **state)
{
	const struct fixture *fixture = *state;
	const struct auth_sign_keys *keys, *old;
	struct auth_sign_store *store, *late[DESCRIPTORS];
	rlim_t count, before;

	put_folder(fixture, "a.example");
	put_file(fixture, "a.example/rsa1.private", RFC8463_RSA, 0600);
	put_file(fixture, "a.example/selectors", "active rsa1\n", 0600);
	assert_int_equal(auth_sign_store_new(fixture->base, &store), STATUS_OK);
	old = auth_sign_store_hold(store);
	put_file(fixture, "a.example/ed1.private", RFC8463_ED25519, 0600);
	put_file(fixture, "a.example/selectors", "active ed1\n", 0600);
	for (count = 0; count < DESCRIPTORS; count++) {
		before = leave_descriptors(count);
		assert_int_equal(
		    auth_sign_store_reload(store, fixture->base), STATUS_OK);
		assert_int_equal(
		    auth_sign_store_new(fixture->base, &late[count]),
		    STATUS_OK);
		give_descriptors(before);
		keys = auth_sign_store_hold(store);
		assert_ptr_equal(keys, old);
		auth_sign_keys_release(&keys);
	}
	/* nothing is touched, and yet all is read again */
	expect_change(store, "a.example", "ed1");
	for (count = 0; count < DESCRIPTORS; count++) {
		expect_change(late[count], "a.example", "ed1");
		auth_sign_store_free(&late[count]);
	}
	auth_sign_keys_release(&old);
	auth_sign_store_free(&store);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_selectors, setup, teardown),
		cmocka_unit_test_setup_teardown(test_states, setup, teardown),
		cmocka_unit_test_setup_teardown(test_files, setup, teardown),
		cmocka_unit_test_setup_teardown(test_owners, setup, teardown),
		cmocka_unit_test_setup_teardown(test_writers, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_names_that_lead_out, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_directories, setup, teardown),
		cmocka_unit_test_setup_teardown(test_too_many, setup, teardown),
		cmocka_unit_test_setup_teardown(test_changes, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_short_of_descriptors, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
