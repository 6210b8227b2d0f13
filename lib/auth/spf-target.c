/*
 * spf-target - the names of an evaluation: asking, waiting, counting.
 *
 * A question starts as soon as its name is known.  What is asked ahead is at
 * most 10 lookup terms over the whole evaluation, so a tree of includes cannot
 * multiply; what counts (section 4.6.4) is only what libspf2 comes to.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "lib/auth/spf-private.h"
#include "lib/auth/spf-record.h"
#include "lib/base/clock.h"

/*
 * Answers to questions asked together come together: before waiting long for
 * one, the others get this time to come in, so that what they call for is
 * asked in the same round.
 */
#define GATHER_ROUNDS   3
#define GATHER_ROUND_NS 1000000 /* 1 ms */

static const struct dns_answer no_such_name = { .result = DNS_NXDOMAIN };
static const struct dns_answer no_answer = { .result = DNS_SERVFAIL };

void
spf_eval_decide(
    struct spf_eval *eval, enum auth_result verdict, const char *reason)
{
	if (eval->is_decided)
		return;
	eval->is_decided = true;
	eval->verdict = verdict;
	eval->reason = reason;
}

void
spf_eval_decide_about(struct spf_eval *eval, enum auth_result verdict,
    const struct spf_target *target, const char *reason)
{
	char name[SPF_NAME_BYTES_MAX + 1];
	char *text;

	str_sanitize(name, sizeof(name), span_of(target->name));
	text = region_printf(eval->region, "%s: %s", name, reason);
	spf_eval_decide(eval, verdict,
	    target->name == NULL || text == NULL ? reason : text);
}

struct spf_target *
spf_target_new(struct spf_eval *eval, enum spf_target_kind kind,
    const struct spf_target *parent)
{
	struct spf_target *target;

	if (eval->target_count == SPF_TARGETS_MAX) {
		spf_eval_decide(eval, AUTH_PERMERROR, "too many names");
		return NULL;
	}
	if ((target = region_alloc(eval->region, sizeof(*target))) == NULL) {
		eval->is_out_of_memory = true;
		return NULL;
	}
	target->kind = kind;
	target->number = eval->target_count;
	if (parent != NULL) {
		target->domain = parent->name;
		target->is_inside_include =
		    parent->is_inside_include || kind == SPF_TARGET_INCLUDE;
	}
	eval->targets[eval->target_count++] = target;
	return target;
}

const char *
spf_target_token(const struct spf_target *target, char token[SPF_TOKEN_BYTES])
{
	snprintf(token, SPF_TOKEN_BYTES, "t%u.x", target->number);
	return token;
}

struct spf_target *
spf_target_find(const struct spf_eval *eval, const char *token)
{
	struct span number = span_of(token);
	uint64_t index;

	if (number.length < 4 || token[0] != 't')
		return NULL;
	number.data++;
	number.length -= 3;
	if (eval->target_count == 0 ||
	    str_to_uint64(number, eval->target_count - 1, &index) != STATUS_OK)
		return NULL;
	return eval->targets[index];
}

enum status
spf_eval_expand(struct spf_eval *eval, struct span spec, const char *domain,
    const char **name_r)
{
	enum status status;

	eval->values.domain = domain;
	status = spf_macro_expand_name(
	    eval->region, eval->scratch, spec, &eval->values, name_r);
	if (status == STATUS_NOMEM)
		eval->is_out_of_memory = true;
	return status;
}

/* The name of a target whose macros are at hand; NULL if it can name none. */
static void
settle_name(struct spf_eval *eval, struct spf_target *target)
{
	if (target->name != NULL) /* a name that DNS gave, or the identity */
		return;
	if (target->spec.length == 0)
		target->name = target->domain;
	else if (spf_eval_expand(eval, target->spec, target->domain,
		     &target->name) != STATUS_OK)
		target->name = NULL;
}

static enum dns_type
question_type(const struct spf_eval *eval, const struct spf_target *target)
{
	switch (target->kind) {
	case SPF_TARGET_IDENTITY:
	case SPF_TARGET_INCLUDE:
	case SPF_TARGET_REDIRECT:
		return DNS_TYPE_TXT;
	case SPF_TARGET_MX:
		return DNS_TYPE_MX;
	case SPF_TARGET_PTR:
		return DNS_TYPE_PTR;
	case SPF_TARGET_EXISTS:
		return DNS_TYPE_A; /* section 5.7: also for IPv6 clients */
	case SPF_TARGET_A:
	case SPF_TARGET_MX_NAME:
	case SPF_TARGET_PTR_NAME:
		break;
	}
	return eval->values.client_ip.family == AF_INET6 ? DNS_TYPE_AAAA :
							   DNS_TYPE_A;
}

