/*
 * DKIM verification on messages signed for the purpose (dkim-messages.h): each
 * quirk of libopendkim, each rule of RFC 6376, 8301 and 8463, each limit.
 */
#include "config.h"

#include "lib/auth/dkim.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/strbuf.h"
#include "lib/dns/zone.h"
#include "tests/unit/dkim-messages.h"
#include "tests/unit/unit.h"

#define NOW         1783000200 /* shortly after the t= of the messages */
#define RESULTS_MAX 12
#define DEADLINE_MS 1000
#define GOOD_RSA    "v=DKIM1; k=rsa; p=" KEY_RSA
#define GOOD_ED     "v=DKIM1; k=ed25519; p=" KEY_ED25519

/* What a case says about the first signature, and all result words. */
struct expected {
	const char *words;  /* "pass permerror" */
	const char *reason; /* of the first signature: begins with; or NULL */
};

struct verified {
	struct region *region;
	struct auth_dkim_results results;
};

static struct auth_dkim_library *library;

static int
setup(void **state GP_UNUSED)
{
	return auth_dkim_library_new(&library) == STATUS_OK ? 0 : -1;
}

static int
teardown(void **state GP_UNUSED)
{
	auth_dkim_library_free(&library);
	return 0;
}

static void
add_txt(struct dns_zone *zone, const char *name, const char *text)
{
	assert_int_equal(
	    dns_zone_add_txt(zone, name, text, strlen(text)), STATUS_OK);
}

/* The zone with the good keys; rsa_record instead of the RSA one. */
static struct dns_zone *
make_zone(const char *rsa_record)
{
	struct dns_zone *zone = dns_zone_new();

	assert_non_null(zone);
	if (rsa_record != NULL)
		add_txt(zone, "rsa._domainkey.example.com", rsa_record);
	add_txt(zone, "ed._domainkey.example.com", GOOD_ED);
	add_txt(zone, "rsa512._domainkey.example.com", "p=" KEY_RSA512);
	add_txt(zone, "rsa1020._domainkey.example.com", "p=" KEY_RSA1020);
	add_txt(zone, "rsa1024._domainkey.example.com", "p=" KEY_RSA1024);
	add_txt(zone, "rsa4096._domainkey.example.com", "p=" KEY_RSA4096);
	return zone;
}

static void
feed_body(struct auth_dkim *dkim, struct span body, size_t chunk)
{
	size_t length;

	for (; body.length > 0; body.data += length, body.length -= length) {
		length = chunk < body.length ? chunk : body.length;
		assert_int_equal(
		    auth_dkim_body(dkim, body.data, length), STATUS_OK);
	}
}

/* Verifies a whole message; takes over *zone. */
static struct verified
verify(struct dns_zone **zone, struct span raw, size_t chunk)
{
	struct verified verified;
	struct message message;
	struct auth_dkim *dkim;
	struct dns *dns;
	struct span body;

	verified.region = region_new();
	assert_non_null(verified.region);
	message_init(&message, verified.region);
	assert_int_equal(dns_open_zone(zone, &dns), STATUS_OK);
	assert_int_equal(message_parse_header(&message, raw, &body), STATUS_OK);
	assert_int_equal(
	    auth_dkim_new(library, verified.region, dns, NOW, &dkim),
	    STATUS_OK);
	assert_int_equal(
	    auth_dkim_headers(dkim, &message, clock_now_ms() + DEADLINE_MS),
	    STATUS_OK);
	feed_body(dkim, body, chunk);
	assert_int_equal(auth_dkim_finish(dkim, &verified.results), STATUS_OK);
	auth_dkim_free(&dkim);
	dns_close(&dns);
	return verified;
}

static struct verified
verify_text(const char *text)
{
	struct dns_zone *zone = make_zone(GOOD_RSA);

	return verify(&zone, span_of(text), SIZE_MAX);
}

