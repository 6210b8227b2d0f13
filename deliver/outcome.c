/* outcome - what gatepost-deliver tells its caller (see outcome.h). */
#include "config.h"

#include "deliver/outcome.h"

#include <string.h>
#include <sysexits.h>

static int
exit_status_of(const struct delivery_result *result)
{
	if (result->code >= 200 && result->code < 300)
		return EX_OK;
	if (result->code < 500)
		return EX_TEMPFAIL;
	return strcmp(result->enhanced, "5.1.1") == 0 ? EX_NOUSER : EX_NOPERM;
}

void
outcome_add(
    struct outcome *outcome, struct delivery_result result, const char *address)
{
	int exit_status = exit_status_of(&result);

	if (exit_status == EX_OK || outcome->exit_status == EX_TEMPFAIL ||
	    (outcome->exit_status != EX_OK && exit_status != EX_TEMPFAIL))
		return;
	outcome->exit_status = exit_status;
	outcome->result = result;
	outcome->address = address;
}

struct outcome
outcome_of_trouble(const char *text)
{
	struct outcome outcome = {
		.exit_status = EX_TEMPFAIL,
		.result = { 451, "4.3.5", text },
	};

	return outcome;
}
