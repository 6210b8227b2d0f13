/* publish-check - asks the DNS about every record (see publish.h). */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "cli/publish.h"
#include "lib/auth/spf.h"
#include "lib/base/clock.h"

#define STRANGER "240.0.0.1" /* of nobody: RFC 1112 section 4 */

/* One run of publish_check(). */
struct asking {
	struct publish *publish;
	struct dns *dns;
	bool validates;
	int64_t timeout_ms;
	struct dns_question *questions[PUBLISH_RECORDS_MAX];
};

static enum status
ask(struct asking *asking, const char *name, enum dns_type type,
    struct dns_question **question_r)
{
	return dns_ask(asking->dns, name, type,
	    clock_now_ms() + asking->timeout_ms, question_r);
}

/* Asked as A: what it is an alias of does not matter. */
static enum dns_type
asked_type(const struct publish_record *record)
{
	return record->type == DNS_TYPE_CNAME ? DNS_TYPE_A : record->type;
}

static enum status
ask_all(struct asking *asking)
{
	const struct publish *publish = asking->publish;
	enum status status = STATUS_OK;
	size_t i;

	for (i = 0; i < publish->count && status == STATUS_OK; i++)
		status = ask(asking, publish->records[i].name,
		    asked_type(&publish->records[i]), &asking->questions[i]);
	return status;
}

static enum publish_dnssec
dnssec_of(const struct asking *asking, const struct dns_answer *answer)
{
	if (answer->result == DNS_BOGUS)
		return PUBLISH_DNSSEC_BROKEN;
	if (!asking->validates || dns_result_is_temporary(answer->result))
		return PUBLISH_DNSSEC_UNKNOWN;
	return answer->secure ? PUBLISH_DNSSEC_SIGNED : PUBLISH_DNSSEC_UNSIGNED;
}

static enum status
ask_dnssec(
    struct asking *asking, const char *name, enum publish_dnssec *dnssec_r)
{
	struct dns_question *question;
	enum status status = ask(asking, name, DNS_TYPE_SOA, &question);

	if (status != STATUS_OK)
		return status;
	*dnssec_r = dnssec_of(asking, dns_wait(question));
	dns_release(&question);
	return STATUS_OK;
}

/* ---- addresses of a family that this host has none of ---- */

static bool
has_family(const struct publish_facts *facts, int family)
{
	size_t i;

	for (i = 0; i < facts->address_count; i++)
		if (facts->addresses[i].family == family)
			return true;
	return false;
}

/* A record that should not be there, if it is. */
static enum status
look_for_stray(struct asking *asking, int family)
{
	struct publish *publish = asking->publish;
	struct publish_record *record = &publish->records[publish->count];
	struct dns_question *question;
	enum status status;

	if (has_family(publish->facts, family))
		return STATUS_OK;
	if (publish->count == PUBLISH_RECORDS_MAX)
		return STATUS_LIMIT;
	memset(record, 0, sizeof(*record));
	record->kind = PUBLISH_ADDRESS;
	record->type = family == AF_INET ? DNS_TYPE_A : DNS_TYPE_AAAA;
	record->name = publish->facts->mail_host;
	record->value = "";
	status = ask(asking, record->name, record->type, &question);
	if (status != STATUS_OK)
		return status;
	status = publish_judge(publish, record, dns_wait(question));
	dns_release(&question);
	if (record->state != PUBLISH_RIGHT)
		publish->count++;
	return status;
}

/* ---- SPF: not how it is written counts, but what it says ---- */

static enum status
evaluate(struct asking *asking, const struct ip *ip,
    struct auth_spf_result *result_r)
{
	const struct publish_facts *facts = asking->publish->facts;
	struct auth_spf_request request = { 0 };

	request.dns = asking->dns;
	request.client_ip = *ip;
	request.helo = facts->mail_host;
	request.sender = region_printf(
	    asking->publish->region, "postmaster@%s", facts->domain);
	request.receiver = facts->mail_host;
	request.deadline_ms = clock_now_ms() + asking->timeout_ms;
	if (request.sender == NULL)
		return STATUS_NOMEM;
	return auth_spf_check(asking->publish->region, &request, result_r);
}

static enum status
spf_is_wrong(struct asking *asking, struct publish_record *record,
    const struct ip *ip, const struct auth_spf_result *result)
{
	char text[IP_TEXT_BYTES];

	record->state =
	    result->result == AUTH_TEMPERROR ? PUBLISH_UNKNOWN : PUBLISH_WRONG;
	record->reason = region_printf(asking->publish->region,
	    "mail from %s gets spf=%s%s%s", ip_text(ip, text),
	    auth_result_text(result->result),
	    result->reason == NULL ? "" : ": ",
	    result->reason == NULL ? "" : result->reason);
	return record->reason == NULL ? STATUS_NOMEM : STATUS_OK;
}

