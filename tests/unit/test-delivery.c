/* One message to recipients: folders, headers, loops, owners, failures. */
#include "config.h"

#include "deliver/delivery.h"

#include <sys/mount.h>

#include "lib/users/identity.h"
#include "deliver/recipient.h"
#include "lib/scan/verdict-seal.h"
#include "tests/unit/deliver-fixture.h"

struct fixture {
	struct place place;
	struct delivery_services *services;
	struct delivery *delivery;
};

static void
fixture_open(struct fixture *fixture, const char *keys)
{
	place_open(&fixture->place);
	place_configure(&fixture->place, "file", keys);
	assert_non_null(fixture->services = delivery_services_new());
	fixture->delivery =
	    delivery_new(fixture->services, fixture->place.settings);
	assert_non_null(fixture->delivery);
}

static void
fixture_close(struct fixture *fixture)
{
	delivery_free(&fixture->delivery);
	assert_null(fixture->delivery);
	delivery_services_free(&fixture->services);
	place_close(&fixture->place);
}

static void
begin(struct fixture *fixture)
{
	assert_int_equal(
	    delivery_begin(fixture->delivery, span_of("s@x")), STATUS_OK);
}

static int
add(struct fixture *fixture, const char *address)
{
	return delivery_add_recipient(fixture->delivery, span_of(address)).code;
}

static void
run(struct fixture *fixture, const char *message)
{
	spool_add(delivery_spool(fixture->delivery), message, strlen(message));
	delivery_run(fixture->delivery);
}

static int
code(struct fixture *fixture, size_t i)
{
	return delivery_result(fixture->delivery, i).code;
}

/* Delivers to one address; returns the code. */
static int
deliver(struct fixture *fixture, const char *address, const char *message)
{
	int result;

	begin(fixture);
	assert_int_equal(add(fixture, address), 250);
	run(fixture, message);
	result = code(fixture, 0);
	delivery_settle(fixture->delivery, true);
	return result;
}

#define ALICE "alice home/Maildir"

static void
assert_message(struct fixture *fixture, const char *folder, const char *wanted)
{
	char directory[200], name[256], text[FILE_SIZE];

	snprintf(directory, sizeof(directory), "%s/new", folder);
	assert_int_equal(place_list(&fixture->place, directory, name), 1);
	(void)place_read(&fixture->place, directory, name, text);
	assert_string_equal(text, wanted);
}

static void
test_headers(void **state GP_UNUSED)
{
	static const struct {
		const char *message, *delivered;
	} cases[] = {
		{ "Subject: x\n\nbody\n",
		    "Return-Path: <s@x>\nDelivered-To: alice@example.com\n"
		    "Subject: x\n\nbody\n" },
		{ "",
		    "Return-Path: <s@x>\n"
		    "Delivered-To: alice@example.com\n" },
		/* What Postfix has written stands once. */
		{ "Return-Path: <o@x>\nDelivered-To: alice@example.com\n\nb",
		    "Return-Path: <o@x>\nDelivered-To: alice@example.com\n"
		    "\nb" },
		{ "X-Original-To: o@x\nDelivered-To: other@x\n\nb",
		    "Return-Path: <s@x>\nDelivered-To: alice@example.com\n"
		    "X-Original-To: o@x\nDelivered-To: other@x\n\nb" },
	};
	struct fixture fixture;
	size_t i;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		fixture_open(&fixture, "");
		assert_int_equal(
		    deliver(&fixture, "alice@example.com", cases[i].message),
		    250);
		assert_message(&fixture, ALICE, cases[i].delivered);
		fixture_close(&fixture);
	}
}

static void
test_loop(void **state GP_UNUSED)
{
	static const char message[] =
	    "Received: x\nDelivered-To: Alice@example.com\n\n";
	struct fixture fixture;

	fixture_open(&fixture, "");
	begin(&fixture);
	assert_int_equal(add(&fixture, "alice@example.com"), 250);
	assert_int_equal(add(&fixture, "bob@example.com"), 250);
	run(&fixture, message);
	assert_int_equal(code(&fixture, 0), 554);
	assert_int_equal(code(&fixture, 1), 250);
	fixture_close(&fixture);
}

