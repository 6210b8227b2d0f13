/* publish-host - what this host is (see publish.h). */
#include "config.h"

#include <sys/socket.h>

#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/publish.h"

#define INTERFACES_MAX 10000 /* addresses of all interfaces; containers */

/* The path is often not in an administrator's; -x expands $name. */
#define POSTCONF                                                       \
	"PATH=\"$PATH:/usr/sbin\" postconf -xh smtpd_tls_chain_files " \
	"smtpd_tls_cert_file 2>/dev/null"
#define POSTCONF_LINES 2

bool
publish_has_address(const struct publish_facts *facts, const struct ip *ip)
{
	size_t i;

	for (i = 0; i < facts->address_count; i++)
		if (ip_equals(&facts->addresses[i], ip))
			return true;
	return false;
}

static void
take_address(struct publish_facts *facts, const struct ifaddrs *interface)
{
	struct ip ip;

	if (interface->ifa_addr == NULL ||
	    (interface->ifa_flags & IFF_UP) == 0 ||
	    facts->address_count == PUBLISH_ADDRESSES_MAX)
		return;
	ip = ip_from_sockaddr(interface->ifa_addr);
	if (ip.family != AF_UNSPEC && ip_is_public(&ip) &&
	    !publish_has_address(facts, &ip))
		facts->addresses[facts->address_count++] = ip;
}

enum status
publish_host_addresses(struct publish_facts *facts)
{
	struct ifaddrs *list, *interface;
	size_t count = 0;

	if (getifaddrs(&list) != 0) {
		fprintf(stderr, "gatepost: the addresses of this host: %s\n",
		    strerror(errno));
		return STATUS_IO;
	}
	for (interface = list; interface != NULL && count < INTERFACES_MAX;
	     interface = interface->ifa_next, count++)
		take_address(facts, interface);
	freeifaddrs(list);
	return STATUS_OK;
}

/* The first file of a line that names none, one or several. */
static const char *
first_path(struct region *region, const char *line)
{
	size_t begin = strspn(line, " \t"), length;

	length = strcspn(line + begin, " \t,\n");
	if (line[begin] != '/')
		return NULL;
	return region_memdup(region, line + begin, length);
}

const char *
publish_host_certificate(struct region *region)
{
	const char *path = NULL;
	char *line = NULL;
	size_t size = 0;
	FILE *pipe;
	int i;

	if ((pipe = popen(POSTCONF, "re")) == NULL)
		return NULL;
	for (i = 0; i < POSTCONF_LINES && getline(&line, &size, pipe) > 0; i++)
		if (path == NULL)
			path = first_path(region, line);
	free(line);
	pclose(pipe);
	return path;
}