static void
check(const char *name, struct verified *verified, struct expected expected)
{
	const struct auth_dkim_results *results = &verified->results;
	char words[200] = "";
	size_t i, at = 0;
	const char *reason;

	for (i = 0; i < results->signature_count; i++)
		at += (size_t)snprintf(words + at, sizeof(words) - at, "%s%s",
		    i == 0 ? "" : " ",
		    auth_result_text(results->signatures[i].result));
	if (strcmp(words, expected.words) != 0)
		fail_msg("%s: got \"%s\" (%s), want \"%s\"", name, words,
		    results->signature_count > 0 ?
			results->signatures[0].reason :
			"",
		    expected.words);
	if (results->signature_count > 0) {
		reason = results->signatures[0].reason;
		if (expected.reason == NULL ?
			reason != NULL :
			(reason == NULL ||
			    strncmp(reason, expected.reason,
				strlen(expected.reason)) != 0))
			fail_msg("%s: reason \"%s\", want \"%s\"", name, reason,
			    expected.reason);
	}
	region_free(&verified->region);
}

#define SIGNED(name) #name, message_##name

/* Each message in one piece, and with the body byte by byte. */
static void
test_messages(void **state GP_UNUSED)
{
	static const struct {
		const char *name, *text;
		struct expected expected;
	} cases[] = {
		{ SIGNED(relaxed), { "pass", NULL } },
		{ SIGNED(simple), { "pass", NULL } },
		{ SIGNED(simple_relaxed), { "pass", NULL } },
		{ SIGNED(relaxed_only), { "pass", NULL } },
		{ SIGNED(ed25519), { "pass", NULL } },
		{ SIGNED(two_keys), { "pass pass", NULL } },
		{ SIGNED(rsa_sha1), { "permerror", "rsa-sha1" } },
		{ SIGNED(body_changed), { "fail", "body hash" } },
		{ SIGNED(header_changed), { "fail", "signature did" } },
		{ SIGNED(empty_body), { "pass", NULL } },
		{ SIGNED(empty_body_simple), { "pass", NULL } },
		{ SIGNED(no_final_crlf), { "pass", NULL } },
		{ SIGNED(no_final_crlf_simple), { "pass", NULL } },
		{ SIGNED(l_exact), { "pass", NULL } },
		{ SIGNED(l_longer),
		    { "pass", "body longer than l=, 9 bytes" } },
		{ SIGNED(l_larger), { "permerror", "l= is larger" } },
		{ SIGNED(l_zero), { "pass", "body longer than l=, 27 bytes" } },
		{ SIGNED(l_bad), { "permerror", "l= is not" } },
		{ SIGNED(eight_bit), { "pass", NULL } },
		{ SIGNED(expired), { "pass", NULL } }, /* within the skew */
		{ SIGNED(x_before_t), { "permerror", "x= is not later" } },
		{ SIGNED(future), { "permerror", "signed in the future" } },
		{ SIGNED(t_bad), { "permerror", "t= is not" } },
		{ SIGNED(t_old), { "permerror", "t= or x= lies before" } },
		{ SIGNED(no_t), { "pass", NULL } },
		{ SIGNED(v2), { "permerror", "v= is not 1" } },
		{ SIGNED(v_last), { "pass", NULL } },
		{ SIGNED(no_v), { "permerror", "v= is missing" } },
		{ SIGNED(no_bh), { "permerror", "bh= is missing" } },
		{ SIGNED(i_subdomain), { "pass", NULL } },
		{ SIGNED(i_outside), { "permerror", "i= is outside" } },
		{ SIGNED(i_suffix), { "permerror", "i= is outside" } },
		{ SIGNED(i_encoded), { "pass", NULL } },
		{ SIGNED(i_no_at), { "permerror", "i= is not" } },
		{ SIGNED(duplicate_d),
		    { "permerror", "malformed signature: a duplicate" } },
		{ SIGNED(duplicate_s),
		    { "permerror", "malformed signature: a duplicate" } },
		{ SIGNED(from_not_signed), { "permerror", "From is not" } },
		{ SIGNED(no_from), { "permerror", "the message has no" } },
		{ SIGNED(second_from), { "policy", "a From field" } },
		{ SIGNED(both_from_signed), { "pass", NULL } },
		{ SIGNED(oversigned_added), { "fail", "signature did" } },
		{ SIGNED(h_names_all), { "fail", "signature did" } },
		{ SIGNED(q_other), { "permerror", "no known query" } },
		{ SIGNED(q_two), { "pass", NULL } },
		{ SIGNED(c_unknown), { "permerror", "unknown canon" } },
		{ SIGNED(a_unknown), { "permerror", "unknown algo" } },
		{ SIGNED(d_blank), { "permerror", "d= is not" } },
		{ SIGNED(selector_case), { "pass", NULL } },
		{ SIGNED(six_lengths),
		    { "pass pass pass pass policy policy", "body longer" } },
		{ SIGNED(junk_above),
		    { "permerror permerror permerror permerror permerror "
		      "permerror pass",
			"malformed signature: a tag without" } },
		{ SIGNED(equal_twice), { "pass pass", NULL } },
		{ SIGNED(long_field),
		    { "permerror pass", "malformed signature: the field is" } },
		{ SIGNED(unsigned), { "", NULL } },
		{ SIGNED(rsa512), { "permerror", "the RSA key is under" } },
		{ SIGNED(rsa1020), { "permerror", "the RSA key is under" } },
		{ SIGNED(rsa1024), { "pass", NULL } },
		{ SIGNED(rsa4096), { "pass", NULL } },
	};
	struct dns_zone *zone;
	struct verified verified;
	size_t i;

	for (i = 0; i < GP_NELEMS(cases) * 2; i++) {
		zone = make_zone(GOOD_RSA);
		verified = verify(&zone, span_of(cases[i / 2].text),
		    i % 2 == 0 ? SIZE_MAX : 1);
		check(cases[i / 2].name, &verified, cases[i / 2].expected);
	}
}

