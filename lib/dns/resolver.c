/*
 * resolver - libunbound on one thread (see dns-private.h).
 *
 * The event interface is used: the whole of libunbound runs on the resolver
 * thread, its cache is the only one, and an answer from the cache is given
 * inside ub_resolve_event().  Questions come through a queue; the thread is
 * woken by an eventfd when it sleeps, once for all that is queued by then.  The
 * askers too are woken once for some answers: with a message's questions asked
 * at once and waited for one after the other, each wake-up saved is two system
 * calls.
 *
 * Invariants: base, context and open are the thread's alone while it runs.  No
 * lock is held while libunbound runs.
 */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <event2/event.h>
#include <unbound-event.h>
#include <unbound.h>

#include "lib/base/log.h"
#include "lib/base/strbuf.h"
#include "lib/dns/dns-private.h"
#include "lib/dns/wire.h"

#define RESOLVER_CONF_BYTES_MAX 65536 /* our own text, lists included */
/* More questions than these at once are a flood; they fail at once, since each
 * may hold memory until libunbound gives up on it, after some 17 seconds. */
#define RESOLVER_OPEN_MAX  16384
#define RESOLVER_LOADS_MAX 4    /* of the queue, then sockets have a turn */
#define RESOLVER_WAKES_MAX 32   /* answers until their askers are woken */
#define RESOLVER_PORTS_MAX 1024 /* UDP sockets with questions under way */
#define RESOLVER_PORTS_MIN 32
#define RESOLVER_TCP_MAX   32 /* connections; each has 64 KB of buffer */
#define SECURITY_BOGUS     1  /* unbound-event.h, ub_resolve_event() */
#define SECURITY_SECURE    2

struct dns_resolver {
	struct event_base *base;
	struct ub_ctx *context;
	struct event *wake_event;
	int wake_fd;
	bool has_thread;
	pthread_t thread;
	LIST_HEAD(, dns_question) open; /* given to libunbound */
	STAILQ_HEAD(question_queue, dns_question) answered; /* not yet woken */
	size_t answered_count;
	bool is_loading; /* answers come while the queue is worked off */

	_Atomic size_t open_count; /* queued or open */
	_Atomic bool is_flooded;   /* the log has said so */

	pthread_mutex_t lock; /* guards queue, is_awake, is_closing */
	struct question_queue queue;
	bool is_awake; /* the thread will look at the queue unasked */
	bool is_closing;
};

/* The resolver is done with a question; its answer was given. */
static void
question_end(struct dns_question *question)
{
	struct dns_resolver *resolver = question->resolver;

	if (atomic_fetch_sub(&resolver->open_count, 1) == RESOLVER_OPEN_MAX / 2)
		atomic_store(&resolver->is_flooded, false);
	dns_question_wake(question);
	dns_question_drop(question);
}

static void
answered_end(struct dns_resolver *resolver)
{
	struct dns_question *question;

	while ((question = STAILQ_FIRST(&resolver->answered)) != NULL) {
		STAILQ_REMOVE_HEAD(&resolver->answered, queue_entry);
		question_end(question);
	}
	resolver->answered_count = 0;
}

/* Now, or in company. */
static void
question_end_soon(struct dns_question *question)
{
	struct dns_resolver *resolver = question->resolver;

	if (!resolver->is_loading) {
		question_end(question);
		return;
	}
	STAILQ_INSERT_TAIL(&resolver->answered, question, queue_entry);
	if (++resolver->answered_count == RESOLVER_WAKES_MAX)
		answered_end(resolver);
}

static void
answer_from_packet(
    struct dns_question *question, const void *packet, int length, int security)
{
	struct dns_answer answer;
	void *memory;

	if (packet == NULL || length < 0) {
		dns_question_fail(question, DNS_SERVFAIL);
		return;
	}
	if (dns_wire_answer(packet, (size_t)length, question->type, &answer,
		&memory) != STATUS_OK)
		log_error("dns: %s", status_text(STATUS_NOMEM));
	answer.secure = security == SECURITY_SECURE;
	dns_question_answer(question, &answer, memory);
}

/*
 * libunbound's word.  rcode speaks of failures only: the packet must not be
 * touched then, and NXDOMAIN stands in the packet's header, with rcode 0.
 */
