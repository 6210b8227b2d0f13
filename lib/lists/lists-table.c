/*
 * lists-table - the shipped lists (see lists-table.h).
 *
 * Codes, refusals and test entries are those that the operators document.
 * Where no entry is documented that is always listed, listed is NULL: then only
 * the entry that must not be there is tested.
 */
#include "config.h"

#include "lib/lists/lists-table.h"

#include "lib/base/str.h"

/* 127.0.third.from to 127.0.third.to */
#define RANGE(third, from, to, name, relay_name, url_name)                   \
	{                                                                    \
		third, third, from, to, 0, false, name, relay_name, url_name \
	}
#define CODE(third, last, name)      RANGE(third, last, last, name, NULL, NULL)
#define CODES(third, from, to, name) RANGE(third, from, to, name, NULL, NULL)
/* Of a client, a relay and a URL. */
#define THREAT_CODES(from, to, name) \
	RANGE(0, from, to, "RBL_" name, "RELAY_" name, "URL_" name)
#define BIT(bit, name)                                     \
	{                                                  \
		0, 0, 0, 255, bit, false, name, NULL, name \
	}
#define EVERY_ANSWER(name)                            \
	{                                             \
		0, 0, 0, 0, 0, true, name, NULL, NULL \
	}
#define COUNTED(table) .codes = table, .code_count = GP_NELEMS(table)

/* RFC 5782 section 5: 127.0.0.2 is listed, 127.0.0.1 is not. */
#define ADDRESS_TEST .listed = "127.0.0.2", .not_listed = "127.0.0.1"
/* The same section: TEST is listed, INVALID is not. */
#define DOMAIN_TEST .listed = "test", .not_listed = "invalid"

static const struct lists_code zen_codes[] = {
	THREAT_CODES(2, 2, "ZEN_SBL"), THREAT_CODES(3, 3, "ZEN_CSS"),
	THREAT_CODES(4, 7, "ZEN_XBL"), THREAT_CODES(9, 9, "ZEN_DROP"),
	CODES(0, 10, 11, "RBL_ZEN_PBL"),
	THREAT_CODES(30, 30, "ZEN_SBL"), /* botnet controllers */
};

static const struct lists_code dbl_codes[] = {
	CODE(1, 2, "DBL_SPAM"),
	CODE(1, 4, "DBL_PHISH"),
	CODE(1, 5, "DBL_MALWARE"),
	CODE(1, 6, "DBL_BOTNET"),
	/* Honest domains; 127.0.1.255 would say that an address was asked. */
	CODES(1, 102, 106, "DBL_ABUSED"),
};

static const struct lists_code spamcop_codes[] = {
	CODE(0, 2, "RBL_SPAMCOP"),
};

static const struct lists_code psbl_codes[] = {
	CODE(0, 2, "RBL_PSBL"),
};

/* 13 to 17 are neutral. */
static const struct lists_code mailspike_codes[] = {
	CODE(0, 10, "RBL_MAILSPIKE_WORST"),
	CODE(0, 11, "RBL_MAILSPIKE_VERYBAD"),
	CODE(0, 12, "RBL_MAILSPIKE_BAD"),
	CODE(0, 18, "RWL_MAILSPIKE_GOOD"),
	CODE(0, 19, "RWL_MAILSPIKE_VERYGOOD"),
	CODE(0, 20, "RWL_MAILSPIKE_EXCELLENT"),
};

static const struct lists_code sem_codes[] = {
	CODE(0, 2, "RBL_SEM"),
};

/* 127.0.category.trust; categories begin at 2. */
#define DNSWL(trust, name)                                       \
	{                                                        \
		2, 254, trust, trust, 0, false, name, NULL, NULL \
	}
static const struct lists_code dnswl_codes[] = {
	DNSWL(0, "RWL_DNSWL_NONE"),
	DNSWL(1, "RWL_DNSWL_LOW"),
	DNSWL(2, "RWL_DNSWL_MED"),
	DNSWL(3, "RWL_DNSWL_HIGH"),
};
static const struct lists_code dnswl_refusal = CODE(0, 255, NULL);