/* One good message under many key records. */
static void
test_key_records(void **state GP_UNUSED)
{
	static const struct {
		const char *record; /* NULL: no such name */
		struct expected expected;
	} cases[] = {
		{ NULL, { "permerror", "no key for signature" } },
		{ "p=" KEY_RSA, { "pass", NULL } },
		{ "v=DKIM1;p=" KEY_RSA ";", { "pass", NULL } },
		{ "v=DKIM1; n=x; x1=y; g=none; p=" KEY_RSA, { "pass", NULL } },
		{ "p=" KEY_RSA_BARE, { "pass", NULL } },
		{ "v=DKIM1; p=", { "permerror", "the key is revoked" } },
		{ "v=DKIM1; k=rsa", { "permerror", "p= is missing" } },
		{ "v=DKIM2; p=" KEY_RSA,
		    { "permerror", "the key record has a" } },
		{ "k=rsa; v=DKIM1; p=" KEY_RSA,
		    { "permerror", "the key record has a" } },
		{ "p=" KEY_RSA1024 "; p=" KEY_RSA,
		    { "permerror", "the key record has a duplicate" } },
		{ "k=rsa; t; p=" KEY_RSA,
		    { "permerror", "the key record is malformed" } },
		{ "", { "permerror", "the key record is malformed" } },
		{ "k=ed25519; p=" KEY_RSA, { "permerror", "the key type" } },
		{ "k=foo; p=" KEY_RSA, { "permerror", "the key type" } },
		{ "h=sha1; p=" KEY_RSA, { "permerror", "the key does not" } },
		{ "h=; p=" KEY_RSA, { "permerror", "the key does not" } },
		{ "h=sha1 : sha256; p=" KEY_RSA, { "pass", NULL } },
		{ "s=tlsrpt; p=" KEY_RSA,
		    { "permerror", "the key is not for" } },
		{ "s=tlsrpt:email; p=" KEY_RSA, { "pass", NULL } },
		{ "s=*; p=" KEY_RSA, { "pass", NULL } },
		{ "t=s; p=" KEY_RSA, { "pass", NULL } },
		{ "t=y; p=" KEY_RSA, { "pass", "the key is for testing" } },
		{ "p=MII*", { "permerror", "the key is not base64" } },
		{ "p=AAAA", { "permerror", "the key is not an RSA key" } },
		{ "p=" KEY_ED25519, { "permerror", "the key is not an RSA" } },
		{ "p=" KEY_RSA1024, { "fail", "signature did not verify" } },
		{ "p=" KEY_RSA KEY_RSA KEY_RSA,
		    { "permerror", "the key is too large" } },
	};
	struct dns_zone *zone;
	struct verified verified;
	size_t i;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		zone = make_zone(cases[i].record);
		verified = verify(&zone, span_of(message_relaxed), SIZE_MAX);
		check(cases[i].record, &verified, cases[i].expected);
	}
}