static void
resolver_answered(void *argument, int rcode, void *packet, int length,
    int security, char *why_bogus GP_UNUSED, int was_ratelimited GP_UNUSED)
{
	struct dns_question *question = argument;

	LIST_REMOVE(question, open_entry);
	if (dns_question_is_wanted(question)) {
		if (security == SECURITY_BOGUS)
			dns_question_fail(question, DNS_BOGUS);
		else if (rcode != 0)
			dns_question_fail(question, DNS_SERVFAIL);
		else
			answer_from_packet(question, packet, length, security);
	}
	question_end_soon(question);
}

/* On an error libunbound has not called back and will not. */
static void
question_start(struct dns_resolver *resolver, struct dns_question *question)
{
	int error;

	LIST_INSERT_HEAD(&resolver->open, question, open_entry);
	error = ub_resolve_event(resolver->context, question->name,
	    (int)question->type, 1 /* IN */, question, resolver_answered, NULL);
	if (error == UB_NOERROR)
		return;
	log_warning("dns: libunbound: %s", ub_strerror(error));
	LIST_REMOVE(question, open_entry);
	dns_question_fail(question, DNS_SERVFAIL);
	question_end_soon(question);
}

static void
wake_write(struct dns_resolver *resolver)
{
	uint64_t one = 1;

	/* EAGAIN means that the counter is not zero: it will wake up. */
	while (
	    write(resolver->wake_fd, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}

/* Takes all that is queued; false when there was nothing (then it sleeps). */
static bool
queue_take(struct dns_resolver *resolver, struct question_queue *queue)
{
	bool is_full;

	STAILQ_INIT(queue);
	pthread_mutex_lock(&resolver->lock);
	STAILQ_CONCAT(queue, &resolver->queue);
	is_full = !STAILQ_EMPTY(queue);
	resolver->is_awake = is_full;
	if (resolver->is_closing)
		event_base_loopbreak(resolver->base);
	pthread_mutex_unlock(&resolver->lock);
	return is_full;
}

static void
queue_work(struct dns_resolver *resolver, struct question_queue *queue)
{
	struct dns_question *question;

	resolver->is_loading = true;
	while ((question = STAILQ_FIRST(queue)) != NULL) {
		STAILQ_REMOVE_HEAD(queue, queue_entry);
		question_start(resolver, question);
	}
	resolver->is_loading = false;
	answered_end(resolver);
}

static void
resolver_wake(evutil_socket_t fd, short what GP_UNUSED, void *argument)
{
	struct dns_resolver *resolver = argument;
	struct question_queue queue;
	uint64_t count;
	int i;

	if (read(fd, &count, sizeof(count)) < 0 && errno != EAGAIN)
		log_error("dns: eventfd: %s", strerror(errno));
	for (i = 0; i < RESOLVER_LOADS_MAX; i++) {
		if (!queue_take(resolver, &queue))
			return;
		queue_work(resolver, &queue);
	}
	wake_write(resolver);
}

static void *
resolver_thread(void *argument)
{
	struct dns_resolver *resolver = argument;

	if (event_base_dispatch(resolver->base) < 0)
		log_error("dns: the event loop failed");
	return NULL;
}

void
dns_resolver_ask(struct dns_resolver *resolver, struct dns_question *question)
{
	bool is_asleep;

	if (atomic_fetch_add(&resolver->open_count, 1) >= RESOLVER_OPEN_MAX) {
		atomic_fetch_sub(&resolver->open_count, 1);
		if (!atomic_exchange(&resolver->is_flooded, true))
			log_warning("dns: over %d questions are open, more "
				    "fail",
			    RESOLVER_OPEN_MAX);
		dns_question_fail(question, DNS_SERVFAIL);
		return;
	}
	question->resolver = resolver;
	dns_question_keep(question);
	pthread_mutex_lock(&resolver->lock);
	STAILQ_INSERT_TAIL(&resolver->queue, question, queue_entry);
	is_asleep = !resolver->is_awake;
	resolver->is_awake = true;
	pthread_mutex_unlock(&resolver->lock);
	if (is_asleep)
		wake_write(resolver);
}

/* UDP sockets: a share of what files the process may open. */
static unsigned long
ports_count(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) != 0 ||
	    files.rlim_cur / 4 < RESOLVER_PORTS_MIN)
		return RESOLVER_PORTS_MIN;
	if (files.rlim_cur / 4 > RESOLVER_PORTS_MAX)
		return RESOLVER_PORTS_MAX;
	return (unsigned long)files.rlim_cur / 4;
}

