/* Evidence as a formula, what a message comes from, and the keys of it. */
#include "config.h"

#include "lib/reputation/reputation.h"

#include <math.h>
#include <string.h>

#include "lib/reputation/greylist-hint.h"
#include "tests/unit/unit.h"

#define DAY_MS (INT64_C(86400) * 1000)

static const struct reputation_conf conf = { true, 30 * DAY_MS, 1.0, 8.0,
	180 * DAY_MS, 30 * DAY_MS };

/* The table of the header. */
static void
test_evidence(void **state GP_UNUSED)
{
	static const struct {
		double ham, spam, share;
	} cases[] = {
		{ 0, 0, 0 },
		{ 0.4, 0, 0 }, /* not worth a word */
		{ 1, 0, -1.0 / 11 },
		{ 10, 0, -0.5 },
		{ 50, 0, -50.0 / 60 },
		{ 50, 5, -45.0 / 65 },
		{ 50, 50, 0 },
		{ 0, 3, 3.0 / 13 },
		{ 0, 1e9, 1 },
	};
	struct reputation_subject subject = { .may_be_good = true };
	struct store_pair pair;
	double share;
	size_t i;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		pair.ham = cases[i].ham;
		pair.spam = cases[i].spam;
		share = reputation_share(&subject, &pair);
		if (fabs(share - cases[i].share) > 1e-6)
			fail_msg(
			    "ham %g spam %g: %g", pair.ham, pair.spam, share);
	}
}

/* More spam never looks better, more ham never worse; all stays within -1 to 1
 * and few messages say less than many of the same mixture. */
static void
test_evidence_is_monotonic(void **state GP_UNUSED)
{
	struct reputation_subject subject = { .may_be_good = true };
	struct store_pair pair, more_ham, more_spam, twice;
	double share;
	int ham, spam;

	for (ham = 0; ham <= 60; ham++)
		for (spam = 0; spam <= 60; spam++) {
			pair.ham = more_spam.ham = ham;
			pair.spam = more_ham.spam = spam;
			more_ham.ham = ham + 1;
			more_spam.spam = spam + 1;
			twice.ham = 2 * ham;
			twice.spam = 2 * spam;
			share = reputation_share(&subject, &pair);
			assert_true(share > -1 && share < 1);
			assert_true(
			    reputation_share(&subject, &more_ham) <= share);
			assert_true(
			    reputation_share(&subject, &more_spam) >= share);
			assert_true(fabs(reputation_share(&subject, &twice)) >=
			    fabs(share));
		}
}

static void
test_nothing_good_of_a_claim(void **state GP_UNUSED)
{
	struct reputation_subject subject = { .is_claimed = true };
	struct store_pair good = { 100, 0 }, bad = { 0, 100 };

	assert_true(reputation_share(&subject, &good) == 0);
	assert_true(reputation_share(&subject, &bad) > 0.9);
	assert_false(reputation_learns(&subject, REPUTATION_HAM));
	assert_true(reputation_learns(&subject, REPUTATION_SPAM));
	subject.is_claimed = false;
	assert_true(reputation_learns(&subject, REPUTATION_HAM));
}

/* A source, and the keys that it must give, in order. */
struct source_case {
	const char *name;
	const char *ip, *helo, *ptr;
	bool helo_is_confirmed, ptr_is_confirmed;
	const char *domains[3]; /* "=" in front: aligned */
	const char *keys[8];    /* without the half-life */
};

static const struct source_case source_cases[] = {
	{ "all", "192.0.2.77", "mail.example.co.uk", "out.example.com", true,
	    true, { "=news.example.org", NULL },
	    { "ip:192.0.2.77", "net:192.0.2.0/24", "ptr:example.com",
		"helo:example.co.uk", "domain:example.org" } },
	{ "nothing", NULL, "", "", false, false, { NULL }, { NULL } },
	{ "IPv6", "2001:db8:1:2::3", "", "", false, false, { NULL },
	    { "ip:2001:db8:1:2::3", "net:2001:db8:1::/48" } },
	{ "mapped", "::ffff:192.0.2.1", "", "", false, false, { NULL },
	    { "ip:192.0.2.1", "net:192.0.2.0/24" } },
	{ "claimed", NULL, "mail.example.com", "example.net", false, false,
	    { NULL }, { "ptr:?example.net", "helo:?example.com" } },
	{ "HELO in the domain of the name", NULL, "a.Example.Com",
	    "b.example.com", false, true, { NULL },
	    { "ptr:example.com", "helo:example.com" } },
	{ "HELO beside the domain of the name", NULL, "badexample.com",
	    "b.example.com", false, true, { NULL },
	    { "ptr:example.com", "helo:?badexample.com" } },
	{ "HELO in the domain of a claim", NULL, "a.example.com",
	    "b.example.com", false, false, { NULL },
	    { "ptr:?example.com", "helo:?example.com" } },
	{ "no names", NULL, "[192.0.2.1]", "bad..name", true, true, { NULL },
	    { NULL } },
	{ "a single label", NULL, "LOCALHOST", "", false, false, { NULL },
	    { "helo:?localhost" } },
	{ "one owner", NULL, "", "", false, false,
	    { "a.example.com", "=b.example.com", "example.net" },
	    { "domain:example.com", "domain:example.net" } },
	{ "strangers under one name", NULL, "", "", false, false,
	    { "a.me.github.io", "you.github.io", "github.io" },
	    { "domain:me.github.io", "domain:you.github.io",
		"domain:github.io" } },
	{ "a name out of hostile mail", NULL, "", "", false, false,
	    { "a b", "x\r\ny.example", "" }, { NULL } },
};

