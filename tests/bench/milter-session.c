/*
 * milter-session - the MTA's side of the milter protocol for the bench.
 *
 * A packet is a 32-bit length, a command byte and the payload.  Commands to
 * which the filter wants to send no reply stay in the write buffer until a
 * reply is awaited, as in Postfix: otherwise the filter's system calls, and
 * with them what is measured, would differ.
 */
#include "config.h"

#include "tests/bench/milter-session.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <libmilter/mfdef.h>

#include "lib/base/str.h"
#include "lib/base/strbuf.h"

#define WRITE_BYTES       4096 /* the buffer of a Postfix stream */
#define READ_BYTES        4096
#define PACKET_MAX_BYTES  (1024 * 1024) /* a filter's reply is far shorter */
#define PAYLOAD_MAX_BYTES (1024 * 1024) /* one header field of ours */
#define REPLIES_MAX       1000          /* modifications of one message */
#define ACTIONS_OFFERED   SMFI_CURR_ACTS
#define STEPS_OFFERED     SMFI_CURR_PROT

/* The stages of macro lists, numbered as the protocol numbers them. */
enum macro_stage {
	STAGE_CONNECT,
	STAGE_HELO,
	STAGE_MAIL,
	STAGE_RCPT,
	STAGE_DATA,
	STAGE_EOM,
	STAGE_EOH,
	STAGE_COUNT,
	STAGE_NONE
};

/* What Postfix 3.7 and 3.10 send unless the filter asks for others. */
static const char *const macro_defaults[STAGE_COUNT] = {
	[STAGE_CONNECT] = "j _ {daemon_name} {daemon_addr} v",
	[STAGE_HELO] = "j _ {daemon_name} {daemon_addr} v",
	[STAGE_MAIL] = "i {mail_addr} {mail_host} {mail_mailer}",
	[STAGE_RCPT] = "i {rcpt_addr} {rcpt_host} {rcpt_mailer}",
	[STAGE_DATA] = "i",
	[STAGE_EOM] = "i",
	[STAGE_EOH] = "i",
};

static const struct event_rule {
	const char *name;
	char command;
	enum macro_stage stage;
	uint32_t not_sent; /* the step bit that leaves the event out */
	uint32_t no_reply; /* the step bit that leaves its reply out */
} event_rules[MILTER_EVENT_COUNT] = {
	[MILTER_EVENT_CONNECT] = { "connect", SMFIC_CONNECT, STAGE_CONNECT,
	    SMFIP_NOCONNECT, SMFIP_NR_CONN },
	[MILTER_EVENT_HELO] = { "helo", SMFIC_HELO, STAGE_HELO, SMFIP_NOHELO,
	    SMFIP_NR_HELO },
	[MILTER_EVENT_MAIL] = { "mail", SMFIC_MAIL, STAGE_MAIL, SMFIP_NOMAIL,
	    SMFIP_NR_MAIL },
	[MILTER_EVENT_RCPT] = { "rcpt", SMFIC_RCPT, STAGE_RCPT, SMFIP_NORCPT,
	    SMFIP_NR_RCPT },
	[MILTER_EVENT_DATA] = { "data", SMFIC_DATA, STAGE_DATA, SMFIP_NODATA,
	    SMFIP_NR_DATA },
	[MILTER_EVENT_HEADER] = { "header", SMFIC_HEADER, STAGE_NONE,
	    SMFIP_NOHDRS, SMFIP_NR_HDR },
	[MILTER_EVENT_EOH] = { "eoh", SMFIC_EOH, STAGE_EOH, SMFIP_NOEOH,
	    SMFIP_NR_EOH },
	[MILTER_EVENT_BODY] = { "body", SMFIC_BODY, STAGE_NONE, SMFIP_NOBODY,
	    SMFIP_NR_BODY },
	[MILTER_EVENT_EOM] = { "eom", SMFIC_BODYEOB, STAGE_EOM, 0, 0 },
};

