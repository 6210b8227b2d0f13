/* settings-host - what settings name on this host (see settings-host.h). */
#include "config.h"

#include "lib/scan/settings-host.h"

#include <sys/stat.h>

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/strbuf.h"
#include "lib/net/socket.h"

#define TEXT_BYTES_MAX 4096 /* of one reason; paths stand in it */
#define GROUPS_MAX     256  /* of one user */
#define RUN            "/run/"
#define DOVECOT_ADVICE "Dovecot does not run, or listens elsewhere"

/* One run of settings_check_host(). */
struct host_check {
	const struct settings *settings;
	struct conf_errors *errors;
	struct strbuf *text;
};

/* Opens the reason; what follows is added to check->text. */
static void
begin(struct host_check *check, const char *key)
{
	strbuf_reset(check->text);
	strbuf_printf(check->text, "%s: ", key);
}

static void
end(struct host_check *check)
{
	settings_error_about(
	    check->settings, check->errors, strbuf_text(check->text));
}

static void
check_user(struct host_check *check, const char *key, const char *name)
{
	const struct passwd *user;

	if (name[0] == '\0')
		return;
	user = getpwnam(name);
	if (user != NULL && user->pw_uid != 0)
		return;
	begin(check, key);
	if (user == NULL)
		strbuf_printf(
		    check->text, "this host has no user \"%s\"", name);
	else
		strbuf_printf(check->text, "\"%s\" is root", name);
	end(check);
}

static void
check_group(struct host_check *check, const char *key, const char *name)
{
	if (name[0] == '\0' || getgrnam(name) != NULL)
		return;
	begin(check, key);
	strbuf_printf(check->text, "this host has no group \"%s\"", name);
	end(check);
}

/* It can be read, and is of that type: a directory can be opened as a file, too,
 * and then not read. */
static void
check_readable(
    struct host_check *check, const char *key, const char *path, mode_t type)
{
	struct stat status;
	const char *why;

	if (path[0] == '\0')
		return;
	if (stat(path, &status) != 0 || access(path, R_OK) != 0)
		why = strerror(errno);
	else if ((status.st_mode & S_IFMT) != type)
		why =
		    type == S_IFDIR ? "is no directory" : "is no regular file";
	else
		return;
	begin(check, key);
	strbuf_printf(check->text, "%s: %s", path, why);
	end(check);
}

static void
check_file(struct host_check *check, const char *key, const char *path)
{
	check_readable(check, key, path, S_IFREG);
}

static void
check_program(struct host_check *check, const char *key, const char *path)
{
	if (access(path, X_OK) == 0)
		return;
	begin(check, key);
	strbuf_printf(check->text, "%s: %s", path, strerror(errno));
	end(check);
}

/* The directory in which path is to be made is there. */
static void
check_parent(struct host_check *check, const char *key, const char *path)
{
	const char *slash = strrchr(path, '/');
	char directory[PATH_MAX];
	struct stat status;

	if (slash == NULL || slash == path)
		return;
	if ((size_t)(slash - path) >= sizeof(directory))
		return; /* no socket and no file can have such a name */
	memcpy(directory, path, (size_t)(slash - path));
	directory[slash - path] = '\0';
	if (stat(directory, &status) == 0 && S_ISDIR(status.st_mode))
		return;
	begin(check, key);
	strbuf_printf(check->text, "there is no directory %s", directory);
	if (strncmp(directory, RUN, strlen(RUN)) == 0)
		strbuf_add_text(check->text,
		    " (the service manager may make it at start: "
		    "RuntimeDirectory)");
	end(check);
}

static void
check_listener(struct host_check *check, const char *key, const char *text)
{
	struct socket_spec spec;

	if (socket_spec_parse(text, &spec) == STATUS_OK &&
	    spec.family == AF_UNIX)
		check_parent(check, key, spec.path);
}

/* By owner, group and mode. */
static bool
may_write(const struct passwd *user, const struct stat *status)
{
	gid_t groups[GROUPS_MAX];
	mode_t needed = S_IRWXO;
	int i, count = GROUPS_MAX;

	if (user->pw_uid == 0)
		return true;
	if (user->pw_uid == status->st_uid)
		return (status->st_mode & S_IRWXU) == S_IRWXU;
	if (getgrouplist(user->pw_name, user->pw_gid, groups, &count) == -1)
		count = GROUPS_MAX;
	for (i = 0; i < count; i++)
		if (groups[i] == status->st_gid)
			needed = S_IRWXG;
	return (status->st_mode & needed) == needed;
}

/* How to make the directory: for the user, and for the members of his group. */
static void
add_install(struct host_check *check, const struct passwd *user)
{
	const struct group *group;

	strbuf_add_text(check->text, "install -d");
	if (check->settings->general.user[0] != '\0')
		strbuf_printf(
		    check->text, " -o %s", check->settings->general.user);
	if (user != NULL && (group = getgrgid(user->pw_gid)) != NULL)
		strbuf_printf(check->text, " -g %s", group->gr_name);
	else if (user != NULL)
		strbuf_printf(check->text, " -g %ju", (uintmax_t)user->pw_gid);
	strbuf_printf(check->text, " -m 770 %s", check->settings->store.path);
}

