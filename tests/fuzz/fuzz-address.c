/*
 * fuzz-address - the input as a From value, as an envelope path, and as a
 * whole message whose From is read.
 *
 * What must hold of any input: a domain that is given is a normalized domain
 * name, or a literal, or empty.
 */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mail/address.h"
#include "lib/mail/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_domain(struct region *region, const char *domain)
{
	const char *again;

	if (domain[0] == '\0' || domain[0] == '[')
		return;
	if (domain_normalize(region, span_of(domain), &again) != STATUS_OK ||
	    strcmp(domain, again) != 0)
		abort();
}

static void
check_list(struct region *region, struct span value)
{
	struct address *addresses;
	size_t i, count, broken;
	enum status status;

	status = address_parse_list(region, value, &addresses, &count, &broken);
	if ((status != STATUS_OK && status != STATUS_LIMIT) ||
	    count > ADDRESS_MAX)
		abort();
	for (i = 0; i < count; i++) {
		if (addresses[i].local_part == NULL)
			abort();
		check_domain(region, addresses[i].domain);
	}
}

static void
check_message(struct region *region, struct span raw)
{
	const struct message_field *field;
	struct message message;
	struct span body;
	size_t i;

	message_init(&message, region);
	if (message_parse_header(&message, raw, &body) != STATUS_OK)
		abort();
	if (body.length > raw.length)
		abort();
	for (i = 0; i < MESSAGE_FIELDS_MAX; i++) {
		if ((field = message_find(&message, "From", i)) == NULL)
			break;
		check_list(region, field->value);
	}
	if (message_count(&message, "From") != i)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct region *region = region_new();
	struct span input = { (const char *)data, size };
	struct address address;
	const char *path;

	if (region == NULL)
		return 0;
	check_list(region, input);
	check_message(region, input);
	path = region_memdup(region, data, size);
	if (path != NULL &&
	    address_parse_path(region, path, &address) == STATUS_OK)
		check_domain(region, address.domain);
	region_free(&region);
	return 0;
}
