/* publish-records - what a mail domain needs in the DNS (see publish.h). */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "cli/publish.h"
#include "lib/auth/dmarc.h"
#include "lib/auth/sign-record.h"
#include "lib/base/clock.h"
#include "lib/base/hash.h"
#include "lib/mail/domain.h"

#define POLICY_MAX_AGE_SECONDS 604800 /* RFC 8461 section 3.2: weeks or more */
#define POLICY_ID_BYTES        20     /* of the hash; at most 32 */
#define SRV_WEIGHT             1
#define TEXT_BYTES             1024 /* of an SPF record; TXT of others are less */

/* Who does not get the text gets its status. */
static enum status
add_record(struct publish *publish, enum publish_kind kind, enum dns_type type,
    const char *name, const char *value)
{
	struct publish_record *record = &publish->records[publish->count];

	if (name == NULL || value == NULL)
		return STATUS_NOMEM;
	if (publish->count == PUBLISH_RECORDS_MAX ||
	    strlen(name) >= DNS_NAME_BYTES)
		return STATUS_LIMIT;
	record->kind = kind;
	record->type = type;
	record->name = name;
	record->value = value;
	if (type == DNS_TYPE_TXT)
		record->line =
		    auth_sign_record_line(publish->region, name, value);
	else
		record->line =
		    region_printf(publish->region, "%s. %d IN %s %s%s", name,
			PUBLISH_TTL_SECONDS, publish_type_text(type), value,
			type == DNS_TYPE_MX || type == DNS_TYPE_SRV ||
				type == DNS_TYPE_PTR || type == DNS_TYPE_CNAME ?
			    "." :
			    "");
	if (record->line == NULL)
		return STATUS_NOMEM;
	publish->count++;
	return STATUS_OK;
}

/* A TXT record below the domain. */
static enum status
add_text(struct publish *publish, enum publish_kind kind, const char *prefix,
    const char *text)
{
	return add_record(publish, kind, DNS_TYPE_TXT,
	    region_printf(
		publish->region, "%s%s", prefix, publish->facts->domain),
	    text);
}

static enum status
add_mx(struct publish *publish)
{
	return add_record(publish, PUBLISH_MX, DNS_TYPE_MX,
	    publish->facts->domain,
	    region_printf(publish->region, "%d %s", PUBLISH_MX_PREFERENCE,
		publish->facts->mail_host));
}

static enum status
add_addresses(struct publish *publish)
{
	const struct publish_facts *facts = publish->facts;
	enum status status = STATUS_OK;
	char text[IP_TEXT_BYTES];
	const struct ip *ip;
	size_t i;

	for (i = 0; i < facts->address_count && status == STATUS_OK; i++) {
		ip = &facts->addresses[i];
		status = add_record(publish, PUBLISH_ADDRESS,
		    ip->family == AF_INET ? DNS_TYPE_A : DNS_TYPE_AAAA,
		    facts->mail_host,
		    region_strdup(publish->region, ip_text(ip, text)));
		if (status == STATUS_OK)
			publish->records[publish->count - 1].address = *ip;
	}
	return status;
}

static enum status
add_spf(struct publish *publish)
{
	const struct conf_list *terms = &publish->facts->conf->spf_terms;
	const char *text = "v=spf1 mx";
	size_t i;

	for (i = 0; i < terms->count && text != NULL; i++)
		text = region_printf(
		    publish->region, "%s %s", text, terms->items[i]);
	if (text != NULL)
		text = region_printf(publish->region, "%s -all", text);
	if (text != NULL && strlen(text) > TEXT_BYTES)
		return STATUS_LIMIT;
	return add_text(publish, PUBLISH_SPF, "", text);
}

/* What a key that signed lately needs until its day, too. */
static bool
is_needed(const struct auth_sign_entry *entry)
{
	return entry->key != NULL &&
	    (entry->state != AUTH_SIGN_RETIRED ||
		entry->until > clock_wall_seconds());
}

static enum status
add_keys(struct publish *publish)
{
	const struct auth_sign_folder *keys = publish->facts->keys;
	const struct auth_sign_entry *entry;
	enum status status = STATUS_OK;
	char name[DNS_NAME_BYTES];
	size_t i;

	for (i = 0; keys != NULL && i < keys->count; i++) {
		entry = &keys->entries[i];
		if (!is_needed(entry))
			continue;
		status =
		    auth_sign_record_name(entry->selector, keys->domain, name);
		if (status == STATUS_OK)
			status = add_record(publish, PUBLISH_DKIM, DNS_TYPE_TXT,
			    region_strdup(publish->region, name),
			    auth_sign_key_record(entry->key));
		if (status != STATUS_OK)
			break;
		publish->records[publish->count - 1].key = entry->key;
	}
	return status;
}

