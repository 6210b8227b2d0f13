/* SPF records: the grammar, and what a reader must refuse. */
#include "config.h"

#include "lib/auth/spf-record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/unit.h"

#define BYTES(text)                    \
	{                              \
		text, sizeof(text) - 1 \
	}

static const struct span well_formed[] = {
	BYTES("v=spf1"),
	BYTES("V=SPF1 "),
	BYTES("v=spf1  -all  "),
	BYTES("v=spf1 all -ALL ~all ?all"),
	BYTES("v=spf1 a mx ptr"),
	BYTES("v=spf1 a:a.b/0 mx:a.b//0 a/32//128 mx/1 a//64"),
	BYTES("v=spf1 a:b:c/d.example a:%{d} a:x%{d2r-}/24 mx:%%{x.example"),
	BYTES("v=spf1 a:-a_b.ex-ample. ptr:a.x1 exists:%{l1r+-,/_=.}.a"),
	BYTES("v=spf1 a:x.%_ a:x%- a:x%%"),
	BYTES("v=spf1 ip4:1.2.3.4 ip4:0.0.0.0/0 ip6:::/0 ip6:::1/128"),
	BYTES("v=spf1 ip6:2001:db8::1.2.3.4 ip6:::ffff:1.2.3.4/96"),
	BYTES("v=spf1 include:_spf.example.com redirect=a.b exp=c.d"),
	BYTES("v=spf1 redirect=a.b -all"),
	BYTES("v=spf1 x= y.z_-1=%{c}%{r}%{t}:/=\" default=-"),
	BYTES("v=spf1 v=spf1"),
};

static const struct span malformed[] = {
	BYTES("v=spf1\t-all"),
	BYTES("v=spf1 -all\t"),
	BYTES("v=spf1 -all\n"),
	BYTES("v=spf1 a:b.example\0 -all"),
	BYTES("v=spf1 -all\0"),
	BYTES("v=spf1 \x80ll"),
	BYTES("v=spf1 x=\xe9"),
	BYTES("v=spf1 \x7f"),
	BYTES("v=spf1 +"),
	BYTES("v=spf1 -"),
	BYTES("v=spf1 =x"),
	BYTES("v=spf1 1x=y"),
	BYTES("v=spf1 :a.b"),
	BYTES("v=spf1 --all"),
	BYTES("v=spf1 !all"),
	BYTES("v=spf1 all."),
	BYTES("v=spf1 all:a.b"),
	BYTES("v=spf1 all/8"),
	BYTES("v=spf1 alll"),
	BYTES("v=spf1 word"),
	BYTES("v=spf1 a:"),
	BYTES("v=spf1 a:/24"),
	BYTES("v=spf1 a/"),
	BYTES("v=spf1 a//"),
	BYTES("v=spf1 a/33"),
	BYTES("v=spf1 a//129"),
	BYTES("v=spf1 a/024"),
	BYTES("v=spf1 a/24/64"),
	BYTES("v=spf1 a/24///64"),
	BYTES("v=spf1 a/99999999999999999999"),
	BYTES("v=spf1 a:b"),
	BYTES("v=spf1 a:b."),
	BYTES("v=spf1 a:b.123"),
	BYTES("v=spf1 a:b.-c"),
	BYTES("v=spf1 a:b.c-"),
	BYTES("v=spf1 a:b..c.."),
	BYTES("v=spf1 a:b.c:80"),
	BYTES("v=spf1 a:%{d}c"),
	BYTES("v=spf1 a:%{"),
	BYTES("v=spf1 a:%{}"),
	BYTES("v=spf1 a:%{d"),
	BYTES("v=spf1 a:%{d0}"),
	BYTES("v=spf1 a:%{x}"),
	BYTES("v=spf1 a:%{d|}"),
	BYTES("v=spf1 a:%{drr}"),
	BYTES("v=spf1 a:%{dr2}"),
	BYTES("v=spf1 a:%{c}"),
	BYTES("v=spf1 a:%"),
	BYTES("v=spf1 a:%a.b"),
	BYTES("v=spf1 a=b:c%"),
	BYTES("v=spf1 mx:"),
	BYTES("v=spf1 ptr/0"),
	BYTES("v=spf1 ptr:"),
	BYTES("v=spf1 ptr:a.b/24"),
	BYTES("v=spf1 include"),
	BYTES("v=spf1 include:"),
	BYTES("v=spf1 include:a.b/24"),
	BYTES("v=spf1 exists"),
	BYTES("v=spf1 exists:a.b/24"),
	BYTES("v=spf1 ip4"),
	BYTES("v=spf1 ip4:"),
	BYTES("v=spf1 ip4/8"),
	BYTES("v=spf1 ip4:1.2.3"),
	BYTES("v=spf1 ip4:1.2.3.04"),
	BYTES("v=spf1 ip4:1.2.3.256"),
	BYTES("v=spf1 ip4:1.2.3.4/"),
	BYTES("v=spf1 ip4:1.2.3.4/33"),
	BYTES("v=spf1 ip4:1.2.3.4/032"),
	BYTES("v=spf1 ip4:1.2.3.4//32"),
	BYTES("v=spf1 ip4:1.2.3.4:25"),
	BYTES("v=spf1 ip4:::1"),
	BYTES("v=spf1 ip6"),
	BYTES("v=spf1 ip6:1.2.3.4"),
	BYTES("v=spf1 ip6:::1/129"),
	BYTES("v=spf1 ip6::1"),
	BYTES("v=spf1 ip6:1:2:3:4:5:6:7:8:9"),
	BYTES("v=spf1 ip6:fe80::1%eth0"),
	BYTES("v=spf1 ip6:"
	      "00000000000000000000000000000000000000000000000000000001::"),
	BYTES("v=spf1 redirect:a.b"),
	BYTES("v=spf1 redirect="),
	BYTES("v=spf1 redirect=a"),
	BYTES("v=spf1 +redirect=a.b"),
	BYTES("v=spf1 redirect=a.b redirect=a.b"),
	BYTES("v=spf1 exp="),
	BYTES("v=spf1 exp=%{r}.a"),
	BYTES("v=spf1 exp=a.b -all exp=c.d"),
	BYTES("v=spf1 -x=y"),
};

