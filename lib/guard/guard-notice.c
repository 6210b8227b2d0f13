/* guard-notice - telling the postmaster (see guard-notice.h). */
#include "config.h"

#include "lib/guard/guard-notice.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/net/smtp-client.h"

#define MS_PER_SECOND 1000
#define DATE_BYTES    64
#define NAME_BYTES    100 /* of a sender, where it is shown */

/* One notice under way; the task owns all of it. */
struct job {
	struct region *region; /* this struct lies in it */
	struct guard_notice_services services;
	struct guard_conf conf; /* without the exceptions */
	const char *host;
	struct guard_sender sender;
};

/* A login may hold anything. */
static const char *
shown(const struct guard_notice *notice, char text[NAME_BYTES])
{
	return str_sanitize(text, NAME_BYTES, span_of(notice->sender));
}

static bool
is_login(const struct guard_notice *notice)
{
	return notice->sender[0] != '[';
}

static const char *
date_text(int64_t seconds, char text[DATE_BYTES])
{
	time_t time = (time_t)seconds;
	struct tm tm;

	if (gmtime_r(&time, &tm) == NULL ||
	    strftime(text, DATE_BYTES, "%a, %d %b %Y %H:%M:%S +0000", &tm) == 0)
		text[0] = '\0';
	return text;
}

static const char *
action_text(const struct guard_notice *notice)
{
	switch ((enum guard_action)notice->conf->action) {
	case GUARD_ACTION_HOLD:
		return "held";
	case GUARD_ACTION_DEFER:
		return "deferred";
	case GUARD_ACTION_REJECT:
		return "refused";
	}
	return "held";
}

/* A name without a domain is one of this host. */
static void
write_address(
    const struct guard_notice *notice, const char *address, struct strbuf *out)
{
	strbuf_add_text(out, address);
	if (strchr(address, '@') == NULL)
		strbuf_printf(out, "@%s", notice->host);
}

static void
write_header(const struct guard_notice *notice, struct strbuf *out)
{
	char name[NAME_BYTES], date[DATE_BYTES];
	uint64_t number = 0;

	if (getrandom(&number, sizeof(number), GRND_NONBLOCK) == -1)
		number = (uint64_t)clock_now_ms();
	strbuf_add_text(out, "From: Gatepost <");
	write_address(notice, notice->conf->notify, out);
	strbuf_add_text(out, ">\nTo: ");
	write_address(notice, notice->conf->notify, out);
	strbuf_printf(out, "\nSubject: Gatepost: mail of %s is %s\n",
	    shown(notice, name), action_text(notice));
	strbuf_printf(out, "Date: %s\n", date_text(notice->now, date));
	strbuf_printf(out, "Message-ID: <%" PRId64 ".%016" PRIx64 "@%s>\n",
	    notice->now, number, notice->host);
	strbuf_add_text(out,
	    "Auto-Submitted: auto-generated\n"
	    "MIME-Version: 1.0\n"
	    "Content-Type: text/plain; charset=us-ascii\n\n");
}

static void
write_why(const struct guard_notice *notice, struct strbuf *out)
{
	char name[NAME_BYTES], date[DATE_BYTES];

	strbuf_printf(out, "%s %s has sent too much mail:\nmore than ",
	    is_login(notice) ? "The login" : "The client", shown(notice, name));
	guard_limit_write(notice->conf, notice->state.limit, out);
	strbuf_printf(
	    out, ", on %s.\n", date_text(notice->state.over_at, date));
	strbuf_add_text(out,
	    is_login(notice) ? "Somebody may have got its password.\n\n" :
			       "Somebody may have broken into it.\n\n");
}

static void
write_counts(const struct guard_notice *notice, struct strbuf *out)
{
	enum guard_limit limit;
	size_t i;

	strbuf_add_text(out, "Counted of what it sent before that:\n\n");
	for (i = 0; i < GUARD_LIMITS; i++) {
		limit = (enum guard_limit)i;
		if (guard_rate(notice->conf, limit)->count == 0)
			continue;
		strbuf_printf(out, "    %.0f of ", round(notice->used.of[i]));
		guard_limit_write(notice->conf, limit, out);
		strbuf_add_char(out, '\n');
	}
}

static void
write_clients(const struct guard_notice *notice, struct strbuf *out)
{
	char text[IP_TEXT_BYTES];
	size_t i;

	if (!is_login(notice))
		return;
	strbuf_add_text(
	    out, "\nIt was used from these addresses, the last one first:\n\n");
	for (i = 0; i < notice->client_count; i++)
		strbuf_printf(
		    out, "    %s\n", ip_text(&notice->clients[i], text));
}

static void
write_done(const struct guard_notice *notice, struct strbuf *out)
{
	char date[DATE_BYTES];
	int64_t until =
	    notice->state.over_at + notice->conf->duration / MS_PER_SECOND;

	strbuf_add_text(out, "\nWhat was done: all further mail of it is ");
	switch ((enum guard_action)notice->conf->action) {
	case GUARD_ACTION_HOLD:
		strbuf_add_text(out, "put on hold in the\nqueue of Postfix");
		break;
	case GUARD_ACTION_DEFER:
		strbuf_add_text(out,
		    "deferred: the sender's\nprogram may try "
		    "again later");
		break;
	case GUARD_ACTION_REJECT:
		strbuf_add_text(out, "refused");
		break;
	}
	strbuf_printf(out, ", until %s.\n", date_text(until, date));
}

