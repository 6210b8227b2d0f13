/* delivered - our own fields in a delivered message (see delivered.h). */
#include "config.h"

#include "lib/reputation/delivered.h"

#include <string.h>

#include "lib/auth/authres.h"
#include "lib/mail/identity.h"
#include "lib/mail/received.h"

/* Our Authentication-Results, read once more. */
struct finding {
	const struct authres *authres;
	size_t index;         /* of the field */
	bool has_mailfrom;    /* SPF of the envelope sender was looked at */
	const char *spf_helo; /* a HELO name that passed SPF, or NULL */
};

static bool
ip_is_own(const struct delivered_host *host, const struct ip *ip)
{
	size_t i;

	for (i = 0; i < host->own_network_count; i++)
		if (ip_in_network(ip, &host->own_networks[i]))
			return true;
	return false;
}

/* STATUS_NOTFOUND: a hop that leads into the house, or that cannot be read:
 * what stands below may be anybody's. */
static enum status
look_at_hop(struct region *region, const struct delivered_host *host,
    const struct message_field *field)
{
	struct received received;
	enum status status;

	if (received_is_local(field->value))
		return STATUS_OK;
	status = received_parse(region, field->value, &received);
	if (status == STATUS_INVALID ||
	    (status == STATUS_OK && !ip_is_own(host, &received.client_ip)))
		return STATUS_NOTFOUND;
	return status;
}

/* The field is ours, and can be read. */
static enum status
read_results(struct region *region, const struct delivered_host *host,
    const struct message_field *field, const struct authres **authres_r)
{
	struct authres *authres;
	enum status status;

	*authres_r = NULL;
	status = authres_parse(region, field->value, &authres);
	if (status == STATUS_INVALID)
		return STATUS_OK;
	if (status == STATUS_OK && authres->version == 1 &&
	    str_equals_nocase(authres->authserv_id, host->authserv_id))
		*authres_r = authres;
	return status;
}

/* One field above our results; STATUS_NOTFOUND: they cannot come any more. */
static enum status
look_at(struct region *region, const struct delivered_host *host,
    const struct message_field *field, struct finding *finding)
{
	if (span_equals_nocase(field->name, "Authentication-Results"))
		return read_results(region, host, field, &finding->authres);
	if (span_equals_nocase(field->name, "Received"))
		return look_at_hop(region, host, field);
	return STATUS_OK;
}

static enum status
find_results(struct region *region, const struct delivered_host *host,
    const struct message *message, struct finding *finding)
{
	enum status status;
	size_t i;

	memset(finding, 0, sizeof(*finding));
	for (i = 0; i < message->field_count; i++) {
		status = look_at(region, host, &message->fields[i], finding);
		if (status != STATUS_OK)
			return status;
		finding->index = i;
		if (finding->authres != NULL)
			return STATUS_OK;
	}
	return STATUS_NOTFOUND;
}

/* The value of "ptype.property", or NULL. */
static const char *
property(
    const struct authres_result *result, const char *ptype, const char *name)
{
	const struct authres_property *p = result->properties;
	size_t i;

	for (i = 0; i < result->property_count; i++)
		if (strcmp(p[i].ptype, ptype) == 0 &&
		    strcmp(p[i].property, name) == 0)
			return p[i].value;
	return NULL;
}

static void
add_domain(struct reputation_source *source, const char *name)
{
	if (name != NULL && name[0] != '\0' &&
	    source->domain_count < REPUTATION_DOMAINS_MAX)
		source->domains[source->domain_count++].name = name;
}

static void
read_spf(const struct authres_result *result, struct finding *finding,
    struct reputation_source *source)
{
	const char *sender = property(result, "smtp", "mailfrom");
	bool passed = strcmp(result->result, "pass") == 0;
	const char *at;

	if (sender == NULL) {
		if (passed)
			finding->spf_helo = property(result, "smtp", "helo");
		return;
	}
	finding->has_mailfrom = true;
	at = strrchr(sender, '@');
	if (passed)
		add_domain(source, at != NULL ? at + 1 : sender);
}

static void
read_dkim(const struct authres_result *result,
    const struct delivered_host *host, struct reputation_source *source)
{
	if (strcmp(result->result, "pass") != 0)
		return;
	if (result->reason != NULL && !host->trust_partly_signed_body &&
	    strncmp(result->reason, DKIM_REASON_PARTLY_SIGNED,
		strlen(DKIM_REASON_PARTLY_SIGNED)) == 0)
		return;
	add_domain(source, property(result, "header", "d"));
}

