/* publish-judge - what the DNS holds against what it should (publish.h). */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "cli/publish.h"
#include "lib/auth/dmarc-record.h"
#include "lib/auth/sign-record.h"
#include "lib/base/strbuf.h"
#include "lib/mail/domain.h"

#define SRV_HEAD_BYTES  6 /* RFC 2782: priority, weight, port */
#define TEXT_SHOWN      600
#define STS_ID_MAX      32 /* RFC 8461 section 3.1 */
#define FOUND_BYTES_MAX 4096

static void
judge(
    struct publish_record *record, enum publish_state state, const char *reason)
{
	record->state = state;
	record->reason = reason;
}

/* ---- what is there, as text ---- */

static const char *
name_text(struct region *region, const char *name)
{
	char text[DNS_NAME_BYTES];

	return region_strdup(
	    region, str_sanitize(text, sizeof(text), span_of(name)));
}

/* The target of an SRV record: labels, not compressed, letters folded. */
static const char *
target_of(struct region *region, struct span data)
{
	char name[DNS_NAME_BYTES] = "";
	size_t at = SRV_HEAD_BYTES, used = 0, length;

	while (at < data.length && data.data[at] != 0) {
		length = (unsigned char)data.data[at++];
		if (length > DOMAIN_LABEL_BYTES_MAX ||
		    length > data.length - at ||
		    used + length + 2 > sizeof(name))
			return region_strdup(region, "?");
		if (used > 0)
			name[used++] = '.';
		memcpy(name + used, data.data + at, length);
		used += length;
		at += length;
	}
	ascii_lower_all(name, used);
	name[used] = '\0';
	return region_strdup(region, name);
}

static unsigned int
number_at(struct span data, size_t at)
{
	return (unsigned int)((unsigned char)data.data[at] << 8 |
	    (unsigned char)data.data[at + 1]);
}

static const char *
srv_text(struct region *region, struct span data)
{
	const char *target;

	if (data.length <= SRV_HEAD_BYTES)
		return "a broken record";
	if ((target = target_of(region, data)) == NULL)
		return NULL;
	return region_printf(region, "%u %u %u %s", number_at(data, 0),
	    number_at(data, 2), number_at(data, 4),
	    target[0] == '\0' ? "." : name_text(region, target));
}

static const char *
tlsa_text(struct region *region, struct span data)
{
	struct strbuf *text = strbuf_new(FOUND_BYTES_MAX);
	const char *copy = NULL;
	size_t i;

	if (text == NULL)
		return NULL;
	for (i = 0; i < data.length; i++)
		strbuf_printf(
		    text, i < 3 ? "%u " : "%02x", (unsigned char)data.data[i]);
	copy = strbuf_status(text) == STATUS_OK ?
	    region_strdup(region, strbuf_text(text)) :
	    "a very long record";
	strbuf_free(&text);
	return copy;
}

static const char *
txt_text(struct region *region, struct span data)
{
	char text[TEXT_SHOWN];

	return region_printf(
	    region, "\"%s\"", str_sanitize(text, sizeof(text), data));
}

static const char *
record_text(struct region *region, const struct dns_record *found)
{
	char text[IP_TEXT_BYTES];

	switch (found->type) {
	case DNS_TYPE_A:
	case DNS_TYPE_AAAA:
		return region_strdup(region, ip_text(&found->address, text));
	case DNS_TYPE_NS:
	case DNS_TYPE_CNAME:
	case DNS_TYPE_PTR:
		return name_text(region, found->name);
	case DNS_TYPE_MX:
		return region_printf(region, "%u %s", found->mx.preference,
		    found->mx.exchange[0] == '\0' ?
			"." :
			name_text(region, found->mx.exchange));
	case DNS_TYPE_TXT:
		return txt_text(region, found->text);
	case DNS_TYPE_SRV:
		return srv_text(region, found->data);
	case DNS_TYPE_TLSA:
		return tlsa_text(region, found->data);
	case DNS_TYPE_SOA:
		break;
	}
	return "a record";
}

