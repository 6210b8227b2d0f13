/* lists-told - what commands say of lists that cannot be asked. */
#ifndef GATEPOST_CLI_LISTS_TOLD_H
#define GATEPOST_CLI_LISTS_TOLD_H

#include "lib/lists/lists.h"
#include "lib/scan/report.h"
#include "lib/scan/settings.h"

struct lists_told {
	struct report_not_asked *items;
	size_t count;
};

/* Where lists_are_silent() */
#define LISTS_TOLD_SILENT                                                \
	"no list answers: does this host reach DNS? See dns.forward in " \
	"gatepost.conf(5)."

/* lists_told_off - a line on standard output for each list that is off; none
 * where all are silent */
void lists_told_off(const struct lists_status *rows, size_t count);

/*
 * lists_told_check - which lists were not asked about a message, and why.
 *
 * lists     NULL: none was asked, because DNS was not (--offline)
 * settings  those of lists
 * client    who delivered the message; AF_UNSPEC: not known
 * region    holds what is told
 * told_r    in table order
 *
 * Returns STATUS_OK or STATUS_NOMEM.
 */
enum status lists_told_check(struct lists *lists,
    const struct settings *settings, const struct ip *client,
    struct region *region, struct lists_told *told_r) GP_MUST_CHECK;

/* lists_told_hosts - that hosts of the URLs were left out, if they were; once,
 * behind lists_told_check() */
void lists_told_hosts(struct lists_told *told, const struct facts *facts);

/* lists_told_print - a line on standard output for each */
void lists_told_print(const struct lists_told *told);

#endif
