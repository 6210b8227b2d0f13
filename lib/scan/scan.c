/* scan - one message through all checks (see scan.h). */
#include "config.h"

#include "lib/scan/scan.h"

#include <stdlib.h>

#include "lib/base/clock.h"
#include "lib/scan/scan-content.h"
#include "lib/scan/scan-guard.h"
#include "lib/scan/scan-learn.h"
#include "lib/scan/scan-private.h"
#include "lib/scan/sender-login.h"
#include "lib/scan/signing.h"

/* In the order in which they are joined: clamd begins when it is joined, and
 * the answers to all others come in meanwhile; DMARC needs SPF and DKIM,
 * reputation needs all of them. */
static const struct check *const checks[] = {
	&check_virus,
	&check_iprev,
	&check_helo,
	&check_spf,
	&check_dkim,
	&check_dmarc,
	&check_gtube,
	&check_content,
	&check_client_lists,
	&check_relay_lists,
	&check_domain_lists,
	&check_url_lists,
	&check_reputation,
};

_Static_assert(GP_NELEMS(checks) <= CHECKS_MAX, "CHECKS_MAX is too small");

static void
envelope_init(struct envelope *envelope)
{
	envelope->client_name = "";
	envelope->helo = "";
	envelope->sender = "";
	envelope->login = "";
	envelope->queue_id = "";
	envelope->is_inbound = true;
}

enum status
scan_new(const struct scan_services *services, const struct settings *settings,
    struct scan **scan_r)
{
	struct scan *scan;

	*scan_r = NULL;
	if ((scan = calloc(1, sizeof(*scan))) == NULL)
		return STATUS_NOMEM;
	if ((scan->region = region_new()) == NULL) {
		free(scan);
		return STATUS_NOMEM;
	}
	scan->services = services;
	scan->settings = settings_hold(settings);
	scan->phase = -1;
	scan->verdict.header_from = "";
	envelope_init(&scan->envelope);
	message_init(&scan->message, scan->region);
	*scan_r = scan;
	return STATUS_OK;
}

void
scan_free(struct scan **scan_ref)
{
	struct scan *scan = *scan_ref;
	size_t i;

	if (scan == NULL)
		return;
	for (i = 0; i < GP_NELEMS(checks); i++)
		if (scan->states[i] != NULL)
			checks[i]->stop(scan->states[i]);
	signing_end(&scan->signing);
	scan_content_end(scan);
	settings_release(&scan->settings);
	region_free(&scan->region);
	free(scan);
	*scan_ref = NULL;
}

struct region *
scan_region(struct scan *scan)
{
	return scan->region;
}

struct envelope *
scan_envelope(struct scan *scan)
{
	return &scan->envelope;
}

/* A copy of an address without its <>; NULL when memory is short. */
static const char *
copy_path(struct scan *scan, const char *path)
{
	struct span span = span_of(path);

	if (span.length >= 2 && span.data[0] == '<' &&
	    span.data[span.length - 1] == '>') {
		span.data++;
		span.length -= 2;
	}
	return region_memdup(scan->region, span.data, span.length);
}

enum status
scan_set_sender(struct scan *scan, const char *path)
{
	const char *sender = copy_path(scan, path);

	if (sender == NULL)
		return STATUS_NOMEM;
	scan->envelope.sender = sender;
	return STATUS_OK;
}

enum status
scan_add_recipient(struct scan *scan, const char *path)
{
	struct envelope *envelope = &scan->envelope;

	envelope->recipient_count++;
	if (envelope->recipient_kept == ENVELOPE_RECIPIENTS_MAX)
		return STATUS_OK;
	if (envelope->recipients == NULL)
		envelope->recipients = region_alloc_array(scan->region,
		    ENVELOPE_RECIPIENTS_MAX, sizeof(*envelope->recipients));
	if (envelope->recipients == NULL)
		return STATUS_NOMEM;
	path = copy_path(scan, path);
	if (path == NULL)
		return STATUS_NOMEM;
	envelope->recipients[envelope->recipient_kept++] = path;
	return STATUS_OK;
}

struct message *
scan_message(struct scan *scan)
{
	return &scan->message;
}

/* A client may tell only after connect that its mail is outbound: what was
 * started till then is left alone. */
static bool
is_wanted(const struct scan *scan, const struct check *check)
{
	return scan->envelope.is_inbound || check->outbound;
}