static void
check_store(struct host_check *check)
{
	const char *name = check->settings->general.user;
	const char *path = check->settings->store.path;
	const struct passwd *user = name[0] == '\0' ? NULL : getpwnam(name);
	struct stat status;
	int error;

	if (check->settings->store.backend != STORE_BACKEND_LMDB)
		return;
	error = stat(path, &status) == 0 ? 0 : errno;
	if (error == 0 && S_ISDIR(status.st_mode) &&
	    (user == NULL || may_write(user, &status)))
		return;
	begin(check, "store.path");
	if (error == ENOENT) {
		strbuf_printf(
		    check->text, "there is no directory %s; make it: ", path);
		add_install(check, user);
	} else if (error != 0) {
		strbuf_printf(check->text, "%s: %s", path, strerror(error));
	} else if (!S_ISDIR(status.st_mode)) {
		strbuf_printf(check->text, "%s is no directory", path);
	} else {
		strbuf_printf(check->text,
		    "%s may not write in %s; let it: ", name, path);
		add_install(check, user);
	}
	end(check);
}

/* A server may listen on another host; there only it can tell. */
static void
check_server(struct host_check *check, const char *key, const char *text,
    const char *advice)
{
	struct socket_spec spec;
	struct stat status;

	if (text[0] == '\0' || socket_spec_parse(text, &spec) != STATUS_OK ||
	    spec.family != AF_UNIX)
		return;
	if (stat(spec.path, &status) == 0 && S_ISSOCK(status.st_mode))
		return;
	begin(check, key);
	if (access(spec.path, F_OK) == 0)
		strbuf_printf(check->text, "%s is no socket", spec.path);
	else if (errno != ENOENT)
		strbuf_printf(
		    check->text, "%s: %s", spec.path, strerror(errno));
	else
		strbuf_printf(check->text, "there is no socket %s: %s",
		    spec.path, advice);
	end(check);
}

/* The files that say what a login may write as, and what asks tables. */
static void
check_senders(struct host_check *check)
{
	const struct senders_conf *conf = &check->settings->senders;
	char path[PATH_MAX];
	bool has_table = false;
	size_t i;

	for (i = 0; i < conf->map.count; i++)
		if (senders_conf_is_table(conf->map.items[i]))
			has_table = true;
		else
			check_file(check, "senders.map", conf->map.items[i]);
	if (has_table)
		check_program(check, "senders.postmap", conf->postmap);
	if (conf->docker_mailserver[0] == '\0')
		return;
	if ((size_t)snprintf(path, sizeof(path), "%s/" SENDERS_ACCOUNTS_FILE,
		conf->docker_mailserver) < sizeof(path))
		check_file(check, "senders.docker_mailserver", path);
}

static void
check_milter(struct host_check *check)
{
	const struct settings *settings = check->settings;

	check_user(check, "general.user", settings->general.user);
	check_listener(check, "milter.socket", settings->milter.socket);
	check_group(
	    check, "milter.socket_group", settings->milter.socket_group);
	check_parent(check, "milter.pid_file", settings->milter.pid_file);
	if (settings->dns.validate)
		check_file(check, "dns.trust_anchor_file",
		    settings->dns.trust_anchor_file);
	check_store(check);
	check_file(check, "store.tls_ca_file", settings->store.tls_ca_file);
	check_readable(check, "sign.key_dir", settings->sign.key_dir, S_IFDIR);
	check_senders(check);
	if (strcmp(settings->publish.certificate, "none") != 0)
		check_file(check, "publish.certificate",
		    settings->publish.certificate);
	check_server(check, "clamav.socket", settings->clamav.socket,
	    "clamd does not run, or LocalSocket in its clamd.conf is another");
	if (strcmp(settings->guard.notify, GUARD_NOTIFY_OFF) != 0)
		check_server(check, "guard.smtp", settings->guard.smtp,
		    "no mail server listens there");
}

static void
check_lmtpd(struct host_check *check)
{
	const struct deliver_conf *conf = &check->settings->deliver;
	size_t i;

	check_user(check, "deliver.user", conf->user);
	for (i = 0; i < conf->sockets.count; i++)
		check_listener(check, "deliver.socket", conf->sockets.items[i]);
	check_group(check, "deliver.socket_group", conf->socket_group);
	check_parent(check, "deliver.pid_file", conf->pid_file);
	check_readable(
	    check, "deliver.spool_directory", conf->spool_directory, S_IFDIR);
	if (conf->users == DELIVER_USERS_FILE)
		check_file(check, "deliver.passwd_file", conf->passwd_file);
	if (conf->users == DELIVER_USERS_DOVECOT)
		check_server(check, "deliver.dovecot_socket",
		    conf->dovecot_socket, DOVECOT_ADVICE);
	check_server(
	    check, "deliver.sieve_socket", conf->sieve_socket, DOVECOT_ADVICE);
	check_server(
	    check, "deliver.quota_socket", conf->quota_socket, DOVECOT_ADVICE);
}

enum status
settings_check_host(const struct settings *settings, unsigned int daemons,
    struct conf_errors *errors)
{
	struct host_check check = { settings, errors,
		strbuf_new(TEXT_BYTES_MAX) };
	size_t before = conf_errors_count(errors);

	if (check.text == NULL)
		return STATUS_NOMEM;
	if ((daemons & SETTINGS_MILTER) != 0)
		check_milter(&check);
	if ((daemons & SETTINGS_LMTPD) != 0)
		check_lmtpd(&check);
	strbuf_free(&check.text);
	return conf_errors_count(errors) == before ? STATUS_OK : STATUS_INVALID;
}
