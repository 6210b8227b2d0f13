/*
 * milter-load - drives one milter, or several in a row as Postfix does, with
 * prepared messages over parallel connections, and prints what it measured.
 *
 * usage: milter-load --filter ADDRESS... --messages FILE --index FILE
 *	[--connections N] [--count N] [--per-connection N] [--timeout MS]
 *	[--expect TEXT]... [--print-headers]
 *
 * Successive messages of the index with the same client and HELO share a
 * connection, at most N of them.  The messages are sent again from the start
 * until count have been sent.  With several filters each event up to DATA goes
 * to one after the other; then the first gets the whole content, and the next
 * one the content with the header fields that the ones before it added.
 *
 * Output: one JSON object.  eom_ms is the wait from the end of the message to
 * the verdict (of all filters together), verdict_ms the time from opening the
 * connections to the verdict on the first message of a connection,
 * before_eom_ms the longest wait for any reply before the end of a message.
 * --expect counts the messages to which a header with TEXT was added.
 *
 * Exit status: 0; 1 when a connection broke; 2 for wrong usage.
 */
#include "config.h"

#include <getopt.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "lib/base/status.h"
#include "lib/base/str.h"
#include "tests/bench/message-set.h"
#include "tests/bench/milter-session.h"

#define MAX_FILTERS     4
#define MAX_EXPECT      16
#define MAX_CONNECTIONS 1024
#define MAX_COUNT       10000000           /* samples are held in memory */
#define MAX_TIMEOUT_MS  (24 * 3600 * 1000) /* a day */

struct options {
	const char *filters[MAX_FILTERS];
	size_t filter_count;
	const char *expect[MAX_EXPECT];
	size_t expect_count;
	const char *messages_path, *index_path;
	uint64_t connections, count, per_connection, timeout_ms;
	bool print_headers;
};

/* A run of messages of the set that share one connection. */
struct session_plan {
	size_t first;
	size_t count;
};

struct load {
	struct options options;
	struct message_set *set;
	struct session_plan *plan; /* one pass over the set */
	size_t plan_count;
	atomic_size_t next_session;
	double *eom_ms;     /* one a message; written by the one who sends it */
	double *verdict_ms; /* likewise; below 0: not the first of a session */
};

struct worker {
	pthread_t thread;
	struct load *load;
	struct milter_waits waits;
	struct milter_edits edits;
	uint64_t sessions, messages, errors, added, changes;
	uint64_t verdicts[MILTER_VERDICT_COUNT];
	uint64_t expected[MAX_EXPECT];
	enum status first_error;
	json_t *first_headers; /* of message 0, when asked for */
};

/* The filters of one connection, in order. */
struct chain {
	struct milter_session *filters[MAX_FILTERS];
	size_t count;
	bool session_settled[MAX_FILTERS]; /* accepted the whole connection */
	bool message_settled[MAX_FILTERS]; /* accepted this message */
};

/* ---- one connection ---- */

static bool
verdict_ends_message(enum milter_verdict verdict)
{
	return verdict == MILTER_VERDICT_REJECT ||
	    verdict == MILTER_VERDICT_TEMPFAIL ||
	    verdict == MILTER_VERDICT_DISCARD;
}

static void
chain_close(struct chain *chain)
{
	size_t i;

	for (i = 0; i < chain->count; i++)
		milter_session_close(&chain->filters[i]);
	chain->count = 0;
}

static enum status
chain_open(struct worker *worker, struct chain *chain)
{
	const struct options *options = &worker->load->options;
	enum status status;
	size_t i;

	memset(chain, 0, sizeof(*chain));
	for (i = 0; i < options->filter_count; i++) {
		status = milter_session_open(options->filters[i],
		    (int)options->timeout_ms, &worker->waits,
		    &chain->filters[i]);
		if (status != STATUS_OK) {
			chain_close(chain);
			return status;
		}
		chain->count++;
	}
	return STATUS_OK;
}

static void
chain_message(struct chain *chain, const struct bench_message *message,
    const char *queue_id)
{
	size_t i;

	for (i = 0; i < chain->count; i++) {
		milter_session_message(chain->filters[i], message, queue_id);
		chain->message_settled[i] = chain->session_settled[i];
	}
}

/* One event to all filters, until one of them refuses. */
static enum status
chain_event(struct chain *chain, enum milter_event event,
    enum milter_verdict *verdict_r)
{
	enum status status;
	size_t i;