static enum status
start_phase(struct scan *scan, enum scan_phase phase)
{
	enum status status;
	size_t i;

	scan->deadline_ms = clock_now_ms() + scan->settings->scan.timeout;
	for (i = 0; i < GP_NELEMS(checks); i++) {
		if (checks[i]->phase != phase || !is_wanted(scan, checks[i]))
			continue;
		status = checks[i]->start(scan, &scan->states[i]);
		if (status != STATUS_OK)
			return status;
	}
	return STATUS_OK;
}

static enum status
read_relays(struct scan *scan)
{
	const struct relays_own own = { scan->settings->own_networks,
		scan->settings->own_network_count };

	return relays_read(scan->region, &scan->message,
	    &scan->envelope.client_ip, &own, &scan->relays);
}

/* Whether the login may write as the envelope sender. */
static enum status
rule_on_envelope(struct scan *scan)
{
	enum status status = sender_login_envelope(scan);

	return status == STATUS_OK ? verdict_refuse_sender(scan) : status;
}

/* Whether the login may write as its author, and in whose name it is signed. */
static enum status
begin_outbound(struct scan *scan)
{
	enum status status = sender_login_header(scan);

	return status == STATUS_OK ? signing_start(scan) : status;
}

/* What all checks of a phase stand on. */
static enum status
learn_facts(struct scan *scan, enum scan_phase phase)
{
	enum status status = STATUS_OK;

	switch (phase) {
	case SCAN_PHASE_CONNECT:
	case SCAN_PHASE_HELO:
		return STATUS_OK;
	case SCAN_PHASE_MAIL:
		return scan->envelope.is_inbound ? STATUS_OK :
						   rule_on_envelope(scan);
	case SCAN_PHASE_HEADER:
		status = scan->envelope.is_inbound ? read_relays(scan) :
						     begin_outbound(scan);
		return status == STATUS_OK ? scan_content_begin(scan) : status;
	case SCAN_PHASE_BODY:
		return scan_content_read(scan);
	}
	return STATUS_OK;
}

enum status
scan_reach(struct scan *scan, enum scan_phase phase)
{
	enum status status = STATUS_OK;

	while (scan->phase < (int)phase) {
		scan->phase++;
		status = learn_facts(scan, (enum scan_phase)scan->phase);
		if (status != STATUS_OK)
			return status;
		status = start_phase(scan, (enum scan_phase)scan->phase);
		if (status != STATUS_OK)
			return status;
	}
	return STATUS_OK;
}

const struct verdict *
scan_refusal(const struct scan *scan)
{
	return scan->is_refused ? &scan->verdict : NULL;
}

bool
scan_wants_body(const struct scan *scan)
{
	return scan->body != NULL;
}

enum status
scan_body(struct scan *scan, const void *data, size_t length)
{
	enum status status;
	size_t i;

	signing_body(scan->signing, data, length);
	if (scan->body == NULL)
		return STATUS_OK;
	status = scan_content_add(scan, data, length);
	for (i = 0; i < GP_NELEMS(checks) && status == STATUS_OK; i++)
		if (scan->states[i] != NULL && checks[i]->body != NULL)
			status = checks[i]->body(scan->states[i], data, length);
	return status;
}

enum status
scan_add(struct scan *scan, enum symbol_id id, double share, const char *detail)
{
	if (!scan->envelope.is_inbound && symbol_is_inbound(id))
		return STATUS_OK;
	return score_add(&scan->verdict.score, scan->region,
	    scan->settings->symbol_settings, id, share, detail);
}

enum status
scan_finish(struct scan *scan, const struct verdict **verdict_r)
{
	enum status status, first = STATUS_OK;
	size_t i;

	*verdict_r = NULL;
	if ((status = scan_reach(scan, SCAN_PHASE_BODY)) != STATUS_OK)
		return status;
	scan->latest_ms = clock_now_ms() + 2 * scan->settings->scan.timeout;
	for (i = 0; i < GP_NELEMS(checks); i++) {
		if (scan->states[i] == NULL || !is_wanted(scan, checks[i]))
			continue;
		status = checks[i]->join(scan, scan->states[i]);
		if (first == STATUS_OK)
			first = status;
	}
	if (first != STATUS_OK)
		return first;
	if ((status = verdict_decide(scan)) != STATUS_OK)
		return status;
	if ((status = headers_write(scan)) != STATUS_OK)
		return status;
	if ((status = signing_finish(scan)) != STATUS_OK)
		return status;
	if ((status = scan_guard(scan)) != STATUS_OK)
		return status;
	scan_learn(scan);
	*verdict_r = &scan->verdict;
	return STATUS_OK;
}
