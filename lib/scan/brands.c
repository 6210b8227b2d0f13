/*
 * brands - names that others like to use (see brands.h).
 *
 * Some are words, or names of people or of other houses, too: "Esther Dyson",
 * "Pop-Ups", "Slovak Telekom".  They count when nothing else stands there, or a
 * word of business.
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
	bool is_name_of_others;
} brands[] = {
	{ "aarp", "aarp", false },
	{ "ace hardware", "acehardware", false },
	{ "adac", "adac", false },
	{ "adobe", "adobe", false },
	{ "aldi", "aldi", true },
	{ "amazon", "amazon amazonaws amazonses media-amazon primevideo",
	    false },
	{ "american express", "americanexpress aexp", false },
	{ "apple", "apple icloud", true },
	{ "bank of america", "bankofamerica", false },
	{ "binance", "binance", false },
	{ "bitget", "bitget", false },
	{ "blue cross", "bcbs", false },
	{ "bluecross", "bcbs", false },
	{ "bradesco", "bradesco", false },
	{ "capital one", "capitalone", false },
	{ "citibank", "citi citibank", false },
	{ "coinbase", "coinbase", false },
	{ "correios", "correios", false },
	{ "costco", "costco", false },
	{ "cvs", "cvs", false },
	{ "decathlon", "decathlon", false },
	{ "dewalt", "dewalt", true },
	{ "dhl", "dhl dpdhl dhl-news deutschepost", false },
	{ "disney", "disney disneyplus disneyaccount d23 sparkpostmail", true },
	{ "docusign", "docusign", false },
	{ "dropbox", "dropbox dropboxmail", false },
	{ "dyson", "dyson", true },
	{ "edeka", "edeka", false },
	{ "facebook", "facebook facebookmail meta fb", false },
	{ "fedex", "fedex", false },
	{ "geek squad", "bestbuy geeksquad", false },
	{ "gls", "gls-group gls", false },
	{ "google", "google youtube googlemail gmail googlegroups", false },
	{ "harbor freight", "harborfreight", false },
	{ "home depot", "homedepot", false },
	{ "hsbc", "hsbc", false },
	{ "icloud", "apple icloud", false },
	{ "ikea", "ikea", false },
	{ "instagram", "instagram facebookmail meta", false },
	{ "itau", "itau", false },
	{ "itunes", "apple", false },
	{ "kohl's", "kohls", false },
	{ "kraken", "kraken", true },
	{ "ledger", "ledger", true },
	{ "lidl", "lidl", false },
	{ "linkedin", "linkedin", false },
	{ "livelo", "livelo", false },
	{ "lowe's", "lowes", false },
	{ "lowes", "lowes", true },
	{ "makita", "makita makitatools", true },
	{ "marriott", "marriott", true },
	{ "mastercard", "mastercard", false },
	{ "mcafee", "mcafee", false },
	{ "mediamarkt", "mediamarkt", false },
	{ "metamask", "metamask consensys", false },
	{ "microsoft",
	    "microsoft microsoftonline office office365 live outlook hotmail "
	    "windows azure msn skype linkedin sharepointonline",
	    false },
	{ "milwaukee tool", "milwaukeetool", false },
	{ "netflix", "netflix", false },
	{ "norton", "norton nortonlifelock gendigital lifelock", true },
	{ "nubank", "nubank", false },
	{ "office 365", "microsoft microsoftonline office office365", false },
	{ "onedrive", "microsoft onedrive live sharepointonline", false },
	{ "opensea", "opensea", false },
	{ "outlook", "microsoft microsoftonline office outlook live hotmail",
	    true },
	{ "paypal", "paypal paypal-communication", false },
	{ "rabobank", "rabobank", false },
	{ "rewe", "rewe", false },
	{ "sam's club", "samsclub", false },
	{ "sams club", "samsclub", false },
	{ "santander", "santander", true },
	{ "sephora", "sephora", true },
	{ "serasa", "serasa", false },
	{ "shein", "shein", true },
	{ "spotify", "spotify", false },
	{ "starbucks", "starbucks", false },
	{ "telekom", "telekom t-online", true },
	{ "temu", "temu temuemail", false },
	{ "tractor supply", "tractorsupply", false },
	{ "trezor", "trezor", false },
	{ "trust wallet", "trustwallet", false },
	{ "trustwallet", "trustwallet", false },
	{ "ups", "ups upsemail", true },
	{ "usps", "usps", false },
	{ "vodafone", "vodafone", false },
	{ "volksbank", "volksbank volksbanken vr vrbank vb voba", false },
	{ "walmart", "walmart", false },
	{ "wells fargo", "wellsfargo", false },
	{ "whatsapp", "whatsapp", false },
};

/* What stands next to the name of a house. */
static const char *const business[] = { "360", "account", "alert", "alerts",
	"antivirus", "bank", "billing", "bonus", "card", "care", "customer",
	"delivery", "deals", "express", "gift", "giveaway", "gmbh", "help",
	"id", "inc", "lifelock", "live", "llc", "ltd", "notification",
	"notifications", "offer", "offers", "order", "package", "pay", "plus",
	"power", "prize", "promo", "protection", "renewal", "reward", "rewards",
	"security", "service", "services", "shipment", "shipping", "shop",
	"store", "subscription", "support", "survey", "team", "tools",
	"tracking", "update", "vacuum", "wallet", "winner" };

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
is_meant(const struct brand *brand, const char *words)
{
	size_t i;

	if (!has_words(words, brand->name))
		return false;
	/* The words have a blank on both sides. */
	if (!brand->is_name_of_others ||
	    strlen(words) == strlen(brand->name) + 2)
		return true;
	for (i = 0; i < GP_NELEMS(business); i++)
		if (has_words(words, business[i]))
			return true;
	return false;
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
		if (!is_meant(&brands[i], words))
			continue;
		if (is_label_of(&brands[i], label))
			return NULL;
		if (found == NULL)
			found = brands[i].name;
	}
	return found;
}
