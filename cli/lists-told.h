/* lists-told - what commands say of lists that cannot be asked. */
#ifndef GATEPOST_CLI_LISTS_TOLD_H
#define GATEPOST_CLI_LISTS_TOLD_H

#include "lib/lists/lists.h"
#include "lib/scan/settings.h"

/* Where lists_are_silent() */
#define LISTS_TOLD_SILENT                                                \
	"no list answers: does this host reach DNS? See dns.forward in " \
	"gatepost.conf(5)."

/* lists_told_off - a line on standard output for each list that is off; none
 * where all are silent */
void lists_told_off(const struct lists_status *rows, size_t count);

/*
 * lists_told_check - behind the report of a message: which lists were not
 * asked about it, and why; on standard output.
 *
 * lists     NULL: none was asked, because DNS was not (--offline)
 * settings  those of lists
 * client    who delivered the message; AF_UNSPEC: not known
 *
 * Returns STATUS_OK or STATUS_NOMEM.
 */
enum status lists_told_check(struct lists *lists,
    const struct settings *settings, const struct ip *client) GP_MUST_CHECK;

#endif