/* Ed25519 needs k=ed25519, though the library takes any. */
static void
test_ed25519_records(void **state GP_UNUSED)
{
	static const struct {
		const char *record;
		struct expected expected;
	} cases[] = {
		{ GOOD_ED, { "pass", NULL } },
		{ "p=" KEY_ED25519, { "permerror", "the key type" } },
		{ "k=rsa; p=" KEY_ED25519, { "permerror", "the key type" } },
		{ "k=ed25519; p=AAAA",
		    { "permerror", "the key is not an Ed" } },
		{ "k=ed25519; p=" KEY_RSA,
		    { "permerror", "the key is not an Ed" } },
	};
	struct dns_zone *zone;
	struct verified verified;
	size_t i;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		zone = dns_zone_new();
		assert_non_null(zone);
		add_txt(zone, "ed._domainkey.example.com", cases[i].record);
		verified = verify(&zone, span_of(message_ed25519), SIZE_MAX);
		check(cases[i].record, &verified, cases[i].expected);
	}
}

/* Exactly one key record is used; other TXT records may stand beside it. */
static void
test_several_records(void **state GP_UNUSED)
{
	static const struct {
		const char *second;
		struct expected expected;
	} cases[] = {
		{ "v=spf1 -all", { "pass", NULL } },
		{ "some words", { "pass", NULL } },
		{ "v=DKIM2; p=" KEY_RSA1024, { "pass", NULL } },
		{ "p=" KEY_RSA1024, { "permerror", "several key records" } },
		{ "v=DKIM1; p=", { "permerror", "several key records" } },
	};
	struct dns_zone *zone;
	struct verified verified;
	size_t i;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		zone = make_zone(GOOD_RSA);
		add_txt(zone, "rsa._domainkey.example.com", cases[i].second);
		verified = verify(&zone, span_of(message_relaxed), SIZE_MAX);
		check(cases[i].second, &verified, cases[i].expected);
	}
	zone = make_zone("v=spf1 -all");
	add_txt(zone, "rsa._domainkey.example.com", "words");
	verified = verify(&zone, span_of(message_relaxed), SIZE_MAX);
	check("no key", &verified,
	    (struct expected){ "permerror", "no key record among" });
}

/* What DNS does not know is no bad signature. */
static void
test_dns_trouble(void **state GP_UNUSED)
{
	static const struct {
		enum dns_result result;
		struct expected expected;
	} cases[] = {
		{ DNS_SERVFAIL, { "temperror", "the key record could" } },
		{ DNS_TIMEOUT, { "temperror", "the key record could" } },
		{ DNS_BOGUS, { "temperror", "the key record fails DNSSEC" } },
	};
	struct dns_zone *zone;
	struct verified verified;
	size_t i;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		zone = make_zone(NULL);
		assert_int_equal(
		    dns_zone_add_fault(zone, "rsa._domainkey.example.com",
			DNS_TYPE_TXT, cases[i].result),
		    STATUS_OK);
		verified = verify(&zone, span_of(message_relaxed), SIZE_MAX);
		check(dns_result_text(cases[i].result), &verified,
		    cases[i].expected);
	}
	zone = make_zone(NULL);
	assert_int_equal(dns_zone_add_fault(zone, "rsa._domainkey.example.com",
			     DNS_TYPE_TXT, DNS_SERVFAIL),
	    STATUS_OK);
	verified = verify(&zone, span_of(message_two_keys), SIZE_MAX);
	check("the other key", &verified,
	    (struct expected){ "pass temperror", NULL });
}