static void
test_detail(void **state GP_UNUSED)
{
	static const struct {
		const char *keys, *address, *folder;
	} cases[] = {
		{ "", "alice+there@example.com", ALICE "/.there" },
		{ "", "alice+none@example.com", ALICE },
		{ "", "alice+../../x@example.com", ALICE },
		{ "", "alice+@example.com", ALICE },
		{ "", "alice+inbox@example.com", ALICE },
		{ "detail = ignore", "alice+there@example.com", ALICE },
		{ "detail = create", "alice+new/sub@example.com",
		    ALICE "/.new.sub" },
		{ "detail = create", "alice+..@example.com", ALICE },
		{ "detail = create\n\tdetail_delimiter = \"-\"",
		    "alice-a+b@example.com", ALICE "/.a+b" },
	};

	char directory[200], path[300], text[FILE_SIZE];
	struct fixture fixture;
	size_t i;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		fixture_open(&fixture, cases[i].keys);
		/* The Maildir, and one folder. */
		assert_int_equal(
		    deliver(&fixture, "alice@example.com", "x\n"), 250);
		snprintf(directory, sizeof(directory), "%s/%s/.there",
		    fixture.place.path, ALICE);
		assert_int_equal(mkdir(directory, 0700), 0);
		if (geteuid() == 0)
			assert_int_equal(
			    chown(directory, OWNER_ID, OWNER_ID), 0);
		snprintf(
		    directory, sizeof(directory), "%s/new", cases[i].folder);
		assert_int_equal(
		    deliver(&fixture, cases[i].address, "x\n"), 250);
		if (place_list(&fixture.place, directory, NULL) !=
		    (strcmp(cases[i].folder, ALICE) == 0 ? 2 : 1))
			fail_msg("case %zu %s", i, cases[i].address);
		fixture_close(&fixture);
	}
	/* A folder that was made is shown. */
	fixture_open(&fixture, "detail = create");
	assert_int_equal(
	    deliver(&fixture, "alice+a/b@example.com", "x\n"), 250);
	(void)place_read(&fixture.place, ALICE, "subscriptions", text);
	assert_string_equal(text, "V\t2\n\na\tb\n");
	snprintf(path, sizeof(path), "%s/%s/.a.b/maildirfolder",
	    fixture.place.path, ALICE);
	assert_int_equal(access(path, F_OK), 0);
	fixture_close(&fixture);
}

/* The message below with a verdict and its seal. */
static const char *
sealed_message(struct region *region, const char *action)
{
	static const char rest[] = "From: ann@x.test\nMessage-ID: <1@x>\n\n";
	char seal[VERDICT_SEAL_BYTES], words[100];
	struct message message;
	struct span body;

	snprintf(words, sizeof(words),
	    "action=%s; score=6; required=5; by=mx.test; ", action);
	message_init(&message, region);
	assert_int_equal(
	    message_parse_header(&message, span_of(rest), &body), STATUS_OK);
	assert_int_equal(
	    verdict_seal(PLACE_SECRET, span_of(words), &message, seal),
	    STATUS_OK);
	return region_printf(
	    region, "%s: %sseal=%s\n%sx\n", VERDICT_FIELD, words, seal, rest);
}

static void
test_junk(void **state GP_UNUSED)
{
	static const struct {
		const char *keys, *preferences, *action, *directory, *flags;
	} cases[] = {
		{ "", "", "junk", "/.Junk/cur", ":2,a" },
		{ "", "", "accept", "/new", "" },
		{ "junk_seen = yes", "", "junk", "/.Junk/cur", ":2,Sa" },
		{ "junk_keyword = \"\"", "", "junk", "/.Junk/new", "" },
		{ "junk_folder = \"A/B\"", "", "junk", "/.A.B/cur", ":2,a" },
		{ "junk_folder = INBOX", "", "junk", "/cur", ":2,a" },
		{ "", "junk_folder = Spam\n", "junk", "/.Spam/cur", ":2,a" },
		{ "", "threshold = 7\n", "junk", "/new", "" },
		{ "preferences = no", "threshold = 7\n", "junk", "/.Junk/cur",
		    ":2,a" },
		{ "", "block = @x.test\n", "accept", "/.Junk/cur", ":2,a" },
		{ "", "allow = ann@x.test\n", "junk", "/new", "" },
		/* A good seal of nothing that we know. */
		{ "", "", "other", "/new", "" },
	};
	struct region *region = region_new();
	char directory[200], name[256], path[100];
	struct fixture fixture;
	size_t i, length;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		fixture_open(&fixture, cases[i].keys);
		snprintf(
		    path, sizeof(path), "%s/alice home", fixture.place.path);
		assert_int_equal(mkdir(path, 0777), 0);
		(void)place_write(&fixture.place, "alice home/.gatepost",
		    cases[i].preferences);
		assert_int_equal(
		    chmod(place_write(&fixture.place, "alice home/.gatepost",
			      cases[i].preferences),
			0644),
		    0);
		assert_int_equal(deliver(&fixture, "alice@example.com",
				     sealed_message(region, cases[i].action)),
		    250);
		snprintf(directory, sizeof(directory), ALICE "%s",
		    cases[i].directory);
		if (place_list(&fixture.place, directory, name) != 1)
			fail_msg("case %zu: not in %s", i, directory);
		length = strlen(cases[i].flags);
		assert_string_equal(
		    name + strlen(name) - length, cases[i].flags);
		if (length == 0)
			assert_null(strchr(name, ':'));
		fixture_close(&fixture);
	}
	region_free(&region);
}

