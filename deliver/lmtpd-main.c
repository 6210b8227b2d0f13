/* gatepost-lmtpd - options, configuration, privileges, run. */
#include "config.h"

#include <grp.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "deliver/lmtpd.h"
#include "lib/base/log.h"
#include "lib/net/daemon.h"
#include "lib/scan/service.h"

#define PROGRAM  "gatepost-lmtpd"
#define DRAIN_MS 20000
#define WAIT_MS  60000

/* A bad new file keeps the settings that are in force. */
static void
reload(struct lmtpd *lmtpd, const struct settings *started, const char *path)
{
	const struct settings *settings = service_load_settings(path);

	if (settings == NULL) {
		log_error("reload: the running configuration stays in force");
		return;
	}
	log_set_level((enum log_level)settings->general.log_level);
	lmtpd_reload(lmtpd, settings);
	log_info("reload: %s is in force for new sessions", path);
	settings_warn_start_only(started, settings, SETTINGS_LMTPD);
	settings_release(&settings);
}

/* Serves until told to stop; false: a thread hangs. */
static bool
run(struct lmtpd *lmtpd, const struct settings *started,
    const char *config_path)
{
	for (;;) {
		switch (daemon_wait(WAIT_MS)) {
		case DAEMON_EVENT_NONE:
			break;
		case DAEMON_EVENT_RELOAD:
			reload(lmtpd, started, config_path);
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
	status = daemon_drop_privileges("deliver.user", settings->deliver.user);
	if (status == STATUS_OK && geteuid() == 0 && setgroups(0, NULL) != 0) {
		log_fatal("cannot give up the groups of root");
		status = STATUS_IO;
	}
	umask(0);
	return status;
}

/* In this order: what needs root, then the other user, then threads. */
static enum status
start(const struct settings *settings, const struct service_options *options,
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
serve(const struct settings *settings, const struct service_options *options)
{
	struct lmtpd *lmtpd;
	int pid_fd = -1, result = 1;
	bool ended = true;

	if (start(settings, options, &pid_fd, &lmtpd) == STATUS_OK) {
		log_info("ready on %s", settings->deliver.sockets.items[0]);
		ended = run(lmtpd, settings, options->config_path);
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
	struct service_options options = {
		.program = PROGRAM,
		.purpose =
		    "Takes mail from Postfix by LMTP and delivers it into Maildirs.",
		.config_path = SETTINGS_FILE,
	};
	const struct settings *settings;
	char *absolute_path;
	int result;

	log_open(PROGRAM, false, LOG_LEVEL_INFO);
	result = service_parse_options(argc, argv, &options);
	if (result != -1)
		return result;
	/* A daemon leaves its directory, and reads the file again later. */
	absolute_path = realpath(options.config_path, NULL);
	if (absolute_path != NULL)
		options.config_path = absolute_path;
	if ((settings = service_load_settings(options.config_path)) == NULL)
		result = 1;
	else if (options.check_only)
		result = service_check_host(settings, SETTINGS_LMTPD);
	else
		result = serve(settings, &options);
	settings_release(&settings);
	free(absolute_path);
	return result;
}