	*verdict_r = MILTER_VERDICT_CONTINUE;
	for (i = 0; i < chain->count; i++) {
		if (chain->message_settled[i])
			continue;
		status =
		    milter_session_event(chain->filters[i], event, verdict_r);
		if (status != STATUS_OK || verdict_ends_message(*verdict_r))
			return status;
		if (*verdict_r != MILTER_VERDICT_ACCEPT)
			continue;
		chain->message_settled[i] = true;
		if (event <= MILTER_EVENT_HELO)
			chain->session_settled[i] = true;
	}
	return STATUS_OK;
}

/* The content to one filter after the other. */
static enum status
chain_content(struct chain *chain, struct milter_edits *edits, double *eom_ms_r,
    enum milter_verdict *verdict_r)
{
	enum status status;
	double eom_ms;
	size_t i;

	*eom_ms_r = 0;
	*verdict_r = MILTER_VERDICT_CONTINUE;
	for (i = 0; i < chain->count; i++) {
		if (chain->message_settled[i])
			continue;
		status = milter_session_content(
		    chain->filters[i], edits, &eom_ms, verdict_r);
		*eom_ms_r += eom_ms;
		if (status != STATUS_OK || verdict_ends_message(*verdict_r))
			return status;
	}
	return STATUS_OK;
}

static enum status
chain_abort(struct chain *chain)
{
	enum status status;
	size_t i;

	for (i = 0; i < chain->count; i++) {
		status = milter_session_abort(chain->filters[i]);
		if (status != STATUS_OK)
			return status;
	}
	return STATUS_OK;
}

/* ---- one message ---- */

static bool
edits_contain(const struct milter_edits *edits, const char *text)
{
	size_t i;

	for (i = 0; i < edits->added_count; i++)
		if (strstr(edits->added[i].value, text) != NULL)
			return true;
	return false;
}

/* Keeps the header fields that were added, in the order of arrival. */
static void
headers_keep(struct worker *worker)
{
	const struct milter_added *added = worker->edits.added;
	size_t i;

	worker->first_headers = json_array();
	for (i = 0; i < worker->edits.added_count; i++)
		json_array_append_new(worker->first_headers,
		    json_sprintf("%s:%s%s", added[i].name,
			added[i].value[0] == ' ' ? "" : " ", added[i].value));
}

static void
message_count(struct worker *worker, size_t number, enum milter_verdict verdict)
{
	const struct options *options = &worker->load->options;
	size_t i;

	worker->messages++;
	worker->verdicts[verdict]++;
	worker->added += worker->edits.added_count;
	worker->changes += worker->edits.changes;
	for (i = 0; i < options->expect_count; i++)
		if (edits_contain(&worker->edits, options->expect[i]))
			worker->expected[i]++;
	if (number == 0 && options->print_headers)
		headers_keep(worker);
}

/* MAIL, RCPT, DATA and the content of the message that was set. */
static enum status
message_send(struct worker *worker, struct chain *chain, double *eom_ms_r,
    enum milter_verdict *verdict_r)
{
	enum milter_event event;
	enum status status;

	for (event = MILTER_EVENT_MAIL; event <= MILTER_EVENT_DATA; event++) {
		status = chain_event(chain, event, verdict_r);
		if (status != STATUS_OK)
			return status;
		if (verdict_ends_message(*verdict_r))
			return chain_abort(chain);
	}
	return chain_content(chain, &worker->edits, eom_ms_r, verdict_r);
}

/* CONNECT and HELO; a refusal there is the verdict on the message. */
static enum status
session_greet(struct chain *chain, enum milter_verdict *verdict_r)
{
	enum status status;

	status = chain_event(chain, MILTER_EVENT_CONNECT, verdict_r);
	if (status != STATUS_OK || verdict_ends_message(*verdict_r))
		return status;
	return chain_event(chain, MILTER_EVENT_HELO, verdict_r);
}

/* Sends message "number"; start_ms is 0 unless it is the session's first. */
static enum status
message_run(
    struct worker *worker, struct chain *chain, size_t number, double start_ms)
{
	struct load *load = worker->load;
	enum milter_verdict verdict = MILTER_VERDICT_CONTINUE;
	enum status status = STATUS_OK;
	double eom_ms = 0;
	char queue_id[32];

