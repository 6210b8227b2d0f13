/* cmd-config - `gatepost config check|show`. */
#include "config.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/keys.h"
#include "cli/load.h"
#include "lib/auth/sign-keys.h"
#include "lib/scan/signing.h"

struct options {
	const char *path;
	bool example;
	bool mdoc;
};

static void
print_usage(FILE *out)
{
	fprintf(out,
	    "usage: gatepost config check [--config FILE]\n"
	    "       gatepost config show [--config FILE | --example]\n"
	    "       gatepost config show symbols [--config FILE]\n\n"
	    "check reads a configuration and reports every error in it, and\n"
	    "every user, group and file that this host does not have.\n"
	    "show prints the values in force; show symbols every symbol with\n"
	    "its group, its weight in force and what it says.\n\n"
	    "  -c, --config FILE  instead of " SETTINGS_FILE "\n"
	    "  --example          the commented example file\n"
	    "  --mdoc             the keys as in gatepost.conf(5)\n");
}

static int
parse_options(int argc, char **argv, struct options *options)
{
	static const struct option table[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "example", no_argument, NULL, 'e' },
		{ "mdoc", no_argument, NULL, 'm' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "c:hV", table, NULL)) != -1) {
		switch (option) {
		case 'c':
			options->path = optarg;
			break;
		case 'e':
			options->example = true;
			break;
		case 'm':
			options->mdoc = true;
			break;
		case 'h':
			print_usage(stdout);
			return 0;
		case 'V':
			print_version();
			return 0;
		default:
			print_usage(stderr);
			return EXIT_USAGE;
		}
	}
	return -1;
}

static int
show(const struct options *options)
{
	const struct settings *settings;

	if (options->mdoc) {
		settings_print_mdoc(stdout);
		return 0;
	}
	settings =
	    options->example ? load_defaults() : load_settings(options->path);
	if (settings == NULL)
		return EXIT_FAILED;
	settings_print(stdout, settings, options->example);
	settings_release(&settings);
	return fflush(stdout) == 0 && !ferror(stdout) ? 0 : EXIT_FAILED;
}

static int
show_symbols(const struct options *options)
{
	const struct settings *settings = load_settings(options->path);
	const struct symbol_setting *setting;
	char weight[SCORE_TEXT_BYTES];
	size_t i;

	if (settings == NULL)
		return EXIT_FAILED;
	for (i = 0; i < SYMBOLS_WEIGHED; i++) {
		setting = &settings->symbol_settings[i];
		printf("%-25s %-15s %6s  %s\n", symbol_name((enum symbol_id)i),
		    symbol_group_text(symbol_group((enum symbol_id)i)),
		    setting->off ? "off" : score_text(setting->weight, weight),
		    setting->sentence);
	}
	settings_release(&settings);
	return fflush(stdout) == 0 && !ferror(stdout) ? 0 : EXIT_FAILED;
}

static enum status
warn_of_signing(const struct settings *settings)
{
	const struct auth_sign_keys *keys;
	const char *warning;
	enum status status;

	status = auth_sign_keys_load(
	    sign_conf_key_dir(&settings->sign), keys_owner(settings), &keys);
	if (status != STATUS_OK)
		return status;
	if ((warning = signing_warning(settings, keys)) != NULL)
		fprintf(stderr, "gatepost: warning: %s\n", warning);
	auth_sign_keys_release(&keys);
	return STATUS_OK;
}

static int
check(const struct options *options)
{
	const struct settings *settings = load_settings(options->path);
	enum status status;

	if (settings == NULL)
		return EXIT_FAILED;
	status = load_check_host(settings);
	if (strchr(settings->authserv_id, '.') == NULL)
		fprintf(stderr,
		    "gatepost: warning: general.authserv_id is \"%s\", which "
		    "has no domain: set it to Postfix' myhostname, such as "
		    "mx.example.org\n",
		    settings->authserv_id);
	if (status == STATUS_OK)
		status = warn_of_signing(settings);
	settings_release(&settings);
	if (status != STATUS_OK)
		return EXIT_FAILED;
	printf("The configuration is good.\n");
	return 0;
}

static int
run(int argc, char **argv)
{
	struct options options = { 0 };
	int result;

	if ((result = parse_options(argc, argv, &options)) >= 0)
		return result;
	if (argc - optind == 1 && strcmp(argv[optind], "check") == 0)
		return check(&options);
	if (argc - optind == 1 && strcmp(argv[optind], "show") == 0)
		return show(&options);
	if (argc - optind == 2 && strcmp(argv[optind], "show") == 0 &&
	    strcmp(argv[optind + 1], "symbols") == 0)
		return show_symbols(&options);
	print_usage(stderr);
	return EXIT_USAGE;
}

const struct command command_config = { "config",
	"check or show the configuration", run };