static const char *const verdict_names[MILTER_VERDICT_COUNT] = {
	[MILTER_VERDICT_CONTINUE] = "continue",
	[MILTER_VERDICT_ACCEPT] = "accept",
	[MILTER_VERDICT_REJECT] = "reject",
	[MILTER_VERDICT_TEMPFAIL] = "tempfail",
	[MILTER_VERDICT_DISCARD] = "discard",
	[MILTER_VERDICT_SKIP] = "skip",
};

struct milter_session {
	int fd;
	uint32_t steps;                 /* what the filter asked for */
	char *macro_lists[STAGE_COUNT]; /* its own lists; NULL: the default */
	const struct bench_message *message;
	const char *queue_id;
	struct milter_waits *waits;
	struct strbuf *payload;       /* of the command under construction */
	struct strbuf *macro_payload; /* of the macros in front of it */
	struct strbuf *reply;         /* payload of the last packet read */
	size_t out_length, in_start, in_end;
	char out[WRITE_BYTES];
	char in[READ_BYTES];
};

double
milter_now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1000.0 + (double)now.tv_nsec / 1000000.0;
}

const char *
milter_event_name(enum milter_event event)
{
	return event_rules[event].name;
}

const char *
milter_verdict_name(enum milter_verdict verdict)
{
	return verdict_names[verdict];
}

/* ---- bytes ---- */

