/* redis-run - pipelines and redirections (see redis-run.h). */
#include "config.h"

#include "lib/store/redis-run.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/store/redis-reply.h"
#include "lib/store/redis-verb.h"
#include "lib/store/store-private.h"

#define ROUNDS_MAX    5 /* a slot seldom moves twice in a row */
#define REFUSAL_BYTES 120
#define WARN_BYTES    200

enum request_state {
	REQUEST_PENDING,
	REQUEST_DONE,
	REQUEST_FAILED
};

/* One operation under way. */
struct request {
	struct store_operation *operation;
	const struct redis_verb *verb;
	enum request_state state;
	size_t command_count, answered; /* commands of it */
	struct redis_pool *pool;        /* where it goes next */
	struct leg *leg;                /* with which it goes in this round */
	bool is_asking;                 /* ASK sent it there */
	bool is_redirected;             /* it goes there in the next round */
	bool was_detoured;
	char key[STORE_FULL_KEY_BYTES];
};

/* What goes to one server in one round. */
struct leg {
	struct leg *next;
	struct redis_pool *pool;
	struct redis_lease lease;
	bool is_taken; /* there is, or was, a lease */
	bool asks_map;
	enum status status;
	char refusal[REFUSAL_BYTES]; /* the server's, if it is of no use now */
};

struct run {
	struct redis_runner *runner;
	struct request *requests;
	size_t count;
	struct leg *legs;
	int64_t connect_deadline_ms;
	int64_t deadline_ms; /* 0 until the first connections are there */
	enum status status;  /* of the first leg that failed */
};

static const struct redis_verb *
verb_of(enum store_verb verb)
{
	switch (verb) {
	case STORE_READ:
		return &redis_verb_read;
	case STORE_ADD:
		return &redis_verb_add;
	case STORE_PEEK:
		return &redis_verb_peek;
	case STORE_CLAIM:
		return &redis_verb_claim;
	case STORE_SET:
		return &redis_verb_set;
	case STORE_TAKE:
		return &redis_verb_take;
	case STORE_FORGET:
		break;
	}
	return &redis_verb_forget;
}

static void
prepare(struct run *run, struct store_operation *operations)
{
	struct request *request;
	size_t i;

	for (i = 0; i < run->count; i++) {
		request = &run->requests[i];
		request->operation = &operations[i];
		request->verb = verb_of(operations[i].verb);
		store_full_key(
		    run->runner->prefix, operations[i].key, request->key);
		request->pool =
		    redis_cluster_route(run->runner->cluster, request->key);
	}
}

static void
request_fail(struct request *request)
{
	store_operation_clear(request->operation);
	request->operation->failed = true;
	request->state = REQUEST_FAILED;
}

/*
 * An operation that failed alone, by the words of the server.  Which one it was
 * is logged by store.c.
 */
static void
request_refuse(struct run *run, struct request *request, const char *text)
{
	const struct redis_address *address =
	    redis_connection_address(request->leg->lease.connection);
	char reason[WARN_BYTES];

	request_fail(request);
	if (store_warning_is_due(&run->runner->warn_at_ms))
		log_warning("store: redis at %s: %s", address->text,
		    str_sanitize(reason, sizeof(reason), span_of(text)));
}

static struct redis_step
step_of(const struct request *request, size_t number)
{
	struct redis_step step = {
		.operation = request->operation,
		.key = request->key,
		.number = number,
		.now_ms = request->leg->lease.now_ms,
	};

	return step;
}

static struct leg *
leg_for(struct run *run, struct redis_pool *pool)
{
	struct leg *leg;

	for (leg = run->legs; leg != NULL; leg = leg->next)
		if (leg->pool == pool)
			return leg;
	if ((leg = calloc(1, sizeof(*leg))) == NULL)
		return NULL;
	leg->pool = pool;
	leg->next = run->legs;
	run->legs = leg;
	return leg;
}

/* Puts what is pending on legs; false when nothing is. */
static bool
form_legs(struct run *run)
{
	struct request *request;
	size_t i;

	for (i = 0; i < run->count; i++) {
		request = &run->requests[i];
		if (request->state != REQUEST_PENDING)
			continue;
		request->leg = leg_for(run, request->pool);
		if (request->leg == NULL) {
			run->status = STATUS_NOMEM;
			request_fail(request);
		}
	}
	return run->legs != NULL;
}

