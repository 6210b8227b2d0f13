/* spf - one check_host() (see spf.h). */
#include "config.h"

#include "lib/auth/spf.h"

#include <netinet/in.h>
#include <string.h>

#include "lib/auth/spf-private.h"
#include "lib/base/clock.h"
#include "lib/mail/domain.h"

/* Section 4.3: at least two labels of 1 to 63 bytes, no domain literal. */
static bool
domain_is_checkable(const char *domain)
{
	struct span rest = span_of(domain), label;
	unsigned int labels = 0;

	if (rest.length > SPF_NAME_BYTES_MAX || domain[0] == '[')
		return false;
	while (span_split(&rest, '.', &label)) {
		if (label.length == 0 || label.length > DOMAIN_LABEL_BYTES_MAX)
			return false;
		labels++;
	}
	return labels >= 2;
}

/* Neither blanks nor control bytes; 8-bit bytes may be of a U-label. */
static bool
is_visible(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text <= 0x20 || *text == 0x7f)
			return false;
	return true;
}

/*
 * The domain in lower case, U-labels as A-labels (RFC 8616 section 4), without
 * the trailing dot; "" when it cannot be one.  NULL when memory is short.
 */
static const char *
normalize_domain(struct region *region, struct span domain)
{
	char ascii[DOMAIN_INPUT_BYTES_MAX + 1];
	enum status status;
	size_t length;
	char *copy;

	if ((copy = region_memdup(region, domain.data, domain.length)) == NULL)
		return NULL;
	if (!is_visible(copy))
		return "";
	status = domain_to_ascii(copy, ascii, sizeof(ascii));
	if (status != STATUS_OK)
		return status == STATUS_NOMEM ? NULL : "";
	length = strlen(ascii);
	if (length > 0 && ascii[length - 1] == '.')
		ascii[--length] = '\0';
	ascii_lower_all(ascii, length);
	return region_strdup(region, ascii);
}

/* Sender, its two parts and the domain that is checked (section 2.4, 4.3). */
static enum status
split_sender(struct spf_eval *eval)
{
	const char *sender = eval->request->sender, *at;
	struct span local = span_of("postmaster"), domain;
	struct spf_macro_values *values = &eval->values;

	if (sender == NULL || sender[0] == '\0')
		sender = values->helo;
	at = sender == values->helo ? NULL : strrchr(sender, '@');
	domain = span_of(at == NULL ? sender : at + 1);
	if (at != NULL && at != sender) {
		local.data = sender;
		local.length = (size_t)(at - sender);
	}
	values->local_part =
	    region_memdup(eval->region, local.data, local.length);
	values->sender_domain = normalize_domain(eval->region, domain);
	if (values->local_part == NULL || values->sender_domain == NULL)
		return STATUS_NOMEM;
	values->domain = values->sender_domain;
	values->sender = region_printf(
	    eval->region, "%s@%s", values->local_part, values->sender_domain);
	return values->sender == NULL ? STATUS_NOMEM : STATUS_OK;
}

static bool
ip_is_loopback(const struct ip *ip)
{
	if (ip->family == AF_INET)
		return ip->bytes[0] == IN_LOOPBACKNET;
	return memcmp(ip->bytes, &in6addr_loopback, 16) == 0;
}

static enum status
eval_init(struct spf_eval *eval, struct region *region,
    const struct auth_spf_request *request)
{
	struct spf_macro_values *values = &eval->values;

	eval->region = region;
	eval->request = request;
	values->client_ip = ip_from_bytes(request->client_ip.family,
	    request->client_ip.bytes); /* folds an IPv4-mapped one */
	values->helo = request->helo == NULL ? "" : request->helo;
	values->receiver =
	    request->receiver == NULL || request->receiver[0] == '\0' ?
	    "unknown" :
	    request->receiver;
	values->client_name = "unknown";
	values->now_seconds = clock_wall_seconds();
	eval->is_client_flipped = ip_is_loopback(&values->client_ip);
	if ((eval->scratch = strbuf_new(SPF_EXPANSION_BYTES_MAX)) == NULL)
		return STATUS_NOMEM;
	return split_sender(eval);
}

static void
evaluate(struct spf_eval *eval, struct auth_spf_result *result)
{
	struct spf_target *identity;

	identity = spf_target_new(eval, SPF_TARGET_IDENTITY, NULL);
	if (identity == NULL)
		return;
	identity->name = eval->values.sender_domain;
	result->result = spf_dns_evaluate(eval);
	result->reason = eval->reason;
	result->lookup_count = eval->lookup_count;
	result->void_lookup_count = eval->void_count;
	if (result->result == AUTH_FAIL && eval->request->want_explanation &&
	    !eval->is_out_of_memory)
		result->explanation = spf_explain(eval);
}

static enum status
check(struct spf_eval *eval, struct auth_spf_result *result)
{
	result->domain = eval->values.sender_domain;
	if (eval->values.client_ip.family == AF_UNSPEC)
		return STATUS_OK; /* nothing to check against: none */
	if (!domain_is_checkable(result->domain)) {
		result->reason = "the domain cannot be looked up";
		return STATUS_OK;
	}
	evaluate(eval, result);
	return eval->is_out_of_memory ? STATUS_NOMEM : STATUS_OK;
}

enum status
auth_spf_check(struct region *region, const struct auth_spf_request *request,
    struct auth_spf_result *result_r)
{
	struct spf_eval *eval;
	enum status status;

	memset(result_r, 0, sizeof(*result_r));
	result_r->result = AUTH_NONE;
	result_r->domain = "";
	if ((eval = region_alloc(region, sizeof(*eval))) == NULL)
		return STATUS_NOMEM;
	status = eval_init(eval, region, request);
	if (status == STATUS_OK)
		status = check(eval, result_r);
	spf_target_release_all(eval);
	strbuf_free(&eval->scratch);
	return status;
}