/* RFC 9990: who takes the reports of others must say so. */
static enum status
add_consent(struct publish *publish)
{
	const struct publish_facts *facts = publish->facts;
	const char *to = strchr(facts->report_address, '@') + 1;

	if (domain_is_within(to, facts->domain) ||
	    domain_is_within(facts->domain, to))
		return STATUS_OK;
	return add_record(publish, PUBLISH_REPORTS, DNS_TYPE_TXT,
	    region_printf(
		publish->region, "%s._report._dmarc.%s", facts->domain, to),
	    "v=DMARC1");
}

static enum status
add_dmarc(struct publish *publish)
{
	const struct publish_facts *facts = publish->facts;
	enum status status = add_text(publish, PUBLISH_DMARC, "_dmarc.",
	    region_printf(publish->region, "v=DMARC1; p=%s; rua=mailto:%s",
		dmarc_policy_text((enum dmarc_policy)facts->conf->dmarc_policy),
		facts->report_address));

	return status == STATUS_OK ? add_consent(publish) : status;
}

/* The id changes when the policy does, and only then. */
static enum status
add_mta_sts(struct publish *publish)
{
	const struct publish_facts *facts = publish->facts;
	enum publish_mta_sts mode = (enum publish_mta_sts)facts->conf->mta_sts;
	char hash[HASH_TEXT_BYTES];
	enum status status;

	if (mode == PUBLISH_MTA_STS_NONE)
		return STATUS_OK;
	publish->policy = region_printf(publish->region,
	    "version: STSv1\nmode: %s\nmx: %s\nmax_age: %d\n",
	    publish_mta_sts_text(mode), facts->mail_host,
	    POLICY_MAX_AGE_SECONDS);
	if (publish->policy == NULL)
		return STATUS_NOMEM;
	if ((status = hash_of(publish->policy, hash)) != STATUS_OK)
		return status;
	status = add_text(publish, PUBLISH_MTA_STS, "_mta-sts.",
	    region_printf(
		publish->region, "v=STSv1; id=%.*s;", POLICY_ID_BYTES, hash));
	if (status != STATUS_OK)
		return status;
	return add_record(publish, PUBLISH_MTA_STS_HOST, DNS_TYPE_CNAME,
	    region_printf(publish->region, "mta-sts.%s", facts->domain),
	    facts->mail_host);
}

static enum status
add_tlsrpt(struct publish *publish)
{
	return add_text(publish, PUBLISH_TLSRPT, "_smtp._tls.",
	    region_printf(publish->region, "v=TLSRPTv1; rua=mailto:%s",
		publish->facts->report_address));
}

static enum status
add_services(struct publish *publish)
{
	const struct conf_list *list = &publish->facts->conf->services;
	const struct publish_service *service;
	enum status status = STATUS_OK;
	size_t i;

	for (i = 0; i < list->count && status == STATUS_OK; i++) {
		service = publish_service_find(list->items[i]);
		if (service == NULL)
			return STATUS_INVALID;
		status = add_record(publish, PUBLISH_SERVICE, DNS_TYPE_SRV,
		    region_printf(publish->region, "_%s._tcp.%s", service->name,
			publish->facts->domain),
		    region_printf(publish->region, "0 %d %u %s", SRV_WEIGHT,
			service->port, publish->facts->mail_host));
		if (status == STATUS_OK)
			publish->records[publish->count - 1].port =
			    service->port;
	}
	return status;
}

static enum status
add_tlsa(struct publish *publish)
{
	const struct publish_facts *facts = publish->facts;

	if (facts->certificate == NULL)
		return STATUS_OK;
	return add_record(publish, PUBLISH_TLSA, DNS_TYPE_TLSA,
	    region_printf(publish->region, "_25._tcp.%s", facts->mail_host),
	    facts->certificate->tlsa);
}

static enum status
add_reverse_names(struct publish *publish)
{
	const struct publish_facts *facts = publish->facts;
	enum status status = STATUS_OK;
	char name[IP_REVERSE_BYTES];
	size_t i;

	for (i = 0; i < facts->address_count && status == STATUS_OK; i++) {
		status =
		    ip_reverse(&facts->addresses[i], NULL, name, sizeof(name));
		if (status == STATUS_OK)
			status = add_record(publish, PUBLISH_PTR, DNS_TYPE_PTR,
			    region_strdup(publish->region, name),
			    facts->mail_host);
		if (status == STATUS_OK)
			publish->records[publish->count - 1].address =
			    facts->addresses[i];
	}
	return status;
}

enum status
publish_add_records(struct publish *publish)
{
	static enum status (*const steps[])(struct publish *) = { add_mx,
		add_addresses, add_spf, add_keys, add_dmarc, add_mta_sts,
		add_tlsrpt, add_services, add_tlsa, add_reverse_names };
	enum status status = STATUS_OK;
	size_t i;

	for (i = 0; i < GP_NELEMS(steps) && status == STATUS_OK; i++)
		status = steps[i](publish);
	return status;
}