static enum status
show_found(struct region *region, struct publish_record *record,
    const struct dns_answer *answer)
{
	const char *text;
	size_t i;

	record->found_count = 0;
	for (i = 0; i < answer->record_count && i < PUBLISH_FOUND_MAX; i++) {
		text = record_text(region, &answer->records[i]);
		if (text == NULL)
			return STATUS_NOMEM;
		record->found[record->found_count++] = text;
	}
	return STATUS_OK;
}

/* ---- one judge a kind; the answer holds at least one record ---- */

static void
judge_mx(const struct publish *publish, struct publish_record *record,
    const struct dns_answer *answer)
{
	const char *host = publish->facts->mail_host;
	size_t i;

	for (i = 0; i < answer->record_count && answer->record_count > 1; i++) {
		if (answer->records[i].mx.exchange[0] == '\0') {
			/* RFC 7505 section 3 */
			judge(record, PUBLISH_WRONG,
			    "MX 0 . must stand alone: it says that the domain "
			    "takes no mail");
			return;
		}
	}
	for (i = 0; i < answer->record_count; i++) {
		if (str_equals_nocase(answer->records[i].mx.exchange, host)) {
			judge(record, PUBLISH_RIGHT, NULL);
			return;
		}
	}
	judge(record, PUBLISH_WRONG, "mail goes to other hosts alone");
}

static void
judge_address(const struct publish *publish, struct publish_record *record,
    const struct dns_answer *answer)
{
	bool found = false, foreign = false;
	const struct ip *ip;
	size_t i;

	for (i = 0; i < answer->record_count; i++) {
		ip = &answer->records[i].address;
		if (!publish_has_address(publish->facts, ip))
			foreign = true;
		if (record->line != NULL && ip_equals(ip, &record->address))
			found = true;
	}
	if (record->line == NULL)
		judge(record, PUBLISH_WRONG,
		    "this host has no such address; remove the record");
	else if (!found)
		judge(record, PUBLISH_WRONG, "the address is not among them");
	else if (foreign)
		judge(record, PUBLISH_WRONG,
		    "one of them is no address of this host; remove it");
	else
		judge(record, PUBLISH_RIGHT, NULL);
}

/* The texts of a version: their number, and the last. */
static size_t
texts_of(
    const struct dns_answer *answer, const char *version, struct span *text_r)
{
	size_t i, count = 0, length = strlen(version);
	struct span text;

	for (i = 0; i < answer->record_count; i++) {
		text = answer->records[i].text;
		if (!span_starts_nocase(text, version) ||
		    (text.length > length &&
			strchr("; \t", text.data[length]) == NULL))
			continue;
		*text_r = text;
		count++;
	}
	return count;
}

/* Sets the state and returns false unless there is one text of the version. */
static bool
is_one(struct publish_record *record, const struct dns_answer *answer,
    const char *version, struct span *text_r)
{
	size_t count = texts_of(answer, version, text_r);

	if (count == 1)
		return true;
	if (count == 0)
		judge(record, PUBLISH_MISSING,
		    "there are other TXT records at this name");
	else
		judge(record, PUBLISH_WRONG,
		    "there are several such records, which makes all of them "
		    "void");
	return false;
}

/* A term of an SPF record; what is behind redirect= or include: is not read. */
static bool
has_term(struct span text, const char *term)
{
	struct span word;

	while (span_split(&text, ' ', &word))
		if (word.length == strlen(term) &&
		    span_starts_nocase(word, term))
			return true;
	return false;
}

/* A term that the administrator wants and the record lacks; NULL: none. */
static const char *
find_lacking_term(const struct publish *publish, struct span text)
{
	const struct conf_list *terms = &publish->facts->conf->spf_terms;
	size_t i;

	for (i = 0; i < terms->count; i++)
		if (!has_term(text, terms->items[i]))
			return terms->items[i];
	return NULL;
}

static void
judge_spf(const struct publish *publish, struct publish_record *record,
    const struct dns_answer *answer)
{
	const char *term, *reason;
	struct span text;

	if (!is_one(record, answer, "v=spf1", &text))
		return;
	judge(record, PUBLISH_RIGHT, NULL);
	if ((term = find_lacking_term(publish, text)) == NULL)
		return;
	reason = region_printf(
	    publish->region, "%s of publish.spf_terms is not in it", term);
	judge(record, PUBLISH_WRONG,
	    reason == NULL ? "publish.spf_terms are not in it" : reason);
}

