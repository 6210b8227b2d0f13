/* gatepost-milter - options, configuration, privileges, run. */
#include "config.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/log.h"
#include "lib/mail/charset.h"
#include "lib/net/daemon.h"
#include "lib/scan/settings-host.h"
#include "lib/scan/settings.h"
#include "milter/milter.h"

#define PROGRAM       "gatepost-milter"
#define EXIT_USAGE    2
#define DRAIN_MS      10000
#define CHECK_STEP_MS 1000 /* how soon we see that libmilter gave up */

struct options {
	const char *config_path;
	bool foreground;
	bool check_only;
};

static void
print_usage(FILE *out)
{
	fprintf(out,
	    "usage: " PROGRAM " [-fn] [-c FILE]\n"
	    "Checks mail for Postfix over the milter protocol.\n\n"
	    "  -c, --config FILE  configuration (" SETTINGS_FILE ")\n"
	    "  -f, --foreground   stay in the foreground, log to stderr\n"
	    "  -n, --check        check the configuration and exit\n"
	    "  -h, --help         this help\n"
	    "  -V, --version      the version\n");
}

static void
parse_options(int argc, char **argv, struct options *options)
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
			print_usage(stdout);
			exit(0);
		case 'V':
			printf(PROGRAM " " PACKAGE_VERSION "\n");
			exit(0);
		default:
			print_usage(stderr);
			exit(EXIT_USAGE);
		}
	}
	if (optind != argc) {
		fprintf(stderr, PROGRAM ": no operand is expected: %s\n",
		    argv[optind]);
		exit(EXIT_USAGE);
	}
}

static const struct settings *
load_settings(const char *path)
{
	const struct settings *settings = NULL;
	struct conf_errors *errors;
	enum status status;

	if ((errors = conf_errors_new()) == NULL)
		return NULL;
	status = settings_load(path, &settings, errors);
	settings_log_errors(errors);
	if (status != STATUS_OK)
		log_error("%s: %s", path, status_text(status));
	conf_errors_free(&errors);
	return settings;
}

static void
open_log(const struct settings *settings, bool foreground)
{
	log_open(
	    PROGRAM, !foreground, (enum log_level)settings->general.log_level);
}

/* --check: also what a start would find out; returns the exit status. */
static int
check_host(const struct settings *settings)
{
	struct conf_errors *errors = conf_errors_new();
	enum status status = STATUS_NOMEM;

	if (errors != NULL) {
		status = settings_check_host(settings, errors);
		settings_log_errors(errors);
	}
	if (status == STATUS_NOMEM)
		log_error("%s", status_text(status));
	conf_errors_free(&errors);
	return status == STATUS_OK ? 0 : 1;
}

/* A bad new file keeps the settings that are in force. */
static void
reload(struct milter *milter, const struct settings *started, const char *path)
{
	const struct settings *settings = load_settings(path);

	if (settings == NULL) {
		log_error("reload: the running configuration stays in force");
		return;
	}
	log_set_level((enum log_level)settings->general.log_level);
	milter_reload(milter, settings);
	log_info("reload: %s is in force for new sessions", path);
	settings_warn_start_only(started, settings, PROGRAM);
	settings_release(&settings);
}

enum run_end {
	RUN_STOPPED,
	RUN_STOPPED_WITH_SESSIONS,
	RUN_FAILED
};

static enum run_end
run(struct milter *milter, const struct settings *started,
    const char *config_path)
{
	while (!milter_has_ended(milter)) {
		milter_tick(milter);
		switch (daemon_wait(CHECK_STEP_MS)) {
		case DAEMON_EVENT_NONE:
			break;
		case DAEMON_EVENT_RELOAD:
			reload(milter, started, config_path);
			break;
		case DAEMON_EVENT_STOP:
			log_info("stopping");
			return milter_stop(&milter, DRAIN_MS) ?
			    RUN_STOPPED :
			    RUN_STOPPED_WITH_SESSIONS;
		}
	}
	log_fatal("libmilter has ended");
	return RUN_FAILED;
}

/* In this order: what needs root, then the other user, then threads. */
static enum status
start(const struct settings *settings, const struct options *options,
    int *pid_fd, struct milter **milter_r)
{
	struct daemon_detach detach = { -1 };
	enum status status;

	if ((status = milter_listen(settings)) != STATUS_OK)
		return status;
	if (!options->foreground)
		status = daemon_detach(&detach);
	if (status == STATUS_OK)
		status = daemon_signals_open();
	if (status == STATUS_OK)
		status =
		    daemon_write_pid_file(settings->milter.pid_file, pid_fd);
	if (status == STATUS_OK)
		status = daemon_drop_privileges(settings->general.user);
	if (status == STATUS_OK)
		status = milter_start(settings, milter_r);
	if (status != STATUS_OK) {
		milter_unlisten(settings);
		return status;
	}
	open_log(settings, options->foreground);
	daemon_ready(&detach);
	return STATUS_OK;
}

/* Serves until told to stop; returns the exit status. */
static int
serve(const struct settings *settings, const struct options *options)
{
	struct charset_modules *charsets;
	enum run_end end = RUN_FAILED;
	struct milter *milter;
	int pid_fd = -1;

	if (charset_load(&charsets) == STATUS_OK &&
	    start(settings, options, &pid_fd, &milter) == STATUS_OK) {
		log_info("ready on %s as %s", settings->milter.socket,
		    settings->authserv_id);
		if (strchr(settings->authserv_id, '.') == NULL)
			log_warning("general.authserv_id is not set, and this "
				    "host's name \"%s\" has no domain",
			    settings->authserv_id);
		end = run(milter, settings, options->config_path);
		milter_unlisten(settings);
	}
	daemon_remove_pid_file(settings->milter.pid_file, &pid_fd);
	if (end == RUN_STOPPED_WITH_SESSIONS)
		_exit(0);
	charset_unload(&charsets);
	return end == RUN_FAILED ? 1 : 0;
}

int
main(int argc, char **argv)
{
	struct options options = { .config_path = SETTINGS_FILE };
	const struct settings *settings;
	char *absolute_path;
	int result = 0;

	log_open(PROGRAM, false, LOG_LEVEL_INFO);
	parse_options(argc, argv, &options);
	/* A daemon leaves its directory, and reads the file again later. */
	absolute_path = realpath(options.config_path, NULL);
	if (absolute_path != NULL)
		options.config_path = absolute_path;
	if ((settings = load_settings(options.config_path)) == NULL)
		result = 1;
	else if (options.check_only)
		result = check_host(settings);
	else
		result = serve(settings, &options);
	settings_release(&settings);
	free(absolute_path);
	return result;
}