/* Mail from all others must not pass, nor be left open. */
static enum status
try_stranger(struct asking *asking, struct publish_record *record)
{
	struct auth_spf_result result;
	enum status status;
	struct ip ip;

	if ((status = ip_parse(STRANGER, &ip)) != STATUS_OK)
		return status;
	status = evaluate(asking, &ip, &result);
	if (status != STATUS_OK || result.result == AUTH_FAIL ||
	    result.result == AUTH_SOFTFAIL)
		return status;
	if (result.result == AUTH_TEMPERROR || result.result == AUTH_PERMERROR)
		return spf_is_wrong(asking, record, &ip, &result);
	record->state = PUBLISH_WRONG;
	record->reason = result.result == AUTH_PASS ?
	    "it lets every host send for the domain" :
	    "it says nothing against other hosts (-all is missing)";
	return STATUS_OK;
}

static enum status
check_spf(struct asking *asking, struct publish_record *record)
{
	const struct publish_facts *facts = asking->publish->facts;
	struct auth_spf_result result;
	enum status status;
	size_t i;

	if (record->state != PUBLISH_RIGHT)
		return STATUS_OK;
	for (i = 0; i < facts->address_count; i++) {
		status = evaluate(asking, &facts->addresses[i], &result);
		if (status != STATUS_OK)
			return status;
		if (result.result != AUTH_PASS)
			return spf_is_wrong(
			    asking, record, &facts->addresses[i], &result);
	}
	return try_stranger(asking, record);
}

/* ---- the rest ---- */

/* The policy host may have an IPv6 address alone. */
static enum status
check_policy_host(struct asking *asking, struct publish_record *record)
{
	struct dns_question *question;
	enum status status;

	if (record->state != PUBLISH_MISSING)
		return STATUS_OK;
	status = ask(asking, record->name, DNS_TYPE_AAAA, &question);
	if (status != STATUS_OK)
		return status;
	status = publish_judge(asking->publish, record, dns_wait(question));
	dns_release(&question);
	return status;
}

/* RFC 2181 section 10.3: a mail host must not be an alias. */
static enum status
check_alias(struct asking *asking, struct publish_record *record)
{
	struct dns_question *question;
	enum status status;

	if (record->state != PUBLISH_RIGHT)
		return STATUS_OK;
	status = ask(asking, asking->publish->facts->mail_host, DNS_TYPE_CNAME,
	    &question);
	if (status != STATUS_OK)
		return status;
	if (dns_wait(question)->result == DNS_FOUND) {
		record->state = PUBLISH_WRONG;
		record->reason = "the mail host is an alias (CNAME), which an "
				 "MX record must not name";
	}
	dns_release(&question);
	return STATUS_OK;
}

static enum status
check_one(struct asking *asking, size_t i)
{
	struct publish_record *record = &asking->publish->records[i];
	enum status status;

	status = publish_judge(
	    asking->publish, record, dns_wait(asking->questions[i]));
	if (status != STATUS_OK)
		return status;
	if (record->kind == PUBLISH_SPF)
		return check_spf(asking, record);
	if (record->kind == PUBLISH_MTA_STS_HOST)
		return check_policy_host(asking, record);
	if (record->kind == PUBLISH_MX)
		return check_alias(asking, record);
	return STATUS_OK;
}

static enum status
check_all(struct asking *asking)
{
	struct publish *publish = asking->publish;
	size_t i, count = publish->count;
	enum status status;

	status = ask_dnssec(asking, publish->facts->domain, &publish->dnssec);
	if (status == STATUS_OK)
		status = ask_dnssec(
		    asking, publish->facts->mail_host, &publish->host_dnssec);
	for (i = 0; i < count && status == STATUS_OK; i++)
		status = check_one(asking, i);
	if (status == STATUS_OK)
		status = look_for_stray(asking, AF_INET);
	if (status == STATUS_OK)
		status = look_for_stray(asking, AF_INET6);
	return status;
}

enum status
publish_check(struct publish *publish, struct dns *dns, bool validates,
    int64_t timeout_ms)
{
	struct asking asking = { .publish = publish,
		.dns = dns,
		.validates = validates,
		.timeout_ms = timeout_ms };
	enum status status = ask_all(&asking);
	size_t i;

	if (status == STATUS_OK)
		status = check_all(&asking);
	for (i = 0; i < PUBLISH_RECORDS_MAX; i++)
		dns_release(&asking.questions[i]);
	return status;
}