/* t=s and t=y against messages that they concern. */
static void
test_key_flags(void **state GP_UNUSED)
{
	static const struct {
		const char *record, *text;
		struct expected expected;
	} cases[] = {
		{ "t=s; p=" KEY_RSA, message_i_subdomain,
		    { "permerror", "the key forbids" } },
		{ "t=y:s; p=" KEY_RSA, message_i_encoded,
		    { "pass", "the key is for testing" } },
		{ "t=y; p=" KEY_RSA, message_body_changed,
		    { "neutral", "body hash did not verify (the key is for" } },
		{ "t=y; p=" KEY_RSA, message_header_changed,
		    { "neutral", "signature did not verify (the key is" } },
		{ "t=y; p=" KEY_RSA, message_l_longer,
		    { "pass",
			"body longer than l=, 9 bytes are not signed; "
			"the key is for testing" } },
	};
	struct dns_zone *zone;
	struct verified verified;
	size_t i;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		zone = make_zone(cases[i].record);
		verified = verify(&zone, span_of(cases[i].text), SIZE_MAX);
		check(cases[i].expected.reason, &verified, cases[i].expected);
	}
}

static void
test_report(void **state GP_UNUSED)
{
	struct verified verified = verify_text(message_selector_case);
	const struct auth_dkim_signature *signature;

	signature = &verified.results.signatures[0];
	assert_string_equal(signature->domain, "example.com");
	assert_string_equal(signature->selector, "rsa");
	assert_string_equal(signature->algorithm, "rsa-sha256");
	assert_string_equal(signature->identity, "@example.com");
	assert_int_equal(strlen(signature->b_prefix), 8);
	assert_int_equal(signature->key_bits, 2048);
	assert_false(signature->testing);
	assert_int_equal(signature->unsigned_body_bytes, 0);
	region_free(&verified.region);

	verified = verify_text(message_i_encoded);
	assert_string_equal(
	    verified.results.signatures[0].identity, "c;l@example.com");
	region_free(&verified.region);

	verified = verify_text(message_l_longer);
	assert_int_equal(verified.results.signatures[0].unsigned_body_bytes, 9);
	region_free(&verified.region);

	/* Equal signatures are unique at no length: there is a limit. */
	verified = verify_text(message_equal_twice);
	assert_int_equal(strlen(verified.results.signatures[1].b_prefix), 64);
	region_free(&verified.region);
}

static void
test_eleven(void **state GP_UNUSED)
{
	struct verified verified = verify_text(message_eleven);
	size_t i;

	assert_int_equal(verified.results.signature_count, 10);
	assert_int_equal(verified.results.ignored_count, 1);
	for (i = 0; i < 10; i++)
		assert_int_equal(
		    verified.results.signatures[i].result, AUTH_PASS);
	region_free(&verified.region);
}

/* Puts signatures of 2000 names each on a message, and fields below. */
static void
add_costly(struct strbuf *text, const char *tags, size_t signatures)
{
	size_t i, n;

	for (i = 0; i < signatures; i++) {
		strbuf_add_text(text, "DKIM-Signature: v=1; d=example.com;");
		strbuf_printf(text, " s=rsa; %s; h=from", tags);
		for (n = 0; n < 1999; n++)
			strbuf_add_text(text, ":q");
		strbuf_printf(text, "; bh=AAAA; b=%zuAAA\r\n", i);
	}
	for (i = 0; i < 29000; i++)
		strbuf_add_text(text, "z:\r\n");
	strbuf_add_text(text, message_relaxed);
}

/*
 * Many names in h= on many fields: the library is not asked, and honest
 * signatures beside them go on.
 */
