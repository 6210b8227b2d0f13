/* spf-explain - the validated client name, and the text of a fail. */
#include "config.h"

#include <string.h>

#include "lib/auth/spf-private.h"
#include "lib/base/clock.h"
#include "lib/mail/domain.h"

#define EXPLANATION_BYTES_MAX 512 /* an SMTP reply line holds no more */

static bool
host_has_client(struct spf_eval *eval, struct spf_target *host)
{
	const struct dns_answer *answer = spf_target_wait(eval, host);
	size_t i;

	for (i = 0; i < answer->record_count; i++)
		if (ip_equals(
			&answer->records[i].address, &eval->values.client_ip))
			return true;
	return false;
}

/* 3: name is domain, 2: below it, 1: elsewhere (the order of section 7.3) */
static int
name_rank(const char *name, const char *domain)
{
	if (!domain_is_within(name, domain))
		return 1;
	return strlen(name) == strlen(domain) ? 3 : 2;
}

void
spf_eval_settle_client_name(struct spf_eval *eval, const char *domain)
{
	struct spf_target *host;
	unsigned int i;
	int rank, best = 0;

	eval->values.client_name = "unknown";
	spf_target_read_names(eval);
	for (i = 0; i < eval->name_count; i++)
		spf_target_start_ahead(
		    eval, eval->targets[eval->first_name + i]);
	for (i = 0; i < eval->name_count; i++) {
		host = eval->targets[eval->first_name + i];
		rank = name_rank(host->name, domain);
		if (rank <= best || !host_has_client(eval, host))
			continue;
		best = rank;
		eval->values.client_name = host->name;
	}
}

static bool
is_printable(struct span text)
{
	size_t i;

	for (i = 0; i < text.length; i++)
		if (!ascii_is_print(text.data[i]))
			return false;
	return text.length > 0;
}

static const char *
expand_explanation(
    struct spf_eval *eval, const char *domain, const struct dns_answer *answer)
{
	struct span text;

	if (answer->result != DNS_FOUND || answer->record_count != 1)
		return NULL;
	text = answer->records[0].text;
	if (!is_printable(text) || spf_macro_error(text, true) != NULL)
		return NULL;
	if (spf_macro_uses(text, 'p'))
		spf_eval_settle_client_name(eval, domain);
	eval->values.domain = domain;
	strbuf_reset(eval->scratch);
	spf_macro_expand(eval->scratch, text, &eval->values);
	text.data = strbuf_text(eval->scratch);
	text.length = strbuf_length(eval->scratch);
	if (strbuf_status(eval->scratch) != STATUS_OK ||
	    text.length > EXPLANATION_BYTES_MAX || !is_printable(text))
		return NULL;
	return region_memdup(eval->region, text.data, text.length);
}

const char *
spf_explain(struct spf_eval *eval)
{
	const struct spf_target *record = eval->explained_by;
	struct spf_target *target;

	if (record == NULL || record->explanation.length == 0)
		return NULL;
	if (spf_macro_uses(record->explanation, 'p'))
		spf_eval_settle_client_name(eval, record->name);
	target = spf_target_new(eval, SPF_TARGET_IDENTITY, NULL);
	if (target == NULL)
		return NULL;
	target->is_read = true; /* its text is no record */
	if (spf_eval_expand(eval, record->explanation, record->name,
		&target->name) != STATUS_OK)
		return NULL;
	return expand_explanation(
	    eval, record->name, spf_target_wait(eval, target));
}
