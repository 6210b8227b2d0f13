/*
 * spf-private - one evaluation, shared by the spf-*.c files.
 *
 * Every name that can be asked for is a *target* with a number.  libspf2 is
 * given the number in place of the name ("t7.x"), so that no byte of a record,
 * a sender or a DNS answer reaches it, and each of its questions tells us
 * which term it stands for.
 */
#ifndef GATEPOST_AUTH_SPF_PRIVATE_H
#define GATEPOST_AUTH_SPF_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/auth/spf-macro.h"
#include "lib/auth/spf.h"

/* The term that goes over the limit must be seen; what is behind it not. */
#define SPF_TERMS_KEPT_MAX (SPF_LOOKUPS_MAX + 1)

/*
 * At most 10 targets are started ahead and 10 evaluated, so at most 21 records
 * of 11 terms are read, and at most 20 MX terms of 11 names, and 10 PTR names.
 */
#define SPF_TARGETS_MAX 512

#define SPF_TOKEN_BYTES 16 /* "t512.x" and a NUL, with room */

enum spf_target_kind {
	SPF_TARGET_IDENTITY, /* the domain that is checked */
	SPF_TARGET_INCLUDE,
	SPF_TARGET_REDIRECT,
	SPF_TARGET_A,
	SPF_TARGET_MX,
	SPF_TARGET_PTR,
	SPF_TARGET_EXISTS,
	SPF_TARGET_MX_NAME, /* a host that an MX record names */
	SPF_TARGET_PTR_NAME /* a host that a PTR record names */
};

struct spf_target {
	enum spf_target_kind kind;
	unsigned int number;
	bool is_inside_include;
	bool
	    is_started; /* the name is settled, the question asked if it can be */
	bool is_read;   /* what the answer holds is below */
	bool is_counted;
	bool is_over_limit; /* the 11th name of an MX answer */
	struct span spec;   /* domain-spec; length 0: the record's own domain */
	unsigned int bits;  /* prefix length of the client's family */
	const char *domain; /* of the record that the term stands in */
	const char *name;   /* expanded; NULL: can name nothing */
	struct dns_question *question;

	/* identity, include, redirect: the record behind the name */
	enum auth_result verdict; /* AUTH_PASS: text can be evaluated */
	const char *reason;
	const char *text; /* for libspf2 */
	struct span explanation;

	/* MX: its hosts, targets of one run of numbers */
	unsigned int first_host;
	unsigned int host_count;
};

struct spf_eval {
	struct region *region;
	const struct auth_spf_request *request;
	struct spf_macro_values values;
	struct strbuf *scratch;
	bool is_client_flipped; /* see spf_dns_address() */

	struct spf_target *targets[SPF_TARGETS_MAX];
	unsigned int target_count;
	unsigned int started_count; /* lookup terms whose question was asked */
	unsigned int lookup_count;
	unsigned int void_count;

	struct dns_question *ptr_question; /* of the client address */
	bool are_names_read;
	bool is_ptr_counted; /* %{p} counts once */
	unsigned int first_name;
	unsigned int name_count;

	const struct spf_target *explained_by; /* whose exp= is in force */
	bool is_decided; /* the result is settled, whatever libspf2 says */
	enum auth_result verdict;
	const char *reason;
	bool is_out_of_memory;
};

/* spf-target.c: names, questions, waiting, counting */

/*
 * spf_target_new - adds a target.
 *
 * parent  the target whose record or answer names it; NULL for the identity
 * Returns NULL when memory is short or the table full (noted in eval).
 */
struct spf_target *spf_target_new(struct spf_eval *eval,
    enum spf_target_kind kind, const struct spf_target *parent);

/* spf_target_find - by its token "t7.x"; NULL for anything else */
struct spf_target *spf_target_find(
    const struct spf_eval *eval, const char *token);

/* spf_target_token - writes the token of a target; returns token */
const char *spf_target_token(
    const struct spf_target *target, char token[SPF_TOKEN_BYTES]);

/* spf_target_start_ahead - asks now what will be needed later, if it may */
void spf_target_start_ahead(struct spf_eval *eval, struct spf_target *target);

/*
 * spf_target_wait - the answer for a target; asks first if need be.
 *
 * While it waits, what other answers call for is asked.  Never NULL.
 */
const struct dns_answer *spf_target_wait(
    struct spf_eval *eval, struct spf_target *target);

/* spf_target_read - what the answer holds: see struct spf_target */
void spf_target_read(struct spf_eval *eval, struct spf_target *target);

/*
 * spf_target_read_names - the names of the client's address, at most 10, as
 * targets first_name.. of eval; none when the lookup fails (section 5.5)
 */
void spf_target_read_names(struct spf_eval *eval);

/*
 * spf_target_count - one more lookup term (section 4.6.4).
 *
 * False, with eval decided, when it is one too many.
 */
bool spf_target_count(struct spf_eval *eval, struct spf_target *target);

/* spf_target_note_answer - counts void answers, settles temperror */
void spf_target_note_answer(struct spf_eval *eval,
    const struct spf_target *target, const struct dns_answer *answer);

/* spf_target_release_all - gives back all questions */
void spf_target_release_all(struct spf_eval *eval);

/* spf_eval_decide - settles the result; the first decision stands */
void spf_eval_decide(
    struct spf_eval *eval, enum auth_result verdict, const char *reason);

/* spf_eval_decide_about - as spf_eval_decide(), the reason names target */
void spf_eval_decide_about(struct spf_eval *eval, enum auth_result verdict,
    const struct spf_target *target, const char *reason);

/* spf_eval_expand - expands spec for the record of domain; see spf-macro.h */
enum status spf_eval_expand(struct spf_eval *eval, struct span spec,
    const char *domain, const char **name_r) GP_MUST_CHECK;

/*
 * spf_eval_settle_client_name - sets values.client_name for %{p} in a record
 * of domain (section 7.3); asks for names and addresses, and waits
 */
void spf_eval_settle_client_name(struct spf_eval *eval, const char *domain);

/* spf-front.c */

/*
 * spf_front_read - turns a record into what libspf2 may see of it.
 *
 * Sets verdict, reason, text and explanation of target, adds a target for each
 * lookup term and starts their questions.
 */
void spf_front_read(
    struct spf_eval *eval, struct spf_target *target, struct span record);

/* spf-dns.c */

/*
 * spf_dns_evaluate - lets libspf2 evaluate the identity (target 0).
 *
 * Its DNS questions come back to the targets of eval.  Returns the result,
 * eval's own decision first.
 */
enum auth_result spf_dns_evaluate(struct spf_eval *eval);

/* spf-explain.c */

/*
 * spf_explain - the explanation of a fail (section 6.2).
 *
 * Returns NULL when there is none, or region memory, printable ASCII.
 */
const char *spf_explain(struct spf_eval *eval);

#endif
