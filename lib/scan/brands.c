/*
 * brands - names that others like to use (see brands.h).
 *
 * Left out are those that are words or names of people too.
 */
#include "config.h"

#include "lib/scan/brands.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <unictype.h>

#include "lib/mail/domain.h"

#define NAME_BYTES_MAX      512 /* what follows is not read */
#define BRAND_BYTES_MAX     64
#define CHARACTER_BYTES_MAX 4

/* In words, and the first labels of the domains that its owner writes from. */
static const struct brand {
	const char *name, *labels;
} brands[] = {
	{ "aarp", "aarp" },
	{ "ace hardware", "acehardware" },
	{ "adac", "adac" },
	{ "adobe", "adobe" },
	{ "aldi", "aldi" },
	{ "amazon", "amazon amazonaws amazonses media-amazon primevideo" },
	{ "american express", "americanexpress aexp" },
	{ "apple", "apple icloud" },
	{ "bank of america", "bankofamerica" },
	{ "binance", "binance" },
	{ "bitget", "bitget" },
	{ "blue cross", "bcbs" },
	{ "bluecross", "bcbs" },
	{ "bradesco", "bradesco" },
	{ "capital one", "capitalone" },
	{ "citibank", "citi citibank" },
	{ "coinbase", "coinbase" },
	{ "correios", "correios" },
	{ "costco", "costco" },
	{ "cvs", "cvs" },
	{ "decathlon", "decathlon" },
	{ "dewalt", "dewalt" },
	{ "dhl", "dhl dpdhl dhl-news deutschepost" },
	{ "disney", "disney disneyplus disneyaccount d23 sparkpostmail" },
	{ "docusign", "docusign" },
	{ "dropbox", "dropbox dropboxmail" },
	{ "dyson", "dyson" },
	{ "edeka", "edeka" },
	{ "facebook", "facebook facebookmail meta fb" },
	{ "fedex", "fedex" },
	{ "geek squad", "bestbuy geeksquad" },
	{ "gls", "gls-group gls" },
	{ "google", "google youtube googlemail gmail googlegroups" },
	{ "harbor freight", "harborfreight" },
	{ "home depot", "homedepot" },
	{ "hsbc", "hsbc" },
	{ "icloud", "apple icloud" },
	{ "ikea", "ikea" },
	{ "instagram", "instagram facebookmail meta" },
	{ "itau", "itau" },
	{ "itunes", "apple" },
	{ "kohl's", "kohls" },
	{ "kraken", "kraken" },
	{ "ledger", "ledger" },
	{ "lidl", "lidl" },
	{ "linkedin", "linkedin" },
	{ "livelo", "livelo" },
	{ "lowe's", "lowes" },
	{ "lowes", "lowes" },
	{ "makita", "makita makitatools" },
	{ "marriott", "marriott" },
	{ "mastercard", "mastercard" },
	{ "mcafee", "mcafee" },
	{ "mediamarkt", "mediamarkt" },
	{ "metamask", "metamask consensys" },
	{ "microsoft",
	    "microsoft microsoftonline office office365 live outlook hotmail "
	    "windows azure msn skype linkedin sharepointonline" },
	{ "milwaukee tool", "milwaukeetool" },
	{ "netflix", "netflix" },
	{ "norton", "norton nortonlifelock gendigital lifelock" },
	{ "nubank", "nubank" },
	{ "office 365", "microsoft microsoftonline office office365" },
	{ "onedrive", "microsoft onedrive live sharepointonline" },
	{ "opensea", "opensea" },
	{ "outlook", "microsoft microsoftonline office outlook live hotmail" },
	{ "paypal", "paypal paypal-communication" },
	{ "rabobank", "rabobank" },
	{ "rewe", "rewe" },
	{ "sam's club", "samsclub" },
	{ "sams club", "samsclub" },
	{ "santander", "santander" },
	{ "sephora", "sephora" },
	{ "serasa", "serasa" },
	{ "shein", "shein" },
	{ "spotify", "spotify" },
	{ "starbucks", "starbucks" },
	{ "telekom", "telekom t-online" },
	{ "temu", "temu temuemail" },
	{ "tractor supply", "tractorsupply" },
	{ "trezor", "trezor" },
	{ "trust wallet", "trustwallet" },
	{ "trustwallet", "trustwallet" },
	{ "ups", "ups upsemail" },
	{ "usps", "usps" },
	{ "vodafone", "vodafone" },
	{ "volksbank", "volksbank" },
	{ "walmart", "walmart" },
	{ "wells fargo", "wellsfargo" },
	{ "whatsapp", "whatsapp" },
};

static bool
is_of_word(uint32_t code)
{
	return code == '\'' || code == '_' || uc_is_alnum((ucs4_t)code);
}

/* " paypal inc " of "paypal, inc.": to must hold NAME_BYTES_MAX. */
static void
split_words(struct span name, char *to)
{
	size_t length = 0, step;
	uint32_t code;

	to[length++] = ' ';
	while (name.length > 0 &&
	    length + 2 + CHARACTER_BYTES_MAX < NAME_BYTES_MAX) {
		step = utf8_character(name, &code);
		if (step > 0 && is_of_word(code)) {
			memcpy(to + length, name.data, step);
			length += step;
		} else if (to[length - 1] != ' ') {
			to[length++] = ' ';
		}
		if (step == 0)
			step = 1;
		name.data += step;
		name.length -= step;
	}
	if (to[length - 1] != ' ')
		to[length++] = ' ';
	to[length] = '\0';
}

static bool
has_words(const char *words, const char *brand)
{
	char needle[BRAND_BYTES_MAX];

	snprintf(needle, sizeof(needle), " %s ", brand);
	return strstr(words, needle) != NULL;
}

static bool
is_same(struct span a, struct span b)
{
	return a.length == b.length && memcmp(a.data, b.data, a.length) == 0;
}

/* The label, or a part of it: "paypal" of "paypal-news". */
static bool
is_label_of(const struct brand *brand, struct span label)
{
	struct span rest = span_of(brand->labels), own, pieces, piece;

	while (span_split(&rest, ' ', &own)) {
		if (is_same(label, own))
			return true;
		pieces = label;
		while (span_split(&pieces, '-', &piece))
			if (is_same(piece, own))
				return true;
	}
	return false;
}

const char *
brands_pretended(struct span name, const char *domain)
{
	const char *registered = domain_registered(domain), *found = NULL;
	struct span label = span_of(registered == NULL ? domain : registered);
	char words[NAME_BYTES_MAX];
	size_t i;

	label.length = strcspn(label.data, ".");
	split_words(name, words);
	for (i = 0; i < GP_NELEMS(brands); i++) {
		if (!has_words(words, brands[i].name))
			continue;
		if (is_label_of(&brands[i], label))
			return NULL;
		if (found == NULL)
			found = brands[i].name;
	}
	return found;
}
