/*
 * check-spf - SPF of the MAIL FROM and the HELO identity (RFC 7208 section 2).
 * Starts at MAIL; each identity is a task of its own.
 */
#include "config.h"

#include "lib/auth/spf.h"

#include "lib/scan/scan-private.h"

struct spf_identity {
	struct region *region; /* of the task alone until it is joined */
	struct auth_spf_request request;
	struct auth_spf_result result;
	enum status status;
	struct task *task;
};

struct spf_state {
	struct spf_identity helo, sender;
};

static void
spf_task(void *argument)
{
	struct spf_identity *identity = argument;

	identity->status = auth_spf_check(
	    identity->region, &identity->request, &identity->result);
}

static void
spf_stop(void *argument)
{
	struct spf_state *state = argument;

	task_cancel(&state->helo.task);
	task_cancel(&state->sender.task);
	region_free(&state->helo.region);
	region_free(&state->sender.region);
}

static enum status
start_identity(
    struct scan *scan, struct spf_identity *identity, const char *sender)
{
	if ((identity->region = region_new()) == NULL)
		return STATUS_NOMEM;
	identity->request.dns = scan->services->dns;
	identity->request.client_ip = scan->envelope.client_ip;
	identity->request.helo = scan->envelope.helo;
	identity->request.sender = sender;
	identity->request.receiver = scan->settings->authserv_id;
	identity->request.deadline_ms = scan->deadline_ms;
	return task_start(
	    scan->services->pool, spf_task, identity, &identity->task);
}

static enum status
spf_start(struct scan *scan, void **state_r)
{
	struct spf_state *state;
	enum status status = STATUS_OK;

	if (scan->envelope.client_ip.family == AF_UNSPEC)
		return STATUS_OK;
	if ((state = region_alloc(scan->region, sizeof(*state))) == NULL)
		return STATUS_NOMEM;
	*state_r = state;
	if (scan->envelope.sender[0] != '\0')
		status =
		    start_identity(scan, &state->sender, scan->envelope.sender);
	if (status == STATUS_OK && scan->envelope.helo[0] != '\0')
		status = start_identity(scan, &state->helo, "");
	return status;
}

static enum status
join_identity(struct spf_identity *identity, bool *has_r,
    struct auth_spf_result *result_r)
{
	*has_r = identity->task != NULL;
	task_join(&identity->task);
	*result_r = identity->result;
	return identity->status;
}

static enum status
spf_join(struct scan *scan, void *argument)
{
	struct spf_state *state = argument;
	struct facts *facts = &scan->verdict.facts;
	enum status helo, sender;

	helo =
	    join_identity(&state->helo, &facts->has_spf_helo, &facts->spf_helo);
	sender = join_identity(
	    &state->sender, &facts->has_spf_sender, &facts->spf_sender);
	return helo != STATUS_OK ? helo : sender;
}

const struct check check_spf = { "spf", SCAN_PHASE_MAIL, spf_start, spf_join,
	spf_stop };
