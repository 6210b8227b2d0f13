/* socket - where a daemon listens (see socket.h). */
#include "config.h"

#include "lib/net/socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pwd.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/base/log.h"
#include "lib/base/str.h"
#include "lib/conf/conf-check.h"

#define LISTENER_FD_MAX 256 /* listeners are opened first: low numbers */
#define LISTEN_BACKLOG  512
#define TRY_CONNECT_MS  1000

static enum status
parse_unix(const char *path, struct socket_spec *spec)
{
	struct sockaddr_un *address = (struct sockaddr_un *)&spec->address;

	if (path[0] != '/' ||
	    str_copy(spec->path, sizeof(spec->path), path) != STATUS_OK ||
	    str_copy(address->sun_path, sizeof(address->sun_path), path) !=
		STATUS_OK)
		return STATUS_INVALID;
	address->sun_family = AF_UNIX;
	spec->family = AF_UNIX;
	spec->address_length = sizeof(*address);
	return STATUS_OK;
}

static enum status
parse_inet(const char *text, int family, struct socket_spec *spec)
{
	struct sockaddr_in *in4 = (struct sockaddr_in *)&spec->address;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&spec->address;
	struct span rest = span_of(text), port_text;
	const char *host;
	uint64_t port;

	if (!span_split(&rest, '@', &port_text) || rest.data == NULL ||
	    str_to_uint64(port_text, 65535, &port) != STATUS_OK || port == 0)
		return STATUS_INVALID;
	host = rest.data;
	if (strcmp(host, "localhost") == 0)
		host = family == AF_INET ? "127.0.0.1" : "::1";
	spec->family = family;
	if (family == AF_INET) {
		in4->sin_family = AF_INET;
		in4->sin_port = htons((uint16_t)port);
		spec->address_length = sizeof(*in4);
		return inet_pton(AF_INET, host, &in4->sin_addr) == 1 ?
		    STATUS_OK :
		    STATUS_INVALID;
	}
	in6->sin6_family = AF_INET6;
	in6->sin6_port = htons((uint16_t)port);
	spec->address_length = sizeof(*in6);
	return inet_pton(AF_INET6, host, &in6->sin6_addr) == 1 ? STATUS_OK :
								 STATUS_INVALID;
}

enum status
socket_spec_parse(const char *text, struct socket_spec *spec_r)
{
	memset(spec_r, 0, sizeof(*spec_r));
	if (strncmp(text, "unix:", 5) == 0)
		return parse_unix(text + 5, spec_r);
	if (strncmp(text, "inet:", 5) == 0)
		return parse_inet(text + 5, AF_INET, spec_r);
	if (strncmp(text, "inet6:", 6) == 0)
		return parse_inet(text + 6, AF_INET6, spec_r);
	return STATUS_INVALID;
}

const char *
socket_spec_check(const char *text)
{
	struct socket_spec spec;

	if (socket_spec_parse(text, &spec) != STATUS_OK)
		return "must be unix:/PATH, inet:PORT@HOST or inet6:PORT@HOST";
	return NULL;
}

const char *
socket_spec_check_optional(const char *text)
{
	return text[0] == '\0' ? NULL : socket_spec_check(text);
}

/* A blocking connect; the kernel's limit for sending holds for it too. */
static enum status
connect_within(const struct socket_spec *spec, int fd, int64_t timeout_ms)
{
	struct timeval limit;

	if (timeout_ms < 1)
		timeout_ms = 1; /* 0 is no limit */
	limit.tv_sec = (time_t)(timeout_ms / 1000);
	limit.tv_usec = (suseconds_t)(timeout_ms % 1000) * 1000;
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	if (connect(fd, (const struct sockaddr *)&spec->address,
		spec->address_length) != 0)
		return errno == EINPROGRESS || errno == EAGAIN ?
		    STATUS_TIMEOUT :
		    STATUS_IO;
	return fcntl(fd, F_SETFL, O_NONBLOCK) == 0 ? STATUS_OK : STATUS_IO;
}

