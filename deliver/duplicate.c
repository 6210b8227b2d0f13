/*
 * duplicate - copies of a message that has come to the same recipient lately:
 * they are dropped, and the client hears that they were taken.
 *
 * A message is noted when it is on the disk and not before: who comes again
 * after a failure is no duplicate.  Of two copies at the same time the second
 * has to come again.
 */
#include "config.h"

#include "deliver/delivery-private.h"
#include "lib/base/clock.h"
#include "lib/users/identity.h"

static const struct delivery_result dropped = { 250, "2.0.0",
	"Duplicate, dropped" };
static const struct delivery_result twin_is_on_its_way = { 451, "4.3.0",
	"A copy of the message is being delivered" };
static const struct delivery_result not_looked_up = { 451, "4.3.0",
	"Cannot look for duplicates now" };

static const char *
file_of(const struct delivery *delivery, const struct user *user)
{
	return region_printf(delivery->region, "%s/" SEEN_FILE, user->maildir);
}

static int64_t
window_start(const struct delivery *delivery)
{
	return clock_wall_seconds() - delivery->conf->duplicate_window / 1000;
}

/* Holds the key, so that no other thread delivers a copy. */
static struct delivery_result
take_key(struct delivery *delivery, struct delivery_recipient *recipient)
{
	struct delivery_result fine = { 0 };
	uint64_t count;

	if (quota_holds_add(delivery->services->copies, recipient->seen_key, 1,
		&count) != STATUS_OK)
		return delivery_no_memory;
	recipient->copy_held = true;
	return count == 1 ? fine : twin_is_on_its_way;
}

void
duplicate_drop(struct delivery *delivery, struct delivery_recipient *recipient)
{
	const char *path;

	if (delivery->conf->duplicate_window == 0 ||
	    delivery->head.message_id.length == 0)
		return;
	path = file_of(delivery, &recipient->user);
	if (path == NULL ||
	    seen_key(delivery->head.message_id, recipient->recipient.address,
		recipient->seen_key) != STATUS_OK) {
		recipient->result = delivery_no_memory;
		return;
	}
	recipient->result = take_key(delivery, recipient);
	if (recipient->result.code != 0)
		return;
	if (identity_assume(&recipient->user) != STATUS_OK) {
		recipient->result = not_looked_up;
		return;
	}
	if (seen_find(path, recipient->seen_key, window_start(delivery))) {
		recipient->result = dropped;
		recipient->is_duplicate = true;
	}
	identity_return();
}

void
duplicate_note(struct delivery *delivery, struct delivery_recipient *recipient)
{
	const char *path;

	if (!recipient->copy_held)
		return;
	path = file_of(delivery, &recipient->user);
	if (path != NULL && recipient->result.code == 250 &&
	    !recipient->is_duplicate &&
	    identity_assume(&recipient->user) == STATUS_OK) {
		seen_add(path, recipient->seen_key, clock_wall_seconds(),
		    window_start(delivery), delivery->file_mode);
		identity_return();
	}
	quota_holds_drop(delivery->services->copies, recipient->seen_key, 1, 0);
	recipient->copy_held = false;
}
