/* Answers of name servers: the packet parser, for every type we ask for. */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>

#include "lib/base/status.h"
#include "lib/dns/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum dns_type types[] = { DNS_TYPE_A, DNS_TYPE_NS,
		DNS_TYPE_CNAME, DNS_TYPE_SOA, DNS_TYPE_PTR, DNS_TYPE_MX,
		DNS_TYPE_TXT, DNS_TYPE_AAAA, DNS_TYPE_SRV, DNS_TYPE_TLSA };
	struct dns_answer answer;
	void *memory;
	size_t i;

	for (i = 0; i < GP_NELEMS(types); i++) {
		if (dns_wire_answer(data, size, types[i], &answer, &memory) !=
		    STATUS_OK)
			abort();
		free(memory);
	}
	return 0;
}