static bool
address_is_local(const char *address)
{
	return strncmp(address, "127.", 4) == 0 ||
	    strcmp(address, "::1") == 0 || strncmp(address, "::1@", 4) == 0;
}

/* libunbound refuses to ask servers on this host unless told otherwise. */
static bool
conf_asks_localhost(const struct dns_conf *conf)
{
	const char *equals;
	size_t i;

	for (i = 0; i < conf->forward.count; i++)
		if (address_is_local(conf->forward.items[i]))
			return true;
	for (i = 0; i < conf->stub.count; i++) {
		equals = strchr(conf->stub.items[i], '=');
		if (equals != NULL && address_is_local(equals + 1))
			return true;
	}
	return false;
}

/*
 * The options that ub_ctx_set_option() does not take, or takes without effect
 * (local-zone).  All texts in it have passed their dns_conf_check function.
 *
 * qname-minimisation is off: names in mail are deep (DKIM, DNS lists), and
 * each label would be one more lookup in the chain that a message waits for.
 */
static void
conf_write(struct strbuf *text, const struct dns_conf *conf)
{
	size_t i;

	strbuf_printf(text,
	    "server:\n"
	    " verbosity: 0\n"
	    " use-syslog: no\n"
	    " module-config: \"%s\"\n"
	    " qname-minimisation: no\n"
	    " rrset-roundrobin: no\n"
	    " do-not-query-localhost: %s\n"
	    " msg-cache-size: %" PRId64 "\n"
	    " rrset-cache-size: %" PRId64 "\n"
	    " key-cache-size: %" PRId64 "\n"
	    " neg-cache-size: %" PRId64 "\n"
	    " outgoing-range: %lu\n"
	    " outgoing-num-tcp: %d\n"
	    " num-queries-per-thread: %d\n",
	    conf->validate ? "validator iterator" : "iterator",
	    conf_asks_localhost(conf) ? "no" : "yes", conf->cache_size,
	    conf->cache_size, conf->cache_size / 8, conf->cache_size / 8,
	    ports_count(), RESOLVER_TCP_MAX, RESOLVER_OPEN_MAX);
	if (conf->lan_zones)
		strbuf_add_text(text,
		    " unblock-lan-zones: yes\n"
		    " insecure-lan-zones: yes\n"
		    " local-zone: \"test.\" transparent\n"
		    " domain-insecure: \"test.\"\n");
	for (i = 0; i < conf->insecure.count; i++)
		strbuf_printf(text, " domain-insecure: \"%s\"\n",
		    conf->insecure.items[i]);
	/* A stub may lie in a zone that libunbound answers by itself; lan_zones
	 * opens those already. */
	for (i = 0; i < conf->stub.count && !conf->lan_zones; i++)
		strbuf_printf(text, " local-zone: \"%.*s\" transparent\n",
		    (int)strcspn(conf->stub.items[i], "="),
		    conf->stub.items[i]);
}

/* libunbound reads a file; this one is in memory and has no name. */
static enum status
context_read_text(struct ub_ctx *context, const struct strbuf *text)
{
	size_t length = strbuf_length(text);
	char path[64];
	int fd, error, path_length;

	if ((fd = memfd_create("gatepost-dns", MFD_CLOEXEC)) < 0 ||
	    write(fd, strbuf_text(text), length) != (ssize_t)length) {
		log_error("dns: memfd: %s", strerror(errno));
		if (fd >= 0)
			close(fd);
		return STATUS_IO;
	}
	path_length = snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	error = path_length > 0 && (size_t)path_length < sizeof(path) ?
	    ub_ctx_config(context, path) :
	    UB_READFILE;
	close(fd);
	if (error == UB_NOERROR)
		return STATUS_OK;
	log_error("dns: libunbound refuses its configuration: %s",
	    ub_strerror(error));
	return STATUS_INVALID;
}

