/*
 * headers - the header fields of a verdict (see headers.h).
 *
 * One Authentication-Results field with every method, then what mail clients
 * and our own delivery read.
 */
#include "config.h"

#include "lib/scan/headers.h"

#include <stdio.h>
#include <string.h>

#include "lib/auth/authres.h"
#include "lib/scan/scan-private.h"

#define RESULTS_MAX    (DKIM_SIGNATURES_MAX + 8)
#define PROPERTIES_MAX 6
#define REASON_BYTES   400 /* of all reasons in X-Gatepost-Reason */

/* Results under construction; properties lie in rows of PROPERTIES_MAX. */
struct results {
	struct region *region;
	size_t count;
	struct authres_result rows[RESULTS_MAX];
	struct authres_property properties[RESULTS_MAX][PROPERTIES_MAX];
};

static struct authres_result *
add_result(struct results *results, const char *method, enum auth_result result,
    const char *reason)
{
	struct authres_result *row = &results->rows[results->count];

	row->method = method;
	row->version = 1;
	row->result = auth_result_text(result);
	row->reason = reason;
	row->property_count = 0;
	row->properties = results->properties[results->count];
	results->count++;
	return row;
}

/* One property of the newest result; an empty value is left out. */
static void
add_property(struct results *results, const char *ptype, const char *property,
    const char *value)
{
	struct authres_result *row = &results->rows[results->count - 1];
	struct authres_property *p;

	if (value == NULL || value[0] == '\0')
		return;
	p = &results->properties[results->count - 1][row->property_count++];
	p->ptype = ptype;
	p->property = property;
	p->value = value;
}

static enum status
add_iprev(struct results *results, const struct scan *scan)
{
	char text[IP_TEXT_BYTES], *copy;
	const struct facts *facts = &scan->verdict.facts;

	if (!facts->has_iprev)
		return STATUS_OK;
	copy = region_strdup(
	    results->region, ip_text(&scan->envelope.client_ip, text));
	if (copy == NULL)
		return STATUS_NOMEM;
	add_result(results, "iprev", facts->iprev.result, NULL);
	add_property(results, "policy", "iprev", copy);
	return STATUS_OK;
}

static void
add_spf(struct results *results, const struct scan *scan)
{
	const struct facts *facts = &scan->verdict.facts;

	if (facts->has_spf_sender) {
		add_result(results, "spf", facts->spf_sender.result,
		    facts->spf_sender.reason);
		add_property(
		    results, "smtp", "mailfrom", scan->envelope.sender);
	}
	if (facts->has_spf_helo) {
		add_result(results, "spf", facts->spf_helo.result,
		    facts->spf_helo.reason);
		add_property(results, "smtp", "helo", scan->envelope.helo);
	}
}

static void
add_dkim(struct results *results, const struct auth_dkim_results *dkim)
{
	const struct auth_dkim_signature *signature;
	size_t i;

	if (dkim->signature_count == 0)
		add_result(results, "dkim", AUTH_NONE, NULL);
	for (i = 0; i < dkim->signature_count; i++) {
		signature = &dkim->signatures[i];
		add_result(
		    results, "dkim", signature->result, signature->reason);
		add_property(results, "header", "d", signature->domain);
		add_property(results, "header", "s", signature->selector);
		add_property(results, "header", "a", signature->algorithm);
		add_property(results, "header", "b", signature->b_prefix);
		add_property(results, "header", "i", signature->identity);
	}
	if (dkim->ignored_count > 0)
		add_result(results, "dkim", AUTH_POLICY,
		    "more signatures were not checked");
}

static void
add_dmarc(struct results *results, const struct verdict *verdict)
{
	const struct auth_dmarc_result *dmarc = &verdict->facts.dmarc;

	if (!verdict->facts.has_dmarc)
		return;
	add_result(results, "dmarc", dmarc->result, dmarc->reason);
	add_property(results, "header", "from", dmarc->author_domain);
	if (dmarc->policy_domain != NULL && dmarc->policy_domain[0] != '\0')
		add_property(results, "policy", "dmarc",
		    dmarc_policy_text(dmarc->disposition));
}

