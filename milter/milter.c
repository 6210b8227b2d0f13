/* milter - the life of the daemon (see milter.h). */
#include "config.h"

#include "milter/milter.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/net/daemon.h"
#include "lib/net/socket.h"
#include "lib/scan/signing.h"
#include "milter/callbacks.h"
#include "milter/session.h"

#define LISTEN_BACKLOG 512
#define DRAIN_STEP_MS  20

struct milter {
	struct callbacks_source source;
	struct scan_services services;
	struct socket_spec socket;
	pthread_mutex_t lock;            /* guards settings */
	const struct settings *settings; /* in force for new sessions */
	pthread_t thread;                /* runs smfi_main() */
	atomic_bool ended;
};

/* A session of the settings that are in force now. */
static struct session *
new_session(void *argument)
{
	struct milter *milter = argument;
	const struct settings *settings;
	struct session *session;

	pthread_mutex_lock(&milter->lock);
	settings = settings_hold(milter->settings);
	pthread_mutex_unlock(&milter->lock);
	session = session_new(&milter->services, settings);
	settings_release(&settings);
	return session;
}

/* Who may talk to a unix socket: the user, and the group of the settings. */
static enum status
set_socket_access(
    const struct socket_spec *spec, const struct settings *settings)
{
	const struct socket_access access = {
		.user = settings->general.user,
		.group = settings->milter.socket_group,
		.mode = settings->milter.socket_mode,
	};

	if (spec->family != AF_UNIX)
		return STATUS_OK;
	return socket_set_access(spec->path, &access);
}

/* An old unix socket may be replaced, anything else may not. */
static enum status
check_socket(const struct socket_spec *spec, const char *text)
{
	enum status status = socket_check_free(spec);

	if (status == STATUS_BUSY)
		log_fatal(
		    "milter.socket: %s is in use by another process", text);
	else if (status == STATUS_INVALID)
		log_fatal(
		    "milter.socket: %s exists and is no socket", spec->path);
	return status;
}

static enum status
register_callbacks(struct callbacks_source *source)
{
	if (smfi_register(callbacks_table(source)) == MI_SUCCESS)
		return STATUS_OK;
	log_fatal("libmilter refused to register");
	return STATUS_NOMEM;
}

enum status
milter_listen(const struct settings *settings)
{
	const char *socket_text = settings->milter.socket;
	static struct callbacks_source none; /* replaced by milter_start() */
	struct socket_spec spec;
	enum status status;

	if (socket_spec_parse(socket_text, &spec) != STATUS_OK)
		return STATUS_INVALID;
	if ((status = check_socket(&spec, socket_text)) != STATUS_OK)
		return status;
	if ((status = register_callbacks(&none)) != STATUS_OK)
		return status;
	(void)smfi_setbacklog(LISTEN_BACKLOG);
	if (smfi_setconn((char *)(uintptr_t)socket_text) != MI_SUCCESS ||
	    smfi_opensocket(true) != MI_SUCCESS) {
		log_fatal("milter.socket: cannot listen on %s: %s", socket_text,
		    strerror(errno));
		return STATUS_IO;
	}
	socket_set_nodelay_on_listeners();
	return set_socket_access(&spec, settings);
}

void
milter_unlisten(const struct settings *settings)
{
	struct socket_spec spec;

	if (socket_spec_parse(settings->milter.socket, &spec) == STATUS_OK &&
	    spec.family == AF_UNIX)
		(void)unlink(spec.path);
}

static void *
serve(void *argument)
{
	struct milter *milter = argument;

	if (smfi_main() != MI_SUCCESS)
		log_error("libmilter ended with an error");
	atomic_store(&milter->ended, true);
	return NULL;
}

static void
milter_free(struct milter *milter)
{
	task_pool_free(&milter->services.pool); /* writes what was learned */
	auth_sign_store_free(&milter->services.sign_store);
	senders_free(&milter->services.senders);
	store_close(&milter->services.store);
	lists_free(&milter->services.lists);
	clamav_health_free(&milter->services.clamav);
	guard_clients_free(&milter->services.guard_clients);
	dns_close(&milter->services.dns);
	auth_dkim_library_free(&milter->services.dkim_library);
	words_free(&milter->services.words);
	settings_release(&milter->settings);
	pthread_mutex_destroy(&milter->lock);
	free(milter);
}

static void
warn_of_signing(const struct milter *milter, const struct settings *settings)
{
	const struct auth_sign_keys *keys =
	    auth_sign_store_hold(milter->services.sign_store);
	const char *warning = signing_warning(settings, keys);

	if (warning != NULL)
		log_warning("DKIM keys: %s", warning);
	auth_sign_keys_release(&keys);
}

