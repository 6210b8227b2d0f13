/* socket - where a daemon listens (see socket.h). */
#include "config.h"

#include "lib/net/socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/base/str.h"

#define LISTENER_FD_MAX 256 /* listeners are opened first: low numbers */

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

/* Connects once; returns 0 or the errno. */
static int
try_connect(const struct socket_spec *spec)
{
	struct timeval limit = { 1, 0 }; /* an address that is not ours */
	int fd, error = 0;

	fd = socket(spec->family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return errno;
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	if (connect(fd, (const struct sockaddr *)&spec->address,
		spec->address_length) != 0)
		error = errno;
	close(fd);
	return error;
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