	(void)snprintf(queue_id, sizeof(queue_id), "4B%010zX", number);
	milter_edits_clear(&worker->edits);
	chain_message(chain,
	    message_set_get(load->set, number % message_set_count(load->set)),
	    queue_id);
	if (start_ms > 0)
		status = session_greet(chain, &verdict);
	if (status == STATUS_OK && !verdict_ends_message(verdict))
		status = message_send(worker, chain, &eom_ms, &verdict);
	if (status != STATUS_OK)
		return status;
	load->eom_ms[number] = eom_ms;
	load->verdict_ms[number] =
	    start_ms > 0 ? milter_now_ms() - start_ms : -1.0;
	message_count(worker, number, verdict);
	return STATUS_OK;
}

/* The messages first .. first + count - 1 on one connection. */
static void
session_run(struct worker *worker, size_t first, size_t count)
{
	double start_ms = milter_now_ms();
	enum status status;
	struct chain chain;
	size_t i = 0;

	status = chain_open(worker, &chain);
	while (status == STATUS_OK && i < count) {
		status = message_run(
		    worker, &chain, first + i, i == 0 ? start_ms : 0);
		if (status == STATUS_OK)
			i++;
	}
	chain_close(&chain);
	worker->sessions++;
	if (status == STATUS_OK)
		return;
	if (worker->errors == 0)
		worker->first_error = status;
	worker->errors += count - i;
}

static void *
worker_main(void *argument)
{
	struct worker *worker = argument;
	struct load *load = worker->load;
	size_t set_count = message_set_count(load->set);
	size_t session, first, count;

	for (;;) {
		session = atomic_fetch_add(&load->next_session, 1);
		first = session / load->plan_count * set_count +
		    load->plan[session % load->plan_count].first;
		if (first >= load->options.count)
			break;
		count = load->plan[session % load->plan_count].count;
		if (count > load->options.count - first)
			count = (size_t)load->options.count - first;
		session_run(worker, first, count);
	}
	milter_edits_clear(&worker->edits);
	return NULL;
}

/* ---- the whole load ---- */

static bool
same_client(const struct bench_message *a, const struct bench_message *b)
{
	return strcmp(a->client_ip, b->client_ip) == 0 &&
	    strcmp(a->helo, b->helo) == 0;
}

/* Which messages share a connection. */
static void
plan_make(struct load *load)
{
	size_t i, count = message_set_count(load->set);
	struct session_plan *last = NULL;

	for (i = 0; i < count; i++) {
		if (last != NULL &&
		    last->count < load->options.per_connection &&
		    same_client(message_set_get(load->set, last->first),
			message_set_get(load->set, i))) {
			last->count++;
			continue;
		}
		last = &load->plan[load->plan_count++];
		last->first = i;
		last->count = 1;
	}
}

static enum status
load_prepare(struct load *load)
{
	enum status status;
	size_t count;

	status = message_set_load(
	    load->options.messages_path, load->options.index_path, &load->set);
	if (status != STATUS_OK)
		return status;
	count = message_set_count(load->set);
	if (load->options.count == 0)
		load->options.count = count;
	load->plan = calloc(count, sizeof(*load->plan));
	load->eom_ms = calloc(load->options.count, sizeof(*load->eom_ms));
	load->verdict_ms =
	    calloc(load->options.count, sizeof(*load->verdict_ms));
	if (load->plan == NULL || load->eom_ms == NULL ||
	    load->verdict_ms == NULL)
		return STATUS_NOMEM;
	plan_make(load);
	return STATUS_OK;
}

static void
load_free(struct load *load)
{
	message_set_free(&load->set);
	free(load->plan);
	free(load->eom_ms);
	free(load->verdict_ms);
}

/* Runs all connections to their end; returns the seconds it took. */
static double
load_run(struct load *load, struct worker *workers)
{
	double start_ms = milter_now_ms();
	size_t i, started;

	for (started = 0; started < load->options.connections; started++) {
		workers[started].load = load;
		if (pthread_create(&workers[started].thread, NULL, worker_main,
			&workers[started]) != 0) {
			fprintf(stderr, "only %zu threads start\n", started);
			break;
		}
	}
	for (i = 0; i < started; i++)
		(void)pthread_join(workers[i].thread, NULL);
	return (milter_now_ms() - start_ms) / 1000.0;
}

/* ---- the report ---- */