/* iprev tells the client's address as well. */
static void
read_iprev(
    const struct authres_result *result, struct reputation_source *source)
{
	const char *address = property(result, "policy", "iprev");

	if (address == NULL ||
	    ip_parse(address, &source->client_ip) != STATUS_OK)
		return;
	source->ptr_is_confirmed = strcmp(result->result, "pass") == 0;
}

static void
read_all_results(const struct delivered_host *host, struct finding *finding,
    struct reputation_source *source)
{
	const struct authres_result *result = finding->authres->results;
	size_t i;

	for (i = 0; i < finding->authres->result_count; i++, result++) {
		if (strcmp(result->method, "spf") == 0)
			read_spf(result, finding, source);
		else if (strcmp(result->method, "dkim") == 0)
			read_dkim(result, host, source);
		else if (strcmp(result->method, "iprev") == 0)
			read_iprev(result, source);
	}
	/* The HELO identity stands for a null sender (RFC 7208 section 2.4). */
	if (!finding->has_mailfrom)
		add_domain(source, finding->spf_helo);
}

/* The MTA's Received field: the names, if it is of the same client. */
static enum status
read_received(struct region *region, const struct message *message,
    const struct finding *finding, struct reputation_source *source)
{
	const struct message_field *field = message->fields + finding->index;
	const struct message_field *end =
	    message->fields + message->field_count;
	struct received received;
	enum status status;

	while (++field < end && !span_equals_nocase(field->name, "Received"))
		;
	if (field >= end)
		return STATUS_OK;
	status = received_parse(region, field->value, &received);
	if (status != STATUS_OK)
		return status == STATUS_INVALID ? STATUS_OK : status;
	if (source->client_ip.family == AF_UNSPEC)
		source->client_ip = received.client_ip;
	if (!ip_equals(&source->client_ip, &received.client_ip))
		return STATUS_OK;
	source->helo = received.helo;
	source->ptr = received.client_name;
	source->helo_is_confirmed = finding->spf_helo != NULL &&
	    str_equals_nocase(finding->spf_helo, received.helo);
	return STATUS_OK;
}

enum status
delivered_source(struct region *region, const struct delivered_host *host,
    const struct message *message, struct reputation_source *source_r)
{
	struct finding finding;
	enum status status;

	memset(source_r, 0, sizeof(*source_r));
	source_r->client_ip.family = AF_UNSPEC;
	source_r->helo = source_r->ptr = "";
	status = find_results(region, host, message, &finding);
	if (status != STATUS_OK)
		return status;
	read_all_results(host, &finding, source_r);
	return read_received(region, message, &finding, source_r);
}

enum status
delivered_authserv_id(
    struct region *region, const struct message *message, const char **id_r)
{
	const struct message_field *field;
	struct authres *authres;
	enum status status;
	size_t i;

	*id_r = "";
	for (i = 0; i < message->field_count; i++) {
		field = &message->fields[i];
		if (!span_equals_nocase(field->name, "Authentication-Results"))
			continue;
		status = authres_parse(region, field->value, &authres);
		if (status == STATUS_INVALID)
			continue;
		if (status == STATUS_OK)
			*id_r = authres->authserv_id;
		return status;
	}
	return STATUS_OK;
}

/* A domain is the same in any case. */
static void
add_lower(struct hash *hash, const char *domain)
{
	char lower;

	for (; *domain != '\0'; domain++) {
		lower = ascii_lower(*domain);
		hash_add(hash, &lower, 1);
	}
	hash_add_text(hash, "");
}

enum status
delivered_identity(const struct message *message, struct span body,
    const struct reputation_source *source, char text[HASH_TEXT_BYTES])
{
	enum status status = message_identity(message, body, text);
	char address[IP_TEXT_BYTES];
	struct hash *hash;
	size_t i;

	if (status != STATUS_OK)
		return status;
	if ((hash = hash_new()) != NULL) {
		hash_add_text(hash, text);
		hash_add_text(hash, ip_text(&source->client_ip, address));
	}
	for (i = 0; hash != NULL && i < source->domain_count; i++)
		add_lower(hash, source->domains[i].name);
	return hash_finish(&hash, text);
}