static enum status
context_set_options(struct ub_ctx *context, const struct dns_conf *conf)
{
	struct strbuf *text;
	enum status status;

	if ((text = strbuf_new(RESOLVER_CONF_BYTES_MAX)) == NULL)
		return STATUS_NOMEM;
	conf_write(text, conf);
	status = strbuf_status(text);
	if (status == STATUS_OK)
		status = context_read_text(context, text);
	else
		log_error("dns: settings: %s", status_text(status));
	strbuf_free(&text);
	return status == STATUS_LIMIT ? STATUS_INVALID : status;
}

/* item: "zone=address"; it has passed dns_conf_check_stub(). */
static int
context_set_stub(struct ub_ctx *context, const char *item)
{
	size_t length = strcspn(item, "=");
	char zone[DNS_NAME_BYTES + 1];

	if (length >= sizeof(zone) || item[length] == '\0')
		return UB_SYNTAX;
	memcpy(zone, item, length);
	zone[length] = '\0';
	return ub_ctx_set_stub(context, zone, item + length + 1, 0);
}

static int
context_set_forward(struct ub_ctx *context, const char *item)
{
	return ub_ctx_set_fwd(context, item);
}

static int
context_set_anchor(struct ub_ctx *context, const char *item)
{
	return ub_ctx_add_ta(context, item);
}

static int
context_set_nothing(
    struct ub_ctx *context GP_UNUSED, const char *item GP_UNUSED)
{
	return UB_NOERROR;
}

/* Checks the items of one list and gives them to libunbound. */
static enum status
context_set_list(struct ub_ctx *context, const char *key,
    const struct conf_list *list, const char *(*check)(const char *),
    int (*set)(struct ub_ctx *, const char *))
{
	const char *reason;
	size_t i;
	int error;

	for (i = 0; i < list->count; i++) {
		reason = check(list->items[i]);
		if (reason == NULL &&
		    (error = set(context, list->items[i])) != UB_NOERROR)
			reason = ub_strerror(error);
		if (reason == NULL)
			continue;
		log_error("dns: %s: %s", key, reason);
		return STATUS_INVALID;
	}
	return STATUS_OK;
}

static enum status
context_set_lists(struct ub_ctx *context, const struct dns_conf *conf)
{
	if (context_set_list(context, "insecure", &conf->insecure,
		dns_conf_check_domain, context_set_nothing) != STATUS_OK ||
	    context_set_list(context, "forward", &conf->forward,
		dns_conf_check_address, context_set_forward) != STATUS_OK ||
	    context_set_list(context, "stub", &conf->stub, dns_conf_check_stub,
		context_set_stub) != STATUS_OK)
		return STATUS_INVALID;
	if (!conf->validate)
		return STATUS_OK;
	return context_set_list(context, "trust_anchor", &conf->trust_anchor,
	    dns_conf_check_trust_anchor, context_set_anchor);
}

/* libunbound reads the file later and tells only that something failed. */
static enum status
context_set_anchor_file(struct ub_ctx *context, const struct dns_conf *conf)
{
	const char *path = conf->trust_anchor_file;
	int error;

	if (!conf->validate || path[0] == '\0')
		return STATUS_OK;
	if (access(path, R_OK) != 0) {
		log_error(
		    "dns: trust_anchor_file %s: %s", path, strerror(errno));
		return STATUS_INVALID;
	}
	if ((error = ub_ctx_add_ta_file(context, path)) == UB_NOERROR)
		return STATUS_OK;
	log_error("dns: trust_anchor_file %s: %s", path, ub_strerror(error));
	return STATUS_INVALID;
}

static void
probe_answered(void *argument GP_UNUSED, int rcode GP_UNUSED,
    void *packet GP_UNUSED, int length GP_UNUSED, int security GP_UNUSED,
    char *why_bogus GP_UNUSED, int was_ratelimited GP_UNUSED)
{
}

/* The first question sets libunbound up; here it can still be refused. */
static enum status
context_probe(struct ub_ctx *context)
{
	int error;

	error = ub_resolve_event(
	    context, "localhost", DNS_TYPE_A, 1, NULL, probe_answered, NULL);
	if (error == UB_NOERROR)
		return STATUS_OK;
	log_error("dns: libunbound does not start: %s (are the trust anchors "
		  "good?)",
	    ub_strerror(error));
	return STATUS_INVALID;
}

