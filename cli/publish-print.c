/* publish-print - the records as text (see publish.h). */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "cli/publish.h"
#include "lib/mail/domain.h"

#define POLICY_LINES_MAX 16

static const char *const titles[] = {
	[PUBLISH_MX] = "MX: the host that takes mail for the domain",
	[PUBLISH_ADDRESS] = "Addresses of that host",
	[PUBLISH_SPF] = "SPF: the hosts that send mail of the domain",
	[PUBLISH_DKIM] = "DKIM: the keys that sign its mail",
	[PUBLISH_DMARC] = "DMARC: what to do with mail that is not proved",
	[PUBLISH_REPORTS] = "DMARC: the domain of publish.report_address takes "
			    "the reports",
	[PUBLISH_MTA_STS] = "MTA-STS: mail to the domain comes encrypted",
	[PUBLISH_MTA_STS_HOST] = "MTA-STS: the web host that serves its policy",
	[PUBLISH_TLSRPT] = "TLSRPT: who hears of failed encryption",
	[PUBLISH_SERVICE] = "Where mail programs find their server",
	[PUBLISH_TLSA] = "DANE: the certificate of the mail host; of use when "
			 "its zone is signed (DNSSEC)",
	[PUBLISH_PTR] = "Reverse name: set by the provider of the address",
};

static const char *const kinds[] = {
	[PUBLISH_MX] = "MX",
	[PUBLISH_ADDRESS] = "address",
	[PUBLISH_SPF] = "SPF",
	[PUBLISH_DKIM] = "DKIM",
	[PUBLISH_DMARC] = "DMARC",
	[PUBLISH_REPORTS] = "DMARC reports",
	[PUBLISH_MTA_STS] = "MTA-STS",
	[PUBLISH_MTA_STS_HOST] = "MTA-STS host",
	[PUBLISH_TLSRPT] = "TLSRPT",
	[PUBLISH_SERVICE] = "SRV",
	[PUBLISH_TLSA] = "TLSA",
	[PUBLISH_PTR] = "PTR",
};

const char *
publish_kind_text(enum publish_kind kind)
{
	return kinds[kind];
}

const char *
publish_type_text(enum dns_type type)
{
	switch (type) {
	case DNS_TYPE_A:
		return "A";
	case DNS_TYPE_NS:
		return "NS";
	case DNS_TYPE_CNAME:
		return "CNAME";
	case DNS_TYPE_SOA:
		return "SOA";
	case DNS_TYPE_PTR:
		return "PTR";
	case DNS_TYPE_MX:
		return "MX";
	case DNS_TYPE_TXT:
		return "TXT";
	case DNS_TYPE_AAAA:
		return "AAAA";
	case DNS_TYPE_SRV:
		return "SRV";
	case DNS_TYPE_TLSA:
		return "TLSA";
	}
	return "?";
}

const char *
publish_state_text(enum publish_state state)
{
	static const char *const texts[] = {
		[PUBLISH_NOT_ASKED] = "not asked",
		[PUBLISH_RIGHT] = "right",
		[PUBLISH_MISSING] = "missing",
		[PUBLISH_WRONG] = "wrong",
		[PUBLISH_UNKNOWN] = "unknown",
		[PUBLISH_UNNEEDED] = "unneeded",
	};

	return texts[state];
}

const char *
publish_dnssec_text(enum publish_dnssec dnssec)
{
	static const char *const texts[] = {
		[PUBLISH_DNSSEC_UNKNOWN] = "unknown",
		[PUBLISH_DNSSEC_UNSIGNED] = "unsigned",
		[PUBLISH_DNSSEC_SIGNED] = "signed",
		[PUBLISH_DNSSEC_BROKEN] = "broken",
	};

	return texts[dnssec];
}

bool
publish_is_outside(
    const struct publish *publish, const struct publish_record *record)
{
	return !domain_is_within(record->name, publish->facts->domain);
}

/* Every line of a text, each behind a mark. */
static void
print_marked(const char *mark, const char *text)
{
	size_t length;
	int i;

	for (i = 0; *text != '\0' && i < POLICY_LINES_MAX; i++) {
		length = strcspn(text, "\n");
		printf("%s%.*s\n", mark, (int)length, text);
		text += length + (text[length] == '\n' ? 1 : 0);
	}
}

static void
print_title(const struct publish *publish, const struct publish_record *record)
{
	printf("\n; %s%s\n", titles[record->kind],
	    publish_is_outside(publish, record) && record->kind != PUBLISH_PTR ?
		" (in another zone)" :
		"");
}

