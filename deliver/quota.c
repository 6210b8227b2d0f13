/*
 * quota - room in mailboxes, by Dovecot's quota-status, and warnings before
 * there is none.
 *
 * How full a mailbox is follows from what still fits: at 80 % a fifth of the
 * limit does not.
 *
 * Dovecot can miss a file that comes while it moves others from new to cur, as
 * it then notes a time of change that is later; it looks again in the next
 * second.  So the room of a message stays held for LINGER_MS after it was
 * stored, and who finds no room for that alone waits as long.
 */
#include "config.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "deliver/delivery-private.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/strbuf.h"
#include "lib/users/identity.h"

#define STATE_FILE     "gatepost-quota" /* in the Maildir: the last warning */
#define WARNING_BYTES  4000
#define LOCK_ATTEMPTS  100
#define LOCK_STEP_MS   100
#define LINGER_MS      2100
#define LINGER_STEP_MS 100
#define NEAR_COPIES    100 /* with no room for so many it is nearly full */

static const struct delivery_result full_for_good = { 552, "5.2.2",
	"Mailbox full" };
static const struct delivery_result full_for_now = { 452, "4.2.2",
	"Mailbox full" };
static const struct delivery_result others_first = { 452, "4.2.2",
	"Mailbox nearly full, and other mail is on its way" };
static const struct delivery_result not_told = { 451, "4.3.0",
	"Cannot ask for the quota now" };

static bool
warns(const struct delivery *delivery, const struct user *user)
{
	return delivery->conf->quota_warnings.count > 0 &&
	    user->quota_bytes > 0;
}

/* What does not fit any more when the mailbox is so full. */
static uint64_t
room_at(const struct user *user, unsigned int percent)
{
	return user->quota_bytes / 100 * (100 - percent) + 1;
}

static unsigned int
percent_of(const struct delivery *delivery, size_t i)
{
	uint64_t percent = 0;
	enum status status;

	/* The configuration has checked it. */
	status = str_to_uint64(
	    span_of(delivery->conf->quota_warnings.items[i]), 99, &percent);
	assert(status == STATUS_OK);
	return (unsigned int)percent;
}

static unsigned int
lowest_warning(const struct delivery *delivery)
{
	unsigned int lowest = 100, percent;
	size_t i;

	for (i = 0; i < delivery->conf->quota_warnings.count; i++) {
		percent = percent_of(delivery, i);
		if (percent < lowest)
			lowest = percent;
	}
	return lowest;
}

static enum status
ask(struct delivery *delivery, const struct user *user, uint64_t bytes,
    bool *fits_r)
{
	return quota_status_ask(delivery->quota, user->name, bytes, fits_r);
}

static struct delivery_result
refusal(const struct delivery *delivery)
{
	return delivery->conf->quota_full == DELIVER_QUOTA_BOUNCE ?
	    full_for_good :
	    full_for_now;
}

static void
pause_ms(int64_t ms)
{
	const struct timespec pause = { ms / 1000, ms % 1000 * 1000000L };

	nanosleep(&pause, NULL);
}

/* Is there room beside all that is held?  Waits while what lingers, perhaps
 * counted already, is in the way. */
static enum status
ask_beside_held(struct delivery *delivery, const struct user *user,
    uint64_t size, bool *fits_r)
{
	struct quota_holds *holds = delivery->services->quota_holds;
	int64_t until_ms = clock_now_ms() + LINGER_MS;
	enum status status;
	uint64_t total;

	for (;;) {
		total = quota_holds_total(holds, user->name);
		status = ask(delivery, user, total, fits_r);
		if (status != STATUS_OK || *fits_r || total <= size ||
		    clock_now_ms() >= until_ms)
			return status;
		status = ask(delivery, user, size, fits_r);
		if (status != STATUS_OK || !*fits_r)
			return status;
		pause_ms(LINGER_STEP_MS);
	}
}

/* Is there room for size bytes? */
static struct delivery_result
judge(struct delivery *delivery, struct delivery_recipient *recipient,
    uint64_t size, uint64_t total)
{
	static const struct delivery_result fine = { 0 };
	const struct user *user = &recipient->user;
	bool fits = false;
	enum status status = STATUS_OK;

	recipient->quota_is_high = warns(delivery, user);
	if (recipient->quota_is_high) {
		/* Most mailboxes have so much room that one question will do. */
		status = ask(delivery, user,
		    total + room_at(user, lowest_warning(delivery)), &fits);
		recipient->quota_is_high = !fits;
	}
	if (status == STATUS_OK && !fits)
		status = ask_beside_held(delivery, user, size, &fits);
	if (status != STATUS_OK)
		return not_told;
	if (fits)
		return fine;
	if (ask(delivery, user, size, &fits) == STATUS_OK && fits)
		return others_first;
	return refusal(delivery);
}

