/* settings-host - what settings name on this host (see settings-host.h). */
#include "config.h"

#include "lib/scan/settings-host.h"

#include <sys/stat.h>

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/strbuf.h"

#define TEXT_BYTES_MAX 4096 /* of one reason; paths stand in it */

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
check_user(struct host_check *check)
{
	const char *name = check->settings->general.user;
	const struct passwd *user;

	if (name[0] == '\0')
		return;
	user = getpwnam(name);
	if (user != NULL && user->pw_uid != 0)
		return;
	begin(check, "general.user");
	if (user == NULL)
		strbuf_printf(
		    check->text, "this host has no user \"%s\"", name);
	else
		strbuf_printf(check->text, "\"%s\" is root", name);
	end(check);
}

static void
check_socket_group(struct host_check *check)
{
	const char *name = check->settings->milter.socket_group;

	if (name[0] == '\0' || getgrnam(name) != NULL)
		return;
	begin(check, "milter.socket_group");
	strbuf_printf(check->text, "this host has no group \"%s\"", name);
	end(check);
}

static void
check_file(struct host_check *check, const char *key, const char *path)
{
	if (path[0] == '\0' || access(path, R_OK) == 0)
		return;
	begin(check, key);
	strbuf_printf(check->text, "%s: %s", path, strerror(errno));
	end(check);
}

static void
check_store(struct host_check *check)
{
	const char *user = check->settings->general.user;
	const char *path = check->settings->store.path;
	struct stat status;

	if (check->settings->store.backend != STORE_BACKEND_LMDB ||
	    (stat(path, &status) == 0 && S_ISDIR(status.st_mode)))
		return;
	begin(check, "store.path");
	if (access(path, F_OK) == 0)
		strbuf_printf(check->text, "%s is no directory", path);
	else if (errno != ENOENT)
		strbuf_printf(check->text, "%s: %s", path, strerror(errno));
	else
		strbuf_printf(check->text,
		    "there is no directory %s; make it: install -d%s%s -m 770 "
		    "%s",
		    path, user[0] == '\0' ? "" : " -o ", user, path);
	end(check);
}

enum status
settings_check_host(const struct settings *settings, struct conf_errors *errors)
{
	struct host_check check = { settings, errors,
		strbuf_new(TEXT_BYTES_MAX) };
	size_t before = conf_errors_count(errors);

	if (check.text == NULL)
		return STATUS_NOMEM;
	check_user(&check);
	check_socket_group(&check);
	if (settings->dns.validate)
		check_file(&check, "dns.trust_anchor_file",
		    settings->dns.trust_anchor_file);
	check_store(&check);
	check_file(&check, "store.tls_ca_file", settings->store.tls_ca_file);
	check_file(&check, "sign.key_dir", settings->sign.key_dir);
	if (strcmp(settings->publish.certificate, "none") != 0)
		check_file(&check, "publish.certificate",
		    settings->publish.certificate);
	strbuf_free(&check.text);
	return conf_errors_count(errors) == before ? STATUS_OK : STATUS_INVALID;
}
