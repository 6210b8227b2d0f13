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
#include "lib/base/strbuf.h"
#include "lib/scan/scan-private.h"
#include "lib/scan/verdict-seal.h"

#define RESULTS_MAX        (DKIM_SIGNATURES_MAX + 8)
#define PROPERTIES_MAX     6
#define LINE_COLUMNS       78 /* RFC 5322 section 2.1.1 */
#define VALUE_BYTES        8000
#define SUBJECT_LINE_BYTES 900 /* with a tag below 998 (RFC 5322 2.1.1) */
#define LEVEL_STARS        50

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

/* RFC 8904; one for the client. */
static enum status
add_dnswl(struct results *results, const struct facts *facts)
{
	char text[IP_TEXT_BYTES], *copy;

	if (!facts->has_dnswl)
		return STATUS_OK;
	copy =
	    region_strdup(results->region, ip_text(&facts->dnswl.answer, text));
	if (copy == NULL)
		return STATUS_NOMEM;
	add_result(results, "dnswl", AUTH_PASS, NULL);
	add_property(results, "dns", "zone", facts->dnswl.zone);
	add_property(results, "policy", "ip", copy);
	add_property(results, "dns", "sec", facts->dnswl.secure ? "yes" : "no");
	return STATUS_OK;
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
	status = add_dnswl(results, &scan->verdict.facts);
	if (status != STATUS_OK)
		return status;
	authres.results = results->rows;
	authres.result_count = results->count;
	status = authres_write(scan->region, &authres, &value);
	if (status != STATUS_OK)
		return status;
	return add_header(&scan->verdict, "Authentication-Results", value);
}

/* A value that is folded between words, and how wide its last line is. */
struct folded {
	struct strbuf *text;
	size_t column;
};

static void
fold(struct folded *folded)
{
	strbuf_add_text(folded->text, "\n\t");
	folded->column = 8;
}

/* One word, on a new line where it does not fit. */
static void
add_word(struct folded *folded, const char *word, size_t length)
{
	if (folded->column + length > LINE_COLUMNS)
		fold(folded);
	strbuf_add(folded->text, word, length);
	folded->column += length;
}

/* Words of text; a fold takes the place of the blank in front of a word. */
static void
add_words(struct folded *folded, const char *text)
{
	size_t length;

	while (*text != '\0') {
		length = (*text == ' ') + strcspn(text + (*text == ' '), " ");
		if (*text == ' ' && folded->column + length > LINE_COLUMNS) {
			fold(folded);
			text++;
			length--;
		}
		strbuf_add(folded->text, text, length);
		folded->column += length;
		text += length;
	}
}

/* The finished value as region memory; frees the buffer. */
static enum status
finish_folded(struct scan *scan, struct folded *folded, const char *name)
{
	enum status status = strbuf_status(folded->text);

	if (status == STATUS_OK)
		status = add_header(&scan->verdict, name,
		    region_strdup(scan->region, strbuf_text(folded->text)));
	strbuf_free(&folded->text);
	return status;
}

static enum status
begin_folded(struct folded *folded, const char *name)
{
	folded->column = strlen(name) + 2;
	folded->text = strbuf_new(VALUE_BYTES);
	return folded->text == NULL ? STATUS_NOMEM : STATUS_OK;
}

static enum status
write_reasons(struct scan *scan)
{
	static const char name[] = "X-Gatepost-Reason";
	const struct verdict *verdict = &scan->verdict;
	struct folded folded;
	char ascii[VERDICT_REASON_BYTES];
	size_t i;

	if (begin_folded(&folded, name) != STATUS_OK)
		return STATUS_NOMEM;
	for (i = 0; i < verdict->reason_count; i++) {
		if (i > 0)
			add_words(&folded, "; ");
		add_words(&folded,
		    str_sanitize(
			ascii, sizeof(ascii), span_of(verdict->reasons[i])));
	}
	return finish_folded(scan, &folded, name);
}

/* "Yes, score=6.3 required=5.0 tests=A=1.2,B=0.5 version=..." */
static enum status
write_spam_status(struct scan *scan, bool junk)
{
	static const char name[] = "X-Spam-Status";
	const struct score *score = &scan->verdict.score;
	char total[SCORE_TEXT_BYTES], required[SCORE_TEXT_BYTES], word[128];
	struct folded folded;
	size_t i;

	if (begin_folded(&folded, name) != STATUS_OK)
		return STATUS_NOMEM;
	snprintf(word, sizeof(word),
	    "%s, score=%s required=%s tests=", junk ? "Yes" : "No",
	    score_text(score->total, total),
	    score_text(scan->verdict.required, required));
	add_word(&folded, word, strlen(word));
	for (i = 0; i < score->count; i++) {
		snprintf(word, sizeof(word), "%s=%s%s",
		    symbol_name(score->symbols[i].id),
		    score_text(score->symbols[i].points, total),
		    i + 1 < score->count ? "," : "");
		add_word(&folded, word, strlen(word));
	}
	add_words(&folded,
	    score->count == 0 ? "none version=Gatepost-" PACKAGE_VERSION :
				" version=Gatepost-" PACKAGE_VERSION);
	return finish_folded(scan, &folded, name);
}

