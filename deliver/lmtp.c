/* lmtp - the dialogue with a client (see lmtp.h). */
#include "config.h"

#include "deliver/lmtp.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "deliver/lmtp-command.h"
#include "deliver/lmtp-data.h"
#include "deliver/test-point.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"

#define ERRORS_MAX  20   /* commands that made no sense, then we hang up */
#define END_WAIT_MS 5000 /* for the client's end behind the last reply */
#define END_READS   100  /* of what he says meanwhile */

enum lmtp_state {
	LMTP_STATE_CONNECTED,
	LMTP_STATE_GREETED,    /* LHLO was said */
	LMTP_STATE_MAIL,       /* a sender is known */
	LMTP_STATE_RECIPIENTS, /* and at least one recipient */
	LMTP_STATE_ENDED
};

static const char *const state_names[] = {
	[LMTP_STATE_CONNECTED] = "connected",
	[LMTP_STATE_GREETED] = "greeted",
	[LMTP_STATE_MAIL] = "mail",
	[LMTP_STATE_RECIPIENTS] = "recipients",
	[LMTP_STATE_ENDED] = "ended",
};

struct lmtp {
	const struct settings *settings;
	struct delivery *delivery;
	struct stream *stream;
	int stop_fd;
	enum lmtp_state state;
	unsigned int error_count;
	uint64_t declared_size; /* of MAIL; 0: not said */
	bool unsettled; /* replies about a message were sent, and the client
			 * has said nothing since */
};

static void
enter_state(struct lmtp *lmtp, enum lmtp_state state)
{
	if (lmtp->state != state)
		log_debug("lmtp: %s -> %s", state_names[lmtp->state],
		    state_names[state]);
	lmtp->state = state;
}

static void
set_deadline(struct lmtp *lmtp)
{
	stream_set_deadline(
	    lmtp->stream, clock_now_ms() + lmtp->settings->deliver.timeout);
}

static void
reply(struct lmtp *lmtp, const char *text)
{
	stream_printf(lmtp->stream, "%s\r\n", text);
}

/* A reply to a command that made no sense; too many end the dialogue. */
static void
complain(struct lmtp *lmtp, const char *text)
{
	reply(lmtp, text);
	if (++lmtp->error_count < ERRORS_MAX)
		return;
	log_warning("lmtp: too many errors, the last reply was: %s", text);
	reply(lmtp, "421 4.7.0 Too many errors");
	enter_state(lmtp, LMTP_STATE_ENDED);
}

/* An address as the client gave it, but for what would break our line. */
static void
reply_address(struct lmtp *lmtp, struct span address)
{
	size_t i;

	for (i = 0; i < address.length; i++)
		if ((unsigned char)address.data[i] < 0x20)
			stream_write(lmtp->stream, "?", 1);
		else
			stream_write(lmtp->stream, address.data + i, 1);
}

/* A reply about one recipient. */
static void
reply_result(struct lmtp *lmtp, const struct delivery_result *result,
    struct span address)
{
	stream_printf(lmtp->stream, "%d %s <", result->code, result->enhanced);
	reply_address(lmtp, address);
	stream_printf(lmtp->stream, "> %s\r\n", result->text);
}

static void
settle(struct lmtp *lmtp, bool client_knows)
{
	delivery_settle(lmtp->delivery, client_knows);
	if (lmtp->unsettled)
		(void)TEST_POINT("settled");
	lmtp->unsettled = false;
}

static void
do_lhlo(struct lmtp *lmtp, struct span argument)
{
	int64_t most = lmtp->settings->deliver.message_size_max;

	if (argument.length == 0) {
		complain(lmtp, "501 5.5.4 LHLO needs a name");
		return;
	}
	stream_printf(lmtp->stream, "250-%s\r\n", lmtp->settings->authserv_id);
	reply(lmtp, "250-PIPELINING");
	reply(lmtp, "250-8BITMIME");
	reply(lmtp, "250-SMTPUTF8");
	reply(lmtp, "250-ENHANCEDSTATUSCODES");
	if (most == 0)
		reply(lmtp, "250 SIZE");
	else
		stream_printf(lmtp->stream, "250 SIZE %" PRId64 "\r\n", most);
	enter_state(lmtp, LMTP_STATE_GREETED);
}

/* NULL, or why a parameter of MAIL is refused. */
static const char *
check_parameter(struct lmtp *lmtp, struct span name, struct span value)
{
	uint64_t most = (uint64_t)lmtp->settings->deliver.message_size_max;
	uint64_t size;

	if (span_equals_nocase(name, "SIZE")) {
		if (str_to_uint64(value, UINT64_MAX, &size) != STATUS_OK)
			return "501 5.5.4 SIZE must be a number";
		if (most != 0 && size > most)
			return "552 5.3.4 Message too large";
		lmtp->declared_size = size;
		return NULL;
	}
	if (span_equals_nocase(name, "BODY"))
		return span_equals_nocase(value, "7BIT") ||
			span_equals_nocase(value, "8BITMIME") ?
		    NULL :
		    "501 5.5.4 BODY must be 7BIT or 8BITMIME";
	if (span_equals_nocase(name, "SMTPUTF8") && value.length == 0)
		return NULL;
	return "555 5.5.4 Parameter not known";
}

