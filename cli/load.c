/* load - configuration and zone files for a command (see load.h). */
#include "config.h"

#include "cli/load.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/dns/zone.h"
#include "lib/mail/domain.h"
#include "lib/scan/settings-host.h"

#define ERROR_BYTES 512

static void
print_errors(const struct conf_errors *errors)
{
	size_t i;

	for (i = 0; i < conf_errors_count(errors); i++)
		fprintf(stderr, "%s\n", conf_errors_get(errors, i));
}

static const struct settings *
load(const char *path)
{
	const struct settings *settings = NULL;
	struct conf_errors *errors = conf_errors_new();
	enum status status = STATUS_NOMEM;

	if (errors != NULL) {
		status = settings_load(path, &settings, errors);
		print_errors(errors);
	}
	if (status != STATUS_OK)
		fprintf(stderr, "gatepost: %s: %s\n",
		    path == NULL ? "defaults" : path, status_text(status));
	conf_errors_free(&errors);
	return settings;
}

const struct settings *
load_settings(const char *path)
{
	if (path != NULL)
		return load(path);
	if (access(SETTINGS_FILE, F_OK) != 0 && errno == ENOENT)
		return load(NULL);
	return load(SETTINGS_FILE);
}

const struct settings *
load_defaults(void)
{
	return load(NULL);
}

enum status
load_check_host(const struct settings *settings)
{
	struct conf_errors *errors = conf_errors_new();
	enum status status = STATUS_NOMEM;

	if (errors != NULL) {
		status = settings_check_host(
		    settings, settings_daemons(settings), errors);
		print_errors(errors);
	}
	if (status == STATUS_NOMEM)
		fprintf(stderr, "gatepost: %s\n", status_text(status));
	conf_errors_free(&errors);
	return status;
}

enum status
load_domain(struct region *region, const char *text, const char **domain_r)
{
	enum status status = domain_normalize(region, span_of(text), domain_r);

	if (status == STATUS_OK && strchr(*domain_r, '.') == NULL)
		status = STATUS_INVALID;
	if (status == STATUS_INVALID)
		fprintf(stderr, "gatepost: no domain: %s\n", text);
	return status;
}

enum status
load_zone(const char *path, struct dns **dns_r)
{
	struct dns_zone *zone = dns_zone_new();
	char error[ERROR_BYTES] = "";
	enum status status = STATUS_NOMEM;

	*dns_r = NULL;
	if (zone != NULL)
		status = dns_zone_read_file(zone, path, error, sizeof(error));
	if (status == STATUS_OK)
		status = dns_open_zone(&zone, dns_r);
	if (status != STATUS_OK)
		fprintf(stderr, "gatepost: %s\n",
		    error[0] == '\0' ? status_text(status) : error);
	dns_zone_free(&zone);
	return status;
}
