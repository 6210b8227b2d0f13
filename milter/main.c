/* gatepost-milter - options, configuration, privileges, run. */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/log.h"
#include "lib/mail/charset.h"
#include "lib/net/daemon.h"
#include "lib/scan/service.h"
#include "milter/milter.h"

#define PROGRAM       "gatepost-milter"
#define DRAIN_MS      10000
#define CHECK_STEP_MS 1000 /* how soon we see that libmilter gave up */

static void
open_log(const struct settings *settings, bool foreground)
{
	log_open(
	    PROGRAM, !foreground, (enum log_level)settings->general.log_level);
}

/* A bad new file keeps the settings that are in force. */
static void
reload(struct milter *milter, const struct settings *started, const char *path)
{
	const struct settings *settings = service_load_settings(path);

	if (settings == NULL) {
		log_error("reload: the running configuration stays in force");
		return;
	}
	log_set_level((enum log_level)settings->general.log_level);
	milter_reload(milter, settings);
	log_info("reload: %s is in force for new sessions", path);
	settings_warn_start_only(started, settings, SETTINGS_MILTER);
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
start(const struct settings *settings, const struct service_options *options,
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
		status = daemon_drop_privileges(
		    "general.user", settings->general.user);
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
serve(const struct settings *settings, const struct service_options *options)
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
	struct service_options options = {
		.program = PROGRAM,
		.purpose = "Checks mail for Postfix over the milter protocol.",
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
		result = service_check_host(settings, SETTINGS_MILTER);
	else
		result = serve(settings, &options);
	settings_release(&settings);
	free(absolute_path);
	return result;
}