static const char *
check_parameters(struct lmtp *lmtp, struct span parameters)
{
	const char *error = NULL;
	struct span name, value;
	size_t count;

	for (count = 0;
	     error == NULL && lmtp_next_parameter(&parameters, &name, &value);
	     count++) {
		if (count == LMTP_PARAMETERS_MAX)
			return "501 5.5.4 Too many parameters";
		error = check_parameter(lmtp, name, value);
	}
	return error;
}

static void
do_mail(struct lmtp *lmtp, struct span argument)
{
	struct span path;
	const char *error;

	if (lmtp_read_path(&argument, "FROM:", &path) != STATUS_OK) {
		complain(lmtp, "501 5.5.4 Syntax: MAIL FROM:<address>");
		return;
	}
	lmtp->declared_size = 0;
	if ((error = check_parameters(lmtp, argument)) != NULL) {
		complain(lmtp, error);
		return;
	}
	switch (delivery_begin(lmtp->delivery, path)) {
	case STATUS_OK:
		delivery_declare_size(lmtp->delivery, lmtp->declared_size);
		reply(lmtp, "250 2.1.0 OK");
		enter_state(lmtp, LMTP_STATE_MAIL);
		break;
	case STATUS_NOMEM:
		reply(lmtp, "451 4.3.0 Out of memory");
		break;
	default:
		complain(lmtp, "501 5.1.7 Bad sender address");
		break;
	}
}

static void
do_rcpt(struct lmtp *lmtp, struct span argument)
{
	struct delivery_result result;
	struct span path;

	if (lmtp_read_path(&argument, "TO:", &path) != STATUS_OK ||
	    path.length == 0) {
		complain(lmtp, "501 5.5.4 Syntax: RCPT TO:<address>");
		return;
	}
	if (argument.length > 0) {
		complain(lmtp, "555 5.5.4 Parameter not known");
		return;
	}
	result = delivery_add_recipient(lmtp->delivery, path);
	(void)TEST_POINT("recipient");
	if (result.code == 501)
		complain(lmtp, "501 5.1.3 Bad recipient address");
	else
		reply_result(lmtp, &result, path);
	if (result.code == 250)
		enter_state(lmtp, LMTP_STATE_RECIPIENTS);
}

/* Reads up to the final dot; false: the client went. */
static bool
receive(struct lmtp *lmtp)
{
	enum lmtp_data_state state = LMTP_DATA_LINE_START;
	struct spool *spool = delivery_spool(lmtp->delivery);
	struct span bytes;

	while (state != LMTP_DATA_END) {
		set_deadline(lmtp);
		if (stream_peek(lmtp->stream, &bytes) != STATUS_OK)
			return false;
		stream_take(lmtp->stream, lmtp_data_feed(&state, bytes, spool));
		(void)TEST_POINT("data");
	}
	return true;
}

/* One reply for each accepted recipient, in their order (RFC 2033 4.2). */
static void
reply_results(struct lmtp *lmtp)
{
	struct delivery_result result;
	size_t i;

	for (i = 0; i < delivery_count(lmtp->delivery); i++) {
		result = delivery_result(lmtp->delivery, i);
		reply_result(lmtp, &result,
		    span_of(delivery_address(lmtp->delivery, i)));
	}
}

static void
do_data(struct lmtp *lmtp, struct span argument GP_UNUSED)
{
	reply(lmtp, "354 End data with <CR><LF>.<CR><LF>");
	/* A message that has begun may be finished. */
	stream_set_stop(lmtp->stream, -1);
	if (!receive(lmtp)) {
		log_info("lmtp: the client went in the middle of a message");
		enter_state(lmtp, LMTP_STATE_ENDED);
		return;
	}
	stream_set_stop(lmtp->stream, lmtp->stop_fd);
	(void)TEST_POINT("received");
	delivery_run(lmtp->delivery);
	(void)TEST_POINT("stored");
	reply_results(lmtp);
	set_deadline(lmtp);
	if (stream_flush(lmtp->stream) == STATUS_OK)
		(void)TEST_POINT("replied");
	lmtp->unsettled = true;
	enter_state(lmtp, LMTP_STATE_GREETED);
}

static void
do_rset(struct lmtp *lmtp, struct span argument GP_UNUSED)
{
	settle(lmtp, false);
	reply(lmtp, "250 2.0.0 OK");
	if (lmtp->state != LMTP_STATE_CONNECTED)
		enter_state(lmtp, LMTP_STATE_GREETED);
}

static void
do_noop(struct lmtp *lmtp, struct span argument GP_UNUSED)
{
	reply(lmtp, "250 2.0.0 OK");
}