static void
test_selection_steps(void **state GP_UNUSED)
{
	static const struct {
		const char *tags;
		struct expected expected;
	} cases[] = {
		{ "a=rsa-sha256",
		    { "policy policy policy policy policy policy "
		      "policy policy policy pass",
			"too many signed names" } },
		{ "a=rsa-sha1",
		    { "permerror permerror permerror permerror permerror "
		      "permerror permerror permerror permerror pass",
			"rsa-sha1" } },
		{ "a=rsa-sha256; h=from",
		    { "permerror permerror permerror permerror permerror "
		      "permerror permerror permerror permerror pass",
			"malformed signature: a duplicate" } },
	};
	struct strbuf *text = strbuf_new(1024 * 1024);
	struct verified verified;
	size_t i;

	assert_non_null(text);
	for (i = 0; i < GP_NELEMS(cases); i++) {
		strbuf_reset(text);
		add_costly(text, cases[i].tags, 9);
		assert_int_equal(strbuf_status(text), STATUS_OK);
		verified = verify_text(strbuf_text(text));
		check(cases[i].tags, &verified, cases[i].expected);
	}
	strbuf_free(&text);
}

/* Folds as libmilter hands them, and bare LF in a file. */
static void
test_bare_lf(void **state GP_UNUSED)
{
	char text[sizeof(message_relaxed)];
	size_t i, at = 0, header = sizeof(message_relaxed);
	struct span raw = { text, 0 };
	struct dns_zone *zone = make_zone(GOOD_RSA);
	struct verified verified;

	header =
	    (size_t)(strstr(message_relaxed, "\r\n\r\n") - message_relaxed);
	for (i = 0; i < sizeof(message_relaxed) - 1; i++)
		if (message_relaxed[i] != '\r' || i > header)
			text[at++] = message_relaxed[i];
	raw.length = at;
	verified = verify(&zone, raw, SIZE_MAX);
	check("bare LF", &verified, (struct expected){ "pass", NULL });
}

/* A NUL in a signed field would hide what stands behind it. */
static void
test_nul(void **state GP_UNUSED)
{
	static const char needle[] = "alice@example.com>";
	char text[sizeof(message_relaxed)];
	struct span raw = { text, sizeof(message_relaxed) - 1 };
	struct dns_zone *zone = make_zone(GOOD_RSA);
	struct verified verified;

	memcpy(text, message_relaxed, sizeof(text));
	*strstr(text, needle) = '\0';
	verified = verify(&zone, raw, SIZE_MAX);
	check("NUL", &verified,
	    (struct expected){ "permerror", "the message header holds" });
}

/* Expired is expired: one second behind the skew. */
static void
test_clock(void **state GP_UNUSED)
{
	static const struct {
		int64_t now;
		enum auth_result result;
	} cases[] = {
		{ 1783000000 - 301, AUTH_PERMERROR }, /* t= in the future */
		{ 1783000000 - 300, AUTH_PASS },
		{ 1783000100 + 300, AUTH_PASS },
		{ 1783000100 + 301, AUTH_PERMERROR }, /* x= has passed */
	};
	struct auth_dkim_results results;
	struct message message;
	struct auth_dkim *dkim;
	struct dns *dns;
	struct span body;
	size_t i;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		struct dns_zone *zone = make_zone(GOOD_RSA);
		struct region *region = region_new();

		message_init(&message, region);
		assert_int_equal(dns_open_zone(&zone, &dns), STATUS_OK);
		assert_int_equal(message_parse_header(
				     &message, span_of(message_expired), &body),
		    STATUS_OK);
		assert_int_equal(
		    auth_dkim_new(library, region, dns, cases[i].now, &dkim),
		    STATUS_OK);
		assert_int_equal(auth_dkim_headers(dkim, &message,
				     clock_now_ms() + DEADLINE_MS),
		    STATUS_OK);
		feed_body(dkim, body, 7);
		assert_int_equal(auth_dkim_finish(dkim, &results), STATUS_OK);
		assert_int_equal(results.signatures[0].result, cases[i].result);
		auth_dkim_free(&dkim);
		region_free(&region);
		dns_close(&dns);
	}
}

