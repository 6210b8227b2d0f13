/*
 * redis-login - connects to one server and makes sure that it will serve us:
 * AUTH, SELECT, PING, TIME and, where the primary is wanted, ROLE, all in one
 * round trip.
 */
#ifndef GATEPOST_STORE_REDIS_LOGIN_H
#define GATEPOST_STORE_REDIS_LOGIN_H

#include "lib/store/redis-connection.h"

/* What all servers are told; the strings are borrowed from the configuration */
struct redis_login {
	const char *username; /* "" for the default user */
	const char *password; /* "" for none */
	int64_t database;
	const struct redis_tls *tls; /* NULL: plain */
	bool wants_primary;          /* a replica is refused */
};

/* A connection that is ready for operations. */
struct redis_session {
	struct redis_connection *connection;
	int64_t clock_offset_ms; /* the server's clock less clock_now_ms() */
};

/*
 * redis_login_open - opens a session.
 *
 * Returns STATUS_OK; with the reason STATUS_TIMEOUT, STATUS_IO,
 * STATUS_NOTFOUND, STATUS_NOMEM, or STATUS_INVALID when the server answers but
 * will not have us (a wrong password; it is loading; it is no Redis).
 */
enum status redis_login_open(const struct redis_login *login,
    const struct redis_address *address, int64_t deadline_ms,
    struct redis_session *session_r, struct redis_reason *reason) GP_MUST_CHECK;

/* redis_login_authenticate - keeps the AUTH command for the next flush; false
 * when there is nobody to log in as */
bool redis_login_authenticate(
    const struct redis_login *login, struct redis_connection *connection);

#endif
