/* lists-told - lists that cannot be asked (see lists-told.h). */
#include "config.h"

#include "cli/lists-told.h"

#include <stdio.h>

#include "lib/base/region.h"

#define PREFIX "Not asked: "

static void
told_row(const struct lists_status *row)
{
	switch (row->state) {
	case LISTS_STATE_ON:
	case LISTS_STATE_DISABLED: /* as the operator wants it */
		break;
	case LISTS_STATE_UNTESTED:
		printf(PREFIX "%s: it did not answer in time\n", row->name);
		break;
	case LISTS_STATE_OFF:
		printf(PREFIX "%s: off: %s\n", row->name, row->reason);
		break;
	}
}

void
lists_told_off(const struct lists_status *rows, size_t count)
{
	size_t i;

	if (lists_are_silent(rows, count))
		return;
	for (i = 0; i < count; i++)
		if (rows[i].state == LISTS_STATE_OFF)
			told_row(&rows[i]);
}

static enum status
told_lists(struct lists *lists)
{
	struct region *region = region_new();
	struct lists_status *rows;
	enum status status;
	size_t i, count;

	if (region == NULL)
		return STATUS_NOMEM;
	lists_tick(lists); /* reads the tests that have ended */
	status = lists_status_all(lists, region, &rows, &count);
	if (status == STATUS_OK && lists_are_silent(rows, count))
		printf(PREFIX "all lists: " LISTS_TOLD_SILENT "\n");
	else if (status == STATUS_OK)
		for (i = 0; i < count; i++)
			told_row(&rows[i]);
	region_free(&region);
	return status;
}

enum status
lists_told_check(struct lists *lists, const struct settings *settings,
    const struct ip *client)
{
	if (lists == NULL || !settings->lists.enabled) {
		printf(PREFIX "all lists: %s\n",
		    lists == NULL ? "--offline" :
				    "enabled = no in section lists");
		return STATUS_OK;
	}
	if (client->family == AF_UNSPEC)
		printf(PREFIX "lists about the client: no --client-ip\n");
	else if (!ip_is_public(client))
		printf(PREFIX "lists about the client: its address is "
			      "private or reserved\n");
	return told_lists(lists);
}