/* Keys are asked at the header, once each; none without a signature. */
static void
test_questions(void **state GP_UNUSED)
{
	static const struct {
		const char *text;
		uint64_t questions;
	} cases[] = {
		{ message_unsigned, 0 },
		{ message_rsa_sha1, 0 },
		{ message_relaxed, 1 },
		{ message_two_keys, 2 },
		{ message_eleven, 1 },
	};
	struct message message;
	struct auth_dkim *dkim;
	struct span body;
	struct dns *dns;
	size_t i;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		struct dns_zone *zone = make_zone(GOOD_RSA);
		struct region *region = region_new();

		message_init(&message, region);
		assert_int_equal(dns_open_zone(&zone, &dns), STATUS_OK);
		assert_int_equal(message_parse_header(
				     &message, span_of(cases[i].text), &body),
		    STATUS_OK);
		assert_int_equal(
		    auth_dkim_new(library, region, dns, NOW, &dkim), STATUS_OK);
		assert_int_equal(auth_dkim_headers(dkim, &message,
				     clock_now_ms() + DEADLINE_MS),
		    STATUS_OK);
		assert_int_equal(dns_questions_asked(dns), cases[i].questions);
		auth_dkim_free(&dkim); /* in the middle: an aborted message */
		region_free(&region);
		dns_close(&dns);
	}
}

/* What a thread needs, and what it counts. */
struct worker {
	pthread_t thread;
	struct dns *dns;
	unsigned int passed;
};

static bool
message_passes(struct dns *dns, const char *text)
{
	struct auth_dkim_results results = { .signature_count = 0 };
	struct region *region = region_new();
	struct auth_dkim *dkim = NULL;
	struct message message;
	struct span body;
	bool passed;

	message_init(&message, region);
	passed =
	    message_parse_header(&message, span_of(text), &body) == STATUS_OK &&
	    auth_dkim_new(library, region, dns, NOW, &dkim) == STATUS_OK &&
	    auth_dkim_headers(dkim, &message, clock_now_ms() + DEADLINE_MS) ==
		STATUS_OK &&
	    auth_dkim_body(dkim, body.data, body.length) == STATUS_OK &&
	    auth_dkim_finish(dkim, &results) == STATUS_OK &&
	    results.signature_count == 1 &&
	    results.signatures[0].result == AUTH_PASS;
	auth_dkim_free(&dkim);
	region_free(&region);
	return passed;
}

static void *
run_worker(void *argument)
{
	struct worker *worker = argument;
	unsigned int i;

	for (i = 0; i < 50; i++) {
		worker->passed += message_passes(worker->dns, message_relaxed);
		worker->passed += message_passes(worker->dns, message_ed25519);
		worker->passed -=
		    message_passes(worker->dns, message_body_changed);
	}
	return NULL;
}

/* One library handle for all threads. */
static void
test_threads(void **state GP_UNUSED)
{
	struct dns_zone *zone = make_zone(GOOD_RSA);
	struct worker workers[4];
	struct dns *dns;
	size_t i;

	assert_int_equal(dns_open_zone(&zone, &dns), STATUS_OK);
	for (i = 0; i < GP_NELEMS(workers); i++) {
		workers[i].dns = dns;
		workers[i].passed = 0;
		assert_int_equal(pthread_create(&workers[i].thread, NULL,
				     run_worker, &workers[i]),
		    0);
	}
	for (i = 0; i < GP_NELEMS(workers); i++) {
		assert_int_equal(pthread_join(workers[i].thread, NULL), 0);
		assert_int_equal(workers[i].passed, 100);
	}
	dns_close(&dns);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_key_records),
		cmocka_unit_test(test_ed25519_records),
		cmocka_unit_test(test_several_records),
		cmocka_unit_test(test_dns_trouble),
		cmocka_unit_test(test_key_flags),
		cmocka_unit_test(test_report),
		cmocka_unit_test(test_eleven),
		cmocka_unit_test(test_selection_steps),
		cmocka_unit_test(test_bare_lf),
		cmocka_unit_test(test_nul),
		cmocka_unit_test(test_clock),
		cmocka_unit_test(test_questions),
		cmocka_unit_test(test_threads),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
