/*
 * service - what the main functions of the daemons share: the command line,
 * and settings that are read and checked with the reasons in the log.
 */
#ifndef GATEPOST_SCAN_SERVICE_H
#define GATEPOST_SCAN_SERVICE_H

#include <stdbool.h>

#include "lib/scan/settings.h"

struct service_options {
	const char *program, *purpose; /* for the usage; the caller's */
	const char *config_path;       /* the caller's default */
	bool foreground, check_only;
};

/*
 * service_parse_options - reads the command line that all daemons have.
 *
 * Returns -1 to go on, or the exit status (the usage or the version is printed).
 */
int service_parse_options(
    int argc, char **argv, struct service_options *options);

/* service_load_settings - NULL when they are bad: why was logged */
const struct settings *service_load_settings(const char *path);

/*
 * service_check_host - for --check: also what a start would find out, logged.
 *
 * Returns the exit status.
 */
int service_check_host(
    const struct settings *settings, enum settings_daemon daemon);

#endif
