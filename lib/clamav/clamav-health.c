/* clamav-health - what is logged of clamd (see clamav-health.h). */
#include "config.h"

#include "lib/clamav/clamav-health.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

#include "lib/base/log.h"

#define TELL_EVERY_MS 60000

/* One kind of complaint. */
struct complaint {
	bool was_told;
	int64_t told_ms; /* when it was told last */
	bool is_open;    /* told, and not taken back yet */
};

struct clamav_health {
	pthread_mutex_t lock; /* guards what follows */
	struct complaint failure, limit, partly;
};

struct clamav_health *
clamav_health_new(void)
{
	struct clamav_health *health = calloc(1, sizeof(*health));

	if (health != NULL)
		pthread_mutex_init(&health->lock, NULL);
	return health;
}

void
clamav_health_free(struct clamav_health **health)
{
	if (*health == NULL)
		return;
	pthread_mutex_destroy(&(*health)->lock);
	free(*health);
	*health = NULL;
}

/* Whether to tell it now. */
static bool
complain(
    struct clamav_health *health, struct complaint *complaint, int64_t now_ms)
{
	bool tell;

	pthread_mutex_lock(&health->lock);
	tell = !complaint->was_told ||
	    now_ms - complaint->told_ms >= TELL_EVERY_MS;
	if (tell) {
		complaint->was_told = complaint->is_open = true;
		complaint->told_ms = now_ms;
	}
	pthread_mutex_unlock(&health->lock);
	return tell;
}

/* Whether there was one. */
static bool
take_back(struct clamav_health *health, struct complaint *complaint)
{
	bool was_open;

	pthread_mutex_lock(&health->lock);
	was_open = complaint->is_open;
	complaint->is_open = false;
	pthread_mutex_unlock(&health->lock);
	return was_open;
}

static const char *
on_too_large_text(const struct clamav_conf *conf)
{
	switch ((enum clamav_on_too_large)conf->on_too_large) {
	case CLAMAV_ON_TOO_LARGE_ACCEPT:
		return "it goes on";
	case CLAMAV_ON_TOO_LARGE_TEMPFAIL:
		return "it is deferred";
	case CLAMAV_ON_TOO_LARGE_REJECT:
		return "it is refused";
	}
	return "";
}

void
clamav_health_note(struct clamav_health *health, const struct clamav_conf *conf,
    const struct clamav_answer *answer, int64_t now_ms)
{
	switch (answer->result) {
	case CLAMAV_CLEAN:
	case CLAMAV_FOUND:
	case CLAMAV_PARTLY:
		if (take_back(health, &health->failure))
			log_info("clamd (%s) checks mail again", conf->socket);
		if (answer->result == CLAMAV_PARTLY &&
		    complain(health, &health->partly, now_ms))
			log_warning(
			    "mail larger than clamav.size_max, or over a "
			    "limit of clamd, is not checked for viruses to "
			    "its end; %s",
			    on_too_large_text(conf));
		return;
	case CLAMAV_LIMIT:
		if (complain(health, &health->limit, now_ms))
			log_warning(
			    "clamd (%s) takes less of a message than "
			    "clamav.size_max, and large mail is not checked for "
			    "viruses: raise StreamMaxLength in clamd.conf, or "
			    "lower clamav.size_max; %s",
			    conf->socket, on_too_large_text(conf));
		return;
	case CLAMAV_FAILED:
		if (complain(health, &health->failure, now_ms))
			log_warning("clamd (%s) cannot check mail: %s; %s",
			    conf->socket, answer->text,
			    conf->on_failure == CLAMAV_ON_FAILURE_TEMPFAIL ?
				"mail is deferred" :
				"mail goes on unchecked");
		return;
	}
}