static void
judge_dkim(const struct publish *publish, struct publish_record *record,
    const struct dns_answer *answer)
{
	static const enum publish_state states[] = {
		[AUTH_SIGN_PUBLISHED_RIGHT] = PUBLISH_RIGHT,
		[AUTH_SIGN_PUBLISHED_MISSING] = PUBLISH_MISSING,
		[AUTH_SIGN_PUBLISHED_WRONG] = PUBLISH_WRONG,
		[AUTH_SIGN_PUBLISHED_UNKNOWN] = PUBLISH_UNKNOWN,
	};

	const char *reason;

	(void)publish;
	record->state =
	    states[auth_sign_record_judge(answer, record->key, &reason)];
	record->reason = record->state == PUBLISH_RIGHT ? NULL : reason;
}

static void
judge_dmarc(const struct publish *publish, struct publish_record *record,
    const struct dns_answer *answer)
{
	enum dmarc_policy wanted =
	    (enum dmarc_policy)publish->facts->conf->dmarc_policy;
	struct dmarc_record dmarc;
	struct span text;

	if (!is_one(record, answer, "v=DMARC1", &text))
		return;
	if (dmarc_record_parse(text, &dmarc) != STATUS_OK || !dmarc.applies)
		judge(record, PUBLISH_WRONG,
		    "the record is malformed: others ignore it");
	else if (dmarc.domain_policy < wanted)
		judge(record, PUBLISH_WRONG,
		    "its policy (p=) is weaker than publish.dmarc_policy");
	else if (dmarc.subdomain_policy < wanted)
		judge(record, PUBLISH_WRONG,
		    "its policy for subdomains (sp=) is weaker than "
		    "publish.dmarc_policy");
	else if (dmarc.nonexistent_policy < wanted)
		judge(record, PUBLISH_WRONG,
		    "its policy for names that do not exist (np=) is weaker "
		    "than publish.dmarc_policy");
	else if (dmarc.testing && wanted != DMARC_POLICY_NONE)
		judge(record, PUBLISH_WRONG,
		    "t=y: others do not apply the policy");
	else if (dmarc.rua.length == 0)
		judge(record, PUBLISH_WRONG, "it asks for no reports (rua=)");
	else
		judge(record, PUBLISH_RIGHT, NULL);
}

static void
judge_reports(const struct publish *publish, struct publish_record *record,
    const struct dns_answer *answer)
{
	struct span text;

	(void)publish;
	if (texts_of(answer, "v=DMARC1", &text) > 0)
		judge(record, PUBLISH_RIGHT, NULL);
	else
		judge(record, PUBLISH_WRONG, "it says something else");
}

/* The value of a tag "name=value" in a list; empty when there is none. */
static struct span
tag_of(struct span text, const char *name)
{
	size_t length = strlen(name);
	struct span piece;

	while (span_split(&text, ';', &piece)) {
		piece = span_trim(piece);
		if (piece.length <= length ||
		    !span_starts_nocase(piece, name) ||
		    piece.data[length] != '=')
			continue;
		piece.data += length + 1;
		piece.length -= length + 1;
		return span_trim(piece);
	}
	return span_of("");
}

static void
judge_mta_sts(const struct publish *publish, struct publish_record *record,
    const struct dns_answer *answer)
{
	struct span text, id;
	size_t i;

	(void)publish;
	if (!is_one(record, answer, "v=STSv1", &text))
		return;
	id = tag_of(text, "id");
	for (i = 0; i < id.length && ascii_is_alnum(id.data[i]); i++)
		;
	if (i == 0 || i < id.length || i > STS_ID_MAX)
		judge(record, PUBLISH_WRONG,
		    "id= is not 1 to 32 letters and digits");
	else
		judge(record, PUBLISH_RIGHT, NULL);
}

static void
judge_tlsrpt(const struct publish *publish, struct publish_record *record,
    const struct dns_answer *answer)
{
	struct span text, rua;

	(void)publish;
	if (!is_one(record, answer, "v=TLSRPTv1", &text))
		return;
	rua = tag_of(text, "rua");
	if (span_starts_nocase(rua, "mailto:") ||
	    span_starts_nocase(rua, "https:"))
		judge(record, PUBLISH_RIGHT, NULL);
	else
		judge(record, PUBLISH_WRONG,
		    "rua= must be a mailto: or https: address");
}

