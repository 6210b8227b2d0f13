/* SPF macros: the examples of RFC 7208 section 7.4 and the limits. */
#include "config.h"

#include "lib/auth/spf-macro.h"

#include <string.h>

#include "tests/unit/unit.h"

static struct spf_macro_values
sample_values(const char *client)
{
	struct spf_macro_values values = {
		.sender = "strong-bad@email.example.com",
		.local_part = "strong-bad",
		.sender_domain = "email.example.com",
		.domain = "email.example.com",
		.client_name = "mx.example.org",
		.helo = "mail.example.net",
		.receiver = "rx.example.edu",
		.now_seconds = 1700000000,
	};

	assert_int_equal(ip_parse(client, &values.client_ip), STATUS_OK);
	return values;
}

static const struct {
	const char *text;
	const char *expected;
} examples[] = {
	{ "%{s}", "strong-bad@email.example.com" },
	{ "%{o}", "email.example.com" },
	{ "%{d}", "email.example.com" },
	{ "%{d4}", "email.example.com" },
	{ "%{d3}", "email.example.com" },
	{ "%{d2}", "example.com" },
	{ "%{d1}", "com" },
	{ "%{dr}", "com.example.email" },
	{ "%{d2r}", "example.email" },
	{ "%{l}", "strong-bad" },
	{ "%{l-}", "strong.bad" },
	{ "%{lr}", "strong-bad" },
	{ "%{lr-}", "bad.strong" },
	{ "%{l1r-}", "strong" },
	{ "%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com" },
	{ "%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com" },
	{ "%{lr-}.lp.%{ir}.%{v}._spf.%{d2}",
	    "bad.strong.lp.3.2.0.192.in-addr._spf.example.com" },
	{ "%{ir}.%{v}.%{l1r-}.lp._spf.%{d2}",
	    "3.2.0.192.in-addr.strong.lp._spf.example.com" },
	{ "%{d2}.trusted-domains.example.net",
	    "example.com.trusted-domains.example.net" },
	{ "%{d200}", "email.example.com" },
	{ "%{d99999999999999999999999}", "email.example.com" },
	{ "%{p} %{h} %{r} %{t} %{c}",
	    "mx.example.org mail.example.net rx.example.edu 1700000000 "
	    "192.0.2.3" },
	{ "%{S}", "strong-bad%40email.example.com" },
	{ "%{L1R-}", "strong" },
	{ "%%%_%-", "% %20" },
	{ "%{s2@}", NULL },
	{ "%{d.-+,/_=}", "email.example.com" },
	{ "%{s2.-}", "example.com" },
	{ "%{s3-.}", "bad@email.example.com" },
};

static void
test_examples(void **state GP_UNUSED)
{
	struct spf_macro_values values = sample_values("192.0.2.3");
	struct strbuf *out = strbuf_new(1000);
	size_t i;

	for (i = 0; i < GP_NELEMS(examples); i++) {
		struct span text = span_of(examples[i].text);

		if (examples[i].expected == NULL) {
			assert_non_null(spf_macro_error(text, true));
			continue;
		}
		assert_null(spf_macro_error(text, true));
		strbuf_reset(out);
		spf_macro_expand(out, text, &values);
		assert_string_equal(strbuf_text(out), examples[i].expected);
	}
	strbuf_free(&out);
}

static void
test_ip6(void **state GP_UNUSED)
{
	struct spf_macro_values values = sample_values("2001:db8::cb01");
	struct strbuf *out = strbuf_new(1000);

	spf_macro_expand(
	    out, span_of("%{ir}.%{v}._spf.%{d2} %{c} %{i4}"), &values);
	assert_string_equal(strbuf_text(out),
	    "1.0.B.C.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.B.D.0.1.0.0.2."
	    "ip6._spf.example.com 2001:db8::cb01 C.B.0.1");
	strbuf_free(&out);
}

static void
test_empty_values(void **state GP_UNUSED)
{
	struct spf_macro_values values = sample_values("192.0.2.3");
	struct strbuf *out = strbuf_new(1000);

	values.helo = "";
	values.local_part = "-";
	spf_macro_expand(
	    out, span_of("<%{h}><%{hr}><%{h2}><%{l-}><%{l1r-}>"), &values);
	assert_string_equal(strbuf_text(out), "<><><><.><>");
	strbuf_free(&out);
}

static void
test_eight_bit_is_escaped(void **state GP_UNUSED)
{
	struct spf_macro_values values = sample_values("192.0.2.3");
	struct strbuf *out = strbuf_new(1000);

	values.local_part = "\xc3\xa9 ~";
	spf_macro_expand(out, span_of("%{L}"), &values);
	assert_string_equal(strbuf_text(out), "%C3%A9%20~");
	strbuf_free(&out);
}

static void
test_letters(void **state GP_UNUSED)
{
	assert_true(spf_macro_uses(span_of("a.%{P2}.b"), 'p'));
	assert_true(spf_macro_uses(span_of("%%%{p}"), 'p'));
	assert_false(spf_macro_uses(span_of("%%{p}"), 'p'));
	assert_false(spf_macro_uses(span_of("p.%{d}"), 'p'));
	assert_non_null(spf_macro_error(span_of("%{c}"), false));
	assert_non_null(spf_macro_error(span_of("a b"), false));
	assert_null(spf_macro_error(span_of("a b"), true));
	assert_null(spf_macro_error(span_of(""), false));
	assert_non_null(spf_macro_domain_error(span_of("")));
}

static void
test_names(void **state GP_UNUSED)
{
	struct spf_macro_values values = sample_values("192.0.2.3");
	struct region *region = region_new();
	struct strbuf *scratch = strbuf_new(SPF_EXPANSION_BYTES_MAX);
	char label[300], spec[9000];
	const char *name;
	size_t i;

	assert_int_equal(spf_macro_expand_name(region, scratch,
			     span_of("a.%{d}."), &values, &name),
	    STATUS_OK);
	assert_string_equal(name, "a.email.example.com");

	/* 30 times 18 bytes: labels fall away on the left */
	spec[0] = '\0';
	for (i = 0; i < 30; i++)
		memcpy(spec + i * 5, "%{d}.", 6);
	memcpy(spec + i * 5, "z.test", 7);
	assert_int_equal(spf_macro_expand_name(
			     region, scratch, span_of(spec), &values, &name),
	    STATUS_OK);
	assert_in_range(strlen(name), 240, SPF_NAME_BYTES_MAX);
	assert_string_equal(name + strlen(name) - 7, ".z.test");
	assert_int_not_equal(name[0], '.');

	/* one label that cannot be cut */
	memset(label, 'a', sizeof(label));
	assert_int_equal(
	    spf_macro_expand_name(region, scratch,
		(struct span){ label, sizeof(label) }, &values, &name),
	    STATUS_LIMIT);
	assert_null(name);

	/* more than any buffer of ours: refused, not cut silently */
	memset(label, 'a', sizeof(label));
	label[sizeof(label) - 1] = '\0';
	values.helo = label;
	for (i = 0; i + 4 < sizeof(spec); i += 4)
		memcpy(spec + i, "%{h}", 5);
	assert_int_equal(spf_macro_expand_name(
			     region, scratch, span_of(spec), &values, &name),
	    STATUS_LIMIT);
	strbuf_free(&scratch);
	region_free(&region);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_examples),
		cmocka_unit_test(test_ip6),
		cmocka_unit_test(test_empty_values),
		cmocka_unit_test(test_eight_bit_is_escaped),
		cmocka_unit_test(test_letters),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
