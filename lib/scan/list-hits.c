/* list-hits - what DNS lists answered, as symbols (see list-hits.h). */
#include "config.h"

#include "lib/scan/list-hits.h"

#include <string.h>

/* Allow lists of addresses also stand in Authentication-Results. */
static void
note_dnswl(struct facts *facts, const struct lists_hit *hit)
{
	if (facts->has_dnswl ||
	    (strncmp(hit->symbol, "RWL_DNSWL_", 10) != 0 &&
		strcmp(hit->symbol, "RWL_OWN") != 0))
		return;
	facts->has_dnswl = true;
	facts->dnswl.zone = hit->zone;
	facts->dnswl.answer = hit->answer;
	facts->dnswl.secure = hit->secure;
}

enum status
list_hits_add(struct scan *scan, struct lists_query *query)
{
	struct lists_hit *hits;
	enum symbol_id id;
	enum status status;
	size_t i, count;

	if (query == NULL)
		return STATUS_OK;
	status = lists_wait(query, scan->region, &hits, &count);
	if (lists_left_open(query))
		scan->verdict.facts.lists_unknown = true;
	for (i = 0; i < count && status == STATUS_OK; i++) {
		if (!symbol_find(hits[i].symbol, &id))
			continue;
		note_dnswl(&scan->verdict.facts, &hits[i]);
		status = scan_add(scan, id, 1, hits[i].subject);
	}
	return status;
}

bool
list_hits_was_asked(const struct scan *scan, const char *subject)
{
	size_t i;

	for (i = 0; i < scan->asked_count; i++)
		if (strcmp(scan->asked[i], subject) == 0)
			return true;
	return false;
}

bool
list_hits_take(struct scan *scan, const char *subject)
{
	if (list_hits_was_asked(scan, subject) ||
	    scan->asked_count == SCAN_ASKED_MAX)
		return false;
	scan->asked[scan->asked_count++] = subject;
	return true;
}
