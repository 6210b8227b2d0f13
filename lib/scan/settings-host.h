/*
 * settings-host - whether settings fit this host: users, groups and files that
 * they name.  For who asks before a start (`gatepost config check`, --check);
 * a daemon that starts finds out by itself, and tries its store again later.
 */
#ifndef GATEPOST_SCAN_SETTINGS_HOST_H
#define GATEPOST_SCAN_SETTINGS_HOST_H

#include "lib/scan/settings.h"

/*
 * settings_check_host - tells everything that is named and not there.
 *
 * daemons  those that are to run here: bits of enum settings_daemon
 * errors   gets a reason for each, with file and line
 *
 * Returns STATUS_OK, or STATUS_INVALID when there is one.  Main thread only.
 */
enum status settings_check_host(const struct settings *settings,
    unsigned int daemons, struct conf_errors *errors) GP_MUST_CHECK;

#endif
