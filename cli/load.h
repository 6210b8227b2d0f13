/* load - the configuration for a command, errors on the terminal. */
#ifndef GATEPOST_CLI_LOAD_H
#define GATEPOST_CLI_LOAD_H

#include "lib/scan/settings.h"

/*
 * load_settings - path, or the installed file when path is NULL; when that does
 * not exist the defaults.  NULL after the reasons were printed.
 */
const struct settings *load_settings(const char *path);

/* load_defaults - no file at all */
const struct settings *load_defaults(void);

#endif