/* The name as a word of the shell. */
static void
write_reset(const struct guard_notice *notice, struct strbuf *out)
{
	char name[NAME_BYTES], *p;

	shown(notice, name);
	for (p = name; *p != '\0'; p++)
		if (*p == '\'')
			*p = '?';
	strbuf_printf(out, "    gatepost guard reset '%s'\n", name);
}

static void
write_advice(const struct guard_notice *notice, struct strbuf *out)
{
	bool holds = notice->conf->action == GUARD_ACTION_HOLD;

	strbuf_printf(out,
	    "\nWhat to do: the mail log tells what it sent.  If it was not its "
	    "owner,\n%s%s.\nIf all is well, let it send again:\n\n",
	    is_login(notice) ? "change the password" : "clean that host",
	    holds ? " and delete what is held (postsuper -d QUEUE_ID)" : "");
	write_reset(notice, out);
	if (holds)
		strbuf_add_text(out,
		    "\nand release what is held:\n\n"
		    "    postqueue -p             lists it, marked by \"!\"\n"
		    "    postsuper -H QUEUE_ID    releases one message\n"
		    "    postsuper -H ALL         releases all that is held\n");
	strbuf_add_text(out,
	    "\nThis is told once a day.  Limits are in section guard of "
	    "gatepost.conf.\n");
}

void
guard_notice_write(const struct guard_notice *notice, struct strbuf *out)
{
	write_header(notice, out);
	write_why(notice, out);
	write_counts(notice, out);
	write_clients(notice, out);
	write_done(notice, out);
	write_advice(notice, out);
}

static enum status
send_text(const struct job *job, const char *text,
    char reason[SMTP_CLIENT_REASON_BYTES])
{
	struct socket_spec server;
	struct smtp_client_mail mail = { &server, job->host, "",
		job->conf.notify, span_of(text) };

	reason[0] = '\0';
	if (socket_spec_parse(job->conf.smtp, &server) != STATUS_OK)
		return STATUS_INVALID;
	return smtp_client_send(
	    &mail, clock_now_ms() + GUARD_NOTICE_TIMEOUT_MS, reason);
}

static void
log_outcome(const struct job *job, enum status status, const char *reason)
{
	char name[NAME_BYTES];

	str_sanitize(name, sizeof(name), span_of(job->sender.name));
	if (status == STATUS_OK)
		log_info("guard: %s was told about %s", job->conf.notify, name);
	else
		log_error("guard: %s could not be told about %s by %s: %s",
		    job->conf.notify, name, job->conf.smtp,
		    reason[0] == '\0' ? status_text(status) : reason);
}

static enum status
send_notice(const struct job *job)
{
	struct guard_notice notice = { .conf = &job->conf,
		.host = job->host,
		.sender = job->sender.name,
		.now = clock_wall_seconds() };
	char reason[SMTP_CLIENT_REASON_BYTES] = "";
	struct strbuf *text = strbuf_new(GUARD_NOTICE_BYTES_MAX);
	enum status status = STATUS_NOMEM;

	if (text != NULL)
		status = guard_look(job->services.store, &job->conf,
		    &job->sender, &notice.state, &notice.used);
	if (status == STATUS_OK) {
		notice.client_count = guard_clients_of(job->services.clients,
		    notice.sender, notice.now, notice.clients);
		guard_notice_write(&notice, text);
		status = strbuf_status(text);
	}
	if (status == STATUS_OK)
		status = send_text(job, strbuf_text(text), reason);
	strbuf_free(&text);
	log_outcome(job, status, reason);
	return status;
}

static void
run_job(void *argument)
{
	const struct job *job = argument;
	struct store *store = job->services.store;

	if (guard_claim_notice(store, &job->sender))
		guard_end_notice(
		    store, &job->sender, send_notice(job) == STATUS_OK);
}

static void
free_job(void *argument)
{
	struct job *job = argument;
	struct region *region = job->region;

	region_free(&region);
}

/* NULL when memory is short. */
static struct job *
job_new(const struct guard_conf *conf, const char *host,
    const struct guard_sender *sender)
{
	struct region *region = region_new();
	struct job *job;

	if (region == NULL)
		return NULL;
	if ((job = region_alloc(region, sizeof(*job))) != NULL) {
		job->region = region;
		job->conf = *conf;
		memset(&job->conf.except, 0, sizeof(job->conf.except));
		job->conf.notify = region_strdup(region, conf->notify);
		job->conf.smtp = region_strdup(region, conf->smtp);
		job->host = region_strdup(region, host);
	}
	if (job == NULL || job->conf.notify == NULL || job->conf.smtp == NULL ||
	    job->host == NULL ||
	    guard_sender_named(region, sender->name, &job->sender) !=
		STATUS_OK) {
		region_free(&region);
		return NULL;
	}
	return job;
}

void
guard_notice_post(const struct guard_notice_services *services,
    const struct guard_conf *conf, const char *host,
    const struct guard_sender *sender)
{
	struct job *job;

	if (strcmp(conf->notify, GUARD_NOTIFY_OFF) == 0)
		return;
	if ((job = job_new(conf, host, sender)) == NULL)
		return; /* the next message tries again */
	job->services = *services;
	if (task_post(services->pool, run_job, job, free_job) != STATUS_OK)
		log_debug("guard: too busy to tell %s", conf->notify);
}
