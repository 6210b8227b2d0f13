/*
 * check-client-lists - DNS block and allow lists of the client's address
 * (RFC 5782).  Starts at connect.
 */
#include "config.h"

#include "lib/scan/list-hits.h"

static enum status
client_lists_start(struct scan *scan, void **state_r)
{
	struct lists_query *query = NULL;
	enum status status;

	if (scan->services->lists == NULL ||
	    scan->envelope.client_ip.family == AF_UNSPEC)
		return STATUS_OK;
	status = lists_ask_ip(scan->services->lists, LISTS_CLIENT,
	    &scan->envelope.client_ip, scan->deadline_ms, &query);
	*state_r = query;
	return status;
}

static enum status
client_lists_join(struct scan *scan, void *state)
{
	return list_hits_add(scan, state);
}

static void
client_lists_stop(void *state)
{
	struct lists_query *query = state;

	lists_end(&query);
}

const struct check check_client_lists = { "client-lists", SCAN_PHASE_CONNECT,
	client_lists_start, client_lists_join, client_lists_stop, NULL, false };