static void
test_duplicates(void **state GP_UNUSED)
{
	static const struct {
		const char *address, *message;
		size_t count; /* of messages then */
	} cases[] = {
		{ "alice@example.com", "Message-ID: <1@x>\n\na\n", 1 },
		{ "Alice@example.com", "Message-Id:  <1@x>\n\nb\n", 1 },
		{ "alice+a@example.com", "Message-ID: <1@x>\n\nc\n", 2 },
		{ "alice@example.com", "Message-ID: <2@x>\n\nd\n", 3 },
		{ "alice@example.com", "Subject: none\n\ne\n", 4 },
		{ "alice@example.com", "Subject: none\n\nf\n", 5 },
		{ "alice@example.com", "Message-ID: <2@x>\n\nd\n", 5 },
	};
	struct fixture fixture;
	size_t i;

	fixture_open(&fixture, "duplicate_window = 1h");
	for (i = 0; i < GP_NELEMS(cases); i++) {
		assert_int_equal(
		    deliver(&fixture, cases[i].address, cases[i].message), 250);
		if (place_list(&fixture.place, ALICE "/new", NULL) !=
		    cases[i].count)
			fail_msg("case %zu", i);
	}
	/* What was not delivered is no copy. */
	begin(&fixture);
	assert_int_equal(add(&fixture, "bob@example.com"), 250);
	(void)place_write(&fixture.place, "example.com", "in the way");
	run(&fixture, "Message-ID: <3@x>\n\n");
	assert_int_equal(code(&fixture, 0), 451);
	delivery_settle(fixture.delivery, true);
	assert_int_equal(
	    unlink(place_write(&fixture.place, "example.com", "")), 0);
	assert_int_equal(
	    deliver(&fixture, "bob@example.com", "Message-ID: <3@x>\n\n"), 250);
	assert_int_equal(
	    place_list(&fixture.place, "example.com/bob/Maildir/new", NULL), 1);
	fixture_close(&fixture);
	/* Not so by default. */
	fixture_open(&fixture, "");
	for (i = 1; i <= 2; i++) {
		assert_int_equal(deliver(&fixture, "alice@example.com",
				     i == 1 ? "Message-ID: <1@x>\n\na\n" :
					      "Message-ID: <1@x>\n\nb\n"),
		    250);
		assert_int_equal(
		    place_list(&fixture.place, ALICE "/new", NULL), i);
	}
	fixture_close(&fixture);
}

/* Every directory and file is the user's, also when root delivers. */
static void
test_owner(void **state GP_UNUSED)
{
	static const char *const paths[] = { "", "/Maildir", "/Maildir/new",
		"/Maildir/tmp", "/Maildir/cur" };
	char path[400], name[256];
	struct fixture fixture;
	struct stat file;
	size_t i;

	if (geteuid() != 0)
		skip();
	fixture_open(&fixture, "");
	assert_int_equal(deliver(&fixture, "alice@example.com", "x\n"), 250);
	for (i = 0; i < GP_NELEMS(paths); i++) {
		snprintf(path, sizeof(path), "%s/alice home%s",
		    fixture.place.path, paths[i]);
		assert_int_equal(stat(path, &file), 0);
		assert_int_equal(file.st_uid, OWNER_ID);
		assert_int_equal(file.st_gid, OWNER_ID);
		assert_int_equal(file.st_mode & 0777, 0700);
	}
	assert_int_equal(place_list(&fixture.place, ALICE "/new", name), 1);
	snprintf(path, sizeof(path), "%s/%s/new/%s", fixture.place.path, ALICE,
	    name);
	assert_int_equal(stat(path, &file), 0);
	assert_int_equal(file.st_uid, OWNER_ID);
	assert_int_equal(file.st_mode & 0777, 0600);
	/* A directory that is not the user's is not written into. */
	snprintf(path, sizeof(path), "%s/%s/tmp", fixture.place.path, ALICE);
	assert_int_equal(chown(path, OWNER_ID + 1, OWNER_ID + 1), 0);
	assert_int_equal(deliver(&fixture, "alice@example.com", "x\n"), 451);
	fixture_close(&fixture);
}

