/* junk - is a message junk to a recipient? (see junk.h) */
#include "config.h"

#include "deliver/junk.h"

#include <string.h>

enum status
junk_facts_read(struct region *region, const struct settings *settings,
    struct span head, const char *envelope, struct junk_facts *facts_r)
{
	const struct message_field *from;
	struct message message;
	struct address *authors;
	struct span body;
	enum status status;
	size_t broken;

	memset(facts_r, 0, sizeof(*facts_r));
	facts_r->senders.envelope = envelope;
	message_init(&message, region);
	status = message_parse_header(&message, head, &body);
	if (status == STATUS_OK)
		status = verdict_read_sealed(settings->general.secret,
		    settings->authserv_id, &message, &facts_r->verdict);
	from = message_find(&message, "From", 0);
	if (status != STATUS_OK || from == NULL)
		return status;
	status = address_parse_list(region, from->value, &authors,
	    &facts_r->senders.author_count, &broken);
	facts_r->senders.authors = authors;
	return status == STATUS_NOMEM ? STATUS_NOMEM : STATUS_OK;
}

bool
junk_decide(
    const struct junk_facts *facts, const struct preferences *preferences)
{
	const struct sealed_verdict *verdict = &facts->verdict;
	bool by_policy;

	if (preferences->blocked)
		return true;
	if (!verdict->is_sealed)
		return false;
	/* Who fails DMARC may not be who he says. */
	if (preferences->allowed && !verdict->dmarc_failed)
		return false;
	if (!preferences->has_threshold || verdict->is_observed)
		return verdict->is_junk;
	/* Not for its points, but for what its domain asks. */
	by_policy = verdict->is_junk && verdict->score < verdict->required;
	return by_policy || verdict->score >= preferences->threshold;
}
