/* greylist-hint - the mark "greylist:ADDRESS" (see greylist-hint.h). */
#include "config.h"

#include "lib/reputation/greylist-hint.h"

#include <string.h>

enum status
greylist_hint(struct region *region, enum store_verb verb,
    const struct ip *client_ip, int64_t score,
    struct store_operation *operation_r)
{
	char text[IP_TEXT_BYTES];

	memset(operation_r, 0, sizeof(*operation_r));
	operation_r->verb = verb;
	operation_r->key =
	    region_printf(region, "greylist:%s", ip_text(client_ip, text));
	operation_r->lifetime_seconds = GREYLIST_HINT_SECONDS;
	operation_r->number = score;
	return operation_r->key == NULL ? STATUS_NOMEM : STATUS_OK;
}
