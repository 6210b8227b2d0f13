/*
 * check-iprev - the client's reverse name, confirmed (RFC 8601 section 3).
 * Starts at connect; runs in the task pool.
 */
#include "config.h"

#include "lib/auth/iprev.h"

#include "lib/base/clock.h"
#include "lib/scan/scan-private.h"

struct iprev_state {
	struct region *region; /* of the task alone until it is joined */
	struct auth_iprev_request request;
	struct auth_iprev_result result;
	enum status status;
	struct task *task;
};

static void
iprev_task(void *argument)
{
	struct iprev_state *state = argument;

	state->status =
	    auth_iprev_check(state->region, &state->request, &state->result);
}

static void
iprev_stop(void *argument)
{
	struct iprev_state *state = argument;

	task_cancel(&state->task);
	region_free(&state->region);
}

static enum status
iprev_start(struct scan *scan, void **state_r)
{
	struct iprev_state *state;

	if (scan->envelope.client_ip.family == AF_UNSPEC)
		return STATUS_OK;
	if ((state = region_alloc(scan->region, sizeof(*state))) == NULL ||
	    (state->region = region_new()) == NULL)
		return STATUS_NOMEM;
	*state_r = state;
	state->request.dns = scan->services->dns;
	state->request.client_ip = scan->envelope.client_ip;
	state->request.deadline_ms = scan->deadline_ms;
	return task_start(
	    scan->services->pool, iprev_task, state, &state->task);
}

static enum status
iprev_join(struct scan *scan, void *argument)
{
	struct iprev_state *state = argument;

	task_join(&state->task);
	scan->verdict.facts.iprev = state->result;
	scan->verdict.facts.has_iprev = true;
	return state->status;
}

const struct check check_iprev = { "iprev", SCAN_PHASE_CONNECT, iprev_start,
	iprev_join, iprev_stop };
