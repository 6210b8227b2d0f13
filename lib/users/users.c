/* users - who a recipient is (see users.h). */
#include "config.h"

#include "lib/users/users.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/log.h"
#include "lib/users/template.h"
#include "lib/users/users-private.h"

#define NAMES_FIRST_ROOM 64

struct users {
	const struct deliver_conf *conf;
	struct dovecot *dovecot; /* NULL: others are asked */
};

struct users *
users_new(const struct deliver_conf *conf)
{
	struct users *users;

	if ((users = calloc(1, sizeof(*users))) == NULL)
		return NULL;
	users->conf = conf;
	if (conf->users != DELIVER_USERS_DOVECOT)
		return users;
	users->dovecot =
	    dovecot_new(conf->dovecot_socket, conf->lookup_timeout);
	if (users->dovecot == NULL)
		users_free(&users);
	return users;
}

void
users_free(struct users **users)
{
	if (*users == NULL)
		return;
	dovecot_free(&(*users)->dovecot);
	free(*users);
	*users = NULL;
}

enum status
user_read_id(struct span text, uint32_t *id_r)
{
	enum status status;
	uint64_t number;

	*id_r = USER_ID_NONE;
	if (text.length == 0)
		return STATUS_OK;
	status = str_to_uint64(text, USER_ID_NONE - 1, &number);
	if (status == STATUS_OK)
		*id_r = (uint32_t)number;
	return status;
}

/* Who knows names only in lower case. */
static enum status
find_folded(struct users *users, struct region *region, const char *name,
    struct user *user_r)
{
	char *folded;

	if ((folded = region_strdup(region, name)) == NULL)
		return STATUS_NOMEM;
	ascii_lower_all(folded, strlen(folded));
	user_r->name = folded;
	if (users->conf->users == DELIVER_USERS_TEMPLATE)
		return STATUS_OK;
	return users_file_find(
	    users->conf->passwd_file, region, folded, user_r);
}

/* Fills in what follows from the name. */
static enum status
derive_paths(
    const struct users *users, struct region *region, struct user *user)
{
	const struct deliver_conf *conf = users->conf;
	enum status status = STATUS_OK;

	if (user->home == NULL && conf->users != DELIVER_USERS_DOVECOT)
		status = template_expand(
		    region, conf->home, user->name, NULL, &user->home);
	if (status == STATUS_OK)
		status = template_expand(region, conf->maildir, user->name,
		    user->home, &user->maildir);
	if (status == STATUS_NOTFOUND) {
		log_error("user %s has no home", user->name);
		return STATUS_INVALID;
	}
	if (status != STATUS_INVALID)
		return status;
	/* No path can be made of the name.  Is it somebody's nevertheless? */
	if (conf->users == DELIVER_USERS_TEMPLATE)
		return STATUS_NOTFOUND;
	log_error(
	    "user %s: the name fits no path of the configuration", user->name);
	return STATUS_INVALID;
}

enum status
users_find(struct users *users, struct region *region, const char *name,
    struct user *user_r)
{
	enum status status;

	memset(user_r, 0, sizeof(*user_r));
	user_r->uid = USER_ID_NONE;
	user_r->gid = USER_ID_NONE;
	if (users->dovecot != NULL)
		status = dovecot_find(users->dovecot, region, name, user_r);
	else
		status = find_folded(users, region, name, user_r);
	if (status == STATUS_OK)
		status = derive_paths(users, region, user_r);
	if (user_r->quota_bytes == 0)
		user_r->quota_bytes = (uint64_t)users->conf->quota_limit;
	if (status == STATUS_OK && user_r->uid == 0) {
		log_error("user %s is root: nothing is delivered as root",
		    user_r->name);
		status = STATUS_INVALID;
	}
	return status;
}

enum status
user_names_add(struct user_names *names, struct span name)
{
	size_t room = names->room == 0 ? NAMES_FIRST_ROOM : 2 * names->room;
	const char **grown;

	if (names->count == names->room) {
		grown =
		    region_alloc_array(names->region, room, sizeof(grown[0]));
		if (grown == NULL)
			return STATUS_NOMEM;
		if (names->count > 0)
			memcpy(grown, names->names,
			    names->count * sizeof(grown[0]));
		names->names = grown;
		names->room = room;
	}
	names->names[names->count] =
	    region_memdup(names->region, name.data, name.length);
	return names->names[names->count++] == NULL ? STATUS_NOMEM : STATUS_OK;
}

enum status
users_list(struct users *users, struct region *region,
    const char *const **names_r, size_t *count_r)
{
	struct user_names names = { .region = region };
	enum status status;

	if (users->conf->users == DELIVER_USERS_TEMPLATE) {
		log_error("with users = template nobody knows all users");
		return STATUS_INVALID;
	}
	status = users->dovecot != NULL ?
	    dovecot_list(users->dovecot, &names) :
	    users_file_list(users->conf->passwd_file, &names);
	*names_r = names.names;
	*count_r = names.count;
	return status;
}
