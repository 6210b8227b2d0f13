/*
 * place - the folder that a message goes into: Junk, the one that the detail of
 * the address names, or the inbox.
 */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "deliver/delivery-private.h"
#include "deliver/folder.h"
#include "deliver/keywords.h"
#include "deliver/subscriptions.h"
#include "lib/base/log.h"
#include "lib/users/folder-name.h"

static void
subscribe(
    const struct delivery *delivery, const char *root, const char *directory)
{
	enum status status;

	status = subscriptions_add(root, directory, delivery->file_mode);
	if (status != STATUS_OK)
		log_warning("%s: cannot subscribe to %s: %s", root, directory,
		    status == STATUS_IO ? strerror(errno) :
					  status_text(status));
}

/* A folder of the user; made and subscribed to if create is set and it is
 * missing.  *path_r is NULL for the inbox, and when there is no such folder. */
static enum status
find_folder(struct delivery *delivery,
    const struct delivery_recipient *recipient, const char *name, bool create,
    const char **path_r)
{
	const char *root = recipient->user.maildir;
	enum status status;
	const char *directory;

	*path_r = NULL;
	status = folder_name_encode(delivery->region, name, &directory);
	if (status == STATUS_NOMEM)
		return status;
	if (status != STATUS_OK || directory[0] == '\0')
		return STATUS_OK; /* the inbox */
	*path_r = region_printf(delivery->region, "%s/%s", root, directory);
	if (*path_r == NULL)
		return STATUS_NOMEM;
	if (folder_exists(*path_r))
		return STATUS_OK;
	if (create &&
	    folder_create(root, true, delivery->file_mode) == STATUS_OK &&
	    folder_create(*path_r, false, delivery->file_mode) == STATUS_OK)
		subscribe(delivery, root, directory);
	else
		*path_r = NULL;
	return STATUS_OK;
}

/* The folder that the detail of an address names, if mail may go there. */
static enum status
find_detail_folder(struct delivery *delivery,
    const struct delivery_recipient *recipient, const char **path_r)
{
	const char *detail = recipient->recipient.detail;

	*path_r = NULL;
	if (detail[0] == '\0' ||
	    delivery->conf->detail == DELIVER_DETAIL_IGNORE)
		return STATUS_OK;
	return find_folder(delivery, recipient, detail,
	    delivery->conf->detail == DELIVER_DETAIL_CREATE, path_r);
}

/* The letters of flags behind ":2,": in the order of ASCII. */
static enum status
make_junk_flags(
    struct delivery *delivery, const char *path, const char **flags_r)
{
	const char *keyword = delivery->conf->junk_keyword;
	enum status status = STATUS_OK;
	char letter = '\0';

	if (keyword[0] != '\0')
		status =
		    keyword_letter(path, keyword, delivery->file_mode, &letter);
	if (status != STATUS_OK)
		log_warning("%s: no keyword %s: %s", path, keyword,
		    status == STATUS_IO ? strerror(errno) :
					  status_text(status));
	*flags_r = region_printf(delivery->region, "%s%.1s",
	    delivery->conf->junk_seen ? "S" : "", &letter);
	return *flags_r == NULL ? STATUS_NOMEM : STATUS_OK;
}

static enum status
choose_junk(struct delivery *delivery, struct delivery_recipient *recipient,
    const char *folder)
{
	struct maildir_place *place = &recipient->place;
	enum status status;
	const char *path;

	status = find_folder(delivery, recipient, folder, true, &path);
	if (status != STATUS_OK)
		return status;
	if (path != NULL) { /* else the inbox: better there than nowhere */
		place->path = path;
		place->is_inbox = false;
	} else if (!folder_exists(place->path)) {
		/* A failure is that of the delivery, too. */
		(void)!folder_create(place->path, true, place->mode);
	}
	return make_junk_flags(delivery, place->path, &place->flags);
}

static enum status
read_preferences(const struct delivery *delivery,
    const struct delivery_recipient *recipient,
    struct preferences *preferences_r)
{
	const char *path;

	memset(preferences_r, 0, sizeof(*preferences_r));
	if (!delivery->conf->preferences || recipient->user.home == NULL)
		return STATUS_OK;
	path = region_printf(
	    delivery->region, "%s/" PREFERENCES_FILE, recipient->user.home);
	if (path == NULL)
		return STATUS_NOMEM;
	return preferences_read(
	    delivery->region, path, &delivery->junk.senders, preferences_r);
}

enum status
place_judge(struct delivery *delivery, struct delivery_recipient *recipient,
    const char **junk_folder_r)
{
	struct preferences preferences;
	enum status status;

	*junk_folder_r = delivery->conf->junk_folder;
	status = read_preferences(delivery, recipient, &preferences);
	if (status != STATUS_OK)
		return status;
	if (preferences.junk_folder != NULL)
		*junk_folder_r = preferences.junk_folder;
	recipient->is_junk = junk_decide(&delivery->junk, &preferences);
	return STATUS_OK;
}

enum status
place_choose(struct delivery *delivery, struct delivery_recipient *recipient)
{
	struct maildir_place *place = &recipient->place;
	const char *path, *junk_folder;
	enum status status;

	place->mode = delivery->file_mode;
	place->is_inbox = true;
	place->flags = "";
	status = place_judge(delivery, recipient, &junk_folder);
	if (status != STATUS_OK)
		return status;
	if (recipient->is_junk)
		return choose_junk(delivery, recipient, junk_folder);
	status = find_detail_folder(delivery, recipient, &path);
	if (path != NULL) {
		place->path = path;
		place->is_inbox = false;
	}
	return status;
}
