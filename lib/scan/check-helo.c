/*
 * check-helo - does the HELO name resolve to the client (RFC 5321 section
 * 4.1.4)?  Logged as a fact.  Starts at HELO; runs in the task pool.
 */
#include "config.h"

#include "lib/auth/iprev.h"

#include "lib/scan/scan-private.h"

struct helo_state {
	struct region *region; /* of the task alone until it is joined */
	struct auth_iprev_request request;
	const char *helo;
	enum auth_result result;
	enum status status;
	struct task *task;
};

static void
helo_task(void *argument)
{
	struct helo_state *state = argument;

	state->status = auth_forward_confirm(
	    state->region, &state->request, state->helo, &state->result);
}

static void
helo_stop(void *argument)
{
	struct helo_state *state = argument;

	task_cancel(&state->task);
	region_free(&state->region);
}

static enum status
helo_start(struct scan *scan, void **state_r)
{
	struct helo_state *state;

	if (scan->envelope.client_ip.family == AF_UNSPEC ||
	    scan->envelope.helo[0] == '\0')
		return STATUS_OK;
	if ((state = region_alloc(scan->region, sizeof(*state))) == NULL ||
	    (state->region = region_new()) == NULL)
		return STATUS_NOMEM;
	*state_r = state;
	state->helo = scan->envelope.helo;
	state->request.dns = scan->services->dns;
	state->request.client_ip = scan->envelope.client_ip;
	state->request.deadline_ms = scan->deadline_ms;
	return task_start(scan->services->pool, helo_task, state, &state->task);
}

static enum status
helo_join(struct scan *scan, void *argument)
{
	struct helo_state *state = argument;

	task_join(&state->task);
	scan->verdict.facts.helo = state->result;
	scan->verdict.facts.has_helo = true;
	return state->status;
}

const struct check check_helo = { "helo", SCAN_PHASE_HELO, helo_start,
	helo_join, helo_stop };