/* One process at a time; others hold nothing that we could see. */
static bool
lock_mailbox(struct delivery_recipient *recipient)
{
	int i;

	if (identity_assume(&recipient->user) != STATUS_OK)
		return false;
	recipient->lock_fd =
	    open(recipient->user.maildir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	identity_return();
	for (i = 0; recipient->lock_fd != -1 && i < LOCK_ATTEMPTS; i++) {
		if (flock(recipient->lock_fd, LOCK_EX | LOCK_NB) == 0)
			return true;
		pause_ms(LOCK_STEP_MS);
	}
	return false;
}

struct delivery_result
quota_take(struct delivery *delivery, struct delivery_recipient *recipient,
    uint64_t size)
{
	struct delivery_result result = { 0 };
	uint64_t total;

	if (delivery->quota == NULL)
		return result;
	if (quota_holds_add(delivery->services->quota_holds,
		recipient->user.name, size, &total) != STATUS_OK)
		return delivery_no_memory;
	recipient->held = true;
	recipient->held_bytes = size;
	/* More is held: then the lock is, too. */
	if (delivery->services->locks_mailboxes && total == size &&
	    !lock_mailbox(recipient))
		return others_first;
	return judge(delivery, recipient, size, total);
}

/* Other processes do not see what lingers: keeps the lock as long. */
static void
linger_locked(struct delivery *delivery, struct delivery_recipient *recipient)
{
	bool fits;

	if (ask(delivery, &recipient->user, NEAR_COPIES * recipient->held_bytes,
		&fits) != STATUS_OK ||
	    !fits)
		pause_ms(LINGER_MS);
}

void
quota_release(struct delivery *delivery, struct delivery_recipient *recipient)
{
	bool stored = recipient->result.code == 250;

	if (recipient->held)
		quota_holds_drop(delivery->services->quota_holds,
		    recipient->user.name, recipient->held_bytes,
		    stored ? LINGER_MS : 0);
	recipient->held = false;
	if (recipient->lock_fd == -1)
		return;
	if (stored)
		linger_locked(delivery, recipient);
	close(recipient->lock_fd);
	recipient->lock_fd = -1;
}

struct delivery_result
quota_check_user(
    struct delivery *delivery, const struct user *user, uint64_t size)
{
	struct delivery_result result = { 0 };
	bool fits;

	if (delivery->quota == NULL || !delivery->conf->quota_at_rcpt)
		return result;
	if (ask(delivery, user, size, &fits) != STATUS_OK)
		return not_told;
	return fits ? result : refusal(delivery);
}

/* The highest warning that is reached; 0: none. */
static enum status
find_level(
    struct delivery *delivery, const struct user *user, unsigned int *level_r)
{
	enum status status = STATUS_OK;
	unsigned int percent;
	bool fits;
	size_t i;

	*level_r = 0;
	for (i = 0;
	     status == STATUS_OK && i < delivery->conf->quota_warnings.count;
	     i++) {
		percent = percent_of(delivery, i);
		if (percent <= *level_r)
			continue;
		status = ask(delivery, user, room_at(user, percent), &fits);
		if (status == STATUS_OK && !fits)
			*level_r = percent;
	}
	return status;
}

/* The level of the last warning, as the file has it. */
static unsigned int
read_level(int fd)
{
	uint64_t level = 0;
	char text[8];
	ssize_t length;

	length = pread(fd, text, sizeof(text), 0);
	if (length <= 0 ||
	    str_to_uint64(span_trim((struct span){ text, (size_t)length }), 99,
		&level) != STATUS_OK)
		return 0;
	return (unsigned int)level;
}

static void
write_level(int fd, unsigned int level)
{
	char text[8];
	int length = snprintf(text, sizeof(text), "%2u\n", level);

	if (pwrite(fd, text, (size_t)length, 0) != length)
		log_warning(
		    "quota: cannot note the warning: %s", strerror(errno));
}

static enum status
write_warning(const struct delivery *delivery, const struct user *user,
    unsigned int level, struct strbuf *text)
{
	char date[64];
	time_t now = (time_t)clock_wall_seconds();
	struct tm broken_down;

	if (gmtime_r(&now, &broken_down) == NULL ||
	    strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S +0000",
		&broken_down) == 0)
		return STATUS_INVALID;
	strbuf_printf(text,
	    "Return-Path: <>\n"
	    "From: Mail system <MAILER-DAEMON@%s>\n"
	    "To: <%s>\nDate: %s\nMessage-ID: <quota.%" PRId64 ".%u@%s>\n"
	    "Subject: Your mailbox is %u%% full\n"
	    "Auto-Submitted: auto-generated\nMIME-Version: 1.0\n"
	    "Content-Type: text/plain; charset=utf-8\n\n",
	    delivery->settings->authserv_id, user->name, date, clock_now_ms(),
	    (unsigned int)gettid(), delivery->settings->authserv_id, level);
	strbuf_printf(text,
	    "Your mailbox has reached %u%% of its size limit of %" PRIu64
	    " MB.\n\nWhen it is full, new mail is refused.  Please delete what "
	    "you do not need,\nand empty the trash.\n",
	    level, user->quota_bytes / (1024 * 1024));
	return strbuf_status(text);
}

