/* The DMARC policy record, by RFC 9989 sections 4.7, 4.8 and 4.10.1. */
#include "config.h"

#include "lib/auth/dmarc-record.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/unit.h"

#define TEXT_BYTES 200

/* All fields in one line, absent reports left out. */
static const char *
record_text(const struct dmarc_record *record, char text[TEXT_BYTES])
{
	static const char psd_letters[] = { 'u', 'n', 'y' };
	int length;

	length = snprintf(text, TEXT_BYTES, "%s%s %s %s %c%c psd=%c t=%c fo=%u",
	    record->applies ? "" : "(not) ",
	    dmarc_policy_text(record->domain_policy),
	    dmarc_policy_text(record->subdomain_policy),
	    dmarc_policy_text(record->nonexistent_policy),
	    record->dkim_strict ? 's' : 'r', record->spf_strict ? 's' : 'r',
	    psd_letters[record->psd], record->testing ? 'y' : 'n',
	    record->failure_options);
	assert_true(length > 0 && length < TEXT_BYTES);
	return text;
}

#define REJECT "reject reject reject rr psd=u t=n fo=1"
#define NONE   "none none none rr psd=u t=n fo=1"
#define NOT    "(not) " NONE

static void
test_records(void **state GP_UNUSED)
{
	/* expected NULL: no DMARC record */
	static const struct {
		const char *record, *expected;
	} cases[] = {
		/* the version comes first, and exactly so */
		{ "v=DMARC1; p=reject", REJECT },
		{ "v=DMARC1;p=reject;", REJECT },
		{ "v = DMARC1 ; p = reject ;", REJECT },
		{ "v\t=\tDMARC1\t;\tp\t=\treject\t", REJECT },
		{ "V=DMARC1; P=Reject", REJECT },
		{ "v=DMARC1", NOT },
		{ "v=DMARC1;", NOT },
		{ "v=dmarc1; p=reject", NULL },
		{ "v=DMARC1x; p=reject", NULL },
		{ "v=DMARC1 p=reject", NULL },
		{ "v=DMARC2; p=reject", NULL },
		{ "v=DMARC; p=reject", NULL },
		{ "v=DMARC10; p=reject", NULL },
		{ " v=DMARC1; p=reject", NULL },
		{ ";v=DMARC1; p=reject", NULL },
		{ "p=reject; v=DMARC1", NULL },
		{ "p=reject", NULL },
		{ "vv=DMARC1; p=reject", NULL },
		{ "v; p=reject", NULL },
		{ "", NULL },
		{ "=", NULL },
		{ "v=spf1 -all", NULL },
		/* policies */
		{ "v=DMARC1; p=none; sp=quarantine; np=reject",
		    "none quarantine reject rr psd=u t=n fo=1" },
		{ "v=DMARC1; p=reject; sp=none",
		    "reject none none rr psd=u t=n fo=1" },
		{ "v=DMARC1; p=reject; np=none",
		    "reject reject none rr psd=u t=n fo=1" },
		{ "v=DMARC1; np=reject; sp=none; p=quarantine",
		    "quarantine none reject rr psd=u t=n fo=1" },
		/* words are not abbreviated */
		{ "v=DMARC1; p=r", NOT },
		{ "v=DMARC1; p=n", NOT },
		{ "v=DMARC1; p=quarantin", NOT },
		{ "v=DMARC1; p=rejected", NOT },
		{ "v=DMARC1; p=reject reject", NOT },
		/* without p, or with a bad one, rua decides */
		{ "v=DMARC1; rua=mailto:a@example.com", NONE },
		{ "v=DMARC1; p=bad; rua=mailto:a@example.com", NONE },
		{ "v=DMARC1; p=; rua=mailto:a@example.com", NONE },
		{ "v=DMARC1; sp=reject; rua=mailto:a@example.com", NONE },
		{ "v=DMARC1; p=reject; sp=bad; rua=mailto:a@example.com",
		    NONE },
		{ "v=DMARC1; p=reject; np=bad; rua=mailto:a@example.com",
		    NONE },
		{ "v=DMARC1; p=reject; sp=bad", NOT },
		{ "v=DMARC1; p=reject; np=", NOT },
		{ "v=DMARC1; p=reject; sp=bad; rua=nobody", NOT },
		{ "v=DMARC1; rua=mailto:", NOT },
		{ "v=DMARC1; rua=mailto:a", NOT },
		{ "v=DMARC1; rua=mailto:a@", NOT },
		{ "v=DMARC1; rua=mailto:@b", NOT },
		{ "v=DMARC1; rua=a@example.com", NOT },
		{ "v=DMARC1; rua=:a@example.com", NOT },
		{ "v=DMARC1; rua=mailto:a b@example.com", NOT },
		{ "v=DMARC1; rua=mailto:a%zz@example.com", NOT },
		{ "v=DMARC1; rua=mailto:a@example.com!", NOT },
		{ "v=DMARC1; rua=mailto:a@example.com!10q", NOT },
		{ "v=DMARC1; rua=mailto:a@example.com!10m", NONE },
		{ "v=DMARC1; rua=mailto:a@example.com!5", NONE },
		{ "v=DMARC1; rua=mailto:a%21@example.com", NONE },
		{ "v=DMARC1; rua=bad , mailto:a@example.com", NONE },
		{ "v=DMARC1; rua=https://example.com/dmarc", NONE },
		{ "v=DMARC1; adkim=s; rua=mailto:a@example.com; psd=n",
		    "none none none sr psd=n t=n fo=1" },
		/* bad optional tags count as absent */
		{ "v=DMARC1; p=reject; adkim=S; aspf=s",
		    "reject reject reject ss psd=u t=n fo=1" },
		{ "v=DMARC1; p=reject; adkim=x; aspf=strict", REJECT },
		{ "v=DMARC1; p=reject; aspf=r; adkim=r", REJECT },
		{ "v=DMARC1; p=reject; t=y; psd=y",
		    "reject reject reject rr psd=y t=y fo=1" },
		{ "v=DMARC1; p=reject; t=yes; psd=maybe", REJECT },
		{ "v=DMARC1; p=reject; t=n; psd=u", REJECT },
		{ "v=DMARC1; p=reject; fo=1:d:s",
		    "reject reject reject rr psd=u t=n fo=14" },
		{ "v=DMARC1; p=reject; fo=d : 0",
		    "reject reject reject rr psd=u t=n fo=5" },
		{ "v=DMARC1; p=reject; fo=x", REJECT },
		{ "v=DMARC1; p=reject; fo=0:1", REJECT },
		{ "v=DMARC1; p=reject; fo=d:d", REJECT },
		{ "v=DMARC1; p=reject; fo=1:", REJECT },
		{ "v=DMARC1; p=reject; junk; =; ;;", REJECT },
		{ "v=DMARC1; p=reject; x=y; future=tag", REJECT },
		/* tags of RFC 7489 change nothing, whatever they say */
		{ "v=DMARC1; p=reject; pct=0; ri=1d; rf=iodef", REJECT },
		{ "v=DMARC1; p=reject; pct=abc", REJECT },
		{ "v=DMARC1; p=reject; pct=101; ri=; rf=x", REJECT },
		{ "v=DMARC1; p=reject; aspf=s; rf=iodef",
		    "reject reject reject rs psd=u t=n fo=1" },
		/* a tag that occurs twice says nothing */
		{ "v=DMARC1; p=none; p=reject", NOT },
		{ "v=DMARC1; p=reject; p=reject; rua=mailto:a@b.example",
		    NONE },
		{ "v=DMARC1; p=reject; adkim=s; adkim=s", REJECT },
		{ "v=DMARC1; p=reject; x=1; x=2", REJECT },
		{ "v=DMARC1; p=reject; v=DMARC1; p=reject", NOT },
		/* other bytes than printing ASCII */
		{ "v=DMARC1; p=re\xc3\xa4ject", NOT },
		{ "v=DMARC1; p=reject\n", NOT },
		{ "v=DMARC1; p=reject; adkim=s\x01", REJECT },
		{ "v=DMARC1; p=reject; \xff=\xfe", REJECT },
	};
	struct dmarc_record record;
	char text[TEXT_BYTES];
	size_t i;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		enum status status =
		    dmarc_record_parse(span_of(cases[i].record), &record);

		if (status !=
		    (cases[i].expected != NULL ? STATUS_OK : STATUS_INVALID))
			fail_msg("case %s: status", cases[i].record);
		if (cases[i].expected != NULL &&
		    strcmp(record_text(&record, text), cases[i].expected) != 0)
			fail_msg("case %s: %s", cases[i].record, text);
	}
}

static void
test_report_uris(void **state GP_UNUSED)
{
	struct dmarc_record record;
	struct span nul = { "v=DMARC1; p=reject\0; sp=none", 28 };

	assert_int_equal(
	    dmarc_record_parse(
		span_of("v=DMARC1; p=none; rua= mailto:A@B.Example,x ; "
			"ruf=bad"),
		&record),
	    STATUS_OK);
	assert_true(span_equals(record.rua, "mailto:A@B.Example,x"));
	assert_int_equal(record.ruf.length, 0);
	assert_int_equal(dmarc_record_parse(nul, &record), STATUS_OK);
	assert_false(record.applies);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_records),
		cmocka_unit_test(test_report_uris),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
