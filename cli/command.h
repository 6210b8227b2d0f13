/*
 * command - one subcommand of gatepost(1): one file cmd-NAME.c each.
 */
#ifndef GATEPOST_CLI_COMMAND_H
#define GATEPOST_CLI_COMMAND_H

/* Exit statuses that scripts rely on (DESIGN: "Names on the command line"). */
enum exit_status {
	EXIT_HAM = 0,
	EXIT_JUNK = 1,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
	EXIT_DATA = 65, /* EX_DATAERR of sysexits.h */
	EXIT_TEMPORARY = 75
};

struct command {
	const char *name;
	const char *help;                  /* one line */
	int (*run)(int argc, char **argv); /* argv[0] is the name */
};

/* print_version - one line on standard output (main.c) */
void print_version(void);

extern const struct command command_check;
extern const struct command command_config;
extern const struct command command_dkim;
extern const struct command command_dns;
extern const struct command command_guard;
extern const struct command command_junk;
extern const struct command command_learn;
extern const struct command command_lists;
extern const struct command command_reputation;
extern const struct command command_senders;
extern const struct command command_vacation;

#endif
