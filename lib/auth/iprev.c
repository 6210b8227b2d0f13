/*
 * iprev - reverse names and their confirmation (see iprev.h).
 *
 * What the DNS could not tell now is never taken for "no": a pass needs one
 * good answer, a fail needs them all.
 */
#include "config.h"

#include "lib/auth/iprev.h"

#include <string.h>

#include "lib/base/str.h"

/* What one answer says of an address. */
enum finding {
	FOUND_ADDRESS,
	FOUND_OTHERS,
	FOUND_NOTHING,
	FOUND_ERROR
};

static enum finding
answer_finding(const struct dns_answer *answer, const struct ip *ip)
{
	size_t i;

	if (dns_result_is_temporary(answer->result))
		return FOUND_ERROR;
	if (answer->result != DNS_FOUND)
		return FOUND_NOTHING;
	for (i = 0; i < answer->record_count; i++)
		if (ip_equals(&answer->records[i].address, ip))
			return FOUND_ADDRESS;
	return FOUND_OTHERS;
}

static enum dns_type
address_type(const struct ip *ip)
{
	return ip->family == AF_INET6 ? DNS_TYPE_AAAA : DNS_TYPE_A;
}

static void
release_all(struct dns_question **questions, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		dns_release(&questions[i]);
}

static enum status
names_ask(const struct auth_iprev_request *request,
    const struct dns_answer *names, struct dns_question **questions,
    size_t *count_r)
{
	size_t i, count = names->record_count;
	enum status status;

	*count_r = 0;
	if (count > IPREV_NAMES_MAX)
		count = IPREV_NAMES_MAX;
	for (i = 0; i < count; i++) {
		status = dns_ask(request->dns, names->records[i].name,
		    address_type(&request->client_ip), request->deadline_ms,
		    &questions[i]);
		if (status != STATUS_OK)
			return status;
		*count_r = i + 1;
	}
	return STATUS_OK;
}

/* The result of all names, and the place of the one that it is about. */
static enum auth_result
names_join(const struct ip *ip, struct dns_question **questions, size_t count,
    size_t *index_r)
{
	enum auth_result result = AUTH_FAIL;
	enum finding finding;
	size_t i;

	*index_r = 0;
	for (i = 0; i < count; i++) {
		finding = answer_finding(dns_wait(questions[i]), ip);
		if (finding == FOUND_ADDRESS) {
			*index_r = i;
			return AUTH_PASS;
		}
		if (finding == FOUND_ERROR)
			result = AUTH_TEMPERROR;
	}
	return result;
}

static enum status
names_confirm(struct region *region, const struct auth_iprev_request *request,
    const struct dns_answer *names, struct auth_iprev_result *result_r)
{
	struct dns_question *questions[IPREV_NAMES_MAX] = { NULL };
	enum status status;
	size_t count, i;
	char *name;

	status = names_ask(request, names, questions, &count);
	if (status == STATUS_OK) {
		result_r->result =
		    names_join(&request->client_ip, questions, count, &i);
		name = region_strdup(region, names->records[i].name);
		if (name != NULL)
			ascii_lower_all(name, strlen(name));
		else
			status = STATUS_NOMEM;
		result_r->name = name;
	}
	release_all(questions, count);
	return status;
}

enum status
auth_iprev_check(struct region *region,
    const struct auth_iprev_request *request,
    struct auth_iprev_result *result_r)
{
	struct dns_question *question;
	const struct dns_answer *names;
	char reverse[IP_REVERSE_BYTES];
	enum status status;

	result_r->result = AUTH_PERMERROR;
	result_r->name = "";
	if (request->client_ip.family == AF_UNSPEC ||
	    ip_reverse(&request->client_ip, NULL, reverse, sizeof(reverse)) !=
		STATUS_OK)
		return STATUS_OK;
	status = dns_ask(request->dns, reverse, DNS_TYPE_PTR,
	    request->deadline_ms, &question);
	if (status != STATUS_OK)
		return status;
	names = dns_wait(question);
	if (names->result == DNS_FOUND)
		status = names_confirm(region, request, names, result_r);
	else if (dns_result_is_temporary(names->result))
		result_r->result = AUTH_TEMPERROR;
	dns_release(&question);
	return status;
}

/*
 * A name that a host can have: letters, digits, '-' and '_' in two or more
 * labels, and no IPv4 address.  (An address literal has brackets.)
 */
static bool
name_is_domain(const char *name)
{
	struct ip ip;
	const char *p;
	bool has_dot = false;

	for (p = name; *p != '\0'; p++) {
		if (*p == '.' && p[1] != '\0')
			has_dot = true;
		else if (*p != '.' && *p != '-' && *p != '_' &&
		    !ascii_is_alnum((unsigned char)*p))
			return false;
	}
	return has_dot && ip_parse(name, &ip) != STATUS_OK;
}

/* own: of the client's family; other: of the other one. */
static enum auth_result
forward_join(
    const struct ip *ip, struct dns_question *own, struct dns_question *other)
{
	switch (answer_finding(dns_wait(own), ip)) {
	case FOUND_ADDRESS:
		return AUTH_PASS;
	case FOUND_OTHERS:
		return AUTH_FAIL;
	case FOUND_ERROR:
		return AUTH_TEMPERROR;
	case FOUND_NOTHING:
		break;
	}
	switch (answer_finding(dns_wait(other), ip)) {
	case FOUND_ADDRESS:
	case FOUND_OTHERS:
		return AUTH_FAIL;
	case FOUND_ERROR:
		return AUTH_TEMPERROR;
	case FOUND_NOTHING:
		break;
	}
	return AUTH_NONE;
}

enum status
auth_forward_confirm(struct region *region GP_UNUSED,
    const struct auth_iprev_request *request, const char *name,
    enum auth_result *result_r)
{
	struct dns_question *own, *other = NULL;
	enum dns_type type = address_type(&request->client_ip);
	enum status status;

	*result_r = AUTH_NONE;
	if (request->client_ip.family == AF_UNSPEC || !name_is_domain(name))
		return STATUS_OK;
	status = dns_ask(request->dns, name, type, request->deadline_ms, &own);
	if (status == STATUS_OK)
		status = dns_ask(request->dns, name,
		    type == DNS_TYPE_A ? DNS_TYPE_AAAA : DNS_TYPE_A,
		    request->deadline_ms, &other);
	if (status == STATUS_OK)
		*result_r = forward_join(&request->client_ip, own, other);
	dns_release(&own);
	dns_release(&other);
	return status;
}
