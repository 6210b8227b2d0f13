/*
 * fuzz-received - the input as a Received field.
 *
 * What must hold of any field that is read: it names a client and a host, and
 * written again in the plainest form it is read the same.
 */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mail/received.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(bool holds)
{
	if (!holds)
		abort();
}

static void
check_again(struct region *region, const struct received *received)
{
	char ip[IP_TEXT_BYTES];
	struct received again;
	const char *text;

	text = region_printf(region, "from %s (%s [%s]) by %s with %s",
	    received->helo, received->client_name,
	    ip_text(&received->client_ip, ip), received->by,
	    received->protocol);
	if (text == NULL || strlen(text) > RECEIVED_BYTES_MAX)
		return;
	check(received_parse(region, span_of(text), &again) == STATUS_OK);
	check(strcmp(again.helo, received->helo) == 0);
	check(strcmp(again.client_name, received->client_name) == 0);
	check(ip_equals(&again.client_ip, &received->client_ip));
	check(strcmp(again.by, received->by) == 0);
	check(strcmp(again.protocol, received->protocol) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span value = { (const char *)data, size };
	struct region *region = region_new();
	struct received received;

	if (region == NULL)
		return 0;
	if (received_parse(region, value, &received) == STATUS_OK) {
		check(received.client_ip.family != AF_UNSPEC);
		check(received.helo[0] != '\0' && received.by[0] != '\0');
		check_again(region, &received);
	} else {
		check(received.client_ip.family == AF_UNSPEC);
	}
	(void)received_is_local(value);
	region_free(&region);
	return 0;
}
