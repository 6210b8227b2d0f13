/* gatepost-lmtpd - options, configuration, privileges, run. */
#include "config.h"

#include <getopt.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "deliver/lmtpd.h"
#include "lib/base/log.h"
#include "lib/net/daemon.h"
#include "lib/scan/settings.h"

#define PROGRAM    "gatepost-lmtpd"
#define EXIT_USAGE 2
#define DRAIN_MS   20000
#define WAIT_MS    60000

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
	    "Takes mail from Postfix by LMTP and delivers it into Maildirs.\n\n"
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

/* A bad new file keeps the settings that are in force. */
static void
reload(struct lmtpd *lmtpd, const char *path)
{
	const struct settings *settings = load_settings(path);

	if (settings == NULL) {
		log_error("reload: the running configuration stays in force");
		return;
	}
	log_set_level((enum log_level)settings->general.log_level);
	lmtpd_reload(lmtpd, settings);
	settings_release(&settings);
	log_info("reload: %s is in force for new sessions", path);
}

/* Serves until told to stop; false: a thread hangs. */
static bool
run(struct lmtpd *lmtpd, const char *config_path)
{
	for (;;) {
		switch (daemon_wait(WAIT_MS)) {
		case DAEMON_EVENT_NONE:
			break;
		case DAEMON_EVENT_RELOAD:
			reload(lmtpd, config_path);
			break;
		case DAEMON_EVENT_STOP:
			log_info("stopping");
			return lmtpd_stop(&lmtpd, DRAIN_MS);
		}
	}
}

/* A thread has a descriptor for each recipient of its message. */
static void
raise_descriptor_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
		log_warning("cannot raise the limit of open files");
}

/* What is written has the modes of the configuration, no more and no less. */
static enum status
prepare_process(const struct settings *settings)
{
	enum status status;

	raise_descriptor_limit();
	status = daemon_drop_privileges(settings->deliver.user);
	if (status == STATUS_OK && geteuid() == 0 && setgroups(0, NULL) != 0) {
		log_fatal("cannot give up the groups of root");
		status = STATUS_IO;
	}
	umask(0);
	return status;
}

/* In this order: what needs root, then the other user, then threads. */
static enum status
start(const struct settings *settings, const struct options *options,
    int *pid_fd, struct lmtpd **lmtpd_r)
{
	struct daemon_detach detach = { -1 };
	enum status status;

	if ((status = lmtpd_listen(settings, lmtpd_r)) != STATUS_OK)
		return status;
	if (!options->foreground)
		status = daemon_detach(&detach);
	if (status == STATUS_OK)
		status = daemon_signals_open();
	if (status == STATUS_OK)
		status =
		    daemon_write_pid_file(settings->deliver.pid_file, pid_fd);
	if (status == STATUS_OK)
		status = prepare_process(settings);
	if (status == STATUS_OK)
		status = lmtpd_start(*lmtpd_r);
	if (status != STATUS_OK) {
		(void)lmtpd_stop(lmtpd_r, 0);
		return status;
	}
	log_open(PROGRAM, !options->foreground,
	    (enum log_level)settings->general.log_level);
	daemon_ready(&detach);
	return STATUS_OK;
}

/* Serves until told to stop; returns the exit status. */
static int
serve(const struct settings *settings, const struct options *options)
{
	struct lmtpd *lmtpd;
	int pid_fd = -1, result = 1;
	bool ended = true;

	if (start(settings, options, &pid_fd, &lmtpd) == STATUS_OK) {
		log_info("ready on %s", settings->deliver.sockets.items[0]);
		ended = run(lmtpd, options->config_path);
		result = 0;
	}
	daemon_remove_pid_file(settings->deliver.pid_file, &pid_fd);
	if (!ended) {
		log_error("a delivery hangs: ending without it");
		_exit(result);
	}
	return result;
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
	else if (!options.check_only)
		result = serve(settings, &options);
	settings_release(&settings);
	free(absolute_path);
	return result;
}