static void
fill_source(const struct source_case *c, struct reputation_source *source)
{
	size_t i;

	memset(source, 0, sizeof(*source));
	if (c->ip != NULL)
		assert_int_equal(
		    ip_parse(c->ip, &source->client_ip), STATUS_OK);
	source->helo = c->helo;
	source->ptr = c->ptr;
	source->helo_is_confirmed = c->helo_is_confirmed;
	source->ptr_is_confirmed = c->ptr_is_confirmed;
	for (i = 0; i < GP_NELEMS(c->domains) && c->domains[i] != NULL; i++) {
		source->domains[i].is_aligned = c->domains[i][0] == '=';
		source->domains[i].name =
		    c->domains[i] + source->domains[i].is_aligned;
		source->domain_count++;
	}
}

static void
test_subjects(void **state GP_UNUSED)
{
	struct region *region = region_new();
	struct reputation_subjects subjects;
	struct reputation_source source;
	const struct source_case *c;
	size_t i, j;

	for (i = 0; i < GP_NELEMS(source_cases); i++) {
		c = &source_cases[i];
		fill_source(c, &source);
		assert_int_equal(
		    reputation_subjects_of(region, &conf, &source, &subjects),
		    STATUS_OK);
		for (j = 0; j < subjects.count; j++) {
			const char *key = subjects.all[j].key;

			if (c->keys[j] == NULL ||
			    strncmp(key, c->keys[j], strlen(c->keys[j])) != 0 ||
			    strcmp(key + strlen(c->keys[j]), "@2592000") != 0)
				fail_msg("%s: key %zu: %s", c->name, j, key);
			if (strchr(key, '?') != NULL)
				assert_false(subjects.all[j].may_be_good);
		}
		if (c->keys[j] != NULL)
			fail_msg("%s: no %s", c->name, c->keys[j]);
	}
	region_free(&region);
}

/* Only what speaks for the author counts as good; one aligned name is enough.
 */
static void
test_alignment(void **state GP_UNUSED)
{
	struct region *region = region_new();
	struct reputation_subjects subjects;
	struct reputation_source source;

	fill_source(&source_cases[10], &source);
	assert_string_equal(source_cases[10].name, "one owner");
	assert_int_equal(
	    reputation_subjects_of(region, &conf, &source, &subjects),
	    STATUS_OK);
	assert_int_equal(subjects.count, 2);
	assert_true(subjects.all[0].may_be_good);
	assert_false(subjects.all[1].may_be_good);
	assert_string_equal(subjects.all[0].seen_key, "seen:example.com");
	region_free(&region);
}

/* Every name that may pass at once has room. */
static void
test_most_subjects(void **state GP_UNUSED)
{
	struct region *region = region_new();
	struct reputation_subjects subjects;
	struct reputation_source source;
	size_t i;

	fill_source(&source_cases[0], &source);
	source.domain_count = REPUTATION_DOMAINS_MAX;
	for (i = 0; i < REPUTATION_DOMAINS_MAX; i++)
		source.domains[i].name = region_printf(region, "d%zu.test", i);
	assert_int_equal(
	    reputation_subjects_of(region, &conf, &source, &subjects),
	    STATUS_OK);
	assert_int_equal(subjects.count, REPUTATION_SUBJECTS_MAX);
	region_free(&region);
}