/* Connections for all legs; each may take a part of the time. */
static void
take_connections(struct run *run)
{
	int64_t now_ms, count = 0;
	struct leg *leg;

	for (leg = run->legs; leg != NULL; leg = leg->next)
		count++;
	for (leg = run->legs; leg != NULL; leg = leg->next) {
		now_ms = clock_now_ms();
		leg->status = redis_pool_take(leg->pool,
		    now_ms + (run->connect_deadline_ms - now_ms) / count--,
		    &leg->lease);
		leg->is_taken = leg->status == STATUS_OK;
		leg->asks_map = leg->is_taken &&
		    redis_cluster_is_map_due(run->runner->cluster);
	}
}

static void
append_request(struct request *request)
{
	struct redis_connection *connection = request->leg->lease.connection;
	struct redis_step step = step_of(request, request->answered);

	request->command_count = request->verb->count(&step);
	for (; step.number < request->command_count; step.number++) {
		if (request->is_asking)
			redis_connection_command(connection, "ASKING", NULL);
		request->verb->append(&step, connection);
	}
}

static void
send_leg(struct run *run, struct leg *leg)
{
	struct redis_connection *connection = leg->lease.connection;
	size_t i;

	if (leg->lease.is_time_due)
		redis_connection_command(connection, "TIME", NULL);
	if (leg->asks_map)
		redis_connection_command(connection, "CLUSTER", "SLOTS", NULL);
	for (i = 0; i < run->count; i++)
		if (run->requests[i].state == REQUEST_PENDING &&
		    run->requests[i].leg == leg)
			append_request(&run->requests[i]);
	leg->status = redis_connection_flush(connection, run->deadline_ms);
}

static void
redirect(struct run *run, struct request *request, const redisReply *reply)
{
	struct redis_connection *connection = request->leg->lease.connection;

	if (redis_cluster_redirect(run->runner->cluster, reply,
		redis_connection_address(connection),
		&request->pool) != STATUS_OK) {
		request_refuse(run, request, reply->str);
		return;
	}
	request->is_redirected = true;
	request->is_asking = redis_reply_error(reply) == REDIS_ERROR_ASK;
}

/* One reply of a request; once it failed or goes elsewhere, the rest of them
 * do not matter. */
static void
accept_reply(struct run *run, struct request *request, const redisReply *reply)
{
	struct redis_step step = step_of(request, request->answered);

	if (request->state != REQUEST_PENDING || request->is_redirected)
		return;
	switch (redis_reply_error(reply)) {
	case REDIS_ERROR_NONE:
		if (request->verb->answer(&step, reply))
			request->answered++;
		else
			request_fail(request);
		break;
	case REDIS_ERROR_OPERATION:
		request_refuse(run, request, reply->str);
		break;
	case REDIS_ERROR_MOVED:
	case REDIS_ERROR_ASK:
		redirect(run, request, reply);
		break;
	case REDIS_ERROR_CLUSTER:
		redis_cluster_want_map(run->runner->cluster);
		request_refuse(run, request, reply->str);
		break;
	case REDIS_ERROR_SERVER:
		str_sanitize(request->leg->refusal, REFUSAL_BYTES,
		    redis_reply_span(reply));
		request_fail(request);
		break;
	}
}

/* The next reply of the leg, free by freeReplyObject(); NULL when it failed. */
static redisReply *
next_reply(struct run *run, struct leg *leg)
{
	redisReply *reply;

	leg->status = redis_connection_reply(
	    leg->lease.connection, run->deadline_ms, &reply);
	return reply;
}

static void
read_request(struct run *run, struct request *request)
{
	size_t number, count = request->command_count - request->answered;
	bool is_asking = request->is_asking; /* as it was sent */
	struct leg *leg = request->leg;
	redisReply *reply;

	for (number = 0; number < count; number++) {
		if (is_asking)
			freeReplyObject(next_reply(run, leg));
		if (leg->status != STATUS_OK ||
		    (reply = next_reply(run, leg)) == NULL)
			return;
		accept_reply(run, request, reply);
		freeReplyObject(reply);
	}
	if (request->state == REQUEST_PENDING && !request->is_redirected)
		request->state = REQUEST_DONE;
}

