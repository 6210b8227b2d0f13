/*
 * check-helo - does the HELO name resolve to the client (RFC 5321 section
 * 4.1.4)?  Logged as a fact.  Starts at HELO; runs in the task pool.
 */
#include "config.h"

#include "lib/auth/iprev.h"

#include "lib/scan/scan-task.h"

struct helo_task {
	struct scan_task head;
	struct auth_iprev_request request;
	const char *helo;
	enum auth_result result;
};

static enum status
helo_run(struct scan_task *head, int64_t deadline_ms)
{
	struct helo_task *task = (struct helo_task *)head;

	task->request.deadline_ms = deadline_ms;
	return auth_forward_confirm(
	    head->region, &task->request, task->helo, &task->result);
}

static enum status
helo_start(struct scan *scan, void **state_r)
{
	struct helo_task *task;
	enum status status;

	if (scan->envelope.client_ip.family == AF_UNSPEC ||
	    scan->envelope.helo[0] == '\0')
		return STATUS_OK;
	if ((task = scan_task_new(scan, sizeof(*task), helo_run)) == NULL)
		return STATUS_NOMEM;
	task->request.dns = scan->services->dns;
	task->request.client_ip = scan->envelope.client_ip;
	task->helo = scan_task_copy(&task->head, scan->envelope.helo);
	if (task->helo == NULL) {
		scan_task_end(&task->head);
		return STATUS_NOMEM;
	}
	status = scan_task_start(scan, &task->head);
	if (status == STATUS_OK)
		*state_r = task;
	return status;
}

static enum status
helo_join(struct scan *scan, void *state)
{
	struct helo_task *task = state;
	enum status status = scan_task_join(scan, &task->head);

	scan->verdict.facts.helo = task->result;
	scan->verdict.facts.has_helo = true;
	return status;
}

static void
helo_stop(void *state)
{
	scan_task_end(state);
}

const struct check check_helo = { "helo", SCAN_PHASE_HELO, helo_start,
	helo_join, helo_stop, NULL, false };