static void
print_policy(const struct publish *publish)
{
	if (publish->policy == NULL)
		return;
	printf("\n; The policy of MTA-STS, to be served as\n"
	       "; https://mta-sts.%s/.well-known/mta-sts.txt\n",
	    publish->facts->domain);
	print_marked(";   ", publish->policy);
}

void
publish_print_zone(const struct publish *publish)
{
	const struct publish_record *record;
	size_t i;

	printf("; DNS records of %s, whose mail is at %s\n",
	    publish->facts->domain, publish->facts->mail_host);
	for (i = 0; i < publish->count; i++) {
		record = &publish->records[i];
		if (i == 0 || record[-1].kind != record->kind)
			print_title(publish, record);
		if (publish_is_outside(publish, record))
			print_marked("; ", record->line);
		else
			printf("%s\n", record->line);
	}
	print_policy(publish);
}

/* A name as it is typed in a form for the zone of the domain. */
static int
form_name_length(
    const struct publish *publish, const struct publish_record *record)
{
	size_t length = strlen(record->name);

	if (!publish_is_outside(publish, record))
		length -= strlen(publish->facts->domain);
	return (int)(length > 0 && record->name[length - 1] == '.' ?
		length - 1 :
		length);
}

static void
print_row(const struct publish *publish, const struct publish_record *record,
    int width)
{
	int length = form_name_length(publish, record);
	const char *value = record->value;
	int priority = 0;

	if (record->type == DNS_TYPE_MX || record->type == DNS_TYPE_SRV)
		priority = (int)strcspn(value, " ");
	printf("; %-*.*s  %-5s  %-8.*s  %s\n", width, length == 0 ? 1 : length,
	    length == 0 ? "@" : record->name, publish_type_text(record->type),
	    priority, value, priority > 0 ? value + priority + 1 : value);
}

void
publish_print_table(const struct publish *publish)
{
	int width = (int)strlen("NAME"), length;
	size_t i;

	for (i = 0; i < publish->count; i++) {
		length = form_name_length(publish, &publish->records[i]);
		if (length > width)
			width = length;
	}
	printf("; To type in at a provider; @ is %s itself\n",
	    publish->facts->domain);
	printf("; %-*s  %-5s  %-8s  %s\n", width, "NAME", "TYPE", "PRIORITY",
	    "VALUE");
	for (i = 0; i < publish->count; i++)
		print_row(publish, &publish->records[i], width);
}

static void
print_checked(
    const struct publish *publish, const struct publish_record *record)
{
	size_t i;

	printf("%-8s  %-13s  %s%s%s\n", publish_state_text(record->state),
	    record->type == DNS_TYPE_TXT ? publish_kind_text(record->kind) :
					   publish_type_text(record->type),
	    record->name, record->reason == NULL ? "" : ": ",
	    record->reason == NULL ? "" : record->reason);
	if (record->state == PUBLISH_RIGHT || record->state == PUBLISH_UNNEEDED)
		return;
	for (i = 0; i < record->found_count; i++)
		printf("  there:   %s\n", record->found[i]);
	if (record->state == PUBLISH_UNKNOWN)
		return;
	if (record->line != NULL)
		printf("  %s %s\n",
		    record->kind == PUBLISH_PTR ? "ask for:" : "publish:",
		    record->line);
	else
		printf("  remove:  %s. %s\n", record->name,
		    publish_type_text(record->type));
	if (record->kind == PUBLISH_MTA_STS && publish->policy != NULL)
		printf(
		    "  and serve the policy file that gatepost dns prints\n");
}

void
publish_print_check(const struct publish *publish)
{
	static const char *const texts[] = {
		[PUBLISH_DNSSEC_UNKNOWN] = "it is not known whether the zone "
					   "is signed",
		[PUBLISH_DNSSEC_UNSIGNED] = "the zone is not signed",
		[PUBLISH_DNSSEC_SIGNED] = "the zone is signed",
		[PUBLISH_DNSSEC_BROKEN] = "the zone is signed, and its "
					  "signatures are broken",
	};
	size_t i, bad = 0, unknown = 0;

	for (i = 0; i < publish->count; i++) {
		print_checked(publish, &publish->records[i]);
		if (publish->records[i].state == PUBLISH_UNKNOWN)
			unknown++;
		if (publish->records[i].state == PUBLISH_MISSING ||
		    publish->records[i].state == PUBLISH_WRONG)
			bad++;
	}
	printf("DNSSEC: %s\n", texts[publish->dnssec]);
	printf(
	    "%zu of %zu records are missing or wrong.\n", bad, publish->count);
	if (unknown > 0)
		printf("%zu of %zu are not known: the DNS did not answer; "
		       "see dns.forward in gatepost.conf(5).\n",
		    unknown, publish->count);
}
