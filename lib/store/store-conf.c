/* store-conf - the keys of the `store` section (see store-conf.h). */
#include "config.h"

#include "lib/store/store-conf.h"

#include <stddef.h>
#include <string.h>
#include <sys/un.h>

#include "lib/base/ip.h"
#include "lib/base/str.h"
#include "lib/conf/conf-check.h"

#define PORT_MAX         65535
#define HOST_BYTES_MAX   253
#define PREFIX_BYTES_MAX 32
#define DATABASE_MAX     1000
#define CONNECTIONS_MAX  256
#define MEGABYTE         (INT64_C(1) << 20)
#define SIZE_MAX_BYTES   (INT64_C(1) << 40)

static bool
is_host_name(struct span host)
{
	size_t i;

	if (host.length == 0 || host.length > HOST_BYTES_MAX)
		return false;
	for (i = 0; i < host.length; i++)
		if (!ascii_is_alnum((unsigned char)host.data[i]) &&
		    memchr(".-_", host.data[i], 3) == NULL)
			return false;
	return true;
}

/* "[V6]" */
static bool
is_bracketed_address(struct span host)
{
	char text[IP_TEXT_BYTES];
	struct ip ip;

	if (host.length < 2 || host.length - 2 >= sizeof(text) ||
	    host.data[0] != '[' || host.data[host.length - 1] != ']')
		return false;
	memcpy(text, host.data + 1, host.length - 2);
	text[host.length - 2] = '\0';
	return strchr(text, ':') != NULL && ip_parse(text, &ip) == STATUS_OK;
}

static const char *
check_server(const char *text)
{
	const char *colon = strrchr(text, ':');
	struct sockaddr_un address;
	struct span host;
	uint64_t port;

	if (strncmp(text, "unix:/", 6) == 0)
		return strlen(text + 5) < sizeof(address.sun_path) ?
		    NULL :
		    "the path is too long for a unix socket";
	if (colon == NULL)
		return "must be HOST:PORT, [IPV6]:PORT or unix:/PATH";
	if (str_to_uint64(span_of(colon + 1), PORT_MAX, &port) != STATUS_OK ||
	    port == 0)
		return "the port is not 1 to 65535";
	host.data = text;
	host.length = (size_t)(colon - text);
	if (!is_host_name(host) && !is_bracketed_address(host))
		return "must be HOST:PORT, [IPV6]:PORT or unix:/PATH";
	return NULL;
}

static const char *
check_prefix(const char *text)
{
	size_t i, length = strlen(text);

	if (length == 0 || length > PREFIX_BYTES_MAX)
		return "must be 1 to 32 letters, digits, - and _";
	for (i = 0; i < length; i++)
		if (!ascii_is_alnum((unsigned char)text[i]) && text[i] != '-' &&
		    text[i] != '_')
			return "must be 1 to 32 letters, digits, - and _";
	return NULL;
}

static const char *const backend_choices[] = { "lmdb", "redis", "memory",
	"none", NULL };

static const struct conf_key store_conf_keys[] = {
	{ .name = "backend",
	    .type = CONF_CHOICE,
	    .offset = offsetof(struct store_conf, backend),
	    .default_text = "lmdb",
	    .choices = backend_choices,
	    .help = "lmdb: a file that all programs of this host share; redis: "
		    "servers that hosts share; memory: of one program, until "
		    "it ends; none: nothing is remembered." },
	{ .name = "path",
	    .type = CONF_STRING,
	    .offset = offsetof(struct store_conf, path),
	    .default_text = LOCALSTATEDIR "/lib/gatepost",
	    .help = "lmdb: the directory of the file, on a local disk; its "
		    "group may write.",
	    .check = conf_check_needed_path },
	{ .name = "size",
	    .type = CONF_SIZE,
	    .offset = offsetof(struct store_conf, size),
	    .default_text = "256M",
	    .min = MEGABYTE,
	    .max = SIZE_MAX_BYTES,
	    .help = "lmdb and memory: the most that is kept; then what expires "
		    "soonest is dropped. The file grows to this and never "
		    "shrinks." },
	{ .name = "redis",
	    .type = CONF_LIST,
	    .offset = offsetof(struct store_conf, redis),
	    .default_text = "127.0.0.1:6379",
	    .help = "redis: servers as host:port, [IPv6]:port or unix:/path; "
		    "several are nodes of one Cluster, or Sentinels.",
	    .check = check_server },
	{ .name = "sentinel",
	    .type = CONF_STRING,
	    .offset = offsetof(struct store_conf, sentinel),
	    .default_text = "",
	    .help = "redis: the name of the primary that the Sentinels in the "
		    "list know; empty: the list has no Sentinels." },
	{ .name = "username",
	    .type = CONF_STRING,
	    .offset = offsetof(struct store_conf, username),
	    .default_text = "",
	    .help = "redis: the user to log in as; empty: only the password "
		    "is sent." },
	{ .name = "password",
	    .type = CONF_STRING,
	    .offset = offsetof(struct store_conf, password),
	    .default_text = "",
	    .help = "redis: the password; empty: none. With one in it, the "
		    "configuration file should be readable by the service "
		    "alone (owner root, group of the service, mode 640)." },
	{ .name = "database",
	    .type = CONF_INT,
	    .offset = offsetof(struct store_conf, database),
	    .default_text = "0",
	    .min = 0,
	    .max = DATABASE_MAX,
	    .help = "redis: the number of the database." },
	{ .name = "tls",
	    .type = CONF_BOOL,
	    .offset = offsetof(struct store_conf, tls),
	    .default_text = "no",
	    .help = "redis: whether connections are encrypted." },
	{ .name = "tls_ca_file",
	    .type = CONF_STRING,
	    .offset = offsetof(struct store_conf, tls_ca_file),
	    .default_text = "",
	    .help = "redis: the authorities that may vouch for the server, as "
		    "PEM; empty: those of the system.",
	    .check = conf_check_path },
	{ .name = "prefix",
	    .type = CONF_STRING,
	    .offset = offsetof(struct store_conf, prefix),
	    .default_text = "gp",
	    .help = "What all keys begin with: installations with different "
		    "ones do not see each other's.",
	    .check = check_prefix },
	{ .name = "timeout",
	    .type = CONF_DURATION,
	    .offset = offsetof(struct store_conf, timeout),
	    .default_text = "200ms",
	    .min = 10,
	    .max = 5000,
	    .help = "How long a message may wait for the store each time; then "
		    "it goes on without." },
	{ .name = "connections",
	    .type = CONF_INT,
	    .offset = offsetof(struct store_conf, connections),
	    .default_text = "32",
	    .min = 1,
	    .max = CONNECTIONS_MAX,
	    .help = "redis: connections at the most, of each program." },
};

const struct conf_section store_conf_section = {
	.name = "store",
	.help = "Where counters and small memories are kept; losing them "
		"costs points, never mail.",
	.keys = store_conf_keys,
	.key_count = GP_NELEMS(store_conf_keys),
};