static void
test_identity(void **state GP_UNUSED)
{
	struct user user = { .name = "x", .uid = OWNER_ID, .gid = OWNER_ID };

	if (geteuid() != 0)
		skip();
	assert_int_equal(identity_assume(&user), STATUS_OK);
	assert_int_equal(access("/root", W_OK), 0); /* the real id's */
	assert_int_equal(open("/root/x", O_WRONLY | O_CREAT, 0600), -1);
	identity_return();
	user.uid = 0;
	assert_int_equal(identity_assume(&user), STATUS_INVALID);
	user.uid = USER_ID_NONE;
	assert_int_equal(identity_assume(&user), STATUS_INVALID);
}

/* More than a batch, and one whose Maildir cannot be. */
static void
test_many_recipients(void **state GP_UNUSED)
{
	char address[64], path[200];
	struct fixture fixture;
	size_t i;

	fixture_open(&fixture, "");
	snprintf(path, sizeof(path), "%s/example.com", fixture.place.path);
	(void)place_write(&fixture.place, "example.com", "in the way of bob");
	begin(&fixture);
	for (i = 0; i < 120; i++) {
		snprintf(address, sizeof(address), "%s+%zu@example.com",
		    i == 70 ? "bob" : "alice", i);
		assert_int_equal(add(&fixture, address), 250);
	}
	run(&fixture, "Subject: x\n\nx\n");
	for (i = 0; i < 120; i++)
		if (code(&fixture, i) != (i == 70 ? 451 : 250))
			fail_msg("recipient %zu: %d", i, code(&fixture, i));
	assert_int_equal(place_list(&fixture.place, ALICE "/new", NULL), 119);
	delivery_settle(fixture.delivery, true);
	assert_int_equal(place_list(&fixture.place, ALICE "/tmp", NULL), 0);
	fixture_close(&fixture);
}

static void
test_sender(void **state GP_UNUSED)
{
	char text[RECIPIENT_BYTES_MAX + 1];
	struct span sender = { text, sizeof(text) };
	struct fixture fixture;

	fixture_open(&fixture, "");
	memset(text, 'a', sizeof(text));
	assert_int_equal(
	    delivery_begin(fixture.delivery, sender), STATUS_LIMIT);
	text[10] = '\n';
	sender.length = 20;
	assert_int_equal(
	    delivery_begin(fixture.delivery, sender), STATUS_INVALID);
	sender.length = 10;
	assert_int_equal(delivery_begin(fixture.delivery, sender), STATUS_OK);
	fixture_close(&fixture);
}

/* A disk that is full while the message is written, and has room again. */
static void
test_full_disk(void **state GP_UNUSED)
{
	struct fixture fixture;
	char path[100], *message;

	if (geteuid() != 0)
		skip();
	fixture_open(&fixture, "");
	snprintf(path, sizeof(path), "%s/example.com", fixture.place.path);
	assert_int_equal(mkdir(path, 0777), 0);
	if (mount("none", path, "tmpfs", 0, "size=256k,mode=777") != 0) {
		fixture_close(&fixture);
		skip();
	}
	assert_non_null(message = malloc(300001));
	memset(message, 'x', 300000);
	message[300000] = '\0';
	assert_int_equal(deliver(&fixture, "bob@example.com", message), 452);
	assert_int_equal(
	    place_list(&fixture.place, "example.com/bob/Maildir/tmp", NULL), 0);
	assert_int_equal(
	    place_list(&fixture.place, "example.com/bob/Maildir/new", NULL), 0);
	message[1000] = '\0';
	assert_int_equal(deliver(&fixture, "bob@example.com", message), 250);
	free(message);
	assert_int_equal(umount(path), 0);
	fixture_close(&fixture);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_headers),
		cmocka_unit_test(test_loop),
		cmocka_unit_test(test_detail),
		cmocka_unit_test(test_junk),
		cmocka_unit_test(test_duplicates),
		cmocka_unit_test(test_owner),
		cmocka_unit_test(test_identity),
		cmocka_unit_test(test_many_recipients),
		cmocka_unit_test(test_sender),
		cmocka_unit_test(test_full_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
