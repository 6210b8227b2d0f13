/* lmtpd - the life of gatepost-lmtpd (see lmtpd.h). */
#include "config.h"

#include "deliver/lmtpd.h"

#include <pthread.h>
#include <stdlib.h>

#include "deliver/lmtp.h"
#include "lib/base/log.h"
#include "lib/net/server.h"

#define STREAM_BYTES (64 * 1024) /* a message comes in such pieces */

struct lmtpd {
	struct delivery_services *services;
	const struct settings *first; /* the listeners are theirs */
	struct server_options options;
	struct server *server;
	pthread_mutex_t lock;            /* guards settings */
	const struct settings *settings; /* in force for new sessions */
};

static void
serve(void *argument, int fd, int stop_fd)
{
	struct lmtpd *lmtpd = argument;
	const struct settings *settings;
	struct stream *stream;

	pthread_mutex_lock(&lmtpd->lock);
	settings = settings_hold(lmtpd->settings);
	pthread_mutex_unlock(&lmtpd->lock);
	if ((stream = stream_new(fd, fd, STREAM_BYTES)) != NULL)
		lmtp_serve(lmtpd->services, settings, stream, stop_fd);
	else
		log_error("lmtp: no memory for a session");
	stream_free(&stream);
	settings_release(&settings);
}

static void
lmtpd_free(struct lmtpd *lmtpd)
{
	delivery_services_free(&lmtpd->services);
	settings_release(&lmtpd->settings);
	settings_release(&lmtpd->first);
	pthread_mutex_destroy(&lmtpd->lock);
	free(lmtpd);
}

static enum status
listen_on(struct lmtpd *lmtpd)
{
	const struct deliver_conf *conf = &lmtpd->first->deliver;

	if (conf->sockets.count == 0 ||
	    conf->sockets.count > SERVER_LISTENERS_MAX) {
		log_fatal("deliver.socket: must be 1 to %d sockets",
		    SERVER_LISTENERS_MAX);
		return STATUS_INVALID;
	}
	lmtpd->options.sockets = conf->sockets.items;
	lmtpd->options.socket_count = conf->sockets.count;
	lmtpd->options.access.user = conf->user;
	lmtpd->options.access.group = conf->socket_group;
	lmtpd->options.access.mode = conf->socket_mode;
	lmtpd->options.connections_max = (size_t)conf->connections_max;
	lmtpd->options.serve = serve;
	lmtpd->options.argument = lmtpd;
	return server_listen(&lmtpd->options, &lmtpd->server);
}

enum status
lmtpd_listen(const struct settings *settings, struct lmtpd **lmtpd_r)
{
	struct lmtpd *lmtpd;
	enum status status = STATUS_NOMEM;

	*lmtpd_r = NULL;
	if ((lmtpd = calloc(1, sizeof(*lmtpd))) == NULL)
		return STATUS_NOMEM;
	pthread_mutex_init(&lmtpd->lock, NULL);
	lmtpd->first = settings_hold(settings);
	lmtpd->settings = settings_hold(settings);
	lmtpd->services = delivery_services_new();
	if (lmtpd->services != NULL)
		status = listen_on(lmtpd);
	if (status == STATUS_OK)
		*lmtpd_r = lmtpd;
	else
		lmtpd_free(lmtpd);
	return status;
}

enum status
lmtpd_start(struct lmtpd *lmtpd)
{
	enum status status = server_start(lmtpd->server);

	if (status != STATUS_OK)
		log_fatal("cannot start: %s", status_text(status));
	return status;
}

void
lmtpd_reload(struct lmtpd *lmtpd, const struct settings *settings)
{
	const struct settings *old;

	pthread_mutex_lock(&lmtpd->lock);
	old = lmtpd->settings;
	lmtpd->settings = settings_hold(settings);
	pthread_mutex_unlock(&lmtpd->lock);
	settings_release(&old);
}

bool
lmtpd_stop(struct lmtpd **lmtpd_ref, int64_t drain_ms)
{
	struct lmtpd *lmtpd = *lmtpd_ref;

	if (lmtpd == NULL)
		return true;
	*lmtpd_ref = NULL;
	if (!server_stop(&lmtpd->server, drain_ms))
		return false;
	lmtpd_free(lmtpd);
	return true;
}
