/* load - what a command reads before it begins, errors on the terminal. */
#ifndef GATEPOST_CLI_LOAD_H
#define GATEPOST_CLI_LOAD_H

#include "lib/base/region.h"
#include "lib/dns/dns.h"
#include "lib/scan/settings.h"

/*
 * load_settings - path, or the installed file when path is NULL; when that does
 * not exist the defaults.  NULL after the reasons were printed.
 */
const struct settings *load_settings(const char *path);

/* load_defaults - no file at all */
const struct settings *load_defaults(void);

/*
 * load_check_host - whether this host has what the settings name; the reasons
 * are printed.
 */
enum status load_check_host(const struct settings *settings) GP_MUST_CHECK;

/*
 * load_domain - a domain of the command line, of two labels at least, as DNS
 * wants it; errors are told.  Returns STATUS_OK, STATUS_INVALID or
 * STATUS_NOMEM.
 */
enum status load_domain(struct region *region, const char *text,
    const char **domain_r) GP_MUST_CHECK;

/* load_zone - DNS that answers from a zone file alone (--zone) */
enum status load_zone(const char *path, struct dns **dns_r) GP_MUST_CHECK;

#endif