/* Bytes of an expanded name as dns_ask() wants them; false: none can be. */
static bool
escape_name(const char *name, char escaped[2 * SPF_NAME_BYTES_MAX + 1])
{
	size_t i, used = 0;

	for (i = 0; name[i] != '\0'; i++) {
		if (!ascii_is_print(name[i]) || i == SPF_NAME_BYTES_MAX)
			return false;
		if (name[i] == '\\')
			escaped[used++] = '\\';
		escaped[used++] = name[i];
	}
	escaped[used] = '\0';
	return used > 0;
}

static void
ask(struct spf_eval *eval, const char *name, enum dns_type type,
    struct dns_question **question_r)
{
	if (dns_ask(eval->request->dns, name, type, eval->request->deadline_ms,
		question_r) != STATUS_OK) {
		*question_r = NULL;
		eval->is_out_of_memory = true;
	}
}

static void
ask_client_names(struct spf_eval *eval)
{
	char name[IP_REVERSE_BYTES];

	if (eval->ptr_question == NULL &&
	    ip_reverse(&eval->values.client_ip, NULL, name, sizeof(name)) ==
		STATUS_OK)
		ask(eval, name, DNS_TYPE_PTR, &eval->ptr_question);
}

static bool
is_host(const struct spf_target *target)
{
	return target->kind == SPF_TARGET_MX_NAME ||
	    target->kind == SPF_TARGET_PTR_NAME;
}

static void
start(struct spf_eval *eval, struct spf_target *target)
{
	char escaped[2 * SPF_NAME_BYTES_MAX + 1];
	enum dns_type type = question_type(eval, target);

	if (target->is_started)
		return;
	target->is_started = true;
	settle_name(eval, target);
	if (target->kind == SPF_TARGET_PTR)
		ask_client_names(eval);
	else if (is_host(target)) /* as DNS spells it */
		ask(eval, target->name, type, &target->question);
	else if (target->name != NULL && escape_name(target->name, escaped))
		ask(eval, escaped, type, &target->question);
	if (!is_host(target) && target->kind != SPF_TARGET_IDENTITY)
		eval->started_count++;
}

void
spf_target_start_ahead(struct spf_eval *eval, struct spf_target *target)
{
	if (is_host(target)) {
		if (!target->is_over_limit)
			start(eval, target);
		return;
	}
	if (eval->started_count >= SPF_LOOKUPS_MAX)
		return;
	if (spf_macro_uses(target->spec, 'p')) {
		ask_client_names(eval); /* the name itself waits for it */
		return;
	}
	start(eval, target);
}

/* An answer for this target will name more to ask. */
static bool
leads_further(const struct spf_target *target)
{
	switch (target->kind) {
	case SPF_TARGET_IDENTITY:
	case SPF_TARGET_INCLUDE:
	case SPF_TARGET_REDIRECT:
	case SPF_TARGET_MX:
		return target->question != NULL && !target->is_read;
	case SPF_TARGET_A:
	case SPF_TARGET_PTR:
	case SPF_TARGET_EXISTS:
	case SPF_TARGET_MX_NAME:
	case SPF_TARGET_PTR_NAME:
		break;
	}
	return false;
}

/*
 * Reads what has come in.  Returns how many others than the awaited one are
 * still out and lead further.
 */
static unsigned int
read_ready(struct spf_eval *eval, const struct dns_question *awaited)
{
	unsigned int i, open = 0;

	for (i = 0; i < eval->target_count; i++) {
		struct spf_target *target = eval->targets[i];

		if (!leads_further(target))
			continue;
		if (dns_is_ready(target->question))
			spf_target_read(eval, target);
		else if (target->question != awaited)
			open++;
	}
	return open;
}

static const struct dns_answer *
wait_question(struct spf_eval *eval, struct dns_question *question)
{
	const struct timespec round = { 0, GATHER_ROUND_NS };
	int i;

	if (question == NULL)
		return eval->is_out_of_memory ? &no_answer : &no_such_name;
	for (i = 0; i < GATHER_ROUNDS && !dns_is_ready(question); i++) {
		if (read_ready(eval, question) == 0)
			break;
		nanosleep(&round, NULL);
	}
	return dns_wait(question);
}

