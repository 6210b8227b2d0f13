/* report-log - one line a message (see report.h). */
#include "config.h"

#include "lib/scan/report.h"

#include <string.h>

#define DKIM_TEXT_BYTES    200
#define SYMBOLS_TEXT_BYTES 1000
#define CUT                ",..."

/* "pass:example.com,fail:example.net" */
static void
log_dkim(struct log_fields *fields, const struct auth_dkim_results *dkim)
{
	char text[DKIM_TEXT_BYTES];
	size_t i, used = 0;
	int length;

	for (i = 0; i < dkim->signature_count; i++) {
		length = snprintf(text + used, sizeof(text) - used, "%s%s:%s",
		    i == 0 ? "" : ",",
		    auth_result_text(dkim->signatures[i].result),
		    dkim->signatures[i].domain);
		if (length < 0 || (size_t)length >= sizeof(text) - used)
			break;
		used += (size_t)length;
	}
	text[used] = '\0';
	log_field(fields, "dkim", i == 0 ? "none" : text);
	if (dkim->ignored_count > 0)
		log_field_number(
		    fields, "dkim_ignored", (int64_t)dkim->ignored_count);
}

/* What became of the signatures of outbound mail. */
static void
log_signed(struct log_fields *fields, const struct fact_signed *signing)
{
	log_field(fields, "signed", signing->domain);
	log_field(fields, "selectors", signing->selectors);
	log_field(fields, "unsigned", signing->reason);
}

/* Whether the login may write as its sender. */
static void
log_sender(struct log_fields *fields, const struct fact_sender *sender)
{
	log_field(fields, "sender", senders_answer_text(sender->answer));
	log_field(fields, "sender_in", sender->where);
	log_field(fields, "sender_address", sender->address);
	log_field(fields, "sender_reason", sender->reason);
}

static void
log_virus(struct log_fields *fields, const struct clamav_answer *virus)
{
	log_field(fields, "virus", clamav_result_text(virus->result));
	log_field(fields,
	    virus->result == CLAMAV_FOUND ? "virus_name" : "virus_reason",
	    virus->text);
}

static void
log_facts(struct log_fields *fields, const struct verdict *verdict)
{
	const struct facts *facts = &verdict->facts;

	if (facts->has_iprev) {
		log_field(
		    fields, "iprev", auth_result_text(facts->iprev.result));
		log_field(fields, "ptr", facts->iprev.name);
	}
	if (facts->has_helo)
		log_field(fields, "helo_ip", auth_result_text(facts->helo));
	if (facts->has_spf_sender)
		log_field(
		    fields, "spf", auth_result_text(facts->spf_sender.result));
	if (facts->has_spf_helo)
		log_field(fields, "spf_helo",
		    auth_result_text(facts->spf_helo.result));
	if (facts->has_dkim)
		log_dkim(fields, &facts->dkim);
	if (facts->has_sender)
		log_sender(fields, &facts->sender);
	if (facts->has_signed)
		log_signed(fields, &facts->signing);
	if (facts->has_virus)
		log_virus(fields, &facts->virus);
	if (facts->urls_left_out)
		log_field(fields, "urls", "left_out");
	if (!facts->has_dmarc)
		return;
	log_field(fields, "dmarc", auth_result_text(facts->dmarc.result));
	log_field(
	    fields, "policy", dmarc_policy_text(facts->dmarc.disposition));
}

/* "A=1.2,B=0.5" */
static void
log_symbols(struct log_fields *fields, const struct score *score)
{
	char text[SYMBOLS_TEXT_BYTES], points[SCORE_TEXT_BYTES];
	size_t i, used = 0;
	int length;

	text[0] = '\0';
	for (i = 0; i < score->count; i++) {
		length = snprintf(text + used, sizeof(text) - used, "%s%s=%s",
		    i == 0 ? "" : ",", symbol_name(score->symbols[i].id),
		    score_text(score->symbols[i].points, points));
		if (length < 0 ||
		    (size_t)length >= sizeof(text) - sizeof(CUT) - used) {
			memcpy(text + used, CUT, sizeof(CUT));
			break;
		}
		used += (size_t)length;
	}
	log_field_own(fields, "symbols", text);
}

static void
log_verdict(struct log_fields *fields, const struct verdict *verdict)
{
	char points[SCORE_TEXT_BYTES];

	log_field(fields, "action", verdict_action_text(verdict->action));
	if (verdict->judged != verdict->action)
		log_field(
		    fields, "judged", verdict_action_text(verdict->judged));
	log_field(fields, "score", score_text(verdict->score.total, points));
	log_field(fields, "required", score_text(verdict->required, points));
	log_field(fields, "id", verdict->id);
}

void
report_log(const struct verdict *verdict, const struct envelope *envelope,
    int64_t duration_ms)
{
	struct log_fields fields;
	char text[IP_TEXT_BYTES];

	log_fields_init(&fields);
	log_field(&fields, "client", ip_text(&envelope->client_ip, text));
	log_field(&fields, "login", envelope->login);
	log_field(&fields, "helo", envelope->helo);
	log_field(&fields, "mail_from",
	    envelope->sender[0] == '\0' ? "<>" : envelope->sender);
	log_field_number(&fields, "rcpts", (int64_t)envelope->recipient_count);
	log_field(&fields, "from", verdict->header_from);
	log_facts(&fields, verdict);
	log_verdict(&fields, verdict);
	log_field_number(&fields, "ms", duration_ms);
	/* What is long stands last: it is left out where the line is full. */
	log_symbols(&fields, &verdict->score);
	if (verdict->reason_count > 0)
		log_field(&fields, "reason", verdict->reasons[0]);
	log_info("%s: message %s",
	    envelope->queue_id[0] == '\0' ? "-" : envelope->queue_id,
	    fields.text);
}