enum status
socket_connect(const struct socket_spec *spec, int64_t timeout_ms, int *fd_r)
{
	enum status status;
	int error;

	*fd_r = socket(spec->family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (*fd_r == -1)
		return STATUS_IO;
	status = connect_within(spec, *fd_r, timeout_ms);
	if (status == STATUS_OK)
		return STATUS_OK;
	error = errno;
	close(*fd_r);
	*fd_r = -1;
	errno = error;
	return status;
}

/* Connects once; returns 0 or the errno. */
static int
try_connect(const struct socket_spec *spec)
{
	int fd;

	/* An address that is not ours may not answer. */
	if (socket_connect(spec, TRY_CONNECT_MS, &fd) != STATUS_OK)
		return errno;
	close(fd);
	return 0;
}

enum status
socket_check_free(const struct socket_spec *spec)
{
	struct stat file;

	if (spec->family == AF_UNIX) {
		if (lstat(spec->path, &file) != 0)
			return errno == ENOENT ? STATUS_OK : STATUS_BUSY;
		if (!S_ISSOCK(file.st_mode))
			return STATUS_INVALID;
		return try_connect(spec) == ECONNREFUSED ? STATUS_OK :
							   STATUS_BUSY;
	}
	/* Whatever else is wrong with an address, listening will tell. */
	return try_connect(spec) == 0 ? STATUS_BUSY : STATUS_OK;
}

void
socket_touch(const struct socket_spec *spec)
{
	(void)try_connect(spec);
}

void
socket_set_nodelay_on_listeners(void)
{
	int fd, value, on = 1;
	socklen_t length;

	for (fd = 0; fd < LISTENER_FD_MAX; fd++) {
		length = sizeof(value);
		if (getsockopt(
			fd, SOL_SOCKET, SO_ACCEPTCONN, &value, &length) != 0 ||
		    value == 0)
			continue;
		length = sizeof(value);
		if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &value, &length) !=
			0 ||
		    (value != AF_INET && value != AF_INET6))
			continue;
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	}
}

/* The owner and group of a unix socket; (uid_t)-1 keeps what it has. */
static enum status
find_owner(const struct socket_access *access, uid_t *uid_r, gid_t *gid_r)
{
	const struct passwd *user;
	const struct group *group;

	*uid_r = (uid_t)-1;
	*gid_r = (gid_t)-1;
	if (geteuid() == 0 && access->user[0] != '\0') {
		user = getpwnam(access->user);
		if (user != NULL) { /* else daemon_drop_privileges() tells */
			*uid_r = user->pw_uid;
			*gid_r = user->pw_gid;
		}
	}
	if (access->group[0] == '\0')
		return STATUS_OK;
	if ((group = getgrnam(access->group)) == NULL)
		return STATUS_INVALID;
	*gid_r = group->gr_gid;
	return STATUS_OK;
}

enum status
socket_set_access(const char *path, const struct socket_access *access)
{
	uid_t uid;
	gid_t gid;

	if (find_owner(access, &uid, &gid) != STATUS_OK) {
		log_fatal("%s: no group \"%s\"", path, access->group);
		return STATUS_INVALID;
	}
	if (chmod(path, conf_read_mode(access->mode)) != 0 ||
	    lchown(path, uid, gid) != 0) {
		log_fatal("%s: owner and mode: %s", path, strerror(errno));
		return STATUS_IO;
	}
	return STATUS_OK;
}

/* The options of a listening socket; their failure is told by bind(). */
static void
set_options(const struct socket_spec *spec, int fd)
{
	static const int on = 1;

	if (spec->family == AF_UNIX)
		return;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (spec->family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
}

/* Listens; -1 with errno when it cannot. */
static int
open_listener(const struct socket_spec *spec)
{
	int fd, error;

	fd =
	    socket(spec->family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
		return -1;
	set_options(spec, fd);
	if (spec->family == AF_UNIX)
		(void)unlink(spec->path); /* nobody serves it */
	if (bind(fd, (const struct sockaddr *)&spec->address,
		spec->address_length) == 0 &&
	    listen(fd, LISTEN_BACKLOG) == 0)
		return fd;
	error = errno;
	close(fd);
	errno = error;
	return -1;
}

enum status
socket_listen(const char *text, const struct socket_access *access, int *fd_r)
{
	struct socket_spec spec;
	enum status status;

	*fd_r = -1;
	if (socket_spec_parse(text, &spec) != STATUS_OK)
		return STATUS_INVALID;
	status = socket_check_free(&spec);
	if (status != STATUS_OK) {
		log_fatal("%s %s", text,
		    status == STATUS_BUSY ? "is in use by another process" :
					    "exists and is no socket");
		return status;
	}
	if ((*fd_r = open_listener(&spec)) == -1) {
		log_fatal("cannot listen on %s: %s", text, strerror(errno));
		return STATUS_IO;
	}
	if (spec.family == AF_UNIX)
		status = socket_set_access(spec.path, access);
	if (status != STATUS_OK) {
		close(*fd_r);
		*fd_r = -1;
		(void)unlink(spec.path);
	}
	return status;
}
