/*
 * check-iprev - the client's reverse name, confirmed (RFC 8601 section 3).
 * Starts at connect; runs in the task pool.
 */
#include "config.h"

#include "lib/auth/iprev.h"

#include "lib/scan/scan-task.h"

struct iprev_task {
	struct scan_task head;
	struct auth_iprev_request request;
	struct auth_iprev_result result;
};

static enum status
iprev_run(struct scan_task *head, int64_t deadline_ms)
{
	struct iprev_task *task = (struct iprev_task *)head;

	task->request.deadline_ms = deadline_ms;
	return auth_iprev_check(head->region, &task->request, &task->result);
}

static enum status
iprev_start(struct scan *scan, void **state_r)
{
	struct iprev_task *task;
	enum status status;

	if (scan->envelope.client_ip.family == AF_UNSPEC)
		return STATUS_OK;
	if ((task = scan_task_new(scan, sizeof(*task), iprev_run)) == NULL)
		return STATUS_NOMEM;
	task->request.dns = scan->services->dns;
	task->request.client_ip = scan->envelope.client_ip;
	status = scan_task_start(scan, &task->head);
	if (status == STATUS_OK)
		*state_r = task;
	return status;
}

static enum status
iprev_join(struct scan *scan, void *state)
{
	struct iprev_task *task = state;
	enum status status = scan_task_join(scan, &task->head);

	scan->verdict.facts.iprev = task->result;
	scan->verdict.facts.has_iprev = true;
	return status;
}

static void
iprev_stop(void *state)
{
	scan_task_end(state);
}

const struct check check_iprev = { "iprev", SCAN_PHASE_CONNECT, iprev_start,
	iprev_join, iprev_stop, NULL, false };