/* With the identity of the user. */
static void
store_warning(struct delivery *delivery,
    const struct delivery_recipient *recipient, unsigned int level)
{
	struct maildir_place place = { .path = recipient->user.maildir,
		.is_inbox = true,
		.mode = delivery->file_mode,
		.flags = "" };
	struct strbuf *text = strbuf_new(WARNING_BYTES);
	struct maildir_message message = { .fd = -1 };
	char key[64];
	enum status status = STATUS_NOMEM;
	struct span all = { "", 0 };

	(void)snprintf(key, sizeof(key), "quota-%" PRId64 "-%ld",
	    clock_wall_seconds(), (long)gettid());
	if (text != NULL)
		status = write_warning(delivery, &recipient->user, level, text);
	if (status == STATUS_OK) {
		all = (struct span){ strbuf_text(text), strbuf_length(text) };
		status = maildir_begin(delivery->region, &place, key, &message);
	}
	if (status == STATUS_OK &&
	    write(message.fd, all.data, all.length) != (ssize_t)all.length)
		status = STATUS_IO;
	if (status == STATUS_OK)
		status = maildir_sync(&message);
	if (status == STATUS_OK)
		status = maildir_publish(delivery->region, &message,
		    &delivery->services->namer, all.length,
		    text_crlf_size(all));
	if (status == STATUS_OK) {
		maildir_settle(&message);
		log_info("quota: %s was warned at %u%%", recipient->user.name,
		    level);
	} else {
		maildir_cancel(&message);
		log_warning("quota: %s was not warned: %s",
		    recipient->user.name, status_text(status));
	}
	strbuf_free(&text);
}

/* The file of the last warning, locked: who comes second sees what the first
 * has found.  -1: there is none, or it cannot be had. */
static int
open_state(struct delivery *delivery, const struct user *user, bool create)
{
	const char *path;
	int fd;

	path = region_printf(delivery->region, "%s/" STATE_FILE, user->maildir);
	if (path == NULL || identity_assume(user) != STATUS_OK)
		return -1;
	fd = open(path,
	    O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC |
		(create ? O_CREAT : 0),
	    delivery->file_mode);
	if (fd == -1 && errno != ENOENT)
		log_warning("%s: %s", path, strerror(errno));
	identity_return();
	if (fd != -1)
		(void)flock(fd, LOCK_EX);
	return fd;
}

/* With the file locked. */
static void
update_level(struct delivery *delivery,
    const struct delivery_recipient *recipient, int fd)
{
	unsigned int before = read_level(fd), level;

	if (before == 0 && !recipient->quota_is_high)
		return;
	if (find_level(delivery, &recipient->user, &level) != STATUS_OK ||
	    level == before)
		return;
	write_level(fd, level);
	if (level > before && identity_assume(&recipient->user) == STATUS_OK) {
		store_warning(delivery, recipient, level);
		identity_return();
	}
}

void
quota_warn(struct delivery *delivery, struct delivery_recipient *recipient)
{
	int fd;

	if (delivery->quota == NULL || recipient->result.code != 250 ||
	    !warns(delivery, &recipient->user))
		return;
	fd = open_state(delivery, &recipient->user, recipient->quota_is_high);
	if (fd == -1)
		return;
	update_level(delivery, recipient, fd);
	close(fd);
}
