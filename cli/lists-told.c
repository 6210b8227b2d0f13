/* lists-told - lists that cannot be asked (see lists-told.h). */
#include "config.h"

#include "cli/lists-told.h"

#include <stdio.h>

#include "lib/base/region.h"

#define PREFIX  "Not asked: "
#define ALL     "all lists"
#define CLIENTS "lists about the client"
#define HOSTS   "some hosts of URLs"
#define MORE    2 /* than the lists: CLIENTS, HOSTS */

void
lists_told_off(const struct lists_status *rows, size_t count)
{
	size_t i;

	if (lists_are_silent(rows, count))
		return;
	for (i = 0; i < count; i++)
		if (rows[i].state == LISTS_STATE_OFF)
			printf(PREFIX "%s: off: %s\n", rows[i].name,
			    rows[i].reason);
}

static void
tell(struct lists_told *told, const char *subject, const char *reason)
{
	told->items[told->count].subject = subject;
	told->items[told->count++].reason = reason;
}

static enum status
tell_rows(const struct lists_status *rows, size_t count, struct region *region,
    struct lists_told *told)
{
	const char *reason;
	size_t i;

	for (i = 0; i < count; i++) {
		if (rows[i].state == LISTS_STATE_UNTESTED)
			reason = "it did not answer in time";
		else if (rows[i].state == LISTS_STATE_OFF)
			reason =
			    region_printf(region, "off: %s", rows[i].reason);
		else
			continue; /* on, or disabled as the operator wants it */
		if (reason == NULL)
			return STATUS_NOMEM;
		tell(told, rows[i].name, reason);
	}
	return STATUS_OK;
}

enum status
lists_told_check(struct lists *lists, const struct settings *settings,
    const struct ip *client, struct region *region, struct lists_told *told_r)
{
	struct lists_status *rows = NULL;
	enum status status = STATUS_OK;
	size_t count = 0;

	told_r->count = 0;
	if (lists != NULL) {
		lists_tick(lists); /* reads the tests that have ended */
		status = lists_status_all(lists, region, &rows, &count);
	}
	if (status != STATUS_OK)
		return status;
	told_r->items =
	    region_alloc_array(region, count + MORE, sizeof(*told_r->items));
	if (told_r->items == NULL)
		return STATUS_NOMEM;
	if (lists == NULL || !settings->lists.enabled) {
		tell(told_r, ALL,
		    lists == NULL ? "--offline" :
				    "enabled = no in section lists");
		return STATUS_OK;
	}
	if (client->family == AF_UNSPEC)
		tell(told_r, CLIENTS, "no --client-ip");
	else if (!ip_is_public(client))
		tell(told_r, CLIENTS, "its address is private or reserved");
	if (!lists_are_silent(rows, count))
		return tell_rows(rows, count, region, told_r);
	tell(told_r, ALL, LISTS_TOLD_SILENT);
	return STATUS_OK;
}

void
lists_told_hosts(struct lists_told *told, const struct facts *facts)
{
	if (facts->urls_left_out)
		tell(told, HOSTS,
		    "they are over lists.url_max, or many of one domain");
}

void
lists_told_print(const struct lists_told *told)
{
	size_t i;

	for (i = 0; i < told->count; i++)
		printf(PREFIX "%s: %s\n", told->items[i].subject,
		    told->items[i].reason);
}
