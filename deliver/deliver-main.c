/* gatepost-deliver - options, configuration, one message from standard input. */
#include "config.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "deliver/delivery.h"
#include "deliver/input.h"
#include "deliver/outcome.h"
#include "deliver/test-point.h"
#include "lib/base/log.h"
#include "lib/scan/service.h"

#define PROGRAM     "gatepost-deliver"
#define NULL_SENDER "MAILER-DAEMON" /* as pipe(8) writes it */

struct options {
	const char *config_path;
	const char *sender;
	char **recipients;
	size_t recipient_count;
	bool log_to_stderr;
};

static void
print_usage(FILE *out)
{
	fprintf(out,
	    "usage: " PROGRAM " [-e] [-c FILE] [-f SENDER] [RECIPIENT...]\n"
	    "Delivers the message on standard input into Maildirs.\n\n"
	    "  -c, --config FILE  configuration (" SETTINGS_FILE ")\n"
	    "  -e, --stderr       log to stderr, not to syslog\n"
	    "  -f, --from SENDER  envelope sender (default: $SENDER)\n"
	    "  -h, --help         this help\n"
	    "  -V, --version      the version\n\n"
	    "Without RECIPIENT it is $RECIPIENT.\n");
}

/* Says what came of it as Postfix wants to hear it. */
static int
tell(const struct outcome *outcome)
{
	if (outcome->exit_status == EX_OK)
		return EX_OK;
	if (outcome->address == NULL)
		printf(
		    "%s %s\n", outcome->result.enhanced, outcome->result.text);
	else
		printf("%s <%s> %s\n", outcome->result.enhanced,
		    outcome->address, outcome->result.text);
	(void)fflush(stdout);
	return outcome->exit_status;
}

static int
tell_trouble(const char *text)
{
	struct outcome outcome = outcome_of_trouble(text);

	log_error("%s", text);
	return tell(&outcome);
}

static const char *
variable(const char *name)
{
	const char *value = getenv(name);

	return value == NULL ? "" : value;
}

/* Returns false for a wrong command line. */
static bool
parse_options(int argc, char **argv, struct options *options)
{
	static const struct option table[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "stderr", no_argument, NULL, 'e' },
		{ "from", required_argument, NULL, 'f' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	/* What getopt says would go in front of our line. */
	opterr = 0;
	while (
	    (option = getopt_long(argc, argv, "c:ef:hV", table, NULL)) != -1) {
		switch (option) {
		case 'c':
			options->config_path = optarg;
			break;
		case 'e':
			options->log_to_stderr = true;
			break;
		case 'f':
			options->sender = optarg;
			break;
		case 'h':
			print_usage(stdout);
			exit(EX_OK);
		case 'V':
			printf(PROGRAM " " PACKAGE_VERSION "\n");
			exit(EX_OK);
		default:
			return false;
		}
	}
	options->recipients = argv + optind;
	options->recipient_count = (size_t)(argc - optind);
	return true;
}

static void
add_recipient(
    struct delivery *delivery, const char *address, struct outcome *outcome)
{
	outcome_add(outcome, delivery_add_recipient(delivery, span_of(address)),
	    address);
}

static void
add_recipients(struct delivery *delivery, const struct options *options,
    struct outcome *outcome)
{
	size_t i;

	if (options->recipient_count == 0)
		add_recipient(delivery, variable("RECIPIENT"), outcome);
	for (i = 0; i < options->recipient_count; i++)
		add_recipient(delivery, options->recipients[i], outcome);
}

/* Reads and delivers the message to who was accepted. */
static void
deliver_input(struct delivery *delivery, struct outcome *outcome)
{
	size_t i;

	if (input_read(STDIN_FILENO, delivery_spool(delivery)) != STATUS_OK) {
		log_error("standard input: %s", strerror(errno));
		*outcome = outcome_of_trouble("cannot read the message");
		return;
	}
	(void)TEST_POINT("received");
	delivery_run(delivery);
	(void)TEST_POINT("stored");
	for (i = 0; i < delivery_count(delivery); i++)
		outcome_add(outcome, delivery_result(delivery, i),
		    delivery_address(delivery, i));
}

/* Returns the exit status. */
static int
deliver(struct delivery *delivery, const struct options *options)
{
	struct outcome outcome = { 0 };
	const char *sender = options->sender;
	int exit_status;

	if (str_equals_nocase(sender, NULL_SENDER))
		sender = "";
	if (delivery_begin(delivery, span_of(sender)) != STATUS_OK)
		return tell_trouble("bad sender address");
	add_recipients(delivery, options, &outcome);
	if (delivery_count(delivery) > 0)
		deliver_input(delivery, &outcome);
	exit_status = tell(&outcome);
	/* Who gets another answer may come again with all recipients. */
	delivery_settle(delivery, exit_status == EX_OK);
	return exit_status;
}

static int
run(const struct settings *settings, const struct options *options)
{
	struct delivery_services *services = delivery_services_new();
	struct delivery *delivery = NULL;
	int exit_status;

	if (services != NULL) {
		delivery_services_lock_mailboxes(services);
		delivery = delivery_new(services, settings);
	}
	exit_status = delivery == NULL ? tell_trouble("out of memory") :
					 deliver(delivery, options);
	delivery_free(&delivery);
	delivery_services_free(&services);
	return exit_status;
}

int
main(int argc, char **argv)
{
	struct options options = {
		.config_path = SETTINGS_FILE,
		.sender = variable("SENDER"),
	};
	const struct settings *settings;
	bool understood;
	int exit_status;

	umask(0);
	(void)signal(SIGPIPE, SIG_IGN);
	understood = parse_options(argc, argv, &options);
	log_open(PROGRAM, !options.log_to_stderr, LOG_LEVEL_INFO);
	if (!understood)
		return tell_trouble("wrong options (see gatepost-deliver -h)");
	if ((settings = service_load_settings(options.config_path)) == NULL)
		return tell_trouble("bad configuration");
	log_set_level((enum log_level)settings->general.log_level);
	exit_status = run(settings, &options);
	settings_release(&settings);
	return exit_status;
}