static enum status
socket_write(struct milter_session *s, const char *data, size_t length)
{
	ssize_t n;

	while (length > 0) {
		n = send(s->fd, data, length, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? STATUS_TIMEOUT : STATUS_IO;
		data += n;
		length -= (size_t)n;
	}
	return STATUS_OK;
}

static enum status
out_flush(struct milter_session *s)
{
	enum status status = socket_write(s, s->out, s->out_length);

	s->out_length = 0;
	return status;
}

static enum status
out_add(struct milter_session *s, const void *data, size_t length)
{
	const char *from = data;
	enum status status;
	size_t n;

	while (length > 0) {
		n = sizeof(s->out) - s->out_length;
		n = n < length ? n : length;
		memcpy(s->out + s->out_length, from, n);
		s->out_length += n;
		from += n;
		length -= n;
		if (s->out_length < sizeof(s->out))
			continue;
		if ((status = out_flush(s)) != STATUS_OK)
			return status;
	}
	return STATUS_OK;
}

static enum status
packet_write(
    struct milter_session *s, char command, const void *payload, size_t length)
{
	uint32_t size = htonl((uint32_t)length + 1);
	enum status status;

	status = out_add(s, &size, sizeof(size));
	if (status == STATUS_OK)
		status = out_add(s, &command, 1);
	if (status == STATUS_OK)
		status = out_add(s, payload, length);
	return status;
}

static enum status
in_fill(struct milter_session *s)
{
	ssize_t n;

	do {
		n = recv(s->fd, s->in, sizeof(s->in), 0);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EAGAIN ? STATUS_TIMEOUT : STATUS_IO;
	if (n == 0)
		return STATUS_CLOSED;
	s->in_start = 0;
	s->in_end = (size_t)n;
	return STATUS_OK;
}

/* Reads exactly length bytes into the buffer "to". */
static enum status
in_read(struct milter_session *s, struct strbuf *to, size_t length)
{
	enum status status;
	size_t n;

	strbuf_reset(to);
	while (length > 0) {
		if (s->in_start == s->in_end &&
		    (status = in_fill(s)) != STATUS_OK)
			return status;
		n = s->in_end - s->in_start;
		n = n < length ? n : length;
		strbuf_add(to, s->in + s->in_start, n);
		s->in_start += n;
		length -= n;
	}
	return strbuf_status(to);
}

/* Reads a packet: its command, and its payload into s->reply. */
static enum status
packet_read(struct milter_session *s, char *command_r)
{
	enum status status;
	uint32_t size;

	status = in_read(s, s->reply, sizeof(size) + 1);
	if (status != STATUS_OK)
		return status;
	memcpy(&size, strbuf_text(s->reply), sizeof(size));
	*command_r = strbuf_text(s->reply)[sizeof(size)];
	size = ntohl(size);
	if (size < 1 || size > PACKET_MAX_BYTES)
		return STATUS_INVALID;
	return in_read(s, s->reply, size - 1);
}

/* ---- macros ---- */

static const char *
address_domain(const char *address)
{
	const char *at = strrchr(address, '@');

	return at == NULL ? "" : at + 1;
}

/* What we know of a macro; NULL: not sent, as Postfix does. */
static const char *
macro_value(const struct milter_session *s, struct span name)
{
	const struct bench_message *m = s->message;

	const struct {
		const char *name, *value;
	} macros[] = {
		{ "j", "mx.gatepost.example" },
		{ "v", "Postfix 3.7.11" },
		{ "i", s->queue_id },
		{ "_", m->client_name },
		{ "{daemon_name}", "mx.gatepost.example" },
		{ "{daemon_addr}", "127.0.0.1" },
		{ "{daemon_port}", "25" },
		{ "{client_addr}", m->client_ip },
		{ "{client_name}", m->client_name },
		{ "{client_ptr}", m->client_name },
		{ "{client_port}", "40000" },
		{ "{client_connections}", "1" },
		{ "{client_resolve}", "OK" },
		{ "{mail_addr}", m->sender },
		{ "{mail_host}", address_domain(m->sender) },
		{ "{mail_mailer}", "smtp" },
		{ "{rcpt_addr}", m->recipient },
		{ "{rcpt_host}", address_domain(m->recipient) },
		{ "{rcpt_mailer}", "local" },
	};

	size_t i;

	for (i = 0; i < GP_NELEMS(macros); i++)
		if (span_equals(name, macros[i].name))
			return macros[i].value;
	return NULL;
}

/* The packet with the macros of a stage, in front of its command. */
static enum status
macros_write(struct milter_session *s, const struct event_rule *rule)
{
	const char *list = s->macro_lists[rule->stage];
	struct span rest, name;
	const char *value;
	enum status status;

	if (list == NULL)
		list = macro_defaults[rule->stage];
	strbuf_reset(s->macro_payload);
	strbuf_add_char(s->macro_payload, rule->command);
	rest = span_of(list);
	while (span_split(&rest, ' ', &name)) {
		value = macro_value(s, name);
		if (name.length == 0 || value == NULL)
			continue;
		strbuf_add(s->macro_payload, name.data, name.length);
		strbuf_add(s->macro_payload, "", 1);
		strbuf_add(s->macro_payload, value, strlen(value) + 1);
	}
	status = strbuf_status(s->macro_payload);
	if (status != STATUS_OK || strbuf_length(s->macro_payload) == 1)
		return status;
	return packet_write(s, SMFIC_MACRO, strbuf_text(s->macro_payload),
	    strbuf_length(s->macro_payload));
}

/* ---- replies ---- */

/* A reply with a text: the first digit of its code decides. */
static enum milter_verdict
code_verdict(const struct strbuf *reply)
{
	return strbuf_text(reply)[0] == '4' ? MILTER_VERDICT_TEMPFAIL :
					      MILTER_VERDICT_REJECT;
}

/* Whether a command settles the event, and how. */
static bool
reply_is_final(const struct milter_session *s, char command,
    enum milter_verdict *verdict_r)
{
	switch (command) {
	case SMFIR_CONTINUE:
		*verdict_r = MILTER_VERDICT_CONTINUE;
		return true;
	case SMFIR_ACCEPT:
		*verdict_r = MILTER_VERDICT_ACCEPT;
		return true;
	case SMFIR_REJECT:
		*verdict_r = MILTER_VERDICT_REJECT;
		return true;
	case SMFIR_TEMPFAIL:
	case SMFIR_SHUTDOWN:
		*verdict_r = MILTER_VERDICT_TEMPFAIL;
		return true;
	case SMFIR_DISCARD:
		*verdict_r = MILTER_VERDICT_DISCARD;
		return true;
	case SMFIR_SKIP:
		*verdict_r = MILTER_VERDICT_SKIP;
		return true;
	case SMFIR_REPLYCODE:
		*verdict_r = code_verdict(s->reply);
		return true;
	default:
		return false;
	}
}

/* Two strings behind each other, both with their NUL. */
static enum status
edit_add(
    struct milter_edits *edits, const char *data, size_t length, bool on_top)
{
	struct milter_added *added = &edits->added[edits->added_count];
	size_t name_size = strnlen(data, length) + 1;

	if (edits->added_count == MILTER_MAX_ADDED)
		return STATUS_LIMIT;
	if (name_size >= length || data[length - 1] != '\0')
		return STATUS_INVALID;
	added->name = strdup(data);
	added->value = strdup(data + name_size);
	added->on_top = on_top;
	edits->added_count++; /* also when memory is short: freed by clear */
	if (added->name == NULL || added->value == NULL)
		return STATUS_NOMEM;
	return STATUS_OK;
}

/* Takes note of a modification at end of message. */
static enum status
edit_note(struct milter_session *s, char command, struct milter_edits *edits)
{
	const char *data = strbuf_text(s->reply);
	size_t length = strbuf_length(s->reply);
	uint32_t index;

	switch (command) {
	case SMFIR_PROGRESS:
		return STATUS_OK;
	case SMFIR_ADDHEADER:
		return edit_add(edits, data, length, false);
	case SMFIR_INSHEADER:
		if (length <= sizeof(index))
			return STATUS_INVALID;
		return edit_add(
		    edits, data + sizeof(index), length - sizeof(index), true);
	case SMFIR_CHGHEADER:
	case SMFIR_REPLBODY:
	case SMFIR_CHGFROM:
	case SMFIR_ADDRCPT:
	case SMFIR_ADDRCPT_PAR:
	case SMFIR_DELRCPT:
	case SMFIR_QUARANTINE:
		edits->changes++;
		return STATUS_OK;
	default:
		return STATUS_INVALID;
	}
}

/*
 * Sends what is buffered and waits for the answer to an event.  edits is NULL
 * before end of message, where a filter may not change anything.
 */
static enum status
reply_wait(struct milter_session *s, enum milter_event event,
    struct milter_edits *edits, enum milter_verdict *verdict_r)
{
	double start_ms = milter_now_ms(), waited_ms;
	double *longest_ms = &s->waits->longest_ms[event];
	enum status status;
	char command;
	int i;

	if ((status = out_flush(s)) != STATUS_OK)
		return status;
	for (i = 0; i < REPLIES_MAX; i++) {
		if ((status = packet_read(s, &command)) != STATUS_OK)
			return status;
		if (reply_is_final(s, command, verdict_r)) {
			waited_ms = milter_now_ms() - start_ms;
			if (waited_ms > *longest_ms)
				*longest_ms = waited_ms;
			return STATUS_OK;
		}
		if (edits == NULL && command != SMFIR_PROGRESS)
			return STATUS_INVALID;
		if (edits == NULL)
			continue;
		status = edit_note(s, command, edits);
		if (status != STATUS_OK)
			return status;
	}
	return STATUS_LIMIT;
}

/* ---- events ---- */

/* Sends an event with its macros; waits for its reply unless told not to. */
static enum status
event_send(struct milter_session *s, enum milter_event event,
    struct span payload, struct milter_edits *edits,
    enum milter_verdict *verdict_r)
{
	const struct event_rule *rule = &event_rules[event];
	enum status status = STATUS_OK;

	*verdict_r = MILTER_VERDICT_CONTINUE;
	if (s->steps & rule->not_sent)
		return STATUS_OK;
	if (rule->stage != STAGE_NONE)
		status = macros_write(s, rule);
	if (status == STATUS_OK)
		status = packet_write(
		    s, rule->command, payload.data, payload.length);
	if (status != STATUS_OK || s->steps & rule->no_reply)
		return status;
	return reply_wait(s, event, edits, verdict_r);
}

/* name, family, port, address (the protocol's SMFIC_CONNECT) */
static void
payload_connect(struct strbuf *payload, const struct bench_message *m)
{
	const char *ip = m->client_ip;
	uint16_t port = htons(40000);

	strbuf_add(payload, m->client_name, strlen(m->client_name) + 1);
	strbuf_add_char(
	    payload, strchr(ip, ':') == NULL ? SMFIA_INET : SMFIA_INET6);
	strbuf_add(payload, &port, sizeof(port));
	if (strchr(ip, ':') != NULL)
		strbuf_add_text(payload, "IPv6:");
	strbuf_add(payload, ip, strlen(ip) + 1);
}

static void
payload_address(struct strbuf *payload, const char *address)
{
	strbuf_add_char(payload, '<');
	strbuf_add_text(payload, address);
	strbuf_add(payload, ">", 2); /* with the NUL */
}

void
milter_session_message(struct milter_session *s,
    const struct bench_message *message, const char *queue_id)
{
	s->message = message;
	s->queue_id = queue_id;
}

enum status
milter_session_event(struct milter_session *s, enum milter_event event,
    enum milter_verdict *verdict_r)
{
	const struct bench_message *m = s->message;
	struct span payload;

	strbuf_reset(s->payload);
	if (event == MILTER_EVENT_CONNECT)
		payload_connect(s->payload, m);
	else if (event == MILTER_EVENT_HELO)
		strbuf_add(s->payload, m->helo, strlen(m->helo) + 1);
	else if (event == MILTER_EVENT_MAIL)
		payload_address(s->payload, m->sender);
	else if (event == MILTER_EVENT_RCPT)
		payload_address(s->payload, m->recipient);
	if (strbuf_status(s->payload) != STATUS_OK)
		return strbuf_status(s->payload);
	payload.data = strbuf_text(s->payload);
	payload.length = strbuf_length(s->payload);
	return event_send(s, event, payload, NULL, verdict_r);
}

static enum status
header_send(struct milter_session *s, const char *name, const char *value,
    enum milter_verdict *verdict_r)
{
	struct span payload;

	if (!(s->steps & SMFIP_HDR_LEADSPC) && *value == ' ')
		value++;
	strbuf_reset(s->payload);
	strbuf_add(s->payload, name, strlen(name) + 1);
	strbuf_add(s->payload, value, strlen(value) + 1);
	if (strbuf_status(s->payload) != STATUS_OK)
		return strbuf_status(s->payload);
	payload.data = strbuf_text(s->payload);
	payload.length = strbuf_length(s->payload);
	return event_send(s, MILTER_EVENT_HEADER, payload, NULL, verdict_r);
}

/*
 * A field that a filter before this one added.  Its value has no space in
 * front unless that filter took SMFIP_HDR_LEADSPC; Postfix writes one then.
 */
static enum status
added_send(struct milter_session *s, const struct milter_added *added,
    enum milter_verdict *verdict_r)
{
	enum status status;
	char *value;
	size_t length = strlen(added->value);

	if (*added->value == ' ')
		return header_send(s, added->name, added->value, verdict_r);
	if ((value = malloc(length + 2)) == NULL)
		return STATUS_NOMEM;
	value[0] = ' ';
	memcpy(value + 1, added->value, length + 1);
	status = header_send(s, added->name, value, verdict_r);
	free(value);
	return status;
}

/* The added fields on top (last inserted first), or those at the end. */
static enum status
added_send_all(struct milter_session *s, const struct milter_edits *edits,
    bool on_top, enum milter_verdict *verdict_r)
{
	enum status status = STATUS_OK;
	const struct milter_added *added;
	size_t i, n = edits->added_count;

	for (i = 0; i < n && status == STATUS_OK; i++) {
		added = &edits->added[on_top ? n - 1 - i : i];
		if (added->on_top != on_top)
			continue;
		status = added_send(s, added, verdict_r);
		if (*verdict_r != MILTER_VERDICT_CONTINUE)
			break;
	}
	return status;
}

static enum status
headers_send(struct milter_session *s, const struct milter_edits *edits,
    enum milter_verdict *verdict_r)
{
	const struct bench_message *m = s->message;
	enum status status;
	size_t i;

	*verdict_r = MILTER_VERDICT_CONTINUE;
	status = added_send_all(s, edits, true, verdict_r);
	for (i = 0; i < m->header_count; i++) {
		if (status != STATUS_OK ||
		    *verdict_r != MILTER_VERDICT_CONTINUE)
			return status;
		status = header_send(
		    s, m->headers[i].name, m->headers[i].value, verdict_r);
	}
	if (status != STATUS_OK || *verdict_r != MILTER_VERDICT_CONTINUE)
		return status;
	status = added_send_all(s, edits, false, verdict_r);
	if (status != STATUS_OK || *verdict_r != MILTER_VERDICT_CONTINUE)
		return status;
	return event_send(
	    s, MILTER_EVENT_EOH, (struct span){ "", 0 }, NULL, verdict_r);
}

static enum status
body_send(struct milter_session *s, enum milter_verdict *verdict_r)
{
	const struct bench_message *m = s->message;
	enum status status = STATUS_OK;
	size_t at, length;

	*verdict_r = MILTER_VERDICT_CONTINUE;
	for (at = 0; at < m->body_length; at += length) {
		length = m->body_length - at;
		if (length > MILTER_CHUNK_SIZE)
			length = MILTER_CHUNK_SIZE;
		status = event_send(s, MILTER_EVENT_BODY,
		    (struct span){ m->body + at, length }, NULL, verdict_r);
		if (status != STATUS_OK ||
		    *verdict_r != MILTER_VERDICT_CONTINUE)
			break;
	}
	if (*verdict_r == MILTER_VERDICT_SKIP)
		*verdict_r = MILTER_VERDICT_CONTINUE;
	return status;
}

enum status
milter_session_content(struct milter_session *s, struct milter_edits *edits,
    double *eom_ms_r, enum milter_verdict *verdict_r)
{
	enum status status;
	double start_ms;

	*eom_ms_r = 0;
	status = headers_send(s, edits, verdict_r);
	if (status != STATUS_OK || *verdict_r != MILTER_VERDICT_CONTINUE)
		return status;
	status = body_send(s, verdict_r);
	if (status != STATUS_OK || *verdict_r != MILTER_VERDICT_CONTINUE)
		return status;
	start_ms = milter_now_ms();
	status = event_send(
	    s, MILTER_EVENT_EOM, (struct span){ "", 0 }, edits, verdict_r);
	*eom_ms_r = milter_now_ms() - start_ms;
	return status;
}

enum status
milter_session_abort(struct milter_session *s)
{
	return packet_write(s, SMFIC_ABORT, "", 0);
}

void
milter_edits_clear(struct milter_edits *edits)
{
	size_t i;

	for (i = 0; i < edits->added_count; i++) {
		free(edits->added[i].name);
		free(edits->added[i].value);
	}
	edits->added_count = 0;
	edits->changes = 0;
}

/* ---- open and close ---- */

static int
unix_connect(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd;

	if (str_copy(address.sun_path, sizeof(address.sun_path), path) !=
	    STATUS_OK)
		return -1;
	if ((fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) < 0)
		return -1;
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	close(fd);
	return -1;
}

/* text is "port@address" */
static int
inet_connect(const char *text)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	struct span rest = span_of(text), port;
	uint64_t number;
	int fd, on = 1;

	if (!span_split(&rest, '@', &port) || rest.data == NULL ||
	    str_to_uint64(port, UINT16_MAX, &number) != STATUS_OK ||
	    inet_pton(AF_INET, rest.data, &address.sin_addr) != 1)
		return -1;
	address.sin_port = htons((uint16_t)number);
	if ((fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) < 0)
		return -1;
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	close(fd);
	return -1;
}

static enum status
address_connect(const char *address, int timeout_ms, int *fd_r)
{
	struct timeval timeout = { .tv_sec = timeout_ms / 1000,
		.tv_usec = (timeout_ms % 1000) * 1000 };

	if (strncmp(address, "unix:", 5) == 0)
		*fd_r = unix_connect(address + 5);
	else if (strncmp(address, "inet:", 5) == 0)
		*fd_r = inet_connect(address + 5);
	else
		return STATUS_INVALID;
	if (*fd_r < 0)
		return STATUS_IO;
	if (setsockopt(*fd_r, SOL_SOCKET, SO_RCVTIMEO, &timeout,
		sizeof(timeout)) != 0 ||
	    setsockopt(
		*fd_r, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout)) != 0)
		return STATUS_IO;
	return STATUS_OK;
}

