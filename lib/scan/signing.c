/* signing - DKIM signatures on outbound mail (see signing.h). */
#include "config.h"

#include "lib/scan/signing.h"

#include <stdlib.h>
#include <string.h>

#include "lib/auth/sign.h"
#include "lib/mail/address.h"
#include "lib/scan/scan-private.h"
#include "lib/scan/sender-login.h"

#define MS_PER_SECOND 1000

struct signing {
	const struct auth_sign_keys *keys; /* held while the message lives */
	const char *domain;                /* d= */
	size_t count;
	const struct auth_sign_entry *entries[AUTH_SIGN_ACTIVE_MAX];
	struct auth_sign *sign; /* NULL: unsigned, for this reason: */
	const char *reason;
	bool key_is_missing;
};

/* All mailboxes of From are in one domain; else there is a reason. */
static const char *
one_domain(const struct address *addresses, size_t count, const char **domain_r)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (addresses[i].domain[0] == '\0' ||
		    addresses[i].domain[0] == '[')
			return "an author in the From field has no domain";
		if (strcmp(addresses[i].domain, addresses[0].domain) != 0)
			return "the authors in the From field have several "
			       "domains";
	}
	*domain_r = addresses[0].domain;
	return NULL;
}

static const char *
why_not_of_login(const struct scan *scan)
{
	return scan->verdict.facts.sender.author == SENDERS_FOREIGN ?
	    "the login may not write as the author" :
	    "whether the login may write as the author cannot be told now";
}

/*
 * In whose name the message is signed: that of its author's domain, where the
 * login may write as the author.  The one place that decides it.  Without a
 * domain *reason_r says why.
 */
static enum status
choose_author_domain(
    struct scan *scan, const char **domain_r, const char **reason_r)
{
	const struct message *message = &scan->message;
	const struct message_field *from = message_find(message, "From", 0);
	struct address *addresses;
	size_t count, broken;
	enum status status;

	*domain_r = NULL;
	*reason_r = NULL;
	if (!sender_login_may_sign(scan)) {
		*reason_r = why_not_of_login(scan);
		return STATUS_OK;
	}
	if (from == NULL || message_find(message, "From", 1) != NULL) {
		*reason_r = from == NULL ? "the message has no From field" :
					   "the message has two From fields";
		return STATUS_OK;
	}
	status = address_parse_list(
	    scan->region, from->value, &addresses, &count, &broken);
	if (status == STATUS_NOMEM)
		return status;
	if (status != STATUS_OK || broken > 0 || count == 0)
		*reason_r = "the From field cannot be read";
	else
		*reason_r = one_domain(addresses, count, domain_r);
	return STATUS_OK;
}

static enum status
choose_keys(struct scan *scan, struct signing *signing, const char *author)
{
	const struct auth_sign_folder *folder = auth_sign_keys_find_for(
	    signing->keys, author, scan->settings->sign.subdomains);
	const char *why = auth_sign_keys_problem(signing->keys);

	/* Without a folder the author may be anybody: of a list, a redirect. */
	signing->key_is_missing = folder != NULL || why != NULL;
	if (why == NULL)
		why = "there is no folder of keys for it";
	if (folder != NULL) {
		signing->count =
		    auth_sign_keys_active(folder, signing->entries);
		signing->domain = folder->domain;
		why = folder->problem != NULL ?
		    folder->problem :
		    "no key in its folder can be used";
	}
	signing->key_is_missing &= signing->count == 0;
	if (signing->count > 0)
		return STATUS_OK;
	signing->reason =
	    region_printf(scan->region, "no DKIM key for %s: %s", author, why);
	return signing->reason == NULL ? STATUS_NOMEM : STATUS_OK;
}

static enum status
open_signer(struct scan *scan, struct signing *signing)
{
	const struct sign_conf *conf = &scan->settings->sign;
	struct auth_sign_options options = { 0 };

	options.domain = signing->domain;
	options.key_count = signing->count;
	options.keys = signing->entries;
	options.now = scan->services->now;
	options.expire_seconds = conf->expire / MS_PER_SECOND;
	options.line_limit = (size_t)conf->line_length_limit;
	options.more_fields = conf->sign_headers.items;
	options.more_field_count = conf->sign_headers.count;
	return auth_sign_new(scan->region, &options, &signing->sign);
}

