/* gatepost - the admin's tool: finds the subcommand and runs it. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "lib/base/log.h"
#include "lib/base/status.h"

static const struct command *const commands[] = {
	&command_check,
	&command_config,
	&command_dkim,
	&command_dns,
	&command_guard,
	&command_lists,
	&command_learn,
	&command_reputation,
	&command_senders,
	&command_junk,
	&command_vacation,
};

static void
print_usage(FILE *out)
{
	size_t i;

	fprintf(out,
	    "usage: gatepost COMMAND [OPTION]...\n"
	    "       gatepost COMMAND --help\n\n"
	    "commands:\n");
	for (i = 0; i < GP_NELEMS(commands); i++)
		fprintf(
		    out, "  %-10s %s\n", commands[i]->name, commands[i]->help);
	fprintf(out,
	    "\n  -h, --help     this help\n"
	    "  -V, --version  the version\n");
}

void
print_version(void)
{
	printf("gatepost " PACKAGE_VERSION "\n");
}

int
main(int argc, char **argv)
{
	size_t i;

	log_open("gatepost", false, LOG_LEVEL_WARNING);
	if (argc < 2) {
		print_usage(stderr);
		return EXIT_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		print_usage(stdout);
		return 0;
	}
	if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
		print_version();
		return 0;
	}
	for (i = 0; i < GP_NELEMS(commands); i++)
		if (strcmp(argv[1], commands[i]->name) == 0)
			return commands[i]->run(argc - 1, argv + 1);
	fprintf(stderr, "gatepost: no command \"%s\"; see gatepost --help\n",
	    argv[1]);
	return EXIT_USAGE;
}