static void
test_well_formed(void **state GP_UNUSED)
{
	const char *reason;
	size_t i;

	for (i = 0; i < GP_NELEMS(well_formed); i++) {
		assert_true(spf_record_is_spf1(well_formed[i]));
		reason = spf_record_error(well_formed[i]);
		if (reason != NULL)
			fail_msg("%s: %s", well_formed[i].data, reason);
	}
}

static void
test_malformed(void **state GP_UNUSED)
{
	size_t i;

	for (i = 0; i < GP_NELEMS(malformed); i++)
		if (spf_record_error(malformed[i]) == NULL)
			fail_msg("taken: %s", malformed[i].data);
}

/* No reader looks behind the length it was given. */
static void
test_every_prefix(void **state GP_UNUSED)
{
	size_t i, length;

	for (i = 0; i < GP_NELEMS(well_formed); i++) {
		for (length = 0; length <= well_formed[i].length; length++) {
			char *copy = malloc(length + 1);
			struct span text = { copy, length };

			assert_non_null(copy);
			memcpy(copy, well_formed[i].data, length);
			copy = realloc(copy, length > 0 ? length : 1);
			assert_non_null(copy);
			text.data = copy;
			if (spf_record_is_spf1(text))
				(void)spf_record_error(text);
			free(copy);
		}
	}
}

static void
test_version(void **state GP_UNUSED)
{
	assert_false(spf_record_is_spf1(span_of("")));
	assert_false(spf_record_is_spf1(span_of("v=spf")));
	assert_false(spf_record_is_spf1(span_of("v=spf10")));
	assert_false(spf_record_is_spf1(span_of("v=spf1\t")));
	assert_false(spf_record_is_spf1(span_of(" v=spf1")));
	assert_false(spf_record_is_spf1(span_of("spf2.0/mfrom -all")));
}

static void
test_terms(void **state GP_UNUSED)
{
	struct span rest = span_of("v=spf1 ~a:b.c/24//64 -ip6:2001:db8::/32 "
				   "?mx include:x.y exp=e.f");
	struct spf_term term;
	const char *reason;

	assert_true(spf_record_next(&rest, &term, &reason));
	assert_int_equal(term.kind, SPF_TERM_A);
	assert_int_equal(term.qualifier, '~');
	assert_true(span_equals(term.domain, "b.c"));
	assert_int_equal(term.ip4_bits, 24);
	assert_int_equal(term.ip6_bits, 64);
	assert_true(spf_record_next(&rest, &term, &reason));
	assert_int_equal(term.kind, SPF_TERM_IP6);
	assert_int_equal(term.qualifier, '-');
	assert_int_equal(term.network.prefix_bits, 32);
	assert_int_equal(term.network.ip.family, AF_INET6);
	assert_true(spf_record_next(&rest, &term, &reason));
	assert_int_equal(term.kind, SPF_TERM_MX);
	assert_int_equal(term.domain.length, 0);
	assert_int_equal(term.ip4_bits, 32);
	assert_int_equal(term.ip6_bits, 128);
	assert_true(spf_record_next(&rest, &term, &reason));
	assert_int_equal(term.kind, SPF_TERM_INCLUDE);
	assert_int_equal(term.qualifier, '+');
	assert_true(spf_record_next(&rest, &term, &reason));
	assert_int_equal(term.kind, SPF_TERM_EXPLANATION);
	assert_true(span_equals(term.domain, "e.f"));
	assert_false(spf_record_next(&rest, &term, &reason));
	assert_null(reason);
}

static void
test_length(void **state GP_UNUSED)
{
	char record[SPF_RECORD_BYTES_MAX + 2];
	struct span text = { record, SPF_RECORD_BYTES_MAX };

	memset(record, ' ', sizeof(record));
	memcpy(record, "v=spf1", 6);
	assert_null(spf_record_error(text));
	text.length++;
	assert_non_null(spf_record_error(text));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_well_formed),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_every_prefix),
		cmocka_unit_test(test_version),
		cmocka_unit_test(test_terms),
		cmocka_unit_test(test_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
