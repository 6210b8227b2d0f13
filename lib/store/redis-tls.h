/*
 * redis-tls - TLS for a connection to a Redis server, over libssl.
 *
 * hiredis has TLS only since 1.0, without a check of the server's name and
 * without a deadline; this needs nothing of it.  The server's certificate must
 * be good and name the host that the configuration names.
 */
#ifndef GATEPOST_STORE_REDIS_TLS_H
#define GATEPOST_STORE_REDIS_TLS_H

#include <sys/types.h>

#include "lib/base/status.h"
#include "lib/store/redis-reason.h"

struct redis_tls;         /* what all connections share; any thread */
struct redis_tls_session; /* one connection */

/*
 * redis_tls_new - reads the certificates that are trusted.
 *
 * ca_file  "" for those of the system
 *
 * Returns STATUS_OK, STATUS_NOMEM, or STATUS_INVALID (logged).
 */
enum status redis_tls_new(
    const char *ca_file, struct redis_tls **tls_r) GP_MUST_CHECK;

/* redis_tls_free - frees *tls and sets it to NULL; accepts NULL */
void redis_tls_free(struct redis_tls **tls);

/*
 * redis_tls_session_new - a session over a connected non-blocking socket.
 *
 * fd    borrowed until redis_tls_session_free()
 * host  the address or the name that the certificate must be for
 *
 * The handshake is part of the first writes and reads.  Returns NULL when
 * memory is short.
 */
struct redis_tls_session *redis_tls_session_new(
    const struct redis_tls *tls, int fd, const char *host);

/* redis_tls_session_free - frees *session, sets it to NULL; accepts NULL */
void redis_tls_session_free(struct redis_tls_session **session);

/*
 * redis_tls_write, redis_tls_read - as write(2) and read(2).
 *
 * Return the bytes moved; 0 when the socket must first become ready for
 * *events_r (of poll(2)); -1 with the reason at an error or end of file.
 */
ssize_t redis_tls_write(struct redis_tls_session *session, const void *data,
    size_t length, short *events_r, struct redis_reason *reason);
ssize_t redis_tls_read(struct redis_tls_session *session, void *data,
    size_t size, short *events_r, struct redis_reason *reason);

#endif