static int
compare_samples(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Takes the negative samples (not measured) out and sorts the others. */
static size_t
samples_sort(double *samples, size_t count)
{
	size_t i, kept = 0;

	for (i = 0; i < count; i++)
		if (samples[i] >= 0)
			samples[kept++] = samples[i];
	qsort(samples, kept, sizeof(*samples), compare_samples);
	return kept;
}

/* The nearest rank: the smallest sample that percent of them do not exceed. */
static double
percentile(const double *sorted, size_t count, unsigned int percent)
{
	size_t rank;

	if (count == 0)
		return 0;
	rank = (count * percent + 99) / 100;
	return sorted[rank == 0 ? 0 : rank - 1];
}

static json_t *
samples_report(double *samples, size_t count)
{
	size_t kept = samples_sort(samples, count);

	return json_pack("{s:f, s:f, s:f}", "p50",
	    percentile(samples, kept, 50), "p99", percentile(samples, kept, 99),
	    "max", percentile(samples, kept, 100));
}

/* The longest wait of any reply before end of message, and whose it was. */
static json_t *
waits_report(const struct milter_waits *waits)
{
	enum milter_event event, longest = MILTER_EVENT_CONNECT;

	for (event = MILTER_EVENT_CONNECT; event < MILTER_EVENT_EOM; event++)
		if (waits->longest_ms[event] > waits->longest_ms[longest])
			longest = event;
	return json_pack("{s:f, s:s}", "max", waits->longest_ms[longest],
	    "event", milter_event_name(longest));
}

static json_t *
verdicts_report(const uint64_t verdicts[MILTER_VERDICT_COUNT])
{
	json_t *report = json_object();
	enum milter_verdict verdict;
	uint64_t count;

	/* A filter that lets a message go on accepts it. */
	for (verdict = MILTER_VERDICT_ACCEPT; verdict < MILTER_VERDICT_SKIP;
	     verdict++) {
		count = verdicts[verdict];
		if (verdict == MILTER_VERDICT_ACCEPT)
			count += verdicts[MILTER_VERDICT_CONTINUE];
		json_object_set_new(report, milter_verdict_name(verdict),
		    json_integer((json_int_t)count));
	}
	return report;
}

static json_t *
expected_report(const struct options *options, const struct worker *total)
{
	json_t *report = json_object();
	size_t i;

	for (i = 0; i < options->expect_count; i++)
		json_object_set_new(report, options->expect[i],
		    json_integer((json_int_t)total->expected[i]));
	return report;
}

/* Adds what one worker counted to the total. */
static void
worker_add(struct worker *total, const struct worker *worker)
{
	size_t i;

	total->sessions += worker->sessions;
	total->messages += worker->messages;
	total->added += worker->added;
	total->changes += worker->changes;
	if (total->errors == 0)
		total->first_error = worker->first_error;
	total->errors += worker->errors;
	for (i = 0; i < MILTER_VERDICT_COUNT; i++)
		total->verdicts[i] += worker->verdicts[i];
	for (i = 0; i < MAX_EXPECT; i++)
		total->expected[i] += worker->expected[i];
	for (i = 0; i < MILTER_EVENT_COUNT; i++)
		if (worker->waits.longest_ms[i] > total->waits.longest_ms[i])
			total->waits.longest_ms[i] =
			    worker->waits.longest_ms[i];
	if (worker->first_headers != NULL)
		total->first_headers = worker->first_headers;
}

static void
report_print(struct load *load, const struct worker *total, double seconds)
{
	size_t count = (size_t)load->options.count;
	json_t *report;

	report = json_pack("{s:I, s:I, s:f, s:f, s:o, s:o, s:o, s:o}",
	    "messages", (json_int_t)total->messages, "sessions",
	    (json_int_t)total->sessions, "seconds", seconds,
	    "messages_per_second",
	    seconds > 0 ? (double)total->messages / seconds : 0.0, "eom_ms",
	    samples_report(load->eom_ms, count), "verdict_ms",
	    samples_report(load->verdict_ms, count), "before_eom_ms",
	    waits_report(&total->waits), "verdicts",
	    verdicts_report(total->verdicts));
	json_object_set_new(
	    report, "headers_added", json_integer((json_int_t)total->added));
	json_object_set_new(
	    report, "other_changes", json_integer((json_int_t)total->changes));
	json_object_set_new(
	    report, "errors", json_integer((json_int_t)total->errors));
	json_object_set_new(
	    report, "expected", expected_report(&load->options, total));
	if (total->first_headers != NULL)
		json_object_set_new(
		    report, "first_headers", total->first_headers);
	(void)json_dumpf(
	    report, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
	(void)putchar('\n');
	json_decref(report);
}

/* Messages that were never sent have no sample. */
static void
samples_init(struct load *load)
{
	size_t i;

	for (i = 0; i < load->options.count; i++) {
		load->eom_ms[i] = -1.0;
		load->verdict_ms[i] = -1.0;
	}
}

static enum status
load_measure(struct load *load, uint64_t *errors_r)
{
	struct worker *workers, total = { 0 };
	double seconds;
	size_t i;

	workers = calloc(load->options.connections, sizeof(*workers));
	if (workers == NULL)
		return STATUS_NOMEM;
	samples_init(load);
	seconds = load_run(load, workers);
	for (i = 0; i < load->options.connections; i++)
		worker_add(&total, &workers[i]);
	report_print(load, &total, seconds);
	if (total.errors > 0)
		fprintf(stderr, "%llu messages failed, the first: %s\n",
		    (unsigned long long)total.errors,
		    status_text(total.first_error));
	*errors_r = total.errors;
	free(workers);
	return STATUS_OK;
}

/* ---- options ---- */

static const struct option long_options[] = {
	{ "filter", required_argument, NULL, 'f' },
	{ "messages", required_argument, NULL, 'm' },
	{ "index", required_argument, NULL, 'i' },
	{ "connections", required_argument, NULL, 'c' },
	{ "count", required_argument, NULL, 'n' },
	{ "per-connection", required_argument, NULL, 'p' },
	{ "timeout", required_argument, NULL, 't' },
	{ "expect", required_argument, NULL, 'e' },
	{ "print-headers", no_argument, NULL, 'H' },
	{ NULL, 0, NULL, 0 },
};

static bool
option_number(const char *text, uint64_t max, uint64_t *number_r)
{
	return str_to_uint64(span_of(text), max, number_r) == STATUS_OK &&
	    *number_r > 0;
}

static bool
option_append(const char **list, size_t max, size_t *count)
{
	if (*count == max)
		return false;
	list[(*count)++] = optarg;
	return true;
}

/* Takes one option; false: its value is wrong. */
static bool
option_take(int letter, struct options *options)
{
	switch (letter) {
	case 'f':
		return option_append(
		    options->filters, MAX_FILTERS, &options->filter_count);
	case 'e':
		return option_append(
		    options->expect, MAX_EXPECT, &options->expect_count);
	case 'm':
		options->messages_path = optarg;
		return true;
	case 'i':
		options->index_path = optarg;
		return true;
	case 'c':
		return option_number(
		    optarg, MAX_CONNECTIONS, &options->connections);
	case 'n':
		return option_number(optarg, MAX_COUNT, &options->count);
	case 'p':
		return option_number(
		    optarg, MAX_COUNT, &options->per_connection);
	case 't':
		return option_number(
		    optarg, MAX_TIMEOUT_MS, &options->timeout_ms);
	case 'H':
		options->print_headers = true;
		return true;
	default:
		return false;
	}
}

static bool
options_parse(int argc, char **argv, struct options *options)
{
	int letter;

	options->connections = 1;
	options->per_connection = 1;
	options->timeout_ms = 60000;
	while ((letter = getopt_long(argc, argv, "", long_options, NULL)) != -1)
		if (!option_take(letter, options))
			return false;
	return optind == argc && options->filter_count > 0 &&
	    options->messages_path != NULL && options->index_path != NULL;
}

int
main(int argc, char **argv)
{
	struct load load = { 0 };
	enum status status;
	uint64_t errors = 0;

	if (!options_parse(argc, argv, &load.options)) {
		fprintf(stderr,
		    "usage: milter-load --filter ADDRESS..."
		    " --messages FILE --index FILE\n"
		    "\t[--connections N] [--count N]"
		    " [--per-connection N] [--timeout MS]\n"
		    "\t[--expect TEXT]... [--print-headers]\n");
		return 2;
	}
	status = load_prepare(&load);
	if (status == STATUS_OK)
		status = load_measure(&load, &errors);
	if (status != STATUS_OK)
		fprintf(stderr, "milter-load: %s\n", status_text(status));
	load_free(&load);
	return status == STATUS_OK && errors == 0 ? 0 : 1;
}