/* The filter's own macro lists: a stage (32 bits) and a string each. */
static enum status
macro_lists_parse(struct milter_session *s, const char *data, size_t length)
{
	uint32_t stage;
	size_t size;

	while (length > sizeof(stage)) {
		memcpy(&stage, data, sizeof(stage));
		stage = ntohl(stage);
		data += sizeof(stage);
		length -= sizeof(stage);
		size = strnlen(data, length) + 1;
		if (size > length || stage >= STAGE_COUNT)
			return STATUS_INVALID;
		free(s->macro_lists[stage]);
		if ((s->macro_lists[stage] = strdup(data)) == NULL)
			return STATUS_NOMEM;
		data += size;
		length -= size;
	}
	return length == 0 ? STATUS_OK : STATUS_INVALID;
}

/* Version, actions and steps offered; version, actions and steps taken. */
static enum status
session_negotiate(struct milter_session *s)
{
	uint32_t offer[3] = { htonl(SMFI_PROT_VERSION), htonl(ACTIONS_OFFERED),
		htonl(STEPS_OFFERED) };
	uint32_t answer[3];
	enum status status;
	char command;

	status = packet_write(s, SMFIC_OPTNEG, offer, sizeof(offer));
	if (status == STATUS_OK)
		status = out_flush(s);
	if (status == STATUS_OK)
		status = packet_read(s, &command);
	if (status != STATUS_OK)
		return status;
	if (command != SMFIC_OPTNEG || strbuf_length(s->reply) < sizeof(answer))
		return STATUS_INVALID;
	memcpy(answer, strbuf_text(s->reply), sizeof(answer));
	s->steps = ntohl(answer[2]);
	if (s->steps & ~(uint32_t)STEPS_OFFERED)
		return STATUS_INVALID;
	return macro_lists_parse(s, strbuf_text(s->reply) + sizeof(answer),
	    strbuf_length(s->reply) - sizeof(answer));
}