static const struct lists_code surbl_codes[] = {
	BIT(8, "SURBL_PHISH"),
	BIT(16, "SURBL_MALWARE"),
	BIT(64, "SURBL_ABUSE"),
	BIT(128, "SURBL_CRACKED"),
};

static const struct lists_code uribl_codes[] = {
	BIT(2, "URIBL_BLACK"),
	BIT(4, "URIBL_GREY"),
	BIT(8, "URIBL_RED"),
};

/* Of SURBL and URIBL: the lowest bit is no list but "query refused". */
static const struct lists_code lowest_bit_refusal = BIT(1, NULL);

static const struct lists_code sem_domain_codes[] = {
	CODE(0, 2, "SEM_DOMAIN"),
};

static const struct lists_code sem_fresh_codes[] = {
	CODE(0, 2, "SEM_FRESH"),
};

/* 127.0.1.x are addresses that may be honest. */
static const struct lists_code ebl_codes[] = {
	CODES(0, 2, 3, "EBL_ADDRESS"),
};

/* SpamEatingMonkey's own names for TEST and INVALID. */
#define SEM_DOMAIN_TEST \
	.listed = "_dnsbl_.test", .not_listed = "_dnsblneg_.test"

const struct lists_description lists_table[] = {
	{ .name = "Spamhaus ZEN",
	    .zone = "zen.spamhaus.org",
	    .keyed_zone = "zen.dq.spamhaus.net",
	    .subjects = LISTS_FOR(LISTS_CLIENT) | LISTS_FOR(LISTS_RELAY) |
		LISTS_FOR(LISTS_URL),
	    .ipv6 = true,
	    ADDRESS_TEST,
	    COUNTED(zen_codes) },
	{ .name = "SpamCop",
	    .zone = "bl.spamcop.net",
	    .subjects = LISTS_FOR(LISTS_CLIENT),
	    ADDRESS_TEST,
	    COUNTED(spamcop_codes) },
	{ .name = "PSBL",
	    .zone = "psbl.surriel.com",
	    .subjects = LISTS_FOR(LISTS_CLIENT),
	    ADDRESS_TEST,
	    COUNTED(psbl_codes) },
	{ .name = "Mailspike",
	    .zone = "rep.mailspike.net",
	    .subjects = LISTS_FOR(LISTS_CLIENT),
	    .not_listed = "127.0.0.1",
	    COUNTED(mailspike_codes) },
	{ .name = "SpamEatingMonkey",
	    .zone = "bl.spameatingmonkey.net",
	    .subjects = LISTS_FOR(LISTS_CLIENT),
	    ADDRESS_TEST,
	    COUNTED(sem_codes) },
	{ .name = "DNSWL.org",
	    .zone = "list.dnswl.org",
	    .subjects = LISTS_FOR(LISTS_CLIENT),
	    .ipv6 = true,
	    ADDRESS_TEST,
	    .refusal = &dnswl_refusal,
	    COUNTED(dnswl_codes) },
	{ .name = "Spamhaus DBL",
	    .zone = "dbl.spamhaus.org",
	    .keyed_zone = "dbl.dq.spamhaus.net",
	    .subjects = LISTS_FOR(LISTS_DOMAIN),
	    .whole_host = true,
	    DOMAIN_TEST,
	    COUNTED(dbl_codes) },
	{ .name = "SURBL",
	    .zone = "multi.surbl.org",
	    .subjects = LISTS_FOR(LISTS_DOMAIN) | LISTS_FOR(LISTS_URL),
	    .listed = "surbl-org-permanent-test-point.com",
	    .not_listed = "invalid",
	    .refusal = &lowest_bit_refusal,
	    COUNTED(surbl_codes) },
	{ .name = "URIBL",
	    .zone = "multi.uribl.com",
	    .subjects = LISTS_FOR(LISTS_DOMAIN) | LISTS_FOR(LISTS_URL),
	    .listed = "test.uribl.com",
	    .not_listed = "invalid",
	    .refusal = &lowest_bit_refusal,
	    COUNTED(uribl_codes) },
	{ .name = "SpamEatingMonkey domains",
	    .zone = "uribl.spameatingmonkey.net",
	    .subjects = LISTS_FOR(LISTS_DOMAIN),
	    SEM_DOMAIN_TEST,
	    COUNTED(sem_domain_codes) },
	{ .name = "SpamEatingMonkey fresh",
	    .zone = "fresh.spameatingmonkey.net",
	    .subjects = LISTS_FOR(LISTS_DOMAIN),
	    SEM_DOMAIN_TEST,
	    COUNTED(sem_fresh_codes) },
	{ .name = "MSBL EBL",
	    .zone = "ebl.msbl.org",
	    .subjects = LISTS_FOR(LISTS_ADDRESS),
	    .not_listed = "invalid",
	    COUNTED(ebl_codes) },
};

