/* lists-conf - the keys of the `lists` section (see lists-conf.h). */
#include "config.h"

#include "lib/lists/lists-conf.h"

#include <stddef.h>
#include <string.h>

#include "lib/base/str.h"
#include "lib/dns/dns-conf.h"
#include "lib/lists/lists-table.h"
#include "lib/mail/domain.h"

#define SECOND_MS     1000
#define DAY_MS        (INT64_C(86400) * SECOND_MS)
#define KEY_BYTES_MAX 63 /* it is one label of a name */

/* Named in much good mail, and on no list. */
#define URL_SKIP_DEFAULT                                                        \
	"adobe.com, aka.ms, amazon.com, apache.org, apple.com, archive.org, "   \
	"bing.com, cloudflare.com, creativecommons.org, debian.org, ebay.com, " \
	"facebook.com, fbcdn.net, fonts.googleapis.com, github.com, gnu.org, "  \
	"google.com, gstatic.com, icloud.com, ietf.org, instagram.com, "        \
	"kernel.org, linkedin.com, live.com, microsoft.com, "                   \
	"microsoftonline.com, mozilla.org, netflix.com, office.com, "           \
	"openxmlformats.org, outlook.com, paypal.com, pinterest.com, "          \
	"python.org, schema.org, spotify.com, tiktok.com, twitter.com, "        \
	"vimeo.com, w3.org, whatsapp.com, wikipedia.org, x.com, yahoo.com, "    \
	"youtu.be, youtube.com, zoom.us"

static const char *
check_off(const char *text)
{
	if (lists_table_find(text) == NULL)
		return "no shipped list has this zone or name (gatepost lists "
		       "shows them)";
	return NULL;
}

static const char *
check_key(const char *text)
{
	size_t i;

	for (i = 0; text[i] != '\0'; i++)
		if (!ascii_is_alnum((unsigned char)text[i]))
			return "a key has letters and digits only";
	if (i > KEY_BYTES_MAX)
		return "longer than 63 bytes";
	return NULL;
}

static const char *
check_zone(const char *text)
{
	if (strlen(text) > LISTS_ZONE_BYTES_MAX)
		return "longer than 180 bytes";
	return dns_conf_check_domain(text);
}

/* No dot behind: it is compared with the hosts of URLs. */
static const char *
check_host(const char *text)
{
	return domain_is_valid(text) ? NULL : "not a domain name";
}

static const struct conf_key keys[] = {
	{ .name = "enabled",
	    .type = CONF_BOOL,
	    .offset = offsetof(struct lists_conf, enabled),
	    .default_text = "yes",
	    .help = "Whether DNS lists are asked at all." },
	{ .name = "off",
	    .type = CONF_LIST,
	    .offset = offsetof(struct lists_conf, off),
	    .default_text = "",
	    .help = "Shipped lists that are not asked, by zone "
		    "(bl.spamcop.net) or name (SpamCop).",
	    .check = check_off },
	{ .name = "dqs_key",
	    .type = CONF_STRING,
	    .offset = offsetof(struct lists_conf, dqs_key),
	    .default_text = "",
	    .help = "Key of Spamhaus' Data Query Service; with it its zones "
		    "are asked instead of the public ones, through any "
		    "resolver.",
	    .check = check_key },
	{ .name = "hash_lists",
	    .type = CONF_BOOL,
	    .offset = offsetof(struct lists_conf, hash_lists),
	    .default_text = "no",
	    .help = "Whether lists of mail addresses are asked too; they learn "
		    "a hash of each address." },
	{ .name = "test_interval",
	    .type = CONF_DURATION,
	    .offset = offsetof(struct lists_conf, test_interval),
	    .default_text = "1h",
	    .min = SECOND_MS,
	    .max = 7 * DAY_MS,
	    .help = "How often each list is tested; one that fails is off." },
	{ .name = "retry_interval",
	    .type = CONF_DURATION,
	    .offset = offsetof(struct lists_conf, retry_interval),
	    .default_text = "5m",
	    .min = SECOND_MS,
	    .max = DAY_MS,
	    .help = "How soon a list that is off is tested again." },
	{ .name = "own_block",
	    .type = CONF_LIST,
	    .offset = offsetof(struct lists_conf, own_block),
	    .default_text = "",
	    .help = "Zones of addresses to distrust (RBL_OWN); as every list "
		    "they must hold 127.0.0.2 and not 127.0.0.1.",
	    .check = check_zone },
	{ .name = "own_allow",
	    .type = CONF_LIST,
	    .offset = offsetof(struct lists_conf, own_allow),
	    .default_text = "",
	    .help = "Zones of addresses to trust (RWL_OWN), with the same test "
		    "entries.",
	    .check = check_zone },
	{ .name = "own_domains",
	    .type = CONF_LIST,
	    .offset = offsetof(struct lists_conf, own_domains),
	    .default_text = "",
	    .help = "Zones of domains to distrust (DOMAIN_OWN), asked for "
		    "whole names: list example.com and *.example.com; they "
		    "must hold the name test and not invalid.",
	    .check = check_zone },
	{ .name = "url_max",
	    .type = CONF_INT,
	    .offset = offsetof(struct lists_conf, url_max),
	    .default_text = "20",
	    .max = LISTS_URL_MAX,
	    .help = "How many hosts are asked about that URLs of a message "
		    "lead to: the most telling first, which leave half for "
		    "plain links, and hidden ones last; 0: none." },
	{ .name = "url_skip",
	    .type = CONF_LIST,
	    .offset = offsetof(struct lists_conf, url_skip),
	    .default_text = URL_SKIP_DEFAULT,
	    .help = "Domains that are not asked about where URLs lead to them, "
		    "or to a name below: well-known ones, and your own.",
	    .check = check_host },
};

const struct conf_section lists_conf_section = {
	.name = "lists",
	.help = "DNS lists of addresses and domains; gatepost lists shows them "
		"and whether they work.",
	.keys = keys,
	.key_count = GP_NELEMS(keys),
};