const char *
signing_warning(
    const struct settings *settings, const struct auth_sign_keys *keys)
{
	const struct auth_sign_entry *entries[AUTH_SIGN_ACTIVE_MAX];
	size_t i, domains = 0;

	if (settings->senders.action != SENDERS_ACTION_OFF &&
	    senders_conf_has_source(&settings->senders))
		return NULL;
	for (i = 0; i < auth_sign_keys_count(keys); i++)
		domains += auth_sign_keys_active(
			       auth_sign_keys_get(keys, i), entries) > 0;
	if (domains < 2)
		return NULL;
	return "the keys of several domains sign, and section senders does not "
	       "say what a login may write as: any login is signed as any of "
	       "these domains";
}

enum status
signing_start(struct scan *scan)
{
	struct signing *signing;
	const char *author;
	enum status status;

	if (!scan->settings->sign.enabled || scan->services->sign_store == NULL)
		return STATUS_OK;
	if ((signing = calloc(1, sizeof(*signing))) == NULL)
		return STATUS_NOMEM;
	scan->signing = signing;
	signing->keys = auth_sign_store_hold(scan->services->sign_store);
	status = choose_author_domain(scan, &author, &signing->reason);
	if (status != STATUS_OK || author == NULL)
		return status;
	scan->verdict.header_from = author;
	status = choose_keys(scan, signing, author);
	if (status == STATUS_OK && signing->count > 0)
		status = open_signer(scan, signing);
	return status;
}

void
signing_body(struct signing *signing, const void *data, size_t length)
{
	if (signing != NULL && signing->sign != NULL)
		auth_sign_body(signing->sign, data, length);
}

/* In front of what the verdict has. */
static void
add_headers(struct verdict *verdict, const char *const *values, size_t count)
{
	size_t i;

	memmove(verdict->headers + count, verdict->headers,
	    verdict->header_count * sizeof(*verdict->headers));
	for (i = 0; i < count; i++) {
		verdict->headers[i].name = AUTH_SIGN_FIELD_NAME;
		verdict->headers[i].value = values[i];
	}
	verdict->header_count += count;
}

static enum status
join_selectors(struct scan *scan, const struct signing *signing)
{
	const char *text = signing->entries[0]->selector;
	size_t i;

	for (i = 1; i < signing->count && text != NULL; i++)
		text = region_printf(
		    scan->region, "%s,%s", text, signing->entries[i]->selector);
	scan->verdict.facts.signing.selectors = text;
	return text == NULL ? STATUS_NOMEM : STATUS_OK;
}

static enum status
sign(struct scan *scan, struct signing *signing)
{
	const char *values[AUTH_SIGN_ACTIVE_MAX];
	enum status status;

	status = auth_sign_finish(signing->sign, &scan->message, values);
	if (status == STATUS_LIMIT) {
		signing->reason = "too many header fields would be signed";
		return STATUS_OK;
	}
	if (status != STATUS_OK)
		return status;
	add_headers(&scan->verdict, values, signing->count);
	scan->verdict.facts.signing.domain =
	    region_strdup(scan->region, signing->domain);
	if (scan->verdict.facts.signing.domain == NULL)
		return STATUS_NOMEM;
	return join_selectors(scan, signing);
}

/* Nothing leaves unsigned. */
static enum status
defer(struct scan *scan, const struct signing *signing)
{
	struct verdict *verdict = &scan->verdict;

	verdict->action = verdict->judged = ACTION_TEMPFAIL;
	verdict->reply_code = "451";
	verdict->reply_enhanced = "4.3.5";
	verdict->reply_text = region_printf(scan->region,
	    "The message cannot be signed now: no DKIM key for its author's "
	    "domain [%s]",
	    verdict->id);
	verdict->reasons[0] = signing->reason;
	verdict->reason_count = 1;
	return verdict->reply_text == NULL ? STATUS_NOMEM : STATUS_OK;
}

enum status
signing_finish(struct scan *scan)
{
	struct signing *signing = scan->signing;
	struct verdict *verdict = &scan->verdict;
	enum status status = STATUS_OK;

	if (signing == NULL || verdict->action >= ACTION_TEMPFAIL)
		return STATUS_OK;
	if (signing->sign != NULL)
		status = sign(scan, signing);
	verdict->facts.has_signed = true;
	verdict->facts.signing.reason = signing->reason;
	if (status == STATUS_OK && signing->key_is_missing &&
	    scan->settings->sign.on_missing_key == SIGN_MISSING_KEY_TEMPFAIL)
		status = defer(scan, signing);
	return status;
}

void
signing_end(struct signing **signing)
{
	if (*signing == NULL)
		return;
	auth_sign_free(&(*signing)->sign);
	auth_sign_keys_release(&(*signing)->keys);
	free(*signing);
	*signing = NULL;
}
