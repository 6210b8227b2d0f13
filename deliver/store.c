/*
 * store - puts a message into the Maildirs of some recipients.
 *
 * Each step is done for all of them before the next one: then the first sync
 * writes most of what the others wait for.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

#include "deliver/delivery-private.h"
#include "lib/users/identity.h"
#include "deliver/test-point.h"
#include "lib/base/log.h"
#include "lib/base/strbuf.h"

#define KEY_BYTES 16 /* of a SHA-256: no two messages share them */

static const struct delivery_result delivered = { 250, "2.0.0", "Saved" };
static const struct delivery_result delivered_before = { 250, "2.0.0",
	"Saved before" };
static const struct delivery_result loops = { 554, "5.4.6",
	"Mail forwarding loop" };
static const struct delivery_result on_its_way = { 451, "4.3.0",
	"The same message is being delivered" };
static const struct delivery_result mailbox_full = { 452, "4.2.2",
	"Mailbox full" };
static const struct delivery_result disk_full = { 452, "4.3.1",
	"No space left on the mail system" };
static const struct delivery_result not_stored = { 451, "4.3.0",
	"Cannot store the message now" };

/* What a failure means for the client: all of them may heal. */
static struct delivery_result
result_of(enum status status, int error)
{
	if (status == STATUS_NOMEM)
		return delivery_no_memory;
	if (status == STATUS_BUSY)
		return on_its_way;
	if (error == EDQUOT)
		return mailbox_full;
	return error == ENOSPC ? disk_full : not_stored;
}

/* Decides the recipient's result, and leaves nothing of the message. */
static void
fail(struct delivery_recipient *recipient, const char *step, enum status status)
{
	int error = errno;

	log_error("%s: %s: %s", recipient->place.path, step,
	    status == STATUS_IO ? strerror(error) : status_text(status));
	maildir_cancel(&recipient->message);
	recipient->result = result_of(status, error);
}

/* Is there something to do for this recipient? */
static bool
is_open(const struct delivery_recipient *recipient)
{
	return recipient->same_as == NULL && recipient->result.code == 0;
}

/* Return-Path (RFC 5321 section 4.4) and Delivered-To, unless Postfix has
 * written them. */
static enum status
make_prefix(struct delivery *delivery, struct delivery_recipient *recipient)
{
	const char *address = recipient->recipient.address;
	const struct head *head = &delivery->head;
	struct strbuf *text;
	enum status status;
	char *copy = NULL;

	text = strbuf_new(2 * RECIPIENT_BYTES_MAX + 100);
	if (text == NULL)
		return STATUS_NOMEM;
	if (!head->has_return_path)
		strbuf_printf(text, "Return-Path: <%s>\n", delivery->sender);
	if (!head_lead_has(head, address))
		strbuf_printf(text, "Delivered-To: %s\n", address);
	if ((status = strbuf_status(text)) == STATUS_OK)
		copy = region_strdup(delivery->region, strbuf_text(text));
	if (status == STATUS_OK && copy == NULL)
		status = STATUS_NOMEM;
	recipient->prefix = span_of(copy);
	strbuf_free(&text);
	return status;
}

/* What the same message from the same sender to the same recipient shares. */
static enum status
make_key(const struct delivery *delivery,
    const struct delivery_recipient *recipient, char key[2 * KEY_BYTES + 1])
{
	unsigned char hash[EVP_MAX_MD_SIZE];
	struct strbuf *text;
	enum status status;
	size_t i;

	text = strbuf_new(2 * RECIPIENT_BYTES_MAX + 100);
	if (text == NULL)
		return STATUS_NOMEM;
	strbuf_add(text, spool_digest(delivery->spool), SPOOL_DIGEST_BYTES);
	strbuf_printf(
	    text, "<%s> <%s>", delivery->sender, recipient->recipient.address);
	status = strbuf_status(text);
	if (status == STATUS_OK &&
	    EVP_Digest(strbuf_text(text), strbuf_length(text), hash, NULL,
		EVP_sha256(), NULL) != 1)
		status = STATUS_NOMEM;
	for (i = 0; status == STATUS_OK && i < KEY_BYTES; i++)
		(void)snprintf(key + 2 * i, 3, "%02x", hash[i]);
	strbuf_free(&text);
	return status;
}

static enum status
create_file(struct delivery *delivery, struct delivery_recipient *recipient)
{
	char key[2 * KEY_BYTES + 1];
	enum status status;

	status = place_choose(delivery, recipient);
	if (status == STATUS_OK)
		status = make_prefix(delivery, recipient);
	if (status == STATUS_OK)
		status = make_key(delivery, recipient, key);
	if (status == STATUS_OK)
		status = maildir_begin(delivery->region, &recipient->place, key,
		    &recipient->message);
	return status;
}

