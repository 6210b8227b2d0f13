/*
 * cmd-dkim - `gatepost dkim`: the keys by which outbound mail is signed; each
 * action is in its own file keys-NAME.c.
 */
#include "config.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/keys.h"
#include "cli/load.h"

#define KEEP_DAYS_DEFAULT 14 /* over any queue's and mailbox's second look */
#define KEEP_DAYS_MAX     3650

struct action {
	const char *name;
	const char *options; /* the letters that are of use */
	int operands_min, operands_max;
	int (*run)(struct keys_run *run);
};

static const struct action actions[] = {
	{ "generate", "cstb", 1, 1, keys_generate },
	{ "list", "cjCz", 0, 1000, keys_list },
	{ "rotate", "csbkfz", 1, 1, keys_rotate },
	{ "import", "c", 1, 1, keys_import },
};

static void
print_usage(FILE *out)
{
	fprintf(out,
	    "usage: gatepost dkim generate DOMAIN [--selector S]\n"
	    "           [--type rsa|ed25519|both] [--bits N]\n"
	    "       gatepost dkim list [--json] [--check] [DOMAIN]...\n"
	    "       gatepost dkim rotate DOMAIN [--selector S] [--bits N]\n"
	    "           [--keep DAYS] [--force]\n"
	    "       gatepost dkim import DIRECTORY | FILE\n"
	    "The keys by which outbound mail is signed.  generate makes the "
	    "first ones of\n"
	    "a domain and prints their DNS records.  rotate makes new ones, "
	    "and when it\n"
	    "finds their records in the DNS, these sign instead.  import "
	    "takes over the\n"
	    "keys of OpenDKIM, docker-mailserver or rspamd.\n\n"
	    "  --selector S       the key's name; default: the day, as "
	    "20261124\n"
	    "  --type TYPE        rsa, ed25519, or both (default)\n"
	    "  --bits N           of RSA, 1024 to 4096; default 2048\n"
	    "  --keep DAYS        an old key's record must stay so long; "
	    "default 14\n"
	    "  --force            rotate without a look into the DNS\n"
	    "  --check            ask the DNS for each record\n"
	    "  --json             one JSON array instead of text\n"
	    "  --zone FILE        DNS answers from this zone file alone\n"
	    "  -c, --config FILE  instead of " SETTINGS_FILE "\n\n"
	    "exit status: 0 done, 1 not done or something is wrong, 2 usage,\n"
	    "75 temporary failure\n");
}

static const struct option option_table[] = {
	{ "selector", required_argument, NULL, 's' },
	{ "type", required_argument, NULL, 't' },
	{ "bits", required_argument, NULL, 'b' },
	{ "keep", required_argument, NULL, 'k' },
	{ "force", no_argument, NULL, 'f' },
	{ "check", no_argument, NULL, 'C' },
	{ "json", no_argument, NULL, 'j' },
	{ "zone", required_argument, NULL, 'z' },
	{ "config", required_argument, NULL, 'c' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

static bool
take_types(struct keys_options *options, const char *text)
{
	bool both = strcmp(text, "both") == 0;

	options->types[AUTH_SIGN_RSA] = both || strcmp(text, "rsa") == 0;
	options->types[AUTH_SIGN_ED25519] =
	    both || strcmp(text, "ed25519") == 0;
	return options->types[AUTH_SIGN_RSA] ||
	    options->types[AUTH_SIGN_ED25519];
}

static bool
take_bits(struct keys_options *options, const char *text)
{
	uint64_t bits;

	if (str_to_uint64(span_of(text), AUTH_SIGN_RSA_BITS_MAX, &bits) !=
		STATUS_OK ||
	    bits < AUTH_SIGN_RSA_BITS_MIN || bits % 8 != 0)
		return false;
	options->bits = (unsigned int)bits;
	return true;
}

static bool
take_days(struct keys_options *options, const char *text)
{
	uint64_t days;

	if (str_to_uint64(span_of(text), KEEP_DAYS_MAX, &days) != STATUS_OK)
		return false;
	options->keep_days = (int64_t)days;
	return true;
}

/* Takes one option; false: its value is wrong. */
static bool
take_option(struct keys_options *options, int option)
{
	switch (option) {
	case 's':
		options->selector = optarg;
		return auth_sign_selector_is_valid(optarg);
	case 't':
		return take_types(options, optarg);
	case 'b':
		return take_bits(options, optarg);
	case 'k':
		return take_days(options, optarg);
	case 'f':
		return options->force = true;
	case 'C':
		return options->check = true;
	case 'j':
		return options->json = true;
	case 'z':
		options->zone_path = optarg;
		return true;
	default:
		options->config_path = optarg;
		return true;
	}
}

/* Returns -1 to go on, else an exit status. */
static int
parse_options(int argc, char **argv, const struct action *action,
    struct keys_options *options)
{
	int option;

	while ((option = getopt_long(argc, argv, "c:hV", option_table, NULL)) !=
	    -1) {
		if (option == 'h') {
			print_usage(stdout);
			return 0;
		}
		if (option == 'V') {
			print_version();
			return 0;
		}
		if (option == '?' || strchr(action->options, option) == NULL) {
			print_usage(stderr);
			return EXIT_USAGE;
		}
		if (!take_option(options, option)) {
			fprintf(stderr, "gatepost: dkim: wrong value: %s\n",
			    optarg);
			return EXIT_USAGE;
		}
	}
	options->operands = argv + optind;
	options->operand_count = (size_t)(argc - optind);
	if (argc - optind >= action->operands_min &&
	    argc - optind <= action->operands_max)
		return -1;
	print_usage(stderr);
	return EXIT_USAGE;
}

static const struct action *
find_action(const char *name)
{
	size_t i;

	for (i = 0; i < GP_NELEMS(actions); i++)
		if (strcmp(actions[i].name, name) == 0)
			return &actions[i];
	return NULL;
}

static int
run_action(const struct action *action, const struct keys_options *options)
{
	struct keys_run run = { .options = options };
	int result = EXIT_TEMPORARY;

	if ((run.settings = load_settings(options->config_path)) == NULL)
		return EXIT_USAGE;
	run.key_dir = run.settings->sign.key_dir;
	if (run.key_dir[0] == '\0')
		run.key_dir = SIGN_KEY_DIR;
	if ((run.region = region_new()) != NULL)
		result = action->run(&run);
	if (fflush(stdout) != 0 || ferror(stdout))
		result = EXIT_FAILED;
	dns_close(&run.dns);
	region_free(&run.region);
	settings_release(&run.settings);
	return result;
}

static int
run(int argc, char **argv)
{
	struct keys_options options = { .types = { true, true },
		.keep_days = KEEP_DAYS_DEFAULT };
	const struct action *action;
	int result;

	if (argc >= 2 &&
	    (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
		print_usage(stdout);
		return 0;
	}
	action = argc >= 2 ? find_action(argv[1]) : NULL;
	if (action == NULL) {
		print_usage(stderr);
		return EXIT_USAGE;
	}
	result = parse_options(argc - 1, argv + 1, action, &options);
	return result >= 0 ? result : run_action(action, &options);
}

const struct command command_dkim = { "dkim",
	"make, list, change and import the keys that sign", run };
