/* redis-tls - TLS over libssl (see redis-tls.h). */
#include "config.h"

#include "lib/store/redis-tls.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "lib/base/log.h"

struct redis_tls {
	SSL_CTX *context;
	BIO_METHOD *socket_method;
};

struct redis_tls_session {
	SSL *ssl;
};

/*
 * The socket of libssl writes without MSG_NOSIGNAL; a program that did not
 * ignore SIGPIPE would die of a server that went away.
 */
static int
socket_write(BIO *bio, const char *data, int length)
{
	int fd = (int)(intptr_t)BIO_get_data(bio);
	ssize_t sent;

	BIO_clear_retry_flags(bio);
	sent = send(fd, data, (size_t)length, MSG_NOSIGNAL);
	if (sent < 0 && (errno == EAGAIN || errno == EINTR))
		BIO_set_retry_write(bio);
	return (int)sent;
}

static int
socket_read(BIO *bio, char *data, int size)
{
	int fd = (int)(intptr_t)BIO_get_data(bio);
	ssize_t received;

	BIO_clear_retry_flags(bio);
	received = recv(fd, data, (size_t)size, 0);
	if (received < 0 && (errno == EAGAIN || errno == EINTR))
		BIO_set_retry_read(bio);
	return (int)received;
}

static long
socket_control(BIO *bio GP_UNUSED, int command, long number GP_UNUSED,
    void *data GP_UNUSED)
{
	return command == BIO_CTRL_FLUSH ? 1 : 0;
}

static BIO_METHOD *
socket_method_new(void)
{
	BIO_METHOD *method;

	method = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "gatepost socket");
	if (method == NULL)
		return NULL;
	if (BIO_meth_set_write(method, socket_write) != 1 ||
	    BIO_meth_set_read(method, socket_read) != 1 ||
	    BIO_meth_set_ctrl(method, socket_control) != 1) {
		BIO_meth_free(method);
		return NULL;
	}
	return method;
}

static const char *
library_error(void)
{
	unsigned long error = ERR_peek_error();
	const char *text;

	text = ERR_SYSTEM_ERROR(error) ? strerror(ERR_GET_REASON(error)) :
					 ERR_reason_error_string(error);
	return text == NULL ? "error in TLS" : text;
}

static enum status
context_load(SSL_CTX *context, const char *ca_file)
{
	int loaded;

	SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_mode(context,
	    SSL_MODE_ENABLE_PARTIAL_WRITE |
		SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	ERR_clear_error();
	loaded = ca_file[0] == '\0' ?
	    SSL_CTX_set_default_verify_paths(context) :
	    SSL_CTX_load_verify_locations(context, ca_file, NULL);
	if (loaded == 1)
		return STATUS_OK;
	log_error("store: certificates %s: %s",
	    ca_file[0] == '\0' ? "of the system" : ca_file, library_error());
	return STATUS_INVALID;
}

enum status
redis_tls_new(const char *ca_file, struct redis_tls **tls_r)
{
	struct redis_tls *tls;
	enum status status = STATUS_NOMEM;

	*tls_r = NULL;
	if ((tls = calloc(1, sizeof(*tls))) == NULL)
		return STATUS_NOMEM;
	tls->socket_method = socket_method_new();
	tls->context = SSL_CTX_new(TLS_client_method());
	if (tls->socket_method == NULL || tls->context == NULL)
		goto fail;
	if ((status = context_load(tls->context, ca_file)) != STATUS_OK)
		goto fail;
	*tls_r = tls;
	return STATUS_OK;

fail:
	redis_tls_free(&tls);
	return status;
}

void
redis_tls_free(struct redis_tls **tls)
{
	if (*tls == NULL)
		return;
	SSL_CTX_free((*tls)->context);
	BIO_meth_free((*tls)->socket_method);
	free(*tls);
	*tls = NULL;
}

/* Whom the certificate must name, and whom we ask for. */
static bool
session_set_host(SSL *ssl, const char *host)
{
	X509_VERIFY_PARAM *parameters = SSL_get0_param(ssl);

	if (X509_VERIFY_PARAM_set1_ip_asc(parameters, host) == 1)
		return true;
	return X509_VERIFY_PARAM_set1_host(parameters, host, 0) == 1 &&
	    SSL_set_tlsext_host_name(ssl, host) == 1;
}

struct redis_tls_session *
redis_tls_session_new(const struct redis_tls *tls, int fd, const char *host)
{
	struct redis_tls_session *session;
	BIO *bio = NULL;

	if ((session = calloc(1, sizeof(*session))) == NULL)
		return NULL;
	if ((session->ssl = SSL_new(tls->context)) == NULL ||
	    !session_set_host(session->ssl, host) ||
	    (bio = BIO_new(tls->socket_method)) == NULL) {
		redis_tls_session_free(&session);
		return NULL;
	}
	BIO_set_data(bio, (void *)(intptr_t)fd);
	BIO_set_init(bio, 1);
	SSL_set_bio(session->ssl, bio, bio);
	SSL_set_connect_state(session->ssl);
	return session;
}

void
redis_tls_session_free(struct redis_tls_session **session)
{
	if (*session == NULL)
		return;
	SSL_free((*session)->ssl);
	free(*session);
	*session = NULL;
}

static void
set_reason(
    const SSL *ssl, int error, int errno_before, struct redis_reason *reason)
{
	long verified = SSL_get_verify_result(ssl);

	if (verified != X509_V_OK)
		redis_reason_set(reason, "certificate: %s",
		    X509_verify_cert_error_string(verified));
	else if (error == SSL_ERROR_ZERO_RETURN)
		redis_reason_set(reason, "the server closed the connection");
	else if (error == SSL_ERROR_SYSCALL && errno_before != 0)
		redis_reason_set(reason, "%s", strerror(errno_before));
	else
		redis_reason_set(reason, "TLS: %s", library_error());
}

/* What the result of SSL_read() or SSL_write() means. */
static ssize_t
session_result(
    const SSL *ssl, int moved, short *events_r, struct redis_reason *reason)
{
	int errno_before = errno, error;

	if (moved > 0)
		return moved;
	error = SSL_get_error(ssl, moved);
	if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) {
		*events_r = error == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT;
		return 0;
	}
	set_reason(ssl, error, errno_before, reason);
	return -1;
}

static int
library_length(size_t length)
{
	return length > INT_MAX ? INT_MAX : (int)length;
}

ssize_t
redis_tls_write(struct redis_tls_session *session, const void *data,
    size_t length, short *events_r, struct redis_reason *reason)
{
	int moved;

	ERR_clear_error();
	errno = 0;
	moved = SSL_write(session->ssl, data, library_length(length));
	return session_result(session->ssl, moved, events_r, reason);
}

ssize_t
redis_tls_read(struct redis_tls_session *session, void *data, size_t size,
    short *events_r, struct redis_reason *reason)
{
	int moved;

	ERR_clear_error();
	errno = 0;
	moved = SSL_read(session->ssl, data, library_length(size));
	return session_result(session->ssl, moved, events_r, reason);
}