const struct dns_answer *
spf_target_wait(struct spf_eval *eval, struct spf_target *target)
{
	if (!target->is_started && spf_macro_uses(target->spec, 'p')) {
		if (!eval->is_ptr_counted && !is_host(target)) {
			eval->is_ptr_counted = true;
			if (!spf_target_count(eval, NULL))
				return &no_answer;
		}
		spf_eval_settle_client_name(eval, target->domain);
	}
	start(eval, target);
	return wait_question(eval,
	    target->kind == SPF_TARGET_PTR ? eval->ptr_question :
					     target->question);
}

static void
read_record(struct spf_eval *eval, struct spf_target *target,
    const struct dns_answer *answer)
{
	const struct dns_record *found = NULL;
	size_t i;

	target->verdict = AUTH_NONE;
	if (dns_result_is_temporary(answer->result)) {
		target->verdict = AUTH_TEMPERROR;
		target->reason = "the SPF record could not be looked up";
		return;
	}
	for (i = 0; i < answer->record_count; i++) {
		if (!spf_record_is_spf1(answer->records[i].text))
			continue;
		if (found != NULL) {
			target->verdict = AUTH_PERMERROR;
			target->reason = "two SPF records are published";
			return;
		}
		found = &answer->records[i];
	}
	if (found != NULL)
		spf_front_read(eval, target, found->text);
}

static void
read_mx(struct spf_eval *eval, struct spf_target *target,
    const struct dns_answer *answer)
{
	struct spf_target *host;
	size_t i;

	target->first_host = eval->target_count;
	for (i = 0; i < answer->record_count; i++) {
		if (answer->records[i].mx.exchange[0] == '\0')
			continue; /* the null MX */
		host = spf_target_new(eval, SPF_TARGET_MX_NAME, NULL);
		if (host == NULL)
			return;
		host->name = answer->records[i].mx.exchange;
		host->bits = target->bits;
		target->host_count++;
		if (target->host_count > SPF_NAMES_MAX) {
			host->is_over_limit = true;
			return;
		}
		spf_target_start_ahead(eval, host);
	}
}

void
spf_target_read(struct spf_eval *eval, struct spf_target *target)
{
	const struct dns_answer *answer = spf_target_wait(eval, target);

	if (target->is_read)
		return;
	target->is_read = true;
	if (target->kind == SPF_TARGET_MX)
		read_mx(eval, target, answer);
	else
		read_record(eval, target, answer);
}

void
spf_target_read_names(struct spf_eval *eval)
{
	const struct dns_answer *answer;
	struct spf_target *host;
	size_t i;

	if (eval->are_names_read)
		return;
	eval->are_names_read = true;
	ask_client_names(eval);
	answer = wait_question(eval, eval->ptr_question);
	eval->first_name = eval->target_count;
	for (i = 0; i < answer->record_count && i < SPF_NAMES_MAX; i++) {
		host = spf_target_new(eval, SPF_TARGET_PTR_NAME, NULL);
		if (host == NULL)
			return;
		host->name = answer->records[i].name;
		host->bits =
		    eval->values.client_ip.family == AF_INET6 ? 128 : 32;
		eval->name_count++;
	}
}

bool
spf_target_count(struct spf_eval *eval, struct spf_target *target)
{
	if (target != NULL && target->is_counted)
		return true;
	if (target != NULL)
		target->is_counted = true;
	if (eval->lookup_count == SPF_LOOKUPS_MAX) {
		spf_eval_decide(eval, AUTH_PERMERROR,
		    "more than 10 terms need a DNS lookup");
		return false;
	}
	eval->lookup_count++;
	return true;
}

void
spf_target_note_answer(struct spf_eval *eval, const struct spf_target *target,
    const struct dns_answer *answer)
{
	bool is_ptr = target->kind == SPF_TARGET_PTR ||
	    target->kind == SPF_TARGET_PTR_NAME;

	if (dns_result_is_temporary(answer->result)) {
		if (!is_ptr) /* section 5.5: no match */
			spf_eval_decide_about(eval, AUTH_TEMPERROR, target,
			    "could not be looked up");
		return;
	}
	if (answer->result == DNS_FOUND || is_host(target))
		return;
	if (++eval->void_count > SPF_VOID_LOOKUPS_MAX)
		spf_eval_decide(eval, AUTH_PERMERROR,
		    "more than 2 terms name nothing in DNS");
}

void
spf_target_release_all(struct spf_eval *eval)
{
	unsigned int i;

	for (i = 0; i < eval->target_count; i++)
		dns_release(&eval->targets[i]->question);
	dns_release(&eval->ptr_question);
}