const size_t lists_table_count = GP_NELEMS(lists_table);

static const struct lists_code own_block_codes[] = { EVERY_ANSWER("RBL_OWN") };
static const struct lists_code own_allow_codes[] = { EVERY_ANSWER("RWL_OWN") };
static const struct lists_code own_domain_codes[] = { EVERY_ANSWER(
    "DOMAIN_OWN") };

const struct lists_description lists_own_block = {
	.subjects = LISTS_FOR(LISTS_CLIENT),
	.ipv6 = true,
	ADDRESS_TEST,
	COUNTED(own_block_codes),
};

const struct lists_description lists_own_allow = {
	.subjects = LISTS_FOR(LISTS_CLIENT),
	.ipv6 = true,
	ADDRESS_TEST,
	COUNTED(own_allow_codes),
};

const struct lists_description lists_own_domains = {
	.subjects = LISTS_FOR(LISTS_DOMAIN),
	.whole_host = true,
	DOMAIN_TEST,
	COUNTED(own_domain_codes),
};

const struct lists_description *
lists_table_find(const char *name)
{
	size_t i;

	for (i = 0; i < lists_table_count; i++)
		if (str_equals_nocase(lists_table[i].zone, name) ||
		    str_equals_nocase(lists_table[i].name, name))
			return &lists_table[i];
	return NULL;
}

static bool
address_has_code(const struct ip *address, const struct lists_code *code)
{
	const unsigned char *bytes = address->bytes;

	if (code->any)
		return true;
	return bytes[1] == 0 && bytes[2] >= code->third_from &&
	    bytes[2] <= code->third_to && bytes[3] >= code->last_from &&
	    bytes[3] <= code->last_to &&
	    (code->bits == 0 || (bytes[3] & code->bits) != 0);
}

static bool
is_list_answer(const struct ip *address)
{
	return address->family == AF_INET && address->bytes[0] == 127;
}

static bool
is_refusal(
    const struct lists_description *description, const struct ip *address)
{
	if (address->bytes[1] == 255 && address->bytes[2] == 255)
		return true;
	return description->refusal != NULL &&
	    address_has_code(address, description->refusal);
}

enum lists_reading
lists_read(const struct lists_description *description,
    const struct dns_answer *answer, struct ip *address_r)
{
	enum lists_reading reading = LISTS_READING_NOTHING;
	const struct ip *address;
	size_t i;

	address_r->family = AF_UNSPEC;
	if (dns_result_is_temporary(answer->result))
		return LISTS_READING_UNKNOWN;
	for (i = 0; i < answer->record_count; i++) {
		address = &answer->records[i].address;
		if (!is_list_answer(address))
			continue;
		if (is_refusal(description, address)) {
			*address_r = *address;
			return LISTS_READING_REFUSED;
		}
		if (reading == LISTS_READING_NOTHING)
			*address_r = *address;
		reading = LISTS_READING_LISTED;
	}
	return reading;
}

const char *
lists_code_symbol(const struct lists_code *code, enum lists_subject subject,
    const struct ip *address)
{
	if (!is_list_answer(address) || !address_has_code(address, code))
		return NULL;
	if (subject == LISTS_RELAY)
		return code->relay_symbol;
	return subject == LISTS_URL ? code->url_symbol : code->symbol;
}
