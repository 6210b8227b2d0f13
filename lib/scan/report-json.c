/*
 * report-json - the verdict as JSON (see report.h).
 *
 * Text from mail may hold bytes that are no UTF-8: they become \xNN.  What is
 * not evaluated (ARC) is null.
 */
#include "config.h"

#include "lib/scan/report.h"

#include <jansson.h>
#include <string.h>

#include "lib/scan/report-content.h"

#define TEXT_BYTES  1024                   /* of one text out of the mail */
#define REAL_DIGITS JSON_REAL_PRECISION(8) /* 6.3, not 6.2999999999999998 */

static json_t *
text(const char *value)
{
	char shown[TEXT_BYTES];
	json_t *json;

	if (value == NULL)
		return json_null();
	if ((json = json_string(value)) != NULL)
		return json;
	return json_string(str_show(shown, sizeof(shown), span_of(value)));
}

/* Hundredths as a number of points. */
static json_t *
points(int hundredths)
{
	return json_real(hundredths / 100.0);
}

static json_t *
spf_json(bool has, const struct auth_spf_result *spf)
{
	if (!has)
		return json_pack("{s:s}", "result", "none");
	return json_pack("{s:s, s:o, s:o, s:o, s:i, s:i}", "result",
	    auth_result_text(spf->result), "domain", text(spf->domain),
	    "reason", text(spf->reason), "explanation", text(spf->explanation),
	    "lookups", (int)spf->lookup_count, "void_lookups",
	    (int)spf->void_lookup_count);
}

static json_t *
signature_json(const struct auth_dkim_signature *signature)
{
	return json_pack(
	    "{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:i, s:b, s:b, s:I}", "result",
	    auth_result_text(signature->result), "domain",
	    text(signature->domain), "selector", text(signature->selector),
	    "algorithm", text(signature->algorithm), "identity",
	    text(signature->identity), "b", text(signature->b_prefix), "reason",
	    text(signature->reason), "key_bits", (int)signature->key_bits,
	    "testing", (int)signature->testing, "secure",
	    (int)signature->secure, "unsigned_body_bytes",
	    (json_int_t)signature->unsigned_body_bytes);
}

static json_t *
dkim_json(const struct auth_dkim_results *dkim)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; array != NULL && i < dkim->signature_count; i++)
		if (json_array_append_new(
			array, signature_json(&dkim->signatures[i])) != 0) {
			json_decref(array);
			return NULL;
		}
	return array;
}

static json_t *
dmarc_json(bool has, const struct auth_dmarc_result *dmarc)
{
	if (!has)
		return json_pack("{s:s}", "result", "none");
	return json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:b, s:b, s:b}",
	    "result", auth_result_text(dmarc->result), "policy",
	    dmarc_policy_text(dmarc->policy), "disposition",
	    dmarc_policy_text(dmarc->disposition), "author_domain",
	    text(dmarc->author_domain), "organizational_domain",
	    text(dmarc->organizational_domain), "policy_domain",
	    text(dmarc->policy_domain), "reason", text(dmarc->reason),
	    "testing", (int)dmarc->testing, "spf_aligned",
	    (int)dmarc->spf_aligned, "dkim_aligned", (int)dmarc->dkim_aligned);
}

static json_t *
iprev_json(bool has, const struct auth_iprev_result *iprev)
{
	if (!has)
		return json_pack("{s:s}", "result", "none");
	return json_pack("{s:s, s:o}", "result",
	    auth_result_text(iprev->result), "name", text(iprev->name));
}

static json_t *
virus_json(bool has, const struct clamav_answer *virus)
{
	bool found = virus->result == CLAMAV_FOUND;
	bool failed = virus->result == CLAMAV_FAILED;

	if (!has)
		return json_null();
	return json_pack("{s:s, s:o, s:o}", "result",
	    clamav_result_text(virus->result), "name",
	    text(found ? virus->text : NULL), "reason",
	    text(failed ? virus->text : NULL));
}

static json_t *
auth_json(const struct facts *facts)
{
	return json_pack("{s:o, s:o, s:o, s:i, s:o, s:n, s:o}", "spf",
	    spf_json(facts->has_spf_sender, &facts->spf_sender), "helo_spf",
	    spf_json(facts->has_spf_helo, &facts->spf_helo), "dkim",
	    dkim_json(&facts->dkim), "dkim_ignored",
	    (int)facts->dkim.ignored_count, "dmarc",
	    dmarc_json(facts->has_dmarc, &facts->dmarc), "arc", "iprev",
	    iprev_json(facts->has_iprev, &facts->iprev));
}

static json_t *
headers_json(const struct verdict *verdict)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; array != NULL && i < verdict->header_count; i++)
		if (json_array_append_new(array,
			json_pack("{s:s, s:o}", "name",
			    verdict->headers[i].name, "value",
			    text(verdict->headers[i].value))) != 0) {
			json_decref(array);
			return NULL;
		}
	return array;
}

static json_t *
reasons_json(const struct verdict *verdict)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; array != NULL && i < verdict->reason_count; i++)
		if (json_array_append_new(array, text(verdict->reasons[i])) !=
		    0) {
			json_decref(array);
			return NULL;
		}
	return array;
}

static json_t *
symbols_json(const struct score *score)
{
	const struct symbol *symbol;
	json_t *array = json_array();
	size_t i;

	for (i = 0; array != NULL && i < score->count; i++) {
		symbol = &score->symbols[i];
		if (json_array_append_new(array,
			json_pack("{s:s, s:o, s:o, s:o, s:s}", "name",
			    symbol_name(symbol->id), "score",
			    points(symbol->points), "reason",
			    text(symbol->reason), "seen", text(symbol->seen),
			    "group",
			    symbol_group_text(symbol_group(symbol->id)))) !=
		    0) {
			json_decref(array);
			return NULL;
		}
	}
	return array;
}

static json_t *
not_asked_json(const struct report_not_asked *not_asked, size_t count)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; array != NULL && i < count; i++)
		if (json_array_append_new(array,
			json_pack("{s:o, s:o}", "subject",
			    text(not_asked[i].subject), "reason",
			    text(not_asked[i].reason))) != 0) {
			json_decref(array);
			return NULL;
		}
	return array;
}

enum status
report_json(FILE *out, const struct verdict *verdict,
    const struct report_not_asked *not_asked, size_t count)
{
	json_t *json;
	int written;

	json = json_pack(
	    "{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:o}",
	    "action", verdict_action_text(verdict->action), "judged",
	    verdict_action_text(verdict->judged), "score",
	    points(verdict->score.total), "required", points(verdict->required),
	    "symbols", symbols_json(&verdict->score), "auth",
	    auth_json(&verdict->facts), "virus",
	    virus_json(verdict->facts.has_virus, &verdict->facts.virus),
	    "headers", headers_json(verdict), "reasons", reasons_json(verdict),
	    "reply", text(verdict->reply_text), "id", verdict->id, "not_asked",
	    not_asked_json(not_asked, count));
	if (json == NULL || report_content_json(json, verdict->content) != 0) {
		json_decref(json);
		return STATUS_NOMEM;
	}
	written = json_dumpf(
	    json, out, JSON_INDENT(2) | JSON_ENSURE_ASCII | REAL_DIGITS);
	json_decref(json);
	return written == 0 && fputc('\n', out) != EOF ? STATUS_OK : STATUS_IO;
}
