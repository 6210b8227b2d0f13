/* redis-sentinel - finding the primary (see redis-sentinel.h). */
#include "config.h"

#include "lib/store/redis-sentinel.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/store/redis-reply.h"

struct redis_sentinel {
	const struct redis_login *login;
	const char *name;
	size_t count;
	struct redis_address sentinels[];
};

/* The reply to get-master-addr-by-name: host and port, or nil. */
static enum status
read_primary(const struct redis_sentinel *sentinel, const redisReply *reply,
    struct redis_address *primary_r, struct redis_reason *reason)
{
	uint64_t port;

	if (reply->type == REDIS_REPLY_ERROR)
		redis_reason_set(reason, "%s", reply->str);
	else if (reply->type == REDIS_REPLY_NIL)
		redis_reason_set(
		    reason, "knows no primary named \"%s\"", sentinel->name);
	else if (reply->type == REDIS_REPLY_ARRAY && reply->elements == 2 &&
	    reply->element[0]->type == REDIS_REPLY_STRING &&
	    str_to_uint64(redis_reply_span(reply->element[1]), UINT16_MAX,
		&port) == STATUS_OK &&
	    redis_address_set(reply->element[0]->str, port, primary_r) ==
		STATUS_OK)
		return STATUS_OK;
	else
		redis_reason_set(reason, "no Sentinel answers there");
	return STATUS_INVALID;
}

/*
 * One round trip to one Sentinel.  It gets the primary's password; one that
 * needs none says so in a reply that does not matter.
 */
static enum status
ask_connection(const struct redis_sentinel *sentinel,
    struct redis_connection *connection, int64_t deadline_ms,
    struct redis_address *primary_r, struct redis_reason *reason)
{
	redisReply *reply = NULL;
	enum status status;
	bool has_password;

	has_password = redis_login_authenticate(sentinel->login, connection);
	redis_connection_command(connection, "SENTINEL",
	    "get-master-addr-by-name", sentinel->name, NULL);
	status = redis_connection_flush(connection, deadline_ms);
	if (status == STATUS_OK && has_password) {
		status =
		    redis_connection_reply(connection, deadline_ms, &reply);
		freeReplyObject(reply);
	}
	if (status == STATUS_OK)
		status =
		    redis_connection_reply(connection, deadline_ms, &reply);
	if (status != STATUS_OK) {
		*reason = *redis_connection_reason(connection);
		return status;
	}
	status = read_primary(sentinel, reply, primary_r, reason);
	freeReplyObject(reply);
	return status;
}

static enum status
ask(const struct redis_sentinel *sentinel, const struct redis_address *address,
    int64_t deadline_ms, struct redis_address *primary_r,
    struct redis_reason *reason)
{
	struct redis_connection *connection;
	enum status status;

	status = redis_connection_open(
	    address, sentinel->login->tls, deadline_ms, &connection, reason);
	if (status != STATUS_OK)
		return status;
	status = ask_connection(
	    sentinel, connection, deadline_ms, primary_r, reason);
	redis_connection_free(&connection);
	return status;
}

/* Asks one Sentinel and connects to what it names. */
static enum status
open_by(const struct redis_sentinel *sentinel,
    const struct redis_address *address, int64_t deadline_ms,
    struct redis_session *session_r, struct redis_reason *reason)
{
	int64_t now_ms = clock_now_ms();
	struct redis_address primary;
	struct redis_reason one;
	enum status status;

	status = ask(sentinel, address, now_ms + (deadline_ms - now_ms) / 2,
	    &primary, &one);
	if (status != STATUS_OK) {
		redis_reason_add(reason, address->text, one.text);
		return status;
	}
	status = redis_login_open(
	    sentinel->login, &primary, deadline_ms, session_r, &one);
	if (status != STATUS_OK)
		redis_reason_add(reason, primary.text, one.text);
	return status;
}

static enum status
sentinel_open(void *argument, int64_t deadline_ms,
    struct redis_session *session_r, struct redis_reason *reason)
{
	const struct redis_sentinel *sentinel = argument;
	enum status status, worst = STATUS_IO;
	int64_t now_ms;
	size_t i;

	for (i = 0; i < sentinel->count; i++) {
		now_ms = clock_now_ms();
		status = open_by(sentinel, &sentinel->sentinels[i],
		    now_ms +
			(deadline_ms - now_ms) / (int64_t)(sentinel->count - i),
		    session_r, reason);
		if (status == STATUS_OK)
			return STATUS_OK;
		if (worst != STATUS_INVALID)
			worst = status;
	}
	return worst;
}

/* Nothing to remember: the Sentinels are asked each time. */
static void
sentinel_avoid(
    void *argument GP_UNUSED, const struct redis_address *address GP_UNUSED)
{
}

static void
sentinel_free(void *argument)
{
	free(argument);
}

enum status
redis_sentinel_source(const struct redis_login *login, const char *name,
    const struct redis_address *sentinels, size_t count,
    struct redis_source *source_r)
{
	struct redis_sentinel *sentinel;

	memset(source_r, 0, sizeof(*source_r));
	sentinel = calloc(
	    1, sizeof(*sentinel) + count * sizeof(sentinel->sentinels[0]));
	if (sentinel == NULL)
		return STATUS_NOMEM;
	sentinel->login = login;
	sentinel->name = name;
	sentinel->count = count;
	memcpy(sentinel->sentinels, sentinels, count * sizeof(sentinels[0]));
	source_r->open = sentinel_open;
	source_r->avoid = sentinel_avoid;
	source_r->free = sentinel_free;
	source_r->argument = sentinel;
	return STATUS_OK;
}