static void
do_vrfy(struct lmtp *lmtp, struct span argument GP_UNUSED)
{
	reply(lmtp, "252 2.5.0 Send some mail, I will try");
}

static void
do_quit(struct lmtp *lmtp, struct span argument GP_UNUSED)
{
	reply(lmtp, "221 2.0.0 Bye");
	enter_state(lmtp, LMTP_STATE_ENDED);
}

#define IN(state) (1U << LMTP_STATE_##state)
#define ANY       (IN(CONNECTED) | IN(GREETED) | IN(MAIL) | IN(RECIPIENTS))

static const struct command {
	const char *verb;
	unsigned int states; /* in which it makes sense */
	void (*run)(struct lmtp *lmtp, struct span argument);
	const char *refusal; /* in others */
} commands[] = {
	{ "LHLO", IN(CONNECTED) | IN(GREETED), do_lhlo,
	    "503 5.5.1 Not within a message" },
	{ "MAIL", IN(GREETED), do_mail,
	    "503 5.5.1 Say LHLO first, and MAIL once" },
	{ "RCPT", IN(MAIL) | IN(RECIPIENTS), do_rcpt, "503 5.5.1 MAIL first" },
	{ "DATA", IN(RECIPIENTS), do_data, "503 5.5.1 No valid recipients" },
	{ "RSET", ANY, do_rset, NULL },
	{ "NOOP", ANY, do_noop, NULL },
	{ "VRFY", ANY, do_vrfy, NULL },
	{ "QUIT", ANY, do_quit, NULL },
};

static const struct command *
find_command(struct span verb)
{
	size_t i;

	for (i = 0; i < GP_NELEMS(commands); i++)
		if (span_equals_nocase(verb, commands[i].verb))
			return &commands[i];
	return NULL;
}

static void
run_line(struct lmtp *lmtp, struct span line)
{
	struct span verb = lmtp_read_verb(&line);
	const struct command *command = find_command(verb);

	/* QUIT may have been sent before our replies were read: Postfix sends
	 * it right behind the message. */
	if (lmtp->unsettled && (command == NULL || command->run != do_quit))
		settle(lmtp, true);
	if (command == NULL)
		complain(lmtp, "500 5.5.1 Command not known");
	else if ((command->states & 1U << lmtp->state) == 0)
		complain(lmtp, command->refusal);
	else
		command->run(lmtp, line);
}

/* Reads one command and answers it. */
static enum status
serve_command(struct lmtp *lmtp)
{
	enum status status;
	struct span line;

	set_deadline(lmtp);
	status = stream_read_line(lmtp->stream, &line);
	if (status == STATUS_LIMIT) {
		complain(lmtp, "500 5.5.2 Line too long");
		return STATUS_OK;
	}
	if (status == STATUS_OK)
		run_line(lmtp, line);
	return status;
}

/* The last words to a client that has not said QUIT. */
static void
say_why(struct lmtp *lmtp, enum status status)
{
	if (status == STATUS_TIMEOUT)
		reply(lmtp, "421 4.4.2 Nothing heard for too long");
	else if (status == STATUS_CLOSED)
		reply(lmtp, "421 4.3.2 The server is going down");
}

/* Whether the client ends the connection in order: then he has read all. */
static bool
client_ends_in_order(struct lmtp *lmtp)
{
	enum status status = STATUS_OK;
	struct span bytes;
	size_t i;

	stream_set_stop(lmtp->stream, -1);
	stream_set_deadline(lmtp->stream, clock_now_ms() + END_WAIT_MS);
	if (stream_end(lmtp->stream) != STATUS_OK)
		return false;
	for (i = 0; status == STATUS_OK && i < END_READS; i++) {
		status = stream_peek(lmtp->stream, &bytes);
		stream_take(lmtp->stream, bytes.length);
	}
	return status == STATUS_NOTFOUND;
}

static void
dialogue(struct lmtp *lmtp)
{
	enum status status = STATUS_OK;
	bool in_order;

	stream_printf(lmtp->stream, "220 %s LMTP Gatepost\r\n",
	    lmtp->settings->authserv_id);
	(void)TEST_POINT("connected");
	while (status == STATUS_OK && lmtp->state != LMTP_STATE_ENDED)
		status = serve_command(lmtp);
	say_why(lmtp, status);
	/* The kernel tells of a broken connection once. */
	in_order = status != STATUS_IO && client_ends_in_order(lmtp);
	settle(lmtp, lmtp->unsettled && in_order);
}

void
lmtp_serve(struct delivery_services *services, const struct settings *settings,
    struct stream *stream, int stop_fd)
{
	struct lmtp lmtp = {
		.settings = settings,
		.stream = stream,
		.stop_fd = stop_fd,
		.state = LMTP_STATE_CONNECTED,
	};

	stream_set_stop(stream, stop_fd);
	if ((lmtp.delivery = delivery_new(services, settings)) == NULL) {
		log_error("lmtp: no memory for a session");
		return;
	}
	dialogue(&lmtp);
	delivery_free(&lmtp.delivery);
}
