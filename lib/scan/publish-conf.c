/* publish-conf - the `publish` section (see publish-conf.h). */
#include "config.h"

#include "lib/scan/publish-conf.h"

#include <string.h>

#include "lib/auth/dmarc.h"
#include "lib/base/ip.h"
#include "lib/mail/domain.h"

#define SPF_TERM_BYTES_MAX     255
#define MAIL_ADDRESS_BYTES_MAX 254 /* RFC 5321 section 4.5.3.1 and errata */

static const char *const policies[] = { "none", "quarantine", "reject", NULL };
static const char *const mta_sts_modes[] = { "none", "testing", "enforce",
	NULL };

static const struct publish_service services[] = {
	{ "submissions", 465 }, /* RFC 8314 section 5.1 */
	{ "submission", 587 }, { "imaps", 993 }, { "imap", 143 },
	{ "pop3s", 995 }, { "pop3", 110 },
	{ "sieve", 4190 }, /* RFC 5804 section 1.8 */
};

const char *
publish_mta_sts_text(enum publish_mta_sts mode)
{
	return mta_sts_modes[mode];
}

const struct publish_service *
publish_service_find(const char *name)
{
	size_t i;

	for (i = 0; i < GP_NELEMS(services); i++)
		if (strcmp(services[i].name, name) == 0)
			return &services[i];
	return NULL;
}

static const char *
check_mail_host(const char *text)
{
	if (text[0] != '\0' &&
	    (!domain_is_valid(text) || strchr(text, '.') == NULL))
		return "must be a full host name, as mail.example.org";
	return NULL;
}

static const char *
check_address(const char *text)
{
	struct ip ip;

	if (ip_parse(text, &ip) != STATUS_OK)
		return "no address (192.0.2.1, 2001:db8::1)";
	return NULL;
}

static const char *
check_certificate(const char *text)
{
	if (text[0] != '\0' && text[0] != '/' && strcmp(text, "none") != 0)
		return "must be an absolute path, or none";
	return NULL;
}

/* It is written into records: nothing that would have to be escaped there. */
static const char *
check_report_address(const char *text)
{
	const char *at = strchr(text, '@');
	size_t i;

	if (text[0] == '\0')
		return NULL;
	if (at == NULL || at == text || strlen(text) > MAIL_ADDRESS_BYTES_MAX ||
	    !domain_is_valid(at + 1))
		return "must be a mail address";
	for (i = 0; text + i < at; i++)
		if (!ascii_is_alnum(text[i]) &&
		    strchr(".-_+=", text[i]) == NULL)
			return "only letters, digits and .-_+= before the @";
	return NULL;
}

static const char *
check_spf_term(const char *text)
{
	size_t i;

	if (text[0] == '\0' || strlen(text) > SPF_TERM_BYTES_MAX)
		return "no SPF term (include:spf.example.net)";
	for (i = 0; text[i] != '\0'; i++)
		if (!ascii_is_print(text[i]) || strchr(" \"\\;", text[i]))
			return "no SPF term (include:spf.example.net)";
	return NULL;
}

static const char *
check_service(const char *text)
{
	if (publish_service_find(text) == NULL)
		return "must be submissions, submission, imaps, imap, pop3s, "
		       "pop3 or sieve";
	return NULL;
}

static const struct conf_key publish_keys[] = {
	{ "mail_host", CONF_STRING, offsetof(struct publish_conf, mail_host),
	    "", 0, 0, NULL,
	    "Name of this host in MX records, in its certificate and in its "
	    "greetings; empty: general.authserv_id.",
	    check_mail_host },
	{ "addresses", CONF_LIST, offsetof(struct publish_conf, addresses), "",
	    0, 0, NULL,
	    "Public addresses of this host; empty: those of its interfaces "
	    "(set it behind an address translation).",
	    check_address },
	{ "certificate", CONF_STRING,
	    offsetof(struct publish_conf, certificate), "", 0, 0, NULL,
	    "The certificate that Postfix shows (PEM), for TLSA records; "
	    "empty: the one in Postfix's configuration; none: no TLSA records.",
	    check_certificate },
	{ "report_address", CONF_STRING,
	    offsetof(struct publish_conf, report_address), "", 0, 0, NULL,
	    "Where others send their DMARC and TLS reports; empty: postmaster "
	    "of the domain.",
	    check_report_address },
	{ "spf_terms", CONF_LIST, offsetof(struct publish_conf, spf_terms), "",
	    0, 0, NULL,
	    "SPF terms for other hosts that send for the domains, as "
	    "include:spf.example.net.",
	    check_spf_term },
	{ "dmarc_policy", CONF_CHOICE,
	    offsetof(struct publish_conf, dmarc_policy), "quarantine", 0, 0,
	    policies,
	    "What other servers shall do with mail that only claims to be of "
	    "the domain.",
	    NULL },
	{ "mta_sts", CONF_CHOICE, offsetof(struct publish_conf, mta_sts),
	    "testing", 0, 0, mta_sts_modes,
	    "Mode of the MTA-STS policy (TLS on the way to this host); none: "
	    "no policy.",
	    NULL },
	{ "services", CONF_LIST, offsetof(struct publish_conf, services),
	    "submissions, submission, imaps", 0, 0, NULL,
	    "What mail programs find by SRV records: submissions, submission, "
	    "imaps, imap, pop3s, pop3, sieve.",
	    check_service },
};

const struct conf_section publish_conf_section = { "publish",
	"DNS records of the domains, which gatepost dns prints and checks.",
	publish_keys, GP_NELEMS(publish_keys) };
