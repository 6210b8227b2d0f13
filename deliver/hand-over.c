/*
 * hand-over - recipients with an active Sieve script: Dovecot's LMTP server gets
 * their mail, and what it answers is what we answer.
 *
 * In front of the message stands X-Gatepost-Delivery: a script that runs before
 * all others (contrib/dovecot/gatepost-junk.sieve) files junk by it as we do.
 * It is the topmost field of that name, so that nobody forges it.
 */
#include "config.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "deliver/delivery-private.h"
#include "lib/base/log.h"
#include "lib/users/identity.h"
#include "lib/users/template.h"

static const struct delivery_result not_looked_at = { 451, "4.3.0",
	"Cannot look for the Sieve script now" };

/* Whether the script is there, by who has the user's identity. */
static enum status
is_there(const char *path, bool *there_r)
{
	struct stat file;

	*there_r = stat(path, &file) == 0;
	if (*there_r || errno == ENOENT || errno == ENOTDIR)
		return STATUS_OK;
	log_error("%s: %s", path, strerror(errno));
	return STATUS_IO;
}

static enum status
has_script(struct delivery *delivery, const struct user *user, bool *has_r)
{
	enum status status;
	const char *path;

	*has_r = false;
	status = template_expand(delivery->region, delivery->conf->sieve_script,
	    user->name, user->home, &path);
	if (status == STATUS_NOTFOUND)
		return STATUS_OK; /* without a home there is no script */
	if (status != STATUS_OK)
		return status;
	if ((status = identity_assume(user)) != STATUS_OK)
		return status;
	status = is_there(path, has_r);
	identity_return();
	return status;
}

/* Reads the preferences, for the field. */
static enum status
make_field(struct delivery *delivery, struct delivery_recipient *recipient)
{
	const char *folder, *text;
	enum status status;

	if ((status = identity_assume(&recipient->user)) != STATUS_OK)
		return status;
	status = place_judge(delivery, recipient, &folder);
	identity_return();
	if (status != STATUS_OK)
		return status;
	text = recipient->is_junk ?
	    region_printf(delivery->region,
		"X-Gatepost-Delivery: junk; folder=%s\n", folder) :
	    "X-Gatepost-Delivery: inbox\n";
	recipient->prefix = span_of(text);
	return text == NULL ? STATUS_NOMEM : STATUS_OK;
}

void
hand_over(struct delivery *delivery, struct delivery_recipient *recipient)
{
	struct lmtp_transaction transaction = {
		.sender = delivery->sender,
		.recipient = recipient->recipient.address,
		.spool = delivery->spool,
	};
	enum status status;
	bool has = false;

	recipient->place.path = recipient->user.maildir;
	if (delivery->lmtp == NULL)
		return;
	status = has_script(delivery, &recipient->user, &has);
	if (status == STATUS_OK && !has)
		return;
	if (status == STATUS_OK)
		status = make_field(delivery, recipient);
	if (status != STATUS_OK) {
		recipient->result = not_looked_at;
		return;
	}
	recipient->place.path = delivery->conf->sieve_socket;
	transaction.prefix = recipient->prefix;
	recipient->result =
	    lmtp_client_send(delivery->lmtp, delivery->region, &transaction);
}