/* What the leg asked for itself, in front of the requests. */
static void
read_news(struct run *run, struct leg *leg)
{
	struct redis_connection *connection = leg->lease.connection;
	redisReply *reply;

	if (leg->lease.is_time_due && (reply = next_reply(run, leg)) != NULL) {
		redis_pool_set_clock(leg->pool, reply);
		freeReplyObject(reply);
	}
	if (leg->status == STATUS_OK && leg->asks_map &&
	    (reply = next_reply(run, leg)) != NULL) {
		redis_cluster_set_map(run->runner->cluster, reply,
		    redis_connection_address(connection));
		freeReplyObject(reply);
	}
}

static void
read_leg(struct run *run, struct leg *leg)
{
	struct request *request;
	size_t i;

	read_news(run, leg);
	for (i = 0; i < run->count && leg->status == STATUS_OK; i++) {
		request = &run->requests[i];
		if (request->state == REQUEST_PENDING && request->leg == leg)
			read_request(run, request);
	}
}

/* The connection goes back to its pool. */
static void
end_leg(struct run *run, struct leg *leg)
{
	struct redis_reason reason;

	if (leg->is_taken && leg->status != STATUS_OK) {
		reason = *redis_connection_reason(leg->lease.connection);
		redis_cluster_want_map(run->runner->cluster);
		redis_pool_fail(leg->pool, &leg->lease, &reason, false);
	} else if (leg->refusal[0] != '\0') {
		redis_reason_set(&reason, "%s", leg->refusal);
		redis_pool_fail(leg->pool, &leg->lease, &reason, true);
		if (run->status == STATUS_OK)
			run->status = STATUS_IO;
	} else if (leg->is_taken) {
		redis_pool_give(leg->pool, &leg->lease);
	}
	if (run->status == STATUS_OK)
		run->status = leg->status;
}

/* A lost connection takes with it all that it answered in this round. */
static void
end_request(struct run *run, struct request *request)
{
	struct redis_pool *other = NULL;

	if (request->is_redirected || request->leg->status == STATUS_OK)
		return;
	if (!request->leg->is_taken && !request->was_detoured)
		other =
		    redis_cluster_detour(run->runner->cluster, request->pool);
	if (other == NULL) {
		request_fail(request);
		return;
	}
	request->was_detoured = true;
	request->pool = other;
}

static void
end_round(struct run *run)
{
	struct request *request;
	struct leg *leg, *next;
	size_t i;

	for (leg = run->legs; leg != NULL; leg = leg->next)
		end_leg(run, leg);
	for (i = 0; i < run->count; i++) {
		request = &run->requests[i];
		if (request->leg == NULL)
			continue;
		end_request(run, request);
		request->leg = NULL;
		request->is_redirected = false;
	}
	for (leg = run->legs; leg != NULL; leg = next) {
		next = leg->next;
		free(leg);
	}
	run->legs = NULL;
}

static void
run_round(struct run *run)
{
	struct leg *leg;

	take_connections(run);
	if (run->deadline_ms == 0)
		run->deadline_ms = clock_now_ms() + run->runner->timeout_ms;
	run->connect_deadline_ms = run->deadline_ms;
	for (leg = run->legs; leg != NULL; leg = leg->next)
		if (leg->is_taken)
			send_leg(run, leg);
	for (leg = run->legs; leg != NULL; leg = leg->next)
		if (leg->is_taken && leg->status == STATUS_OK)
			read_leg(run, leg);
	end_round(run);
}

/* Fails what is still pending; OK when anything is known. */
static enum status
conclude(struct run *run)
{
	bool is_known = false, is_pending = false;
	size_t i;

	for (i = 0; i < run->count; i++) {
		is_known |= run->requests[i].state == REQUEST_DONE;
		if (run->requests[i].state == REQUEST_PENDING) {
			is_pending = true;
			request_fail(&run->requests[i]);
		}
	}
	if (is_pending && store_warning_is_due(&run->runner->warn_at_ms))
		log_warning("store: redis: the nodes of the Cluster send us "
			    "round in circles");
	return is_known ? STATUS_OK : run->status;
}

enum status
redis_run(struct redis_runner *runner, struct store_operation *operations,
    size_t count)
{
	struct run run = { .runner = runner, .count = count };
	enum status status;
	int round;

	run.connect_deadline_ms = clock_now_ms() + runner->timeout_ms;
	run.requests = calloc(count, sizeof(run.requests[0]));
	if (run.requests == NULL)
		return STATUS_NOMEM;
	prepare(&run, operations);
	for (round = 0; round < ROUNDS_MAX && form_legs(&run); round++)
		run_round(&run);
	status = conclude(&run);
	free(run.requests);
	return status;
}