static enum status
add_header(struct verdict *verdict, const char *name, const char *value)
{
	if (value == NULL)
		return STATUS_NOMEM;
	verdict->headers[verdict->header_count].name = name;
	verdict->headers[verdict->header_count].value = value;
	verdict->header_count++;
	return STATUS_OK;
}

static enum status
write_authentication_results(struct scan *scan)
{
	struct authres authres = { scan->settings->authserv_id, 1, 0, NULL };
	struct results *results;
	const char *value;
	enum status status;

	results = region_alloc(scan->region, sizeof(*results));
	if (results == NULL)
		return STATUS_NOMEM;
	results->region = scan->region;
	if ((status = add_iprev(results, scan)) != STATUS_OK)
		return status;
	add_spf(results, scan);
	if (scan->verdict.facts.has_dkim)
		add_dkim(results, &scan->verdict.facts.dkim);
	add_dmarc(results, &scan->verdict);
	authres.results = results->rows;
	authres.result_count = results->count;
	status = authres_write(scan->region, &authres, &value);
	if (status != STATUS_OK)
		return status;
	return add_header(&scan->verdict, "Authentication-Results", value);
}

static enum status
write_reasons(struct scan *scan)
{
	char text[REASON_BYTES];
	size_t i, used = 0;
	int length;

	if (scan->verdict.reason_count == 0)
		return STATUS_OK;
	for (i = 0; i < scan->verdict.reason_count; i++) {
		length = snprintf(text + used, sizeof(text) - used, "%s%s",
		    i == 0 ? "" : "; ", scan->verdict.reasons[i]);
		if (length < 0 || (size_t)length >= sizeof(text) - used)
			break;
		used += (size_t)length;
	}
	text[used] = '\0';
	return add_header(&scan->verdict, "X-Gatepost-Reason",
	    region_strdup(scan->region, text));
}

enum status
headers_write(struct scan *scan)
{
	struct verdict *verdict = &scan->verdict;
	bool junk = verdict->action != ACTION_ACCEPT;
	enum status status;

	verdict->header_count = 0;
	if (!scan->envelope.is_inbound)
		return STATUS_OK;
	status = write_authentication_results(scan);
	if (status == STATUS_OK)
		status = add_header(verdict, "X-Gatepost-Verdict",
		    region_printf(scan->region, "action=%s; id=%s",
			verdict_action_text(verdict->action), verdict->id));
	if (status == STATUS_OK)
		status =
		    add_header(verdict, "X-Spam-Flag", junk ? "YES" : "NO");
	if (status == STATUS_OK)
		status = write_reasons(scan);
	return status;
}

static bool
is_forged(const struct message_field *field, const char *authserv_id)
{
	if (span_starts_nocase(field->name, "X-Spam") ||
	    span_starts_nocase(field->name, "X-Gatepost-"))
		return true;
	return span_equals_nocase(field->name, "Authentication-Results") &&
	    authres_claims(field->value, authserv_id);
}

/* The place of field i among the fields of its name, from 1. */
static int
index_of_name(const struct message *message, size_t i)
{
	const char *name = message->fields[i].name.data; /* ends in NUL */
	int index = 1;

	while (i-- > 0)
		index += span_equals_nocase(message->fields[i].name, name);
	return index;
}

size_t
headers_count_forged(const struct message *message, const char *authserv_id)
{
	size_t i, count = 0;

	for (i = 0; i < message->field_count; i++)
		count += is_forged(&message->fields[i], authserv_id);
	return count;
}

void
headers_remove_forged(const struct message *message, const char *authserv_id,
    void (*remove)(void *argument, const char *name, int index), void *argument)
{
	size_t i, left = HEADERS_FORGED_MAX;

	for (i = message->field_count; i > 0 && left > 0; i--) {
		if (!is_forged(&message->fields[i - 1], authserv_id))
			continue;
		remove(argument, message->fields[i - 1].name.data,
		    index_of_name(message, i - 1));
		left--;
	}
}