static enum status
context_configure(struct ub_ctx *context, const struct dns_conf *conf)
{
	enum status status;

	if ((status = context_set_lists(context, conf)) != STATUS_OK ||
	    (status = context_set_options(context, conf)) != STATUS_OK ||
	    (status = context_set_anchor_file(context, conf)) != STATUS_OK)
		return status;
	return context_probe(context);
}

static enum status
resolver_set_up_events(struct dns_resolver *resolver)
{
	resolver->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (resolver->wake_fd < 0) {
		log_error("dns: eventfd: %s", strerror(errno));
		return STATUS_IO;
	}
	if ((resolver->base = event_base_new()) == NULL ||
	    (resolver->context = ub_ctx_create_event(resolver->base)) == NULL)
		return STATUS_NOMEM;
	resolver->wake_event = event_new(resolver->base, resolver->wake_fd,
	    EV_READ | EV_PERSIST, resolver_wake, resolver);
	if (resolver->wake_event == NULL ||
	    event_add(resolver->wake_event, NULL) != 0)
		return STATUS_NOMEM;
	return STATUS_OK;
}

/* Signals are the main thread's. */
static enum status
resolver_start_thread(struct dns_resolver *resolver)
{
	sigset_t all, before;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	error =
	    pthread_create(&resolver->thread, NULL, resolver_thread, resolver);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	resolver->has_thread = error == 0;
	if (error == 0)
		return STATUS_OK;
	log_error("dns: thread: %s", strerror(error));
	return STATUS_IO;
}

enum status
dns_resolver_open(const struct dns_conf *conf, struct dns_resolver **resolver_r)
{
	struct dns_resolver *resolver;
	enum status status;

	*resolver_r = NULL;
	if ((resolver = calloc(1, sizeof(*resolver))) == NULL)
		return STATUS_NOMEM;
	pthread_mutex_init(&resolver->lock, NULL);
	STAILQ_INIT(&resolver->queue);
	STAILQ_INIT(&resolver->answered);
	LIST_INIT(&resolver->open);
	if ((status = resolver_set_up_events(resolver)) == STATUS_OK &&
	    (status = context_configure(resolver->context, conf)) ==
		STATUS_OK &&
	    (status = resolver_start_thread(resolver)) == STATUS_OK) {
		*resolver_r = resolver;
		return STATUS_OK;
	}
	dns_resolver_close(&resolver);
	return status;
}

static void
resolver_stop_thread(struct dns_resolver *resolver)
{
	if (!resolver->has_thread)
		return;
	pthread_mutex_lock(&resolver->lock);
	resolver->is_closing = true;
	pthread_mutex_unlock(&resolver->lock);
	wake_write(resolver);
	pthread_join(resolver->thread, NULL);
}

/* libunbound calls back no more; what it held is ours to answer. */
static void
resolver_fail_open(struct dns_resolver *resolver)
{
	struct dns_question *question;

	while ((question = LIST_FIRST(&resolver->open)) != NULL) {
		LIST_REMOVE(question, open_entry);
		dns_question_fail(question, DNS_SERVFAIL);
		question_end(question);
	}
	while ((question = STAILQ_FIRST(&resolver->queue)) != NULL) {
		STAILQ_REMOVE_HEAD(&resolver->queue, queue_entry);
		dns_question_fail(question, DNS_SERVFAIL);
		question_end(question);
	}
}

void
dns_resolver_close(struct dns_resolver **resolver_ref)
{
	struct dns_resolver *resolver = *resolver_ref;

	if (resolver == NULL)
		return;
	resolver_stop_thread(resolver);
	if (resolver->context != NULL)
		ub_ctx_delete(resolver->context);
	resolver_fail_open(resolver);
	if (resolver->wake_event != NULL)
		event_free(resolver->wake_event);
	if (resolver->base != NULL)
		event_base_free(resolver->base);
	if (resolver->wake_fd >= 0)
		close(resolver->wake_fd);
	pthread_mutex_destroy(&resolver->lock);
	free(resolver);
	*resolver_ref = NULL;
}