static enum status
open_services(struct milter *milter, const struct settings *settings)
{
	struct scan_services *services = &milter->services;
	enum status status;

	status = dns_open_resolver(&settings->dns, &services->dns);
	if (status == STATUS_OK)
		status = lists_new(
		    &settings->lists, services->dns, &services->lists);
	if (status == STATUS_OK)
		status = auth_dkim_library_new(&services->dkim_library);
	if (status == STATUS_OK)
		status = auth_sign_store_new(
		    sign_conf_key_dir(&settings->sign), &services->sign_store);
	if (status == STATUS_OK)
		status = senders_new(&settings->senders, &services->senders);
	if (status == STATUS_OK)
		status = words_new(&services->words);
	if (status == STATUS_OK)
		status = task_pool_new(
		    (size_t)settings->scan.threads, &services->pool);
	if (status != STATUS_OK)
		return status;
	if ((services->clamav = clamav_health_new()) == NULL)
		return STATUS_NOMEM;
	if ((services->guard_clients = guard_clients_new()) == NULL)
		return STATUS_NOMEM;
	services->learns = true;
	warn_of_signing(milter, settings);
	/* Mail flows without it. */
	if (store_open_for_daemon(&settings->store, NULL, &services->store) !=
	    STATUS_OK)
		log_error("store: not open: nothing is known of those who send "
			  "mail, and nothing is learned");
	return STATUS_OK;
}

/* libmilter's threads come from this one: signals are the main thread's. */
static enum status
start_thread(struct milter *milter)
{
	pthread_attr_t attributes;
	sigset_t blocked;
	int failed;

	daemon_signals_of_threads(&blocked);
	if (pthread_attr_init(&attributes) != 0)
		return STATUS_NOMEM;
	failed = pthread_attr_setsigmask_np(&attributes, &blocked) != 0 ||
	    pthread_create(&milter->thread, &attributes, serve, milter) != 0;
	pthread_attr_destroy(&attributes);
	return failed ? STATUS_NOMEM : STATUS_OK;
}

enum status
milter_start(const struct settings *settings, struct milter **milter_r)
{
	struct milter *milter;
	enum status status;

	*milter_r = NULL;
	if ((milter = calloc(1, sizeof(*milter))) == NULL)
		return STATUS_NOMEM;
	pthread_mutex_init(&milter->lock, NULL);
	milter->settings = settings_hold(settings);
	milter->source.session_new = new_session;
	milter->source.argument = milter;
	status = socket_spec_parse(settings->milter.socket, &milter->socket);
	if (status == STATUS_OK)
		status = open_services(milter, settings);
	if (status != STATUS_OK)
		goto fail;
	(void)callbacks_table(&milter->source);
	if ((status = start_thread(milter)) != STATUS_OK)
		goto fail;
	*milter_r = milter;
	return STATUS_OK;

fail:
	log_fatal("cannot start: %s", status_text(status));
	milter_free(milter);
	return status;
}

void
milter_tick(struct milter *milter)
{
	lists_tick(milter->services.lists);
	auth_sign_store_tick(milter->services.sign_store);
	senders_tick(milter->services.senders);
}

void
milter_reload(struct milter *milter, const struct settings *settings)
{
	const struct settings *old;

	if (lists_reload(milter->services.lists, &settings->lists) != STATUS_OK)
		log_error("reload: no memory for the lists");
	if (auth_sign_store_reload(milter->services.sign_store,
		sign_conf_key_dir(&settings->sign)) != STATUS_OK)
		log_error("reload: no memory for the DKIM keys");
	if (senders_reload(milter->services.senders, &settings->senders) !=
	    STATUS_OK)
		log_error("reload: no memory for the senders of logins");

	pthread_mutex_lock(&milter->lock);
	old = milter->settings;
	milter->settings = settings_hold(settings);
	pthread_mutex_unlock(&milter->lock);
	settings_release(&old);
}

bool
milter_has_ended(const struct milter *milter)
{
	return atomic_load(&milter->ended);
}

static void
wait_until_drained(const struct milter *milter, int64_t deadline_ms)
{
	struct timespec step = { 0, DRAIN_STEP_MS * 1000000L };

	while (atomic_load(&milter->source.ending_count) > 0 &&
	    clock_now_ms() < deadline_ms)
		nanosleep(&step, NULL);
}

/*
 * Makes libmilter stop.  smfi_stop() waits for a lock that the listener holds
 * while it waits for a connection, up to 5 s; so it gets one.
 */
static void *
touch_until_stopped(void *argument)
{
	struct milter *milter = argument;
	struct timespec step = { 0, DRAIN_STEP_MS * 1000000L };

	while (!atomic_load(&milter->ended)) {
		socket_touch(&milter->socket);
		nanosleep(&step, NULL);
	}
	return NULL;
}

static void
stop_library(struct milter *milter)
{
	pthread_t toucher;
	bool touched;

	touched =
	    pthread_create(&toucher, NULL, touch_until_stopped, milter) == 0;
	smfi_stop();
	pthread_join(milter->thread, NULL);
	if (touched)
		pthread_join(toucher, NULL);
}

bool
milter_stop(struct milter **milter_ref, int64_t drain_ms)
{
	struct milter *milter = *milter_ref;

	if (milter == NULL)
		return true;
	*milter_ref = NULL;
	wait_until_drained(milter, clock_now_ms() + drain_ms);
	stop_library(milter);
	wait_until_drained(milter, clock_now_ms() + drain_ms);
	/*
	 * Sessions that wait for their client still use what they share: then
	 * nothing is freed.
	 */
	if (atomic_load(&milter->source.session_count) > 0)
		return false;
	milter_free(milter);
	return true;
}