/* A star a point; none: no field. */
static enum status
write_level(struct scan *scan)
{
	char stars[LEVEL_STARS + 1];
	int count = scan->verdict.score.total / 100;

	if (count <= 0)
		return STATUS_OK;
	if (count > LEVEL_STARS)
		count = LEVEL_STARS;
	memset(stars, '*', (size_t)count);
	stars[count] = '\0';
	return add_header(
	    &scan->verdict, "X-Spam-Level", region_strdup(scan->region, stars));
}

/* "action=junk; score=6.3; required=5.0; id=..." */
static const char *
verdict_words(struct scan *scan)
{
	const struct verdict *verdict = &scan->verdict;
	char score[SCORE_TEXT_BYTES], required[SCORE_TEXT_BYTES];
	bool observed = verdict->action != verdict->judged;

	return region_printf(scan->region,
	    "action=%s; score=%s; required=%s;%s%s%s id=%s",
	    verdict_action_text(verdict->action),
	    score_text(verdict->score.total, score),
	    score_text(verdict->required, required), observed ? " judged=" : "",
	    observed ? verdict_action_text(verdict->judged) : "",
	    observed ? ";" : "", verdict->id);
}

/* With what proves to our own delivery that it is ours. */
static const char *
sealed_words(struct scan *scan, const char *words)
{
	const struct facts *facts = &scan->verdict.facts;
	char seal[VERDICT_SEAL_BYTES];
	const char *text;

	text = region_printf(scan->region, "%s; dmarc=%s;\n\tby=%s;\n\t", words,
	    auth_result_text(
		facts->has_dmarc ? facts->dmarc.result : AUTH_NONE),
	    scan->settings->authserv_id);
	if (text == NULL ||
	    verdict_seal(scan->settings->general.secret, span_of(text),
		&scan->message, seal) != STATUS_OK)
		return NULL;
	return region_printf(scan->region, "%sseal=%s", text, seal);
}

static enum status
write_verdict(struct scan *scan)
{
	const char *words = verdict_words(scan);

	if (words != NULL && scan->settings->general.secret[0] != '\0')
		words = sealed_words(scan, words);
	return add_header(&scan->verdict, VERDICT_FIELD, words);
}

/* What mail clients read. */
static enum status
write_spam_fields(struct scan *scan, bool junk)
{
	struct verdict *verdict = &scan->verdict;
	char score[SCORE_TEXT_BYTES];
	enum status status;

	status = add_header(verdict, "X-Spam-Flag", junk ? "YES" : "NO");
	if (status == STATUS_OK)
		status = write_spam_status(scan, junk);
	if (status == STATUS_OK)
		status = add_header(verdict, "X-Spam-Score",
		    region_strdup(
			scan->region, score_text(verdict->score.total, score)));
	if (status == STATUS_OK)
		status = write_level(scan);
	if (status == STATUS_OK && junk)
		status = add_header(verdict, "X-Spam", "Yes");
	return status;
}

/* Line breaks of folds as the milter protocol wants them. */
static void
drop_returns(char *text)
{
	char *to = text;

	for (; *text != '\0'; text++)
		if (*text != '\r')
			*to++ = *text;
	*to = '\0';
}

/* The tag in front of the subject; an old one is not doubled. */
static enum status
write_subject(struct scan *scan)
{
	const char *tag = scan->settings->score.subject_tag;
	const struct message_field *field;
	struct span value = { "", 0 };
	char *subject;

	if (tag[0] == '\0')
		return STATUS_OK;
	field = message_find(&scan->message, "Subject", 0);
	if (field != NULL)
		value = span_trim(field->value);
	if (span_starts_nocase(value, tag))
		return STATUS_OK;
	subject = region_printf(scan->region, "%s%s%.*s", tag,
	    value.length > SUBJECT_LINE_BYTES ? "\n\t" : " ", (int)value.length,
	    value.data);
	if (subject == NULL)
		return STATUS_NOMEM;
	drop_returns(subject);
	scan->verdict.subject = subject;
	return STATUS_OK;
}

/* Outbound mail that goes on though its login may not write as its sender; the
 * login itself is nobody's business outside. */
static enum status
write_sender_mark(struct scan *scan)
{
	static const char name[] = "X-Gatepost-Sender";
	const struct fact_sender *sender = &scan->verdict.facts.sender;
	struct folded folded;

	if (!scan->verdict.facts.has_sender ||
	    sender->answer != SENDERS_FOREIGN)
		return STATUS_OK;
	if (begin_folded(&folded, name) != STATUS_OK)
		return STATUS_NOMEM;
	add_words(&folded, sender->address);
	add_words(&folded, " in ");
	add_words(&folded, sender->where);
	add_words(&folded, " does not belong to the login");
	return finish_folded(scan, &folded, name);
}

enum status
headers_write(struct scan *scan)
{
	struct verdict *verdict = &scan->verdict;
	/* A deferral that is only observed is no junk. */
	bool junk = verdict->score.total >= verdict->required;
	enum status status;

	verdict->header_count = 0;
	verdict->subject = NULL;
	if (!scan->envelope.is_inbound)
		return write_sender_mark(scan);
	if ((status = write_authentication_results(scan)) != STATUS_OK)
		return status;
	if ((status = write_verdict(scan)) != STATUS_OK)
		return status;
	if ((status = write_spam_fields(scan, junk)) != STATUS_OK)
		return status;
	if ((status = write_reasons(scan)) != STATUS_OK)
		return status;
	if (junk && verdict->action == verdict->judged)
		return write_subject(scan);
	return STATUS_OK;
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