/* Counters of another half-life are other counters. */
static void
test_half_life_is_in_the_key(void **state GP_UNUSED)
{
	struct reputation_conf other = conf;
	struct region *region = region_new();
	struct reputation_subject subject;
	struct store_pair add = { 1, 0 };
	struct ip ip;

	assert_int_equal(ip_parse("192.0.2.1", &ip), STATUS_OK);
	other.half_life = DAY_MS;
	assert_int_equal(reputation_subject_of_ip(
			     region, &other, REPUTATION_ADDRESS, &ip, &subject),
	    STATUS_OK);
	assert_string_equal(subject.key, "ip:192.0.2.1@86400");
	assert_int_equal(
	    reputation_read(&other, &subject).half_life_seconds, 86400);
	assert_int_equal(
	    reputation_add(&other, &subject, add).half_life_seconds, 86400);
	assert_int_equal(
	    reputation_add(&other, &subject, add).lifetime_seconds, 6 * 86400);
	region_free(&region);
}

static const char *
pair_key(struct region *region, const char *own, const char *other)
{
	struct address a, b;
	const char *key;

	assert_int_equal(address_parse_path(region, own, &a), STATUS_OK);
	assert_int_equal(address_parse_path(region, other, &b), STATUS_OK);
	assert_int_equal(reputation_pair_key(region, &a, &b, &key), STATUS_OK);
	return key;
}

static void
test_pairs(void **state GP_UNUSED)
{
	struct region *region = region_new();
	const char *key = pair_key(region, "<Alice@Home.test>", "bob@far.test");

	assert_memory_equal(key, "pair:", 5);
	assert_int_equal(strlen(key), 5 + 64);
	/* Nobody is named in it. */
	assert_null(strstr(key, "alice"));
	assert_null(strstr(key, "far"));
	assert_string_equal(
	    key, pair_key(region, "alice@home.test", "Bob@FAR.test"));
	/* The direction counts, and where an address ends. */
	assert_string_not_equal(
	    key, pair_key(region, "bob@far.test", "alice@home.test"));
	assert_string_not_equal(
	    key, pair_key(region, "alice@home.test", "bob@far.tes"));
	assert_string_not_equal(
	    key, pair_key(region, "alic@home.test", "bob@far.test"));
	region_free(&region);
}

static const char *
reply_key(struct region *region, const char *id, const char *participant)
{
	struct address address;
	const char *key;

	assert_int_equal(
	    address_parse_path(region, participant, &address), STATUS_OK);
	assert_int_equal(
	    reputation_reply_key(region, id, &address, &key), STATUS_OK);
	return key;
}

static void
test_reply_keys(void **state GP_UNUSED)
{
	struct region *region = region_new();
	const char *key = reply_key(region, "1@home.test", "<Bob@Far.test>");

	assert_memory_equal(key, "reply:", 6);
	assert_int_equal(strlen(key), 6 + 64);
	assert_string_equal(
	    key, reply_key(region, "1@home.test", "bob@far.test"));
	/* Another message, another address, and where each ends. */
	assert_string_not_equal(
	    key, reply_key(region, "1@HOME.test", "bob@far.test"));
	assert_string_not_equal(
	    key, reply_key(region, "1@home.test", "eve@far.test"));
	assert_string_not_equal(
	    key, reply_key(region, "1@home.testb", "ob@far.test"));
	region_free(&region);
}

static void
test_greylist_hint(void **state GP_UNUSED)
{
	struct region *region = region_new();
	struct store_operation operation;
	struct ip ip;

	assert_int_equal(ip_parse("2001:db8::1", &ip), STATUS_OK);
	assert_int_equal(
	    greylist_hint(region, STORE_SET, &ip, 450, &operation), STATUS_OK);
	assert_string_equal(operation.key, "greylist:2001:db8::1");
	assert_int_equal(operation.verb, STORE_SET);
	assert_int_equal(operation.lifetime_seconds, 3600);
	assert_int_equal(operation.number, 450);
	region_free(&region);
}

static void
test_conf(void **state GP_UNUSED)
{
	struct reputation_conf other = conf;

	assert_null(reputation_conf_error(&conf));
	other.learn_ham = other.learn_spam;
	assert_non_null(reputation_conf_error(&other));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_evidence),
		cmocka_unit_test(test_evidence_is_monotonic),
		cmocka_unit_test(test_nothing_good_of_a_claim),
		cmocka_unit_test(test_subjects),
		cmocka_unit_test(test_alignment),
		cmocka_unit_test(test_most_subjects),
		cmocka_unit_test(test_half_life_is_in_the_key),
		cmocka_unit_test(test_pairs),
		cmocka_unit_test(test_reply_keys),
		cmocka_unit_test(test_greylist_hint),
		cmocka_unit_test(test_conf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
