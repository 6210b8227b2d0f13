/*
 * check-spf - SPF of the MAIL FROM and the HELO identity (RFC 7208 section 2).
 * Starts at MAIL; each identity is a task of its own.
 */
#include "config.h"

#include "lib/auth/spf.h"

#include "lib/scan/scan-task.h"

struct spf_task {
	struct scan_task head;
	struct auth_spf_request request;
	struct auth_spf_result result;
};

struct spf_state {
	struct spf_task *helo, *sender; /* NULL: no such identity */
};

static enum status
spf_run(struct scan_task *head, int64_t deadline_ms)
{
	struct spf_task *task = (struct spf_task *)head;

	task->request.deadline_ms = deadline_ms;
	return auth_spf_check(head->region, &task->request, &task->result);
}

static void
spf_stop(void *argument)
{
	struct spf_state *state = argument;

	if (state->helo != NULL)
		scan_task_end(&state->helo->head);
	if (state->sender != NULL)
		scan_task_end(&state->sender->head);
}

static enum status
start_identity(struct scan *scan, const char *sender, struct spf_task **task_r)
{
	struct auth_spf_request *request;
	struct spf_task *task;
	enum status status;

	if ((task = scan_task_new(scan, sizeof(*task), spf_run)) == NULL)
		return STATUS_NOMEM;
	request = &task->request;
	request->dns = scan->services->dns;
	request->client_ip = scan->envelope.client_ip;
	request->want_explanation = true;
	request->helo = scan_task_copy(&task->head, scan->envelope.helo);
	request->sender = scan_task_copy(&task->head, sender);
	request->receiver =
	    scan_task_copy(&task->head, scan->settings->authserv_id);
	if (request->helo == NULL || request->sender == NULL ||
	    request->receiver == NULL) {
		scan_task_end(&task->head);
		return STATUS_NOMEM;
	}
	status = scan_task_start(scan, &task->head);
	if (status == STATUS_OK)
		*task_r = task;
	return status;
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
		    start_identity(scan, scan->envelope.sender, &state->sender);
	if (status == STATUS_OK && scan->envelope.helo[0] != '\0')
		status = start_identity(scan, "", &state->helo);
	return status;
}

static enum status
join_identity(const struct scan *scan, struct spf_task *task, bool *has_r,
    struct auth_spf_result *result_r)
{
	enum status status;

	if ((*has_r = task != NULL) == false)
		return STATUS_OK;
	status = scan_task_join(scan, &task->head);
	*result_r = task->result;
	return status;
}

static enum status
spf_join(struct scan *scan, void *argument)
{
	struct spf_state *state = argument;
	struct facts *facts = &scan->verdict.facts;
	enum status helo, sender;

	helo = join_identity(
	    scan, state->helo, &facts->has_spf_helo, &facts->spf_helo);
	sender = join_identity(
	    scan, state->sender, &facts->has_spf_sender, &facts->spf_sender);
	return helo != STATUS_OK ? helo : sender;
}

const struct check check_spf = { "spf", SCAN_PHASE_MAIL, spf_start, spf_join,
	spf_stop, NULL, false };
