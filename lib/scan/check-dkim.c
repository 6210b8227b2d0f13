/*
 * check-dkim - DKIM signatures (RFC 6376).  Key lookups start when the header
 * is known; the body is hashed as it streams by.
 */
#include "config.h"

#include "lib/auth/dkim.h"

#include "lib/scan/scan-private.h"

static void
dkim_stop(void *argument)
{
	struct auth_dkim *dkim = argument;

	auth_dkim_free(&dkim);
}

static enum status
dkim_start(struct scan *scan, void **state_r)
{
	struct auth_dkim *dkim;
	enum status status;

	status = auth_dkim_new(scan->services->dkim_library, scan->region,
	    scan->services->dns, scan->services->now, &dkim);
	if (status != STATUS_OK)
		return status;
	*state_r = dkim;
	status = auth_dkim_headers(dkim, &scan->message, scan->deadline_ms);
	if (status != STATUS_OK)
		return status;
	if (message_find(&scan->message, "DKIM-Signature", 0) != NULL)
		scan->dkim = dkim;
	return STATUS_OK;
}

static enum status
dkim_join(struct scan *scan, void *argument)
{
	scan->verdict.facts.has_dkim = true;
	return auth_dkim_finish(argument, &scan->verdict.facts.dkim);
}

static enum status
dkim_body(void *argument, const void *data, size_t length)
{
	return auth_dkim_body(argument, data, length);
}

const struct check check_dkim = { "dkim", SCAN_PHASE_HEADER, dkim_start,
	dkim_join, dkim_stop, dkim_body, false };