/* Any host that serves the policy will do. */
static void
judge_any(const struct publish *publish, struct publish_record *record,
    const struct dns_answer *answer)
{
	(void)publish;
	(void)answer;
	judge(record, PUBLISH_RIGHT, NULL);
}

static bool
is_service(const struct publish *publish, const struct publish_record *record,
    struct span data)
{
	const char *target;

	if (data.length <= SRV_HEAD_BYTES || number_at(data, 4) != record->port)
		return false;
	target = target_of(publish->region, data);
	return str_equals_nocase(target, publish->facts->mail_host);
}

static void
judge_service(const struct publish *publish, struct publish_record *record,
    const struct dns_answer *answer)
{
	size_t i;

	for (i = 0; i < answer->record_count; i++) {
		if (is_service(publish, record, answer->records[i].data)) {
			judge(record, PUBLISH_RIGHT, NULL);
			return;
		}
	}
	judge(record, PUBLISH_WRONG, "it names another host or port");
}

static void
judge_tlsa(const struct publish *publish, struct publish_record *record,
    const struct dns_answer *answer)
{
	size_t i;

	for (i = 0; i < answer->record_count; i++) {
		if (publish_certificate_fits(
			publish->facts->certificate, answer->records[i].data)) {
			judge(record, PUBLISH_RIGHT, NULL);
			return;
		}
	}
	judge(record, PUBLISH_WRONG, "none fits the certificate in use");
}

static void
judge_ptr(const struct publish *publish, struct publish_record *record,
    const struct dns_answer *answer)
{
	size_t i;

	for (i = 0; i < answer->record_count; i++) {
		if (str_equals_nocase(
			answer->records[i].name, publish->facts->mail_host)) {
			judge(record, PUBLISH_RIGHT, NULL);
			return;
		}
	}
	judge(record, PUBLISH_WRONG, "the address has another name");
}

static void
judge_missing(const struct publish *publish, struct publish_record *record,
    enum dns_result result)
{
	const char *reason = result == DNS_NXDOMAIN ?
	    "the name does not exist" :
	    "there is no such record";

	if (record->line == NULL)
		judge(record, PUBLISH_RIGHT, NULL);
	else if (record->kind == PUBLISH_TLSA &&
	    publish->host_dnssec == PUBLISH_DNSSEC_UNSIGNED)
		judge(record, PUBLISH_UNNEEDED,
		    "of no use while the zone of the mail host is not signed");
	else
		judge(record, PUBLISH_MISSING, reason);
}

enum status
publish_judge(struct publish *publish, struct publish_record *record,
    const struct dns_answer *answer)
{
	static void (*const judges[])(const struct publish *,
	    struct publish_record *, const struct dns_answer *) = {
		[PUBLISH_MX] = judge_mx,
		[PUBLISH_ADDRESS] = judge_address,
		[PUBLISH_SPF] = judge_spf,
		[PUBLISH_DKIM] = judge_dkim,
		[PUBLISH_DMARC] = judge_dmarc,
		[PUBLISH_REPORTS] = judge_reports,
		[PUBLISH_MTA_STS] = judge_mta_sts,
		[PUBLISH_MTA_STS_HOST] = judge_any,
		[PUBLISH_TLSRPT] = judge_tlsrpt,
		[PUBLISH_SERVICE] = judge_service,
		[PUBLISH_TLSA] = judge_tlsa,
		[PUBLISH_PTR] = judge_ptr,
	};
	enum status status;

	if (answer->result == DNS_BOGUS) {
		judge(record, PUBLISH_WRONG,
		    "DNSSEC is broken here: who validates sees nothing");
		return STATUS_OK;
	}
	if (dns_result_is_temporary(answer->result)) {
		judge(record, PUBLISH_UNKNOWN, dns_result_text(answer->result));
		return STATUS_OK;
	}
	if (answer->result != DNS_FOUND) {
		judge_missing(publish, record, answer->result);
		return STATUS_OK;
	}
	status = show_found(publish->region, record, answer);
	if (status == STATUS_OK)
		judges[record->kind](publish, record, answer);
	return status;
}