static void
session_free(struct milter_session *s)
{
	size_t i;

	if (s->fd >= 0)
		close(s->fd);
	for (i = 0; i < STAGE_COUNT; i++)
		free(s->macro_lists[i]);
	strbuf_free(&s->payload);
	strbuf_free(&s->macro_payload);
	strbuf_free(&s->reply);
	free(s);
}

enum status
milter_session_open(const char *address, int timeout_ms,
    struct milter_waits *waits, struct milter_session **session_r)
{
	enum status status = STATUS_NOMEM;
	struct milter_session *s;

	*session_r = NULL;
	if ((s = calloc(1, sizeof(*s))) == NULL)
		return STATUS_NOMEM;
	s->fd = -1;
	s->waits = waits;
	s->payload = strbuf_new(PAYLOAD_MAX_BYTES);
	s->macro_payload = strbuf_new(PAYLOAD_MAX_BYTES);
	s->reply = strbuf_new(PACKET_MAX_BYTES);
	if (s->payload == NULL || s->macro_payload == NULL || s->reply == NULL)
		goto fail;
	status = address_connect(address, timeout_ms, &s->fd);
	if (status == STATUS_OK)
		status = session_negotiate(s);
	if (status != STATUS_OK)
		goto fail;
	*session_r = s;
	return STATUS_OK;

fail:
	session_free(s);
	return status;
}

void
milter_session_close(struct milter_session **session)
{
	enum status status;

	if (*session == NULL)
		return;
	status = packet_write(*session, SMFIC_QUIT, "", 0);
	if (status == STATUS_OK)
		status = out_flush(*session);
	(void)status; /* the filter may be gone already */
	session_free(*session);
	*session = NULL;
}
