/*
 * spf-front - a published record made fit for libspf2.
 *
 * ip4, ip6 and all are folded against the client here: the first that matches
 * becomes "all" with its qualifier, and what stands behind it falls away.  The
 * lookup terms become "a:t7.x" and the like, in the order of the record, with
 * redirect= at the end.  What libspf2 gets is at most 11 terms of some 15
 * bytes; its limit for a compiled record is 511 bytes.
 */
#include "config.h"

#include <string.h>

#include "lib/auth/spf-private.h"
#include "lib/auth/spf-record.h"

struct fold {
	struct spf_eval *eval;
	struct spf_target *record;
	struct strbuf *text;
	struct span redirect;
	unsigned int kept;
	bool is_complete; /* an all, or an address that matches, ends it */
};

static void
add_lookup(struct fold *fold, enum spf_target_kind kind, const char *prefix,
    const struct spf_term *term)
{
	struct spf_eval *eval = fold->eval;
	char token[SPF_TOKEN_BYTES];
	struct spf_target *target;
	bool is_ip6 = eval->values.client_ip.family == AF_INET6;

	if (fold->kept == SPF_TERMS_KEPT_MAX)
		return;
	if ((target = spf_target_new(eval, kind, fold->record)) == NULL)
		return;
	fold->kept++;
	target->spec = term->domain;
	target->bits = is_ip6 ? term->ip6_bits : term->ip4_bits;
	if (kind != SPF_TARGET_REDIRECT)
		strbuf_printf(fold->text, " %c", term->qualifier);
	strbuf_printf(
	    fold->text, "%s%s", prefix, spf_target_token(target, token));
	/* libspf2 takes a prefix of 0 for none: spf-dns.c settles that one. */
	if (target->bits != 0 && target->bits != (is_ip6 ? 128 : 32))
		strbuf_printf(
		    fold->text, "%s%u", is_ip6 ? "//" : "/", target->bits);
}

static void
complete(struct fold *fold, char qualifier)
{
	strbuf_printf(fold->text, " %call", qualifier);
	fold->is_complete = true;
}

static void
fold_term(struct fold *fold, const struct spf_term *term)
{
	switch (term->kind) {
	case SPF_TERM_ALL:
		complete(fold, term->qualifier);
		break;
	case SPF_TERM_IP4:
	case SPF_TERM_IP6:
		if (ip_in_network(
			&fold->eval->values.client_ip, &term->network))
			complete(fold, term->qualifier);
		break;
	case SPF_TERM_INCLUDE:
		add_lookup(fold, SPF_TARGET_INCLUDE, "include:", term);
		break;
	case SPF_TERM_A:
		add_lookup(fold, SPF_TARGET_A, "a:", term);
		break;
	case SPF_TERM_MX:
		add_lookup(fold, SPF_TARGET_MX, "mx:", term);
		break;
	case SPF_TERM_PTR:
		/*
		 * libspf2's own ptr calls a failed lookup a temperror.  As mx
		 * it tries the same hosts: those whose names fit the target.
		 */
		add_lookup(fold, SPF_TARGET_PTR, "mx:", term);
		break;
	case SPF_TERM_EXISTS:
		add_lookup(fold, SPF_TARGET_EXISTS, "exists:", term);
		break;
	case SPF_TERM_REDIRECT:
	case SPF_TERM_EXPLANATION:
	case SPF_TERM_MODIFIER:
		break; /* modifiers have no place in the order */
	}
}

static void
fold_record(struct fold *fold, struct span record)
{
	struct spf_term term, redirect = { .domain = { NULL, 0 } };
	const char *reason;

	strbuf_add_text(fold->text, "v=spf1");
	while (spf_record_next(&record, &term, &reason)) {
		if (term.kind == SPF_TERM_EXPLANATION)
			fold->record->explanation = term.domain;
		else if (term.kind == SPF_TERM_REDIRECT)
			redirect = term;
		else if (!fold->is_complete)
			fold_term(fold, &term);
	}
	if (!fold->is_complete && redirect.domain.length > 0)
		add_lookup(fold, SPF_TARGET_REDIRECT, " redirect=", &redirect);
	strbuf_add_char(fold->text, ' '); /* libspf2 asks for "v=spf1 " */
}

void
spf_front_read(
    struct spf_eval *eval, struct spf_target *target, struct span record)
{
	struct fold fold = { .eval = eval, .record = target };
	unsigned int first = eval->target_count, end;

	target->verdict = AUTH_PERMERROR;
	if ((target->reason = spf_record_error(record)) != NULL)
		return;
	fold.text = eval->scratch;
	strbuf_reset(fold.text);
	fold_record(&fold, record);
	end = eval->target_count;
	if (strbuf_status(fold.text) != STATUS_OK ||
	    (target->text = region_memdup(eval->region, strbuf_text(fold.text),
		 strbuf_length(fold.text))) == NULL)
		eval->is_out_of_memory = true;
	target->verdict = AUTH_PASS;
	for (; first < end; first++)
		spf_target_start_ahead(eval, eval->targets[first]);
}