static void
refuse_loop(struct delivery *delivery, struct delivery_recipient *recipient)
{
	recipient->place.path = recipient->user.maildir;
	if (head_shows_loop(&delivery->head, recipient->recipient.address))
		recipient->result = loops;
}

static void
begin(struct delivery *delivery, struct delivery_recipient *recipient)
{
	enum status status;

	if (identity_assume(&recipient->user) != STATUS_OK) {
		recipient->result = not_stored;
		return;
	}
	status = create_file(delivery, recipient);
	if (status != STATUS_OK)
		fail(recipient, "create", status);
	identity_return();
}

static enum status
write_message(
    const struct delivery *delivery, struct delivery_recipient *recipient)
{
	struct maildir_message *message = &recipient->message;

	if (message->delivered_before)
		return STATUS_OK;
	if (TEST_POINT("file-write") != 0 ||
	    spool_copy(delivery->spool, recipient->prefix, message->fd) !=
		STATUS_OK)
		return STATUS_IO;
	(void)TEST_POINT("file-written");
	/* The disk can begin while the other files are written. */
	(void)sync_file_range(message->fd, 0, 0, SYNC_FILE_RANGE_WRITE);
	return STATUS_OK;
}

/* The same, by who has not the identity of the user. */
static void
fail_outside(
    struct delivery_recipient *recipient, const char *step, enum status status)
{
	int error = errno;

	if (identity_assume(&recipient->user) != STATUS_OK) {
		maildir_keep(&recipient->message);
		recipient->result = not_stored;
		return;
	}
	errno = error;
	fail(recipient, step, status);
	identity_return();
}

/* Is there room?  What was delivered before has taken its own. */
static void
admit(struct delivery *delivery, struct delivery_recipient *recipient)
{
	struct delivery_result result;

	if (recipient->message.delivered_before)
		return;
	result = quota_take(delivery, recipient,
	    text_crlf_size(recipient->prefix) +
		spool_crlf_size(delivery->spool));
	if (result.code == 0)
		return;
	if (identity_assume(&recipient->user) == STATUS_OK) {
		maildir_cancel(&recipient->message);
		identity_return();
	} else {
		maildir_keep(&recipient->message);
	}
	recipient->result = result;
}

static void
write_file(struct delivery *delivery, struct delivery_recipient *recipient)
{
	enum status status = write_message(delivery, recipient);

	if (status != STATUS_OK)
		fail_outside(recipient, "write", status);
}

static void
sync_file(
    struct delivery *delivery GP_UNUSED, struct delivery_recipient *recipient)
{
	enum status status = maildir_sync(&recipient->message);

	if (status != STATUS_OK)
		fail_outside(recipient, "fsync", status);
}

static void
publish(struct delivery *delivery, struct delivery_recipient *recipient)
{
	const struct spool *spool = delivery->spool;
	enum status status;

	status = identity_assume(&recipient->user);
	if (status != STATUS_OK) {
		fail_outside(recipient, "link", status);
		return;
	}
	status = maildir_publish(delivery->region, &recipient->message,
	    &delivery->services->namer,
	    recipient->prefix.length + spool_size(spool),
	    text_crlf_size(recipient->prefix) + spool_crlf_size(spool));
	if (status != STATUS_OK)
		fail(recipient, "link", status);
	identity_return();
}

static void
commit(struct delivery *delivery, struct delivery_recipient *recipient)
{
	struct maildir_message *message = &recipient->message;
	enum status status;

	status = maildir_commit(message, delivery->services->sync_group);
	if (status == STATUS_OK)
		recipient->result =
		    message->delivered_before ? delivered_before : delivered;
	else
		fail_outside(recipient, "fsync of the directory", status);
}

void
store_run(struct delivery *delivery, size_t first, size_t end)
{
	static void (*const steps[])(
	    struct delivery *, struct delivery_recipient *) = {
		refuse_loop,
		duplicate_drop,
		hand_over,
		begin,
		admit,
		write_file,
		sync_file,
		publish,
		commit,
	};
	size_t i, step;

	for (step = 0; step < GP_NELEMS(steps); step++)
		for (i = first; i < end; i++)
			if (is_open(delivery->recipients[i]))
				steps[step](delivery, delivery->recipients[i]);
	for (i = first; i < end; i++) {
		quota_release(delivery, delivery->recipients[i]);
		duplicate_note(delivery, delivery->recipients[i]);
	}
	for (i = first; i < end; i++)
		quota_warn(delivery, delivery->recipients[i]);
}
