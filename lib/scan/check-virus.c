/*
 * check-virus - clamd looks for viruses in the whole message (lib/clamav): the
 * header fields as they came, then the body as it streams by.  The connection
 * is opened when the header is known; only the join waits.
 */
#include "config.h"

#include "lib/base/clock.h"
#include "lib/scan/scan-private.h"

static void
add_span(struct clamav_stream *stream, struct span span)
{
	clamav_add(stream, span.data, span.length);
}

static void
add_header(struct clamav_stream *stream, const struct message *message)
{
	const struct message_field *field;
	size_t i;

	for (i = 0; i < message->field_count; i++) {
		field = &message->fields[i];
		add_span(stream, field->name);
		add_span(stream, span_of(":"));
		add_span(stream, field->value);
		add_span(stream, span_of("\r\n"));
	}
	add_span(stream, span_of("\r\n"));
}

static enum status
virus_start(struct scan *scan, void **state_r)
{
	struct clamav_stream *stream;
	enum status status;

	if (scan->services->clamav == NULL ||
	    scan->settings->clamav.socket[0] == '\0')
		return STATUS_OK;
	status = clamav_begin(&scan->settings->clamav, &stream);
	if (status != STATUS_OK)
		return status;
	add_header(stream, &scan->message);
	*state_r = stream;
	return STATUS_OK;
}

static enum status
virus_body(void *state, const void *data, size_t length)
{
	clamav_add(state, data, length);
	return STATUS_OK;
}

/* The end of the message: its own timeout, within that of the scan. */
static int64_t
deadline(const struct scan *scan)
{
	const struct settings *settings = scan->settings;
	int64_t timeout_ms = settings->clamav.timeout;

	if (timeout_ms > settings->scan.timeout)
		timeout_ms = settings->scan.timeout;
	return clock_now_ms() + timeout_ms;
}

static enum status
virus_join(struct scan *scan, void *state)
{
	struct clamav_answer *virus = &scan->verdict.facts.virus;

	clamav_finish(state, deadline(scan), virus);
	scan->verdict.facts.has_virus = true;
	clamav_health_note(scan->services->clamav, &scan->settings->clamav,
	    virus, clock_now_ms());
	if (virus->result != CLAMAV_FOUND)
		return STATUS_OK;
	return scan_add(scan, SYMBOL_VIRUS, 1, virus->text);
}

static void
virus_stop(void *state)
{
	struct clamav_stream *stream = state;

	clamav_end(&stream);
}

const struct check check_virus = { "virus", SCAN_PHASE_HEADER, virus_start,
	virus_join, virus_stop, virus_body, true };
