/* What authentication results weigh, alone and together. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "lib/scan/scan-private.h"
#include "tests/unit/unit.h"

#define NOT ((enum auth_result) - 1) /* the check did not run */

struct case_of_facts {
	const char *name;
	enum auth_result iprev, helo, spf_helo, spf, dkim, dmarc;
	enum dmarc_policy policy;
	const char *symbols; /* sorted by when they are added */
};

static const struct case_of_facts cases[] = {
	{ "nothing ran", NOT, NOT, NOT, NOT, NOT, NOT, DMARC_POLICY_NONE, "" },
	{ "all passes", AUTH_PASS, AUTH_PASS, AUTH_PASS, AUTH_PASS, AUTH_PASS,
	    AUTH_PASS, DMARC_POLICY_NONE, "SPF_PASS DKIM_PASS DMARC_PASS" },
	{ "all is unknown", AUTH_TEMPERROR, AUTH_TEMPERROR, AUTH_TEMPERROR,
	    AUTH_TEMPERROR, AUTH_TEMPERROR, AUTH_TEMPERROR, DMARC_POLICY_NONE,
	    "" },
	{ "nothing published", AUTH_PERMERROR, AUTH_NONE, AUTH_NONE, AUTH_NONE,
	    NOT, AUTH_NONE, DMARC_POLICY_NONE,
	    "PTR_NONE HELO_NONE SPF_NONE DMARC_NONE" },
	{ "names lie", AUTH_FAIL, AUTH_FAIL, AUTH_FAIL, AUTH_SOFTFAIL, NOT, NOT,
	    DMARC_POLICY_NONE,
	    "PTR_FAIL HELO_OTHER SPF_SOFTFAIL SPF_HELO_FAIL" },
	{ "forged, none", AUTH_PASS, AUTH_PASS, AUTH_PASS, AUTH_FAIL, AUTH_FAIL,
	    AUTH_FAIL, DMARC_POLICY_NONE, "SPF_FAIL DKIM_FAIL DMARC_FAIL" },
	{ "forged, quarantine", NOT, NOT, NOT, AUTH_NEUTRAL, NOT, AUTH_FAIL,
	    DMARC_POLICY_QUARANTINE, "SPF_NEUTRAL DMARC_QUARANTINE" },
	{ "forged, reject", NOT, NOT, NOT, AUTH_PERMERROR, NOT, AUTH_FAIL,
	    DMARC_POLICY_REJECT, "SPF_PERMERROR DMARC_REJECT" },
	{ "no author", NOT, NOT, NOT, NOT, NOT, AUTH_PERMERROR,
	    DMARC_POLICY_NONE, "DMARC_BAD_FROM" },
	{ "null sender: the HELO name stands for it", NOT, NOT, AUTH_FAIL, NOT,
	    NOT, NOT, DMARC_POLICY_NONE, "SPF_FAIL SPF_HELO_FAIL" },
	{ "forwarded: the signature explains SPF", NOT, NOT, NOT, AUTH_FAIL,
	    AUTH_PASS, AUTH_PASS, DMARC_POLICY_NONE, "DKIM_PASS DMARC_PASS" },
};

static void
set_facts(struct facts *facts, const struct case_of_facts *c,
    struct auth_dkim_signature *signature)
{
	facts->has_iprev = c->iprev != NOT;
	facts->iprev.result = c->iprev;
	facts->iprev.name = "";
	facts->has_helo = c->helo != NOT;
	facts->helo = c->helo;
	facts->has_spf_helo = c->spf_helo != NOT;
	facts->spf_helo.result = c->spf_helo;
	facts->spf_helo.domain = "helo.test";
	facts->has_spf_sender = c->spf != NOT;
	facts->spf_sender.result = c->spf;
	facts->spf_sender.domain = "a.test";
	facts->has_dkim = c->dkim != NOT;
	signature->result = c->dkim;
	signature->domain = "a.test";
	facts->dkim.signature_count = c->dkim != NOT;
	facts->dkim.signatures = signature;
	facts->has_dmarc = c->dmarc != NOT;
	facts->dmarc.result = c->dmarc;
	facts->dmarc.disposition = c->policy;
	facts->dmarc.author_domain = "a.test";
}

static void
test_cases(void **state GP_UNUSED)
{
	const struct scan_services services = { 0 };
	struct auth_dkim_signature signature;
	const struct settings *settings;
	struct conf_errors *errors = conf_errors_new();
	const struct score *score;
	char found[500];
	struct scan *scan;
	size_t i, j;

	assert_int_equal(settings_load(NULL, &settings, errors), STATUS_OK);
	for (i = 0; i < GP_NELEMS(cases); i++) {
		assert_int_equal(
		    scan_new(&services, settings, &scan), STATUS_OK);
		memset(&signature, 0, sizeof(signature));
		set_facts(&scan->verdict.facts, &cases[i], &signature);
		assert_int_equal(auth_symbols_add(scan), STATUS_OK);
		score = &scan->verdict.score;
		found[0] = '\0';
		for (j = 0; j < score->count; j++)
			snprintf(found + strlen(found),
			    sizeof(found) - strlen(found), "%s%s",
			    j == 0 ? "" : " ",
			    symbol_name(score->symbols[j].id));
		if (strcmp(found, cases[i].symbols) != 0)
			fail_msg("%s: \"%s\"", cases[i].name, found);
		scan_free(&scan);
	}
	settings_release(&settings);
	conf_errors_free(&errors);
}

/* An unsigned message, and one of whose signatures one holds. */
static void
test_signatures(void **state GP_UNUSED)
{
	struct auth_dkim_signature signatures[3] = {
		{ .result = AUTH_FAIL, .domain = "a.test" },
		{ .result = AUTH_PASS, .domain = "b.test" },
		{ .result = AUTH_TEMPERROR, .domain = "c.test" },
	};

	static const struct {
		size_t first, count;
		const char *symbol; /* NULL: none */
	} rows[] = { { 0, 0, "DKIM_NONE" }, { 0, 1, "DKIM_FAIL" },
		{ 0, 2, "DKIM_PASS" }, { 2, 1, NULL } };
	const struct scan_services services = { 0 };
	const struct settings *settings;
	struct conf_errors *errors = conf_errors_new();
	struct facts *facts;
	struct scan *scan;
	size_t i;

	assert_int_equal(settings_load(NULL, &settings, errors), STATUS_OK);
	for (i = 0; i < GP_NELEMS(rows); i++) {
		assert_int_equal(
		    scan_new(&services, settings, &scan), STATUS_OK);
		facts = &scan->verdict.facts;
		facts->has_dkim = true;
		facts->dkim.signatures = &signatures[rows[i].first];
		facts->dkim.signature_count = rows[i].count;
		assert_int_equal(auth_symbols_add(scan), STATUS_OK);
		assert_int_equal(
		    scan->verdict.score.count, rows[i].symbol != NULL);
		if (rows[i].symbol != NULL)
			assert_string_equal(
			    symbol_name(scan->verdict.score.symbols[0].id),
			    rows[i].symbol);
		scan_free(&scan);
	}
	settings_release(&settings);
	conf_errors_free(&errors);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_signatures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
