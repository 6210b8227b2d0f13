/* report-text - the verdict for a person at a terminal (see report.h). */
#include "config.h"

#include "lib/scan/report.h"

#include <string.h>

#include "lib/scan/report-content.h"

#define TEXT_BYTES 400 /* of one text out of the mail */

static void
line(FILE *out, const char *label, const char *result, const char *what)
{
	char shown[TEXT_BYTES];

	if (what == NULL)
		what = "";
	fprintf(out, "  %-12s %-10s %s\n", label, result,
	    str_show(shown, sizeof(shown), span_of(what)));
}

static void
remark(FILE *out, const char *why)
{
	char shown[TEXT_BYTES];

	if (why != NULL && why[0] != '\0')
		fprintf(out, "  %-12s %-10s - %s\n", "", "",
		    str_show(shown, sizeof(shown), span_of(why)));
}

static void
facts_text(FILE *out, const struct verdict *verdict)
{
	const struct facts *facts = &verdict->facts;
	size_t i;

	if (facts->has_iprev)
		line(out, "iprev", auth_result_text(facts->iprev.result),
		    facts->iprev.name);
	if (facts->has_spf_sender) {
		line(out, "spf", auth_result_text(facts->spf_sender.result),
		    facts->spf_sender.domain);
		remark(out, facts->spf_sender.reason);
		remark(out, facts->spf_sender.explanation);
	}
	if (facts->has_spf_helo) {
		line(out, "spf (helo)",
		    auth_result_text(facts->spf_helo.result),
		    facts->spf_helo.domain);
		remark(out, facts->spf_helo.reason);
	}
	if (facts->has_dkim && facts->dkim.signature_count == 0)
		line(out, "dkim", "none", "the message is not signed");
	for (i = 0; i < facts->dkim.signature_count; i++) {
		line(out, "dkim",
		    auth_result_text(facts->dkim.signatures[i].result),
		    facts->dkim.signatures[i].domain);
		remark(out, facts->dkim.signatures[i].reason);
	}
	if (facts->dkim.ignored_count > 0)
		line(out, "dkim", "policy", "more signatures were not checked");
	if (facts->has_dmarc) {
		line(out, "dmarc", auth_result_text(facts->dmarc.result),
		    facts->dmarc.author_domain);
		remark(out, facts->dmarc.reason);
	}
	if (facts->has_virus)
		line(out, "virus", clamav_result_text(facts->virus.result),
		    facts->virus.text);
}

static void
score_lines(FILE *out, const struct verdict *verdict)
{
	const struct symbol *symbol;
	char points[SCORE_TEXT_BYTES], required[SCORE_TEXT_BYTES];
	size_t i;

	fprintf(out, "Score:  %s (junk from %s)\n",
	    score_text(verdict->score.total, points),
	    score_text(verdict->required, required));
	for (i = 0; i < verdict->score.count; i++) {
		symbol = &verdict->score.symbols[i];
		fprintf(out, "  %6s  %-24s %s\n",
		    score_text(symbol->points, points), symbol_name(symbol->id),
		    symbol->reason);
		if (symbol->seen != NULL)
			fprintf(
			    out, "  %6s  %-24s \"%s\"\n", "", "", symbol->seen);
	}
}

void
report_text(FILE *out, const struct verdict *verdict)
{
	size_t i;

	fprintf(out, "Action: %s\n", verdict_action_text(verdict->action));
	if (verdict->judged != verdict->action)
		fprintf(out, "Judged: %s (score.mode = observe)\n",
		    verdict_action_text(verdict->judged));
	for (i = 0; i < verdict->reason_count; i++)
		fprintf(out, "Reason: %s\n", verdict->reasons[i]);
	if (verdict->reply_text != NULL)
		fprintf(out, "Reply:  %s %s %s\n", verdict->reply_code,
		    verdict->reply_enhanced, verdict->reply_text);
	score_lines(out, verdict);
	fprintf(out, "Checks:\n");
	facts_text(out, verdict);
	if (verdict->content != NULL)
		report_content_text(out, verdict->content);
	fprintf(out, "Header fields that the reader's copy gets:\n");
	for (i = 0; i < verdict->header_count; i++)
		fprintf(out, "  %s: %s\n", verdict->headers[i].name,
		    verdict->headers[i].value);
}
