/* service - what the main functions of the daemons share (see service.h). */
#include "config.h"

#include "lib/scan/service.h"

#include <getopt.h>
#include <stdio.h>

#include "lib/base/log.h"
#include "lib/scan/settings-host.h"

#define EXIT_USAGE 2

static void
print_usage(FILE *out, const struct service_options *options)
{
	fprintf(out,
	    "usage: %s [-fn] [-c FILE]\n"
	    "%s\n\n"
	    "  -c, --config FILE  configuration (" SETTINGS_FILE ")\n"
	    "  -f, --foreground   stay in the foreground, log to stderr\n"
	    "  -n, --check        check the configuration and exit\n"
	    "  -h, --help         this help\n"
	    "  -V, --version      the version\n",
	    options->program, options->purpose);
}

int
service_parse_options(int argc, char **argv, struct service_options *options)
{
	static const struct option table[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "foreground", no_argument, NULL, 'f' },
		{ "check", no_argument, NULL, 'n' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	while (
	    (option = getopt_long(argc, argv, "c:fnhV", table, NULL)) != -1) {
		switch (option) {
		case 'c':
			options->config_path = optarg;
			break;
		case 'f':
			options->foreground = true;
			break;
		case 'n':
			options->check_only = true;
			break;
		case 'h':
			print_usage(stdout, options);
			return 0;
		case 'V':
			printf("%s " PACKAGE_VERSION "\n", options->program);
			return 0;
		default:
			print_usage(stderr, options);
			return EXIT_USAGE;
		}
	}
	if (optind == argc)
		return -1;
	fprintf(stderr, "%s: no operand is expected: %s\n", options->program,
	    argv[optind]);
	return EXIT_USAGE;
}

const struct settings *
service_load_settings(const char *path)
{
	const struct settings *settings = NULL;
	struct conf_errors *errors = conf_errors_new();
	enum status status = STATUS_NOMEM;

	if (errors != NULL) {
		status = settings_load(path, &settings, errors);
		settings_log_errors(errors);
	}
	if (status != STATUS_OK)
		log_error("%s: %s", path, status_text(status));
	conf_errors_free(&errors);
	return settings;
}

int
service_check_host(const struct settings *settings, enum settings_daemon daemon)
{
	struct conf_errors *errors = conf_errors_new();
	enum status status = STATUS_NOMEM;

	if (errors != NULL) {
		status =
		    settings_check_host(settings, (unsigned int)daemon, errors);
		settings_log_errors(errors);
	}
	if (status == STATUS_NOMEM)
		log_error("%s", status_text(status));
	conf_errors_free(&errors);
	return status == STATUS_OK ? 0 : 1;
}
