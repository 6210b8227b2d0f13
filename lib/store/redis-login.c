/* redis-login - the first round trip (see redis-login.h). */
#include "config.h"

#include "lib/store/redis-login.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/store/redis-reply.h"

bool
redis_login_authenticate(
    const struct redis_login *login, struct redis_connection *connection)
{
	if (login->username[0] == '\0' && login->password[0] == '\0')
		return false;
	if (login->username[0] == '\0')
		redis_connection_command(
		    connection, "AUTH", login->password, NULL);
	else
		redis_connection_command(
		    connection, "AUTH", login->username, login->password, NULL);
	return true;
}

/* Returns whether AUTH is among what was kept. */
static bool
append_greeting(
    const struct redis_login *login, struct redis_connection *connection)
{
	char database[24];
	bool has_auth = redis_login_authenticate(login, connection);

	if (login->database != 0) {
		snprintf(
		    database, sizeof(database), "%" PRId64, login->database);
		redis_connection_command(connection, "SELECT", database, NULL);
	}
	redis_connection_command(connection, "PING", NULL);
	redis_connection_command(connection, "TIME", NULL);
	if (login->wants_primary)
		redis_connection_command(connection, "ROLE", NULL);
	return has_auth;
}

/*
 * The next reply.  An error is a refusal, but for the want of a permission,
 * which leaves *reply_r NULL: operations will tell what is missing.
 */
static enum status
next_reply(struct redis_connection *connection, int64_t deadline_ms,
    redisReply **reply_r, struct redis_reason *reason)
{
	redisReply *reply;
	enum status status;

	*reply_r = NULL;
	status = redis_connection_reply(connection, deadline_ms, &reply);
	if (status != STATUS_OK) {
		*reason = *redis_connection_reason(connection);
		return status;
	}
	if (reply->type != REDIS_REPLY_ERROR) {
		*reply_r = reply;
		return STATUS_OK;
	}
	if (strncmp(reply->str, "NOPERM ", 7) != 0) {
		redis_reason_set(reason, "%s", reply->str);
		status = STATUS_INVALID;
	}
	freeReplyObject(reply);
	return status;
}

static enum status
no_redis(struct redis_reason *reason)
{
	redis_reason_set(reason, "no Redis server answers there");
	return STATUS_INVALID;
}

static enum status
read_status(struct redis_connection *connection, int64_t deadline_ms,
    const char *expected, struct redis_reason *reason)
{
	redisReply *reply;
	enum status status;

	status = next_reply(connection, deadline_ms, &reply, reason);
	if (status == STATUS_OK && reply != NULL &&
	    !redis_reply_is_status(reply, expected))
		status = no_redis(reason);
	freeReplyObject(reply);
	return status;
}

static enum status
read_time(struct redis_connection *connection, int64_t deadline_ms,
    int64_t *clock_offset_ms_r, struct redis_reason *reason)
{
	int64_t time_ms = clock_wall_seconds() * 1000;
	redisReply *reply;
	enum status status;

	status = next_reply(connection, deadline_ms, &reply, reason);
	if (status == STATUS_OK && reply != NULL &&
	    redis_reply_time_ms(reply, &time_ms) != STATUS_OK)
		status = no_redis(reason);
	freeReplyObject(reply);
	*clock_offset_ms_r = time_ms - clock_now_ms();
	return status;
}

static enum status
read_role(struct redis_connection *connection, int64_t deadline_ms,
    struct redis_reason *reason)
{
	struct span role = { NULL, 0 };
	redisReply *reply;
	enum status status;

	status = next_reply(connection, deadline_ms, &reply, reason);
	if (status != STATUS_OK || reply == NULL)
		return status;
	if (reply->type == REDIS_REPLY_ARRAY && reply->elements > 0)
		role = redis_reply_span(reply->element[0]);
	if (!span_equals(role, "master")) {
		redis_reason_set(reason, "it is not the primary");
		status = STATUS_INVALID;
	}
	freeReplyObject(reply);
	return status;
}

static enum status
greet(const struct redis_login *login, int64_t deadline_ms,
    struct redis_session *session, struct redis_reason *reason)
{
	struct redis_connection *connection = session->connection;
	bool has_auth = append_greeting(login, connection);
	enum status status;

	status = redis_connection_flush(connection, deadline_ms);
	if (status != STATUS_OK) {
		*reason = *redis_connection_reason(connection);
		return status;
	}
	if (has_auth)
		status = read_status(connection, deadline_ms, "OK", reason);
	if (status == STATUS_OK && login->database != 0)
		status = read_status(connection, deadline_ms, "OK", reason);
	if (status == STATUS_OK)
		status = read_status(connection, deadline_ms, "PONG", reason);
	if (status == STATUS_OK)
		status = read_time(
		    connection, deadline_ms, &session->clock_offset_ms, reason);
	if (status == STATUS_OK && login->wants_primary)
		status = read_role(connection, deadline_ms, reason);
	return status;
}

enum status
redis_login_open(const struct redis_login *login,
    const struct redis_address *address, int64_t deadline_ms,
    struct redis_session *session_r, struct redis_reason *reason)
{
	enum status status;

	memset(session_r, 0, sizeof(*session_r));
	status = redis_connection_open(
	    address, login->tls, deadline_ms, &session_r->connection, reason);
	if (status != STATUS_OK)
		return status;
	status = greet(login, deadline_ms, session_r, reason);
	if (status != STATUS_OK)
		redis_connection_free(&session_r->connection);
	return status;
}
